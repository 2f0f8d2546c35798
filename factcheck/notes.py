"""Notes on what is on file: private, or shared with the desk. The log says that one was written, never what it says."""

from __future__ import annotations

from db import Store
from factcheck.errors import BadInput, NotFound
from factcheck.records import Note, User

LONGEST = 5000  # characters
ON = ("claim", "statement", "person", "article", "draft")


def write(store: Store, user: User, object_type: str, object_id: int, text: str, is_shared: bool) -> Note:
    """Write a note. Raises BadInput for no text or too much, NotFound for something that is not on file for this user."""
    text = _checked(text)
    with store.write():
        if not _exists(store, user, object_type, object_id):
            raise NotFound("What this note is on is no longer on file.", key="note_object_gone")
        note = store.notes.add(user, object_type, object_id, text, is_shared)
        store.audit.add(user.name, "wrote a note", object_type, object_id, after={"note": note.id, "shared": is_shared})
    return note


def change(store: Store, user: User, note_id: int, text: str, is_shared: bool) -> Note:
    """Change one of one's own notes. Raises BadInput, NotFound (also for another's note)."""
    text = _checked(text)
    with store.write():
        note = own(store, user, note_id)
        store.notes.change(note.id, user.id, text, is_shared)
        before = {"note": note.id, "shared": note.is_shared}
        store.audit.add(
            user.name, "changed a note", note.object_type, note.object_id, before=before, after={"note": note.id, "shared": is_shared}
        )
    return own(store, user, note_id)


def delete(store: Store, user: User, note_id: int) -> Note:
    """Delete one of one's own notes; what it was on comes back. Raises NotFound (also for another's note)."""
    with store.write():
        note = own(store, user, note_id)
        store.notes.delete(note.id, user.id)
        store.audit.add(
            user.name, "deleted a note", note.object_type, note.object_id, before={"note": note.id, "shared": note.is_shared}
        )
    return note


def own(store: Store, user: User, note_id: int) -> Note:
    """One of one's own notes. Raises NotFound, also for another's."""
    note = store.notes.own(note_id, user.id)
    if note is None:
        raise NotFound("There is no such note of yours.", key="no_such_note")
    return note


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise BadInput("The note is empty. Type something first.", key="note_empty")
    if len(text) > LONGEST:
        raise BadInput(f"A note has at most {LONGEST} characters.", key="note_too_long", longest=LONGEST)
    return text


def _exists(store: Store, user: User, object_type: str, object_id: int) -> bool:
    match object_type:
        case "claim":
            return store.claims.get(object_id) is not None
        case "statement":
            return store.articles.statement(object_id) is not None
        case "person":
            return store.people.get(object_id) is not None
        case "article":
            return store.articles.get(object_id) is not None
        case "draft":
            draft = store.drafts.get(object_id)
            return draft is not None and (draft.is_shared or draft.user_id == user.id)
    return False
