"""Asks a service of known weaknesses about every locked library, and says plainly when it gave no answer: ``make audit``.

    python -m supply.audit [--service osv [--osv-url URL]]

pip-audit calls libraries its service does not know "skipped" and ends as if all were well. Here that is no answer. Exits with 0 when the service knew every
library and no weakness, with 1 when it knows one, with 2 when there was no answer for some.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supply.lock import BY_VERSION
from supply.locked import CHOSEN, ROOT

WHAT_TO_DO = (
    "Nothing is known of these, neither good nor bad. Run it where the Python package index itself can be reached, not a copy that keeps files only,\n"
    'or ask another service: make audit AUDIT="--service osv"'
)


@dataclass
class Heard:
    """What the service said: libraries it knows, weaknesses in words, libraries it does not know, and what went wrong in asking."""

    known: int = 0
    weak: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)


def ask(arguments: Sequence[str], command: Sequence[str]) -> Heard:
    """Ask of the libraries in every lock, and of the one that is in none; ``command`` runs pip-audit."""
    heard = Heard()
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "requirements.txt"
        alone.write_text("".join(re.findall(rf"^{BY_VERSION}==\S+\n", (ROOT / "requirements.txt").read_text(), re.M)))
        locks = [part for name in CHOSEN for part in ("-r", str(ROOT / name))]
        for which in (["--require-hashes", *locks], ["--no-deps", "-r", str(alone)]):
            done = subprocess.run([*command, "--disable-pip", "--progress-spinner", "off", "--format", "json", *which, *arguments], capture_output=True, text=True)
            hear(heard, done.stdout, done.stderr)
    return heard


def hear(heard: Heard, said: str, complained: str) -> None:
    """Add what one run of pip-audit said."""
    try:
        libraries = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = [line for line in complained.splitlines() if line.strip() and not line.startswith("WARNING")]
        heard.trouble.append(lines[-1].strip() if lines else "pip-audit said nothing.")
        return
    for library in libraries:
        if "skip_reason" in library:
            heard.unknown.append(library["name"])
        else:
            heard.known += 1
            heard.weak += [
                f"{library['name']} {library['version']}: {found['id']}, put right in {', '.join(found.get('fix_versions') or ['no version yet'])}" for found in library["vulns"]
            ]


def tell(heard: Heard) -> int:
    """Say it in words; what the command ends with."""
    for weakness in heard.weak:
        print(weakness)
    asked = heard.known + len(heard.unknown)
    for trouble in dict.fromkeys(heard.trouble):
        print(f"The service could not be asked: {trouble}", file=sys.stderr)
    if heard.unknown:
        names = ", ".join(sorted(heard.unknown)[:5])
        print(f"The service gave no answer for {len(heard.unknown)} of {asked} libraries ({names}{', ...' if len(heard.unknown) > 5 else ''}).", file=sys.stderr)
    if heard.unknown or heard.trouble:
        print(WHAT_TO_DO, file=sys.stderr)
    if heard.known:
        print(f"{heard.known} libraries are known to the service, with {len(heard.weak)} known weaknesses.")
    return 1 if heard.weak else 2 if heard.unknown or heard.trouble else 0


def main(arguments: Sequence[str], command: Sequence[str] = (sys.executable, "-m", "pip_audit")) -> int:
    asked = argparse.ArgumentParser(prog="python -m supply.audit", description=__doc__.splitlines()[0])
    asked.add_argument("--service", choices=("pypi", "osv"), default="pypi")
    asked.add_argument("--osv-url", help="another address of that service")
    given = asked.parse_args(arguments)
    return tell(ask(["--vulnerability-service", given.service, *(["--osv-url", given.osv_url] if given.osv_url else [])], command))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
