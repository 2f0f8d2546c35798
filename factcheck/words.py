"""Words as the keyword index sees them: folded, stemmed, without the ones that say nothing.

Stored text and query pass through the same functions, so "Häuser", "hauser" and "Haus" meet. Standard library and the
Snowball stemmers only.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import Stemmer

from factcheck.plaintext import without_floods

# Function words: they match everywhere and decide nothing. Negations stay out of these lists, since they decide a lot.
_ENGLISH = frozenset(
    """
    a about after all also am an and any are as at be because been before being but by can could did do does for from
    had has have he her here him his how i if in into is it its just may me more most my of on or other our out over she
    should so some such than that the their them then there these they this those to up us was we were what when where
    which while who will with would you your said says
    """.split()
)
_GERMAN = frozenset(
    """
    aber alle allem allen aller alles als also am an auch auf aus bei beim bin bis bist da dabei damit dann das dass dem
    den denn der des dessen deren die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen
    einer eines er es etwa etwas euch für gegen gewesen hab habe haben hat hatte hatten hier hinter ich ihm ihn ihnen ihr
    ihre ihrem ihren ihrer ihres im in indem ins ist ja jede jedem jeden jeder jedes jetzt kann können könnte man manche
    mehr mein meine mich mir mit muss müssen nach noch nun nur ob oder ohne schon sehr sei seien sein seine seinem seinen
    seiner seit sich sie sind so soll sollen sollte sondern sonst über um und uns unser unter vom von vor wann war waren
    warum was weil welche welcher wenn wer werde werden wie wieder will wir wird wo wurde wurden während zu zum zur zwar
    zwischen sagte sagt
    """.split()
)
# German function words that say much in English: "the war", "people die", "a man in a hat".
_SAY_MUCH_IN_ENGLISH = frozenset("war die man hat bin dem den rat wider".split())
STOP_WORDS = (_ENGLISH | _GERMAN) - _SAY_MUCH_IN_ENGLISH

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_WORD = re.compile(r"[^\W_]+")
_FOREIGN = re.compile("[^\x00-\x7f]+")  # mostly single letters and quotation marks, which come again and again
_stemmers = threading.local()  # a Snowball stemmer must not be used by two threads at once


def fold(text: str) -> str:
    """Lower case, compatibility-normalised, ß as ss, without diacritics: "Größe" and "grosse" become "grosse"."""
    if text.isascii():
        return text.lower()
    return _FOREIGN.sub(_folded, without_floods(text)).casefold()


def _folded(foreign: re.Match[str]) -> str:
    return _without_marks(foreign.group())


@lru_cache(maxsize=4_096)
def _without_marks(letters: str) -> str:
    """A stretch without ASCII, before case is folded. Folding reads every letter by itself, so what surrounds it does not matter."""
    letters = unicodedata.normalize("NFKD", letters.replace("ß", "ss").replace("ẞ", "ss"))
    return "".join(c for c in letters if not unicodedata.combining(c))


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Words and numbers of a text in order, as matches with their positions. "1.000,5" is one token."""
    return _TOKEN.finditer(text)


def words_in(text: str) -> list[str]:
    """The same words and numbers, as they stand."""
    return _TOKEN.findall(text)


def _stemmer(language: str) -> Stemmer.Stemmer:
    known = _stemmers.__dict__.setdefault("by_language", {})
    if language not in known:
        known[language] = Stemmer.Stemmer(language)
    return known[language]


@lru_cache(maxsize=16_384)  # at 400 bytes each; the words of most texts are among them
def stem(word: str, language: str) -> str:
    """The Snowball stem of a single word, folded; ``language`` other than "de" is stemmed as English."""
    return fold(_stemmer("german" if language == "de" else "english").stemWord(word.lower()))


def content_words(text: str) -> list[str]:
    """The words of a text that carry meaning, as they stand, in order; a text of stop words only keeps them all."""
    found = [m.group() for m in tokens(text)]
    lower = [w.lower() for w in found]
    german = sum(w in _GERMAN - _ENGLISH - _SAY_MUCH_IN_ENGLISH for w in lower)
    english = sum(w in _ENGLISH - _GERMAN for w in lower)
    dropped = STOP_WORDS | _SAY_MUCH_IN_ENGLISH if german > english else STOP_WORDS
    kept = [w for w, low in zip(found, lower, strict=True) if low not in dropped]
    return kept or found


def index_text(text: str, language: str) -> str:
    """What the keyword index stores for a text: stems in the text's language, separated by blanks."""
    return " ".join([stem(word, language) for word in _TOKEN.findall(text)])


def query_stems(text: str) -> dict[str, frozenset[str]]:
    """Content word -> the stems to look for: German and English, since claims of both languages lie in one index."""
    return {w: frozenset((stem(w, "de"), stem(w, "en"))) for w in dict.fromkeys(content_words(text))}


def trigram_words(text: str) -> list[str]:
    """Long words to look for inside others, folded: German compounds hide them ("Krieg" in "Angriffskrieg")."""
    return list(dict.fromkeys(fold(w) for w in content_words(text) if len(w) >= 5 and not w[0].isdigit()))


def plain_words(text: str) -> str:
    """The words of a text as phrases are compared: folded, single blanks between and around them."""
    return f" {' '.join(_WORD.findall(fold(text)))} "


def holds(texts: Iterable[str], phrase: str) -> bool:
    """True when one of the texts holds these words in this order; case, accents and punctuation do not matter."""
    wanted = plain_words(phrase)
    return any(wanted in plain_words(text) for text in texts)
