"""A power cut keeps what the disk was told to keep: each acknowledged change is, and of the one under way any part may be there or none."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from db import Store, open_store

pytestmark = pytest.mark.file_only


def noted(store: Store) -> list[int]:
    return [row[0] for row in store._connection.db.execute("SELECT object_id FROM audit WHERE action = 'decided' ORDER BY id").fetchall()]


def test_every_thread_waits_for_the_disk_before_it_acknowledges(settings):
    """In the write-ahead log FULL (2) waits at each commit; NORMAL would only at checkpoints, and lose what came after."""
    store = open_store(settings.database)
    found = []

    def look() -> None:
        found.append([store._connection.db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")])

    look()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [[2, "wal"]] * 2
    store.close()


@pytest.mark.parametrize("left", ["nothing", "zeros", "rubbish", "a half"])
def test_what_was_acknowledged_is_there_whatever_became_of_the_rest(settings, tmp_path, left):
    store = open_store(settings.database)
    log = Path(f"{settings.database}-wal")
    synced = []  # how long the log was at each acknowledgement; the disk has as much of it
    for number in range(1, 7):
        with store.write():
            store.audit.add("ada", "decided", "statement", number)
        synced.append(log.stat().st_size)
    everything, database = log.read_bytes(), settings.database.read_bytes()
    store.close()
    assert synced == sorted(set(synced)), "each change goes into the log, and none goes beyond it yet"
    for number, size in enumerate(synced, 1):
        after = everything[size:]
        rest = {"nothing": b"", "zeros": bytes(len(after)), "rubbish": os.urandom(len(after)), "a half": after[: (synced[1] - synced[0]) // 2]}[left]
        folder = tmp_path / f"cut-{number}"
        folder.mkdir()
        (folder / "claimtrail.db").write_bytes(database)
        (folder / "claimtrail.db-wal").write_bytes(everything[:size] + rest)
        again = open_store(folder / "claimtrail.db")
        assert noted(again) == list(range(1, number + 1))
        assert again._connection.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        again.close()
