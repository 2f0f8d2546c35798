"""A primary that is killed while several write, a standby that takes its place, and a replica that pages are read from."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from db import open_store
from factcheck.errors import StoreUnavailable
from factcheck.records import Claim
from tests.postgres import Server


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    """(primary, standby): what the primary confirms, the standby has."""
    primary = Server()
    primary.make()
    primary.start()
    primary.sql("CREATE DATABASE newsroom")
    standby = primary.standby()
    primary.stop()
    primary.start(synchronous_commit="remote_apply")
    primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
    yield primary, standby
    primary.remove()
    standby.remove()


def test_nothing_confirmed_is_lost_when_the_primary_is_killed_and_clients_go_on_by_themselves(pair):
    primary, standby = pair
    both = f"postgresql://claimtrail@/newsroom?host={primary.folder},{standby.folder}&target_session_attrs=read-write"
    store = open_store(both)
    confirmed: list[list[str]] = [[], []]
    refused: list[str] = []
    enough = threading.Event()

    def write(number: int) -> None:
        own = open_store(both)
        for n in range(10_000):
            key = f"{number}-{n}"
            try:
                own.claims.put(Claim(0, key, f"Claim number {n}.", "en"))
                confirmed[number].append(key)
            except StoreUnavailable:
                refused.append(key)
            if enough.is_set():
                break
        own.close()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for writer in writers:
        writer.start()
    while min(map(len, confirmed)) < 20:
        time.sleep(0.01)
    primary.kill()
    before = [len(keys) for keys in confirmed]
    standby.sql("SELECT pg_promote(true)")
    until = time.monotonic() + 60
    while any(len(now) < then + 20 for now, then in zip(confirmed, before, strict=True)) and time.monotonic() < until:
        time.sleep(0.05)
    enough.set()
    for writer in writers:
        writer.join(60)
    assert not any(w.is_alive() for w in writers) and all(len(now) >= then + 20 for now, then in zip(confirmed, before, strict=True))
    kept = {store.claims.by_key(key).key for keys in confirmed for key in keys}
    assert kept == {key for keys in confirmed for key in keys}
    assert len(refused) <= 2, "who was writing when it was killed is told, and nobody else"
    assert store.problems() == []
    store.close()


def test_pages_are_read_from_the_replica_once_it_has_what_this_process_wrote(pair):
    primary, standby = pair
    store = open_store(primary.url("newsroom"), read=standby.url("newsroom"))

    def is_replica() -> bool:
        return bool(store._connection.db.execute("SELECT pg_is_in_recovery()").fetchone()[0])

    claim_id, _ = store.claims.put(Claim(0, "k", "The ferry is late.", "en"))
    with store.reading():
        assert is_replica() and store.claims.get(claim_id).text == "The ferry is late."
        store.claims.put(Claim(0, "k2", "What is written goes to the primary.", "en"))
    assert not is_replica()
    standby.sql("SELECT pg_wal_replay_pause()")
    primary.sql("ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()")
    time.sleep(0.2)
    store.claims.put(Claim(0, "k3", "This one has not arrived there.", "en"))
    with store.reading():
        assert not is_replica() and store.claims.by_key("k3")
    standby.sql("SELECT pg_wal_replay_resume()")
    until = time.monotonic() + 20
    seen = False
    while not seen and time.monotonic() < until:
        with store.reading():
            seen = is_replica()
    assert seen
    standby.kill()
    with store.reading():
        pass  # the connection is found to be lost
    with store.reading():
        assert store.claims.count() == 3
    store.close()
