"""Search: the page, and the same results as CSV, JSON, RSS and Atom under the same parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from flask import Blueprint, Response, g, jsonify, render_template, request, stream_with_context, url_for

from factcheck import explaining, feeds, finding, foundrows
from factcheck.finding import Count, Found, FoundRow
from factcheck.wanted import Wanted
from factcheck.web import results, services, show
from factcheck.web.topics import topics_on_file
from factcheck.web.csvfiles import csv_file
from factcheck.web.people import main_office

blueprint = Blueprint("search", __name__)

EXPLAINED = 8  # rows whose words are aligned with the query's; what comes after is marked by shared words
IN_FEED = 50  # rows of a feed
SHORT = 60  # characters of a query that may be a person's name


def page() -> str:
    store, encoder = services().store, services().encoder
    wanted = Wanted.from_args(request.args)
    found = finding.find(store, encoder, wanted)
    return render_template(
        "pages/search.html",
        query=found.wanted.q,
        found=replace(found, rows=_explained(found)),
        groups=results.groups(found, _label, address),
        kinds=results.kinds(found, address),
        orders=results.orders(found, address),
        next_page=address(replace(found.wanted, cursor=found.next_cursor)) if found.next_cursor else "",
        first_page=address(replace(found.wanted, cursor="")) if wanted.cursor else "",
        other_reading=address(replace(found.wanted, exact=not found.meant.exact, cursor="")) if found.meant.has_marks else "",
        unfiltered=address(Wanted(q=found.wanted.q, like=found.wanted.like, exact=found.wanted.exact)),
        kept=[(name, value) for name, value in found.wanted.to_args() if name not in ("since", "until")],
        files={name: _file(name, found.wanted) for name in ("csv", "json", "rss", "atom")},
        people=store.people.search(found.wanted.q, 3) if 0 < len(found.wanted.q) <= SHORT and not wanted.cursor else [],
        main_office=main_office,
        claims_on_file=store.claims.count,  # counted where it is told: beside a page of rows nobody asks
        statements_on_file=store.articles.count_statements,
    )


def address(wanted: Wanted, endpoint: str = "pages.search", **options) -> str:
    query = wanted.to_args() + ([("cursor", wanted.cursor)] if wanted.cursor else [])
    found: dict[str, list[str]] = {}
    for name, value in query:
        found.setdefault(name, []).append(value)
    return url_for(endpoint, **found, **options)


@blueprint.get("/search.csv")
def as_csv() -> Response:
    """Every row found, as far as a file goes."""
    store, encoder = services().store, services().encoder
    wanted = replace(Wanted.from_args(request.args), cursor="")
    rows = finding.everything(store, encoder, wanted, foundrows.MOST_IN_FILE)
    first = list(islice(rows, 1))  # what cannot be searched for is told before the file begins
    return csv_file("claimtrail-search", foundrows.CSV_HEAD, stream_with_context(_cells(chain(first, rows))))


@blueprint.get("/search.json")
def as_json() -> Response:
    found = finding.find(services().store, services().encoder, Wanted.from_args(request.args))
    _note_export(found.rows)
    answer = foundrows.answer(found, _address_of)
    more = address(replace(found.wanted, cursor=found.next_cursor), "search.as_json", _external=True) if found.next_cursor else None
    return jsonify(answer | {"next": more})


@blueprint.get("/search.rss")
def as_rss() -> Response:
    return Response(feeds.rss(_feed("search.as_rss")), content_type=feeds.RSS_TYPE)


@blueprint.get("/search.atom")
def as_atom() -> Response:
    return Response(feeds.atom(_feed("search.as_atom")), content_type=feeds.ATOM_TYPE)


def _cells(rows: Iterator[FoundRow]) -> Iterator[tuple[object, ...]]:
    while chunk := list(islice(rows, 500)):
        _note_export(chunk)
        yield from (foundrows.cells(row, _address_of) for row in chunk)


def _feed(endpoint: str) -> feeds.Feed:
    """What came on file last, first: a feed reader then sees what is new to the search."""
    wanted = replace(Wanted.from_args(request.args), sort="added", cursor="", size=IN_FEED)
    found = finding.find(services().store, services().encoder, wanted, counted=False)
    entries = tuple(feeds.Entry(_address_of(row), _title(row), _address_of(row), _added(row), _summary(row), _speaker(row)) for row in found.rows)
    title = g.words("search.feed", what=show.shorten(found.text or g.words("search.everything"), 80))
    return feeds.Feed(title, address(replace(wanted, sort=""), _external=True), address(replace(wanted, sort=""), endpoint, _external=True), g.words.language, entries)


def _file(name: str, wanted: Wanted) -> str:
    return address(replace(wanted, cursor=""), f"search.as_{name}")


def _address_of(row: FoundRow) -> str:
    if row.claim:
        return url_for("claims.claim", claim_id=row.claim.id, _external=True)
    assert row.statement is not None
    return url_for("articles.article", article_id=row.statement.article_id, _anchor=f"s{row.statement.id}", _external=True)


def _title(row: FoundRow) -> str:
    text = row.claim.text if row.claim else row.statement.text if row.statement else ""
    return show.shorten(text, 200)


def _speaker(row: FoundRow) -> str:
    return row.claim.speaker if row.claim else (row.statement.speaker or row.statement.mention) if row.statement else ""


def _added(row: FoundRow) -> str:
    return row.claim.created_at if row.claim else row.article.added_at if row.article else ""


def _summary(row: FoundRow) -> str:
    """Who, when, and what became of it, in one line."""
    claim = row.claim or row.of_claim
    said = row.claim.first_said_at if row.claim else (row.statement.said_at or row.article.published_at) if row.statement and row.article else None
    parts = [g.words(f"search.one.{row.kind}"), _speaker(row), g.words.date(said)]
    parts += [row.article.source or row.article.title if row.article else "", g.words(f"rating.{str(claim.rating).replace(' ', '_')}") if claim else ""]
    return " · ".join(part for part in parts if part)


def _label(name: str, count: Count) -> str:
    key = count.value.replace(" ", "_")
    if name == "rating":
        return g.words(f"rating.{key}")
    if name == "status":
        return g.words(f"status.{key}")
    if name == "form":
        return g.words(f"kind.{key}")
    if name == "nature":
        return g.words(f"search.nature.{key}")
    if name in ("promise", "worth"):
        return g.words(f"search.only_{name}")
    if name == "topic":
        return next((topic.named(g.words.language) for topic in topics_on_file() if str(topic.id) == count.value), count.label)
    return g.words.language_name(count.value) if name == "language" else count.label


def _explained(found: Found) -> tuple[FoundRow, ...]:
    """The rows, the words of the first ones aligned with the query's."""
    encoder = services().encoder
    rows = list(found.rows)
    if not found.text:
        return found.rows
    judged = [i for i, r in enumerate(rows) if r.hit is not None][:EXPLAINED]
    claims = [i for i in judged if rows[i].kind == "claim"]
    statements = [i for i in judged if rows[i].kind == "statement"]
    for i, hit in zip(claims, explaining.explain_claims(encoder, found.text, [rows[i].hit for i in claims]), strict=True):
        rows[i] = replace(rows[i], hit=hit, evidence=hit.candidate.evidence)
    for i, hit in zip(statements, explaining.explain_statements(encoder, found.text, [rows[i].hit for i in statements]), strict=True):
        rows[i] = replace(rows[i], hit=hit, evidence=hit.evidence)
    return tuple(rows)


def _note_export(rows: Sequence[FoundRow]) -> None:
    """Who takes claims out of the house hears of it when their rating changes."""
    claims = [row.claim.id for row in rows if row.claim]
    if g.user and claims:
        services().store.claims.note_export(g.user.id, claims)
