"""In whose name a command changes something, and how it tells what it did."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from factcheck.errors import NotAllowed, NotFound

if TYPE_CHECKING:
    from db import Store
    from factcheck.records import User

by_user = click.option("--as", "by", metavar="NAME", default="", help="In whose name, as the log shows it; the first administrator without it.")


def acting(store: Store, name: str) -> User:
    """The user called ``name``, the first administrator for "". Raises NotFound, and NotAllowed for a user who is disabled."""
    from factcheck import setting_up
    from factcheck.records import Role

    if name:
        user = setting_up.user_named(store, name)
        if user.is_disabled:
            raise NotAllowed(f"{user.name} is disabled. Name somebody else with --as, or: claimtrail users enable {user.name}")
        return user
    users = [c.user for c in store.users.colleagues() if c.user.role is Role.ADMINISTRATOR and not c.user.is_disabled]
    if not users:
        raise NotFound("There is no administrator yet. Create one with: claimtrail init")
    return min(users, key=lambda user: user.id)


def tell(as_json: bool, record: Any, line: str | Callable[[], str]) -> None:
    """A record (a dataclass, or a dict) as one line of JSON, or the ``line`` for people."""
    if as_json:
        found = record if isinstance(record, dict) else asdict(record)
        click.echo(json.dumps(found, ensure_ascii=False, default=_plain))
    else:
        click.echo(line() if callable(line) else line)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else asdict(value)
