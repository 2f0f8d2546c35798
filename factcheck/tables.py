"""Tables as CSV that spreadsheets open as they are: UTF-8 with its mark, and no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # also as wide as Chinese letters


def cell(value: object) -> str:
    """A cell's text: "" for None, and an apostrophe before what would be a formula; numbers stay as they are."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def lines(head: Sequence[str], rows: Iterable[Sequence[object]], mark: bool) -> Iterator[str]:
    """The table piece by piece, each of some tens of kilobytes; without ``mark`` for programs that stumble over it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if mark:
        buffer.write("\ufeff")
    writer.writerow(head)
    for row in rows:
        writer.writerow([cell(value) for value in row])
        if buffer.tell() > 32_768:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
