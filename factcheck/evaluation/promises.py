"""How well promises are told from other sentences: precision, recall and F1, in all and for each language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from factcheck import language
from factcheck.embed import Encoder
from factcheck.evaluation.classes import Decisions, Guess, decisions
from factcheck.evaluation.rows import all_or_none, need, only_once, read_label, read_rows
from factcheck.extraction import promising
from factcheck.extraction.promising import PROMISED
from factcheck.extraction.scored import ScoredText

Scorer = Callable[[Sequence[ScoredText]], list[float]]


@dataclass(frozen=True)
class PromiseRows:
    """For each row the id as it stands in the file, the text with its language, and the label (None: not known)."""

    ids: tuple[Any, ...]
    texts: tuple[ScoredText, ...]
    labels: tuple[bool | None, ...]

    @property
    def labelled(self) -> bool:
        return self.labels[0] is not None


@dataclass(frozen=True)
class PromiseFigures:
    rows: int
    promises: int
    overall: Decisions
    languages: dict[str, Decisions]


def read_promises(file: Path) -> PromiseRows:
    """Read ``id text language is_promise``; a missing language is told from the text. Raises BadInput with the line's number."""
    numbered = read_rows(file, "rows")
    for number, row in numbered:
        need(file, number, row, "id", "text")
    numbers, ids = [n for n, _ in numbered], [row["id"] for _, row in numbered]
    only_once(file, numbers, ids)
    labels = [read_label(file, number, row, "is_promise") for number, row in numbered]
    all_or_none(file, numbers, labels, "is_promise")
    texts = [ScoredText(row["text"], str(row.get("language") or language.detect(row["text"]))) for _, row in numbered]
    return PromiseRows(tuple(ids), tuple(texts), tuple(labels))


def product(encoder: Encoder) -> Scorer:
    """The product's own scorer, of a statement's words or a sentence that reports them."""
    return partial(promising.scores, encoder=encoder)


def predict(rows: PromiseRows, scorer: Scorer) -> list[Guess]:
    """What the scorer thinks of each row."""
    return [Guess(key, score, int(score >= PROMISED)) for key, score in zip(rows.ids, scorer(rows.texts), strict=True)]


def figures(rows: PromiseRows, guesses: Sequence[Guess]) -> PromiseFigures:
    """The measures of labelled rows; languages in alphabetical order, "" where unknown."""
    gold, told = [bool(label) for label in rows.labels], [bool(g.predicted) for g in guesses]
    languages = {}
    for spoken in sorted({t.language for t in rows.texts}):
        at = [i for i, t in enumerate(rows.texts) if t.language == spoken]
        languages[spoken] = decisions([gold[i] for i in at], [told[i] for i in at])
    return PromiseFigures(len(gold), sum(gold), decisions(gold, told), languages)
