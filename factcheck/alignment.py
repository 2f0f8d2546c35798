"""Which words of two texts say the same, also across languages: pairs of words that are each other's nearest."""

from __future__ import annotations

import numpy as np

from factcheck.words import STOP_WORDS, fold

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
    """Two numbers in digits must be the same: "24" and "48" are near in every model and opposite in every dispute."""
    both = left[0].isdigit() and right[0].isdigit()
    return not both or _digits(left) == _digits(right)


def _digits(number: str) -> str:
    return "".join(c for c in fold(number) if c.isdigit())
