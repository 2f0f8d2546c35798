"""Importing claims and reviews from a file: sent, looked at, its columns named, then imported in the background."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import claimtables, importjobs
from factcheck.errors import BadInput, ClaimtrailError
from factcheck.web import services

blueprint = Blueprint("imports", __name__)


@blueprint.get("/import")
def page():
    return _page()


@blueprint.post("/import")
def send():
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise BadInput("Choose a file.", key="import_choose")
        upload_id = importjobs.take(services().store, file.filename[-120:], file.read(), g.user)
    except BadInput as problem:
        return _page(problem), problem.status
    return redirect(url_for("imports.preview", upload_id=upload_id), 303)


@blueprint.get("/import/<int:upload_id>")
def preview(upload_id: int):
    return _preview(upload_id)


@blueprint.post("/import/<int:upload_id>/columns")
def columns(upload_id: int):
    store, upload = services().store, importjobs.of(services().store, upload_id, g.user)
    names = claimtables.columns(claimtables.decoded(upload.content))
    chosen = {name: request.form.get(f"column-{n}", "") for n, name in enumerate(names) if name}
    try:
        importjobs.choose(store, upload, chosen, g.user)
    except BadInput as problem:
        return _preview(upload_id, problem), problem.status
    return redirect(url_for("imports.preview", upload_id=upload_id), 303)


@blueprint.post("/import/<int:upload_id>/start")
def start(upload_id: int):
    try:
        importjobs.start(services().store, importjobs.of(services().store, upload_id, g.user), g.user)
    except BadInput as problem:
        return _preview(upload_id, problem), problem.status
    services().wake()
    return redirect(url_for("jobs.listing"), 303)


def _page(problem: ClaimtrailError | None = None) -> str:
    return render_template("pages/import.html", problem=problem)


def _preview(upload_id: int, problem: ClaimtrailError | None = None) -> str:
    upload = importjobs.of(services().store, upload_id, g.user)
    found = importjobs.look(services().store, upload)
    return render_template("pages/import_preview.html", upload=upload, look=found, fields=claimtables.FIELDS, problem=problem or found.problem)
