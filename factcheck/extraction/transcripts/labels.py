"""The label at the beginning of a line that names who speaks: "TRUMP:", "Dr. Name (PARTY):", "[00:12:30] Name:", "Mr. SMITH."."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_LABEL = 200  # characters looked at


class Label(NamedTuple):
    """``text[start:end]`` is the name as it stands, ``after`` where the spoken words begin.

    ``name`` is "" for a time code or ">>" that names nobody. ``formal``: no narrator writes so (capitals, a party in brackets, an
    office in the chair, "Mr. SMITH."). ``timed``: a time code stands with it. ``asks``, ``answers``: "Frage", "Q", "Moderator";
    "Antwort", "A". ``general`` labels ("Frage", "Speaker 1") name a part, not a person. ``changes``: ">>" stands before it, and
    somebody else speaks.
    """

    name: str
    start: int
    end: int
    after: int
    formal: bool = False
    timed: bool = False
    asks: bool = False
    answers: bool = False
    general: bool = False
    changes: bool = False


_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_TIME = re.compile(rf"(?P<sure>[\[(]{_CLOCK}[\])]|\d{{1,2}}:\d{{2}}:\d{{2}}(?:[.,]\d{{1,3}})?)|(?P<bare>\d{{1,2}}:\d{{2}})(?=\s)")
_OPENING = re.compile(r"[ \t]*(?:[-–—•][ \t]+)?(?:\*\*|__)?(?:>>+[ \t]*)?")
_BETWEEN = re.compile(r"[ \t]*(?:[-–—|][ \t]+)?(?:\*\*|__)?(?:>>+[ \t]*)?")
_WORD = r"(?:[^\W\d_a-zà-öø-ÿ][\w.’'/&-]{0,40})"
_SMALL = r"(?:von|van|vom|zu|zur|der|den|de|del|di|da|bin|al|h\.|c\.|med\.|of|the|and|und|für|pro|tempore)"
_NAME = re.compile(rf"{_WORD}(?:[ \u00a0](?:{_WORD}|{_SMALL}|\d{{1,3}})){{0,7}}")
_NOTES = re.compile(
    rf"(?P<notes>(?:[ \u00a0]*[(\[][^()\[\]\n]{{1,60}}[)\]]){{0,3}})"
    rf"(?P<office>,[ \u00a0][^:.!?\n„“\"»«]{{3,110}})?(?:[ \u00a0]+{_CLOCK})?"
)
_COLON = re.compile(r"(?:\*\*|__)?:(?:\*\*|__)?(?=\s|$)")
_PARTY = re.compile(r"[(\[](?!\d)[^()\[\]]{2,60}[)\]]")
_CHAIR = re.compile(
    r"(?:Alters|Vize|Bundestags|Landtags)?[Pp]räsident(?:in)?\b|Vorsitzende[r]?\b|Vice President\b"
    r"|(?:Madam |Mr\.? |The )?(?:Deputy )?Speaker\b"
    r"|(?:The )?(?:Chair(?:man|woman|person)?|Presiding Officer)\b|Abg\.|Bundesminister(?:in)?\b|Bundeskanzler(?:in)?\b",
)
_CONGRESS = re.compile(
    r"[ \t]*(?P<name>(?:Mr|Mrs|Ms|Miss|Dr|Sen|Rep|Chairman|Chairwoman|Senator|Secretary)\.? "
    r"[A-ZÀ-Ý][A-ZÀ-Ýca’'-]*[A-ZÀ-Ý](?: [A-ZÀ-Ý]{2,})?"
    r"|The (?:ACTING )?(?:SPEAKER|PRESIDING OFFICER|PRESIDENT|VICE PRESIDENT|CHAIR(?:MAN|WOMAN)?|CLERK)"
    r"(?: pro tempore)?)(?: of [A-Z]\w+(?: [A-Z]\w+)?)?(?: \([^()\n]{1,60}\))?\.(?=\s)"
)
_COURT = re.compile(r"[ \t]*(?P<name>[QA])\.?[ \t]+(?=[A-Z])")
_HANSARD = re.compile(rf"[ \t]*(?P<name>{_NAME.pattern})(?: \([^()\n]{{2,60}}\)){{2}}[ \t]*$", re.MULTILINE)
_HOLDER = re.compile(r"[ \u00a0]\((?P<name>[A-ZÀ-Ý][\w.’'-]+(?: [A-ZÀ-Ý][\w.’'-]*){1,3})\)")  # "The Minister (Helen Marsh)"
_ASKING = re.compile(
    r"(?:Frage|F|Q|Question|Interviewer(?:in)?|Reporter(?:in)?|Journalist(?:in)?|Moderator(?:in)?|Moderation"
    r"|Moderatoren|Host|Anchor)(?: \d+)?$",
    re.IGNORECASE,
)
_ANSWERING = re.compile(r"(?:Antwort|A|Answer)$", re.IGNORECASE)
_GENERAL = re.compile(
    r"(?:(?:Frage|F|Q|Question|Antwort|A|Answer|Interviewer(?:in)?|Reporter(?:in)?|Journalist(?:in)?)(?: \d+)?"
    r"|(?:Speaker|Sprecher(?:in)?|Person|Voice|Stimme)(?: \d+| [A-Z])?|Unidentified(?: \w+){0,2}|Unbekannt|Unknown"
    r"|Zuschauer(?:in)?|Audience(?: Member)?)$",
    re.IGNORECASE,
)
# Words with a colon that open paragraphs of lists, fact boxes and articles. "ZEIT:" in capitals is a newspaper that asks.
_NO_LABELS = frozenset(
    "pro contra kontra vorteil vorteile nachteil nachteile fazit hintergrund update foto fotos bild quelle quellen info"
    " infos tipp tipps hinweis achtung wichtig anmerkung zutaten zubereitung ort datum uhrzeit titel thema beispiel stand"
    " ergebnis adresse kontakt behauptung fakt fakten bewertung einordnung urteil aussage ps note source sources photo image"
    " read claim fact facts verdict rating warning example result background context date place time address contact"
    " ingredients pros cons summary tagesordnungspunkt zusatzpunkt punkt top kapitel teil schritt chapter part step item"
    " zeit http https".split()
)


def label_at(text: str, start: int) -> Label | None:
    """The label with which the line at ``start`` begins, None when it has none."""
    stop = text.find("\n", start)
    end = min(stop if stop >= 0 else len(text), start + LONGEST_LABEL)
    for pattern in (_CONGRESS, _HANSARD):
        match = pattern.match(text, start, end)
        if match:
            return Label(match["name"], match.start("name"), match.end("name"), match.end(), formal=True)
    opening = _OPENING.match(text, start, end)
    at = opening.end() if opening else start
    changes = bool(opening and ">>" in opening.group())
    time = _TIME.match(text, at, end)
    timed = bool(time and time["sure"])
    if time:
        between = _BETWEEN.match(text, time.end(), end)
        at = between.end() if between else time.end()
        changes = changes or bool(between and ">>" in between.group())
    named = _named(text, at, end)
    if named:
        return named._replace(timed=timed or named.timed, changes=changes)
    if timed or changes:
        return Label("", at, at, at, timed=timed, changes=changes)
    match = _COURT.match(text, start, end)
    if match and text[match.end("name")] == ".":
        return _made(match["name"], match.start("name"), match.end("name"), match.end(), formal=True)
    return None


def _named(text: str, at: int, end: int) -> Label | None:
    name = _NAME.match(text, at, end)
    if name is None:
        return None
    notes = _NOTES.match(text, name.end(), end)
    after = notes.end() if notes else name.end()
    colon = _COLON.match(text, after, end)
    about = notes.group() if notes else ""
    timed = bool(re.search(_CLOCK, about))
    if colon is None and not (timed and not text[after:end].strip()):  # "Name (00:12)" alone on its line
        return None
    words = name.group().rstrip(".")
    if words.casefold().split()[0] in _NO_LABELS and not words.isupper():
        return None
    holder = _HOLDER.match(text, name.end(), end) if words.startswith("The ") else None
    party = bool(notes and _PARTY.search(notes["notes"] or ""))
    formal = party or bool(_CHAIR.match(words)) or (words.isupper() and len(words) > 1) or bool(notes and notes["office"])
    after = colon.end() if colon else after
    if holder:
        return _made(holder["name"], holder.start("name"), holder.end("name"), after, formal=True, timed=timed)
    return _made(name.group(), name.start(), name.end(), after, formal=formal, timed=timed)


def _made(name: str, start: int, end: int, after: int, *, formal: bool, timed: bool = False) -> Label:
    return Label(
        name, start, end, after, formal=formal, timed=timed, asks=bool(_ASKING.match(name)), answers=bool(_ANSWERING.match(name)),
        general=bool(_GENERAL.match(name)),
    )  # fmt: skip
