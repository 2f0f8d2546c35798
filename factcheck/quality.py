"""How right the suggestions were: editors' decisions by probability, language and month. Pure functions over outcomes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from factcheck.records import Outcome, Relation

BANDS = 10  # equally wide bands of probability


@dataclass(frozen=True)
class Band:
    """Suggestions in one band of probability: ``low`` to ``high``; ``right`` of ``shown`` were confirmed as the same."""

    low: float
    high: float
    shown: int
    right: int
    mean: float  # of the probabilities shown

    @property
    def precision(self) -> float | None:
        return self.right / self.shown if self.shown else None


@dataclass(frozen=True)
class Share:
    """How many of the suggestions with one language, or in one month, were right."""

    name: str
    shown: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.shown


@dataclass(frozen=True)
class Quality:
    decisions: int
    bands: tuple[Band, ...]  # from 0 to 1, empty ones included
    calibration_error: float | None  # expected calibration error over the bands, 0..1; None without decisions
    by_language: tuple[Share, ...]  # most decisions first
    by_month: tuple[Share, ...]  # oldest first
    rejected: tuple[tuple[int, int], ...]  # (claim id, times rejected), most often first


def assess(outcomes: Sequence[Outcome], most: int = 10) -> Quality:
    """Precision of what was suggested. "Right" is a decision "same"; related, opposite and not a match are not."""
    return Quality(
        decisions=len(outcomes),
        bands=bands([o.probability for o in outcomes], [_right(o) for o in outcomes]),
        calibration_error=calibration_error([o.probability for o in outcomes], [_right(o) for o in outcomes]) if outcomes else None,
        by_language=tuple(sorted(_shares((o.language or "?", _right(o)) for o in outcomes), key=lambda s: (-s.shown, s.name))),
        by_month=tuple(sorted(_shares((o.at[:7], _right(o)) for o in outcomes), key=lambda s: s.name)),
        rejected=tuple(Counter(o.claim_id for o in outcomes if o.relation is Relation.NOT_A_MATCH).most_common(most)),
    )


def bands(probabilities: Sequence[float], right: Sequence[bool]) -> tuple[Band, ...]:
    """The reliability table: in each band, how many were right against the mean probability shown."""
    inside: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for p, r in zip(probabilities, right, strict=True):
        inside[min(int(p * BANDS), BANDS - 1)].append((p, r))
    return tuple(
        Band(
            low=b / BANDS,
            high=(b + 1) / BANDS,
            shown=len(inside[b]),
            right=sum(r for _, r in inside[b]),
            mean=sum(p for p, _ in inside[b]) / len(inside[b]) if inside[b] else (b + 0.5) / BANDS,
        )
        for b in range(BANDS)
    )


def calibration_error(probabilities: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error over equally wide bands, 0..1, lower is better (Naeini et al. 2015)."""
    found = bands(probabilities, right)
    return sum(abs(b.right - b.mean * b.shown) for b in found) / len(probabilities)


def precision_from(probabilities: Sequence[float], right: Sequence[bool], cutoff: float) -> tuple[int, int]:
    """(right, shown) of all suggestions at or above a cut-off: what the cut-off means."""
    kept = [r for p, r in zip(probabilities, right, strict=True) if p >= cutoff]
    return sum(kept), len(kept)


def _right(outcome: Outcome) -> bool:
    return outcome.relation is Relation.SAME


def _shares(pairs: Iterable[tuple[str, bool]]) -> list[Share]:
    counted: dict[str, list[bool]] = defaultdict(list)
    for name, right in pairs:
        counted[name].append(right)
    return [Share(name, len(rights), sum(rights)) for name, rights in counted.items()]
