"""What a reader means by what was typed: words, exact phrases in quotation marks, exclusions and fields. Pure functions.

``"24 hours"`` looks for these words in this order; ``-Ukraine`` and ``-"24 hours"`` leave out what holds them; ``speaker:"Jane Sample"``
narrows. A pasted quote stays what it is, a text to be compared by meaning: marks around a whole sentence, or within a long one, are no
request for exact words, unless the reader says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from factcheck.records import Kind, PromiseStatus, Rating
from factcheck.records.dates import day_range

KINDS = ("claim", "statement")
NATURES = ("fact", "opinion", "prediction", "promise")
CHOICES = {
    "kind": KINDS, "rating": tuple(map(str, Rating)), "status": tuple(map(str, PromiseStatus)), "form": tuple(map(str, Kind)), "nature": NATURES,
}  # fmt: skip
FIELDS = ("speaker", "publisher", "source", "language", "rating", "topic", "status", "kind", "form", "nature", "since", "until")
SHORT_PHRASE = 6  # words in quotation marks that alone are taken for exact words; more are a pasted quote
FEW_WORDS = 6  # around a phrase in quotation marks; more are a sentence that quotes somebody

_PART = re.compile(
    rf"""(?P<minus>(?<!\S)[-−])?(?:(?P<field>(?<![\w-])(?:{"|".join(FIELDS)})):)?
    (?:"(?P<a>[^"]*)"|„(?P<b>[^“”"]*)[“”"]|“(?P<c>[^”"]*)[”"]|”(?P<d>[^”]*)”|«(?P<e>[^»]*)»|»(?P<f>[^«]*)«|(?P<word>\S+))""",
    re.VERBOSE | re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True)
class Understood:
    """``text`` is everything wanted, without marks: it is compared by meaning. ``words`` is what of it stands outside phrases.

    ``has_marks`` tells that there are marks which could be read either way; ``exact`` how they were read. ``typed`` is the query without
    its fields.
    """

    text: str
    words: str
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    without_phrases: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    has_marks: bool = False
    exact: bool = False
    typed: str = ""


def understand(query: str, exact: bool | None = None) -> Understood:
    """``exact`` True takes all marks for exact words and exclusions, False none of them; None decides by what is likely meant."""
    query = " ".join(query.replace("\0", " ").split())
    parts = list(_parts(query))
    words = " ".join(p.text for p in parts if p.kind == "word")
    phrases = [p.text for p in parts if p.kind == "phrase"]
    marked = bool(phrases) or any(p.minus for p in parts)
    is_exact = _means_exact(words, phrases) if exact is None else exact
    fields = tuple((p.field, p.text) for p in parts if p.field)
    typed = " ".join(_without_fields(query).split()) if fields else query
    if not marked or not is_exact:
        return Understood(typed, typed, fields=fields, has_marks=marked, typed=typed)
    wanted = [p for p in parts if not p.minus and not p.field]
    return Understood(
        text=" ".join(p.text for p in wanted),
        words=" ".join(p.text for p in wanted if p.kind == "word"),
        phrases=tuple(dict.fromkeys(p.text for p in wanted if p.kind == "phrase")),
        without=tuple(dict.fromkeys(p.text for p in parts if p.minus and not p.field and p.kind == "word")),
        without_phrases=tuple(dict.fromkeys(p.text for p in parts if p.minus and not p.field and p.kind == "phrase")),
        fields=fields,
        has_marks=True,
        exact=True,
        typed=typed,
    )


def is_value(field: str, text: str) -> bool:
    """True when a filter can have this value: one of its choices, a language's code, a date as exact as need be; any text elsewhere."""
    if field in CHOICES:
        return text in CHOICES[field]
    if field == "language":
        return bool(_LANGUAGE.fullmatch(text))
    return day_range(text) is not None and bool(_DATE.fullmatch(text)) if field in ("since", "until") else bool(text.strip())


@dataclass(frozen=True)
class _Part:
    kind: str  # "word" or "phrase"
    text: str
    minus: bool
    field: str


def _without_fields(query: str) -> str:
    return _PART.sub(lambda m: "" if _field(m) else m[0], query)


def _field(match: re.Match[str]) -> str:
    """The field a part of the query sets; "" for what is a text that happens to hold a colon."""
    field = (match["field"] or "").lower()
    return field if field and not match["minus"] and is_value(field, _inner(match).strip()) else ""


def _inner(match: re.Match[str]) -> str:
    return next((match[name] for name in "abcdef" if match[name] is not None), match["word"] or "")


def _parts(query: str) -> Iterator[_Part]:
    for match in _PART.finditer(query):
        text, field = _inner(match).strip(), _field(match)
        is_word = match["word"] is not None
        if not _WORD.search(text):
            continue
        if field:
            yield _Part("word", text, False, field)
        elif match["field"] or (match["minus"] and is_word and text[0].isdigit()):  # no field of ours; a number below zero
            yield _Part("word", match[0], False, "")
        else:
            yield _Part("word" if is_word else "phrase", text, bool(match["minus"]), "")


def _means_exact(words: str, phrases: list[str]) -> bool:
    around = len(_WORD.findall(words))
    longest = max((len(_WORD.findall(p)) for p in phrases), default=0)
    if around > FEW_WORDS:
        return False
    return longest <= SHORT_PHRASE or bool(around)
