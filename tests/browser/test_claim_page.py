"""The claim page by keys alone: two claims merged and told apart again, and a key in a field types itself."""

from __future__ import annotations

import re

from playwright.sync_api import expect


def test_two_claims_are_merged_and_told_apart_by_keys(editor):
    page = editor()
    page.goto("/claims/2")
    words = page.locator("h1").inner_text()
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile("/claims/2/merge$"))
    page.get_by_label("Number or address").focus()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio").first).to_be_checked()
    confirm = page.get_by_role("checkbox")
    if confirm.count():
        confirm.focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Merge").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/claims/2.merged=5$"))
    expect(page.locator("h1")).to_have_text(words)
    expect(page.locator(".notice")).to_contain_text("merged into this one")
    page.goto("/claims/5")
    expect(page).to_have_url(re.compile("/claims/2.merged=5$"))
    page.get_by_role("button", name="Undo the merge").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".rearranged .undone")).to_be_visible()
    page.goto("/claims/5")
    expect(page).to_have_url(re.compile("/claims/5$"))


def test_a_key_opens_the_form_and_types_itself_in_a_field(editor):
    page = editor()
    page.goto("/claims/2")
    page.get_by_role("searchbox").first.focus()
    page.keyboard.press("e")
    expect(page.get_by_role("searchbox").first).to_have_value("e")
    page.keyboard.press("Tab")
    page.locator("h1").click()
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("/claims/2/edit$"))
    page.get_by_label("Claim", exact=True).press("m")
    expect(page).to_have_url(re.compile("/claims/2/edit$"))
