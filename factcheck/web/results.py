"""One list of results out of claims and past statements, narrowed and counted. Pure functions over hits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from factcheck.ranking import POSSIBLE
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


@dataclass(frozen=True)
class Results:
    found: tuple[Row, ...]  # best first
    near: tuple[Row, ...]  # the nearest misses, best first
    counts: dict[str, dict[str, int]]  # kind, language, rating, speaker -> value -> how many of ``found`` have it


def is_found(probability: float, evidence: Evidence) -> bool:
    """False for what is only the nearest there is."""
    return probability >= POSSIBLE or evidence.overlap >= ENOUGH_WORDS


def combine(claims: Sequence[ClaimHit], statements: Sequence[StatementHit], *, kind: str = "") -> Results:
    """Claims and statements in one order. The two lists come from the same query and the same ranking, so scores compare."""
    rows = [_claim_row(h) for h in claims] + [_statement_row(h) for h in statements]
    rows.sort(key=lambda r: (-r.score, r.kind))
    found = [r for r in rows if is_found(r.probability, r.evidence)]
    counts = {field: _counts(getattr(r, field) for r in found) for field in ("kind", "language", "rating", "speaker")}
    return Results(
        found=tuple(r for r in found if kind in ("", r.kind)),
        near=tuple(r for r in rows if not is_found(r.probability, r.evidence) and kind in ("", r.kind))[:3],
        counts=counts,
    )


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
