"""Articles of our own, with invented people and places, and everything that is to be found in them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from factcheck.articles import from_file
from factcheck.statements import extract

ARTICLES = Path(__file__).parent / "articles"


@pytest.mark.parametrize("network", [True, False], ids=["with the trained network", "by rules alone"])
@pytest.mark.parametrize("name", ["hafenbruecke-de", "clinic-en", "debate-en"])
def test_everything_said_in_the_article_is_found_with_its_speaker(name, network, encoder):
    expected = json.loads((ARTICLES / f"{name}.json").read_text(encoding="utf-8"))
    article = from_file(f"{name}.txt", (ARTICLES / f"{name}.txt").read_bytes(), published_at=expected["published_at"])
    found = extract(article, (), encoder if network else None)
    assert article.language == expected["language"]
    assert [
        {
            "text": s.text,
            "kind": s.kind.value,
            "speaker": s.speaker,
            "mention": s.mention,
            "cue": s.cue,
            "said_at": s.said_at,
            "is_promise": s.is_promise,
            "deadline": dataclasses.asdict(s.deadline) if s.deadline else None,
        }
        for s in found
    ] == expected["statements"]
    assert all(article.text[s.start : s.end] == s.text for s in found)
    assert found == sorted(found, key=lambda s: s.start)
