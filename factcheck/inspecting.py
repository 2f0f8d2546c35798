"""What stands around the database and may go wrong with it: space, backups, the secret. Each problem says what to do."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

from db import Store
from factcheck import backups, installation
from factcheck.errors import ClaimtrailError
from factcheck.settings import Settings

LEAST_FREE = 256 * 2**20  # bytes; and as much as the database takes, for a backup and for a migration
LONGEST_LOG = 2**30  # bytes of SQLite's log that are not yet in the file


def surroundings(settings: Settings, store: Store, now: datetime | None = None) -> list[str]:
    """Problems of the home, the disk and the backups; empty when there are none."""
    return [*_space(settings), *_backups(settings, store, now or datetime.now(UTC)), *_secret(settings)]


def _space(settings: Settings) -> list[str]:
    found, home = [], settings.home
    taken = settings.database.stat().st_size if settings.database.exists() else 0
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE + taken:
        found.append(f"Only {free / 2**20:,.0f} MB are free on the disk of {home}: too little for a backup. Free some, or move the home.")
    log = settings.database.with_name(settings.database.name + "-wal")
    if log.exists() and log.stat().st_size > LONGEST_LOG:
        found.append(f"The log {log.name} has grown to {log.stat().st_size / 2**20:,.0f} MB: something reads for hours. Restart the server.")
    return found


def _backups(settings: Settings, store: Store, now: datetime) -> list[str]:
    made = backups.listing(settings.backups)
    found = [f"The backup {b.file.name} is from the future. Was the clock set back? Move it elsewhere." for b in made if b.made_at > now + timedelta(minutes=5)]
    if settings.backup_hours and not settings.database_url:
        newest = max([b.made_at for b in made if b.made_at <= now + timedelta(minutes=5)], default=store.began_at())
        if now - newest > timedelta(hours=2 * settings.backup_hours):
            hours = (now - newest) / timedelta(hours=1)
            found.append(f"The newest backup is {hours:,.0f} hours old. Make one with claimtrail backup, and look in the server's log for why none is made.")
    return found


def _secret(settings: Settings) -> list[str]:
    path = settings.home / installation.FILE
    if not path.exists():
        return []
    found = []
    if path.stat().st_mode & 0o077:
        found.append(f"Others on this machine may read {path}. Take that away: chmod 600 {path}")
    try:
        installation.derived(settings.home, "check")
    except ClaimtrailError as error:
        found.append(str(error))
    return found
