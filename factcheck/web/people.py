"""People: what they said and claimed, promised and how it was rated; and confirming whom a mention means."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from db.people import ORDERS
from factcheck import confirming
from factcheck.errors import NotFound
from factcheck.peopledesk import LONGEST_NAME
from factcheck.records import Claim, Confirmation, Person, PromiseStatus, Rating
from factcheck.web import services
from factcheck.web.csvfiles import csv_file

blueprint = Blueprint("people", __name__)

ON_A_PAGE = 50  # people in the list
SHOWN = 20  # claims, and statements, on a person's page

Period = tuple[str | None, str | None]


def offices_by_period(person: Person, language: str) -> list[tuple[Period, list[str]]]:
    """((since, until), titles) with the newest period first and undated descriptions last; titles in ``language`` lead."""
    periods: dict[Period, list[str]] = {}
    for office in person.offices:
        periods.setdefault((office.since, office.until), []).append(office.title)
    newest_first = sorted(
        periods.items(), key=lambda pair: (pair[0] != (None, None), pair[0][0] or "0", pair[0][1] or "9999"), reverse=True
    )
    return [
        (period, sorted(dict.fromkeys(titles), key=lambda t: _is_english(t) != (language == "en")))
        for period, titles in newest_first
    ]


def main_office(person: Person, language: str) -> str:
    """The title a person is known by: of the newest period, in ``language`` if there is one."""
    periods = offices_by_period(person, language)
    return periods[0][1][0] if periods else ""


def _is_english(title: str) -> bool:
    """Titles end in a noun, and German writes nouns with a capital letter."""
    return title.split()[-1][:1].islower()


@blueprint.get("/people")
def listing():
    people = services().store.people
    name = " ".join(request.args.get("name", "").split())[:LONGEST_NAME]
    order = request.args.get("order", "")
    order = order if order in ORDERS else "name" if request.args.get("letter") else "said"
    letter = request.args.get("letter", "").casefold()[:1]
    page = page_number("page")
    found, total = people.listing(name=name, letter=letter, order=order, limit=ON_A_PAGE, offset=(page - 1) * ON_A_PAGE)
    if not found and page > 1:
        raise NotFound("There is no such page.", key="no_such_page")
    return render_template(
        "pages/people.html",
        people=found,
        total=total,
        name=name,
        order=order,
        orders=list(ORDERS),
        letter=letter,
        letters=people.letters() if not name else {},
        page=page,
        pages=-(-total // ON_A_PAGE),
        main_office=main_office,
    )


@blueprint.get("/people/<int:person_id>")
def person(person_id: int):
    store = services().store
    found = _person(person_id)
    if found.merged_into is not None:
        return redirect(url_for("people.person", person_id=store.people.root(person_id), known=person_id), 302)
    known = store.people.get(request.args.get("known", 0, type=int))
    taken_back = store.walkbacks.of_person(person_id)
    claims_page, statements_page = page_number("claims"), page_number("statements")
    years: dict[str, dict[str, int]] = {}
    for year, rating, n in store.sayings.ratings_by_year(person_id):
        years.setdefault(year or g.words("person.undated"), {})[rating] = n
    claims_total, statements_total = store.sayings.count_claims(person_id), store.sayings.count_statements(person_id)
    return render_template(
        "pages/person.html",
        person=found,
        known=known if known and store.people.root(known.id) == found.id != known.id else None,
        periods=offices_by_period(found, g.words.language),
        years=list(years.items()),
        ratings={rating: sum(counts.get(rating, 0) for counts in years.values()) for rating in Rating},
        promise_counts=store.sayings.promises(person_id),
        rating_names={rating: g.words(f"rating.{str(rating).replace(' ', '_')}") for rating in Rating},
        status_names={status: g.words(f"status.{str(status).replace(' ', '_')}") for status in PromiseStatus},
        walkbacks=taken_back,
        walkback_claims=store.claims.many(w.claim_id for w in taken_back),
        repeated=store.sayings.repeated(person_id),
        claims=store.sayings.claims(person_id, SHOWN, (claims_page - 1) * SHOWN),
        claims_total=claims_total,
        claims_page=claims_page,
        claims_pages=-(-claims_total // SHOWN),
        statements=store.sayings.statements(person_id, SHOWN, (statements_page - 1) * SHOWN),
        statements_total=statements_total,
        statements_page=statements_page,
        statements_pages=-(-statements_total // SHOWN),
    )


@blueprint.get("/people/<int:person_id>/claims.csv")
def claims_file(person_id: int):
    """Every claim of a person, one a line."""
    found, store = _person(person_id), services().store
    head = (
        "claim_id", "claim", "language", "first_said_at", "times_said", "rating", "newest_review_publisher", "newest_review_rating",
        "newest_review_at", "newest_review_url", "is_promise", "promise_status", "deadline", "address",
    )  # fmt: skip
    return csv_file(f"{found.name} claims", head, (_claim_cells(c) for c in store.sayings.every_claim(found.id)))


@blueprint.get("/people/<int:person_id>/statements.csv")
def statements_file(person_id: int):
    """Everything a person said that is on file, one statement a line."""
    found, store = _person(person_id), services().store
    head = (
        "statement_id", "statement", "kind", "said_at", "check_worthiness", "is_promise", "article", "source", "published_at", "url", "address",
    )  # fmt: skip
    rows = (
        (
            s.id, s.text, s.kind, s.said_at or "", round(s.check_worthy, 3), int(s.is_promise), a.title, a.source, a.published_at or "", a.url or "",
            url_for("articles.article", article_id=a.id, _anchor=f"s{s.id}", _external=True),
        )
        for s, a in store.sayings.every_statement(found.id)
    )  # fmt: skip
    return csv_file(f"{found.name} statements", head, rows)


def _claim_cells(claim: Claim) -> tuple:
    newest = claim.reviews[0] if claim.reviews else None
    promise = claim.promise
    return (
        claim.id, claim.text, claim.language, claim.first_said_at or "", claim.occurrence_count, claim.rating,
        newest.publisher if newest else "", newest.rating_text if newest else "", (newest.published_at or "") if newest else "",
        newest.url if newest else "", int(promise is not None), promise.status if promise else "", (promise.deadline or "") if promise else "",
        url_for("claims.claim", claim_id=claim.id, _external=True),
    )  # fmt: skip


def _person(person_id: int) -> Person:
    found = services().store.people.get(person_id)
    if found is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    return found


def page_number(name: str) -> int:
    """The number of a page from the address, 1 for anything that is none."""
    number = request.args.get(name, 1, type=int)
    return number if 0 < number < 10**9 else 1


@blueprint.post("/statements/<int:statement_id>/speaker")
def confirm(statement_id: int):
    """Name the speaker as suggested."""
    made = confirming.confirm(
        services().store, services().encoder, statement_id, request.form.get("name", ""), g.user, request.form.get("saw", ""),
        remember=request.form.get("remember") == "1",
    )  # fmt: skip
    return _back(made, statement_id)


@blueprint.post("/confirmations/<int:confirmation_id>/undo")
def take_back(confirmation_id: int):
    undone = confirming.undo(services().store, services().encoder, confirmation_id, g.user)
    return _back(undone, undone.statements[0])


def _back(confirmation: Confirmation, statement_id: int):
    """To the page it was sent from."""
    if request.form.get("from") == "review":
        return redirect(url_for("review.statement", statement_id=statement_id), 303)
    return redirect(url_for("articles.article", article_id=confirmation.article_id, _anchor=f"note{statement_id}"), 303)
