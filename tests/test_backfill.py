"""Backfill: what is on file is matched with claims and reviews added or changed since, in the background, and nothing is missed."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from db import open_store
from factcheck import backfill, pipeline, review
from factcheck.articles import text_hash
from factcheck.embed import FakeEncoder
from factcheck.records import Article, Claim, Cutoffs, EventKind, Kind, Rating, Relation, Review, Role, Statement

PLACES = ("Kassel", "Fulda", "Gera", "Husum")
THINGS = ("bridge", "harbour", "tram line", "swimming pool", "library")
SENTENCES = [f"The {thing} in {place} will be finished in {n + 2} years." for n, place in enumerate(PLACES) for thing in THINGS]
SENTENCES += [f"Nobody in {place} counts the frogs by the {thing}." for place in PLACES[:2] for thing in THINGS]


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


def put_statements(store, encoder, sentences=SENTENCES) -> list[int]:
    """One article that says the sentences, matched with the claims on file; ids of its statements."""
    text = " ".join(sentences)
    article = store.articles.add(Article(0, text, "en", published_at="2024-05-01"), text_hash(text))
    places, start = [], 0
    for sentence in sentences:
        start = text.index(sentence, start)
        places.append(Statement(sentence, start, start + len(sentence), Kind.DIRECT))
    made = store.articles.put_statements(article.id, "en", places)
    pipeline.embed_statements(store, encoder)
    for statement in made:
        pipeline.match(store, encoder, statement)
    store.articles.set_state(article.id, "ready")
    return [s.id for s in made]


def add_claims(store, encoder, *texts) -> list[int]:
    ids = [store.claims.put(Claim(0, f"c-{text}", text, "en"))[0] for text in texts]
    pipeline.embed_claims(store, encoder, ids)
    return ids


def standing(store, ids) -> dict[int, tuple]:
    """What is offered for each statement, and whether it waits."""
    possible = store.newsroom.cutoffs().possible
    return {
        i: (
            store.decisions.is_open(i),
            [(c.claim_id, c.probability) for c in store.decisions.candidates(i) if c.probability >= possible],
        )
        for i in ids
    }


def matched_in_full(store, encoder, ids) -> dict[int, tuple]:
    """The same after every statement was matched anew."""
    for statement in store.articles.statements_by_id(ids).values():
        pipeline.match(store, encoder, statement)
    return standing(store, ids)


def jobs(store) -> list[tuple]:
    return [(j.kind, j.state, j.done, j.total, j.subject, j.result) for j in store.jobs.listing()]


def test_what_backfill_finds_is_what_matching_everything_again_would(store, fake_encoder):
    add_claims(store, fake_encoder, *SENTENCES[::9])
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    before = standing(store, ids)
    add_claims(store, fake_encoder, *SENTENCES[1::4], "Something else altogether, about owls.")
    backfill.run(store, fake_encoder)
    found = standing(store, ids)
    assert found == matched_in_full(store, fake_encoder, ids)
    assert found != before


def test_only_statements_near_a_new_claim_are_matched_again_and_the_others_are_fresh(store, monkeypatch):
    fake_encoder = FakeEncoder(2048)  # wide enough that different words do not fall on the same number
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    matched = []
    real = pipeline.match
    monkeypatch.setattr(pipeline, "match", lambda s, e, statement: matched.append(statement.id) or real(s, e, statement))
    add_claims(store, fake_encoder, "Owls hoot when it is dark outside.")
    assert not pipeline.is_fresh(store, fake_encoder, ids[0])  # the background has not come so far
    backfill.run(store, fake_encoder)
    assert len(matched) < len(ids) // 4
    assert all(pipeline.is_fresh(store, fake_encoder, i) for i in ids)
    matched.clear()
    pipeline.match_article_again_if_stale(store, fake_encoder, 1)
    assert matched == []  # looking at it matches nothing
    [claim] = add_claims(store, fake_encoder, SENTENCES[3])
    backfill.run(store, fake_encoder)
    assert ids[3] in matched and store.decisions.candidates(ids[3])[0].claim_id == claim


def test_a_changed_claim_reaches_those_near_its_new_words_and_those_that_had_its_old_ones(store, fake_encoder):
    [claim] = add_claims(store, fake_encoder, SENTENCES[0])
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    assert store.decisions.is_open(ids[0])
    stored = store.claims.get(claim)
    store.claims.put(replace(stored, text=SENTENCES[-1]))
    pipeline.embed_claims(store, fake_encoder)
    backfill.run(store, fake_encoder)
    assert not store.decisions.is_open(ids[0]) and store.decisions.is_open(ids[-1])
    assert standing(store, ids) == matched_in_full(store, fake_encoder, ids)


def test_a_new_review_has_the_statements_near_its_claim_matched_again(store, fake_encoder):
    """How long after a statement a claim was checked counts, though no vector changes."""
    [claim] = add_claims(store, fake_encoder, SENTENCES[0])
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    assert store.decisions.candidates(ids[0])[0].evidence.checked_after is None
    stored = store.claims.get(claim)
    store.claims.put(replace(stored, reviews=(Review("Desk", "wrong", Rating.FALSE, published_at="2024-05-03"),)))
    assert any(e.kind is EventKind.NEW_REVIEW and e.claim_id == claim for e in store.events.after(0))
    backfill.run(store, fake_encoder)
    assert store.decisions.candidates(ids[0])[0].evidence.checked_after == 2


def test_a_new_candidate_is_told_once_for_each_statement_and_claim(store, fake_encoder):
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    assert not [e for e in store.events.after(0, 10_000) if e.kind is EventKind.NEW_CANDIDATE]
    [claim] = add_claims(store, fake_encoder, SENTENCES[3])
    for _ in range(2):
        backfill.run(store, fake_encoder)
        store.backlog.mark(ids)
    told = [e for e in store.events.after(0, 10_000) if e.kind is EventKind.NEW_CANDIDATE]
    possible = store.newsroom.cutoffs().possible
    near = [i for i in ids if any(c.probability >= possible for c in store.decisions.candidates(i))]
    assert ids[3] in near and sorted((e.statement_id, e.claim_id) for e in told) == sorted((i, claim) for i in near)
    assert len({e.thing for e in told}) == len(told)


def test_a_claim_that_was_decided_on_is_no_news(store, fake_encoder):
    [claim] = add_claims(store, fake_encoder, SENTENCES[0])
    ids = put_statements(store, fake_encoder)
    editor = store.users.create("ed", "hash", Role.EDITOR)
    review.decide(store, ids[5], claim, Relation.NOT_A_MATCH, editor)
    store.decisions.put_candidates(ids[5], [], seq=store.vectors.newest(), model_id=fake_encoder.model_id)
    pipeline.match(store, fake_encoder, store.articles.statement(ids[5]))
    assert not [e for e in store.events.after(0, 10_000) if e.kind is EventKind.NEW_CANDIDATE]


# Progress, stops, and several at work


def test_a_job_tells_what_was_looked_through_how_far_it_is_and_what_was_found(store, fake_encoder):
    put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    assert [j[:2] for j in jobs(store)] == [("settling", "done")]
    add_claims(store, fake_encoder, SENTENCES[3], SENTENCES[10])
    while not store.jobs.open_one(backfill.JOB):
        assert backfill.step(store, fake_encoder)
    seen = []
    while backfill.step(store, fake_encoder):
        [job] = [j for j in store.jobs.listing() if j.kind == backfill.JOB]
        seen.append(job.done)
    kind, state, done, total, subject, result = jobs(store)[0]
    assert (kind, state) == ("backfill", "done") and done == total > 0
    assert subject == {"claims": 2, "statements": len(SENTENCES)} and result["candidates"] >= 2
    assert seen == sorted(seen) and (len(seen) > 1 or total <= backfill.MATCHED_AT_ONCE)
    add_claims(store, fake_encoder, "Owls.")
    backfill.run(store, fake_encoder)
    assert [j[:2] for j in jobs(store)][:2] == [("backfill", "done")] * 2


def test_a_stopped_process_goes_on_where_it_was(tmp_path, store, fake_encoder, monkeypatch):
    """Killed at every single point between two commits, it still comes to the same end."""
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    add_claims(store, fake_encoder, *SENTENCES[::3])
    monkeypatch.setattr(backfill, "CLAIMS_AT_ONCE", 4)
    real, matches = pipeline.match, [0]

    def killed(*args):
        matches[0] += 1
        if matches[0] % 3 == 0:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(pipeline, "match", killed)
    stops = 0
    for _ in range(500):
        again = open_store(tmp_path / "claimtrail.db")  # as a new process would
        try:
            if not backfill.step(again, fake_encoder):
                break
        except KeyboardInterrupt:
            stops += 1
        finally:
            again.close()
    monkeypatch.setattr(pipeline, "match", real)
    assert stops > 3 and store.jobs.open_one(backfill.JOB) is None and store.backlog.unmatched() == 0
    assert standing(store, ids) == matched_in_full(store, fake_encoder, ids)


def test_two_processes_do_not_get_in_each_others_way(tmp_path, store, fake_encoder):
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    add_claims(store, fake_encoder, *SENTENCES[::3])
    failures = []

    def work():
        own = open_store(tmp_path / "claimtrail.db")
        try:
            backfill.run(own, FakeEncoder())
        except Exception as error:  # told by the test
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and store.backlog.unmatched() == 0 and store.jobs.open_one(backfill.JOB) is None
    assert standing(store, ids) == matched_in_full(store, fake_encoder, ids)
    told = [e.thing for e in store.events.after(0, 10_000) if e.kind is EventKind.NEW_CANDIDATE]
    assert len(told) == len(set(told)) > 0


def test_a_match_that_was_under_way_while_the_background_went_by_is_made_again(store, fake_encoder):
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    early = store.vectors.newest()
    add_claims(store, fake_encoder, SENTENCES[0])
    backfill.run(store, fake_encoder)
    store.decisions.put_candidates(ids[0], [], seq=early, model_id=fake_encoder.model_id)  # the late result of an early match
    assert store.backlog.take(10) == [ids[0]]
    backfill.run(store, fake_encoder)
    assert standing(store, ids) == matched_in_full(store, fake_encoder, ids)


def test_a_claim_taken_back_leaves_nothing_to_do_for_ever(store, fake_encoder):
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    editor = store.users.create("ed", "hash", Role.EDITOR)
    review.new_claim(store, fake_encoder, ids[0], editor)
    backfill.run(store, fake_encoder)
    assert store.decisions.is_open(ids[7]) == bool(standing(store, ids)[ids[7]][1])
    review.undo(store, editor)
    for _ in range(200):
        if not backfill.step(store, fake_encoder):
            break
    else:
        pytest.fail("it never ends")
    assert standing(store, ids) == {i: (False, []) for i in ids}


def test_another_model_has_everything_matched_again(store):
    ids = put_statements(store, FakeEncoder(64))
    add_claims(store, FakeEncoder(64), SENTENCES[0])
    backfill.run(store, FakeEncoder(64))
    other = FakeEncoder(96)
    pipeline.catch_up(store, other)
    backfill.run(store, other)
    kind, state, done, total, subject, _ = jobs(store)[0]
    assert (kind, state, done, total) == ("backfill", "done", len(ids), len(ids)) and subject["model"] == other.model_id
    assert all(pipeline.is_fresh(store, other, i) for i in ids)
    assert standing(store, ids) == matched_in_full(store, other, ids)


def test_an_article_that_is_still_being_read_is_left_to_its_reader(store, fake_encoder):
    backfill.run(store, fake_encoder)
    article = store.articles.add(Article(0, SENTENCES[0], "en"), text_hash(SENTENCES[0]))
    [statement] = store.articles.put_statements(article.id, "en", [Statement(SENTENCES[0], 0, len(SENTENCES[0]), Kind.DIRECT)])
    pipeline.embed_statements(store, fake_encoder)
    assert store.articles.claim_next() == article.id
    backfill.run(store, fake_encoder)
    assert store.backlog.is_unmatched(statement.id)
    store.articles.set_state(article.id, "ready")
    backfill.run(store, fake_encoder)
    assert pipeline.is_fresh(store, fake_encoder, statement.id)


# Cut-offs


def test_changed_cut_offs_settle_everything_anew_without_matching(store, fake_encoder, monkeypatch):
    add_claims(store, fake_encoder, SENTENCES[0])
    ids = put_statements(store, fake_encoder)
    backfill.run(store, fake_encoder)
    monkeypatch.setattr(pipeline, "match", lambda *_: pytest.fail("matched"))
    monkeypatch.setattr(backfill, "SETTLED_AT_ONCE", 10)
    for cutoffs, waits in ((Cutoffs(0.00001, 0.5), len(ids)), (Cutoffs(0.99999, 0.99999), 0)):
        store.newsroom.set_cutoffs(cutoffs)
        backfill.step(store, fake_encoder)
        store.newsroom.set_cutoffs(cutoffs)  # once more, while it is under way
        backfill.run(store, fake_encoder)
        assert store.decisions.waiting() == waits
        assert [(j.state, j.done, j.total) for j in store.jobs.listing(1)] == [("done", len(ids), len(ids))]
    assert [j for j in store.jobs.listing() if j.is_open] == []
    store.newsroom.set_cutoffs(Cutoffs(0.00001, 0.5))
    pipeline.match_again_if_stale(store, fake_encoder, store.articles.statement(ids[-1]))
    assert store.decisions.is_open(ids[-1]) and not store.decisions.is_open(ids[0])  # looked at before the background came there
