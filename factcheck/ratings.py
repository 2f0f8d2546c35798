"""Publishers' rating words -> normalised ratings. What is not known stays NOT_RATED; the words themselves are always kept."""

from __future__ import annotations

from factcheck.records import Rating
from factcheck.words import fold

_WORDS: dict[Rating, str] = {
    Rating.TRUE: "true, correct, accurate, wahr, richtig, stimmt, zutreffend",
    Rating.MOSTLY_TRUE: "mostly true, mostly correct, größtenteils wahr, größtenteils richtig, weitgehend richtig",
    Rating.MIXED: "half true, mixture, mixed, partly true, partly false, half flip, teilweise richtig, teilweise falsch, halb wahr",
    Rating.MISLEADING: "misleading, missing context, out of context, irreführend, fehlender kontext",
    Rating.MOSTLY_FALSE: "mostly false, barely true, größtenteils falsch, überwiegend falsch, weitgehend falsch",
    Rating.FALSE: "false, pants fire, pants on fire, fake, incorrect, falsch, unwahr, frei erfunden, gefälscht",
    Rating.SATIRE: "satire, labeled satire",
    Rating.UNPROVEN: "unproven, unverified, no evidence, unbelegt, unbewiesen, nicht belegt",
    Rating.OUTDATED: "outdated, veraltet, überholt",
}
_BY_WORDS = {fold(words.strip()): rating for rating, listed in _WORDS.items() for words in listed.split(",")}


def normalise(rating_text: str) -> Rating:
    """The normalised rating for a publisher's words, in any case, with blanks, hyphens or a closing mark."""
    words = " ".join(fold(rating_text).replace("-", " ").replace("_", " ").split()).strip(" .!")
    return _BY_WORDS.get(words, Rating.NOT_RATED)
