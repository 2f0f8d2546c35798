"""Statements as editors mark them in a text: what may be marked, and how a new reading of the text goes with their corrections.

Pure functions. A correction is never changed; what holds is what all corrections that were not taken back add up to.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from factcheck.errors import BadInput
from factcheck.records import Act, Correction, Kind, Mark, Spans, Statement

LONGEST = 6_000  # characters of a statement; the longest sentence the reading of articles knows
LONGEST_NAME = 200  # characters of a speaker's name, mention or cue
AROUND = 2_000  # characters on either side in which a mention or cue is looked for
_BUCKET = 400  # characters; statements are compared with those that stand in the same stretches of the text
_QUOTES = "\"“”„«»‘’‚'`´"


# What may be marked


def words_at(text: str, words: str, near: int = 0, *, longest: int = LONGEST) -> tuple[int, int]:
    """Where ``words`` stand in the text, nearest to the offset ``near``: (start, end), exact.

    White space and the form of quotation marks may differ. Raises BadInput when there are none, too many, or they do not occur.
    """
    wanted = words.split()
    if not wanted:
        raise BadInput("A statement needs words. Copy them from the article.", key="mark_needs_words")
    if len(words.strip()) > longest:
        raise _too_long(longest)
    pattern = re.compile(r"\s+".join(_loosely(word) for word in wanted))
    found = min(pattern.finditer(text), key=lambda m: (abs(m.start() - near), m.start()), default=None)
    if found is None:
        raise BadInput(
            f"These words do not stand in the article: {_short(words)}. Copy them from its text as they are.",
            key="mark_not_in_text",
            words=_short(words),
        )
    return found.span()


def _loosely(word: str) -> str:
    return "".join(f"[{re.escape(_QUOTES)}]" if c in _QUOTES else re.escape(c) for c in word)


def trimmed(text: str, start: int, end: int, *, longest: int = LONGEST) -> tuple[int, int]:
    """The span without white space at its ends. Raises BadInput when it is empty, too long or not within the text."""
    if not 0 <= start <= end <= len(text):
        raise BadInput("This place does not lie in the article. Choose the words again.", key="mark_outside")
    piece = text[start:end]
    inner = piece.strip()
    if not inner:
        raise BadInput("A statement needs words. Copy them from the article.", key="mark_needs_words")
    if len(inner) > longest:
        raise _too_long(longest)
    start += len(piece) - len(piece.lstrip())
    return start, start + len(inner)


def typed(
    text: str,
    words: str,
    place: tuple[int, int] | None,
    kind: str,
    speaker: str,
    mention: tuple[str, tuple[int, int] | None] = ("", None),
    cue: tuple[str, tuple[int, int] | None] = ("", None),
    now: Mark | None = None,
) -> Mark:
    """What an editor typed or dragged, as a mark; ``now`` is the statement before, None for a new one.

    ``place`` counts where the words in it are the typed ones, or where the words were left as they are; else the typed words are looked
    for, nearest to the old place. Mention and cue are words of the text with their place, if one was chosen; else the place nearest to
    the statement is taken. Raises BadInput.
    """
    untouched = now is not None and words.split() == text[now.start : now.end].split()
    if place and (untouched or words.split() == text[slice(*place)].split()):
        start, end = trimmed(text, *place)
    else:
        start, end = words_at(text, words, now.start if now else place[0] if place else 0)
    if kind not in set(Kind):
        raise BadInput("Choose how it was said: direct, indirect or reported.", key="mark_kind")
    old_mention, old_cue = (now.mention, now.mention_at) if now else ("", ()), (now.cue, now.cue_at) if now else ("", ())
    return Mark(
        start, end, Kind(kind), spoken_name(speaker), *_role(text, *mention, old_mention, start, end), *_role(text, *cue, old_cue, start, end)
    )


def _role(
    text: str, words: str, place: tuple[int, int] | None, old: tuple[str, Spans], start: int, end: int
) -> tuple[str, Spans]:
    """The words of a mention or cue and where they stand; what was left as it was keeps its place."""
    if place and words.split() == text[slice(*place)].split() and words.strip():
        place = trimmed(text, *place, longest=LONGEST_NAME)
        return text[slice(*place)], (place,)
    if words.split() == old[0].split():
        return old
    if not words.strip():
        return "", ()
    there = nearest(text, words.strip(), start, end) or (words_at(text, words, start, longest=LONGEST_NAME),)
    return text[slice(*there[0])], there


def spoken_name(name: str) -> str:
    """A typed name in one line. Raises BadInput when it is too long to be one; "" is nobody in particular."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise BadInput(f"A name has at most {LONGEST_NAME} characters.", key="mark_name_too_long", longest=LONGEST_NAME)
    return name


def nearest(text: str, words: str, start: int, end: int) -> Spans:
    """Where a mention or cue of a statement stands: the occurrence that is nearest to the statement's edges, outside it if there is one.

    () when the words do not occur.
    """
    if not words:
        return ()
    left, right = re.match(r"\w", words), re.search(r"\w$", words)
    pattern = re.compile((r"(?<!\w)" if left else "") + re.escape(words) + (r"(?!\w)" if right else ""))
    window = max(0, start - AROUND), min(len(text), end + AROUND)
    found = [m.span() for m in pattern.finditer(text, *window)]
    outside = [s for s in found if s[1] <= start or s[0] >= end]
    return tuple(sorted(outside or found, key=lambda s: min(abs(s[1] - start), abs(s[0] - end), abs(s[0] - start)))[:1])


def _too_long(longest: int) -> BadInput:
    return BadInput(f"That is longer than {longest:,} characters. Mark what was said, no more.", key="mark_too_long", longest=longest)


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 80 else f"{words[:80]} …"


# What corrections add up to


@dataclass(frozen=True)
class Standing:
    """A statement an editor has had in hand. ``found`` is the place the reading gave it, None when an editor added it; ``now`` is what it
    is by the last correction, None when it is none; ``checked`` when an editor only looked and left it as it was."""

    found: tuple[int, int] | None
    now: Mark | None


def mark_of(statement: Statement) -> Mark:
    return Mark(
        statement.start, statement.end, statement.kind, statement.speaker, statement.mention, statement.mention_at,
        statement.cue, statement.cue_at,
    )  # fmt: skip


def marked(statement: Statement, mark: Mark, text: str) -> Statement:
    """The statement as the mark has it."""
    return replace(
        statement, start=mark.start, end=mark.end, text=text[mark.start : mark.end], kind=mark.kind, speaker=mark.speaker,
        mention=mark.mention, mention_at=mark.mention_at, cue=mark.cue, cue_at=mark.cue_at,
    )  # fmt: skip


def in_force(corrections: Iterable[Correction]) -> list[Correction]:
    """The corrections that were not taken back, oldest first; the takings back themselves are left out."""
    made = list(corrections)
    undone = {c.undoes for c in made if c.undoes}
    return [c for c in made if c.act is not Act.UNDONE and c.id not in undone]


def standing(corrections: Iterable[Correction]) -> dict[int, Standing]:
    """Statement id -> what the corrections in force make of it."""
    found: dict[int, Standing] = {}
    for c in in_force(corrections):
        if c.act is Act.CHECKED:
            for statement_id, mark in c.checked:
                found.setdefault(statement_id, Standing((mark.start, mark.end), mark))
        elif c.statement_id is not None:
            first = (c.before.start, c.before.end) if c.before else None
            found[c.statement_id] = Standing(found[c.statement_id].found if c.statement_id in found else first, c.after)
    return found


def checked(corrections: Iterable[Correction]) -> Correction | None:
    """The last time an editor said that all statements are right and none is missing; None when nobody did, or took it back."""
    return next((c for c in reversed(in_force(corrections)) if c.act is Act.CHECKED), None)


def apply(
    text: str,
    extracted: Sequence[Statement],
    corrections: Sequence[Correction],
    on_file: Sequence[Statement] = (),
    fixed: Collection[int] = (),
) -> list[Statement]:
    """The statements of an article after a reading: what was extracted, with the corrections applied, in the order of the text.

    ``on_file`` are the article's statements before; what is found again at its place keeps its id. ``fixed`` are ids of those that stay as
    they are, since somebody decided on them. What an editor removed stays removed, and what an editor added, changed or confirmed
    stays as it was left, if the reading finds something else in its place. In an article that was checked nothing new appears at all.
    """
    held = standing(corrections)
    known = {s.id: s for s in on_file}
    result = [
        marked(known.get(i, Statement("", 0, 0, s.now.kind, id=i)), s.now, text) for i, s in held.items() if s.now is not None
    ]
    result += [known[i] for i in sorted(fixed) if i in known and i not in held]
    if checked(corrections) is None:
        result += _new(extracted, held, [s for s in on_file if s.id not in held], fixed)
    unique: dict[tuple[int, int], Statement] = {}
    for statement in result:
        unique.setdefault((statement.start, statement.end), statement)
    return sorted(unique.values(), key=lambda s: (s.start, s.end))


def _new(
    extracted: Sequence[Statement], held: dict[int, Standing], others: Sequence[Statement], fixed: Collection[int]
) -> list[Statement]:
    """The extracted statements that are nobody's yet, and those of ``others`` that were found again, with their ids."""
    places: dict[int, list[tuple[int, int, int]]] = defaultdict(list)  # bucket -> (start, end, id)
    for statement_id, stands in held.items():
        now = (stands.now.start, stands.now.end) if stands.now else None
        for start, end in {p for p in (stands.found, now) if p}:
            _put(places, start, end, statement_id)
    for s in others:
        _put(places, s.start, s.end, s.id)
    absorbing = {*held, *fixed}
    claims = []  # (how much alike, number of the extracted, id)
    taken: set[int] = set()  # numbers of extracted statements whose best place is one that nothing may change
    for number, e in enumerate(extracted):
        near = {p for bucket in _buckets(e.start, e.end) for p in places[bucket]}
        alike = sorted(((_alike(e, start, end), i) for start, end, i in near if _same_place(e, start, end)), reverse=True)
        if alike and alike[0][1] in absorbing:
            taken.add(number)
        claims += [(share, -number, i) for share, i in alike if i not in absorbing]
    ids: dict[int, int] = {}
    given: set[int] = set()
    for _, minus, statement_id in sorted(claims, reverse=True):  # the most alike first; each id once
        if -minus not in ids and -minus not in taken and statement_id not in given:
            ids[-minus] = statement_id
            given.add(statement_id)
    return [replace(e, id=ids.get(n, 0)) for n, e in enumerate(extracted) if n not in taken]


def _put(places: dict[int, list[tuple[int, int, int]]], start: int, end: int, statement_id: int) -> None:
    for bucket in _buckets(start, end):
        places[bucket].append((start, end, statement_id))


def _buckets(start: int, end: int) -> range:
    return range(start // _BUCKET, (end - 1) // _BUCKET + 1)


def _same_place(e: Statement, start: int, end: int) -> bool:
    """True when two spans share at least half of the shorter one."""
    return 2 * (min(e.end, end) - max(e.start, start)) >= min(e.end - e.start, end - start)


def _alike(e: Statement, start: int, end: int) -> float:
    """Shared characters over all characters of both spans, 0..1."""
    shared = min(e.end, end) - max(e.start, start)
    return shared / (max(e.end, end) - min(e.start, start)) if shared > 0 else 0.0
