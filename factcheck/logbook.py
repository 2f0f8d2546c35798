"""The log of the server: what happened when, in which request, and never a text, an address's query or a secret.

Lines for people, or with ``CLAIMTRAIL_LOG=json`` one JSON object a line. A failure is told by its kind and place: what an unexpected error says
may hold what somebody typed, so only our own errors, which are written to be shown, are told in full.
"""

from __future__ import annotations

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from factcheck.errors import ClaimtrailError
from factcheck.settings import JSON

REQUEST: ContextVar[str] = ContextVar("request", default="")  # the id of the request this thread answers
FIELDS = "fields"  # what else a line holds: logging.info("...", extra={FIELDS: {...}})


def set_up(form: str) -> None:
    """Write the log to standard error in this form ("text" or "json")."""
    handler = logging.StreamHandler()
    handler.setFormatter(Machine() if form == JSON else People())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a full queue of five is no news
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)


class People(logging.Formatter):
    """``2026-01-01T12:00:00Z claimtrail.worker INFO message [request]``"""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {k}={v}" for k, v in getattr(record, FIELDS, {}).items())
        request = f" [{REQUEST.get()}]" if REQUEST.get() else ""
        line = f"{_moment(record)} {record.name} {record.levelname} {_one_line(record.getMessage())}{fields}{request}"
        return f"{line}\n{trace(record.exc_info)}" if record.exc_info and record.exc_info[0] else line


class Machine(logging.Formatter):
    """One JSON object: at, level, logger, message, request where there is one, fields, and trace where something failed."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {"at": _moment(record), "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if REQUEST.get():
            told["request"] = REQUEST.get()
        told |= getattr(record, FIELDS, {})
        if record.exc_info and record.exc_info[0]:
            told["trace"] = trace(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def trace(failure: tuple[type[BaseException] | None, BaseException | None, TracebackType | None] | Any) -> str:
    """Where an error came from, with the errors behind it: kinds, files and lines, and the words of our own errors only."""
    parts, error = [], failure[1]
    while error is not None:
        frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
        said = f": {error}" if isinstance(error, ClaimtrailError) else ""
        parts.append(f"Traceback (most recent call last):\n{frames}{type(error).__module__}.{type(error).__qualname__}{said}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\ncaused by ".join(parts)


def _moment(record: logging.LogRecord) -> str:
    return f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def _one_line(text: str) -> str:
    """A line break in a message would look like a line of its own."""
    return text.replace("\r", "\\r").replace("\n", "\\n")
