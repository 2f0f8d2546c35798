"""Kept drafts on the command line: stored, looked at, checked, shared, thrown away. ``draft FILE`` checks one without a trace."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import FILE, as_json, bars, encoder_of, opened, people_on_file
from factcheck.cli.working import tell_checked
from factcheck.settings import read_settings

if TYPE_CHECKING:
    from factcheck.records import Article, Draft

DRAFT = click.argument("draft", type=int)
titled = click.option("--title", default="")
published = click.option("--published", metavar="ISO", help="The day the text is about to appear; today's date where it is left out.")


@click.group("drafts")
def drafts_() -> None:
    """Drafts that are kept: one's own, and those that others share."""


@drafts_.command("list")
@click.option("--whose", type=click.Choice(["own", "shared"]), help="Only one's own, or only what others share.")
@click.option("--most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
@by_user
@as_json
def drafts_list(whose: str | None, most: int, by: str, as_json: bool) -> None:
    """Print the drafts one may see, the last changed first, without their texts."""
    with opened(read_settings()) as store:
        user = acting(store, by)
        for found in store.drafts.seen_by(user.id, own=None if whose is None else whose == "own", limit=most):
            _tell(found, as_json)


@drafts_.command("keep")
@click.argument("file", type=FILE)
@titled
@published
@by_user
@as_json
def drafts_keep(file: Path, title: str, published: str | None, by: str, as_json: bool) -> None:
    """Keep the text of FILE as a draft, seen by nobody else until it is shared."""
    from factcheck import drafting

    article = _read(file, title, published)
    with opened(read_settings()) as store:
        _tell(drafting.keep(store, article, acting(store, by)), as_json)


@drafts_.command("show")
@DRAFT
@by_user
@as_json
def drafts_show(draft: int, by: str, as_json: bool) -> None:
    """Print a draft's text."""
    from factcheck import drafting

    with opened(read_settings()) as store:
        found = drafting.seen_by(store, draft, acting(store, by))
        tell(as_json, asdict(found), found.text)


@drafts_.command("check")
@DRAFT
@by_user
@as_json
def drafts_check(draft: int, by: str, as_json: bool) -> None:
    """Check a draft: its statements, each with the claims and past statements on file that come near."""
    from factcheck import drafting

    settings = read_settings()
    with opened(settings) as store, bars() as report:
        people_on_file(store)
        article = drafting.as_article(drafting.seen_by(store, draft, acting(store, by)))
        checked = drafting.check(store, encoder_of(settings), article, lambda done, total: report("statements", done, total))
    tell_checked(checked, as_json)


@drafts_.command("change")
@DRAFT
@click.argument("file", type=FILE)
@titled
@published
@by_user
@as_json
def drafts_change(draft: int, file: Path, title: str, published: str | None, by: str, as_json: bool) -> None:
    """Put the text of FILE in the place of one's own draft."""
    from factcheck import drafting

    article = _read(file, title, published)
    with opened(read_settings()) as store:
        _tell(drafting.rewrite(store, draft, article, acting(store, by)), as_json)


@drafts_.command("share")
@DRAFT
@click.option("--stop", is_flag=True, help="Let nobody else see it again.")
@by_user
@as_json
def drafts_share(draft: int, stop: bool, by: str, as_json: bool) -> None:
    """Let every journalist see one's own draft."""
    from factcheck import drafting

    with opened(read_settings()) as store:
        user = acting(store, by)
        drafting.share(store, draft, user, is_shared=not stop)
        _tell(drafting.seen_by(store, draft, user), as_json)


@drafts_.command("delete")
@DRAFT
@by_user
@as_json
def drafts_delete(draft: int, by: str, as_json: bool) -> None:
    """Throw one's own draft away for good, with the notes on it."""
    from factcheck import drafting

    with opened(read_settings()) as store:
        drafting.delete(store, draft, acting(store, by))
        tell(as_json, {"id": draft}, f"Draft {draft} is deleted.")


def _read(file: Path, title: str, published: str | None) -> Article:
    from datetime import date

    from factcheck import articles

    return articles.from_file(file.name, file.read_bytes(), title=title, published_at=published or date.today().isoformat())


def _tell(draft: Draft, as_json: bool) -> None:
    """Without the text, which ``drafts show`` prints."""
    row = {name: value for name, value in asdict(draft).items() if name != "text"} | {"characters": len(draft.text)}
    who = "shared" if draft.is_shared else "private"
    click.echo(json.dumps(row, ensure_ascii=False) if as_json else f"{draft.id:>6}  {draft.owner} · {who} · {draft.changed_at[:10]} · {draft.title or draft.text[:60]}")
