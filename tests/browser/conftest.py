"""A server with two articles of our own on file, and browsers that are signed in to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

PASSWORD = "quiet river stone"


def sign_in(page, server) -> None:
    """Sign in, choosing a password of one's own where the server's is still the one-time one."""
    page.goto("/sign-in")
    page.get_by_label("Name").fill(server.user)
    page.get_by_label("Password").fill(server.password)
    page.locator("main button").click()
    if "/password" in page.url:
        page.locator("#current").fill(server.password)
        page.locator("#new").fill(PASSWORD)
        page.locator("#again").fill(PASSWORD)
        page.locator("main button").click()
        server.password = PASSWORD
    page.wait_for_url(lambda url: "/password" not in url and "/sign-in" not in url)


@pytest.fixture(scope="module")
def newsroom(live_server, browser):
    """The live server with the articles on file; (server, what a browser remembers of being signed in)."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB")
    page = context.new_page()
    sign_in(page, live_server)
    page.goto("/search?q=war", timeout=180_000)  # the model is loaded by the first search
    page.get_by_role("button", name="Save this search").click()  # so that there is something on the pages of saved searches
    page.wait_for_url("**/alerts/saved/*")
    remembered = context.storage_state()
    context.close()
    return live_server, remembered


@pytest.fixture
def signed_in(open_page) -> Callable:
    """``signed_in(server, locale="de-DE", ...)``: a page of another server's administrator."""

    def open_one(server, **options):
        page = open_page(**{"base_url": server.url, "locale": "en-GB"} | options)
        sign_in(page, server)
        return page

    return open_one


@pytest.fixture
def editor(newsroom, open_page) -> Callable:
    """``editor(locale="de-DE", color_scheme="dark", ...)``: a page of a signed-in editor."""
    server, remembered = newsroom

    def open_one(**options):
        return open_page(**{"base_url": server.url, "locale": "en-GB", "storage_state": remembered} | options)

    return open_one
