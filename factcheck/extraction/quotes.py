"""Quotation marks -> quoted spans, for every style in use in German and English, and with marks missing."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

LONGEST_QUOTE = 4_000  # characters; an opening mark without a closing one within this reach opens nothing

MARKS_TRIED = 12  # possible closing marks looked at for one opening mark

_CLOSERS = {"„": '“”"', "“": "”", "”": "”", "»": "«", "«": "»", '"': '"', "‚": "‘’", "‘": "’", "›": "‹", "‹": "›", "'": "'"}
_MARKS = re.compile("[" + re.escape("".join(set(_CLOSERS) | set("".join(_CLOSERS.values())))) + "]")
_FRENCH_SPACES = " \u00a0\u202f"
_NESTING = {"„": "“”", "“": "”"}  # marks that open only, and what closes them
_SINGLE = "‚‘›‹'"


class Quote(NamedTuple):
    """``start`` and ``end`` include the marks; ``inner_start`` and ``inner_end`` do not. ``words`` are counted inside."""

    start: int
    end: int
    inner_start: int
    inner_end: int
    words: int
    closed: bool


def find_quotes(text: str, start: int, end: int) -> list[Quote]:
    """The outermost quoted spans in one paragraph ``text[start:end]``, in order.

    A quotation that opens the paragraph and never closes runs to the paragraph's end when the next paragraph opens with the
    same mark: that is how English prints long quotations.
    """
    marks = [(m.start(), m.group()) for m in _MARKS.finditer(text, start, end)]
    if not marks:
        return []
    places: dict[str, list[int]] = {}
    for at, mark in marks:
        places.setdefault(mark, []).append(at)
    quotes: list[Quote] = []
    reached = start
    opening = start + len(text[start:end]) - len(text[start:end].lstrip())
    for at, mark in marks:
        if at < reached or mark not in _CLOSERS or not _can_open(text, at, mark):
            continue
        close = _closing(text, at, mark, places)
        if close is None and at == opening and mark in '„“"»' and _goes_on(text, end, mark):
            quotes.append(_quote(text, at, end, end))
            break
        if close is not None and text[at + 1 : close].strip():
            quotes.append(_quote(text, at, close + 1, close))
            reached = close + 1
    return quotes


def _quote(text: str, start: int, end: int, inner_end: int) -> Quote:
    return Quote(
        start,
        end,
        start + 1,
        inner_end,
        len(re.findall(r"[^\W_]+(?:[-'’.][^\W_]+)*", text[start + 1 : inner_end])),
        end > inner_end,
    )


def _can_open(text: str, at: int, mark: str) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if after and after in _FRENCH_SPACES and mark == "«":  # « French », apart from »German«, where the mark ends a word
        return not before or before.isspace() or before in "([:"
    if not after or after.isspace():
        return False
    if mark in "\"'”‘“‹»":  # marks that also close, or stand for an apostrophe
        return not before or before.isspace() or before in "([{–—-/:,;„“»«\"'‚‘"
    return True


def _closing(text: str, at: int, mark: str, places: dict[str, list[int]]) -> int | None:
    """The nearest mark that closes the one at ``at``; for marks within words (don't) the nearest that ends a word."""
    nested = _balanced(text, at, mark, places)
    if nested is not None:
        return nested
    best: int | None = None
    for closer in _CLOSERS[mark]:
        found = places.get(closer, [])
        first = bisect_left(found, at + 1)
        for place in found[first : first + MARKS_TRIED]:
            if place - at > LONGEST_QUOTE or (best is not None and place > best):
                break
            if mark in _SINGLE + '"' and text[place + 1 : place + 2].isalnum():
                continue
            if closer == mark and text[place - 1].isspace():
                continue
            best = place
            break
    return best


def _balanced(text: str, at: int, mark: str, places: dict[str, list[int]]) -> int | None:
    """The closing mark of a quotation that holds another one in the same marks; None when it holds none or they do not match."""
    closers = _NESTING.get(mark, "")
    openers = places.get(mark, [])
    inner = bisect_left(openers, at + 1)
    if not closers or inner == len(openers) or openers[inner] - at > LONGEST_QUOTE:
        return None
    around = [(place, 1) for place in openers[inner : inner + MARKS_TRIED] if _can_open(text, place, mark)]
    for closer in closers:
        found = places.get(closer, [])
        first = bisect_left(found, at + 1)
        around += [(place, -1) for place in found[first : first + MARKS_TRIED]]
    around.sort()
    if not around or around[0][1] < 0:
        return None  # it closes before another one opens
    depth = 1
    for place, step in around[:MARKS_TRIED]:
        depth += step
        if depth == 0:
            return place if place - at <= LONGEST_QUOTE else None
    return None


def _goes_on(text: str, end: int, mark: str) -> bool:
    return text[end : end + 8].lstrip("\n ").startswith(mark)
