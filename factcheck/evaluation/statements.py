"""How well "who said what" is found: the measure of Petersen-Frey and Biemann (arXiv 2404.16764) over labelled articles.

In each article the predicted quotations are matched with the labelled ones, one to one, so that the sum of token F1 is highest;
an equal type adds .01 and an equal medium .001, which only breaks ties; a pair without a common token is no match. Precision and
recall are shares of tokens of the matched pair; a predicted quotation without a partner counts as precision 0, a labelled one
without a partner as recall 0. Precision is the mean over all predicted parts, recall over all labelled parts, F1 their harmonic
mean. Message is the quotation itself, roles pool speaker, cue, frame and addressee, joint pools all of them.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from factcheck.extraction.annotation import PARTS, ROLES, Annotation, Spans, read_annotation

__all__ = ["Annotation", "MeasuredText", "Score", "StatementFigures", "measure", "read_annotation", "tokenise"]

Tokens = Sequence[tuple[int, int]]  # (start, end) in characters, in text order
# text, its tokens or None for our own, labelled, predicted
MeasuredText = tuple[str, Tokens | None, Sequence[Annotation], Sequence[Annotation]]

SAME_TYPE, SAME_MEDIUM = 0.01, 0.001
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Score:
    """Percentages, 0..100, higher is better; 0 where there was nothing to be right about. Counts are of parts, not of tokens."""

    precision: float
    recall: float
    f1: float
    labelled: int
    predicted: int


@dataclass(frozen=True)
class StatementFigures:
    """``types``: the message of quotations of one type; ``by_role``: each role alone; ``matched``: pairs of quotations."""

    articles: int
    matched: int
    message: Score
    roles: Score
    joint: Score
    quote_and_speaker: Score
    types: dict[str, Score]
    by_role: dict[str, Score]


@dataclass
class _Tally:
    """Precisions of predicted parts and recalls of labelled parts, 0..1."""

    precisions: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)

    def __add__(self, other: _Tally) -> _Tally:
        return _Tally(self.precisions + other.precisions, self.recalls + other.recalls)

    def score(self) -> Score:
        precision, recall = _mean(self.precisions), _mean(self.recalls)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return Score(
            round(100 * precision, 2), round(100 * recall, 2), round(100 * f1, 2), len(self.recalls), len(self.precisions)
        )


def measure(rows: Iterable[MeasuredText]) -> StatementFigures:
    """The measure over articles, each ``(text, tokens or None, labelled, predicted)``.

    A set that labels neither frame nor addressee is judged on speaker and cue alone, whatever else was predicted. Types are those
    that occur in the labels or, where there are labelled types, in the predictions.
    """
    rows = list(rows)
    gold = [annotation for _, _, labelled, _ in rows for annotation in labelled]
    roles = ROLES if not gold or any(a.frame or a.addressee for a in gold) else ("speaker", "cue")
    parts = {name: _Tally() for name in ("quote", *roles)}
    types: dict[str, _Tally] = {}
    matched = 0
    for text, tokens, labelled, predicted in rows:
        tokens = tokenise(text) if tokens is None else tokens
        covered_gold = [_covered(a, tokens) for a in labelled]
        covered_guess = [_covered(a, tokens) for a in predicted]
        pairs = _match(labelled, predicted, covered_gold, covered_guess)
        matched += len(pairs)
        for i, annotation in enumerate(labelled):
            recalls = _shares(annotation, covered_gold[i], covered_guess[pairs[i]] if i in pairs else None)
            for name in parts.keys() & recalls.keys():
                parts[name].recalls.append(recalls[name])
            types.setdefault(annotation.type, _Tally()).recalls.append(recalls["quote"])
        partners = {j: i for i, j in pairs.items()}
        for j, annotation in enumerate(predicted):
            precisions = _shares(annotation, covered_guess[j], covered_gold[partners[j]] if j in partners else None)
            for name in parts.keys() & precisions.keys():
                parts[name].precisions.append(precisions[name])
            types.setdefault(annotation.type, _Tally()).precisions.append(precisions["quote"])
    pooled = _Tally()
    for name in roles:
        pooled += parts[name]
    typed = any(a.type for a in gold)
    return StatementFigures(
        articles=len(rows),
        matched=matched,
        message=parts["quote"].score(),
        roles=pooled.score(),
        joint=(parts["quote"] + pooled).score(),
        quote_and_speaker=(parts["quote"] + parts["speaker"]).score(),
        types={name: types[name].score() for name in sorted(types) if name and typed},
        by_role={name: parts[name].score() for name in roles},
    )


def tokenise(text: str) -> list[tuple[int, int]]:
    """Words and single punctuation marks, for texts that come without tokens."""
    return [match.span() for match in _TOKEN.finditer(text)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _shares(
    annotation: Annotation, own: dict[str, frozenset[int]], partner: dict[str, frozenset[int]] | None
) -> dict[str, float]:
    """For each part the annotation has, the share of its tokens that the partner's part has too, 0..1."""
    return {
        name: len(own[name] & partner[name]) / len(own[name]) if partner and own[name] else 0.0
        for name in PARTS
        if annotation.part(name)
    }


def _covered(annotation: Annotation, tokens: Tokens) -> dict[str, frozenset[int]]:
    """The tokens each part touches, by their numbers."""
    return {name: _touched(annotation.part(name), tokens) for name in PARTS}


def _touched(spans: Spans, tokens: Tokens) -> frozenset[int]:
    found: set[int] = set()
    for start, end in spans:
        number = bisect.bisect_right(tokens, start, key=lambda token: token[1])  # the first token that ends behind the start
        while number < len(tokens) and tokens[number][0] < end:
            found.add(number)
            number += 1
    return frozenset(found)


def _match(
    labelled: Sequence[Annotation],
    predicted: Sequence[Annotation],
    covered_gold: Sequence[dict[str, frozenset[int]]],
    covered_guess: Sequence[dict[str, frozenset[int]]],
) -> dict[int, int]:
    """Number of the labelled quotation -> number of its predicted partner."""
    if not labelled or not predicted:
        return {}
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    worth = np.zeros((len(labelled), len(predicted)))
    for i, gold in enumerate(labelled):
        for j, guess in enumerate(predicted):
            a, b = covered_gold[i]["quote"], covered_guess[j]["quote"]
            common = len(a & b)
            if common:
                worth[i, j] = 2 * common / (len(a) + len(b)) + SAME_TYPE * (gold.type == guess.type)
                worth[i, j] += SAME_MEDIUM * (gold.medium == guess.medium)
    pairs = zip(*linear_sum_assignment(worth, maximize=True), strict=True)
    return {int(i): int(j) for i, j in pairs if worth[i, j] > 0}
