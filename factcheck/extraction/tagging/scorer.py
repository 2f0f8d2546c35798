"""What is done with words' states, without torch: the tags of every word, and which spans belong to which quote. Same as ``network.Heads``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from factcheck.extraction.annotation import ROLES
from factcheck.extraction.tagging import labels
from factcheck.extraction.tagging.labels import TYPES, Span
from factcheck.extraction.tagging.pairs import FAR, pair_facts
from factcheck.extraction.tagging.words import Words

# Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: the error function to 1.5e-7.
_P, _A = 0.3275911, (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


class Scorer:
    """``matrices`` float32 by their names in ``network.Heads``. Raises KeyError when one is missing."""

    def __init__(self, matrices: Mapping[str, np.ndarray]) -> None:
        self._tags = {name: _linear(matrices, f"heads.{name}") for name in labels.HEADS}
        self._quote_side, self._between = _linear(matrices, "quote_side"), _linear(matrices, "between")
        self._types = matrices["type_side.weight"]
        self._role_side, self._score, self._nobody = (
            {role: _linear(matrices, f"{part}.{role}") for role in ROLES} for part in ("role_side", "score", "nobody")
        )
        self._distance = {role: matrices[f"distance.{role}.weight"] for role in ROLES}

    def tags(self, states: np.ndarray) -> dict[str, np.ndarray]:
        """Logits (words, tags) of each head."""
        return {name: _through(states, head) for name, head in self._tags.items()}

    def links(self, role: str, states: np.ndarray, words: Words, quotes: Sequence[Span], spans: Sequence[Span]) -> np.ndarray:
        """Scores (quotes, 1 + spans): that nothing, or each span, is the quote's ``role``; what is out of reach scores ``FAR``."""
        left = _through(_edges(states, quotes), self._quote_side) + self._types[[TYPES.index(q.type) for q in quotes]]
        nobody = _through(gelu(left), self._nobody[role])
        if not spans:
            return nobody
        right = _through(_edges(states, spans), self._role_side[role])
        buckets, facts, near = pair_facts(words, quotes, spans)
        scores = np.full(near.shape, FAR, np.float32)
        q, s = near.nonzero()
        pairs = left[q] + right[s] + self._distance[role][buckets[q, s]] + _through(facts[q, s], self._between)
        scores[q, s] = _through(np.concatenate([gelu(pairs), left[q] * right[s]], -1), self._score[role])[:, 0]
        return np.concatenate([nobody, scores], 1)


def gelu(values: np.ndarray) -> np.ndarray:
    """x times the share of a normal distribution below x."""
    t = 1 / (1 + _P * np.abs(values) * np.float32(2**-0.5))
    a, b, c, d, e = _A
    tail = ((((e * t + d) * t + c) * t + b) * t + a) * t * np.exp(-(values**2) / 2) / 2  # the share above |x|
    return values * np.where(values < 0, tail, 1 - tail)


def _linear(matrices: Mapping[str, np.ndarray], name: str) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(matrices[f"{name}.weight"].T), matrices[f"{name}.bias"]


def _through(values: np.ndarray, linear: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return values @ linear[0] + linear[1]


def _edges(states: np.ndarray, spans: Sequence[Span]) -> np.ndarray:
    return np.concatenate([states[[s.first for s in spans]], states[[s.last - 1 for s in spans]]], -1)
