"""The review queue with nothing but keys, with the mouse and no scripts, and with keys turned off.

Every test takes back what it decided, so that all share one server.
"""

from __future__ import annotations

import re

from playwright.sync_api import expect


def sign_in(page, server) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name").fill(server.user)
    page.get_by_label("Password").fill(server.password)
    page.locator("main button").click()
    expect(page.get_by_role("link", name="Add article").first).to_be_visible()


def statement(page) -> str:
    return page.locator("h1#statement").inner_text()


def decide(page, key: str) -> None:
    """Press a key that decides and wait until the last decision says so."""
    was = page.locator("#last").inner_text() if page.locator("#last").count() else ""
    page.keyboard.press(key)
    expect(page.locator("#last")).to_be_visible()
    expect(page.locator("#last")).not_to_have_text(was)
    first = page.locator("[data-candidate='1']")
    if first.count():
        expect(first).to_have_attribute("open", "")


def test_a_session_by_keyboard(editor, newsroom):
    page = editor()
    page.goto("/review")
    heading = page.locator("h1#statement")
    expect(page.locator(".progress")).to_have_text(re.compile(r"^1 of \d+$"))
    total = int(page.locator(".progress").inner_text().split()[-1])
    assert total >= 5
    first = statement(page)

    page.keyboard.press("j")
    expect(heading).not_to_have_text(first)
    expect(heading).to_be_focused()
    page.keyboard.press("k")
    expect(heading).to_have_text(first)

    page.keyboard.press("2")
    expect(page.locator("[data-candidate='2']")).to_have_attribute("open", "")
    expect(page.locator("[data-candidate='1']")).not_to_have_attribute("open", "")
    page.keyboard.press("1")

    decide(page, "s")
    expect(heading).not_to_have_text(first)
    expect(heading).to_be_focused()
    expect(page.locator("#last")).to_contain_text("Same claim")
    expect(page.locator(".progress")).to_have_text(re.compile(rf"^2 of {total}"))

    page.keyboard.press("u")
    expect(heading).to_have_text(first)
    expect(page.locator("#last")).to_have_count(0)

    page.keyboard.press("?")
    expect(page.locator("#help")).to_have_attribute("open", "")
    page.keyboard.press("?")
    expect(page.locator("#help")).not_to_have_attribute("open", "")

    page.keyboard.press("c")
    box = page.locator("#claim-text")
    expect(box).to_be_focused()
    box.fill("suxnr")  # keys mean letters here
    expect(heading).to_have_text(first)
    box.fill("A claim of our own.")
    page.keyboard.press("Enter")
    expect(page.locator("#last")).to_contain_text("new claim")
    expect(heading).not_to_have_text(first)

    decide(page, "x")
    expect(page.locator("#last")).to_contain_text("None of these")
    decide(page, "r")
    decide(page, "o")
    expect(page.locator("#last")).to_contain_text("Opposite")
    expect(page.locator(".progress")).to_have_text(re.compile(rf"^5 of {total}, about .+ left$"))
    for last in ("Related", "None of these", "new claim"):
        page.keyboard.press("u")
        expect(page.locator("#last")).to_contain_text(last)
    page.keyboard.press("u")
    expect(page.locator("#last")).to_have_count(0)
    expect(heading).to_have_text(first)
    expect(page.locator(".progress")).to_have_text(re.compile(rf"^1 of {total}$"))
    assert newsroom[0].run("check").returncode == 0


def test_not_a_match_leaves_the_next_candidate_or_the_next_statement(editor):
    page = editor()
    page.goto("/review")
    first, best = statement(page), page.locator("[data-candidate='1'] .candidate-text").inner_text()
    decide(page, "n")
    if statement(page) == first:
        expect(page.locator("[data-candidate='1'] .candidate-text")).not_to_have_text(best)
    page.keyboard.press("u")
    expect(page.locator("h1#statement")).to_have_text(first)
    expect(page.locator("[data-candidate='1'] .candidate-text")).to_have_text(best)


def test_keys_can_be_turned_off_and_on(editor):
    page = editor()
    page.goto("/review")
    page.get_by_role("button", name="Turn keys off").click()
    expect(page.get_by_role("button", name="Turn keys on")).to_be_visible()
    first = statement(page)
    for key in "sjux?":
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert statement(page) == first
    expect(page.locator("#last")).to_have_count(0)
    page.get_by_role("button", name="Turn keys on").click()
    expect(page.get_by_role("button", name="Turn keys off")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("h1#statement")).not_to_have_text(first)


def test_a_second_editor_sees_what_the_first_decided(editor):
    page, other = editor(), editor(locale="de-DE")
    page.goto("/review")
    other.goto("/review")
    decide(page, "s")
    other.keyboard.press("o")
    expect(other.locator(".problem-box")).to_contain_text("Das wurde inzwischen entschieden")
    expect(other.locator(".problem-box")).to_contain_text("admin: Gleiche Aussage")
    other.problems[:] = [p for p in other.problems if "409" not in p]
    page.keyboard.press("u")
    expect(page.locator("#last")).to_have_count(0)


def test_a_failure_takes_the_place_of_the_queue_and_says_what_to_do(editor):
    page = editor()
    page.goto("/review")
    page.evaluate("document.querySelector('.decide [name=claim]').value = '999999'")
    page.keyboard.press("s")
    expect(page.locator("h1")).to_have_text("Not found")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("s")
    page.problems[:] = [p for p in page.problems if "404" not in p]


def test_an_ended_session_leads_to_sign_in(newsroom, open_page):
    server, _ = newsroom
    page = open_page(base_url=server.url, locale="en-GB")
    sign_in(page, server)
    page.goto("/review")
    page.context.clear_cookies()
    page.keyboard.press("j")
    expect(page.get_by_label("Password")).to_be_visible()
    page.get_by_label("Name").fill(server.user)
    page.get_by_label("Password").fill(server.password)
    page.locator("main button").click()
    expect(page.locator("h1#statement")).to_be_visible()


def test_everything_works_without_scripts(newsroom, open_page):
    server, _ = newsroom
    page = open_page(base_url=server.url, locale="en-GB", java_script_enabled=False)
    sign_in(page, server)
    page.goto("/")
    page.locator("#q").fill("end the war in one day")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("link", name=re.compile("I will end the war in Ukraine")).first.click()
    expect(page.locator("h1")).to_contain_text("within 24 hours")

    page.goto("/articles/new")
    page.locator("#text").fill(
        "“Wind turbines kill more birds than anything else,” said Ida Specimen on Tuesday. She left early."
    )
    page.get_by_role("button", name="Find statements").click()
    expect(page.locator(".article-body")).to_be_visible(timeout=60_000)
    page.locator(".note summary").first.click()
    page.get_by_role("link", name="Decide").click()
    page.get_by_role("button", name=re.compile("^Same")).click()
    expect(page.locator("#last")).to_contain_text("Same claim")
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.locator("h1#statement")).to_contain_text("Wind turbines")
    page.goto("/preferences")
    page.get_by_label("Deutsch").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Gemerkt.")
    page.get_by_label("Wie der Browser").check()
    page.get_by_role("button", name="Merken").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
