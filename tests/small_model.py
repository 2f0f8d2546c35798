"""A tiny model file of random weights in the shipped file's format, so that unpacking can be tested in milliseconds."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from factcheck.shipped_weights import DIMENSIONS, shapes

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
LETTERS = "▁abcdefghijklmnopqrstuvwxyzäöüß0123456789.,:"
LAYERS, HEADS, FEED_FORWARD, POSITIONS, TOKEN_TYPES = 1, 12, 64, 512, 2


def write_model(path: Path, seed: int = 0) -> dict[str, np.ndarray]:
    """Write the file; returns its tensors by their BertModel names, as float32."""
    chance = np.random.default_rng(seed)
    pieces = [*SPECIAL, *LETTERS]
    blob = [piece.encode() for piece in pieces]
    ends = np.cumsum([0, *map(len, blob)]).astype("<u4")
    scores = np.array([0] * len(SPECIAL) + [-3 - 0.1 * i for i in range(len(LETTERS))], "<f4")
    head = b"E5S1" + struct.pack(
        "<8ifi", 1, DIMENSIONS, LAYERS, HEADS, FEED_FORWARD, len(pieces), POSITIONS, TOKEN_TYPES, 1e-12, 32
    )
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, ends[-1]) + ends.tobytes() + scores.tobytes() + b"".join(blob)
    head += struct.pack("<iI", 1, 5) + struct.pack("<IB", 1, 0)  # a normalisation table of one entry: U+0001 to nothing

    named = shapes(DIMENSIONS, LAYERS, FEED_FORWARD, len(pieces), POSITIONS, TOKEN_TYPES)
    start = len(head) + 4 + sum(2 + len(short) + 21 for short in named)
    directory, body, tensors = struct.pack("<i", len(named)), b"", {}
    for short, (name, shape) in named.items():
        packed = len(shape) == 2 and short not in ("emb.pos", "emb.type")
        data, tensors[name] = _pack(chance, shape) if packed else _plain(chance, name, shape)
        directory += struct.pack("<H", len(short)) + short.encode()
        directory += struct.pack("<BIQQ", packed, np.prod(shape), start + len(body), len(data))
        body += data
    path.write_bytes(head + directory + body)
    return tensors


def _plain(chance: np.random.Generator, name: str, shape: tuple[int, ...]) -> tuple[bytes, np.ndarray]:
    values = chance.normal(1.0 if name.endswith("LayerNorm.weight") else 0.0, 0.05, shape).astype("<f4")
    return values.tobytes(), values


def _pack(chance: np.random.Generator, shape: tuple[int, ...]) -> tuple[bytes, np.ndarray]:
    count = int(np.prod(shape)) // 32
    scales = chance.uniform(0.005, 0.02, count).astype("<f2")
    steps = chance.integers(0, 16, (count, 32), dtype=np.uint8)  # a weight is its step less 8, times the block's scale
    data = b"".join(
        scale.tobytes() + bytes(int(low) | int(high) << 4 for low, high in zip(block[:16], block[16:], strict=True))
        for scale, block in zip(scales, steps, strict=True)
    )
    return data, ((steps.astype(np.float32) - 8) * scales.astype(np.float32)[:, None]).reshape(shape)
