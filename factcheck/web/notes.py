"""Notes: one's own in a list, and writing, changing and deleting them where they stand."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import notes
from factcheck.errors import BadInput, NotFound
from factcheck.records import Note
from factcheck.web import access, services
from factcheck.web.auth import safe_next
from factcheck.web.history import statement_place

blueprint = Blueprint("notes", __name__)

A_PAGE = 50
_PLACES = {
    "claim": ("claims.claim", "claim_id"),
    "person": ("people.person", "person_id"),
    "article": ("articles.article", "article_id"),
    "draft": ("drafts.draft", "draft_id"),
}


def notes_on(object_type: str, object_id: int) -> list[Note]:
    """What the reader of a page may see there: none for those who do not write any."""
    role = access.needed("notes.write", changing=True, open_reading=False)
    user = g.get("user")
    if not user or user.must_change_password or role is None or not user.role.includes(role):
        return []
    return services().store.notes.on(object_type, object_id, user.id)


def place(note: Note) -> str:
    if note.object_type == "statement":
        return statement_place(note.object_id)
    endpoint, name = _PLACES[note.object_type]
    return url_for(endpoint, **{name: note.object_id}, _anchor="notes")


@blueprint.get("/notes")
def listing():
    text = request.args.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    found = services().store.notes.by(g.user.id, before=before, limit=A_PAGE + 1)
    return render_template(
        "pages/notes.html", notes=found[:A_PAGE], older=found[A_PAGE - 1].id if len(found) > A_PAGE else None, place=place
    )


@blueprint.post("/notes/<object_type>/<int:object_id>")
def write(object_type: str, object_id: int):
    if object_type not in notes.ON:
        raise NotFound("Nothing of that kind has notes.", key="note_object_gone")
    try:
        notes.write(services().store, g.user, object_type, object_id, _text(), _shared())
    except BadInput as error:
        return _form(error, object_type=object_type, object_id=object_id), 422
    return _back()


@blueprint.get("/notes/<int:note_id>/edit")
def edit(note_id: int):
    return _form(note=notes.own(services().store, g.user, note_id))


@blueprint.post("/notes/<int:note_id>")
def change(note_id: int):
    try:
        notes.change(services().store, g.user, note_id, _text(), _shared())
    except BadInput as error:
        return _form(error, note=notes.own(services().store, g.user, note_id)), 422
    return _back()


@blueprint.post("/notes/<int:note_id>/delete")
def delete(note_id: int):
    notes.delete(services().store, g.user, note_id)
    return _back()


def _form(error: BadInput | None = None, **about) -> str:
    return render_template(
        "pages/note.html",
        error=error,
        given=request.form if error else None,
        next=safe_next(request.values.get("next")),
        longest=notes.LONGEST,
        **about,
    )


def _text() -> str:
    return request.form.get("text", "")


def _shared() -> bool:
    return request.form.get("shared") == "1"


def _back():
    return redirect(safe_next(request.form.get("next")) + "#notes", 303)
