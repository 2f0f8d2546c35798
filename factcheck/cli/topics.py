"""Topics on the command line: what there is, and assigning them anew."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import as_json, bars, encoder_of, opened
from factcheck.errors import NotFound
from factcheck.settings import read_settings


@click.group("topics")
def topics_() -> None:
    """What claims and statements are about."""


@topics_.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Print every topic with how many claims and statements are about it."""
    with opened(read_settings()) as store:
        counts = store.topics.counts()
        for topic in store.topics.all():
            claims, statements = counts[topic.id]
            if as_json:
                click.echo(json.dumps({**asdict(topic), "claims": claims, "statements": statements}, ensure_ascii=False))
            else:
                click.echo(f"{topic.name}: {claims:,} claims, {statements:,} statements")


@topics_.command()
@as_json
def assign(as_json: bool) -> None:
    """Assign topics to all that waits for it, as after a changed description, without a server. What editors gave or removed stays."""
    from factcheck import topics

    settings = read_settings()
    with opened(settings) as store, bars() as report:
        done = topics.assign_all(store, encoder_of(settings), lambda made, of: report("topics", made, of))
        of = len(store.topics.all())
        tell(as_json, {"compared": done, "topics": of}, f"{done:,} claims and statements were compared with {of} topics.")


@topics_.command("save")
@click.argument("name")
@click.option("--german", "name_de", help="Its name on German pages.")
@click.option("--description", help="A line for each side of the topic, in any language.")
@click.option("--change", "topic", type=int, metavar="TOPIC", help="Name and describe this one anew, by its number; what is not given stays.")
@by_user
@as_json
def save(name: str, name_de: str | None, description: str | None, topic: int | None, by: str, as_json: bool) -> None:
    """Put a topic on file, or name and describe one anew. A running server assigns it; "topics assign" does so without one."""
    from factcheck import topics

    with opened(read_settings()) as store:
        user = acting(store, by)
        if topic is None:
            made = topics.add(store, user, name, name_de or "", description or "")
        else:
            found = store.topics.get(topic)
            if found is None:
                raise NotFound(f"There is no topic {topic}.")
            given = (found.name_de if name_de is None else name_de, found.description if description is None else description)
            made = topics.change(store, topic, user, topics.seen(found), name, *given)
        tell(as_json, made, f"{made.id:>6}  {made.name}")


@topics_.command("delete")
@click.argument("topic", type=int)
@by_user
@as_json
def delete(topic: int, by: str, as_json: bool) -> None:
    """Take a topic off file; the log keeps its description."""
    from factcheck import topics

    with opened(read_settings()) as store:
        found = store.topics.get(topic)
        if found is None:
            raise NotFound(f"There is no topic {topic}.")
        topics.delete(store, topic, acting(store, by), topics.seen(found))
        tell(as_json, {"id": topic}, f"{found.name} is off file.")


@topics_.command("mark")
@click.argument("what", type=click.Choice(["claim", "statement"]))
@click.argument("number", type=int)
@click.argument("topic", type=int)
@click.argument("word", type=click.Choice(["given", "removed", "automatic"]))
@by_user
@as_json
def mark(what: str, number: int, topic: int, word: str, by: str, as_json: bool) -> None:
    """Say that a claim or statement is about TOPIC, is not, or that the description decides again."""
    from factcheck import topics

    with opened(settings := read_settings()) as store:
        topics.correct(store, encoder_of(settings), what, number, topic, word.replace("automatic", ""), acting(store, by))
        tell(as_json, {"what": what, "number": number, "topic": topic, "word": word}, f"Topic {topic} of {what} {number}: {word}.")
