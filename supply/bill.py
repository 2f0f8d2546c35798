"""The bill of materials -> docs/sbom.json, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): ``make supply``.

It names every locked library with its licence, torch, and every vendored file with its sha256; the sha256 of the libraries' files, of
which each has several, stand in the locks. It holds no date and no random number, so that it changes only when what it lists does.
"""

from __future__ import annotations

import json
from pathlib import Path

from factcheck import __version__
from supply import licences
from supply.lock import BY_VERSION
from supply.locked import ROOT, Locked, all_locked, asked_for

BILL = ROOT / "docs" / "sbom.json"


def bill() -> dict:
    """The document, as JSON has it."""
    known = licences.read_page()
    product = [_library(entry, known, "required") for entry in all_locked(["requirements.lock"])]
    tests = [_library(entry, known, "excluded") for entry in all_locked(["requirements-test.lock"])]
    torch = Locked(BY_VERSION, asked_for("requirements.txt")[BY_VERSION], "", (), ())
    parts = [*product, _library(torch, known, "required"), *tests, *_files()]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "claimtrail", "name": "claimtrail", "version": __version__, "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": sorted(parts, key=lambda part: part["bom-ref"]),
        "dependencies": _dependencies(),
    }  # fmt: skip


def _library(entry: Locked, known: dict[tuple[str, str], str], scope: str) -> dict:
    purl = f"pkg:pypi/{entry.name}@{entry.version}"
    return {
        "type": "library", "bom-ref": purl, "name": entry.name, "version": entry.version, "purl": purl, "scope": scope,
        "licenses": [_licence(known[entry.name, entry.version])],
    }  # fmt: skip


def _licence(expression: str) -> dict:
    if " " in expression:
        return {"expression": expression}
    return {"license": {"name" if expression.startswith("LicenseRef-") else "id": expression}}


def _files() -> list[dict]:
    return [
        {
            "type": "file", "bom-ref": f"static/vendor/{name}", "name": name, "version": version.rsplit(" ", 1)[1], "description": f"{version}; {origin}",
            "hashes": [{"alg": "SHA-256", "content": checksum}], "licenses": [_licence(licence)], "scope": "required",
        }
        for name, version, licence, checksum, origin in licences.vendored()
    ]  # fmt: skip


def _dependencies() -> list[dict]:
    """Who needs whom, by what the locks note beside each library."""
    locked = all_locked()
    references = {entry.name: f"pkg:pypi/{entry.name}@{entry.version}" for entry in locked}
    torch = f"pkg:pypi/{BY_VERSION}@{asked_for('requirements.txt')[BY_VERSION]}"
    needs: dict[str, set[str]] = {"claimtrail": {torch}, torch: set(), **{f"pkg:pypi/{e.name}@{e.version}": set() for e in locked}}
    for entry in locked:
        for by in entry.wanted_by:
            owner = "claimtrail" if by.startswith("-r ") else torch if by == BY_VERSION else references.get(by, "")
            if owner:
                needs[owner].add(f"pkg:pypi/{entry.name}@{entry.version}")
    return [{"ref": ref, "dependsOn": sorted(wanted)} for ref, wanted in sorted(needs.items())]


def main(target: Path = BILL) -> None:
    made = bill()
    target.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {len(made['components'])} components")


if __name__ == "__main__":
    main()
