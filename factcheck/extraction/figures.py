"""Everybody an article names: where, and by which titles, ages and parties beside the name."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from factcheck.extraction.names import Name, fold, gender_of, is_title
from factcheck.extraction.roles import MODIFIERS, party_nouns
from factcheck.records import Person

_BEFORE = re.compile(r"([\w’'./-]+)[ \u00a0]+$")
_MODIFIED = re.compile(r"(\w+)[ -][\w’'.-]+[ \u00a0]+$")
_PARENTHESIS = re.compile(r"\s?\(([^()\n]{1,30})\)")
_APPOSITION = re.compile(
    r",\s+(?:(?:der|die|das|the|a|an|ein|eine|einer|seit \d{4}|neuer|neue|now|who is)\s+)?"
    r"(?P<phrase>[^\W\d][\w’'-]*(?:\s[^\W\d][\w’'-]*){0,3}?)(?=\s(?:of|for|at|in|from|des|der|von|vom|im|aus|für|beim|bei)\s|[,.;:])"
)
_IS_ONE = re.compile(  # "Mira Holm ist seit Mai die neue Hafensenatorin"
    r"\s(?:ist|war|wird|wurde|bleibt|is|was|became)\s(?:seit\s\w+\s)?(?:(?:der|die|the|a|an|ein|eine|now|neue[rn]?|new)\s){0,2}"
    r"(?P<phrase>[^\W\d][\w-]+)"
)
_IS_BEFORE = re.compile(r"\b(?:ist|war|wird|wurde|bleibt)\s$")  # "Seit gestern ist Aylin Demir Schulleiterin"
_BARE_NOUN = re.compile(r"\s(?:neue[rn]?\s)?(?P<phrase>[A-ZÄÖÜ][\w-]+)")
_AGE = re.compile(r"\d{2}$")
_TRADE = re.compile(r"^[^\W\d][\w-]{2,}(?:er|in|or|ist|ent|ant|eur|wart|mann|frau|ling|man|woman|loge|ar|är|iff)$")
_NO_TITLE = frozenset(
    "der die das dem den des und oder aber mit von bei auch dann wie als laut gestern heute nach sagte erklärte the and but with from"
    " by to as said says told when after before against while for of in on at that than is was are if or herr herrn frau mr mrs ms".split()
)


@dataclass
class Figure:
    """Somebody in the article. ``name`` is the spelling shown; ``titles`` are the phrases that stood beside the name."""

    name: str
    gender: str = ""
    person: Person | None = None
    titles: list[str] = field(default_factory=list)
    ages: set[str] = field(default_factory=set)
    places: list[int] = field(default_factory=list)

    @property
    def surname(self) -> str:
        return fold(self.name).split()[-1] if fold(self.name) else ""

    @property
    def organisation(self) -> bool:
        return bool(self.person and self.person.organisation)

    def stands_in(self, start: int, end: int) -> bool:
        """Is there a place of this figure in ``start <= place < end``?"""
        index = bisect_left(self.places, start)
        return index < len(self.places) and self.places[index] < end

    def last_before(self, at: int) -> int:
        """The last place before ``at``, -1 when there is none."""
        index = bisect_left(self.places, at)
        return self.places[index - 1] if index else -1

    def stands_at(self, at: int) -> None:
        """Note one more place, once."""
        index = bisect_left(self.places, at)
        if index == len(self.places) or self.places[index] != at:
            insort(self.places, at)

    def goes_by(self, phrases: Iterable[str]) -> None:
        """Note phrases that stood beside the name, each once."""
        self.titles += [phrase for phrase in dict.fromkeys(phrases) if phrase not in self.titles]

    def fits(self, gender: str) -> bool:
        """Could a word of this gender ("m", "f", "" for any) mean this figure?"""
        return not gender or not self.gender or self.gender == gender


def about(text: str, name: Name) -> Iterator[str]:
    """The phrases beside a full name that say what somebody is: "Torwart", "ukrainischer Präsident", a party's nouns."""
    before = text[max(0, name.start - 70) : name.start]
    word = _BEFORE.search(before)
    modifier = _MODIFIED.search(before)
    if name.title:
        yield f"{modifier[1]} {name.title}" if modifier and modifier[1].lower() in MODIFIERS else name.title
    elif word and _TRADE.search(word[1]) and word[1].lower() not in _NO_TITLE and not gender_of(word[1]):
        yield word[1]
    if "Prof." in before[-18:]:
        yield from ("Professor", "Professorin")
    phrase = _with_adjective(before)
    if phrase and phrase != name.title:
        yield phrase
    after = text[name.end : name.end + 120]
    bracket = _PARENTHESIS.match(after)
    if bracket:
        for part in re.split(r"[,;]\s*", bracket[1]):
            yield from party_nouns(part)
        after = after[bracket.end() :]
    is_one = _IS_ONE.match(after) or (_IS_BEFORE.search(before) and _BARE_NOUN.match(after))
    if is_one and is_title(is_one["phrase"].split()[-1]):
        yield is_one["phrase"]
    apposition = _APPOSITION.match(after)
    if apposition:
        words = apposition["phrase"].split()
        if is_title(words[-1]) or (words[-1][0].isupper() and not gender_of(words[0]) and len(words) <= 3):
            yield apposition["phrase"]


def ages(text: str, name: Name) -> Iterator[str]:
    """The age that follows a name: "(78)", ", 45,", "(34, SPD)"."""
    if name.age:
        yield name.age
    bracket = _PARENTHESIS.match(text[name.end : name.end + 40])
    if bracket:
        yield from (part for part in re.split(r"[,;]\s*", bracket[1]) if _AGE.match(part))


def is_trade_word(noun: str) -> bool:
    """Does a noun end like what somebody does or is ("Torwart", "curator")?"""
    return bool(_TRADE.search(noun))


def _with_adjective(before: str) -> str:
    """ "ukrainische Präsident" before a name: the title with the adjective in front of it."""
    words = re.findall(r"[\w’'./-]+", before)
    if len(words) >= 3 and words[-3].casefold() in {"der", "die", "the", "dem", "den", "des"}:
        return f"{words[-2]} {words[-1]}"
    return ""


def spelling(person: Person, name: str) -> str:
    """The name or alias of ``person`` that the article writes."""
    return next((s for s in (person.name, *person.aliases) if fold(s) == fold(name)), person.name)


def with_surname(person: Person, surname: str) -> str:
    """The first spelling of the person's name that ends in ``surname`` (folded)."""
    return next((s for s in (person.name, *person.aliases) if fold(s).split()[-1:] == [surname]), person.name)
