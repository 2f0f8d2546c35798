"""What a line's place in a debate says about it: who speaks, how long, what stands around it.

Fact-checkers pick few lines of a debate, and not by their words alone: those of who stands for election, seldom those of who
asks; those in longer turns; those among other lines that can be checked.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from factcheck.extraction.scored import ScoredText

CONTEXT = (
    "own", "line before", "line after", "second before", "second after", "as a comment", "as a comment before",
    "as a comment after", "share of lines", "place", "begins a turn", "place in turn", "length of turn", "share of questions",
    "stage direction", "words", "own by words",
)  # fmt: skip


def context(lines: Sequence[ScoredText], own: np.ndarray, comment: np.ndarray) -> np.ndarray:
    """float32 (lines, len(CONTEXT)) for the lines of one debate in their order.

    ``own`` and ``comment`` are the log odds of the heads for single sentences and for comments.
    """
    count = len(lines)
    speakers = [line.speaker for line in lines]
    begins = np.array([i == 0 or speakers[i] != speakers[i - 1] for i in range(count)])
    turn = np.cumsum(begins) - 1
    length = np.bincount(turn)[turn] if count else np.zeros(0)
    in_turn = np.arange(count) - np.flatnonzero(begins)[turn] if count else np.zeros(0)
    questions = np.array(["?" in line.text for line in lines], float)
    share, asked = np.zeros(count), np.zeros(count)
    for speaker in set(speakers):
        at = np.array([s == speaker for s in speakers])
        share[at], asked[at] = at.mean(), questions[at].mean()
    directions = np.array([s in {"SYSTEM", "AUDIENCE"} or "(" in s for s in speakers], float)
    words = np.log1p([len(line.text.split()) for line in lines])
    columns = (
        own, _shifted(own, -1), _shifted(own, 1), _shifted(own, -2), _shifted(own, 2), comment, _shifted(comment, -1),
        _shifted(comment, 1), share, np.arange(count) / max(count, 1), begins, np.minimum(in_turn, 10), np.log1p(length), asked,
        directions, words, own * words,
    )  # fmt: skip
    return np.column_stack(columns).astype(np.float32)


def _shifted(values: np.ndarray, by: int) -> np.ndarray:
    """The value of the line ``by`` places on, 0 beyond the debate's ends."""
    out = np.zeros_like(values)
    if by < 0:
        out[-by:] = values[:by]
    else:
        out[:-by] = values[by:]
    return out
