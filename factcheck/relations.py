"""How a statement stands to a claim: same, related or contradicts, with the differences that say why.

A small softmax over features of the pair, trained by ``training/train_relations.py`` on our own labelled pairs; its weights lie
in ``factcheck/models/relations.json``. A number, date, place or name that differs makes a pair related, an opposite or a
negation on one side a contradiction. A wrong "same" costs an editor's trust, a missed one a click: what may contradict is held back.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from pathlib import Path

from factcheck.differences import CONTRADICTING, Comparison, Difference, compare, shared_words
from factcheck.errors import ModelUnavailable

SAME, RELATED, CONTRADICTS = "same", "related", "contradicts"
LABELS = (SAME, RELATED, CONTRADICTS)
WEIGHTS = Path(__file__).resolve().parent / "models" / "relations.json"
FEATURES = (
    "cosine", "cosine across", "plain cosine", "plain cosine across", "across", "overlap least", "overlap most", "number", "unit", "date", "place", "name", "shared numbers",
    "left out numbers", "shared names", "turned", "turned and hints", "hints", "undone", "swapped", "opposed", "agreed", "both negated",
    "turned and differing", "turned overlap", "turned cosine",
)  # fmt: skip


def predict(statement: str, claim: str, cosine: float, plain: float) -> tuple[str, tuple[Difference, ...]]:
    """(same, related or contradicts; the differences found).

    ``cosine`` is that of the statement as a query and the claim as a passage, ``plain`` that of both as passages: the first is
    trained to bring together what is about the same thing, the second has not been and tells wording apart better.
    """
    chances = probabilities(statement, claim, cosine, plain)
    return max(LABELS, key=chances.__getitem__), compare(statement, claim).differences


def probabilities(statement: str, claim: str, cosine: float, plain: float) -> dict[str, float]:
    """Label -> probability, adding to 1. That of "same" is 0 where one text is seen to turn the other, or where the chance that
    they contradict each other is above a bound that holds back all contradictions of the training pairs."""
    chances = raw_probabilities(statement, claim, cosine, plain)
    if compare(statement, claim).polarity.contradicting or chances[CONTRADICTS] > _stored()[1]:
        rest = chances[RELATED] + chances[CONTRADICTS]
        return {SAME: 0.0, RELATED: chances[RELATED] / rest, CONTRADICTS: chances[CONTRADICTS] / rest}
    return chances


def raw_probabilities(statement: str, claim: str, cosine: float, plain: float) -> dict[str, float]:
    """The same before a contradiction is ruled out to be the same."""
    return _chances(features(statement, claim, cosine, plain))


def features(statement: str, claim: str, cosine: float, plain: float) -> list[float]:
    """The values of ``FEATURES`` for a pair, each about -1..1."""
    found: Comparison = compare(statement, claim)
    kinds = {d.kind for d in found.differences}
    left, right = shared_words(statement, claim)
    across = float(max(left, right) < 0.15)
    near = (cosine - 0.25) * 5  # queries and claims lie at 0.1 to 0.5, whatever they have to do with each other
    worded = (plain - 0.87) * 10  # most texts lie at 0.8 to 0.95
    polarity = found.polarity
    turned, hints = polarity.turned, polarity.hints
    undone = not turned and (polarity.negated or bool(polarity.opposed) or bool(polarity.swapped))
    return [
        near, near * across, worded, worded * across, across, min(left, right), max(left, right),
        *(float(kind in kinds) for kind in ("number", "unit", "date", "place", "name")),
        min(found.shared_numbers, 2) / 2, min(found.unmatched_numbers, 3) / 3, min(found.shared_names, 3) / 3,
        float(turned and not hints), float(turned and hints), float(hints and not turned), float(undone), float(bool(polarity.swapped)),
        float(bool(polarity.opposed)), min(polarity.agreed, 3) / 3, float(all(polarity.negations)),
        float(turned and bool(kinds - CONTRADICTING)),
        turned * max(left, right), turned * near,
    ]  # fmt: skip


def _chances(values: list[float]) -> dict[str, float]:
    weights = _stored()[0]
    scores = {label: weights[label][0] + sum(w * v for w, v in zip(weights[label][1:], values, strict=True)) for label in LABELS}
    top = max(scores.values())
    powers = {label: math.exp(score - top) for label, score in scores.items()}
    total = sum(powers.values())
    return {label: power / total for label, power in powers.items()}


@lru_cache(maxsize=1)
def _stored() -> tuple[dict[str, list[float]], float]:
    """(weights of each label, the bound on the chance of a contradiction above which nothing is called the same)."""
    try:
        stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
        if stored["features"] != list(FEATURES):
            raise ValueError("made for other features")
        return {label: [float(w) for w in stored["weights"][label]] for label in LABELS}, float(stored["contradiction_bound"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{WEIGHTS.name} is missing or damaged ({error}). Restore {WEIGHTS} from the release.") from None
