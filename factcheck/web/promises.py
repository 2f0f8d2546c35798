"""Promises: the tracker of all, of a person or of a government, with its feeds and files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from factcheck import feeds, promises, timezones
from factcheck.errors import BadInput, NotFound
from factcheck.records import DeadlineState, Government, Person, Promise, PromiseFilters, PromiseOrder, PromiseStatus, StatusChange, StatusNews
from factcheck.web import csvfiles, deadlines, services

blueprint = Blueprint("promises", __name__)

SHOWN = 50  # promises on a page
IN_FEED = 50  # changes
COLUMNS = (
    "promise", "by", "first said", "criterion", "deadline", "runs from", "deadline in words", "status", "status since", "source", "note", "address",
)  # fmt: skip
DUE_SHOWN = 4  # of what is coming up and of what has passed
for _words in (deadlines.deadline_words, deadlines.runs_from_words):
    blueprint.add_app_template_global(_words)
blueprint.add_app_template_global(promises.seen, "status_seen")
blueprint.add_app_template_global(lambda: today().isoformat(), "today_here")
blueprint.add_app_template_global(lambda promise: promises.has_passed(promise.deadline), "has_passed")


# The tracker


@blueprint.get("/promises")
def tracker():
    filters = wanted()
    if request.args.get("person") and filters.person_id is None or request.args.get("government") and filters.government_id is None:
        raise BadInput("This filter names nobody on file. Take it out of the address.", key="promise_filter")
    return _page(filters)


@blueprint.get("/promises/people/<int:person_id>")
def of_person(person_id: int):
    person = person_on_file(person_id)
    if person.id != person_id:
        return redirect(url_for("promises.of_person", person_id=person.id, **request.args), 301)
    return _page(replace(wanted(), person_id=person.id), person=person)


@blueprint.get("/promises/governments/<int:government_id>")
def of_government(government_id: int):
    return _page(replace(wanted(), government_id=government_id), government=government_on_file(government_id))


def wanted(args: Mapping[str, str] | None = None) -> PromiseFilters:
    """The filters an address names; what it names wrongly narrows nothing."""
    given = request.args if args is None else args
    return PromiseFilters(
        status=PromiseStatus(given["status"]) if given.get("status") in set(PromiseStatus) else None,
        person_id=_number(given.get("person")),
        government_id=_number(given.get("government")),
        topic=" ".join(given.get("topic", "").split())[:200],
        deadline=DeadlineState(given["deadline"]) if given.get("deadline") in set(DeadlineState) else None,
        year=given["year"] if len(given.get("year", "")) == 4 and given["year"].isdecimal() else "",
    )


def _page(filters: PromiseFilters, *, person: Person | None = None, government: Government | None = None):
    store, at = services().store, now()
    order, changed = _order(), request.args.get("chart") == "changed"
    found, following = store.promises.page(filters, order, at, after=_after(), limit=SHOWN)
    scope = PromiseFilters(person_id=filters.person_id, government_id=filters.government_id)
    figures = store.promises.figures(filters, at, changed=changed)
    is_first = not request.args.get("after")
    return render_template(
        "pages/promises.html",
        person=person,
        government=government,
        filters=filters,
        order=order,
        changed=changed,
        promises=found,
        total=figures.total,
        counts=figures.counts,
        all_counts=figures.all_counts,
        years=figures.by_year,
        choices={
            "people": [] if person else figures.people,
            "governments": [] if government or person else store.governments.all(),
            "topics": figures.topics,
            "deadlines": figures.deadlines,
            "years": figures.years,
        },
        due=promises.due(store, today(), limit=DUE_SHOWN, within=scope) if is_first else None,
        member_of=store.governments.of_person(person.id) if person else [],
        following=f"{following[0]!r}~{following[1]}" if following else "",
        is_first=is_first,
        address=lambda **changes: _address(person, government, **changes),
        file=lambda endpoint: url_for(endpoint, **_query(person, government)),
        DeadlineState=DeadlineState,
        PromiseOrder=PromiseOrder,
    )


def _query(person: Person | None = None, government: Government | None = None, **changes: object) -> dict[str, object]:
    """What this page's address narrows and sorts by, with changes; a changed list begins at its first page."""
    kept = {k: v for k, v in request.args.items() if v and k in ("status", "person", "government", "topic", "deadline", "year", "sort", "chart")}
    scope = {"person": person.id} if person else {"government": government.id} if government else {}
    return {k: v for k, v in (kept | scope | changes).items() if v}


def _address(person: Person | None, government: Government | None, **changes: object) -> str:
    query = _query(person, government, **changes)
    if person:
        query.pop("person", None)
        return url_for("promises.of_person", person_id=person.id, **query)
    if government:
        query.pop("government", None)
        return url_for("promises.of_government", government_id=government.id, **query)
    return url_for("promises.tracker", **query)


# Files and feeds


@blueprint.get("/promises.csv")
def csv_file():
    filters = wanted()
    whose = filters.person_id and person_on_file(filters.person_id).name or filters.government_id and government_on_file(filters.government_id).name
    if g.user:  # who takes promises along hears of what becomes of them
        store = services().store
        store.claims.note_export(g.user.id, store.promises.ids(filters, now()))
    return csvfiles.csv_file(f"promises {whose or ''}", COLUMNS, _rows(filters, _order()))


def _rows(filters: PromiseFilters, order: PromiseOrder) -> Iterator[tuple[object, ...]]:
    store, home = services().store, services().settings.address
    for claim in store.promises.all(filters, order, now()):
        promise = claim.promise or Promise()
        last = promise.history[-1] if promise.history else None
        yield (
            claim.text, claim.speaker, claim.first_said_at, promise.criterion, promise.deadline, promise.runs_from, promise.deadline_text,
            promise.status, last and last.at, last and last.source_url, last and last.note, home + url_for("claims.claim", claim_id=claim.id),
        )  # fmt: skip


@blueprint.get("/promises.atom")
def atom():
    return Response(feeds.atom(_feed("promises.atom")), content_type=feeds.ATOM_TYPE)


@blueprint.get("/promises.rss")
def rss():
    return Response(feeds.rss(_feed("promises.rss")), content_type=feeds.RSS_TYPE)


def _feed(endpoint: str) -> feeds.Feed:
    """The changes of status, narrowed like the tracker."""
    store, filters, home = services().store, wanted(), services().settings.address
    person = person_on_file(filters.person_id) if filters.person_id is not None else None
    government = government_on_file(filters.government_id) if filters.government_id is not None else None
    query = _query()
    query.pop("sort", None), query.pop("chart", None)
    name = person.name if person else government.name if government else ""
    return feeds.Feed(
        title=g.words("promise.feed_of", name=name) if name else g.words("promise.feed"),
        link=home + _address(person, government),
        address=home + url_for(endpoint, **query),
        language=g.words.language,
        entries=[_entry(news, home) for news in store.promises.news(filters, now(), IN_FEED)],
    )


def _entry(news: StatusNews, home: str) -> feeds.Entry:
    claim, change = news.claim, news.change
    link = home + url_for("claims.claim", claim_id=claim.id)
    status = g.words(f"status.{str(change.status).replace(' ', '_')}")
    parts = [f"{g.words.date(change.at, 'long')}: {status}", change.note, change.source_url]
    return feeds.Entry(
        id=f"{link}#status-change-{_mark_of(change)}",
        title=f"{status}: {claim.speaker + ' – ' if claim.speaker else ''}{claim.text}",
        link=link,
        at=change.added_at or change.at,
        text="\n".join(filter(None, parts)),
        author=change.by,
    )


def _mark_of(change: StatusChange) -> str:
    """What a feed reader knows a change by. Imported ones are stored anew with every import, so what they say tells them apart."""
    if change.added_at:
        return str(change.id)
    said = "\0".join((change.at, change.status, change.note, change.source_url))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


# Parts


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def today() -> date:
    """The day it is where the reader is."""
    return datetime.now(timezones.zone(g.words.zone)).date()


def _order() -> PromiseOrder:
    asked = request.args.get("sort", "")
    return PromiseOrder(asked) if asked in set(PromiseOrder) else PromiseOrder.DUE


def _after() -> tuple[float, int] | None:
    text = request.args.get("after", "")
    if not text:
        return None
    try:
        key, _, last = text.partition("~")
        return float(key), int(last)
    except ValueError:
        raise BadInput("This page of the list does not exist. Begin with its first page.", key="no_such_list_page") from None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 16 else None


def person_on_file(person_id: int) -> Person:
    people = services().store.people
    found = people.get(people.root(person_id))
    if found is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    return found


def government_on_file(government_id: int) -> Government:
    found = services().store.governments.get(government_id)
    if found is None:
        raise NotFound("This government is not on file.", key="no_such_government")
    return found
