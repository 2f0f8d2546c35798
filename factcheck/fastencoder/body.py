"""Texts through the converted model: tokens, batches of like length, the layers on every core, the mean of the tokens.

A batch runs on one thread from beginning to end, and several batches run at once: cores that share one batch wait for each other
in every layer. A batch of one query runs on the thread that asks, so it waits for nobody.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from factcheck import shipped_weights, wordvectors
from factcheck.fastencoder.vocabulary import Vocabulary

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LONGEST = 512  # tokens; the model has no more places
TOKENS = 512  # of a batch, padding included: what its layers work on stays in a core's own cache
UNEVEN = 8  # a text shorter than the longest of its batch by more than an eighth starts a new one
AT_ONCE = 1_024  # texts that are tokenized and put in order together

Feeds = dict[str, np.ndarray]
Progress = Callable[[int], None]


class Body:
    """One graph, given as bytes or as its file, opened for any number of threads."""

    def __init__(self, network: bytes | Path, vocabulary: Vocabulary) -> None:
        self.session = session(network)
        self.vocabulary = vocabulary
        self._shown = [output.name for output in self.session.get_outputs() if output.name.startswith("layer")]

    def batches(self, texts: Sequence[str], longest: int = LONGEST, most: int = TOKENS) -> Iterator[tuple[list[int], Feeds]]:
        """Rows of the texts with what the graph is fed for them, the longest first; at most ``most`` texts in one."""
        ids = self.vocabulary.tokens(texts, longest)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]), reverse=True)
        first = 0
        while first < len(order):
            length = len(ids[order[first]])
            last = first + 1
            while last < min(len(order), first + max(1, min(most, TOKENS // length))):
                if len(ids[order[last]]) < length - length // UNEVEN:
                    break
                last += 1
            rows = order[first:last]
            yield rows, self._feeds([ids[i] for i in rows], length)
            first = last

    def _feeds(self, ids: list[list[int]], length: int) -> Feeds:
        table = np.full((len(ids), length), self.vocabulary.padding, np.int64)
        mask = np.zeros((len(ids), length), np.int32)
        for row, some in enumerate(ids):
            table[row, : len(some)] = some
            mask[row, : len(some)] = 1
        share = (mask / mask.sum(axis=1, keepdims=True)).astype(np.float32)[:, None]
        return {"words": self.vocabulary.embedded(table), "mask": mask, "share": share}

    def vectors(self, feeds: Feeds) -> np.ndarray:
        """Unit vectors (texts, dimensions)."""
        return unit(self.session.run(["mean"], feeds)[0][:, 0])

    def states(self, feeds: Feeds) -> np.ndarray:
        """The mean of the layers shown, (texts, tokens, dimensions)."""
        return np.mean(self.session.run(self._shown, feeds), axis=0)


class FastEncoder:
    """Queries and passages, each through its own layers."""

    def __init__(self, queries: Body, passages: Body) -> None:
        self._bodies = {"query": queries, "passage": passages}
        self.vocabulary = passages.vocabulary

    def encode(self, texts: Sequence[str], role: str, progress: Progress | None = None, most: int = TOKENS) -> np.ndarray:
        """float32 (texts, dimensions), unit vectors; ``role`` is "query" or "passage".

        ``progress`` is called after each batch with the number of texts finished so far; a batch has at most ``most`` texts.
        """
        body = self._bodies[role]
        vectors = np.empty((len(texts), shipped_weights.DIMENSIONS), np.float32)
        done = 0
        for rows, made in self._each(body, [f"{role}: {text}" for text in texts], body.vectors, LONGEST, most):
            vectors[rows] = made
            done += len(rows)
            if progress:
                progress(done)
        return vectors

    def words(self, texts: Sequence[str]) -> list[wordvectors.Words]:
        """Spans and vectors of the words of each text, as ``wordvectors`` has them, from the layers that passages go through."""
        body = self._bodies["passage"]
        found: list[wordvectors.Words] = [((), np.empty((0, shipped_weights.DIMENSIONS), np.float32))] * len(texts)
        for rows, states in self._each(body, texts, body.states, wordvectors.LONGEST, TOKENS):
            for i, own in zip(rows, states, strict=True):
                # Of a text cut short the last token is the closing one, which stands for no place.
                places = body.vocabulary.places(texts[i])
                places = places if len(places) <= len(own) else [*places[: len(own) - 1], (0, 0)]
                found[i] = wordvectors.of_text(texts[i], places, own)
        return found

    def _each(
        self, body: Body, texts: Sequence[str], work: Callable[[Feeds], np.ndarray], longest: int, most: int
    ) -> Iterator[tuple[list[int], np.ndarray]]:
        # The longest first, so that time left is not underrated.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        for first in range(0, len(order), AT_ONCE):
            some = order[first : first + AT_ONCE]
            batches = list(body.batches([texts[i] for i in some], longest, most))
            for (rows, _), made in zip(batches, at_once(work, [feeds for _, feeds in batches]), strict=True):
                yield [some[row] for row in rows], made


def session(network: bytes | Path) -> InferenceSession:
    """A graph, given as bytes or as its file, opened for any number of threads; each run of it takes one."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = network if isinstance(network, bytes) else str(network)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def at_once(work: Callable[[Feeds], np.ndarray], batches: Sequence[Feeds]) -> Iterator[np.ndarray]:
    """The work on each batch, in order, on every core; on the thread that asks where there is but one batch."""
    return map(work, batches) if len(batches) == 1 else _pool().map(work, batches)


def unit(vectors: np.ndarray) -> np.ndarray:
    """The rows at length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(len(os.sched_getaffinity(0)), "encoder")
