"""Which words of two texts say the same, also across languages: pairs of words that are each other's nearest."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from factcheck.quantities import numbers_in
from factcheck.words import STOP_WORDS

LEAST = 0.40  # cosine of centred word vectors; below it pairs are chance ("sei" and "has" had .10, "beenden" and "end" .42)

Span = tuple[int, int]


def align(
    left: str, left_spans: tuple[Span, ...], left_vectors: np.ndarray, right: str, right_spans: tuple[Span, ...], right_vectors: np.ndarray
) -> tuple[tuple[Span, Span], ...]:
    """Pairs of (span in ``left``, span in ``right``) in the order of ``left``.

    A pair is kept when each is the other's nearest word, near enough, and neither a function word; numbers only pair with
    what may be the same number. The mean over both texts is taken off first, since all words of a sentence share much.
    """
    if not len(left_spans) or not len(right_spans):
        return ()
    centre = np.concatenate([left_vectors, right_vectors]).mean(0)
    cosines = _unit(left_vectors - centre) @ _unit(right_vectors - centre).T
    nearest, back = cosines.argmax(1), cosines.argmax(0)
    pairs = []
    for i, j in enumerate(nearest.tolist()):
        a, b = left[slice(*left_spans[i])], right[slice(*right_spans[j])]
        if back[j] == i and cosines[i, j] >= LEAST and _tells(a) and _tells(b) and _may_pair(a, b):
            pairs.append((left_spans[i], right_spans[j]))
    return tuple(pairs)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _tells(word: str) -> bool:
    return word.lower() not in STOP_WORDS


def _may_pair(left: str, right: str) -> bool:
    """Numbers, dates and units only pair with their like: "six" and "24", "hours" and "months" are near in every model and
    opposite in every dispute."""
    a, b = _measure(left), _measure(right)
    return a == b or (None in (a, b) and (a or b)[0] != "number")


@lru_cache(maxsize=1024)
def _measure(word: str) -> tuple[str, object] | None:
    """What a word counts or measures by itself: ("number", 24.0), ("date", "2024"), ("duration", 48.0) for "days"; else None."""
    found = numbers_in(word)
    if found.dates:
        return "number", found.dates[0].value
    if found.quantities:
        return "number", found.quantities[0].value
    unit = numbers_in(f"2 {word}").quantities
    return (unit[0].kind, unit[0].value) if unit and unit[0].kind != "count" else None
