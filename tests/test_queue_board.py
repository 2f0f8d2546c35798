"""The counts beside the queue's filters are what choosing each value leaves, and a long queue is not read at every look."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db import Store, kept, open_store, queueboard
from factcheck.articles import from_text, text_hash
from factcheck.records import Claim, Cutoffs, Kind, Person, QueueFilters, Role, Statement

CUTOFFS = Cutoffs()
FILTERS = (
    QueueFilters(),
    QueueFilters(language="de"),
    QueueFilters(likelihood="possible", source="Outlet 1"),
    QueueFilters(person=1, assigned="all"),
    QueueFilters(promises=True, kind="direct"),
    QueueFilters(assigned="others"),
    QueueFilters(later=True, since="2024-02"),
    QueueFilters(topic=1, likelihood="none"),
)


@pytest.fixture
def queue(tmp_path) -> Store:
    """60 statements of every sort, some assigned, some put away, some decided."""
    store = open_store(tmp_path / "store.db")
    chance = random.Random(4)
    users = [store.users.create(name, "x", Role.EDITOR) for name in ("ed", "eve")]
    people = [store.people.put(Person(0, name)).id for name in ("Wera Lindkvist", "Jon Sample")]
    claim, _ = store.claims.put(Claim(0, "c", "A claim about a bridge", "en"))
    with store.write() as db:
        topics = [
            db.execute("INSERT INTO topics (name, description, created_at, changed_at) VALUES (?, 'x', '', '')", [name]).lastrowid for name in ("One", "Two")
        ]
    for number in range(6):
        text = f"Article {number}. " + " ".join(f"sentence {number} {i}." for i in range(10))
        about = {"language": chance.choice(("de", "en")), "source": f"Outlet {number % 2}", "published_at": f"2024-0{number % 3 + 1}-05"}
        article = store.articles.add(replace(from_text(text), **about), text_hash(text))
        said = [
            Statement(
                text=f"sentence {number} {i}.", start=text.index(f"sentence {number} {i}."), end=text.index(f"sentence {number} {i}.") + len(f"sentence {number} {i}."),
                kind=chance.choice((Kind.DIRECT, Kind.INDIRECT)), person_id=chance.choice((None, *people)), is_promise=chance.random() < 0.3,
            )
            for i in range(10)
        ]  # fmt: skip
        for s in store.articles.put_statements(article.id, article.language, said):
            store.articles.set_queue(s.id, urgency=chance.random(), is_open=chance.random() < 0.8)
            if chance.random() < 0.4:
                store.queue.assign(s.id, chance.choice(users).id)
            if chance.random() < 0.2:
                until = datetime.now(UTC) + timedelta(hours=chance.choice((-1, 5)))
                store.queue.put_away(s.id, chance.choice(users).id, until.isoformat(timespec="seconds"))
            with store.write() as db:
                if chance.random() < 0.7:
                    db.execute(
                        "INSERT INTO candidates (statement_id, claim_id, rank, score, probability, relation, evidence) VALUES (?, ?, 1, 1, ?, 'related', '{}')",
                        [s.id, claim, chance.choice((0.05, 0.3, 0.5, 0.9))],
                    )
                if chance.random() < 0.5:
                    db.execute("INSERT INTO topic_assignments (topic_id, kind, object_id, score) VALUES (?, 'statement', ?, 0.9)", [chance.choice(topics), s.id])
    yield store
    store.close()


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("user", [1, 2, None])
def test_each_count_is_what_choosing_the_value_leaves(queue, filters, user):
    facets = queue.queue.facets(filters, user, CUTOFFS)
    chosen = {"person": int, "topic": int, "promises": bool, "later": bool}
    for name, found in facets.items():
        for facet in found:
            narrowed = replace(filters, **{name: chosen.get(name, str)(facet.value)})
            if name == "assigned" and user is None:
                continue  # the queue of the whole desk is not narrowed by who sees to what
            assert facet.count == queue.queue.waiting(narrowed, user, CUTOFFS), (name, facet)
    if not filters and user:
        assert all(facets.values()), "the store has something of every sort"


def test_the_counts_follow_at_once_while_the_queue_is_short(queue):
    before = {f.value: f.count for f in queue.queue.facets(QueueFilters(assigned="all"), None, CUTOFFS)["kind"]}
    open_one = queue.queue.ids(QueueFilters(), None)[0]
    queue.articles.set_queue(open_one, is_open=False)
    after = {f.value: f.count for f in queue.queue.facets(QueueFilters(assigned="all"), None, CUTOFFS)["kind"]}
    assert sum(before.values()) - sum(after.values()) == 1


def test_a_long_queue_is_read_in_the_background_and_its_counts_follow(queue, monkeypatch):
    monkeypatch.setattr(queueboard, "QUICK", 0.0)  # every queue is a long one
    monkeypatch.setattr(kept, "QUICK", 60.0)  # nothing else is kept
    whole = lambda: sum(f.count for f in queue.queue.facets(QueueFilters(), None, CUTOFFS)["kind"])  # noqa: E731
    before = whole()
    queue.articles.set_queue(queue.queue.ids(QueueFilters(), None)[0], is_open=False)
    assert whole() == before
    monkeypatch.setattr(queueboard, "FRESH", -1)
    monkeypatch.setattr(queueboard.threading, "Thread", lambda target, **_: type("Now", (), {"start": staticmethod(target)}))
    whole()
    assert whole() == before - 1


def test_a_place_in_a_long_queue_is_exact_and_its_length_follows(queue, monkeypatch):
    monkeypatch.setattr(kept, "QUICK", -1.0)
    filters, user = QueueFilters(assigned="all"), 1
    ids = queue.queue.ids(filters, user)
    assert [queue.queue.place(i, filters, user) for i in ids] == [(n, len(ids)) for n in range(1, len(ids) + 1)]
    queue.articles.set_queue(ids[0], is_open=False)
    assert queue.queue.place(ids[1], filters, user) == (1, len(ids))  # its length is that of some seconds ago
    queue.queue.put_away(ids[1], user, "2999-01-01T00:00:00+00:00")
    assert queue.queue.place(ids[2], filters, user) == (1, len(ids) - 2)


@pytest.mark.parametrize("missing", ["s.id <> (SELECT max(id) FROM statements)", "s.id % 3 <> 0", "s.id < 0"])
def test_what_comes_or_goes_between_the_two_looks_is_no_error(queue, monkeypatch, missing):
    monkeypatch.setattr(queueboard, "_ROWS", f"{queueboard._ROWS} AND {missing}")
    seen = {r["id"] for r in queue._connection.db.execute(f"SELECT s.id FROM statements s WHERE s.is_open = 1 AND {missing}")}
    counted = {f.value: f.count for f in queue.queue.facets(QueueFilters(assigned="all"), None, CUTOFFS)["topic"]}
    marks = queue.topics.marks("statement", seen)
    expected: dict[str, int] = {}
    for mark in (m for found in marks.values() for m in found):
        expected[str(mark.topic_id)] = expected.get(str(mark.topic_id), 0) + 1
    assert counted == expected
