"""What several commands need: the store, the encoder, progress bars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
        store = open_store(settings.database)
        try:
            yield store
        finally:
            store.close()


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
