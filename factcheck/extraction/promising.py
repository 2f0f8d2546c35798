"""Promises: is a statement one, and by when is it to be kept?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from factcheck.extraction.deadlines import deadline
from factcheck.extraction.scored import ScoredText
from factcheck.extraction.states import DIMENSIONS, apply, chance, heads, states
from factcheck.records import Kind

if TYPE_CHECKING:
    from factcheck.embed import Encoder

PROMISED = 0.5  # from here on a score says "this is a promise"

_HEDGED = re.compile(
    r"\b(?:ich\s+denke|ich\s+glaube|ich\s+hoffe|vielleicht|möglicherweise|vermutlich|wahrscheinlich|i\s+think|i\s+believe"
    r"|i\s+hope|maybe|perhaps|probably|might)\b",
    re.IGNORECASE,
)
_OWN_WILL = re.compile(
    r"\b(?:(?:ich|wir)\s+(?:werden?|verspreche\w*|garantiere\w*|sorge\w*\s+dafür)|(?:werde|verspreche|garantiere)\s+ich"
    r"|(?:werden|versprechen|garantieren)\s+wir"
    r"|(?:i|we)(?:\s+will|\s+shall|[’']ll|(?:\s+am|\s+are|[’']m|[’']re)\s+going\s+to|\s+promise|\s+pledge|\s+vow"
    r"|\s+guarantee|\s+commit)"
    r"|i(?:\s+am|[’']m)\s+gonna|we(?:\s+are|[’']re)\s+gonna)\b",
    re.IGNORECASE,
)
# What people will think, see, know or have is a forecast; so is a negated will to know.
_NOT_ACTING = re.compile(
    r"^\W*(?:\w+\s+){0,2}?(?:see|know|talk|have\s+to|need|be\s+(?:able|happy|glad|sorry|surprised)|find\s+out|never\s+forget"
    r"|say|tell|sehen|wissen|sprechen|müssen)\b",
    re.IGNORECASE,
)
_FUTURE_INDIRECT = re.compile(
    r"\b(?:er|sie|man|es|seine?\s+(?:Regierung|Partei)|ihre?\s+(?:Regierung|Partei)|die\s+(?:Regierung|Partei"
    r"|Stadt))\s+(?:werden?|wolle|wollen|würde)\b|"
    r"\b(?:werde|wolle|würde)\s+(?:er|sie|man)\b|\b(?:he|she|they|it)(?:\s+would|\s+will|[’']d|[’']ll|\s+(?:is|are|was"
    r"|were)\s+going\s+to)\b",
    re.IGNORECASE,
)
_TO_ACT = re.compile(
    r"\bzu\s+\w+n\b|\w+zu\w{2,}en\b|^\W*(?:not\s+)?to\s+\w+|\bwerden?\b|\bwürden?\b|\bwolle\b|\bwill\b|\bwould\b", re.IGNORECASE
)
_THREAT = {"threaten", "drohen", "androhen"}


def is_promise(text: str, kind: Kind, verb: str, commissive: bool) -> bool:
    """Does the speaker commit to do something? ``verb`` is the verb of saying, ``commissive`` whether it alone commits."""
    if verb in _THREAT:
        return False
    if kind is Kind.DIRECT:
        if text.rstrip('”“"«» ').endswith("?"):
            return False
        own = _OWN_WILL.search(text)
        if not own or (_HEDGED.search(text[: own.start()]) and not commissive):
            return False
        acting = not _NOT_ACTING.match(text[own.end() :])
        return acting
    if kind is Kind.INDIRECT:
        if commissive:
            return bool(_TO_ACT.search(text))
        future = _FUTURE_INDIRECT.search(text[:90])
        return bool(
            future
            and verb not in {"", "fragen", "ask", "hoffen", "hope", "glauben", "believe", "think", "denken", "expect", "erwarten"}
            and _acts_soon(text, future)
        )
    return commissive and bool(re.search(r"\bzu\s+\w+en\b|\bto\s+\w+|\bpledg|\bpromis|\bversp|\bgelobt|\bzug", text))


def _acts_soon(text: str, future: re.Match[str]) -> bool:
    """A plain "er werde" is a promise only with a deadline or with words of doing; else it is a forecast."""
    rest = text[future.end() :]
    if re.search(r"\b(?:nicht|kein\w*|never|not)\b", rest[:40]):
        return deadline(text, None) is not None
    return deadline(text, None) is not None or bool(_DOING.search(rest))


_DOING = re.compile(
    r"\b(?:senken|erhöhen|beenden|abschaffen|einführen|bauen|schaffen|stoppen|kürzen|investieren|umsetzen|durchsetzen"
    r"|dafür\s+sorgen|verhindern|sanieren|halbieren"
    r"|verdoppeln|aufheben|unterzeichnen|zurücktreten|schließen|eröffnen|abschieben|ausweisen|bereitstellen|liefern"
    r"|unterstützen|entlasten|cut|raise|end|abolish"
    r"|build|create|stop|reduce|invest|introduce|repeal|replace|fix|restore|deport|lower|double|halve|sign|resign|ban"
    r"|deliver|hire|open|close|protect|bring\s+back)\b",
    re.IGNORECASE,
)


def scores(rows: Sequence[ScoredText], encoder: Encoder | None = None) -> list[float]:
    """How sure each row is a promise, 0..1, in order: by its word states, or by rules that know only yes and no where the encoder
    is not the one the head was trained on. A row is read as it stands: its speaker's own words, or a sentence that reports them.
    """
    found = states(encoder, [row.text for row in rows])
    if found is None:
        return [float(is_promise(row.text, Kind.DIRECT, "", False)) for row in rows]
    told = np.array([by_words("", row.text) for row in rows], np.float32)
    return [round(float(value), 4) for value in chance(odds(found) + told)]


def odds(found: np.ndarray) -> np.ndarray:
    """Log odds of "this is a promise" from states (texts, 768)."""
    return apply(heads("promises")["promise"], found[:, :DIMENSIONS])


# What the verb of saying adds, in log odds: who vows means it; who hopes, thinks, threatens or denies promises nothing.
COMMITS, COMMITS_NOT = 2.0, -8.0
_COMMITTING = re.compile(
    r"\b(?:ver(?:sprach|sprochen|spricht|sprechen)\w*|gelobt\w*|schwor\w*|geschworen|zu(?:gesagt|gesichert)|sagt\w*\b.*\bzu|sichert\w*\b.*\bzu"
    r"|verpflichte\w*|garantier\w*|kündig\w*|angekündigt|promis\w+|pledg\w+|vow\w*|sw(?:ore|orn|ear\w*)|commit\w*|guarantee\w*|assur\w+|undert\w+)",
    re.IGNORECASE,
)
_NOT_COMMITTING = re.compile(
    r"\b(?:droh\w*|androh\w*|gedroht|hoff\w*|gehofft|glaub\w*|denk\w*|gedacht|vermut\w*|erwart\w*|fürcht\w*|befürcht\w*|warn\w*|frag\w*|forder\w*|gefordert"
    r"|bestritt\w*|dementier\w*|threat\w*|hop(?:e|es|ed|ing)|believ\w*|th(?:ink|inks|ought)|expect\w*|fear\w*|warn\w*|ask\w*|demand\w*|den(?:y|ies|ied)"
    r"|predict\w*|wonder\w*)",
    re.IGNORECASE,
)


# Two who agree, and one who is ready for it, tell how they stand to something.
_STANDING = re.compile(r"^\W*(?:\w+\s+){0,4}(?:sei(?:en)?|ist|sind|is|are|was|were)\s+(?:sich\s+)?(?:\w+\s+){0,2}(?:einig|bereit|ready|agreed)\b", re.IGNORECASE)


# Without anybody who acts, and without a word about what is to come, a sentence tells how things are ("Ab 2024 sind alle ... verboten").
_ACTS = re.compile(
    r"\b(?:ich|wir|uns\w*|mein\w*|er|sie|man|i|we|us|our|my|he|she|they|you|werd\w*|wird|würde\w*|woll\w*|will|soll\w*|zu|(?-i:[a-zäöü]+zu[a-zäöü]+en)|shall|would|to"
    r"|going|gonna|\w+['’]ll)\b",
    re.IGNORECASE,
)
STATE = -3.0


def by_words(cue: str, text: str) -> float:
    """What the words of saying, and the way a statement begins, add to the log odds of a promise."""
    if _NOT_COMMITTING.search(cue) or _STANDING.search(text):
        return COMMITS_NOT
    if _COMMITTING.search(cue):
        return COMMITS
    return 0.0 if _ACTS.search(text) else STATE
