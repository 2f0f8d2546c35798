"""Whether two texts say yes and no to the same thing: negations, denials, opposite words, and who stands on which side.

What turns a sentence is counted, not understood: two turns undo each other ("not unknown", "denies that nothing was paid"), and
the same holds across two texts ("will not close" and "stays open"). Pure functions over word lists, German and English.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from factcheck import wordlists
from factcheck.quantities import is_german
from factcheck.words import STOP_WORDS, fold, stem, tokens

_NEGATIONS = re.compile(
    r"(?<!\w)(?:nicht|nie|niemals|kein\w*|niemand\w*|nichts|weder|keinesfalls|keineswegs|not|never|no|none|nobody|nothing|neither|nor|"
    r"kaum|hardly|barely|scarcely|cannot|without|ohne|\w+n['’]t)(?!\w)",
    re.IGNORECASE,
)
_IDLE = re.compile(  # negations that deny nothing
    r"(?i)\b(?:nicht nur|not only|no less than|nicht zuletzt|nicht weniger als|not least|no longer than|no\.? ?\d+|if not|no doubt|why not|"
    r"(?:do not|don['’]t) know|weiß nicht|nicht mehr als|no more than|wie (?:noch )?nie(?: zuvor)?|noch nie(?=[^.]{1,80}? so \w)|wie seit [\w\s]{3,30} nicht|"
    r"kein anderer|no other|(?:ohne|without (?:a )?) ?(?:zweifel|doubt)|false (?:positives?|negatives?|alarms?))\b"
)
_NO_MORE = re.compile(r"(?i)\b(nicht|nie|nichts|niemand\w*|kein\w*)((?:\s+\w+){0,4}?)\s+mehr\b(?!\s+als)")
_NOTHING_MORE = re.compile(  # "never more expensive", "no museum was earlier": beside a superlative it says the same
    r"(?i)\b(?:never before|noch nie(?: zuvor)?|nie zuvor)\b|\b(?:never|no|nie|kein\w*)\b(?=[^.;,]{0,40}?\b(?:more|mehr|fewer|less|weniger|"
    r"earlier|früher|later|später|higher|höher\w*|lower|niedriger\w*|larger|bigger|größer\w*|smaller|kleiner\w*|faster|schneller\w*|older|"
    r"älter\w*|younger|jünger\w*|stronger|stärker\w*|better|besser\w*|worse|schlechter\w*|cheaper|billiger\w*|teurer\w*)\b)"
)
_SUPERLATIVE = re.compile(r"(?i)\b(?:\w{3,}est|most|first|record|worst|best|\w{3,}(?:st|ß)e[nrms]?|rekord\w*|erste\w*|noch nie)\b")
_SENTENCE = re.compile(r"(?<=[.!?…])[\s\"'“”’)]+(?=\S)|\s*https?://\S+\s*")
_CLAUSE = re.compile(r"[.,;:!?…–—“”\"]+\s*|\s-+\s*|\s*https?://\S+\s*")
_THAN = re.compile(
    r"(?i)\b(?:\w{2,}er|\w{2,}ere[nmrs]?|more|less|mehr|worse)\b[^.;]{0,60}?\b(?:than|als)\b|\b(?:before|after|bevor|nachdem|vor|nach)\b"
)
_PASSIVE = re.compile(
    r"(?i)\b(?:was|were|been|being|is|are|be|got)\b[^.;,]{0,40}\bby\b|\b(?:wird|wurde|wurden|werde|werden|würden?|worden|ist|sind|sei|seien)\b"
    r"[^.;,]{0,40}\b(?:von|vom|durch)\b|\b(?:von|vom|durch)\b[^.;,]{0,40}\b(?:worden|werden|wurde|wird)\b"
)
_AT_A_PLACE = re.compile(
    r"(?i)\b(?:in|im|from|to|into|at|of|for|with|about|near|on|aus|nach|bei|mit|für|über|zu|zur|zum|gegen|against|auf|an|ins|de)"
    r"(?:\s+(?:the|der|die|das|dem|den))?\s*$"
)


Entities = Callable[[str], dict[str, str]]


@dataclass(frozen=True)
class Polarity:
    """How two texts stand to each other in yes and no.

    ``negations``, ``implied`` and ``ended`` hold the turning words of each side that are no part of ``opposed``; ``opposed`` the pairs of
    opposite words, ``agreed`` the axes of opposites on which both stand on the same side; ``swapped`` names the two that changed
    places ("A is larger than B", "B is larger than A"), empty when none did.
    """

    negations: tuple[tuple[str, ...], tuple[str, ...]]
    implied: tuple[tuple[str, ...], tuple[str, ...]]
    ended: tuple[tuple[str, ...], tuple[str, ...]]
    opposed: tuple[tuple[str, str], ...]
    agreed: int
    swapped: tuple[str, ...]

    @property
    def negated(self) -> bool:
        """Exactly one side is negated; a double negation is none."""
        return _odd(self.negations)

    @property
    def turned(self) -> bool:
        """What is seen plainly adds up to the opposite."""
        return self.negated ^ bool(self.opposed) ^ bool(self.swapped)

    @property
    def contradicting(self) -> bool:
        """One text turns the other, or an implied negation may; such a pair is never called the same."""
        return self.turned or self.implied_on_one_side

    @property
    def hints(self) -> bool:
        """Implied negations and words of ending are on one side more than on the other."""
        return _odd(self.implied) ^ _odd(self.ended)

    @property
    def implied_on_one_side(self) -> bool:
        """An implied negation may be what turns a text, and nothing else does."""
        return _odd(self.implied) and not self.turned and not self.negated and not self.opposed


def _odd(words: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    return len(words[0]) % 2 != len(words[1]) % 2


@lru_cache(maxsize=1024)
def compare_polarity(left: str, right: str, actors: Entities) -> Polarity:
    """``actors`` gives the key of each known person and place of a text -> how it stands there, the same key in both languages."""
    left, right = _nearest_sentences(left, right), _nearest_sentences(right, left)
    opposed, agreed = _opposites(left, right)
    used = {word for pair in opposed for word in pair}
    kinds: dict[str, list[tuple[str, ...]]] = {"not": [], "implied": [], "ending": []}
    for text, other in ((left, right), (right, left)):
        found = _turns(_NOTHING_MORE.sub(" ", text) if _SUPERLATIVE.search(other) else text)
        for kind, words in kinds.items():
            words.append(tuple(w for w in found[kind] if fold(w) not in used))
    return Polarity(*map(tuple, kinds.values()), opposed, agreed, swapped(left, right, actors))


def _nearest_sentences(text: str, other: str) -> str:
    """Of a longer text the sentences about the other one, of a much longer one the clauses: what the rest denies is another matter."""
    length = len(text.split())
    parts = [p for p in (_CLAUSE if length > max(15, 2 * len(other.split())) else _SENTENCE).split(text) if p]
    if len(parts) < 2:
        return text
    wanted = _stems(other)
    shared = [len(_stems(part) & wanted) for part in parts]
    return " ".join(part for part, n in zip(parts, shared, strict=True) if 2 * n >= max(shared))


def _stems(text: str) -> set[str]:
    words = [m.group() for m in tokens(text) if m.group().lower() not in STOP_WORDS]
    return {stem(w, language) for w in words for language in ("de", "en")}


@lru_cache(maxsize=1024)
def _turns(text: str) -> dict[str, tuple[str, ...]]:
    """Kind, "not", "implied" or "ending" -> the words of the text that turn it; a denial turns like a "not"."""
    bare = _IDLE.sub(" ", text)
    folded = fold(bare)
    found = {kind: tuple(m.group() for m in pattern.finditer(folded)) for kind, pattern in wordlists.negators().items()}
    return {**found, "not": (*_NEGATIONS.findall(bare), *found["denial"])}


@lru_cache(maxsize=1024)
def _sides(text: str) -> tuple[tuple[str, str], ...]:
    """For each axis of opposites the word that puts the text on its first and on its second side, "" for none."""
    folded = fold(_NO_MORE.sub(r"\1\2", text))
    return tuple(
        ((p.group() if (p := axis.positive.search(folded)) else ""), (n.group() if (n := axis.negative.search(folded)) else ""))
        for axis in wordlists.axes()
    )


def _opposites(left: str, right: str) -> tuple[tuple[tuple[str, str], ...], int]:
    opposed, agreed = [], 0
    for (more_a, less_a), (more_b, less_b) in zip(_sides(left), _sides(right), strict=True):
        if more_a and not less_a and less_b and not more_b:
            opposed.append((more_a, less_b))
        elif less_a and not more_a and more_b and not less_b:
            opposed.append((less_a, more_b))
        elif (more_a and more_b) or (less_a and less_b):
            agreed += 1
    return tuple(opposed), agreed


def swapped(left: str, right: str, actors: Entities) -> tuple[str, ...]:
    """The words of ``left`` that changed places in ``right``: the sides of a comparison, or who does it and who it is done to."""
    return _swapped_sides(left, right, actors) or _swapped_roles(left, right, actors)


def _swapped_sides(left: str, right: str, actors: Entities) -> tuple[str, ...]:
    a, b = _THAN.search(left), _THAN.search(right)
    if not a or not b:
        return ()
    first, second = (_keys(t[: m.start()], actors) for t, m in ((left, a), (right, b)))
    than_first, than_second = (_keys(_first_words(t[m.end() :]), actors) for t, m in ((left, a), (right, b)))
    if than_first.keys() & (than_second.keys() | first.keys()) or than_second.keys() & second.keys():
        return ()
    crossed = [than_first[k] for k in than_first if k in second], [first[k] for k in first if k in than_second]
    across = is_german(left) != is_german(right)  # then a single name that both languages share must do
    if not all(crossed) and not (across and any(crossed)):
        return ()
    return tuple(dict.fromkeys((*crossed[1][:1], *crossed[0][:1])))


def _first_words(text: str) -> str:
    return " ".join(re.split(r"[.,;]", text)[0].split()[:4])


def _keys(text: str, actors: Entities) -> dict[str, str]:
    """Names, places and stems of content words; long words also by their first five letters, which cognates share."""
    found = dict(actors(text))
    for match in tokens(text):
        word = match.group()
        if word.lower() in STOP_WORDS or word[0].isdigit():
            continue
        for form in (stem(word, "de"), stem(word, "en"), *((fold(word)[:5] + "-",) if len(word) >= 5 else ())):
            found.setdefault(form, word)
    return found


def _swapped_roles(left: str, right: str, actors: Entities) -> tuple[str, ...]:
    a, b = actors(left), actors(right)
    shared = [key for key in a if key in b]
    if len(shared) != 2:
        return ()
    for text, names in ((left, a), (right, b)):
        if any(_AT_A_PLACE.search(text[: text.find(names[key])]) for key in shared):
            return ()
    one, two = shared
    reversed_ = (left.find(a[one]) < left.find(a[two])) != (right.find(b[one]) < right.find(b[two]))
    passive = bool(_PASSIVE.search(left)) != bool(_PASSIVE.search(right))
    return (a[one], a[two]) if reversed_ != passive else ()
