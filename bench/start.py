"""How long the command line's help takes, a cold server until its first answer, and what a server's process holds in memory, with the model prepared.

    python -m bench.start
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.measuring import quantile, table  # noqa: E402
from factcheck.settings import read_settings  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, PATIENCE, MEMORY = 3, 120, 400


def children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def command(*args: str, env: dict[str, str]) -> tuple[float, float]:
    """(seconds, seconds of processor time)"""
    began, used = time.perf_counter(), children()
    subprocess.run([sys.executable, "-m", "factcheck", *args], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began, children() - used


def serving(env: dict[str, str]) -> tuple[float, float]:
    """(seconds, seconds of processor time) of a new server until the first page of its home stands."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began, used = time.perf_counter(), children()
    server = subprocess.Popen(
        [sys.executable, "-m", "factcheck", "serve"], cwd=ROOT, env={**env, "PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE).read()
                break
            except (urllib.error.URLError, ConnectionError) as error:
                if time.perf_counter() - began > PATIENCE or server.poll() is not None:
                    raise SystemExit(f"The server did not answer: {error}, {server.poll()}") from None
                time.sleep(0.02)
        taken = time.perf_counter() - began
    finally:
        server.terminate()
        server.wait()
    return taken, children() - used


# What a process that serves does when somebody searches, and when an article comes, one after the other.
STEPS = """
import json, os
from pathlib import Path
from app import create_app
from bench import statements
from db import open_store
from factcheck import pipeline, searching
from factcheck.embed import open_encoder
from factcheck.settings import read_settings

def told(step):
    status = Path("/proc/self/status").read_text()
    print(json.dumps([step, *(int(status.split(name)[1].split()[0]) / 1024 for name in ("VmRSS:", "VmHWM:"))]))

settings = read_settings()
create_app(settings)
told("started, nothing asked yet")
store, encoder = open_store(settings.store), open_encoder(settings)
searching.search_claims(store, encoder, "The bridge has cost nothing")
told("after a search")
article, _ = pipeline.add_article(store, statements.articles(None)[0])
pipeline.process(store, encoder, article.id)
told("after an article of 400 words")
"""


def held(env: dict[str, str]) -> list[tuple[str, float, float]]:
    """(step, MB resident, MB at the most so far) of one process."""
    said = subprocess.run([sys.executable, "-c", STEPS], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return [tuple(json.loads(line)) for line in said.stdout.splitlines()]


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "CLAIMTRAIL_HOME": home, "CLAIMTRAIL_CACHE": str(read_settings().cache)}
        for step in (["prepare"], ["init", "--demo"]):
            subprocess.run([sys.executable, "-m", "factcheck", *step], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        helps = [command("--help", env=env) for _ in range(ROUNDS)]
        starts = [serving(env) for _ in range(ROUNDS)]
        memory = held(env)
    rows = [
        ("factcheck --help", f"{quantile([w for w, _ in helps], 0.5):.2f}", f"{quantile([c for _, c in helps], 0.5):.2f}", "0.50"),
        ("serve until the home page stands, then stopped", f"{quantile([w for w, _ in starts], 0.5):.2f}", f"{quantile([c for _, c in starts], 0.5):.2f}", "4.00"),
    ]
    print(table(("start, the middle one of three", "s", "s of processor", "limit"), rows))
    rows = [(step, f"{now:.0f}", f"{most:.0f}", f"{MEMORY}") for step, now, most in memory]
    print(table(("memory of a server's process, the demo on file", "MB", "MB at the most", "limit"), rows))


if __name__ == "__main__":
    main()
