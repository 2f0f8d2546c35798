"""The file behind a large word index: which rows hold which word, as arrays, so that a ranking over a million rows takes milliseconds.

The scores are those of FTS5's BM25 (k1 = 1.2, b = 0.75, columns weighted). A file holds the stems of a text's words, and the words as they
stand, folded, in which parts are looked for. The database stays the only truth.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import log
from pathlib import Path

import numpy as np

from db import derivedfile
from factcheck.words import fold, index_text

MAGIC = "claimtrail words 1"
K1, B = 1.2, 0.75
BREATH = 500  # rows after which a build lets others go on
_PAUSE = 0.002  # seconds
KEPT = 2_000  # parts whose words are remembered


@dataclass(frozen=True)
class RowWords:
    """The words of one row. ``stems`` maps a stem to (how often it stands there, weighted by column; the columns as bits); ``length`` is how
    many there are. ``chunks`` are the folded words as they stand, with how often; ``letters`` is the length of the folded text."""

    stems: dict[str, tuple[float, int]]
    length: int
    chunks: dict[str, int]
    letters: int


def row_words(texts: Sequence[str], language: str, weights: Sequence[float], own: str) -> RowWords:
    """The words of a row's columns; ``own`` is the text in which parts of words are looked for."""
    stems: dict[str, tuple[float, int]] = {}
    length = 0
    for column, (text, weight) in enumerate(zip(texts, weights, strict=True)):
        bit = 1 << column
        for stem in index_text(text, language).split():
            for term in (stem,) if stem.isalnum() else (stem, *_alone(stem)):  # "5,000" is found whole, and by each of its numbers
                value, bits = stems.get(term, (0.0, 0))
                stems[term] = (value + weight, bits | bit)
            length += 1 if stem.isalnum() else len(_alone(stem))
    chunks: dict[str, int] = {}
    folded = fold(own)
    for chunk in folded.split():
        chunks[chunk] = chunks.get(chunk, 0) + 1
    return RowWords(stems, length, chunks, max(len(folded) - 2, 0))


def _alone(stem: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in stem).split()


@dataclass(frozen=True)
class _Postings:
    """Words in order, and of each the rows that hold it: ``starts[w]`` to ``starts[w + 1]``, ascending."""

    letters: bytes  # all words in UTF-8, each followed by a line break
    places: np.ndarray  # where each begins
    starts: np.ndarray
    rows: np.ndarray

    def find(self, word: str) -> int | None:
        wanted = word.encode()
        at = bisect_left(range(len(self.places) - 1), wanted, key=self.word)
        return at if at < len(self.places) - 1 and self.word(at) == wanted else None

    def word(self, at: int) -> bytes:
        return self.letters[self.places[at] : self.places[at + 1] - 1]

    def span(self, at: int) -> slice:
        return slice(int(self.starts[at]), int(self.starts[at + 1]))


@dataclass(frozen=True)
class WordFile:
    """What a file holds: the rows by ascending id, as they were at ``seq``, the number of the last change it knows of."""

    seq: int
    ids: np.ndarray
    stems: _Postings
    impacts: np.ndarray  # float16, of each posting of a stem its BM25 without the word's rarity
    columns: np.ndarray  # bits of the columns where it stands
    chunks: _Postings
    times: np.ndarray  # of each posting of a chunk
    letters: np.ndarray  # of each row
    mean_letters: float
    _parts: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """The rows of those of the ids that the file holds."""
        if not len(self.ids):
            return np.empty(0, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return at[self.ids[at] == ids]

    def score_stems(self, stems: Iterable[str]) -> np.ndarray:
        """BM25 of every row for the stems."""
        scores = np.zeros(len(self.ids), dtype=np.float32)
        for stem in stems:
            at = self.stems.find(stem)
            if at is not None:
                span = self.stems.span(at)
                scores[self.stems.rows[span]] += self.impacts[span].astype(np.float32) * rarity(len(self.ids), span.stop - span.start)
        return scores

    def score_parts(self, parts: Iterable[str]) -> np.ndarray:
        """BM25 of every row for what stands in its words."""
        scores = np.zeros(len(self.ids), dtype=np.float32)
        for part in parts:
            rows, times = self._holding_part(part)
            if len(rows):
                scores[rows] += bm25(times, self.letters[rows], self.mean_letters) * rarity(len(self.ids), len(rows))
        return scores

    def holding(self, forms: Iterable[str], bits: int) -> np.ndarray:
        """Rows that hold one of the stems in one of the columns, ascending."""
        found = np.empty(0, dtype=np.int32)
        for form in forms:
            at = self.stems.find(form)
            if at is not None:
                span = self.stems.span(at)
                rows = self.stems.rows[span][self.columns[span] & bits > 0]
                found = np.union1d(found, rows) if len(found) else np.asarray(rows)
        return found

    def _holding_part(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """(rows in whose words a part stands, how often)."""
        known = self._parts.get(part)
        if known is None:
            known = self._looked_for(part)
            while len(self._parts) >= KEPT:
                self._parts.pop(next(iter(self._parts)), None)
            if len(known[0]) < len(self.ids) // 20:
                self._parts[part] = known
        return known

    def _looked_for(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        wanted, letters = part.encode(), self.chunks.letters
        words: list[int] = []
        place = letters.find(wanted)
        while place >= 0:
            words.append(int(np.searchsorted(self.chunks.places, place, side="right")) - 1)
            place = letters.find(wanted, int(self.chunks.places[words[-1] + 1]))
        spans = [self.chunks.span(w) for w in words]
        if not spans:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        rows = np.concatenate([self.chunks.rows[s] for s in spans])
        times = np.concatenate([self.times[s] for s in spans]).astype(np.float32)
        if len(spans) > 1:
            rows, inverse = np.unique(rows, return_inverse=True)
            times = np.bincount(inverse, times).astype(np.float32)
        return rows, times


def bm25(times: np.ndarray, lengths: np.ndarray, mean: float) -> np.ndarray:
    """What standing in a row so many times counts, before the word's rarity."""
    return (times * (K1 + 1) / (times + K1 * (1 - B + B * lengths / mean))).astype(np.float32)


def rarity(rows: int, holding: int) -> float:
    return max(log((rows - holding + 0.5) / (holding + 0.5)), 1e-6)


def write(file: Path, found: Iterable[tuple[int, RowWords]], seq: int) -> None:
    """Write the words of rows, by ascending id, to a file and put it in the place of ``file``. Raises OSError.

    A million short texts take half a minute, with a pause now and then for whoever else wants the processor.
    """
    ids, lengths, letters = array("q"), array("i"), array("i")
    stems: dict[str, int] = {}
    chunks: dict[str, int] = {}
    stem_terms, stem_rows, values, bits = array("i"), array("i"), array("f"), array("B")
    chunk_terms, chunk_rows, times = array("i"), array("i"), array("B")
    for row, (object_id, words) in enumerate(found):
        ids.append(object_id)
        lengths.append(words.length)
        letters.append(words.letters)
        for term, (value, where) in words.stems.items():
            stem_terms.append(stems.setdefault(term, len(stems)))
            stem_rows.append(row)
            values.append(value)
            bits.append(where)
        for term, n in words.chunks.items():
            chunk_terms.append(chunks.setdefault(term, len(chunks)))
            chunk_rows.append(row)
            times.append(min(n, 255))
        if row % BREATH == 0:
            time.sleep(_PAUSE)
    long = np.frombuffer(lengths, np.int32) if lengths else np.empty(0, np.int32)
    rows = np.frombuffer(stem_rows, np.int32) if stem_rows else np.empty(0, np.int32)
    weighed = np.frombuffer(values, np.float32) if values else np.empty(0, np.float32)
    with derivedfile.writing(file, MAGIC) as out:
        out.add("ids", "<i8", [ids.tobytes()])
        out.add("letters", "<i4", [letters.tobytes()])
        order = _write_postings(out, "stems", stems, stem_terms, rows)
        impacts = bm25(weighed, long[rows], max(float(long.mean()), 1e-9) if len(long) else 1.0)
        out.add("impacts", "<f2", [impacts[order].astype("<f2").tobytes()])
        out.add("columns", "|u1", [np.frombuffer(bits, np.uint8)[order].tobytes() if bits else b""])
        order = _write_postings(out, "chunks", chunks, chunk_terms, np.frombuffer(chunk_rows, np.int32) if chunk_rows else np.empty(0, np.int32))
        out.add("times", "|u1", [np.frombuffer(times, np.uint8)[order].tobytes() if times else b""])
        out.told = {"seq": seq, "mean letters": max(sum(letters) / max(len(letters), 1), 1.0)}


def read(file: Path) -> WordFile | None:
    """What a file holds; None for one that is missing, cut off, damaged or of another version."""
    found = derivedfile.read(file, MAGIC)
    if found is None:
        return None
    told, arrays = found

    def postings(name: str) -> _Postings:
        places = np.array(arrays[f"{name} places"])
        return _Postings(arrays[f"{name} letters"].tobytes(), places, np.array(arrays[f"{name} starts"]), arrays[f"{name} rows"])

    return WordFile(
        told["seq"], np.array(arrays["ids"]), postings("stems"), arrays["impacts"], arrays["columns"], postings("chunks"), arrays["times"],
        np.array(arrays["letters"]), told["mean letters"],
    )  # fmt: skip


def _write_postings(out: derivedfile.Writer, name: str, words: dict[str, int], terms: array, rows: np.ndarray) -> np.ndarray:
    """Write words in order with their rows; the order in which the postings now stand."""
    encoded = [w.encode("utf-8", "surrogatepass") for w in words]
    by_name = sorted(range(len(encoded)), key=encoded.__getitem__)
    rank = np.empty(len(encoded), dtype=np.int32)
    rank[by_name] = np.arange(len(encoded), dtype=np.int32)
    ranked = rank[np.frombuffer(terms, np.int32)] if terms else np.empty(0, np.int32)
    order = np.argsort(ranked, kind="stable")
    lengths = np.array([len(encoded[i]) + 1 for i in by_name], dtype=np.int64)
    out.add(f"{name} letters", "|u1", _lines(encoded, by_name))
    out.add(f"{name} places", "<i8", [np.concatenate([[0], np.cumsum(lengths)]).astype("<i8").tobytes()])
    counts = np.bincount(ranked, minlength=len(encoded)) if len(encoded) else np.empty(0, np.int64)
    out.add(f"{name} starts", "<i8", [np.concatenate([[0], np.cumsum(counts)]).astype("<i8").tobytes()])
    out.add(f"{name} rows", "<i4", [rows[order].tobytes()])
    return order


def _lines(encoded: Sequence[bytes], order: Sequence[int]) -> Iterator[bytes]:
    for start in range(0, len(order), 10_000):
        yield b"".join(encoded[i] + b"\n" for i in order[start : start + 10_000])
