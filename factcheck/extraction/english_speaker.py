"""English noun phrases, and the one that names the speaker beside a verb of saying."""

from __future__ import annotations

from collections.abc import Sequence

from factcheck.extraction import english_grammar as g
from factcheck.extraction.sentences import Token

LONGEST_PHRASE = 16  # tokens

_DAYS = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "yesterday", "tonight"}


def subject_before(row: Sequence[Token], a: int, verb: int) -> tuple[int, int] | None:
    """The noun phrase that ends before the verb, past auxiliaries, adverbs and "on Tuesday". None when there is none."""
    end = verb
    while end > a and (
        row[end - 1].lower in g.AUXILIARIES | g.ADVERBS
        or row[end - 1].lower.endswith("ly")
        and row[end - 1].text.islower()
        or row[end - 1].lower in _DAYS | {"on"}
    ):
        end -= 1
    start = _phrase_start(row, a, end)
    return (start, end) if start < end and row[start].lower not in {"there", "here"} else None


def _phrase_start(row: Sequence[Token], a: int, end: int) -> int:
    if end > a and row[end - 1].lower in g.SUBJECT_PRONOUNS:
        return end - 1
    start = end
    while start > a and end - start < LONGEST_PHRASE:
        token = row[start - 1]
        word = token.lower
        if word in {"and", "&"} and start < end and row[start].capital and start - 2 >= a and row[start - 2].capital:
            start -= 1
            continue
        if (
            word in {"of", "for", "in", "at", "with", "from", "on", "to"}
            and start < end
            and start - 2 >= a
            and _nominal(row[start - 2])
        ):
            start -= 1
            continue
        if word in g.CLOSED or word in g.SUBJECT_PRONOUNS or token.text in ',;:–—-\ufffc"“”':
            break
        start -= 1
        if word in g.DETERMINERS and (
            start == a or row[start - 1].lower not in {"of", "for", "in", "at", "with", "from", "on", "to"}
        ):
            break
    while start < end and row[start].lower in {"of", "for", "in", "at", "with", "from", "on", "to", "and", "&"} | g.ADVERBS:
        start += 1
    return start


def _nominal(token: Token) -> bool:
    return token.text[0].isalnum() and token.lower not in g.CLOSED | g.ADVERBS | g.SUBJECT_PRONOUNS


def subject_after(row: Sequence[Token], verb: int, b: int) -> tuple[int, int] | None:
    """The noun phrase right after the verb: said *Jane Roe*, said *the company's chief* ..."""
    start = verb + 1
    if start >= b:
        return None
    if row[start].lower in g.SUBJECT_PRONOUNS:
        return start, start + 1
    if not (
        row[start].capital
        or row[start].lower in g.DETERMINERS
        or row[start].lower in {"sources", "officials", "police", "spokesman", "spokeswoman"}
    ):
        return None
    end = phrase_end(row, start, b)
    return (start, end) if end > start else None


def phrase_end(row: Sequence[Token], start: int, b: int) -> int:
    end = start
    while end < b and end - start < LONGEST_PHRASE:
        token = row[end]
        word = token.lower
        if token.text == "(":
            close = next((i for i in range(end, min(end + 8, b)) if row[i].text == ")"), None)
            if close is None:
                break
            end = close + 1
            continue
        if word in {"of", "for"} and end > start and end + 1 < b:
            end += 1
            continue
        if word in {"and", "&"} and end > start and end + 1 < b and row[end + 1].capital and row[end - 1].capital:
            end += 1
            continue
        if word in g.CLOSED | g.SUBJECT_PRONOUNS or word in _DAYS or not (token.text[0].isalnum() or token.text in ".’'“”\""):
            break
        if token.text == "." and not (
            len(row[end - 1].text) <= 4 and row[end - 1].capital and end + 1 < b and row[end + 1].capital
        ):
            break
        if end > start and word in g.ADVERBS:
            break
        end += 1
    return end
