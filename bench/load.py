"""The highest rate of mixed reads and decisions that a server holds: from step to step more visitors, until a page in a hundred takes too long.

    python -m bench.load --home FOLDER        # a store that bench.search_at_scale made, else one of 20,000 claims is made
    python -m bench.load --seconds 30         # longer steps

A real server (``claimtrail serve`` with its worker) and the visitors (Locust, ``bench/visitors.py``) share the same two cores; the store is a copy that is taken
away afterwards. Three visits in four are searches, claims and other pages, one in eight is a look at the queue with a decision and its undoing, by
signed-in editors. A rate is held when p99 of all requests is at most 250 ms, none failed and the visitors got nearly as many answers as
they would have asked for. Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import invented
from bench.measuring import table
from db import open_store
from factcheck import passwords
from factcheck.embed import open_encoder
from factcheck.records import Role
from factcheck.settings import read_settings
from trials.soak import PASSWORD, ROOT, Tally, Visitor, serve, surroundings

LIMIT = 250  # ms, p99
CORES = 2
EDITORS = 4
TOOLS = Path(sys.prefix) / "load-tools"  # Locust and what it needs, apart from what the product and its tests see
FIRST, MORE = 4.0, 1.5  # visits a second of the first step; by how much each further one is more
MOST_STEPS = 9
PAUSE = 2.0  # seconds between two visits of one visitor
ANSWERED = 0.9  # share of the visits asked for that have to be answered
WARM = ("/", "/search?q=bridge", "/claims/1", "/claims/2", "/review", "/people", "/promises")


@dataclass(frozen=True)
class Step:
    """What came of a rate. ``kinds``: of each kind of request how many there were, p50, p95 and p99 in ms; "" is all of them."""

    asked: float  # visits a second
    requests: float  # a second
    failures: int
    kinds: dict[str, tuple[int, float, float, float]]

    @property
    def p99(self) -> float:
        return self.kinds[""][3]

    @property
    def visits(self) -> float:
        """A second; a decision and its undoing belong to the visit that looked at the queue."""
        further = sum(self.kinds[k][0] for k in ("decision", "undo") if k in self.kinds)
        return self.requests * (1 - further / max(1, self.kinds[""][0]))

    @property
    def is_held(self) -> bool:
        return self.p99 <= LIMIT and not self.failures and self.visits >= ANSWERED * self.asked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--statements", type=int, default=4_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--seconds", type=int, default=12, help="Of a step.")
    parser.add_argument("--steps", type=int, default=MOST_STEPS, help="At most.")
    parser.add_argument("--json", type=Path, help="Write the figures here.")
    given = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="claimtrail-bench-") as folder:
        home = Path(folder) / "home"
        claims = copied(given.home, home, given.claims, given.statements)
        environment = surroundings(home, read_settings().cache)
        server = serve(environment, Path(folder) / "server.log")
        try:
            cookies = signed_in(int(environment["PORT"]))
            visited(int(environment["PORT"]), cookies, claims, FIRST, given.seconds)  # whatever is made at first sight is there then
            found = climb(lambda rate: visited(int(environment["PORT"]), cookies, claims, rate, given.seconds), given.steps)
        finally:
            server.terminate()
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
    told = tell(found, claims)
    if given.json:
        given.json.write_text(json.dumps(told, indent=1))
    if not all(step.kinds[""][0] for step in found):
        raise SystemExit("Some step had no answer at all.")


def copied(source: Path | None, home: Path, claims: int, statements: int) -> int:
    """Put a copy of a store, or a new one, into a home, with editors; how many claims are on file."""
    home.mkdir(parents=True)
    if source and (source / "claimtrail.db").exists():
        open_store(source / "claimtrail.db").close()  # brings what was not in the file itself there
        for name in ("claimtrail.db", "index"):
            if (source / name).is_dir():
                shutil.copytree(source / name, home / name)
            elif (source / name).exists():
                shutil.copy(source / name, home / name)
    is_new = not (home / "claimtrail.db").exists()
    store = open_store(home / "claimtrail.db")
    if is_new:
        invented.fill(store, open_encoder(read_settings()), claims, statements)
    for number in range(EDITORS):
        store.users.create(f"load{number}", passwords.hash_password(PASSWORD), Role.EDITOR)
    count = store.claims.count()
    store.close()
    return count


def signed_in(port: int) -> list[str]:
    """Cookies of the editors, once each page was asked for by each."""
    tally, found = Tally(), []
    for number in range(EDITORS):
        visitor = Visitor(port, tally, threading.Event())
        visitor.sign_in(f"load{number}")
        for address in WARM:
            visitor.ask("warm", "GET", address)
        found.append(visitor.cookie)
    if tally.errors:
        raise SystemExit(f"The server does not answer as it should: {tally.errors[:3]}")
    return found


def climb(at: Callable[[float], Step], most: int) -> list[Step]:
    """Steps from ``FIRST`` up to the first rate that is not held, or down to the first that is, and one between the two. ``at(rate)`` is a step."""
    found = [at(FIRST)]
    up = found[0].is_held
    while found[-1].is_held == up and len(found) < most:
        found.append(at(found[-1].asked * (MORE if up else 1 / MORE)))
    if found[-1].is_held != up and len(found) > 1:
        found.append(at((found[-1].asked * found[-2].asked) ** 0.5))
    return sorted(found, key=lambda step: step.asked)


def visited(port: int, cookies: list[str], claims: int, rate: float, seconds: int) -> Step:
    """Have as many visitors as the rate needs ask for so long, in a process of its own."""
    users = max(1, round(rate * PAUSE))
    environment = {**os.environ, "CLAIMTRAIL_BENCH_COOKIES": "\n".join(cookies), "CLAIMTRAIL_BENCH_CLAIMS": str(claims), "CLAIMTRAIL_BENCH_PAUSE": str(PAUSE), "PYTHONPATH": f"{ROOT}{os.pathsep}{TOOLS}"}
    command = [
        sys.executable, "-m", "locust", "--locustfile", str(ROOT / "bench" / "visitors.py"), "--headless", "--json", "--host", f"http://127.0.0.1:{port}", "--users", str(users),
        "--spawn-rate", str(max(0.5, users / PAUSE)), "--run-time", f"{seconds}s", "--skip-log", "--exit-code-on-error", "0", "--config", os.devnull,
    ]  # fmt: skip
    ran = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds + 120)
    if ran.returncode or "[" not in ran.stdout:
        raise SystemExit(f"Locust did not run. It comes with: pip install --no-deps --target {TOOLS} -r bench/requirements-load.txt\n{ran.stderr[-2000:]}")
    return step_of(users / PAUSE, json.loads(ran.stdout[ran.stdout.index("[") :]))


def step_of(asked: float, rows: list[dict]) -> Step:
    """A step from what Locust counted: of each kind of request ``response_times`` (ms -> how many)."""
    kinds, everything = {}, {}
    for row in rows:
        times = {float(ms): int(n) for ms, n in row["response_times"].items()}
        kinds[row["name"]] = _spread(times)
        for ms, n in times.items():
            everything[ms] = everything.get(ms, 0) + n
    began, ended = min((r["start_time"] for r in rows), default=0.0), max((r["last_request_timestamp"] or 0 for r in rows), default=0.0)
    kinds[""] = _spread(everything)
    return Step(asked, kinds[""][0] / max(ended - began, 1e-9), sum(r["num_failures"] for r in rows), kinds)


def _spread(times: dict[float, int]) -> tuple[int, float, float, float]:
    """(how many, p50, p95, p99)"""
    total = sum(times.values())

    def at(share: float) -> float:
        left = share * total
        for ms, n in sorted(times.items()):
            left -= n
            if left <= 0:
                return ms
        return 0.0

    return total, at(0.5), at(0.95), at(0.99)


def tell(found: list[Step], claims: int) -> dict[str, object]:
    """Print the steps and the pages at the highest rate that was held; the figures."""
    print(f"### {claims:,} claims; server and visitors on the same {len(os.sched_getaffinity(0))} cores\n")
    rows = [
        (f"{s.asked:.1f}", f"{s.visits:.1f}", f"{s.requests:.1f}", *(f"{ms:.0f}" for ms in s.kinds[""][1:]), s.failures, "held" if s.is_held else "not held") for s in found
    ]  # fmt: skip
    print(table(("visits a second, asked for", "answered", "requests a second", "p50, ms", "p95", "p99", "failed", f"p99 at most {LIMIT} ms"), rows))
    held = [step for step in found if step.is_held]
    best = held[-1] if held else found[0]
    rows = [(name, f"{n:,}", *(f"{ms:.0f}" for ms in spread)) for name, (n, *spread) in sorted(best.kinds.items()) if name]
    print(table((f"at {best.requests:.1f} requests a second{'' if held else ', the lowest, not held'}", "requests", "p50, ms", "p95", "p99"), rows))
    return {
        "claims": claims, "requests held": best.requests if held else 0.0, "visits held": best.visits if held else 0.0,
        "steps": [{"asked": s.asked, "requests": s.requests, "p99": s.p99, "failures": s.failures, "held": s.is_held} for s in found], "kinds": best.kinds,
    }  # fmt: skip


if __name__ == "__main__":
    main()
