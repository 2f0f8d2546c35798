"""A claim's log undoes what it tells of: parts taken back are there again, words and terms are as before, and what was changed since stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db import Store, open_store
from factcheck import editing, merging, pipeline, promises, puttingback
from factcheck.errors import BadInput, ChangedMeanwhile, NotAllowed, NotFound
from factcheck.records import Claim, Coverage, Kind, Occurrence, Promise, Rating, Review, Role, User

EDITOR, READER = User(1, "anna", Role.EDITOR), User(2, "rita", Role.READER)
REVIEW = Review("Own desk", "Falsch", Rating.FALSE, claim_id=1, url="https://example.org/r", title="Stimmt nicht", published_at="2026-01-02", language="de")
REPORT = Coverage("A report", "https://example.org/c", "Paper", claim_id=1)
SAID = Occurrence(1, "It will open.", "2026-03-01", "Vera Lindqvist", place="Malmö", source="Radio", kind=Kind.INDIRECT)


@pytest.fixture
def store(tmp_path, fake_encoder) -> Store:
    found = open_store(tmp_path / "s.db")
    found.users.create("anna", "x", Role.EDITOR)
    pipeline.add_claim(found, fake_encoder, Claim(id=0, key="k1", text="The tunnel opens in spring.", language="en"))
    return found


def last(store: Store) -> int:
    """The number of the newest entry on the claim."""
    return store.audit.history({"claim": [1]})[0].id


def parts(store: Store) -> tuple:
    claim = store.claims.get(1)
    return (
        [replace(r, id=0, added_at="", added_by=None) for r in claim.reviews],
        [replace(c, id=0, added_at="") for c in claim.coverage],
        [replace(o, id=0, added_at="", added_by="") for o in store.claims.occurrences(1)],
    )


@pytest.mark.parametrize(("put", "part", "what"), [
    (editing.put_review, REVIEW, "review"), (editing.put_coverage, REPORT, "coverage"), (editing.put_occurrence, SAID, "occurrence"),
])  # fmt: skip
def test_a_part_is_put_back_as_it_was(store, fake_encoder, put, part, what):
    empty = parts(store)
    number = put(store, part, EDITOR)
    added, there = last(store), parts(store)
    editing.take_back(store, what, number, EDITOR)
    assert parts(store) == empty
    assert puttingback.put_back(store, fake_encoder, last(store), EDITOR) == 1
    assert parts(store) == there != empty
    assert store.claims.get(1).rating == (Rating.FALSE if what == "review" else Rating.NOT_RATED)
    puttingback.put_back(store, fake_encoder, last(store), EDITOR)  # undoing the undoing takes it back again
    assert parts(store) == empty
    with pytest.raises(ChangedMeanwhile):  # the first one is gone for good, whatever its number is now
        puttingback.put_back(store, fake_encoder, added, EDITOR)


def test_a_corrected_part_says_again_what_it_said(store, fake_encoder):
    number = editing.put_review(store, REVIEW, EDITOR)
    before = parts(store)
    editing.put_review(store, replace(REVIEW, id=number, rating_text="Stimmt", rating=Rating.TRUE, summary="Doch."), EDITOR)
    changed = last(store)
    puttingback.put_back(store, fake_encoder, changed, EDITOR)
    assert parts(store) == before
    with pytest.raises(ChangedMeanwhile):
        puttingback.put_back(store, fake_encoder, changed, EDITOR)


def test_a_claims_words_are_as_before(store, fake_encoder):
    claim = store.claims.get(1)
    editing.change_claim(store, fake_encoder, replace(claim, text="The tunnel opens in May.", speaker="Ole Holm"), EDITOR, saw=merging.state(store, [1]))
    entry = last(store)
    editing.change_claim(store, fake_encoder, replace(store.claims.get(1), title="Tunnel"), EDITOR, saw=merging.state(store, [1]))
    puttingback.put_back(store, fake_encoder, entry, EDITOR)  # another field was changed since and stays
    now = store.claims.get(1)
    assert (now.text, now.speaker, now.title) == ("The tunnel opens in spring.", "", "Tunnel")
    with pytest.raises(ChangedMeanwhile):
        puttingback.put_back(store, fake_encoder, entry, EDITOR)


def test_the_terms_of_a_promise_are_as_before(store, fake_encoder):
    promises.set_terms(store, 1, Promise(criterion="It is open.", deadline="2027-03"), EDITOR)
    made = last(store)
    promises.set_terms(store, 1, Promise(criterion="It is open.", deadline="2027-06-30", hours=None), EDITOR)
    with pytest.raises(ChangedMeanwhile):
        puttingback.put_back(store, fake_encoder, made, EDITOR)
    puttingback.put_back(store, fake_encoder, last(store), EDITOR)
    assert store.claims.get(1).promise.deadline == "2027-03"
    promises.no_promise(store, 1, EDITOR)
    assert store.claims.get(1).promise is None
    puttingback.put_back(store, fake_encoder, last(store), EDITOR)
    assert store.claims.get(1).promise.criterion == "It is open."
    puttingback.put_back(store, fake_encoder, last(store), EDITOR)
    assert store.claims.get(1).promise is None


def test_what_cannot_be_undone_so_says_so(store, fake_encoder):
    editing.put_coverage(store, REPORT, EDITOR)
    with pytest.raises(NotAllowed):
        puttingback.put_back(store, fake_encoder, last(store), READER)
    with pytest.raises(NotFound):
        puttingback.put_back(store, fake_encoder, 10**9, EDITOR)
    store.audit.add("anna", "followed", "alert", 1)
    newest = store.audit.history({"alert": [1]})[0]
    assert not puttingback.can_put_back(newest)
    with pytest.raises(BadInput):
        puttingback.put_back(store, fake_encoder, newest.id, EDITOR)
