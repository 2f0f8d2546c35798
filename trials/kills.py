"""Kill a process at random moments, many times, and look at what is left.

    python -m trials.kills                    # 500 kills, over all scenes in turn; about a quarter of an hour on one core
    python -m trials.kills --kills 20         # what the tests do
    python -m trials.kills --scene decisions --seed 7 --kills 100

Half of the kills come from outside after a random time, half from within after a random number of steps of SQLite's own machine, which meets
statements half done. After each: the state is looked at, the work is taken up again and finished, and all of it is compared with what had
been acknowledged. ``SIGKILL`` leaves the system running: what a power cut does to a disk is not tried here.

Exits with 1 when anything was lost, doubled or damaged. ``--out`` keeps the figures for ``trials.report``.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: a process with threads is not forked

from trials import figures, scenes  # noqa: E402
from trials.scenes import AT_ONCE, SCENES, Scene  # noqa: E402

PATIENCE = 300  # seconds a piece of work may take when nobody kills it
OPS = 100  # SQLite's steps between two looks at whether it is time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scene", action="append", choices=[s.name for s in SCENES])
    parser.add_argument("--out", type=Path, help="a file of figures to add to")
    given = parser.parse_args()
    chosen = [s for s in SCENES if not given.scene or s.name in given.scene]
    chance = random.Random(given.seed)
    folder = Path(tempfile.mkdtemp(prefix="claimtrail-kills-"))
    began = time.monotonic()
    tally = {s.name: {"kills": 0, "finished before": 0, "acknowledged": 0, "wrong": []} for s in chosen}
    try:
        measured = {s.name: _undisturbed(s, folder) for s in chosen}
        turn = 0
        while sum(t["kills"] for t in tally.values()) < given.kills:
            scene = chosen[turn % len(chosen)]
            turn += 1
            known = len(tally[scene.name]["wrong"])
            _round(scene, folder, measured[scene.name], chance, tally[scene.name])
            for problem in tally[scene.name]["wrong"][known:]:
                print(f"{scene.name}, round {turn}: {problem}", file=sys.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    wrong = sum(len(t["wrong"]) for t in tally.values())
    print("| Scene | Kills | Acknowledged before them | Lost, doubled or damaged |\n|---|---:|---:|---:|")
    for name, told in tally.items():
        print(f"| {name} | {told['kills']} | {told['acknowledged']:,} | {len(told['wrong'])} |")
    kills = sum(t["kills"] for t in tally.values())
    print(f"\n{kills} kills survived, {wrong} times something was wrong; {time.monotonic() - began:.0f} s, seed {given.seed}.")
    if given.out:
        rows = {n: {"kills": t["kills"], "acknowledged": t["acknowledged"], "wrong": len(t["wrong"])} for n, t in tally.items()}
        command = f"python -m trials.kills --kills {given.kills} --seed {given.seed}"
        figures.put(given.out, "kills", command, {"scenes": rows, "kills": kills, "wrong": wrong, "seconds": round(time.monotonic() - began)})
    sys.exit(bool(wrong))


def _undisturbed(scene: Scene, folder: Path) -> tuple[float, int]:
    """(seconds, SQLite's steps) of the work when nobody kills it; fails when even then something is wrong."""
    template = folder / f"{scene.name} template"
    _must(_forked(lambda ack: scene.prepare(template)), scene, "prepare")
    home = folder / "undisturbed"
    shutil.copytree(template, home)
    began = time.monotonic()
    pid, reader = _start(lambda ack: _counted(scene, home, ack))
    status, said = _ended(pid, reader, PATIENCE)
    seconds = time.monotonic() - began
    ops = [line for line in said if line.startswith("ops ")]
    if status != 0 or not ops:
        raise SystemExit(f"{scene.name} does not work even undisturbed:\n" + "\n".join(said))
    acked = [line for line in said if not line.startswith("ops ")]
    if problems := _judged(scene.judge, home, acked):
        raise SystemExit(f"{scene.name} is wrong even undisturbed: {problems}")
    shutil.rmtree(home)
    return seconds, int(ops[0].split()[1])


def _round(scene: Scene, folder: Path, measured: tuple[float, int], chance: random.Random, tally: dict) -> None:
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(folder / f"{scene.name} template", home)
    seconds, ops = measured
    if chance.random() < 0.5:
        at = chance.uniform(0, ops)
        pid, reader = _start(lambda ack: _killed_within(scene, home, ack, at))
        status, acked = _ended(pid, reader, PATIENCE)
    else:
        pid, reader = _start(lambda ack: scene.work(home, ack))
        time.sleep(chance.uniform(0, seconds))
        os.kill(pid, signal.SIGKILL)
        status, acked = _ended(pid, reader, PATIENCE)
    if status == 0:
        tally["finished before"] += 1
        return
    if status != -signal.SIGKILL:
        tally["wrong"].append(f"ended with {status} by itself: {acked[-3:]}")
        return
    tally["kills"] += 1
    tally["acknowledged"] += len(acked)
    problems = _judged(AT_ONCE[scene.name], home, acked) if scene.name in AT_ONCE else []
    status, said = _forked(lambda ack: scene.work(home, ack))
    if status != 0:
        problems.append("the work is not taken up again: " + " ".join(said[-3:]))
    else:
        problems += _judged(scene.judge, home, acked)
    if problems:
        tally["wrong"].append("; ".join(problems))


def _counted(scene: Scene, home: Path, ack: Callable[[str], None]) -> None:
    steps = [0]

    def step() -> int:
        steps[0] += OPS
        return 0

    _watch(step)
    scene.work(home, ack)
    ack(f"ops {steps[0]}")


def _killed_within(scene: Scene, home: Path, ack: Callable[[str], None], at: float) -> None:
    left = [at]

    def step() -> int:
        left[0] -= OPS
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    _watch(step)
    scene.work(home, ack)


def _watch(step: Callable[[], int]) -> None:
    """Have every connection opened from now on call ``step`` once in a while."""
    from db.connection import Connection

    plain = Connection._open

    def opened(self):
        database = plain(self)
        database.conn.set_progress_handler(step, OPS)
        return database

    Connection._open = opened


def _judged(judge: Callable, home: Path, acked: list[str]) -> list[str]:
    """What a judge says, in a process of its own."""
    status, said = _forked(lambda ack: [ack(problem) for problem in judge(home, acked)])
    return said if status == 0 else [f"judging failed: {' '.join(said[-6:])}"]


def _forked(work: Callable) -> tuple[int, list[str]]:
    return _ended(*_start(work), PATIENCE)


def _start(work: Callable[[Callable[[str], None]], object]) -> tuple[int, int]:
    """Run ``work`` in a process of its own; (its number, where it is heard). What it says is heard even when it is killed right after."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    status = 1
    try:
        os.close(reader)
        work(lambda line: os.write(writer, (line.replace("\n", " ") + "\n").encode()))
        status = 0
    except BaseException:
        os.write(writer, traceback.format_exc().encode())
    finally:
        os._exit(status)


def _ended(pid: int, reader: int, patience: float) -> tuple[int, list[str]]:
    """(exit status, or minus the signal; the lines it said)"""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGTERM))
    signal.alarm(int(patience))
    said = b""
    with os.fdopen(reader, "rb") as source:
        while part := source.read1(65_536):
            said += part
    _, status = os.waitpid(pid, 0)
    signal.alarm(0)
    return os.waitstatus_to_exitcode(status), said.decode().splitlines()


def _must(ended: tuple[int, list[str]], scene: Scene, what: str) -> None:
    if ended[0] != 0:
        raise SystemExit(f"{scene.name} cannot {what}:\n" + "\n".join(ended[1]))


if __name__ == "__main__":
    scenes.ENCODER.encode_queries(["loaded before the forks"])
    main()
