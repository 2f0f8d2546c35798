"""A sentence as a row of words in which whole quotations count as one, cut into clauses at commas, colons and dashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from factcheck.extraction.quotes import Quote
from factcheck.extraction.sentences import Sentence, Token

QUOTED = "\ufffc"  # stands for one whole quotation
LONG_QUOTE = 6  # words; of marked spans this long 91 % are quotations, of shorter ones under 40 % (BENCHMARKS data)
MOST_CLAUSES = 80  # a "sentence" of more is a list or noise; only its quotations are read, which keeps time linear

_CUTS = {",", ":", ";", "–", "—"}
_ENDS = {".", "!", "?", "…"}


@dataclass(frozen=True)
class Clause:
    """``row[a:b]``, and the mark before it: "" at the sentence's start, else "," ":" ";" a dash or QUOTED."""

    a: int
    b: int
    mark: str


@dataclass(frozen=True)
class Row:
    """``quotes`` maps a place in ``row`` to the quotation that stands there; ``free`` are those that are clauses of their own."""

    sentence: Sentence
    row: tuple[Token, ...]
    clauses: tuple[Clause, ...]
    quotes: dict[int, Quote]
    free: frozenset[int]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Lower-case word -> where it stands, from left to right."""
        found: dict[str, list[int]] = {}
        for place, token in enumerate(self.row):
            found.setdefault(token.lower, []).append(place)
        return found

    @property
    def last(self) -> int:
        """Place after the last word, without the full stop."""
        end = len(self.row)
        while end and self.row[end - 1].text in _ENDS:
            end -= 1
        return end

    @property
    def stands_alone(self) -> bool:
        """The sentence is its quotation and nothing else."""
        return all(t.text == QUOTED or t.text in _CUTS | _ENDS for t in self.row)

    def span(self, a: int, b: int) -> tuple[int, int]:
        """Offsets of ``row[a:b]`` without marks at its edges."""
        while a < b and self.row[a].text in _CUTS | _ENDS:
            a += 1
        while b > a and self.row[b - 1].text in _CUTS | _ENDS:
            b -= 1
        return (self.row[a].start, self.row[b - 1].end) if a < b else (0, 0)

    def around(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """The sentence's offsets outside ``start..end`` and outside its quotations: what the narrator says about the statement."""
        pieces: list[tuple[int, int]] = []
        at = self.sentence.start
        said = [(quote.start, quote.end) for quote in self.quotes.values()]
        for begin, stop in sorted([(start, end), *said]):
            if begin > at:
                pieces.append((at, begin))
            at = max(at, stop)
        return (*pieces, (at, self.sentence.end)) if at < self.sentence.end else tuple(pieces)

    def text(self, a: int, b: int, source: str) -> str:
        start, end = self.span(a, b)
        return source[start:end]


def build(sentence: Sentence, may_introduce: Callable[[Token], bool]) -> Row:
    """``may_introduce`` says whether a word is a form of a verb of saying."""
    places: list[Token] = []
    quotes: dict[int, Quote] = {}
    free: set[int] = set()
    queue = list(sentence.quotes)
    tokens = sentence.tokens
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if queue and token.start >= queue[0].start:
            quote = queue.pop(0)
            after = index
            while after < len(tokens) and tokens[after].start < quote.end:
                after += 1
            own = _is_free(places, tokens, after, quote, may_introduce)
            if own or quote.words >= LONG_QUOTE:
                quotes[len(places)] = quote
                if own:
                    free.add(len(places))
                places.append(Token(QUOTED, quote.start, quote.end))
                index = after
                continue
        places.append(token)
        index += 1
    return Row(sentence, tuple(places), tuple(_clauses(places, free)), quotes, frozenset(free))


def _is_free(
    before: list[Token], tokens: Sequence[Token], after: int, quote: Quote, may_introduce: Callable[[Token], bool]
) -> bool:
    """A quotation that is a clause of its own: after a colon, or bounded on both sides by the sentence, a comma or a verb."""
    left = before[-1].text if before else ""
    right = tokens[after] if after < len(tokens) else None
    if left == ":":
        return True
    inside = tokens[after - 2] if after >= 2 and quote.closed else None  # English puts the comma within the marks
    comma = inside is not None and inside.text == "," and inside.start > quote.start
    bounded_right = right is None or right.text in _CUTS | _ENDS or comma or may_introduce(right)
    bounded_left = (
        left == "" or left in _CUTS or left == QUOTED or (quote.words >= LONG_QUOTE and before and may_introduce(before[-1]))
    )
    return bool(bounded_left and bounded_right)


def _clauses(row: list[Token], free: set[int]) -> list[Clause]:
    clauses: list[Clause] = []
    start, mark, depth = 0, "", 0
    for place, token in enumerate(row):
        if token.text in "([":
            depth += 1
        elif token.text in ")]":
            depth = max(0, depth - 1)
        cut = place in free or (token.text in _CUTS and depth == 0) or (token.text == "-" and depth == 0)
        if cut:
            if place > start:
                clauses.append(Clause(start, place, mark))
                mark = ""
            mark = (
                QUOTED if place in free or mark == QUOTED else ":" if token.text == ":" else token.text if mark != ":" else mark
            )
            start = place + 1
    if start < len(row) and any(t.text not in _ENDS for t in row[start:]):
        clauses.append(Clause(start, len(row), mark))
    return clauses
