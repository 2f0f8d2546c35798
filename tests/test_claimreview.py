"""ClaimReview comes in and goes out without losing anything, in every form it has in the wild."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck import claimreview
from factcheck.errors import BadInput
from factcheck.records import Claim, Rating, Review

WHOLE = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "url": "https://example.org/check/1",
    "claimReviewed": "The bridge is safe.",
    "datePublished": "2024-05-01",
    "inLanguage": "en-GB",
    "author": {"@type": "Organization", "name": "Example desk", "url": "https://example.org"},
    "reviewRating": {"@type": "Rating", "ratingValue": 2, "bestRating": 5, "worstRating": 1, "alternateName": "Mostly false"},
    "itemReviewed": {
        "@type": "Claim",
        "author": {"@type": "Person", "name": "Mira Holm", "sameAs": "https://example.org/mira"},
        "datePublished": "2024-04-20",
        "appearance": [{"@type": "CreativeWork", "url": "https://example.org/speech"}],
        "firstAppearance": {"@type": "CreativeWork", "url": "https://example.org/first", "name": "Council"},
    },
    "sdPublisher": {"@type": "Organization", "name": "A field of no meaning here"},
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10**9, 10**9) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
some_fields = st.sampled_from(
    ["url", "claimReviewed", "datePublished", "inLanguage", "author", "publisher", "reviewRating", "itemReviewed", "headline", "name", "reviewBody", "description", "@id", "x"]
)
objects = st.dictionaries(some_fields, json_values, max_size=8).map(lambda d: {"@type": "ClaimReview", **d})


def test_a_claim_review_is_read():
    claim = claimreview.read(WHOLE)
    (review,) = claim.reviews
    assert (claim.text, claim.speaker, claim.first_said_at, claim.language) == ("The bridge is safe.", "Mira Holm", "2024-04-20", "en")
    assert (review.publisher, review.rating, review.rating_text) == ("Example desk", Rating.MOSTLY_FALSE, "Mostly false")
    assert (review.url, review.published_at, review.language) == ("https://example.org/check/1", "2024-05-01", "en")
    assert claimreview.appearances(WHOLE) == [("https://example.org/first", "Council"), ("https://example.org/speech", "")]


@pytest.mark.parametrize(
    "around",
    [
        lambda c: c,
        lambda c: [c],
        lambda c: {"@graph": [{"@type": "WebPage"}, c]},
        lambda c: {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": c}]},
        lambda c: {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": [c]}]},
        lambda c: {"@type": "NewsArticle", "review": {**c, "@type": ["Review", "ClaimReview"]}},
        lambda c: {"@type": "WebPage", "mainEntity": {**c, "@type": "http://schema.org/ClaimReview"}},
        lambda c: {"@type": "WebPage", "mainEntity": {**c, "@type": "schema:ClaimReview"}},
    ],
)
def test_it_is_found_wherever_it_stands(around):
    (found,) = claimreview.find(around(WHOLE))
    assert claimreview.read(found).text == "The bridge is safe."


def test_a_page_gives_its_reviews_and_broken_blocks_are_passed_over():
    page = (
        "<html><head><script type='application/ld+json'>{broken</script>"
        f'<script id=x type="application/ld+json">\n{json.dumps(WHOLE)}\n</script></head><body></body></html>'
    )
    assert claimreview.in_page(page.encode()) == [WHOLE]
    assert claimreview.in_page(b"<p>nothing</p>") == []


def test_what_is_nested_too_deeply_is_left_alone():
    value: object = WHOLE
    for _ in range(60):
        value = [value]
    assert list(claimreview.find(value)) == []


def test_a_review_without_a_claim_is_refused():
    with pytest.raises(BadInput, match="claimReviewed"):
        claimreview.read({"@type": "ClaimReview", "url": "https://example.org/"})


@given(objects)
def test_what_comes_in_goes_out_the_same(found):
    try:
        claim = claimreview.read(found)
    except BadInput:
        return
    assert claimreview.write(claim, claim.reviews[0]) == json.loads(json.dumps(found))


@given(objects, st.sampled_from(["text", "speaker", "rating", "url", "publisher", "published_at"]))
def test_a_change_made_here_goes_out_and_everything_else_stays(found, what):
    try:
        claim = claimreview.read(found)
    except BadInput:
        return
    review = claim.reviews[0]
    match what:
        case "text" | "speaker":
            claim = replace(claim, **{what: "Changed Words"})
        case "rating":
            review = replace(review, rating=Rating.TRUE, rating_text="True")
        case "url":
            review = replace(review, url="https://example.org/changed")
        case "publisher":
            review = replace(review, publisher="Changed desk")
        case "published_at":
            review = replace(review, published_at="2026-01-02")
    written = claimreview.write(claim, review)
    again = claimreview.read(written)
    assert (again.text, again.speaker, again.first_said_at) == (claim.text, claim.speaker, claim.first_said_at)
    assert replace(again.reviews[0], raw="") == replace(review, raw="")
    known = {"claimReviewed", "itemReviewed", "reviewRating", "url", "author", "datePublished"}
    assert {k: v for k, v in written.items() if k not in known} == {k: v for k, v in found.items() if k not in known}


def test_a_review_made_here_says_everything_consumers_ask_for():
    review = Review("Our desk", "Falsch", Rating.FALSE, id=7, url="https://desk.example/1", title="No", summary="It is not.", published_at="2024-05-02", language="de")
    claim = Claim(3, "k", "Die Brücke ist sicher.", speaker="Mira Holm", first_said_at="2024-04-20", reviews=(review,))
    made = claimreview.write(claim, review, "https://claims.example/claims/3")
    assert made["@id"] == "https://claims.example/claims/3#review7" and made["itemReviewed"]["@id"] == "https://claims.example/claims/3"
    assert made["reviewRating"] == {"@type": "Rating", "alternateName": "Falsch", "ratingValue": 1, "worstRating": 1, "bestRating": 5}
    assert made["author"] == {"@type": "Organization", "name": "Our desk", "url": "https://desk.example/"}
    again = claimreview.read(made)
    assert (again.text, again.speaker, again.first_said_at) == (claim.text, claim.speaker, claim.first_said_at)
    assert replace(again.reviews[0], raw="", id=7) == review


@pytest.mark.parametrize(
    ("rating", "normalised"),
    [
        ({"ratingValue": 1, "bestRating": 5, "worstRating": 1}, Rating.FALSE),
        ({"ratingValue": "5", "bestRating": "5", "worstRating": "1"}, Rating.TRUE),
        ({"ratingValue": 3, "bestRating": 5, "worstRating": 1}, Rating.MIXED),
        ({"ratingValue": 1, "bestRating": 1, "worstRating": 5}, Rating.TRUE),
        ({"ratingValue": -1, "bestRating": -1, "worstRating": -1}, Rating.NOT_RATED),
        ({"ratingValue": 9, "bestRating": 5, "worstRating": 1}, Rating.NOT_RATED),
        ({"ratingValue": "a"}, Rating.NOT_RATED),
        ({"ratingValue": 5, "bestRating": 5, "worstRating": 1, "alternateName": "False"}, Rating.FALSE),
    ],
)
def test_a_rating_goes_by_its_words_then_by_its_scale(rating, normalised):
    assert claimreview.read({**WHOLE, "reviewRating": rating}).reviews[0].rating is normalised


def test_an_answer_of_the_fact_check_api_is_read():
    answer = {
        "claims": [
            {"text": "The bridge is safe.", "claimant": "Mira Holm", "claimDate": "2024-04-20T00:00:00Z", "claimReview": [
                {"publisher": {"name": "Example desk", "site": "example.org"}, "url": "https://example.org/check/1", "title": "No", "reviewDate": "2024-05-01T00:00:00Z", "textualRating": "False", "languageCode": "en"},
                {"url": "https://other.example/2"}]},
            {"claimant": "nobody"}, "nonsense",
        ],
        "nextPageToken": "x",
    }  # fmt: skip
    (claim,) = claimreview.in_answer(answer)
    assert claim.key == claimreview.read(WHOLE).key
    assert [(r.publisher, r.rating) for r in claim.reviews] == [("Example desk", Rating.FALSE), ("other.example", Rating.NOT_RATED)]
    assert claimreview.in_answer([]) == claimreview.in_answer({"claims": {}}) == []


def test_two_reviews_of_the_same_words_make_one_claim():
    other = {**WHOLE, "claimReviewed": "the bridge  is safe.", "url": "https://other.example/9", "author": "Other desk"}
    newer = {**WHOLE, "reviewRating": {"alternateName": "False"}}
    one, two, three = (claimreview.read(x) for x in (WHOLE, other, newer))
    assert one.key == two.key == three.key
    both = claimreview.combined(claimreview.combined(one, two), three)
    assert [(r.publisher, r.rating_text) for r in both.reviews] == [("Example desk", "False"), ("Other desk", "Mostly false")]


@given(json_values)
def test_nothing_that_is_json_breaks_the_search_for_reviews(value):
    for found in claimreview.find(value):
        claimreview.read(found)
    claimreview.in_answer(value)
