"""What the running process counts of itself, in the text form that Prometheus reads (exposition format 0.0.4)."""

from __future__ import annotations

import os
import re
import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from pathlib import Path

TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
_STARTED = time.time()
Labels = tuple[tuple[str, str], ...]
Sample = tuple[str, Mapping[str, str], float]


class Meter:
    """Counters and histograms of one process. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, Labels], float] = {}
        self._timed: dict[tuple[str, Labels], list[float]] = {}  # a count for each bucket, one above them, then the sum

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + by

    def timed(self, name: str, seconds: float, **labels: str) -> None:
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            row = self._timed.setdefault(key, [0.0] * (len(BUCKETS) + 2))
            row[bisect_left(BUCKETS, seconds)] += 1
            row[-1] += seconds

    def text(self, gauges: Iterable[Sample] = ()) -> str:
        """Everything counted so far, and ``gauges`` (name, labels, value) as they are now."""
        with self._lock:
            counts, timed = dict(self._counts), {k: list(v) for k, v in self._timed.items()}
        lines: list[str] = []
        told: set[str] = set()

        def head(name: str, kind: str) -> None:
            if name not in told:
                told.add(name)
                lines.append(f"# TYPE {name} {kind}")

        for (name, labels), value in sorted(counts.items()):
            head(name, "counter")
            lines.append(f"{name}{_labels(labels)} {_number(value)}")
        for (name, labels), row in sorted(timed.items()):
            head(name, "histogram")
            below = 0.0
            for bound, n in zip((*map(str, BUCKETS), "+Inf"), row, strict=False):
                below += n
                lines.append(f"{name}_bucket{_labels((*labels, ('le', bound)))} {_number(below)}")
            lines.append(f"{name}_sum{_labels(labels)} {_number(row[-1])}")
            lines.append(f"{name}_count{_labels(labels)} {_number(below)}")
        for name, given, value in gauges:
            head(name, "gauge")
            lines.append(f"{name}{_labels(tuple(given.items()))} {_number(value)}")
        return "\n".join(lines) + "\n"


METER = Meter()


def process() -> list[Sample]:
    """Memory, open files, threads and processor time of this process, as far as the system tells."""
    found: list[Sample] = [("process_start_time_seconds", {}, _STARTED), ("process_cpu_seconds", {}, time.process_time())]
    found.append(("process_threads", {}, threading.active_count()))
    try:
        resident = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
        found.append(("process_open_fds", {}, len(os.listdir("/proc/self/fd"))))
    except OSError:  # no Linux
        return found
    if resident:
        found.append(("process_resident_memory_bytes", {}, int(resident[1]) * 1024))
    return found


def _labels(labels: Labels) -> str:
    def quoted(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    return "{" + ",".join(f'{name}="{quoted(value)}"' for name, value in labels) + "}" if labels else ""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
