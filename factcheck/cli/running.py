"""Setting up, serving, checking, and who may sign in."""

from __future__ import annotations

import json
import logging
import signal
import sys

import click

from factcheck.cli.acting import tell
from factcheck.cli.common import as_json, bars, encoder_of, existing, opened
from factcheck.errors import ClaimtrailError
from factcheck.settings import SHIPPED_MODEL, read_settings


@click.command()
@as_json
def prepare(as_json: bool) -> None:
    """Unpack the language model, so that neither the first search nor the first article need wait for it."""
    from factcheck import embed
    from factcheck.extraction import reader

    with bars("B") as report:
        model_id = embed.prepare(read_settings(), report)
        reader.prepare(read_settings(), report)
    tell(as_json, {"model": model_id}, f"The language model is ready: {model_id}")


@click.command()
@click.option("--demo", is_flag=True, help="Load the small demo when the database is new.")
@as_json
def init(demo: bool, as_json: bool) -> None:
    """Create and migrate the database and the first administrator. Running it again changes nothing."""
    from factcheck import setting_up

    settings = read_settings()
    with opened(settings) as store:
        password = setting_up.first_run(store, encoder_of(settings), demo=demo)
    tell(as_json, {"database": settings.shown_store, "user": "admin" if password else None, "password": password}, f"Database: {settings.shown_store}")
    if password and not as_json:
        click.echo(f"Sign in as admin with the one-time password: {password}")
        click.echo("You choose your own at the first sign-in.")


@click.command()
@click.option("--without-worker", is_flag=True, help="Answer pages only; a process of its own works in the background: claimtrail worker")
def serve(without_worker: bool) -> None:
    """Serve the pages on http://127.0.0.1:8000 (PORT and CLAIMTRAIL_HOST change that) until stopped.

    Told to stop (SIGTERM, Ctrl-C), it answers what it is answering, finishes the piece of work at hand, and ends.
    """
    import waitress

    from app import create_app
    from factcheck import heap, logbook
    from factcheck.web.serving import LIMITS
    from factcheck.worker import GRACE, Bench, Worker

    heap.share_heaps()
    settings = read_settings()
    logbook.set_up(settings.log_form)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with opened(settings) as store:
        encoder = encoder_of(settings)
        worker = None if without_worker else Worker(Bench(store, encoder, settings))
        app = create_app(settings, store=store, encoder=encoder, worker=worker)
        try:
            server = waitress.create_server(app, host=settings.host, port=settings.port, threads=settings.threads, ident=None, **LIMITS)
        except OSError as error:
            raise ClaimtrailError(
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}). Set PORT to another one."
            ) from error
        if worker:
            worker.start()
        click.echo(f"Claimtrail is running: http://{settings.host}:{settings.port}")
        click.echo("Sign in as admin. Lost the password? claimtrail users password admin")
        sys.stdout.flush()
        try:
            server.run()
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # told once is enough: what is under way is finished
            if worker:
                worker.leave()
            server.task_dispatcher.shutdown(cancel_pending=False, timeout=GRACE)
            if worker:
                worker.stop()


@click.command()
def worker() -> None:
    """Do the work in the background in a process of its own, until stopped: beside serve --without-worker, or to help a server out."""
    import time

    from factcheck import heap, logbook
    from factcheck.worker import Bench, Worker

    heap.share_heaps()
    settings = read_settings()
    logbook.set_up(settings.log_form)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with opened(settings) as store:
        desk = Worker(Bench(store, encoder_of(settings), settings))
        desk.start()
        click.echo("Claimtrail works in the background.")
        sys.stdout.flush()
        try:
            while desk.is_alive:
                time.sleep(1)
        except KeyboardInterrupt:
            pass
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            desk.stop()


@click.command()
def mcp() -> None:
    """Let an assistant look claims up: a server of the Model Context Protocol on standard input and output. It changes nothing."""
    from factcheck import assistants

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)  # standard output belongs to the protocol
    settings = read_settings()
    with opened(settings) as store:
        assistants.server(store, encoder_of(settings), settings.base_url).run("stdio")


@click.command()
@as_json
def check(as_json: bool) -> None:
    """Check database, word index, vectors and model; says what to do and exits with 1 when something is wrong."""
    from factcheck import adapter, inspecting, setting_up

    settings = existing(read_settings())
    with opened(settings) as store:
        report = setting_up.check(store, encoder_of(settings))
        report.problems += inspecting.surroundings(settings, store)
    trained = adapter.describe(settings.home) if settings.model == SHIPPED_MODEL else "none"
    reading = adapter.describe(settings.home, adapter.READING)
    if as_json:
        found = {"counts": report.counts, "model": report.model, "engine": report.engine, "adapter": trained, "reading": reading, "problems": report.problems}
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in report.counts.items():
            click.echo(f"{name:>12}  {value:,}")
        click.echo(f"{'model':>12}  {report.model}\n{'encoder':>12}  {report.engine}\n{'adapter':>12}  {trained}\n{'reading':>12}  {reading}")
        for problem in report.problems:
            click.echo(f"Problem: {problem}", err=True)
        if not report.problems:
            click.echo("Everything is sound.")
    if report.problems:
        sys.exit(1)


@click.group()
def users() -> None:
    """Add people to the newsroom and reset passwords."""


@users.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(["reader", "journalist", "editor", "administrator"]), default="editor", show_default=True)
@as_json
def users_add(name: str, role: str, as_json: bool) -> None:
    """Add a user and print a one-time password."""
    from factcheck import setting_up

    with opened(read_settings()) as store:
        password = setting_up.add_user(store, name, role)
    tell(as_json, {"name": name, "role": role, "password": password}, f"{name} signs in with the one-time password: {password}")


@users.command("list")
@as_json
def users_list(as_json: bool) -> None:
    """List users with their roles and when they were last seen."""
    with opened(read_settings()) as store:
        for c in store.users.colleagues():
            row = {"name": c.user.name, "role": str(c.user.role), "seen": c.seen_at, "disabled": c.user.is_disabled}
            line = f"{row['name']:<24} {row['role']:<14} {row['seen'] or 'never':<26}{'disabled' if c.user.is_disabled else ''}".rstrip()
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else line)


@users.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(["reader", "journalist", "editor", "administrator"]))
@as_json
def users_role(name: str, role: str, as_json: bool) -> None:
    """Give a user another role; it counts at once."""
    from factcheck import desk, setting_up
    from factcheck.records import Role

    with opened(read_settings()) as store:
        user = desk.change_role(store, "command line", setting_up.user_named(store, name).id, Role(role))
    tell(as_json, {"name": user.name, "role": role}, f"{user.name} is {role} now.")


@users.command("disable")
@click.argument("name")
@as_json
def users_disable(name: str, as_json: bool) -> None:
    """Shut a user's account: sessions and API tokens end at once. What the user did stays."""
    from factcheck import desk, setting_up

    with opened(read_settings()) as store:
        desk.disable(store, "command line", setting_up.user_named(store, name).id)
    tell(as_json, {"name": name, "disabled": True}, f"{name} can no longer sign in. To allow it again: claimtrail users enable {name}")


@users.command("enable")
@click.argument("name")
@as_json
def users_enable(name: str, as_json: bool) -> None:
    """Let a disabled user sign in again with the old password."""
    from factcheck import desk, setting_up

    with opened(read_settings()) as store:
        desk.enable(store, "command line", setting_up.user_named(store, name).id)
    tell(as_json, {"name": name, "disabled": False}, f"{name} can sign in again.")


@users.command("password")
@click.argument("name")
@as_json
def users_password(name: str, as_json: bool) -> None:
    """Reset a password: prints a new one-time password; the user's sessions and API tokens end."""
    from factcheck import setting_up

    with opened(read_settings()) as store:
        password = setting_up.reset_password(store, name)
    tell(as_json, {"name": name, "password": password}, f"{name} signs in with the one-time password: {password}")


@users.command("factor-off")
@click.argument("name")
@as_json
def users_factor_off(name: str, as_json: bool) -> None:
    """Turn a user's second factor off, for who has lost the app and the recovery codes."""
    from factcheck import setting_up, signing_in

    with opened(read_settings()) as store:
        was_on = signing_in.turn_off(store, "command line", setting_up.user_named(store, name).id)
    tell(as_json, {"name": name, "was_on": was_on}, f"{name} signs in with the password alone.")


@users.command("export")
@click.argument("name")
def users_export(name: str) -> None:
    """Print everything kept of a user as JSON."""
    from factcheck import privacy, setting_up

    with opened(read_settings()) as store:
        found = privacy.export_user(store, setting_up.user_named(store, name).id)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@users.command("erase")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Without asking.")
@as_json
def users_erase(name: str, yes: bool, as_json: bool) -> None:
    """Erase a user for good: account, notes, drafts, saved searches. Decisions and the log stay under a pseudonym."""
    from factcheck import privacy, setting_up

    with opened(read_settings()) as store:
        user = setting_up.user_named(store, name)
        if not yes:
            privacy.confirm(click.prompt(f"This cannot be undone. Type the name ({user.name})"), user.name)
        pseudonym = privacy.erase_user(store, "command line", user.id)
    tell(as_json, {"erased": True, "pseudonym": pseudonym}, f"Erased. What was decided is by {pseudonym} now.")


@click.command()
@as_json
def retention(as_json: bool) -> None:
    """Let go of personal data that has been kept long enough (CLAIMTRAIL_KEEP_...). The worker does the same every hour."""
    from factcheck import privacy

    with opened(settings := read_settings()) as store:
        gone = privacy.let_go(store, settings.keep)
    tell(as_json, gone, ", ".join(f"{n} {kind}" for kind, n in gone.items()) or "There was nothing to let go of.")
