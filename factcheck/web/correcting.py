"""Correcting the statements of an article: a plain form each, which scripts open in place; every answer leads back to the article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import correcting, marks
from factcheck.errors import AlreadyCorrected, BadInput, ClaimtrailError, NotFound
from factcheck.records import Article, Correction, Kind, Mark, Statement
from factcheck.web import services
from factcheck.web.show import may

blueprint = Blueprint("correcting", __name__)

FIELDS = ("words", "start", "end", "kind", "speaker", "mention", "mention_at", "cue", "cue_at")
KNOWN_PEOPLE = 200  # offered beside the article's own speakers, those heard most first


def corrections_of(article_id: int, statements: Sequence[Statement]) -> dict[str, Any]:
    """What the article's page shows of corrections; for editors only."""
    if not may("correcting.change"):
        return {"done": None, "all_seen": "", "checked": None}
    store = services().store
    done = store.corrections.get(request.args.get("done", 0, type=int))
    made = store.corrections.of_article(article_id)
    return {
        "done": done if done in made else None,
        "can_undo": done in marks.in_force(made),
        "all_seen": correcting.all_seen(statements),
        "checked": marks.checked(made),
    }


@blueprint.route("/statements/<int:statement_id>/correct", methods=["GET", "POST"])
def change(statement_id: int):
    store = services().store
    statement = store.articles.statement(statement_id)
    if request.method == "GET":
        if statement is None:
            raise NotFound("There is no such statement.", key="no_such_statement")
        return _form(_article(statement.article_id), statement, _as_it_is(statement))
    given = _given()
    if statement is None:  # the rules say why
        correcting.change(store, services().encoder, statement_id, Mark(0, 0, Kind.DIRECT), g.user, "")
    article = _article(statement.article_id)
    try:
        mark = _typed(article, given, marks.mark_of(statement))
        made = correcting.change(store, services().encoder, statement_id, mark, g.user, request.form.get("saw", ""))
    except (BadInput, AlreadyCorrected) as problem:  # the form comes back with everything that was typed
        return _form(article, statement, given, problem)
    return _back(made)


@blueprint.route("/articles/<int:article_id>/statements/new", methods=["GET", "POST"])
def add(article_id: int):
    article = _article(article_id)
    if request.method == "GET":
        given = {field: request.args.get(field, "") for field in FIELDS}
        return _form(article, None, given | {"kind": given["kind"] or Kind.DIRECT, "words": given["words"] or _words(article, given)})
    given = _given()
    try:
        made = correcting.add(services().store, services().encoder, article_id, _typed(article, given), g.user)
    except BadInput as problem:
        return _form(article, None, given, problem)
    return _back(made)


@blueprint.post("/statements/<int:statement_id>/remove")
def remove(statement_id: int):
    store = services().store
    try:
        return _back(correcting.remove(store, statement_id, g.user, request.form.get("saw", "")))
    except AlreadyCorrected as problem:
        statement = store.articles.statement(statement_id)
        if statement is None:
            raise
        return _form(_article(statement.article_id), statement, _as_it_is(statement), problem)


@blueprint.post("/articles/<int:article_id>/checked")
def check(article_id: int):
    return _back(correcting.check(services().store, article_id, g.user, request.form.get("saw", "")))


@blueprint.post("/corrections/<int:correction_id>/undo")
def undo(correction_id: int):
    return _back(correcting.undo(services().store, services().encoder, correction_id, g.user))


def _given() -> dict[str, str]:
    return {field: request.form.get(field, "") for field in FIELDS}


def _as_it_is(statement: Statement) -> dict[str, str]:
    mark = marks.mark_of(statement)
    return {
        "words": statement.text,
        "start": str(mark.start),
        "end": str(mark.end),
        "kind": str(mark.kind),
        "speaker": mark.speaker,
        "mention": mark.mention,
        "mention_at": _span_text(mark.mention_at),
        "cue": mark.cue,
        "cue_at": _span_text(mark.cue_at),
    }


def _span_text(spans: Sequence[tuple[int, int]]) -> str:
    return f"{spans[0][0]}-{spans[0][1]}" if len(spans) == 1 else ""


def _typed(article: Article, given: dict[str, str], now: Mark | None = None) -> Mark:
    return marks.typed(
        article.text,
        given["words"],
        _span(given["start"], given["end"]),
        given["kind"],
        given["speaker"],
        (given["mention"], _span(*given["mention_at"].partition("-")[::2])),
        (given["cue"], _span(*given["cue_at"].partition("-")[::2])),
        now,
    )


def _span(start: str, end: str) -> tuple[int, int] | None:
    if not start.strip() and not end.strip():
        return None
    if not all(place.strip().isdecimal() and len(place.strip()) < 10 for place in (start, end)):
        raise BadInput("A place is two whole numbers: where it begins and where it ends.", key="mark_numbers")
    return int(start), int(end)


def _words(article: Article, given: dict[str, str]) -> str:
    """The words at the place that was asked for; "" for none."""
    try:
        place = _span(given["start"], given["end"])
        return article.text[slice(*marks.trimmed(article.text, *place))] if place else ""
    except BadInput:
        return ""


def _article(article_id: int) -> Article:
    article = services().store.articles.get(article_id)
    if article is None:
        raise NotFound("This article is not on file.", key="no_such_article")
    return article


def _form(article: Article, statement: Statement | None, given: dict[str, Any], problem: ClaimtrailError | None = None):
    store = services().store
    here = {s.speaker for s in store.articles.statements(article.id) if s.speaker}
    page = render_template(
        "pages/correct.html",
        article=article,
        statement=statement,
        given=given,
        problem=problem,
        saw=correcting.seen(statement) if statement else "",
        made=correcting.history(store, statement) if statement else [],
        names=[*sorted(here), *(p.name for p, _, _ in store.people.counts(KNOWN_PEOPLE) if p.name not in here)],
        kinds=list(Kind),
    )
    return (page, problem.status) if problem else page


def _back(made: Correction):
    """To the article, at the place that was corrected, with word of what was done."""
    statement = services().store.articles.statement(made.statement_id) if made.statement_id else None
    place = made.after or made.before
    if statement:
        anchor = f"s{statement.id}"
    elif place:
        anchor = f"p{_article(made.article_id).text.rfind(chr(10), 0, place.start) + 1}"
    else:
        anchor = "checked"
    return redirect(url_for("articles.article", article_id=made.article_id, done=made.id, _anchor=anchor), 303)
