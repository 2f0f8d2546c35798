"""A full export makes a fresh instance the same: every row, and every search."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
import zipfile

import pytest

from db import open_store
from factcheck import (
    articles,
    backfill,
    editing,
    merging,
    pipeline,
    review,
    searching,
    setting_up,
    wholeexport,
)
from factcheck.errors import BadInput
from factcheck.records import Rating, Relation, Review, Role

TEXT = (
    "“The harbour bridge will be rebuilt by 2027,” said Mira Holm on Monday. “The town has 400 ponds,” she added. "
    "“I was joking about the bridge,” Holm said later."
)
RUNNING = {"statements": ("matched_seq",)}  # what counts vectors, which are made anew


@pytest.fixture
def filled(tmp_path, fake_encoder):
    """The demo, worked on: an article read, decisions made and undone, claims merged, a review of the newsroom's own, notes."""
    store = open_store(tmp_path / "one" / "claimtrail.db")
    setting_up.first_run(store, fake_encoder, demo=True)
    editor = store.users.create("Ada", "a hash", Role.EDITOR)
    added, _ = pipeline.add_article(store, articles.from_text(TEXT, title="Bridge", source="Example", published_at="2026-01-05"))
    found = pipeline.process(store, fake_encoder, added.id)
    claims = store.claims.newest(4)
    review.decide(store, found[0].id, claims[0].id, Relation.SAME, editor)
    review.decide(store, found[1].id, claims[1].id, Relation.RELATED, editor)
    review.undo(store, editor)
    editing.put_review(store, Review("Our desk", "=True", Rating.TRUE, claim_id=claims[0].id, published_at="2026-02-01"), editor)
    merging.merge(store, claims[2].id, claims[3].id, editor, saw=merging.state(store, [claims[2].id, claims[3].id]))
    backfill.run(store, fake_encoder)
    yield store
    store.close()


def everything(store) -> dict[str, list[dict]]:
    found = {}
    for table in store.whole.tables(with_users=True):
        left = RUNNING.get(table, ())
        found[table] = [{k: v for k, v in row.items() if k not in left} for row in store.whole.rows(table, with_users=True)]
    return found


def fresh(tmp_path):
    return open_store(tmp_path / "two" / "claimtrail.db")


def test_every_table_is_the_same_row_by_row_and_every_search_gives_the_same(filled, fake_encoder, tmp_path):
    file = tmp_path / "all.zip"
    done = wholeexport.write_all(filled, file, with_users=True)
    other = fresh(tmp_path)
    assert wholeexport.read_all(other, fake_encoder, file) == done and done.rows > 200
    was, now = everything(filled), everything(other)
    assert {t for t, rows in was.items() if rows} >= {"claims", "reviews", "decisions", "audit", "rearrangements", "events", "candidates", "topics"}
    assert now == was
    assert other.problems() == []
    for words in ("bridge", "400 ponds", "Brücke", "tax"):
        assert [(h.claim.id, h.candidate.score) for h in searching.search_claims(other, fake_encoder, words, k=10)] == [
            (h.claim.id, h.candidate.score) for h in searching.search_claims(filled, fake_encoder, words, k=10)
        ]
        assert [h.statement.id for h in searching.search_statements(other, fake_encoder, words, k=10)] == [
            h.statement.id for h in searching.search_statements(filled, fake_encoder, words, k=10)
        ]
    backfill.run(other, fake_encoder)
    assert everything(other) == now  # nothing waits to be done again
    other.close()


def test_secrets_stay_at_home_unless_they_are_asked_for(filled, fake_encoder, tmp_path):
    file = tmp_path / "all.zip"
    assert not wholeexport.write_all(filled, file).with_users
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        users = [json.loads(line) for line in archive.read("users.jsonl").splitlines()]
    assert not names & {f"{t}.jsonl" for t in ("sessions", "api_tokens", "webhooks", "invitations")}
    assert {u["name"]: u["password_hash"] for u in users} == {"admin": "", "Ada": ""}
    other = fresh(tmp_path)
    wholeexport.read_all(other, fake_encoder, file)
    assert list(other.whole.rows("decisions", with_users=False)) == list(filled.whole.rows("decisions", with_users=False))
    other.close()


def test_a_database_that_is_not_empty_is_refused(filled, fake_encoder, tmp_path):
    file = tmp_path / "all.zip"
    wholeexport.write_all(filled, file)
    with pytest.raises(BadInput, match="not empty"):
        wholeexport.read_all(filled, fake_encoder, file)


def test_a_manifest_that_swells_is_refused_before_it_is_read(filled, fake_encoder, tmp_path):
    file = tmp_path / "swollen.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("manifest.json", "w") as out:
        for _ in range(128):
            out.write(b" " * (1 << 20))
    assert file.stat().st_size < 1 << 20
    other = fresh(tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="its manifest is longer than 1,048,576 bytes"):
            wholeexport.read_all(other, fake_encoder, file)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20  # of the 128 that are packed in it
    finally:
        tracemalloc.stop()
    assert other.whole.filled() == []
    other.close()


@pytest.mark.parametrize("harm", ["no archive", "changed", "other schema", "dangling", "missing"])
def test_a_damaged_export_leaves_nothing_behind(filled, fake_encoder, tmp_path, harm):
    file, broken = tmp_path / "all.zip", tmp_path / "broken.zip"
    wholeexport.write_all(filled, file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts["manifest.json"])
    if harm == "changed":
        parts["claims.jsonl"] = parts["claims.jsonl"].replace(b"the", b"tha", 1)
    elif harm == "other schema":
        manifest["schema"].append("m999")
    elif harm == "dangling":
        parts["people.jsonl"] = b""
        manifest["tables"]["people"] = {"rows": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    elif harm == "missing":
        del parts["claims.jsonl"]
    parts["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(broken, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    if harm == "no archive":
        broken.write_bytes(b"hello")
    other = fresh(tmp_path)
    with pytest.raises(BadInput):
        wholeexport.read_all(other, fake_encoder, broken)
    assert other.whole.filled() == [] and other.problems() == []
    wholeexport.read_all(other, fake_encoder, file)  # it can still be used
    other.close()
