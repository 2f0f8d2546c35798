"""Every page in light and dark, wide and at 320 px, in both languages: nothing sticks out, nothing is out of reach of anybody."""

from __future__ import annotations

from importlib.resources import files

import pytest
from playwright.sync_api import expect

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
LOOKS = [("en-GB", "light", WIDE), ("de-DE", "dark", NARROW)]  # each page is then looked at in the other colours too
OTHER = {"light": "dark", "dark": "light"}

PAGES = {
    "home": "/",
    "results": "/search?q=Krieg+in+24+Stunden+beenden",
    "results narrowed": "/search?q=energy&kind=claim&language=de",
    "nothing found": "/search?q=zebrafish+orchestra",
    "everything on file": "/search?size=10",
    "past statements": "/search?kind=statement&worth=0.43&sort=worth",
    "exact words": "/search?q=%2224+hours%22+-six",
    "more like this": "/search?like=claim:1",
    "claim": "/claims/1",
    "claim, time line narrowed": "/claims/1?year=2023",
    "claim, edited": "/claims/1/edit",
    "claims merged": "/claims/1/merge?other=2",
    "claim split": "/claims/1/split",
    "fact check added": "/claims/1/review",
    "occurrence added": "/claims/1/occurrence",
    "claim by hand": "/claims/new",
    "articles": "/articles",
    "article": "/articles/2",
    "article, English": "/articles/3",
    "review": "/review",
    "review narrowed": "/review?language=de&assigned=all",
    "review of nothing": "/review?source=nobody",
    "background work": "/jobs",
    "import": "/import",
    "rating words": "/ratings",
    "sources": "/sources",
    "people": "/people",
    "people by letter": "/people?letter=t",
    "person": "/people/1",
    "person, edited": "/people/1/edit",
    "possible duplicates": "/people/duplicates",
    "topics": "/topics",
    "topic": "/topics/1",
    "topic, edited": "/topics/1/edit",
    "promises": "/promises",
    "promises by status": "/promises?status=broken",
    "promises, none": "/promises?status=kept&deadline=none",
    "promises of a person": "/promises/people/1",
    "promises of a government": "/promises/governments/1",
    "promise changed": "/claims/1/status",
    "promise, its terms": "/claims/1/terms",
    "governments": "/governments",
    "government": "/governments/1",
    "taken back": "/walk-backs",
    "taken back, confirmed": "/walk-backs?state=confirmed",
    "quality": "/quality",
    "add article": "/articles/new",
    "drafts": "/drafts",
    "news": "/alerts",
    "saved searches": "/alerts/saved",
    "one saved search": "/alerts/saved/1",
    "webhooks": "/webhooks",
    "preferences": "/preferences",
    "sessions": "/sessions",
    "tokens": "/tokens",
    "notes": "/notes",
    "users": "/users",
    "user": "/users/1",
    "log": "/audit",
    "log narrowed to nothing": "/audit?until=2020-01-01",
    "password": "/password",
    "second factor": "/second-factor",
    "correction in public": "/claims/1/correction",
    "corrections": "/corrections",
    "user erased": "/users/1/erase",
    "person erased": "/people/1/erase",
    "not found": "/nothing-here",
}
OPEN_PAGES = {
    "home": "/",
    "results": "/search?q=war",
    "article": "/articles/2",
    "claim": "/claims/1",
    "quality": "/quality",
    "sign in": "/sign-in",
    "password forgotten": "/forgotten",
    "corrections": "/corrections",
    "not found": "/nothing-here",
}


def violations(page, only: str = "") -> list[str]:
    """What axe-core objects to, by all rules or by one, each with the elements it means."""
    if not only:
        page.evaluate(AXE)
    rules = {"type": "rule", "values": [only]} if only else RULES
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)["violations"]
    return [f"{v['id']}: {v['help']} – " + "; ".join(n["html"][:160] for n in v["nodes"][:3]) for v in found]


def sticking_out(page) -> list[str]:
    """Elements that make the page wider than the window."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.tagName + '.' + e.className).slice(0, 5)"""
    )


def look_at(page, pages: dict[str, str], colours: str) -> list[str]:
    """What is wrong with the pages in these colours, and with the colours in the other ones."""
    problems = []
    for name, address in pages.items():
        answer = page.goto(address)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'"), name
        page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true })")
        problems += [f"{name}: {p}" for p in [*sticking_out(page), *violations(page)]]
        page.emulate_media(color_scheme=OTHER[colours])
        problems += [f"{name}, {OTHER[colours]}: {p}" for p in violations(page, "color-contrast")]
        page.emulate_media(color_scheme=colours)
    page.problems[:] = [p for p in page.problems if "404" not in p]  # the page that is not there on purpose
    return problems


@pytest.mark.parametrize(("locale", "colours", "window"), LOOKS)
def test_signed_in(editor, locale, colours, window):
    page = editor(locale=locale, color_scheme=colours, viewport=window, reduced_motion="reduce")
    assert look_at(page, PAGES, colours) == []


@pytest.mark.parametrize(("locale", "colours", "window"), LOOKS)
def test_not_signed_in(newsroom, open_page, locale, colours, window):
    page = open_page(base_url=newsroom[0].url, locale=locale, color_scheme=colours, viewport=window, reduced_motion="reduce")
    assert look_at(page, OPEN_PAGES, colours) == []


EMPTY_PAGES = {
    name: PAGES[name]
    for name in (
        "home", "results", "everything on file", "articles", "review", "background work", "import", "rating words", "sources", "people",
        "possible duplicates", "promises", "governments", "taken back", "topic", "quality", "drafts", "news", "saved searches", "webhooks", "notes",
        "users", "log",
    )
}  # fmt: skip


def test_with_nothing_on_file(start_server, signed_in):
    page = signed_in(start_server("init"), color_scheme="light", viewport=NARROW, reduced_motion="reduce")
    assert look_at(page, EMPTY_PAGES, "light") == []


def test_what_goes_wrong_is_said_on_a_page_within_everybodys_reach(editor):
    """A form that was filled in badly, a search that cannot be, a page that is not there."""
    page = editor(locale="de-DE", color_scheme="dark", viewport=NARROW, reduced_motion="reduce")
    wrong = {"no such rating": "/search?rating=quite", "no such claim": "/claims/999999", "no such person": "/people/999999"}
    assert look_at(page, wrong, "dark") == []
    page.goto("/articles/new")
    page.locator("main button.primary").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert [*sticking_out(page), *violations(page)] == []
    page.problems.clear()  # the browser notes every answer that is no success


def test_a_checked_draft_is_within_everybodys_reach(editor):
    page = editor(locale="de-DE", color_scheme="dark", viewport=NARROW, reduced_motion="reduce")
    page.goto("/drafts")
    page.locator("#text").fill("Donald Trump sagte, er werde den Krieg in der Ukraine innerhalb von 24 Stunden beenden. Danach fuhr er weiter.")
    page.locator("main button.primary").first.click()
    expect(page.locator(".draft-summary")).to_be_visible(timeout=120_000)
    assert [*sticking_out(page), *violations(page)] == []
    page.emulate_media(color_scheme="light")
    assert violations(page, "color-contrast") == []


def test_every_page_says_what_it_is_without_scripts(editor):
    page = editor(java_script_enabled=False, viewport=NARROW)
    bare = []
    for name, address in PAGES.items():
        page.goto(address)
        if page.locator("main h1").count() != 1 or not page.locator("main").inner_text().strip():
            bare.append(name)
    page.problems.clear()  # the page that is not there on purpose
    assert bare == []


# Where the keyboard is: what has the focus, and whether that can be seen.
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getBoundingClientRect(), style = getComputedStyle(e), hidden = box.width < 1 || box.height < 1;
  const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none'
    || getComputedStyle(e, '::before').content !== 'none' || ['date', 'time'].includes(e.type);  // these show which of their parts has the focus
  return {name: e.tagName + ' ' + (e.id || e.name || e.innerText || '').slice(0, 40), seen: !hidden && drawn};
}"""


def test_the_keyboard_goes_through_every_page_and_is_always_seen(editor):
    page = editor(viewport=WIDE, reduced_motion="reduce")
    lost = []
    for name, address in PAGES.items():
        page.goto(address)
        seen = []
        for _ in range(30):
            page.keyboard.press("Tab")
            at = page.evaluate(FOCUSED)
            if at is None:
                break
            seen.append(at)
        lost += [f"{name}: {at['name']}" for at in seen if not at["seen"]]
        if len({at["name"] for at in seen}) < 8:
            lost.append(f"{name}: the keyboard came to {len(seen)} places only")
    page.problems.clear()  # the page that is not there on purpose
    assert lost == []


@pytest.mark.parametrize("address", ["/promises", "/people/1", "/claims/1"])
def test_charts_print_with_their_numbers(editor, address):
    page = editor(viewport=WIDE)
    page.goto(address)
    page.emulate_media(media="print")
    chart = page.locator(".chart").first
    expect(chart).to_be_visible()
    assert chart.locator("rect").count() and chart.locator(".bar-number").first.inner_text().strip()
    assert sticking_out(page) == []


def test_print_leaves_out_what_cannot_be_pressed_on_paper(editor):
    page = editor(viewport=WIDE)
    page.goto("/claims/1")
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".trail")).to_be_visible()
    assert sticking_out(page) == []


def test_the_theme_switch_stays_switched(open_page, newsroom):
    page = open_page(base_url=newsroom[0].url, locale="en-GB", color_scheme="light")
    page.goto("/people")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark colours").click()
    body = page.locator("body")
    expect(body).not_to_have_css("background-color", light)
    assert page.url.endswith("/people")
    dark = body.evaluate("body => getComputedStyle(body).backgroundColor")
    page.goto("/")
    expect(body).to_have_css("background-color", dark)
    page.get_by_role("button", name="Light colours").click()
    expect(body).to_have_css("background-color", light)


def test_the_language_switch_stays_switched(open_page, newsroom):
    page = open_page(base_url=newsroom[0].url, locale="en-GB")
    page.goto("/promises")
    page.get_by_role("button", name="Auf Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Versprechen")
    page.goto("/people")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Personen")


def test_the_keyboard_reaches_content_and_search_first(editor):
    page = editor(viewport=WIDE)
    page.goto("/people")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search claims, statements and people")).to_be_focused()
    page.keyboard.type("24 hours")
    page.keyboard.press("Enter")
    expect(page.locator(".result").first).to_be_visible()


def test_notes_stand_beside_their_statements_and_opening_one_moves_no_text(editor):
    page = editor(viewport={"width": 1280, "height": 1600})
    page.goto("/articles/2")
    page.wait_for_selector(".floating")

    def heights() -> list[float]:
        return page.evaluate("[...document.querySelectorAll('.article-text')].map(p => p.getBoundingClientRect().top)")

    def tops(kind: str) -> list[float]:
        return page.evaluate(f"[...document.querySelectorAll('{kind}')].map(e => e.getBoundingClientRect().top)")

    notes, marks = tops(".note"), tops(".who")
    assert len(notes) == len(marks) > 4
    assert all(note >= mark - 6 for note, mark in zip(notes, marks, strict=True))
    assert abs(notes[0] - marks[0]) < 8
    assert notes == sorted(notes)
    before = heights()
    page.locator(".article-text .said").first.click()
    expect(page.locator(".note").first).to_have_attribute("open", "")
    assert heights() == before
    bottoms = page.evaluate("[...document.querySelectorAll('.note')].map(e => e.getBoundingClientRect().bottom)")
    assert all(below >= bottom for below, bottom in zip(tops(".note")[1:], bottoms[:-1], strict=True))


def test_a_text_typed_before_signing_in_waits_for_the_form(open_page, newsroom):
    server, _ = newsroom
    page = open_page(base_url=server.url, locale="en-GB")
    text = "First line of a text.\n\nSecond paragraph, said Jane Sample."
    page.goto("/")
    page.locator("#q").fill(text)
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("link", name="Sign in and add it").click()
    page.get_by_label("Name").fill(server.user)
    page.get_by_label("Password").fill(server.password)
    page.locator("main button").click()
    expect(page.locator("#text")).to_have_value(text)
