"""The file behind a large vector index.

A file holds, of one kind and model, the float16 vectors themselves, and of each a sketch: its 128 directions of most variance in 8 bits. A
search reads all sketches (128 bytes a row) and then only the vectors of the best, so that it finds what reading all vectors finds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from db import derivedfile

MAGIC = "claimtrail vectors 2"
LEAST = int(np.iinfo(np.int32).min)  # what is left away
SKETCHED = 128  # directions of a sketch
ENOUGH = 0.6  # share of the variance that they must hold, else there are more of them
SAMPLE = 20_000  # rows that the directions are found on
FIRST = 1_500  # vectors read after the sketches, and at least twice as many as are wanted
MOST = 4_000  # vectors read for one query, and at least ``READ_FOR_ONE`` times as many as are wanted
READ_FOR_ONE = 3
MARGIN = 3.5  # standard errors that a cosine may lie above what its sketch foretells
AT_ONCE = 8_192  # rows compared at once: 1 MB of sketches stays in a core's cache
WIDEST = 99.9  # percentile of a direction's values that fits into 8 bits; what lies beyond is cut off
Rows = Iterable[tuple[Sequence[int], Sequence[int], bytes]]  # (numbers of changes, ids, float16 vectors one after the other)


@dataclass(frozen=True)
class VectorFile:
    """What a file holds, as arrays over its n rows. ``matrix`` (n, dimensions) float16; ``sketches`` (n, directions) uint8 around 128;
    ``basis`` (dimensions, directions) turns a vector into what is compared with a sketch."""

    seq: int
    deletions: int
    ids: np.ndarray
    matrix: np.ndarray  # mapped; for going through all of it
    file: BinaryIO
    begin: int  # where the vectors begin in the file
    sketches: np.ndarray
    basis: np.ndarray
    sorted_ids: np.ndarray
    order: np.ndarray
    witnesses: tuple[tuple[int, int], ...]

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """The rows of ids; -1 for those not in the file."""
        if not len(self.ids):
            return np.full(len(ids), -1)
        at = np.minimum(np.searchsorted(self.sorted_ids, ids), len(self.ids) - 1)
        return np.where(self.sorted_ids[at] == ids, self.order[at], -1)

    def vectors(self, rows: np.ndarray) -> np.ndarray:
        """Some of the vectors as float32. They are read, not mapped, so that what a search looked at takes no memory for good."""
        width = self.matrix.shape[1] * self.matrix.itemsize
        number = self.file.fileno()
        packed = b"".join([os.pread(number, width, self.begin + width * row) for row in rows.tolist()])
        return widened(np.frombuffer(packed, dtype="<f2")).reshape(len(rows), self.matrix.shape[1])

    def nearest(self, queries: np.ndarray, k: int, passing: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """(rows that hold the ``k`` nearest of each query (m, dimensions), ascending; their cosines (m, rows)). ``passing`` (n,) bool leaves the
        others away.

        The vectors of the rows whose sketches are nearest are read first. They tell how well a sketch foretells a cosine here, and so how many
        more may come near enough: for most texts none, for some thousands. Forms of one text lie near the same rows, read once for all of them.
        """
        scores, steps = self._compared(queries, passing)
        first, most = max(FIRST, 2 * k), max(MOST, READ_FOR_ONE * k)
        likely = [_in_order(row, most) for row in scores]
        rows = np.unique(np.concatenate([some[:first] for some in likely]))
        cosines = queries @ self.vectors(rows).T
        more = [
            some[first:][_may_reach(row, step, some, near[np.searchsorted(rows, some[:first])], near, k)]
            for row, step, some, near in zip(scores, steps, likely, cosines, strict=True)
        ]
        late = np.setdiff1d(np.concatenate(more), rows)
        if not len(late):
            return rows, cosines
        together = np.concatenate([rows, late])
        order = np.argsort(together)
        return together[order], np.concatenate([cosines, queries @ self.vectors(late).T], axis=1)[:, order]

    def _compared(self, queries: np.ndarray, passing: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """(products of each query (m, dimensions) with all sketches (m, n) int32, ``LEAST`` for what does not pass; what one step of them is worth)."""
        turned = queries.astype(np.float32) @ self.basis
        widest = np.maximum(np.abs(turned).max(axis=1, keepdims=True), 1e-12)
        small = np.ascontiguousarray(np.round(turned / widest * 127).astype(np.int8).T)
        scores = np.empty((len(queries), len(self.ids)), dtype=np.int32)
        multiply = _products()

        def compare(start: int) -> None:
            scores[:, start : start + AT_ONCE] = multiply(self.sketches[start : start + AT_ONCE], small).T

        starts = range(0, len(self.ids), AT_ONCE)
        if len(starts) > 4:
            list(_threads().map(compare, starts))
        else:
            for start in starts:
                compare(start)
        if passing is not None:
            scores[:, ~passing] = LEAST
        return scores, widest[:, 0] / 127


def _in_order(scores: np.ndarray, most: int) -> np.ndarray:
    """Rows with the highest scores, best first."""
    rows = derivedfile.highest(scores, most, LEAST)
    return rows[np.lexsort((rows, -scores[rows]))][:most]


def _may_reach(scores: np.ndarray, step: float, rows: np.ndarray, read: np.ndarray, near: np.ndarray, k: int) -> np.ndarray:
    """Which of ``rows`` beyond those ``read`` (their cosines) may be among the ``k`` nearest: a line through what was read foretells their cosines."""
    foretold = scores[rows] * np.float64(step)
    known, later = foretold[: len(read)], foretold[len(read) :]
    if not len(later):
        return np.zeros(0, dtype=bool)
    spread = known - known.mean()
    slope = max(float(spread @ read / max(float(spread @ spread), 1e-12)), 0.0)
    error = float((read - read.mean() - slope * spread).std())
    least = np.partition(near, len(near) - k)[len(near) - k] if len(near) > k else -np.inf
    return read.mean() + slope * (later - known.mean()) + MARGIN * error >= least


def widened(halves: np.ndarray) -> np.ndarray:
    """float16 as float32, exactly, in half the time that ``astype`` takes: the same bits moved to their places, and the exponent put right. Finite
    values only."""
    bits = halves.view(np.uint16).astype(np.uint32)
    return (((bits & 0x8000) << 16) | ((bits & 0x7FFF) << 13)).view(np.float32) * np.float32(2.0**112)


def write(file: Path, rows: Rows, dimensions: int, deletions: int) -> None:
    """Write vectors to a file and put it in the place of ``file``. Memory does not grow with the rows but for their ids."""
    ids: list[np.ndarray] = []
    seqs: list[np.ndarray] = []

    def vectors() -> Iterator[bytes]:
        for numbers, some, packed in rows:
            seqs.append(np.array(numbers, dtype=np.int64))
            ids.append(np.array(some, dtype=np.int64))
            yield packed

    with derivedfile.writing(file, MAGIC) as out:
        matrix = out.add("matrix", "<f2", vectors(), dimensions)
        begin = out.begin("matrix")
        all_ids, all_seqs = (np.concatenate([np.empty(0, dtype=np.int64), *parts]) for parts in (ids, seqs))
        n = len(all_ids)
        turn, scales, mean = _directions(matrix)
        out.add("sketches", "|u1", (_sketched(matrix[s : s + AT_ONCE], turn, scales, mean) for s in range(0, n, AT_ONCE)), turn.shape[1])
        out.add("ids", "<i8", [all_ids.tobytes()])
        out.add("basis", "<f4", [(turn * scales).astype("<f4").tobytes()], turn.shape[1])
        witnesses = np.unique(np.concatenate([np.argsort(all_seqs)[-32:], np.linspace(0, n - 1, min(n, 32)).astype(np.int64)]))
        out.told = {
            "seq": int(all_seqs.max(initial=0)),
            "begin": begin,
            "deletions": deletions,
            "witnesses": [(int(all_seqs[i]), int(all_ids[i])) for i in witnesses],
        }


def read(file: Path) -> VectorFile | None:
    """What a file holds; None for one that is missing, cut off, damaged or of another version."""
    found = derivedfile.read(file, MAGIC)
    if found is None:
        return None
    told, arrays = found
    ids = np.array(arrays["ids"])
    order = np.argsort(ids, kind="stable")
    return VectorFile(
        seq=told["seq"],
        deletions=told["deletions"],
        ids=ids,
        matrix=arrays["matrix"],
        file=file.open("rb"),
        begin=told["begin"],
        sketches=np.array(arrays["sketches"]),  # read at every search, so they stand in memory of their own
        basis=np.array(arrays["basis"]),
        sorted_ids=ids[order],
        order=order,
        witnesses=tuple((seq, i) for seq, i in told["witnesses"]),
    )


def _directions(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(turn (dimensions, directions), value of one step of 8 bits in each direction, mean): principal components, as many as tell enough."""
    dimensions = matrix.shape[1]
    sample = matrix[:: max(1, len(matrix) // SAMPLE)].astype(np.float32)
    if not len(sample):
        return np.eye(dimensions, min(SKETCHED, dimensions), dtype=np.float32), np.ones(min(SKETCHED, dimensions), np.float32), np.zeros(dimensions, np.float32)
    mean = sample.mean(axis=0)
    strength, vectors = np.linalg.eigh(np.cov((sample - mean).T) if len(sample) > 1 else np.eye(dimensions))
    strength, vectors = np.maximum(strength[::-1], 0), vectors[:, ::-1]
    told = np.cumsum(strength) / max(float(strength.sum()), 1e-12)
    kept = min(SKETCHED, dimensions)
    while kept < dimensions and told[kept - 1] < ENOUGH:
        kept = min(kept + SKETCHED // 2, dimensions)
    turn = np.ascontiguousarray(vectors[:, :kept], dtype=np.float32)
    scales = np.maximum(np.percentile(np.abs((sample - mean) @ turn), WIDEST, axis=0) / 127, 1e-9).astype(np.float32)
    return turn, scales, mean


def _sketched(vectors: np.ndarray, turn: np.ndarray, scales: np.ndarray, mean: np.ndarray) -> bytes:
    turned = (vectors.astype(np.float32) - mean) @ turn / scales
    return (np.clip(np.round(turned), -127, 127) + 128).astype(np.uint8).tobytes()


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(min(4, len(os.sched_getaffinity(0))), thread_name_prefix="vectors")


@lru_cache(maxsize=1)
def _products() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Products of 8-bit matrices (uint8 by int8) as int32: by ONNX Runtime, which has the processor's own instructions for it, else by
    numpy, some times as slow.  A shift of the left side by 128 adds the same to each row, so the order stays."""
    try:
        import onnxruntime
        from onnx import TensorProto, helper
    except ImportError:
        return lambda left, right: (left.astype(np.float32) @ right.astype(np.float32)).astype(np.int32)
    inputs = [helper.make_tensor_value_info("left", TensorProto.UINT8, ["n", "d"]), helper.make_tensor_value_info("right", TensorProto.INT8, ["d", "m"])]
    output = helper.make_tensor_value_info("product", TensorProto.INT32, ["n", "m"])
    graph = helper.make_graph([helper.make_node("MatMulInteger", ["left", "right"], ["product"])], "products", inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda left, right: session.run(None, {"left": left, "right": right})[0]
