"""Claim files come in whole, bad lines are named, and a second run changes nothing."""

from __future__ import annotations

import json
import threading
import time

import pytest

from db import Filters, open_store
from factcheck import bylines, claimforms, importing, searching
from factcheck.claimfiles import read_line
from factcheck.errors import BadInput, NotFound, StoreUnavailable
from factcheck.ratings import normalise
from factcheck.records import Claim, Person, Rating, Review

# Written by us in the form of the public collections; publisher and ratings are our own.
LINES = [
    {
        "id": "x-1", "text": "The town has\n 400 ponds.", "title": "Ponds, counted", "speaker": "Vera Lindqvist", "rating": "barely-true",
        "stated": "stated on October 2, 2019 in a speech.:", "publisher": "Claimtrail demo desk", "path": "/checks/2019/oct/30/ponds/",
        "body": "We counted.", "language": "en",
    },
    {"id": "x-2", "text": "Frogs sing at noon.", "title": "", "summary": "They do.", "publisher": "Claimtrail demo desk", "date": "6 March 2021", "language": "en"},
]  # fmt: skip


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


def write(path, lines):
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_both_forms_of_lines_become_claims_with_reviews(store, fake_encoder, tmp_path):
    report = importing.import_claims(store, fake_encoder, [write(tmp_path / "c.jsonl", LINES)])
    assert (report.new, report.changed, report.unchanged, report.embedded, report.bad) == (2, 0, 0, 2, [])
    ponds, frogs = store.claims.by_key("x-1"), store.claims.by_key("x-2")
    assert (ponds.text, ponds.speaker, ponds.first_said_at, ponds.body) == ("The town has 400 ponds.", "Vera Lindqvist", "2019-10-02", "We counted.")
    [review] = ponds.reviews
    assert (review.rating, review.rating_text, review.published_at) == (Rating.MOSTLY_FALSE, "barely-true", "2019-10-30")
    assert json.loads(review.raw) == LINES[0]
    assert (frogs.reviews[0].published_at, frogs.rating, frogs.body) == ("2021-03-06", Rating.NOT_RATED, "They do.")
    [occurrence] = store.claims.occurrences(ponds.id)
    assert (occurrence.said_at, occurrence.speaker) == ("2019-10-02", "Vera Lindqvist")
    assert searching.search_claims(store, fake_encoder, "frogs at noon", k=1)[0].claim.key == "x-2"


def test_importing_again_changes_nothing(store, fake_encoder, tmp_path):
    file = write(tmp_path / "c.jsonl", LINES)
    importing.import_claims(store, fake_encoder, [file])
    before = [store.claims.by_key(k) for k in ("x-1", "x-2")]
    report = importing.import_claims(store, fake_encoder, [file])
    assert (report.new, report.changed, report.unchanged, report.embedded) == (0, 0, 2, 0)
    assert [store.claims.by_key(k) for k in ("x-1", "x-2")] == before


def test_bad_lines_are_named_and_skipped(store, fake_encoder, tmp_path):
    bad = ["{broken\n", "\n", "[1]\n", '{"id": "a"}\n', '{"id": "b", "text": 7}\n', "[" * 100_000 + "\n", '{"id": "s", "text": "\\ud800 left"}\n']
    report = importing.import_claims(store, fake_encoder, [write(tmp_path / "c.jsonl", [LINES[0], *bad, LINES[1]])])
    assert [(name, number) for name, number, _ in report.bad] == [("c.jsonl", n) for n in (2, 4, 5, 6, 7)]
    assert report.new == 3
    assert store.claims.by_key("s").text == "left"


def many(tmp_path, n: int = 1200):
    return write(tmp_path / "many.jsonl", [{"id": f"n-{i}", "text": f"claim number {i}"} for i in range(n)])


def test_an_interrupted_import_goes_on_where_it_stopped(store, fake_encoder, tmp_path):
    file = many(tmp_path)

    def stop(step, done, total):
        if (step, done) == ("lines", 1000):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.import_claims(store, fake_encoder, [file], stop)
    made = 1000 - store.vectors.missing("claim", fake_encoder.passage_id)
    assert store.claims.count() == 1000 and 0 <= made <= 1000
    report = importing.import_claims(store, fake_encoder, [file])
    assert (report.new, report.unchanged, report.embedded) == (200, 1000, 1200 - made)


class Meanwhile:
    """The fake encoder, noting how many claims are on file when it makes vectors; "wrong" makes it fail."""

    def __init__(self, encoder, store, wrong: bool = False):
        self._encoder, self._store, self._wrong, self.seen = encoder, store, wrong, []

    def __getattr__(self, name):
        return getattr(self._encoder, name)

    def encode_passages(self, texts, **options):
        self.seen.append(self._store.claims.count())
        if self._wrong:
            raise StoreUnavailable("The model's file cannot be read.")
        return self._encoder.encode_passages(texts, **options)


def test_vectors_are_made_while_rows_are_still_stored(store, fake_encoder, tmp_path):
    encoder = Meanwhile(fake_encoder, store)

    def wait(step, done, total):  # until the first vectors are being made
        until = time.monotonic() + 30
        while (step, done) == ("lines", 500) and not encoder.seen and time.monotonic() < until:
            time.sleep(0.01)

    report = importing.import_claims(store, encoder, [many(tmp_path)], wait)
    assert encoder.seen[0] == 500 and report.embedded == 1200
    assert store.vectors.missing("claim", fake_encoder.passage_id) == 0


def test_an_encoder_that_fails_meanwhile_ends_the_import_with_its_error(store, fake_encoder, tmp_path):
    with pytest.raises(StoreUnavailable, match="The model's file"):
        importing.import_claims(store, Meanwhile(fake_encoder, store, wrong=True), [many(tmp_path)])
    assert 500 <= store.claims.count() <= 1200
    assert importing.import_claims(store, fake_encoder, [many(tmp_path)]).embedded == 1200


def test_a_missing_file_is_said_before_anything_is_stored(store, fake_encoder, tmp_path):
    with pytest.raises(NotFound, match="There is no file"):
        importing.import_claims(store, fake_encoder, [write(tmp_path / "c.jsonl", LINES), tmp_path / "none.jsonl"])
    assert store.claims.count() == 0


def test_a_link_of_another_scheme_is_dropped():
    claim = read_line(json.dumps({**LINES[1], "url": "javascript:alert(1)"}), "f")
    assert claim.reviews[0].url == ""


def test_a_field_of_absurd_length_is_refused():
    with pytest.raises(BadInput, match="longer than"):
        read_line(json.dumps({"id": "a", "text": "x" * 20_001}), "f")


@pytest.mark.parametrize(
    ("words", "rating"),
    [("pants-fire", Rating.FALSE), ("Pants on Fire!", Rating.FALSE), ("half-true", Rating.MIXED), ("GRÖSSTENTEILS FALSCH", Rating.MOSTLY_FALSE),
     ("full-flop", Rating.NOT_RATED), ("", Rating.NOT_RATED), ("Irreführend.", Rating.MISLEADING)],
)  # fmt: skip
def test_rating_words_are_normalised(words, rating):
    assert normalise(words) is rating


def review(rating: str, publisher: str = "Example desk", day: str = "2024-05-02", **more) -> dict:
    return {
        "@context": "https://schema.org", "@type": "ClaimReview", "claimReviewed": "The bridge of Hollin is safe.", "datePublished": day,
        "url": f"https://{publisher.lower().replace(' ', '-')}.example/1", "author": {"@type": "Organization", "name": publisher},
        "reviewRating": {"@type": "Rating", "alternateName": rating}, **more,
    }  # fmt: skip


@pytest.mark.parametrize("ratings", [("False", "True"), ("True", "False"), ("Unproven so", "True"), ("True", "Unproven so")])
def test_of_two_reviews_of_one_day_badge_and_filter_show_the_same(store, fake_encoder, tmp_path, ratings):
    """In one file, in two, and when one is updated."""
    lines = [review(r, f"Desk {n}") for n, r in enumerate(ratings)]
    together = tmp_path / "together.jsonl"
    together.write_text(json.dumps({"@graph": [review(r, f"Desk {n}") for n, r in enumerate(ratings)]}), encoding="utf-8")
    importing.import_claims(store, fake_encoder, [together])
    two = open_store(tmp_path / "two.db")
    importing.import_claims(two, fake_encoder, [write(tmp_path / f"{n}.jsonl", [line]) for n, line in enumerate(lines)])
    for kept in (store, two):
        for _ in range(2):
            (claim,) = kept.claims.many(range(1, 9)).values()
            assert len(claim.reviews) == 2 and claim.rating in (Rating.TRUE, Rating.FALSE)
            assert [r for r in Rating if kept.ids("claims", Filters(rating=str(r)))] == [claim.rating]
            importing.import_claims(kept, fake_encoder, [write(tmp_path / "again.jsonl", [review(ratings[0], "Desk 0", name="A new title")])])
    two.close()


def test_a_claim_is_rated_the_same_before_and_after_it_is_stored(store):
    told = tuple(Review(f"Desk {n}", str(r), r, published_at="2024-05-02") for n, r in enumerate((Rating.FALSE, Rating.TRUE, Rating.NOT_RATED)))
    for number, reviews in enumerate((told, told[::-1])):
        claim = Claim(0, f"k{number}", "The bridge of Hollin is safe.", reviews=reviews)
        claim_id, _ = store.claims.put(claim)
        assert store.claims.get(claim_id).rating is claim.rating
        assert claim_id in store.ids("claims", Filters(rating=str(claim.rating)))


def test_who_is_named_plainly_comes_on_file_with_all_that_was_said_in_that_name(store, fake_encoder, tmp_path):
    told = [
        {"id": "a", "text": "The bridge is safe.", "speaker": "Martha Lindkvist-Roe", "stated": "stated on May 2, 2024 in a speech:", "publisher": "Example desk", "rating": "false"},
        {"id": "b", "text": "The tower is safe.", "speaker": "Martha Lindkvist-Roe"},
        {"id": "c", "text": "The dam is safe.", "speaker": "Facebook posts"},
        {"id": "d", "text": "The weir is safe.", "speaker": "Ysgrid Halloway"},
        {"id": "e", "text": "The quay is safe.", "speaker": "Ysgrid Halloway", "body": "U.S. Sen. Ysgrid Halloway said so on Monday."},
        {"id": "f", "text": "The lock is safe.", "speaker": "Tessa Same"},
        {"id": "g", "text": "The pier is safe.", "speaker": "Erika Known"},
    ]  # fmt: skip
    known = store.people.put(Person(0, "Erika Maria Known", aliases=("Erika Known",)))
    for name in ("Tessa Same-Hill", "Tessa Same-Brook"):
        store.people.put(Person(0, name, aliases=("Tessa Same",)))
    file = write(tmp_path / "x.jsonl", told)
    before = store.people.count()
    report = importing.import_claims(store, fake_encoder, [file])
    assert report.people == store.people.count() - before == 2
    person = store.people.by_name("Martha Lindkvist-Roe")
    assert person and person.gender == "f" and not person.organisation
    by_key = {key: store.claims.by_key(key) for key in "abcdefg"}
    assert [by_key[k].person_id for k in "abcfg"] == [person.id, person.id, None, None, known.id]
    assert store.claims.occurrences(by_key["a"].id)[0].person_id == person.id and by_key["a"].occurrence_count == 1
    office = store.people.by_name("Ysgrid Halloway")
    assert office and {by_key["d"].person_id, by_key["e"].person_id} == {office.id}, "also what came before it was plain"
    again = importing.import_claims(store, fake_encoder, [file])
    assert (again.people, again.unchanged) == (0, 7)


PERSONS = [
    "Wera Schulz", "Pedro Sánchez Roca", "Ursula von der Heide", "Marine Le Roux", "Łukasz Nowak", "Karl-Theodor zu Hagen", "John F. Miller", 
    "Bill Harmon", "Pat O’Hara", "Anna Hill, Jr.", 'Anna "Annie" Hill', "Anna Hill III",
]  # fmt: skip
NOBODY = [
    "", "Facebook posts", "Viral image", "Bloggers", "Chain email", "Instagram posts", "Social media users", "Mehrere Facebook-Seiten", "Anna", "anna hill", "ANNA HILL",
    "President Anna Hill", "Anna Hill, Karl Schulz", "Anna Hill and Karl Schulz", "Republican Party of Hollin", "Democratic National Committee", "Anna Hill Stiftung",
    "Karl Schulz University", "Susan B. Hill List", "Various websites", "example.org", "The Hollin Post", "U.S. Chamber of Commerce", "Hollin Crossroads",
    "Anna Hill " * 12, "Anna Hill\nKarl", "x" * 5000, "Verschiedene Nutzer", "Austin Water Utility",
]  # fmt: skip


@pytest.mark.parametrize(("speaker", "person"), [(s, True) for s in PERSONS] + [(s, False) for s in NOBODY])
def test_who_is_a_person_and_who_is_not(speaker, person):
    assert bylines.is_a_person(speaker, f"The group {speaker} wrote it.") is person


def test_an_unknown_name_is_a_persons_where_an_office_stands_before_it():
    assert bylines.is_a_person("Ysgrid Halloway", "It was said. Gov. Ysgrid Halloway was there.")
    assert not bylines.is_a_person("Ysgrid Halloway", "The Ysgrid Halloway was there, on Ysgrid Halloway's pier.")


def test_the_public_claim_files_come_in_without_a_bad_line(store, fake_encoder, shared_data, tmp_path):
    files = []
    for name in ("snopes", "politifact"):
        lines = (shared_data / "claims" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:400]
        files.append(tmp_path / f"{name}.jsonl")
        files[-1].write_text("".join(lines), encoding="utf-8")
    report = importing.import_claims(store, fake_encoder, files)
    assert (report.new, report.embedded, report.bad) == (800, 800, [])
    claims = store.claims.many(range(1, 801)).values()
    politifact = [c for c in claims if c.origin == "politifact.jsonl"]
    assert all(c.reviews[0].publisher == "Snopes" for c in claims if c.origin == "snopes.jsonl")
    assert all(c.speaker and c.first_said_at and c.reviews[0].url.startswith("https://www.politifact.com/") for c in politifact)
    assert {c.rating for c in politifact} >= {Rating.TRUE, Rating.MOSTLY_TRUE, Rating.MIXED, Rating.MOSTLY_FALSE, Rating.FALSE}
    assert importing.import_claims(store, fake_encoder, files).unchanged == 800
    linked = [c for c in politifact if c.person_id]
    assert 0.5 * len(politifact) < len(linked) < 0.9 * len(politifact), "posts, parties and web sites are nobody"
    speakers = {c.speaker for c in linked}
    assert not speakers & {"Facebook posts", "Bloggers", "Viral image", "Chain email", "Instagram posts", "Tweets"}


def test_addresses_of_several_claims_are_known_whatever_their_number():
    def entry(n: int, key: str, *urls: str, whole: bool = False) -> claimforms.Entry:
        return claimforms.Entry(n, Claim(0, key, "text", "en", reviews=tuple(Review("Desk", "false", Rating.FALSE, url=url) for url in urls)), whole=whole)

    alone = [entry(n, f"k{n}", f"https://desk.example/{n}") for n in range(300)]
    twice = [entry(301, "k1", "https://desk.example/1"), entry(302, "other", "https://desk.example/7", ""), entry(303, "k9", "")]
    bad, whole = claimforms.Entry(304, None, "bad"), entry(305, "third", "https://desk.example/8", whole=True)
    assert importing.survey([*alone, *twice, bad, whole]) == (305, frozenset({importing._number("https://desk.example/7")}))
    assert importing.survey([]) == (0, frozenset())


def test_speakers_are_looked_up_anew_when_many_were(store, fake_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "REMEMBERED", 2)
    rows = [f"Claim {n},Vera Lindqvist{'' if n % 2 else n},false,Desk,https://desk.example/{n}" for n in range(9)]
    file = tmp_path / "claims.csv"
    file.write_text("claim,speaker,rating,publisher,url\n" + "\n".join(rows), encoding="utf-8")
    importing.import_claims(store, fake_encoder, [file])
    with_number = [c.person_id for c in store.claims.many(range(1, 10)).values() if c.speaker == "Vera Lindqvist"]
    assert len(with_number) == 4 and len(set(with_number)) == 1


def test_rows_wait_for_vectors_that_are_made_until_they_are_stored(store, fake_encoder, monkeypatch):
    order, made = [], threading.Event()

    def embed(_, encoder, is_over):
        encoder.encode_passages(["a text"])
        made.set()
        time.sleep(0.2)
        order.append(f"vectors of {encoder.passage_id} stored")
        return 0 if is_over() else 1

    monkeypatch.setattr(importing.pipeline, "embed_claims", embed)
    report = importing.Report()
    with importing._embedding(store, fake_encoder, report) as embed_meanwhile:
        embed_meanwhile()
        assert made.wait(10)
        embed_meanwhile()
        order.append("rows stored")
    assert order[:2] == [f"vectors of {fake_encoder.passage_id} stored", "rows stored"] and report.embedded >= 1
