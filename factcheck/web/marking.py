"""Texts with places marked in them: the words two texts share, and the statements of an article. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from factcheck.differences import CONTRADICTING
from factcheck.ranking import numbers
from factcheck.records import Evidence, Statement
from factcheck.words import fold, query_stems, stem, tokens

QUOTATION_MARKS = {"de": ("„", "“"), "fr": ("« ", " »"), "es": ("«", "»"), "it": ("«", "»"), "pl": ("„", "”")}
_OUTER = {("„", "“"), ("„", "”"), ("“", "”"), ("»", "«"), ("«", "»"), ('"', '"')}


def quotation_marks(language: str) -> tuple[str, str]:
    """Opening and closing mark as the language has them; English ones for languages that are not listed."""
    return QUOTATION_MARKS.get(language, ("“", "”"))


def bare(text: str) -> str:
    """A quote without the pair of marks around all of it, which the page sets itself."""
    text = text.strip()
    inner = text[1:-1]
    around = len(text) > 2 and (text[0], text[-1]) in _OUTER and text[0] not in inner and text[-1] not in inner
    return inner.strip() if around else text


def mark_shared(text: str, evidence: Evidence) -> Markup:
    """The text with what it shares with the query in ``<mark>`` and numbers that differ in ``<span class="differs">``."""
    return _marked(text, [*_shared(text, evidence), *_differing(text, evidence)])


def mark_explained(text: str, evidence: Evidence) -> Markup:
    """A candidate's own text, bare, with the words marked that say the same as the query's; by shared words where none are aligned."""
    own = bare(text)
    if not evidence.aligned:
        return mark_shared(own, evidence)
    shift = text.index(own)
    differing = _differing(own, evidence)
    same = [(start - shift, end - shift, "mark") for _, _, start, end in evidence.aligned]
    return _marked(own, [*differing, *(m for m in same if not any(m[0] < d[1] and d[0] < m[1] for d in differing))])


def mark_for_candidates(text: str, evidences: Sequence[Evidence]) -> Markup:
    """A statement, bare, whose words carry the numbers (from 1) of the candidates that say the same in ``data-c``; the words that
    make it the opposite of one carry ``class="turns"`` besides."""
    own = bare(text)
    shift = text.index(own)
    wanted: dict[tuple[int, int], list[str]] = {}
    turning: dict[tuple[int, int], list[str]] = {}
    for number, evidence in enumerate(evidences, 1):
        turns = [span for words, _ in _contradictions(evidence) for span in _standing_at(own, words)]
        for span in turns:
            turning.setdefault(span, []).append(str(number))
        for start, end, _, _ in evidence.aligned:
            if (start - shift, end - shift) not in turns:
                wanted.setdefault((start - shift, end - shift), []).append(str(number))
    both = [*wanted.items(), *((span, [_TURNS, *numbers]) for span, numbers in turning.items())]
    return _marked(own, [(*span, " ".join(numbers)) for span, numbers in both])


def word_pairs(text: str, other: str, evidence: Evidence) -> list[tuple[str, str]]:
    """The aligned words that are written differently in the two texts: ("Angriffskrieg", "war")."""
    pairs = ((text[a:b], other[c:d]) for a, b, c, d in evidence.aligned)
    return [(left, right) for left, right in pairs if fold(left) != fold(right)]


_TURNS = "turns"
Mark = tuple[int, int, str]  # start, end, and "mark", "differs" or the numbers of candidates, after _TURNS for words of a contradiction


def _shared(text: str, evidence: Evidence) -> Iterator[Mark]:
    wanted = {form for word in evidence.shared_words for form in query_stems(word).get(word, ())}
    same_numbers, names = set(evidence.shared_numbers), set(evidence.shared_names)
    for match in tokens(text):
        word = match.group()
        if set(numbers(word)) & same_numbers or fold(word) in names or {stem(word, "de"), stem(word, "en")} & wanted:
            yield *match.span(), "mark"


def _differing(text: str, evidence: Evidence) -> list[Mark]:
    differing = {here for _, here in evidence.number_conflicts}
    turns = [span for _, words in _contradictions(evidence) for span in _standing_at(text, words)]
    return [(*span, "differs") for span in turns] + [(*m.span(), "differs") for m in tokens(text) if set(numbers(m.group())) & differing]


def _contradictions(evidence: Evidence) -> list[tuple[str, str]]:
    """The words of the statement and of the claim that make one the opposite of the other."""
    return [(theirs, here) for kind, theirs, here in evidence.differences if kind in CONTRADICTING]


def _standing_at(text: str, words: str) -> Iterator[tuple[int, int]]:
    """Where the words, folded or not, first stand in the text."""
    wanted = [fold(m.group()) for m in tokens(words)]
    for match in tokens(text):
        if (word := fold(match.group())) in wanted:
            yield match.span()
            wanted.remove(word)


def _marked(text: str, marks: Iterable[Mark]) -> Markup:
    """The text, escaped, with elements around the marks; of two marks at one place the later one counts."""
    joined: list[Mark] = []
    for start, end, what in sorted({m[:2]: m for m in marks if 0 <= m[0] < m[1] <= len(text)}.values()):
        if joined and joined[-1][2] == what != "differs" and text[joined[-1][1] : start] == " ":
            joined[-1] = (joined[-1][0], end, what)  # neighbours become one mark: calmer to look at
        elif not joined or start >= joined[-1][1]:
            joined.append((start, end, what))
    parts, at = [], 0
    for start, end, what in joined:
        frame = {"mark": "<mark>{1}</mark>", "differs": '<span class="differs">{1}</span>'}.get(what, '<mark data-c="{0}">{1}</mark>')
        if what.startswith(_TURNS):
            frame = '<mark class="turns" data-c="{0}">{1}</mark>'
        parts += [escape(text[at:start]), Markup(frame).format(what.removeprefix(_TURNS).strip(), text[start:end])]
        at = end
    return Markup("").join([*parts, escape(text[at:])])


@dataclass(frozen=True)
class Run:
    """A stretch of text under the same statements: ``covering`` outermost first, ``starting`` those that begin with it."""

    text: str
    covering: tuple[Statement, ...] = ()
    starting: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    runs: tuple[Run, ...]
    statements: tuple[Statement, ...]  # those that begin here
    start: int  # code-point offset in the article

    @property
    def is_heading(self) -> bool:
        """A short line without a full stop at its end is taken for a heading between paragraphs."""
        text = "".join(run.text for run in self.runs).strip()
        return 0 < len(text) <= 80 and not self.statements and text[-1] not in '.!?…:;,“”"»«)'


def paragraphs(text: str, statements: Sequence[Statement]) -> list[Paragraph]:
    """An article's text in paragraphs, cut into runs at every statement's start and end.

    Statements may overlap, nest and reach over paragraphs; each begins once. The runs' texts, put together with the line breaks
    between paragraphs, are the article's text.
    """
    return [_paragraph(text, start, end, statements) for start, end in _lines(text)]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, start + len(line)
        start += len(line) + 1


def _paragraph(text: str, start: int, end: int, statements: Sequence[Statement]) -> Paragraph:
    here = [s for s in statements if s.start < end and s.end > start]
    cuts = sorted({start, end, *(c for s in here for c in (s.start, s.end) if start < c < end)})
    runs = []
    for left, right in zip(cuts, cuts[1:], strict=False):
        covering = sorted((s for s in here if s.start <= left and s.end >= right), key=_outermost_first)
        starting = tuple(s for s in covering if s.start == left or (left == start and _begins_before(text, s, start)))
        runs.append(Run(text[left:right], tuple(covering), starting))
    return Paragraph(tuple(runs), tuple(s for run in runs for s in run.starting), start)


def _begins_before(text: str, statement: Statement, paragraph_start: int) -> bool:
    """True when a statement begins on the blank lines before a paragraph, so that its first words are the paragraph's."""
    return statement.start < paragraph_start and not text[statement.start : paragraph_start].strip()


def _outermost_first(statement: Statement) -> tuple[int, int, int]:
    return statement.start, -statement.end, statement.id


def by_period(dates: Iterable[str | None]) -> list[tuple[str, int]]:
    """How many dates fall into each year from the first to the last, years without any included; undated ones are left out."""
    years = [int(d[:4]) for d in dates if d and d[:4].isdigit()]
    if not years:
        return []
    return [(str(year), years.count(year)) for year in range(min(years), max(years) + 1)][-40:]
