"""The one guard for connections that addresses given by people lead to: webhooks, and whatever else is fetched.

A name is looked up once, every address it has is judged, and the connection goes to the address that was judged: a name that
answers differently the second time gains nothing. Only public addresses pass, unless the operator allows a host or network inside
the house (``CLAIMTRAIL_OUTGOING_ALLOW``). Nothing is ever followed: a redirect comes back as the answer, for the caller to judge its
target by asking again. No proxy and no credentials of the environment are used.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urlsplit

from factcheck.errors import OutgoingFailed, OutgoingRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]  # (host, port) -> its addresses

TIMEOUT = 10.0  # seconds for everything together: look-up, connection, sending, reading
MOST_BYTES = 64 * 1024
LONGEST_URL = 2_000

# Beside what ``ipaddress`` calls private, loopback, link-local or reserved. Sources: the IANA special-purpose address registries
# (RFC 6890 and its successors), and the address of a cloud's host agent, which is public by its number only.
REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "64:ff9b::/96", "64:ff9b:1::/48",
    )
)  # fmt: skip
GLOBAL_V6 = ipaddress.ip_network("2000::/3")  # all that is given out as public


@dataclass(frozen=True)
class Answer:
    """``headers`` have lower-case names; ``body`` holds at most the bytes asked for, and ``cut`` says that there was more."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    @property
    def location(self) -> str:
        """Where a redirect points, "" for none. It was not followed and is judged by asking for it."""
        return self.headers.get("location", "") if 300 <= self.status < 400 else ""


def request(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    *,
    allow: Sequence[str] = (),
    timeout: float = TIMEOUT,
    most_bytes: int = MOST_BYTES,
    resolve: Resolve | None = None,
) -> Answer:
    """Send one request and read the answer, in ``timeout`` seconds at most.

    ``allow`` are hosts and networks that may be reached though they are inside the house. Raises OutgoingRefused when the address
    is none that may be reached, and OutgoingFailed when nobody answers as HTTP in time.
    """
    until = time.monotonic() + timeout
    target, addresses = judge(url, allow=allow, timeout=timeout, resolve=resolve)
    failure: Exception | None = None
    for address in addresses[:3]:
        try:
            return _ask(method, target, address, dict(headers or {}), body, until, most_bytes)
        except ConnectionRefusedError as error:  # nothing was sent: the next address may answer
            failure = error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _failed(target.host, error) from error
    raise _failed(target.host, failure) from failure


def judge(
    url: str, *, allow: Sequence[str] = (), timeout: float = TIMEOUT, resolve: Resolve | None = None
) -> tuple[Target, list[Address]]:
    """An address taken apart, and what its host leads to: all of it may be reached. Raises as ``request`` does."""
    target = check_url(url)
    addresses = _looked_up(target, resolve or look_up, time.monotonic() + timeout)
    for address in addresses:
        if not allowed(target.host, address, allow):
            raise OutgoingRefused(
                f"{target.host} leads to {address}, which is no public address. An administrator can allow it in CLAIMTRAIL_OUTGOING_ALLOW.",
                key="outgoing_not_public",
                host=target.host,
            )
    return target, addresses


@dataclass(frozen=True)
class Target:
    """An address taken apart: everything in ASCII, as it is sent."""

    url: str
    secure: bool
    host: str
    port: int
    path: str  # with its query


def check_url(url: str) -> Target:
    """Take an address apart. Raises OutgoingRefused for all but http and https to a host, without a user or password in it."""
    if len(url) > LONGEST_URL or not url.isprintable() or any(c in url for c in ' \\"<>^`{|}'):
        raise OutgoingRefused("This is no web address.", key="outgoing_no_address")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
        host = host if ":" in host else host.encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError):
        raise OutgoingRefused("This is no web address.", key="outgoing_no_address") from None
    if parts.scheme not in ("http", "https") or not host or port == 0 or "%" in host:
        raise OutgoingRefused("Only addresses that begin with http:// or https:// can be reached.", key="outgoing_scheme")
    if "@" in parts.netloc:
        raise OutgoingRefused("An address must not hold a user name or password.", key="outgoing_user")
    secure = parts.scheme == "https"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
    return Target(url, secure, host, port or (443 if secure else 80), path + query)


def allowed(host: str, address: Address, allow: Sequence[str] = ()) -> bool:
    """True when an address is public, or the operator allows it by its network, or its host by name (with or without a port)."""
    address = address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address
    for entry in allow:
        if "/" in entry:
            if address in ipaddress.ip_network(entry):
                return True
        elif entry.strip("[]").rstrip(".") in (host, str(address)):
            return True
    return is_public(address)


def is_public(address: Address) -> bool:
    """True for an address anybody on the internet may have. What wraps an IPv4 address into IPv6 is refused as a whole."""
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_V6:
        return False
    if isinstance(address, ipaddress.IPv6Address) and (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE:  # ISATAP
        return False
    if any(address.version == network.version and address in network for network in REFUSED):
        return False
    return address.is_global and not address.is_multicast


def look_up(host: str, port: int) -> list[str]:
    """All addresses of a host, as the system knows them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _looked_up(target: Target, resolve: Resolve, until: float) -> list[Address]:
    """The addresses of the target. The look-up has no time limit of its own, so it is waited for beside."""
    found: list[str] = []
    failures: list[Exception] = []

    def ask() -> None:
        try:
            found.extend(resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            failures.append(error)

    thread = threading.Thread(target=ask, name="claimtrail-look-up", daemon=True)
    thread.start()
    thread.join(max(0.0, until - time.monotonic()))
    if thread.is_alive():
        raise OutgoingFailed(f"{target.host} could not be found in time.", key="outgoing_timeout", host=target.host)
    if failures or not found:
        raise OutgoingFailed(f"There is no host {target.host}.", key="outgoing_no_host", host=target.host)
    return list(dict.fromkeys(ipaddress.ip_address(address.partition("%")[0]) for address in found))


def _ask(
    method: str, target: Target, address: Address, headers: dict[str, str], body: bytes | None, until: float, most_bytes: int
) -> Answer:
    connection = _Connection(target, address, until)
    watch = threading.Timer(max(0.0, until - time.monotonic()), connection.cut_off)  # who sends one byte a second is cut off too
    watch.daemon = True
    watch.start()
    try:
        connection.request(method, target.path, body, {"Accept-Encoding": "identity", "Connection": "close", **headers})
        answer = connection.getresponse()
        read = answer.read(most_bytes + 1)
        if connection.was_cut_off:
            raise TimeoutError
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(target.url, answer.status, told, read[:most_bytes], len(read) > most_bytes)
    except Exception as error:
        if connection.was_cut_off:
            raise TimeoutError from error
        raise
    finally:
        watch.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was judged; the host's name stays in the request and in the check of the certificate."""

    def __init__(self, target: Target, address: Address, until: float):
        super().__init__(f"[{target.host}]" if ":" in target.host else target.host, target.port)
        self.default_port = 443 if target.secure else 80  # what is left out of the Host header
        self._target, self._address, self._until = target, address, until
        self.was_cut_off = False
        self._line: socket.socket | None = None  # ``sock`` is let go of as soon as the answer's headers are read

    def connect(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock = socket.create_connection((str(self._address), self._target.port), timeout=left)
        if self._target.secure:
            self.sock = _tls().wrap_socket(self.sock, server_hostname=self._target.host, do_handshake_on_connect=False)
        self._line = self.sock
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()

    def cut_off(self) -> None:
        self.was_cut_off = True
        try:
            if self._line is not None:
                self._line.shutdown(socket.SHUT_RDWR)
        except OSError:  # it had ended by itself
            pass


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _failed(host: str, error: Exception | None) -> OutgoingFailed:
    """What went wrong, in words that tell nothing of the inside of the house."""
    if isinstance(error, TimeoutError):
        return OutgoingFailed(f"{host} did not answer in time.", key="outgoing_timeout", host=host)
    if isinstance(error, ConnectionRefusedError):
        return OutgoingFailed(f"{host} refused the connection.", key="outgoing_refused_there", host=host)
    if isinstance(error, ssl.SSLCertVerificationError):
        return OutgoingFailed(f"The certificate of {host} is not valid.", key="outgoing_certificate", host=host)
    return OutgoingFailed(f"{host} did not answer as a web server does.", key="outgoing_no_answer", host=host)
