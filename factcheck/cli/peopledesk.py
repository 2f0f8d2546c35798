"""People on the command line, worked on: names, other names, offices, and who is not who."""

from __future__ import annotations

from dataclasses import asdict

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import as_json, opened
from factcheck.cli.people import people
from factcheck.errors import NotFound
from factcheck.settings import read_settings


@people.command("change")
@click.argument("person", type=int)
@click.option("--name", help="The full name; the old one stays as another name.")
@click.option("--gender", type=click.Choice(["f", "m", "unknown"]), help="For he and she in texts.")
@click.option("--organisation/--person", "organisation", default=None, help="An organisation, or a person.")
@by_user
@as_json
def people_change(person: int, name: str | None, gender: str | None, organisation: bool | None, by: str, as_json: bool) -> None:
    """Give PERSON another name, gender or kind, by number. What is not given stays."""
    from factcheck import peopledesk

    with opened(read_settings()) as store:
        found = store.people.get(person)
        if found is None:
            raise NotFound(f"There is no person {person}.")
        made = peopledesk.change(
            store, person, acting(store, by), peopledesk.seen(found), name=found.name if name is None else name,
            gender=found.gender if gender is None else gender.replace("unknown", ""), organisation=found.organisation if organisation is None else organisation,
        )  # fmt: skip
        tell(as_json, made, f"{made.id} is {made.name}.")


@people.command("alias")
@click.argument("person", type=int)
@click.argument("alias")
@click.option("--remove", is_flag=True, help="Take it away.")
@by_user
@as_json
def people_alias(person: int, alias: str, remove: bool, by: str, as_json: bool) -> None:
    """Note another name of PERSON; claims under it that belong to nobody yet become theirs."""
    from factcheck import peopledesk

    with opened(read_settings()) as store:
        made = (peopledesk.remove_alias if remove else peopledesk.add_alias)(store, person, alias, acting(store, by))
        tell(as_json, made, f"{made.name}: {', '.join(made.aliases) or 'no other names'}")


@people.command("office")
@click.argument("person", type=int)
@click.argument("title", default="")
@click.option("--since", metavar="DATE", default="", help="A day, a month or a year.")
@click.option("--until", metavar="DATE", default="")
@click.option("--change", "office", type=int, metavar="OFFICE", help="Word and date this one anew, by the number that \"people show --json\" prints.")
@click.option("--remove", type=int, metavar="OFFICE", help="Take this one away.")
@by_user
@as_json
def people_office(person: int, title: str, since: str, until: str, office: int | None, remove: int | None, by: str, as_json: bool) -> None:
    """Note an office of PERSON and when it was held; it tells who "the chancellor" is in a text of that time."""
    from factcheck import peopledesk

    if (remove is None) == (not title) or (remove is not None and office is not None):
        raise click.UsageError("Give TITLE, with --change to change an office; or --remove alone.")
    with opened(read_settings()) as store:
        user = acting(store, by)
        if remove is not None:
            made = peopledesk.remove_office(store, person, remove, user)
        elif office is not None:
            found = store.people.get(person)
            if found is None:
                raise NotFound(f"There is no person {person}.")
            made = peopledesk.change_office(store, person, office, title, since, until, user, peopledesk.seen(found))
        else:
            made = peopledesk.add_office(store, person, title, since, until, user)
        tell(as_json, made, "\n".join([made.name, *(f"{o.id:>6}  {o.title} ({o.since or ''}–{o.until or ''})" for o in made.offices)]))


@people.command("duplicates")
@click.option("--most", type=click.IntRange(1, 1_000), default=50, show_default=True, help="How many pairs.")
@as_json
def people_duplicates(most: int, as_json: bool) -> None:
    """Print pairs who may be one person, the likeliest first."""
    from factcheck import peopledesk

    with opened(read_settings()) as store:
        for one, other, likeness in peopledesk.all_proposals(store, most):
            row = {"one": {"id": one.id, "name": one.name}, "other": {"id": other.id, "name": other.name}, **asdict(likeness)}
            tell(as_json, row, f"{one.id:>6}  {one.name}  =  {other.id:>6}  {other.name}")


@people.command("apart")
@click.argument("person", type=int)
@click.argument("other", type=int, required=False)
@click.option("--lift", is_flag=True, help="Take it back: the two may be one after all.")
@by_user
@as_json
def people_apart(person: int, other: int | None, lift: bool, by: str, as_json: bool) -> None:
    """Say that PERSON and OTHER, who look alike, are two; without OTHER print who is kept apart from PERSON."""
    from factcheck import peopledesk

    if lift and other is None:
        raise click.UsageError("Name both, for example: claimtrail people apart 5 8 --lift")
    with opened(read_settings()) as store:
        if other is None:
            for found in peopledesk.apart_from(store, person):
                tell(as_json, {"person": person, "other": found.id, "name": found.name}, f"{found.id:>6}  {found.name}")
            return
        (peopledesk.lift_apart if lift else peopledesk.keep_apart)(store, person, other, acting(store, by))
        told = f"{person} and {other} may be one." if lift else f"{person} and {other} are two."
        tell(as_json, {"person": person, "other": other, "apart": not lift}, told)
