"""The stage of an article: everybody named in it, where each of them stands, and who is present to the reader at a place."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

from factcheck.extraction.figures import Figure, about, ages, spelling, with_surname
from factcheck.extraction.names import fold, full_names, is_title
from factcheck.records import Article, Person

WINDOW = 4  # sentences back in which somebody named is still present to the reader
_SENTENCE = re.compile(r"(?<=[.!?…])(?<!\b[A-Z]\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bSen\.)(?<!Prof\.)(?<!\b\d\.)(?<!\b[0-3]\d\.)[\"”“»«’]*\s+|\n+")
_NUMERAL = re.compile(r"[ivx]{2,}")  # "Leo XIV." has no surname
_SURNAMES_THAT_ARE_WORDS = frozenset({"rice", "bush", "brown", "may", "papst", "francis", "franziskus"})


class Stage:
    """Built once for an article; ``figures`` are all whom it names, by the name on file or else the folded name as written."""

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
        self.by_surname: dict[str, list[Figure]] = {}
        self._who: dict[int, Figure] = {}  # place -> who stands there
        self._where: list[int] = []  # the places in order
        for name in full_names(article.text, frozenset(self.by_name), article.language):
            figure = self._figure(name.text, name.gender)
            self._stand(figure, name.start)
            figure.goes_by(about(article.text, name))
            figure.ages.update(ages(article.text, name))
        self._add_surnames()

    def _figure(self, name: str, gender: str = "") -> Figure:
        person = self.by_name.get(fold(name))
        key = person.name if person else fold(name)
        if key not in self.figures:
            shown = spelling(person, name) if person else name.title() if name.isupper() else name
            self.figures[key] = Figure(
                shown, (person.gender if person else "") or (gender if gender in {"m", "f"} else ""), person
            )
            self.by_surname.setdefault(self.figures[key].surname, []).append(self.figures[key])
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
                    figures = [self._figure(with_surname(person, form))]
                if figures:
                    if len(figures) == 1:
                        self._stand(figures[0], match.start())
                        title = self.article.text[max(0, match.start() - 40) : match.start()].split()
                        if title and is_title(title[-1]):
                            figures[0].goes_by([title[-1].rstrip(".")])
                    break

    def _stand(self, figure: Figure, at: int) -> None:
        """Note that the figure stands at a place; nobody else does then."""
        if at not in self._who:
            insort(self._where, at)
            self._who[at] = figure
            figure.stands_at(at)

    def by_display(self, name: str) -> Figure | None:
        person = self.by_name.get(fold(name))
        return self.figures.get(person.name if person else fold(name))

    def _sentence(self, at: int) -> int:
        return bisect_right(self._sentences, max(0, at)) - 1

    def _sentence_before(self, at: int) -> tuple[int, int] | None:
        number = self._sentence(at)
        return (self._sentences[number - 1], self._sentences[number]) if number else None

    def _present(self, at: int, gender: str) -> list[Figure]:
        """Whom the last sentences before this one name, of fitting gender, the one named last first."""
        here = self._sentences[self._sentence(at)]
        start = self._sentences[max(0, self._sentence(at) - WINDOW)]
        return sorted(self._in((start, here), gender), key=lambda f: -f.last_before(here))

    def _in(self, span: tuple[int, int] | None, gender: str) -> list[Figure]:
        """Whom a span names, of fitting gender, the one named first first: that is mostly its subject."""
        if span is None:
            return []
        places = self._where[bisect_left(self._where, span[0]) : bisect_left(self._where, span[1])]
        found = {id(figure): figure for figure in (self._who[place] for place in places)}
        return [f for f in found.values() if not f.organisation and f.fits(gender)]
