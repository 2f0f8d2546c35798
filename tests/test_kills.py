"""A fair part of the trial of kills: 20 of them, in all scenes; and the trial itself notices when something is lost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def trial(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *options], cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=500
    )  # fmt: skip


def test_twenty_kills_lose_nothing_double_nothing_and_the_work_is_taken_up_again():
    run = trial("from trials.kills import main; main()", "--kills", "20", "--seed", "20")
    assert run.returncode == 0, run.stdout + run.stderr
    told = dict(re.findall(r"^\| ([a-z][^|]+?) \| (\d+) \|", run.stdout, re.M))
    assert len(told) == 9 and sum(map(int, told.values())) == 20 and min(map(int, told.values())) >= 1
    assert "20 kills survived, 0 times something was wrong" in run.stdout


CARELESS = """
from contextlib import contextmanager
from db.connection import Connection

@contextmanager
def write(self):
    self.db.conn.isolation_level = None  # each statement for itself
    yield self.db

Connection.write = write
from trials import scenes
from trials.kills import main
scenes.LINES = 40
main()
"""


def test_the_trial_notices_transactions_that_are_none():
    run = trial(CARELESS, "--kills", "12", "--scene", "import by command", "--seed", "3")
    assert run.returncode == 1, run.stdout + run.stderr
    assert re.search(r"half a batch|doubled|holds \d+ of|claims and", run.stderr), run.stderr


def test_four_processes_that_read_and_write_lose_no_update_and_meet_no_lock():
    run = trial("from trials.writers import main; main()", "--seconds", "4", "--processes", "4")
    assert run.returncode == 0, run.stdout + run.stderr
    rounds = re.search(r"4 processes, 4 s: ([\d,]+) rounds of four transactions acknowledged, 0 problems", run.stdout)
    assert rounds and int(rounds[1].replace(",", "")) >= 4
