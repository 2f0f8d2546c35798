"""How much memory an import takes as it goes on, and how many claims a second it stores.

    python -m bench.importing                                   # 60,000 claims, 4,000 of them with real vectors, a minute or two
    python -m bench.importing --claims 1000000 --encoded 40000  # a quarter of an hour and more; 5 GB of disk

A file of invented reviews is written line by line and imported in a process of its own. ``--claims`` goes in with vectors that cost
nothing to make, so that all but the model is there: rows, people, word indexes, stored vectors. ``--encoded`` goes in by the command
itself, with the shipped model. Memory is the process's own (anonymous pages) and its peak, as Linux tells them; the slope is that of a
line through the last third, when what is loaded once is there. Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlite_utils.utils import sqlite3

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.invented import own_texts
from bench.measuring import table
from factcheck.settings import read_settings

ROOT = Path(__file__).resolve().parent.parent
PARTS = 10  # lines of the table
EVERY = 0.1  # seconds between two looks
SPEAKERS = 5_000
WITHOUT_MODEL = """
import sys
from pathlib import Path
from db import open_store
from factcheck import importing
from factcheck.embed import FakeEncoder
from factcheck.settings import read_settings

store = open_store(read_settings().store)
importing.import_claims(store, FakeEncoder(), [Path(sys.argv[1])])
store.close()
"""


@dataclass(frozen=True)
class Sample:
    """What a process held when so many claims and so many vectors were stored: MB of its own, MB at the most so far; seconds since its start."""

    rows: int
    vectors: int
    own: float
    most: float
    seconds: float

    @property
    def done(self) -> float:
        """How many claims it is through with, a claim without its vector being half of one."""
        return (self.rows + self.vectors) / 2


@dataclass(frozen=True)
class Course:
    """An import from start to end; ``cpu`` in seconds of processor time."""

    rows: int
    seconds: float
    cpu: float
    samples: tuple[Sample, ...]

    @property
    def slope(self) -> float:
        """MB of its own for each 100,000 further claims, by the last third."""
        later = [s for s in self.samples if s.done >= self.rows * 2 / 3]
        return float(np.polyfit([s.done / 100_000 for s in later], [s.own for s in later], 1)[0]) if len({s.done for s in later}) > 2 else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=60_000, help="With vectors that cost nothing to make; 0: none.")
    parser.add_argument("--encoded", type=int, default=4_000, help="With the shipped model; 0: none.")
    parser.add_argument("--json", type=Path, help="Write the figures here.")
    given = parser.parse_args()
    told = {}
    for name, rows, command in (
        ("all but the model", given.claims, [sys.executable, "-c", WITHOUT_MODEL]),
        ("with the model", given.encoded, [sys.executable, "-m", "factcheck", "import"]),
    ):
        if rows:
            with tempfile.TemporaryDirectory(prefix="claimtrail-bench-") as folder:
                file = Path(folder) / "claims.jsonl"
                write(file, rows)
                course = watched([*command, str(file)], Path(folder) / "home", rows)
            told[name] = tell(name, course)
    if given.json:
        given.json.write_text(json.dumps(told, indent=1))


def write(file: Path, rows: int, seed: int = 7) -> None:
    """A review a line, as fact-checkers publish them; texts of our own with words exchanged. Nobody said any of this."""
    chance, own = random.Random(seed), own_texts()
    words = [w for text, _ in own for w in text.split()]
    with file.open("w", encoding="utf-8") as out:
        for n in range(rows):
            text, language = own[n % len(own)]
            said = " ".join(chance.choice(words) if chance.random() < 0.3 else word for word in text.split())
            who = f"Speaker Number{min(int(chance.paretovariate(0.5)), SPEAKERS)}"
            review = {
                "@context": "https://schema.org", "@type": "ClaimReview", "url": f"https://desk.example/reviews/{n}", "claimReviewed": f"{said} ({n})", "inLanguage": language,
                "datePublished": f"{chance.randint(2008, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}", "author": {"@type": "Organization", "name": "Bench desk"},
                "reviewRating": {"@type": "Rating", "alternateName": chance.choice(("False", "True", "Misleading"))},
                "itemReviewed": {"@type": "Claim", "author": {"@type": "Person", "name": who}, "datePublished": "2024-05-06"},
            }  # fmt: skip
            out.write(json.dumps(review, ensure_ascii=False) + "\n")


def watched(command: Sequence[str], home: Path, rows: int) -> Course:
    """Run an import into a new home and look at its memory while the store fills."""
    env = {n: v for n, v in os.environ.items() if n not in ("CLAIMTRAIL_DATABASE", "CLAIMTRAIL_DATABASE_READ")}
    env |= {"CLAIMTRAIL_HOME": str(home), "CLAIMTRAIL_CACHE": str(read_settings().cache)}
    home.mkdir(parents=True)
    began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    samples: list[Sample] = []
    with (home.parent / "said.txt").open("w+") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=said, stderr=said)
        try:
            while process.poll() is None:
                if found := held(process.pid):
                    samples.append(Sample(*stored(home), *found, time.monotonic() - began))
                time.sleep(EVERY)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        seconds, ended = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode or stored(home) != (rows, rows):
            said.seek(0)
            raise SystemExit(f"The import did not store {rows:,} claims with vectors but {stored(home)}:\n{said.read()[-2000:]}")
    return Course(rows, seconds, ended.ru_utime + ended.ru_stime - used.ru_utime - used.ru_stime, tuple(samples))


def held(pid: int) -> tuple[float, float] | None:
    """(MB of its own, MB at the most so far); None once the process has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    found = [re.search(rf"{name}:\s+(\d+)", status) for name in ("RssAnon", "VmHWM")]
    return (int(found[0][1]) / 1024, int(found[1][1]) / 1024) if all(found) else None


def stored(home: Path) -> tuple[int, int]:
    """(claims, vectors) in the store by now; both are numbered from 1 on."""
    try:
        with closing(sqlite3.connect(f"file:{home / 'claimtrail.db'}?mode=ro", uri=True)) as db:
            return db.execute("SELECT (SELECT coalesce(max(id), 0) FROM claims), (SELECT coalesce(max(seq), 0) FROM vectors)").fetchone()
    except sqlite3.OperationalError:
        return 0, 0  # not made yet


def tell(name: str, course: Course) -> dict[str, object]:
    """Print the table of an import; its figures."""
    rows = []
    for part in range(1, PARTS + 1):
        there = next((s for s in course.samples if s.done >= course.rows * part / PARTS), course.samples[-1])
        rows.append((f"{there.rows:,}", f"{there.vectors:,}", f"{there.own:.0f}", f"{there.most:.0f}", f"{there.seconds:.0f}"))
    last = course.samples[-1]
    rows.append(("at the end", "", f"{max(s.own for s in course.samples):.0f} at the most", f"{last.most:.0f}", f"{course.seconds:.0f}"))
    print(table((f"claims stored, {name}", "vectors", "MB of its own", "MB at the most", "after s"), rows))
    print(
        f"{course.rows / course.seconds:,.0f} claims a second, {1000 * course.cpu / course.rows:.2f} ms of processor time each; "
        f"{course.slope:+.1f} MB of its own for each 100,000 further claims\n", flush=True,
    )  # fmt: skip
    return {
        "claims": course.rows, "seconds": course.seconds, "cpu": course.cpu, "MB most": last.most, "MB own most": max(s.own for s in course.samples),
        "MB each 100,000": course.slope,
    }  # fmt: skip


if __name__ == "__main__":
    main()
