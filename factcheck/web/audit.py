"""The log of every change, for editors; what concerns accounts is for administrators. There is no way to change it from here."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, g, render_template, request

from factcheck import timezones
from factcheck.errors import BadInput
from factcheck.records import LogFilter, Role
from factcheck.web import history, services
from factcheck.web.csvfiles import csv_file

blueprint = Blueprint("audit", __name__)

A_PAGE = 50  # entries
FIELDS = ("user", "action", "type", "id", "since", "until")


@blueprint.get("/audit")
def listing():
    log = services().store.audit
    entries = log.newest(_wanted(), before=_number("before"), limit=A_PAGE + 1)
    given = {name: request.args.get(name, "").strip() for name in FIELDS}
    hidden = _hidden()
    return render_template(
        "pages/audit.html",
        entries=entries[:A_PAGE],
        given=given,
        asked={name: value for name, value in given.items() if value},
        older=entries[A_PAGE - 1].id if len(entries) > A_PAGE else None,
        is_first="before" not in request.args,
        users=[name for name in log.choices("user_name") if name],
        actions=log.choices("action"),
        types=[kind for kind in log.choices("object_type") if kind not in hidden],
        history=history,
        as_is=str,
        roles=Role,
    )


@blueprint.get("/audit.csv")
def download():
    rows = (
        (e.at, e.user_name, e.action, e.object_type, e.object_id, _json(e.before), _json(e.after))
        for e in services().store.audit.every(_wanted())
    )
    return csv_file("claimtrail-audit", ("at", "user", "action", "object type", "object id", "before", "after"), rows)


def _wanted() -> LogFilter:
    args = request.args
    return LogFilter(
        user=args.get("user", "").strip(),
        action=args.get("action", "").strip(),
        object_type=args.get("type", "").strip(),
        object_id=_number("id"),
        since=_day("since"),
        until=_day("until", timedelta(days=1)),
        without=_hidden(),
    )


def _hidden() -> tuple[str, ...]:
    return () if g.user.role.includes(Role.ADMINISTRATOR) else history.OF_ADMINISTRATORS


def _number(name: str) -> int | None:
    text = request.args.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _day(name: str, later: timedelta = timedelta(0)) -> str:
    """The moment (UTC) a day begins on the reader's clock."""
    text = request.args.get(name, "").strip()
    if not text:
        return ""
    try:
        begins = datetime.combine(date.fromisoformat(text) + later, time(0), timezones.zone(g.words.zone))
        return begins.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        raise BadInput("Give days as 2026-11-22.", key="log_day") from None


def _json(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
