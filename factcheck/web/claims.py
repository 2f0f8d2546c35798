"""A claim with all that is known about it: one page, and its time line as a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import aging, searching, timeline
from factcheck.errors import NotFound
from factcheck.ranked import is_found
from factcheck.records import Claim, ClaimHit, ClaimRelation, Kind, Rearrangement, Relation, Walkback, WalkbackState
from factcheck.timeline import Entry, Narrowing
from factcheck.web import services, show
from factcheck.web.csvfiles import csv_file

blueprint = Blueprint("claims", __name__)

A_PAGE = 50  # times on a page of the time line
WORDINGS = 8  # shown of a claim


@dataclass(frozen=True)
class Neighbour:
    """A claim near to this one. ``relation`` is what an editor said of the two, ``suggested`` what speaks for it otherwise."""

    claim: Claim
    hit: ClaimHit | None = None
    made: ClaimRelation | None = None
    suggested: Relation = Relation.RELATED
    statements: int = 0  # on how many statements decisions suggest it


@blueprint.get("/claims/<int:claim_id>")
def claim(claim_id: int):
    store = services().store
    found = store.claims.get(claim_id)
    if found is None:
        return by_key(str(claim_id))
    if found.merged_into:
        return redirect(url_for("claims.claim", claim_id=found.merged_into, merged=claim_id), 302)
    group = store.claims.group(claim_id)
    everything = timeline.entries(store.claims.occurrences(claim_id))
    wanted = narrowing()
    entries = timeline.narrowed(everything, wanted)
    taken_back = store.walkbacks.of_claims(group)
    walkbacks = [w for w in taken_back if w.state is WalkbackState.CONFIRMED]
    page, pages = _page(len(entries))
    shown = entries if page == 0 else entries[(page - 1) * A_PAGE : page * A_PAGE]
    decisions = store.decisions.of_claim(claim_id)
    statements = store.articles.statements_by_id({d.statement_id for d in decisions})
    reports = [r for e in shown for r in e.reports]
    related, similar = neighbours(found)
    changes = store.rearrangements.of(group)
    return render_template(
        "pages/claim.html",
        claim=found,
        person=store.people.get(found.person_id) if found.person_id else None,
        counts=timeline.count(entries),
        all_counts=timeline.count(everything),
        wanted=wanted,
        trail=_with_walkbacks(shown, walkbacks if not wanted and page in (0, pages) else []),
        taken_back=taken_back,
        page=page,
        pages=pages,
        outdated=aging.may_be_outdated(found.reviews, (r for e in everything for r in e.reports), datetime.now(UTC).date()),
        by_publisher=_by_publisher(found),
        wordings=_wordings(found, everything),
        history=store.promises.history(claim_id),
        members=store.claims.in_order(group[1:]),
        came_from=_came_from(request.args.get("merged", type=int), changes),
        changes=changes,
        others=store.claims.many({i for c in changes for i in (c.claim_id, c.other_id)}),
        related=related,
        similar=similar,
        decisions=decisions,
        statements=statements,
        articles=store.articles.many({s.article_id for s in statements.values()} | {r.article_id for r in reports if r.article_id}),
        group=group,
    )


@blueprint.get("/claims/<int:claim_id>/occurrences.csv")
def occurrences(claim_id: int):
    """The time line as it is narrowed, one row for each report."""
    store = services().store
    found = store.claims.get(store.claims.root(claim_id))
    if found is None:
        raise NotFound("There is no such claim on file.", key="no_such_claim")
    if g.user:
        store.claims.note_export(g.user.id, [found.id])
    entries = timeline.narrowed(timeline.entries(store.claims.occurrences(found.id)), narrowing())

    def article_url(article_id: int) -> str:
        return url_for("articles.article", article_id=article_id, _external=True)

    return csv_file(f"claim-{found.id}-occurrences", timeline.COLUMNS, timeline.rows(entries, found.key, article_url), mark=False)


@blueprint.get("/claims/<path:key>")
def by_key(key: str):
    """The address by the identifier a claim was imported with leads to the claim's own."""
    found = services().store.claims.by_key(key)
    if found is None:
        raise NotFound("There is no such claim on file.", key="no_such_claim")
    return redirect(url_for("claims.claim", claim_id=found.id), 302)


def narrowing() -> Narrowing:
    """What the address narrows the time line to; a kind there is none of narrows nothing."""
    given = {name: request.args.get(name, "")[:200] for name in ("person", "year", "outlet", "kind")}
    return Narrowing(**given | {"kind": given["kind"] if given["kind"] in set(Kind) else ""})


def neighbours(claim: Claim) -> tuple[list[Neighbour], list[Neighbour]]:
    """(claims an editor called related or opposite, claims that may be: by decisions on shared statements, then by likeness)"""
    store, encoder = services().store, services().encoder
    group = store.claims.group(claim.id)
    made: dict[int, ClaimRelation] = {}
    for relation in store.claim_relations.of(group):
        ends = store.claims.roots((relation.claim_id, relation.other_id)).values()
        made |= {root: relation for root in ends if root != claim.id}
    suggested = {i: s for i, s in store.claim_relations.by_statements(group).items() if i not in made and i != claim.id}
    possible = show.cutoffs().possible
    hits = [
        h
        for h in searching.similar_claims(store, encoder, claim, k=8)
        if h.claim.id not in made and is_found(h.candidate.probability, h.candidate.evidence, possible)
    ]
    claims = store.claims.many([*made, *suggested])
    by_decision = [Neighbour(claims[i], None, None, r, n) for i, (r, n) in suggested.items() if i in claims]
    by_likeness = [
        Neighbour(h.claim, h, None, Relation.OPPOSITE if h.candidate.relation is Relation.OPPOSITE else Relation.RELATED)
        for h in hits
        if h.claim.id not in suggested
    ]
    return [Neighbour(claims[i], None, r) for i, r in made.items() if i in claims], [*by_decision, *by_likeness][:8]


def _page(n: int) -> tuple[int, int]:
    """(the page asked for, 0 for all at once, how many there are)"""
    pages = max(1, -(-n // A_PAGE))
    if "all" in request.args:
        return 0, pages
    return min(max(request.args.get("page", 1, type=int), 1), pages), pages


def _with_walkbacks(entries: list[Entry], walkbacks: list[Walkback]) -> list[tuple[str, Entry | Walkback]]:
    """The time line with what takes the claim back at its day: ("said" or "taken back", what stands there)."""
    found: list[tuple[str, Entry | Walkback]] = [("said", e) for e in entries]
    for walkback in walkbacks:
        day = timeline.days(walkback.said_at)
        at = next(
            (
                i
                for i, (_, other) in enumerate(found)
                if day is not None and ((span := timeline.days(other.said_at)) is None or span[0] > day[0])
            ),
            len(found),
        )
        found.insert(at, ("taken back", walkback))
    return found


def _by_publisher(claim: Claim) -> list[tuple[str, list]]:
    """Reviews by publisher, whoever reviewed last first, each one's newest first."""
    found: dict[str, list] = {}
    for review in claim.reviews:
        found.setdefault(review.publisher, []).append(review)
    return list(found.items())


def _wordings(claim: Claim, entries: list[Entry]) -> list[tuple[object, int]]:
    own = timeline.plain(claim.text)
    return [(o, n) for o, n in timeline.same_words(entries) if timeline.plain(o.quote) != own][:WORDINGS]


def _came_from(claim_id: int | None, changes: list[Rearrangement]) -> Rearrangement | None:
    """The merge that led a reader of the other claim's address here."""
    return next((c for c in changes if c.act == "merged" and c.other_id == claim_id and not c.undone_at), None)


def kept(wanted: Narrowing, **changed: str | int | None) -> dict[str, str | int]:
    """What stands in the address of the time line, with some of it changed."""
    return {name: value for name, value in (asdict(wanted) | changed).items() if value}


blueprint.add_app_template_global(kept, "trail_address")
