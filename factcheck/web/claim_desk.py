"""Changing a claim by hand: making one, its words, its reviews, reports and occurrences, and its relations to others."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import editing, merging, puttingback, timeline
from factcheck.errors import BadInput, ClaimtrailError, NotFound
from factcheck.ratings import normalise
from factcheck.records import Claim, Coverage, Kind, Occurrence, Rating, Relation, Review
from factcheck.web import services

blueprint = Blueprint("claim_desk", __name__)

LONGEST = 4_000  # characters of any one field
PARTS = "any(review, coverage, occurrence):what"


@blueprint.route("/claims/new", methods=["GET", "POST"])
def new():
    given = {name: _field(name) for name in ("text", "title", "language", "speaker", "first_said_at")}
    if request.method == "GET":
        return _new_page(given)
    try:
        made = editing.new_claim(services().store, services().encoder, _claim(0, given), g.user)
    except BadInput as error:
        return _new_page(given, error), error.status
    return redirect(url_for("claims.claim", claim_id=made.id), 303)


@blueprint.route("/claims/<int:claim_id>/edit", methods=["GET", "POST"])
def edit(claim_id: int):
    store = services().store
    claim = merging.standing(store, claim_id)
    if request.method == "GET":
        return _edit_page(claim, {})
    given = {name: _field(name) for name in ("text", "title", "language", "speaker", "first_said_at")}
    try:
        editing.change_claim(store, services().encoder, _claim(claim.id, given), g.user, saw=request.form.get("saw", ""))
    except ClaimtrailError as error:
        if error.status not in (400, 409):
            raise
        return _edit_page(claim, given, error), error.status
    return redirect(url_for("claims.claim", claim_id=claim.id), 303)


@blueprint.route(f"/claims/<int:claim_id>/<{PARTS}>", methods=["GET", "POST"])
def add(claim_id: int, what: str):
    claim = merging.standing(services().store, claim_id)
    return _put(claim, what, None)


@blueprint.route(f"/claims/<int:claim_id>/<{PARTS}>/<int:part_id>", methods=["GET", "POST"])
def change(claim_id: int, what: str, part_id: int):
    claim = merging.standing(services().store, claim_id)
    part = services().store.claim_parts.get(what, part_id)
    if part is None or services().store.claims.root(part.claim_id) != claim.id:
        raise NotFound("This is no longer on file. Reload the page.", key="part_gone")
    return _put(claim, what, part)


@blueprint.post(f"/claims/<int:claim_id>/<{PARTS}>/<int:part_id>/remove")
def remove(claim_id: int, what: str, part_id: int):
    editing.take_back(services().store, what, part_id, g.user)
    return redirect(url_for("claims.claim", claim_id=claim_id, _anchor=_ANCHORS[what]), 303)


@blueprint.post("/claims/log/<int:entry_id>/undo")
def put_back(entry_id: int):
    """Undo what an entry of a claim's log tells of."""
    claim_id = puttingback.put_back(services().store, services().encoder, entry_id, g.user)
    return redirect(url_for("claims.claim", claim_id=claim_id, _anchor="log"), 303)


@blueprint.post("/claims/<int:claim_id>/relations")
def relate(claim_id: int):
    relation, other = request.form.get("relation", ""), request.form.get("other", type=int)
    if relation not in set(Relation) or other is None:
        raise BadInput("Two claims are related or opposite; two that are the same are merged.", key="relation_kind")
    editing.relate(services().store, claim_id, other, Relation(relation), g.user)
    return redirect(url_for("claims.claim", claim_id=claim_id, _anchor="related"), 303)


@blueprint.post("/claims/relations/<int:relation_id>/undo")
def unrelate(relation_id: int):
    made = editing.unrelate(services().store, relation_id, g.user)
    back = request.form.get("claim", type=int) or made.claim_id
    return redirect(url_for("claims.claim", claim_id=back, _anchor="related"), 303)


_ANCHORS = {"review": "reviews", "coverage": "coverage", "occurrence": "occurrences"}


def _put(claim: Claim, what: str, part: Review | Coverage | Occurrence | None):
    """The form of a part, and what it sends."""
    if request.method == "GET":
        given = {name: str(getattr(part, name) or "") for name in _FIELDS[what]} if part else {"speaker": claim.speaker, "language": claim.language}
        return _part_page(claim, what, part, given)
    given = {name: _field(name) for name in _FIELDS[what]}
    try:
        made = _READ[what](claim.id, part.id if part else 0, given)
        _STORE[what](services().store, made, g.user)
    except BadInput as error:
        return _part_page(claim, what, part, given, error), error.status
    return redirect(url_for("claims.claim", claim_id=claim.id, _anchor=_ANCHORS[what]), 303)


def _new_page(given: dict[str, str], problem: BadInput | None = None) -> str:
    return render_template("pages/claim_new.html", given=given, problem=problem)


def _edit_page(claim: Claim, given: dict[str, str], problem: ClaimtrailError | None = None) -> str:
    store = services().store
    own = {name: getattr(claim, name) or "" for name in ("text", "title", "language", "speaker", "first_said_at")}
    return render_template(
        "pages/claim_edit.html",
        claim=claim,
        given=given or own,
        own=own,
        problem=problem,
        imported=store.claims.imported_words(claim.id),
        saw=merging.state(store, [claim.id]),
    )


def _part_page(claim: Claim, what: str, part, given: dict[str, str], problem: BadInput | None = None) -> str:
    return render_template(
        "pages/claim_part.html", claim=claim, what=what, part=part, given=given, problem=problem, fields=_FIELDS[what], kinds=list(Kind)
    )  # fmt: skip


_FIELDS = {
    "review": ("publisher", "rating_text", "rating", "title", "url", "published_at", "summary", "language"),
    "coverage": ("title", "publisher", "url", "published_at", "language"),
    "occurrence": ("quote", "kind", "speaker", "said_at", "place", "source", "url"),
}


def _claim(claim_id: int, given: dict[str, str]) -> Claim:
    return Claim(
        id=claim_id, key="", text=given["text"], title=given["title"], language=_language(given["language"]), speaker=given["speaker"],
        first_said_at=_date(given["first_said_at"]),
    )  # fmt: skip


def _review(claim_id: int, part_id: int, given: dict[str, str]) -> Review:
    rating = Rating(given["rating"]) if given["rating"] in set(Rating) else normalise(given["rating_text"])
    return Review(
        given["publisher"], given["rating_text"], rating, id=part_id, claim_id=claim_id, url=_url(given["url"]), title=given["title"],
        summary=given["summary"], published_at=_date(given["published_at"]), language=_language(given["language"]),
    )  # fmt: skip


def _coverage(claim_id: int, part_id: int, given: dict[str, str]) -> Coverage:
    return Coverage(
        given["title"], _url(given["url"]), given["publisher"], _date(given["published_at"]), _language(given["language"]),
        id=part_id, claim_id=claim_id,
    )  # fmt: skip


def _occurrence(claim_id: int, part_id: int, given: dict[str, str]) -> Occurrence:
    if given["kind"] not in set(Kind):
        raise BadInput("Choose how it was said: in the speaker's own words, indirectly, or reported.", key="mark_kind")
    return Occurrence(
        claim_id, given["quote"], _date(given["said_at"]), given["speaker"], given["place"], given["source"], _url(given["url"]),
        Kind(given["kind"]), id=part_id,
    )  # fmt: skip


_READ = {"review": _review, "coverage": _coverage, "occurrence": _occurrence}
_STORE = {"review": editing.put_review, "coverage": editing.put_coverage, "occurrence": editing.put_occurrence}


def _field(name: str) -> str:
    """A field as it was sent or stands in the address, without what cannot be stored."""
    text = request.form.get(name) if request.method == "POST" else request.args.get(name)
    return " ".join((text or "").encode("utf-8", "ignore").decode().replace("\0", "").split())[:LONGEST]


def _date(text: str) -> str | None:
    """A year, month, day or week as it is stored. Raises BadInput."""
    if text and timeline.days(text) is None:
        raise BadInput("Give a date as 2024, 2024-11 or 2024-11-07.", key="date_form")
    return text or None


def _url(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        raise BadInput("The address must begin with http:// or https://.", key="url_scheme")
    return text


def _language(text: str) -> str:
    """Two or three letters of a language, lower case. Raises BadInput."""
    if text and not (text.isascii() and text.isalpha() and 2 <= len(text) <= 3):
        raise BadInput("Give a language by its short name, such as de or en.", key="language_form")
    return text.lower()
