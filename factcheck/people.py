"""Who speaks: a mention in an article -> a person, by the article itself and by the people on file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from factcheck.extraction.cast import Cast
from factcheck.extraction.mentions import is_epithet, is_generic_body, is_plural, read_mention, stems
from factcheck.extraction.names import fold, gender_of, is_title
from factcheck.extraction.roles import is_party_noun
from factcheck.records import Article, Office, Person

_FIGURES = Path(__file__).parent / "data" / "public_figures.toml"


@lru_cache(maxsize=1)
def public_figures() -> tuple[Person, ...]:
    """The well-known figures every installation starts with (``data/public_figures.toml``), in the file's order, ids 0.

    Party nouns ("Republikaner") are offices without dates.
    """
    entries = tomllib.loads(_FIGURES.read_text(encoding="utf-8"))["person"]
    return tuple(
        Person(
            id=0,
            name=entry["name"],
            aliases=tuple(entry.get("aliases", ())),
            offices=tuple(Office(o["title"], o.get("since"), o.get("until")) for o in entry.get("offices", ()))
            + tuple(Office(title) for title in entry.get("parties", ())),
            gender=entry.get("gender", ""),
            organisation=entry.get("organisation", False),
        )
        for entry in entries
    )


def cast(article: Article, people: Sequence[Person] = ()) -> Cast:
    """Everybody in ``article``, ready to tell whom a mention means. ``people`` on file come before the well-known figures."""
    on_file = {fold(spelling) for person in people for spelling in (person.name, *person.aliases)}
    known = [p for p in public_figures() if not on_file & {fold(spelling) for spelling in (p.name, *p.aliases)}]
    return Cast(article, (*people, *known))


@dataclass(frozen=True)
class Words:
    """What can be remembered of a mention: a name, or an office. ``dated`` offices count from the article's day on."""

    phrase: str
    is_office: bool = False
    dated: bool = False

    def phrase_of(self, person: Person) -> bool:
        """Is the person known by these words already?"""
        wanted = fold(self.phrase)
        if self.is_office:
            return any(fold(o.title) == wanted and (not o.since or self.dated) for o in person.offices)
        known = {fold(n) for n in (person.name, *person.aliases)}
        return wanted in known or any(name.split()[-1:] == [wanted] for name in known)


def memorable(mention: str, language: str) -> Words | None:
    """What of a mention is worth keeping for other articles; None for words that mean somebody else each time.

    Pronouns, party nouns, ages and "das Unternehmen" are never kept. "Der Senator" is kept as an office without dates, which only
    ever chooses among those an article names; "der Hafensenator von Kiel" counts from the article's day on; names are aliases.
    """
    reading = read_mention(mention, language)
    if reading.kind == "name":
        return Words(reading.core)
    if reading.kind == "organisation":
        return None if is_generic_body(reading.core) else Words(reading.core)
    if reading.kind != "role" or is_plural(mention, reading.core, language) or is_epithet(reading.core):
        return None
    if is_party_noun(stems(reading.core)):
        return None
    words = reading.core.split()
    specific = "-" in reading.core or (len(words) > 1 if language == "de" else any(word[0].isupper() for word in words))
    if specific and not is_title(words[-1]) and not is_title(words[0]):
        return Words(reading.core)
    return Words(reading.core, is_office=True, dated=specific)


# What bodies are called that no German or English noun for a body ends in. Whole words, lower case.
_BODY_WORDS = frozenset(
    "international watch group holding inc ltd llc plc corp gmbh ag se kg ev power energy motors airlines airways systems technologies"
    " industries partners brothers bros media pictures studios records posts post users greenpeace unicef caritas diakonie united city fc"
    " nations coalition alliance network forum institute fund front movement bewegung allianz netzwerk werke stadtwerke ohne without for für"
    " de-facto kirche eu un uno us usa ig nato cdu csu spd fdp afd".split()
)


def is_organisation(name: str) -> bool:
    """Does a full name name a body rather than somebody: "Deutscher Wetterdienst", "Robert Koch-Institut", "Human Rights Watch"?"""
    known = next((p for p in public_figures() if fold(name) in {fold(n) for n in (p.name, *p.aliases)}), None)
    if known:
        return known.organisation
    words = name.split()
    if not words:
        return False
    if "-" in words[-1] and read_mention(f"das {words[-1].rpartition('-')[2]}", "de").kind == "organisation":
        return True
    if gender_of(words[0]) or is_title(words[0]):
        return False
    if any(word == "&" or word.casefold().strip(".") in _BODY_WORDS or (word.isupper() and 3 <= len(word) <= 6 and word.isalpha()) for word in words):
        return len(words) > 1 and not (len(words) == 2 and words[1].casefold() == "post")
    return any(read_mention(name, language).kind == "organisation" for language in ("de", "en"))


def find(name: str, people: Sequence[Person] | Directory) -> Person | None:
    """The one person whose name or alias is ``name``, whatever its case and accents; else the only one with that surname.

    None when nobody, or more than one person, fits. Who looks for many among the same people gives them as a ``Directory``.
    """
    return (people if isinstance(people, Directory) else Directory(people)).find(name)


class Directory:
    """People by their names, to be asked for several."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._by_name: dict[str, list[Person]] = {}
        self._by_surname: dict[str, list[Person]] = {}
        for person in people:
            names = {folded for name in (person.name, *person.aliases) if (folded := fold(name))}
            for folded in names:
                self._by_name.setdefault(folded, []).append(person)
            for surname in () if person.organisation else {folded.split()[-1] for folded in names}:
                self._by_surname.setdefault(surname, []).append(person)

    def find(self, name: str) -> Person | None:
        """As ``find``."""
        wanted = fold(name)
        found = self._by_name.get(wanted, []) or ([] if " " in wanted else self._by_surname.get(wanted, []))
        return found[0] if len(found) == 1 else None
