"""Figures that take long are kept for some seconds and made anew behind the reader's back; quick ones never are."""

from __future__ import annotations

import threading

import pytest

from db import kept, open_store
from db.kept import KeptFigures
from factcheck.records import Claim, Promise, PromiseFilters, PromiseStatus, StatusChange


class Counter:
    """Counts how often it was asked."""

    def __init__(self):
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return self.asked


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


@pytest.fixture
def figures(store):
    return KeptFigures(store._connection)


@pytest.fixture
def slow(monkeypatch):
    """Every figure takes long."""
    monkeypatch.setattr(kept, "QUICK", -1.0)


def at_once(monkeypatch):
    """What happens in the background happens before anything else."""
    monkeypatch.setattr(threading, "Thread", lambda target, args=(), **_: type("Now", (), {"start": lambda self: target(*args)})())


def test_what_is_counted_quickly_is_counted_each_time(figures, monkeypatch):
    monkeypatch.setattr(kept, "QUICK", 60.0)
    count = Counter()
    assert [figures.get(("it",), count) for _ in range(3)] == [1, 2, 3]


def test_what_takes_long_is_counted_once_for_some_seconds(figures, slow):
    count = Counter()
    assert [figures.get(("it",), count) for _ in range(3)] == [1, 1, 1]
    assert figures.get(("another",), count) == 2


def test_after_that_one_more_reader_gets_it_while_it_is_counted_anew(figures, slow, monkeypatch):
    count = Counter()
    figures.get(("it",), count)
    monkeypatch.setattr(kept, "FRESH", -1)
    at_once(monkeypatch)
    assert figures.get(("it",), count) == 1
    assert figures.get(("it",), count) == 2


def test_two_readers_do_not_have_it_counted_twice(figures, slow, monkeypatch):
    started = []
    monkeypatch.setattr(threading, "Thread", lambda target, args=(), **_: type("Later", (), {"start": lambda self: started.append(args)})())
    monkeypatch.setattr(kept, "FRESH", -1)
    count = Counter()
    assert [figures.get(("it",), count) for _ in range(4)] == [1, 1, 1, 1] and len(started) == 1


def test_a_figure_that_fails_behind_the_back_stays_and_is_tried_again(figures, slow, monkeypatch, caplog):
    at_once(monkeypatch)
    answers = iter([7])

    def once() -> int:
        return next(answers)

    assert figures.get(("it",), once) == 7
    monkeypatch.setattr(kept, "FRESH", -1)
    for _ in range(2):
        assert figures.get(("it",), once) == 7
    assert caplog.text.count("could not be counted anew") == 2


def test_an_old_figure_is_nobodys(figures, slow, monkeypatch):
    count = Counter()
    figures.get(("it",), count)
    monkeypatch.setattr(kept, "STALE", 0)
    assert figures.get(("it",), count) == 2


def test_whoever_changes_something_sees_it_at_once(figures, slow):
    count = Counter()
    figures.get(("promises", 1), count), figures.get(("topics", 1), count)
    figures.forget("promises")
    assert figures.get(("promises", 1), count) == 3 and figures.get(("topics", 1), count) == 2


def test_only_so_many_are_kept(figures, slow, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 2)
    count = Counter()
    for name in "abc":
        figures.get((name,), count)
    assert [figures.get((name,), count) for name in "cba"] == [3, 2, 4]


def test_a_change_of_status_shows_at_once_in_the_figures_of_a_long_tracker(store, slow):
    claim, _ = store.claims.put(Claim(0, "c", "The tram comes by 2027.", "en", promise=Promise()))
    at = "2026-01-01T00:00:00+00:00"
    assert store.promises.figures(PromiseFilters(), at).counts[PromiseStatus.KEPT] == 0
    store.promises.add_change(claim, StatusChange(PromiseStatus.KEPT, "2026-01-01"))
    assert store.promises.figures(PromiseFilters(), at).counts[PromiseStatus.KEPT] == 1


def test_figures_of_a_page_are_those_counted_one_by_one(store):
    store.claims.put(Claim(0, "c", "The tram comes by 2027.", "en", speaker="Mara Amt", first_said_at="2024-02-01", promise=Promise(deadline="2027")))
    at, filters = "2026-01-01T00:00:00+00:00", PromiseFilters(status=PromiseStatus.NOT_YET_RATED)
    told, p = store.promises.figures(filters, at), store.promises
    assert told.total == p.count(filters, at) == 1 and told.counts == p.counts(filters, at) and told.by_year == p.by_year(filters, at) == [("2024", {PromiseStatus.NOT_YET_RATED: 1})]
    assert (told.people, told.topics, told.deadlines, told.years) == (p.people(filters, at), p.topics(filters, at), p.deadlines(filters, at), p.years(filters, at))
