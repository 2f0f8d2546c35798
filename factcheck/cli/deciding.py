"""The review queue on the command line: what waits, deciding it, and taking that back."""

from __future__ import annotations

from dataclasses import asdict

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import as_json, encoder_of, opened
from factcheck.errors import NotFound
from factcheck.settings import read_settings

VERDICTS = ["same", "related", "opposite", "not a match", "new"]


@click.command()
@click.option("--most", type=click.IntRange(1, 1_000), default=20, show_default=True, help="How many statements.")
@click.option("--article", type=int, help="Only those of this article, by its number.")
@click.option("--assigned", type=click.Choice(["me", "nobody", "others", "all"]), default="all", show_default=True, help="Only those assigned so; \"me\" is the user of --as.")
@by_user
@as_json
def queue(most: int, article: int | None, assigned: str, by: str, as_json: bool) -> None:
    """Print what waits for a decision, the most urgent first, each with the claims that may be the one."""
    from factcheck import review
    from factcheck.records import QueueFilters

    with opened(read_settings()) as store:
        user = acting(store, by)
        look = (QueueFilters(article=article, assigned=assigned), user.id, store.newsroom.cutoffs())
        ids = store.queue.ids(*look, limit=most)
        statements = store.articles.statements_by_id(ids)
        with_whom = store.queue.assigned(ids)
        for statement_id in ids:
            s, hits = statements[statement_id], review.hits(store, statement_id)
            told = [
                {"claim_id": h.claim.id, "text": h.claim.text, "rating": str(h.claim.rating), "probability": h.candidate.probability, "relation": str(h.candidate.relation)}
                for h in hits
            ]  # fmt: skip
            row = {**asdict(s), "assigned": with_whom.get(s.id, (None, ""))[1], "candidates": told}
            tell(as_json, row, f"{s.id:>6}  {s.speaker or s.mention or '?'} · {s.said_at or 'undated'} · article {s.article_id}\n        {s.text}")
            for c in () if as_json else told:
                click.echo(f"        {c['probability']:.2f}  claim {c['claim_id']} · {c['rating']} · {c['text']}")
        if not as_json:
            click.echo(f"{store.queue.waiting(*look):,} wait.")


@click.command()
@click.argument("statement", type=int)
@click.argument("verdict", type=click.Choice(VERDICTS))
@click.argument("claim", type=int, required=False)
@click.option("--note", default="", help="Why, for colleagues.")
@click.option("--text", help="With new: how the claim is worded; as the statement stands without it.")
@click.option("--also", type=int, multiple=True, metavar="STATEMENT", help="Decide this one the same way, as one act; may be given several times.")
@by_user
@as_json
def decide(statement: int, verdict: str, claim: int | None, note: str, text: str | None, also: tuple[int, ...], by: str, as_json: bool) -> None:
    """Decide whether STATEMENT makes CLAIM, by their numbers. "new" makes a claim of it; "not a match" without CLAIM: none on file is it."""
    from factcheck import batches, review
    from factcheck.records import Relation

    if also and (verdict == "new" or note):
        raise click.UsageError("--also goes with a claim and without --note.")
    if verdict == "new" and (claim or note):
        raise click.UsageError("new makes a claim of its own: give neither CLAIM nor --note.")
    if verdict != "new" and text is not None:
        raise click.UsageError("--text goes with new only.")
    if verdict in ("same", "related", "opposite") and claim is None:
        raise click.UsageError(f"{verdict} needs CLAIM, the number of one on file.")
    with opened(settings := read_settings()) as store:
        user = acting(store, by)
        if also:
            others = [(i, review.seen(store, i)) for i in also]
            act = batches.decide_all(store, statement, claim, Relation(verdict), others, user, saw=review.seen(store, statement))
            tell(as_json, {"act": act.id, **act.content}, f"{len(act.content['statements']):,} statements: {verdict}. Take it back: claimtrail undo --act")
        elif verdict == "new":
            made = review.new_claim(store, encoder_of(settings), statement, user, text)
            tell(as_json, made, f"Claim {made.id}: {made.text}")
        elif claim is None:
            done = review.no_match(store, statement, user, note)
            tell(as_json, done, f"Decision {done.id}: no claim on file matches statement {statement}.")
        else:
            done = review.decide(store, statement, claim, Relation(verdict), user, note)
            tell(as_json, done, f"Decision {done.id}: statement {statement} and claim {done.claim_id}, {verdict}.")


@click.command()
@click.argument("decision", type=int, required=False)
@click.option("--act", is_flag=True, help="Whatever the user did last at the queue: decided several, assigned, put away, named a speaker.")
@by_user
@as_json
def undo(decision: int | None, act: bool, by: str, as_json: bool) -> None:
    """Take back DECISION, by its number; without one, the last that the user made. It stays on record as undone."""
    from factcheck import queuedesk, review

    if act and decision is not None:
        raise click.UsageError("Give DECISION or --act.")
    with opened(settings := read_settings()) as store:
        if act:
            gone = queuedesk.undo(store, encoder_of(settings), acting(store, by))
            statements = gone.content.get("statements", [])
            return tell(as_json, {"id": gone.id, "act": str(gone.act), "statements": statements}, f"Taken back: {gone.act}, {len(statements):,} statements.")
        done = review.undo(store, acting(store, by), decision)
        tell(as_json, done, f"Decision {done.id} is taken back; statement {done.statement_id} waits again.")


@click.command()
@click.argument("to", metavar="NAME|nobody")
@click.argument("statements", type=int, nargs=-1, required=True)
@by_user
@as_json
def assign(to: str, statements: tuple[int, ...], by: str, as_json: bool) -> None:
    """Give waiting STATEMENTS to a colleague, or to nobody."""
    from factcheck import queuedesk, setting_up

    with opened(read_settings()) as store:
        colleague = None if to == "nobody" else setting_up.user_named(store, to)
        done = queuedesk.assign(store, statements, colleague, acting(store, by))
        changed = done.content["statements"] if done else []
        tell(as_json, {"id": done.id if done else None, "to": to, "statements": changed}, f"{len(changed):,} statements are with {to} now.")


@click.command()
@click.argument("statement", type=int)
@click.option("--until", metavar="MOMENT", default="", help="For example 2027-01-31T08:00+01:00; tomorrow morning without it.")
@by_user
@as_json
def later(statement: int, until: str, by: str, as_json: bool) -> None:
    """Put a waiting STATEMENT away for a while; colleagues still see it."""
    from datetime import UTC, datetime

    from factcheck import queuedesk, timezones

    with opened(read_settings()) as store:
        user = acting(store, by)
        try:
            moment = datetime.fromisoformat(until) if until else queuedesk.tomorrow_morning(datetime.now(UTC), timezones.zone(user.time_zone or "UTC"))
        except ValueError:
            raise click.BadParameter(f"{until!r} is no moment. Give one like 2027-01-31T08:00.", param_hint="--until") from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezones.zone(user.time_zone or "UTC"))
        done = queuedesk.later(store, statement, user, moment)
        at = moment.astimezone(UTC).isoformat(timespec="seconds")
        tell(as_json, {"id": done.id, "statement": statement, "until": at}, f"Statement {statement} comes back at {at}.")


@click.group()
def articles() -> None:
    """Articles on file."""


@articles.command("list")
@click.option("--most", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@as_json
def articles_list(most: int, as_json: bool) -> None:
    """Print the newest articles without their texts."""
    with opened(read_settings()) as store:
        for a in store.articles.newest(most):
            row = {k: v for k, v in asdict(a).items() if k != "text"}
            tell(as_json, row, f"{a.id:>6}  {a.published_at or 'undated'} · {a.source or '?'} · {a.state} · {a.title or a.text[:60]}")


@articles.command("show")
@click.argument("article", type=int)
@as_json
def articles_show(article: int, as_json: bool) -> None:
    """Print an article's statements with the claims they were linked to, in the order of its text; with --json its text too."""
    with opened(read_settings()) as store:
        found = store.articles.get(article)
        if found is None:
            raise NotFound(f"There is no article {article}.")
        made = store.articles.statements(article)
        waiting = store.queue.open_among([s.id for s in made])
        linked = store.decisions.links(s.id for s in made)
        told = [{**asdict(s), "waits": s.id in waiting, "claim": linked.get(s.id)} for s in made]
        if as_json:
            return tell(True, {**asdict(found), "statements": told}, "")
        click.echo(f"{found.title or 'Article'} · {found.source or '?'} · {found.published_at or 'undated'} · {found.state}")
        for s in made:
            stands = "waits" if s.id in waiting else f"claim {linked[s.id]}" if s.id in linked else "settled"
            click.echo(f"{s.id:>6}  {s.speaker or s.mention or '?'} · {s.kind} · {stands}\n        {s.text}")


@articles.command("retry")
@click.argument("article", type=int)
@by_user
@as_json
def articles_retry(article: int, by: str, as_json: bool) -> None:
    """Have an article read again that could not be read; a running server does it."""
    from factcheck import pipeline

    with opened(read_settings()) as store:
        found = pipeline.try_again(store, article, acting(store, by).name)
        tell(as_json, {"id": found.id, "state": found.state}, f"Article {found.id}: {found.state}")


@click.command("jobs")
@click.option("--most", type=click.IntRange(1, 1_000), default=20, show_default=True, help="How many.")
@as_json
def jobs(most: int, as_json: bool) -> None:
    """Print the work that the server does in the background, the newest first."""
    with opened(read_settings()) as store:
        for j in store.jobs.listing(most):
            tell(as_json, j, f"{j.id:>6}  {j.kind} · {j.state} · {j.done:,} of {j.total:,}{f' · {j.error}' if j.error else ''}")
