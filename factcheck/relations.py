"""How a statement stands to a claim: same, related or contradicts, with the differences that say why.

A small softmax over features of the pair, trained by ``training/train_relations.py`` on our own labelled pairs; its weights lie
in ``factcheck/models/relations.json``. A number, date, place or name that differs makes a pair related, an opposite or a
negation on one side a contradiction; a pair with a contradiction in it is never called the same.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from pathlib import Path

from factcheck.differences import NEGATION, Comparison, Difference, compare, shared_words
from factcheck.errors import ModelUnavailable

SAME, RELATED, CONTRADICTS = "same", "related", "contradicts"
LABELS = (SAME, RELATED, CONTRADICTS)
WEIGHTS = Path(__file__).resolve().parent / "models" / "relations.json"
FEATURES = (
    "cosine", "cosine across", "plain cosine", "plain cosine across", "across", "overlap least", "overlap most", "number", "unit", "date", "place", "name", "shared numbers",
    "left out numbers", "shared names", "negated", "opposed", "both", "agreed", "contradicted overlap", "contradicted cosine",
)  # fmt: skip


def predict(statement: str, claim: str, cosine: float, plain: float) -> tuple[str, tuple[Difference, ...]]:
    """(same, related or contradicts; the differences found).

    ``cosine`` is that of the statement as a query and the claim as a passage, ``plain`` that of both as passages: the first is
    trained to bring together what is about the same thing, the second has not been and tells wording apart better.
    """
    comparison = compare(statement, claim)
    chances = probabilities(statement, claim, cosine, plain)
    if any(d.kind == NEGATION for d in comparison.differences):
        chances[SAME] = 0.0
    return max(LABELS, key=chances.__getitem__), comparison.differences


def probabilities(statement: str, claim: str, cosine: float, plain: float) -> dict[str, float]:
    """Label -> probability, adding to 1."""
    return _chances(features(statement, claim, cosine, plain))


def features(statement: str, claim: str, cosine: float, plain: float) -> list[float]:
    """The values of ``FEATURES`` for a pair, each about -1..1."""
    found: Comparison = compare(statement, claim)
    kinds = {d.kind for d in found.differences}
    left, right = shared_words(statement, claim)
    across = float(max(left, right) < 0.15)
    near = (cosine - 0.25) * 5  # queries and claims lie at 0.1 to 0.5, whatever they have to do with each other
    worded = (plain - 0.87) * 10  # most texts lie at 0.8 to 0.95
    contradicted = float(found.negated != bool(found.opposed))
    return [
        near, near * across, worded, worded * across, across, min(left, right), max(left, right),
        *(float(kind in kinds) for kind in ("number", "unit", "date", "place", "name")),
        min(found.shared_numbers, 2) / 2, min(found.unmatched_numbers, 3) / 3, min(found.shared_names, 3) / 3,
        float(found.negated and not found.opposed), float(bool(found.opposed) and not found.negated),
        float(found.negated and bool(found.opposed)), min(found.agreed, 3) / 3,
        contradicted * max(left, right), contradicted * near,
    ]  # fmt: skip


def _chances(values: list[float]) -> dict[str, float]:
    weights = _weights()
    scores = {label: weights[label][0] + sum(w * v for w, v in zip(weights[label][1:], values, strict=True)) for label in LABELS}
    top = max(scores.values())
    powers = {label: math.exp(score - top) for label, score in scores.items()}
    total = sum(powers.values())
    return {label: power / total for label, power in powers.items()}


@lru_cache(maxsize=1)
def _weights() -> dict[str, list[float]]:
    try:
        stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
        if stored["features"] != list(FEATURES):
            raise ValueError("made for other features")
        return {label: [float(w) for w in stored["weights"][label]] for label in LABELS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{WEIGHTS.name} is missing or damaged ({error}). Restore {WEIGHTS} from the release.") from None
