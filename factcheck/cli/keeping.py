"""Keeping what is on file: backups, and putting one back."""

from __future__ import annotations

import json
from pathlib import Path

import click

from factcheck.cli.acting import tell
from factcheck.cli.common import FILE, as_json, bars, existing, opened, with_file
from factcheck.errors import ClaimtrailError
from factcheck.settings import read_settings


@click.command()
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where to, instead of CLAIMTRAIL_BACKUP_FOLDER.")
@click.option("--list", "only_list", is_flag=True, help="Name the backups there are, the newest first.")
@as_json
def backup(folder: Path | None, only_list: bool, as_json: bool) -> None:
    """Make a backup, also while the server runs: one file, read through before it counts."""
    from factcheck import backups

    settings = read_settings()
    where = folder or settings.backups
    if only_list:
        for found in backups.listing(where):
            row = {"file": str(found.file), "made_at": found.made_at.isoformat(), "bytes": found.size}
            click.echo(json.dumps(row) if as_json else f"{found.made_at:%Y-%m-%d %H:%M} UTC  {found.size:>14,} bytes  {found.file}")
        return
    existing(with_file(settings, "Back it up there, with pg_dump; make a copy in a file with: claimtrail copy"))
    with opened(settings) as store:
        made = backups.make(store, settings, where)
    tell(as_json, {"file": str(made.file), "bytes": made.size}, f"Backup: {made.file} ({made.size:,} bytes), read through and sound.")


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@as_json
def copy(source: str, target: str, as_json: bool) -> None:
    """Copy everything from one database to another, checked row by row: files, or addresses of PostgreSQL servers.

    Others may go on while it is copied; what they change meanwhile is not in the copy. Nothing is written unless all of it is.
    """
    import db
    from factcheck.settings import is_server

    ends = [end if is_server(end) else Path(end).expanduser() for end in (source, target)]
    if isinstance(ends[0], Path) and not ends[0].is_file():
        raise ClaimtrailError(f"There is no database at {ends[0]}. Name the file claimtrail.db of the home, or a server's address.")
    with bars() as report:
        rows = db.move(*ends, report)
    held = sum(rows.values())
    tell(as_json, {"rows": rows}, f"Copied and checked: {held:,} rows of {len(rows)} tables.")


@click.command()
@as_json
def repair(as_json: bool) -> None:
    """Make anew what is made from the rest: the word indexes, the index of vectors. Stop the server first."""
    import shutil

    from factcheck import tenancy

    settings = existing(read_settings())
    with tenancy.alone(settings.home):
        pass  # nobody else is in; from here on nobody else is waited for either
    with opened(settings) as store:
        rows = store.index_words_anew()
        vectors = store.index_vectors_anew()
    shutil.rmtree(settings.home / "index", ignore_errors=True)
    searched = f", the server's index {vectors:,} vectors" if vectors else ""
    tell(as_json, {"rows": rows, "vectors": vectors}, f"The word indexes hold {rows:,} claims and statements{searched}. Look at it with: claimtrail check")


@click.command()
@click.argument("file", type=FILE)
@click.option("--check", "only_check", is_flag=True, help="Read the backup through and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def restore(file: Path, only_check: bool, yes: bool, as_json: bool) -> None:
    """Put a backup in the place of what is there. Stop the server first; what is there now stays beside it."""
    from factcheck import backups, installation

    settings = read_settings()
    if only_check:
        content = backups.check(file)
        told = {"made_at": content.made_at, "program": content.program, "files": list(content.files), "rows": content.rows}
        tell(as_json, told, f"{file.name} is sound: made {content.made_at} by version {content.program}, {sum(content.rows.values()):,} rows.")
        return
    with_file(settings, "Restore it there, with pg_restore, or put the backup into a file and that onto the server with: claimtrail copy")
    if settings.database.exists() and not yes:
        click.confirm(f"Replace {settings.database} by what {file.name} holds?", abort=True, err=True)
    content, kept = backups.restore(settings, file)
    told = {"database": str(settings.database), "made_at": content.made_at, "kept": str(kept) if kept else None, "secret": content.holds_secret}
    tell(as_json, told, f"Restored to {settings.database}, as it was at {content.made_at}.")
    if as_json:
        return
    if kept:
        click.echo(f"The database that was there is {kept}; remove it when all is well.")
    if not content.holds_secret and not (settings.home / installation.FILE).exists():
        click.echo("The backup holds no secret.key: put yours into the home, else webhooks need new keys.", err=True)
    click.echo("Look at it with: claimtrail check")
