"""Several processes write to one database for minutes: no update may be lost, and nobody may meet a locked database.

    python -m trials.writers                          # 4 processes, 3 minutes
    python -m trials.writers --seconds 3              # what the tests do

Each process, as fast as it can: reads a number, adds one, writes it back (what is lost is missing at the end); stores a claim; decides on a
statement and takes that back. Exits with 1 when anything is missing, doubled or failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from trials import figures  # noqa: E402
from trials.scenes import _prepare_desk, _rows, opened, sound  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
COUNTER = "trial_counter"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--out", type=Path, help="a file of figures to add to")
    parser.add_argument("--writer", nargs=2, metavar=("HOME", "NUMBER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.writer:
        write(Path(given.writer[0]), int(given.writer[1]), given.seconds)
        return
    home = Path(tempfile.mkdtemp(prefix="claimtrail-writers-"))
    try:
        _prepare_desk(home)
        store = opened(home)
        with store.write() as db:
            db.execute("INSERT INTO newsroom (name, value) VALUES (?, '0')", [COUNTER])
        began = store.claims.count(), _rows(store, "SELECT count(*) FROM audit")[0][0]
        store.close()
        writers = [
            subprocess.Popen(
                [sys.executable, "-m", "trials.writers", "--seconds", str(given.seconds), "--writer", str(home), str(n)],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for n in range(given.processes)
        ]  # fmt: skip
        said = [w.communicate() for w in writers]
        wrong = [problems[-500:] for _, problems in said if problems]
        done = [int(out or 0) for out, _ in said]
        store = opened(home)
        counted = int(_rows(store, f"SELECT value FROM newsroom WHERE name = '{COUNTER}'")[0][0])
        claims, made, back = store.claims.count() - began[0], *_rows(store, "SELECT count(*), count(undone_at) FROM decisions")[0]
        noted = _rows(store, "SELECT count(*) FROM audit")[0][0] - began[1]
        store.close()
        if (counted, claims, made, back, noted) != (sum(done),) * 4 + (2 * sum(done),):
            wrong.append(f"{sum(done)} rounds were acknowledged: counter {counted}, claims {claims}, decisions {made}, taken back {back}, in the log {noted}")
        wrong += [p for p in sound(opened(home)) if "vectors are missing" not in p]
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{given.processes} processes, {given.seconds:g} s: {sum(done):,} rounds of four transactions acknowledged, {len(wrong)} problems.")
    for problem in wrong:
        print(problem, file=sys.stderr)
    if given.out:
        command = f"python -m trials.writers --seconds {given.seconds:g} --processes {given.processes}"
        figures.put(given.out, "writers", command, {"processes": given.processes, "seconds": given.seconds, "rounds": sum(done), "wrong": len(wrong)})
    sys.exit(bool(wrong))


def write(home: Path, number: int, seconds: float) -> None:
    """One of the processes; prints how many rounds it was told were done."""
    from factcheck import review
    from factcheck.records import Claim, Relation

    store = opened(home)
    ada = store.users.by_name("ada")
    own = [s for s in store.articles.statements(1) if s.id % 8 == number % 8]  # two editors on one statement are told of each other
    until, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        with store.write() as db:
            value = int(db.execute("SELECT value FROM newsroom WHERE name = ?", [COUNTER]).fetchone()[0])
            db.execute("UPDATE newsroom SET value = ? WHERE name = ?", [str(value + 1), COUNTER])
        store.claims.put(Claim(0, f"w-{number}-{rounds}", f"Writer {number} says {rounds}.", "en"))
        made = review.decide(store, own[rounds % len(own)].id, 1 + rounds % 4, Relation.RELATED, ada)
        review.undo(store, ada, made.id)
        rounds += 1
    store.close()
    print(rounds)


if __name__ == "__main__":
    main()
