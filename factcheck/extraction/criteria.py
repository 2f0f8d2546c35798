"""When would a promise be kept? A first wording out of its own words, for an editor to make better."""

from __future__ import annotations

import re

from factcheck.records import Statement

# Each leaves what is to be done: "we will cut taxes" -> "cut taxes". The longest beginnings first.
_ENGLISH = re.compile(
    r"^(?:(?:and|so|but|well|look|believe me|let me be clear)[,:]?\s+)*(?:(?:on|in|within|by|before|after|as|when|if)\b[^,]{2,60},\s+)?"
    r"(?:that\s+)?(?:I|we|he|she|they|it)(?:\s+(?:will|shall|would|am going to|are going to|is going to|was going to|were going to"
    r"|am gonna|are gonna|promise to|pledge to|vow to|commit to|intend to)\s+|['’](?:ll|d|m going to|re going to|m gonna|re gonna)\s+)(?P<deed>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_ENGLISH_THAT = re.compile(
    r"^(?:I|we)\s+(?:(?:can\s+)?(?:promise|guarantee|assure|swear|pledge|vow)(?:\s+to)?(?:\s+you)?|give you my (?:solemn )?word)(?:\s+that)?,?\s+(?P<state>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_GERMAN = re.compile(
    r"^(?:(?:und|aber|also|dass)\s+)?(?:ich|wir|er|sie|es|man)\s+(?:werden?|werde|wird|wolle|wollen|würden?)\s+(?P<deed>.+)$", re.IGNORECASE | re.DOTALL
)
_GERMAN_TURNED = re.compile(
    r"^(?P<when>[^,]{2,60}?)\s+(?:werden?|wolle|würden?)\s+(?:ich|wir|er|sie)\s+(?P<deed>.+)$", re.IGNORECASE | re.DOTALL
)
_GERMAN_THAT = re.compile(
    r"^(?:ich|wir)\s+(?:verspreche\w*|garantiere\w*|versichere\w*|schwöre\w*|sichere\w*)(?:\s+(?:Ihnen|euch|dir|allen))?(?:\s+zu)?,?\s+(?:dass\s+)?(?P<state>.+)$",
    re.IGNORECASE | re.DOTALL,
)
LONGEST = 240  # characters


def criterion(statement: Statement, language: str, reader: str = "") -> str:
    """One short sentence that goes on from "kept if", with the statement's own words; "" for what is no promise.

    ``language`` is the statement's, ``reader`` the one of the words around it, by default the same.
    """
    if not statement.is_promise:
        return ""
    words = " ".join(statement.text.split()).strip(" „“”\"«»‚‘’'›‹").rstrip(" .!;,")
    german, frame = language == "de", reader or language
    that = (_GERMAN_THAT if german else _ENGLISH_THAT).match(words)
    if that:
        words = that["state"]
    deed = (_GERMAN if german else _ENGLISH).match(words)
    turned = _GERMAN_TURNED.match(words) if german and not deed else None
    if deed:
        done = deed["deed"]
    elif turned:
        done = f"{turned['when'][0].lower()}{turned['when'][1:]} {turned['deed']}"
    else:
        done = ""
    if done:
        who = statement.speaker or statement.mention
        if frame == "de":
            return _short(f"{who or 'die Person'} dies getan hat: {done}")
        return _short(f"{who or 'the speaker'} has done this: {done}")
    return _short(f"dies eingetreten ist: {words}" if frame == "de" else f"this has come about: {words}")


def _short(text: str) -> str:
    return f"{text}." if len(text) < LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]} …"
