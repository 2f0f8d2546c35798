"""Correcting statements in the article: by mouse, by touch, by keyboard, without scripts; kept when the article is read again.

Every test takes back what it did, so that all share one server.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from test_every_page import LOOKS, sticking_out, violations

ARTICLE = "/articles/2"
HEATING = "„Ab 2024 sind alle Gasheizungen in Deutschland verboten“"
NEXT_DATE = "Der nächste Termin steht noch nicht fest"


def said(page: Page) -> list[str]:
    """The texts of the statements on the page, in order, as they are underlined."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.note[data-statement]')].map(note =>
        [...document.querySelectorAll(`[data-s~="${note.dataset.statement}"]`)].map(part => part.textContent).join(''))"""
    )


def open_form(page: Page, words: str) -> None:
    page.goto(ARTICLE)
    page.locator(".said", has_text=words).first.click()
    page.locator(".note[open]").get_by_role("link", name="Correct").click()
    expect(page.locator("#correcting")).to_be_visible()


def point_behind(page: Page, words: str) -> tuple[float, float]:
    """The point of the window just behind the first occurrence of some words in the article."""
    return tuple(
        page.evaluate(
            """words => { for (const p of document.querySelectorAll('.article-text')) {
            const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) { const at = walker.currentNode.data.indexOf(words); if (at < 0) continue;
              const range = new Range(); range.setStart(walker.currentNode, at); range.setEnd(walker.currentNode, at + words.length);
              const box = [...range.getClientRects()].at(-1); return [box.right - 1, box.top + box.height / 2]; } } }""",
            words,
        )
    )


def knob(page: Page, which: str) -> tuple[float, float]:
    box = page.locator(f".handle-{which}").bounding_box()
    return box["x"] + 1, box["y"] - 6 if which == "start" else box["y"] + box["height"] + 6


def take_back(page: Page, before: list[str]) -> None:
    page.keyboard.press("u")
    expect(page.locator("#done")).to_contain_text("Taken back.")
    assert said(page) == before


def test_an_end_is_dragged_to_another_word_and_the_statement_is_kept_so(editor):
    page = editor(viewport={"width": 1280, "height": 900})
    open_form(page, HEATING)
    before = said(page)
    assert before[0] == HEATING
    x, y = knob(page, "end")
    page.mouse.move(x, y)
    page.mouse.down()
    to_x, to_y = point_behind(page, "alle Gasheizungen")
    page.mouse.move(to_x - 20, to_y + 14, steps=8)  # within the word: the end snaps to the word's
    page.mouse.move(to_x - 2, to_y + 14)
    page.mouse.up()
    expect(page.get_by_label("Words")).to_have_value("„Ab 2024 sind alle Gasheizungen")
    x, y = knob(page, "start")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*(a + b for a, b in zip(point_behind(page, "„Ab 2024"), (2, -14), strict=True)), steps=8)
    page.mouse.up()
    expect(page.get_by_label("Words")).to_have_value("sind alle Gasheizungen")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Changed: “sind alle Gasheizungen”".replace("“", "„").replace("”", "“"))
    assert said(page)[0] == "sind alle Gasheizungen"
    take_back(page, before)


def test_a_finger_drags_as_well(editor):
    page = editor(viewport={"width": 320, "height": 800}, has_touch=True, is_mobile=True)
    open_form(page, HEATING)
    page.locator(".handle-end").evaluate("e => e.scrollIntoView({block: 'center'})")
    x, y = knob(page, "end")
    to_x, to_y = point_behind(page, "„Ab 2024 sind")
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        point = {"x": x + (to_x - x) * step / 8, "y": y + (to_y + 18 - y) * step / 8}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.get_by_label("Words")).to_have_value("„Ab 2024 sind")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("#correcting")).to_have_count(0)
    expect(page.locator(".handle")).to_have_count(0)


def test_place_kind_and_speaker_are_changed_by_keys_alone(editor):
    page = editor(viewport={"width": 1280, "height": 900})
    page.goto(ARTICLE)
    before = said(page)
    page.locator(".note summary").first.focus()
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Start one word back")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Shift+ArrowLeft")
    for _ in range(3):
        page.keyboard.press("Alt+Shift+ArrowRight")
    expect(page.get_by_label("Words")).to_have_value("sind alle Gasheizungen in Deutschland")
    page.keyboard.press("Enter")  # the button in focus: the start goes one word back
    expect(page.get_by_label("Words")).to_have_value("2024 sind alle Gasheizungen in Deutschland")
    page.get_by_label("Direct quote").press(" ")
    page.keyboard.press("ArrowRight")
    page.get_by_label("Who", exact=True).fill("Paul Beispiel")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("Changed:")
    note = page.locator(".note").first
    expect(note).to_contain_text("Paul Beispiel")
    expect(note).to_contain_text("Reported speech")
    expect(note.locator("summary")).to_be_focused()
    page.keyboard.press("c")
    page.get_by_label("Words").press("Escape")
    expect(page.locator("#correcting")).to_have_count(0)
    take_back(page, before)
    expect(page.locator(".note").first).to_contain_text("Jana Muster")


def test_selected_words_are_taken_up_others_removed_and_a_new_reading_changes_none_of_it(editor, newsroom):
    server, _ = newsroom
    page = editor(viewport={"width": 1280, "height": 900})
    page.goto(ARTICLE)
    before = said(page)
    end = point_behind(page, "noch nicht fest")
    start = point_behind(page, "aus. D")
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Take up as a statement").click()
    expect(page.get_by_label("Words")).to_have_value(NEXT_DATE)
    page.get_by_label("Who", exact=True).fill("Jana Muster")
    page.get_by_label("Paraphrased").check()
    page.locator("#correcting").get_by_role("button", name="Take up").click()
    expect(page.locator("#done")).to_contain_text("Taken up:")
    assert said(page) == [*before, NEXT_DATE]
    added = page.url

    open_form(page, HEATING)
    page.get_by_role("button", name="Not a statement: remove").click()
    expect(page.locator("#done")).to_contain_text("Removed:")
    assert said(page) == [*before[1:], NEXT_DATE]

    again = server.run("reread", ARTICLE.rsplit("/", 1)[1])
    assert again.returncode == 0, again.stderr
    assert f"{len(before)} statements, 0 new, 0 gone" in again.stdout
    page.reload()
    assert said(page) == [*before[1:], NEXT_DATE]
    take_back(page, [*before, NEXT_DATE])
    page.goto(added)
    take_back(page, before)


def test_a_mention_is_taken_from_the_text(editor):
    page = editor(viewport={"width": 1280, "height": 900})
    open_form(page, HEATING)
    page.get_by_text("Named in the text, cue, place").click()
    x, y = point_behind(page, "Jana")
    page.mouse.dblclick(x - 8, y)
    page.get_by_role("button", name="Take the words selected in the text").first.click()
    expect(page.get_by_label("Named in the text", exact=True)).to_have_value("Jana")
    assert re.fullmatch(r"\d+-\d+", page.locator("[name=mention_at]").input_value())


def test_all_of_it_works_without_scripts(editor):
    page = editor(java_script_enabled=False)
    page.goto(ARTICLE)
    page.locator(".note summary").first.click()
    page.locator(".note").first.get_by_role("link", name="Correct").click()
    page.get_by_label("Words").fill("alle Gasheizungen")
    page.get_by_label("Paraphrased").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Changed:")
    expect(page.locator(".said-reported", has_text="alle Gasheizungen")).to_be_visible()
    page.locator("#done").get_by_role("button").click()
    expect(page.locator("#done")).to_contain_text("Taken back.")
    page.get_by_role("link", name="Take up a missing statement").click()
    page.get_by_label("Words").fill("Diese Worte fielen nie")
    page.get_by_role("button", name="Take up").click()
    expect(page.get_by_role("alert")).to_contain_text("do not stand in the article")
    page.problems[:] = [p for p in page.problems if "400" not in p]  # refused on purpose
    page.goto(ARTICLE)
    page.get_by_role("button", name="All statements checked").click()
    expect(page.locator("#checked")).to_contain_text("All statements checked by")
    page.locator("#checked").get_by_role("button", name="Take back").click()
    expect(page.get_by_role("button", name="All statements checked")).to_be_visible()


@pytest.mark.parametrize(("locale", "colours", "window"), LOOKS)
def test_the_open_form_is_within_everybodys_reach(editor, locale, colours, window):
    page = editor(locale=locale, color_scheme=colours, viewport=window, reduced_motion="reduce")
    page.goto(ARTICLE)
    page.locator(".note summary").nth(1).click()
    page.keyboard.press("c")
    expect(page.locator("#correcting")).to_be_visible()
    page.evaluate("document.querySelectorAll('#correcting details').forEach(d => { d.open = true })")
    assert [*sticking_out(page), *violations(page)] == []
    statement = page.locator(".note.is-correcting").get_attribute("data-statement")
    for address in (f"/statements/{statement}/correct", f"{ARTICLE}/statements/new"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true })")
        assert [*sticking_out(page), *violations(page)] == [], address
