"""Same, related, contradicts: told apart on the test third of our own pairs, and a contradiction never passes for the same."""

from __future__ import annotations

import collections
from pathlib import Path

import pytest

from factcheck import ranking, relations
from factcheck.errors import ModelUnavailable
from factcheck.evaluation import matching
from factcheck.evaluation import relations as measuring
from factcheck.records import Relation
from tests.floors import ceiling, floor

PAIRS = Path(__file__).parent / "pairs" / "relations.jsonl"


def test_a_line_separator_inside_a_text_ends_no_row(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"id": "1", "statement": "a\u2028b", "claim": "c", "text": "a\u2028b"}\n', encoding="utf-8")
    assert [p.statement for p in measuring.read_pairs(file)] == ["a\u2028b"]
    assert [q.text for q in matching.read_queries(file)] == ["a\u2028b"]


def test_there_are_enough_pairs_and_a_third_is_kept_for_testing():
    pairs = measuring.read_pairs(PAIRS)
    languages = collections.Counter(p.language for p in pairs)
    assert languages["de"] >= 150 and languages["en"] >= 150 and languages["de-en"] >= 60
    assert 0.3 < sum(p.split == "test" for p in pairs) / len(pairs) < 0.36
    train, test = ({p.claim for p in pairs if p.split == split} for split in ("train", "test"))
    shared = train & test
    assert len(shared) <= 1, "claims of the test third must not be trained on"


@pytest.mark.parametrize("part", ["first", "polarity"])
def test_relations_of_the_test_thirds_are_told_apart(encoder, part):
    """The polarity pairs are about yes and no: double negations, denials, opposites, sides that change places."""
    pairs = [p for p in measuring.read_pairs(PAIRS) if p.split == "test" and p.id.startswith("polarity-") == (part == "polarity")]
    found = measuring.figures(pairs, measuring.predict(encoder, pairs))
    assert found.macro_f1 >= floor("relations", part, "macro_f1"), found
    assert found.confusion["contradicts"]["same"] == 0


@pytest.fixture(scope="module")
def offered(encoder) -> list[tuple[measuring.Pair, Relation]]:
    """What the product offers for each pair, as sure as it can be that both are about the same thing."""
    pairs = measuring.read_pairs(PAIRS)
    claims = encoder.encode_passages([p.claim for p in pairs])
    cosines = (encoder.encode_queries([p.statement for p in pairs]) * claims).sum(axis=1).tolist()
    plain = (encoder.encode_passages([p.statement for p in pairs]) * claims).sum(axis=1).tolist()
    return [(p, ranking.relation(0.99, p.statement, p.claim, c, w)) for p, c, w in zip(pairs, cosines, plain, strict=True)]


@pytest.mark.parametrize(("split", "pairs"), [("train", 116), ("test", 56)])
def test_no_contradiction_is_offered_as_the_same(offered, split, pairs):
    """Of the test pairs, never looked at when the rules were written, one passes for the same."""
    contradictions = [(p, given) for p, given in offered if p.relation == "contradicts" and p.split == split]
    assert len(contradictions) == pairs
    assert sum(given is Relation.SAME for _, given in contradictions) <= ceiling("relations", f"offered-{split}", "contradictions_as_same")


def test_holding_back_contradictions_leaves_the_same_to_be_offered(offered):
    same = [given for p, given in offered if p.relation == "same" and p.split == "test"]
    assert sum(given is Relation.SAME for given in same) / len(same) >= floor("relations", "offered-test", "same_as_same")


@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        ("Impfungen verursachen keinen Autismus.", "Vaccines cause autism."),
        ("Taxes are falling.", "Taxes are rising."),
        ("Der Präsident unterstützt das Gesetz.", "Der Präsident lehnt das Gesetz ab."),
    ],
)
@pytest.mark.parametrize("cosine", [-0.2, 0.3, 1.0])
def test_a_contradiction_is_never_the_same_however_near_it_lies(statement, claim, cosine):
    label, found = relations.predict(statement, claim, cosine, 1.0)
    assert label != relations.SAME
    assert {"negation", "opposite"} & {d.kind for d in found}


def test_a_contradiction_is_never_offered_as_the_same():
    assert ranking.relation(0.99, "Taxes are falling.", "Taxes are rising.", 0.45, 0.93) is Relation.OPPOSITE
    assert ranking.relation(0.99, "Taxes are rising.", "Taxes are rising.", 0.45, 0.93) is Relation.SAME


def test_probabilities_add_up():
    assert sum(relations.probabilities("The war ends.", "The war ends.", 0.5, 1.0).values()) == pytest.approx(1)


def test_a_candidate_is_related_at_best_when_its_number_differs():
    statement, claim = "Er werde den Krieg in sechs Monaten beenden.", "I will end the war within 24 hours."
    assert ranking.relation(0.9, statement, claim, 0.4, 0.88) is Relation.RELATED
    assert ranking.relation(0.9, "Er werde den Krieg binnen eines Tages beenden.", claim, 0.45, 0.9) is Relation.SAME
    assert ranking.relation(0.05, statement, claim, 0.4, 0.88) is Relation.NOT_A_MATCH


def test_damaged_weights_are_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(relations, "WEIGHTS", tmp_path / "relations.json")
    relations._stored.cache_clear()
    try:
        with pytest.raises(ModelUnavailable, match="missing or damaged"):
            relations.predict("a", "b", 0.5, 0.9)
    finally:
        relations._stored.cache_clear()
