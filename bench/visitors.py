"""What the visitors of ``bench.load`` do: a file for Locust, which runs it in a process of its own.

``CLAIMTRAIL_BENCH_COOKIES`` holds a session's cookie a line, ``CLAIMTRAIL_BENCH_CLAIMS`` how many claims are on file. Each visitor does one thing every
``CLAIMTRAIL_BENCH_PAUSE`` seconds, or as soon as the last one is answered.
"""

from __future__ import annotations

import itertools
import os
import random
import re
from urllib.parse import quote

from locust import FastHttpUser, constant_throughput, task

from bench.search_at_scale import texts

PAUSE = float(os.environ.get("CLAIMTRAIL_BENCH_PAUSE", "2"))
COOKIES = itertools.cycle(os.environ.get("CLAIMTRAIL_BENCH_COOKIES", "").split("\n"))
CLAIMS = int(os.environ.get("CLAIMTRAIL_BENCH_CLAIMS", "1"))
TEXTS = texts(2_000)


class Editor(FastHttpUser):
    """A signed-in editor who mostly reads and now and then decides."""

    wait_time = constant_throughput(1 / PAUSE)

    def on_start(self) -> None:
        self.headers = {"Cookie": next(COOKIES), "Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}

    def read(self, address: str, name: str) -> str:
        return self.client.get(address, name=name, headers=self.headers).text or ""

    @task(2)
    def home(self) -> None:
        self.read("/", "home")

    @task(4)
    def search(self) -> None:
        self.read(f"/search?q={quote(random.choice(TEXTS))}", "search")

    @task(4)
    def claim(self) -> None:
        self.read(f"/claims/{random.randint(1, CLAIMS)}", "claim")

    @task(2)
    def queue(self) -> None:
        self.read("/review", "queue")

    @task(1)
    def people(self) -> None:
        self.read("/people", "people")

    @task(1)
    def promises(self) -> None:
        self.read("/promises", "promises")

    @task(2)
    def decide(self) -> None:
        """Look at the queue, say of one statement that nothing matches it, and take that back."""
        page = self.read("/review", "queue")
        waiting, saw = re.findall(r'action="/review/(\d+)/no-match', page), re.search(r'name="saw" value="([0-9a-f]+)"', page)
        if waiting:
            self.post(f"/review/{random.choice(waiting)}/no-match", {"saw": saw[1] if saw else ""}, "decision")
            self.post("/review/undo", {}, "undo")

    def post(self, address: str, form: dict[str, str], name: str) -> None:
        with self.client.post(address, form, name=name, headers=self.headers, allow_redirects=False, catch_response=True) as answer:
            if answer.status_code in (303, 409):  # another editor may have been faster
                answer.success()
