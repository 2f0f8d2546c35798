"""What a newsroom does every day, on real data: both public claim files and 210 news articles on file, a real server, model and browser.

The actions are counted and held to a number; the seconds are measured and told at the end of the run and in ``.cache/journeys.json``.
"""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.timeout(1800)  # the first of them waits for the archive, which is built once

QUOTE = "Bei der Corona-Impfung wird den Menschen heimlich ein Mikrochip eingesetzt"  # ours; German and English claims on file say it
PASSWORD = "quiet river stone"


@pytest.fixture(scope="module")
def desk(archive_server, browser):
    """(server, what a browser remembers of the administrator, the same of a journalist who follows a promise)."""
    server = archive_server
    made = server.run("users", "add", "anna", "--role", "journalist")
    anna = re.search(r"one-time password: (\S+)", made.stdout)[1]
    remembered = []
    for name, password in ((server.user, server.password), ("anna", anna)):
        context = browser.new_context(base_url=server.url, locale="en-GB")
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(password)
        page.locator("main button").first.click()
        page.locator("#current").fill(password)
        page.locator("#new").fill(PASSWORD)
        page.locator("#again").fill(PASSWORD)
        page.locator("main button").first.click()
        page.wait_for_url(lambda url: "/password" not in url)
        page.goto("/search?q=war", timeout=180_000)  # the model is loaded by the first search
        remembered.append(context.storage_state())
        context.close()
    return server, *remembered


@pytest.fixture
def at_desk(desk, open_page):
    """``at_desk("/")``: the administrator's page at an address; ``at_desk("/", anna=True)`` the journalist's."""

    def open_one(address, anna=False, **options):
        page = open_page(base_url=desk[0].url, storage_state=desk[2 if anna else 1], **({"locale": "en-GB"} | options))
        page.goto(address)
        return page

    return open_one


def test_already_checked(at_desk, journey):
    """A German quote is pasted; German and English claims stand among the first three, with their ratings."""
    page = at_desk("/", locale="de-DE")
    expect(page.locator("#q")).to_be_focused()
    asked = journey(page, "already checked, from a German quote")
    asked.paste(QUOTE)
    asked.press("Enter")
    first = page.locator(".result")
    expect(first.nth(2)).to_be_visible()
    asked.done()
    languages = [first.nth(i).locator(".row-title .quote").first.get_attribute("lang") for i in range(3)]
    assert "de" in languages and asked.actions == 2
    texts = " ".join(first.nth(i).inner_text() for i in range(3))
    assert "chip" in texts.lower() and set(languages) - {"de"}, (languages, texts)


def test_how_often_and_when_was_it_said(at_desk, journey):
    """From the result one click to the dated, sourced time line, and its CSV."""
    page = at_desk("/search?q=end+the+war+in+Ukraine+within+24+hours&kind=claim")
    asked = journey(page, "how often, when was it said")
    asked.click(page.locator(".result .row-title a").first)
    expect(page.locator("#occurrences")).to_be_visible()
    asked.done()
    assert asked.actions == 1
    dates = page.locator(".trail time").all()
    assert len(dates) >= 3 and all(d.get_attribute("datetime") for d in dates)
    link = page.locator("a[href$='.csv'], a[href*='occurrences.csv']").first
    rows = list(csv.DictReader(io.StringIO(page.request.get(link.get_attribute("href")).text())))
    assert len(rows) >= 3 and all(r["said_at"] and r["quote"] for r in rows) and any(r["source"] or r["url"] for r in rows)


def test_a_draft_against_the_archive(at_desk, journey, shared_data):
    """A long article is pasted; every statement stands there with its matches in one view."""
    texts = [json.loads(line)["text"] for line in (shared_data / "quotes-de" / "dev.jsonl").read_text("utf-8").splitlines()]
    longest = max(texts, key=len)
    page = at_desk("/drafts")
    expect(page.locator("#text")).to_be_focused()
    asked = journey(page, f"a draft of {len(longest.split())} words against the archive")
    asked.paste(longest)
    asked.click(page.get_by_role("button", name="Check the draft"))
    expect(page.locator(".draft-summary")).to_be_visible(timeout=120_000)
    asked.done()
    assert asked.actions == 2
    assert page.locator(".draft-note").count() >= 10
    assert page.locator(".draft-match").count() >= 1


def test_a_statement_is_linked_with_one_key_and_taken_back_with_another(at_desk, journey):
    page = at_desk("/review")
    heading = page.locator(".statement-text h1")
    before = heading.inner_text()
    asked = journey(page, "link a statement to an existing check")
    asked.press("s")
    expect(heading).not_to_have_text(before)
    asked.done()
    assert asked.actions == 1
    expect(heading).to_be_focused()
    page.keyboard.press("u")
    expect(heading).to_have_text(before)


def test_a_promise_changes_its_status_and_those_who_follow_hear_of_it(at_desk, journey):
    page = at_desk("/promises")
    page.locator(".promises a.brief-quote, table a.brief-quote").first.click()
    address = re.sub(r".*(/claims/\d+).*", r"\1", page.url)
    anna = at_desk(address, anna=True)
    anna.locator("#follow button").click()
    expect(anna.locator("#follow.is-on")).to_be_visible()

    asked = journey(page, "promise status changed")
    asked.click(page.locator(".status-change > summary"))
    now = page.locator(".status-choice:has(input:not(:checked)):not(:has(.aside)) input").first
    status = now.get_attribute("value")
    asked.click(now)
    page.locator("#status-source").focus()
    asked.paste("https://example.org/how-it-stands")
    asked.press("Enter")
    expect(page.locator(".history a[href='https://example.org/how-it-stands']")).to_be_visible()
    asked.done()
    assert asked.actions == 4  # two clicks, the source, Enter
    assert "example.org/how-it-stands" in page.request.get("/promises.rss").text()
    for _ in range(60):  # alerts go out in the background
        anna.goto("/alerts")
        if anna.locator("main").get_by_text(status, exact=False).count():
            break
        anna.wait_for_timeout(1_000)
    expect(anna.locator("main")).to_contain_text(re.compile(status, re.IGNORECASE))
