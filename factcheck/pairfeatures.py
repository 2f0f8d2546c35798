"""What a statement and each of its candidates have to do with each other, as numbers for the second stage of ranking. Pure functions.

All candidates are compared at once, on arrays of their words (``wordings``): about 1 ms for a hundred that were read before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache

import numpy as np

from factcheck import wordings
from factcheck.wordings import surname

_LINK = re.compile(r"\s*(?:https?://|pic\.twitter\.com/)\S+")
_SIGNATURE = re.compile(r"\s*— [^—]{2,60}\(@\w+\)[^—]{0,30}$")
_POSTED = re.compile(r"— [^—]{2,60}\(@\w+\)[^—]{0,12}?([A-Z][a-z]{2,8} \d{1,2}, \d{4})$")
_AHEAD = 3  # days that a fact check may bear an earlier date than the statement: time zones, and later copies of a post
_RUNS = (8, 5, 3)  # words in a row that stand in both texts, as they are told apart

FEATURES = (
    "cosine", "cosine with speaker", "cosine in context", "plain cosine", "plain cosine unspoken", "words", "parts", "words in context", "query in claim", "claim in query",
    "title in query", "claim in context", "query in body", "run in body", "run in claim", "same speaker", "other speaker",
    "numbers shared", "numbers differ", "names shared", "nearest", "has body", "negation differs", "checked within days",
    "checked within months",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A query in the form the features need."""

    text: str
    speaker: str = ""
    before: str = ""
    after: str = ""
    said_on: int | None = None  # day (``date.toordinal``), where it is known

    @cached_property
    def negated(self) -> bool:
        return wordings.is_negated(self.sequence)

    @cached_property
    def content(self) -> _Words:
        return _Words(wordings.short_forms(self.text))

    @cached_property
    def context(self) -> _Words:
        """Its content words and those of the sentences around it."""
        return _Words(wordings.short_forms(f"{self.text} {self.before} {self.after}"))

    @cached_property
    def sequence(self) -> tuple[str, ...]:
        """All words in order, the common ones too: what a quotation of the statement has to repeat."""
        return tuple(wordings.plain_words(self.text))

    @cached_property
    def runs(self) -> _Runs:
        return _Runs(self.sequence)

    @cached_property
    def numbers(self) -> frozenset[tuple[str, float]]:
        return wordings.quantities(self.text)

    @cached_property
    def names(self) -> frozenset[str]:
        return wordings.names(self.text)

    @cached_property
    def surname(self) -> str:
        return surname(self.speaker)


@dataclass(frozen=True)
class Offered:
    """A claim in the form the features need."""

    text: str
    title: str = ""
    body: str = ""
    speaker: str = ""
    days: tuple[int, ...] = ()  # on which it was first said and reviewed, as far as known


@dataclass(frozen=True)
class Found:
    """What the indexes say about the pair: cosines of the three forms of the query (equal where there is only one), the cosine of
    both texts as passages, through the encoder as it was before training, shares of the query's best keyword scores, and the
    place among the nearest vectors (None: not among them)."""

    cosine: float
    with_speaker: float
    in_context: float
    plain: float
    words: float
    parts: float
    words_in_context: float
    place: int | None


def features(asked: Asked, candidates: Sequence[tuple[Offered, Found]]) -> np.ndarray:
    """The values of ``FEATURES`` (candidates, features), each about -1..1."""
    offered, found = [o for o, _ in candidates], [f for _, f in candidates]
    read = [wordings.read(o.text, o.title, o.body) for o in offered]
    claim, weights = _Joined([r.claim for r in read]), np.concatenate([r.weights for r in read] or [np.empty(0)])
    title, title_weights = _Joined([r.title for r in read]), np.concatenate([r.title_weights for r in read] or [np.empty(0)])
    in_claim = asked.content.places(claim.words)
    in_title = asked.content.places(title.words)
    held = asked.content.held((claim, in_claim), (title, in_title))
    bodies = _Joined([r.body_forms for r in read])
    share = claim.share(weights, in_claim >= 0)
    near = claim.share(weights, asked.context.places(claim.words) >= 0) if asked.before or asked.after else share
    has_body = np.array([len(r.body) > 0 for r in read], dtype=float)
    cosine, with_speaker, in_context, plain, words, parts, words_in_context = np.array(
        [(f.cosine, f.with_speaker, f.in_context, f.plain, f.words, f.parts, f.words_in_context) for f in found]
    ).reshape(-1, 7).T
    them = [surname(o.speaker) if asked.surname else "" for o in offered]
    shared, differ = _numbers(asked, offered)
    waits = [days_until_checked(asked.said_on, o.days) for o in offered]
    wait = np.array([np.inf if w is None else w for w in waits])
    return np.stack(
        [
            cosine,
            with_speaker - cosine,
            in_context - cosine,
            plain,
            np.zeros(len(found)) if asked.speaker else plain,
            words,
            parts,
            words_in_context,
            asked.content.share(held),
            share,
            title.share(title_weights, in_title >= 0),
            near - share,
            asked.content.share(asked.content.held((bodies, asked.content.places(bodies.words)))),
            asked.runs.longest(_Joined([r.body for r in read])) / 8,
            asked.runs.longest(_Joined([r.sequence for r in read])) / 8,
            np.array([bool(name) and name == asked.surname for name in them], dtype=float),
            np.array([bool(name) and name != asked.surname for name in them], dtype=float),
            shared,
            differ,
            np.array([min(len(asked.names & wordings.names(f"{o.text} {o.title}")), 3) / 3 if asked.names else 0.0 for o in offered]),
            np.array([1.0 / f.place if f.place else 0.0 for f in found]),
            has_body,
            np.array([asked.negated != r.negated for r in read], dtype=float),
            np.exp(-wait / 7),
            np.exp(-wait / 90),
        ],
        axis=1,
    )


@lru_cache(maxsize=16_384)
def day_of(iso: str | None) -> int | None:
    """The day of an ISO date or time as ``date.toordinal``; None where no day is told."""
    try:
        return date.fromisoformat((iso or "")[:10]).toordinal()
    except ValueError:
        return None


def posted_on(text: str) -> int | None:
    """The day in the signature that quotation pages put under a post ("— Name (@name) January 14, 2020")."""
    found = _POSTED.search(text.rstrip())
    try:
        return datetime.strptime(found.group(1), "%B %d, %Y").date().toordinal() if found else None
    except ValueError:
        return None


def days_until_checked(said_on: int | None, days: Sequence[int]) -> int | None:
    """Days from the statement to the first review of the claim after it. A claim on file for long says nothing for or against: what was said
    before is said again."""
    after = [max(0, day - said_on) for day in days if day >= said_on - _AHEAD] if said_on is not None else []
    return min(after, default=None)


def without_trimmings(text: str) -> str:
    """A post without its links and the signature that quotation pages add; the text itself when nothing would be left."""
    return _LINK.sub("", _SIGNATURE.sub("", text)).strip() or text


def _numbers(asked: Asked, offered: Sequence[Offered]) -> tuple[np.ndarray, np.ndarray]:
    """(whether a number is shared, whether there are only others of the same kind). Reading them takes long: only for a query that has some."""
    shared, differ = np.zeros(len(offered)), np.zeros(len(offered))
    if asked.numbers:
        kinds = {kind for kind, _ in asked.numbers}
        for place, o in enumerate(offered):
            theirs = wordings.quantities(o.text)
            shared[place] = not asked.numbers.isdisjoint(theirs)
            differ[place] = not shared[place] and any(kind in kinds for kind, _ in theirs)
    return shared, differ


class _Joined:
    """The words of all candidates one after the other, and of each whose it is."""

    def __init__(self, parts: Sequence[np.ndarray]) -> None:
        self.n = len(parts)
        self.words = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        self.owners = np.repeat(np.arange(self.n), [len(part) for part in parts])

    def share(self, weights: np.ndarray, held: np.ndarray) -> np.ndarray:
        """Of each candidate the share of its words, by weight, that are held."""
        whole = np.bincount(self.owners, weights, self.n)
        return np.bincount(self.owners, weights * held, self.n) / np.where(whole > 0, whole, 1.0)


class _Words:
    """Words of a query, each once, with what they weigh."""

    def __init__(self, forms: Sequence[str]) -> None:
        different = sorted(set(forms))
        numbers = wordings.numbered(different)
        order = np.argsort(numbers)
        self._sorted = numbers[order]
        self._weights = np.array([wordings.weight_of(form) for form in different])[order] if different else np.empty(0)
        self._whole = float(self._weights.sum()) or 1.0

    def places(self, words: np.ndarray) -> np.ndarray:
        """Which of these words each is, -1 for none."""
        if not len(self._sorted):
            return np.full(len(words), -1)
        at = np.minimum(np.searchsorted(self._sorted, words), len(self._sorted) - 1)
        return np.where(self._sorted[at] == words, at, -1)

    def held(self, *texts: tuple[_Joined, np.ndarray]) -> np.ndarray:
        """(candidates, words): which of the words each candidate holds in one of its texts."""
        found = np.zeros((texts[0][0].n, len(self._sorted)), dtype=bool)
        for text, places in texts:
            there = places >= 0
            found[text.owners[there], places[there]] = True
        return found

    def share(self, held: np.ndarray) -> np.ndarray:
        """The share of these words, by weight, that each candidate holds."""
        return held @ self._weights / self._whole


class _Runs:
    """The stretches of words of a query."""

    def __init__(self, words: Sequence[str]) -> None:
        sequence = wordings.numbered(words)
        self._sorted = np.unique(sequence)
        places = np.searchsorted(self._sorted, sequence).tolist()
        self._runs = {n: {tuple(places[i : i + n]) for i in range(len(places) - n + 1)} for n in _RUNS}

    def longest(self, texts: _Joined) -> np.ndarray:
        """Of each candidate the words in the longest stretch that stands in both texts: one of ``_RUNS`` or 0."""
        found = np.zeros(texts.n)
        if not self._runs[_RUNS[-1]] or len(texts.words) < _RUNS[-1]:
            return found
        at = np.minimum(np.searchsorted(self._sorted, texts.words), len(self._sorted) - 1)
        known = self._sorted[at] == texts.words  # the end of a text is no word, so a stretch never reaches into the next
        at = np.where(known, at, -1)
        starts = np.flatnonzero(known[:-2] & known[1:-1] & known[2:]).tolist()
        for n in sorted(_RUNS):
            starts = [i for i in starts if tuple(at[i : i + n].tolist()) in self._runs[n]]
            found[texts.owners[starts]] = n
        return found
