"""What the engine's own errors mean for whoever runs the house: each becomes a StoreUnavailable that says what to do."""

from __future__ import annotations

from sqlite_utils.utils import sqlite3

from factcheck.errors import StoreUnavailable

# PostgreSQL's classes of errors (https://www.postgresql.org/docs/current/errcodes-appendix.html): full, too many, locked, read-only, lost.
_SERVER_FULL, _LOCK, _STANDBY, _LOST = "53100", "55P03", "25006", ("08", "57", "53")
# The low byte of SQLite's result codes (https://sqlite.org/rescode.html).
_FULL, _IO, _READ_ONLY, _CANNOT_OPEN, _DAMAGED, _NO_DATABASE, _BUSY, _LOCKED = 13, 10, 8, 14, 11, 26, 5, 6


def explained(error: BaseException) -> StoreUnavailable | None:
    """The failure to show for an error of the database; None when it is none of the disk, the file or its lock."""
    if type(error).__module__.startswith("psycopg"):
        return _of_server(str(getattr(error, "sqlstate", None) or ""))
    if not isinstance(error, sqlite3.Error):
        return None
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == _FULL:
        return StoreUnavailable("The disk is full: nothing was stored. Free some space, then try again; no restart is needed.", key="store_full")
    if code in (_READ_ONLY, _CANNOT_OPEN):
        return StoreUnavailable(
            "The database cannot be written to: nothing was stored. Check that its disk is not read-only and its folder belongs to the "
            "server's user, then try again.",
            key="store_read_only",
        )
    if code in (_DAMAGED, _NO_DATABASE):
        return StoreUnavailable(
            "The database file is damaged. Stop the server, run claimtrail check, and restore the newest backup with claimtrail restore.",
            key="store_damaged",
        )
    if code in (_BUSY, _LOCKED):
        return StoreUnavailable("Another process holds the database: nothing was stored. Try again in a moment.", key="store_busy")
    if code == _IO:
        return StoreUnavailable(
            "The disk refused to read or write: nothing was stored. Check its space and health, then try again.", key="store_io"
        )
    return None


def _of_server(state: str) -> StoreUnavailable | None:
    if state == _SERVER_FULL:
        return StoreUnavailable("The disk is full: nothing was stored. Free some space, then try again; no restart is needed.", key="store_full")
    if state == _LOCK:
        return StoreUnavailable("Another process holds the database: nothing was stored. Try again in a moment.", key="store_busy")
    if state == _STANDBY or not state or state.startswith(_LOST):
        return StoreUnavailable("The database server cannot be reached: nothing was stored. Try again in a moment.", key="store_away")
    return None
