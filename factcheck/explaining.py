"""Why a hit was proposed, beyond its numbers: the words of both texts that say the same, also across languages, and what differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from factcheck.alignment import align
from factcheck.differences import differences
from factcheck.embed import Encoder
from factcheck.records import ClaimHit, Evidence, StatementHit


def explain_claims(encoder: Encoder, text: str, hits: Sequence[ClaimHit]) -> list[ClaimHit]:
    """The hits in their order, each with ``evidence.aligned`` and ``differences`` between ``text`` and the claim's text; those that have them unchanged."""
    found = _aligned(encoder, text, [(h.claim.text, h.candidate.evidence) for h in hits])
    return [
        h if e is h.candidate.evidence else replace(h, candidate=replace(h.candidate, evidence=e))
        for h, e in zip(hits, found, strict=True)
    ]


def explain_statements(encoder: Encoder, text: str, hits: Sequence[StatementHit]) -> list[StatementHit]:
    """The same for past statements."""
    found = _aligned(encoder, text, [(h.statement.text, h.evidence) for h in hits])
    return [h if e is h.evidence else replace(h, evidence=e) for h, e in zip(hits, found, strict=True)]


def _aligned(encoder: Encoder, text: str, others: Sequence[tuple[str, Evidence]]) -> Iterable[Evidence]:
    missing = [other for other, evidence in others if not evidence.aligned]
    if not missing:
        return [evidence for _, evidence in others]
    own, *theirs = encoder.encode_words([text, *missing])
    words = dict(zip(missing, theirs, strict=True))
    return [
        evidence
        if evidence.aligned
        else replace(evidence, aligned=_pairs(text, own, other, words[other]), differences=_differences(text, other))
        for other, evidence in others
    ]


def _differences(text: str, other: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((d.kind, d.statement, d.claim) for d in differences(text, other))


def _pairs(text: str, own, other: str, theirs) -> tuple[tuple[int, int, int, int], ...]:
    return tuple((*a, *b) for a, b in align(text, own.spans, own.vectors, other, theirs.spans, theirs.vectors))
