"""Measures of yes-or-no decisions and of rankings. All lie in 0..1, higher is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any


@dataclass(frozen=True)
class Guess:
    """What the product thinks of one row: ``id`` as it stands in the file, ``score`` 0..1, ``predicted`` 1 or 0."""

    id: Any
    score: float
    predicted: int


@dataclass(frozen=True)
class Decisions:
    """Of one class: precision, recall and their harmonic mean; 0 where there was nothing to divide by."""

    precision: float
    recall: float
    f1: float


def decisions(gold: Sequence[bool], predicted: Sequence[bool], positive: bool = True) -> Decisions:
    """How well the class ``positive`` is found."""
    right = sum(g == p == positive for g, p in zip(gold, predicted, strict=True))
    told, there = predicted.count(positive), gold.count(positive)
    return Decisions(
        round(right / told, 4) if told else 0.0,
        round(right / there, 4) if there else 0.0,
        round(2 * right / (told + there), 4) if right else 0.0,
    )


def macro_f1(gold: Sequence[bool], predicted: Sequence[bool]) -> float:
    """The mean F1 of both classes."""
    return round((decisions(gold, predicted).f1 + decisions(gold, predicted, positive=False).f1) / 2, 4)


def average_precision(gold: Sequence[bool], scores: Sequence[float]) -> float:
    """The mean, over right rows, of the precision at their rank; 0 when none is right.

    Rows of equal score share the last rank among them, so that the order of the file cannot help or harm.
    """
    ranked = sorted(zip(scores, gold, strict=True), key=lambda pair: -pair[0])
    above = right = 0
    total = 0.0
    for _, same in groupby(ranked, key=lambda pair: pair[0]):
        labels = [label for _, label in same]
        above += len(labels)
        right += sum(labels)
        total += sum(labels) * right / above
    return total / right if right else 0.0
