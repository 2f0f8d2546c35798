"""Pages by their address: what may not be asked is not asked, what does not answer with a page says so, nothing is sent twice for nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from fault_site import (  # noqa: F401  (two are fixtures)
    HERE,
    endless,
    fault_site,
    never,
    packed,
    redirect,
    robots,
    running_site,
    status,
)

from factcheck import fetch
from factcheck.articles import from_page
from factcheck.errors import (
    EmptyText,
    FetchFailed,
    FetchRefused,
    OutgoingFailed,
    OutgoingRefused,
    TooLarge,
    UnsupportedFile,
)

SAID = "„Wir werden die Brücke bis 2030 erneuern“, sagte die Ministerin am Montag in Kassel. Danach fuhr sie weiter nach Marburg."
PAGE = f'<html lang="de"><head><title>Die Brücke</title><meta property="article:published_time" content="2024-11-08T18:30:00+01:00"></head><body><article><h1>Die Brücke</h1><p>{SAID}</p><p>{SAID[::1]}</p></article></body></html>'
CLOSED = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree": "False"}</script>'


PAGES = {
    "/bridge": PAGE, "/private": PAGE, "/secret": PAGE, "/loop": redirect("/loop2"), "/loop2": redirect("/loop"),
    "/gzip": packed(PAGE.encode()), "/deflate": packed(PAGE.encode(), "deflate"), "/bomb": packed(b"0" * (30 * 2**20)),
    "/junk": status(200, b"not packed at all", Content_Encoding="gzip"), "/brotli": status(200, b"x", Content_Encoding="br"), "/slow": never, "/huge": endless,
    "/latin": status(200, PAGE.encode("latin-1", "replace"), kind="text/html; charset=ISO-8859-1"),
    "/closed": PAGE.replace("</head>", f"{CLOSED}</head>"), "/closed-empty": f"<html><head>{CLOSED}</head><body></body></html>",
    "/empty": "<html><body><nav>Menu</nav></body></html>", "/plain": status(200, SAID.encode(), kind="text/plain; charset=utf-8"),
    "/speech.vtt": status(200, b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Mira Holm>The bridge is safe.\n", kind="text/vtt"),
    "/scan.pdf": status(200, b"%PDF-1.4 broken", kind="application/pdf"),
}  # fmt: skip


@pytest.fixture
def web(fault_site):  # noqa: F811
    """``web("/path")``: what fetching that path of the site gives; ``web.site`` is the server."""
    fault_site.pages = {**PAGES, "/known": known}

    def ask(path: str, **options) -> fetch.Page:
        return fetch.get(fault_site.url(path), **{"allow": HERE, **options})

    ask.site = fault_site
    return ask


def known(site) -> None:
    if site.headers.get("If-None-Match") == '"v1"':
        return site.give(304, ETag='"v1"')
    site.give(200, PAGE.encode(), ETag='"v1"', Last_Modified="Fri, 08 Nov 2024 17:30:00 GMT")


def asked(web) -> list[str]:
    return [path for path in web.site.paths() if path != "/robots.txt"]


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
    page = web(f"/to/{code}/bridge")
    assert page.url.endswith("/bridge") and page.moved_for_good is for_good


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "file:///etc/passwd", "ftp://example.org/", "//192.168.0.1/x", "http://user:pw@127.0.0.1/"])
def test_a_redirect_is_judged_like_an_address(web, target):
    web.site.pages["/there"] = redirect(target)
    with pytest.raises(OutgoingRefused):
        web("/there")


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
    assert web.site.sent < 60, "what is too large is not read to its end"


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
    web.site.pages["/robots.txt"] = robots("User-agent: *", "Disallow: /private", "", "User-agent: Claimtrail", "Disallow: /secret")
    assert web("/bridge").body and web("/private").body
    with pytest.raises(FetchRefused, match="robots"):
        web("/secret/plan")
    with pytest.raises(FetchRefused, match="robots"):
        web("/to/302/secret")
    assert "/secret/plan" not in asked(web) and "/secret" not in asked(web)


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_site_without_rules_may_be_read(web, code):
    web.site.pages["/robots.txt"] = status(code)
    assert web("/bridge").body


@pytest.mark.parametrize(("code", "key"), [(500, "fetch_trouble"), (503, "fetch_trouble"), (429, "fetch_later")])
def test_a_site_that_cannot_say_its_rules_is_not_read_until_it_can(web, code, key, monkeypatch):
    web.site.pages["/robots.txt"] = status(code)
    for _ in range(2):
        with pytest.raises(FetchFailed) as refused:
            web("/bridge")
        assert refused.value.key == key
    assert web.site.paths() == ["/robots.txt"], "it is left alone for a while"
    web.site.pages["/robots.txt"] = robots("User-agent: *", "Disallow: /private")
    then = time.monotonic() + fetch.TROUBLE_KEPT + 1
    monkeypatch.setattr(fetch.time, "monotonic", lambda: then)
    assert web("/bridge").body


@pytest.mark.parametrize(
    ("lines", "rest"),
    [
        (["User-agent: *", "Crawl-delay: 7"], 7), (["User-agent: *", "Crawl-delay: 2.5"], 3), (["User-agent: *", "crawl-delay : .5 # half"], 1),
        (["User-agent: *", "Crawl-delay: 7", "", "User-agent: Claimtrail", "Crawl-delay: 20"], 20), (["User-agent: *", "Request-rate: 1/10"], 10),
        (["User-agent: Other", "Crawl-delay: 7"], 0), (["User-agent: *", "Crawl-delay: soon"], 0), (["User-agent: *", "Crawl-delay:"], 0),
        (["User-agent: *", "Crawl-delay: 99999999"], 0), (["User-agent: *", "Crawl-delay: 500000"], fetch.LONGEST_REST),
        (["User-agent: *", "Crawl-delay: ²", "Request-rate: ²/1", "Disallow: //["], 0), (["User-agent: *", f"Crawl-delay: {'9' * 5000}"], 0),
        ([], 0),
    ],
)  # fmt: skip
def test_the_time_a_site_wants_between_two_pages_is_told(web, lines, rest):
    web.site.pages["/robots.txt"] = robots(*lines)
    assert fetch.rest_of(web.site.url("/bridge")) == 0
    assert web("/bridge").body
    assert fetch.rest_of(web.site.url("/other")) == rest


SOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("code", [429, 500, 503])
@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", 120), (" 0 ", 0), ("soon", 0), ("", 0), ("-5", 0), ("9" * 30, 0), ("999999999", fetch.LONGEST_WAIT),
        (format_datetime(SOON + timedelta(minutes=10), usegmt=True), 600), (format_datetime(SOON - timedelta(days=1), usegmt=True), 0),
        ("Mon, 99 Mar 2026 12:00:00 GMT", 0),
    ],
)  # fmt: skip
def test_how_long_a_site_wants_to_be_left_alone_is_told(web, code, said, wait):
    headers = {"Retry_After": said} if said else {}

    def busy(site) -> None:
        site.date_time_string = lambda timestamp=None: format_datetime(SOON, usegmt=True)  # the site's clock is not ours
        site.give(code, **headers)

    web.site.pages["/busy"] = busy
    with pytest.raises(FetchFailed) as refused:
        web("/busy")
    assert refused.value.wait == wait
    assert (refused.value.key == "fetch_later_in") == (wait > 0) and (str(-(-wait // 60)) in str(refused.value)) | (wait == 0)


def test_only_who_is_busy_can_ask_for_patience(web):
    web.site.pages["/gone"] = status(404, Retry_After="60")
    with pytest.raises(FetchFailed) as refused:
        web("/gone")
    assert (refused.value.key, refused.value.wait) == ("fetch_gone", 0)


def test_rules_are_asked_for_once(web):
    for _ in range(3):
        web("/bridge")
    assert web.site.paths().count("/robots.txt") == 1


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
    root = web.site.url("")
    added = client.post("/articles/new", data={"url": f"{root}/bridge#top"}, headers=SAME_ORIGIN)
    assert added.status_code == 303
    (article,) = store.articles.newest(5)
    assert (article.url, article.title) == (f"{root}/bridge", "Die Brücke")
    refused = client.post("/articles/new", data={"url": f"{root}/status403", "title": "Kept title"}, headers=SAME_ORIGIN)
    assert refused.status_code == 502 and "Kept title" in refused.text and "subscribers" in refused.text
    store.close()
