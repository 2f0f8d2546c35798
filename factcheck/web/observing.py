"""What whoever runs the server looks at: is it alive, is it ready, how is it doing; and the line in the log for each request."""

from __future__ import annotations

import hmac
import logging
import os
import re
import shutil
import time
from pathlib import Path
from uuid import uuid4

from flask import Blueprint, Flask, Response, g, request

from factcheck import __version__, backups, logbook, metering
from factcheck.errors import NotAllowed, NotSignedIn
from factcheck.metering import METER
from factcheck.records import Role
from factcheck.web import services

blueprint = Blueprint("observing", __name__)
log = logging.getLogger("claimtrail.requests")
HEADER = "X-Request-ID"
LEAST_SPACE = 64 * 2**20  # bytes free below which nothing more should be sent here
_QUIET = frozenset({"static", "pages.icon", "observing.health", "observing.ready", "observing.metrics"})


def register(app: Flask) -> None:
    """Give each request an id, and note it when it is answered."""
    app.before_request(_begin)
    app.after_request(_note)
    app.teardown_request(lambda error: logbook.REQUEST.set(""))


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if re.fullmatch(r"[A-Za-z0-9._-]{8,64}", given) else uuid4().hex[:16]
    g.began = time.perf_counter()
    logbook.REQUEST.set(g.request_id)


def _note(response: Response) -> Response:
    """One line a request: what was asked for by the name of the page, never by its address, which may hold what somebody looks for."""
    if "request_id" not in g:
        return response
    seconds = time.perf_counter() - g.began
    page = request.endpoint or "none"
    response.headers[HEADER] = g.request_id
    METER.count("claimtrail_requests_total", page=page, method=_method(), status=str(response.status_code))
    METER.timed("claimtrail_request_seconds", seconds, page=page)
    if page not in _QUIET:
        user = g.get("user")
        fields = {
            "method": _method(), "page": page, "status": response.status_code, "ms": round(seconds * 1000, 1), "role": str(user.role) if user else "nobody",
        }  # fmt: skip
        log.info("request", extra={logbook.FIELDS: fields})
    return response


def _method() -> str:
    return request.method if request.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


@blueprint.get("/healthz")
def health() -> Response:
    """The process answers. Whatever restarts it when it does not asks here."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[dict, int]:
    """Whether requests should be sent here: 200, or 503 with what is missing."""
    given, wrong = services(), {}
    try:
        given.store.users.count()
    except Exception as error:  # whatever it is, nothing works without the database
        log.error("not ready: the database failed with %s", type(error).__name__)
        wrong["database"] = "cannot be read"
    home = _folder(given.settings.home)
    if shutil.disk_usage(home).free < LEAST_SPACE:
        wrong["disk"] = "is almost full"
    elif os.statvfs(home).f_flag & os.ST_RDONLY:
        wrong["disk"] = "is read-only"
    if not given.is_working():
        wrong["worker"] = "has stopped"
    return {"ready": not wrong, "problems": wrong}, 503 if wrong else 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts for Prometheus; for administrators, and for a program that brings the token of the settings."""
    _may_measure()
    given = services()
    store, usage = given.store, shutil.disk_usage(_folder(given.settings.home))
    gauges: list[metering.Sample] = [
        ("claimtrail_info", {"version": __version__}, 1),
        *(("claimtrail_rows", {"kind": kind}, n) for kind, n in (
            ("claims", store.claims.count()), ("articles", store.articles.count()), ("statements", store.articles.count_statements()),
            ("decisions", store.decisions.count()),
        )),
        ("claimtrail_statements_waiting", {}, store.decisions.waiting()),
        ("claimtrail_statements_unmatched", {}, store.backlog.unmatched()),
        *(("claimtrail_articles_in_state", {"state": state}, n) for state, n in store.articles.states().items()),
        ("claimtrail_worker_alive", {}, given.is_working()),
        ("claimtrail_disk_free_bytes", {}, usage.free),
        ("claimtrail_database_bytes", {}, store.size()),
        *metering.process(),
    ]  # fmt: skip
    if made := backups.listing(given.settings.backups):
        gauges += [("claimtrail_backup_timestamp_seconds", {}, made[0].made_at.timestamp()), ("claimtrail_backup_bytes", {}, made[0].size)]
    return Response(METER.text(gauges), content_type=metering.TYPE)


def _folder(home: Path) -> Path:
    """The home, or what is there above it: with a database on a server nothing may have been written there yet."""
    return next(folder for folder in (home, *home.parents) if folder.exists())


def _may_measure() -> None:
    token = services().settings.metrics_token
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if token and kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
        return
    if g.user is None:
        raise NotSignedIn("Sign in as an administrator, or send the token of CLAIMTRAIL_METRICS_TOKEN.", key="metrics_closed")
    if not g.user.role.includes(Role.ADMINISTRATOR):
        raise NotAllowed("Only administrators look at the metrics.", key="role_missing")
