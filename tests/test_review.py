"""Deciding and undoing, as an editor lives it; with the fake encoder, whose vectors follow the words."""

from __future__ import annotations

import pytest

from db import Filters, open_store
from factcheck import pipeline, review, searching
from factcheck.errors import AlreadyDecided, BadInput, NotAllowed, NotFound, NothingToUndo
from factcheck.records import Article, Claim, Kind, Relation, Role, Statement, User

CLAIM = Claim(0, "c-1", "The new bridge will be finished in two years.", "en", speaker="Vera Lindqvist")
OTHER = Claim(0, "c-2", "The new bridge will be finished in nine years.", "en", speaker="Vera Lindqvist")
SAID = "The new bridge will be finished in two years."
SECOND = "Cows prefer the other meadow."


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


def user_of(store, name="ed", role=Role.EDITOR) -> User:
    return store.users.by_name(name) or store.users.create(name, "hash", role)


@pytest.fixture
def said(store, fake_encoder):
    """An article of two statements, matched against two claims; the ids of the statements."""
    for claim in (CLAIM, OTHER):
        pipeline.add_claim(store, fake_encoder, claim)
    article, _ = pipeline.add_article(store, Article(0, f"{SAID} {SECOND}", "en", "Bridge", published_at="2024-05-01"))
    made = store.articles.put_statements(
        article.id,
        "en",
        [
            Statement(SAID, 0, len(SAID), Kind.DIRECT, "Vera Lindqvist", said_at="2024-04-30", check_worthy=0.9, is_promise=True),
            Statement(SECOND, len(SAID) + 1, len(SAID) + 1 + len(SECOND), Kind.DIRECT, check_worthy=0.8),
        ],
    )
    pipeline.embed_statements(store, fake_encoder)
    for statement in made:
        pipeline.match(store, fake_encoder, statement)
    return [s.id for s in made]


@pytest.fixture
def claim_id(store, said):
    return store.claims.by_key("c-1").id


def test_the_queue_starts_with_what_is_worth_checking_and_likely_on_file(store, fake_encoder, said):
    item = review.next_item(store, fake_encoder)
    assert (item.statement.id, item.hits[0].claim.key, item.position, item.total) == (said[0], "c-1", 1, 2)
    assert review.next_item(store, fake_encoder, after=said[0]).statement.id == said[1]
    assert review.previous_item(store, fake_encoder, before=said[1]).statement.id == said[0]


def test_same_makes_the_statement_an_occurrence_and_brings_the_next_one(store, fake_encoder, said, claim_id):
    decision = review.decide(store, said[0], claim_id, Relation.SAME, user_of(store), " yes ")
    assert (decision.relation, decision.user, decision.note) == (Relation.SAME, "ed", "yes")
    [occurrence] = store.claims.occurrences(claim_id)
    assert (occurrence.quote, occurrence.said_at, occurrence.article_title) == (SAID, "2024-04-30", "Bridge")
    assert store.claims.get(claim_id).occurrence_count == 1
    assert review.next_item(store, fake_encoder).statement.id == said[1]


@pytest.mark.parametrize("relation", [Relation.RELATED, Relation.OPPOSITE])
def test_related_and_opposite_settle_without_an_occurrence(store, fake_encoder, said, claim_id, relation):
    review.decide(store, said[0], claim_id, relation, user_of(store))
    assert store.claims.occurrences(claim_id) == []
    assert review.next_item(store, fake_encoder).statement.id == said[1]


def test_not_a_match_takes_one_candidate_away_and_the_last_one_settles(store, fake_encoder, said, claim_id):
    user = user_of(store)
    review.decide(store, said[0], claim_id, Relation.NOT_A_MATCH, user)
    item = review.item(store, fake_encoder, said[0])
    assert "c-1" not in [h.claim.key for h in item.hits]
    for hit in item.hits:
        if store.decisions.is_open(said[0]):
            review.decide(store, said[0], hit.claim.id, Relation.NOT_A_MATCH, user)
    assert not store.decisions.is_open(said[0])


def test_none_of_the_claims_settles_at_once(store, said):
    review.no_match(store, said[0], user_of(store))
    assert not store.decisions.is_open(said[0])
    review.undo(store, user_of(store))
    assert store.decisions.is_open(said[0])


def test_undo_brings_back_the_statement_and_takes_the_occurrence_away_but_keeps_the_record(store, said, claim_id):
    user = user_of(store)
    made = review.decide(store, said[0], claim_id, Relation.SAME, user)
    undone = review.undo(store, user)
    assert (undone.id, undone.undone_by, bool(undone.undone_at)) == (made.id, "ed", True)
    assert store.decisions.is_open(said[0]) and store.claims.get(claim_id).occurrence_count == 0
    assert [d.id for d in store.decisions.of_claim(claim_id)] == [made.id]
    assert [e["action"] for e in store.audit.of("statement", said[0])] == ["decided", "undid"]
    with pytest.raises(NothingToUndo):
        review.undo(store, user)
    with pytest.raises(NothingToUndo, match="already taken back"):
        review.undo(store, user, made.id)


def test_undo_takes_back_ones_own_decisions_one_after_the_other(store, said, claim_id):
    user, colleague = user_of(store), user_of(store, "bea")
    review.decide(store, said[0], claim_id, Relation.SAME, user)
    review.no_match(store, said[1], colleague)
    assert review.undo(store, user).statement_id == said[0]
    assert not store.decisions.is_open(said[1])


def test_a_decided_statement_is_not_decided_again_and_the_message_says_who_did(store, said, claim_id):
    review.decide(store, said[0], claim_id, Relation.SAME, user_of(store, "bea"))
    for act in (
        lambda u: review.decide(store, said[0], claim_id, Relation.OPPOSITE, u),
        lambda u: review.decide(store, said[0], store.claims.by_key("c-2").id, Relation.SAME, u),
        lambda u: review.no_match(store, said[0], u),
    ):
        with pytest.raises(AlreadyDecided, match="bea already decided this: same"):
            act(user_of(store))


def test_a_new_claim_is_linked_findable_at_once_and_gone_after_undo(store, fake_encoder, said):
    user = user_of(store)
    claim = review.new_claim(store, fake_encoder, said[1], user, "Cows prefer  the north meadow.")
    assert (claim.text, claim.occurrence_count, claim.language) == ("Cows prefer the north meadow.", 1, "en")
    assert searching.search_claims(store, fake_encoder, "cows north meadow", k=1)[0].claim.id == claim.id
    review.undo(store, user)
    assert store.claims.get(claim.id) is None
    assert claim.id not in [h.claim.id for h in searching.search_claims(store, fake_encoder, "cows north meadow")]
    assert store.decisions.is_open(said[1])
    assert [e["action"] for e in store.audit.of("claim", claim.id)] == ["made a claim", "took back a claim"]


def test_a_promise_becomes_a_promise_claim(store, fake_encoder, said):
    assert review.new_claim(store, fake_encoder, said[0], user_of(store)).promise is not None


def test_a_claim_that_others_are_linked_to_survives_the_undo_of_its_making(store, fake_encoder, said):
    user = user_of(store)
    claim = review.new_claim(store, fake_encoder, said[1], user)
    first = store.decisions.last_of(user.id)
    review.decide(store, said[0], claim.id, Relation.SAME, user)
    review.undo(store, user, first.id)
    assert store.claims.get(claim.id).occurrence_count == 1


def test_candidates_follow_claims_added_later(store, fake_encoder, said):
    pipeline.add_claim(store, fake_encoder, Claim(0, "c-cows", SECOND, "en"))
    assert review.item(store, fake_encoder, said[1]).hits[0].claim.key == "c-cows"


def test_an_article_shows_claims_added_after_it(store, fake_encoder, said):
    pipeline.add_claim(store, fake_encoder, Claim(0, "c-cows", SECOND, "en"))
    article_id = store.articles.statement(said[1]).article_id
    assert [s.id for s in pipeline.match_article_again_if_stale(store, fake_encoder, article_id)] == said
    assert review.hits(store, said[1])[0].claim.key == "c-cows"


def test_a_page_waits_for_a_few_statements_only_and_the_next_look_goes_on(store, fake_encoder, said, monkeypatch):
    monkeypatch.setattr(pipeline, "AT_ONCE", 1)
    pipeline.add_claim(store, fake_encoder, Claim(0, "c-cows", SECOND, "en"))
    article_id = store.articles.statement(said[1]).article_id
    seen = []
    for _ in range(2):
        pipeline.match_article_again_if_stale(store, fake_encoder, article_id)
        seen.append("c-cows" in [h.claim.key for h in review.hits(store, said[1])])
    assert seen == [False, True]


def test_bad_requests_are_clear(store, fake_encoder, said, claim_id):
    with pytest.raises(NotAllowed):
        review.decide(store, said[0], claim_id, Relation.SAME, user_of(store, "jo", Role.JOURNALIST))
    with pytest.raises(NotFound):
        review.decide(store, 999, claim_id, Relation.SAME, user_of(store))
    with pytest.raises(NotFound):
        review.decide(store, said[0], 999, Relation.SAME, user_of(store))
    with pytest.raises(BadInput):
        review.new_claim(store, fake_encoder, said[0], user_of(store), "  ")
    assert store.decisions.count() == 0 and store.ids("statements", Filters()) == said


def test_an_empty_queue_has_no_next_item(store, fake_encoder):
    assert review.next_item(store, fake_encoder) is None
