"""Publishers' rating words -> normalised ratings, in eight languages. What is not known stays NOT_RATED; the words themselves are always kept."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from factcheck.records import Rating
from factcheck.words import fold

LANGUAGES = ("en", "de", "es", "fr", "it", "pt", "nl", "pl")
_FILE = Path(__file__).parent / "data" / "rating_words.toml"
_BEFORE = re.compile(
    r"^(?:our |unser |unsere |notre |nuestro |nossa |il nostro )?"
    r"(?:rating|verdict|ruling|conclusion|bewertung|fazit|urteil|ergebnis|calificacion|veredicto|conclusion|verdicto|verdetto|verdict|classificacao|conclusao|oordeel|conclusie|werdykt|ocena)"
    r"\s*(?:is|ist|es|est|e)?\s*[:–-]\s*"
)
_STOPS = str.maketrans(dict.fromkeys("-_–—’'´`", " "))


def normalise(rating_text: str, own: Mapping[str, Rating] | None = None) -> Rating:
    """The normalised rating for a publisher's words, in any case, with blanks, hyphens or a closing mark.

    ``own`` is the newsroom's own table, ``key`` -> rating, whose word wins.
    """
    words = key(rating_text)
    if own and words in own:
        return own[words]
    return shipped().get(words, Rating.NOT_RATED)


def key(rating_text: str) -> str:
    """The words as tables know them: folded, without "Verdict:", hyphens, apostrophes and closing marks."""
    words = _BEFORE.sub("", fold(rating_text))
    return " ".join(words.translate(_STOPS).split()).strip(" .!:;,\"“”„«»")


@cache
def shipped() -> Mapping[str, Rating]:
    """``key`` -> rating, for all languages together; no words mean two ratings (a test sees to it)."""
    return {words: rating for _, words, rating in listed()}


def listed() -> Iterator[tuple[str, str, Rating]]:
    """(language, ``key``, rating) of the table that comes with the product."""
    for rating, by_language in tomllib.loads(_FILE.read_text("utf-8")).items():
        for language, names in by_language.items():
            for name in names:
                yield language, key(name), Rating(rating)
