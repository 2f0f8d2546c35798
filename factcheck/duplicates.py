"""Are these two people one? By names alone, as a proposal for an editor: spelling, initials, transliteration, typing errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from factcheck import namekeys
from factcheck.extraction.names import gender_of
from factcheck.records import Person
from factcheck.words import fold

# Given names that are short for others, or the same in German and English. Pairs, each way.
_SAME_GIVEN = (
    "joe joseph", "josef joseph", "bill william", "will william", "bob robert", "rob robert", "mike michael", "jim james", "tom thomas",
    "tim timothy", "dan daniel", "dave david", "steve steven", "steve stephen", "stefan stephan", "chris christopher", "matt matthew",
    "ben benjamin", "bibi benjamin", "bernie bernard", "ted edward", "dick richard", "rick richard", "tony anthony", "greg gregory",
    "jeff jeffrey", "ken kenneth", "ron ronald", "don donald", "sam samuel", "alex alexander", "sascha alexander", "nick nicholas", "andy andrew",
    "larry lawrence", "jerry gerald", "gerd gerhard", "fritz friedrich", "heinz heinrich", "hans johannes", "max maximilian", "toni anton",
    "kate katherine", "liz elizabeth", "betsy elizabeth", "sue susan", "debbie deborah", "barb barbara", "cathy catherine", "peggy margaret",
    "chuck charles", "charlie charles", "mitch mitchell", "vova vladimir", "wowa wladimir",
)  # fmt: skip
_SHORT = {frozenset(pair.split()) for pair in _SAME_GIVEN}


@dataclass(frozen=True)
class Likeness:
    """Why two may be one: ``reason`` is a key that pages put into words, ``score`` 0..1 orders proposals and is no probability."""

    reason: str  # "same name", "initial", "short form", "spelling", "typing", "last name only"
    score: float


def likeness(one: Person, other: Person) -> Likeness | None:
    """How two people on file resemble each other by any of their names; None when nothing speaks for one and the same."""
    if one.id == other.id or (one.gender and other.gender and one.gender != other.gender):
        return None
    found = [
        like
        for a in (one.name, *one.aliases)
        for b in (other.name, *other.aliases)
        if (like := _alike(a, b, one.organisation, other.organisation)) is not None
    ]
    return max(found, key=lambda like: like.score, default=None)


def proposals(person: Person, others: Iterable[Person], apart: set[frozenset[int]] = frozenset()) -> list[tuple[Person, Likeness]]:
    """Who of ``others`` may be this person, the likeliest first. ``apart`` are pairs of ids that an editor has told apart."""
    found = [
        (other, like)
        for other in others
        if frozenset((person.id, other.id)) not in apart and (like := likeness(person, other)) is not None
    ]
    return sorted(found, key=lambda pair: (-pair[1].score, pair[0].name))


def pairs(groups: Iterable[Sequence[Person]], apart: set[frozenset[int]] = frozenset()) -> list[tuple[Person, Person, Likeness]]:
    """Every pair within a group that may be one person, each once, the likeliest first."""
    found: dict[frozenset[int], tuple[Person, Person, Likeness]] = {}
    for group in groups:
        for place, one in enumerate(group):
            for other, like in proposals(one, group[place + 1 :], apart):
                found[frozenset((one.id, other.id))] = (one, other, like)
    return sorted(found.values(), key=lambda pair: (-pair[2].score, pair[0].name, pair[1].name))


def _alike(a: str, b: str, a_is_body: bool, b_is_body: bool) -> Likeness | None:
    if fold(a) == fold(b):
        return Likeness("same name", 1.0) if " " in a.strip() or a_is_body == b_is_body else None
    one, other = namekeys.parts(a), namekeys.parts(b)
    if not one or not other or namekeys.generation(a) != namekeys.generation(b):
        return None
    if a_is_body or b_is_body:
        if a_is_body != b_is_body or len(one) != len(other):
            return None
        return _spelled([*zip(one, other, strict=True)], 0.8)
    last = _word(one[-1], other[-1])
    if last is None:
        return None
    given, others_given = one[:-1], other[:-1]
    if given and others_given:
        first = _given(given[0], others_given[0])
        if first is None:
            return None
        if len(given) > 1 and len(others_given) > 1 and given[1:] != others_given[1:] and _word(given[1], others_given[1]) is None:
            return None
        worst = min((last, first), key=lambda like: like.score)
        return worst if worst.score < 1 else Likeness("same name", 0.97)
    letters, other_letters = namekeys.initials(a), namekeys.initials(b)
    if letters and other_letters:
        return Likeness("initial", 0.75 * last.score) if letters[0] == other_letters[0] else None
    if len(one[-1]) < 4 or (not given and gender_of(one[-1].title())) or (not others_given and gender_of(other[-1].title())):
        return None  # "Maria" is no last name that says who is meant
    return Likeness("last name only", 0.5 * last.score)


def _given(one: str, other: str) -> Likeness | None:
    if frozenset((one, other)) in _SHORT:
        return Likeness("short form", 0.85)
    genders = {gender_of(one.title()), gender_of(other.title())}
    if genders == {"m", "f"} or ("" not in genders and namekeys.skeleton(one) != namekeys.skeleton(other)):
        return None  # two names that people bear are no typing error: "Jan" and "Jana"
    return _word(one, other)


def _word(one: str, other: str) -> Likeness | None:
    if one == other:
        return Likeness("same name", 1.0)
    if [c for c in one if c.isdigit()] != [c for c in other if c.isdigit()]:
        return None  # "Studio 4" and "Studio 5"
    shorter, longer = sorted((len(one), len(other)))
    off = distance(one, other)
    same_sound = namekeys.skeleton(one) == namekeys.skeleton(other) and shorter > 2
    if same_sound and off <= max(2, longer // 2) and (one[0] == other[0] or shorter > 3):
        return Likeness("spelling", 0.9 - 0.02 * off)
    if off == 1 and shorter > 5 and one[0] == other[0]:
        return Likeness("typing", 0.6)
    return None


def _spelled(words: list[tuple[str, str]], best: float) -> Likeness | None:
    found = [_word(one, other) for one, other in words]
    if any(like is None for like in found):
        return None
    worst = min((like for like in found if like), key=lambda like: like.score)
    return Likeness(worst.reason, min(best, worst.score))


def distance(one: str, other: str) -> int:
    """How many letters have to be put in, taken out, replaced or swapped with the next one (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row, before = row, [i], row if i == 1 else before
        for j, facing in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != facing))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == facing:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]
