"""What follows from a statement's words alone, for one that an editor marked: context, check-worthiness, promise and deadline."""

from __future__ import annotations

from dataclasses import replace

from factcheck.extraction.checkworthy import score
from factcheck.extraction.promising import deadline, is_promise
from factcheck.extraction.sentences import split
from factcheck.records import Article, Kind, Statement

AROUND = 4_000  # characters of the article read on either side for the neighbouring sentences
LONGEST_CONTEXT = 600  # characters kept of the sentence before and after


def read(article: Article, statement: Statement) -> Statement:
    """The statement with its neighbours, score, promise and deadline as the rules have them; judging comes after, see there."""
    language = "de" if article.language == "de" else "en"
    text = statement.text
    promise = is_promise(text, statement.kind, statement.cue.split()[-1] if statement.cue else "", False)
    before, after = _neighbours(article.text, statement, language)
    return replace(
        statement,
        check_worthy=round(score(text, language) * (0.5 if statement.kind is Kind.REPORTED else 1.0), 4),
        nature="",
        is_promise=promise,
        deadline=deadline(text, statement.said_at if statement.said_at_precision == "day" else None) if promise else None,
        before=before,
        after=after,
    )


def _neighbours(text: str, statement: Statement, language: str) -> tuple[str, str]:
    """The sentences before and after those that the statement stands in."""
    start = max(0, text.rfind("\n", 0, max(0, statement.start - AROUND)) + 1, statement.start - 2 * AROUND)
    end = min(len(text), statement.end + AROUND)
    piece = text[start:end]
    spans = [(start + s.start, start + s.end) for s in split(piece, language)]
    before = [span for span in spans if span[1] <= statement.start]
    after = [span for span in spans if span[0] >= statement.end]
    return (
        text[before[-1][0] : before[-1][1]][:LONGEST_CONTEXT] if before else "",
        text[after[0][0] : after[0][1]][:LONGEST_CONTEXT] if after else "",
    )
