"""Figures that take the database a while, kept for some seconds and made anew behind the reader's back.

What is counted in ``QUICK`` is counted anew each time: in most newsrooms nothing is ever kept. A figure that takes longer is given as it was
counted up to ``FRESH`` seconds ago; after that one more reader still gets it, while it is counted anew in the background. So nobody but the
first waits, however many claims there are. Never for what a decision rests on: only for numbers beside headings and filters.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from db.connection import Connection

log = logging.getLogger("claimtrail.figures")
Figure = TypeVar("Figure")
QUICK = 0.015  # seconds of this thread's processor time, or of a server's answer
FRESH, STALE = 15, 3600  # seconds for which a figure is used as it is, and after which nobody gets it any more
MOST = 300  # figures kept: each combination of filters has its own


@dataclass
class _Kept:
    value: Any
    made: float
    took: float
    renewing: bool = False


class KeptFigures:
    """One store's figures, shared by the process's threads."""

    def __init__(self, connection: Connection):
        self._c = connection
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple, _Kept] = OrderedDict()

    def get(self, key: tuple, count: Callable[[], Figure]) -> Figure:
        """What ``count`` gives, which must not be changed by whoever gets it; ``key`` names it: a word for ``forget``, then all it depends on but the rows."""
        with self._lock:
            kept = self._kept.get(key)
            age = time.monotonic() - kept.made if kept else STALE
            is_used = kept is not None and kept.took >= QUICK and age < STALE
            is_due = is_used and age > FRESH and not kept.renewing
            if is_used:
                self._kept.move_to_end(key)
            if is_due:
                kept.renewing = True
        if is_due:
            threading.Thread(target=self._renew, args=(key, count), name="figure counted anew", daemon=True).start()
        return kept.value if is_used else self._make(key, count)

    def forget(self, first: str) -> None:
        """Count anew what is named by keys that begin with ``first``: somebody here changed it and wants to see it."""
        with self._lock:
            for key in [k for k in self._kept if k[0] == first]:
                del self._kept[key]

    def _make(self, key: tuple, count: Callable[[], Figure]) -> Figure:
        began = self._clock()
        value = count()
        made = _Kept(value, time.monotonic(), self._clock() - began)
        with self._lock:
            self._kept.pop(key, None)
            if made.took >= QUICK:
                self._kept[key] = made
                while len(self._kept) > MOST:
                    self._kept.popitem(last=False)
        return value

    def _clock(self) -> float:
        """SQLite works in this thread: its own time, which a busy machine does not stretch. For a server its answer counts."""
        return time.thread_time() if isinstance(self._c, Connection) else time.monotonic()

    def _renew(self, key: tuple, count: Callable[[], Figure]) -> None:
        try:
            self._make(key, count)
        except Exception:
            log.exception("A figure could not be counted anew; it stays as it was.")
            with self._lock:
                if kept := self._kept.get(key):
                    kept.renewing = False
        finally:
            self._c.close()  # this thread's connection
