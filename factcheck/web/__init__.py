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
    is_working: Callable[[], bool] = lambda: True  # whether the work in the background goes on, in this process or another


def services() -> Services:
    return current_app.extensions["claimtrail"]


def register(app: Flask, work_with: Services) -> None:
    """Add every page to the application."""
    from factcheck.web import (
        alerts,
        api,
        articles,
        audit,
        auth,
        claim_desk,
        claims,
        correcting,
        drafts,
        errata,
        given,
        google,
        jobs,
        governments,
        imports,
        notes,
        observing,
        pages,
        people,
        people_desk,
        privacy,
        promisedesk,
        promises,
        publishing,
        quality,
        ratingwords,
        rearranging,
        resetting,
        review,
        search,
        second_factor,
        sessions,
        show,
        sources,
        tokens,
        topics,
        users,
        walkbacks,
        webhooks,
    )

    app.request_class = given.Request
    app.url_map.converters["int"] = given.Id
    app.extensions["claimtrail"] = work_with
    show.register(app)
    for module in (
        auth, pages, search, articles, correcting, drafts, claim_desk, rearranging, publishing, imports, ratingwords, claims, errata, people_desk, people, topics, quality, review, jobs,
        sessions, second_factor, resetting, tokens, users, privacy, audit, notes, promises, promisedesk, governments, walkbacks, alerts, webhooks, sources, api, google, observing,
    ):  # fmt: skip
        app.register_blueprint(module.blueprint)
