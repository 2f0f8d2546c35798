"""The network as an ONNX graph with matrix products of 8-bit integers (``fastencoder/graph.py`` says how), and its file.

One window of a text goes in: ``words`` float32 (1, pieces, hidden), the rows of the word embeddings; ``firsts`` and ``lasts`` int64
(words,), each word's first and last piece; ``features`` int64 (words, features). Out comes ``states`` float32 (words, STATES). The mix
of layers and what reads the words in a row stay in float32; they are little work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from factcheck.adapter import AdapterFile, unusable
from factcheck.extraction import first_reading
from factcheck.extraction.tagging import trained
from factcheck.extraction.tagging.pairs import DEPTH, HIDDEN, LAYERS, STATES
from factcheck.extraction.tagging.quick import Feeds, feeds_of
from factcheck.extraction.tagging.words import FEATURES
from factcheck.fastencoder import body, calibration, files, graph
from factcheck.fastencoder.vocabulary import Vocabulary

FILE = "reading.onnx"
LEAST_ALIKE = 0.98  # mean cosine of the words' states to those of float32
_NORM_EPSILON = 1e-5  # torch's own
_GATES = (0, 3, 1, 2)  # ONNX wants input, output, forget, cell; torch has input, forget, cell, output


class _Reading(graph.Graph):
    mask = ""  # one window at a time

    def serialized(self, heads: Mapping[str, np.ndarray], beside: Mapping[str, str]) -> bytes:
        from onnx import TensorProto

        shares = np.exp(heads["mix"] - heads["mix"].max())
        shares /= shares.sum()
        mixed = self.op("Sum", *(self.op("Mul", self.states[layer - 1], self.constant(s)) for layer, s in zip(LAYERS, shares.reshape(-1, 1), strict=True)))
        ends = [self.op("Gather", mixed, at, axis=1) for at in ("firsts", "lasts")]
        halves = self.op("Mul", self.op("Add", *ends), self.constant(np.array(0.5, np.float32)))
        seen = self._side_by_side(self._normed_by(heads, halves), self._known(heads))  # (1, words, width)
        row = self._row(heads, seen)
        narrow = self.op("Add", self.op("MatMul", seen, self.constant(heads["narrow.weight"].T)), self.constant(heads["narrow.bias"]))
        narrow = self._shaped(self.op("Gelu", narrow, own=True), -1, HIDDEN)
        self.op("Concat", row, narrow, axis=1, name="states")
        number, whole = TensorProto.FLOAT, TensorProto.INT64
        inputs = [("words", number, [1, "pieces", self.hidden]), ("firsts", whole, ["words"]), ("lasts", whole, ["words"]), ("features", whole, ["words", len(FEATURES)])]
        return self.written(inputs, [("states", number, ["words", STATES]), *((name, number, None) for name in beside.values())])

    def _normed_by(self, heads: Mapping[str, np.ndarray], tensor: str) -> str:
        centred = self.op("Sub", tensor, self.op("ReduceMean", tensor, axes=[-1], keepdims=1))
        gain, shift = self.constant(heads["norm.weight"]), self.constant(heads["norm.bias"])
        return self.op("Add", self.op("SimplifiedLayerNormalization", centred, gain, axis=-1, epsilon=_NORM_EPSILON), shift)

    def _known(self, heads: Mapping[str, np.ndarray]) -> str:
        """What is known of each word beside its letters (1, words, numbers): one table for all features, one after the other."""
        tables = [heads[f"features.{i}.weight"] for i in range(len(FEATURES))]
        begins = np.cumsum([0, *map(len, tables[:-1])])
        rows = self.op("Gather", self.constant(np.concatenate(tables)), self.op("Add", "features", self.constant(begins)), axis=0)
        return self._shaped(rows, 1, -1, sum(table.shape[1] for table in tables))

    def _side_by_side(self, *tensors: str) -> str:
        return self.op("Concat", *tensors, axis=2)

    def _row(self, heads: Mapping[str, np.ndarray], seen: str) -> str:
        """The words read one after the other, forwards and backwards: (words, 2 * HIDDEN)."""
        ways = ("", "_reverse")
        matrices = [np.stack([_gates(heads[f"row.{kind}_l0{way}"]) for way in ways]) for kind in ("weight_ih", "weight_hh")]
        biases = np.stack([np.concatenate([_gates(heads[f"row.{kind}_l0{way}"]) for kind in ("bias_ih", "bias_hh")]) for way in ways])
        turned = self.op("Transpose", seen, perm=[1, 0, 2])
        read = self.op("LSTM", turned, *map(self.constant, (*matrices, biases)), hidden_size=HIDDEN, direction="bidirectional")
        return self._shaped(read, -1, 2 * HIDDEN)

    def _shaped(self, tensor: str, *shape: int) -> str:
        return self.op("Reshape", tensor, self.constant(np.array(shape, np.int64)))


def _gates(matrix: np.ndarray) -> np.ndarray:
    parts = matrix.reshape(4, -1, *matrix.shape[1:])
    return np.concatenate([parts[i] for i in _GATES])


def ready(cache: Path, reading: AdapterFile, report: files.Report = lambda done, total: None) -> Path:
    """The graph's file for a trained reading, made where it is missing or damaged. Raises as ``fastencoder.files.ready``."""
    return files.ready_beside(cache, "reading", reading.fingerprint, lambda base, draft: _write(reading, base, draft), report) / FILE


def _write(reading: AdapterFile, base: files.Base, draft: Path) -> None:
    change, heads = trained.parts(reading)
    weights = {name: matrix for name, matrix in base.matrices.items() if not name.startswith("encoder.layer.") or int(name.split(".")[2]) < DEPTH}
    files.merge(weights, change, reading.path)
    words = Vocabulary(base.shared)
    feeds = list(_samples(words))
    try:
        exact = _Reading(weights, base.heads, base.epsilon, None)
        session = body.session(exact.serialized(heads, exact.inputs))
        largest: dict[str, np.ndarray] = {}
        wanted = []
        for some in feeds:
            states, *seen = session.run(["states", *exact.inputs.values()], some)
            wanted.append(states)
            calibration.grow(largest, dict(zip(exact.inputs, seen, strict=True)), np.ones(some["words"].shape[:2]))
        del session
        (draft / FILE).write_bytes(_Reading(weights, base.heads, base.epsilon, largest).serialized(heads, {}))
    except (KeyError, ValueError) as error:  # matrices that this network does not have, or of another shape
        raise unusable(reading.path, type(error).__name__) from None
    made = body.session(draft / FILE)
    alike = np.concatenate([_cosines(made.run(["states"], some)[0], states) for some, states in zip(feeds, wanted, strict=True)])
    if not alike.mean() >= LEAST_ALIKE:
        raise files.Unconvertible(f"in 8 bits the reading of articles comes out too different, cosine {alike.mean():.4f}")


def _samples(words: Vocabulary) -> Iterator[Feeds]:
    """Windows of articles made of the calibration's texts, German and English mixed, in paragraphs as they come."""
    texts = calibration.texts()
    for first in range(0, len(texts), calibration.TOGETHER):
        text = "\n\n".join(texts[first : first + calibration.TOGETHER])
        yield from (feeds for _, feeds in feeds_of(words, text, first_reading.words(text, "de" if first % 2 else "en")))


def _cosines(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    return (some * others).sum(1) / (np.linalg.norm(some, axis=1) * np.linalg.norm(others, axis=1))
