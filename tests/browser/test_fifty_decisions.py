"""A long sitting at the queue: fifty decisions by keyboard, with the shipped model; keystrokes are counted, time is measured and told.

Decided as an editor with a plan would: all that say the same in one go, a new claim now and then, the rest one key each. Everything is
taken back at the end, since all tests share one server. What was measured is kept in ``.cache/measured/fifty-decisions.json``.
"""

from __future__ import annotations

import json
import re
import time
from itertools import cycle
from pathlib import Path
from statistics import median

from many_statements import article, sentences
from playwright.sync_api import expect

MEASURED = Path(__file__).resolve().parents[2] / ".cache" / "measured" / "fifty-decisions.json"
DECISIONS = 50
MOST_KEYSTROKES = 1.2  # a decision
SOURCE = "The council paper"
AROUND = f"/review?source={SOURCE.replace(' ', '+')}"


def stock(page) -> None:
    """Three papers, pasted in: what the first says stands in part in the others too."""
    said = sentences(36)
    for n, part in enumerate((said, said[:9], said[3:9]), 1):
        page.goto("/articles/new")
        page.locator("#text").fill(article(part).replace("next item", f"item number {n}"))
        for name, value in (("title", f"Council {n}"), ("source", SOURCE), ("published_at", f"2024-11-0{n}")):
            page.locator(f"[name={name}]").fill(value)
        page.get_by_role("button", name="Find statements").click()
        expect(page.locator(".article-body")).to_be_visible(timeout=300_000)


class Keyboard:
    """Presses keys, counts them, and waits until the page has answered."""

    def __init__(self, page):
        self.page = page
        self.pressed = 0
        self.seconds: list[float] = []

    def decide(self, *keys: str) -> None:
        page, began = self.page, time.monotonic()
        was = page.locator("#queue").get_attribute("data-state")
        for key in keys:
            page.keyboard.press(key)
            self.pressed += 1
        expect(page.locator("#queue")).not_to_have_attribute("data-state", was or "")
        self.seconds.append(time.monotonic() - began)


def decided(page) -> int:
    """How many decisions this sitting holds, as the page counts them: where the statement stands is one more."""
    return int(page.locator(".progress b").inner_text()) - 1


def test_fifty_decisions_take_fifty_keystrokes_or_little_more(editor, newsroom, capsys):
    server = newsroom[0]
    page = editor()
    stock(page)
    page.goto(AROUND)
    heading = page.locator("h1#statement")
    before, waiting = decided(page), int(page.locator(".progress").inner_text().split()[-1])
    assert waiting >= DECISIONS
    keyboard, single = Keyboard(page), cycle("xxnxrxcxxs")
    batches = 0
    began = time.monotonic()
    while (made := decided(page) - before) < DECISIONS:
        if page.locator("#alike").count():
            keyboard.decide("b")
            assert decided(page) - before > made
            batches += decided(page) - before > made + 1  # what was matched anew in the background meanwhile is left to be looked at
        elif (key := next(single)) == "c":
            keyboard.decide("c", "Enter")
        elif key in "srn" and not page.locator(".decide [data-key=s]").count():
            keyboard.decide("x")
        else:
            keyboard.decide(key)
        expect(heading).to_be_focused()
    seconds = time.monotonic() - began
    assert batches >= 5 and page.url.endswith(AROUND)  # the next statement is one of these papers'
    expect(page.locator(".progress")).to_have_text(re.compile(r", about .+ left$"))

    measured = {
        "decisions": made,
        "keystrokes": keyboard.pressed,
        "keystrokes a decision": round(keyboard.pressed / made, 2),
        "seconds": round(seconds, 1),
        "median seconds from key to next statement": round(median(keyboard.seconds), 2),
        "batches": batches,
    }
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    MEASURED.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    with capsys.disabled():
        print(f"\nFifty decisions by keyboard: {json.dumps(measured)}")
    assert keyboard.pressed <= MOST_KEYSTROKES * made

    acts = 0
    while page.locator("#last").count():
        keyboard.decide("u")
        acts += 1
    assert acts == (len(keyboard.seconds)) // 2
    page.goto(AROUND)
    expect(page.locator(".progress")).to_have_text(re.compile(rf"^{before + 1} of {before + waiting}\b"))
    assert server.run("check").returncode == 0


def test_later_assigning_and_filtering_by_keyboard(editor):
    page = editor()
    page.goto("/review")
    heading = page.locator("h1#statement")
    first = heading.inner_text()
    keyboard = Keyboard(page)
    keyboard.decide("l")
    expect(page.locator("#last")).to_contain_text("Put away until")
    expect(heading).not_to_have_text(first)
    keyboard.decide("a", "Enter")  # to oneself: the first in the list
    expect(page.locator("#last")).to_contain_text("Assigned to admin")
    expect(heading).to_be_focused()
    page.goto("/review?assigned=me")
    expect(page.locator(".progress")).to_have_text(re.compile(r"^\d+ of \d+"))
    keyboard.decide("u")
    expect(page.locator("#last")).to_contain_text("Put away until")
    keyboard.decide("u")
    expect(page.locator("#last")).to_have_count(0)

    page.goto("/review")
    expect(heading).to_have_text(first)
    page.keyboard.press("f")
    expect(page.get_by_label("Best match")).to_be_focused()
    page.keyboard.press("s")  # in a field keys mean letters
    expect(heading).to_have_text(first)
    page.keyboard.press("Escape")
    expect(heading).to_be_focused()
    page.keyboard.press("f")
    page.get_by_label("Language").select_option("de")
    page.get_by_role("button", name="Show these").click()
    assert "language=de" in page.url
    expect(page.locator(".chip")).to_have_text(re.compile("German"))
    keyboard.decide("j")
    expect(page.locator(".statement-text")).to_have_attribute("lang", "de")
    page.locator(".chip").click()
    assert "language" not in page.url
