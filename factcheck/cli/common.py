"""What several commands need: the store, the encoder, progress bars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from factcheck.errors import ClaimtrailError
from factcheck.settings import Settings

if TYPE_CHECKING:
    from db import Store
    from factcheck.embed import Encoder

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a line.")


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    from db import open_store
    from factcheck import tenancy

    with tenancy.tenant(settings.home):
        store = open_store(settings.store, folder=settings.home, read=settings.database_read)
        try:
            yield store
        finally:
            store.close()


def existing(settings: Settings) -> Settings:
    """The settings of a newsroom that has a database. Raises ClaimtrailError when there is none yet."""
    import db

    if not db.is_there(settings.store):
        raise ClaimtrailError(f"There is no database at {settings.shown_store}. Create it with: claimtrail init")
    return settings


def with_file(settings: Settings, other_way: str) -> Settings:
    """The settings of a newsroom whose database is a file. Raises ClaimtrailError for one on a server; ``other_way`` says what to do there."""
    if settings.database_url:
        raise ClaimtrailError(f"The database is on a server. {other_way}")
    return settings


def encoder_of(settings: Settings) -> Encoder:
    from factcheck.embed import open_encoder

    return open_encoder(settings)


def people_on_file(store: Store) -> None:
    from factcheck import setting_up

    setting_up.put_public_figures(store)


@contextmanager
def bars(unit: str = "it") -> Iterator[Callable[[str, int, int], None]]:
    """Progress bars on standard error, one a step, with rate and time left."""
    from tqdm import tqdm

    shown: dict[str, Any] = {}

    def report(step: str, done: int, total: int) -> None:
        if step not in shown:
            for bar in shown.values():
                bar.close()
            slow = not sys.stderr.isatty()
            shown[step] = tqdm(
                total=total, desc=step, unit=unit, unit_scale=unit == "B", mininterval=5 if slow else 0.2, file=sys.stderr
            )
        shown[step].update(done - shown[step].n)

    try:
        yield report
    finally:
        for bar in shown.values():
            bar.close()
