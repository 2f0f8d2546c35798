"""Results by keyboard, and the whole search without JavaScript."""

from __future__ import annotations

from playwright.sync_api import expect


def test_keys_move_through_the_results_and_open_one(editor):
    page = editor()
    page.goto("/search?kind=claim&size=5")
    titles = page.locator(".result .row-title a")
    for place in (0, 1, 2):
        page.keyboard.press("j")
        expect(titles.nth(place)).to_be_focused()
    page.keyboard.press("k")
    expect(titles.nth(1)).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#top-q")).to_be_focused()
    page.keyboard.type("jk")
    expect(page.locator("#top-q")).to_have_value("jk")
    page.keyboard.press("Escape")
    page.locator("main").focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/*")


def test_a_search_works_without_scripts(newsroom, open_page):
    server, _ = newsroom
    page = open_page(base_url=server.url, locale="en-GB", java_script_enabled=False)
    page.goto("/search")
    page.locator("#top-q").fill("war")
    page.locator("#top-q").press("Enter")
    page.locator(".tabs").get_by_role("link", name="Claims").click()
    page.locator("#since").fill("2023")
    page.get_by_role("button", name="Apply").click()
    assert "q=war" in page.url and "kind=claim" in page.url and "since=2023" in page.url
    expect(page.locator(".result").first).to_be_visible()
    page.get_by_role("link", name="More like this").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("More like")
