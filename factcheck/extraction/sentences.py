"""Text -> sentences and tokens with exact offsets, in time linear in the text's length."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from factcheck.extraction.quotes import Quote, find_quotes

# The splitter is quadratic on runs without spaces or letters, so it is handed stretches of at most this many characters.
LONGEST_STRETCH = 1_500
LONGEST_WORD = 150
LONGEST_SENTENCE = 6_000  # characters; nothing is joined beyond this

_TOKEN = re.compile(r"\d+-[^\W\d_][\w-]*|\d+(?:[.,:]\d+)*\.?(?=\s[A-ZÄÖÜa-zäöü])|\d+(?:[.,:]\d+)*|[^\W_]+(?:[-'’.&/][^\W_]+)*|\S")
_ABBREVIATION = re.compile(
    r"(?:^|\s)(?:[A-ZÄÖÜ]|Dr|Prof|Mr|Mrs|Ms|Sen|Rep|Gov|Gen|St|Nr|Abs|Art|bzw|ca|z|B|u|a|vs|No|Jr|Sr|Lt|Col|Sgt|Rev)\.$"
)
_BREAK = re.compile(r"(?<=[.!?])[\"“”«»‘’]?\s+(?=[\"„“»«‚‘]?[A-ZÄÖÜ0-9])|\n")


class Token(NamedTuple):
    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


@dataclass(frozen=True)
class Sentence:
    """``start`` and ``end`` without surrounding white space; ``quotes`` are those that begin in it, outermost only."""

    start: int
    end: int
    paragraph: int
    tokens: tuple[Token, ...]
    quotes: tuple[Quote, ...]
    heading: bool = False  # a short paragraph of its own without a full stop


def split(text: str, language: str) -> Iterator[Sentence]:
    """Sentences of ``text`` in order. A quotation of several sentences stays together with what introduces it."""
    for number, paragraph in enumerate(re.finditer(r"[^\n]+", text)):
        quotes = find_quotes(text, paragraph.start(), paragraph.end())
        spans = list(_joined(_spans(text, paragraph.start(), paragraph.end(), language), text, quotes))
        for start, end in spans:
            tokens = tuple(Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text, start, end))
            if tokens:
                inside = quotes[bisect_left(quotes, (start,)) : bisect_left(quotes, (end,))]
                yield Sentence(start, end, number, tokens, tuple(inside), len(spans) == 1 and _is_heading(tokens, inside))


def _is_heading(tokens: tuple[Token, ...], quotes: list[Quote]) -> bool:
    last = [t.text for t in tokens[-2:]]
    if set(last) & {".", "!", "?", "…"} or last[-1] in {":", ";", ","} or len(tokens) > 16:
        return False
    covered = sum(q.end - q.start for q in quotes)
    return covered < 0.6 * (tokens[-1].end - tokens[0].start)


@lru_cache(maxsize=4)
def _detector(language: str):
    from yasbd import BoundaryDetector

    return BoundaryDetector(language)


def _spans(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    """Raw sentence spans of one paragraph, trimmed."""
    while start < end:
        stop = end if end - start <= LONGEST_STRETCH else _stretch_end(text, start, end)
        stretch = text[start:stop]
        cut = 0
        for boundary in _boundaries(stretch, language):
            yield from _trimmed(text, start + cut, start + boundary)
            cut = boundary
        yield from _trimmed(text, start + cut, stop)
        start = stop


def _stretch_end(text: str, start: int, end: int) -> int:
    """The last break between sentences, else between words, within the longest stretch."""
    window = text[start : start + LONGEST_STRETCH]
    breaks = [m.end() for m in _BREAK.finditer(window)]
    if breaks:
        return start + breaks[-1]
    space = window.rfind(" ")
    return start + space + 1 if space > 0 else min(end, start + LONGEST_STRETCH)


def _boundaries(stretch: str, language: str) -> list[int]:
    if not _BREAK.search(stretch) and not any(mark in stretch for mark in ".!?…:"):
        return []
    letters = sum(map(str.isalpha, stretch))
    if 2 * letters < len(stretch) or max(map(len, stretch.split()), default=0) > LONGEST_WORD:
        return [m.end() for m in _BREAK.finditer(stretch) if not _ABBREVIATION.search(stretch[: m.start()][-12:])]
    return list(_detector(language).detect(stretch))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    body = piece.strip()
    if body:
        begin = start + piece.index(body[0])
        yield begin, begin + len(body)


def _joined(spans: Iterator[tuple[int, int]], text: str, quotes: list[Quote]) -> Iterator[tuple[int, int]]:
    """Join what belongs together: a quotation cut in two, and a quotation with the "fragte er" after it."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if (
            current is not None
            and end - current[0] <= LONGEST_SENTENCE
            and (_inside_quote(start, quotes) or text[start].islower())
        ):
            current = (current[0], end)
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def _inside_quote(position: int, quotes: list[Quote]) -> bool:
    index = bisect_left(quotes, (position,)) - 1
    return index >= 0 and quotes[index].start < position < quotes[index].end
