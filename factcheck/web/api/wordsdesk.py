"""Operations on what the newsroom says in its own words: topics, notes, and what rating words mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import notes, ratingdesk, ratings, topics
from factcheck.errors import NotFound
from factcheck.records import Note as Noted
from factcheck.records import Role, Scope
from factcheck.records import Topic as Named
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import before

_EDITING: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.EDITOR, "status": 201}
_WRITING: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.JOURNALIST, "status": 201, "failures": (404,), "section": "Notes"}
On = Literal["claim", "statement", "person", "article", "draft"]
NoteText = Annotated[str, Field(min_length=1, max_length=notes.LONGEST)]


class Topic(shapes.Told):
    """``description`` holds a line for each side of the topic."""

    id: int
    name: str
    name_de: str
    description: str
    claims: int
    statements: int


class Topics(shapes.Told):
    items: list[Topic]


class NewTopic(shapes.Given):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    name_de: Annotated[str, Field(max_length=80)] = ""
    description: Annotated[str, Field(max_length=4_000)] = ""


class Marked(shapes.Given):
    """"given": it is about the topic; "removed": it is not; "": the description decides again."""

    kind: Literal["claim", "statement"]
    id: shapes.Id
    word: Literal["given", "removed", ""]


class NoteList(shapes.Page):
    """One's own notes; with ``on`` and ``id`` all that one may see on it."""

    on: On | Literal[""] = ""
    id: Annotated[int, Field(ge=0, le=2**53)] = 0


class Note(shapes.Told):
    """A note that is not shared is seen by its writer alone."""

    id: int
    on: On
    on_id: int
    text: str
    shared: bool
    by: str
    at: str
    changed_at: str | None


class Notes(shapes.Told):
    items: list[Note]
    cursor: str


class ChangedNote(shapes.Given):
    text: NoteText
    shared: bool = False


class NewNote(ChangedNote):
    on: On
    id: shapes.Id


class RatingWord(shapes.Told):
    words: str
    rating: shapes.Rating
    by: str


class UnknownWords(shapes.Told):
    words: str
    times: int
    claim_id: int
    publisher: str


class RatingWords(shapes.Told):
    """``unknown``: words in which imported reviews rate and which no table knows, the most frequent first."""

    known: list[RatingWord]
    unknown: list[UnknownWords]


class NewRatingWord(shapes.Given):
    words: Annotated[str, Field(min_length=1, max_length=ratingdesk.LONGEST)]
    rating: shapes.Rating


class Words(shapes.Given):
    words: Annotated[str, Field(min_length=1, max_length=ratingdesk.LONGEST)]


class RatedAnew(shapes.Told):
    """How many reviews are rated otherwise."""

    changed: int


@operation("GET", "/topics", scope=Scope.READ, answer=Topics, section="Topics")
def topic_list() -> dict[str, Any]:
    """Topics with how many claims and statements are about them."""
    counts = services().store.topics.counts()
    return {"items": [_topic(t, counts) for t in services().store.topics.all()]}


@operation("POST", "/topics", body=NewTopic, answer=Topic, section="Topics", **_EDITING)
def make_topic(given: NewTopic) -> dict[str, Any]:
    """Put a topic on file; claims and statements are assigned to it in the background."""
    made = topics.add(services().store, g.user, given.name, given.name_de, given.description)
    services().wake()
    return _topic(made, {})


@operation("POST", "/topics/<int:topic_id>:change", body=NewTopic, answer=Topic, section="Topics", failures=(404, 409), **_EDITING)
def change_topic(topic_id: int, given: NewTopic) -> dict[str, Any]:
    """Name and describe a topic anew; what it is given to is assigned anew in the background."""
    made = topics.change(services().store, topic_id, g.user, topics.seen(_on_file(topic_id)), given.name, given.name_de, given.description)
    services().wake()
    return _topic(made, services().store.topics.counts())


@operation("POST", "/topics/<int:topic_id>:delete", answer=shapes.Made, section="Topics", failures=(404, 409), **_EDITING)
def delete_topic(topic_id: int) -> dict[str, int]:
    """Take a topic off file; the log keeps its description."""
    topics.delete(services().store, topic_id, g.user, topics.seen(_on_file(topic_id)))
    return {"id": topic_id}


@operation("POST", "/topics/<int:topic_id>/marks", body=Marked, answer=shapes.Made, section="Topics", failures=(404,), **_EDITING)
def mark_topic(topic_id: int, given: Marked) -> dict[str, int]:
    """Say that a claim or statement is about a topic, or is not; it outlasts every new assignment."""
    topics.correct(services().store, services().encoder, given.kind, given.id, topic_id, given.word, g.user)
    return {"id": given.id}


@operation("GET", "/notes", scope=Scope.READ, role=Role.JOURNALIST, query=NoteList, answer=Notes, section="Notes")
def note_list(given: NoteList) -> dict[str, Any]:
    """Notes: one's own, the newest first, or those on something, the oldest first."""
    store = services().store
    if given.on:
        return {"items": [_note(n) for n in store.notes.on(given.on, given.id, g.user.id)], "cursor": ""}
    found = store.notes.by(g.user.id, before=before(given.cursor), limit=given.size + 1)
    return {"items": [_note(n) for n in found[: given.size]], "cursor": str(found[given.size - 1].id) if len(found) > given.size else ""}


@operation("POST", "/notes", body=NewNote, answer=Note, **_WRITING)
def write_note(given: NewNote) -> dict[str, Any]:
    """Write a note on something."""
    return _note(notes.write(services().store, g.user, given.on, given.id, given.text, given.shared))


@operation("POST", "/notes/<int:note_id>:change", body=ChangedNote, answer=Note, **_WRITING)
def change_note(note_id: int, given: ChangedNote) -> dict[str, Any]:
    """Write one of one's own notes anew."""
    return _note(notes.change(services().store, g.user, note_id, given.text, given.shared))


@operation("POST", "/notes/<int:note_id>:delete", answer=shapes.Made, **_WRITING)
def delete_note(note_id: int) -> dict[str, int]:
    """Delete one of one's own notes."""
    return {"id": notes.delete(services().store, g.user, note_id).id}


@operation("GET", "/rating-words", scope=Scope.READ, role=Role.EDITOR, answer=RatingWords, section="Rating words")
def rating_words() -> dict[str, Any]:
    """What the newsroom said of publishers' rating words, and which words no table knows."""
    store = services().store
    known = [{"words": e.words, "rating": str(e.rating), "by": e.by} for e in store.rating_words.all()]
    unknown = [{"words": u.words, "times": u.times, "claim_id": u.claim_id, "publisher": u.publisher} for u in ratingdesk.unknown(store)]
    return {"known": known, "unknown": unknown}


@operation("POST", "/rating-words", body=NewRatingWord, answer=RatedAnew, section="Rating words", **_EDITING)
def understand(given: NewRatingWord) -> dict[str, int]:
    """Say what rating words mean from now on; reviews on file in these words are rated anew."""
    return {"changed": ratingdesk.understand(services().store, given.words, given.rating, g.user)}


@operation("POST", "/rating-words:take-back", body=Words, answer=RatedAnew, section="Rating words", failures=(409,), **_EDITING)
def take_back_rating(given: Words) -> dict[str, int]:
    """Let the words mean what they meant without the newsroom's entry."""
    return {"changed": ratingdesk.take_back(services().store, ratings.key(given.words), g.user)}


def _topic(t: Named, counts: dict[int, tuple[int, int]]) -> dict[str, Any]:
    claims, statements = counts.get(t.id, (0, 0))
    return {"id": t.id, "name": t.name, "name_de": t.name_de, "description": t.description, "claims": claims, "statements": statements}


def _on_file(topic_id: int) -> Named:
    found = services().store.topics.get(topic_id)
    if found is None:
        raise NotFound("There is no such topic. Somebody may have deleted it.", key="no_such_topic")
    return found


def _note(n: Noted) -> dict[str, Any]:
    return {
        "id": n.id, "on": n.object_type, "on_id": n.object_id, "text": n.text, "shared": n.is_shared, "by": n.user_name, "at": n.at, "changed_at": n.changed_at,
    }  # fmt: skip
