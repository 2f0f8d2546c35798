"""Mixed traffic on one server for a while: readers, editors, imports, a watched feed; errors, waiting times, memory and open files.

    python -m trials.soak                     # 30 minutes, with a real server and the shipped model
    python -m trials.soak --seconds 20        # whether it works
    python -m trials.soak --out docs/reliability.json --plot docs/soak.svg
    python -m trials.soak --still --seconds 600 # nothing new comes in: what then still grew would be lost

Everything stays on this machine. Exits with 1 when a request failed, when memory grows by more than ``MOST_GROWTH`` an hour in the last third of the time
(caches take a while to fill, and each text that is new fills them), or when there are ``MOST_FILES`` more open files than after the first third.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from trials import figures, pictures

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "quiet river stone"
EDITORS = ("ada", "ben")
PLACES = ("/", "/claims/{n}", "/search?q={w}", "/search?q={w}&rating=false", "/people", "/promises", "/topics", "/quality", "/articles", "/claimreview.json", "/healthz")
WORDS = ("bridge", "Mauer", "war in one day", "vaccines chips", "Great Wall moon", "Steuern", "Erika Beispiel", "no such words anywhere")
MOST_GROWTH = 40.0  # MB an hour
MOST_FILES = 8
FEED_EVERY = 15.0  # seconds between two looks at the feed


class Tally:
    """What was asked and how long it took. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.took: dict[str, list[tuple[float, float]]] = defaultdict(list)  # kind -> (when, seconds)
        self.errors: list[str] = []

    def put(self, kind: str, seconds: float) -> None:
        with self._lock:
            self.took[kind].append((time.monotonic(), seconds))

    def fail(self, what: str) -> None:
        with self._lock:
            self.errors.append(what)


class Visitor:
    """One browser: a connection that is kept, and a cookie once signed in."""

    def __init__(self, port: int, tally: Tally, stop: threading.Event):
        self.port, self.tally, self.stop = port, tally, stop
        self.cookie = ""
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, kind: str, method: str, path: str, form: dict[str, str] | None = None, body: bytes = b"", content: str = "", fine=(200, 303)) -> tuple[str, str]:
        """(text, where it leads); what is not ``fine`` is noted as an error."""
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        if form is not None:
            body, content = urlencode(form).encode(), "application/x-www-form-urlencoded"
        if content:
            headers["Content-Type"] = content
        began = time.monotonic()
        for last in (False, True):
            fresh = self._connection is None
            self._connection = self._connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            try:
                self._connection.request(method, path, body or None, headers)
                answer = self._connection.getresponse()
                text = answer.read().decode("utf-8", "replace")
                break
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                self._connection = None
                if last or fresh or method != "GET":  # a kept connection may have been closed meanwhile; a fresh one may not
                    if not self.stop.is_set():
                        self.tally.fail(f"{method} {path.partition('?')[0]}: {type(error).__name__}")
                    return "", ""
        self.tally.put(kind, time.monotonic() - began)
        if answer.status not in fine:
            self.tally.fail(f"{method} {path.partition('?')[0]}: {answer.status}")
        if cookie := answer.getheader("Set-Cookie", ""):
            self.cookie = cookie.partition(";")[0]
        return text, answer.getheader("Location", "")

    def sign_in(self, name: str) -> None:
        self.ask("sign in", "POST", "/sign-in", {"name": name, "password": PASSWORD})


def read(visitor: Visitor, chance: random.Random) -> None:
    while not visitor.stop.wait(chance.uniform(0.02, 0.4)):
        place = chance.choice(PLACES).format(n=chance.randint(1, 25), w=urlencode({"": chance.choice(WORDS)})[1:])
        visitor.ask("GET " + re.sub(r"\d+", "N", place.partition("?")[0]), "GET", place)


def edit(visitor: Visitor, chance: random.Random, still: bool = False) -> None:
    """Decide what waits, take most of it back (``still``: all), add an article now and then (``still``: none)."""
    turn = 0
    while not visitor.stop.wait(chance.uniform(0.5, 2)):
        turn += 1
        page, _ = visitor.ask("GET /review", "GET", "/review")
        waiting = re.search(r'action="/review/(\d+)/no-match', page)
        saw = re.search(r'name="saw" value="([0-9a-f]+)"', page)
        if waiting:
            visitor.ask("POST decision", "POST", f"/review/{waiting[1]}/no-match", {"saw": saw[1] if saw else ""}, fine=(200, 303, 409))
            if still or chance.random() < 0.8:
                visitor.ask("POST undo", "POST", "/review/undo", {}, fine=(200, 303, 409))
        if turn % 8 == 1 and not still:
            n = chance.randrange(10**9)
            text = f"Council meeting {n}.\n\n“We will open {n % 90} schools by 2031,” said Mayor Vera Lindqvist on Monday. She said the bridge had been closed for {n % 30} years."
            visitor.ask("POST article", "POST", "/articles/new", {"text": text, "title": f"Meeting {n}"})


def bring(visitor: Visitor, chance: random.Random) -> None:
    """Import a file of claims now and then, and have the feed looked at."""
    n = 0
    while not visitor.stop.wait(FEED_EVERY):
        n += 1
        visitor.ask("POST look at a feed", "POST", "/sources/1/look", {}, fine=(200, 303, 400, 409, 502))
        if n % 2:
            rows = "claim,speaker,rating,publisher,url\n" + "".join(
                f"Project {n}-{i} costs {chance.randrange(900)} million,Ann Example,false,Desk,https://example.org/{n}/{i}\n" for i in range(20)
            )
            mark = "form-boundary-of-the-trial"
            body = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="claims-{n}.csv"\r\nContent-Type: text/csv\r\n\r\n{rows}\r\n--{mark}--\r\n'
            _, where = visitor.ask("POST import", "POST", "/import", body=body.encode(), content=f"multipart/form-data; boundary={mark}")
            if found := re.search(r"/import/(\d+)", where):
                visitor.ask("POST import", "POST", f"/import/{found[1]}/start", {})
            visitor.ask("GET /jobs", "GET", "/jobs")


class Feed(BaseHTTPRequestHandler):
    """A feed with a new item whenever it is asked for, and its articles."""

    asked = 0

    def do_GET(self) -> None:
        kind, status = "text/html; charset=utf-8", 200
        if self.path.startswith("/feed"):
            type(self).asked += 1
            items = "".join(
                f"<item><title>News {n}</title><link>http://127.0.0.1:{self.server.server_address[1]}/news/{n}</link><guid>{n}</guid></item>"
                for n in range(max(1, self.asked - 5), self.asked + 1)
            )
            kind, body = "application/rss+xml", f'<rss version="2.0"><channel><title>The Trial</title><link>/</link><description>x</description>{items}</channel></rss>'
        elif self.path.startswith("/news/"):
            n = self.path.rpartition("/")[2]
            said = f"<p>“The harbour will be dredged {n} times,” said Minister Jonas Feldt on Tuesday in the town hall. He said it had cost {n} million.</p>"
            body = f"<html><head><title>News {n}</title></head><body><article><h1>News {n}</h1>{said}<p>{'The council had met for hours before. ' * 12}</p></article></body></html>"
        else:
            status, body = 404, "no"
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--still", action="store_true", help="readers and decisions only: no articles, no imports, no feed")
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, help="folder of the unpacked model, instead of unpacking it anew")
    parser.add_argument("--out", type=Path, help="a file of figures to add to")
    parser.add_argument("--plot", type=Path, help="an SVG of memory and waiting times")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="claimtrail-soak-"))
    feed = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    threading.Thread(target=feed.serve_forever, daemon=True).start()
    server = None
    try:
        home = folder / "home"
        environment = surroundings(home, given.cache or folder / "cache")
        _prepare(home, environment, feed.server_address[1])
        server = serve(environment, folder / "server.log")
        found = _traffic(given, int(environment["PORT"]), server)
        server.terminate()
        found["ended by itself"] = server.wait(60)
        checked = subprocess.run([sys.executable, "-m", "factcheck", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
        problems = [line for line in checked.stderr.splitlines() if line.startswith("Problem") and "vectors are missing" not in line]
        log = (folder / "server.log").read_text()
    finally:
        if server and server.poll() is None:
            server.kill()
        feed.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
    found["traces in the log"] = log.count("Traceback")
    found["problems after"] = len(problems)
    _tell(found)
    for trace in log.split("Traceback")[1:4]:
        print(f"Traceback{trace[:4000]}", file=sys.stderr)
    for problem in [*problems, *found["errors"][:10]]:
        print(problem, file=sys.stderr)
    if given.plot:
        given.plot.write_text(pictures.soak(found["samples"], found["minutes"]))
    wrong = bool(found["errors"] or problems or found["traces in the log"] or found["ended by itself"])
    long_enough = given.seconds >= 600  # caches fill at first, so less says nothing of growth
    wrong |= long_enough and (found["MB an hour at last"] > MOST_GROWTH or found["files at the end"] - found["files"] > MOST_FILES)
    if given.out:
        kept = {k: v for k, v in found.items() if k not in ("samples", "minutes", "errors")} | {"errors": len(found["errors"])}
        figures.put(given.out, "soak still" if given.still else "soak", f"python -m trials.soak --seconds {given.seconds}{' --still' * given.still}", kept)
    sys.exit(bool(wrong))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def surroundings(home: Path, cache: Path) -> dict[str, str]:
    """The environment of a server of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CLAIMTRAIL_")}
    return inherited | {
        "CLAIMTRAIL_HOME": str(home), "CLAIMTRAIL_CACHE": str(cache), "PORT": str(free_port()), "CLAIMTRAIL_OUTGOING_ALLOW": "127.0.0.1", "CLAIMTRAIL_LOG": "json",
    }  # fmt: skip


def _prepare(home: Path, environment: dict[str, str], feed: int) -> None:
    from db import open_store
    from factcheck import passwords
    from factcheck.records import Role

    made = subprocess.run([sys.executable, "-m", "factcheck", "init", "--demo"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert made.returncode == 0, made.stderr
    store = open_store(home / "claimtrail.db")
    for name in EDITORS:
        store.users.create(name, passwords.hash_password(PASSWORD), Role.EDITOR)
    store.close()
    added = subprocess.run(
        [sys.executable, "-m", "factcheck", "sources", "add", f"http://127.0.0.1:{feed}/feed"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )  # fmt: skip
    assert added.returncode == 0, added.stderr


def serve(environment: dict[str, str], log: Path) -> subprocess.Popen:
    """A server that is ready; what it says goes to ``log``."""
    with log.open("w") as out:
        server = subprocess.Popen([sys.executable, "-m", "factcheck", "serve"], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    until = time.monotonic() + 180
    while time.monotonic() < until and server.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return server
        except OSError:
            pass
        time.sleep(0.2)
    server.kill()
    raise SystemExit(f"The server did not start:\n{log.read_text()[-3000:]}")


def _traffic(given: argparse.Namespace, port: int, server: subprocess.Popen) -> dict:
    tally, stop, chance = Tally(), threading.Event(), random.Random(given.seed)
    threads = []
    for n in range(given.readers):
        threads.append(threading.Thread(target=read, args=(Visitor(port, tally, stop), random.Random(chance.random()))))
    for work, name in ((edit, EDITORS[0]), (edit, EDITORS[1]), *([] if given.still else [(bring, EDITORS[0])])):
        visitor = Visitor(port, tally, stop)
        visitor.sign_in(name)
        threads.append(threading.Thread(target=work, args=(visitor, random.Random(chance.random()), *([given.still] if work is edit else []))))
    began, samples = time.monotonic(), []
    for thread in threads:
        thread.start()
    while time.monotonic() - began < given.seconds and server.poll() is None:
        samples.append((time.monotonic() - began, *_state(server.pid)))
        time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join(150)
    if server.poll() is not None:
        tally.fail("the server ended")
    everything = np.array([s for took in tally.took.values() for _, s in took])
    later = np.array([row for row in samples if row[0] > given.seconds / 3] or samples)
    last = later[later[:, 0] > given.seconds * 2 / 3]
    return {
        "requests": len(everything), "errors": tally.errors, "seconds": given.seconds,
        "p50 ms": _ms(everything, 50), "p95 ms": _ms(everything, 95), "p99 ms": _ms(everything, 99),
        "MB at a third": round(float(later[0, 1])), "MB at the end": round(samples[-1][1]), "MB an hour": _slope(later), "MB an hour at last": _slope(last),
        "files": int(np.median(later[: max(1, len(later) // 10), 2])), "files at the end": int(np.median(later[-max(1, len(later) // 10) :, 2])),
        "kinds": {k: {"n": len(v), "p50": _ms([s for _, s in v], 50), "p99": _ms([s for _, s in v], 99)} for k, v in sorted(tally.took.items())},
        "samples": samples, "minutes": _by_minute(tally, began),
    }  # fmt: skip


def _slope(samples: np.ndarray) -> float:
    """MB an hour."""
    return round(float(np.polyfit(samples[:, 0] / 3600, samples[:, 1], 1)[0]), 1) if len(samples) > 2 else 0.0


def _state(pid: int) -> tuple[float, int]:
    """(resident memory in MB, open files) of a process."""
    try:
        kilobytes = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(kilobytes[1]) / 1024 if kilobytes else 0.0, len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0.0, 0


def _ms(seconds, percentile: float) -> float:
    return round(float(np.percentile(seconds, percentile)) * 1000, 1) if len(seconds) else 0.0


def _by_minute(tally: Tally, began: float) -> list[tuple[float, float]]:
    """(minute, p99 in ms of the requests that ended in it)"""
    each: dict[int, list[float]] = defaultdict(list)
    for took in tally.took.values():
        for at, seconds in took:
            each[int((at - began) // 60)].append(seconds)
    return [(minute, _ms(found, 99)) for minute, found in sorted(each.items())]


def _tell(found: dict) -> None:
    print("| Request | Times | p50 ms | p99 ms |\n|---|---:|---:|---:|")
    for kind, told in found["kinds"].items():
        print(f"| {kind} | {told['n']:,} | {told['p50']:,} | {told['p99']:,} |")
    print(json.dumps({k: v if k != "errors" else len(v) for k, v in found.items() if k not in ("kinds", "samples", "minutes")}))


if __name__ == "__main__":
    main()
