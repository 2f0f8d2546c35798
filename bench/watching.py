"""How many articles an hour come in by themselves: feeds are watched, pages fetched, read, and matched with the claims on file.

    python -m bench.watching --home FOLDER      # a store that bench.search_at_scale made, else one of 20,000 claims is made
    python -m bench.watching --articles 400     # longer

A small web of papers on this machine gives out feeds and pages: articles of 400 words, those of the tests with words exchanged. The product's own worker
(``claimtrail worker``), a process of its own on a copy of the store, looks at the feeds and takes what is in them. Each paper is a site of its own, since of one site a
page is read every five seconds at most. Counted is from the first article that is through to the last. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import statements
from bench.load import copied
from bench.measuring import table
from db import Store, open_store
from factcheck.records import Source
from factcheck.settings import read_settings
from trials.soak import ROOT, surroundings

PAPERS = 20  # each a port of this machine
EXCHANGED = 0.2  # of the words; fewer would make two papers' articles the same text
EVERY = 0.5  # seconds between two looks
PATIENCE = 120  # seconds without an article after which it is given up


@dataclass(frozen=True)
class Course:
    """``articles`` are those counted over ``seconds``, with ``made`` statements; ``cpu``: the worker's processor time, from its start to its end."""

    articles: int
    made: int
    seconds: float
    cpu: float
    all: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--articles", type=int, default=60)
    parser.add_argument("--json", type=Path, help="Write the figures here.")
    given = parser.parse_args()
    texts = articles(given.articles)
    papers = [Paper(f"Paper {n + 1}", texts[n::PAPERS]) for n in range(min(PAPERS, len(texts)))]
    try:
        with tempfile.TemporaryDirectory(prefix="claimtrail-bench-") as folder:
            home = Path(folder) / "home"
            count = copied(given.home, home, given.claims, 0)
            environment = surroundings(home, read_settings().cache) 
            store = open_store(home / "claimtrail.db")
            try:
                subscribe(store, papers)
                course = watched([sys.executable, "-m", "factcheck", "worker"], environment, store, given.articles)
            finally:
                store.close()
    finally:
        for paper in papers:
            paper.close()
    told = tell(course, count)
    if given.json:
        given.json.write_text(json.dumps(told, indent=1))


def articles(n: int, seed: int = 7) -> list[str]:
    """Texts of 400 words, no two alike: a word is exchanged for another of its kind (small or capital letter, about as long)."""
    chance, own = random.Random(seed), [a.text for a in statements.articles(None)]
    kinds: dict[tuple[bool, int], list[str]] = {}
    for word in sorted({w for text in own for w in re.findall(r"[^\W\d_]{4,}", text)}):
        kinds.setdefault((word[0].isupper(), len(word) // 3), []).append(word)

    def other(found: re.Match[str]) -> str:
        word = found[0]
        return chance.choice(kinds[word[0].isupper(), len(word) // 3]) if chance.random() < EXCHANGED else word

    return [re.sub(r"[^\W\d_]{4,}", other, own[i % len(own)]) for i in range(n)]


class Paper:
    """A site of its own on this machine: a feed at /feed and an article at /N."""

    def __init__(self, name: str, texts: Sequence[str]):
        self.name, self._texts = name, texts
        own = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body = own.answer(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> tuple[str, bytes]:
        """(type, content); nothing for what is not there."""
        if path == "/feed":
            items = "".join(f"<item><title>Report {n}</title><link>{self.address}/{n}</link><guid>{self.address}/{n}</guid></item>" for n in range(len(self._texts)))
            return "application/rss+xml", f'<rss version="2.0"><channel><title>{self.name}</title><link>/</link><description>x</description>{items}</channel></rss>'.encode()
        if re.fullmatch(r"/\d{1,6}", path) and int(path[1:]) < len(self._texts):
            paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in self._texts[int(path[1:])].split("\n\n"))
            return "text/html; charset=utf-8", f"<html><head><title>Report {path[1:]}</title></head><body><article><h1>Report {path[1:]}</h1>{paragraphs}</article></body></html>".encode()
        return "text/plain", b""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def subscribe(store: Store, papers: Sequence[Paper]) -> None:
    for paper in papers:
        store.sources.add(Source(name=paper.name, url=f"{paper.address}/feed", minutes=10_000))


def watched(command: Sequence[str], environment: dict[str, str], store: Store, wanted: int) -> Course:
    """Let the worker work until so many articles are through."""
    before, spoken = counted(store)
    first: tuple[float, int, int] | None = None
    done, made, last = 0, 0, time.monotonic()
    with (Path(environment["CLAIMTRAIL_HOME"]).parent / "worker.log").open("w+") as said:
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        try:
            while done < wanted:
                time.sleep(EVERY)
                now = time.monotonic()
                ready, all_made = counted(store)
                if ready - before > done:
                    done, made, last = ready - before, all_made - spoken, now
                    first = first or (now, done, made)
                if worker.poll() is not None or now - last > PATIENCE:
                    said.seek(0)
                    raise SystemExit(f"Only {done} of {wanted} articles came through:\n{said.read()[-2000:]}")
            cpu = used(worker.pid)
        finally:
            worker.terminate()
            worker.wait(60)
    assert first
    return Course(done - first[1], made - first[2], last - first[0], cpu, done)


def counted(store: Store) -> tuple[int, int]:
    """(articles that are through, statements)"""
    return store.articles.count() - sum(store.articles.states().values()), store.articles.count_statements()


def used(pid: int) -> float:
    """Seconds of processor time of a process."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def tell(course: Course, claims: int) -> dict[str, float]:
    """Print the table; the figures."""
    hours = max(course.seconds, 1e-9) / 3600
    told = {
        "claims": claims, "articles an hour": course.articles / hours, "statements an hour": course.made / hours, "articles": course.articles, "seconds": course.seconds,
        "cpu an article": course.cpu / max(1, course.all),
    }  # fmt: skip
    rows = [
        ("articles an hour", f"{told['articles an hour']:,.0f}"), ("statements an hour", f"{told['statements an hour']:,.0f}"),
        ("statements an article", f"{course.made / max(1, course.articles):.1f}"), ("processor time of the worker for each article, its start in it, s", f"{told['cpu an article']:.2f}"),
    ]  # fmt: skip
    print(table((f"watched, {claims:,} claims on file", f"{course.articles} articles in {course.seconds:.0f} s"), rows))
    return told


if __name__ == "__main__":
    main()
