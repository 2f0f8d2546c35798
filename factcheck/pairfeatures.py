"""What a statement and a claim have to do with each other, as numbers for the second stage of ranking. Pure functions.

A claim is prepared once a query at about 0.1 ms; words are compared by their first six letters, folded, which brings forms of a
word together in German and English alike and costs nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path

from factcheck.quantities import numbers_in
from factcheck.words import STOP_WORDS, fold

WEIGHTS_FILE = Path(__file__).parent / "data" / "word_weights.tsv"
RAREST = 9.0  # weight of a word that stands in no more than a few of 30,000 texts
_LETTERS = 6
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_LINK = re.compile(r"\s*(?:https?://|pic\.twitter\.com/)\S+")
_SIGNATURE = re.compile(r"\s*— [^—]{2,60}\(@\w+\)[^—]{0,30}$")
_POSTED = re.compile(r"— [^—]{2,60}\(@\w+\)[^—]{0,12}?([A-Z][a-z]{2,8} \d{1,2}, \d{4})$")
_NEGATIONS = frozenset(
    "no not never none nobody nothing neither nor without cannot t nicht nie niemals kein keine keinen keinem keiner niemand nichts "
    "ohne weder".split()
)  # "t" is what remains of "didn't"
_AHEAD = 3  # days that a fact check may bear an earlier date than the statement: time zones, and later copies of a post
_ASCII = re.compile(r"^[\x00-\x7f]*$")

FEATURES = (
    "cosine", "cosine with speaker", "cosine in context", "plain cosine", "plain cosine unspoken", "words", "parts", "words in context", "query in claim", "claim in query",
    "title in query", "claim in context", "query in body", "run in body", "run in claim", "same speaker", "other speaker",
    "numbers shared", "numbers differ", "names shared", "nearest", "has body", "negation differs", "checked within days",
    "checked within months",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A query in the form the features need."""

    text: str
    speaker: str = ""
    before: str = ""
    after: str = ""
    said_on: int | None = None  # day (``date.toordinal``), where it is known

    @cached_property
    def negated(self) -> bool:
        return _is_negated(self.sequence)

    @cached_property
    def forms(self) -> tuple[str, ...]:
        return tuple(short_forms(self.text))

    @cached_property
    def content(self) -> frozenset[str]:
        return frozenset(self.forms)

    @cached_property
    def weight(self) -> float:
        return sum(weight_of(form) for form in self.content) or 1.0

    @cached_property
    def around(self) -> frozenset[str]:
        return frozenset(short_forms(f"{self.before} {self.after}"))

    @cached_property
    def sequence(self) -> tuple[str, ...]:
        """All words in order, the common ones too: what a quotation of the statement has to repeat."""
        return tuple(_plain_words(self.text))

    @cached_property
    def numbers(self) -> frozenset[tuple[str, float]]:
        return frozenset((q.kind, round(q.value, 2)) for q in numbers_in(self.text).quantities)

    @cached_property
    def names(self) -> frozenset[str]:
        return _names(self.text)

    @cached_property
    def surname(self) -> str:
        return surname(self.speaker)


@dataclass(frozen=True)
class Offered:
    """A claim in the form the features need."""

    text: str
    title: str = ""
    body: str = ""
    speaker: str = ""
    days: tuple[int, ...] = ()  # on which it was first said and reviewed, as far as known


@dataclass(frozen=True)
class Found:
    """What the indexes say about the pair: cosines of the three forms of the query (equal where there is only one), the cosine of
    both texts as passages, through the encoder as it was before training, shares of the query's best keyword scores, and the
    place among the nearest vectors (None: not among them)."""

    cosine: float
    with_speaker: float
    in_context: float
    plain: float
    words: float
    parts: float
    words_in_context: float
    place: int | None


def features(asked: Asked, offered: Offered, found: Found) -> list[float]:
    """The values of ``FEATURES``, each about -1..1."""
    wording = _plain_words(offered.text)
    claim, title = frozenset(_short(wording)), frozenset(short_forms(offered.title))
    both = claim | title
    body = _plain_words(offered.body) if offered.body else []
    known = {word[:_LETTERS] for word in body}
    # Reading numbers and names takes longest, so they are read only where the query has some that could be shared.
    their_numbers = frozenset((q.kind, round(q.value, 2)) for q in numbers_in(offered.text).quantities) if asked.numbers else frozenset()
    shared = asked.numbers & their_numbers
    differ = not shared and bool({k for k, _ in asked.numbers} & {k for k, _ in their_numbers})
    wait = days_until_checked(asked.said_on, offered.days)
    them = surname(offered.speaker)
    same = bool(asked.surname and them) and asked.surname == them
    return [
        found.cosine,
        found.with_speaker - found.cosine,
        found.in_context - found.cosine,
        found.plain,
        0.0 if asked.speaker else found.plain,
        found.words,
        found.parts,
        found.words_in_context,
        _share(asked.content, both, asked.weight),
        _share(claim, asked.content),
        _share(title, asked.content),
        _share(claim, asked.content | asked.around) - _share(claim, asked.content),
        _share(asked.content, known, asked.weight) if body else 0.0,
        _longest_run(asked.sequence, body) / 8 if body else 0.0,
        _longest_run(asked.sequence, wording) / 8,
        float(same),
        float(bool(asked.surname and them) and not same),
        float(bool(shared)),
        float(differ),
        min(len(asked.names & _names(f"{offered.text} {offered.title}")), 3) / 3 if asked.names else 0.0,
        1.0 / found.place if found.place else 0.0,
        float(bool(body)),
        float(asked.negated != _is_negated(wording)),
        0.0 if wait is None else math.exp(-wait / 7),
        0.0 if wait is None else math.exp(-wait / 90),
    ]


def day_of(iso: str | None) -> int | None:
    """The day of an ISO date or time as ``date.toordinal``; None where no day is told."""
    try:
        return date.fromisoformat((iso or "")[:10]).toordinal()
    except ValueError:
        return None


def posted_on(text: str) -> int | None:
    """The day in the signature that quotation pages put under a post ("— Name (@name) January 14, 2020")."""
    found = _POSTED.search(text.rstrip())
    try:
        return datetime.strptime(found.group(1), "%B %d, %Y").date().toordinal() if found else None
    except ValueError:
        return None


def days_until_checked(said_on: int | None, days: Sequence[int]) -> int | None:
    """Days from the statement to the first review of the claim after it. A claim on file for long says nothing for or against: what was said
    before is said again."""
    after = [max(0, day - said_on) for day in days if day >= said_on - _AHEAD] if said_on is not None else []
    return min(after, default=None)


def _is_negated(words: Sequence[str]) -> bool:
    return sum(word in _NEGATIONS for word in words) % 2 == 1


def without_trimmings(text: str) -> str:
    """A post without its links and the signature that quotation pages add; the text itself when nothing would be left."""
    return _LINK.sub("", _SIGNATURE.sub("", text)).strip() or text


def short_forms(text: str) -> list[str]:
    """The content words of a text in order, folded and cut to six letters."""
    return _short(_plain_words(text))


def _short(words: Sequence[str]) -> list[str]:
    return [word[:_LETTERS] for word in words if word not in STOP_WORDS]


def weight_of(form: str) -> float:
    return _weights().get(form, RAREST)


@lru_cache(maxsize=4096)
def surname(speaker: str) -> str:
    """The last word of a name, folded: sources write "Trump", "Donald Trump", "DONALD TRUMP (R)"."""
    words = [w for w in _plain_words(re.sub(r"\(.*?\)", "", speaker)) if w not in {"jr", "sr", "ii", "iii"}]
    return words[-1] if words else ""


def _plain_words(text: str) -> list[str]:
    text = text.lower() if _ASCII.match(text) else fold(text)
    return _WORD.findall(text)


def _share(wanted: frozenset[str], held: frozenset[str] | set[str], total: float = 0.0) -> float:
    """The share, by weight, of the wanted words that are held."""
    weight = _weights().get
    total = total or sum([weight(form, RAREST) for form in wanted])
    return sum([weight(form, RAREST) for form in wanted if form in held]) / total if total else 0.0


def _longest_run(left: Sequence[str], right: Sequence[str]) -> int:
    """Words in the longest stretch that stands in both texts, at most 8."""
    for length in (8, 5, 3):
        if len(left) >= length and len(right) >= length:
            runs = {tuple(left[i : i + length]) for i in range(len(left) - length + 1)}
            if any(tuple(right[i : i + length]) in runs for i in range(len(right) - length + 1)):
                return length
    return 0


@lru_cache(maxsize=8192)
def _names(text: str) -> frozenset[str]:
    """Capitalised words inside sentences, folded and cut like all words."""
    found = set()
    for match in re.finditer(r"[^\W\d_]{3,}", text):
        before = text[max(0, match.start() - 3) : match.start()].rstrip(" \"'“‘(")
        if match.group()[0].isupper() and before and before[-1] not in ".!?:":
            found.add(fold(match.group())[:_LETTERS])
    return frozenset(found)


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    rows = (line.split("\t") for line in WEIGHTS_FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {form: float(weight) for form, weight in rows}
