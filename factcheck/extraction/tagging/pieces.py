"""Words -> the encoder's word pieces, and the pieces' states -> the words'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from factcheck.extraction.tagging.windows import Window
from factcheck.extraction.tagging.words import Words

_MOST = 24  # pieces of one word that are read: a word of more is an address or noise


@dataclass(frozen=True)
class Pieces:
    """``ids`` are all words' pieces in order; word i has ``counts[i]`` of them, the first at ``starts[i]``."""

    ids: np.ndarray
    starts: np.ndarray
    counts: np.ndarray


def pieces_of(tokenizer, text: str, words: Words) -> Pieces:
    """``tokenizer`` is that of Hugging Face's tokenizers library. Words are given one by one with the space before them, so that no piece
    crosses two words."""
    spelled = [
        (" " if start == 0 or text[start - 1].isspace() else "") + text[start:end]
        for start, end in zip(words.starts.tolist(), words.ends.tolist(), strict=True)
    ]
    known: dict[str, list[int]] = {}
    for word in dict.fromkeys(spelled):
        ids = tokenizer.encode(word.strip(), add_special_tokens=False).ids[:_MOST]
        if word[0] != " ":
            ids = _unspaced(tokenizer, ids)
        known[word] = ids or [tokenizer.token_to_id("<unk>")]
    counts = np.array([len(known[word]) for word in spelled], np.int64)
    return Pieces(
        np.array([i for word in spelled for i in known[word]], np.int64), np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64), counts
    )


def _unspaced(tokenizer, ids: list[int]) -> list[int]:
    """The pieces of a word that follows the one before without a space: the tokenizer had put one in front."""
    if not ids:
        return ids
    first = tokenizer.id_to_token(ids[0])
    if first == "▁":
        return ids[1:]
    bare = tokenizer.token_to_id(first.removeprefix("▁"))
    return ids if bare is None else [bare, *ids[1:]]


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
