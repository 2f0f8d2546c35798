"""Words -> the encoder's word pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from factcheck.extraction.tagging.words import Words

_MOST = 24  # pieces of one word that are read: a word of more is an address or noise


class Cutter(Protocol):
    """What cuts words into pieces; ``factcheck.fastencoder.vocabulary`` has one."""

    def cut(self, words: Sequence[str]) -> list[list[int]]:
        """Ids of the pieces of each word, as if a space stood before it."""
        ...

    def id(self, piece: str) -> int | None: ...

    def piece(self, number: int) -> str: ...


class HubCutter:
    """That of Hugging Face's tokenizers library."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def cut(self, words: Sequence[str]) -> list[list[int]]:
        return [self._tokenizer.encode(word, add_special_tokens=False).ids for word in words]

    def id(self, piece: str) -> int | None:
        return self._tokenizer.token_to_id(piece)

    def piece(self, number: int) -> str:
        return self._tokenizer.id_to_token(number)


@dataclass(frozen=True)
class Pieces:
    """``ids`` are all words' pieces in order; word i has ``counts[i]`` of them, the first at ``starts[i]``."""

    ids: np.ndarray
    starts: np.ndarray
    counts: np.ndarray


def pieces_of(cutter: Cutter, text: str, words: Words) -> Pieces:
    """Words are given one by one with the space before them, so that no piece crosses two words."""
    spelled = [
        (" " if start == 0 or text[start - 1].isspace() else "") + text[start:end]
        for start, end in zip(words.starts.tolist(), words.ends.tolist(), strict=True)
    ]
    different = list(dict.fromkeys(spelled))
    known: dict[str, list[int]] = {}
    for word, ids in zip(different, cutter.cut([word.strip() for word in different]), strict=True):
        known[word] = _read(cutter, ids, word[0] == " ")
    counts = np.array([len(known[word]) for word in spelled], np.int64)
    return Pieces(
        np.array([i for word in spelled for i in known[word]], np.int64), np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64), counts
    )


def _read(cutter: Cutter, ids: list[int], is_spaced: bool) -> list[int]:
    """The pieces of a word that are read; of one that follows the word before without a space, without the one that was put in front."""
    ids = ids[:_MOST] or [cutter.id("▁") or 0]  # of a word that is nothing but invisible signs the space remains
    if not is_spaced:
        first = cutter.piece(ids[0])
        bare = cutter.id(first.removeprefix("▁"))
        ids = ids[1:] if first == "▁" else ids if bare is None else [bare, *ids[1:]]
    return ids or [cutter.id("<unk>") or 0]
