"""The limits that measured quality must keep: one sealed file, ``floors.json``, read by the tests, written by this command only.

``floors[group][set]`` says ``what`` is measured, on which ``file`` if it is one of the project, and ``measures``: the ``least``
(a floor) or the ``most`` (a ceiling) that may be, what was ``measured`` then (null: not kept), the ``date``, and ``data``, the
SHA-256 of the data. ``history`` keeps why a limit was lowered; ``seal``, the SHA-256 of the rest, tells an edit by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = Path(__file__).with_name("floors.json")
COMMAND = "python -m tests.floors"
BROKEN = f"tests/floors.json was edited by hand, its seal is broken. Take that back and use {COMMAND} set GROUP SET MEASURE VALUE"


class Refused(Exception):
    """What was asked lowers a limit without a reason, or makes no sense."""


def floor(group: str, name: str, measure: str) -> float:
    """The least that ``measure`` of the set ``name`` may be."""
    return read()["floors"][group][name]["measures"][measure]["least"]


def ceiling(group: str, name: str, measure: str) -> float:
    """The most that ``measure`` of the set ``name`` may be."""
    return read()["floors"][group][name]["measures"][measure]["most"]


def assert_same_data(group: str, name: str, digest: str) -> None:
    """Fail unless every limit of the set was measured on the data with this SHA-256 (64 hexadecimal digits)."""
    for measure, entry in read()["floors"][group][name]["measures"].items():
        told = f"{COMMAND} set {group} {name} {measure} VALUE --data-hash {digest}"
        assert entry["data"] == digest, f"{measure} of {group} {name} was measured on other data. Measure again, then: {told}"


def read() -> dict:
    """The whole file, its seal unchecked."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def seal(content: dict) -> str:
    """SHA-256 over all but the seal, keys sorted, without blanks."""
    rest = json.dumps({key: value for key, value in content.items() if key != "seal"}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(rest.encode()).hexdigest()


def file_hash(file: str) -> str:
    """SHA-256 of a file of the project, its path given from the root."""
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()


def change(content: dict, asked: argparse.Namespace) -> str:
    """Set or drop the limit that was asked for, in ``content``; returns what was done, in words. Raises Refused."""
    sets = content["floors"].setdefault(asked.group, {})
    about = sets.setdefault(asked.set, {"what": asked.what, "file": asked.file, "measures": {}})
    old, where = about["measures"].get(asked.measure), f"{asked.group} {asked.set} {asked.measure}"
    side = "most" if "most" in (old or {}) or (not old and asked.ceiling) else "least"
    if asked.do == "drop" and not old:
        raise Refused(f"There is no limit {where}.")
    new = _entry(about, side, old, asked) if asked.do == "set" else None
    eased = bool(old) and (new is None or (new[side] > old[side] if side == "most" else new[side] < old[side]))
    if eased and not asked.lower.strip():
        raise Refused(f"{where} stands at {side} {old[side]}. To lower or drop it, give the reason: --lower REASON")
    if eased or (old and new["data"] != old["data"]):
        told = {"from": old, "to": new, "reason": asked.lower.strip() or "measured on other data"}
        content["history"].append({"date": date.today().isoformat(), "limit": where} | told)
    if new:
        about["measures"][asked.measure] = new
        return f"{where}: at {side} {new[side]}"
    del about["measures"][asked.measure]
    content["floors"][asked.group] = {name: kept for name, kept in sets.items() if kept["measures"]}
    return f"{where}: dropped"


def _entry(about: dict, side: str, old: dict | None, asked: argparse.Namespace) -> dict:
    found = asked.value if asked.measured is None else asked.measured
    if not math.isfinite(asked.value) or not (found <= asked.value if side == "most" else found >= asked.value):
        raise Refused("The value must be a number that the measured one keeps.")
    data = file_hash(about["file"]) if about["file"] else asked.data_hash or (old or {}).get("data", "")
    if not about["what"] or not re.fullmatch("[0-9a-f]{64}", data) or asked.data_hash not in (None, data):
        raise Refused("A new limit needs --data-hash, a SHA-256, a new set --what too. With --file, the hash is the file's.")
    return {side: asked.value, "measured": asked.measured, "date": date.today().isoformat(), "data": data}


def main(arguments: list[str] | None = None) -> None:
    """The command; it exits with a message when it refuses."""
    parser = argparse.ArgumentParser(COMMAND, description="Set a quality limit of the tests; lower or drop it for a reason.")
    for name, choices in (("do", ("set", "drop")), ("group", None), ("set", None), ("measure", None)):
        parser.add_argument(name, choices=choices)
    parser.add_argument("value", type=float, nargs="?", default=math.nan)
    parser.add_argument("--lower", metavar="REASON", default="", help="why a floor falls, a ceiling rises or a limit goes")
    parser.add_argument("--measured", type=float, help="what was measured; leave a little room between it and the value")
    parser.add_argument("--data-hash", help="SHA-256 of the data (default: as before; of the set's file as it is, if it has one)")
    parser.add_argument("--ceiling", action="store_true", help="a new limit is the most that may be, not the least")
    parser.add_argument("--what", default="", help="what a new set is")
    parser.add_argument("--file", help="the file of a new set, from the root of the project")
    asked = parser.parse_args(arguments)
    try:
        content = read()
        if content.get("seal") != seal(content):
            raise Refused(BROKEN)
        print(change(content, asked))
        FILE.write_text(json.dumps(content | {"seal": seal(content)}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except (Refused, OSError, ValueError) as why:
        sys.exit(f"Refused. {why}")


if __name__ == "__main__":
    main()
