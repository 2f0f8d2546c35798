"""The last look at an article's statements: how much each calls for checking, what kind of thing it says, is it a promise?

Extraction proposes by rules; here the encoder's word states decide, where the encoder is the one the heads were trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from factcheck.extraction import checkworthy, promising
from factcheck.extraction.deadlines import deadline
from factcheck.extraction.natures import told
from factcheck.extraction.scored import ScoredText
from factcheck.extraction.states import chance, states
from factcheck.records import Kind, Statement, date_precision

if TYPE_CHECKING:
    from factcheck.embed import Encoder

REPORTED = 0.5  # share of its score that an act of speaking keeps: there are few words of the speaker in it to check
ASKED = 0.3  # and that a question keeps, as a moderator's: it asks for a claim and makes none
LINES = 8  # statements from which on words that nothing but labels introduce are a debate


def judge(statements: Sequence[Statement], language: str, encoder: Encoder | None) -> list[Statement]:
    """The statements of one article in their order, with score, nature, promise and deadline; unchanged for other encoders.

    ``language`` is the article's. The words of each statement go through the encoder once and are kept for its explanation.
    """
    found = states(encoder, [s.text for s in statements])
    if found is None or not statements:
        return list(statements)
    worth = chance(checkworthy.odds(_rows(statements, language), found))
    odds = promising.odds(found)
    promises = [bool(value + promising.by_words(s.cue, s.text) > 0) for s, value in zip(statements, odds, strict=True)]
    judged = []
    for s, value, promise, nature in zip(statements, worth, promises, told(found, promises), strict=True):
        said = s.said_at if date_precision(s.said_at) == "day" else None
        judged.append(
            replace(
                s,
                check_worthy=round(float(value) * _kept(s), 4),
                nature=nature,
                is_promise=promise,
                deadline=deadline(s.text, said) if promise else None,
            )
        )
    return judged


def _kept(statement: Statement) -> float:
    if statement.text.rstrip("\"'”“’‘«» ").endswith("?"):
        return ASKED
    return REPORTED if statement.kind is Kind.REPORTED else 1.0


def _rows(statements: Sequence[Statement], language: str) -> list[ScoredText]:
    labelled = len(statements) >= LINES and all(s.kind is Kind.DIRECT and not s.cue and s.mention for s in statements)
    source = "debate" if labelled else ""
    return [ScoredText(s.text, language, s.mention if labelled else "", s.before, s.after, source) for s in statements]
