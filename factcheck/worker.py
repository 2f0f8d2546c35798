"""Work in the background: a small loop over steps, each doing one piece and saying whether there was anything to do.

Whatever is to be done regularly beside the pages is one line in ``STEPS``. A step takes what lacks a result from the store, so a
stopped process goes on where it was and several processes may run side by side.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from db import Store, explained
from factcheck import alerting, backfill, backups, importjobs, pipeline, privacy, promises, resetting, tenancy, topics, watching
from factcheck.embed import Encoder
from factcheck.errors import ClaimtrailError
from factcheck.metering import METER
from factcheck.settings import Settings

log = logging.getLogger("claimtrail.worker")

IDLE = 5.0  # seconds until the next look when no step found anything to do and nobody wakes the worker
GRACE = 30.0  # seconds the piece at hand may take after the worker was told to stop
AFTER_AN_ERROR = 60.0  # seconds a step that failed is left alone, so that it does not fill the log


@dataclass(frozen=True)
class Bench:
    """What a step works with."""

    store: Store
    encoder: Encoder
    settings: Settings


@dataclass(frozen=True)
class Step:
    """``run`` does one piece of work, of a second or two at most, and returns True when it found something to do.

    ``every`` is how many seconds lie between two looks that found nothing, for what is not worth a look at each turn.
    """

    name: str
    run: Callable[[Bench], bool]
    every: float = 0.0


def _next_article(bench: Bench) -> bool:
    article_id = bench.store.articles.claim_next(tenancy.name())
    if article_id is not None:
        pipeline.process_safely(bench.store, bench.encoder, article_id)
    return article_id is not None


def _take_up(bench: Bench) -> bool:
    """Queue again what a process was reading when it was killed."""
    return bench.store.articles.requeue_interrupted(tenancy.has_ended) > 0


# In this order, one piece of each a turn: an article somebody waits for comes first and waits for one piece of the others at most.
STEPS: tuple[Step, ...] = (
    Step("left over", _take_up, every=30.0),
    Step("articles", _next_article),
    Step("topics", lambda bench: topics.step(bench.store, bench.encoder), every=5.0),
    Step("imports", lambda bench: importjobs.step(bench.store, bench.encoder)),
    Step("backfill", lambda bench: backfill.step(bench.store, bench.encoder)),
    Step("deadlines", lambda bench: promises.note_passed_deadlines(bench.store) > 0, every=60.0),
    Step("sources", watching.tick),
    Step("retention", lambda bench: privacy.tick(bench.store, bench.settings), every=3600.0),
    Step("resets", lambda bench: resetting.tick(bench.store, bench.settings)),
    Step("alerts", lambda bench: alerting.tick(bench.store, bench.encoder, bench.settings)),
    Step("volumes", lambda bench: bench.store.volumes.turn() is not None, every=3600.0),
    Step("backups", lambda bench: backups.step(bench.store, bench.settings), every=60.0),
)


@dataclass
class Worker:
    """A thread that does the steps in turn; started by ``serve``, woken when there is new work."""

    bench: Bench
    steps: Sequence[Step] = STEPS
    _wake: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _not_before: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        _take_up(self.bench)
        self._thread = threading.Thread(target=self._run, name="claimtrail-worker", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def leave(self) -> None:
        """Take no new piece; ``stop`` waits for the one at hand."""
        self._stop.set()
        self._wake.set()

    def stop(self) -> bool:
        """Finish the piece at hand and end; False when that takes longer than ``GRACE``: it is then taken up again by the next process."""
        self.leave()
        if self._thread:
            self._thread.join(timeout=GRACE)
        return not self.is_alive

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def turn(self) -> bool:
        """Do one piece of each step; True when any found something to do."""
        return any([self._do(step) for step in self.steps if not self._stop.is_set()])

    def _do(self, step: Step) -> bool:
        if time.monotonic() < self._not_before.get(step.name, 0.0):
            return False
        began = time.perf_counter()
        try:
            found = bool(step.run(self.bench))
        except Exception as error:  # the boundary of the worker: one step must not stop the others
            METER.count("claimtrail_worker_failures_total", step=step.name)
            known = error if isinstance(error, ClaimtrailError) else explained(error)
            if known:  # says itself what is wrong and what to do
                log.error("The step %s failed and is tried again in %d seconds: %s", step.name, AFTER_AN_ERROR, known)
            else:
                log.exception("The step %s failed and is tried again in %d seconds", step.name, AFTER_AN_ERROR)
            self._not_before[step.name] = time.monotonic() + AFTER_AN_ERROR
            return False
        if found:
            METER.count("claimtrail_worker_pieces_total", step=step.name)
            METER.count("claimtrail_worker_seconds_total", time.perf_counter() - began, step=step.name)
        if not found and step.every:
            self._not_before[step.name] = time.monotonic() + step.every
        return found

    def _run(self) -> None:
        pipeline.catch_up(self.bench.store, self.bench.encoder)
        while not self._stop.is_set():
            self._wake.clear()  # before the turn: what wakes the worker during it is seen by the next one
            if not self.turn():
                self._wake.wait(timeout=IDLE)
