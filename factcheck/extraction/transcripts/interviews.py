"""Interviews whose questions stand in bold print or after a dash, without labels."""

from __future__ import annotations

import re
from collections.abc import Sequence

from factcheck.extraction.names import full_names

FEWEST_QUESTIONS = 3

_BOLD = re.compile(r"[ \t]*(?P<mark>\*\*|__)(?P<words>[^\n]{2,1500}?[?…])[”“»«\"]?(?P=mark)[ \t]*$")
_DASH = re.compile(r"[ \t]*[-–—][ \t]+(?P<words>\S[^\n]{0,1500}\?)[ \t]*$")
_DASHED = re.compile(r"[ \t]*[-–—][ \t]+\S")


def questions(text: str, lines: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Number of a line that is a question -> where its words begin; empty unless questions and answers take turns.

    At least three questions of one form, each followed by an answer.
    """
    for pattern in (_BOLD, _DASH):
        found: dict[int, int] = {}
        for number, (start, end) in enumerate(lines):
            match = pattern.match(text, start, end)
            if match:
                found[number] = match.start("words")
        answered = [n for n in found if n + 1 < len(lines) and n + 1 not in found]
        listed = pattern is _DASH and sum(bool(_DASHED.match(text, *line)) for line in lines) > 2 * len(found) + 1
        if len(found) >= FEWEST_QUESTIONS and len(answered) >= max(FEWEST_QUESTIONS, 0.8 * len(found)) and not listed:
            return found
    return {}


def interviewee(text: str, before: int, language: str) -> tuple[str, int]:
    """Who answers: the one person named in full before the first question, with the place; ("", -1) for none or several."""
    named: dict[str, int] = {}
    for name in full_names(text[:before], frozenset(), language):
        named.setdefault(name.text, name.start)
    return next(iter(named.items())) if len(named) == 1 else ("", -1)
