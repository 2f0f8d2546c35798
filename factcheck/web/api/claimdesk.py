"""Operations on claims that editors do: words, parts, promises, relations, merging, splitting, walk-backs."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import editing, merging, promises, takingback
from factcheck.errors import BadInput
from factcheck.records import (
    ClaimRelation,
    Coverage,
    Kind,
    Occurrence,
    Promise,
    Rearrangement,
    Relation,
    Role,
    Scope,
    StatusChange,
    Walkback,
    WalkbackState,
)
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.writing import day

_EDITING: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.EDITOR, "status": 201, "failures": (404, 409), "section": "Claims"}
WalkbackKind = Literal["contradicts", "softens", "in jest"]
State = Literal["proposed", "confirmed", "rejected"]
Ids = Annotated[list[shapes.Id], Field(max_length=1_000)]


class ChangedClaim(shapes.Given):
    """What is left out stays."""

    text: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    title: shapes.Line | None = None
    language: Annotated[str, Field(max_length=3)] | None = None
    speaker: shapes.Line | None = None
    first_said_at: shapes.Day | None = None


class NewRelation(shapes.Given):
    other_id: shapes.Id
    relation: Literal["related", "opposite"]


class RelationOfTwo(shapes.Told):
    id: int
    claim_id: int
    other_id: int
    relation: Literal["related", "opposite"]
    by: str
    at: str
    undone_at: str | None


class RelationsOfClaim(shapes.Told):
    items: list[RelationOfTwo]


class Merge(shapes.Given):
    """``confirmed`` merges two that differ, as in speaker or rating."""

    other_id: shapes.Id
    confirmed: bool = False


class Split(shapes.Given):
    """What is taken over, by its ids; to ``into``, or to a new claim worded ``text``."""

    into: shapes.Id | None = None
    text: shapes.Words = ""
    statements: Ids = []
    occurrences: Ids = []
    reviews: Ids = []
    coverage: Ids = []


class Rearranged(shapes.Told):
    """"merged": ``claim_id`` stands for ``other_id`` too; "split": something went from ``claim_id`` to ``other_id``."""

    id: int
    act: Literal["merged", "split"]
    claim_id: int
    other_id: int
    moved: int
    by: str
    at: str
    undone_at: str | None


class NewCoverage(shapes.Given):
    title: Annotated[str, Field(min_length=1, max_length=500)]
    url: Annotated[str, Field(max_length=2_000)] = ""
    publisher: shapes.Line = ""
    published_at: shapes.Day = ""
    language: Annotated[str, Field(max_length=3)] = ""


class NewOccurrence(shapes.Given):
    quote: Annotated[str, Field(min_length=1, max_length=2_000)]
    said_at: shapes.Day = ""
    speaker: shapes.Line = ""
    kind: shapes.Kind = "direct"
    place: shapes.Line = ""
    source: shapes.Line = ""
    url: Annotated[str, Field(max_length=2_000)] = ""


class Part(shapes.Given):
    what: Literal["review", "coverage", "occurrence"]
    id: shapes.Id


class Terms(shapes.Given):
    """By what and by when a promise is judged; what is left out stays."""

    criterion: shapes.Line | None = None
    deadline: shapes.Day | None = None
    deadline_text: shapes.Line | None = None


class WalkbackList(shapes.Page):
    state: State = "proposed"


class FoundWalkback(shapes.Told):
    """A later statement by whoever made the claim that takes it back or softens it."""

    id: int
    claim_id: int
    statement_id: int
    article_id: int
    text: str
    said_at: str | None
    kind: WalkbackKind
    state: State
    probability: float
    reason: str
    note: str
    by: str
    at: str


class FoundWalkbacks(shapes.Told):
    items: list[FoundWalkback]
    cursor: str


class WalkbackVerdict(shapes.Given):
    """"proposed" takes a verdict back; ``kind`` corrects how the claim is taken back."""

    state: State
    kind: WalkbackKind | Literal[""] = ""
    note: Annotated[str, Field(max_length=500)] = ""


@operation("POST", "/claims/<int:claim_id>:change", body=ChangedClaim, answer=shapes.Claim, **_EDITING)
def change_claim(claim_id: int, given: ChangedClaim) -> dict[str, Any]:
    """Word a claim anew, or say otherwise who made it and when; imports leave it alone from then on."""
    store = services().store
    found = merging.standing(store, claim_id)
    asked = {name: value for name, value in given.model_dump().items() if value is not None}
    if "first_said_at" in asked:
        asked["first_said_at"] = day(asked["first_said_at"])
    editing.change_claim(store, services().encoder, replace(found, **asked), g.user, saw=merging.state(store, [found.id]))
    services().wake()
    return rows.claim(merging.standing(store, claim_id))


@operation("GET", "/claims/<int:claim_id>/relations", scope=Scope.READ, answer=RelationsOfClaim, failures=(404,), section="Claims")
def relations(claim_id: int) -> dict[str, Any]:
    """Which claims a claim was called related or opposite to."""
    store = services().store
    return {"items": [_relation(r) for r in store.claim_relations.of(store.claims.group(merging.standing(store, claim_id).id))]}


@operation("POST", "/claims/<int:claim_id>/relations", body=NewRelation, answer=RelationOfTwo, **_EDITING)
def relate(claim_id: int, given: NewRelation) -> dict[str, Any]:
    """Call two claims related or opposite, instead of what was said of them before."""
    return _relation(editing.relate(services().store, claim_id, given.other_id, Relation(given.relation), g.user))


@operation("POST", "/relations/<int:relation_id>:undo", answer=RelationOfTwo, **_EDITING)
def unrelate(relation_id: int) -> dict[str, Any]:
    """Take back that two claims are related or opposite."""
    made = editing.unrelate(services().store, relation_id, g.user)
    return _relation(services().store.claim_relations.get(made.id) or made)


@operation("POST", "/claims/<int:claim_id>:merge", body=Merge, answer=Rearranged, **_EDITING)
def merge(claim_id: int, given: Merge) -> dict[str, Any]:
    """Let a claim stand for another one too. 400 tells how the two differ, unless it is confirmed."""
    store = services().store
    claim, other = merging.standing(store, claim_id), merging.standing(store, given.other_id)
    if claim.id == other.id:
        raise BadInput("These two are one claim already.", key="merge_same")
    saw = merging.state(store, [claim.id, other.id])
    return _rearranged(merging.merge(store, claim.id, other.id, g.user, saw=saw, confirmed=given.confirmed))


@operation("POST", "/claims/<int:claim_id>:split", body=Split, answer=Rearranged, **_EDITING)
def split(claim_id: int, given: Split) -> dict[str, Any]:
    """Take part of what hangs on a claim over to another one, on file or new."""
    store = services().store
    here = merging.standing(store, claim_id).id
    chosen = merging.Chosen(tuple(given.statements), tuple(given.occurrences), tuple(given.reviews), tuple(given.coverage))
    made = merging.split(store, services().encoder, here, chosen, g.user, saw=merging.state(store, [here]), into=given.into, text=given.text)
    return _rearranged(made)


@operation("POST", "/rearrangements/<int:rearrangement_id>:undo", answer=Rearranged, **_EDITING)
def undo_rearrangement(rearrangement_id: int) -> dict[str, Any]:
    """Take back a merge or a split: everything is where it was."""
    return _rearranged(merging.undo(services().store, rearrangement_id, g.user))


@operation("POST", "/claims/<int:claim_id>/coverage", body=NewCoverage, answer=shapes.Made, **_EDITING)
def add_coverage(claim_id: int, given: NewCoverage) -> dict[str, int]:
    """Add a report on a claim that does not rate it."""
    fields = given.model_dump() | {"published_at": day(given.published_at), "claim_id": claim_id}
    return {"id": editing.put_coverage(services().store, Coverage(**fields), g.user)}


@operation("POST", "/claims/<int:claim_id>/occurrences", body=NewOccurrence, answer=shapes.Made, **_EDITING)
def add_occurrence(claim_id: int, given: NewOccurrence) -> dict[str, int]:
    """Add a time a claim was made."""
    fields = given.model_dump() | {"said_at": day(given.said_at), "kind": Kind(given.kind), "claim_id": claim_id}
    return {"id": editing.put_occurrence(services().store, Occurrence(**fields), g.user)}


@operation("POST", "/claims:remove-part", body=Part, answer=shapes.Made, **_EDITING)
def remove_part(given: Part) -> dict[str, int]:
    """Take back a review, report or occurrence of the newsroom's own."""
    editing.take_back(services().store, given.what, given.id, g.user)
    return {"id": given.id}


@operation("POST", "/claims/<int:claim_id>/terms", body=Terms, answer=shapes.Claim, **_EDITING)
def set_terms(claim_id: int, given: Terms) -> dict[str, Any]:
    """Say by what and by when a promise is judged; a claim that was none becomes one."""
    store = services().store
    terms = merging.standing(store, claim_id).promise or Promise()
    for name in ("criterion", "deadline_text"):
        if (value := getattr(given, name)) is not None:
            terms = replace(terms, **{name: value})
    if given.deadline is not None:
        terms = replace(terms, deadline=day(given.deadline), hours=None, runs_from=None, zone="")
    return rows.claim(promises.set_terms(store, claim_id, terms, g.user))


@operation("POST", "/claims/<int:claim_id>:no-promise", answer=shapes.Claim, **_EDITING)
def no_promise(claim_id: int) -> dict[str, Any]:
    """Say that a claim is no promise. Its history stays on record."""
    return rows.claim(promises.no_promise(services().store, claim_id, g.user))


@operation("POST", "/status-changes/<int:change_id>:undo", answer=shapes.Change, **_EDITING)
def undo_status(change_id: int) -> dict[str, Any]:
    """Take a change of a promise's status back; it stays on record as taken back."""
    made: StatusChange = promises.undo(services().store, change_id, g.user)
    return {"id": made.id, "status": str(made.status), "at": made.at, "source_url": made.source_url, "note": made.note, "by": made.by}


@operation("GET", "/walk-backs", scope=Scope.READ, role=Role.EDITOR, query=WalkbackList, answer=FoundWalkbacks, section="Claims")
def walkback_list(given: WalkbackList) -> dict[str, Any]:
    """Statements that take an earlier claim of their speaker back, the likeliest first."""
    found = services().store.walkbacks.listing(WalkbackState(given.state), after=_place(given.cursor), limit=given.size + 1)
    more, found = len(found) > given.size, found[: given.size]
    return {"items": [_walkback(w) for w in found], "cursor": f"{found[-1].probability!r}~{found[-1].id}" if more else ""}


@operation("POST", "/walk-backs/<int:walkback_id>:decide", body=WalkbackVerdict, answer=FoundWalkback, **_EDITING | {"scope": Scope.DECIDE})
def decide_walkback(walkback_id: int, given: WalkbackVerdict) -> dict[str, Any]:
    """Confirm or reject a walk-back, or take either back."""
    return _walkback(takingback.decide(services().store, walkback_id, given.state, g.user, kind=given.kind, note=given.note))


def _relation(r: ClaimRelation) -> dict[str, Any]:
    return {"id": r.id, "claim_id": r.claim_id, "other_id": r.other_id, "relation": str(r.relation), "by": r.user, "at": r.at, "undone_at": r.undone_at}


def _rearranged(r: Rearrangement) -> dict[str, Any]:
    about = {name: getattr(r, name) for name in ("id", "act", "claim_id", "other_id", "at", "undone_at")}
    return about | {"moved": len(r.moved), "by": r.user_name}


def _walkback(w: Walkback) -> dict[str, Any]:
    about = {name: getattr(w, name) for name in ("id", "claim_id", "said_at", "probability", "reason", "note", "at")}
    return about | {
        "statement_id": w.statement.id, "article_id": w.article.id, "text": w.statement.text, "kind": str(w.kind), "state": str(w.state), "by": w.user,
    }  # fmt: skip


def _place(cursor: str) -> tuple[float, int] | None:
    """Where the list goes on. Raises BadInput for what was never given out."""
    if not cursor:
        return None
    probability, _, number = cursor.partition("~")
    try:
        found = float(probability), int(number)
    except (ValueError, OverflowError):
        found = None
    if found is None or not 0 <= found[0] <= 1 or not 0 <= found[1] < 2**63:
        raise BadInput("This cursor is none of ours. Begin again without one.", key="api_cursor")
    return found
