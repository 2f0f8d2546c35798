"""One list of results out of claims and past statements, narrowed and counted. Pure functions over hits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from factcheck.records import ClaimHit, Evidence, StatementHit

Hit = ClaimHit | StatementHit
ENOUGH_WORDS = 0.6  # share of the query's weighted words: a few typed words find what holds them, however unlike the sentence is


@dataclass(frozen=True)
class Row:
    """A result as the page shows it."""

    kind: str  # "claim" or "statement"
    hit: Hit
    score: float
    probability: float
    evidence: Evidence
    language: str
    speaker: str
    rating: str  # "" for statements
    wording: StatementHit | None = None  # a statement linked to this claim that is nearer to the query than the claim's own words


@dataclass(frozen=True)
class Results:
    found: tuple[Row, ...]  # best first
    near: tuple[Row, ...]  # the nearest misses, best first
    counts: dict[str, dict[str, int]]  # kind, language, rating, speaker -> value -> how many of ``found`` have it


def is_found(probability: float, evidence: Evidence, possible: float) -> bool:
    """False for what is only the nearest there is; ``possible`` is the newsroom's cut-off."""
    return probability >= possible or evidence.overlap >= ENOUGH_WORDS


def combine(
    claims: Sequence[ClaimHit],
    statements: Sequence[StatementHit],
    links: Mapping[int, int],
    *,
    possible: float,
    kind: str = "",
) -> Results:
    """Claims and statements in one order, by probability: their scores come from different rankings and do not compare.

    ``links`` is statement id -> id of the claim it was confirmed to make. Such a statement is a wording of its claim: it lends
    the claim its place in the list and stands in its row, unless only statements are asked for.
    """
    rows = [_claim_row(h) for h in claims]
    if kind != "statement":
        wordings = _wordings(statements, links, {h.claim.id for h in claims})
        rows = [_with_wording(r, wordings.get(r.hit.claim.id)) for r in rows]
        statements = [s for s in statements if links.get(s.statement.id) not in {h.claim.id for h in claims}]
    rows += [_statement_row(h) for h in statements]
    rows.sort(key=lambda r: (-r.probability, r.kind, -r.score))
    found = [r for r in rows if is_found(r.probability, r.evidence, possible)]
    counts = {field: _counts(getattr(r, field) for r in found) for field in ("kind", "language", "rating", "speaker")}
    return Results(
        found=tuple(r for r in found if kind in ("", r.kind)),
        near=tuple(r for r in rows if not is_found(r.probability, r.evidence, possible) and kind in ("", r.kind))[:3],
        counts=counts,
    )


def _wordings(statements: Sequence[StatementHit], links: Mapping[int, int], shown: set[int]) -> dict[int, StatementHit]:
    """Claim id -> the best statement linked to it."""
    best: dict[int, StatementHit] = {}
    for hit in statements:
        claim = links.get(hit.statement.id)
        if claim in shown and (claim not in best or hit.probability > best[claim].probability):
            best[claim] = hit
    return best


def _with_wording(row: Row, wording: StatementHit | None) -> Row:
    if wording is None or wording.probability <= row.probability:
        return row
    return replace(row, wording=wording, probability=wording.probability)


def _counts(values) -> dict[str, int]:
    counted = Counter(v for v in values if v)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _claim_row(hit: ClaimHit) -> Row:
    claim, candidate = hit.claim, hit.candidate
    return Row(
        "claim", hit, candidate.score, candidate.probability, candidate.evidence, claim.language, claim.speaker, str(claim.rating)
    )


def _statement_row(hit: StatementHit) -> Row:
    return Row("statement", hit, hit.score, hit.probability, hit.evidence, hit.article.language, hit.statement.speaker, "")
