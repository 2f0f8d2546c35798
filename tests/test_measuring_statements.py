"""The measure of "who said what" on cases small enough to be worked out by hand."""

from __future__ import annotations

import json

import pytest

from factcheck.errors import BadInput
from factcheck.evaluation.statements import Annotation, measure, read_annotation, tokenise
from factcheck.extraction.annotation import annotation_row

TEXT = "Ada said that a b c d e f , she added : g h ."
TOKENS = tokenise(TEXT)


def words(*numbers: int) -> tuple[tuple[int, int], ...]:
    """Tokens of TEXT by number, as spans: neighbours become one span."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        start, end = TOKENS[number]
        spans = [*spans[:-1], (spans[-1][0], end)] if spans and number - 1 in numbers else [*spans, (start, end)]
    return tuple(spans)


def figures(gold: list[Annotation], predicted: list[Annotation], tokens=None):
    return measure([(TEXT, tokens, gold, predicted)])


def prf(score) -> tuple[float, float, float]:
    return score.precision, score.recall, score.f1


def test_words_and_single_marks_are_tokens():
    text = "„Ja!“, rief er … 3,5 Prozent."
    assert [text[a:b] for a, b in tokenise(text)] == ["„", "Ja", "!", "“", ",", "rief", "er", "…", "3", ",", "5", "Prozent", "."]


def test_what_is_found_exactly_is_all_right():
    gold = [Annotation(words(3, 4, 5), words(0), words(1), words(0, 1), words(9), type="Indirect")]
    found = figures(gold, gold)
    assert {prf(s) for s in (found.message, found.roles, found.joint, found.quote_and_speaker)} == {(100, 100, 100)}
    assert {name: prf(score) for name, score in found.by_role.items()} == {
        name: (100, 100, 100) for name in ("speaker", "cue", "frame", "addressee")
    }
    assert found.types.keys() == {"Indirect"} and (found.articles, found.matched) == (1, 1)


def test_a_discontinuous_quote_counts_its_tokens_only():
    gold = [Annotation(words(3, 4, 13, 14))]  # a b … g h
    predicted = [Annotation(words(3, 4, 5, 6, 7, 8))]
    # Two of six predicted tokens are right, two of four labelled tokens found; what lies between the spans is in neither.
    assert prf(figures(gold, predicted).message) == (33.33, 50, 40)


def test_unmatched_quotes_and_their_roles_count_nothing():
    gold = [Annotation(words(3, 4, 5, 6), words(0)), Annotation(words(13, 14), words(10), words(11))]
    predicted = [Annotation(words(3, 4), words(0)), Annotation(words(15), words(0), words(1))]
    found = figures(gold, predicted)
    assert found.matched == 1
    assert prf(found.message) == (50, 25, 33.33)  # precision (1 + 0) / 2, recall (.5 + 0) / 2
    # speaker: precision (1 + 0) / 2, recall (1 + 0) / 2; cue: precision 0 of one, recall 0 of one
    assert prf(found.by_role["speaker"]) == (50, 50, 50) and prf(found.by_role["cue"]) == (0, 0, 0)
    assert prf(found.roles) == (33.33, 33.33, 33.33)
    assert prf(found.joint) == (40, 30, 34.29)  # (1 + 0 + 1 + 0 + 0) / 5 and (.5 + 0 + 1 + 0 + 0) / 5
    assert prf(found.quote_and_speaker) == (50, 37.5, 42.86)
    assert (found.joint.labelled, found.joint.predicted) == (5, 5)


def test_a_role_on_one_side_only():
    gold = [Annotation(words(3, 4), speaker=words(0), frame=words(0, 1, 2))]
    predicted = [Annotation(words(3, 4), cue=words(1), frame=words(0, 1, 2, 9))]
    found = figures(gold, predicted)
    assert prf(found.by_role["speaker"]) == (0, 0, 0) and found.by_role["speaker"].predicted == 0
    assert prf(found.by_role["cue"]) == (0, 0, 0) and found.by_role["cue"].labelled == 0
    assert prf(found.by_role["frame"]) == (75, 100, 85.71)
    assert prf(found.roles) == (37.5, 50, 42.86)


def test_the_assignment_is_the_best_in_all_not_the_best_for_the_first():
    gold = [Annotation(words(3, 4, 5)), Annotation(words(4, 5, 6, 7))]
    predicted = [Annotation(words(3, 4, 5, 6, 7)), Annotation(words(3, 4))]
    # Each prediction goes to the quote that it suits best, whatever the order.
    found = figures(gold, predicted)
    assert prf(found.message) == (90, 83.33, 86.54)  # precision (4/5 + 1) / 2, recall (2/3 + 1) / 2
    # Here the first prediction suits the first quote best, yet leaving it to the second finds both.
    gold = [Annotation(words(3, 4, 5, 6)), Annotation(words(5, 6))]
    predicted = [Annotation(words(3, 4, 5, 6)), Annotation(words(3, 4))]
    found = figures(gold, predicted)
    assert found.matched == 2 and prf(found.message) == (75, 75, 75)  # .667 + .667 is more than 1


def test_nested_quotes_each_have_their_own_partner():
    gold = [Annotation(words(3, 4, 5, 6, 7, 8), words(0)), Annotation(words(6, 7), words(10), nested=True)]
    found = figures(gold, list(reversed(gold)))
    assert found.matched == 2 and prf(found.joint) == (100, 100, 100)
    outer_only = figures(gold, gold[:1])
    assert prf(outer_only.message) == (100, 50, 66.67)


def test_the_type_and_then_the_medium_break_ties():
    quote = words(3, 4)
    gold = [Annotation(quote, words(0), type="Direct", medium="Speech")]
    other = Annotation(quote, words(10), type="Reported", medium="Speech")
    right = Annotation(quote, words(0), type="Direct", medium="Writing")
    assert figures(gold, [other, right]).by_role["speaker"].recall == 100
    assert figures(gold, [right, other]).by_role["speaker"].recall == 100
    medium = Annotation(quote, words(0), type="Direct", medium="Speech")
    plain = Annotation(quote, words(10), type="Direct", medium="Thought")
    assert figures(gold, [plain, medium]).by_role["speaker"].recall == 100
    # A tie-breaker is no more than that: a better overlap wins over an equal type.
    longer = [Annotation(words(3, 4, 5, 6, 7, 8), words(0), type="Direct")]
    close = Annotation(words(3, 4, 5, 6, 7), words(0), type="Reported")
    far = Annotation(words(3, 4, 5, 6), words(10), type="Direct")
    assert figures(longer, [far, close]).by_role["speaker"].recall == 100


def test_equal_types_alone_are_no_match():
    found = figures(
        [Annotation(words(3), type="Direct", medium="Speech")], [Annotation(words(13), type="Direct", medium="Speech")]
    )
    assert found.matched == 0 and prf(found.message) == (0, 0, 0)


def test_types_each_by_labelled_and_predicted_type():
    gold = [Annotation(words(3, 4), type="Direct"), Annotation(words(13, 14), type="Reported")]
    predicted = [Annotation(words(3), type="Direct"), Annotation(words(13, 14), type="Direct")]
    found = figures(gold, predicted)
    assert prf(found.types["Direct"]) == (100, 50, 66.67) and found.types["Direct"].predicted == 2
    assert prf(found.types["Reported"]) == (0, 100, 0)


def test_nothing_predicted_nothing_labelled():
    gold = [Annotation(words(3, 4), words(0))]
    none_found, none_there, neither = figures(gold, []), figures([], gold), figures([], [])
    assert prf(none_found.joint) == prf(none_there.joint) == prf(neither.joint) == (0, 0, 0)
    assert (none_found.message.labelled, none_found.message.predicted) == (1, 0)
    assert (none_there.message.labelled, none_there.message.predicted) == (0, 1)
    assert measure([]).articles == 0


def test_means_are_over_quotes_of_all_articles():
    gold = [Annotation(words(3, 4))]
    found = measure([(TEXT, None, gold, gold), (TEXT, None, [], gold), (TEXT, None, [], []), (TEXT, None, gold * 2, [])])
    assert prf(found.message) == (50, 33.33, 40) and found.articles == 4


def test_a_set_without_frames_is_judged_on_speaker_and_cue():
    gold = [Annotation(words(3, 4), words(0), words(1))]
    predicted = [Annotation(words(3, 4), words(0), words(1), words(0, 1, 2), words(9), type="Direct")]
    found = figures(gold, predicted)
    assert found.by_role.keys() == {"speaker", "cue"} and found.types == {}
    assert prf(found.roles) == prf(found.joint) == (100, 100, 100)


def test_given_tokens_are_used_and_a_touched_token_counts():
    gold = [Annotation(((0, 8),))]
    halves = [(0, 8), (9, 45)]
    assert prf(figures(gold, [Annotation(((5, 12),))], halves).message) == (50, 100, 66.67)


def test_a_span_over_no_token_matches_nothing():
    found = figures([Annotation(words(3))], [Annotation(((3, 4),))])  # the space behind "Ada"
    assert found.matched == 0 and prf(found.message) == (0, 0, 0)


def test_the_json_form_there_and_back():
    annotation = Annotation(words(3, 4, 13), words(0), words(1), type="Indirect", medium="Speech", nested=True)
    row = annotation_row(annotation, TEXT)
    assert row["quote"]["text"] == "a b g" and "frame" not in row
    assert read_annotation(json.loads(json.dumps(row)), len(TEXT)) == annotation
    assert read_annotation({"quote": {"spans": [[0, 3]], "tokens": [0]}}) == Annotation(((0, 3),))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([], "object"),
        ({}, "no quote"),
        ({"quote": {"spans": []}}, "no quote"),
        ({"quote": {"text": "a"}}, "quote has no list of spans"),
        ({"quote": {"spans": [[0, 3]]}, "cue": [0, 3]}, "cue has no list of spans"),
        ({"quote": {"spans": [[0, 3.5]]}}, "whole characters"),
        ({"quote": {"spans": [[3, 3]]}}, "does not lie"),
        ({"quote": {"spans": [[0, 99]]}}, "does not lie"),
        ({"quote": {"spans": [[0, 3]]}, "type": 3}, "type is not a text"),
    ],
)
def test_a_wrong_annotation_is_explained(row, said):
    with pytest.raises(BadInput, match=said):
        read_annotation(row, len(TEXT))
