"""Claim files come in whole, bad lines are named, and a second run changes nothing."""

from __future__ import annotations

import json

import pytest

from db import open_store
from factcheck import importing, searching
from factcheck.claimfiles import read_line
from factcheck.errors import BadInput, NotFound
from factcheck.ratings import normalise
from factcheck.records import Rating

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


def test_an_interrupted_import_goes_on_where_it_stopped(store, fake_encoder, tmp_path):
    file = write(tmp_path / "c.jsonl", [{"id": f"n-{i}", "text": f"claim number {i}"} for i in range(1200)])

    def stop(step, done, total):
        if (step, done) == ("vectors", 256):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.import_claims(store, fake_encoder, [file], stop)
    assert (store.claims.count(), store.vectors.missing("claim", fake_encoder.passage_id)) == (1200, 1200 - 256)
    report = importing.import_claims(store, fake_encoder, [file])
    assert (report.new, report.unchanged, report.embedded) == (0, 1200, 1200 - 256)


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
