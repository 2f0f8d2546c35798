"""The review queue with nothing but keys, with the mouse and no scripts, and with keys turned off."""

from __future__ import annotations

import re

from playwright.sync_api import expect


def statement(page) -> str:
    return page.locator("h1#statement").inner_text()


def decide(page, key: str) -> None:
    """Press a key that decides and wait until the last decision says so."""
    was = page.locator("#last").inner_text() if page.locator("#last").count() else ""
    page.keyboard.press(key)
    expect(page.locator("#last")).to_be_visible()
    expect(page.locator("#last")).not_to_have_text(was)


def test_a_session_by_keyboard(own_desk):
    server, page = own_desk
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
    for _ in range(4):
        page.keyboard.press("u")
        page.wait_for_timeout(400)
    expect(heading).to_have_text(first)
    expect(page.locator(".progress")).to_have_text(re.compile(rf"^1 of {total}$"))
    assert server.run("check").returncode == 0


def test_not_a_match_leaves_the_next_candidate_or_the_next_statement(own_desk):
    _, page = own_desk
    page.goto("/review")
    first, best = statement(page), page.locator("[data-candidate='1'] .candidate-text").inner_text()
    decide(page, "n")
    if statement(page) == first:
        expect(page.locator("[data-candidate='1'] .candidate-text")).not_to_have_text(best)
    page.keyboard.press("u")
    expect(page.locator("h1#statement")).to_have_text(first)
    expect(page.locator("[data-candidate='1'] .candidate-text")).to_have_text(best)


def test_keys_can_be_turned_off_and_on(own_desk):
    _, page = own_desk
    page.goto("/review")
    page.get_by_role("button", name="Turn keys off").click()
    first = statement(page)
    for key in "sjux?":
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert statement(page) == first
    expect(page.locator("#last")).to_have_count(0)
    page.get_by_role("button", name="Turn keys on").click()
    page.keyboard.press("j")
    expect(page.locator("h1#statement")).not_to_have_text(first)


def test_a_second_editor_sees_what_the_first_decided(own_desk, open_page):
    server, page = own_desk
    other = open_page(base_url=server.url, locale="de-DE", storage_state=page.context.storage_state())
    page.goto("/review")
    other.goto("/review")
    decide(page, "s")
    other.keyboard.press("o")
    expect(other.locator(".problem-box")).to_contain_text("Das wurde inzwischen entschieden")
    expect(other.locator(".problem-box")).to_contain_text("admin: Gleiche Aussage")
    other.problems[:] = [p for p in other.problems if "409" not in p]


def test_everything_works_without_scripts(start_server, open_page):
    from conftest import sign_in  # the one in this folder

    server = start_server()
    page = open_page(base_url=server.url, locale="en-GB", java_script_enabled=False)
    sign_in(page, server)
    page.goto("/")
    page.locator("#q").fill("end the war in one day")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("link", name=re.compile("I will end the war in Ukraine")).first.click()
    expect(page.locator("h1")).to_contain_text("within 24 hours")

    page.goto("/articles/new")
    page.locator("#text").fill("“Wind turbines kill more birds than anything else,” said Mary Sample on Tuesday. She left early.")
    page.get_by_role("button", name="Find statements").click()
    expect(page.locator(".article-body")).to_be_visible(timeout=60_000)
    page.locator(".note summary").first.click()
    page.get_by_role("link", name="Decide").click()
    page.get_by_role("button", name=re.compile("^Same")).click()
    expect(page.locator("#last")).to_contain_text("Same claim")
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.locator("h1#statement")).to_contain_text("Wind turbines")
    page.get_by_role("button", name="Auf Deutsch").click()
    expect(page.get_by_role("button", name=re.compile("^Gleich"))).to_be_visible()
