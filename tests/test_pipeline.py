"""From article to queue, step by step; each step can stop at any moment and go on."""

from __future__ import annotations

import pytest

from db import open_store
from factcheck import demo, pipeline, searching, setting_up
from factcheck.embed import FakeEncoder
from factcheck.errors import ModelUnavailable
from factcheck.records import Article, Claim, Rating

TEXT = (
    "Bürgermeisterin Hanna Brückner versprach am Dienstag, sie werde das Freibad innerhalb von 30 Tagen wieder öffnen. "
    "„Wir haben dafür 400.000 Euro zurückgelegt, und dieses Geld reicht“, sagte Brückner."
)


class BrokenEncoder(FakeEncoder):
    def encode_queries(self, texts):
        raise ModelUnavailable("The model is missing. Run: claimtrail prepare")


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


def article(text=TEXT, **about):
    return Article(0, text, "de", "Freibad", published_at="2024-05-16", **about)


def test_an_article_goes_through_every_step(store, fake_encoder):
    pipeline.add_claim(store, fake_encoder, Claim(0, "pool", "Das Freibad wird innerhalb von 30 Tagen wieder geöffnet.", "de"))
    stored, is_new = pipeline.add_article(store, article())
    assert is_new and stored.state == "queued"
    found = pipeline.process(store, fake_encoder, stored.id)
    assert store.articles.get(stored.id).state == "ready"
    assert [(s.text in TEXT, store.people.get(s.person_id).name) for s in found] == [(True, "Hanna Brückner")] * 2
    assert store.claims.get(store.decisions.candidates(found[0].id)[0].claim_id).key == "pool"
    assert store.decisions.is_open(found[0].id)
    assert store.vectors.missing("statement", fake_encoder.model_id) == 0


def test_a_speaker_who_comes_on_file_is_linked_to_the_claims_already_made(store, fake_encoder):
    claim = pipeline.add_claim(store, fake_encoder, Claim(0, "c", "Das Bad ist sauber.", "de", speaker="HANNA BRÜCKNER"))
    pipeline.process(store, fake_encoder, pipeline.add_article(store, article())[0].id)
    assert store.claims.get(claim.id).person_id == store.people.by_name("Hanna Brückner").id


def test_processing_again_doubles_nothing(store, fake_encoder):
    stored, _ = pipeline.add_article(store, article())
    once, again = (pipeline.process(store, fake_encoder, stored.id) for _ in range(2))
    assert once == again and len(store.people.all()) == 1


def test_the_same_article_is_recognised_by_text_and_by_url(store):
    stored, _ = pipeline.add_article(store, article(url="https://example.org/pool"))
    assert pipeline.add_article(store, article("  " + TEXT.replace(". ", ".\n"))) == (stored, False)
    assert pipeline.add_article(store, article("Ein anderer Text.", url="https://example.org/pool")) == (stored, False)
    assert store.articles.count() == 1


def test_a_failure_stays_with_its_article_and_says_what_to_do(store):
    stored, _ = pipeline.add_article(store, article())
    assert pipeline.process_safely(store, BrokenEncoder(), stored.id) is False
    failed = store.articles.get(stored.id)
    assert (failed.state, failed.error) == ("failed", "The model is missing. Run: claimtrail prepare")


def test_another_model_makes_its_own_vectors_and_never_meets_the_others(store):
    old, new = FakeEncoder(64), FakeEncoder(32)
    demo.load(store)
    pipeline.embed_claims(store, old)
    query = "end the war in 24 hours"
    assert searching.search_claims(store, old, query, k=1)[0].candidate.evidence.vector_rank == 1
    # Before its vectors are made the new model finds by words alone, and compares nothing.
    by_words = searching.search_claims(store, new, query, k=1)[0]
    assert by_words.claim.key == "demo-war-24-hours" and by_words.candidate.evidence.vector_rank is None
    pipeline.catch_up(store, new)
    assert searching.search_claims(store, new, query, k=1)[0].candidate.evidence.vector_rank == 1
    assert {(m, n) for kind, m, n in store.vectors.models() if kind == "claim"} == {(e.model_id, store.claims.count()) for e in (old, new)}


def test_the_first_run_fills_an_empty_store_once(store, fake_encoder):
    password = setting_up.first_run(store, fake_encoder, demo=True)
    claims, people = store.claims.count(), len(store.people.all())
    assert password and claims >= 25 and people > 20
    assert setting_up.first_run(store, fake_encoder, demo=True) is None
    assert (store.claims.count(), len(store.people.all())) == (claims, people)
    report = setting_up.check(store, fake_encoder)
    assert report.problems == [] and report.counts["claims"] == claims


def test_the_demo_rates_in_its_own_name_only_and_shows_what_a_claim_can_hold(store):
    demo.load(store)
    claims = list(store.claims.many(range(1, store.claims.count() + 1)).values())
    assert {r.publisher for c in claims for r in c.reviews} == {demo.DESK}
    assert {c.publisher for claim in claims for c in claim.coverage} == {demo.DESK}
    assert {c.language for c in claims} == {"de", "en"} and {c.origin for c in claims} == {"demo"}
    war = store.claims.by_key("demo-war-24-hours")
    assert war.rating is Rating.FALSE and war.promise.status == "broken" and war.promise.deadline == "2025-01-21T12:00-05:00"
    assert len(store.claims.occurrences(war.id)) >= 4 and all(o.said_at and o.place for o in store.claims.occurrences(war.id))
    assert war.coverage and war.reviews[0].summary
