"""The main job from end to end, as a new user does it: a real server, the real model, a real browser.

An article goes in by paste; its statement about 24 hours finds the English claim; one key links it; the claim's time line shows it;
search finds it in both languages; and all of it is still there after a restart.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

NEW_PASSWORD = "nineteen quiet herons"

# Our own words about the public promise, so that the journey also runs where the outside article is missing.
OUR_ARTICLE = """Im Wahlkampf war der Ton ein anderer.

Donald Trump (78) kündigte am Montag in einem Radiogespräch an, er wolle bald mit Kiew sprechen. „Das Telefon liegt schon auf meinem Tisch“, sagte Trump.

Der Republikaner hatte zuvor immer wieder versprochen, er werde den Krieg in der Ukraine binnen 24 Stunden beenden.

Die Straßen der Hauptstadt waren an diesem Abend leer."""
PROMISE = re.compile("24 Stunden beenden")


@pytest.fixture
def desk(start_server, open_page):
    """A fresh server and a German-speaking editor's browser, signed in with the printed one-time password."""
    server = start_server()
    page = open_page(base_url=server.url, locale="en-GB")
    sign_in(page, server.user, server.password)
    page.get_by_label("One-time password").fill(server.password)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("again").fill(NEW_PASSWORD)
    page.get_by_role("button", name="password").click()
    expect(page.get_by_role("link", name=re.compile("^Review"))).to_be_visible()
    return server, page


def sign_in(page, name, password):
    page.goto("/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.locator("main").get_by_role("button", name="Sign in").click()


def paste(page, text, published, title="", source=""):
    page.get_by_role("link", name="Add article").first.click()
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_label("Title").fill(title)
    page.get_by_label("Source").fill(source)
    page.get_by_label("Published").fill(published)
    page.locator("main").get_by_role("button", name="Find statements").click()
    # The page shows its progress and lands on the article by itself.
    expect(page.locator(".article-body")).to_be_visible(timeout=120_000)


def decide_the_promise(page):
    """Go through the queue by keyboard until the statement about 24 hours stands there, and link it with one key."""
    page.get_by_role("link", name=re.compile("^Review")).first.click()
    heading = page.locator("h1#statement")
    seen = set()
    while not PROMISE.search(heading.inner_text()):
        assert heading.inner_text() not in seen, f"the promise is not in the queue: {seen}"
        seen.add(heading.inner_text())
        page.keyboard.press("j")
        expect(heading).not_to_have_text(list(seen)[-1])
    first = page.locator("[data-candidate='1']")
    expect(first).to_contain_text("end the war in Ukraine within 24 hours")
    expect(page.locator(".statement-who")).to_contain_text("Donald Trump")
    page.keyboard.press("s")
    expect(page.locator("#last")).to_contain_text(PROMISE)


def first_result(page, query):
    page.goto("/")
    box = page.locator("main").get_by_role("searchbox").or_(page.locator("main textarea, main input[name=q]")).first
    box.fill(query)
    box.press("Enter")
    result = page.locator("main .result").first
    expect(result).to_be_visible()
    return result


def everything_is_there(page, title):
    page.goto("/claims/demo-war-24-hours")
    trail = page.locator(".trail")
    expect(trail).to_contain_text(PROMISE)
    linked = trail.locator("li", has_text=PROMISE)
    expect(linked).to_contain_text("2024")
    expect(page.locator(".claim-body h2").first).to_contain_text("6")
    linked.get_by_role("link", name="context").click()
    expect(page.locator("h1")).to_have_text(title)
    for query in ("Krieg in 24 Stunden beenden", "end the war in one day"):
        expect(first_result(page, query)).to_contain_text("end the war in Ukraine within 24 hours")


def journey(server, page, article, title):
    paste(page, article, "2024-11-08", title, "Our archive")
    marked = page.locator(".said", has_text=PROMISE).first
    expect(marked).to_be_visible()
    decide_the_promise(page)
    everything_is_there(page, title)
    server.restart()
    page.goto("/")
    everything_is_there(page, title)
    paste(page, article, "2024-11-08", "The same again")
    expect(page.get_by_role("status").first).to_contain_text("already")
    expect(page.locator("h1")).to_have_text(title)
    assert server.run("check").returncode == 0


def test_our_article_from_paste_to_time_line(desk):
    server, page = desk
    journey(server, page, OUR_ARTICLE, "Das Telefon auf dem Tisch")


def test_the_article_everything_starts_from(desk, shared_data):
    server, page = desk
    journey(server, page, (shared_data / "articles" / "putin-trump-de.txt").read_text(encoding="utf-8"), "Trump und Putin")
