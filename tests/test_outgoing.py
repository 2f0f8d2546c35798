"""Connections to addresses given by people: only public ones, only the one that was judged, never longer or larger than allowed."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from factcheck import outgoing
from factcheck.errors import OutgoingFailed, OutgoingRefused

HERE = ("127.0.0.1",)

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.254", "127.0.0.1", "127.255.0.3",
    "168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.7",
    "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.9", "203.0.113.5", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
    "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "fe80::1", "fec0::1",
    "ff02::1", "ff0e::1", "2a00:1450:4001:82a:0:5efe:7f00:1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8"]

NO_ADDRESS = [
    "", "example.org", "//example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)",
    "data:text/html,x", "http://", "http:///path", "https://:443/", "http://user@example.org/", "http://user:secret@example.org/",
    "http://example.org:0/", "http://example.org:65536/", "http://example.org:port/", "http://exa mple.org/", "http://example.org/\r\nX: 1",
    "http://example.org/\x00", "http://example.org\\@10.0.0.1/", "http://[::1", "http://[fe80::1%25eth0]/", "http://a..b/",
    "http://" + "a" * 64 + ".org/", "http://example.org/" + "a" * 2000, "HTTP+UNIX://%2Ftmp%2Fsocket/", "unix:/tmp/socket",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(address):
    assert not outgoing.is_public(ipaddress.ip_address(address))
    with pytest.raises(OutgoingRefused) as refused:
        outgoing.request("GET", "http://hooks.example.org/", resolve=lambda host, port: [address])
    assert refused.value.key == "outgoing_not_public" and refused.value.status == 400


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address):
    assert outgoing.allowed("example.org", ipaddress.ip_address(address))


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_refused_before_anything_is_looked_up(url):
    def nobody(host, port):
        pytest.fail("was looked up")

    with pytest.raises(OutgoingRefused):
        outgoing.request("GET", url, resolve=nobody)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://localhost/", "http://localhost./",
        "http://[::1]/", "http://[::ffff:7f00:1]/", "http://0/", "http://127.0.0.1.:80/", "http://１２７.0.0.1/",
    ],
)  # fmt: skip
def test_every_spelling_of_this_machine_is_refused(url):
    with pytest.raises((OutgoingRefused, OutgoingFailed)) as refused:
        outgoing.request("GET", url)
    assert refused.value.key in ("outgoing_not_public", "outgoing_no_host")


def test_one_address_inside_the_house_among_public_ones_refuses_the_name():
    with pytest.raises(OutgoingRefused):
        outgoing.request("GET", "http://example.org/", resolve=lambda host, port: ["93.184.215.14", "10.0.0.1"])


@pytest.mark.parametrize(
    ("host", "address", "allow", "may"),
    [
        ("chat.lan", "10.1.2.3", ("10.1.2.0/24",), True),
        ("chat.lan", "10.1.3.3", ("10.1.2.0/24",), False),
        ("chat.lan", "::ffff:10.1.2.3", ("10.1.2.0/24",), True),
        ("chat.lan", "10.1.2.3", ("chat.lan",), True),
        ("other.lan", "10.1.2.3", ("chat.lan",), False),
        ("evil-chat.lan", "10.1.2.3", ("chat.lan",), False),
        ("10.1.2.3", "10.1.2.3", ("10.1.2.3",), True),
        ("::1", "::1", ("[::1]",), True),
    ],
)
def test_the_operator_allows_hosts_and_networks_by_name(host, address, allow, may):
    assert outgoing.allowed(host, ipaddress.ip_address(address), allow) is may


class Receiver(BaseHTTPRequestHandler):
    """Answers as its path says, and keeps what came."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.came.append((self.path, dict(self.headers), body))
        if self.path == "/slow":
            self.server.go_on.wait(20)
        status = {"/moved": 302, "/broken": 500}.get(self.path, 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://10.0.0.1/inside")
        self.end_headers()
        try:
            if self.path == "/drip":
                for _ in range(200):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    if self.server.go_on.wait(0.05):
                        break
            elif self.path == "/endless":
                while True:
                    self.wfile.write(b"x" * 65536)
            else:
                self.wfile.write(b"heard")
        except OSError:
            pass

    do_GET = do_POST

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    server.came, server.go_on = [], threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()


def test_the_connection_goes_to_the_judged_address_and_keeps_the_hosts_name(receiver):
    asked = []

    def changing(host, port):
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]  # a name that answers differently the second time

    url = f"http://hooks.example.org:{receiver.server_port}/in/ä?q=ü&x=%20"
    answer = outgoing.request("POST", url, {"X-Test": "1"}, b"{}", allow=("127.0.0.0/8",), resolve=changing)
    assert (answer.status, answer.body, answer.cut) == (200, b"heard", False)
    path, headers, body = receiver.came[0]
    assert (path, body) == ("/in/%C3%A4?q=%C3%BC&x=%20", b"{}")
    assert headers["Host"] == f"hooks.example.org:{receiver.server_port}" and headers["X-Test"] == "1"
    assert asked == [("hooks.example.org", receiver.server_port)]


def test_a_redirect_is_an_answer_and_is_not_followed(receiver):
    answer = outgoing.request("POST", f"http://127.0.0.1:{receiver.server_port}/moved", {}, b"", allow=HERE)
    assert (answer.status, answer.location) == (302, "http://10.0.0.1/inside")
    assert len(receiver.came) == 1


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_an_answer_that_does_not_end_in_time_is_given_up(receiver, path):
    begun = time.monotonic()
    with pytest.raises(OutgoingFailed) as failed:
        outgoing.request("POST", f"http://127.0.0.1:{receiver.server_port}{path}", {}, b"", allow=HERE, timeout=0.6)
    assert failed.value.key == "outgoing_timeout"
    assert time.monotonic() - begun < 5


def test_a_look_up_that_does_not_end_is_given_up():
    held = threading.Event()
    with pytest.raises(OutgoingFailed) as failed:
        outgoing.request("GET", "http://example.org/", timeout=0.2, resolve=lambda host, port: held.wait(10) and [])
    held.set()
    assert failed.value.key == "outgoing_timeout"


def test_an_endless_answer_is_cut(receiver):
    answer = outgoing.request("GET", f"http://127.0.0.1:{receiver.server_port}/endless", allow=HERE, most_bytes=1000)
    assert (len(answer.body), answer.cut) == (1000, True)


def test_a_closed_port_and_a_server_that_speaks_no_http_are_told_apart():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(OutgoingFailed) as failed:
        outgoing.request("GET", f"http://127.0.0.1:{port}/", allow=HERE)
    assert failed.value.key == "outgoing_refused_there"
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            with other.accept()[0] as talk:
                talk.sendall(b"SSH-2.0-OpenSSH\r\n")

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(OutgoingFailed) as failed:
            outgoing.request("GET", f"http://127.0.0.1:{other.getsockname()[1]}/", allow=HERE)
    assert failed.value.key == "outgoing_no_answer"


def test_a_name_nobody_knows_is_told():
    def nobody(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(OutgoingFailed) as failed:
        outgoing.request("GET", "https://nobody.example.org/", resolve=nobody)
    assert failed.value.key == "outgoing_no_host"


def test_https_sends_the_hosts_name_and_judges_the_certificate():
    """The server's name goes out with the first packet, though the connection is made by number; nothing is sent without a certificate."""
    first: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            with server.accept()[0] as talk:
                first.append(talk.recv(4096))

        listening = threading.Thread(target=hang_up, daemon=True)
        listening.start()
        url = f"https://hooks.example.org:{server.getsockname()[1]}/"
        with pytest.raises(OutgoingFailed):
            outgoing.request("GET", url, allow=("hooks.example.org",), resolve=lambda host, port: ["127.0.0.1"])
        listening.join(5)
    assert b"hooks.example.org" in first[0] and b"GET" not in first[0]
    assert outgoing._tls().check_hostname and outgoing._tls().verify_mode == ssl.CERT_REQUIRED


@pytest.mark.parametrize("header", [{"X-Test": "a\r\nX-More: b"}, {"X\r\nY": "1"}])
def test_a_header_cannot_bring_in_another(receiver, header):
    with pytest.raises(OutgoingFailed):
        outgoing.request("POST", f"http://127.0.0.1:{receiver.server_port}/", header, b"", allow=HERE)
    assert receiver.came == []
