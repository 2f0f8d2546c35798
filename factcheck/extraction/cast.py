"""The cast of an article: everybody named in it, and which of them a mention like "der Republikaner" or "she" means.

What is certain gets a name. What is not keeps the article's own words, with suggestions for an editor: a speaker is never invented.
The certainties are ordered guesses, set by rule and held to account by ``factcheck eval people``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from factcheck.extraction import roles
from factcheck.extraction.figures import Figure, about, ages, spelling, with_surname
from factcheck.extraction.identity import Identity, best_of, sure
from factcheck.extraction.mentions import Reading, is_epithet, is_generic_body, is_plural, read_mention, stems
from factcheck.extraction.names import fold, full_names, is_title
from factcheck.records import Article, Office, Person

WINDOW = 4  # sentences back in which somebody named is still present to the reader
_SENTENCE = re.compile(r"(?<=[.!?…])(?<!\b[A-Z]\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bSen\.)(?<!Prof\.)(?<!\b\d\.)(?<!\b[0-3]\d\.)[\"”“»«’]*\s+|\n+")
# Offices that many countries have, as stems, and the words that tell whose the article is about.
_EVERYWHERE = frozenset(
    stems(title)
    for title in (
        "Kanzler", "Kanzlerin", "Vizekanzler", "Vizepräsident", "Vizepräsidentin", "vice president", "secretary of state",
        "health secretary", "defense secretary", "treasury secretary", "Kanzleramtschef", "House speaker",
    )
)  # fmt: skip
_MINISTERS = tuple(
    f"{office}minist{ending}"
    for office in ("aussen", "innen", "finanz", "verteidigungs", "gesundheits", "wirtschafts", "justiz", "arbeits", "verkehrs", "landwirtschafts")
    for ending in ("", "erin")
)
_HOME = {
    True: re.compile(r"\b(?:Bundes(?:tag|rat|regierung|kanzler|minister|republik)\w*|Berlin\w*|Deutschland\w*|deutsche[nrms]?|SPD|CDU|CSU|FDP|AfD|Ampel\w*)\b"),
    False: re.compile(r"\b(?:White House|Washington|U\.?S\.?|Congress|Senate|Capitol|Americans?|Republicans?|Democrats?|Oval Office)\b"),
}
_OPENING = {
    True: re.compile(r"(?:Der|Die)\s(?:[a-zäöüß]+e\s)?(?P<noun>[A-ZÄÖÜ][\w-]+)"),
    False: re.compile(r"(?:The)\s(?:[a-z]+\s)?(?P<noun>[a-z][a-z-]+)"),
}
_PLURAL = re.compile(
    r"(?:(?:sag|erklär|beton|forder|warn|meld|teil|bericht|kündig|kritisier|lob|woll|soll|muss|konn|hat)ten"
    r"|sprachen|sprechen|wollen|sollen|müssen|können|haben|werden|würden|wurden|waren|sind|seien|hätten|nannten|gaben)$"
)
_NUMERAL = re.compile(r"[ivx]{2,}")  # "Leo XIV." has no surname
_SURNAMES_THAT_ARE_WORDS = frozenset({"rice", "bush", "brown", "may", "papst", "francis", "franziskus"})


class Cast:
    """Built once for an article. ``resolve`` and ``identify`` answer for one mention, in text order best, since what was understood
    before helps; ``in_order`` answers for all.
    """

    def __init__(self, article: Article, people: Sequence[Person]) -> None:
        self.article = article
        self.day = (article.published_at or "")[:10] or None
        self.people = tuple(people)
        self.by_name: dict[str, Person | None] = {}
        self.on_file_surnames: dict[str, set[int]] = {}
        for number, person in enumerate(self.people):
            for written in (person.name, *person.aliases):
                key = fold(written)
                self.by_name[key] = person if self.by_name.get(key, person) is person else None
                if key and not person.organisation and not _NUMERAL.fullmatch(key.split()[-1]):
                    self.on_file_surnames.setdefault(key.split()[-1], set()).add(number)
        self._sentences = [0, *(m.end() for m in _SENTENCE.finditer(article.text))]
        self._unknown: list[tuple[int, str]] = []  # (place, gender) of roles that nobody was found for
        self.figures: dict[str, Figure] = {}
        for name in full_names(article.text, frozenset(self.by_name), article.language):
            figure = self._figure(name.text, name.gender)
            figure.stands_at(name.start)
            figure.goes_by(about(article.text, name))
            figure.ages.update(ages(article.text, name))
        self.by_surname: dict[str, list[Figure]] = {}
        for figure in self.figures.values():
            self.by_surname.setdefault(figure.surname, []).append(figure)
        self._add_surnames()

    # -- building -----------------------------------------------------------------------------------------------------

    def _figure(self, name: str, gender: str = "") -> Figure:
        person = self.by_name.get(fold(name))
        key = person.name if person else fold(name)
        if key not in self.figures:
            shown = spelling(person, name) if person else name.title() if name.isupper() else name
            self.figures[key] = Figure(
                shown, (person.gender if person else "") or (gender if gender in {"m", "f"} else ""), person
            )
        return self.figures[key]

    def _add_surnames(self) -> None:
        """Where surnames stand alone: places of figures, and people on file whom the article names by surname only."""
        for match in re.finditer(r"(?<![\w-])[^\W\d_a-z][\w’'-]+", self.article.text):
            word = fold(re.sub(r"[’']s?$", "", match.group()))
            for form in (word, word.removesuffix("s")):
                figures = self.by_surname.get(form)
                if (
                    figures is None
                    and len(self.on_file_surnames.get(form, ())) == 1
                    and match.group().casefold() not in _SURNAMES_THAT_ARE_WORDS
                ):
                    person = self.people[next(iter(self.on_file_surnames[form]))]
                    figures = self.by_surname.setdefault(form, [self._figure(with_surname(person, form))])
                if figures:
                    if len(figures) == 1:
                        figures[0].stands_at(match.start())
                        title = self.article.text[max(0, match.start() - 40) : match.start()].split()
                        if title and is_title(title[-1]):
                            figures[0].goes_by([title[-1].rstrip(".")])
                    break

    # -- asking -------------------------------------------------------------------------------------------------------

    def resolve(self, mention: str, at: int, last: str = "", sentence_before: tuple[int, int] | None = None) -> str:
        """The name of whom ``mention`` at offset ``at`` means, "" when that is not certain; see ``identify``."""
        return self.identify(mention, at, last, sentence_before).name

    def identify(self, mention: str, at: int, last: str = "", sentence_before: tuple[int, int] | None = None) -> Identity:
        """Whom ``mention`` at offset ``at`` means, with suggestions where that is not certain.

        ``last`` is who spoke just before, ``sentence_before`` the span of the sentence before (found here when it is not given).
        """
        reading = read_mention(mention, self.article.language)
        before = sentence_before or self._sentence_before(at)
        if reading.kind == "pronoun":
            found = self._pronoun(reading, mention, at, last, before)
        elif reading.kind == "name":
            found = self._named(reading, mention[: max(0, mention.find(reading.core))])
        elif reading.kind == "organisation":
            found = self._body(reading, last)
        elif reading.kind == "role" and not is_plural(mention, reading.core, self.article.language):
            found = self._role(reading, at, last, before)
        else:
            found = Identity()
        figure = self.by_display(found.name) if found.name else None
        if figure:
            figure.stands_at(at)
        elif reading.kind == "role" and not found.name:
            self._unknown.append((at, reading.gender))
        return found

    def in_order(self, mentions: Iterable[tuple[str, int]]) -> list[Identity]:
        """Whom each of ``mentions`` (words, offset) means, given in text order; each speaker counts as the last one for the next."""
        found: list[Identity] = []
        last, last_sentence = "", -9
        for mention, at in mentions:
            sentence = self._sentence(at)
            who = self.identify(mention, at, last if sentence - last_sentence <= 2 else "")
            if who.name:
                last, last_sentence = who.name, sentence
            found.append(who)
        return found

    def label(self, label: str) -> str:
        """Who a transcript's label is: a person in the text or on file, else the label in ordinary case, without titles."""
        bare = label.partition("(")[0].strip()
        words = [w for w in bare.split() if not is_title(w) and not w.endswith(".")] or bare.split()
        name = self._named(Reading("name", " ".join(words))).name if words else ""
        shown = " ".join(words)
        return name or (shown.title() if shown.isupper() else shown)

    def by_display(self, name: str) -> Figure | None:
        person = self.by_name.get(fold(name))
        return self.figures.get(person.name if person else fold(name))

    # -- where in the text ----------------------------------------------------------------------------------------------

    def _sentence(self, at: int) -> int:
        return bisect_right(self._sentences, max(0, at)) - 1

    def _sentence_before(self, at: int) -> tuple[int, int] | None:
        number = self._sentence(at)
        return (self._sentences[number - 1], self._sentences[number]) if number else None

    def _present(self, at: int, gender: str) -> list[Figure]:
        """Whom the last sentences before this one name, of fitting gender, the one named last first."""
        here = self._sentences[self._sentence(at)]
        start = self._sentences[max(0, self._sentence(at) - WINDOW)]
        found = [f for f in self.figures.values() if not f.organisation and f.fits(gender) and f.stands_in(start, here)]
        return sorted(found, key=lambda f: -f.last_before(here))

    def _in(self, span: tuple[int, int] | None, gender: str) -> list[Figure]:
        """Whom a span names, of fitting gender, the one named first first: that is mostly its subject."""
        if span is None:
            return []
        found = [f for f in self.figures.values() if not f.organisation and f.fits(gender) and f.stands_in(*span)]
        return sorted(found, key=lambda f: next(p for p in f.places if p >= span[0]))

    # -- pronouns -------------------------------------------------------------------------------------------------------

    def _pronoun(self, reading: Reading, mention: str, at: int, last: str, before: tuple[int, int] | None) -> Identity:
        if self._speaks_of_several(mention, at):
            return Identity()
        spoke = self.by_display(last) if last else None
        if last and (spoke is None or spoke.organisation):
            if reading.gender in {"n", "f"}:
                return sure(last, 0.9)
            spoke = None
        if reading.gender not in {"m", "f"}:
            return Identity()
        named = self._in(before, reading.gender)
        if spoke and spoke.fits(reading.gender):
            if not named or spoke in named:
                return sure(spoke.name, 0.95)
            return best_of([*((f.name, "just_named", 0.5) for f in named), (spoke.name, "just_spoke", 0.4)])
        stranger = self._stranger(at, before, reading.gender)
        if len(named) == 1 and not stranger:
            return sure(named[0].name, 0.9)
        if named:
            return best_of((f.name, "one_of_several" if len(named) > 1 else "just_named", 0.6 - 0.2 * n) for n, f in enumerate(named))
        present = self._present(at, reading.gender)
        if len(present) == 1 and not stranger:
            figure = present[0]
            return sure(figure.name, 0.9) if figure.gender == reading.gender else best_of([(figure.name, "only_fit", 0.7)])
        if present:
            return best_of((f.name, "just_named", 0.6 - 0.2 * n) for n, f in enumerate(present))
        everybody = [f for f in self.figures.values() if not f.organisation and f.fits(reading.gender) and f.last_before(at) >= 0]
        return best_of([(everybody[0].name, "only_fit", 0.6)]) if len(everybody) == 1 else Identity()

    def _stranger(self, at: int, before: tuple[int, int] | None, gender: str) -> bool:
        """Is somebody without a name there whom the pronoun may mean ("Die Wirtin kam. Sie sagte ...")?"""
        start = self._sentences[max(0, self._sentence(at) - 2)]
        if any(start <= place < at and sex in {gender, ""} for place, sex in self._unknown):
            return True
        opening = _OPENING[self.article.language == "de"].match(self.article.text, before[0], before[1]) if before else None
        if opening is None or not is_title(opening["noun"]) or self._named_at(opening.end()):
            return False
        mention = opening.group()
        reading = read_mention(mention, self.article.language)
        if reading.kind != "role" or (reading.gender and reading.gender != gender):
            return False
        found = self._role(reading, opening.start(), "", None)
        figure = self.by_display(found.name) if found.name else None
        if figure:
            figure.stands_at(opening.start())
        return figure is None

    def _named_at(self, place: int) -> bool:
        """Does somebody's name begin right after this place ("Der Trainer |Sven Polk")?"""
        return any(f.stands_in(place, place + 2) for f in self.figures.values())

    def _speaks_of_several(self, mention: str, at: int) -> bool:
        """ "Sie sprachen", "sagten sie": they, not she."""
        if self.article.language != "de" or mention.strip().lower() != "sie" or at < 0:
            return False
        before = re.search(r"(\w+)\s+$", self.article.text[max(0, at - 30) : at])
        after = re.match(r"\s+(\w+)", self.article.text[at + len(mention) : at + len(mention) + 30])
        return any(_PLURAL.match(word[1]) for word in (before, after) if word)

    # -- names ----------------------------------------------------------------------------------------------------------

    def _named(self, reading: Reading, title: str = "") -> Identity:
        """``title`` are the words before the name."""
        key = fold(reading.core)
        if not key:
            return Identity()
        surname = key.split()[-1]
        if key in self.figures or (self.by_name.get(key) and (" " in key or surname not in self.by_surname)):
            return sure(self._figure(reading.core).name, 1.0)
        if " " in key:
            for figure in self.by_surname.get(surname, []):
                if fold(figure.name).split()[0] == key.split()[0]:
                    return sure(figure.name, 1.0)
            return sure(self._figure(reading.core).name, 0.95)
        return self._by_surname(surname, reading, stems(title))

    def _by_surname(self, surname: str, reading: Reading, title: tuple[str, ...]) -> Identity:
        for form in (surname, surname.removesuffix("s")):
            figures = self.by_surname.get(form, [])
            if reading.gender and len(figures) > 1:
                figures = [f for f in figures if f.gender == reading.gender]
            if len(figures) > 1:
                figures = [f for f in figures if any(roles.likeness(title, stems(p)) for p in self._phrases(f))] or figures
            if len(figures) == 1:
                return sure(figures[0].name, 0.98)
            if figures:
                recent = sorted(figures, key=lambda f: -max(f.places, default=-1))
                return best_of((f.name, "same_surname", 0.5 - 0.1 * n) for n, f in enumerate(recent))
        firsts = [f for f in self.figures.values() if fold(f.name).split()[0] == surname]
        if len(firsts) == 1:
            return sure(firsts[0].name, 0.9)
        on_file = [self.people[n] for n in sorted(self.on_file_surnames.get(surname, ()))]
        by_office = [p for p in on_file if any(o.held_on(self.day) and roles.likeness(title, stems(o.title)) for o in p.offices)]
        here = [p for p in on_file if p.name in self.figures]
        for chosen in (by_office, here):
            if len(chosen) == 1:
                return sure(self._figure(with_surname(chosen[0], surname)).name, 0.9)
        return best_of((p.name, "same_surname", 0.4) for p in on_file)

    # -- organisations --------------------------------------------------------------------------------------------------

    def _body(self, reading: Reading, last: str) -> Identity:
        """An organisation goes by its name. "Das Unternehmen" is none: it takes up one that was named, and which is not certain."""
        if not is_generic_body(reading.core):
            return sure(reading.core, 0.95)
        figure = self.by_display(last) if last else None
        if last and (figure is None or figure.organisation):
            return best_of([(last, "just_spoke", 0.6)])
        return Identity()

    # -- roles ----------------------------------------------------------------------------------------------------------

    def _role(self, reading: Reading, at: int, last: str, before: tuple[int, int] | None) -> Identity:
        wanted = stems(reading.core)
        known = self.by_name.get(fold(reading.core))
        if known:
            return sure(self._figure(reading.core).name if known.organisation else self._figure(known.name).name, 0.95)
        if not wanted:
            return Identity()
        scored = self._scored(reading, wanted, at)
        best = max((score for score, _ in scored), default=0)
        fitting = [figure for score, figure in scored if score == best]
        spoke = self.by_display(last) if last else None
        holders = self._holders(wanted)
        if len(fitting) == 1:
            return self._one_fits(fitting[0], best, wanted, at, spoke, before, holders)
        if fitting:
            return self._several_fit(fitting, at, spoke, before)
        taken_up = self._taken_up(reading, wanted, spoke, before)
        if taken_up.name:
            return taken_up
        if len(holders) == 1 and self.day and self._is_at_home(wanted):
            return sure(self._figure(holders[0].name).name, 0.9)
        if holders:
            return best_of((p.name, "holds_office", 0.4) for p in holders)
        return taken_up if taken_up.suggestions else self._from_file(reading, wanted, before)

    def _scored(self, reading: Reading, wanted: tuple[str, ...], at: int) -> list[tuple[int, Figure]]:
        """(how well the words fit, figure) for everybody named up to a little after the mention whom they fit at all."""
        found = []
        for figure in self.figures.values():
            if figure.organisation or not figure.fits(reading.gender) or not figure.places or figure.places[0] > at + 400:
                continue
            score = max((roles.likeness(wanted, stems(phrase)) for phrase in self._phrases(figure)), default=0)
            if roles.is_former(wanted) and self._held_once(figure.person, wanted):
                score = roles.EXACT
            if reading.age and reading.age in figure.ages:
                score = roles.EXACT + 1
            if score:
                found.append((score, figure))
        return found

    def _one_fits(
        self, figure: Figure, score: int, wanted: tuple[str, ...], at: int, spoke: Figure | None,
        before: tuple[int, int] | None, holders: list[Person],
    ) -> Identity:  # fmt: skip
        rivals = [] if figure is spoke else self._rivals(figure, wanted, before)
        if rivals:
            return best_of([(figure.name, "only_fit", 0.5), *((f.name, "just_named", 0.4) for f in rivals)])
        others = [p for p in holders if p is not figure.person]
        if score == roles.LOOSE and others and figure is not spoke:
            return best_of([(figure.name, "only_fit", 0.5), *((p.name, "holds_office", 0.4) for p in others)])
        return sure(figure.name, 0.85 + 0.03 * score)

    def _several_fit(self, fitting: list[Figure], at: int, spoke: Figure | None, before: tuple[int, int] | None) -> Identity:
        near = [f for f in fitting if before and f.stands_in(before[0], at)]
        if spoke in fitting and (not near or near == [spoke]):
            return sure(spoke.name, 0.9)
        if spoke not in fitting and len(near) == 1:
            return sure(near[0].name, 0.85)
        ranked = sorted(fitting, key=lambda f: -f.last_before(at))
        return best_of((f.name, "one_of_several", 0.5 - 0.1 * n) for n, f in enumerate(ranked))

    def _taken_up(
        self, reading: Reading, wanted: tuple[str, ...], spoke: Figure | None, before: tuple[int, int] | None
    ) -> Identity:
        """A noun that nothing in the article explains may take up who was just named: "die Sozialdemokratin", "the 51-year-old"."""
        named = [f for f in self._in(before, reading.gender) if self._may_be(f, wanted, reading)]
        if is_epithet(reading.core):
            if spoke and spoke.fits(reading.gender) and self._may_be(spoke, wanted, reading) and (not named or named == [spoke]):
                return sure(spoke.name, 0.88)
            if len(named) == 1:
                return sure(named[0].name, 0.85)
        return best_of((f.name, "just_named", 0.4 - 0.1 * n) for n, f in enumerate(named))

    def _may_be(self, figure: Figure, wanted: tuple[str, ...], reading: Reading) -> bool:
        """False where something known of the figure speaks against it: another party, another age."""
        if reading.age and figure.ages:
            return False
        own = [stems(phrase) for phrase in self._phrases(figure)]
        return not (roles.is_party_noun(wanted) and any(roles.is_party_noun(phrase) for phrase in own))

    def _holders(self, wanted: tuple[str, ...]) -> list[Person]:
        """Who on file holds the office at the article's date; offices that several hold at a time, like undated ones, do not count."""
        found = [
            p for p in self.people if any(o.since and o.held_on(self.day) and _same_office(o, wanted) for o in p.offices)
        ]
        return list({p.name: p for p in found}.values())

    def _is_at_home(self, wanted: tuple[str, ...]) -> bool:
        """Every country has a foreign minister: without the country's name the office counts where the article is about that country."""
        if len(wanted) > 1 and wanted not in _EVERYWHERE or wanted not in _EVERYWHERE and not wanted[-1].endswith(_MINISTERS):
            return True
        return bool(_HOME[self.article.language == "de"].search(self.article.text))

    def _from_file(self, reading: Reading, wanted: tuple[str, ...], before: tuple[int, int] | None) -> Identity:
        """Suggestions from the file alone: who held the office at another time, or is known by the phrase."""
        bare = roles.without_former(wanted)
        once = [
            p for p in self.people
            if (not reading.gender or not p.gender or p.gender == reading.gender)
            and any(o.since and not o.held_on(self.day) and _same_office(o, bare) for o in p.offices)
        ]  # fmt: skip
        once.sort(key=lambda p: max(o.since or "" for o in p.offices if _same_office(o, bare)), reverse=True)
        by_phrase = [p for p in self.people if any(not o.since and stems(o.title) == wanted for o in p.offices)]
        known_as = by_phrase if len(by_phrase) <= 3 else []  # a party has many members
        return best_of(
            [*((p.name, "known_as", 0.4) for p in known_as), *((p.name, "held_office", 0.35 - 0.05 * n) for n, p in enumerate(once))]
        )

    def _held_once(self, person: Person | None, wanted: tuple[str, ...]) -> bool:
        bare = roles.without_former(wanted)
        return bool(person and self.day) and any(
            o.until and o.until < self.day and roles.likeness(bare, stems(o.title)) >= roles.CLOSE for o in person.offices
        )

    def _rivals(self, chosen: Figure, wanted: tuple[str, ...], before: tuple[int, int] | None) -> list[Figure]:
        """A party noun fits any member: whom else does the sentence before name whose party nobody knows?"""
        if not chosen.person or not any(not o.since and stems(o.title) == wanted for o in chosen.person.offices):
            return []
        named = self._in(before, chosen.gender)
        return [f for f in named if f.person is None and not any(roles.is_party_noun(stems(p)) for p in f.titles)]

    def _phrases(self, figure: Figure) -> list[str]:
        offices = [o.title for o in figure.person.offices if o.held_on(self.day)] if figure.person else []
        return figure.titles + offices


def _same_office(office: Office, wanted: tuple[str, ...]) -> bool:
    return stems(office.title) == wanted
