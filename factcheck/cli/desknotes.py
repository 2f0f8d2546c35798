"""What the newsroom keeps for itself, on the command line: notes, and what publishers' rating words mean."""

from __future__ import annotations

from dataclasses import asdict

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import as_json, opened
from factcheck.records import Note, Rating
from factcheck.settings import read_settings

ON = click.Choice(["claim", "statement", "person", "article", "draft"])
shared = click.option("--shared/--private", default=False, show_default=True, help="Seen by the desk, or by its writer alone.")


@click.group("notes")
def notes_() -> None:
    """Notes on what is on file; private ones are their writer's alone."""


@notes_.command("list")
@click.argument("what", type=ON, required=False)
@click.argument("number", type=int, required=False)
@click.option("--most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many of one's own.")
@by_user
@as_json
def notes_list(what: str | None, number: int | None, most: int, by: str, as_json: bool) -> None:
    """Print one's own notes, the newest first; with WHAT and NUMBER those one may see on it."""
    if what and number is None:
        raise click.UsageError("Give the number too, for example: claimtrail notes list claim 12")
    with opened(read_settings()) as store:
        user = acting(store, by)
        for note in store.notes.on(what, number or 0, user.id) if what else store.notes.by(user.id, limit=most):
            _tell(note, as_json)


@notes_.command("add")
@click.argument("what", type=ON)
@click.argument("number", type=int)
@click.argument("text")
@shared
@by_user
@as_json
def notes_add(what: str, number: int, text: str, shared: bool, by: str, as_json: bool) -> None:
    """Write a note on something, by its number."""
    from factcheck import notes

    with opened(read_settings()) as store:
        _tell(notes.write(store, acting(store, by), what, number, text, shared), as_json)


@notes_.command("change")
@click.argument("note", type=int)
@click.argument("text")
@shared
@by_user
@as_json
def notes_change(note: int, text: str, shared: bool, by: str, as_json: bool) -> None:
    """Write one of one's own notes anew."""
    from factcheck import notes

    with opened(read_settings()) as store:
        _tell(notes.change(store, acting(store, by), note, text, shared), as_json)


@notes_.command("delete")
@click.argument("note", type=int)
@by_user
@as_json
def notes_delete(note: int, by: str, as_json: bool) -> None:
    """Delete one of one's own notes."""
    from factcheck import notes

    with opened(read_settings()) as store:
        gone = notes.delete(store, acting(store, by), note)
        tell(as_json, {"id": gone.id}, f"Note {gone.id} is deleted.")


@click.group("ratings")
def ratings_() -> None:
    """What publishers' rating words mean."""


@ratings_.command("list")
@as_json
def ratings_list(as_json: bool) -> None:
    """Print what the newsroom said of rating words, before any table."""
    with opened(read_settings()) as store:
        for entry in store.rating_words.all():
            tell(as_json, entry, f"{entry.words} = {entry.rating}  ({entry.by})")


@ratings_.command("unknown")
@click.option("--most", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many.")
@as_json
def ratings_unknown(most: int, as_json: bool) -> None:
    """Print the words in which reviews rate and which no table knows, the most frequent first."""
    from factcheck import ratingdesk

    with opened(read_settings()) as store:
        for found in ratingdesk.unknown(store)[:most]:
            tell(as_json, asdict(found), f"{found.times:>6}  {found.words}  ({found.publisher}, claim {found.claim_id})")


@ratings_.command("map")
@click.argument("words")
@click.argument("rating", type=click.Choice([str(r) for r in Rating]))
@by_user
@as_json
def ratings_map(words: str, rating: str, by: str, as_json: bool) -> None:
    """Say what WORDS mean from now on; reviews on file in these words are rated anew."""
    from factcheck import ratingdesk

    with opened(read_settings()) as store:
        changed = ratingdesk.understand(store, words, rating, acting(store, by))
        tell(as_json, {"words": words, "rating": rating, "changed": changed}, f"{words} = {rating}; {changed:,} reviews are rated anew.")


@ratings_.command("unmap")
@click.argument("words")
@by_user
@as_json
def ratings_unmap(words: str, by: str, as_json: bool) -> None:
    """Let WORDS mean what they meant without the newsroom's entry."""
    from factcheck import ratingdesk, ratings

    with opened(read_settings()) as store:
        changed = ratingdesk.take_back(store, ratings.key(words), acting(store, by))
        tell(as_json, {"words": words, "changed": changed}, f"{words}: the entry is gone; {changed:,} reviews are rated anew.")


def _tell(note: Note, as_json: bool) -> None:
    who = "shared" if note.is_shared else "private"
    tell(as_json, note, f"{note.id:>6}  {note.object_type} {note.object_id} · {note.user_name} · {who} · {note.at[:10]}\n        {note.text}")
