"""Articles in which somebody marked who said what, and what the product finds in the same texts, in the same form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factcheck import language, statements
from factcheck.embed import Encoder
from factcheck.errors import BadInput
from factcheck.evaluation.rows import all_or_none, need, only_once, read_rows, wrong
from factcheck.evaluation.statements import StatementFigures, Tokens, measure
from factcheck.extraction.annotation import Annotation, annotation_row, read_annotation
from factcheck.records import Article

Annotate = Callable[[Article], Sequence[Annotation]]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class LabelledArticle:
    """``tokens`` are (start, end) in characters, None where the set has none; ``annotations`` are None where nobody labelled."""

    id: Any  # as it stands in the file
    text: str
    tokens: Tokens | None
    annotations: tuple[Annotation, ...] | None


def read_articles(file: Path) -> list[LabelledArticle]:
    """Read JSON Lines of id, text, annotations and optional tokens. Raises BadInput with the line's number."""
    numbered = read_rows(file, "articles")
    found = []
    for number, row in numbered:
        need(file, number, row, "id", "text")
        try:
            found.append(
                LabelledArticle(row["id"], row["text"], _tokens(row), _annotations(row.get("annotations"), len(row["text"])))
            )
        except BadInput as error:
            raise wrong(file, number, str(error)) from error
    numbers = [number for number, _ in numbered]
    only_once(file, numbers, [a.id for a in found])
    all_or_none(file, numbers, [a.annotations for a in found], "annotations")
    return found


def product(encoder: Encoder) -> Annotate:
    """What the product reads in an article."""
    return lambda article: statements.annotate(article, encoder)


def find(
    articles: Sequence[LabelledArticle], annotator: Annotate, progress: Progress = lambda *_: None
) -> list[tuple[Annotation, ...]]:
    """The product's annotations for each article, from its text alone; its language is told from the text."""
    found = []
    for done, article in enumerate(articles, 1):
        found.append(tuple(annotator(Article(id=0, text=article.text, language=language.detect(article.text)))))
        progress("articles", done, len(articles))
    return found


def prediction_rows(articles: Sequence[LabelledArticle], found: Sequence[Sequence[Annotation]]) -> list[dict[str, Any]]:
    """``{"id": …, "annotations": […]}`` for each article, in the form of the labels."""
    return [
        {"id": article.id, "annotations": [annotation_row(a, article.text) for a in some]}
        for article, some in zip(articles, found, strict=True)
    ]


def figures(articles: Sequence[LabelledArticle], found: Sequence[Sequence[Annotation]]) -> StatementFigures:
    """The measures over labelled articles. Raises BadInput when they are not labelled."""
    if any(article.annotations is None for article in articles):
        raise BadInput("The articles have no annotations, so there is nothing to measure.")
    return measure((a.text, a.tokens, a.annotations or (), some) for a, some in zip(articles, found, strict=True))


def _annotations(rows: Any, length: int) -> tuple[Annotation, ...] | None:
    if rows is None:
        return None
    if not isinstance(rows, list):
        raise BadInput("annotations is not a list")
    return tuple(read_annotation(row, length) for row in rows)


def _tokens(row: dict[str, Any]) -> Tokens | None:
    tokens = row.get("tokens")
    if tokens is None:
        return None
    behind = 0
    for token in tokens if isinstance(tokens, list) else [None]:
        if not isinstance(token, list) or len(token) != 2 or not all(type(place) is int for place in token):
            raise BadInput("tokens is not a list of [start, end] in characters")
        if not behind <= token[0] < token[1] <= len(row["text"]):
            raise BadInput(f"the token {token[0]} to {token[1]} does not lie in the text behind the one before it")
        behind = token[1]
    return [(start, end) for start, end in tokens]
