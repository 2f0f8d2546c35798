"""JSON Lines of labelled data: read with the number of each line, so that an error can say where it is; predictions written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from factcheck.errors import BadInput

Row = dict[str, Any]


def read_rows(file: Path, what: str) -> list[tuple[int, Row]]:
    """(line number from 1, object) for each line that is not empty; ``what`` names the rows in errors. Raises BadInput."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text; save it as UTF-8 and try again.") from error
    found: list[tuple[int, Row]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            json.dumps(row, ensure_ascii=False).encode()  # half of a surrogate pair is allowed in JSON and nowhere else
        except (ValueError, RecursionError) as error:
            raise wrong(file, number, f"not JSON ({error}); each line holds one JSON object") from error
        if not isinstance(row, dict):
            raise wrong(file, number, "not a JSON object; each line holds one, in braces")
        found.append((number, row))
    if not found:
        raise BadInput(f"{file} holds no {what}.")
    return found


def need(file: Path, number: int, row: Row, *keys: str) -> None:
    """Raises BadInput that names what is missing of ``keys``; ``text`` must also be a text."""
    missing = [key for key in keys if row.get(key) is None]
    if missing:
        raise wrong(file, number, f"{' and '.join(missing)} missing; a row has {', '.join(keys)}")
    if "text" in keys and not isinstance(row["text"], str):
        raise wrong(file, number, "text is not a text")


def read_label(file: Path, number: int, row: Row, key: str) -> bool | None:
    """True or False from 1, 0, true or false; None when the row has no label. Raises BadInput for anything else."""
    value = row.get(key)
    if value is not None and value not in (0, 1):
        raise wrong(file, number, f"{key} is {value!r}; it must be 1 or 0, or true or false")
    return None if value is None else bool(value)


def all_or_none(file: Path, numbers: Sequence[int], labels: Sequence[object], key: str) -> None:
    """Raises BadInput for the first row without a label when others have one."""
    without = [number for number, label in zip(numbers, labels, strict=True) if label is None]
    if without and len(without) < len(labels):
        raise wrong(file, without[0], f"{key} missing, although other rows have it")


def only_once(file: Path, numbers: Iterable[int], ids: Iterable[object]) -> None:
    """Raises BadInput when two rows have the same id, since predictions could not be told apart."""
    seen: dict[str, int] = {}
    for number, key in zip(numbers, ids, strict=True):
        first = seen.setdefault(str(key), number)
        if first != number:
            raise wrong(file, number, f"the id {key} stands in line {first} already")


def wrong(file: Path, number: int, said: str) -> BadInput:
    return BadInput(f"{file}, line {number}: {said}.")


def write_rows(file: Path, rows: Iterable[Row]) -> None:
    """One JSON object a line. Raises BadInput when the file cannot be written."""
    try:
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    except OSError as error:
        raise BadInput(f"{file} cannot be written ({error.strerror}); name another file.") from error
