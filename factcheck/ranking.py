"""Signals -> candidates: keyword ranks, vector ranks and evidence become one order and one probability. Pure functions.

Used by the pages, the command line, the API and the evaluation alike, so that what is measured is what is shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from factcheck import relations
from factcheck.differences import CONTRADICTING, DATE, NUMBER, UNIT, differences
from factcheck.records import Candidate, Cutoffs, Evidence, Relation
from factcheck.words import fold, query_stems, stem, tokens, words_in

# Weights of the fused score of past statements; claims go through the second stage.
COSINE_WEIGHT = 10.0
WORDS_WEIGHT = 0.9
PARTS_WEIGHT = 0.2

# Logistic regression of "two statements make the same claim", fitted by training/fit_statements.py.
INTERCEPT = -8.8
PROBABILITY_COSINE = 13.3
PROBABILITY_OVERLAP = 2.0
PROBABILITY_NUMBER_CONFLICT = -0.3

# What a newsroom starts with; it may set its own.
LIKELY, POSSIBLE = Cutoffs().likely, Cutoffs().possible
# The queue. Of 19,143 public fact checks half appeared within 6 days of the statement (PolitiFact, both dates as published): a week.
HALF_LIFE = 7.0  # days
OLDEST = 28  # days; an archive's text that is added today is no more than four half-lives behind today's
LEAST = 0.15
_MOST_MET = 4_096  # words remembered with a query they were compared with
_REMEMBERED = 1_024  # texts whose numbers, names and negations are: a query's are asked for with every candidate
PLAIN_CONTRADICTION = 0.75  # of the relation's probability: long texts negate much, so only a clear one counts

NEGATIONS = frozenset(
    "no not never none nobody nothing neither nor without cannot nicht nie niemals kein keine keinen keinem keiner niemand nichts "
    "ohne weder".split()
)
_NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "twelve": "12", "hundred": "100", "eins": "1", "zwei": "2", "drei": "3", "vier": "4", "fünf": "5",
    "sechs": "6", "sieben": "7", "acht": "8", "neun": "9", "zehn": "10", "elf": "11", "zwölf": "12", "hundert": "100",
}  # fmt: skip


@dataclass(frozen=True)
class Signals:
    """What the indexes found for one object; None means that this index did not find it."""

    object_id: int
    cosine: float
    vector_rank: int | None = None
    words: float | None = None  # BM25, higher is better
    words_rank: int | None = None
    parts: float | None = None  # BM25 of trigrams
    parts_rank: int | None = None


def fuse(
    near: Sequence[tuple[int, float]],
    words: Sequence[tuple[int, float]],
    parts: Sequence[tuple[int, float]],
    cosines: Mapping[int, float],
) -> list[Signals]:
    """Bring three result lists of (id, value), each best first, together; ``cosines`` holds those the vectors missed."""
    by_vector = {i: (rank, value) for rank, (i, value) in enumerate(near, 1)}
    by_words = {i: (rank, value) for rank, (i, value) in enumerate(words, 1)}
    by_parts = {i: (rank, value) for rank, (i, value) in enumerate(parts, 1)}
    return [
        Signals(
            object_id=i,
            cosine=by_vector[i][1] if i in by_vector else cosines.get(i, 0.0),
            vector_rank=by_vector[i][0] if i in by_vector else None,
            words=by_words[i][1] if i in by_words else None,
            words_rank=by_words[i][0] if i in by_words else None,
            parts=by_parts[i][1] if i in by_parts else None,
            parts_rank=by_parts[i][0] if i in by_parts else None,
        )
        for i in dict.fromkeys([*by_vector, *by_words, *by_parts])
    ]


def score(signals: Signals, best_words: float, best_parts: float) -> float:
    """What the order goes by: the cosine, and each keyword score as a share of the query's best. Higher is better."""
    return (
        COSINE_WEIGHT * signals.cosine
        + WORDS_WEIGHT * (signals.words or 0.0) / (best_words or 1.0)
        + PARTS_WEIGHT * (signals.parts or 0.0) / (best_parts or 1.0)
    )


def order(found: Sequence[Signals]) -> list[tuple[Signals, float]]:
    """(signals, score), best first; ties by id, so that the same store gives the same list."""
    best_words = max((s.words or 0.0 for s in found), default=0.0)
    best_parts = max((s.parts or 0.0 for s in found), default=0.0)
    scored = [(s, score(s, best_words, best_parts)) for s in found]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].object_id))


def evidence(query: str, text: str, signals: Signals, *, query_speaker: str = "", speaker: str = "") -> Evidence:
    """Why ``text`` was proposed for ``query``: words, numbers and names they share, and where they differ."""
    shared, share = _shared(query, text)
    numbers_in_query, numbers_in_text = numbers(query), numbers(text)
    names = names_in(query) & names_in(text)
    both_name = bool(query_speaker and speaker)
    return Evidence(
        cosine=round(signals.cosine, 4),
        keyword=None if signals.words is None else round(signals.words, 3),
        vector_rank=signals.vector_rank,
        keyword_rank=signals.words_rank,
        overlap=share,
        shared_words=shared,
        number_conflicts=_conflicts(numbers_in_query, numbers_in_text),
        shared_numbers=tuple(n for n in numbers_in_query if n in numbers_in_text),
        shared_names=tuple(sorted(names)),
        negation_conflict=is_negated(query) != is_negated(text),
        same_speaker=_same_name(query_speaker, speaker) if both_name else None,
    )


class _QueryWords:
    """The content words of a query, which is compared with hundreds of texts, and of each word met in them which of these it is a form of."""

    def __init__(self, query: str) -> None:
        self._stems = query_stems(query)
        self.words = tuple(self._stems)
        self.weights = [_weight(word) for word in self.words]
        self.whole = sum(self.weights)
        self._met: dict[str, int] = {}

    def held(self, text: str) -> int:
        """Which of the words stand in a text in some form: the n-th as the n-th bit."""
        found, met = 0, self._met
        for word in set(words_in(text)):
            bits = met.get(word)
            if bits is None:
                bits = self._meet(word)
            found |= bits
        return found

    def _meet(self, word: str) -> int:
        forms = _both_stems(word)
        bits = sum(1 << place for place, stems in enumerate(self._stems.values()) if not stems.isdisjoint(forms))
        if len(self._met) < _MOST_MET:
            self._met[word] = bits
        return bits


_asked = lru_cache(maxsize=8)(_QueryWords)  # one after the other is compared with all its texts, and several threads search


def _shared(query: str, text: str) -> tuple[tuple[str, ...], float]:
    """(content words of the query that stand in a text in some form, their share by weight)."""
    asked = _asked(query)
    held = asked.held(text)
    places = [place for place in range(len(asked.words)) if held >> place & 1]
    share = round(sum([asked.weights[place] for place in places]) / asked.whole, 3) if asked.whole else 0.0
    return tuple([asked.words[place] for place in places]), share


@lru_cache(maxsize=16_384)
def _both_stems(word: str) -> tuple[str, str]:
    return stem(word, "de"), stem(word, "en")


def overlap(query: str, text: str) -> float:
    """The share, by weight, of the query's content words that stand in a text: what its evidence says, at a fraction of the time."""
    return _shared(query, text)[1]


def probability(found: Evidence) -> float:
    """Probability that a past statement makes the same claim, 0..1, from features that mean the same for every query."""
    return _chance(found.cosine or 0.0, found.overlap, bool(found.number_conflicts and not found.shared_numbers))


def probability_of(query: str, text: str, signals: Signals) -> tuple[float, float]:
    """(the probability that the evidence would say, the overlap)."""
    share = overlap(query, text)
    asked = numbers(query)
    held = numbers(text) if asked else ()
    differ = bool(_conflicts(asked, held)) and not set(asked) & set(held)
    return _chance(round(signals.cosine, 4), share, differ), share


def _chance(cosine: float, share: float, numbers_differ: bool) -> float:
    z = INTERCEPT + PROBABILITY_COSINE * cosine + PROBABILITY_OVERLAP * share + PROBABILITY_NUMBER_CONFLICT * numbers_differ
    return round(1.0 / (1.0 + math.exp(-z)), 4)


def candidate(claim_id: int, value: float, p: float, query: str, claim: str, plain: float, found: Evidence) -> Candidate:
    """One candidate with its probability and what the texts of the query and the claim suggest about their relation; ``plain`` is
    the cosine of both as passages."""
    return Candidate(
        claim_id=claim_id,
        score=round(value, 6),
        probability=round(p, 4),
        relation=relation(p, query, claim, found.cosine or 0.0, plain),
        evidence=found,
    )


def relation(p: float, query: str, claim: str, cosine: float, plain: float) -> Relation:
    """Below "possible" no match; a plain contradiction is opposite, whatever the probability; what may contradict, and a number,
    unit or date that differs, is related at best. Long texts negate much besides what is claimed, so an opposite has to be plain:
    likely, and with the words named that make it one."""
    if p < POSSIBLE:
        return Relation.NOT_A_MATCH
    differs = {d.kind for d in differences(query, claim)}
    contradiction = relations.raw_probabilities(query, claim, cosine, plain)[relations.CONTRADICTS]
    if contradiction >= PLAIN_CONTRADICTION and differs & CONTRADICTING:
        return Relation.OPPOSITE
    same = relations.probabilities(query, claim, cosine, plain)[relations.SAME]
    if p < LIKELY or not same or (differs & {NUMBER, UNIT, DATE} and same < 0.5):
        return Relation.RELATED
    return Relation.SAME


def urgency(check_worthy: float, best_probability: float, published_at: str | None, added_at: str) -> float:
    """Where a statement stands in the queue: the logarithm (base 2) of check-worthiness × probability × recency, higher first.

    Recency halves with every ``HALF_LIFE`` days. As it does so for all alike, the order of two statements never changes with time:
    what is stored is the logarithm of the product as of a fixed day, and need not be computed again. Check-worthiness and probability
    count at least ``LEAST``, so that nothing sinks for one of them alone. Dates are ISO; a text published later than it was added
    counts as published then, and one that was old already as ``OLDEST`` days old.
    """
    added = _days(added_at)
    published = _days(published_at or "")
    day = added if published is None else published if added is None else min(max(published, added - OLDEST), added)
    worth = math.log2(LEAST + (1 - LEAST) * check_worthy) + math.log2(LEAST + (1 - LEAST) * best_probability)
    return round(worth + (day or 0) / HALF_LIFE, 6)


def _days(iso: str) -> int | None:
    """Days from the first of January 2000, which keeps the numbers small; of a month or a year its first day."""
    try:
        return date.fromisoformat((iso + "-01-01" if len(iso) == 4 else iso + "-01" if len(iso) == 7 else iso)[:10]).toordinal() - 730120
    except ValueError:
        return None


@lru_cache(maxsize=_REMEMBERED)
def numbers(text: str) -> tuple[str, ...]:
    """Numbers in a text in order, comparable as strings: "1.000" and "1,000" are "1000", "fünf" and "five" are "5"."""
    found = []
    for match in tokens(text):
        word = match.group()
        if word[0].isdigit():
            whole = re.sub(r"[.,](?=\d{3}\b)", "", word)
            found.append(whole.replace(",", "."))
        elif word.lower() in _NUMBER_WORDS:
            found.append(_NUMBER_WORDS[word.lower()])
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=_REMEMBERED)
def names_in(text: str) -> frozenset[str]:
    """Capitalised words that are not at a sentence's start, folded: names in English, names and nouns in German."""
    found = set()
    for match in tokens(text):
        word, before = match.group(), text[: match.start()].rstrip(" \"'„“”«»‚‘’(")
        if len(word) > 2 and word[0].isupper() and before and before[-1] not in ".!?:\n":
            found.add(fold(word))
    return frozenset(found)


@lru_cache(maxsize=_REMEMBERED)
def is_negated(text: str) -> bool:
    """True when the text holds an odd number of negations."""
    return sum(1 for m in tokens(text) if m.group().lower() in NEGATIONS or m.group().lower().endswith("n't")) % 2 == 1


def _weight(word: str) -> float:
    """How much a word tells: numbers and names most, long words more than short ones."""
    if word[0].isdigit():
        return 2.0
    return (1.5 if word[0].isupper() else 1.0) * min(len(word), 10) / 7


def _conflicts(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Numbers only one side holds, paired in order; none when one side names no number."""
    only_left = [n for n in left if n not in right]
    only_right = [n for n in right if n not in left]
    return tuple(zip(only_left, only_right, strict=False))


def _same_name(left: str, right: str) -> bool:
    """The same name when the surnames agree: sources write "Trump", "Donald Trump", "DONALD TRUMP"."""
    a, b = [w.group() for w in tokens(fold(left))], [w.group() for w in tokens(fold(right))]
    return bool(a and b and a[-1] == b[-1])


