"""Keys of names: under which letter somebody is filed, and what stays the same however a name is carried over into Latin letters.

"Selenskyj", "Zelensky" and "Zelenskiy" share a key, as do "Chruschtschow" and "Khrushchev". A key only gathers names worth comparing;
``factcheck.duplicates`` compares them.
"""

from __future__ import annotations

import re

from factcheck.words import fold

_PARTICLES = frozenset("von der den van de la del della di da du bin ibn al el zu ter abu mc mac st".split())
_SUFFIXES = frozenset("jr sr ii iii iv".split())
_HISSING = re.compile(r"schtsch|shch|tsch|tch|sch|sh|zh|kh|ch|sz|cz")  # told apart neither by spelling nor between two languages
_SOUNDS = (("ph", "f"), ("th", "t"), ("tz", "s"), ("ts", "s"), ("ck", "k"), ("x", "ks"), ("q", "k"), ("w", "v"), ("z", "s"))


def parts(name: str) -> list[str]:
    """The words of a name, folded, without initials, punctuation and "Jr."; "Joseph R. Biden Jr." gives ["joseph", "biden"]."""
    words = [word.strip("-'’.") for word in re.split(r"[\s.,]+", fold(name))]
    kept = [word for word in words if len(word) > 1]
    while len(kept) > 1 and kept[-1] in _SUFFIXES:
        kept.pop()
    return kept or [word for word in words if word]


def generation(name: str) -> str:
    """ "jr", "sr", "ii" ... where a name says which of two of the same name is meant, else ""."""
    words = re.split(r"[\s.,]+", fold(name).strip(" ."))
    return next((word for word in reversed(words[1:]) if word in _SUFFIXES), "")


def initials(name: str) -> list[str]:
    """First letters of the given names as they are written, initials among them: "J. R. Biden" gives ["j", "r"]."""
    words = [word for word in re.split(r"[\s.,-]+", fold(name)) if word and word not in _SUFFIXES]
    return [word[0] for word in words[:-1] if word not in _PARTICLES]


def skeleton(word: str) -> str:
    """The consonants that survive transliteration: "selenskyj", "zelensky" and "zelenskiy" all give "slnsk"; vowels only give a first letter."""
    word = _HISSING.sub("0", fold(word).replace("'", "").replace("’", ""))
    for spelling, sound in _SOUNDS:
        word = word.replace(spelling, sound)
    word = re.sub(r"c(?=[eiy])", "s", word).replace("c", "k")
    first = "a" if word[:1] in "aeiouyj" else ""
    bare = re.sub(r"[^a-z0]|[aeiouyjh]", "", word)
    return first + re.sub(r"(.)\1+", r"\1", bare)


def surname_key(name: str, organisation: bool = False) -> str:
    """What people who may be the same share: the skeleton of the last name; of an organisation, of all its words."""
    words = parts(name)
    if not words:
        return ""
    return " ".join(filter(None, map(skeleton, words))) if organisation else skeleton(words[-1].rpartition("-")[2])


def filed_under(name: str, organisation: bool = False) -> str:
    """The place in an alphabetical list, folded: "merkel, angela", "von der leyen" under "leyen, ursula von der"; organisations as they are."""
    words = fold(name).replace(",", " ").split()
    if organisation or len(words) < 2:
        return " ".join(words)
    last = len(words) - 1
    while last > 1 and words[last].strip(".") in _SUFFIXES:
        last -= 1
    rest = words[:last] + words[last + 1 :]
    return f"{words[last]}, {' '.join(rest)}"
