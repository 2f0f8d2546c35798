"""The pages: thin blueprints that read a request, call the layers below and hand the result to a template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app

from db import Store
from factcheck.embed import Encoder
from factcheck.settings import Settings


@dataclass(frozen=True)
class Services:
    """What every page works with."""

    settings: Settings
    store: Store
    encoder: Encoder
    wake: Callable[[], None] = lambda: None  # called when an article was queued


def services() -> Services:
    return current_app.extensions["claimtrail"]


def register(app: Flask, given: Services) -> None:
    """Add every page to the application."""
    from factcheck.web import api, articles, auth, claims, correcting, drafts, pages, people, quality, review, show, tokens

    app.extensions["claimtrail"] = given
    show.register(app)
    for module in (auth, pages, articles, correcting, drafts, claims, people, quality, review, tokens, api):
        app.register_blueprint(module.blueprint)
