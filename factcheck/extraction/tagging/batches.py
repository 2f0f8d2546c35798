"""Windows of a text through the network written in torch: for training, and where the fast one cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from factcheck.extraction.tagging.network import Heads
from factcheck.extraction.tagging.pairs import LAYERS, STATES
from factcheck.extraction.tagging.pieces import Pieces
from factcheck.extraction.tagging.windows import Window, cut
from factcheck.extraction.tagging.words import Words


def batch_of(pieces: Sequence[Pieces], windows: Sequence[Window], marks: tuple[int, int, int]) -> tuple[torch.Tensor, ...]:
    """Input of the encoder for one window of each text, and how to get back to words.

    ``marks`` are the ids of <s>, </s> and <pad>. Returns ids and mask int64 (windows, pieces), the first and last piece of each word
    int64 (windows, words), and the number of words (windows,)."""
    opens, closes, pad = marks
    rows, firsts, lasts = [], [], []
    for p, w in zip(pieces, windows, strict=True):
        begin = int(p.starts[w.first])
        end = int(p.starts[w.last - 1] + p.counts[w.last - 1])
        rows.append(np.concatenate([[opens], p.ids[begin:end], [closes]]))
        firsts.append(p.starts[w.first : w.last] - begin + 1)
        lasts.append(firsts[-1] + p.counts[w.first : w.last] - 1)
    lengths = torch.tensor([len(f) for f in firsts])
    ids = _padded(rows, pad)
    return ids, _padded([np.ones(len(r), np.int64) for r in rows], 0), _padded(firsts, 0), _padded(lasts, 0), lengths


def _padded(rows: Sequence[np.ndarray], value: int) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.from_numpy(np.stack([np.pad(r, (0, width - len(r)), constant_values=value) for r in rows]).astype(np.int64))


def word_states(layers: Sequence[torch.Tensor], firsts: torch.Tensor, lasts: torch.Tensor) -> list[torch.Tensor]:
    """Of each layer's piece states (windows, pieces, width) the words' (windows, words, width): the mean of a word's first and last piece."""
    index = [at.unsqueeze(-1).expand(-1, -1, layers[0].shape[-1]) for at in (firsts, lasts)]
    return [(layer.gather(1, index[0]) + layer.gather(1, index[1])).float() / 2 for layer in layers]


def bf16() -> bool:
    """Whether the processor multiplies matrices in bfloat16."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


@dataclass(frozen=True)
class Encoded:
    """Some windows of a text and their words' states in each of ``LAYERS`` (windows, words, width); ``lengths`` in words."""

    windows: Sequence[Window]
    layers: list[torch.Tensor]
    lengths: torch.Tensor


def encoded(body: torch.nn.Module, pieces: Pieces, marks: tuple[int, int, int], together: int = 4) -> Iterator[Encoded]:
    """A text's windows through the encoder ``body`` (a ``BertModel`` of ``DEPTH`` layers). ``marks`` are the ids of <s>, </s> and <pad>."""
    windows = cut(pieces.counts)
    for first in range(0, len(windows), together):
        some = windows[first : first + together]
        ids, mask, firsts, lasts, lengths = batch_of([pieces] * len(some), some, marks)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16()):
            layers = body(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        yield Encoded(some, word_states([layers[i] for i in LAYERS], firsts, lasts), lengths)


def states(body: torch.nn.Module, heads: Heads, words: Words, pieces: Pieces, marks: tuple[int, int, int]) -> torch.Tensor:
    """States float32 (words, STATES) of one text: each word is taken from the window it stands best in."""
    whole = torch.empty((len(words), STATES))
    for part in encoded(body, pieces, marks):
        features = torch.zeros((len(part.windows), part.layers[0].shape[1], words.features.shape[1]), dtype=torch.int64)
        for i, w in enumerate(part.windows):
            features[i, : w.last - w.first] = torch.from_numpy(words.features[w.first : w.last])
        read = heads(part.layers, features, part.lengths)
        for i, w in enumerate(part.windows):
            whole[w.from_ : w.to] = read[i, w.from_ - w.first : w.to - w.first]
    return whole
