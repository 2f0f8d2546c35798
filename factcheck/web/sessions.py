"""One's own sessions: where one is signed in, and signing out there."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck.errors import NotFound
from factcheck.web import auth, services

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/sessions")
def listing():
    current = auth.current_session()
    found = services().store.sessions.of(g.user.id)
    this_one = next((s.id for s in found if current.startswith(s.id)), "")
    return render_template("pages/sessions.html", sessions=found, this_one=this_one, ended="ended" in request.args)


@blueprint.post("/sessions/<session_id>/end")
def end(session_id: str):
    store = services().store
    with store.write():
        ended = next((s for s in store.sessions.of(g.user.id) if s.id == session_id), None)
        if ended is None or not store.sessions.end_one(g.user.id, session_id):
            raise NotFound("This session has ended already.", key="no_such_session")
        store.audit.add(g.user.name, "ended a session", "user", g.user.id, before={"browser": ended.agent, "since": ended.created_at})
    return redirect(url_for("sessions.listing", ended=1), 303)


@blueprint.post("/sessions/end-others")
def end_others():
    store = services().store
    with store.write():
        ended = store.sessions.end_all(g.user.id, but=auth.current_session())
        store.audit.add(g.user.name, "ended all other sessions", "user", g.user.id, before={"sessions": ended + 1}, after={"sessions": 1})
    return redirect(url_for("sessions.listing", ended=1), 303)
