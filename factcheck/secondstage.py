"""The second stage of ranking: the hundred best candidates put in order by what they have to do with the statement.

A linear score over ``pairfeatures.FEATURES``, trained to put the right claim first among a query's candidates, and from it the
probability of "same claim". How far a candidate stands ahead of the others counts for it only as far as it is near by itself: in a
small collection something always stands far ahead, and that alone must not make it look like a match. Both are trained by
``training/train_ranking.py``; the weights lie in ``factcheck/models/ranking.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from factcheck.errors import ModelUnavailable
from factcheck.pairfeatures import FEATURES, Asked, Found, Offered, features
from factcheck.quantities import is_german
from factcheck.ranking import Signals

WEIGHTS = Path(__file__).resolve().parent / "models" / "ranking.json"
TIMES = 2  # the last features, which tell how soon after the statement the claim was checked
KEPT = 100  # candidates that reach the second stage
CHANCE_FEATURES = ("score", "cosine", "plain cosine", "across", "speaker known", "ahead if near", "checked within months if near")


@dataclass(frozen=True)
class Judged:
    """A candidate's score, comparable within its query only, and its probability of being the same claim, 0..1."""

    score: float
    probability: float


def rough_order(
    found: Sequence[Signals],
    with_speaker: Mapping[int, float],
    in_context: Mapping[int, float],
    plain: Mapping[int, float],
    words_in_context: Mapping[int, float],
    most: int | None = None,
) -> list[tuple[Signals, Found]]:
    """The ``most`` best candidates (all) by their rough score, best first, ties by id. The mappings hold, by id, the cosines of the query's other
    two forms and of the query as a passage, and the keyword scores of the query with its neighbours.

    The rough score decides who reaches the second stage: the best cosine, and shares of the best keyword scores.
    """
    cosine = np.array([s.cosine for s in found])
    spoken = np.array([with_speaker.get(s.object_id, s.cosine) for s in found])
    context = np.array([in_context.get(s.object_id, s.cosine) for s in found])
    words = _shares([s.words or 0.0 for s in found])
    parts = _shares([s.parts or 0.0 for s in found])
    near_words = np.array([words_in_context.get(s.object_id, 0.0) for s in found]) / (max(words_in_context.values(), default=0.0) or 1.0)
    scores = 10 * np.maximum(np.maximum(cosine, spoken - 0.01), context - 0.01) + 0.9 * words + 0.2 * parts + 0.4 * near_words
    order = np.lexsort(([s.object_id for s in found], -scores))[:most]
    values = np.array([cosine, spoken, context, words, parts, near_words]).T[order].tolist()
    best = [(found[place], *of_one) for place, of_one in zip(order.tolist(), values, strict=True)]
    return [
        (s, Found(c, sp, ctx, plain.get(s.object_id, 0.0), words=w, parts=pt, words_in_context=nw, place=s.vector_rank)) for s, c, sp, ctx, w, pt, nw in best
    ]


def _shares(values: Sequence[float]) -> np.ndarray:
    return np.array(values, dtype=float) / (max(values, default=0.0) or 1.0)


def judge(asked: Asked, candidates: Sequence[tuple[Offered, Found]]) -> list[Judged]:
    """Score and probability of each candidate, in the order given. 30 ms or less for 100 candidates."""
    weights = _weights()
    if not candidates:
        return []
    rows = features(asked, candidates)
    scores = rows @ weights.order
    timeless = scores - rows[:, -TIMES:] @ weights.order[-TIMES:]
    german = is_german(asked.text)
    values = [
        chance_features(score, before, found, german != is_german(offered.text), bool(asked.speaker), soon)
        for score, before, (offered, found), soon in zip(timeless.tolist(), lead(scores.tolist()), candidates, rows[:, -1].tolist(), strict=True)
    ]
    z = weights.chance[0] + np.array(values) @ weights.chance[1:]
    chances = np.clip(1 / (1 + np.exp(-np.clip(z, -30.0, 30.0))), 0.0001, 0.9999)
    return [Judged(score, p) for score, p in zip(scores.tolist(), chances.tolist(), strict=True)]


def lead(scores: Sequence[float]) -> list[float]:
    """How far each candidate stands ahead of the best other one (behind: negative), capped at three either way."""
    best, second = sorted([*scores, min(scores) - 5.0], reverse=True)[:2]
    return [max(-3.0, min(3.0, score - (second if score == best else best))) for score in scores]


def chance_features(timeless: float, ahead: float, found: Found, across: bool, speaker: bool, soon: float) -> list[float]:
    """The values of ``CHANCE_FEATURES``; a cosine of .1 or less is not near at all, .4 and more is as near as can be.

    ``timeless`` is the score without what the dates add, since a statement whose claim was checked long ago must not look less likely
    than one without a date; ``soon`` is the last of the features, and counts as the lead does: where every claim is of this week it tells nothing.
    """
    cosine = max(found.cosine, found.with_speaker, found.in_context)
    nearness = max(0.0, min(1.0, (cosine - 0.1) / 0.3))
    return [timeless / 10, (cosine - 0.3) * 10, (found.plain - 0.85) * 10, float(across), float(speaker), ahead * nearness, soon * nearness]


@dataclass(frozen=True, eq=False)
class _Weights:
    order: np.ndarray
    chance: np.ndarray


@lru_cache(maxsize=1)
def _weights() -> _Weights:
    try:
        stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
        if stored["features"] != list(FEATURES) or stored["chance features"] != list(CHANCE_FEATURES):
            raise ValueError("made for other features")
        return _Weights(np.array(stored["order"], dtype=float), np.array(stored["chance"], dtype=float))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{WEIGHTS.name} is missing or damaged ({error}). Restore {WEIGHTS} from the release.") from None
