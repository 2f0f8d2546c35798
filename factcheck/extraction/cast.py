"""The cast of an article: everybody named in it, and which of them a mention like "der Republikaner" or "she" means."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from factcheck.extraction.identity import Identity
from factcheck.extraction.mentions import Reading, is_epithet, read_mention, stems
from factcheck.extraction.names import fold, full_names, is_title
from factcheck.records import Article, Office, Person


@dataclass
class Figure:
    """Somebody in the article. ``name`` is the spelling shown; ``titles`` are the nouns that stood before the name."""

    name: str
    gender: str = ""
    person: Person | None = None
    titles: list[str] = field(default_factory=list)
    ages: set[str] = field(default_factory=set)
    places: list[int] = field(default_factory=list)

    @property
    def surname(self) -> str:
        return fold(self.name).split()[-1] if fold(self.name) else ""


class Cast:
    """Built once for an article; ``resolve`` answers with a full name, or "" when it is not certain who is meant."""

    def __init__(self, article: Article, people: Sequence[Person]) -> None:
        self.article = article
        self.day = (article.published_at or "")[:10] or None
        self.people = tuple(people)
        self.by_name: dict[str, Person | None] = {}
        for person in people:
            for spelling in (person.name, *person.aliases):
                key = fold(spelling)
                self.by_name[key] = person if self.by_name.get(key, person) is person else None
        self.on_file_surnames: dict[str, set[int]] = {}
        for number, person in enumerate(self.people):
            if not person.organisation:
                for spelling in (person.name, *person.aliases):
                    self.on_file_surnames.setdefault(fold(spelling).split()[-1] if fold(spelling) else "", set()).add(number)
        self.figures: dict[str, Figure] = {}
        for name in full_names(article.text, frozenset(self.by_name), article.language):
            figure = self._figure(name.text, name.gender)
            figure.places.append(name.start)
            if name.title:
                figure.titles.append(name.title)
                phrase = _phrase_before(article.text, name.start)
                if phrase and phrase != name.title:
                    figure.titles.append(phrase)
            if name.age:
                figure.ages.add(name.age)
        self.by_surname: dict[str, list[Figure]] = {}
        for figure in self.figures.values():
            self.by_surname.setdefault(figure.surname, []).append(figure)
        self._add_surnames()

    # -- building -----------------------------------------------------------------------------------------------------

    def _figure(self, name: str, gender: str = "") -> Figure:
        person = self.by_name.get(fold(name))
        key = person.name if person else fold(name)
        if key not in self.figures:
            shown = _spelling(person, name) if person else name.title() if name.isupper() else name
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
                    and form in self.on_file_surnames
                    and len(self.on_file_surnames[form]) == 1
                    and not _common(match.group())
                ):
                    person = self.people[next(iter(self.on_file_surnames[form]))]
                    figure = self._figure(_with_surname(person, form))
                    figures = self.by_surname.setdefault(form, [figure])
                if figures:
                    if len(figures) == 1:
                        figures[0].places.append(match.start())
                        title = self.article.text[max(0, match.start() - 40) : match.start()].split()
                        if title and is_title(title[-1]):
                            figures[0].titles.append(title[-1].rstrip("."))
                    break
        for figure in self.figures.values():
            figure.places.sort()

    # -- asking -------------------------------------------------------------------------------------------------------

    def resolve(self, mention: str, at: int, last: str = "", sentence_before: tuple[int, int] | None = None) -> str:
        """The name of whom ``mention`` at offset ``at`` means, "" when that is not certain; see ``identify``."""
        return self.identify(mention, at, last, sentence_before).name

    def identify(self, mention: str, at: int, last: str = "", sentence_before: tuple[int, int] | None = None) -> Identity:
        """Whom ``mention`` at offset ``at`` means, with suggestions where that is not certain.

        ``last`` is who spoke just before, ``sentence_before`` the span of the sentence before.
        """
        name = self._certain(mention, at, last, sentence_before)
        return Identity(name, 1.0 if name else 0.0)

    def _certain(self, mention: str, at: int, last: str, sentence_before: tuple[int, int] | None) -> str:
        reading = read_mention(mention, self.article.language)
        if reading.kind == "pronoun":
            return self._pronoun(reading, last, sentence_before)
        if reading.kind == "name":
            return self._named(reading)
        if reading.kind == "organisation":
            return reading.core
        if reading.kind == "role":
            return self._role(reading, at, sentence_before)
        return ""

    def label(self, label: str) -> str:
        """Who a transcript's label is: a person in the text or on file, else the label in ordinary case, without titles."""
        bare = label.partition("(")[0].strip()
        words = [w for w in bare.split() if not is_title(w) and not w.endswith(".")] or bare.split()
        name = self._named(Reading("name", " ".join(words))) if words else ""
        shown = " ".join(words)
        return name or (shown.title() if shown.isupper() else shown)

    def _pronoun(self, reading: Reading, last: str, before: tuple[int, int] | None) -> str:
        if last:
            figure = self.by_display(last)
            if figure is None:
                return last if reading.gender in {"n", "f"} else ""
            if not figure.gender or not reading.gender or figure.gender == reading.gender:
                return last
        if before:
            named = [
                f for f in self.figures.values() if self._stands_in(f, *before) and (not f.gender or f.gender == reading.gender)
            ]
            if len(named) == 1 and reading.gender in {"m", "f"}:
                return named[0].name
        return ""

    def _stands_in(self, figure: Figure, start: int, end: int) -> bool:
        index = bisect_left(figure.places, start)
        return index < len(figure.places) and figure.places[index] < end

    def by_display(self, name: str) -> Figure | None:
        person = self.by_name.get(fold(name))
        return self.figures.get(person.name if person else fold(name))

    def _named(self, reading: Reading) -> str:
        words = reading.core.split()
        key = fold(reading.core)
        if not key:
            return ""
        if key in self.by_name or key in self.figures:
            return self._figure(reading.core).name
        surname = key.split()[-1]
        if len(words) > 1:
            for figure in self.by_surname.get(surname, []):
                if fold(figure.name).split()[0] == key.split()[0]:
                    return figure.name
            return self._figure(reading.core).name if len(key.split()) > 1 else self._by_surname(surname, reading)
        return self._by_surname(surname, reading)

    def _by_surname(self, surname: str, reading: Reading) -> str:
        for form in (surname, surname.removesuffix("s")):
            figures = self.by_surname.get(form, [])
            if reading.gender and len(figures) > 1:
                figures = [f for f in figures if f.gender == reading.gender]
            if len(figures) == 1:
                return figures[0].name
            if figures:
                return ""
        firsts = [f for f in self.figures.values() if fold(f.name).split()[0] == surname]
        return firsts[0].name if len(firsts) == 1 else ""

    def _role(self, reading: Reading, at: int, sentence_before: tuple[int, int] | None) -> str:
        wanted = stems(reading.core)
        if not wanted:
            return ""
        scored: dict[str, int] = {}
        for figure in self.figures.values():
            if reading.gender and figure.gender and reading.gender != figure.gender:
                continue
            if not figure.places or figure.places[0] > at + 400:
                continue
            score = max((_likeness(wanted, stems(phrase)) for phrase in self._phrases(figure)), default=0)
            if reading.age and reading.age in figure.ages:
                score = 4
            if score:
                scored[figure.name] = score
        best = max(scored.values(), default=0)
        names = [name for name, score in scored.items() if score == best]
        if len(names) == 1:
            return "" if self._rival(names[0], wanted, at, sentence_before) else names[0]
        if names:
            return ""
        if sentence_before and is_epithet(reading.core):
            named = [
                f
                for f in self.figures.values()
                if self._stands_in(f, *sentence_before) and (not reading.gender or f.gender in {"", reading.gender})
            ]
            return named[0].name if len(named) == 1 else ""
        holders = {
            p.name: p for p in self.people for o in p.offices if _specific(o) and o.held_on(self.day) and stems(o.title) == wanted
        }
        return self._figure(next(iter(holders))).name if len(holders) == 1 and self.day else ""

    def _rival(self, name: str, wanted: tuple[str, ...], at: int, before: tuple[int, int] | None) -> bool:
        """A party noun fits any member.

        Does the sentence before name somebody whose party nobody knows, and not who would fit?
        """
        chosen = next(f for f in self.figures.values() if f.name == name)
        dated = [o for o in chosen.person.offices if o.since and stems(o.title) == wanted] if chosen.person else []
        if dated or not chosen.person or not any(stems(o.title) == wanted for o in chosen.person.offices):
            return False
        if before is None or self._stands_in(chosen, before[0], at):
            return False
        return any(
            f.person is None and f.gender in {"", chosen.gender} and self._stands_in(f, *before) for f in self.figures.values()
        )

    def _phrases(self, figure: Figure) -> list[str]:
        offices = [o.title for o in figure.person.offices if o.held_on(self.day)] if figure.person else []
        return figure.titles + offices


def _likeness(wanted: tuple[str, ...], phrase: tuple[str, ...]) -> int:
    """3 for the same words, 2 for the same place before a hyphen ("Kreml-"), 1 for the same noun at the end, 0 for none."""
    if not phrase:
        return 0
    if set(wanted) == set(phrase):
        return 3
    head, other = wanted[-1], phrase[-1]
    if "-" in head and "-" in other and head.split("-")[0] == other.split("-")[0] and len(wanted) == 1:
        return 2
    if len(wanted) == 1 and (other.endswith(head) or head.endswith(other)) and min(len(head), len(other)) > 4:
        return 1
    if len(wanted) > 1 and len(phrase) == 1 and head == other:
        return 1
    return 0


def _specific(office: Office) -> bool:
    """An office that only one person holds at a time and that is dated."""
    return (
        bool(office.since)
        and len(stems(office.title)) >= 1
        and office.title.casefold() not in {"vizepräsident", "vice president", "ex-präsident"}
    )


def _spelling(person: Person, name: str) -> str:
    """The name or alias of ``person`` that the article writes."""
    return next((s for s in (person.name, *person.aliases) if fold(s) == fold(name)), person.name)


def _with_surname(person: Person, surname: str) -> str:
    return next((s for s in (person.name, *person.aliases) if fold(s).split()[-1] == surname), person.name)


def _phrase_before(text: str, start: int) -> str:
    """ "ukrainische Präsident" before a name: the title with the adjective in front of it."""
    words = re.findall(r"[\w’'./-]+", text[max(0, start - 70) : start])
    if (
        len(words) >= 3
        and (words[-2].islower() or words[-2][0].isupper())
        and words[-3].casefold() in {"der", "die", "the", "dem", "den", "des"}
    ):
        return f"{words[-2]} {words[-1]}"
    return ""


def _common(word: str) -> bool:
    """Surnames on file that are also everyday words and need a first name or title beside them."""
    return word.casefold() in {"musk", "rice", "bush", "brown", "may", "merz", "papst", "francis", "franziskus", "tusk"} - {
        "musk",
        "merz",
        "tusk",
    }
