"""German noun phrases, and the one that names the speaker beside a verb of saying."""

from __future__ import annotations

from collections.abc import Sequence

from factcheck.extraction import german_grammar as g
from factcheck.extraction.sentences import Token

LONGEST_PHRASE = 24  # tokens
_TIME = {
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag", "heute", "gestern",
    "morgen", "abend",
    "mittag", "nachmittag", "vormittag", "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september",
    "oktober",
    "november", "dezember",
}  # fmt: skip
_SKIPPED = {"sich", "es", "ihm", "ihr", "ihnen", "ihn", "uns", "mir", "mich"}


def noun_phrase(row: Sequence[Token], at: int, stop: int) -> int:
    """Place after the noun phrase that begins at ``at``, or ``at`` when none does. Takes genitives, "von ..." and names along."""
    stop = min(stop, at + LONGEST_PHRASE)
    place, nouns = at, 0
    if place < stop and row[place].lower in g.PRONOUNS and not _opens_noun(row, place, stop):
        return place + 1 if row[place].lower not in {"ihm", "ihn", "ihnen"} else at
    while place < stop:
        token = row[place]
        word = token.lower
        if token.text == "(":
            close = next((i for i in range(place, min(place + 8, len(row))) if row[i].text == ")"), None)
            if not nouns or close is None:
                break
            place = close + 1
        elif token.text in '„“"»«' and token.text:
            place += 1
        elif word in g.DETERMINERS and not (token.capital and place > at):
            if nouns and word not in g.GENITIVE:
                break
            if nouns and not _opens_noun(row, place, stop):
                break
            place += 1
        elif token.text.islower() and g.is_adjective_like(token):
            if not _leads_to_noun(row, place, stop):
                break
            place += 1
        elif token.capital and token.text[0].isalpha():
            nouns += 1
            place += 1
        elif token.text[0].isdigit():
            if nouns:
                break
            nouns += "jährig" in word
            place += 1
        elif nouns and word in {
            "von",
            "vom",
            "van",
            "de",
            "zu",
            "für",
            "zur",
            "zum",
            "bin",
            "al",
            "el",
            "und",
            "&",
            "sowie",
            "/",
        }:
            if not (place + 1 < stop and _opens_noun(row, place, stop)) or (
                word in {"zu", "zur", "zum"} and not row[place + 1].capital
            ):
                break
            place += 1
        elif (
            nouns
            and word in {"in", "im", "aus"}
            and row[at].lower in g.DETERMINERS
            and place + 1 < stop
            and row[place + 1].capital
            and row[place + 1].lower not in _TIME
        ):
            place += 1
        else:
            break
    while place > at and (
        row[place - 1].lower in g.DETERMINERS | g.PREPOSITIONS | {"und", "sowie", "&", "/"} or row[place - 1].text in "„»"
    ):
        if row[place - 1].capital and place - 1 > at:
            break
        place -= 1
    return place if nouns else at


def _opens_noun(row: Sequence[Token], at: int, stop: int) -> bool:
    """After the word at ``at`` come only adjectives and determiners before a noun."""
    for place in range(at + 1, min(at + 5, stop)):
        token = row[place]
        if token.capital or token.text[0].isdigit() or token.text in '„“"»':
            return True
        if not (g.is_adjective_like(token) or token.lower in g.DETERMINERS):
            return False
    return False


_leads_to_noun = _opens_noun


def subject(row: Sequence[Token], a: int, b: int, verb: int, verb_last: bool = False) -> tuple[int, int] | None:
    """The noun phrase in the clause ``row[a:b]`` that is the subject of the finite verb at ``verb``; None when there is none."""
    if verb + 1 < b and row[verb + 1].lower == "er" and not verb_last:
        return verb + 1, verb + 2
    start = a
    while start < verb and (row[start].lower in g.CONJUNCTIONS or row[start].text in ".?!…"):
        start += 1
    if start < verb:
        first = row[start].lower
        if first in {"auch", "selbst", "sogar", "nur", "allein"} and start + 1 < verb:
            start, first = start + 1, row[start + 1].lower
        alone = start + 1 == verb and first.endswith(("mäß", "lich", "weise", "isch", "haft", "sam", "ends"))
        opens_other = (
            alone or first in g.PREPOSITIONS or (first in g.ADVERBS and not _leads_straight(row, start, verb)) or first in _TIME
        )
        if first in g.SUBORDINATORS or verb_last:
            place = start + 1 if first in g.SUBORDINATORS else start
            while place < verb and (row[place].lower in g.ADVERBS or row[place].lower in _SKIPPED - {"es", "ihr"}):
                place += 1
            end = noun_phrase(row, place, verb)
            if end > place and not _is_time(row, place, end):
                return place, end
        elif not opens_other:
            end = noun_phrase(row, start, verb)
            if end > start and not _is_time(row, start, end):
                alone_object = first in {"das", "dies", "dieses", "letzteres"} and end == start + 1
                after = _after(row, verb, b)
                if after and (alone_object or (_may_be_object(row, start, end) and _is_clear_subject(row, *after))):
                    return after
                return None if alone_object else (start, end)
    return _after(row, verb, b)


def antecedent(row: Sequence[Token], end: int) -> tuple[int, int] | None:
    """The noun phrase that ends at ``end``: what a relative clause after it is about."""
    for start in range(max(0, end - 12), end):
        if (row[start].lower in g.DETERMINERS or row[start].capital) and noun_phrase(row, start, end) == end:
            return start, end
    return None


def finite_place(row: Sequence[Token], a: int, b: int) -> int | None:
    """Place of the finite verb of a main clause: the first word in small letters after its first phrase, or None."""
    place = a
    while place < b and (row[place].lower in g.CONJUNCTIONS or row[place].text in '.?!…„“"»«'):
        place += 1
    for _ in range(4):
        if place < b and row[place].lower in g.PREPOSITIONS:
            place = max(noun_phrase(row, place + 1, b), place + 1)
        elif place < b and row[place].lower in g.ADVERBS and row[place].lower not in g.AUXILIARIES:
            place += 1
        else:
            end = noun_phrase(row, place, b)
            if end == place:
                break
            place = end
    if place > a and place < b and row[place].text.islower() and row[place].text.isalpha():
        word = row[place].text
        if word not in g.PREPOSITIONS | g.ADVERBS | g.DETERMINERS | g.SUBORDINATORS | g.CONJUNCTIONS | g.PRONOUNS:
            return place
    return None


def _leads_straight(row: Sequence[Token], start: int, verb: int) -> bool:
    return start + 1 == verb and row[start].capital and row[start].lower not in g.ADVERBS


def _after(row: Sequence[Token], verb: int, b: int) -> tuple[int, int] | None:
    """The noun phrase right after the verb, past adverbs, "sich" and a phrase of time."""
    place, tries = verb + 1, 0
    while place < b and tries < 14:
        word = row[place].lower
        if word in g.PRONOUNS and word not in _SKIPPED:
            return place, max(noun_phrase(row, place, b), place + 1)
        if word in g.PREPOSITIONS:
            end = noun_phrase(row, place + 1, b)
            if end == place + 1:
                return None
            place = end
        elif word in _SKIPPED or word in g.ADVERBS or word in g.AUXILIARIES or word in _TIME:
            place += 1
        else:
            end = noun_phrase(row, place, b)
            if end > place and not _is_time(row, place, end):
                return (place, end) if word not in {"dem", "den", "einem", "einen"} else None
            if end == place:
                return None
            place = end
        tries += 1
    return None


def _is_time(row: Sequence[Token], a: int, b: int) -> bool:
    return any(t.lower in _TIME for t in row[a:b]) and b - a <= 3


def _may_be_object(row: Sequence[Token], a: int, b: int) -> bool:
    return row[a].lower in {"den", "einen", "dem", "diesen", "seinen", "ihren"} or (
        row[a].lower in {"die", "das", "eine", "ein", "diese", "dieses", "seine", "ihre"}
        and row[b - 1].text.endswith(("ung", "ungen", "heit", "keit", "ion"))
    )


def _is_clear_subject(row: Sequence[Token], a: int, b: int) -> bool:
    return row[a].lower in {"der", "ein", "er"} or (row[a].capital and row[a].lower not in g.DETERMINERS)
