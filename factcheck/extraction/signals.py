"""What can be named about a sentence: a number, a comparison, the past, an opinion word. Patterns for German and English."""

from __future__ import annotations

import re

NAMES = (
    "number", "amount", "past", "comparison", "name", "quantifier", "institution", "length", "question", "greeting",
    "opinion", "own view",
    "wish", "second person", "exclamation",
)  # fmt: skip

NUMBER = re.compile(
    r"\d|\b(?:million|billion|trillion|thousand|hundred|dozen|Million|Milliarde|Billion|Tausend|hundert|tausend|Dutzend"
    r"|doppelt|Hälfte|half|double)"
)
AMOUNT = re.compile(
    r"(?:%|€|\$|£|\b(?:percent|per cent|Prozent|Euro|Dollar|dollars|Mrd|Mio|cents?|Kilometer|Tonnen|Grad|degrees|jobs"
    r"|Stunden|hours|years|Jahre\w*)\b)"
)
PAST = {
    "de": re.compile(r"\b(?:hat|haben|hatte|hatten|habe|war|waren|wurde|wurden|worden|gewesen|ge\w{3,}(?:t|en))\b"),
    "en": re.compile(r"\b(?:was|were|had|has|have|did|voted|been|took|gave|went|lost|said|made|cut|\w{3,}ed)\b", re.IGNORECASE),
}
COMPARISON = re.compile(
    r"\b(?:mehr|weniger|höher|niedriger|größer|kleiner|meisten|höchste\w*|größte\w*|niedrigste\w*|stärker|schlechter|besser"
    r"|als je|more|less|fewer|most|least"
    r"|higher|lower|larger|largest|biggest|highest|lowest|worst|best|than|increase\w*|decrease\w*|rise|risen|rose|fell"
    r"|doubled|gestiegen|gesunken|verdoppelt)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-zäöüß,] )[A-Z][a-zäöüß]+|\b[A-Z]{2,5}\b")
_QUANTIFIER = re.compile(
    r"\b(?:all|every|none|never|always|only|first|no one|nobody|alle|jede\w*|niemand|nie|immer|nur|erste\w*|einzige\w*"
    r"|kein\w*)\b",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(
    r"\b(?:law|bill|tax\w*|budget|deficit|congress|senate|government|president|governor|administration|policy|program|court"
    r"|war|troops|unemployment|economy|health"
    r"|Gesetz\w*|Steuer\w*|Haushalt|Bundestag|Regierung|Minister\w*|Gericht\w*|Krieg|Soldaten|Arbeitslos\w*|Wirtschaft"
    r"|Studie\w*|RKI|WHO|EU|Impf\w*|Virus)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^\W*(?:thank|thanks|good (?:evening|morning|night)|hello|welcome|congratulations|well,? |yes|no\b|okay|all right|danke"
    r"|guten|hallo|liebe|sehr geehrte|herzlich|ja\b|nein\b)",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:think|believe|feel|opinion|hope|wonderful|great|terrible|beautiful|important|should|must|ought|denke|glaube|finde"
    r"|meine|meinung|hoffe|schön|schlimm"
    r"|wichtig|sollte\w*|müsste\w*|peinlich|lächerlich|traurig|leider|unsinn|dumm|toll|super)\b",
    re.IGNORECASE,
)
_OWN_VIEW = re.compile(r"\b(?:i|i'm|i’m|my|me|ich|mir|mich|mein\w*)\b", re.IGNORECASE)
_WISH = re.compile(
    r"\b(?:will|going to|want|let's|let us|would|werde\w*|wird|will|wolle\w*|würde\w*|könnte\w*|let me|lasst)\b", re.IGNORECASE
)
_SECOND = re.compile(r"\b(?:you|your|du|dich|dir|dein\w*|euch|ihr)\b", re.IGNORECASE)


def signals(text: str, language: str) -> tuple[float, ...]:
    """The values of ``NAMES`` for ``text``, each 0..1."""
    text = text[:2_000]
    words = len(text.split())
    return (
        float(bool(NUMBER.search(text))),
        float(bool(AMOUNT.search(text))),
        float(bool(PAST["de" if language == "de" else "en"].search(text))),
        float(bool(COMPARISON.search(text))),
        min(len(_NAME.findall(text)), 4) / 4,
        float(bool(_QUANTIFIER.search(text))),
        float(bool(_INSTITUTION.search(text))),
        min(words, 40) / 40,
        float("?" in text),
        float(bool(_GREETING.search(text))),
        float(bool(_OPINION.search(text))),
        float(bool(_OWN_VIEW.search(text))),
        float(bool(_WISH.search(text))),
        float(bool(_SECOND.search(text))),
        float("!" in text),
    )
