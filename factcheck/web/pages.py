"""Home and search: one box for claims, past statements, people and whole articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import telling
from factcheck.records import QueueFilters, Role
from factcheck.web import search as search_page
from factcheck.web import services, show

blueprint = Blueprint("pages", __name__)

A_WEEK = timedelta(days=7)
LONG = 280  # characters; a longer text is taken for an article


@blueprint.get("/favicon.ico")
def icon():
    return redirect(url_for("static", filename="icon.svg"), 301)


@blueprint.get("/")
def home():
    store = services().store
    now = datetime.now(UTC)
    again = store.events.said_again_since((now - A_WEEK).isoformat(timespec="seconds"))
    claims = store.claims.many(claim_id for claim_id, _ in again)
    # In a week without news of this kind, what was said most often of all.
    repeated = [(claims[i], n) for i, n in again if i in claims] or [(claim, 0) for claim in store.claims.repeated(5)]
    news = store.notices.newest_unread(g.user.id, 6) if g.user else []
    waiting = store.articles.statements_by_id(ids := store.queue.ids(QueueFilters(), g.user.id if g.user else None, limit=4))
    articles = store.articles.many({s.article_id for s in waiting.values()})
    return render_template(
        "pages/home.html",
        repeated=[(claim, n, store.claims.occurrences(claim.id)) for claim, n in repeated],
        this_week=bool(again),
        news=telling.tell(store, news, g.words)[:3],
        waiting_likely=(likely := store.queue.waiting_above(show.cutoffs().likely)),
        waiting_possible=store.queue.waiting_above(show.cutoffs().possible) - likely,
        waiting_all=store.decisions.waiting(),
        next_statements=[(waiting[i], articles[waiting[i].article_id]) for i in ids if i in waiting],
        due=store.promises.due(now.date().isoformat(), 4),
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
