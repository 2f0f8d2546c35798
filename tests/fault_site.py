"""A web site on this machine that does what it is told: pages, and every way in which a site can fail. For all tests that fetch something."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from factcheck import fetch

HERE = ("127.0.0.1",)  # what has to be allowed for it

Answer = Callable[["Handler"], None]


class FaultSite(ThreadingHTTPServer):
    """``pages``: path -> what is answered there, a body or a function; ``asked``: (path, headers) of every request, as they came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.release = threading.Event()  # ends all answers that never come
        self.begin()

    def begin(self) -> None:
        self.pages: dict[str, bytes | str | Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent = 0  # megabytes that ``endless`` got rid of

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class Handler(BaseHTTPRequestHandler):
    server: FaultSite

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        plain = self.path.partition("?")[0]
        answer = self.server.pages.get(self.path) or self.server.pages.get(plain) or _usual(plain)
        if callable(answer):
            return answer(self)
        self.give(200, answer.encode() if isinstance(answer, str) else answer)

    def give(self, status: int, body: bytes = b"", kind: str = "", **headers: str) -> None:
        """``headers`` by their names, with _ for -."""
        kind = kind or ("text/html; charset=utf-8" if b"<html" in body[:200] else "application/xml")
        try:
            self.send_response(status)
            for name, value in {"Content-Type": kind, **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # nobody listens any more
            pass

    def log_message(self, *_) -> None:
        pass


def _usual(path: str) -> Answer:
    """What is answered where nothing was said: /status503, /to/301/where, /chain0 and on and on, else there is no page."""
    name = path.strip("/")
    if name.startswith("status"):
        return status(int(name.removeprefix("status")))
    if name.startswith("to/"):
        _, code, target = name.split("/", 2)
        return redirect(target if "/" in target else f"/{target}", int(code))
    if name.startswith("chain"):
        return redirect(f"/chain{int(name.removeprefix('chain')) + 1}")
    return status(404)


# Ways to answer


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda site: site.give(code, body, **headers)


def redirect(to: str, code: int = 302) -> Answer:
    return status(code, Location=to)


def never(site: Handler) -> None:
    site.server.release.wait(30)


def endless(site: Handler) -> None:
    """100 MB, unless nobody listens any more."""
    site.send_response(200)
    site.end_headers()
    try:
        for _ in range(100):
            site.wfile.write(b" " * 2**20)
            site.server.sent += 1
    except OSError:
        pass


def hang_up(site: Handler) -> None:
    site.connection.close()


def packed(body: bytes, packing: str = "gzip") -> Answer:
    """The body as gzip, or as the bare deflate that some servers send."""
    if packing == "gzip":
        return status(200, gzip.compress(body), Content_Encoding="gzip")
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return status(200, packer.compress(body) + packer.flush(), Content_Encoding="deflate")


def robots(*lines: str) -> Answer:
    return status(200, "\n".join(lines).encode(), kind="text/plain")


@contextmanager
def serving() -> Iterator[FaultSite]:
    site = FaultSite()
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        site.release.set()
        site.shutdown()
        site.server_close()


@pytest.fixture(scope="module")
def running_site() -> Iterator[FaultSite]:
    with serving() as site:
        yield site


@pytest.fixture
def fault_site(running_site: FaultSite) -> Iterator[FaultSite]:
    """The site without any page, and with nothing remembered of it."""
    running_site.begin()
    fetch.known_rules.forget()
    yield running_site
    fetch.known_rules.forget()
