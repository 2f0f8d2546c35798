"""Watching loses and doubles nothing wherever it is stopped, and whoever else watches."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from watched_site import AGENCY, NOW, OTHER, Desk, desk, fault_site, item, page_of, rss, running_site  # noqa: F401  (fixtures)

from db import open_store
from factcheck import watching
from factcheck.records import ItemState, LogFilter, Source

ROOT = Path(__file__).resolve().parent.parent


class Stopped(BaseException):
    pass


class Stopping:
    """Lets so many calls of the store's parts through, then stops as a killed process would."""

    def __init__(self, part, left: list[int]):
        self._part, self._left = part, left

    def __getattr__(self, name: str):
        found = getattr(self._part, name)
        if not callable(found):
            return found

        def call(*args, **kwargs):
            self._left[0] -= 1
            if self._left[0] < 0:
                raise Stopped
            result = found(*args, **kwargs)
            return result

        return call


PARTS = ("sources", "appearances", "articles", "audit")


def test_a_stop_between_any_two_steps_loses_nothing_and_doubles_nothing(desk, tmp_path):
    desk.site.pages = {
        "/feed": rss(item("1", "/a"), item("2", "/b", "Das Hallenbad", hour=10), item("3", "/c", "Nachdruck", hour=11)),
        "/a": page_of(AGENCY, "Die Brücke"), "/b": page_of(OTHER, "Das Hallenbad"), "/c": page_of(f"{AGENCY} Das teilte sie mit.", "Nachdruck"),
    }  # fmt: skip
    stops = 0
    for allowed in range(1_000):
        store = open_store(tmp_path / f"stopped-{allowed}" / "x.db")
        worker = Desk(store, desk.settings, desk.site)
        worker.watch()
        left = [allowed]
        whole = {name: getattr(store, name) for name in PARTS}
        for name in PARTS:
            setattr(store, name, Stopping(whole[name], left))
        try:
            worker.settle()
        except Stopped:
            stops += 1
        for name in PARTS:
            setattr(store, name, whole[name])
        worker.later(minutes=6)  # the lease ends
        worker.settle()
        reprinted, bath = sorted((a for a in store.articles.newest(9)), key=lambda a: a.text)[::-1][:2][::-1]
        assert store.articles.count() == 2
        assert sorted(len(store.appearances.of_article(a.id)) for a in (reprinted, bath)) == [1, 2]
        assert [i.state for i in store.sources.items(1, 9)] == [ItemState.DONE] * 3
        assert [e.action for e in store.audit.newest(LogFilter(), limit=9)] == ["added an article"] * 2
        store.close()
        if left[0] >= 0:
            break
    assert stops == allowed > 20, "it was stopped at each call, until there was none left"


WORK = """
import sys
from pathlib import Path
from db import open_store
from factcheck import watching
from factcheck.settings import Settings
from factcheck.worker import Bench
settings = Settings(home=Path(sys.argv[1]), outgoing_allow=("127.0.0.1",))
where = sys.argv[3]
bench = Bench(open_store(where if "://" in where else Path(where), folder=settings.home), None, settings)
from datetime import UTC, datetime, timedelta
now = datetime.now(UTC) + timedelta(minutes=int(sys.argv[2]))
print("ready", flush=True)
while watching.tick(bench, now):
    now += timedelta(seconds=6)
"""


def test_killed_workers_side_by_side_do_everything_once(desk, tmp_path, place):
    """Processes that are killed (SIGKILL) at random moments, two at a time; each next pair starts when the lease of the last is over."""
    texts = {f"/{n}": AGENCY.replace("Kassel", f"Ort{n}stadt").replace("2030", str(2030 + n)) for n in range(6)}
    desk.site.pages = {"/feed": rss(*(item(path, path, hour=n) for n, path in enumerate(texts)))}
    desk.site.pages |= {path: page_of(text, f"Titel {path}") for path, text in texts.items()}
    home = tmp_path / "killed"
    store = open_store(home / "claimtrail.db")
    source = store.sources.add(Source("Beispielbote", desk.url("/feed")))
    chance = random.Random(7)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    for round_ in range(4):
        started = [subprocess.Popen([sys.executable, "-c", WORK, str(home), str(6 * round_), str(place(home / "claimtrail.db"))], env=environment, stdout=subprocess.PIPE) for _ in range(2)]
        for worker in started:
            assert worker.stdout is not None and worker.stdout.readline() == b"ready\n"
        if round_ < 3:
            time.sleep(chance.uniform(0.05, 1.0))
            for worker in started:
                worker.send_signal(signal.SIGKILL)
        for worker in started:
            worker.communicate(timeout=120)
    assert [i.state for i in store.sources.items(source.id, 20)] == [ItemState.DONE] * len(texts)
    found = store.articles.newest(20)
    assert sorted(a.url or "" for a in found) == sorted(desk.url(path) for path in texts)
    assert all(len(store.appearances.of_article(a.id)) == 1 for a in found)
    assert len(store.audit.newest(LogFilter(), limit=50)) == len(texts) and store.problems() == []
    store.close()


def test_who_comes_back_after_the_lease_does_not_end_what_another_has_taken(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    desk.watch()
    watching.look(desk.store, desk.settings, NOW)
    slow = desk.store.sources.take_item(NOW, timedelta())
    assert slow and desk.store.sources.holds(slow)
    other = desk.store.sources.take_item(NOW + timedelta(minutes=6), timedelta())
    assert other and not desk.store.sources.holds(slow) and desk.store.sources.holds(other)
    assert desk.store.sources.take_item(NOW + timedelta(minutes=7), timedelta()) is None
