"""Promises on the command line, worked on: by what and when they are judged, whose they are, and what was taken back."""

from __future__ import annotations

from dataclasses import asdict, replace

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.claims import day, promises
from factcheck.cli.common import as_json, opened
from factcheck.records import Government, Walkback, WalkbackKind, WalkbackState
from factcheck.settings import read_settings


@promises.command("terms")
@click.argument("claim", type=int)
@click.option("--criterion", help="By what it is judged.")
@click.option("--deadline", metavar="DATE", help="By when: a day, a month or a year.")
@click.option("--words", help="The deadline in the promise's own words.")
@by_user
@as_json
def promises_terms(claim: int, criterion: str | None, deadline: str | None, words: str | None, by: str, as_json: bool) -> None:
    """Say by what and by when CLAIM is judged; one that was no promise becomes one. What is not given stays."""
    from factcheck import merging
    from factcheck import promises as tracker
    from factcheck.records import Promise

    with opened(read_settings()) as store:
        terms = merging.standing(store, claim).promise or Promise()
        terms = replace(terms, criterion=terms.criterion if criterion is None else criterion, deadline_text=terms.deadline_text if words is None else words)
        if deadline is not None:
            terms = replace(terms, deadline=day(deadline), hours=None, runs_from=None, zone="")
        made = tracker.set_terms(store, claim, terms, acting(store, by))
        assert made.promise is not None
        tell(as_json, {**asdict(made), "rating": str(made.rating)}, f"Claim {made.id} is a promise: {made.promise.criterion or '?'}, by {made.promise.deadline or 'no date'}.")


@promises.command("drop")
@click.argument("claim", type=int)
@by_user
@as_json
def promises_drop(claim: int, by: str, as_json: bool) -> None:
    """Say that CLAIM is no promise. Its history stays on record."""
    from factcheck import promises as tracker

    with opened(read_settings()) as store:
        made = tracker.no_promise(store, claim, acting(store, by))
        tell(as_json, {"id": made.id}, f"Claim {made.id} is no promise.")


@click.group()
def governments() -> None:
    """Those whose promises are tracked together."""


@governments.command("list")
@as_json
def governments_list(as_json: bool) -> None:
    """Print governments with their members, the newest first."""
    with opened(read_settings()) as store:
        for found in store.governments.all():
            _tell(found, as_json)


@governments.command("save")
@click.argument("name")
@click.option("--since", metavar="DATE", default="")
@click.option("--until", metavar="DATE", default="")
@click.option("--change", "government", type=int, default=0, metavar="GOVERNMENT", help="Name and date this one anew, by its number.")
@by_user
@as_json
def governments_save(name: str, since: str, until: str, government: int, by: str, as_json: bool) -> None:
    """Make a government, or name and date one anew."""
    from factcheck import governments as desk

    with opened(read_settings()) as store:
        _tell(desk.save(store, name, since, until, acting(store, by), government), as_json)


@governments.command("member")
@click.argument("government", type=int)
@click.argument("person", metavar="NAME|NUMBER")
@click.option("--remove", is_flag=True, help="Count this member no longer, by number.")
@by_user
@as_json
def governments_member(government: int, person: str, remove: bool, by: str, as_json: bool) -> None:
    """Count somebody on file among a government's members."""
    from factcheck import governments as desk

    if remove and not person.isdecimal():
        raise click.UsageError("--remove takes the person's number; governments list --json prints it.")
    with opened(read_settings()) as store:
        user = acting(store, by)
        _tell(desk.remove_member(store, government, int(person), user) if remove else desk.add_member(store, government, person, user), as_json)


@click.group("walkbacks")
def walkbacks() -> None:
    """Statements that take an earlier claim of their speaker back."""


@walkbacks.command("list")
@click.option("--state", type=click.Choice([str(s) for s in WalkbackState]), default=str(WalkbackState.PROPOSED), show_default=True)
@click.option("--most", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@as_json
def walkbacks_list(state: str, most: int, as_json: bool) -> None:
    """Print those proposed, confirmed or rejected, the likeliest first."""
    with opened(read_settings()) as store:
        for found in store.walkbacks.listing(WalkbackState(state), limit=most):
            _tell_walkback(found, as_json)


@walkbacks.command("decide")
@click.argument("walkback", type=int)
@click.argument("state", type=click.Choice([str(s) for s in WalkbackState]))
@click.option("--kind", type=click.Choice([str(k) for k in WalkbackKind]), default=None, help="How it takes the claim back, where the proposal is wrong about it.")
@click.option("--note", default="")
@by_user
@as_json
def walkbacks_decide(walkback: int, state: str, kind: str | None, note: str, by: str, as_json: bool) -> None:
    """Confirm or reject a walk-back, by its number; "proposed" takes either back."""
    from factcheck import takingback

    with opened(read_settings()) as store:
        _tell_walkback(takingback.decide(store, walkback, state, acting(store, by), kind=kind or "", note=note), as_json)


def _tell(found: Government, as_json: bool) -> None:
    names = ", ".join(f"{p.name} ({p.id})" for p in found.members)
    tell(as_json, found, f"{found.id:>6}  {found.name} ({found.since or ''}–{found.until or ''}): {names or 'no members'}")


def _tell_walkback(found: Walkback, as_json: bool) -> None:
    row = {
        "id": found.id, "claim_id": found.claim_id, "statement_id": found.statement.id, "article_id": found.article.id, "text": found.statement.text,
        "kind": str(found.kind), "state": str(found.state), "probability": found.probability, "reason": found.reason, "note": found.note, "user": found.user, "at": found.at,
    }  # fmt: skip
    tell(as_json, row, f"{found.id:>6}  {found.state} · {found.kind} claim {found.claim_id} · {found.probability:.2f}\n        {found.statement.text}")
