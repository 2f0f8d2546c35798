"""Files through the API: claims sent, looked at and imported in the background; everything on file given out."""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile

import pytest
from test_api import Program
from test_api_desk import done
from test_api_newsroom import failed
from web_site import Site, site  # noqa: F401  (a fixture)

from app import LARGEST_BODY
from db import open_store
from factcheck import importjobs, wholeexport
from factcheck.errors import BadInput
from factcheck.records import Rating, Review, Role
from factcheck.web.api import limits

TABLE = "Aussage;Sprecherin;Urteil;Redaktion;Link\nDer Tunnel kostet 90 Millionen Euro.;Vera Lindqvist;Falsch;Beispiel;https://example.org/t\n;Niemand;Falsch;Beispiel;\n"


class Sender(Program):
    def send(self, name: str, content: bytes | str, headers=None, **about):
        query = {"name": name} if name else {}
        return self._client.post("/api/v1/imports", query_string=query, data=content, headers=self._headers(headers), **about)

    def file(self, path: str, **query) -> tuple[str, bytes]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.json
        return answer.mimetype, answer.data


@pytest.fixture
def program(site) -> Sender:  # noqa: F811
    limits.limits = limits.Limits()
    return Sender(site, Role.EDITOR, "read", "write")


def kept(site: Site) -> int:  # noqa: F811
    with site.store.write() as db:
        return db.execute("SELECT count(*) FROM uploads").fetchone()[0]


def test_a_table_is_sent_looked_at_its_columns_named_and_imported(site, program, fake_encoder):  # noqa: F811
    made = done(program.send("behauptungen.csv", TABLE.encode("cp1252")))
    assert (made["form"], made["total"], made["bad"], made["job_id"]) == ("table", 2, 1, None)
    assert made["columns"] == {"Aussage": "text", "Sprecherin": "", "Urteil": "rating", "Redaktion": "publisher", "Link": "url"}
    assert [e["outcome"] for e in made["entries"]] == ["new", "bad"] and made["entries"][1]["reason"]
    path = f"/imports/{made['id']}"
    assert failed(program.post(f"{path}:columns", columns={"Nirgends": "text"})) == (400, "BadInput")
    assert failed(program.post(f"{path}:columns", columns={"Aussage": "nonsense"})) == (400, "BadInput")
    named = done(program.post(f"{path}:columns", columns={"Sprecherin": "speaker"}))
    assert named["entries"][0] == {
        "place": 2, "outcome": "new", "reason": "", "text": "Der Tunnel kostet 90 Millionen Euro.", "speaker": "Vera Lindqvist",
        "reviews": [{"publisher": "Beispiel", "rating_text": "Falsch", "title": "", "url": "https://example.org/t", "rating": "false"}],
    }  # fmt: skip
    claims = site.store.claims.count()
    assert program.get(path).json == named and site.store.claims.count() == claims  # nothing is stored by looking
    job = done(program.post(f"{path}:start"))
    assert (job["kind"], job["state"], job["total"], job["by"]) == ("import", "working", 2, "editor-1") or job["state"] == "waiting"
    assert done(program.post(f"{path}:start"))["id"] == job["id"]  # begun once
    while importjobs.step(site.store, fake_encoder):
        pass
    told = program.get(f"/jobs/{job['id']}").json
    assert (told["state"], told["done"], told["result"]["new"], told["result"]["bad"]) == ("done", 2, 1, 1)
    assert program.get("/search", q="Tunnel 90 Millionen", kind="claim").json["results"][0]["speaker"] == "Vera Lindqvist"
    assert failed(program.get(path)) == failed(program.post(f"{path}:start")) == (404, "NotFound") and kept(site) == 0


def test_what_holds_no_claims_is_refused_and_nothing_is_kept(site, program):  # noqa: F811
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("manifest.json", "{}")
    for name, content, expected in (
        ("x.zip", archive.getvalue(), (415, "UnsupportedFile")), ("x.txt", b"only words", (400, "BadInput")), ("x.json", b"[{}, {}]", (400, "BadInput")),
        ("x.json", b"[" * 200_000, (400, "BadInput")), ("x.csv", b"", (400, "BadInput")), ("", b"a,b\n", (400, "BadInput")),
        ("x" * 121, TABLE.encode(), (400, "BadInput")), ("big.csv", b"text,rating\n" + b"a" * LARGEST_BODY, (413, "TooLarge")),
    ):  # fmt: skip
        assert failed(program.send(name, content)) == expected, (name, content[:20])
    form = program._client.post("/api/v1/imports?name=x.csv", data={"file": (io.BytesIO(TABLE.encode()), "x.csv")}, headers=program._headers({}))
    assert failed(form) == (400, "BadInput") and "--data-binary" in form.json["error"]["message"]
    assert kept(site) == 0


def test_a_file_is_its_senders_and_editors_send_files(site, program):  # noqa: F811
    made = done(program.send("t.csv", TABLE, headers={"Idempotency-Key": "t-1"}))
    again = program.send("t.csv", TABLE, headers={"Idempotency-Key": "t-1"})
    assert again.json == made and again.headers["Idempotent-Replayed"] == "true" and kept(site) == 1
    assert failed(program.send("other.csv", TABLE, headers={"Idempotency-Key": "t-1"})) == (400, "BadInput")
    colleague = Sender(site, Role.ADMINISTRATOR, "read", "write")
    for answer in (colleague.get(f"/imports/{made['id']}"), colleague.post(f"/imports/{made['id']}:start"), program.get("/imports/999")):
        assert failed(answer) == (404, "NotFound")
    assert failed(Sender(site, Role.JOURNALIST, "read", "write").send("t.csv", TABLE)) == (403, "NotAllowed")
    assert failed(Sender(site, Role.EDITOR, "read").send("t.csv", TABLE)) == (403, "NotAllowed")
    assert kept(site) == 1


def test_a_claimreview_file_tells_what_is_on_file_already(site, program):  # noqa: F811
    items = program.get(f"/claims/{site.claim}/claimreview").json["items"]
    made = done(program.send("back.json", json.dumps(items)))
    assert (made["form"], made["columns"], made["problem"]) == ("json", {}, "") and [e["outcome"] for e in made["entries"]] != ["new"]
    assert failed(program.post(f"/imports/{made['id']}:columns", columns={"a": "text"})) == (400, "BadInput")


def test_rows_are_exported_as_csv_and_json_lines(site, program):  # noqa: F811
    form, content = program.file("/export", what="claims", form="csv")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (form, row["claim_id"], row["rating"]) == ("text/csv", "bridge/2030", "mostly false")
    form, content = program.file("/export", what="claims")
    (line,) = map(json.loads, content.splitlines())
    assert form == "application/x-ndjson" and line["reviews"][0]["@type"] == "ClaimReview"
    for what, least in (("reviews", 1), ("statements", 2), ("articles", 1), ("people", 1), ("promises", 1), ("decisions", 0)):
        assert len(program.file("/export", what=what)[1].splitlines()) >= least
    assert failed(program.get("/export")) == failed(program.get("/export", what="users")) == failed(program.get("/export", what="claims", form="xml")) == (400, "BadInput")
    assert failed(Sender(site, Role.JOURNALIST, "read").get("/export", what="claims")) == (403, "NotAllowed")


def test_a_data_feed_holds_the_newsrooms_own_reviews_and_for_editors_all(site, program):  # noqa: F811
    reader = Sender(site, Role.READER, "read")
    assert json.loads(reader.file("/export:data-feed")[1])["dataFeedElement"] == []
    done(program.post(f"/claims/{site.claim}/reviews", publisher="Our desk", rating="true", rating_text="Stimmt"))
    form, content = reader.file("/export:data-feed")
    feed = json.loads(content)
    assert (form, feed["@type"], len(feed["dataFeedElement"])) == ("application/ld+json", "DataFeed", 1)
    assert len(json.loads(program.file("/export:data-feed", all="true")[1])["dataFeedElement"]) == 2
    assert failed(reader.get("/export:data-feed", all="true")) == (403, "NotAllowed")


def test_a_full_export_is_taken_by_a_fresh_instance_and_a_broken_one_is_refused(site, program, fake_encoder, tmp_path):  # noqa: F811
    form, content = Sender(site, Role.ADMINISTRATOR, "admin").file("/export:everything")
    whole, broken = tmp_path / "all.zip", tmp_path / "broken.zip"
    whole.write_bytes(content)
    broken.write_bytes(content[: len(content) * 2 // 3])
    other = open_store(tmp_path / "other" / "claimtrail.db")
    with pytest.raises(BadInput):
        wholeexport.read_all(other, fake_encoder, broken)
    assert other.whole.filled() == []
    done_ = wholeexport.read_all(other, fake_encoder, whole)
    assert form == "application/zip" and not done_.with_users and other.claims.count() == site.store.claims.count()
    assert other.users.password_hash(other.users.by_name("editor-1").id) == "" and other.tokens.of(other.users.by_name("administrator-1").id) == []
    other.close()
    assert failed(program.get("/export:everything")) == (403, "NotAllowed")


def test_a_full_export_is_written_in_pieces_and_leaves_nothing_open_when_it_is_broken_off(site):  # noqa: F811
    with site.store.write():
        for n in range(300):
            long = Review(f"Example {n}", "True", Rating.TRUE, claim_id=site.claim, summary=random.randbytes(5_000).hex())
            site.store.claim_parts.put("review", long, site.store.users.by_name("editor-1"))
    pieces = wholeexport.pieces(site.store)
    first = next(pieces)
    assert wholeexport.BLOCK < len(first) < 2 * wholeexport.BLOCK  # however much there is, little of it is held
    pieces.close()
    with site.store.write() as db:  # no reading holds it up
        db.execute("UPDATE claims SET title = 'new' WHERE id = ?", [site.claim])
    assert b"".join(wholeexport.pieces(site.store)).startswith(b"PK")
