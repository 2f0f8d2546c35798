"""Texts with places marked in them: the words two texts share, and the statements of an article. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

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
    wanted = {form for word in evidence.shared_words for form in query_stems(word).get(word, ())}
    differing = {here for _, here in evidence.number_conflicts}
    same_numbers, names = set(evidence.shared_numbers), set(evidence.shared_names)
    parts: list[tuple[str, str]] = []  # (element or "", text)
    at = 0
    for match in tokens(text):
        word = match.group()
        values = set(numbers(word))
        if values & differing:
            element = "differs"
        elif values & same_numbers or fold(word) in names or {stem(word, "de"), stem(word, "en")} & wanted:
            element = "mark"
        else:
            continue
        between = text[at : match.start()]
        if element == "mark" and parts and parts[-1][0] == "mark" and between == " ":
            parts[-1] = ("mark", f"{parts[-1][1]} {word}")  # neighbours become one mark: calmer to look at
        else:
            parts += [("", between), (element, word)]
        at = match.end()
    parts.append(("", text[at:]))
    frames = {"": "{}", "mark": "<mark>{}</mark>", "differs": '<span class="differs">{}</span>'}
    return Markup("").join(Markup(frames[element]).format(escape(part)) for element, part in parts)


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
