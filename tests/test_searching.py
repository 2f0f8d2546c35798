"""Search puts its signals together, says why, and finds what was added a moment ago."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db import Filters, open_store
from factcheck import explaining, pipeline, ranking, searching
from factcheck.articles import from_text, text_hash
from factcheck.errors import EmptyText
from factcheck.records import Article, Claim, Kind, Rating, Review, Statement
from factcheck.words import content_words

TEXTS = {
    "war": ("I will end the war in Ukraine within 24 hours.", "en", "Donald Trump"),
    "six": ("The war can be ended within six months.", "en", "Joe Biden"),
    "trees": ("We will plant 5,000 trees.", "en", "Vera Lindqvist"),
    "haus": ("Die Häuser im Angriffskrieg wurden zerstört.", "de", ""),
}


@pytest.fixture
def store(tmp_path, fake_encoder):
    store = open_store(tmp_path / "claimtrail.db")
    for key, (text, language, speaker) in TEXTS.items():
        pipeline.add_claim(store, fake_encoder, Claim(0, key, text, language, speaker=speaker))
    yield store
    store.close()


def keys(hits):
    return [h.claim.key for h in hits]


def test_the_nearest_claim_comes_first_with_its_evidence(store, fake_encoder):
    hit, *_ = searching.search_claims(store, fake_encoder, "end the war in 24 hours", speaker="TRUMP")
    evidence = hit.candidate.evidence
    assert (hit.claim.key, evidence.vector_rank, evidence.keyword_rank) == ("war", 1, 1)
    assert (evidence.shared_numbers, evidence.number_conflicts, evidence.same_speaker) == (("24",), (), True)
    assert {"end", "war", "24", "hours"} <= set(evidence.shared_words)
    assert 0 < hit.candidate.probability < 1


def test_a_differing_number_and_another_speaker_are_named(store, fake_encoder):
    hits = {h.claim.key: h.candidate.evidence for h in searching.search_claims(store, fake_encoder, "the war ends in 24 hours", speaker="Trump")}
    assert hits["six"].number_conflicts == (("24", "6"),)
    assert hits["six"].same_speaker is False


def test_filters_narrow_words_and_vectors_alike(store, fake_encoder):
    assert keys(searching.search_claims(store, fake_encoder, "war houses", filters=Filters(language="de"))) == ["haus"]
    assert keys(searching.search_claims(store, fake_encoder, "end the war", filters=Filters(speaker="joe biden"))) == ["six"]


def test_a_part_of_a_compound_is_found(store, fake_encoder):
    assert searching.search_claims(store, fake_encoder, "Krieg Häuser", k=1)[0].claim.key == "haus"


def test_past_statements_are_found_by_words_and_speaker(store, fake_encoder):
    article = store.articles.add(Article(0, "They said: cows like clover.", "en"), "h")
    store.articles.put_statements(article.id, "en", [Statement("cows like clover", 11, 27, Kind.INDIRECT, "Vera Lindqvist")])
    pipeline.embed_statements(store, fake_encoder)
    [hit] = searching.search_statements(store, fake_encoder, "Do cows like clover?")
    assert (hit.statement.text, hit.article.id) == ("cows like clover", article.id)


def test_similar_claims_leave_out_the_claim_itself(store, fake_encoder):
    found = searching.similar_claims(store, fake_encoder, store.claims.by_key("war"))
    assert sorted(keys(found)) == ["haus", "six", "trees"]


def test_a_hit_is_explained_by_the_words_that_pair_up_in_both_texts(store, fake_encoder):
    query = "They said the war ends within 24 hours"
    hits = searching.search_claims(store, fake_encoder, query, k=2)
    first, second = explaining.explain_claims(fake_encoder, query, hits)
    text = first.claim.text
    pairs = [(query[a:b], text[c:d]) for a, b, c, d in first.candidate.evidence.aligned]
    assert pairs == [("war", "war"), ("within", "within"), ("24", "24"), ("hours", "hours")]
    assert first.candidate.evidence.differences == ()
    assert [(kind, said, claimed) for kind, said, claimed in second.candidate.evidence.differences] == [("number", "24 hours", "six months")]
    assert explaining.explain_claims(fake_encoder, query, [first])[0] is first
    assert replace(first, candidate=hits[0].candidate) == hits[0] and second.claim == hits[1].claim


@pytest.mark.parametrize("text", ["", "   ", "…!?", "\0"])
def test_an_empty_query_is_a_clear_error(store, fake_encoder, text):
    with pytest.raises(EmptyText, match="nothing to search for"):
        searching.search_claims(store, fake_encoder, text)


def test_a_very_long_query_is_cut_not_refused(store, fake_encoder):
    assert keys(searching.search_claims(store, fake_encoder, "end the war in 24 hours " * 5_000, k=1)) == ["war"]


def test_the_same_store_gives_the_same_order(store, fake_encoder):
    runs = [keys(searching.search_claims(store, fake_encoder, "the war will end")) for _ in range(3)]
    assert runs[0] == runs[1] == runs[2]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1.000 Menschen", ("1000",)), ("1,000.5 people", ("1000.5",)), ("3,5 Prozent", ("3.5",)), ("fünf von zwölf", ("5", "12")), ("none", ())],
)  # fmt: skip
def test_numbers_are_comparable_across_languages(text, numbers):
    assert ranking.numbers(text) == numbers


def test_a_german_function_word_that_says_much_in_english_is_kept_in_english():
    assert content_words("the war") == ["war"]
    assert content_words("people die") == ["people", "die"]
    assert content_words("Er war die ganze Zeit hier") == ["ganze", "Zeit"]
    assert content_words("to be or not") == ["not"]
    assert content_words("to be") == ["to", "be"]


def test_negation_is_counted():
    assert [ranking.is_negated(t) for t in ("he won't", "kein Krieg", "not nothing", "war")] == [True, True, False, False]


def test_a_post_tells_its_day_and_the_claim_checked_soon_after_says_so(store, fake_encoder):
    claim = Claim(id=0, key="soon", text="frogs rain on the town hall", reviews=(Review(publisher="Desk", rating_text="False", rating=Rating.FALSE, published_at="2020-01-16"),))
    pipeline.add_claim(store, fake_encoder, claim)
    post = "frogs rain on the town hall — A Name (@aname) January 14, 2020"
    (hit,) = searching.search_claims(store, fake_encoder, post, k=1)
    assert (hit.claim.key, hit.candidate.evidence.checked_after) == ("soon", 2)
    early, late = (
        searching.search_claims(store, fake_encoder, "frogs rain on the town hall", k=1, said_at=day)[0].candidate
        for day in ("2020-01-14", "2020-02-20")
    )
    assert (early.evidence.checked_after, late.evidence.checked_after) == (2, None)
    assert early.score > late.score


def test_statements_of_an_article_are_matched_together_as_each_alone(store, fake_encoder, monkeypatch):
    text = "The war ends in 24 hours. Cows eat clover. The war ends in 24 hours. Häuser sind teuer, sagte sie."
    article = store.articles.add(from_text(text), text_hash(text))
    said = [("The war ends in 24 hours.", 0, "Donald Trump"), ("Cows eat clover.", 26, ""), ("The war ends in 24 hours.", 43, ""), ("Häuser sind teuer", 69, "Biden")]
    stored = store.articles.put_statements(
        article.id, "en", [Statement(text=t, start=at, end=at + len(t), kind=Kind.DIRECT, speaker=who, before="It is said.", after="So be it.") for t, at, who in said]
    )
    vectors = searching.vectors_of_all(store, fake_encoder, stored)
    alone = {s.id: searching.matches(store, fake_encoder, s, k=3, vectors=vectors[s.id]) for s in stored}
    assert len(alone) == 4 and all(alone.values()) and alone[stored[0].id] != alone[stored[1].id]
    for at_once in (64, 3):
        monkeypatch.setattr(searching, "TOGETHER", at_once)
        together = searching.matches_of_all(store, fake_encoder, stored, k=3, vectors=vectors)
        assert {i: [h.claim for h in hits] for i, hits in together.items()} == {i: [h.claim for h in hits] for i, hits in alone.items()}
        for i, hits in together.items():
            assert [h.candidate.score for h in hits] == pytest.approx([h.candidate.score for h in alone[i]], abs=1e-4)
            assert [(h.candidate.relation, h.candidate.evidence.shared_words) for h in hits] == [
                (h.candidate.relation, h.candidate.evidence.shared_words) for h in alone[i]
            ]
    assert searching.matches_of_all(store, fake_encoder, []) == {}
    assert searching.matches_of_all(store, fake_encoder, stored[:1], k=1)[stored[0].id][0].claim == alone[stored[0].id][0].claim
