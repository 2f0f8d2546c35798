"""People on the command line, and a user's tokens."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import as_json, opened
from factcheck.errors import NotFound
from factcheck.settings import read_settings


@click.group()
def people() -> None:
    """Those who speak."""


@people.command("list")
@click.argument("name", default="")
@click.option("--most", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many.")
@as_json
def people_list(name: str, most: int, as_json: bool) -> None:
    """Print those who said most, or everybody in whose name or other name a word begins as NAME."""
    with opened(read_settings()) as store:
        for person, statements, claims in store.people.listing(name=name, limit=most)[0]:
            row = {**asdict(person), "statements": statements, "claims": claims}
            tell(as_json, row, f"{person.id:>6}  {person.name}: {statements:,} statements, {claims:,} claims")


@people.command("show")
@click.argument("person", type=int)
@as_json
def people_show(person: int, as_json: bool) -> None:
    """Print a person: names, offices, how claims were rated, and the claims made most often. One that was merged: who it is now."""
    with opened(read_settings()) as store:
        found = store.people.get(store.people.root(person))
        if found is None:
            raise NotFound(f"There is no person {person}.")
        ratings = {str(rating): n for rating, n in store.claims.ratings_of_person(found.id).items()}
        made = store.claims.of_person(found.id, 50)
    if as_json:
        claims = [{"id": c.id, "text": c.text, "rating": str(c.rating), "times_said": c.occurrence_count} for c in made]
        return tell(True, {**asdict(found), "ratings": ratings, "claims": claims}, "")
    click.echo(f"{found.name}{''.join(f' · {alias}' for alias in found.aliases)}")
    for o in found.offices:
        click.echo(f"  {o.title} ({o.since or ''}–{o.until or ''})")
    click.echo("  " + (", ".join(f"{n:,} {rating}" for rating, n in ratings.items()) or "no claims"))
    for c in made:
        click.echo(f"  claim {c.id} · {c.rating} · said {c.occurrence_count:,} times\n    {c.text}")


@people.command("merge")
@click.argument("person", type=int)
@click.argument("into", type=int)
@by_user
@as_json
def people_merge(person: int, into: int, by: str, as_json: bool) -> None:
    """Join PERSON to INTO, who are one, by their numbers."""
    from factcheck import peopledesk

    with opened(read_settings()) as store:
        made = peopledesk.merge(store, person, into, acting(store, by))
        tell(as_json, made, f"{person} is {into} now. Take it back: claimtrail people unmerge {made.id}")


@people.command("unmerge")
@click.argument("act", type=int)
@by_user
@as_json
def people_unmerge(act: int, by: str, as_json: bool) -> None:
    """Take a merge of two people back, by the number that it was given."""
    from factcheck import peopledesk

    with opened(read_settings()) as store:
        made = peopledesk.undo_merge(store, act, acting(store, by))
        tell(as_json, made, f"{made.person_id} and {made.into_id} are two again.")


@people.command("export")
@click.argument("person", type=int)
def people_export(person: int) -> None:
    """Print everything kept of a person on file as JSON."""
    from factcheck import privacy

    with opened(read_settings()) as store:
        found = privacy.export_person(store, person)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@people.command("erase")
@click.argument("person", type=int)
@click.option("--yes", is_flag=True, help="Without asking.")
@by_user
@as_json
def people_erase(person: int, yes: bool, by: str, as_json: bool) -> None:
    """Take a person's names off what is on file, for good. What articles and quotes say stays as it was published."""
    from factcheck import privacy

    with opened(read_settings()) as store:
        name = privacy.export_person(store, person)["person"]
        if not yes:
            privacy.confirm(click.prompt(f"This cannot be undone. Type the name ({name})"), name)
        pseudonym = privacy.erase_person(store, acting(store, by), person)
    tell(as_json, {"erased": True, "pseudonym": pseudonym}, f"Erased. On file it says {pseudonym} now.")


@click.group()
def tokens() -> None:
    """API tokens of a user."""


@tokens.command("add")
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(["read", "drafts", "write", "decide", "admin"]), multiple=True, required=True, help="May be given several times.")
@click.option("--until", default="90", show_default=True, help="For how many days, or its last day.")
@by_user
@as_json
def tokens_add(name: str, scopes: tuple[str, ...], until: str, by: str, as_json: bool) -> None:
    """Make a token named after what will use it, and print it. It is not shown again."""
    from factcheck import api_tokens

    with opened(read_settings()) as store:
        token, kept = api_tokens.make(store, acting(store, by), name, list(scopes), until)
        tell(as_json, {**asdict(kept), "token": token}, token)


@tokens.command("list")
@by_user
@as_json
def tokens_list(by: str, as_json: bool) -> None:
    """Print a user's tokens: what they are for, what they may do, until when."""
    with opened(read_settings()) as store:
        for t in store.tokens.of(acting(store, by).id):
            tell(as_json, t, f"{t.id:>6}  {t.name} · {', '.join(sorted(t.scopes))} · until {t.expires_at or 'ever'} · last used {t.used_at or 'never'}")


@tokens.command("revoke")
@click.argument("token", type=int)
@by_user
@as_json
def tokens_revoke(token: int, by: str, as_json: bool) -> None:
    """End a token at once, by its number."""
    from factcheck import api_tokens

    with opened(read_settings()) as store:
        gone = api_tokens.revoke(store, acting(store, by), token)
        tell(as_json, gone, f"{gone.name} is revoked.")
