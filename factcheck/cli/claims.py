"""Claims on the command line: put on file, looked at, merged; their reviews; promises and what became of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import as_json, encoder_of, opened
from factcheck.errors import BadInput, NotFound
from factcheck.records import PromiseFilters, PromiseOrder, PromiseStatus, Rating
from factcheck.records.dates import day_range
from factcheck.settings import read_settings

if TYPE_CHECKING:
    from factcheck.records import Claim


@click.group()
def claims() -> None:
    """Claims on file."""


@claims.command("add")
@click.argument("text")
@click.option("--speaker", default="", help="Who made it.")
@click.option("--title", default="")
@click.option("--language", default="", help="For example de; found out without it.")
@click.option("--said", metavar="DATE", default="", help="When it was first said: a day, a month or a year.")
@by_user
@as_json
def claims_add(text: str, speaker: str, title: str, language: str, said: str, by: str, as_json: bool) -> None:
    """Put a claim on file. A running server looks all statements through for it."""
    from factcheck import editing
    from factcheck.records import Claim

    with opened(settings := read_settings()) as store:
        claim = Claim(0, "", text, language=language, title=title, speaker=speaker, first_said_at=day(said))
        made = editing.new_claim(store, encoder_of(settings), claim, acting(store, by))
        tell(as_json, made, f"Claim {made.id}: {made.text}")


@claims.command("show")
@click.argument("claim", type=int)
@as_json
def claims_show(claim: int, as_json: bool) -> None:
    """Print a claim with its reviews, its history as a promise, and when it was said. One that was merged: the one it is now."""
    with opened(read_settings()) as store:
        found = store.claims.get(store.claims.root(claim))
        if found is None:
            raise NotFound(f"There is no claim {claim}.")
        said = store.claims.occurrences(found.id)
    if as_json:
        return tell(True, {**asdict(found), "rating": str(found.rating), "occurrences": [asdict(o) for o in said]}, "")
    click.echo(_line(found))
    for r in found.reviews:
        click.echo(f"  review {r.id} · {r.publisher} · {r.rating_text or r.rating} · {r.published_at or 'undated'} · {r.url}")
    for change in found.promise.history if found.promise else ():
        click.echo(f"  {change.at[:10]} · {change.status} · {change.source_url}")
    for o in said:
        from_where = f"statement {o.statement_id}" if o.statement_id else f"occurrence {o.id}"
        click.echo(f"  {from_where} · said {o.said_at or 'undated'} · {o.speaker or '?'} · {o.source or o.place or '?'}\n    {o.quote}")


@claims.command("correct")
@click.argument("claim", type=int)
@click.option("--reason", required=True, help="What was wrong and why; readers see it.")
@click.option("--review", type=int, help="A review of the newsroom's own whose rating was wrong; with --rating or --words.")
@click.option("--rating", type=click.Choice([str(r) for r in Rating]), help="The right rating.")
@click.option("--words", default="", help="The right rating in the review's words.")
@click.option("--statement", type=int, help="A statement that was linked and does not make the claim.")
@click.option("--before", default="", help="Words that were wrong and have been put right.")
@click.option("--after", default="", help="What stands there now.")
@by_user
@as_json
def claims_correct(
    claim: int, reason: str, review: int | None, rating: str | None, words: str, statement: int | None, before: str, after: str, by: str, as_json: bool
) -> None:
    """Correct a claim in public: a rating, a link or words. It is put right and told at once, and cannot be taken back."""
    from factcheck import errata

    if sum(map(bool, (review, statement, before))) != 1:
        raise BadInput("Name what was wrong, and one thing at a time: --review, --statement or --before.")
    with opened(read_settings()) as store:
        user = acting(store, by)
        if review:
            made = errata.correct_rating(store, claim, review, Rating(rating) if rating else None, words, reason, user)
        elif statement:
            made = errata.correct_link(store, claim, statement, reason, user)
        else:
            made = errata.correct_text(store, claim, before, after, reason, user)
        tell(as_json, {**asdict(made), "what": str(made.what)}, f"Correction {made.id} of claim {made.claim_id} is public.")


@claims.command("merge")
@click.argument("claim", type=int)
@click.argument("other", type=int)
@click.option("--confirm", is_flag=True, help="Merge although the two differ, as in speaker or rating.")
@by_user
@as_json
def claims_merge(claim: int, other: int, confirm: bool, by: str, as_json: bool) -> None:
    """Let CLAIM stand for OTHER too, by their numbers. What hangs on the other is read through the first."""
    from factcheck import merging

    with opened(read_settings()) as store:
        user = acting(store, by)
        found = merging.differences(store, merging.standing(store, claim), merging.standing(store, other))
        if found and not confirm:
            differ = "; ".join(f"{d.kind} {d.here} / {d.there}".strip(" /") for d in found)
            raise BadInput(f"These two differ: {differ}. Give --confirm if they are one all the same.")
        made = merging.merge(store, claim, other, user, saw=merging.state(store, [claim, other]), confirmed=confirm)
        tell(as_json, {"id": made.id, "claim": claim, "other": other}, f"Claim {claim} stands for {other} too. Take it back: claimtrail claims unmerge {made.id}")


@claims.command("unmerge")
@click.argument("act", type=int)
@by_user
@as_json
def claims_unmerge(act: int, by: str, as_json: bool) -> None:
    """Take a merge (or split) back, by the number that it was given."""
    from factcheck import merging

    with opened(read_settings()) as store:
        made = merging.undo(store, act, acting(store, by))
        tell(as_json, {"id": made.id}, f"{made.id} is taken back: everything is where it was.")


@click.group()
def reviews() -> None:
    """Published fact checks of claims."""


@reviews.command("add")
@click.argument("claim", type=int)
@click.option("--publisher", required=True, help="Who published it.")
@click.option("--rating", type=click.Choice([str(r) for r in Rating]), required=True)
@click.option("--rating-text", default="", help="The rating in the publisher's own words.")
@click.option("--title", default="")
@click.option("--url", default="")
@click.option("--published", metavar="DATE", default="")
@click.option("--summary", default="")
@click.option("--language", default="")
@by_user
@as_json
def reviews_add(claim: int, rating: str, published: str, by: str, as_json: bool, **fields: str) -> None:
    """Add a review of CLAIM."""
    from factcheck import editing
    from factcheck.records import Review

    with opened(read_settings()) as store:
        review = Review(**fields, claim_id=claim, rating=Rating(rating), published_at=day(published))
        made = editing.put_review(store, review, acting(store, by))
        tell(as_json, {"id": made, "claim": claim}, f"Review {made} of claim {claim} is on file.")


@click.group()
def promises() -> None:
    """Promises and what became of them."""


@promises.command("list")
@click.option("--status", type=click.Choice([str(s) for s in PromiseStatus]), help="Only those.")
@click.option("--person", type=int, help="Only this person's, by number.")
@click.option("--most", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many.")
@as_json
def promises_list(status: str | None, person: int | None, most: int, as_json: bool) -> None:
    """Print promises, those with the next deadline first."""
    wanted = PromiseFilters(status=PromiseStatus(status) if status else None, person_id=person)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with opened(read_settings()) as store:
        for claim in store.promises.page(wanted, PromiseOrder.DUE, now, limit=most)[0]:
            tell(as_json, {**asdict(claim), "rating": str(claim.rating)}, _line(claim))


@promises.command("status")
@click.argument("claim", type=int)
@click.argument("status", type=click.Choice([str(s) for s in PromiseStatus]))
@click.option("--source", metavar="URL", required=True, help="Where it is told.")
@click.option("--note", default="")
@click.option("--at", metavar="DATE", default="", help="The day it came about; today without it.")
@by_user
@as_json
def promises_status(claim: int, status: str, source: str, note: str, at: str, by: str, as_json: bool) -> None:
    """Note what became of the promise CLAIM, with its source."""
    from factcheck import promises as tracker

    with opened(read_settings()) as store:
        made = tracker.change_status(store, claim, status, source, note, at, acting(store, by))
        tell(as_json, made, f"Change {made.id}: {made.status} since {made.at[:10]}.")


@promises.command("undo")
@click.argument("change", type=int)
@by_user
@as_json
def promises_undo(change: int, by: str, as_json: bool) -> None:
    """Take CHANGE of a promise's status back, by its number."""
    from factcheck import promises as tracker

    with opened(read_settings()) as store:
        made = tracker.undo(store, change, acting(store, by))
        tell(as_json, made, f"Change {made.id} is taken back.")


def _line(claim: Claim) -> str:
    stands = f" · promise, {claim.promise.status}{f', by {claim.promise.deadline}' if claim.promise.deadline else ''}" if claim.promise else ""
    return f"{claim.id:>6}  {claim.rating} · {claim.speaker or '?'} · {claim.first_said_at or 'undated'} · said {claim.occurrence_count:,} times{stands}\n        {claim.text}"


def day(text: str) -> str | None:
    if text and day_range(text) is None:
        raise click.BadParameter(f"No calendar has the day {text!r}. Give 2024-05-01, 2024-05 or 2024.")
    return text or None
