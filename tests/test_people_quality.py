"""Who is meant cannot get worse unnoticed: floors on our own labelled mentions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from factcheck.cli import cli
from factcheck.errors import BadInput
from factcheck.evaluation import people
from tests.floors import ceiling, floor

FILE = Path(__file__).parent / "pairs" / "mentions.jsonl"


def test_the_mentions_are_german_and_english_and_some_are_kept_for_testing():
    texts = people.read_mentions(FILE)
    counts = {code: sum(len(t.mentions) for t in texts if t.article.language == code) for code in ("de", "en")}
    assert counts == {"de": 193, "en": 97}
    assert sum(len(t.mentions) for t in texts if t.split == "test") == 82


@pytest.mark.parametrize("split", ["dev", "test"])
def test_mentions_are_understood(split):
    guesses = people.understand(t for t in people.read_mentions(FILE) if t.split == split)
    found = people.figures(guesses)
    wrong = [f"{g.text_id}: {g.words} -> {g.identity.name}" for g in guesses if g.wrong_name]
    assert found.accuracy >= floor("people", f"mentions-{split}", "accuracy"), (found, wrong)
    assert found.wrong_names <= ceiling("people", f"mentions-{split}", "wrong_names"), (found, wrong)


def test_the_command_tells_figures_by_language_and_kind_and_writes_what_it_found(tmp_path):
    out = tmp_path / "out.jsonl"
    said = CliRunner().invoke(cli, ["eval", "people", str(FILE), "--split", "dev", "--json", "--predictions", str(out)])
    assert said.exit_code == 0, said.output
    found = json.loads(said.output)
    assert set(found) == {"mentions", "accuracy", "wrong_names", "unsure", "suggested", "by_language", "by_kind"}
    assert found["mentions"] == sum(f["mentions"] for f in found["by_language"].values()) == len(out.read_text().splitlines())
    first = json.loads(out.read_text().splitlines()[0])
    assert set(first) == {"id", "start", "end", "text", "kind", "person", "predicted", "certainty", "suggestions"}
    table = CliRunner().invoke(cli, ["eval", "people", str(FILE), "--split", "dev"])
    assert "wrong names" in table.output and "pronoun" in table.output


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("no json", "not JSON"),
        ('{"id": 1, "language": "de", "text": "x"}', "mentions missing"),
        ('{"id": 1, "language": "de", "text": "x", "mentions": [{"start": 0, "end": 9, "person": null}]}', "does not lie in the text"),
        ('{"id": 1, "language": "de", "text": "x", "mentions": []}', "no mentions"),
    ],
)
def test_other_files_are_refused_with_the_line(tmp_path, line, part):
    file = tmp_path / "m.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match=part):
        people.read_mentions(file)
