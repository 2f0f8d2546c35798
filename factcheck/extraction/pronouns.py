"""Whom "er", "sie", "he" or "she" means: who spoke just before, or who alone is present to the reader."""

from __future__ import annotations

import re

from factcheck.extraction.identity import Identity, best_of, sure
from factcheck.extraction.mentions import Reading, read_mention
from factcheck.extraction.names import is_title
from factcheck.extraction.offices import Offices

FEW = 50  # people in a text of which one may be the only man or woman
_SUBORDINATE = re.compile(r"\b(?:indem|weil|wobei|als|nachdem|bevor|obwohl|und|because|as|while|after|before|although|and)\s+$")
_PLURAL = re.compile(
    r"(?:(?:sag|erklär|beton|forder|warn|meld|teil|bericht|kündig|kritisier|lob|woll|soll|muss|konn|hat)ten"
    r"|sprachen|sprechen|wollen|sollen|müssen|können|haben|werden|würden|wurden|waren|sind|seien|hätten|nannten|gaben)$"
)


class Pronouns(Offices):
    """Answers for pronouns."""

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
        here = self._subject_here(at, reading.gender)
        if here:
            return here
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
        everybody = self._in((0, at), reading.gender) if len(self.figures) <= FEW else []
        return best_of([(everybody[0].name, "only_fit", 0.6)]) if len(everybody) == 1 else Identity()

    def _subject_here(self, at: int, gender: str) -> Identity | None:
        """Whom the sentence itself names before the pronoun: "Sarkozy bestritt das, indem er ..."; not so in "Holm sei krank, sagte er"."""
        start = self._sentences[self._sentence(at)]
        named = self._in((start, at), gender)
        if not named:
            return None
        if len(named) == 1 and _SUBORDINATE.search(self.article.text, max(start, at - 12), at):
            return sure(named[0].name, 0.85)
        return best_of((f.name, "just_named", 0.5 - 0.1 * n) for n, f in enumerate(named))

    def _stranger(self, at: int, before: tuple[int, int] | None, gender: str) -> bool:
        """Is somebody without a name there whom the pronoun may mean ("Die Wirtin kam. Sie sagte ...")?"""
        start = self._sentences[max(0, self._sentence(at) - 2)]
        if any(start <= place < at and sex in {gender, ""} for place, sex in self._unknown):
            return True
        opening = self._opening_role(before)
        if opening is None or self._named_at(opening[1]):
            return False
        reading = read_mention(self.article.text[opening[0] : opening[1]], self.article.language)
        if reading.kind != "role" or (reading.gender and reading.gender != gender):
            return False
        found = self._role(reading, opening[0], "", None)
        figure = self.by_display(found.name) if found.name else None
        if figure:
            self._stand(figure, opening[0])
        return figure is None

    def _opening_role(self, span: tuple[int, int] | None) -> tuple[int, int] | None:
        """Where a sentence begins with somebody's office: "The former Maryland governor has ...", "Die Wirtin kam"."""
        if span is None:
            return None
        words = list(re.finditer(r"[\w’'-]+", self.article.text[span[0] : min(span[1], span[0] + 80)]))[:6]
        if not words or words[0].group() not in {"Der", "Die", "The"}:
            return None
        last = next((w for w in words[1:] if is_title(w.group())), None)
        return (span[0], span[0] + last.end()) if last else None

    def _named_at(self, place: int) -> bool:
        """Does somebody's name begin right after this place ("Der Trainer |Sven Polk")?"""
        return place in self._who or place + 1 in self._who

    def _speaks_of_several(self, mention: str, at: int) -> bool:
        """ "Sie sprachen", "sagten sie": they, not she."""
        if self.article.language != "de" or mention.strip().lower() != "sie" or at < 0:
            return False
        before = re.search(r"(\w+)\s+$", self.article.text[max(0, at - 30) : at])
        after = re.match(r"\s+(\w+)", self.article.text[at + len(mention) : at + len(mention) + 30])
        return any(_PLURAL.match(word[1]) for word in (before, after) if word)
