"""What is on file goes out: ClaimReview on pages and as a feed, RSS and Atom, CSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from web_site import Site, site  # noqa: F401  (a fixture)

from db import open_store
from factcheck import claimreview, editing, exporting, importing, merging
from factcheck.cli import cli
from factcheck.records import Claim, Rating, Review, Role

RAW = {
    "@context": "http://schema.org", "@type": "ClaimReview", "url": "https://example.org/check", "claimReviewed": "The bridge is safe.",
    "author": {"@type": "Organization", "name": "Example desk"}, "reviewRating": {"@type": "Rating", "alternateName": "False", "x": 1}, "odd": [None],
}  # fmt: skip


@pytest.fixture
def own(site):  # noqa: F811
    """A review of the newsroom's own on the site's claim, and an imported one on another."""
    editor = site.store.users.by_name(site.names[Role.EDITOR])
    review = Review(
        "Our desk", "Stimmt nicht", Rating.FALSE, claim_id=site.claim, title="</script><b>&", summary="=cmd", published_at="2024-07-01", language="de"
    )
    editing.put_review(site.store, review, editor)
    site.store.claims.put(claimreview.read(RAW))
    return site


def published(page: str) -> list:
    return [json.loads(block) for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)]


def test_the_claim_page_carries_the_newsrooms_own_review_and_nothing_breaks_out_of_it(own):
    [found] = published(own.anonymous.get(f"/claims/{own.claim}").text)
    assert claimreview.read(found).reviews[0].title == "</script><b>&"
    assert found == {
        "@context": "https://schema.org", "@type": "ClaimReview", "@id": found["@id"], "url": f"http://127.0.0.1:8000/claims/{own.claim}",
        "claimReviewed": "Die Brücke wird bis 2030 erneuert.", "headline": "</script><b>&", "reviewBody": "=cmd", "datePublished": "2024-07-01",
        "inLanguage": "de", "author": {"@type": "Organization", "name": "Our desk"},
        "reviewRating": {"@type": "Rating", "alternateName": "Stimmt nicht", "ratingValue": 1, "worstRating": 1, "bestRating": 5},
        "itemReviewed": {
            "@type": "Claim", "@id": f"http://127.0.0.1:8000/claims/{own.claim}", "author": {"@type": "Person", "name": "Erika Beispiel"},
            "datePublished": "2023-05-04", "identifier": {"@type": "PropertyValue", "propertyID": "claimtrail", "value": "bridge/2030"},
        },
    }  # fmt: skip
    other = own.store.claims.newest(1)[0]
    assert published(own.anonymous.get(f"/claims/{other.id}").text) == []


def test_all_reviews_of_a_claim_come_as_they_were_published_also_through_a_merged_one(own):
    other = own.store.claims.newest(1)[0]
    assert own.anonymous.get(f"/claims/{other.id}.json").json == [RAW]
    editor = own.store.users.by_name(own.names[Role.EDITOR])
    merging.merge(own.store, own.claim, other.id, editor, saw=merging.state(own.store, [own.claim, other.id]))
    answer = own.anonymous.get(f"/claims/{other.id}.json")
    assert answer.content_type.startswith("application/ld+json")
    assert len(answer.json) == 3 and RAW in answer.json
    assert own.anonymous.get("/claims/999.json").status_code == 404


def test_the_feed_holds_the_newsrooms_own_reviews_and_all_of_them_for_editors(own):
    feed = own.anonymous.get("/claimreview.json").json
    assert (feed["@type"], [i["item"][0]["author"]["name"] for i in feed["dataFeedElement"]]) == ("DataFeed", ["Our desk"])
    assert own.client(Role.JOURNALIST).get("/claimreview.json?all=1").status_code == 403
    everything = own.client(Role.EDITOR).get("/claimreview.json?all=1").json
    assert [r for r in claimreview.find(everything) if r == RAW] == [RAW] and len(everything["dataFeedElement"]) == 3


def test_an_empty_feed_is_a_feed(site):  # noqa: F811
    assert site.anonymous.get("/claimreview.json").json["dataFeedElement"] == []


def test_reviews_are_a_feed_for_readers(own):
    for address, tag in (("/reviews.rss", "item"), ("/reviews.atom", "{http://www.w3.org/2005/Atom}entry")):
        answer = own.anonymous.get(address)
        entries = list(ET.fromstring(answer.data).iter(tag))
        assert len(entries) == 1 and "Stimmt nicht: Erika Beispiel – Die Brücke" in ET.tostring(entries[0], "unicode")
        assert len(list(ET.fromstring(own.client(Role.EDITOR).get(f"{address}?all=1").data).iter(tag))) == 3


@pytest.mark.parametrize("kind", ["claims", "reviews", "statements", "articles", "people", "decisions", "promises"])
def test_every_kind_goes_out_as_csv_and_json_lines(own, kind):
    rows = [json.loads(line) for line in "".join(exporting.lines(own.store, kind, "jsonl")).splitlines()]
    text = "".join(exporting.lines(own.store, kind, "csv"))
    table = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == len(table) == {"claims": 2, "reviews": 3, "statements": 2, "articles": 1, "people": 1, "decisions": 0, "promises": 1}[kind]
    assert not any(cell.startswith("=") for row in table for cell in row.values())
    if kind not in ("reviews", "decisions"):
        assert [str(r["id"]) for r in rows] == [r["id"] for r in table] and set(rows[0]) - {"reviews"} == set(table[0])


@pytest.mark.parametrize(("kind", "form"), [("claims", "jsonl"), ("reviews", "jsonl"), ("reviews", "csv")])
def test_what_went_out_comes_in_again(own, fake_encoder, tmp_path, kind, form):
    file = tmp_path / f"out.{form}"
    file.write_text("".join(exporting.lines(own.store, kind, form)), encoding="utf-8")
    other = open_store(tmp_path / "other.db")
    report = importing.import_claims(other, fake_encoder, [file])
    assert (report.new, report.bad) == (2, [])
    assert reviewed(other) == reviewed(own.store)
    other.close()


@pytest.mark.parametrize("kind", ["claims", "reviews"])
def test_what_comes_back_to_where_it_went_out_changes_nothing(own, fake_encoder, tmp_path, kind):
    file = tmp_path / "out.jsonl"
    file.write_text("".join(exporting.lines(own.store, kind, "jsonl")), encoding="utf-8")
    before = [own.store.claims.own(c.id) for c in own.store.claims.newest()]
    report = importing.import_claims(own.store, fake_encoder, [file])
    assert (report.new, report.changed, report.bad) == (0, 0, [])
    assert [own.store.claims.own(c.id) for c in own.store.claims.newest()] == before


def reviewed(store):
    reviews = [(c.text, c.speaker, r.publisher, r.rating_text, r.url if "127.0.0.1" not in r.url else "", r.published_at, r.title) for c in store.claims.newest() for r in c.reviews]
    return sorted(reviews)


def test_what_editors_changed_goes_out_and_everything_else_of_an_imported_review_stays(own, fake_encoder):
    editor = own.store.users.by_name(own.names[Role.EDITOR])
    claim: Claim = own.store.claims.newest(1)[0]
    own.store.claims.put(replace(own.store.claims.as_imported(claim.key), origin="f"))
    editing.change_claim(own.store, fake_encoder, replace(claim, text="The old bridge is safe."), editor, saw=merging.state(own.store, [claim.id]))
    assert exporting.of_claim(own.store, claim.id) == [RAW | {"claimReviewed": "The old bridge is safe."}]


def test_the_commands_write_files(own, tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(own.app.extensions["claimtrail"].settings.home))
    out = tmp_path / "claims.csv"
    assert CliRunner().invoke(cli, ["export", "claims", str(out), "--format", "csv"]).exit_code == 0
    assert out.read_text(encoding="utf-8").startswith("\ufeffid,claim_id,text")
    shown = CliRunner().invoke(cli, ["export", "reviews"])
    assert RAW in [json.loads(line) for line in shown.stdout.splitlines()]
    archive = tmp_path / "all.zip"
    assert CliRunner().invoke(cli, ["export", "all", str(archive)]).exit_code == 0 and archive.stat().st_size > 1000
    refused = CliRunner().invoke(cli, ["import", "all", str(archive)])
    assert refused.exit_code == 1 and "not empty" in refused.output
