"""Every bench, one after the other, each in a process of its own: what ``make bench`` runs. Run it while nothing else runs.

    python -m bench            # about a quarter of an hour: 20,000 claims
    python -m bench --full     # hours: also 200,000 and a million claims, and a million statements; 20 GB of disk

Prints tables in Markdown and which commit they belong to. A large store is made once and kept in ``.cache/bench``,
and so are the figures of searches, which ``python -m bench.plots --write .cache/bench/search-*.json`` draws.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".cache" / "bench"
SIZES = ((200_000, 40_000), (1_000_000, 200_000), (200_000, 1_000_000))


def plan(full: bool) -> list[list[str]]:
    """The commands in order, without the interpreter."""
    small = ["--home", str(KEPT / "20000-4000")]
    found = [
        ["bench.encoder"],
        ["bench.search_at_scale", "--claims", "20000", "--statements", "4000", *small, *_figures(20_000, 4_000)],
        ["bench.pages", *small],
        ["bench.load", *small],
        ["bench.ingest", *small],
        ["bench.watching", *small],
        ["bench.importing"],
        ["bench.second_stage"],
        ["bench.start"],
        ["bench.postgres_vectors"],
    ]
    if full:
        found += [["bench.statements"]]
        for claims, statements in SIZES:
            home = ["--home", str(KEPT / f"{claims}-{statements}")]
            found += [["bench.search_at_scale", "--claims", str(claims), "--statements", str(statements), *home, *_figures(claims, statements)], ["bench.pages", *home]]
        found += [["bench.ingest", "--home", str(KEPT / "1000000-200000")], ["bench.importing", "--claims", "1000000", "--encoded", "40000"]]
        found += [["bench.postgres_vectors", "--store", str(KEPT / "200000-40000" / "claimtrail.db")]]
    return found


def _figures(claims: int, statements: int) -> list[str]:
    return ["--json", str(KEPT / f"search-{claims}-{statements}.json")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true")
    given = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip() or "unknown"
    print(f"Commit {commit}, Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} at the start\n")
    KEPT.mkdir(parents=True, exist_ok=True)
    failed, began = [], time.monotonic()
    for command in plan(given.full):
        print(f"## `python -m {' '.join(command)}`\n", flush=True)
        if subprocess.run([sys.executable, "-m", *command], cwd=ROOT).returncode:
            failed.append(command[0])
        print(flush=True)
    print(f"{time.monotonic() - began:.0f} s in all{', failed: ' + ', '.join(failed) if failed else ''}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
