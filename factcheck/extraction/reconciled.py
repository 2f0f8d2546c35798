"""The rules' reading and the network's brought together: one list of utterances.

Measured on the dev sets: where the rules found a statement they cut it along clauses and sentences as a reader would mark it, and
where they name the speaker in the same sentence they are right as often as the network in German, less often in English. What only
the network found is right nine times of ten when it is sure of it and sees who speaks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from factcheck.extraction.annotation import Annotation, Spans
from factcheck.extraction.sentences import Sentence
from factcheck.extraction.utterance import Utterance
from factcheck.records import Kind

KINDS = {"Direct": Kind.DIRECT, "Reported": Kind.REPORTED}  # all others are indirect
SAME = 0.5  # of the words of both together: the rules and the network mean the same statement
FEWEST_WORDS = 4  # of what only the network found: less says nothing that could be checked
SURE = 0.7  # of what only the network found
NOBODY = frozenset(
    "alle andere einige etliche jemand jeder man manche mancher mehrere niemand viele wer "
    "all anyone critics everybody everyone few many most nobody one others people several some someone those who".split()
)  # who speaks here is nobody in particular: the narrator tells what is in the air


def reconcile(
    text: str, sentences: Sequence[Sentence], read: Sequence[Utterance], annotations: Sequence[Annotation], language: str
) -> list[Utterance]:
    """Utterances in text order; ``read`` is what the rules found, ``annotations`` what the network did."""
    quoted = sorted(span for a in annotations for span in a.quote)
    kept: list[Utterance] = []
    for utterance in read:
        best = max(annotations, key=lambda a: _alike(utterance, a.quote), default=None)
        if best is not None and _alike(utterance, best.quote) >= SAME:
            kept.append(_told(text, utterance, best, language))
        elif utterance.kind is Kind.REPORTED or _touched(utterance, quoted):
            kept.append(utterance)  # what is only reported the network seldom sees, and marks otherwise
    for annotation in annotations:
        if not annotation.nested and annotation.sureness >= SURE and _somebody(text, annotation):
            kept += [u for u in _own(text, sentences, annotation) if not any(_touch(u, other) for other in kept)]
    return sorted(kept, key=lambda u: (u.start, -u.end))


def _somebody(text: str, annotation: Annotation) -> bool:
    """A speaker is named, and not as "viele" or "some people"."""
    named = " ".join(text[a:b] for a, b in annotation.speaker).lower().split()
    return bool(named) and not set(named) <= NOBODY


def _told(text: str, utterance: Utterance, annotation: Annotation, language: str) -> Utterance:
    """The rules' utterance with the network's speaker, where the rules named none, or in English another one."""
    if utterance.cue:
        utterance = replace(utterance, cue_at=annotation.cue)
    if not annotation.speaker or utterance.continues and not utterance.mention:
        return utterance
    start, end = annotation.speaker[0]
    mine = (utterance.mention_start, utterance.mention_start + len(utterance.mention))
    if utterance.mention_start >= 0 and (language == "de" or start < mine[1] and end > mine[0]):
        return utterance
    return replace(utterance, mention=text[start:end], mention_start=start)


def _own(text: str, sentences: Sequence[Sentence], annotation: Annotation) -> list[Utterance]:
    """What only the network found, cut at the ends of sentences."""
    kind = KINDS.get(annotation.type, Kind.INDIRECT)
    cue = " ".join(text[a:b] for a, b in annotation.cue)
    speaker = annotation.speaker[0] if annotation.speaker else None
    found = []
    for start, end in annotation.quote:
        for index in range(_sentence(sentences, start), len(sentences)):
            sentence = sentences[index]
            if sentence.start >= end:
                break
            a, b = max(start, sentence.start), min(end, sentence.end)
            if sum(t.start >= a and t.end <= b and t.text[0].isalnum() for t in sentence.tokens) < FEWEST_WORDS:
                continue
            found.append(
                Utterance(
                    a, b, kind, index, cue=cue, cue_at=annotation.cue, verb=cue.split()[-1] if cue else "", mention=text[slice(*speaker)] if speaker else "",
                    mention_start=speaker[0] if speaker else -1, frame=_frame(sentence, annotation), continues=not speaker,
                )
            )  # fmt: skip
    return found


def _sentence(sentences: Sequence[Sentence], place: int) -> int:
    return max(0, bisect_right(sentences, place, key=lambda s: s.start) - 1)


def _frame(sentence: Sentence, annotation: Annotation) -> Spans:
    """The sentence without the quote."""
    rest, start = [], sentence.start
    for a, b in annotation.quote:
        if a < sentence.end and b > sentence.start:
            rest.append((start, max(start, a)))
            start = max(start, min(b, sentence.end))
    rest.append((start, sentence.end))
    return tuple((a, b) for a, b in rest if a < b)


def _alike(utterance: Utterance, spans: Spans) -> float:
    """Characters in both, of those in either."""
    common = sum(max(0, min(b, utterance.end) - max(a, utterance.start)) for a, b in spans)
    return common / (utterance.end - utterance.start + sum(b - a for a, b in spans) - common)


def _touched(utterance: Utterance, spans: Sequence[tuple[int, int]]) -> bool:
    return any(a < utterance.end and b > utterance.start for a, b in spans)


def _touch(one: Utterance, other: Utterance) -> bool:
    return one.start < other.end and one.end > other.start
