"""How well later statements that take a claim back are told from those that do not: precision, recall and the kinds, over labelled pairs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from factcheck import walkbacks
from factcheck.embed import Encoder
from factcheck.errors import BadInput
from factcheck.records import WalkbackKind


@dataclass(frozen=True)
class WalkbackPair:
    """A claim and a later statement of the same person; ``kind`` is "" where it takes nothing back."""

    id: str
    language: str
    claim: str
    is_promise: bool
    statement: str
    kind: str
    split: str


@dataclass(frozen=True)
class WalkbackFigures:
    """``precision`` and ``recall`` of what is proposed, 0..1; ``kinds`` is the share of those found whose kind is right."""

    pairs: int
    precision: float
    recall: float
    f1: float
    kinds: float


def read_pairs(file: Path) -> list[WalkbackPair]:
    """Read JSON Lines of id, language, claim, is_promise, statement, kind and split. Raises BadInput with the line's number."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            pair = WalkbackPair(**{**row, "is_promise": bool(row["is_promise"])})
        except (ValueError, TypeError, KeyError) as error:
            raise BadInput(f"{file}, line {number}: not a pair of claim and later statement ({error}).") from error
        if pair.kind not in {"", *WalkbackKind}:
            raise BadInput(f"{file}, line {number}: kind is {pair.kind!r}; it must be empty or one of {', '.join(WalkbackKind)}.")
        found.append(pair)
    return found


def crossed(pairs: Sequence[WalkbackPair], each: int = 4) -> list[WalkbackPair]:
    """Each statement that takes something back beside other claims of its half and language, which it does not take back: a person who
    rows back on one thing has claimed many others."""
    found = []
    for number, pair in enumerate(p for p in pairs if p.kind):
        others = list(dict.fromkeys((o.claim, o.is_promise) for o in pairs if (o.split, o.language) == (pair.split, pair.language) and o.claim != pair.claim))
        for step in range(min(each, len(others))):
            claim, is_promise = others[(number * 7 + step * 3) % len(others)]
            found.append(replace(pair, id=f"{pair.id}-x{step}", claim=claim, is_promise=is_promise, kind=""))
    return found


def cosines(encoder: Encoder, pairs: Sequence[WalkbackPair]) -> list[tuple[float, float]]:
    """For each pair the cosine of the statement as a query, and as a passage, with the claim as a passage."""
    claims = encoder.encode_passages([p.claim for p in pairs])
    statements = [p.statement for p in pairs]
    asked = (encoder.encode_queries(statements) * claims).sum(axis=1).tolist()
    plain = (encoder.encode_passages(statements) * claims).sum(axis=1).tolist()
    return list(zip(asked, plain, strict=True))


def predict(encoder: Encoder, pairs: Sequence[WalkbackPair]) -> list[walkbacks.Judged]:
    """What the product would make of each pair."""
    near = cosines(encoder, pairs)
    return [walkbacks.judge(p.claim, p.statement, *c, is_promise=p.is_promise) for p, c in zip(pairs, near, strict=True)]


def figures(pairs: Sequence[WalkbackPair], judged: Sequence[walkbacks.Judged]) -> WalkbackFigures:
    both = list(zip(pairs, judged, strict=True))
    proposed = [(p, j) for p, j in both if j.probability >= walkbacks.PROPOSED]
    right = [(p, j) for p, j in proposed if p.kind]
    wanted = sum(bool(p.kind) for p, _ in both)
    precision, recall = len(right) / max(len(proposed), 1), len(right) / max(wanted, 1)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    kinds = sum(p.kind == j.kind for p, j in right) / max(len(right), 1)
    return WalkbackFigures(len(both), *(round(value, 4) for value in (precision, recall, f1, kinds)))
