"""Make the pictures of the README: ``python docs/screenshots.py`` (needs requirements-test.txt and Chromium).

A fresh server with the demo and three articles of our own is started on a free port and looked at with a real browser; nothing is
drawn by hand. Each picture is 1280 x 800 CSS pixels at one and a half times the density, as WebP in ``docs/screenshots/``.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
ARTICLES = ROOT / "tests" / "browser" / "articles"
ABOUT = {
    "stadtrat.de.txt": ("Kassel streitet über Strom und Wärme", "2024-11-06"),
    "town-hall.en.txt": ("A cold night in Springfield", "2024-11-07"),
    "klinik.de.txt": ("Volles Haus in der Kinderklinik", "2024-11-08"),
}
DRAFT = """Das Land wartet, und wer was versprach, gerät durcheinander.

Donald Trump sagte vor Anhängern in Ohio, er werde den Krieg in der Ukraine binnen 24 Stunden beenden. „Das ist für mich ganz leicht“, fügte er hinzu.

Olaf Scholz kündigte an, die Bundesregierung baue jedes Jahr 400.000 neue Wohnungen. Deutschland werde bis 2045 klimaneutral, bekräftigte der Kanzler.

Eine Rednerin behauptete am Rand der Veranstaltung, mit der Corona-Impfung werde ein Mikrochip unter die Haut gesetzt.
"""
PASSWORD = "quiet river stone"
QUALITY = 0.86  # WebP; text stays sharp and a picture stays under 150 kB
TO_WEBP = """async ([png, quality]) => {
  const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = Object.assign(document.createElement("canvas"), {width: picture.width, height: picture.height});
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas.toDataURL("image/webp", quality);
}"""


def main() -> None:
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as (url, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(
            base_url=url, locale="en-GB", viewport={"width": 1280, "height": 800}, device_scale_factor=1.5, color_scheme="light"
        )
        page, encoder = context.new_page(), browser.new_page()
        _sign_in(page, password)
        _take_all(page, lambda name: _save(page, encoder, name))
        browser.close()
    total = sum(p.stat().st_size for p in OUT.glob("*.webp"))
    print(f"{len(list(OUT.glob('*.webp')))} pictures, {total / 1024:.0f} kB in {OUT.relative_to(ROOT)}")


def _take_all(page: Page, save) -> None:
    page.goto("/")
    save("home")
    page.goto("/articles/new")
    page.locator("#text").fill((ARTICLES / "town-hall.en.txt").read_text(encoding="utf-8"))
    page.locator("#title").fill(ABOUT["town-hall.en.txt"][0])
    page.locator("#published_at").fill(ABOUT["town-hall.en.txt"][1])
    page.locator("#source").focus()
    save("article_new")

    page.goto("/articles/2")
    page.wait_for_selector(".floating")
    page.locator(".article-text .said").first.click()
    save("article")

    page.goto("/review")
    _to_statement(page, "24 Stunden")
    save("review")
    page.keyboard.press("s")
    page.wait_for_selector("#last")
    page.goto("/review")
    _to_statement(page, "keinen Autismus")
    save("review_contradiction")
    page.goto("/search?q=Krieg in 24 Stunden beenden")
    save("search")
    page.goto("/claims/demo-war-24-hours")
    save("claim")
    page.get_by_role("link", name="Donald Trump").first.click()
    save("person")
    page.goto("/promises")
    save("promises")
    page.locator("table a.brief-quote").first.click()
    page.locator(".status-change > summary").click()
    page.locator(".status-choice input").nth(4).check()
    page.locator("#status-source").fill("https://example.org/the-day-it-was-kept")
    page.locator(".promise-section").scroll_into_view_if_needed()
    save("promise")
    page.goto("/drafts")
    page.locator("#text").fill(DRAFT)
    page.get_by_role("button", name="Check the draft").click()
    page.wait_for_selector(".draft-summary", timeout=120_000)
    page.wait_for_selector(".floating")
    save("draft")

    page.goto("/review")
    _to_statement(page, "six months")
    page.emulate_media(color_scheme="dark")
    save("review_dark")


def _to_statement(page: Page, words: str) -> None:
    heading = page.locator("h1#statement")
    for _ in range(30):
        if words in heading.inner_text():
            return
        was = heading.inner_text()
        page.keyboard.press("j")
        page.wait_for_function("was => document.querySelector('h1#statement')?.innerText !== was", arg=was)
    raise SystemExit(f"No waiting statement holds {words!r}.")


def _save(page: Page, encoder: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(200)  # colours fade for 80 ms
    png = base64.b64encode(page.screenshot()).decode()
    webp = encoder.evaluate(TO_WEBP, [png, QUALITY])
    (OUT / f"{name}.webp").write_bytes(base64.b64decode(webp.partition(",")[2]))


def _sign_in(page: Page, one_time: str) -> None:
    page.goto("/sign-in")
    page.locator("#name").fill("admin")
    page.locator("#password").fill(one_time)
    page.locator("main button").click()
    page.locator("#current").fill(one_time)
    page.locator("#new").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_selector(".ask")


@contextmanager
def _server(home: Path) -> Iterator[tuple[str, str]]:
    """A server over a new database with the demo and the articles: (its address, the administrator's one-time password)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "CLAIMTRAIL_CACHE": str(ROOT / ".cache" / "model"),
        **os.environ,
        "CLAIMTRAIL_HOME": str(home),
        "PORT": str(port),
    }

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "factcheck", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    found = re.search(r"one-time password: (\S+)", run("init", "--demo"))
    if not found:
        raise SystemExit("init printed no one-time password.")
    for name, (title, published) in ABOUT.items():
        run("ingest", str(ARTICLES / name), "--title", title, "--published", published, "--source", "Our own test article")
    process = subprocess.Popen(
        [sys.executable, "-m", "factcheck", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(1800):
            try:
                urllib.request.urlopen(f"{url}/people", timeout=10).close()
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        else:
            raise SystemExit("The server did not start.")
        yield url, found[1]
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
