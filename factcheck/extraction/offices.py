"""Whom a role means: "der Republikaner", "the former mayor", "der Kreml-Herrscher", by the article and by the offices on file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from factcheck.extraction import roles
from factcheck.extraction.figures import Figure, is_trade_word
from factcheck.extraction.identity import Identity, best_of, sure
from factcheck.extraction.mentions import Reading, is_epithet, stems
from factcheck.extraction.names import fold, is_title
from factcheck.extraction.stage import Stage
from factcheck.records import Article, Office, Person

FAR = 20_000  # characters back to somebody a role may still mean: a long article, a short part of a book
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


class Offices(Stage):
    """Answers for roles."""

    def __init__(self, article: Article, people: Sequence[Person]) -> None:
        super().__init__(article, people)
        self._by_office: dict[tuple[str, ...], list[tuple[Person, Office]]] = {}

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
        """(how well the words fit, figure) for everybody named before the mention, or a little after it, whom they fit at all."""
        personal = _is_personal(reading.core, wanted)
        found = []
        for figure in self._in((at - FAR, at + 400), reading.gender):
            phrases = self._phrases(figure) if personal else self._offices(figure)
            score = max((roles.likeness(wanted, stems(phrase)) for phrase in phrases), default=0)
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
        if not is_epithet(reading.core) and not is_title(reading.core.split()[-1]):
            return Identity()  # "Der Text", "das Urteil"
        return best_of((f.name, "just_named", 0.4 - 0.1 * n) for n, f in enumerate(named))

    def _may_be(self, figure: Figure, wanted: tuple[str, ...], reading: Reading) -> bool:
        """False where something known of the figure speaks against it: another party, another age."""
        if reading.age and figure.ages:
            return False
        own = [stems(phrase) for phrase in self._phrases(figure)]
        return not (roles.is_party_noun(wanted) and any(roles.is_party_noun(phrase) for phrase in own))

    def _holders(self, wanted: tuple[str, ...]) -> list[Person]:
        """Who on file holds the office at the article's date; offices that several hold at a time, like undated ones, do not count."""
        found = [p for p, o in self._officers(wanted) if o.held_on(self.day)]
        return list({p.name: p for p in found}.values())

    def _officers(self, wanted: tuple[str, ...]) -> list[tuple[Person, Office]]:
        """Everybody on file with a dated office of that name."""
        if not self._by_office:
            for person in self.people:
                for office in person.offices:
                    self._by_office.setdefault(stems(office.title), []).append((person, office))
        return [(p, o) for p, o in self._by_office.get(wanted, []) if o.since]

    def _is_at_home(self, wanted: tuple[str, ...]) -> bool:
        """Every country has a foreign minister: without the country's name the office counts where the article is about that country."""
        if len(wanted) > 1 and wanted not in _EVERYWHERE or wanted not in _EVERYWHERE and not wanted[-1].endswith(_MINISTERS):
            return True
        return bool(_HOME[self.article.language == "de"].search(self.article.text))

    def _from_file(self, reading: Reading, wanted: tuple[str, ...], before: tuple[int, int] | None) -> Identity:
        """Suggestions from the file alone: who held the office at another time, or is known by the phrase."""
        bare = roles.without_former(wanted)
        held = [
            (p, o) for p, o in self._officers(bare)
            if not o.held_on(self.day) and (not reading.gender or not p.gender or p.gender == reading.gender)
        ]  # fmt: skip
        once = [p for p, _ in sorted(held, key=lambda each: each[1].since or "", reverse=True)]
        by_phrase = [p for p, o in self._by_office.get(wanted, []) if not o.since]
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
        return figure.titles + self._offices(figure)

    def _offices(self, figure: Figure) -> list[str]:
        return [o.title for o in figure.person.offices if o.held_on(self.day)] if figure.person else []


def _is_personal(core: str, wanted: tuple[str, ...]) -> bool:
    """Does the noun name what a person is? "The media" also stands before names, and is nobody."""
    noun = re.split(r"\s(?:des|der|von|vom|of|aus|from)\s", core)[0].split()[-1]
    return is_title(noun) or is_epithet(noun) or is_trade_word(noun) or roles.is_trade(wanted[-1])
