"""When two texts are one: an agency's report in ten papers, with other headlines, cuts and a line of the house's own.

A text is taken as its runs of five words ("shingles": A. Broder, On the resemblance and containment of documents, 1997). To find texts
that share passages without comparing all with all, some of its runs are kept by winnowing (S. Schleimer, D. Wilkerson, A. Aiken, 2003):
of each window of twenty runs the smallest, so any two texts that share 24 words in a row share a print.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

RUN = 5  # words
WINDOW = 20  # runs, of which one at least is kept
CONTAINED = 0.8  # of the runs of one text that stand in the other; below it the text says something of its own
HALF = 0.5  # a text of less than half the length of the other is an extract, not the same text
FEWEST = 40  # words; of shorter texts much is alike by chance, so they have to be the same word by word

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


def words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation, as Unicode writes them in one form."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def runs(text: str) -> list[int]:
    """A number (63 bits) for each run of five words, in order; none for a shorter text."""
    said = words(text)
    return [_number(" ".join(said[i : i + RUN])) for i in range(len(said) - RUN + 1)]


def prints(text: str) -> set[int]:
    """The runs by which a text is found again."""
    found = runs(text)
    if not found:
        return set()
    last = max(1, len(found) - WINDOW + 1)
    return {min(found[i : i + WINDOW]) for i in range(last)}


def share(part: str, whole: str) -> float:
    """How much of one text stands in another, 0..1 of its runs of five words."""
    own = set(runs(part))
    return len(own & set(runs(whole))) / len(own) if own else 0.0


def says_nothing_new(text: str, on_file: str) -> bool:
    """True when a text is one on file, cut or with a few words of its own: four fifths of it stand there, it is at least half as long, and
    every figure in it stands there too ("19 dead" is another text than "18 dead")."""
    length, other = len(words(text)), len(words(on_file))
    if min(length, other) < FEWEST:
        return words(text) == words(on_file)
    if length < HALF * other or not figures(text) <= figures(on_file):
        return False
    return share(text, on_file) >= CONTAINED


def figures(text: str) -> set[str]:
    """Every number in a text, as it is written."""
    return set(_FIGURE.findall(unicodedata.normalize("NFKC", text)))


def _number(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big") >> 1
