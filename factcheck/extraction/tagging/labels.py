"""Spans <-> tags. Each head writes one tag to each word: outside, begins, inside, or goes on with the span before it.

"Goes on" joins what other words interrupt, as in „Wir kommen“, sagte er, „aber spät“, or "teilte ... mit". Direct quotes have a head of
their own because they often lie within others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from factcheck.extraction.annotation import ROLES

DIRECT, INDIRECT, REPORTED, FREE, FREE_OR_INDIRECT = TYPES = ("Direct", "Indirect", "Reported", "FreeIndirect", "IndirectFreeIndirect")
SPOKEN = "spoken"  # the head of all quotes but direct ones
SPOKEN_TYPES = (INDIRECT, REPORTED, FREE, FREE_OR_INDIRECT)
#: Types of each head; its tags are 0 outside, then for type t: 1+3t begins, 2+3t inside, 3+3t goes on.
HEADS: dict[str, tuple[str, ...]] = {DIRECT: (DIRECT,), SPOKEN: SPOKEN_TYPES, **{role: (role,) for role in ROLES}}


@dataclass(frozen=True)
class Span:
    """``parts`` are (first word, word after the last), in order."""

    type: str
    parts: tuple[tuple[int, int], ...]
    sureness: float = 1.0

    @property
    def first(self) -> int:
        return self.parts[0][0]

    @property
    def last(self) -> int:
        return self.parts[-1][1]


def tags(head: str) -> int:
    """How many tags a head has."""
    return 1 + 3 * len(HEADS[head])


def write(head: str, spans: Sequence[Span], count: int) -> np.ndarray:
    """Tags int64 (count,) of a head for its spans; where two overlap the longer one is written, as far as it can be."""
    row = np.zeros(count, np.int64)
    for span in sorted(spans, key=lambda s: -sum(b - a for a, b in s.parts)):
        base = 1 + 3 * HEADS[head].index(span.type)
        if any(row[a:b].any() for a, b in span.parts):
            continue
        for number, (a, b) in enumerate(span.parts):
            row[a:b] = base + 1
            row[a] = base if number == 0 else base + 2
    return row


def read(head: str, logits: np.ndarray, begin_cost: float = 0.0) -> list[Span]:
    """The spans of the best allowed row of tags (Viterbi), in text order. ``logits`` float (words, tags); ``begin_cost`` makes every span
    dearer by that much in log probability.
    """
    if not len(logits):
        return []
    scores = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    row = scores.argmax(1)
    if begin_cost or not _is_allowed(row):  # else the best tag of each word is the best row too, and nothing has to be searched
        row = _best_row(scores, begin_cost)
    found: list[tuple[str, list[tuple[int, int]], list[float]]] = []
    open_ = False
    for place, tag in enumerate(map(int, row)):
        if tag == 0:
            open_ = False
            continue
        type_, what, sure = HEADS[head][(tag - 1) // 3], (tag - 1) % 3, float(np.exp(scores[place, tag]))
        if what == 1 and open_:
            type_, parts, sureness = found[-1]
            parts[-1] = (parts[-1][0], place + 1)
            sureness.append(sure)
        elif what == 2 and found:
            found[-1][1].append((place, place + 1))
            found[-1][2].append(sure)
        else:
            found.append((type_, [(place, place + 1)], [sure]))
        open_ = True
    return [Span(t, tuple(parts), float(np.mean(sure))) for t, parts, sure in found]


def _is_allowed(row: np.ndarray) -> bool:
    """Whether every "inside" follows a tag of its own type."""
    inside = np.flatnonzero((row > 0) & ((row - 1) % 3 == 1))
    before = np.where(inside > 0, row[inside - 1], 0)
    return bool((np.abs(before - row[inside]) <= 1).all() and (before > 0).all()) if len(inside) else True


def _best_row(scores: np.ndarray, begin_cost: float) -> list[int]:
    """Viterbi over what may follow what: "inside" only after its own type."""
    count = scores.shape[1]
    allowed = np.zeros((count, count))
    for tag in range(1, count):
        if (tag - 1) % 3 == 1:
            allowed[:, tag] = -1e9
            allowed[tag - 1 : tag + 2, tag] = 0.0
        elif (tag - 1) % 3 == 0:
            allowed[:, tag] = -begin_cost
    entry = allowed[0].copy()
    best = scores[0] + entry
    came: list[np.ndarray] = []
    for row in scores[1:]:
        paths = best[:, None] + allowed
        choice = paths.argmax(0)
        came.append(choice)
        best = paths[choice, np.arange(count)] + row
    tag = int(best.argmax())
    path = [tag]
    for choice in reversed(came):
        tag = int(choice[tag])
        path.append(tag)
    return path[::-1]
