"""Where two texts differ in what they state: number, unit, date, place, name, yes or no. German and English, also across.

Pure functions over word lists and rules; what they cannot see they do not name. The reporting clause ("..., sagte der
Minister") is left out first, since who reports is no part of what is stated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from factcheck import wordlists
from factcheck.polarity import Polarity, compare_polarity
from factcheck.quantities import Quantity, is_german, numbers_in
from factcheck.words import STOP_WORDS, fold, stem, tokens

NUMBER, UNIT, DATE, PLACE, NAME = "number", "unit", "date", "place", "name"
NEGATION, OPPOSITE, SWAPPED = "negation", "opposite", "swapped"
CONTRADICTING = frozenset({NEGATION, OPPOSITE, SWAPPED})

_SAYING = (
    r"sagt\w*|erklär\w*|beton\w*|teilte|teilten|bericht\w*|behaupt\w*|versprach\w*|verspricht|versprech\w*|kündig\w*|räumt\w*|"
    r"warn\w*|kritisier\w*|klag\w*|schrieb\w*|schreibt|meldet\w*|hieß|heißt|bestätig\w*|widersprach\w*|versicher\w*|rechnet\w*|lobt\w*|"
    r"schimpft\w*|freut\w*|stellt\w*|hielt\w*|berichtigt\w*|ergab|beschloss|so|said|says|claim\w*|told|admitted|announced|insisted|"
    r"replied|noted|warned|wrote|added|argued|promised"
)
_TAIL = re.compile(rf",\s*(?:(?:he|she|they|the\s+\w+|[A-Z]\w+)\s+)?(?:{_SAYING})\b[^,;:]*[.!]?\s*$")
_TAIL_EN = re.compile(rf",\s*(?:(?:the|a)\s+)?[\w\s]{{2,30}}?\s+(?:{_SAYING})\b[^,;:]*[.!]?\s*$")
_HEAD = re.compile(
    r"^(?:(?:Er|Sie|He|She|They|It|Der|Die|Das|The|A|An|Says?)\s+)?(?:[\w.\-]+\s+){0,4}?"
    r"(?:said|says|claimed|claims|promised|admitted|announced|insisted|told \w+(?: \w+)?|argued|versprach|sagte|erklärte|behauptete|"
    r"betonte|kündigte an|versprach mehrmals)(?:\s+that|,?\s+dass|,|:)?\s+(?=\S+\s+\S+)"
)


@dataclass(frozen=True)
class Difference:
    """``kind`` is number, unit, date, place, name, negation, opposite (words) or swapped (sides); the words of each text, "" where it has none."""

    kind: str
    statement: str
    claim: str


@dataclass(frozen=True)
class Comparison:
    """What two texts share and where they differ."""

    differences: tuple[Difference, ...]
    shared_numbers: int
    shared_names: int
    polarity: Polarity
    unmatched_numbers: int  # numbers one side has and the other leaves out


def differences(statement: str, claim: str) -> tuple[Difference, ...]:
    """The named differences, numbers first. Empty when none is seen, which does not mean that the texts agree."""
    return compare(statement, claim).differences


@lru_cache(maxsize=1024)
def compare(statement: str, claim: str) -> Comparison:
    left, right = core(statement), core(claim)
    number_differences, shared_numbers, unmatched = _numbers(left, right)
    found = [*number_differences, *_dates(left, right), *_places(left, right)]
    name_differences, shared_names = _names(left, right)
    found += name_differences
    polarity = compare_polarity(left, right, actors_in)
    found += _contradictions(polarity)
    return Comparison(tuple(found), shared_numbers, shared_names, polarity, unmatched)


def _contradictions(polarity: Polarity) -> list[Difference]:
    """What makes one text the opposite of the other; none where two turns undo each other ("will not close", "stays open")."""
    if polarity.implied_on_one_side:
        return [Difference(NEGATION, *map(_listed, polarity.implied))]
    if not polarity.turned:
        return []
    found = [Difference(OPPOSITE, *pair) for pair in polarity.opposed[:1]]
    if polarity.negated:
        found.append(Difference(NEGATION, *map(_listed, polarity.negations)))
    if polarity.swapped:
        names = polarity.swapped
        found.append(Difference(SWAPPED, " – ".join(names), " – ".join(reversed(names))))
    return found


def _listed(words: tuple[str, ...]) -> str:
    return " … ".join(dict.fromkeys(words))


@lru_cache(maxsize=1024)
def core(text: str) -> str:
    """The text without the clause that says who reports it, as far as its form shows one."""
    kept = _TAIL.sub("", text)
    if kept == text:
        kept = _TAIL_EN.sub("", text)
    shorter = _HEAD.sub("", kept)
    return shorter if len(shorter.split()) >= 3 else kept


def shared_words(statement: str, claim: str) -> tuple[float, float]:
    """Share of each text's content words found in the other, 0..1 each, by stems of both languages."""
    left, right = _stems(core(statement)), _stems(core(claim))
    if not left or not right:
        return 0.0, 0.0
    return (
        sum(bool(forms & _flat(right)) for forms in left) / len(left),
        sum(bool(forms & _flat(left)) for forms in right) / len(right),
    )


def _stems(text: str) -> list[frozenset[str]]:
    words = [m.group() for m in tokens(text) if m.group().lower() not in STOP_WORDS]
    return [frozenset((stem(w, "de"), stem(w, "en"))) for w in words]


def _flat(forms: list[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*forms)


def _numbers(left: str, right: str) -> tuple[list[Difference], int, int]:
    mine, theirs = list(numbers_in(left).quantities), list(numbers_in(right).quantities)
    found: list[Difference] = []
    shared = 0
    for a in list(mine):
        for b in theirs:
            if a.kind == b.kind and _close(a.value, b.value):
                mine.remove(a)
                theirs.remove(b)
                if a.per and b.per and a.per != b.per:
                    found.append(Difference(UNIT, f"{a.text} / {a.per}", f"{b.text} / {b.per}"))
                else:
                    shared += 1
                break
    for a in list(mine):  # "90 percent" and "9 out of 10" agree above; here the kinds differ or the values do
        b = next((b for b in theirs if b.kind == a.kind), None) or next((b for b in theirs if _same_numeral(a, b)), None)
        if b is None:
            continue
        mine.remove(a)
        theirs.remove(b)
        unit = _same_numeral(a, b) and a.value != b.value and _bare(a) != _bare(b) and a.kind not in {"count", "money"}
        if a.kind != b.kind and "count" in (a.kind, b.kind):
            shared += 1  # "300 tons" and "300": one side leaves the unit out
        else:
            found.append(Difference(UNIT if unit or a.kind != b.kind else NUMBER, a.text, b.text))
    return found, shared, len(mine) + len(theirs)


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 0.021 * max(abs(a), abs(b))


def _same_numeral(a: Quantity, b: Quantity) -> bool:
    return a.numeral == b.numeral and a.numeral != 1


def _bare(quantity: Quantity) -> str:
    return re.sub(r"[\d.,\s]+", "", quantity.text).lower()


def _dates(left: str, right: str) -> list[Difference]:
    mine, theirs = numbers_in(left).dates, numbers_in(right).dates
    for kind in ("year", "month", "day", "weekday", "feast"):
        a = {d.value: d.text for d in mine if d.kind == kind}
        b = {d.value: d.text for d in theirs if d.kind == kind}
        if a and b and not a.keys() & b.keys():
            return [Difference(DATE, next(iter(a.values())), next(iter(b.values())))]
    seasons = [d for d in mine if d.kind in {"feast", "month"}], [d for d in theirs if d.kind in {"feast", "month"}]
    if seasons[0] and seasons[1] and {d.kind for d in seasons[0]}.isdisjoint({d.kind for d in seasons[1]}):
        return [Difference(DATE, seasons[0][0].text, seasons[1][0].text)]
    return []


def _places(left: str, right: str) -> list[Difference]:
    a, b = places_in(left), places_in(right)
    only_a = [text for key, text in a.items() if key not in b]
    only_b = [text for key, text in b.items() if key not in a]
    return [Difference(PLACE, only_a[0], only_b[0])] if only_a and only_b else []


@lru_cache(maxsize=1024)
def _place_items(text: str) -> tuple[tuple[str, str], ...]:
    keys, pattern = wordlists.places()
    return tuple((keys[m.group(1)], m.group(1)) for m in pattern.finditer(text))


def places_in(text: str) -> dict[str, str]:
    """Key of each place a text names -> the name as it stands, in order."""
    return {key: name for key, name in reversed(_place_items(text))}


def _names(left: str, right: str) -> tuple[list[Difference], int]:
    a, b = names_in(left), names_in(right)
    shared = len(a.keys() & b.keys())
    only_a = [text for key, text in a.items() if key not in b]
    only_b = [text for key, text in b.items() if key not in a]
    if only_a and only_b:
        return [Difference(NAME, only_a[0], only_b[0])], shared
    if not a and not b:  # nobody is named: "the mayor" against "the governor"
        roles = _roles(left), _roles(right)
        mine = [text for key, text in roles[0].items() if key not in roles[1]]
        theirs = [text for key, text in roles[1].items() if key not in roles[0]]
        if mine and theirs:
            return [Difference(NAME, mine[0], theirs[0])], shared
    return [], shared


@lru_cache(maxsize=1024)
def _name_items(text: str) -> tuple[tuple[str, str], ...]:
    known, first = wordlists.surnames(), wordlists.first_names()
    taken = {piece for _, name in _place_items(text) for piece in name.split()}
    german = is_german(text)
    found: dict[str, str] = {}
    previous = ""
    for place, match in enumerate(tokens(text)):
        word = match.group()
        folded = fold(word.split("'")[0].split("’")[0])
        bare = folded if folded in known else folded.removesuffix("s")
        if word[0].isupper() and bare in known:
            found[known[bare]] = word
        elif word[0].isupper() and word not in taken and fold(previous) in first and previous[:1].isupper():
            found[bare] = word
        elif not german and place and word[0].isupper() and len(word) > 2 and word not in taken and word.lower() not in STOP_WORDS:
            if not text[: match.start()].rstrip(" \"'“‘(").endswith((".", "!", "?", ":")) and fold(word) not in first:
                found.setdefault(bare, word)
        previous = word
    return tuple(found.items())


def names_in(text: str) -> dict[str, str]:
    """Persons and other names a text gives, one key for all spellings of a public figure -> the name as it stands."""
    return dict(_name_items(text))


def _roles(text: str) -> dict[str, str]:
    folded = fold(text)
    return {name: m.group() for name, pattern in wordlists.offices().items() if (m := pattern.search(folded))}


def actors_in(text: str) -> dict[str, str]:
    """Public figures and places, who can do something to each other: the key that both languages share -> the words as they stand."""
    figures = set(wordlists.surnames().values())
    return {**{key: name for key, name in names_in(text).items() if key in figures}, **places_in(text)}
