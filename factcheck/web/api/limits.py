"""How many requests a token may make in a minute, and the headers that tell how many are left.

Counted in the process: with several of them each allows as many, which keeps a runaway script in check all the same.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from flask import Response, g

from factcheck.errors import TooManyTries

A_MINUTE = 60
ALLOWED = 600  # requests a minute and token
MOST_TOKENS = 10_000  # remembered at once


@dataclass
class Window:
    ends: float
    left: int


class Limits:
    def __init__(self, allowed: int = ALLOWED):
        self.allowed = allowed
        self._lock = threading.Lock()
        self._windows: dict[int, Window] = {}

    def take(self, token_id: int, now: float | None = None) -> Window:
        """Count a request; the token's window as it then stands. Raises TooManyTries when none is left."""
        now = time.monotonic() if now is None else now
        with self._lock:
            window = self._windows.get(token_id)
            if window is None or window.ends <= now:
                if len(self._windows) >= MOST_TOKENS:
                    self._windows = {i: w for i, w in self._windows.items() if w.ends > now}
                window = self._windows[token_id] = Window(now + A_MINUTE, self.allowed)
            g.rate = (self.allowed, max(0, window.left - 1), int(window.ends - now) + 1)
            if window.left <= 0:
                wait = int(window.ends - now) + 1
                raise TooManyTries(
                    f"Too many requests: {self.allowed} a minute are answered. Wait {wait} seconds.", key="api_limit", limit=self.allowed, wait=wait
                )
            window.left -= 1
            return window


limits = Limits()


def tell(response: Response) -> Response:
    """The usual headers, after draft-ietf-httpapi-ratelimit-headers."""
    if rate := g.get("rate"):
        for name, value in zip(("Limit", "Remaining", "Reset"), rate, strict=True):
            response.headers[f"RateLimit-{name}"] = str(value)
    return response
