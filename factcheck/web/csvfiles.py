"""Tables as downloads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from flask import Response, stream_with_context

from factcheck import tables
from factcheck.words import fold


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]], *, mark: bool = True) -> Response:
    """A download named after ``name``, its rows written as they are read; without ``mark`` for programs that stumble over it."""
    stem = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-") or "claimtrail"
    answer = Response(stream_with_context(tables.lines(head, rows, mark)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{stem}.csv"'
    return answer
