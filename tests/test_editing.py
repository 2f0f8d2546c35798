"""What editors change of a claim by hand: audited, told to those who follow, and safe from the next import."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db import Store, open_store
from factcheck import editing, merging, pipeline, review, searching
from factcheck.errors import BadInput, ChangedMeanwhile, NotAllowed, NotFound, NothingToUndo
from factcheck.records import Claim, Coverage, EventKind, Kind, Occurrence, Person, Rating, Relation, Review, Role, User

EDITOR = User(1, "anna", Role.EDITOR)
IMPORTED = Claim(
    id=0, key="k1", text="The tunnel opens in spring.", language="en", title="Tunnel", speaker="Vera Lindqvist", origin="file.jsonl",
    first_said_at="2024-01-02",
    reviews=(Review("Desk", "False", Rating.FALSE, url="https://example.org/1", published_at="2024-02-01"),),
    coverage=(Coverage("Report", "https://example.org/c"),),
)  # fmt: skip


@pytest.fixture
def store(tmp_path, fake_encoder) -> Store:
    found = open_store(tmp_path / "s.db")
    found.users.create("anna", "x", Role.EDITOR)
    found.people.put(Person(0, "Vera Lindqvist"))
    pipeline.add_claim(found, fake_encoder, replace(IMPORTED, person_id=1))
    return found


def saw(store: Store) -> str:
    return merging.state(store, [1])


def news(store: Store, after: int) -> list[tuple]:
    return [(e.kind, e.claim_id, e.before, e.after, e.by) for e in store.events.after(after)]


def test_an_editors_words_outlast_the_next_import_which_may_change_the_rest(store, fake_encoder):
    other = store.people.put(Person(0, "Ole Holm"))
    claim = replace(store.claims.get(1), text="The harbour tunnel opens  in spring.", speaker="Ole Holm")
    editing.change_claim(store, fake_encoder, claim, EDITOR, saw=saw(store))
    assert store.claims.put(IMPORTED) == (1, "unchanged")
    assert store.claims.put(replace(IMPORTED, title="New title", text="The tunnel opens in May.", speaker="V. Lindqvist")) == (1, "changed")
    stored = store.claims.get(1)
    assert (stored.text, stored.title, stored.speaker, stored.person_id) == ("The harbour tunnel opens in spring.", "New title", "Ole Holm", other.id)
    assert store.claims.imported_words(1) == {"text": "The tunnel opens in May.", "speaker": "V. Lindqvist"}
    assert store.claims.put(replace(IMPORTED, title="New title", text="The tunnel opens in May.", speaker="V. Lindqvist")) == (1, "unchanged")
    assert [h.claim.id for h in searching.search_claims(store, fake_encoder, "harbour", k=1)] == [1]
    assert store.audit.of("claim", 1)[-1] == {
        **store.audit.of("claim", 1)[-1],
        "user_name": "anna",
        "action": "changed a claim",
        "before": {"speaker": "Vera Lindqvist", "text": "The tunnel opens in spring."},
        "after": {"speaker": "Ole Holm", "text": "The harbour tunnel opens in spring."},
    }


def test_two_editors_of_one_claim_do_not_overwrite_each_other(store, fake_encoder):
    old = saw(store)
    editing.change_claim(store, fake_encoder, replace(store.claims.get(1), title="A"), EDITOR, saw=old)
    with pytest.raises(ChangedMeanwhile, match="anna"):
        editing.change_claim(store, fake_encoder, replace(store.claims.get(1), title="B"), EDITOR, saw=old)
    assert store.claims.get(1).title == "A"


def test_the_newsrooms_own_parts_are_added_corrected_and_taken_back(store):
    newest = store.events.newest()
    own = editing.put_review(store, Review("Own desk", "Stimmt", Rating.TRUE, claim_id=1, published_at="2025-01-01"), EDITOR)
    report = editing.put_coverage(store, Coverage("Own report", claim_id=1), EDITOR)
    said = editing.put_occurrence(store, Occurrence(1, "It opens.", "2025-02", "Vera Lindqvist", kind=Kind.REPORTED), EDITOR)
    stored = store.claims.get(1)
    assert (stored.rating, stored.occurrence_count, len(stored.coverage)) == (Rating.TRUE, 1, 2)
    assert store.claims.occurrences(1)[0].person_id == 1 and store.claims.occurrences(1)[0].added_by == "anna"
    assert news(store, newest) == [
        (EventKind.RATING_CHANGED, 1, "false", "true", "anna"),
        (EventKind.NEW_REVIEW, 1, "", "true", "anna"),
    ]
    assert store.claims.put(IMPORTED) == (1, "unchanged")
    assert store.claims.put(replace(IMPORTED, title="New")) == (1, "changed")
    assert len(store.claims.get(1).reviews) == 2 and len(store.claims.get(1).coverage) == 2

    editing.put_review(store, replace(store.claim_parts.get("review", own), rating=Rating.MIXED), EDITOR)
    assert store.claims.get(1).rating is Rating.MIXED
    for what, part in (("review", own), ("coverage", report), ("occurrence", said)):
        editing.take_back(store, what, part, EDITOR)
    left = store.claims.get(1)
    assert (left.rating, left.occurrence_count, len(left.coverage)) == (Rating.FALSE, 0, 1)
    assert [e["action"] for e in store.audit.of("claim", 1)] == [
        "added: review", "added: coverage", "added: occurrence", "changed: review",
        "took back: review", "took back: coverage", "took back: occurrence",
    ]  # fmt: skip
    assert store.audit.of("claim", 1)[-3]["before"]["publisher"] == "Own desk"


def test_what_was_imported_is_not_corrected_here(store):
    imported = store.claims.get(1).reviews[0]
    with pytest.raises(BadInput):
        editing.put_review(store, replace(imported, rating=Rating.TRUE), EDITOR)
    with pytest.raises(BadInput):
        editing.take_back(store, "review", imported.id, EDITOR)
    with pytest.raises(NotFound):
        editing.take_back(store, "coverage", 99, EDITOR)
    assert store.claims.get(1).reviews == (imported,)


def test_parts_need_what_they_are_about(store):
    for bad in (Review("", "False", Rating.FALSE, claim_id=1), Review("Desk", " ", Rating.FALSE, claim_id=1)):
        with pytest.raises(BadInput):
            editing.put_review(store, bad, EDITOR)
    with pytest.raises(BadInput):
        editing.put_coverage(store, Coverage(" ", claim_id=1), EDITOR)
    with pytest.raises(BadInput):
        editing.put_occurrence(store, Occurrence(1, " "), EDITOR)
    with pytest.raises(NotFound):
        editing.put_coverage(store, Coverage("x", claim_id=99), EDITOR)
    with pytest.raises(NotAllowed):
        editing.put_coverage(store, Coverage("x", claim_id=1), User(2, "joe", Role.JOURNALIST))


def test_a_claim_is_made_by_hand_and_found(store, fake_encoder):
    newest = store.events.newest()
    made = editing.new_claim(store, fake_encoder, Claim(0, "", " The ferry  stops at night. ", language="en", speaker="Vera Lindqvist"), EDITOR)
    assert (made.text, made.person_id, made.origin) == ("The ferry stops at night.", 1, "")
    assert searching.search_claims(store, fake_encoder, "ferry at night", k=1)[0].claim.id == made.id
    assert news(store, newest) == [(EventKind.NEW_CLAIM, made.id, "", "not rated", "anna")]
    for text in ("  ", "x" * 2_001):
        with pytest.raises(BadInput):
            editing.new_claim(store, fake_encoder, Claim(0, "", text), EDITOR)


def test_an_import_tells_of_new_claims_new_reviews_and_changed_ratings_once(store):
    newest = store.events.newest()
    later = Review("Other", "True", Rating.TRUE, url="https://example.org/2", published_at="2025-02-01")
    store.claims.put(replace(IMPORTED, reviews=(*IMPORTED.reviews, later)))
    store.claims.put(replace(IMPORTED, reviews=(*IMPORTED.reviews, later), title="Other title"))
    assert news(store, newest) == [(EventKind.RATING_CHANGED, 1, "false", "true", ""), (EventKind.NEW_REVIEW, 1, "", "true", "")]
    assert store._connection.db.execute("SELECT newest_review_at FROM claims WHERE id = 1").fetchone()[0] == "2025-02-01"


def test_claims_are_called_related_or_opposite_and_that_is_taken_back(store, fake_encoder):
    other = editing.new_claim(store, fake_encoder, Claim(0, "", "The tunnel never opens."), EDITOR)
    third = editing.new_claim(store, fake_encoder, Claim(0, "", "The tunnel opens again."), EDITOR)
    made = editing.relate(store, 1, other.id, Relation.RELATED, EDITOR)
    assert editing.relate(store, other.id, 1, Relation.RELATED, EDITOR) == made
    changed = editing.relate(store, other.id, 1, Relation.OPPOSITE, EDITOR)
    assert [r.relation for r in store.claim_relations.of([1])] == [Relation.OPPOSITE]
    merging.merge(store, third.id, other.id, EDITOR, saw=merging.state(store, [third.id, other.id]), confirmed=True)
    assert editing.relate(store, 1, third.id, Relation.OPPOSITE, EDITOR) == changed, "it was said of the merged claim already"
    editing.unrelate(store, changed.id, EDITOR)
    assert store.claim_relations.of([1]) == []
    with pytest.raises(NothingToUndo):
        editing.unrelate(store, changed.id, EDITOR)
    for claim_id, relation in ((1, Relation.RELATED), (third.id, Relation.SAME)):
        with pytest.raises(BadInput):
            editing.relate(store, 1, claim_id, relation, EDITOR)


def test_decisions_on_shared_statements_suggest_a_relation(store, fake_encoder):
    from web_site import marked, put_article

    other = editing.new_claim(store, fake_encoder, Claim(0, "", "The tunnel never opens."), EDITOR)
    text = "She told them that the tunnel opens soon."
    article = put_article(store, fake_encoder, text, [marked(text, "the tunnel opens soon", kind=Kind.INDIRECT)])
    statement = store.articles.statements(article.id)[0].id
    review.decide(store, statement, other.id, Relation.NOT_A_MATCH, EDITOR)
    review.decide(store, statement, 1, Relation.SAME, EDITOR)
    assert store.claim_relations.by_statements([1]) == {}
    store.decisions.undo(1, EDITOR)
    store.decisions.add(statement, other.id, Relation.OPPOSITE, EDITOR)
    assert store.claim_relations.by_statements([1]) == {other.id: (Relation.OPPOSITE, 1)}
    assert store.claim_relations.by_statements([other.id]) == {1: (Relation.OPPOSITE, 1)}


def test_who_exported_a_claim_is_noted_once(store):
    store.claims.note_export(1, [1])
    store.claims.note_export(1, [1])
    rows = store._connection.db.execute("SELECT user_id, claim_id FROM exported_claims").fetchall()
    assert [tuple(r) for r in rows] == [(1, 1)]
