"""A quote and what may belong to it: how far apart they stand and what stands between. And the sizes of the network that judges it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from factcheck.extraction.tagging.labels import Span
from factcheck.extraction.tagging.words import Words

LAYERS = (6, 7, 8, 9, 10)  # of the encoder, from 1; those above are not computed
DEPTH = max(LAYERS)
HIDDEN = 128
STATES = 2 * HIDDEN + HIDDEN  # numbers that stand for a word when everything around it was read
DISTANCES = (-200, -100, -60, -40, -25, -15, -10, -6, -3, -2, -1, 0, 1, 2, 3, 6, 10, 15, 25, 40, 60, 100, 200)
REACH = 250  # words between a quote and what may belong to it
FAR = -1e4  # score of what is out of reach


def pair_facts(words: Words, quotes: Sequence[Span], spans: Sequence[Span]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each quote and span: the bucket of their signed distance in words int64, six facts float32 (quotes, spans, 6): same sentence, same
    paragraph, sentences apart / 5, other quotes between / 3, the span inside the quote, first span of its sentence; and whether within
    ``REACH``."""
    q_first, q_last = np.array([q.first for q in quotes])[:, None], np.array([q.last for q in quotes])[:, None]
    s_first, s_last = np.array([s.first for s in spans])[None], np.array([s.last for s in spans])[None]
    inside = (s_first >= q_first) & (s_last <= q_last)
    gap = np.where(s_first >= q_last, s_first - q_last + 1, np.where(s_last <= q_first, s_last - q_first - 1, 0))
    buckets = np.searchsorted(np.array(DISTANCES), gap, "right")
    apart = words.sentences[s_first] - np.where(gap < 0, words.sentences[q_first], words.sentences[q_last - 1])
    paragraphs = words.paragraphs[s_first] == words.paragraphs[q_first]
    middles = np.sort((q_first + q_last)[:, 0] / 2)
    low, high = np.minimum((q_first + q_last) / 2, (s_first + s_last) / 2), np.maximum((q_first + q_last) / 2, (s_first + s_last) / 2)
    between = np.searchsorted(middles, high.ravel(), "left") - np.searchsorted(middles, low.ravel(), "right")
    opening = np.concatenate([[True], np.diff(words.sentences[s_first[0]]) != 0]) if s_first.size else np.zeros(0, bool)
    facts = np.stack(
        [
            apart == 0, paragraphs, np.clip(apart / 5, -1, 1), np.minimum(between.reshape(gap.shape), 6) / 3, inside,
            np.broadcast_to(opening[None], gap.shape),
        ],
        -1,
    ).astype(np.float32)  # fmt: skip
    return buckets, facts, np.abs(gap) <= REACH
