"""Those who keep a connection busy: slow senders, bodies and headers without end. Everybody else is answered meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import waitress
from web_site import Site, site  # noqa: F401  (a fixture)

from factcheck.web.proxies import Behind
from factcheck.web.serving import LIMITS

SLOW = 150  # connections; waitress's own default is to take 100 at once


@pytest.fixture
def port(site: Site) -> Iterator[int]:  # noqa: F811
    """The site behind the real web server with its real limits, but that silence is too long after one second."""
    server = waitress.create_server(site.app, host="127.0.0.1", port=0, threads=2, ident=None, **LIMITS | {"channel_timeout": 1, "cleanup_interval": 1})
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    yield server.effective_port
    server.close()
    server.task_dispatcher.shutdown(timeout=0.1)


def ask(port: int, request: bytes, *, most_seconds: float = 20) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=most_seconds) as talk:
        talk.sendall(request)
        heard = b""
        try:
            while part := talk.recv(65536):
                heard += part
        except ConnectionResetError:
            pass
        return heard


def test_slow_senders_keep_nobody_waiting_and_are_let_go(port):
    slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(SLOW)]
    try:
        for number, talk in enumerate(slow):
            talk.sendall(b"GET / HTTP/1.1\r\nHost: loc" if number % 2 else b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nq=")
        answer = ask(port, b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200")
        until = time.monotonic() + 30
        for talk in slow:
            talk.settimeout(max(0.1, until - time.monotonic()))
            try:
                while talk.recv(65536):  # what the server says before it hangs up
                    pass
            except ConnectionResetError:
                pass
    finally:
        for talk in slow:
            talk.close()


@pytest.mark.parametrize(("trusted", "came_from"), [(("127.0.0.1",), "192.0.2.7 https"), ((), "127.0.0.1 http")], ids=["a proxy of ours", "anybody"])
def test_the_real_server_believes_a_trusted_proxy_and_nobody_else(trusted, came_from):
    """Through the web server itself, which would take such headers away before the program can judge them."""

    def tell(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']}".encode()]

    server = waitress.create_server(Behind(tell, trusted), host="127.0.0.1", port=0, threads=1, ident=None, **LIMITS)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        said = b"X-Forwarded-For: 203.0.113.9, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n"
        answer = ask(server.effective_port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + said + b"\r\n")
        assert answer.endswith(came_from.encode())
    finally:
        server.close()
        server.task_dispatcher.shutdown(timeout=0.1)


@pytest.mark.parametrize(
    ("request_line", "says"),
    [
        (b"POST /articles/new HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b""),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET /a\x00b HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"\x16\x03\x01\x02\x00\x01\x00", b""),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\x00: c\r\n\r\n", b"400"),
    ],
    ids=["endless body", "endless header", "two lengths", "negative length", "NUL in the path", "no HTTP", "folded and broken headers"],
)
def test_what_is_no_proper_request_gets_a_short_refusal(port, request_line, says):
    answer = ask(port, request_line.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1) if b"Host" in request_line else request_line + b"\r\n\r\n")
    status = answer.split(b" ", 2)[1] if answer.startswith(b"HTTP/") else b""
    assert status < b"500", answer[:300]
    assert not says or status == says, answer[:300]
    assert b"Traceback" not in answer
