"""Tables as CSV files that spreadsheets open as they are: UTF-8 with its mark, and no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from flask import Response, stream_with_context

from factcheck.words import fold

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]], *, mark: bool = True) -> Response:
    """A download named after ``name``, its rows written as they are read; without ``mark`` for programs that stumble over it."""
    stem = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-") or "claimtrail"
    answer = Response(stream_with_context(_lines(head, rows, mark)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{stem}.csv"'
    return answer


def cell(value: object) -> str:
    """A cell's text: "" for None, and an apostrophe before what would be a formula; numbers stay as they are."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(head: Sequence[str], rows: Iterable[Sequence[object]], mark: bool) -> Iterator[str]:
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
