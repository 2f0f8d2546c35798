"""Drafts: a text checked against everything on file in one view, kept only when its writer asks for it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import articles as reading
from factcheck import drafting
from factcheck.errors import BadInput
from factcheck.records import Article, Draft, Standing
from factcheck.web import services
from factcheck.web.marking import paragraphs

blueprint = Blueprint("drafts", __name__)

FIELDS = ("text", "title", "published_at")


@blueprint.get("/drafts")
def listing():
    return _form({**_given(), "published_at": date.today().isoformat()}, None)


@blueprint.post("/drafts/check")
def check():
    """Answer with the checked text itself: nothing is stored, so there is no page to go to."""
    given = _given()
    try:
        article = _read(given)
        return _page(article, None)
    except BadInput as problem:  # the form comes back with everything that was typed
        return _form(given, problem), problem.status


@blueprint.post("/drafts")
def keep():
    given = _given()
    try:
        draft = drafting.keep(services().store, _read(given), g.user)
    except BadInput as problem:
        return _form(given, problem), problem.status
    return redirect(url_for("drafts.draft", draft_id=draft.id), 303)


@blueprint.get("/drafts/<int:draft_id>")
def draft(draft_id: int):
    found = drafting.seen_by(services().store, draft_id, g.user)
    return _page(drafting.as_article(found), found)


@blueprint.get("/drafts/<int:draft_id>/edit")
def edit(draft_id: int):
    found = drafting.seen_by(services().store, draft_id, g.user)
    return _form({"text": found.text, "title": found.title, "published_at": found.published_at or ""}, None, found)


@blueprint.post("/drafts/<int:draft_id>")
def rewrite(draft_id: int):
    found = drafting.seen_by(services().store, draft_id, g.user)
    given = _given()
    try:
        drafting.rewrite(services().store, draft_id, _read(given), g.user)
    except BadInput as problem:
        return _form(given, problem, found), problem.status
    return redirect(url_for("drafts.draft", draft_id=draft_id), 303)


@blueprint.post("/drafts/<int:draft_id>/share")
def share(draft_id: int):
    drafting.share(services().store, draft_id, g.user, is_shared=request.form.get("shared") == "1")
    return redirect(url_for("drafts.draft", draft_id=draft_id), 303)


@blueprint.post("/drafts/<int:draft_id>/delete")
def delete(draft_id: int):
    drafting.delete(services().store, draft_id, g.user)
    return redirect(url_for("drafts.listing"), 303)


def _given() -> dict[str, str]:
    return {field: request.form.get(field, "") for field in FIELDS}


def _read(given: dict[str, str]) -> Article:
    file = request.files.get("file")
    about = {"title": given["title"].strip(), "published_at": given["published_at"].strip() or None}
    if file and file.filename:
        return reading.from_file(file.filename, file.read(), **about)
    return reading.from_text(given["text"], **about)


def _form(given: dict[str, str], problem: BadInput | None, changing: Draft | None = None) -> str:
    store = services().store
    return render_template(
        "pages/drafts.html",
        given=given,
        problem=problem,
        changing=changing,
        own=store.drafts.of_user(g.user.id),
        shared=store.drafts.shared_with(g.user.id),
        bookmarklet=bookmarklet(url_for("drafts.listing", _external=True)),
    )


def _page(article: Article, kept: Draft | None) -> str:
    checked = drafting.check(services().store, services().encoder, article)
    found = [c.statement for c in checked.statements]
    return render_template(
        "pages/draft.html",
        article=checked.article,
        draft=kept,
        checked={c.statement.id: c for c in checked.statements},
        paragraphs=paragraphs(article.text, found),
        groups=[(standing, checked.of(standing)) for standing in Standing],
    )


def bookmarklet(address: str) -> str:
    """A bookmark that opens the draft page with the text marked on any page, or all of that page's text.

    The text travels in the part of the address behind "#", which browsers never send: no server and no log sees it.
    """
    script = (
        "(()=>{const s=String(getSelection());const t=(s.trim()||document.body.innerText).slice(0,100000);"
        f"open('{address}#title='+encodeURIComponent(document.title)+'&text='+encodeURIComponent(t))}})()"
    )
    return f"javascript:{script}"
