"""Work in the background: steps in turn, none in the way of another."""

from __future__ import annotations

import threading

import pytest

from db import open_store
from factcheck import pipeline, worker
from factcheck.records import Article
from factcheck.worker import Bench, Step, Worker

TEXT = "Bürgermeisterin Hanna Brückner versprach am Dienstag, sie werde das Freibad innerhalb von 30 Tagen wieder öffnen."


@pytest.fixture
def bench(settings, fake_encoder):
    store = open_store(settings.database)
    yield Bench(store, fake_encoder, settings)
    store.close()


def counting(name: str, done: list[str], pieces: int = 0, **about) -> Step:
    left = [pieces]

    def run(bench: Bench) -> bool:
        done.append(name)
        left[0] -= 1
        return left[0] >= 0

    return Step(name, run, **about)


def test_each_turn_does_one_piece_of_every_step_in_order(bench):
    done: list[str] = []
    desk = Worker(bench, (counting("a", done, 2), counting("b", done, 1)))
    assert [desk.turn() for _ in range(3)] == [True, True, False]
    assert done == ["a", "b"] * 3


def test_a_step_that_fails_is_left_alone_for_a_while_and_the_others_go_on(bench, monkeypatch, caplog):
    done: list[str] = []
    clock = [100.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: clock[0])

    def fail(bench: Bench) -> bool:
        done.append("fails")
        raise ZeroDivisionError

    desk = Worker(bench, (Step("fails", fail), counting("goes on", done, 9)))
    assert desk.turn() and desk.turn()
    assert done == ["fails", "goes on", "goes on"] and "The step fails failed" in caplog.text
    clock[0] += worker.AFTER_AN_ERROR
    desk.turn()
    assert done[-2:] == ["fails", "goes on"]


def test_what_is_looked_at_now_and_then_only_is_not_looked_at_every_turn(bench, monkeypatch):
    done: list[str] = []
    clock = [100.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: clock[0])
    desk = Worker(bench, (counting("deadlines", done, 1, every=60.0),))
    assert [desk.turn() for _ in range(3)] == [True, False, False]
    assert len(done) == 2
    clock[0] += 60
    desk.turn()
    assert len(done) == 3


def test_a_sleeping_worker_is_woken_by_new_work_and_stops_when_told(bench, monkeypatch):
    monkeypatch.setattr(worker, "IDLE", 600.0)
    looked, found = threading.Semaphore(0), threading.Event()
    wanted = [False]

    def run(bench: Bench) -> bool:
        if wanted[0]:
            wanted[0] = False
            found.set()
        looked.release()
        return False

    desk = Worker(bench, (Step("look", run),))
    desk.start()
    assert looked.acquire(timeout=30)
    wanted[0] = True
    desk.wake()
    assert found.wait(timeout=30)
    desk.stop()
    assert desk._thread is not None and not desk._thread.is_alive()


def test_what_a_stopped_process_left_is_taken_up_again(bench):
    stored, _ = pipeline.add_article(bench.store, Article(0, TEXT, "de", published_at="2024-05-16"))
    assert bench.store.articles.claim_next() == stored.id and bench.store.articles.claim_next() is None
    ready = threading.Event()
    watch = Step("watch", lambda b: bool(b.store.articles.get(stored.id).state == "ready" and ready.set()))
    desk = Worker(bench, (*worker.STEPS, watch))
    desk.start()
    desk.wake()
    assert ready.wait(timeout=60)
    desk.stop()
    assert len(bench.store.articles.statements(stored.id)) == 1
