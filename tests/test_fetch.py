"""Pages by their address: what may not be asked is not asked, what does not answer with a page says so, nothing is sent twice for nothing."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from factcheck import fetch
from factcheck.articles import from_page
from factcheck.errors import EmptyText, FetchFailed, FetchRefused, OutgoingFailed, OutgoingRefused, TooLarge, UnsupportedFile

HERE = ("127.0.0.1",)
SAID = "„Wir werden die Brücke bis 2030 erneuern“, sagte die Ministerin am Montag in Kassel. Danach fuhr sie weiter nach Marburg."
PAGE = f'<html lang="de"><head><title>Die Brücke</title><meta property="article:published_time" content="2024-11-08T18:30:00+01:00"></head><body><article><h1>Die Brücke</h1><p>{SAID}</p><p>{SAID[::1]}</p></article></body></html>'
CLOSED = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree": "False"}</script>'


class Site(BaseHTTPRequestHandler):
    """Answers as its path says, and notes what was asked."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        name = self.path.partition("?")[0].strip("/")
        robots = self.server.robots
        if name == "robots.txt":
            return self.give(robots[0], robots[1].encode(), "text/plain")
        if name.startswith("to/"):
            _, code, target = self.path.split("/", 2)[1:2] + self.path[4:].split("/", 1)
            return self.give(int(code), b"", Location=target)
        if name == "loop":
            return self.give(302, b"", Location="/loop2")
        if name == "loop2":
            return self.give(302, b"", Location="/loop")
        if name.startswith("chain"):
            return self.give(302, b"", Location=f"/chain{int(name[5:]) + 1}")
        if name.startswith("status"):
            return self.give(int(name[6:]), b"no")
        if name == "known":
            if self.headers.get("If-None-Match") == '"v1"':
                return self.give(304, b"", ETag='"v1"')
            return self.give(200, PAGE.encode(), ETag='"v1"', **{"Last-Modified": "Fri, 08 Nov 2024 17:30:00 GMT"})
        if name == "gzip":
            return self.give(200, gzip.compress(PAGE.encode()), **{"Content-Encoding": "gzip"})
        if name == "deflate":
            packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            return self.give(200, packer.compress(PAGE.encode()) + packer.flush(), **{"Content-Encoding": "deflate"})
        if name == "bomb":
            return self.give(200, gzip.compress(b"0" * (30 * 2**20)), **{"Content-Encoding": "gzip"})
        if name == "junk":
            return self.give(200, b"not packed at all", **{"Content-Encoding": "gzip"})
        if name == "brotli":
            return self.give(200, b"x", **{"Content-Encoding": "br"})
        if name == "huge":
            return self.give(200, b"0" * (fetch.MOST_BYTES + 10))
        if name == "slow":
            self.server.go_on.wait(30)
            return self.give(200, b"late")
        if name == "latin":
            return self.give(200, PAGE.encode("latin-1", "replace"), "text/html; charset=ISO-8859-1")
        if name == "closed":
            return self.give(200, PAGE.replace("</head>", f"{CLOSED}</head>").encode())
        if name == "closed-empty":
            return self.give(200, f"<html><head>{CLOSED}</head><body></body></html>".encode())
        if name == "empty":
            return self.give(200, b"<html><body><nav>Menu</nav></body></html>")
        if name == "plain":
            return self.give(200, SAID.encode(), "text/plain; charset=utf-8")
        if name == "speech.vtt":
            return self.give(200, "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Mira Holm>The bridge is safe.\n".encode(), "text/vtt")
        if name == "scan.pdf":
            return self.give(200, b"%PDF-1.4 broken", "application/pdf")
        return self.give(200, PAGE.encode())

    def give(self, status: int, body: bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            for key, value in headers.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *_) -> None:
        pass


@pytest.fixture(scope="module")
def running() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    server.go_on = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def web(running):
    """``web("/path")``: what fetching that path of the site gives; ``web.site`` is the server."""
    running.asked, running.robots = [], (404, "")
    fetch.known_rules.forget()

    def ask(path: str, **options) -> fetch.Page:
        return fetch.get(f"http://127.0.0.1:{running.server_port}{path}", **{"allow": HERE, **options})

    ask.site = running
    yield ask
    fetch.known_rules.forget()


def asked(web) -> list[str]:
    return [path for path, _ in web.site.asked if path != "/robots.txt"]


def test_a_page_becomes_an_article(web):
    page = web("/bridge?utm_source=x")
    article = from_page(page)
    assert article.text.startswith(SAID) and (article.title, article.language) == ("Die Brücke", "de")
    assert article.published_at == "2024-11-08T18:30:00+01:00"
    assert article.url == page.url.partition("?")[0]
    assert [h["User-Agent"] for _, h in web.site.asked] == [fetch.AGENT] * 2


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/latin"])
def test_packing_and_encoding_are_undone(web, path):
    assert "Brücke bis 2030" in from_page(web(path)).text


def test_other_kinds_of_files_are_read_as_what_they_are(web):
    assert from_page(web("/plain")).text == SAID
    assert "The bridge is safe." in from_page(web("/speech.vtt")).text
    with pytest.raises(UnsupportedFile, match="PDF"):
        from_page(web("/scan.pdf"))


def test_what_has_not_changed_is_not_sent_again(web):
    first = web("/known")
    again = web("/known", etag=first.etag, modified=first.modified)
    assert first.etag == '"v1"' and not first.unchanged and again.unchanged and again.body == b""
    assert web.site.asked[-1][1]["If-Modified-Since"] == "Fri, 08 Nov 2024 17:30:00 GMT"


@pytest.mark.parametrize(("code", "for_good"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
def test_redirects_are_followed_and_permanent_ones_told(web, code, for_good):
    page = web(f"/to/{code}/../bridge")
    assert page.url.endswith("/bridge") and page.moved_for_good is for_good


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "file:///etc/passwd", "ftp://example.org/", "//192.168.0.1/x", "http://user:pw@127.0.0.1/"])
def test_a_redirect_is_judged_like_an_address(web, target):
    with pytest.raises(OutgoingRefused):
        web(f"/to/302/{target}")


@pytest.mark.parametrize(
    ("path", "error", "key"),
    [
        ("/loop", FetchFailed, "fetch_circles"), ("/chain0", FetchFailed, "fetch_circles"), ("/status401", FetchFailed, "fetch_closed"),
        ("/status402", FetchFailed, "fetch_closed"), ("/status403", FetchFailed, "fetch_closed"), ("/status404", FetchFailed, "fetch_gone"),
        ("/status410", FetchFailed, "fetch_gone"), ("/status429", FetchFailed, "fetch_later"), ("/status500", FetchFailed, "fetch_trouble"),
        ("/status503", FetchFailed, "fetch_trouble"), ("/status418", FetchFailed, "fetch_no_page"), ("/status204", FetchFailed, "fetch_no_page"),
        ("/bomb", TooLarge, "fetch_too_large"), ("/huge", TooLarge, "fetch_too_large"), ("/junk", FetchFailed, "fetch_damaged"),
        ("/brotli", FetchFailed, "fetch_packing"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused_with_a_word_on_what_to_do(web, path, error, key):
    with pytest.raises(error) as refused:
        web(path)
    assert refused.value.key == key and str(refused.value)


@pytest.mark.parametrize(("path", "error", "key"), [("/closed", FetchRefused, "fetch_subscribers"), ("/closed-empty", FetchRefused, "fetch_subscribers"), ("/empty", EmptyText, "article_not_found_in_page")])
def test_pages_for_subscribers_and_empty_ones_are_said_to_be_so(web, path, error, key):
    with pytest.raises(error) as refused:
        from_page(web(path))
    assert refused.value.key == key


def test_a_site_that_does_not_answer_is_not_waited_for(web):
    began = time.monotonic()
    with pytest.raises(OutgoingFailed):
        web("/slow", timeout=1.0)
    assert time.monotonic() - began < 10


def test_a_page_that_robots_may_not_read_is_left_alone(web):
    web.site.robots = (200, "User-agent: *\nDisallow: /private\n\nUser-agent: Claimtrail\nDisallow: /secret\n")
    assert web("/bridge").body and web("/private").body
    with pytest.raises(FetchRefused, match="robots"):
        web("/secret/plan")
    with pytest.raises(FetchRefused, match="robots"):
        web("/to/302/../secret")
    assert "/secret/plan" not in asked(web) and "/secret" not in asked(web)


@pytest.mark.parametrize(("status", "may"), [(404, True), (403, True), (500, False), (503, False)])
def test_a_site_without_rules_may_be_read_one_in_trouble_not(web, status, may):
    web.site.robots = (status, "")
    if may:
        assert web("/bridge").body
    else:
        with pytest.raises(FetchRefused):
            web("/bridge")


def test_rules_are_asked_for_once(web):
    for _ in range(3):
        web("/bridge")
    assert [path for path, _ in web.site.asked].count("/robots.txt") == 1


def test_without_leave_of_the_operator_this_machine_is_never_asked(web):
    with pytest.raises(OutgoingRefused):
        web("/bridge", allow=())
    assert web.site.asked == []


def test_an_address_without_a_text_is_read_by_the_form(web, tmp_path, fake_encoder, monkeypatch):
    from web_site import PASSWORD, SAME_ORIGIN

    from app import create_app
    from db import open_store
    from factcheck import passwords
    from factcheck.records import Role
    from factcheck.settings import Settings

    settings = Settings(home=tmp_path, outgoing_allow=HERE)
    store = open_store(settings.database)
    store.users.create("anna", passwords.hash_password(PASSWORD), Role.JOURNALIST)
    client = create_app(settings, store=store, encoder=fake_encoder).test_client()
    client.post("/sign-in", data={"name": "anna", "password": PASSWORD}, headers=SAME_ORIGIN)
    root = f"http://127.0.0.1:{web.site.server_port}"
    added = client.post("/articles/new", data={"url": f"{root}/bridge#top"}, headers=SAME_ORIGIN)
    assert added.status_code == 303
    (article,) = store.articles.newest(5)
    assert (article.url, article.title) == (f"{root}/bridge", "Die Brücke")
    refused = client.post("/articles/new", data={"url": f"{root}/status403", "title": "Kept title"}, headers=SAME_ORIGIN)
    assert refused.status_code == 502 and "Kept title" in refused.text and "subscribers" in refused.text
    store.close()
