"""Where a request really came from, when reverse proxies of the house stand in front.

``X-Forwarded-For`` is a list that everybody on the way adds to, and anybody may begin with a lie. It is read from its end, as long as
those who added to it are trusted: the first address that is no trusted proxy's is where the request came from. Without trusted
proxies the headers are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

MOST_HOPS = 20


class Behind:
    """A WSGI application behind proxies of the given networks."""

    def __init__(self, application: Callable[..., Iterable[bytes]], networks: Sequence[str]):
        self._application = application
        self._networks = [ip_network(n) for n in networks]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._networks and _among(environ.get("REMOTE_ADDR", ""), self._networks):
            environ["REMOTE_ADDR"] = client(environ["REMOTE_ADDR"], environ.get("HTTP_X_FORWARDED_FOR", ""), self._networks)
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        return self._application(environ, start_response)


def client(peer: str, forwarded: str, networks: Sequence[IPv4Network | IPv6Network]) -> str:
    """The address a request came from: ``peer``, or who it says it speaks for. What is no address is taken for nobody's word."""
    found = peer
    for hop in reversed(forwarded.split(",")[-MOST_HOPS:]):
        hop = _bare(hop)
        if not hop:
            break
        found = hop
        if not _among(hop, networks):
            break
    return found


def _bare(hop: str) -> str:
    """An address without a port or brackets, "" for what is none."""
    hop = hop.strip()
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ip_address(hop))
    except ValueError:
        return ""


def _among(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in n for n in networks)
