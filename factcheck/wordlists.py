"""The word lists behind differences: places, public figures, opposites and turning words, read once from ``factcheck/data``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from factcheck.people import public_figures
from factcheck.words import fold

_DATA = Path(__file__).parent / "data"
# Offices that stand for a person where no name does; a mayor is no district administrator.
_OFFICES = """
mayor: mayor bürgermeister* oberbürgermeister*
governor: governor gouverneur*
district: landrat* landrät*
president: president präsident* staatspräsident*
federal-president: bundespräsident*
chancellor: chancellor kanzler* bundeskanzler*
premier: ministerpräsident* premierminister* premier
minister: minister*
pope: pope papst*
king: king könig* queen
general: general generäle
senator: senator*
"""


_PARTICLES = frozenset("ab an auf aus ein fest zu zuruck".split())


@dataclass(frozen=True)
class Axis:
    """Two groups of words that say the opposite of each other, as patterns over a folded text."""

    name: str
    positive: re.Pattern[str]
    negative: re.Pattern[str]


@lru_cache(maxsize=1)
def places() -> tuple[dict[str, str], re.Pattern[str]]:
    """Name as written -> key of the place, and a pattern that finds the names."""
    keys: dict[str, str] = {}
    for line in _lines("places.txt"):
        key, names = line.split(":", 1)
        keys.update({name.strip(): key for name in names.split(",")})
    longest_first = sorted(keys, key=len, reverse=True)
    return keys, re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


@lru_cache(maxsize=1)
def surnames() -> dict[str, str]:
    """Folded surname of a public figure, in any of its spellings -> the figure's name."""
    return {
        fold(name).split()[-1]: person.name
        for person in public_figures()
        if not person.organisation
        for name in (person.name, *person.aliases)
    }


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    return frozenset(fold(line.rsplit(maxsplit=1)[0]) for line in _lines("first_names.txt"))


@lru_cache(maxsize=1)
def axes() -> tuple[Axis, ...]:
    found = []
    for line in _lines("opposites.txt"):
        name, words = line.split(":", 1)
        positive, negative = words.split("|")
        found.append(Axis(name, _pattern(positive), _pattern(negative)))
    return tuple(found)


@lru_cache(maxsize=1)
def negators() -> dict[str, re.Pattern[str]]:
    """Kind of turning word, "denial" or "implied" -> its words, as a pattern over a folded text."""
    pairs = (line.split(":", 1) for line in _lines("negators.txt"))
    return {kind: _pattern(words) for kind, words in pairs}


@lru_cache(maxsize=1)
def offices() -> dict[str, re.Pattern[str]]:
    pairs = (line.split(":", 1) for line in _OFFICES.strip().splitlines())
    return {name: _pattern(words) for name, words in pairs}


def _pattern(words: str) -> re.Pattern[str]:
    """ "steig* stimmt_zu" -> whole words, stems, and words that stand together or with a few others between."""
    parts = []
    for word in words.split():
        pieces = [re.escape(fold(piece.rstrip("*"))) + (r"\w*" if piece.endswith("*") else "") for piece in word.split("_")]
        between = 7 if pieces[-1] in _PARTICLES else 3  # German verbs leave their second half at the end of the sentence
        parts.append((rf"(?:\s+\w+){{0,{between}}}?\s+").join(pieces))
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + r")(?!\w)")


def _lines(name: str) -> list[str]:
    text = (_DATA / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
