"""``eval statements``, ``eval checkworthy`` and ``eval promises``: what they print and write, and how they refuse bad files."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from factcheck.cli import cli
from factcheck.errors import BadInput
from factcheck.evaluation import labelled_articles
from factcheck.evaluation.labelled_articles import read_articles
from factcheck.evaluation.statements import Annotation

TEXT = "Im Rathaus war es voll. „Das Bad öffnet im Mai wieder“, sagte Bürgermeisterin Hanna Brückner. Danach gab es Kuchen."
QUOTE, CUE, SPEAKER = "„Das Bad öffnet im Mai wieder“", "sagte", "Bürgermeisterin Hanna Brückner"


def part(words: str) -> dict:
    start = TEXT.index(words)
    return {"spans": [[start, start + len(words)]], "text": words}


GOLD = {"type": "Direct", "medium": "Speech", "nested": False, "quote": part(QUOTE), "speaker": part(SPEAKER), "cue": part(CUE)}


@pytest.fixture
def run(tmp_path, model_cache):
    def call(*arguments, code=0):
        result = CliRunner(env={"CLAIMTRAIL_HOME": str(tmp_path / "home"), "CLAIMTRAIL_CACHE": str(model_cache)}).invoke(cli, ["eval", *map(str, arguments)])
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


@pytest.fixture
def write(tmp_path):
    def rows(*lines):
        file = tmp_path / "rows.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return file

    return rows


def written(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_eval_statements_measures_and_writes_what_was_found(run, write, tmp_path):
    gold, out = (
        write({"id": 7, "text": TEXT, "annotations": [GOLD]}, {"id": 8, "text": "Kein Wort.", "annotations": []}),
        tmp_path / "o",
    )
    result = run("statements", gold, "--predictions", out, "--json")
    found = json.loads(result.stdout)
    assert (found["articles"], found["matched"]) == (2, 1)
    assert found["message"]["labelled"] == found["message"]["predicted"] == 1 and found["message"]["f1"] > 90
    assert found["by_role"].keys() == {"speaker", "cue"} and found["types"]["Direct"]["recall"] > 90
    assert found.keys() >= {"roles", "joint", "quote_and_speaker"}
    seven, eight = written(out)
    assert (seven["id"], eight) == (7, {"id": 8, "annotations": []})
    [annotation] = seven["annotations"]
    for name in ("quote", "speaker", "cue"):
        assert annotation[name]["text"] == " ".join(TEXT[a:b] for a, b in annotation[name]["spans"])
    assert annotation["cue"]["spans"] == GOLD["cue"]["spans"]
    table = run("statements", gold).stdout
    assert "1 quotes matched" in table and "quote and speaker" in table and "Direct" in table


def test_predictions_can_be_read_as_labels(run, write, tmp_path):
    gold, out = write({"id": "a", "text": TEXT, "annotations": [GOLD]}), tmp_path / "out.jsonl"
    run("statements", gold, "--predictions", out)
    again = write({**written(out)[0], "text": TEXT})
    found = json.loads(run("statements", again, "--json").stdout)
    assert found["joint"]["f1"] == 100


def test_the_pipeline_gets_the_text_and_its_language_and_no_labels(write):
    articles = read_articles(write({"id": 1, "text": TEXT, "annotations": [GOLD], "tokens": [[0, 2], [3, 10]]}))
    seen, steps = [], []

    def annotator(article):
        seen.append((article.text, article.language))
        return [Annotation(((0, 2),))]

    found = labelled_articles.find(articles, annotator, lambda *step: steps.append(step))
    assert seen == [(TEXT, "de")] and steps == [("articles", 1, 1)]
    assert labelled_articles.figures(articles, found).message.f1 == 0
    assert articles[0].tokens == [(0, 2), (3, 10)]


def test_articles_without_labels_are_read_and_not_measured(run, write, tmp_path):
    out = tmp_path / "out.jsonl"
    result = run("statements", write({"id": 1, "text": TEXT}), "--predictions", out, "--json")
    assert result.stdout == "" and "no annotations, so nothing was measured" in result.stderr
    assert len(written(out)[0]["annotations"]) == 1
    with pytest.raises(BadInput, match="nothing to measure"):
        labelled_articles.figures(read_articles(write({"id": 1, "text": TEXT})), [()])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"id": 1}, "line 2: text missing"),
        ({"id": 1, "text": TEXT}, "line 2: annotations missing, although other rows have it"),
        ({"id": 1, "text": TEXT, "annotations": {}}, "line 2: annotations is not a list"),
        ({"id": 1, "text": TEXT, "annotations": [{"type": "Direct"}]}, "line 2: an annotation has no quote with spans"),
        ({"id": 1, "text": "kurz", "annotations": [GOLD]}, "line 2: quote: the span 24 to 54 does not lie in the text"),
        ({"id": 1, "text": TEXT, "annotations": [], "tokens": [[0]]}, "line 2: tokens is not a list of [start, end]"),
        ({"id": 1, "text": TEXT, "annotations": [], "tokens": 5}, "line 2: tokens is not a list of [start, end]"),
        ({"id": 1, "text": TEXT, "annotations": [], "tokens": [[0, 2], [1, 3]]}, "line 2: the token 1 to 3"),
        ({"id": 0, "text": TEXT, "annotations": []}, "line 2: the id 0 stands in line 1 already"),
    ],
)
def test_a_wrong_article_is_named(run, write, row, said):
    assert said in run("statements", write({"id": 0, "text": TEXT, "annotations": []}, row), code=1).output


def test_eval_checkworthy_names_the_set_and_writes_debate_lines(run, write, tmp_path):
    texts = ["Good evening to everybody here tonight.", "We cut 400,000 jobs last year, more than any state."]
    lines = [{"debate": "d", "line": n, "speaker": "ADA", "text": t, "check_worthy": n - 1} for n, t in enumerate(texts, 1)]
    out = tmp_path / "out.jsonl"
    found = json.loads(run("checkworthy", write(*lines), "--predictions", out, "--json").stdout)
    assert found == {"set": "debates-en", "rows": 2, "positive": 1, "measures": {"map": 1.0}, "by_debate": {"d": 1.0}}
    assert [list(row) for row in written(out)] == [["id", "score", "predicted"]] * 2
    assert [row["id"] for row in written(out)] == ["d:1", "d:2"] and [row["predicted"] for row in written(out)] == [0, 1]
    table = run("checkworthy", write(*lines)).stdout
    assert "debates-en: 2 rows, 1 of them positive" in table and "MAP  1.0000" in table
    assert "line 1: id missing" in run("checkworthy", write({"text": "a"}), code=1).output
    unlabelled = run("checkworthy", write({"id": 3, "text": texts[1]}), "--predictions", out)
    assert "no labels" in unlabelled.stderr and unlabelled.stdout == "" and written(out)[0]["id"] == 3


def test_eval_promises_prints_each_language(run, write, tmp_path):
    rows = [
        {"id": 1, "text": "We will build the bridge by 2030.", "language": "en", "is_promise": 1},
        {"id": 2, "text": "Wir haben die Brücke gebaut.", "language": "de", "is_promise": 0},
    ]
    out = tmp_path / "out.jsonl"
    found = json.loads(run("promises", write(*rows), "--predictions", out, "--json").stdout)
    assert (found["rows"], found["promises"], found["overall"]) == (2, 1, {"precision": 1.0, "recall": 1.0, "f1": 1.0})
    assert list(found["languages"]) == ["de", "en"]
    assert [(row["id"], row["predicted"]) for row in written(out)] == [(1, 1), (2, 0)] and list(written(out)[0])[1] == "score"
    table = run("promises", write(*rows)).stdout.splitlines()
    assert [line.split()[0] for line in table] == ["2", "precision", "all", "de", "en"]
    assert "no labels" in run("promises", write({"id": 1, "text": "We will."})).stderr


@pytest.mark.parametrize("command", ["statements", "checkworthy", "promises"])
def test_predictions_that_cannot_be_written_are_refused_before_the_work(run, write, tmp_path, command):
    file = write({"id": 1, "text": TEXT})
    assert "there is no folder" in run(command, file, "--predictions", tmp_path / "none" / "out.jsonl", code=2).output
    assert "does not exist" in run(command, tmp_path / "missing.jsonl", code=2).output
