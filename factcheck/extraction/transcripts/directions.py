"""What is not spoken in a transcript: applause, heckles in brackets, music, notes at its end."""

from __future__ import annotations

import re

LONGEST_DIRECTION = 1_500  # characters
MOST_LINES = 6  # of one direction that is broken over lines

_PAIRS = {"(": ")", "[": "]"}
_CLOSING_NOTE = re.compile(
    r"[(\[*_]*(?:(?:Das|Dieses) (?:Interview|Gespräch) (?:führte|wurde|ist|erschien)|Die Fragen stellten?\b"
    r"|(?:Interview|Gespräch|Aufgezeichnet):? \w+"
    r"|This (?:interview|transcript|conversation) (?:has been|was|is)\b|Interview by\b|(?:Ende der|End of) \w+)",
    re.IGNORECASE,
)
_MUSIC = re.compile(r"[♪♫#*\s].*[♪♫]\s*$|[♪♫]")
_MARKS = re.compile(r"(?:\*\*|__|[*_•–—-])(?=\s|$)|(?:\*\*|__)")
_SENTENCE_END = ".!?…“”\"»«*_"


def direction_end(text: str, start: int, whole_line: bool = True) -> int | None:
    """Where the bracket that opens at ``start`` closes, if nothing but it stands on its line (or lines); else None."""
    opener = text[start : start + 1]
    if opener not in _PAIRS:
        return None
    depth = lines = 0
    for at in range(start, min(len(text), start + LONGEST_DIRECTION)):
        character = text[at]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
            if depth == 0:
                rest = text[at + 1 : at + 3].split("\n")[0]
                return at + 1 if not whole_line or not rest.strip(" .!?") else None
        elif character == "\n":
            lines += 1
            if lines >= MOST_LINES or text[at + 1 : at + 2] == "\n":
                return None
    return None


def is_closing_note(line: str) -> bool:
    """ "Das Gespräch führte ..." after an interview."""
    return bool(_CLOSING_NOTE.match(line))


def spoken(text: str, start: int, end: int) -> tuple[int, int] | None:
    """``text[start:end]`` without white space, bold print and stage directions at its ends; None when nothing is left."""
    while start < end:
        before = (start, end)
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        mark = _MARKS.match(text, start, end)
        if mark:
            start = mark.end()
        for sign in ("**", "__"):
            if text.endswith(sign, start, end):
                end -= len(sign)
        if start < end and text[start] in _PAIRS:
            closed = direction_end(text, start, whole_line=False)
            if closed is not None and closed <= end and not text[start + 1 : closed - 1].isdigit():
                start = closed
                if not text[start:end].strip(" .!?"):
                    return None
        if start < end and text[end - 1] in ")]":
            opened = _opening(text, start, end)
            if opened > start and text[start:opened].rstrip()[-1:] in set(_SENTENCE_END):
                end = opened
        if (start, end) == before:
            break
    if not any(character.isalnum() for character in text[start:end]) or _MUSIC.match(text[start:end]):
        return None
    return start, end


def _opening(text: str, start: int, end: int) -> int:
    """Where the bracket that closes at ``end`` opens; ``start`` when it does not."""
    depth = 0
    for at in range(end - 1, max(start, end - LONGEST_DIRECTION) - 1, -1):
        if text[at] in ")]":
            depth += 1
        elif text[at] in "([":
            depth -= 1
            if depth == 0:
                return at
    return start
