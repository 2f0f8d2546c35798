"""Words -> windows for the encoder: at most 382 word pieces, evenly cut, overlapping, and where each word is read best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from factcheck.extraction.tagging.words import Words

PIECES = 382  # with the two marks around them 384; the encoder could take 512, at a third more time for each piece
SECTION = 6_000  # words read as one text; what is longer is cut between paragraphs, which quotes seldom cross
OVERLAP = 96  # pieces that two windows share at least, so that no word is read at an edge only


@dataclass(frozen=True)
class Window:
    """Words ``first`` to ``last``; of these, ``from_`` to ``to`` are read better here than in the windows beside it."""

    first: int
    last: int
    from_: int
    to: int


def cut(pieces: np.ndarray, most: int = PIECES, overlap: int = OVERLAP) -> list[Window]:
    """``pieces`` (words,) says how many pieces each word has; a word has no more than ``most - overlap``."""
    ends = np.cumsum(pieces)
    total = int(ends[-1]) if len(ends) else 0
    if total <= most:
        return [Window(0, len(pieces), 0, len(pieces))] if len(pieces) else []
    count = -(-(total - overlap) // (most - overlap))
    while True:
        windows = _even(ends, total, count, overlap)
        if all(int(pieces[a:b].sum()) <= most for a, b in windows):
            break
        count += 1
    middles = [0, *((windows[i][1] + windows[i + 1][0] + 1) // 2 for i in range(len(windows) - 1)), len(pieces)]
    return [Window(a, b, middles[i], middles[i + 1]) for i, (a, b) in enumerate(windows)]


def _even(ends: np.ndarray, total: int, count: int, overlap: int) -> list[tuple[int, int]]:
    length = (total + (count - 1) * overlap) / count
    starts = [i * (length - overlap) for i in range(count)]
    return [
        (int(np.searchsorted(ends, start, "right")), len(ends) if i == count - 1 else int(np.searchsorted(ends, start + length, "right")))
        for i, start in enumerate(starts)
    ]


def sections(words: Words) -> list[tuple[int, int]]:
    """(first word, word after the last) of stretches of at most ``SECTION`` words, cut where a paragraph ends if there is one."""
    found, first = [], 0
    while len(words) - first > SECTION:
        near = words.paragraphs[first + SECTION // 2 : first + SECTION + 1]
        ends = (near[1:] != near[:-1]).nonzero()[0]
        last = first + SECTION // 2 + 1 + int(ends[-1]) if len(ends) else first + SECTION
        found.append((first, last))
        first = last
    return [*found, (first, len(words))] if first < len(words) else found
