"""Texts as the second stage compares them: their words as numbers in arrays, read once and kept while they are asked for often.

Words are compared by their first six letters, folded, which brings forms of a word together in German and English alike and costs nothing.
A word's number is its hash in this process (64 bits): two words of a query's candidates sharing one is out of the question.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from factcheck.quantities import numbers_in
from factcheck.words import STOP_WORDS, fold

WEIGHTS_FILE = Path(__file__).parent / "data" / "word_weights.tsv"
RAREST = 9.0  # weight of a word that stands in no more than a few of 30,000 texts
END = 0  # a number that no word has, behind the last word of a text
KEPT = 24_000_000  # bytes of readings that are kept, some 10,000 claims without a body
_LETTERS = 6
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_NAME = re.compile(r"[^\W\d_]{3,}")
_NEGATIONS = frozenset(
    "no not never none nobody nothing neither nor without cannot t nicht nie niemals kein keine keinen keinem keiner niemand nichts "
    "ohne weder".split()
)  # "t" is what remains of "didn't"


@dataclass(frozen=True, eq=False)
class Reading:
    """A claim's words. ``sequence`` and ``body`` hold all words in order, then ``END``; the others each content word once, ``body_forms`` each
    word. ``weights`` and ``title_weights`` tell how much the words of ``claim`` and ``title`` say."""

    sequence: np.ndarray
    claim: np.ndarray
    weights: np.ndarray
    title: np.ndarray
    title_weights: np.ndarray
    body: np.ndarray
    body_forms: np.ndarray
    negated: bool

    @property
    def size(self) -> int:
        """Bytes, about."""
        return 1_300 + 8 * (len(self.sequence) + 2 * len(self.claim) + 2 * len(self.title) + len(self.body) + len(self.body_forms))


def read(text: str, title: str, body: str) -> Reading:
    """The words of a claim, at about 0.03 ms, 0.1 ms with a body; nothing when it was read lately."""
    return _readings.get(text, title, body)


def short_forms(text: str) -> list[str]:
    """The content words of a text in order, folded and cut to six letters."""
    return _short(plain_words(text))


def plain_words(text: str) -> list[str]:
    """All words in order, folded: what a quotation has to repeat."""
    return _WORD.findall(fold(text))


def is_negated(words: Iterable[str]) -> bool:
    return sum([word in _NEGATIONS for word in words]) % 2 == 1


def weight_of(form: str) -> float:
    return _weights().get(form, RAREST)


def numbered(words: Iterable[str]) -> np.ndarray:
    """The numbers of words."""
    return np.array([hash(word) for word in words], dtype=np.int64)


@lru_cache(maxsize=1024)
def surname(speaker: str) -> str:
    """The last word of a name, folded: sources write "Trump", "Donald Trump", "DONALD TRUMP (R)"."""
    words = [w for w in plain_words(re.sub(r"\(.*?\)", "", speaker)) if w not in {"jr", "sr", "ii", "iii"}]
    return words[-1] if words else ""


@lru_cache(maxsize=2048)
def names(text: str) -> frozenset[str]:
    """Capitalised words inside sentences, folded and cut like all words."""
    found = set()
    for match in _NAME.finditer(text):
        if match.group()[0].isupper():
            before = text[max(0, match.start() - 3) : match.start()].rstrip(" \"'“‘(")
            if before and before[-1] not in ".!?:":
                found.add(fold(match.group())[:_LETTERS])
    return frozenset(found)


@lru_cache(maxsize=2048)
def quantities(text: str) -> frozenset[tuple[str, float]]:
    """(kind, value) of each quantity."""
    return frozenset((q.kind, round(q.value, 2)) for q in numbers_in(text).quantities)


def _short(words: Sequence[str]) -> list[str]:
    return [word[:_LETTERS] for word in words if word not in STOP_WORDS]


def _read(text: str, title: str, body: str) -> Reading:
    words = plain_words(text)
    claim, headline = list(dict.fromkeys(_short(words))), list(dict.fromkeys(short_forms(title)))
    in_body = plain_words(body) if body else []
    weight = _weights().get
    return Reading(
        sequence=np.array([*map(hash, words), END], dtype=np.int64),
        claim=numbered(claim),
        weights=np.array([weight(form, RAREST) for form in claim]),
        title=numbered(headline),
        title_weights=np.array([weight(form, RAREST) for form in headline]),
        body=np.array([*map(hash, in_body), END], dtype=np.int64) if in_body else np.empty(0, dtype=np.int64),
        body_forms=numbered({word[:_LETTERS] for word in in_body}),
        negated=is_negated(words),
    )


class _Readings:
    """The readings asked for last, in so many bytes."""

    def __init__(self, most: int) -> None:
        self._kept: OrderedDict[tuple[str, str, str], Reading] = OrderedDict()
        self._most, self._size = most, 0
        self._lock = threading.Lock()

    def get(self, text: str, title: str, body: str) -> Reading:
        key = (text, title, body)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = _read(*key)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = found
                self._size += self._bytes(key, found)
            while self._size > self._most and len(self._kept) > 1:
                self._size -= self._bytes(*self._kept.popitem(last=False))
        return found

    @staticmethod
    def _bytes(key: tuple[str, str, str], reading: Reading) -> int:
        return reading.size + sum(map(len, key))


_readings = _Readings(KEPT)


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    rows = (line.split("\t") for line in WEIGHTS_FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {form: float(weight) for form, weight in rows}
