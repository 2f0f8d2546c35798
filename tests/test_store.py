"""What is stored comes back whole, changes are kept together, and the log cannot be edited."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from db import Filters, Store, open_store
from db.migrations import _run, migrations
from factcheck.errors import StoreUnavailable
from factcheck.records import (
    Article,
    Claim,
    Coverage,
    Deadline,
    Kind,
    Occurrence,
    Office,
    Person,
    Promise,
    PromiseStatus,
    Rating,
    Review,
    Statement,
    StatusChange,
)

ROOT = Path(__file__).parent.parent


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


def full_claim(person_id: int | None = None) -> Claim:
    return Claim(
        id=0,
        key="c-1",
        text="We will plant 5,000 trees by 2030.",
        language="en",
        title="Trees for Ostrava Lane",
        body="The mayor has said so often.",
        speaker="Vera Lindqvist",
        person_id=person_id,
        topics=("parks", "climate"),
        first_said_at="2024-05-01",
        promise=Promise(
            "5,000 trees stand", "2030-12-31", "by 2030", PromiseStatus.STALLED,
            (StatusChange(PromiseStatus.STALLED, "2025-01-01", "no money", "https://example.org/a", "desk"),),
        ),
        reviews=(Review("Our desk", "Half right", Rating.MIXED, url="https://example.org/r", title="Trees?", published_at="2025-02-01"),),
        coverage=(Coverage("A walk in the park", "https://example.org/c", "Town Paper", "2024-06-01", "en"),),
        origin="file.jsonl",
    )  # fmt: skip


def add_article(store: Store, text: str = "Lindqvist said: “We will plant trees.”") -> tuple[Article, Statement]:
    article = store.articles.add(Article(0, text, "en", "Trees", published_at="2024-05-02"), f"hash of {text}")
    start = text.index("We")
    said = Statement(
        text[start : start + 20], start, start + 20, Kind.DIRECT, "Vera Lindqvist", "Lindqvist", "said", "2024-05-01", 0.7, True,
        Deadline("by 2030", None, "2030-12-31"), before="Before.", after="After.",
    )  # fmt: skip
    return article, store.articles.put_statements(article.id, "en", [said])[0]


def without_ids(claim: Claim) -> Claim:
    return replace(
        claim,
        id=0,
        created_at="",
        changed_at="",
        occurrence_count=0,
        reviews=tuple(replace(r, id=0, claim_id=0) for r in claim.reviews),
        coverage=tuple(replace(c, id=0, claim_id=0) for c in claim.coverage),
        promise=claim.promise and replace(claim.promise, history=tuple(replace(c, id=0) for c in claim.promise.history)),
    )


def test_a_claim_comes_back_as_it_was_stored(store):
    person = store.people.put(Person(0, "Vera Lindqvist", ("V. Lindqvist",), (Office("mayor", "2022-01-01"),), "f"))
    claim_id, outcome = store.claims.put(full_claim(person.id))
    assert outcome == "new"
    assert without_ids(store.claims.get(claim_id)) == full_claim(person.id)
    assert store.claims.by_key("c-1") == store.claims.get(claim_id)


def test_putting_the_same_claim_again_changes_nothing_and_another_text_changes_it(store):
    claim_id, _ = store.claims.put(full_claim())
    assert store.claims.put(full_claim()) == (claim_id, "unchanged")
    person = store.people.put(Person(0, "Vera Lindqvist"))
    assert store.claims.put(full_claim(person.id)) == (claim_id, "unchanged")
    assert store.claims.get(claim_id).person_id == person.id
    assert store.claims.put(replace(full_claim(), text="We will plant shrubs.")) == (claim_id, "changed")
    assert store.claim_words.words("shrubs", 5) and not store.claim_words.words("5,000 2030", 5)
    assert store.claims.count() == 1


def test_a_statement_comes_back_as_it_was_stored_and_is_not_stored_twice(store):
    article, stored = add_article(store)
    assert (stored.speaker, stored.kind, stored.deadline) == ("Vera Lindqvist", Kind.DIRECT, Deadline("by 2030", None, "2030-12-31"))
    assert article.text[stored.start : stored.end] == stored.text
    assert store.articles.put_statements(article.id, "en", [replace(stored, id=0)]) == [stored]
    assert store.articles.statement(stored.id) == stored


def test_the_same_article_is_recognised_by_url_or_text(store):
    store.articles.add(Article(0, "One text.", url="https://example.org/1"), "hash-1")
    assert store.articles.same("https://example.org/1", "other").text == "One text."
    assert store.articles.same(None, "hash-1").text == "One text."
    assert store.articles.same(None, "other") is None


def test_people_are_found_by_any_spelling_and_put_only_once(store):
    person = store.people.put(Person(0, "Jürgen Groß", ("J. Gross",)))
    assert store.people.put(Person(0, "JÜRGEN GROSS", ("Juergen Gross",))).id == person.id
    assert {p.id for name in ("jurgen gross", "J. Groß", "Juergen Gross") if (p := store.people.by_name(name))} == {person.id}
    assert [p.id for p in store.people.search("gro")] == [person.id]
    assert store.people.search("rgen") == [] and store.people.search("%") == []


def test_occurrences_of_links_and_by_hand_stand_on_one_time_line(store):
    claim_id, _ = store.claims.put(full_claim())
    store.claims.add_occurrence(Occurrence(claim_id, "by hand", "2025-01-01"))
    store.claims.add_occurrence(Occurrence(claim_id, "some day"))
    _, said = add_article(store)
    user = store.users.get(store.users.create("ed", "hash", "editor").id)
    store.decisions.add(said.id, claim_id, "same", user)
    store.claims.recount(claim_id)
    assert [o.quote for o in store.claims.occurrences(claim_id)] == [said.text, "by hand", "some day"]
    assert store.claims.get(claim_id).occurrence_count == 3


def test_words_are_found_across_inflection_umlauts_and_inside_compounds(store):
    german = Claim(0, "d", "Die Häuser der Straße brannten im Angriffskrieg.", "de")
    claim_id, _ = store.claims.put(german)
    for query in ("Haus", "hauser", "Strasse", "brannten", "HÄUSER"):
        assert [i for i, _ in store.claim_words.words(query, 5)] == [claim_id], query
    assert [i for i, _ in store.claim_words.parts("Krieg", 5)] == [claim_id]
    assert store.claim_words.words("Krieg", 5) == []


@pytest.mark.parametrize("query", ['"', "a AND", "NEAR(", "text:*", "^x", "-", "'; DROP TABLE claims; --", "\0", "💥", "* OR *", "(" * 500])
def test_search_syntax_in_a_query_is_only_text(store, query):
    store.claims.put(full_claim())
    assert isinstance(store.claim_words.words(query, 5), list)
    assert isinstance(store.claim_words.parts(query, 5), list)
    assert store.claims.count() == 1


def test_filters_narrow_claims_and_statements(store):
    person = store.people.put(Person(0, "Vera Lindqvist", ("Wera Lindkvist",)))
    claim_id, _ = store.claims.put(full_claim(person.id))
    store.claims.put(Claim(0, "c-2", "Trees are green.", "de"))
    add_article(store)
    assert store.ids("claims", Filters(language="en")) == [claim_id]
    assert store.ids("claims", Filters(speaker="wera lindkvist")) == [claim_id]
    assert store.ids("claims", Filters(rating="mixed", promises=True, since="2024-01-01", until="2024-05-01")) == [claim_id]
    assert store.ids("claims", Filters(until="2024-04-30")) == []
    assert store.ids("statements", Filters(language="de")) == []
    assert len(store.ids("statements", Filters(language="en", promises=True))) == 1
    assert [i for i, _ in store.claim_words.words("trees", 5, store.ids("claims", Filters(language="de")))] != [claim_id]


def test_an_index_follows_additions_changes_and_deletions_and_never_mixes_models(store):
    ids = [store.claims.put(Claim(0, f"c{i}", f"claim {i}", "en"))[0] for i in range(5)]
    eye = np.eye(5, dtype=np.float32)
    rows = store.vectors.take_missing("claim", "model-a", 10)
    store.vectors.put("claim", "model-a", rows[:4], eye[:4])
    index = store.vectors.index("claim", "model-a")
    assert index.search(eye[2], 1) == [(ids[2], 1.0)]
    store.vectors.put("claim", "model-a", rows[4:], eye[4:])
    assert index.search(eye[4], 1) == [(ids[4], 1.0)] and len(index) == 5
    store.vectors.put("claim", "model-a", rows[:1], -eye[:1])
    assert index.search(eye[0], 5)[-1] == (ids[0], -1.0)
    assert {i for i, _ in index.search(eye[1], 3, allowed=[ids[0], ids[3]])} == {ids[0], ids[3]}
    store.claims.delete(ids[3])
    assert ids[3] not in {i for i, _ in index.search(eye[3], 5)} and len(index) == 4
    assert len(store.vectors.index("claim", "model-b")) == 0
    assert store.vectors.missing("claim", "model-b") == 4 and store.vectors.missing("claim", "model-a") == 0


def test_a_changed_text_asks_for_a_new_vector(store):
    claim_id, _ = store.claims.put(full_claim())
    store.vectors.put("claim", "m", store.vectors.take_missing("claim", "m", 5), np.ones((1, 4), np.float32) / 2)
    assert store.vectors.missing("claim", "m") == 0
    store.claims.put(replace(full_claim(), title="Another title"))
    assert [i for i, _ in store.vectors.take_missing("claim", "m", 5)] == [claim_id]


def test_the_audit_log_refuses_change_and_deletion(store):
    store.audit.add("ed", "did", "claim", 1, before={"a": 1}, after={"a": 2})
    for sql in ("UPDATE audit SET user_name = 'x'", "DELETE FROM audit"):
        with pytest.raises(store.errors, match="append-only"), store.write() as db:
            db.execute(sql)
    assert [(e["user_name"], e["before"], e["after"]) for e in store.audit.of("claim", 1)] == [("ed", {"a": 1}, {"a": 2})]


def test_a_failing_change_leaves_nothing_behind(store):
    with pytest.raises(ZeroDivisionError), store.write():
        store.claims.put(full_claim())
        with store.write():
            store.people.put(Person(0, "Somebody New"))
        1 / 0  # noqa: B018
    assert (store.claims.count(), store.people.all()) == (0, [])


WRITER = """
import sys
from pathlib import Path
from db import open_store
from factcheck.records import Claim
where = sys.argv[1]
store = open_store(where if "://" in where else Path(where))
for i in range(50):
    with store.write():
        n = store.claims.count()
        store.claims.put(Claim(0, f"{sys.argv[2]}-{i}", f"claim number {n}", "en"))
"""


def test_four_processes_that_read_and_write_lose_nothing_and_never_meet_a_locked_database(place, tmp_path):
    path = place(tmp_path / "claimtrail.db")
    open_store(path).close()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(n)], cwd=ROOT, stderr=subprocess.PIPE) for n in range(4)
    ]
    assert [(w.communicate()[1], w.returncode) for w in writers] == [(b"", 0)] * 4
    store = open_store(path)
    texts = {store.claims.get(i).text for i in store.ids("claims", Filters())}
    assert texts == {f"claim number {n}" for n in range(200)}
    assert store.problems() == []


@pytest.mark.file_only
def test_migrating_twice_changes_nothing_and_a_newer_database_is_refused(tmp_path):
    path = tmp_path / "claimtrail.db"
    open_store(path).close()
    store = open_store(path)
    with store.write() as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('claimtrail', 'm999', '')")
    store.close()
    with pytest.raises(StoreUnavailable, match="newer Claimtrail"):
        open_store(path)


@pytest.mark.file_only
def test_a_file_that_is_no_database_is_a_clear_error(tmp_path):
    path = tmp_path / "claimtrail.db"
    path.write_bytes(b"this is not a database at all, just some text " * 50)
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        open_store(path)


def test_the_schema_snapshot_is_what_the_migrations_make():
    database = Database(memory=True)
    migrations.apply(database)
    rows = database.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%_sqlite_migrations%' "
        "AND name NOT GLOB '*_words_*' AND name NOT GLOB '*_trigrams_*' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    snapshot = "-- What the migrations add up to, for readers. A test keeps it true.\n"
    snapshot += "".join(f"\n{r[0].strip()};\n" for r in rows)
    assert (ROOT / "db" / "schema.sql").read_text() == snapshot


@pytest.mark.file_only
def test_a_database_of_the_first_schema_keeps_everything_when_it_is_brought_to_the_newest(tmp_path):
    path = tmp_path / "claimtrail.db"
    first = Migrations("claimtrail")
    first(name="m001")(lambda database: _run(database, "m001.sql"))
    database = Database(str(path))
    first.apply(database)
    database.execute("INSERT INTO articles (id, text, text_hash, added_at) VALUES (1, 'The road is safe.', 'h', '2026-01-01')")
    database.execute(
        "INSERT INTO statements (id, article_id, start, \"end\", text, kind, content_hash) VALUES (7, 1, 0, 16, 'The road is safe', 'direct', 'h')"
    )
    database.execute("INSERT INTO claims (id, key, text, content_hash, created_at) VALUES (3, 'k', 'The road is safe', 'h', '2026-01-01')")
    database.execute(
        "INSERT INTO decisions (statement_id, claim_id, relation, user_name, at) VALUES (7, 3, 'same', 'Ada', '2026-01-02')"
    )
    for source in ("Post", "Radio"):
        database.execute("INSERT INTO occurrences (claim_id, quote, said_at, source) VALUES (3, 'It is safe.', '2026-01-01', ?)", [source])
    database.execute("UPDATE claims SET occurrence_count = 3")
    database.execute("INSERT INTO reviews (claim_id, publisher, rating_text, rating, published_at) VALUES (3, 'Desk', 'x', 'false', '2025-05-05')")
    database.conn.commit()
    database.close()
    store = open_store(path)
    assert store.claims.get(3).occurrence_count == 2, "two reports of one event are one time"
    kept = store._connection.db.execute("SELECT newest_review_at, changed_at FROM claims").fetchone()
    assert tuple(kept) == ("2025-05-05", "2026-01-01")
    (statement,) = store.articles.statements(1)
    (decision,) = store.decisions.of_statement(7)
    assert (statement.id, statement.text, statement.nature) == (7, "The road is safe", "")
    assert (decision.claim_id, decision.user) == (3, "Ada")
    assert not [p for p in store.problems() if "word index" not in p and "vector" not in p]  # rows put in by hand have neither
    store.close()
