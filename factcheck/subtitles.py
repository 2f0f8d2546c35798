"""Subtitles (WebVTT, SubRip) -> a transcript: one paragraph a turn, "[00:01:05] Name: what is said"."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST_PARAGRAPH = 600  # characters after which a turn goes on in a new paragraph, at the next end of a sentence
SHORT_LINE = 2  # words; so short a line may be said twice, a longer one that comes again is a rolling caption's
LONGEST_PAUSE = 3.0  # seconds of silence after which words of nobody named begin a new paragraph

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES = re.compile(rf"[ \t]*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}[^\n]*")
_VOICE = re.compile(r"<v(?:\.[\w.-]*)?[ \t]+([^<>]{1,120})>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>|<\d[\d:.]{0,20}>|\{\\[^{}\n]{0,100}\}")
_SPEAKER = re.compile(
    r"(?P<chevrons>>>+[ \t]*)?(?:(?P<name>[^\W\d_a-zß-öø-ÿ][\w.’'-]*(?:[ \u00a0][\w.’'-]+){0,4}(?:[ ]\([^()\n]{1,40}\))?):(?=\s|$))?"
)
_DASH = re.compile(r"[-–—][ \t]?(?=\S)")
_ENDS = (".", "!", "?", "…", "”", "“", "»", '"')
_SEEN = re.compile(r"\s*(?:\ufeff)?(?:WEBVTT\b|(?:\d{1,9}[ \t]*\n)?[ \t]*(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}[ \t]*-->)")
_CHANGE = ">>"


class _Words(NamedTuple):
    """``speaker`` is None where the file does not say whether somebody else speaks, ">>" for somebody new without a name, "" where
    it names nobody but names others.
    """

    start: float
    end: float
    speaker: str | None
    text: str


def is_subtitles(text: str) -> bool:
    """Does ``text`` begin as a WebVTT or SubRip file does?"""
    return bool(_SEEN.match(text[:400]))


def read(text: str) -> str:
    """The words of a WebVTT or SubRip file in order, "" when it holds none. Times are those at which a paragraph begins.

    Voices (``<v Name>``), "NAME:" and ">>" name or change the speaker; formatting, positions, comments and lines that rolling
    captions repeat are left out. A file that breaks the format in places is read as far as it can be.
    """
    paragraphs: list[str] = []
    current: _Words | None = None
    said: list[str] = []
    length = 0
    for words in _spoken(text):
        changes = current is None or words.speaker not in {None, current.speaker} or words.speaker == _CHANGE
        unnamed = current is not None and current.speaker in {None, "", _CHANGE}
        pause = unnamed and words.start - current.end > LONGEST_PAUSE
        if changes or pause or (length > LONGEST_PARAGRAPH and said[-1].endswith(_ENDS)):
            if current is not None:
                paragraphs.append(_paragraph(current.start, current.speaker, said))
            speaker = words.speaker if changes or words.speaker is not None else current.speaker
            said, length = [], 0
            current = words._replace(speaker=speaker)
        else:
            current = current._replace(end=words.end)
        said.append(words.text)
        length += len(words.text) + 1
    if current is not None:
        paragraphs.append(_paragraph(current.start, current.speaker, said))
    return "\n\n".join(paragraphs)


def _paragraph(start: float, speaker: str | None, said: list[str]) -> str:
    seconds = int(start)
    clock = f"[{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}]"
    name = "" if speaker is None else f"{_CHANGE} " if speaker in {"", _CHANGE} else f"{speaker}: "
    return f"{clock} {name}{' '.join(said)}"


def _spoken(text: str) -> Iterator[_Words]:
    """Words in the file's order, each with who speaks them if the file says so there."""
    before: list[str] = []  # lines of the cue before, which rolling captions repeat
    voiced = False
    for start, end, lines in _cues(text):
        fresh = [line for line in lines if line not in before or len(line.split()) <= SHORT_LINE]
        before = lines
        for speaker, words in _by_voice(fresh):
            if speaker is not None:
                voiced = voiced or speaker.voice
                name = speaker.name
            else:
                name = "" if voiced else None
            if words:
                yield _Words(start, end, name, words)


class _Speaker(NamedTuple):
    name: str
    voice: bool  # by a <v> tag: then words without one are not the same person's


def _by_voice(lines: list[str]) -> Iterator[tuple[_Speaker | None, str]]:
    speaker: _Speaker | None = None
    two = sum(bool(_DASH.match(line)) for line in lines) > 1  # "- Yes. / - No.": two people in one cue
    said: list[str] = []
    for line in lines:
        pieces = _VOICE.split(line)
        for number, piece in enumerate(pieces):
            if number % 2:
                yield speaker, " ".join(said).strip()
                said, speaker = [], _Speaker(_plain(piece), True)
                continue
            bare = _plain(piece)
            named = _SPEAKER.match(bare)
            begins = number == 0 and named is not None and named.end() > 0
            if begins and named is not None:
                yield speaker, " ".join(said).strip()
                said, speaker = [bare[named.end() :]], _Speaker(named["name"] or _CHANGE, False)
            elif two and number == 0 and _DASH.match(bare):
                yield speaker, " ".join(said).strip()
                said, speaker = [_DASH.sub("", bare, count=1)], _Speaker(_CHANGE, False)
            elif bare:
                said.append(bare)
    yield speaker, " ".join(said).strip()


def _plain(piece: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", piece)).split())


def _cues(text: str) -> Iterator[tuple[float, float, list[str]]]:
    """(start, end in seconds, lines) of each cue; a line after "-->" up to a blank one, or up to the next times."""
    times: tuple[float, float] | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        match = _TIMES.match(line)
        if match:
            if times is not None and lines:
                if lines[-1].strip().isdigit():  # the next cue's number, where the blank line is missing
                    lines.pop()
                yield (*times, lines)
            clock = [int(part or 0) for part in match.groups()]
            times, lines = (_seconds(clock[:4], match[4]), _seconds(clock[4:], match[8])), []
        elif times is not None and line.strip():
            lines.append(line.strip())
        elif times is not None and lines:
            yield (*times, lines)
            times, lines = None, []
    if times is not None and lines:
        yield (*times, lines)


def _seconds(clock: list[int], fraction: str) -> float:
    return clock[0] * 3600 + clock[1] * 60 + clock[2] + clock[3] / 10 ** len(fraction)
