"""The trained reading in use: a text's words -> annotations, in memory that does not grow with the text. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from factcheck.extraction.annotation import Annotation
from factcheck.extraction.tagging import reading
from factcheck.extraction.tagging.pairs import STATES
from factcheck.extraction.tagging.pieces import pieces_of
from factcheck.extraction.tagging.scorer import Scorer
from factcheck.extraction.tagging.windows import Window, cut, sections
from factcheck.extraction.tagging.words import Words
from factcheck.fastencoder import body
from factcheck.fastencoder.vocabulary import Vocabulary

Feeds = dict[str, np.ndarray]


class QuickTagger:
    """``session`` runs the graph that ``converted`` writes. Safe for several threads at once."""

    def __init__(self, session: Any, vocabulary: Vocabulary, scorer: Scorer) -> None:
        self._session, self._vocabulary, self._scorer = session, vocabulary, scorer

    def annotate(self, text: str, words: Words) -> list[Annotation]:
        """The quotes in ``text`` with their roles, in text order."""
        found: list[Annotation] = []
        for first, last in sections(words):
            part = words.part(first, last)
            found += reading.annotations(reading.read(self._scorer, self.states(text, part), part), part)
        return found

    def encode(self, text: str, words: Words) -> None:
        """The network's share of the work and nothing else: what ``annotate`` is measured against."""
        for first, last in sections(words):
            self.states(text, words.part(first, last))

    def states(self, text: str, words: Words) -> np.ndarray:
        """States float32 (words, STATES): each word is taken from the window it stands best in."""
        whole = np.empty((len(words), STATES), np.float32)
        windows = list(feeds_of(self._vocabulary, text, words))
        for (w, _), read in zip(windows, body.at_once(self._run, [feeds for _, feeds in windows]), strict=True):
            whole[w.from_ : w.to] = read[w.from_ - w.first : w.to - w.first]
        return whole

    def _run(self, feeds: Feeds) -> np.ndarray:
        return self._session.run(["states"], feeds)[0]


def feeds_of(vocabulary: Vocabulary, text: str, words: Words) -> Iterator[tuple[Window, Feeds]]:
    """The windows of a text and what the graph is fed for each."""
    pieces = pieces_of(vocabulary, text, words)
    for w in cut(pieces.counts):
        begin = int(pieces.starts[w.first])
        end = int(pieces.starts[w.last - 1] + pieces.counts[w.last - 1])
        firsts = pieces.starts[w.first : w.last] - begin + 1
        ids = vocabulary.framed(pieces.ids[begin:end])
        yield w, {
            "words": vocabulary.embedded(ids[None]),
            "firsts": firsts,
            "lasts": firsts + pieces.counts[w.first : w.last] - 1,
            "features": words.features[w.first : w.last],
        }
