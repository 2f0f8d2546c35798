"""What editors decided says how right the suggestions were."""

from __future__ import annotations

import pytest

from db import open_store
from factcheck import pipeline, quality, review, setting_up
from factcheck.errors import BadInput, NotAllowed
from factcheck.records import Article, Claim, Cutoffs, Kind, Outcome, Relation, Role, Statement

DECIDED = [
    Outcome(0.95, Relation.SAME, "2026-01-02", "de", 1),
    Outcome(0.91, Relation.SAME, "2026-01-03", "en", 2),
    Outcome(0.93, Relation.NOT_A_MATCH, "2026-02-01", "de", 3),
    Outcome(0.25, Relation.NOT_A_MATCH, "2026-02-02", "de", 3),
    Outcome(0.21, Relation.SAME, "2026-02-03", "de", 4),
    Outcome(1.0, Relation.OPPOSITE, "2026-02-04", "", 5),
]


def test_precision_is_told_by_probability_language_and_month():
    found = quality.assess(DECIDED)
    assert found.decisions == 6
    assert [(b.low, b.shown, b.right) for b in found.bands if b.shown] == [(0.2, 2, 1), (0.9, 4, 2)]
    assert found.bands[9].precision == 0.5 and found.bands[0].precision is None and len(found.bands) == 10
    assert [(s.name, s.shown, s.right) for s in found.by_language] == [("de", 4, 2), ("?", 1, 0), ("en", 1, 1)]
    assert [(s.name, s.precision) for s in found.by_month] == [("2026-01", 1.0), ("2026-02", 0.25)]
    assert found.rejected == ((3, 2),)


def test_the_calibration_error_is_the_weighted_distance_of_shown_and_true():
    assert quality.calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0.0)
    assert quality.calibration_error([0.95] * 2 + [0.05] * 2, [False, False, True, True]) == pytest.approx(0.95)
    assert quality.assess([]).calibration_error is None


def test_a_cut_off_means_so_many_right_of_so_many():
    assert quality.precision_from([0.9, 0.8, 0.3], [True, False, True], 0.8) == (1, 2)


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


def test_decisions_become_outcomes_with_the_probability_that_was_shown(store, fake_encoder):
    text = "The new bridge will be finished in two years."
    claim = pipeline.add_claim(store, fake_encoder, Claim(0, "c", text, "en"))
    article, _ = pipeline.add_article(store, Article(0, text, "en"))
    [said] = store.articles.put_statements(article.id, "en", [Statement(text, 0, len(text), Kind.DIRECT, check_worthy=0.9)])
    pipeline.match(store, fake_encoder, said)
    [candidate] = store.decisions.candidates(said.id)
    user = store.users.create("ed", "hash", Role.EDITOR)
    review.decide(store, said.id, claim.id, Relation.SAME, user)
    [outcome] = store.decisions.outcomes()
    assert (outcome.probability, outcome.relation, outcome.language) == (candidate.probability, Relation.SAME, "en")
    assert [(s.id, c, r) for s, c, r in store.decisions.labelled()] == [(said.id, claim.id, Relation.SAME)]
    review.undo(store, user)
    assert store.decisions.outcomes() == [] == store.decisions.labelled()


def test_a_newsroom_sets_its_own_cut_offs_and_the_queue_follows(store, fake_encoder):
    user = store.users.create("ed", "hash", Role.ADMINISTRATOR)
    assert store.newsroom.cutoffs() == Cutoffs()
    pipeline.add_claim(store, fake_encoder, Claim(0, "c", "The new bridge will be finished in two years.", "en"))
    article, _ = pipeline.add_article(store, Article(0, "Bridge in two years.", "en"))
    [said] = store.articles.put_statements(article.id, "en", [Statement("Bridge in two years.", 0, 20, Kind.DIRECT)])
    for cutoffs, waits in ((Cutoffs(0.00001, 0.5), True), (Cutoffs(0.99999, 0.99999), False)):
        setting_up.set_cutoffs(store, cutoffs, user)
        assert store.newsroom.cutoffs() == cutoffs
        pipeline.match_again_if_stale(store, fake_encoder, said)
        assert store.decisions.is_open(said.id) is waits
    assert [e["action"] for e in store.audit.of("newsroom", 0)] == ["set the cut-offs"] * 2
    with pytest.raises(NotAllowed):
        setting_up.set_cutoffs(store, Cutoffs(), store.users.create("jo", "hash", Role.EDITOR))


@pytest.mark.parametrize(("possible", "likely"), [(0, 0.5), (0.6, 0.5), (0.5, 1.0), (-1, 0.5)])
def test_impossible_cut_offs_are_refused(store, possible, likely):
    with pytest.raises(BadInput):
        setting_up.set_cutoffs(store, Cutoffs(possible, likely), store.users.create("ed", "hash", Role.ADMINISTRATOR))
    assert store.newsroom.cutoffs() == Cutoffs()
