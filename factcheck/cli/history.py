"""The log on the command line, undoing from it, what was corrected in public, and how right the suggestions were."""

from __future__ import annotations

from dataclasses import asdict

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.claims import claims
from factcheck.cli.common import as_json, encoder_of, opened
from factcheck.settings import read_settings

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("log")
@click.option("--by", "who", default="", metavar="NAME", help="Only what this user did.")
@click.option("--action", default="", help="Only this, for example \"changed a claim\".")
@click.option("--type", "kind", default="", help="Only on these: claim, statement, article, person and the like.")
@click.option("--number", type=int, help="Only on the one with this number; goes with --type.")
@click.option("--since", type=DAY, help="A day (UTC).")
@click.option("--until", type=DAY, help="A day (UTC), itself included.")
@click.option("--most", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="How many.")
@as_json
def log_(who: str, action: str, kind: str, number: int | None, since, until, most: int, as_json: bool) -> None:
    """Print who changed what, the newest first."""
    from datetime import UTC, timedelta
    from itertools import islice

    from factcheck.records import LogFilter

    first, last = (d.replace(tzinfo=UTC).isoformat(timespec="seconds") if d else "" for d in (since, until and until + timedelta(days=1)))
    wanted = LogFilter(user=who, action=action, object_type=kind, object_id=number, since=first, until=last)
    with opened(read_settings()) as store:
        for e in islice(store.audit.every(wanted), most):
            tell(as_json, e, f"{e.id:>6}  {e.at[:16]}  {e.user_name or '-'} · {e.action} · {e.object_type} {e.object_id}")


@claims.command("putback")
@click.argument("entry", type=int)
@by_user
@as_json
def claims_putback(entry: int, by: str, as_json: bool) -> None:
    """Bring a claim back to how it was before ENTRY of the log, by its number."""
    from factcheck import puttingback

    with opened(settings := read_settings()) as store:
        claim = puttingback.put_back(store, encoder_of(settings), entry, acting(store, by))
        tell(as_json, {"claim": claim, "entry": entry}, f"Claim {claim} is as it was before entry {entry}.")


@claims.command("corrections")
@click.option("--most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
@as_json
def claims_corrections(most: int, as_json: bool) -> None:
    """Print what the newsroom corrected in public, the newest first."""
    with opened(read_settings()) as store:
        for e in store.errata.newest(limit=most):
            before, after = e.plain
            tell(as_json, {**asdict(e), "what": str(e.what)}, f"{e.id:>6}  {e.at[:10]}  claim {e.claim_id} · {before} → {after or '-'}\n        {e.reason}")


@click.command("quality")
@click.option("--possible", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Offer claims from this probability on.")
@click.option("--likely", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Call them likely from this probability on.")
@by_user
@as_json
def quality_(possible: float | None, likely: float | None, by: str, as_json: bool) -> None:
    """Print how right the suggestions were by editors' decisions, and from which probability claims are offered; or set that."""
    from factcheck import quality, setting_up
    from factcheck.records import Cutoffs

    with opened(read_settings()) as store:
        now = store.newsroom.cutoffs()
        if possible is not None or likely is not None:
            now = Cutoffs(now.possible if possible is None else possible, now.likely if likely is None else likely)
            setting_up.set_cutoffs(store, now, acting(store, by))
        found = quality.assess(store.decisions.outcomes())
    if as_json:
        return tell(True, {"cutoffs": asdict(now), **asdict(found)}, "")
    click.echo(f"Offered from {now.possible:.0%}, likely from {now.likely:.0%}. {found.decisions:,} suggestions were decided.")
    for band in found.bands:
        if band.shown:
            click.echo(f"  {band.low:.0%} to {band.high:.0%}: {band.right:,} of {band.shown:,} were the same claim")
