"""Operations on drafts: checked without a trace, or kept, shared and checked again."""

from __future__ import annotations

from typing import Any, Literal

from flask import g, url_for

from factcheck import drafting
from factcheck.errors import BadInput
from factcheck.records import Draft as KeptDraft
from factcheck.records import Role, Scope
from factcheck.rows import draft_row
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import cursor_of, place_of, read_text

_DRAFTS: dict[str, Any] = {"scope": Scope.DRAFTS, "role": Role.JOURNALIST, "section": "Drafts"}
_OWN: dict[str, Any] = _DRAFTS | {"status": 201, "failures": (404,)}


class Draft(shapes.Told):
    """``own`` is one's own, which nobody else changes; one that is ``shared`` is seen by every journalist."""

    id: int
    title: str
    language: str
    published_at: str | None
    owner: str
    own: bool
    shared: bool
    characters: int
    created_at: str
    changed_at: str
    address: str


class DraftInFull(Draft):
    text: str


class Drafts(shapes.Told):
    items: list[Draft]
    cursor: str


class DraftList(shapes.Page):
    """``whose``: one's own, those that others share, or "" for both."""

    whose: Literal["", "own", "shared"] = ""


class Sharing(shapes.Given):
    shared: bool


@operation("POST", "/drafts:check", body=shapes.DraftText, answer=shapes.CheckedDraft, **_DRAFTS)
def check_draft(given: shapes.DraftText) -> dict[str, Any]:
    """Every statement of a text with what is on file about it. The text is not stored."""
    return draft_row(drafting.check(services().store, services().encoder, read_text(given)))


@operation("GET", "/drafts", query=DraftList, answer=Drafts, **_DRAFTS)
def draft_list(given: DraftList) -> dict[str, Any]:
    """Drafts that are kept, without their texts, the last changed first: one's own, and what others share."""
    own = {"own": True, "shared": False}.get(given.whose)
    found = services().store.drafts.seen_by(g.user.id, own=own, after=_place(given.cursor), limit=given.size + 1)
    more, found = len(found) > given.size, found[: given.size]
    return {"items": [_told(d) for d in found], "cursor": cursor_of((found[-1].changed_at, found[-1].id)) if more else ""}


@operation("POST", "/drafts", body=shapes.DraftText, answer=DraftInFull, **_OWN)
def keep_draft(given: shapes.DraftText) -> dict[str, Any]:
    """Keep a draft, seen by nobody else until it is shared."""
    return _in_full(drafting.keep(services().store, read_text(given), g.user))


@operation("GET", "/drafts/<int:draft_id>", answer=DraftInFull, failures=(404,), **_DRAFTS)
def draft(draft_id: int) -> dict[str, Any]:
    """A draft of one's own or one that is shared, with its text."""
    return _in_full(drafting.seen_by(services().store, draft_id, g.user))


@operation("GET", "/drafts/<int:draft_id>/check", answer=shapes.CheckedDraft, failures=(404,), **_DRAFTS)
def check_kept_draft(draft_id: int) -> dict[str, Any]:
    """Every statement of a kept draft with what is on file about it now."""
    found = drafting.seen_by(services().store, draft_id, g.user)
    return draft_row(drafting.check(services().store, services().encoder, drafting.as_article(found)))


@operation("POST", "/drafts/<int:draft_id>:change", body=shapes.DraftText, answer=DraftInFull, **_OWN)
def rewrite_draft(draft_id: int, given: shapes.DraftText) -> dict[str, Any]:
    """Put a new text in the place of one's own draft."""
    return _in_full(drafting.rewrite(services().store, draft_id, read_text(given), g.user))


@operation("POST", "/drafts/<int:draft_id>:share", body=Sharing, answer=Draft, **_OWN)
def share_draft(draft_id: int, given: Sharing) -> dict[str, Any]:
    """Let every journalist see one's own draft, or nobody else again."""
    drafting.share(services().store, draft_id, g.user, is_shared=given.shared)
    return _told(drafting.seen_by(services().store, draft_id, g.user))


@operation("POST", "/drafts/<int:draft_id>:delete", answer=shapes.Made, **_OWN)
def delete_draft(draft_id: int) -> dict[str, int]:
    """Throw one's own draft away for good, with the notes on it."""
    drafting.delete(services().store, draft_id, g.user)
    return {"id": draft_id}


def _told(d: KeptDraft) -> dict[str, Any]:
    about = {name: getattr(d, name) for name in ("id", "title", "language", "published_at", "owner", "created_at", "changed_at")}
    return about | {
        "own": d.user_id == g.user.id, "shared": d.is_shared, "characters": len(d.text),
        "address": url_for("drafts.draft", draft_id=d.id, _external=True),
    }  # fmt: skip


def _in_full(d: KeptDraft) -> dict[str, Any]:
    return _told(d) | {"text": d.text}


def _place(cursor: str) -> tuple[str, int] | None:
    found = place_of(cursor)
    if found and not isinstance(found[0], str):
        raise BadInput("This cursor is none of ours. Begin again without one.", key="api_cursor")
    return found
