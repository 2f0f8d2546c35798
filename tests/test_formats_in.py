"""Claims and reviews come in from every form, once, without loss; updates are recognised and what editors changed stays."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from db import open_store
from factcheck import (
    claimforms,
    claimreview,
    claimtables,
    editing,
    exporting,
    factchecktools,
    importing,
    importjobs,
    merging,
)
from factcheck.cli import cli
from factcheck.errors import BadInput, NotAllowed, QuotaSpent, UnsupportedFile
from factcheck.records import Rating, Review, Role


def claim_review(text="The bridge is safe.", url="https://example.org/check/1", publisher="Example desk", rating="Mostly false", **more):
    return {
        "@context": "https://schema.org", "@type": "ClaimReview", "url": url, "claimReviewed": text, "datePublished": "2024-05-01", "inLanguage": "en",
        "headline": f"Checked: {text}", "author": {"@type": "Organization", "name": publisher, "foundingDate": "1999"},
        "reviewRating": {"@type": "Rating", "alternateName": rating, "image": "https://example.org/i.png"},
        "itemReviewed": {
            "@type": "Claim", "author": {"@type": "Person", "name": "Mira Holm", "sameAs": "https://example.org/holm"}, "datePublished": "2024-04-20",
            "firstAppearance": {"@type": "CreativeWork", "url": "https://example.org/speech"}, "appearance": ["https://example.org/again"],
        },
        **more,
    }  # fmt: skip


ANSWER = {
    "claims": [
        {
            "text": "The town has 400 ponds.", "claimant": "Vera Lindqvist", "claimDate": "2019-10-02T00:00:00Z",
            "claimReview": [
                {
                    "publisher": {"name": "Example desk", "site": "example.org"}, "url": "https://example.org/ponds", "title": "Ponds",
                    "reviewDate": "2019-10-30T00:00:00Z", "textualRating": "Falsch", "languageCode": "de",
                }
            ],
        }
    ],
    "nextPageToken": "two",
}  # fmt: skip
TABLE = (
    "Behauptung;Sprecher;Redaktion;Bewertung;Link;Datum;Notiz\n"
    "Die Brücke ist sicher.;Mira Holm;Beispielredaktion;Falsch;https://example.org/t1;01.05.2024;intern\n"
    "Die Brücke ist sicher.;Mira Holm;Andere Redaktion;Stimmt;https://example.org/t2;2024-05-03;\n"
    ";Mira Holm;Beispielredaktion;Falsch;;;\n"
    "Das Wasser ist klar.;Mira Holm;Beispielredaktion;Falsch;;gestern;\n"
)


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


def file(tmp_path, content, name="in.json"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else (content if isinstance(content, str) else json.dumps(content)).encode())
    return path


def counts(report):
    return (report.new, report.changed, report.unchanged, len(report.bad))


FORMS = {
    "one": claim_review(),
    "a list": [claim_review(), claim_review("It is old.", "https://example.org/check/2")],
    "a graph": {"@graph": [{"@type": "WebPage"}, claim_review()]},
    "a feed": {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": [claim_review()]}, {"@type": "DataFeedItem", "item": claim_review("B")}]},
    "an answer": ANSWER,
    "lines": json.dumps(claim_review()) + "\n" + json.dumps(ANSWER["claims"][0]) + "\n" + json.dumps({"id": "x", "text": "A line."}) + "\n",
    "indented": json.dumps([claim_review()], indent=2),
    "a page": f"<!doctype html><script type='application/ld+json'>{json.dumps(claim_review())}</script>",
    "a table": TABLE,
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("one", (1, 0, 0, 0)), ("a list", (2, 0, 0, 0)), ("a graph", (1, 0, 0, 0)), ("a feed", (2, 0, 0, 0)), ("an answer", (1, 0, 0, 0)),
     ("lines", (3, 0, 0, 0)), ("indented", (1, 0, 0, 0)), ("a page", (1, 0, 0, 0)), ("a table", (1, 1, 0, 2))],
)  # fmt: skip
def test_every_form_is_recognised_by_what_it_holds_and_importing_it_again_changes_nothing(store, fake_encoder, tmp_path, name, expected):
    path = file(tmp_path, FORMS[name], "some.file")
    assert counts(importing.import_claims(store, fake_encoder, [path])) == expected
    before = everything(store)
    again = importing.import_claims(store, fake_encoder, [path])
    assert counts(again) == (0, 0, expected[0] + expected[1], expected[3])
    assert everything(store) == before


def everything(store):
    claims = store.claims.newest(1000)
    return [(replace(c, changed_at="", reviews=tuple(replace(r, id=0) for r in c.reviews)), store.claims.occurrences(c.id)) for c in claims]


def test_where_a_claim_was_made_stands_on_its_time_line(store, fake_encoder, tmp_path):
    importing.import_claims(store, fake_encoder, [file(tmp_path, claim_review())])
    [claim] = store.claims.newest()
    assert [(o.url, o.said_at, o.speaker) for o in store.claims.occurrences(claim.id)] == [
        ("https://example.org/speech", "2024-04-20", "Mira Holm"), ("https://example.org/again", None, "Mira Holm")
    ]  # fmt: skip


def test_another_publishers_review_of_the_same_words_is_a_second_review(store, fake_encoder, tmp_path):
    importing.import_claims(store, fake_encoder, [file(tmp_path, claim_review())])
    other = claim_review("the bridge is SAFE.", "https://example.net/x", "Other desk", "True")
    assert counts(importing.import_claims(store, fake_encoder, [file(tmp_path, other)])) == (0, 1, 0, 0)
    [claim] = store.claims.newest()
    assert {(r.publisher, r.rating) for r in claim.reviews} == {("Example desk", Rating.MOSTLY_FALSE), ("Other desk", Rating.TRUE)}
    assert claim.text == "The bridge is safe."


def test_a_review_at_the_same_address_is_an_update_also_of_its_words(store, fake_encoder, tmp_path):
    importing.import_claims(store, fake_encoder, [file(tmp_path, claim_review())])
    update = claim_review("The new bridge is safe.", rating="True")
    assert counts(importing.import_claims(store, fake_encoder, [file(tmp_path, update)])) == (0, 1, 0, 0)
    [claim] = store.claims.newest()
    assert (claim.text, claim.rating, len(claim.reviews)) == ("The new bridge is safe.", Rating.TRUE, 1)


def test_one_address_with_reviews_of_several_claims_stays_several_claims(store, fake_encoder, tmp_path):
    both = [claim_review("The bridge is safe."), claim_review("The bridge is old.")]
    assert counts(importing.import_claims(store, fake_encoder, [file(tmp_path, both)])) == (2, 0, 0, 0)
    assert counts(importing.import_claims(store, fake_encoder, [file(tmp_path, both)])) == (0, 0, 2, 0)


def test_an_import_leaves_what_editors_changed_and_added(store, fake_encoder, tmp_path):
    importing.import_claims(store, fake_encoder, [file(tmp_path, claim_review())])
    editor = store.users.create("Ada", "no hash", Role.EDITOR)
    [claim] = store.claims.newest()
    editing.change_claim(store, fake_encoder, replace(claim, text="The bridge in Kassel is safe."), editor, saw=merging.state(store, [claim.id]))
    editing.put_review(store, Review("Our desk", "True", Rating.TRUE, claim_id=claim.id, published_at="2024-06-01"), editor)
    importing.import_claims(store, fake_encoder, [file(tmp_path, claim_review(rating="False"))])
    [claim] = store.claims.newest()
    assert claim.text == "The bridge in Kassel is safe."
    assert {(r.publisher, r.rating_text) for r in claim.reviews} == {("Our desk", "True"), ("Example desk", "False")}


def test_a_table_is_read_by_the_names_of_its_columns_or_by_a_mapping(store, fake_encoder, tmp_path):
    report = importing.import_claims(store, fake_encoder, [file(tmp_path, TABLE.encode("cp1252"), "t.csv")])
    assert [(line, reason) for _, line, reason in report.bad] == [
        (4, "the claim's text is missing"), (5, "gestern is no day; write 2026-11-22 or 22.11.2026")
    ]  # fmt: skip
    [claim] = store.claims.newest()
    assert {(r.publisher, r.rating, r.published_at) for r in claim.reviews} == {
        ("Beispielredaktion", Rating.FALSE, "2024-05-01"), ("Andere Redaktion", Rating.TRUE, "2024-05-03")
    }  # fmt: skip
    assert json.loads(claim.reviews[1].raw)["Notiz"] == "intern"
    strange = file(tmp_path, "wer,was,ob\nA. Holm,Es regnet.,no\n", "s.csv")
    with pytest.raises(BadInput, match="--map COLUMN=text"):
        importing.import_claims(store, fake_encoder, [strange])
    mapped = {"was": "text", "wer": "speaker", "ob": "rating"}
    assert counts(importing.import_claims(store, fake_encoder, [strange], columns=mapped)) == (1, 0, 0, 0)


@pytest.mark.parametrize("given", [{"none": "text"}, {"wer": "nothing"}, {"wer": "text", "was": "text"}])
def test_a_mapping_that_cannot_be_is_refused(given):
    with pytest.raises(BadInput):
        claimtables.mapping(["wer", "was"], given)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04zip", b"{broken", b"<html></html>", b"just words\nmore", b"[1, 2]", b'{"a": NaN}\n'])
def test_what_holds_no_claims_is_refused_or_told(content):
    try:
        found = list(claimforms.entries(BytesIO(content), "f"))
    except (BadInput, UnsupportedFile):
        return
    assert found and all(e.claim is None and e.reason for e in found)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_file_breaks_the_reading(content):
    try:
        for entry in claimforms.entries(BytesIO(content), "f"):
            assert (entry.claim is None) == bool(entry.reason)
    except BadInput as error:
        assert str(error)


def test_a_preview_tells_what_would_become_of_entries_and_stores_nothing(store, fake_encoder, tmp_path):
    importing.import_claims(store, fake_encoder, [file(tmp_path, claim_review())])
    before = everything(store)
    entries = [
        *claimforms.entries(BytesIO(json.dumps([claim_review(), claim_review(rating="True"), claim_review("Other", "https://example.org/9"), {"@type": "ClaimReview"}]).encode()), "f")
    ]
    assert [(f.place, f.outcome) for f in importing.preview(store, "f", entries)] == [(1, "unchanged"), (2, "changed"), (3, "new"), (4, "bad")]
    assert everything(store) == before


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf")), max_size=12)  # what nobody sees is taken out of a claim
some_reviews = st.lists(
    st.builds(
        claim_review,
        text=st.sampled_from(["The bridge is safe.", "THE bridge is safe.", "It rains."]) | words.filter(str.strip),
        url=st.sampled_from(["https://example.org/1", "https://example.org/2", "https://example.org/3", ""]),
        publisher=st.sampled_from(["One", "Two"]),
        rating=st.sampled_from(["False", "True", "Quatsch"]),
        extra=st.dictionaries(words, words | st.integers(-5, 5) | st.none() | st.lists(words, max_size=2), max_size=3),
    ),
    max_size=6,
)


@effort(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some_reviews)
def test_import_export_import_gives_the_same(tmp_path_factory, fake_encoder, reviews):
    folder = tmp_path_factory.mktemp("round")
    stores = []
    content = json.dumps(reviews if reviews else [claim_review()])
    for turn in range(2):
        store = open_store(folder / f"{turn}.db")
        stores.append(store)
        importing.import_claims(store, fake_encoder, [file(folder, content, "reviews.json")])
        content = json.dumps(list(exporting.claim_reviews(store)))
    first, second = (sorted(exporting.claim_reviews(s), key=json.dumps) for s in stores)
    for store in stores:
        store.close()
    assert first == second
    kept = {(claimreview.key_of(r["claimReviewed"], "Mira Holm"), r["url"] or r["author"]["name"]): r for r in reviews}
    assert all(any(r == f for f in first) for r in kept.values() if sum(o["url"] == r["url"] for o in reviews) == 1)


# The Fact Check Tools API


@pytest.fixture
def service():
    """A service of the API's form: two pages; the key "spent" has no quota for the second; other keys are refused."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            key = self.headers["X-Goog-Api-Key"]
            asked.append(query)
            second = {"claims": [{**ANSWER["claims"][0], "text": "Frogs sing at noon.", "claimReview": [{"url": "https://example.org/f", "textualRating": "True"}]}]}
            status, value = 200, second if query.get("pageToken") == "two" else ANSWER
            if key == "spent" and "pageToken" in query:
                status, value = 429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded"}}
            elif key not in ("good", "spent"):
                status, value = 403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "API key not valid."}}
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1alpha1/claims:search", asked
    server.shutdown()
    server.server_close()


def test_the_api_is_read_page_by_page(service):
    address, asked = service
    pages = list(factchecktools.pages(factchecktools.Asked("ponds", "example.org", "de"), "good", address=address, allow=("127.0.0.1",)))
    assert [[e.claim.text for e in factchecktools.entries(p)] for p in pages] == [["The town has 400 ponds."], ["Frogs sing at noon."]]
    assert asked == [
        {"query": "ponds", "reviewPublisherSiteFilter": "example.org", "languageCode": "de", "pageSize": "100", **more} for more in ({}, {"pageToken": "two"})
    ]


def test_a_spent_quota_and_a_wrong_key_are_told(service):
    address, _ = service
    pages = factchecktools.pages(factchecktools.Asked("ponds"), "spent", address=address, allow=("127.0.0.1",))
    assert next(pages).next_token == "two"
    with pytest.raises(QuotaSpent, match="--from two"):
        next(pages)
    with pytest.raises(NotAllowed, match="API key not valid"):
        next(factchecktools.pages(factchecktools.Asked("ponds"), "wrong", address=address, allow=("127.0.0.1",)))
    with pytest.raises(BadInput, match="--query"):
        next(factchecktools.pages(factchecktools.Asked(), "good", address=address))


def test_the_command_keeps_what_came_and_goes_on_where_the_quota_ended(service, tmp_path, monkeypatch, fake_encoder):
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(tmp_path))
    monkeypatch.setenv("CLAIMTRAIL_OUTGOING_ALLOW", "127.0.0.1")
    monkeypatch.setattr("factcheck.cli.importing.encoder_of", lambda settings: fake_encoder)
    key = file(tmp_path, "spent\n", "key.txt")
    arguments = ["import", "google", "--query", "ponds", "--key-file", str(key), "--address", service[0]]
    stopped = CliRunner().invoke(cli, arguments)
    assert stopped.exit_code == 1 and "--from two" in stopped.output and "1 new" in stopped.output
    key.write_text("good")
    assert "1 new" in CliRunner().invoke(cli, [*arguments, "--from", "two"]).output


def test_the_command_shows_a_preview_and_maps_columns(tmp_path, monkeypatch, fake_encoder):
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(tmp_path))
    monkeypatch.setattr("factcheck.cli.importing.encoder_of", lambda settings: fake_encoder)
    path = file(tmp_path, "wer,was\nA. Holm,Es regnet.\n", "s.csv")
    shown = CliRunner().invoke(cli, ["import", str(path), "--map", "was=text", "--map", "wer=speaker", "--preview", "--json"])
    assert [json.loads(line)["outcome"] for line in shown.stdout.splitlines() if line.startswith("{")] == ["new"]
    assert "1 new" in CliRunner().invoke(cli, ["import", str(path), "--map", "was=text"]).output
    assert CliRunner().invoke(cli, ["import", str(path), "--map", "was"]).exit_code == 2


# Through the pages


def sent(client, content, name="in.csv"):
    content = content if isinstance(content, bytes) else content.encode()
    return client.post("/import", data={"file": (BytesIO(content), name)}, headers=SAME_ORIGIN)


def test_a_file_is_sent_looked_at_and_imported_in_the_background(site, fake_encoder):  # noqa: F811
    client = site.client(Role.EDITOR)
    answer = sent(client, TABLE)
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "4 entries." in page and "2 of them cannot be read" in page and "Die Brücke ist sicher." in page
    assert site.store.claims.count() == 1
    begun = client.post(f"{answer.location}/start", headers=SAME_ORIGIN)
    again = client.post(f"{answer.location}/start", headers=SAME_ORIGIN)
    assert (begun.location, again.location) == ("/jobs", "/jobs") and len(site.store.jobs.listing()) == 1
    while importjobs.step(site.store, fake_encoder):
        pass
    assert site.store.claims.count() == 2 and site.store.vectors.missing("claim", fake_encoder.passage_id) == 0
    jobs = client.get("/jobs").text
    assert "Import of in.csv" in jobs and "1 new, 1 changed, 0 unchanged" in jobs and "2 entries could not be read" in jobs
    assert client.get(answer.location).status_code == 404


def test_columns_without_known_names_are_named_on_the_page(site, fake_encoder):  # noqa: F811
    client = site.client(Role.EDITOR)
    address = sent(client, "wer,was\nA. Holm,Es regnet.\n").location
    assert "which column holds what is claimed" in client.get(address).text
    assert client.post(f"{address}/start", headers=SAME_ORIGIN).status_code == 400
    assert client.post(f"{address}/columns", data={"column-0": "text", "column-1": "text"}, headers=SAME_ORIGIN).status_code == 400
    client.post(f"{address}/columns", data={"column-0": "speaker", "column-1": "text"}, headers=SAME_ORIGIN)
    assert "A. Holm" in client.get(address).text
    client.post(f"{address}/start", headers=SAME_ORIGIN)
    assert importjobs.step(site.store, fake_encoder) and not importjobs.step(site.store, fake_encoder)
    assert site.store.claims.by_key(claimreview.key_of("Es regnet.", "A. Holm")) is not None


def test_an_interrupted_import_goes_on_where_it_stopped(site, fake_encoder):  # noqa: F811
    client = site.client(Role.EDITOR)
    lines = "".join(json.dumps(claim_review(f"Number {n}.", f"https://example.org/{n}")) + "\n" for n in range(120))
    address = sent(client, lines, "many.jsonl").location
    client.post(f"{address}/start", headers=SAME_ORIGIN)
    importjobs.step(site.store, fake_encoder)
    importjobs._entries.cache_clear()  # as after a restart
    assert site.store.jobs.listing()[0].done == 50
    while importjobs.step(site.store, fake_encoder):
        pass
    [job] = site.store.jobs.listing()
    assert (job.state, job.done, job.result["new"], site.store.claims.count()) == ("done", 120, 120, 121)


def test_what_cannot_be_imported_is_refused_at_once_and_other_peoples_files_are_not_seen(site):  # noqa: F811
    client = site.client(Role.EDITOR)
    for content in ("", "<p>nothing</p>", "{broken", b"PK\x03\x04"):
        assert sent(client, content).status_code in (400, 415)
    address = sent(client, TABLE).location
    assert site.client(Role.ADMINISTRATOR).get(address).status_code == 404
    assert site.client(Role.JOURNALIST).get("/import").status_code == 403
