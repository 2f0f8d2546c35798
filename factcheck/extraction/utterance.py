"""What the rules of a language hand on: a span, how it was said, and the words that name its speaker."""

from __future__ import annotations

from dataclasses import dataclass

from factcheck.records import Kind


@dataclass
class Utterance:
    """A statement before its speaker is resolved. Offsets are those of the article.

    ``mention_start`` is -1 when the sentence names no speaker. ``frame`` is what surrounds the statement in its sentence, where
    the time of speaking is looked for. ``continues`` says that the words go on from the statement before ("fügte hinzu", a bare
    Konjunktiv), so that its speaker and time carry over when nothing else is said.
    """

    start: int
    end: int
    kind: Kind
    sentence: int
    cue: str = ""
    verb: str = ""
    mention: str = ""
    mention_start: int = -1
    frame: tuple[tuple[int, int], ...] = ()
    continues: bool = False
    commissive: bool = False
    cue_at: tuple[tuple[int, int], ...] = ()  # where the cue stands, as far as the network saw it
    labelled: bool = False  # the mention is a transcript's label and names the speaker by itself
    asks: bool = False  # a question put in a debate or interview: kept, but it hardly calls for a check
