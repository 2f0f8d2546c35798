"""What rating words mean is the newsroom's to say: unknown ones are listed, a change holds at once and can be taken back."""

from __future__ import annotations

import json

import pytest
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck import claimreview, importing, ratingdesk
from factcheck.errors import BadInput, NotAllowed, NothingToUndo
from factcheck.records import Claim, EventKind, Rating, Review, Role


def reviewed(n: int, words: str, raw: str = "") -> Claim:
    url = f"https://example.org/{n}"
    return Claim(0, f"r-{n}", f"Claim number {n}.", reviews=(Review("Desk", words, Rating.NOT_RATED, url=url, published_at="2026-01-01", raw=raw),), origin="f")


@pytest.fixture
def filled(site):  # noqa: F811
    for n, words in enumerate(["Quatsch", "QUATSCH!", "quatsch", "Geschwurbel", ""]):
        site.store.claims.put(reviewed(n, words))
    return site


def editor(site):  # noqa: F811
    return site.store.users.by_name(site.names[Role.EDITOR])


def ratings(store) -> list[Rating]:
    return [store.claims.by_key(f"r-{n}").rating for n in range(5)]


def test_unknown_words_are_listed_with_how_often_and_an_example(filled):
    found = ratingdesk.unknown(filled.store)
    assert [(u.words, u.times, u.publisher) for u in found] == [("QUATSCH!", 3, "Desk"), ("Geschwurbel", 1, "Desk")]
    assert filled.store.claims.get(found[0].claim_id).key == "r-1"


def test_a_new_meaning_holds_at_once_is_told_and_can_be_taken_back(filled):
    store, before = filled.store, filled.store.events.newest()
    assert ratingdesk.understand(store, " Quatsch ", "false", editor(filled)) == 3
    assert ratings(store) == [Rating.FALSE] * 3 + [Rating.NOT_RATED] * 2
    told = [e for e in store.events.after(before) if e.kind is EventKind.RATING_CHANGED]
    assert [(e.before, e.after, e.by) for e in told] == [("not rated", "false", "editor-1")] * 3
    assert [u.words for u in ratingdesk.unknown(store)] == ["Geschwurbel"]
    assert ratingdesk.understand(store, "quatsch", "false", editor(filled)) == 0
    assert ratingdesk.take_back(store, "quatsch", editor(filled)) == 3
    assert set(ratings(store)) == {Rating.NOT_RATED} and len(ratingdesk.unknown(store)) == 2
    with pytest.raises(NothingToUndo):
        ratingdesk.take_back(store, "quatsch", editor(filled))
    assert [e["action"] for e in store.audit.of("newsroom", 0)] == ["understood a rating", "took back a rating's meaning"]


def test_words_that_are_no_rating_are_no_longer_asked_about(filled):
    assert ratingdesk.understand(filled.store, "Geschwurbel", "not rated", editor(filled)) == 0
    assert [u.words for u in ratingdesk.unknown(filled.store)] == ["QUATSCH!"]


def test_the_newsrooms_word_stands_before_the_shipped_one_and_imports_use_it(filled, fake_encoder, tmp_path):
    ratingdesk.understand(filled.store, "Falsch", "misleading", editor(filled))
    found = {"@type": "ClaimReview", "claimReviewed": "New.", "url": "https://example.org/n", "reviewRating": {"alternateName": "Falsch"}}
    file = tmp_path / "n.json"
    file.write_text(json.dumps(found))
    importing.import_claims(filled.store, fake_encoder, [file])
    assert filled.store.claims.by_key(claimreview.key_of("New.", "")).rating is Rating.MISLEADING
    ratingdesk.take_back(filled.store, "falsch", editor(filled))
    assert filled.store.claims.by_key(claimreview.key_of("New.", "")).rating is Rating.FALSE
    assert importing.import_claims(filled.store, fake_encoder, [file]).unchanged == 1


def test_a_review_of_the_newsrooms_own_keeps_its_rating(filled):
    with filled.store.write() as db:
        db.execute("UPDATE reviews SET added_at = '2026-01-01' WHERE rating_text = 'Quatsch'")
    assert ratingdesk.understand(filled.store, "Quatsch", "false", editor(filled)) == 2


@pytest.mark.parametrize(("words", "rating"), [("", "false"), ("...", "false"), ("x" * 201, "false"), ("Quatsch", "no rating")])
def test_what_is_no_meaning_is_refused(filled, words, rating):
    with pytest.raises(BadInput):
        ratingdesk.understand(filled.store, words, rating, editor(filled))


def test_only_editors_change_meanings(filled):
    with pytest.raises(NotAllowed):
        ratingdesk.understand(filled.store, "Quatsch", "false", filled.store.users.by_name(filled.names[Role.JOURNALIST]))
    assert filled.client(Role.JOURNALIST).get("/ratings").status_code == 403


def test_the_page_takes_several_meanings_in_one_go(filled):
    client = filled.client(Role.EDITOR)
    page = client.get("/ratings").text
    assert "QUATSCH!" in page and "Geschwurbel" in page
    data = {"words-1": "QUATSCH!", "rating-1": "false", "words-2": "Geschwurbel", "rating-2": "misleading", "words-0": "", "rating-0": ""}
    saved = client.post("/ratings", data=data, headers=SAME_ORIGIN)
    assert saved.status_code == 303 and "4 reviews are rated anew" in client.get(saved.location).text
    assert ratings(filled.store)[:4] == [Rating.FALSE] * 3 + [Rating.MISLEADING]
    client.post("/ratings/take-back", data={"key": "quatsch"}, headers=SAME_ORIGIN)
    assert ratings(filled.store)[0] is Rating.NOT_RATED
    assert client.post("/ratings", data={}, headers=SAME_ORIGIN).status_code == 400
