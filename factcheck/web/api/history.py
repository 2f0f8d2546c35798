"""The log through the API: for editors what was done to what is on file, for administrators also what concerns accounts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import Field

from factcheck.errors import BadInput
from factcheck.records import LogFilter, Role, Scope
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import before
from factcheck.web.history import OF_ADMINISTRATORS

WholeDay = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="A day (UTC), itself included")]


class Look(shapes.Page):
    """``object_type`` is claim, statement, article, person and the like, ``object_id`` its number."""

    by: shapes.Line = ""
    action: shapes.Line = ""
    object_type: shapes.Line = ""
    object_id: Annotated[int, Field(ge=0, le=2**53)] = 0
    since: WholeDay = ""
    until: WholeDay = ""


class Entry(shapes.Told):
    """A line of the log; ``before`` and ``after`` are whatever was noted of the change."""

    id: int
    at: str
    by: str
    action: str
    object_type: str
    object_id: int
    before: Any = None
    after: Any = None


class Log(shapes.Told):
    items: list[Entry]
    cursor: str


@operation("GET", "/changes", scope=Scope.READ, role=Role.EDITOR, query=Look, answer=Log, section="Log")
def changes(given: Look) -> dict[str, Any]:
    """Who changed what, the newest first; what concerns accounts is left out."""
    return _page(given, OF_ADMINISTRATORS)


@operation("GET", "/log", scope=Scope.ADMIN, role=Role.ADMINISTRATOR, query=Look, answer=Log, section="Log")
def log(given: Look) -> dict[str, Any]:
    """Who changed what, the newest first, with what concerns accounts."""
    return _page(given, ())


def _page(given: Look, without: tuple[str, ...]) -> dict[str, Any]:
    wanted = LogFilter(
        user=given.by, action=given.action, object_type=given.object_type, object_id=given.object_id or None, since=_moment(given.since),
        until=_moment(given.until, timedelta(days=1)), without=without,
    )  # fmt: skip
    found = services().store.audit.newest(wanted, before=before(given.cursor), limit=given.size + 1)
    items = [
        {
            "id": e.id, "at": e.at, "by": e.user_name, "action": e.action, "object_type": e.object_type, "object_id": e.object_id, "before": e.before,
            "after": e.after,
        }
        for e in found[: given.size]
    ]  # fmt: skip
    return {"items": items, "cursor": str(found[given.size - 1].id) if len(found) > given.size else ""}


def _moment(day: str, later: timedelta = timedelta(0)) -> str:
    """When a day begins, "" for none."""
    try:
        return datetime.combine(date.fromisoformat(day) + later, time(0), UTC).isoformat(timespec="seconds") if day else ""
    except (ValueError, OverflowError):
        raise BadInput(f"No calendar has the day {day}.", key="api_day", day=day) from None
