"""How well "same", "related" and "contradicts" are told apart: macro F1 and the confusion table over labelled pairs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from factcheck import relations
from factcheck.embed import Encoder
from factcheck.errors import BadInput


@dataclass(frozen=True)
class Pair:
    """A statement and a claim; ``relation`` is "" where it is not known."""

    id: str
    statement: str
    claim: str
    relation: str = ""
    split: str = ""
    language: str = ""


@dataclass(frozen=True)
class RelationFigures:
    """``macro_f1`` is the mean F1 of the three relations, 0..1; ``confusion`` is gold -> predicted -> pairs."""

    pairs: int
    macro_f1: float
    f1: dict[str, float]
    confusion: dict[str, dict[str, int]]


def read_pairs(file: Path) -> list[Pair]:
    """Read JSON Lines of id, statement, claim and optional relation, split, language. Raises BadInput with the line's number."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            pair = Pair(
                str(row["id"]), row["statement"], row["claim"],
                row.get("relation") or "", row.get("split") or "", row.get("language") or "",
            )  # fmt: skip
            if not isinstance(pair.statement, str) or not isinstance(pair.claim, str):
                raise TypeError("statement and claim must be texts")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(f"{file}, line {number}: not a pair with id, statement and claim ({error}).") from error
        if pair.relation not in ("", *relations.LABELS):
            raise BadInput(f"{file}, line {number}: relation is {pair.relation!r}; it must be one of {', '.join(relations.LABELS)}.")
        found.append(pair)
    if not found:
        raise BadInput(f"{file} holds no pairs.")
    return found


def predict(encoder: Encoder, pairs: Sequence[Pair]) -> list[str]:
    """The relation of each pair, as the product would tell it."""
    queries = encoder.encode_queries([p.statement for p in pairs])
    passages = encoder.encode_passages([p.claim for p in pairs])
    cosines = (queries * passages).sum(axis=1).tolist()
    plain = (encoder.encode_passages([p.statement for p in pairs]) * passages).sum(axis=1).tolist()
    return [relations.predict(p.statement, p.claim, c, w)[0] for p, c, w in zip(pairs, cosines, plain, strict=True)]


def figures(pairs: Sequence[Pair], predicted: Sequence[str]) -> RelationFigures:
    """The measures over pairs whose relation is known. Raises BadInput when none is."""
    judged = [(p.relation, guess) for p, guess in zip(pairs, predicted, strict=True) if p.relation]
    if not judged:
        raise BadInput("None of the pairs names its relation, so there is nothing to measure.")
    confusion = {gold: {guess: judged.count((gold, guess)) for guess in relations.LABELS} for gold in relations.LABELS}
    f1 = {}
    for label in relations.LABELS:
        right = confusion[label][label]
        wrong = sum(confusion[label].values()) + sum(row[label] for row in confusion.values()) - 2 * right
        f1[label] = round(2 * right / (2 * right + wrong), 4) if right else 0.0
    return RelationFigures(len(judged), round(sum(f1.values()) / len(f1), 4), f1, confusion)
