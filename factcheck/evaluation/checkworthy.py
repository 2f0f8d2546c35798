"""How well check-worthiness is told, on the three public sets as they come and on files of one's own in the same form.

- Debate lines (``debate line speaker text check_worthy``; CheckThat! 2019 task 1): MAP, the mean of each debate's average
  precision; a debate with nothing to check counts as 0, as in the task.
- Sentences (``id text check_worthy``; ClaimBuster): F1 of the check-worthy class and average precision.
- Comments (``id text fact_claiming``; GermEval 2021 subtask 3): macro F1.

Rows without labels, ``id text``, are scored and not measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from factcheck import language
from factcheck.embed import Encoder
from factcheck.evaluation.classes import Guess, average_precision, decisions, macro_f1
from factcheck.evaluation.rows import all_or_none, need, only_once, read_label, read_rows
from factcheck.extraction import checkworthy
from factcheck.extraction.checkworthy import WORTHY
from factcheck.extraction.scored import ScoredText

Scorer = Callable[[Sequence[ScoredText]], list[float]]
DEBATES, SENTENCES, COMMENTS = "debates", "sentences", "comments"
_LABEL = {DEBATES: "check_worthy", SENTENCES: "check_worthy", COMMENTS: "fact_claiming"}


@dataclass(frozen=True)
class WorthyRows:
    """A file: its form, its language, and for each row the id, the text with its context, and the label (None: not known)."""

    form: str
    language: str
    ids: tuple[Any, ...]  # as they stand in the file; of debate lines "debate:line"
    texts: tuple[ScoredText, ...]
    labels: tuple[bool | None, ...]

    @property
    def labelled(self) -> bool:
        return self.labels[0] is not None

    @property
    def name(self) -> str:
        """As the public sets are called: debates-en, sentences-en, comments-de."""
        return f"{self.form}-{self.language}" if self.language else self.form


@dataclass(frozen=True)
class WorthyFigures:
    """``measures`` are those of the set's form, the best known one first; ``by_debate`` is each debate's average precision."""

    set: str
    rows: int
    positive: int
    measures: dict[str, float]
    by_debate: dict[str, float]


def read_worthy(file: Path) -> WorthyRows:
    """Read a file of any of the three forms, told by the keys of its first row. Raises BadInput with the line's number."""
    numbered = read_rows(file, "rows")
    first = numbered[0][1]
    form = DEBATES if "debate" in first or "line" in first else COMMENTS if "fact_claiming" in first else SENTENCES
    keys = ("debate", "line", "text") if form == DEBATES else ("id", "text")
    for number, row in numbered:
        need(file, number, row, *keys)
    numbers, rows = [n for n, _ in numbered], [row for _, row in numbered]
    ids = [f"{row['debate']}:{row['line']}" if form == DEBATES else row["id"] for row in rows]
    only_once(file, numbers, ids)
    labels = [read_label(file, number, row, _LABEL[form]) for number, row in numbered]
    all_or_none(file, numbers, labels, _LABEL[form])
    spoken = language.detect("\n".join(row["text"] for row in rows[:200]))
    return WorthyRows(form, spoken, tuple(ids), tuple(_texts(rows, spoken)), tuple(labels))


def product(encoder: Encoder) -> Scorer:
    """The product's own scorer."""
    return partial(checkworthy.scores, encoder=encoder)


def predict(rows: WorthyRows, scorer: Scorer) -> list[Guess]:
    """What the scorer thinks of each row."""
    return [Guess(key, score, int(score >= WORTHY)) for key, score in zip(rows.ids, scorer(rows.texts), strict=True)]


def figures(rows: WorthyRows, guesses: Sequence[Guess]) -> WorthyFigures:
    """The measures of labelled rows."""
    gold = [bool(label) for label in rows.labels]
    scores, told = [g.score for g in guesses], [bool(g.predicted) for g in guesses]
    by_debate: dict[str, float] = {}
    if rows.form == DEBATES:
        places: dict[str, list[int]] = {}
        for place, text in enumerate(rows.texts):
            places.setdefault(text.source, []).append(place)
        exact = {name: average_precision([gold[i] for i in at], [scores[i] for i in at]) for name, at in places.items()}
        by_debate = {name: round(value, 4) for name, value in exact.items()}
        measures = {"map": round(sum(exact.values()) / len(exact), 4)}
    elif rows.form == SENTENCES:
        found = decisions(gold, told)
        measures = {
            "f1": found.f1, "average_precision": round(average_precision(gold, scores), 4),
            "precision": found.precision, "recall": found.recall,
        }  # fmt: skip
    else:
        found = decisions(gold, told)
        measures = {
            "macro_f1": macro_f1(gold, told), "f1": found.f1, "precision": found.precision, "recall": found.recall,
            "average_precision": round(average_precision(gold, scores), 4),
        }  # fmt: skip
    return WorthyFigures(rows.name, len(gold), sum(gold), measures, by_debate)


def _texts(rows: Sequence[dict[str, Any]], spoken: str) -> list[ScoredText]:
    """In the order of the file; neighbours are those of the same debate."""
    sources = [str(row.get("debate", "")) for row in rows]

    def text(at: int, source: str) -> str:
        return rows[at]["text"] if source and 0 <= at < len(rows) and sources[at] == source else ""

    return [
        ScoredText(row["text"], spoken, str(row.get("speaker") or ""), text(i - 1, source), text(i + 1, source), source)
        for i, (row, source) in enumerate(zip(rows, sources, strict=True))
    ]
