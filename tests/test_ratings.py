"""Publishers' own rating words come to one normalised rating, in eight languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck import ratings
from factcheck.records import Rating


@pytest.mark.parametrize(
    ("words", "rating"),
    [
        ("Pants on Fire!", Rating.FALSE), ("pants-fire", Rating.FALSE), ("HALF-TRUE", Rating.MIXED), ("Größtenteils falsch", Rating.MOSTLY_FALSE),
        ("Falsch.", Rating.FALSE), ("Fehlender Kontext", Rating.MISLEADING), ("Fazit: Unbelegt", Rating.UNPROVEN), ("Engañoso", Rating.MISLEADING),
        ("Bulo", Rating.FALSE), ("Plutôt vrai", Rating.MOSTLY_TRUE), ("C’est faux", Rating.FALSE), ("Fuorviante", Rating.MISLEADING),
        ("É falso", Rating.FALSE), ("Insustentável", Rating.UNPROVEN), ("Grotendeels onwaar", Rating.MOSTLY_FALSE), ("Częściowa prawda", Rating.MIXED),
        ("FAŁSZ", Rating.FALSE), ("Our ruling: Mostly True", Rating.MOSTLY_TRUE), ("Three Pinocchios", Rating.MOSTLY_FALSE), ("Sátira", Rating.SATIRE),
        ("a sentence that explains at length", Rating.NOT_RATED), ("", Rating.NOT_RATED), ("Not", Rating.NOT_RATED),
    ],
)  # fmt: skip
def test_words_are_normalised(words, rating):
    assert ratings.normalise(words) is rating


def test_no_words_mean_two_ratings_and_every_language_has_every_rating():
    seen: dict[str, Rating] = {}
    for _, words, rating in ratings.listed():
        assert seen.setdefault(words, rating) is rating, words
    for rating in Rating:
        if rating is not Rating.NOT_RATED:
            assert {language for language, _, r in ratings.listed() if r is rating} == set(ratings.LANGUAGES), rating


def test_the_newsrooms_own_word_wins():
    own = {ratings.key("Voll daneben"): Rating.FALSE, "wahr": Rating.MIXED}
    assert ratings.normalise("voll daneben!", own) is Rating.FALSE
    assert ratings.normalise("Wahr", own) is Rating.MIXED
    assert ratings.normalise("Richtig", own) is Rating.TRUE


@given(st.text(max_size=80))
def test_any_words_have_a_key_that_stays(words):
    assert ratings.key(ratings.key(words)) == ratings.key(words)
    assert isinstance(ratings.normalise(words), Rating)
