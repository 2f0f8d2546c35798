"""The browser extension and the bookmark in Chromium: marked text of any page is looked up, sent to the queue, found in the product."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import expect

from db import open_store
from factcheck import api_tokens

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
EXTENSION = Path(__file__).parent.parent.parent / "extension"
SAID = "I will end the war in Ukraine within 24 hours"
PAGE = f"""<!doctype html><html lang="en"><title>A speech in Springfield</title><meta name="author" content="A. Writer">
<article><h1>A speech in Springfield</h1>
<p>The mayor of Springfield spoke on Tuesday before the town's fire brigade, and stayed for an hour.</p>
<p id="said">“{SAID}”, Donald Trump had said before, and the mayor reminded everybody of it.</p>
<p>The evening ended with questions from the audience about the new bridge and the price of gas.</p></article>"""


@pytest.fixture(scope="module")
def site():
    """A web page of somebody else's, on a port of its own."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def token(newsroom) -> str:
    store = open_store(newsroom[0].home / "claimtrail.db")
    try:
        return api_tokens.make(store, store.users.by_name(newsroom[0].user), "extension", ["read", "write"], "1")[0]
    finally:
        store.close()


@pytest.fixture(scope="module")
def chromium(browser, tmp_path_factory):
    """A browser with the extension. Nobody can answer the browser's own questions here, so that this machine is allowed from the start."""
    folder = tmp_path_factory.mktemp("extension")
    shutil.copytree(EXTENSION, folder / "unpacked")
    manifest = json.loads((EXTENSION / "manifest.json").read_text())
    (folder / "unpacked" / "manifest.json").write_text(json.dumps(manifest | {"host_permissions": ["http://127.0.0.1/*"]}))
    context = browser.browser_type.launch_persistent_context(
        folder / "profile",
        executable_path=shutil.which("chromium"),
        headless=False,  # the argument below is the headless mode that knows extensions
        locale="en-GB",
        ignore_default_args=["--disable-extensions"],
        args=[
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-features=DisableLoadExtensionCommandLineSwitch",
            f"--load-extension={folder / 'unpacked'}", f"--disable-extensions-except={folder / 'unpacked'}",
        ],
    )  # fmt: skip
    context.problems = []
    context.on("console", lambda message: message.type == "error" and context.problems.append(message.text))
    context.on("weberror", lambda error: context.problems.append(str(error.error)))
    worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
    context.worker, context.address = worker, worker.url.removesuffix("/background.js")
    yield context
    context.close()


def connect(chromium, address: str, token: str):
    page = chromium.new_page()
    page.goto(f"{chromium.address}/options.html")
    page.get_by_label("Address of the server").fill(address)
    page.get_by_label("API token").fill(token)
    page.get_by_role("button", name="Test and save").click()
    return page


def look_up(chromium, site: str, text: str):
    """What the menu of selected text does, and the popup it opens."""
    page = chromium.new_page()
    page.goto(site)
    page.evaluate("getSelection().selectAllChildren(document.getElementById('said'))")
    with chromium.expect_page() as opened:
        chromium.worker.evaluate(
            """async ([site, text]) => {
                const [tab] = await chrome.tabs.query({ url: `${site}/*` });
                chrome.action.openPopup = async () => { throw new Error("no toolbar here") };
                chrome.contextMenus.onClicked.dispatch({ menuItemId: "look-up", selectionText: text }, tab);
            }""",
            [site, text],
        )
    return opened.value


def test_the_setup_keeps_only_what_the_server_takes(chromium, newsroom, token):
    page = connect(chromium, newsroom[0].url, "clt_wrong")
    expect(page.get_by_role("alert")).to_contain_text("token is wrong")
    expect(page.get_by_label("API token")).to_be_focused()
    assert page.evaluate("chrome.storage.local.get()") == {}
    chromium.problems.clear()  # the browser's own line on an answer of 401

    page.get_by_label("API token").fill(token)
    page.get_by_role("button", name="Test and save").click()
    expect(page.get_by_role("status")).to_have_text(f"Connected as admin with {newsroom[0].url}.")
    assert page.evaluate("chrome.storage.local.get()") == {"address": newsroom[0].url, "token": token}
    assert chromium.problems == []


def test_selected_text_is_looked_up_and_its_page_sent_to_the_queue(chromium, newsroom, token, site, editor):
    expect(connect(chromium, newsroom[0].url, token).get_by_role("status")).to_contain_text("Connected")
    popup = look_up(chromium, site, SAID)

    expect(popup.get_by_label("Text", exact=True)).to_have_value(f"“{SAID}”, Donald Trump had said before, and the mayor reminded everybody of it.")
    first = popup.locator("#results li.claim").first
    expect(first).to_contain_text("end the war", timeout=60_000)
    expect(first).to_contain_text("Donald Trump")
    expect(first).to_contain_text("probability of being the same")
    assert first.locator(".badge svg path").count() > 0 and first.locator(".badge").inner_text().strip()
    assert first.get_by_role("link").get_attribute("href").startswith(f"{newsroom[0].url}/claims/")

    popup.get_by_label("The whole page").check()
    popup.get_by_role("button", name="Send to the queue").click()
    expect(popup.get_by_text("Sent. It is being read.")).to_be_visible()
    page = editor()
    page.goto(popup.get_by_role("link", name="Open the article").get_attribute("href"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("A speech in Springfield")
    expect(page.locator("main")).to_contain_text("reminded everybody of it")

    popup.get_by_label("This text").check()
    popup.get_by_role("button", name="Send to the queue").click()
    expect(popup.get_by_text("on file already")).to_be_visible()
    popup.get_by_role("button", name="Send this text as one of its own").click()
    expect(popup.get_by_text("Sent. It is being read.")).to_be_visible()
    page.goto(popup.get_by_role("link", name="Open the article").get_attribute("href"))
    expect(page.locator("main")).to_contain_text("127.0.0.1")
    assert chromium.problems == []


def test_the_bookmark_takes_marked_text_of_any_page_into_a_draft(newsroom, site, editor):
    page = editor()
    page.goto("/drafts")
    script = page.locator("a[data-bookmark]").get_attribute("href")
    page.goto(site)
    page.evaluate("getSelection().selectAllChildren(document.getElementById('said'))")
    with page.context.expect_page() as opened:
        page.evaluate(script.removeprefix("javascript:"))
    draft = opened.value
    expect(draft.locator("textarea[name=text]")).to_have_value(f"“{SAID}”, Donald Trump had said before, and the mayor reminded everybody of it.")
    expect(draft.locator("input[name=title]")).to_have_value("A speech in Springfield")
    assert draft.url == f"{newsroom[0].url}/drafts", "the text does not stay in the address"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_extension_can_be_read_by_everybody(chromium, newsroom, token, site, scheme):
    options = connect(chromium, newsroom[0].url, token)
    expect(options.get_by_role("status")).to_contain_text("Connected")
    popup = look_up(chromium, site, SAID)
    expect(popup.locator("#results li").first).to_be_visible(timeout=60_000)
    for page in (options, popup):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")["violations"]
        assert found == [], json.dumps(found, indent=1)[:3000]
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
