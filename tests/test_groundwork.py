"""What is made ahead of an article's statements is what would be made without it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from db import open_store
from factcheck import groundwork, pipeline, searching
from factcheck.groundwork import Groundwork
from factcheck.records import Article, Claim, Kind, Statement

SAID = [
    Statement(text=f"The bridge number {i} is closed.", start=0, end=1, kind=Kind.DIRECT, speaker="Wera Lindkvist", before="It is said." if i % 2 else "", after="So be it.")
    for i in range(5)
]


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


class Watched:
    """An encoder that tells which thread asked it for what."""

    def __init__(self, encoder):
        self._encoder, self.asked = encoder, []

    def __getattr__(self, name):
        found = getattr(self._encoder, name)
        if not name.startswith("encode_"):
            return found

        def call(texts, **options):
            self.asked += [(name, text, threading.current_thread().name) for text in texts]
            return found(texts, **options)

        return call


def test_what_was_begun_is_made_once_and_by_the_other_thread(store, fake_encoder):
    encoder = Watched(fake_encoder)
    queries = [searching.Query.of(s.text, s.speaker, s.before, s.after) for s in SAID]
    with Groundwork(encoder) as ahead:
        ahead.begin(store, SAID)
        found = {f: v for q in queries for f, v in zip(q.forms(), ahead.encode_queries(q.forms()), strict=True)}
        plain = ahead.encode_passages([q.text for q in queries])
        words = ahead.encode_words([s.text for s in SAID])
        assert len(encoder.asked) == len(set(encoder.asked)) and all("groundwork" in who for *_, who in encoder.asked)
        assert ahead.encode_queries(["anything else"]).shape == (1, fake_encoder.dimensions)
        assert encoder.asked[-1] == ("encode_queries", "anything else", threading.current_thread().name)
        assert ahead.encode_queries([]).shape == (0, fake_encoder.dimensions)
    for form, vector in found.items():
        assert np.allclose(vector, fake_encoder.encode_queries([form])[0])
    assert np.allclose(plain, fake_encoder.encode_passages([q.text for q in queries]))
    assert [w.spans for w in words] == [w.spans for w in fake_encoder.encode_words([s.text for s in SAID])]
    assert (ahead.model_id, ahead.passage_id) == (fake_encoder.model_id, fake_encoder.passage_id)


def test_the_word_index_is_asked_ahead_and_says_the_same(store, fake_encoder):
    for i in range(4):
        pipeline.add_claim(store, fake_encoder, Claim(0, f"c{i}", f"Bridge number {i} is closed, it is said", "en"))
    queries = [searching.Query.of(s.text, s.speaker, s.before, s.after) for s in SAID]
    vectors = [searching.vectors_of(fake_encoder, q) for q in queries]
    with Groundwork(fake_encoder) as ahead:
        ahead.begin(store, SAID)
    assert ahead.worded.keys() == {q.worded for q in queries} and all(by.words for by in ahead.worded.values())
    with_it, without = (searching.candidates_together(store, fake_encoder, queries, vectors, worded=given) for given in (ahead.worded, None))
    assert with_it == without


def test_a_failing_encoder_fails_where_it_is_asked(store, fake_encoder):
    class Late(Watched):
        def encode_queries(self, texts):
            raise RuntimeError("out of order")

    with Groundwork(Late(fake_encoder)) as ahead:
        ahead.begin(store, SAID)
        with pytest.raises(RuntimeError, match="out of order"):
            ahead.encode_queries([SAID[0].text])
    assert len(ahead.encode_words([SAID[0].text])) == 1


@pytest.mark.parametrize(("n", "sizes"), [(0, []), (5, [2, 2, 1]), (9, [2, 2, 1, 3, 1])])
def test_a_long_text_is_taken_in_small_parts_first_and_then_in_large_ones(monkeypatch, n, sizes):
    for module, name, value in ((groundwork, "AHEAD", 5), (groundwork, "PART", 2), (searching, "TOGETHER", 3)):
        monkeypatch.setattr(module, name, value)
    assert [len(part) for part in groundwork.parts(range(n))] == sizes
    assert [i for part in groundwork.parts(range(n)) for i in part] == list(range(n))


def test_an_article_gets_the_candidates_that_each_statement_gets_alone(store, fake_encoder, monkeypatch):
    monkeypatch.setattr(groundwork, "PART", 2)
    for i in range(6):
        pipeline.add_claim(store, fake_encoder, Claim(0, f"c{i}", f"The bridge number {i} over the river is closed.", "en"))
    text = " ".join(f'"The bridge number {i} is closed," said Wera Lindkvist.' for i in range(6))
    article, _ = pipeline.add_article(store, Article(0, text, "en"))
    found = pipeline.process(store, fake_encoder, article.id)
    assert len(found) >= 3
    for s in found:
        kept = store.decisions.candidates(s.id)
        alone = searching.matches(store, fake_encoder, s, k=pipeline.CANDIDATES)
        assert [c.claim_id for c in kept] == [h.claim.id for h in alone]
        assert [c.probability for c in kept] == pytest.approx([h.candidate.probability for h in alone], abs=2e-3)
        assert pipeline.is_fresh(store, fake_encoder, s.id)
