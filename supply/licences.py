"""The licence of every library and vendored file -> docs/licences.md: ``make supply``. Read from the libraries as installed."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from supply.lock import BY_VERSION
from supply.locked import ROOT, Locked, all_locked, asked_for, plain

PAGE = ROOT / "docs" / "licences.md"
VENDORED = ROOT / "static" / "vendor" / "VERSIONS"

# Libraries that name no licence in their data, or are installed on other machines only; read from the licence file they carry.
STATED = {"axe-playwright-python": "MIT", "fasttext-predict-v2": "MIT", "pysqlite3": "Zlib"}

# Old ways to write a licence down -> SPDX.
_SPDX = {
    "apache": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache 2.0 license": "Apache-2.0", "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0", "mit license": "MIT", "mit": "MIT", "mit, bsd": "MIT AND BSD-3-Clause", "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause", "3-clause bsd license": "BSD-3-Clause", "the bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause or apache-2.0": "BSD-3-Clause OR Apache-2.0", "isc license": "ISC", "isc license (iscl)": "ISC", "zpl 2.1": "ZPL-2.1",
    "zope public license": "ZPL-2.1", "public domain": "LicenseRef-Public-Domain", "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0", "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
}  # fmt: skip

# What Claimtrail (Apache-2.0) may be given away with. MPL-2.0 holds for the library's own files, LGPL for the library as a whole: they are used
# unchanged, and anybody may put another version in their place.
ACCEPTED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "LGPL-3.0-only", "LicenseRef-Public-Domain", "MIT",
    "MIT-0", "MPL-1.1", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Unlicense", "ZPL-2.1", "Zlib",
}  # fmt: skip

HEAD = """\
# Licences

Claimtrail is free software under the [Apache License 2.0](../LICENSE). What it is installed with is listed here; the page is
written by `make supply` from the locks and the libraries' own data, and a test holds it to them. Every licence allows use,
change and passing on, also for money. Those under MPL and LGPL are used unchanged, and another version may be put in their
place; of a library that offers several licences (`OR`), the one accepted here is used.

"""
TORCH = """
torch is installed by its version, without a hash: its file differs by machine. Where pip chooses the build for graphics
cards (Linux without a file of one's own), it brings NVIDIA's CUDA libraries, which are not free software and which
Claimtrail does not use; `pip install torch==VERSION` with the CPU index of its makers avoids them.
"""


@dataclass(frozen=True)
class Row:
    name: str
    version: str
    licence: str
    used_for: str


def accepted(expression: str) -> bool:
    """True when every part of an SPDX expression, or one of those offered for choice, is on the list."""
    choices = re.split(r"\s+OR\s+", expression.replace("(", " ").replace(")", " ").strip())
    return any(all(part.strip() in ACCEPTED for part in re.split(r"\s+AND\s+", choice)) for choice in choices)


def rows(locked: list[Locked], used_for: str) -> list[Row]:
    """The licences of the given libraries, as installed. Raises LookupError for one that is neither installed nor stated."""
    return [Row(entry.name, entry.version, licence_of(entry.name), used_for) for entry in locked]


def licence_of(name: str) -> str:
    """A library's licence in SPDX. Raises LookupError, saying what to do."""
    if name in STATED:
        return STATED[name]
    try:
        told = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        raise LookupError(f"{name} is not installed here: install it, or read its licence and state it in supply/licences.py.") from None
    if expression := told.get("License-Expression"):
        return expression
    short = (told.get("License") or "").strip()
    classified = [c.rsplit(" :: ", 1)[1] for c in told.get_all("Classifier") or [] if c.startswith("License :: ")]
    for candidate in (short, *classified):
        if found := _SPDX.get(candidate.lower()):
            return found
        if accepted(candidate):
            return candidate
    raise LookupError(f"{name} does not say its licence in a way that is known: read it and state it in supply/licences.py.")


def vendored() -> Iterator[tuple[str, str, str, str, str]]:
    """(file, package and version, licence, sha256, where it comes from) of every file of others in the project."""
    for line in VENDORED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version, licence, checksum, origin = line.split("\t")
            yield name, version, licence, checksum, origin


def page() -> str:
    """docs/licences.md as it should be."""
    torch = Row(BY_VERSION, asked_for("requirements.txt")[BY_VERSION], licence_of(BY_VERSION), "running")
    product = sorted([*rows(all_locked(["requirements.lock"]), "running"), torch], key=lambda row: row.name)
    tests = rows(all_locked(["requirements-test.lock"]), "tests")
    parts = [HEAD, "## Libraries it runs on\n\n", _table(product), TORCH, "\n## Libraries of the tests\n\n", _table(tests), "\n## Files of others\n\n"]
    files = "".join(f"| `{name}` | {version} | {licence} | {origin} | `{checksum}` |\n" for name, version, licence, checksum, origin in vendored())
    head = "In `static/vendor/`, unchanged:\n\n| File | Package | Licence | Source | sha256 |\n|---|---|---|---|---|\n"
    return "".join([*parts, head, files])


def _table(listed: list[Row]) -> str:
    return "| Library | Version | Licence |\n|---|---|---|\n" + "".join(f"| {r.name} | {r.version} | {r.licence} |\n" for r in listed)


def read_page() -> dict[tuple[str, str], str]:
    """(plain name, version) -> licence, as the page on file says."""
    found = re.findall(r"^\| ([A-Za-z0-9._-]+) \| ([0-9][^ |]*) \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {(plain(name), version): licence for name, version, licence in found}


def main(target: Path = PAGE) -> None:
    target.write_text(page(), encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {len(read_page())} libraries, {len(list(vendored()))} vendored files")


if __name__ == "__main__":
    main()
