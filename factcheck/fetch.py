"""Pages, files and feeds by their address, politely: what robots.txt forbids is left alone, what has not changed is not sent again.

Every address, also each one a redirect leads to, passes the guard of ``factcheck.outgoing``. Time, size before and after
unpacking, and the number of redirects are limited. Each refusal says what to do instead.

A site may ask for time between two pages (Crawl-delay and Request-rate in its robots.txt) and to be left alone for a while (Retry-After).
Both are told to whoever fetches one page after another: one page that a person asks for is fetched at once.
"""

from __future__ import annotations

import re
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from factcheck import __version__, charsets, outgoing
from factcheck.errors import FetchFailed, FetchRefused, OutgoingRefused, TooLarge

AGENT = f"Claimtrail/{__version__}"
MOST_REDIRECTS = 5
MOST_BYTES = 10 * 1024 * 1024  # sent, and unpacked
TIMEOUT = 20.0  # seconds for one address
ROBOTS_KEPT = 3600.0  # seconds a site's rules are remembered
ROBOTS_BYTES = 512 * 1024  # RFC 9309 asks for 500 KiB at least
ROBOTS_SITES = 2_000
TROUBLE_KEPT = 60.0  # seconds a site is not asked for its rules again after it could not give them
LONGEST_REST = 24 * 3600  # seconds; a site that asks for more time between two pages gets this much
LONGEST_WAIT = 7 * 24 * 3600  # seconds a site is left alone at most, whatever it asks
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"


@dataclass(frozen=True)
class Page:
    """What an address gave. ``url`` is where it was found in the end; ``body`` is empty when it is ``unchanged``."""

    url: str
    body: bytes
    media_type: str = ""  # "text/html", in lower case, "" when the server said none
    charset: str = ""  # as ``charsets.known`` names it, "" for none or one that pages do not come in
    etag: str = ""
    modified: str = ""  # the server's own Last-Modified
    unchanged: bool = False
    moved_for_good: bool = False  # every redirect on the way was a permanent one: the new address may be kept


def get(
    url: str,
    *,
    allow: Sequence[str] = (),
    etag: str = "",
    modified: str = "",
    accept: str = ACCEPT,
    timeout: float = TIMEOUT,
    most_bytes: int = MOST_BYTES,
    robots: bool = True,
    resolve: outgoing.Resolve | None = None,
) -> Page:
    """Fetch an address with GET, following redirects. ``etag`` and ``modified`` of an earlier page ask for news only.

    Raises OutgoingRefused and FetchRefused for what may not be asked, OutgoingFailed and FetchFailed for what does not answer with a
    page, TooLarge.
    """
    until = time.monotonic() + timeout
    asked: list[str] = []
    for_good = True
    while True:
        if url in asked or len(asked) > MOST_REDIRECTS:
            raise FetchFailed("This address leads in circles. Paste the text instead.", key="fetch_circles")
        asked.append(url)
        outgoing.check_url(url)
        if robots and not _rules(url, allow, until, resolve).parser.can_fetch(AGENT, url):
            raise FetchRefused("The site asks programs to leave this page alone (robots.txt). Paste its text instead.", key="fetch_robots")
        headers = {"User-Agent": AGENT, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        answer = outgoing.request(
            "GET", url, headers, allow=allow, timeout=max(0.1, until - time.monotonic()), most_bytes=most_bytes, resolve=resolve
        )
        if answer.status in (301, 302, 303, 307, 308) and answer.location:
            for_good = for_good and answer.status in (301, 308)
            url = _onwards(url, answer.location)
            continue
        return _page(url, answer, most_bytes, len(asked) > 1 and for_good)


def rest_of(url: str) -> float:
    """How many seconds the site of an address wants between two pages, as far as it was asked for its rules lately; 0.0 for none."""
    rules = known_rules.get(_site(url))
    return rules.rest if rules else 0.0


def _page(url: str, answer: outgoing.Answer, most_bytes: int, moved_for_good: bool) -> Page:
    told = answer.headers
    kind, _, rest = told.get("content-type", "").partition(";")
    about = {"etag": told.get("etag", ""), "modified": told.get("last-modified", ""), "moved_for_good": moved_for_good}
    if answer.status == 304:
        return Page(url, b"", unchanged=True, **about)
    if answer.status != 200:
        raise _refused_there(answer, urlsplit(url).netloc)
    if answer.cut:
        raise _too_large(most_bytes)
    charset = next((p.split("=", 1)[1].strip(" \"'") for p in rest.split(";") if p.strip().lower().startswith("charset=")), "")
    return Page(url, _unpacked(answer, most_bytes), kind.strip().lower(), charsets.known(charset), **about)


def _unpacked(answer: outgoing.Answer, most_bytes: int) -> bytes:
    """The body without the packing it was sent in, which may never unfold to more than may be sent."""
    packing = answer.headers.get("content-encoding", "identity").strip().lower()
    if packing in ("", "identity"):
        return answer.body
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise FetchFailed("The site sends this page packed in a way it was not asked for. Paste its text instead.", key="fetch_packing")
    for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):  # gzip or zlib by their head; some servers send bare deflate
        unpacking = zlib.decompressobj(bits)
        try:
            body = unpacking.decompress(answer.body, most_bytes + 1)
        except zlib.error:
            continue
        if len(body) > most_bytes:
            raise _too_large(most_bytes)
        return body
    raise FetchFailed("The page arrived damaged. Try again, or paste its text.", key="fetch_damaged")


def _refused_there(answer: outgoing.Answer, host: str) -> FetchFailed:
    status = answer.status
    if (wait := _asked_to_wait(answer.headers)) and (status == 429 or status >= 500):
        minutes = -(-wait // 60)
        return FetchFailed(
            f"{host} asks to be left alone for {minutes} min. Try again then, or paste the text.",
            key="fetch_later_in", wait=wait, host=host, minutes=minutes,
        )  # fmt: skip
    if status in (401, 402, 403):
        return FetchFailed(
            f"{host} shows this page to subscribers or people only. Open it in your browser and paste its text.", key="fetch_closed", host=host
        )
    if status in (404, 410):
        return FetchFailed(f"{host} has no page at this address (any more).", key="fetch_gone", host=host)
    if status == 429:
        return FetchFailed(f"{host} asks to come back later. Try again in a while, or paste the text.", key="fetch_later", host=host)
    if status >= 500:
        return FetchFailed(f"{host} has trouble of its own ({status}). Try again later, or paste the text.", key="fetch_trouble", host=host, status=status)
    return FetchFailed(f"{host} answered with {status} and no page. Paste the text instead.", key="fetch_no_page", host=host, status=status)


def _asked_to_wait(told: Mapping[str, str]) -> int:
    """Retry-After in seconds, 0 for none: a number, or a date, which is taken from the clock of the site (RFC 9110, 10.2.3)."""
    said = told.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", said, re.ASCII):
        return min(int(said), LONGEST_WAIT)
    there, until = _moment(told.get("date", "")) or datetime.now(UTC), _moment(said)
    return min(max(0, int((until - there).total_seconds())), LONGEST_WAIT) if until else 0


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _too_large(most_bytes: int) -> TooLarge:
    return TooLarge(f"The page is larger than {most_bytes // 2**20} MB. Paste the part that matters.", key="fetch_too_large", megabytes=most_bytes // 2**20)


def _onwards(url: str, location: str) -> str:
    """Where a redirect leads, without its fragment."""
    try:
        return urlunsplit(urlsplit(urljoin(url, location))._replace(fragment=""))
    except ValueError:
        raise OutgoingRefused("This is no web address.", key="outgoing_no_address") from None


# What sites allow


@dataclass(frozen=True)
class _Rules:
    """What a site's robots.txt says; ``trouble`` where it could not be had."""

    parser: RobotFileParser
    rest: float = 0.0  # seconds between two pages
    trouble: outgoing.Answer | None = None


class _Known:
    """The rules of the sites asked lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[str, tuple[float, _Rules]] = {}

    def get(self, site: str) -> _Rules | None:
        with self._lock:
            kept = self._rules.get(site)
        return kept[1] if kept and kept[0] > time.monotonic() else None

    def put(self, site: str, rules: _Rules) -> None:
        with self._lock:
            if len(self._rules) >= ROBOTS_SITES:
                self._rules.clear()
            self._rules[site] = (time.monotonic() + (TROUBLE_KEPT if rules.trouble else ROBOTS_KEPT), rules)

    def forget(self) -> None:
        with self._lock:
            self._rules.clear()


known_rules = _Known()


def _rules(url: str, allow: Sequence[str], until: float, resolve: outgoing.Resolve | None) -> _Rules:
    """What the site of an address allows. RFC 9309: no rules allow everything, a server in trouble nothing: that raises FetchFailed."""
    site = _site(url)
    rules = known_rules.get(site)
    if rules is None:
        rules = _read(_robots(site, allow, until, resolve))
        known_rules.put(site, rules)
    if rules.trouble:
        raise _refused_there(rules.trouble, urlsplit(url).netloc)
    return rules


def _read(answer: outgoing.Answer) -> _Rules:
    parser = RobotFileParser()
    parser.modified()  # else it forbids everything
    if answer.status >= 500 or answer.status == 429:
        return _Rules(parser, trouble=replace(answer, body=b""))
    if answer.status != 200:
        return _Rules(parser)
    text = _unpacked(answer, ROBOTS_BYTES).decode("utf-8", "replace").removeprefix("\ufeff")
    parser.parse([_plain(line) for line in text.splitlines()])
    rate = parser.request_rate(AGENT)
    rest = max(float(parser.crawl_delay(AGENT) or 0), rate.seconds / max(1, rate.requests) if rate else 0.0)
    return _Rules(parser, min(rest, LONGEST_REST))


def _plain(line: str) -> str:
    """A line in the form that the parser reads: it knows whole seconds only, and fails at numbers and paths that are none."""
    name, _, value = line.partition("#")[0].partition(":")
    value = value.strip()
    match name.strip().lower():
        case "crawl-delay":
            found = re.fullmatch(r"(\d{0,6})([.,]\d+)?", value, re.ASCII)
            return f"Crawl-delay: {int(found[1] or 0) + bool(found[2]) if found and value else '?'}"
        case "request-rate":
            return line if re.match(r"\d{1,6}/\d{1,6}s?\b", value, re.ASCII) else "Request-rate: ?"
        case "allow" | "disallow":
            try:
                urlsplit(value)
            except ValueError:
                return ""
    return line


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _robots(site: str, allow: Sequence[str], until: float, resolve: outgoing.Resolve | None) -> outgoing.Answer:
    address, headers = f"{site}/robots.txt", {"User-Agent": AGENT}
    for _ in range(MOST_REDIRECTS):
        left = max(0.1, until - time.monotonic())
        answer = outgoing.request("GET", address, headers, allow=allow, timeout=left, most_bytes=ROBOTS_BYTES, resolve=resolve)
        if not answer.location:
            return answer
        address = urljoin(address, answer.location)
    return answer
