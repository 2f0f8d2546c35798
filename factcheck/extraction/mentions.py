"""What kind of words a mention is: a pronoun, a name, a role ("der Republikaner"), an organisation, or nobody in particular."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from factcheck.extraction.names import fold, gender_of, is_title

_PRONOUNS = {
    "er": "m", "ihm": "m", "ihn": "m", "sein": "m", "seine": "m", "seiner": "m", "seinen": "m", "seinem": "m", "dieser": "m",
    "letzterer": "m",
    "sie": "f", "ihr": "f", "ihre": "f", "ihrer": "f", "ihren": "f", "ihrem": "f", "letztere": "f", "es": "n", "he": "m",
    "him": "m",
    "his": "m", "she": "f", "her": "f", "it": "n", "dessen": "m", "deren": "f",
}  # fmt: skip
_NOBODY = frozenset(
    "man wer wir ich uns we i you us they jemand niemand someone nobody who that which viele many some beide both".split()
)
_INDEFINITE = frozenset(
    "ein eine einer eines einem einen mehrere viele einige manche zahlreiche verschiedene zwei drei vier fünf keine kein"
    " andere weitere etliche"
    " a an some several many few two three four other another no one".split()
)
_DEFINITE = frozenset(
    "der die das den dem des the dieser diese dieses jener jene this that auch selbst sogar nur even only".split()
)
_POSSESSIVE = frozenset(
    "sein seine seiner seinem seinen ihr ihre ihrer ihrem ihren his her their its dessen deren unser unsere our"
    " my mein meine".split()
)
_BELONGING = re.compile(
    r"\b(?:von|vom|of|for|bei|beim|zu|aus)\s+(?:(?:dem|der|den|the|Herrn|Frau|Mr\.|Mrs\.|Ms\.)\s+)?$", re.IGNORECASE
)
_WHOSE = re.compile(r"\s(?:des|der|von|vom|of)\s")
_SEVERAL = re.compile(r"\b(?:sowie|und (?:die|der|das|andere)|and (?:the|other|his|her))\b")
_QUOTED = re.compile(r"^[^„“”\"»«]*[„“\"»]([^„“”\"»«]{2,60})[“”\"«]$")
_ORGANISATION_ENDINGS = (
    "ministerium", "regierung", "polizei", "partei", "gericht", "gerichtshof", "behörde", "amt", "staatsanwaltschaft",
    "anwaltschaft", "konzern",
    "verband", "institut", "kommission", "parlament", "fraktion", "bank", "universität", "zeitung", "agentur",
    "organisation", "gewerkschaft",
    "bund", "verein", "unternehmen", "firma", "stiftung", "kirche", "armee", "militär", "bundestag", "bundesrat", "senat",
    "kongress",
    "union", "rat", "feuerwehr", "gesellschaft", "magazin", "sender", "blatt", "kreml", "haus", "dienst", "wehr", "kammer",
    "vereinigung",
    "initiative", "allianz", "koalition", "opposition", "zentrum", "club", "klub", "werk", "werke", "verwaltung",
    "präsidium", "genossenschaft",
    "hochschule", "klinik", "kanzlei", "zentrale", "kasse", "botschaft", "bündnis", "verlag", "akademie", "börse", "versicherung", "gmbh", "rechnungshof", "krankenhaus", "bahn", "post", "mission", "delegation", "leitung", "führung", "redaktion",
    "vorstand", "stadtrat",
    "ministry", "government", "police", "party", "court", "agency", "department", "office", "company", "group", "committee",
    "commission",
    "council", "parliament", "university", "institute", "newspaper", "campaign", "union", "association", "foundation",
    "administration",
    "organization", "congress", "house", "senate", "army", "military", "kremlin", "pentagon", "post", "times", "journal",
    "news", "bureau",
    "network", "corporation", "authority", "board", "federation", "ministry", "cnn", "bbc", "reuters", "press", "center",
    "centre", "tribune",
)  # fmt: skip
_NOT_ORGANISATIONS = frozenset("rat gewinn beamt verwandt".split())


class Reading(NamedTuple):
    """``kind`` is "pronoun", "name", "role", "organisation" or "nobody"; ``core`` the mention without article and brackets."""

    kind: str
    core: str
    gender: str = ""
    age: str = ""


def read_mention(mention: str, language: str) -> Reading:
    bare = re.sub(r"\s*\([^)]*\)?", "", mention).strip(" ,;:-–")
    words = bare.split()
    if not words:
        return Reading("nobody", "")
    first = words[0].casefold()
    if len(words) == 1 and first in _PRONOUNS:
        return Reading("pronoun", bare, _PRONOUNS[first])
    if first in _NOBODY or (first in _POSSESSIVE and len(words) > 1 and not _name_in(bare)):
        return Reading("nobody", bare)
    name = _name_before(bare) or _name_in(bare)
    if name:
        honorific = {"herr": "m", "herrn": "m", "mr": "m", "frau": "f", "mrs": "f", "ms": "f"}
        gender = next((honorific[w.casefold().rstrip(".")] for w in words if w.casefold().rstrip(".") in honorific), "")
        return Reading("name", name, gender)
    if first in _INDEFINITE or _SEVERAL.search(bare):
        return Reading("nobody", bare)
    quoted = _QUOTED.search(bare)
    if quoted and first in _DEFINITE and not _WHOSE.search(bare[: quoted.start(1)]) and not any(map(is_title, words[:3])):
        return Reading("organisation", quoted[1])  # die „Seltenbacher Post“
    gender = {"der": "m", "die": "f", "das": "n", "dem": "m", "den": "m", "des": "m"}.get(first, "") if language == "de" else ""
    definite = first in _DEFINITE
    while words and words[0].casefold() in _DEFINITE:
        words = words[1:]
    core = " ".join(words)
    if not core:
        return Reading("nobody", bare)
    if language == "de" and first in {"der", "das", "des", "dem"}:
        words = _nominative(words, first)
        core = " ".join(words)
    if _is_organisation(words, language) and (any(w[0].isupper() for w in words) or is_generic_body(core)):
        return Reading("organisation", core)
    if language == "de" and first == "der" and words[-1].endswith("in") and is_title(words[-1]):
        gender = "f"  # "nach der Ministerin"
    whose = _WHOSE.search(core)
    if whose and not is_title(core[: whose.start()].split()[-1]):
        return Reading("nobody", bare)  # "der Bericht des Generalsekretärs" is not the secretary
    age = re.search(r"\b(\d{2})(?:-| )?(?:Jähriger?n?|year-old)", core, re.IGNORECASE)
    if definite or is_title(words[-1]) or first == "präsident":
        return Reading("role", core, gender if gender != "n" else "", age.group(1) if age else "")
    return Reading("nobody", bare)


def _name_in(mention: str) -> str:
    """The person's name in a mention; "" when there is none, or when it only says whose somebody is ("Trump's lawyer")."""
    parts = [p.strip() for p in mention.split(",") if p.strip()]
    for part in parts:
        words = part.split()
        if words and words[0].casefold() in _DEFINITE | _INDEFINITE | _POSSESSIVE:
            words = words[1:]
            article = True
        else:
            article = False
        tail: list[str] = []
        for place, word in reversed(list(enumerate(words))):
            if (word[0].isupper() and (not is_title(word) or (place and gender_of(words[place - 1])))) or (
                tail and word in {"von", "van", "der", "de", "bin", "al", "la", "di", "da", "zu", "den", "del"}
            ):
                tail.insert(0, word)
            else:
                break
        while tail and tail[0][0].islower():
            tail.pop(0)
        if not tail or any(ch.isdigit() for ch in "".join(tail)):
            continue
        head = words[: len(words) - len(tail)]
        before = part[: part.rfind(tail[0])] if tail else ""
        if _BELONGING.search(before) or re.search(r"[’']s?$", " ".join(tail)) and len(parts) == 1:
            continue
        titled = bool(head) and is_title(head[-1])
        known_first = next((i for i, w in enumerate(tail) if gender_of(w) or re.fullmatch(r"[A-Z]\.(?:[A-Z]\.)?", w)), None)
        if known_first is not None and len(tail) - known_first >= 2:
            if known_first and not titled and article and not _title_like(tail[:known_first]):
                pass
            return " ".join(tail[known_first:])
        if _organisation_words(tail) or (article and not titled):
            continue
        if titled and len(tail) <= 3:
            return " ".join(tail)
        if not head and not article and len(tail) <= 3 and (len(parts) == 1 or (len(tail) > 1 and _says_what(parts, part))):
            return " ".join(tail)
    return ""


def _name_before(mention: str) -> str:
    """The name in "Oberst Franz Polzer vom Landeskriminalamt", where it stands before what the person belongs to."""
    first = re.split(r"\s(?:vom|aus|bei|beim|from|of|at|im|in)\s", mention, maxsplit=1)[0]
    belonging = re.search(r"\s(?:von|der|des)\s(?:der\s|dem\s)?(?P<whom>.+)", first)
    if belonging and any(map(_is_body, belonging["whom"].split())):
        first = first[: belonging.start()]  # "Ines Waldau von der Gewerkschaft Nord", but not "Ursula von der Leyen"
    name = _name_in(first) if first != mention else ""
    return name if len(name.split()) > 1 and any(gender_of(word) for word in name.split()) else ""


def _says_what(parts: list[str], name: str) -> bool:
    """Does the only other part say what somebody is ("Sprecher der Gruppe", "Der Ministerpräsident Thailands")?"""
    others = [part.split() for part in parts if part != name]
    return len(others) == 1 and any(is_title(word) for word in others[0][:4])


def _title_like(words: list[str]) -> bool:
    return all(is_title(w) for w in words)


def _organisation_words(words: list[str]) -> bool:
    return any(w.casefold().endswith(_ORGANISATION_ENDINGS) or (w.isupper() and 2 <= len(w) <= 6) for w in words)


def _is_organisation(words: list[str], language: str) -> bool:
    head = words
    for stop in ("von", "vom", "der", "des", "für", "in", "im", "aus", "bei", "of", "for", "at", "from"):
        if stop in words[1:]:
            head = head[: min(len(head), words.index(stop, 1))]
    if len(head) > 1 and any(word[0].isupper() and _is_body(word) for word in head):
        return True  # "Gewerkschaft IG Bau", "Universität Kiel", "japanische Nachrichtenagentur Kyodo"
    if language != "de" and words[0] in {"Port", "City", "County", "State", "Town", "Diocese"} and "of" in words[1:2]:
        return True
    last = head[-1].casefold().strip('„“”"»«')
    if head[-1].isupper() and 2 <= len(head[-1]) <= 6 and head[-1].isalpha():
        return True
    return last.endswith(_ORGANISATION_ENDINGS) and last not in _NOT_ORGANISATIONS and not is_title(head[-1]) or last == "kreml"


def _is_body(noun: str) -> bool:
    return noun.casefold().endswith(_ORGANISATION_ENDINGS) and noun.casefold() not in _NOT_ORGANISATIONS and not is_title(noun)


_NEUTER = (
    "amt", "ministerium", "institut", "gericht", "parlament", "unternehmen", "haus", "werk", "zentrum", "magazin", "blatt",
    "militär", "präsidium",
    "krankenhaus",
)  # fmt: skip


def _nominative(words: list[str], article: str) -> list[str]:
    """The name alone: "des Statistischen Bundesamtes" gives "Statistisches Bundesamt", "der Deutschen Bank" "Deutsche Bank".

    Only the first noun and the adjectives before it change.
    """
    changed = list(words)
    noun = next(
        (
            n
            for n, w in enumerate(words)
            if w[0].isupper() and not (w.endswith(("e", "en")) and n + 1 < len(words) and words[n + 1][0].isupper())
        ),
        None,
    )
    if noun is None:
        return changed
    if article in {"der", "das"}:
        endings = {"en": "e", "e": "er"} if article == "der" else {"e": "es"}
        for n in range(noun):
            old = next((e for e in endings if words[n].endswith(e)), None)
            if old:
                changed[n] = words[n][: -len(old)] + endings[old]
        return changed
    word = words[noun]
    bare = next(
        (word[: -len(e)] for e in ("es", "s") if word.endswith(e) and word[: -len(e)].casefold().endswith(_ORGANISATION_ENDINGS)),
        word,
    )
    changed[noun] = bare
    ending = "es" if bare.casefold().endswith(_NEUTER) else "er"
    for n in range(noun):
        if words[n].endswith("en"):
            changed[n] = words[n][:-2] + ending
    return changed


_EPITHETS = (
    "republikaner", "demokrat", "konservative", "liberale", "politiker", "grüne", "linke", "jährige", "jähriger", "jurist",
    "ökonom", "unternehmer",
    "milliardär", "republican", "democrat", "conservative", "liberal", "year-old", "incumbent", "socialist", "billionaire",
    "native",
)  # fmt: skip


# Words in a role that do not tell who is meant.
_SAYS_NOTHING = frozenset(
    "von of damalige damaligen neue neuer neuen neuem jetzige jetziger amtierende amtierender amtierenden langjährige langjähriger"
    " new current sitting longtime".split()
)


def is_epithet(core: str) -> bool:
    """A noun that takes up somebody just named ("die Sozialdemokratin", "the 51-year-old"), hardly ever somebody new."""
    word = core.split()[-1].casefold()
    return word.endswith(_EPITHETS) or word.removesuffix("in").endswith(_EPITHETS)


_GENERIC_BODIES = frozenset(
    "regierung opposition koalition unternehmen firma konzern partei behörde verband gericht institut gewerkschaft verein organisation ministerium amt universität zeitung"
    " sender blatt magazin bank stiftung klinik krankenhaus fraktion initiative agentur kammer hochschule redaktion delegation gesellschaft"
    " verwaltung gruppe club klub stadt gemeinde company group agency authority ministry government administration bureau department committee commission council party court union"
    " association foundation organization newspaper network museum board office university institute".split()
)


_PUBLIC_BODY = (
    "agency", "authority", "department", "office", "commission", "ministry", "bureau", "administration", "board", "behörde", "amt",
    "ministerium", "kommission", "anstalt", "agentur",
)  # fmt: skip


def takes_up(core: str, name: str) -> bool:
    """Can "die Behörde" or "the union" mean the organisation ``name``, by what its own name says it is?"""
    noun, words = core.casefold(), [word.casefold() for word in name.split()]
    if noun.endswith(_PUBLIC_BODY):
        return any(word.endswith(_PUBLIC_BODY) for word in words)
    return any(word.endswith(noun) for word in words)


def is_definite(mention: str) -> bool:
    """Does it begin with an article or the like: "der Senator", "this senator"?"""
    return mention.split()[0].casefold() in _DEFINITE


def is_generic_body(core: str) -> bool:
    """A noun that takes up an organisation named elsewhere ("das Unternehmen", "the company") instead of naming one."""
    return core.casefold() in _GENERIC_BODIES


def is_plural(mention: str, core: str, language: str) -> bool:
    """ "Die Experten", "the senators": several people, so nobody."""
    words = core.split()
    if language != "de":
        return words[-1].endswith("s") and not words[-1].endswith("ss") and is_title(words[-1].removesuffix("s"))
    noun = words[-1].casefold()
    if mention.casefold().startswith("den "):
        return noun.endswith(("ern", "innen", "eln", "älen", "ären"))
    if not mention.casefold().startswith("die "):
        return False
    return noun.endswith(("innen", "beamten", "experten", "abgeordneten", "vorsitzenden", "jährigen", "leute", "beiden", "grünen", "linken")) or (
        noun.endswith(("er", "ner", "ter", "chefs", "anwälte", "präsidenten", "kandidaten", "demokraten", "politiker"))
    )


@lru_cache(maxsize=4096)
@lru_cache(maxsize=20_000)
def stems(phrase: str) -> tuple[str, ...]:
    """The words of a role without case endings: "des ukrainischen Präsidenten" and "ukrainischer Präsident" agree."""
    words = [
        w
        for w in re.split(r"[\s,]+", phrase)
        if w.casefold() not in _DEFINITE and w.casefold() not in _SAYS_NOTHING
    ]
    return tuple(_stem(w) for w in words if fold(w))


def _stem(word: str) -> str:
    lower = fold(word)
    if lower.endswith("in") and len(lower) > 5:
        return lower  # a woman's office is not a man's
    for ending in ("ern", "en", "er", "es", "em", "e", "n", "s"):
        if lower.endswith(ending) and len(lower) - len(ending) >= 4:
            return lower[: -len(ending)]
    return lower
