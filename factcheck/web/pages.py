"""Home and search: one box for claims, past statements, people and whole articles."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck.records import QueueFilters, Role
from factcheck.web import search as search_page
from factcheck.web import services, show

blueprint = Blueprint("pages", __name__)

LONG = 280  # characters; a longer text is taken for an article


@blueprint.get("/favicon.ico")
def icon():
    return redirect(url_for("static", filename="icon.svg"), 301)


@blueprint.get("/")
def home():
    store = services().store
    today = datetime.now(UTC).date().isoformat()
    repeated = [(claim, store.claims.occurrences(claim.id)) for claim in store.claims.repeated(5)]
    waiting = store.articles.statements_by_id(ids := store.queue.ids(QueueFilters(), g.user.id if g.user else None, limit=4))
    articles = store.articles.many({s.article_id for s in waiting.values()})
    return render_template(
        "pages/home.html",
        repeated=repeated,
        waiting_likely=store.queue.waiting_above(show.cutoffs().likely),
        waiting_all=store.decisions.waiting(),
        next_statements=[(waiting[i], articles[waiting[i].article_id]) for i in ids if i in waiting],
        due=store.promises.due(today, 4),
        newest=store.articles.newest(5),
        claims=store.claims.count(),
        statements=store.articles.count_statements(),
    )


@blueprint.post("/ask")
def ask():
    """A short text searches; a long one is offered as an article, kept as it was typed."""
    text = request.form.get("q", "").strip()
    if not _is_article(text):
        return redirect(url_for("pages.search", q=" ".join(text.split())), 303)
    if g.user and g.user.role.includes(Role.JOURNALIST):
        return render_template("pages/article_new.html", given={"text": text}, problem=None, offered=True)
    return render_template("pages/long_text.html", text=text, first=_first_sentence(text))


@blueprint.get("/search")
def search():
    """Everything on file: searched, narrowed, sorted."""
    return search_page.page()


def _is_article(text: str) -> bool:
    return len(text) > LONG or len([line for line in text.splitlines() if line.strip()]) > 1


def _first_sentence(text: str) -> str:
    line = next(line for line in text.splitlines() if line.strip())
    return line[:LONG].rsplit(" ", 1)[0] if len(line) > LONG else line.strip()
