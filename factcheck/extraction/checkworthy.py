"""How much a statement calls for checking, 0..1: linear heads on the encoder's word states and on signals that can be named.

A German text is read by the head trained on German comments (GermEval 2021, subtask 3; a tenth of the English head is in it), an
English one by the head trained on English debate sentences (ClaimBuster), any other by both. Lines of a debate or another
transcript are put in order by a third head, trained on what fact-checkers picked from debates (CheckThat! 2019 task 1), which
also looks at the lines around; its values are brought to the range that the English head gives debates, so that one cut-off
serves all. ``training/train_checkworthy.py``.

``score`` knows the signals only, for encoders that the heads were not trained on. Its weights: logistic regression on both
sets, classes balanced; fitted on half of each and judged on the other half before they were fitted on all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from factcheck.extraction import debating
from factcheck.extraction.scored import ScoredText
from factcheck.extraction.signals import NAMES, signals
from factcheck.extraction.states import apply, chance, heads, states

if TYPE_CHECKING:
    from factcheck.embed import Encoder

WORTHY = 0.43  # from here on a score says "check this": the best cut-off for both languages together, cross-validated

_BIAS = -1.65
_WEIGHTS = (1.87, 0.9, 0.81, 0.69, 1.37, 0.35, 0.4, 0.98, -0.53, -0.31, -0.78, -0.69, -0.64, -0.35, 0.15)


def score(text: str, language: str) -> float:
    """0..1, higher calls more for a check."""
    value = _BIAS + sum(weight * signal for weight, signal in zip(_WEIGHTS, signals(text, language), strict=True))
    return 1 / (1 + math.exp(-value))


def scores(rows: Sequence[ScoredText], encoder: Encoder | None = None) -> list[float]:
    """The score of each row, 0..1, in order. Rows with a speaker and a source are lines of a debate."""
    found = states(encoder, [row.text for row in rows])
    if found is None:
        return [score(row.text, row.language) for row in rows]
    return [round(float(value), 4) for value in chance(odds(rows, found))]


def odds(rows: Sequence[ScoredText], found: np.ndarray) -> np.ndarray:
    """Log odds of each row from its states (rows, 768)."""
    weights = heads("checkworthy")
    seen = surface(rows)
    values = np.hstack([found, seen])
    english, german = apply(weights["en"], values), apply(weights["de"], values)
    result = np.array(
        [{"de": d, "en": e}.get(row.language, (d + e) / 2) for row, d, e in zip(rows, german, english, strict=True)], np.float32
    )
    debates: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        if row.source and row.speaker:
            debates.setdefault(row.source, []).append(at)
    for at in debates.values():
        around = debating.context([rows[i] for i in at], english[at], german[at])
        result[at] = apply(weights["debate"], np.hstack([values[at], around]))
    return result


def surface(rows: Sequence[ScoredText]) -> np.ndarray:
    """float32 (rows, len(NAMES) + 1): the signals of each row and the logarithm of its number of words."""
    lines = [(*signals(row.text, row.language), math.log1p(len(row.text[:2_000].split()))) for row in rows]
    return np.array(lines, np.float32).reshape(len(rows), len(NAMES) + 1)
