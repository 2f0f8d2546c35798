"""Claims on the command line, worked on: changed, split, called related or opposite, and what hangs on them put right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.claims import claims, day, reviews
from factcheck.cli.common import as_json, encoder_of, opened
from factcheck.errors import NotFound
from factcheck.records import Rating
from factcheck.settings import read_settings


@claims.command("change")
@click.argument("claim", type=int)
@click.option("--text")
@click.option("--title")
@click.option("--language", help="For example de.")
@click.option("--speaker", help="Who made it.")
@click.option("--said", metavar="DATE", help="When it was first said: a day, a month or a year.")
@by_user
@as_json
def claims_change(claim: int, said: str | None, by: str, as_json: bool, **given: str | None) -> None:
    """Word CLAIM anew, or say otherwise who made it and when. What is not given stays."""
    from factcheck import editing, merging

    with opened(settings := read_settings()) as store:
        found = merging.standing(store, claim)
        asked = {name: value for name, value in given.items() if value is not None}
        if said is not None:
            asked["first_said_at"] = day(said)
        if not asked:
            raise click.UsageError("Say what is to change, for example --text.")
        editing.change_claim(store, encoder_of(settings), replace(found, **asked), acting(store, by), saw=merging.state(store, [found.id]))
        made = merging.standing(store, claim)
        tell(as_json, made, f"Claim {made.id}: {made.text}")


@claims.command("split")
@click.argument("claim", type=int)
@click.option("--into", type=int, metavar="CLAIM", help="The claim on file that takes it.")
@click.option("--text", default="", help="The wording of a new claim that takes it.")
@click.option("--statement", "statements", type=int, multiple=True, help="A linked statement, by its number. May be given several times.")
@click.option("--occurrence", "occurrences", type=int, multiple=True, help="A time it was said, entered by hand.")
@click.option("--review", "reviews", type=int, multiple=True, help="A review.")
@click.option("--coverage", "coverage", type=int, multiple=True, help="A report.")
@by_user
@as_json
def claims_split(claim: int, into: int | None, text: str, by: str, as_json: bool, **chosen: tuple[int, ...]) -> None:
    """Take part of what hangs on CLAIM over to another one. "claims show" names the numbers."""
    from factcheck import merging

    if (into is None) == (not text.strip()):
        raise click.UsageError("Name either --into, a claim on file, or --text, the wording of a new one.")
    with opened(settings := read_settings()) as store:
        here = merging.standing(store, claim).id
        saw = merging.state(store, [here])
        made = merging.split(store, encoder_of(settings), here, merging.Chosen(**chosen), acting(store, by), saw=saw, into=into, text=text)
        row = {"id": made.id, "claim": made.claim_id, "other": made.other_id, "moved": len(made.moved)}
        tell(as_json, row, f"{len(made.moved)} went from claim {made.claim_id} to {made.other_id}. Take it back: claimtrail claims unmerge {made.id}")


@claims.command("relate")
@click.argument("claim", type=int)
@click.argument("relation", type=click.Choice(["related", "opposite"]))
@click.argument("other", type=int)
@by_user
@as_json
def claims_relate(claim: int, relation: str, other: int, by: str, as_json: bool) -> None:
    """Call CLAIM and OTHER related, or opposite."""
    from factcheck import editing
    from factcheck.records import Relation

    with opened(read_settings()) as store:
        made = editing.relate(store, claim, other, Relation(relation), acting(store, by))
        tell(as_json, made, f"Relation {made.id}: claims {made.claim_id} and {made.other_id} are {made.relation}.")


@claims.command("relations")
@click.argument("claim", type=int)
@as_json
def claims_relations(claim: int, as_json: bool) -> None:
    """Print which claims CLAIM is related or opposite to."""
    with opened(read_settings()) as store:
        group = store.claims.group(claim)
        for r in store.claim_relations.of(group):
            other = store.claims.get(store.claims.root(r.other_id if r.claim_id in group else r.claim_id))
            tell(as_json, r, f"{r.id:>6}  {r.relation} · claim {other.id} · {other.text}" if other else str(r.id))


@claims.command("unrelate")
@click.argument("relation", type=int)
@by_user
@as_json
def claims_unrelate(relation: int, by: str, as_json: bool) -> None:
    """Take back that two claims are related or opposite, by the relation's number."""
    from factcheck import editing

    with opened(read_settings()) as store:
        made = editing.unrelate(store, relation, acting(store, by))
        tell(as_json, made, f"Claims {made.claim_id} and {made.other_id} are no longer called {made.relation}.")


@claims.command("said")
@click.argument("claim", type=int)
@click.argument("quote")
@click.option("--speaker", default="", help="Who said it.")
@click.option("--at", metavar="DATE", default="", help="When: a day, a month or a year.")
@click.option("--place", default="")
@click.option("--source", default="", help="The outlet that tells of it.")
@click.option("--url", default="")
@by_user
@as_json
def claims_said(claim: int, quote: str, at: str, by: str, as_json: bool, **fields: str) -> None:
    """Note one more time CLAIM was made, in the words of QUOTE."""
    from factcheck import editing
    from factcheck.records import Occurrence

    with opened(read_settings()) as store:
        made = editing.put_occurrence(store, Occurrence(claim, quote, day(at), **fields), acting(store, by))
        tell(as_json, {"id": made, "claim": claim}, f"Occurrence {made} of claim {claim} is on file.")


@claims.command("report")
@click.argument("claim", type=int)
@click.argument("title")
@click.option("--url", default="")
@click.option("--publisher", default="")
@click.option("--published", metavar="DATE", default="")
@click.option("--language", default="")
@by_user
@as_json
def claims_report(claim: int, title: str, published: str, by: str, as_json: bool, **fields: str) -> None:
    """Note an article that reports on CLAIM without rating it."""
    from factcheck import editing
    from factcheck.records import Coverage

    with opened(read_settings()) as store:
        made = editing.put_coverage(store, Coverage(title, published_at=day(published), claim_id=claim, **fields), acting(store, by))
        tell(as_json, {"id": made, "claim": claim}, f"Report {made} on claim {claim} is on file.")


@claims.command("remove")
@click.argument("what", type=click.Choice(["review", "coverage", "occurrence"]))
@click.argument("part", type=int)
@by_user
@as_json
def claims_remove(what: str, part: int, by: str, as_json: bool) -> None:
    """Take back a review, report or occurrence of the newsroom's own, by its number."""
    from factcheck import editing

    with opened(read_settings()) as store:
        editing.take_back(store, what, part, acting(store, by))
        tell(as_json, {"removed": what, "id": part}, f"{what} {part} is taken back.")


@reviews.command("change")
@click.argument("review", type=int)
@click.option("--publisher", help="Who published it.")
@click.option("--rating", type=click.Choice([str(r) for r in Rating]))
@click.option("--rating-text", help="The rating in the publisher's own words.")
@click.option("--title")
@click.option("--url")
@click.option("--published", metavar="DATE")
@click.option("--summary")
@click.option("--language")
@by_user
@as_json
def reviews_change(review: int, rating: str | None, published: str | None, by: str, as_json: bool, **given: str | None) -> None:
    """Correct REVIEW, one of the newsroom's own, by its number. What is not given stays."""
    from factcheck import editing

    asked: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    asked |= {"rating": Rating(rating)} if rating else {}
    asked |= {"published_at": day(published)} if published is not None else {}
    if not asked:
        raise click.UsageError("Say what is to change, for example --rating.")
    with opened(read_settings()) as store:
        found = store.claim_parts.get("review", review)
        if found is None:
            raise NotFound(f"There is no review {review}.")
        editing.put_review(store, replace(found, **asked), acting(store, by))
        tell(as_json, {"id": review, "claim": found.claim_id}, f"Review {review} is changed.")
