"""Transcripts -> turns -> utterances. What counts as a transcript is stated in ``turns``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from factcheck.extraction.sentences import Sentence
from factcheck.extraction.transcripts.directions import direction_end, is_closing_note, spoken
from factcheck.extraction.transcripts.interviews import interviewee, questions
from factcheck.extraction.transcripts.labels import Label, label_at
from factcheck.extraction.utterance import Utterance
from factcheck.records import Kind

FEWEST_LABELS = 3
LEAST_SHARE = 0.4  # of the lines begin with a label
LEAST_FORMAL_SHARE = 0.05  # the same for labels as no narrator writes them
FIRST_LINES = 5  # within which the first formal label stands


@dataclass(frozen=True)
class Turn:
    """``text[start:end]``, one line, is said by one speaker; ``mention`` stands at ``mention_start``, "" for nobody named.

    ``named`` says that the mention is somebody's name, not "Frage". ``asks`` that the turn is a question in an interview.
    """

    start: int
    end: int
    mention: str = ""
    mention_start: int = -1
    named: bool = False
    asks: bool = False

    def goes_on(self, following: Turn) -> bool:
        """Is ``following`` said under the same label?"""
        return bool(self.mention) and self.mention_start == following.mention_start


def turns(text: str, language: str = "") -> list[Turn]:
    """The turns of a transcript in order; empty unless the text is one.

    It is one when (stage directions on lines of their own are not counted)

    1. three lines or more begin with a label, one label at least comes again, and two fifths of all lines begin with one; or
    2. three labels or more are such as no narrator writes (capitals, a party or time in brackets, the chair of a parliament,
       "Mr. SMITH."), one of them comes again or two are "Mr. SMITH.", the first stands within the first five lines, and one
       line in twenty begins with one; or
    3. two fifths of all lines begin with a time code such as [00:12:30], or with ">>"; or
    4. three questions or more stand in bold print or after a dash, each followed by an answer.

    A news article with a "Name:" line or two, or a list of terms with colons, is none of these.
    """
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text) if not m.group().isspace()]
    directions = _directions(text, lines)
    numbers = [n for n in range(len(lines)) if n not in directions]
    labels = {n: label for n in numbers if (label := label_at(text, lines[n][0])) is not None}
    if labels and _by_labels(labels, numbers):
        return list(_labelled(text, lines, numbers, labels, language))
    rest = [lines[n] for n in numbers]
    asked = questions(text, rest)
    return list(_interview(text, rest, asked, language)) if asked else []


def utterances(text: str, sentences: list[Sentence], found: list[Turn]) -> list[Utterance]:
    """Every sentence of every turn as a direct statement by who the label names, without stage directions and time codes."""
    said: list[Utterance] = []
    starts = [turn.start for turn in found]
    for index, sentence in enumerate(sentences):
        number = bisect_right(starts, sentence.end - 1) - 1
        if number < 0:
            continue
        turn = found[number]
        span = spoken(text, max(sentence.start, turn.start), min(sentence.end, turn.end))
        if span is None or (sentence.heading and number and sentence.start == turn.start and found[number - 1].goes_on(turn)):
            continue  # a heading between two paragraphs of one speaker
        said.append(
            Utterance(
                *span, Kind.DIRECT, index, mention=turn.mention, mention_start=turn.mention_start, labelled=turn.named,
                asks=turn.asks or text[: span[1]].rstrip('”“"»«').endswith("?"),
            )
        )  # fmt: skip
    return said


def _directions(text: str, lines: list[tuple[int, int]]) -> set[int]:
    found: set[int] = set()
    reached = 0
    for number, (start, end) in enumerate(lines):
        if start < reached:
            found.add(number)
            continue
        begin = start + len(text[start:end]) - len(text[start:end].lstrip())
        closed = direction_end(text, begin)
        if closed is not None and not _only_a_time(text[begin:closed]):
            found.add(number)
            reached = closed
    return found


def _only_a_time(bracket: str) -> bool:
    return not any(character.isalpha() for character in bracket)


def _by_labels(labels: dict[int, Label], numbers: list[int]) -> bool:
    share = len(labels) / len(numbers)
    if share >= LEAST_SHARE and any(label.timed for label in labels.values()):
        timed = sum(label.timed for label in labels.values())
        if timed >= LEAST_SHARE * len(numbers):
            return True
    if share >= LEAST_SHARE and sum(label.changes for label in labels.values()) >= max(2, LEAST_SHARE * len(numbers)):
        return True
    named = [label for label in labels.values() if label.name]
    if len(named) >= FEWEST_LABELS and len(named) >= LEAST_SHARE * len(numbers) and _comes_again(named):
        return True
    formal = [label for label in named if label.formal or label.timed]
    congress = sum(label.name.startswith(("Mr", "Ms", "The ")) for label in formal)
    sure = {n for n, label in labels.items() if label in formal}
    first = next((place for place, n in enumerate(numbers) if n in sure), len(numbers))
    return (
        len(formal) >= FEWEST_LABELS
        and (_comes_again(formal) or congress >= 2)
        and first < FIRST_LINES
        and len(formal) >= LEAST_FORMAL_SHARE * len(numbers)
    )


def _comes_again(labels: list[Label]) -> bool:
    return max(Counter(label.name.casefold() for label in labels).values()) > 1


def _labelled(text: str, lines: list[tuple[int, int]], numbers: list[int], labels: dict[int, Label], language: str):
    first = min(labels)
    answering = interviewee(text, lines[first][0], language) if any(label.answers for label in labels.values()) else ("", -1)
    current: Label | None = None
    for number in numbers:
        start, end = lines[number]
        label = labels.get(number)
        if label is not None:
            if label.name or label.changes or current is None:
                current = label
            start = label.after
        elif current is None or is_closing_note(text[start : start + 200].lstrip()):
            current = None
            continue
        if start < end:
            yield _turn(start, end, current, answering)


def _turn(start: int, end: int, label: Label, answering: tuple[str, int]) -> Turn:
    if label.answers and answering[0]:
        return Turn(start, end, *answering, named=True)
    named = bool(label.name) and not label.general
    return Turn(start, end, label.name, label.start if label.name else -1, named=named, asks=label.asks and label.general)


def _interview(text: str, lines: list[tuple[int, int]], asked: dict[int, int], language: str):
    first = min(asked)
    answering = interviewee(text, lines[first][0], language)
    for number, (start, end) in enumerate(lines):
        if number < first:
            continue
        if number in asked:
            yield Turn(asked[number], end, asks=True)
        elif is_closing_note(text[start : start + 200].lstrip()):
            return
        else:
            yield Turn(start, end, *answering, named=bool(answering[0]))
