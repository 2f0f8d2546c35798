"""Check-worthiness and promises: their files are read as they come, and their measures are worked out by hand."""

from __future__ import annotations

import json

import pytest

from factcheck.errors import BadInput
from factcheck.evaluation import checkworthy, promises
from factcheck.evaluation.classes import average_precision, decisions, macro_f1
from factcheck.extraction.checkworthy import WORTHY

LINES = [
    "Good evening to all of you.",
    "We spent four million on the bridge.",
    "Thank you, senator.",
    "Taxes fell by nine percent.",
]


@pytest.fixture
def write(tmp_path):
    def rows(*lines):
        file = tmp_path / "rows.jsonl"
        file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines), encoding="utf-8")
        return file

    return rows


def debate(*labels, name="one"):
    return [
        {"debate": name, "line": n, "speaker": "ADA", "text": LINES[(n - 1) % 4], "check_worthy": label}
        for n, label in enumerate(labels, 1)
    ]


# Measures


def test_average_precision_is_the_mean_precision_at_right_rows():
    assert average_precision([True, False, True, False], [0.9, 0.8, 0.7, 0.1]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([False, True], [0.9, 0.1]) == 0.5
    assert average_precision([True, True], [0.1, 0.9]) == 1
    assert average_precision([False, False], [0.1, 0.9]) == 0
    assert average_precision([], []) == 0


def test_the_order_of_equal_scores_neither_helps_nor_harms():
    gold = [True, False, False, True]
    assert average_precision(gold, [0.5] * 4) == average_precision(gold[::-1], [0.5] * 4) == 0.5


def test_decisions_of_each_class_and_both():
    gold, told = [True, True, True, False, False], [True, False, False, True, False]
    positive, negative = decisions(gold, told), decisions(gold, told, positive=False)
    assert (positive.precision, positive.recall, positive.f1) == (0.5, 0.3333, 0.4)
    assert (negative.precision, negative.recall, negative.f1) == (0.3333, 0.5, 0.4)
    assert macro_f1([True, True, False], [True, True, True]) == pytest.approx(0.4)  # .8 and 0
    assert decisions([False], [False]) == decisions([True], [False])


# Check-worthiness


def test_debate_lines_are_ranked_within_their_debate(write):
    rows = checkworthy.read_worthy(write(*debate(0, 1, 0, 1), *debate(0, 1, name="two")))
    assert (rows.name, rows.ids[0], rows.ids[-1]) == ("debates-en", "one:1", "two:2")
    scores = {"one": [0.9, 0.8, 0.2, 0.3], "two": [0.9, 0.95]}
    found = checkworthy.figures(rows, checkworthy.predict(rows, lambda texts: [*scores["one"], *scores["two"]]))
    assert found.by_debate == {"one": 0.5833, "two": 1.0}  # (1/2 + 2/3) / 2, and 1
    assert found.measures == {"map": 0.7917}
    assert (found.set, found.rows, found.positive) == ("debates-en", 6, 3)


def test_a_debate_with_nothing_to_check_counts_as_none_found(write):
    rows = checkworthy.read_worthy(write(*debate(0, 1, 0, 0), *debate(0, 0, name="two")))
    guesses = checkworthy.predict(rows, lambda texts: [0.1, 0.9, 0.1, 0.1, 0.1, 0.1])
    assert checkworthy.figures(rows, guesses).measures == {"map": 0.5}


def test_a_scorer_sees_lines_in_order_with_their_context(write):
    rows = checkworthy.read_worthy(write(*debate(0, 1, 0), *debate(1, 0, name="two")))
    first, second, third, fourth, fifth = rows.texts
    assert [t.source for t in rows.texts] == ["one"] * 3 + ["two"] * 2
    assert (first.before, first.after, second.before, third.after) == ("", LINES[1], LINES[0], "")
    assert (fourth.before, fifth.before, second.speaker, second.language) == ("", LINES[0], "ADA", "en")


def test_sentences_have_f1_and_average_precision(write):
    labels = [0, 1, 1, 0]
    rows = checkworthy.read_worthy(
        write(*({"id": n, "text": t, "check_worthy": y} for n, (t, y) in enumerate(zip(LINES, labels, strict=True))))
    )
    found = checkworthy.figures(rows, checkworthy.predict(rows, lambda texts: [0.6, 0.9, 0.2, 0.1]))
    assert rows.ids == (0, 1, 2, 3) and found.set == "sentences-en"
    assert found.measures == {"f1": 0.5, "average_precision": 0.8333, "precision": 0.5, "recall": 0.5}


def test_comments_have_macro_f1(write):
    texts = ["Das Bad kostet 4 Millionen Euro.", "Ach, so ein Unsinn aber auch!", "Im Jahr 2019 fuhren dort 300 Züge."]
    rows = checkworthy.read_worthy(
        write(*({"id": str(n), "text": t, "fact_claiming": y} for n, (t, y) in enumerate(zip(texts, [1, 0, 1], strict=True))))
    )
    found = checkworthy.figures(rows, checkworthy.predict(rows, lambda texts: [0.5, 0.9, 0.4]))
    assert found.set == "comments-de" and found.measures["macro_f1"] == 0.25  # .5 and 0
    assert not found.by_debate


def test_the_products_own_score_prefers_numbers_to_greetings(write, encoder):
    rows = checkworthy.read_worthy(write(*debate(0, 1, 0, 1)))
    guesses = checkworthy.predict(rows, checkworthy.product(encoder))
    assert all(0 <= g.score <= 1 and g.predicted == (g.score >= WORTHY) for g in guesses)
    assert checkworthy.figures(rows, guesses).measures == {"map": 1.0}


def test_rows_without_labels_are_scored_only(write, encoder):
    rows = checkworthy.read_worthy(write({"id": "a", "text": LINES[1]}, "", {"id": "b", "text": ""}))
    assert not rows.labelled and [g.id for g in checkworthy.predict(rows, checkworthy.product(encoder))] == ["a", "b"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], "line 1: not JSON"),
        (["[1]"], "line 1: not a JSON object"),
        (['{"id": "\\ud800", "text": "a"}'], "line 1: not JSON"),
        ([""], "holds no rows"),
        ([{"id": 1, "text": "a"}, "", {"text": "b"}], "line 3: id missing; a row has id, text"),
        ([{"id": 1}], "line 1: text missing"),
        ([{"id": 1, "text": ["a"]}], "line 1: text is not a text"),
        ([{"debate": "d", "text": "a"}], "line 1: line missing; a row has debate, line, text"),
        ([{"id": 1, "text": "a", "check_worthy": "yes"}], "line 1: check_worthy is 'yes'; it must be 1 or 0"),
        ([{"id": 1, "text": "a", "fact_claiming": 2}], "line 1: fact_claiming is 2"),
        ([{"id": 1, "text": "a", "check_worthy": 1}, {"id": 2, "text": "b"}], "line 2: check_worthy missing, although"),
        ([{"id": 1, "text": "a"}, {"id": "1", "text": "b"}], "line 2: the id 1 stands in line 1 already"),
        (debate(0) + debate(1), "line 2: the id one:1 stands in line 1"),
    ],
)
def test_a_wrong_row_is_named(write, lines, said):
    with pytest.raises(BadInput) as error:
        checkworthy.read_worthy(write(*lines))
    assert said in str(error.value)


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="not UTF-8"):
        checkworthy.read_worthy(tmp_path / "x.jsonl")


# Promises

PROMISES = [
    {"id": "a", "text": "We will build four hundred homes by 2030.", "language": "en", "is_promise": 1},
    {"id": "b", "text": "The rain stopped in the afternoon.", "language": "en", "is_promise": 0},
    {"id": "c", "text": "Wir werden das Freibad in 30 Tagen öffnen.", "language": "de", "is_promise": 1},
    {"id": "d", "text": "Im Freibad war gestern niemand.", "language": "de", "is_promise": 0},
    {"id": "e", "text": "Müller versprach, er werde die Halle im Mai öffnen.", "is_promise": True},
]


def test_promises_overall_and_for_each_language(write):
    rows = promises.read_promises(write(*PROMISES))
    assert [t.language for t in rows.texts] == ["en", "en", "de", "de", "de"]
    found = promises.figures(rows, promises.predict(rows, lambda texts: [0.9, 0.6, 0.1, 0.2, 0.5]))
    assert (found.rows, found.promises) == (5, 3)
    assert (found.overall.precision, found.overall.recall, found.overall.f1) == (0.6667, 0.6667, 0.6667)
    assert {name: (d.precision, d.recall) for name, d in found.languages.items()} == {"de": (1, 0.5), "en": (0.5, 1)}


def test_the_product_reads_own_words_and_reported_ones(write, encoder):
    rows = promises.read_promises(write(*PROMISES))
    assert [g.predicted for g in promises.predict(rows, promises.product(encoder))] == [1, 0, 1, 0, 1]


def test_a_wrong_promise_row_is_named(write):
    with pytest.raises(BadInput, match="line 2: text missing; a row has id, text"):
        promises.read_promises(write(PROMISES[0], {"id": "x", "is_promise": 1}))
    with pytest.raises(BadInput, match="line 1: is_promise is 3"):
        promises.read_promises(write({**PROMISES[0], "is_promise": 3}))
