"""An article's words with what is known of each before any model reads it.

Beside the plain facts (quotation marks, capital letters, the edges of sentences) each word carries the first reading by the
rules of ``extraction/german.py`` and ``english.py``. The network learns how far to trust them (stacked generalisation, Wolpert 1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from factcheck.extraction.sentences import Sentence
from factcheck.extraction.utterance import Utterance
from factcheck.records import Kind

#: Values of each column of ``Words.features``.
FEATURES = {"read as": 7, "read role": 4, "marks": 4, "shape": 5, "edge": 4, "language": 2}
_KINDS = {Kind.DIRECT: 1, Kind.INDIRECT: 3, Kind.REPORTED: 5}


@dataclass(frozen=True)
class Words:
    """Words in text order. ``starts`` and ``ends`` are offsets; ``sentences`` and ``paragraphs`` number what a word stands in;
    ``features`` is int64 (words, features)."""

    starts: np.ndarray
    ends: np.ndarray
    sentences: np.ndarray
    paragraphs: np.ndarray
    features: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)

    def within(self, start: int, end: int) -> tuple[int, int]:
        """First word of a span of characters and the word after its last; equal when it holds none."""
        return int(np.searchsorted(self.ends, start, "right")), int(np.searchsorted(self.starts, end, "left"))

    def part(self, first: int, last: int) -> Words:
        return Words(*(column[first:last] for column in (self.starts, self.ends, self.sentences, self.paragraphs, self.features)))


def words_of(sentences: Sequence[Sentence], read: Sequence[Utterance], language: str) -> Words:
    """``read`` is the first reading by rules; ``language`` is "de" or another."""
    tokens = [t for s in sentences for t in s.tokens]
    words = Words(
        np.array([t.start for t in tokens], np.int64),
        np.array([t.end for t in tokens], np.int64),
        np.repeat(np.arange(len(sentences)), [len(s.tokens) for s in sentences]),
        np.repeat(np.array([s.paragraph for s in sentences], np.int64), [len(s.tokens) for s in sentences]),
        np.zeros((len(tokens), len(FEATURES)), np.int64),
    )
    column = {name: words.features[:, i] for i, name in enumerate(FEATURES)}
    for utterance in read:
        first, last = words.within(utterance.start, utterance.end)
        column["read as"][first:last] = _KINDS[utterance.kind] + 1
        column["read as"][first : min(first + 1, last)] = _KINDS[utterance.kind]
        for start, end in utterance.frame:
            a, b = words.within(start, end)
            column["read role"][a:b] = np.maximum(column["read role"][a:b], 1)
        if utterance.mention_start >= 0:
            a, b = words.within(utterance.mention_start, utterance.mention_start + len(utterance.mention))
            column["read role"][a:b] = 3
            column["read role"][a : min(a + 1, b)] = 2
    for sentence in sentences:
        for quote in sentence.quotes:
            first, last = words.within(quote.start, quote.end)
            column["marks"][first:last] = 2
            column["marks"][first : min(first + 1, last)] = 1
            column["marks"][max(first, last - 1) : last] = 3
    edges = np.flatnonzero(np.diff(words.sentences, prepend=-1))
    column["edge"][edges] = 1
    column["edge"][np.flatnonzero(np.diff(words.paragraphs, prepend=-1))] = 2
    column["edge"][np.array([i for s, i in zip(sentences, edges, strict=True) if s.heading], np.int64)] = 3
    column["shape"][:] = [_shape(t.text) for t in tokens]
    column["language"][:] = int(language == "de")
    return words


def _shape(word: str) -> int:
    if not word[0].isalnum():
        return 0
    if word[0].isdigit():
        return 1
    if word.isupper() and len(word) > 1:
        return 4
    return 2 if word[0].isupper() else 3
