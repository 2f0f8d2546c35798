"""What somebody is: when two phrases for an office, a trade or a party say the same, "the mayor" and "Mayor of Kiel"."""

from __future__ import annotations

import re
from functools import lru_cache

from factcheck.extraction.mentions import stems

EXACT, CLOSE, LOOSE, NOT_AT_ALL = 3, 2, 1, 0

# Words that make another office of the one they stand before.
_DEPUTY = ("vize", "vice", "deputy", "stellvertretend", "acting", "co-", "assistant")
_FORMER = ("fruher", "ehemalig", "form", "ex", "alt", "once")
MODIFIERS = frozenset(  # before a title they make another office of it
    "vice deputy former acting assistant ex ehemalige ehemaliger ehemaligen ehemaligem frühere früherer früheren früherem designierte"
    " designierter designierten stellvertretende stellvertretender stellvertretenden künftige künftiger künftigen".split()
)
_ELECT = ("designiert", "gewahlt", "elect", "kunftig", "incoming", "president-elect")
_SAME = (
    {"trainer", "coach"}, {"torwart", "torhuter", "keeper", "torfrau", "goalkeeper"}, {"lawyer", "attorney", "counsel"},
    {"anwalt", "jurist", "verteidig"}, {"autor", "schriftstell"}, {"author", "writer", "novelist"},
    {"forsch", "wissenschaftl", "professor"}, {"researcher", "scientist", "professor"},
    {"grund", "unternehm", "geschaftsfuhr", "firmenchef"}, {"founder", "entrepreneur", "businessman", "businesswoman", "executive"},
    {"staatschef", "prasident"}, {"regierungschef", "ministerprasident", "premierminister", "premi", "kanzl"},
    {"chef", "vorsitzend"}, {"chairman", "chair", "chairwoman", "head", "president"}, {"policeman", "officer"}, {"rathauschef", "burgermeist", "oberburgermeist", "stadtchef"},
    {"landwirt", "bau"}, {"arzt", "medizin"}, {"arztin", "medizinerin"},
)  # fmt: skip
_PARTIES = {
    "SPD": ("Sozialdemokrat", "Sozialdemokratin", "SPD-Politiker", "SPD-Politikerin", "Genosse", "Genossin"),
    "CDU": ("Christdemokrat", "Christdemokratin", "CDU-Politiker", "CDU-Politikerin", "Unionspolitiker", "Unionspolitikerin"),
    "CSU": ("CSU-Politiker", "CSU-Politikerin", "Unionspolitiker", "Unionspolitikerin"),
    "FDP": ("FDP-Politiker", "FDP-Politikerin", "Liberaler", "Liberale", "Freidemokrat", "Freidemokratin"),
    "Grüne": ("Grünen-Politiker", "Grünen-Politikerin", "Grüner", "Grüne"),
    "Linke": ("Linken-Politiker", "Linken-Politikerin"),
    "AfD": ("AfD-Politiker", "AfD-Politikerin"),
    "BSW": ("BSW-Politiker", "BSW-Politikerin"),
    "ÖVP": ("ÖVP-Politiker", "ÖVP-Politikerin"),
    "SPÖ": ("SPÖ-Politiker", "SPÖ-Politikerin", "Sozialdemokrat", "Sozialdemokratin"),
    "R": ("Republican", "Republikaner", "Republikanerin"),
    "D": ("Democrat", "Demokrat", "Demokratin"),
}
_PARTY_NOUNS = frozenset(stems(noun) for nouns in _PARTIES.values() for noun in nouns) | {
    ("conservativ",), ("konservativ",), ("labour", "politician"), ("tory",), ("liberal",), ("socialist",)
}  # fmt: skip


def party_nouns(party: str) -> tuple[str, ...]:
    """What a member goes by: "SPD" gives "Sozialdemokrat" and others, "R-SC" gives "Republican"; () for what is no party."""
    bare = party.strip().removeprefix("Die ").removeprefix("Bündnis 90/")
    bare = {"Grünen": "Grüne", "Linken": "Linke", "B’90/Grüne": "Grüne"}.get(bare, bare)
    return _PARTIES.get(bare, _PARTIES.get(bare.partition("-")[0], ()) if re.match(r"[RD]-", bare) else ())


def is_party_noun(wanted: tuple[str, ...]) -> bool:
    """Does the phrase (as stems) name a member of a party ("Sozialdemokrat")?"""
    return wanted in _PARTY_NOUNS


def is_former(phrase: tuple[str, ...]) -> bool:
    """ "Ex-Präsident", "the former mayor", "Altkanzlerin"."""
    return _kind(phrase)[0] == "former"


def without_former(phrase: tuple[str, ...]) -> tuple[str, ...]:
    """The office that was held: "the former mayor" gives "mayor"."""
    return _kind(phrase)[1]


def likeness(wanted: tuple[str, ...], phrase: tuple[str, ...]) -> int:
    """How well a phrase fits what is asked for, both as stems: EXACT, CLOSE (the same office, told more or less fully), LOOSE, NOT_AT_ALL."""
    if not wanted or not phrase:
        return NOT_AT_ALL
    if set(wanted) == set(phrase):
        return EXACT
    (kind, bare), (other_kind, other) = _kind(wanted), _kind(phrase)
    if kind != other_kind or not bare or not other:
        return NOT_AT_ALL
    if set(bare) == set(other):
        return EXACT
    if len(bare) < len(other) and other[-len(bare) :] == bare:
        return CLOSE  # "the prime minister" for the "British prime minister"
    if len(bare) > 1 and len(other) > 1:
        return CLOSE if bare[:-1] == other[:-1] and _same_trade(bare[-1], other[-1]) else NOT_AT_ALL
    head, last = bare[-1], other[-1]
    if len(bare) == 1 and "-" in head and "-" in last and head.split("-")[0] == last.split("-")[0]:
        return CLOSE if _same_trade(head.split("-")[-1], last.split("-")[-1]) or head.split("-")[0] == "kreml" else NOT_AT_ALL
    if len(bare) == 1 and min(len(head), len(last)) > 4 and (last.endswith(head) or head.endswith(last)):
        return LOOSE
    if len(bare) > 1 and len(other) == 1 and head == last:
        return NOT_AT_ALL if is_party_noun(other) else LOOSE  # "the Kentucky Republican" is not any Republican
    return LOOSE if len(bare) == 1 and _same_trade(head, last) else NOT_AT_ALL


def is_trade(word: str) -> bool:
    """Does a noun, as a stem, stand among those that have others for the same trade ("coach")?"""
    return any(word.removesuffix("in").removesuffix("er") in group for group in _SAME)


def _same_trade(one: str, other: str) -> bool:
    """Two nouns for one thing, as stems, of men or of women alike."""
    if one == other:
        return True
    if one.endswith("in") != other.endswith("in"):
        return False
    one, other = one.removesuffix("in"), other.removesuffix("in")
    one, other = one.removesuffix("er"), other.removesuffix("er")
    return any(one in group and other in group for group in _SAME)


@lru_cache(maxsize=20_000)
def _kind(phrase: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """("former", "deputy", "elect" or "", the words without that): so that a vice president is never taken for a president."""
    kind, rest = "", []
    for word in phrase:
        for name, marks in (("former", _FORMER), ("deputy", _DEPUTY), ("elect", _ELECT)):
            mark = next((m for m in marks if word == m or (name != "elect" and _prefixed(word, m))), None)
            if mark:
                kind = name
                word = "" if word == mark else word.replace(mark, "", 1).lstrip("-")
                if name == "elect" and mark == "president-elect":
                    word = "president"
                break
        if word:
            rest.append(word)
    return kind, tuple(rest)


def _prefixed(word: str, mark: str) -> bool:
    if mark in {"ex", "alt", "co-"}:
        return word.startswith(f"{mark.rstrip('-')}-") or (mark == "alt" and word.startswith(("altkanzl", "altburgermeist")))
    return mark == "vize" and mark in word  # "US-Vizepräsident"
