"""The second stage: what a statement and a claim have to do with each other, and what is made of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from db import open_store
from factcheck import demo, pipeline, searching, secondstage, wordings
from factcheck.errors import ModelUnavailable
from factcheck.pairfeatures import FEATURES, Asked, Found, Offered, features, without_trimmings
from factcheck.ranking import LIKELY, POSSIBLE, Signals
from factcheck.wordings import surname

NEAR = Found(0.9, 0.92, 0.91, 0.95, 0.5, 0.25, 0.75, 2)
FAR = Found(0.8, 0.8, 0.8, 0.8, 0.0, 0.0, 0.0, None)


def values(asked: Asked, offered: Offered, found: Found = NEAR) -> dict[str, float]:
    return dict(zip(FEATURES, features(asked, [(offered, found)])[0].tolist(), strict=True))


def test_what_the_indexes_found_is_passed_on():
    found = values(Asked("war"), Offered("peace"))
    assert found["cosine"] == 0.9
    assert found["cosine with speaker"] == pytest.approx(0.02)
    assert found["cosine in context"] == pytest.approx(0.01)
    assert (found["plain cosine"], found["plain cosine unspoken"]) == (0.95, 0.95)
    assert values(Asked("war", "A B"), Offered("peace"))["plain cosine unspoken"] == 0
    assert (found["words"], found["parts"], found["words in context"], found["nearest"]) == (0.5, 0.25, 0.75, 0.5)


def test_words_count_by_what_they_tell():
    asked = Asked("The president visited Vladivostok")
    rare = values(asked, Offered("Vladivostok is cold"))["query in claim"]
    common = values(asked, Offered("The president is cold"))["query in claim"]
    assert 0 < common < rare < 1
    assert values(asked, Offered("The president visited Vladivostok"))["query in claim"] == 1


def test_the_body_is_read_for_the_very_words():
    asked = Asked("we have the worst roads in the whole of the country")
    body = "He said we have the worst roads in the whole of the country, which is untrue."
    found = values(asked, Offered("Roads are bad.", body=body))
    assert (found["query in body"], found["run in body"], found["has body"]) == (1, 1, 1)
    assert values(asked, Offered("Roads are bad."))["run in body"] == 0


def test_a_stretch_of_words_counts_by_its_length_and_ends_with_its_text():
    asked = Asked("one two three four five six seven eight nine")
    told = [
        "one two", "zero one two three", "two three four five six.", "one two three five six seven", "one two three four five six seven nine",
        "one two three four five six seven eight",
    ]  # fmt: skip
    runs = features(asked, [(Offered(text), NEAR) for text in told])[:, FEATURES.index("run in claim")]
    assert (8 * runs).tolist() == [0, 3, 5, 3, 5, 8]
    apart = features(Asked("one two three"), [(Offered("one two"), NEAR), (Offered("three"), NEAR), (Offered("two three", body="one"), NEAR)])
    assert not apart[:, [FEATURES.index("run in claim"), FEATURES.index("run in body")]].any()


def test_candidates_compared_together_get_what_they_get_alone():
    asked = Asked("Crime has not fallen by 12 percent in Vienna, said the mayor.", "A. Mayor", "Look at Vienna.", "It rose.", 737_000)
    pairs = [
        (Offered("Crime fell by 12 percent.", "Did crime fall?", "The mayor said crime has not fallen by 12 percent.", "Ann Mayor", (737_003,)), NEAR),
        (Offered(""), FAR),
        (Offered("Die Kriminalität in Vienna stieg um 3 Prozent.", speaker="B"), NEAR),
        (Offered("the of and", "Vienna"), FAR),
    ]
    together = features(asked, pairs)
    assert together.shape == (4, len(FEATURES)) and len(set(map(tuple, together.tolist()))) == 4
    assert np.allclose(together, np.concatenate([features(asked, [pair]) for pair in pairs]), rtol=0, atol=1e-12)


def test_readings_are_kept_within_their_bytes_and_read_anew_after():
    kept = wordings._Readings(20_000)
    first = kept.get("The bridge is closed.", "", "")
    assert kept.get("The bridge is closed.", "", "") is first
    for i in range(50):
        kept.get(f"The bridge {i} is closed.", "", "word " * 40)
    again = kept.get("The bridge is closed.", "", "")
    assert again is not first and again.claim.tolist() == first.claim.tolist()
    assert kept._size == sum(kept._bytes(key, reading) for key, reading in kept._kept.items()) <= 20_000


def test_neighbours_bring_the_words_a_statement_lacks():
    alone = values(Asked("It costs too much."), Offered("The Berlin airport costs too much."))
    around = values(Asked("It costs too much.", before="Look at the airport in Berlin."), Offered("The Berlin airport costs too much."))
    assert alone["claim in context"] == 0 < around["claim in context"]


def test_speakers_are_compared_by_surname():
    asked = Asked("text", "PRESIDENT OBAMA")
    assert [values(asked, Offered("t", speaker=s))["same speaker"] for s in ("Barack Obama", "Mitt Romney", "")] == [1, 0, 0]
    assert [values(asked, Offered("t", speaker=s))["other speaker"] for s in ("Barack Obama", "Mitt Romney", "")] == [0, 1, 0]
    assert surname("Martin Luther King Jr.") == "king"


def test_numbers_are_compared_as_values():
    asked = Asked("Der Krieg endet in 24 Stunden")
    same, other, none = (
        values(asked, Offered(text)) for text in ("The war ends in one day", "The war ends in six months", "The war ends")
    )
    assert (same["numbers shared"], same["numbers differ"]) == (1, 0)
    assert (other["numbers shared"], other["numbers differ"]) == (0, 1)
    assert (none["numbers shared"], none["numbers differ"]) == (0, 0)


def test_posts_lose_links_and_signature():
    assert without_trimmings("It rains https://t.co/x1 — A B (@ab) June 1, 2016") == "It rains"
    assert without_trimmings("https://t.co/x1") == "https://t.co/x1"


def test_rough_order_puts_the_nearest_first_and_keeps_all():
    found = [Signals(1, 0.80, 3), Signals(2, 0.90, 1, words=2.0), Signals(3, 0.85, 2)]
    order = secondstage.rough_order(found, {1: 0.95}, {}, {2: 0.7}, {3: 1.0})
    assert [s.object_id for s, _ in order] == [2, 1, 3]
    assert order[1][1].with_speaker == 0.95
    assert [f.plain for _, f in order] == [0.7, 0.0, 0.0]
    assert secondstage.rough_order(found, {1: 0.95}, {}, {2: 0.7}, {3: 1.0}, 2) == order[:2]
    assert secondstage.rough_order([], {}, {}, {}, {}) == []


def test_the_better_pair_gets_the_higher_score_and_probability():
    asked = Asked("The unemployment rate is the lowest in 50 years.", "Donald Trump")
    good = (Offered("Unemployment is the lowest in 50 years.", speaker="Donald Trump"), NEAR)
    bad = (Offered("Cats can fly.", speaker="Joe Biden"), FAR)
    first, second = secondstage.judge(asked, [good, bad])
    assert first.score > second.score
    assert 0 < second.probability < first.probability < 1
    assert secondstage.judge(asked, []) == []


@pytest.mark.parametrize("content", ["", "{}", json.dumps({"features": ["other"], "order": [1]})])
def test_damaged_weights_are_one_clear_error(tmp_path, monkeypatch, content):
    file = tmp_path / "ranking.json"
    file.write_text(content)
    monkeypatch.setattr(secondstage, "WEIGHTS", file)
    secondstage._weights.cache_clear()
    try:
        with pytest.raises(ModelUnavailable, match="missing or damaged"):
            secondstage.judge(Asked("text"), [(Offered("t"), NEAR)])
    finally:
        secondstage._weights.cache_clear()


def test_a_lead_is_told_against_the_best_other_candidate_and_capped():
    assert secondstage.lead([5.0, 1.0, 4.5]) == [0.5, -3.0, -0.5]
    assert secondstage.lead([2.0]) == [3.0]


# What matches nothing in the demo, and what does; in a collection of a few dozen claims something always stands far ahead.
NOTHING = [
    "The committee meets on Tuesday at nine.",
    "zebrafish orchestra",
    "Der Zug hatte gestern Verspätung",
    "Pinguine regieren Island",
    "The mayor said the library would open in May.",
]
SOMETHING = {
    "er werde Russlands Angriffskrieg in der Ukraine innerhalb von 24 Stunden beenden": "demo-war-24-hours",
    "Krieg in 24 Stunden beenden": "demo-war-24-hours",
    "end the war in one day": "demo-war-24-hours",
    "Impfungen verursachen Autismus": "demo-vaccine-autism",
    "Der Mindestlohn steigt auf 12 Euro": "demo-minimum-wage",
    "we went to the moon in 1969 in a studio": "demo-moon-landing",
}


def test_in_a_small_collection_what_matches_nothing_says_so_and_what_matches_is_likely(encoder, tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    demo.load(store)
    pipeline.embed_claims(store, encoder)
    first = {q: searching.search_claims(store, encoder, q, k=1)[0] for q in (*NOTHING, *SOMETHING)}
    assert {q: first[q].candidate.probability < POSSIBLE for q in NOTHING} == dict.fromkeys(NOTHING, True)
    assert {q: first[q].claim.key for q in SOMETHING} == SOMETHING
    assert {q: first[q].candidate.probability >= LIKELY for q in SOMETHING} == dict.fromkeys(SOMETHING, True)
    store.close()
