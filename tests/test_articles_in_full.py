"""Three articles of our own, invented from the first name to the last figure, and all that a careful reader finds said in them.

The lists beside the texts were written by hand before any extractor saw the texts.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from factcheck.articles import from_file
from factcheck.records import Statement
from factcheck.statements import extract

ARTICLES = Path(__file__).parent / "articles"
FIELDS = ("text", "kind", "speaker", "mention", "cue", "said_at", "is_promise")


def row(statement: Statement) -> dict[str, object]:
    return {field: getattr(statement, field) for field in FIELDS} | {"kind": statement.kind.value}


def lines(rows: Sequence[dict[str, object]]) -> list[str]:
    """One line a field, so that a difference shows the field and the statement it stands in."""
    return [line for r in rows for line in [str(r["text"]), *(f"    {f}: {r[f]}" for f in FIELDS[1:])]]


@pytest.mark.parametrize("network", [True, False], ids=["with the trained network", "by rules alone"])
@pytest.mark.parametrize("name", ["klinikum-de", "ferry-en", "fernsehduell-de"])
def test_all_that_is_said_and_nothing_else(name, network, encoder):
    expected = json.loads((ARTICLES / f"{name}.json").read_text(encoding="utf-8"))
    article = from_file(f"{name}.txt", (ARTICLES / f"{name}.txt").read_bytes(), published_at=expected["published_at"])
    assert article.language == expected["language"]
    found = [row(statement) for statement in extract(article, (), encoder if network else None)]
    differences = list(
        difflib.unified_diff(lines(expected["statements"]), lines(found), "reader", "extractor", n=7, lineterm="")
    )
    assert not differences, "\n".join(["", *differences])
