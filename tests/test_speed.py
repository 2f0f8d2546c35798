"""Short cuts tell the same as the long way, pages stay light, and what ``make bench`` runs is there. Times are no part of the tests."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from bench.__main__ import plan
from db import cards, narrowing, open_store
from factcheck import pipeline, ranking, searching
from factcheck.records import Claim, Kind, Rating, Review, Statement
from factcheck.articles import from_text, text_hash

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 60_000  # bytes, compressed, of all own scripts and styles together
PAIRS = [json.loads(line) for line in (ROOT / "tests" / "pairs" / "relations.jsonl").read_text(encoding="utf-8").splitlines()][::9]


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "store.db")
    yield store
    store.close()


def test_own_assets_stay_light():
    own = [f for f in (ROOT / "static").rglob("*") if f.suffix in (".css", ".js") and "vendor" not in f.parts]
    assert own and sum(len(gzip.compress(f.read_bytes())) for f in own) < LARGEST


@pytest.mark.parametrize("full", [False, True])
def test_every_bench_is_there(full):
    commands = plan(full)
    assert all(importlib.util.find_spec(command[0]) for command in commands) and len(commands) > 5
    assert {f"bench.{f.stem}" for f in (ROOT / "bench").glob("*.py")} >= {command[0] for command in commands}


def test_a_probability_is_the_one_that_the_evidence_says():
    assert len(PAIRS) > 40
    for pair in PAIRS:
        texts = [v for k, v in pair.items() if isinstance(v, str) and len(v) > 15][:2]
        for query, text in (texts, texts[::-1]):
            signals = ranking.Signals(1, 0.43219)
            found = ranking.evidence(query, text, signals)
            assert ranking.probability_of(query, text, signals) == (ranking.probability(found), found.overlap)
            assert ranking.overlap(query, text) == found.overlap


def test_claims_read_for_comparison_are_those_read_whole(store):
    made = [
        store.claims.put(
            Claim(0, f"c{i}", f"text {i}", "en", title=f"title {i}", body="b" * i, speaker="A B" * (i % 2), first_said_at=None if i % 2 else "2020-05-04",
                  reviews=tuple(Review(f"desk {n}", "false", Rating.FALSE, url=f"https://desk.example/{i}/{n}", published_at=f"2021-0{n + 1}-02") for n in range(i % 3)))
        )[0]
        for i in range(6)
    ]  # fmt: skip
    with store.write() as db:
        db.execute("UPDATE claims SET merged_into = ? WHERE id = ?", [made[0], made[5]])
    whole, short = store.claims.many(made), store.claims.words(made)
    assert whole.keys() == short.keys()
    for i, claim in whole.items():
        long, quick = searching.offered(claim), searching._offered(short[i])
        assert (long.text, long.title, long.body, long.speaker, sorted(long.days)) == (quick.text, quick.title, quick.body, quick.speaker, sorted(quick.days))
        assert short[i].passage == searching.passage_text(claim)


def test_statements_encoded_together_get_the_vectors_they_get_alone(store, fake_encoder):
    text = "The bridge is closed. The bridge is closed. It opens again in May, she said."
    article = store.articles.add(from_text(text), text_hash(text))
    said = [
        Statement(text="The bridge is closed.", start=0, end=21, kind=Kind.DIRECT, speaker="Wera Lindkvist", after="The bridge is closed."),
        Statement(text="The bridge is closed.", start=22, end=43, kind=Kind.DIRECT),
        Statement(text="It opens again in May", start=44, end=65, kind=Kind.INDIRECT, before="The bridge is closed."),
    ]
    stored = store.articles.put_statements(article.id, "en", said)
    pipeline.embed_statements(store, fake_encoder, [s.id for s in stored[:2]])
    together = searching.vectors_of_all(store, fake_encoder, stored)
    index = store.vectors.index("statement", fake_encoder.model_id)
    for s in stored:
        alone = searching.vectors_of(fake_encoder, searching.query_of(store, s), index.get(s.id))
        assert np.allclose(together[s.id], alone, atol=2e-3)  # a stored vector is rounded to 16 bits
    assert searching.vectors_of_all(store, fake_encoder, []) == {}


def test_a_page_over_many_rows_does_not_wait_for_what_changed_and_shows_it_soon(store, monkeypatch):
    store.claims.put(Claim(0, "a", "the first", "en"))
    assert len(store.cards.lately(narrowing.prepare).claims.ids) == 1
    store.claims.put(Claim(0, "b", "the second", "en"))
    assert len(store.cards.lately(narrowing.prepare).claims.ids) == 2, "few rows are always up to date"
    monkeypatch.setattr(cards, "MANY", 2)
    store.claims.put(Claim(0, "c", "the third", "en"))
    assert len(store.cards.lately(narrowing.prepare).claims.ids) == 2
    monkeypatch.setattr(cards, "LATELY", -1)
    monkeypatch.setattr(cards.threading, "Thread", lambda target, args, **_: type("Now", (), {"start": staticmethod(lambda: target(*args))}))
    store.cards.lately(narrowing.prepare)
    assert len(store.cards.lately(narrowing.prepare).claims.ids) == 3
    store.claims.put(Claim(0, "d", "the fourth", "en"))
    assert len(store.cards.now().claims.ids) == 4, "who asks for now gets now"
