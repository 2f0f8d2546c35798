"""The cast of an article: everybody named in it, and which of them a mention like "der Republikaner" or "she" means.

What is certain gets a name. What is not keeps the article's own words, with suggestions for an editor: a speaker is never invented.
The certainties are ordered guesses, set by rule and held to account by ``factcheck eval people``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from factcheck.extraction import roles
from factcheck.extraction.figures import with_surname
from factcheck.extraction.identity import Identity, best_of, sure
from factcheck.extraction.mentions import Reading, is_definite, is_generic_body, is_plural, read_mention, stems, takes_up
from factcheck.extraction.names import fold, gender_of, is_title
from factcheck.extraction.pronouns import Pronouns

_LIKE_A_NOUN = re.compile(r"(?:[^aeiou]en|ung|ungen|heit|heiten|keit|keiten|schaft|schaften|ion|ionen|tät|nis|nisse|berichte?)$")


class Cast(Pronouns):
    """Built once for an article. ``resolve`` and ``identify`` answer for one mention, in text order best, since what was understood
    before helps; ``in_order`` answers for all.
    """

    def resolve(self, mention: str, at: int, last: str = "", sentence_before: tuple[int, int] | None = None) -> str:
        """The name of whom ``mention`` at offset ``at`` means, "" when that is not certain; see ``identify``."""
        return self.identify(mention, at, last, sentence_before).name

    def identify(self, mention: str, at: int, last: str = "", sentence_before: tuple[int, int] | None = None) -> Identity:
        """Whom ``mention`` at offset ``at`` means, with suggestions where that is not certain.

        ``last`` is who spoke just before, ``sentence_before`` the span of the sentence before (found here when it is not given).
        """
        reading = self._as_surname(mention) or read_mention(mention, self.article.language)
        before = sentence_before or self._sentence_before(at)
        if reading.kind == "pronoun":
            found = self._pronoun(reading, mention, at, last, before)
        elif reading.kind == "name":
            found = self._named(reading, mention[: max(0, mention.find(reading.core))])
        elif reading.kind == "organisation":
            found = self._body(reading, last)
        elif reading.kind == "role" and not is_plural(mention, reading.core, self.article.language):
            found = self._role(reading, at, last, before)
            if found.name and not is_definite(mention):
                found = best_of([(found.name, "only_fit", 0.6)])  # "Republican" alone may be an adjective
        else:
            found = Identity()
        figure = self.by_display(found.name) if found.name else None
        if figure:
            self._stand(figure, at)
        elif reading.kind == "role" and not found.name:
            self._unknown.append((at, reading.gender))
        return found

    def _as_surname(self, mention: str) -> Reading | None:
        """ "Richter", "Frau Bauer": a trade that is the surname of somebody named in full."""
        words = mention.split()
        if not 1 <= len(words) <= 2 or not is_title(words[-1]) or fold(words[-1]) not in self.by_surname:
            return None
        honorific = {"herr": "m", "herrn": "m", "mr": "m", "frau": "f", "mrs": "f", "ms": "f"}
        gender = honorific.get(words[0].casefold().rstrip("."), "")
        return Reading("name", words[-1], gender) if len(words) == 1 or gender else None

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
                if fold(figure.name).split()[0] == key.split()[0] or fold(figure.name).endswith(f" {key}"):  # "Von der Leyen"
                    return sure(figure.name, 1.0)
            if self.article.language == "de" and _LIKE_A_NOUN.search(reading.core.split()[0]) and not gender_of(reading.core.split()[0]):
                return best_of([(reading.core, "as_written", 0.3)])  # "Aussagen Gordons"
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

    def _body(self, reading: Reading, last: str) -> Identity:
        """An organisation goes by its name. "Das Unternehmen" is none, and takes up one that spoke: for certain only where its name says so."""
        if not is_generic_body(reading.core):
            return sure(reading.core, 0.95)
        figure = self.by_display(last) if last else None
        if last and (figure is None or figure.organisation):
            return sure(last, 0.9) if takes_up(reading.core, last) else best_of([(last, "just_spoke", 0.6)])
        return Identity()
