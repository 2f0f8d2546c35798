"""What the fast encoder reads: made once from the installed package, kept in the cache, checked, made again when damaged.

Two kinds of folders, each with a manifest of sizes and checksums as ``model_folder`` writes it. ``...-fast-N``: the word embeddings
as they are shipped (``words.bin``: 4-bit blocks, row by row), ``tokenizer.model``, and ``body.onnx``, which passages go through.
``...-fast-N+ADAPTER``: the ``body.onnx`` with one trained adapter, which queries go through. Beside them lie the folders of other
networks over the same weights, ``...-fast-N-KIND+TRAINED``; who uses one writes what is in it.
"""

from __future__ import annotations

import glob
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from factcheck import adapter as adapters
from factcheck import model_folder, shipped_weights, wordvectors
from factcheck.fastencoder import body, calibration, graph, vocabulary
from factcheck.shipped_weights import Weights

BODY = "body.onnx"
FORMAT = 4  # raise when the files or what they are made by change, so that older ones are made anew
KEPT = 3  # folders of adapters: the one in use, the one before it and one being tried
LEAST_ALIKE = 0.995  # mean cosine to float32 on the texts of the calibration; .9995 as shipped, .9989 with the shipped adapter
Report = Callable[[int, int], None]  # bytes of weights done, bytes in all


class Unconvertible(Exception):
    """The model cannot be made into a fast one; the message says why."""


@dataclass(frozen=True)
class Files:
    """Where the parts lie. ``queries`` is ``passages`` where there is no adapter."""

    vocabulary: Path  # the folder
    passages: Path
    queries: Path


@dataclass(frozen=True)
class Base:
    """The shipped weights: everything but the word embeddings as float32 by name, and the folder of the vocabulary."""

    matrices: dict[str, np.ndarray]
    heads: int
    epsilon: float
    shared: Path


def ready_beside(cache: Path, kind: str, trained: str, write: Callable[[Base, Path], None], report: Report = lambda done, total: None) -> Path:
    """The folder of another network over the shipped weights, with what ``write`` put into a draft of it. Raises as ``ready``."""
    plain = _folder(cache)
    folder = plain.with_name(f"{plain.name}-{kind}+{trained}")
    if not model_folder.is_whole(folder):
        import onnx  # noqa: F401  before anything is written

        ready(cache, None)
        weights = shipped_weights.read(shipped_weights.find_file())
        base = Base(_matrices(weights), weights.heads, weights.epsilon, plain)
        size = sum(matrix.nbytes for matrix in base.matrices.values())
        report(0, size)
        model_folder.made_whole(folder, lambda draft: write(base, draft))
        report(size, size)
        _remove_older(folder)
    return folder


def ready(cache: Path, adapter: adapters.AdapterFile | None, report: Report = lambda done, total: None) -> Files:
    """The files, made where they are missing or damaged. Safe for several processes at once.

    Raises ModelUnavailable for missing or damaged weights, adapter or cache, Unconvertible when the result would be too far from
    the model's own vectors, and ImportError when a library is missing.
    """
    plain = _folder(cache)
    adapted = _folder(cache, adapter.fingerprint) if adapter else None
    missing = [folder for folder in (plain, adapted) if folder and not model_folder.is_whole(folder)]
    if missing:
        import onnx  # noqa: F401  before anything is written

        weights = shipped_weights.read(shipped_weights.find_file())
        matrices = _matrices(weights)
        size = sum(matrix.nbytes for matrix in matrices.values())
        report(0, size * len(missing))
        model_folder.made_whole(plain, lambda draft: _write_shared(weights, matrices, draft))
        report(size, size * len(missing))
        if adapter and adapted:
            merge(matrices, adapter.parts(), adapter.path)
            # Trained vectors lie further apart, so rounding shows more; and queries are few.
            model_folder.made_whole(adapted, lambda draft: _write_body(weights, matrices, ("query: ",), plain, draft, finer=True))
            report(size * len(missing), size * len(missing))
        _remove_older(adapted or plain)
    return Files(plain, plain / BODY, (adapted or plain) / BODY)


def merge(matrices: dict[str, np.ndarray], change: adapters.Adapter, path: Path) -> None:
    """Add a trained change to the matrices it names. Raises ModelUnavailable, about its file, when it is made for another model."""
    try:
        for name, (up, down) in change.items():
            matrices[name] = matrices[name] + up @ down
    except (KeyError, ValueError) as error:  # a matrix that this model does not have, or of another shape
        raise adapters.unusable(path, type(error).__name__) from None


def _folder(cache: Path, adapter: str = "") -> Path:
    name = f"{model_folder.model_id().replace('/', '-')}-fast-{FORMAT}"
    return cache / (f"{name}+{adapter}" if adapter else name)


def _remove_older(newest: Path) -> None:
    """Folders of earlier formats, and of earlier adapters of the same kind; a process that uses one has it open."""
    kind = newest.name.partition("+")[0]
    format_ = f"-fast-{FORMAT}"
    stale = [f for f in newest.parent.glob("[!.]*-fast-*") if f.is_dir() and not re.search(rf"{format_}(?=[+-]|$)", f.name)]
    earlier = [f for f in newest.parent.glob(f"{glob.escape(kind)}+*") if f.is_dir() and f != newest]
    for folder in stale + sorted(earlier, key=lambda f: f.stat().st_mtime, reverse=True)[KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def _matrices(weights: Weights) -> dict[str, np.ndarray]:
    """Everything but the word embeddings, float32 by name."""
    return {
        tensor.name: np.concatenate(list(weights.values(tensor))).reshape(tensor.shape)
        for tensor in weights.tensors
        if tensor.name != vocabulary.EMBEDDINGS
    }


def _write_shared(weights: Weights, matrices: dict[str, np.ndarray], draft: Path) -> None:
    try:
        vocabulary.write(weights, draft)
    except ValueError as error:
        raise Unconvertible(str(error)) from None
    _write_body(weights, matrices, ("passage: ", ""), draft, draft)


def _write_body(
    weights: Weights, matrices: dict[str, np.ndarray], prompts: tuple[str, ...], shared: Path, draft: Path, finer: bool = False
) -> None:
    """Look how large the numbers get, write the graph down in 8 bits, and see that its vectors are near enough."""
    words = vocabulary.Vocabulary(shared)
    network, inputs = graph.exact(matrices, weights.heads, weights.epsilon)
    exact = body.Body(network, words)
    texts = [prompt + text for prompt in prompts for text in calibration.texts()]
    largest: dict[str, np.ndarray] = {}
    wanted = np.empty((len(texts), weights.hidden), np.float32)
    for rows, feeds in exact.batches(texts):
        mean, *seen = exact.session.run(["mean", *inputs.values()], feeds)
        calibration.grow(largest, dict(zip(inputs, seen, strict=True)), feeds["mask"])
        wanted[rows] = body.unit(mean[:, 0])
    del exact
    shown = wordvectors.layers(weights.layers)
    (draft / BODY).write_bytes(graph.rounded(matrices, weights.heads, weights.epsilon, largest, shown, finer))
    made = body.Body(draft / BODY, words)
    found = np.empty_like(wanted)
    for rows, feeds in made.batches(texts):
        found[rows] = made.vectors(feeds)
    alike = float((found * wanted).sum(axis=1).mean())
    if not alike >= LEAST_ALIKE:
        raise Unconvertible(f"in 8 bits its vectors come out too different, cosine {alike:.4f}")
