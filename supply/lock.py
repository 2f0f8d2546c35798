"""Write the lock files: ``make supply``. Needs the network and uv, which asks the registry for every file of every library.

What is locked already stays at its version unless ``requirements*.txt`` asks for another; ``python -m supply.lock --newer`` lets
everything else rise.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from packaging.markers import Marker

from supply.locked import CHOSEN, ROOT, Locked, read

# Where Claimtrail runs; what is only for other machines is left out of the lock.
SYSTEMS = (("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64"), ("darwin", "Darwin", "x86_64"))
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

# torch differs by machine (with or without graphics card, Linux or macOS, and the file is often one of the house's own): it is
# installed after the lock, by its version, and with it what only it brings.
BY_VERSION = "torch"
OF_TORCH = ("cuda-", "nvidia-", "triton")
NEVER = {"pip"}  # is there before the lock is read, and must not be replaced while it runs

HEAD = """\
# Every library of {of} with the ones it needs, and the sha256 of each of their files. Written by `make supply`; do not edit.
# {except_for}
"""
EXCEPT = "Not in here: torch, whose file differs by machine. It is installed by its version, after these."


def resolve(newer: bool = False) -> dict[str, list[Locked]]:
    """Lock file name -> its entries, as they should be now. Raises CalledProcessError with uv's own words."""
    with tempfile.TemporaryDirectory() as folder:
        for name in CHOSEN.values():
            shutil.copy(ROOT / name, folder)
        known = "".join(path.read_text(encoding="utf-8") for path in (ROOT / name for name in CHOSEN) if path.exists())
        everything = _ask(Path(folder), CHOSEN["requirements-test.lock"], "all.lock", "" if newer else known)
        (Path(folder) / "pins").write_text("\n".join(f"{e.name}=={e.version}" + (f" ; {e.marker}" if e.marker else "") for e in everything))
        product = _ask(Path(folder), CHOSEN["requirements.lock"], "product.lock", known, "--constraints", "pins")
    ours = {entry.name for entry in product}
    return {
        "requirements.lock": [_without_pins(e) for e in product if _belongs(e)],
        "requirements-test.lock": [_without_pins(e) for e in everything if e.name not in ours and _belongs(e)],
    }


def _ask(folder: Path, wanted: str, out: str, known: str, *options: str) -> list[Locked]:
    (folder / out).write_text(known, encoding="utf-8")  # what uv finds there, it keeps to
    command = ["uv", "pip", "compile", "--universal", "--python-version", PYTHONS[0], "--generate-hashes", "--no-header", "--quiet"]
    subprocess.run([*command, *options, wanted, "--output-file", out], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return read((folder / out).read_text(encoding="utf-8"))


def _belongs(entry: Locked) -> bool:
    if entry.name in NEVER or entry.name == BY_VERSION or entry.name.startswith(OF_TORCH):
        return False
    return not entry.marker or any(
        Marker(entry.marker).evaluate(
            {
                "sys_platform": system, "platform_system": name, "platform_machine": machine, "os_name": "posix",
                "python_version": python, "python_full_version": f"{python}.0",
                "implementation_name": "cpython", "platform_python_implementation": "CPython",
            }
        )
        for (system, name, machine), python in itertools.product(SYSTEMS, PYTHONS)
    )  # fmt: skip


def _without_pins(entry: Locked) -> Locked:
    """Without the helper file of this program among what asked for the library."""
    by = tuple(name for name in entry.wanted_by if name != "-c pins")
    return Locked(entry.name, entry.version, entry.marker, entry.hashes, by)


def main(arguments: Sequence[str]) -> None:
    for name, entries in resolve("--newer" in arguments).items():
        head = HEAD.format(of=CHOSEN[name], except_for=EXCEPT if name == "requirements.lock" else "Installed after requirements.lock.")
        (ROOT / name).write_text(head + "".join(entry.lines() for entry in entries), encoding="utf-8")
        print(f"{name}: {len(entries)} libraries, {sum(len(entry.hashes) for entry in entries)} files")


if __name__ == "__main__":
    main(sys.argv[1:])
