"""What claims and statements are about, by their likeness to descriptions that editors write; an editor's word outlasts it.

1. Every line of every description is a vector. A text's likeness to a topic is the mean cosine with the two nearest of its lines, after
   the mean vector of a set of examples was taken from the text and the mean of the lines an installation starts with from the lines: what
   all texts of a kind have in common says nothing about their topic.
2. Likenesses are counted in standard deviations of those that the examples have to the topics an installation starts with, so that they
   mean the same for claims, for statements and for another model.
3. A logistic regression on the likeness and on how far it lies above that to the best other topic gives a probability.

The examples are 130 claims of our own (``data/topic_examples.jsonl``). The regression was fitted on them and on 140 published claims
labelled by hand; ``tests/pairs/topics.jsonl`` measures it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from db import Store
from factcheck.embed import Encoder
from factcheck.errors import AlreadyCorrected, BadInput, NotAllowed, NotFound
from factcheck.records import Role, Topic, User

LIKENESS, LEAD, CONSTANT = 1.664, 1.431, -3.311  # the regression's coefficients
ENOUGH = 0.35  # probability from which a topic is assigned: the best F1 on what the regression was fitted on
NEAREST = 2  # lines of a description that count
CHUNK = 2_000  # rows assigned and committed together
WHILE_A_PAGE_WAITS = 5_000  # rows assigned anew before an editor's change is answered; the rest follows in the background
KINDS = ("claim", "statement")
MEASURES_KEPT = 8
LONGEST_NAME = 60  # characters
LONGEST_DESCRIPTION = 4_000
MOST_LINES = 40
_DATA = Path(__file__).parent / "data"

Progress = Callable[[int, int], None]  # (done, total)


# Assigning


def assign(store: Store, encoder: Encoder, kind: str, ids: Sequence[int] | None = None, *, limit: int | None = None) -> int:
    """Assign topics to claims or statements that have a vector and wait for it (all, or of ``ids``); how many were looked at."""
    topics = store.topics.all()
    if not topics or ids is not None and not ids:
        return 0
    state, made_by = _state(encoder, topics), _made_by(encoder, kind)
    measure: Measure | None = None
    done = after = 0
    while limit is None or done < limit:
        rows, vectors = store.topics.waiting(kind, made_by, state, min(CHUNK, limit - done if limit else CHUNK), after=after, only=ids)
        if not rows:
            break
        measure = measure or Measure.of(store, encoder, kind, topics)
        found = measure.topics(vectors)
        store.topics.put(kind, state, rows, {row[0]: given for row, given in zip(rows, found, strict=True)})
        done, after = done + len(rows), rows[-1][0]
    return done


def assign_all(store: Store, encoder: Encoder, progress: Progress = lambda *_: None) -> int:
    """Assign topics to everything that waits for it; how many claims and statements were looked at. Can be stopped at any time."""
    total, done = waiting(store, encoder), 0
    while made := sum(assign(store, encoder, kind, limit=CHUNK) for kind in KINDS):
        done += made
        progress(done, total)
    return done


def step(store: Store, encoder: Encoder) -> bool:
    """Assign topics to a few that wait for it; False when nothing does. A piece of the background's work."""
    return any(assign(store, encoder, kind, limit=CHUNK) for kind in KINDS)


def waiting(store: Store, encoder: Encoder) -> int:
    """How many claims and statements are not assigned by the descriptions as they stand."""
    topics = store.topics.all()
    state = _state(encoder, topics)
    return sum(store.topics.count_waiting(kind, _made_by(encoder, kind), state) for kind in KINDS) if topics else 0


def probabilities(store: Store, encoder: Encoder, kind: str, vectors: np.ndarray) -> np.ndarray:
    """(texts, topics in the order of ``store.topics.all()``), 0..1, for vectors of claims or statements."""
    return Measure.of(store, encoder, kind, store.topics.all()).probabilities(vectors)


@dataclass(frozen=True)
class Measure:
    """How claims, or statements, are compared with topics: the vectors of all lines and what is taken off and divided by."""

    topic_ids: tuple[int, ...]
    owner: np.ndarray  # of each line, the place of its topic
    lines: np.ndarray  # (lines, dimensions), centred, unit length
    common: np.ndarray  # (dimensions,) what texts of this kind have in common
    mean: float
    spread: float

    @classmethod
    def of(cls, store: Store, encoder: Encoder, kind: str, topics: Sequence[Topic]) -> Measure:
        key = (_state(encoder, topics), kind)
        if key not in _measures:
            while len(_measures) >= MEASURES_KEPT:
                _measures.pop(next(iter(_measures)), None)
            _measures[key] = cls._made(store, encoder, kind, topics)
        return _measures[key]

    @classmethod
    def _made(cls, store: Store, encoder: Encoder, kind: str, topics: Sequence[Topic]) -> Measure:
        examples = _vectors(store, encoder, "passage" if kind == "claim" else "query", _example_texts())
        common = examples.mean(0)
        starters = _starters(store, encoder)
        centre = np.concatenate([vectors for _, vectors in starters]).mean(0)
        likeness = cls._over(starters, centre, common).likeness(examples)
        ours = [(t.id, _vectors(store, encoder, "query", t.lines)) for t in topics if t.lines]
        return cls._over(ours, centre, common, float(likeness.mean()), float(likeness.std()) or 1.0)

    @classmethod
    def _over(
        cls, topics: Sequence[tuple[int, np.ndarray]], centre: np.ndarray, common: np.ndarray, mean: float = 0.0, spread: float = 1.0
    ) -> Measure:
        lines = np.concatenate([vectors for _, vectors in topics])
        owner = np.repeat(np.arange(len(topics)), [len(vectors) for _, vectors in topics])
        return cls(tuple(i for i, _ in topics), owner, _unit(lines - centre), common, mean, spread)

    def likeness(self, vectors: np.ndarray) -> np.ndarray:
        """(texts, topics), in standard deviations."""
        cosines = _unit(vectors - self.common) @ self.lines.T
        found = np.empty((len(vectors), len(self.topic_ids)), np.float32)
        for place in range(len(self.topic_ids)):
            own = np.sort(cosines[:, self.owner == place], axis=1)
            found[:, place] = own[:, -NEAREST:].mean(1)
        return (found - self.mean) / self.spread

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """(texts, topics), 0..1."""
        likeness = self.likeness(vectors)
        ranked = np.sort(likeness, axis=1)
        best, second = ranked[:, -1:], ranked[:, -2:-1] if likeness.shape[1] > 1 else np.zeros((len(likeness), 1), np.float32)
        lead = likeness - np.where(likeness == best, second, best)
        return 1 / (1 + np.exp(-(LIKENESS * likeness + LEAD * lead + CONSTANT)))

    def topics(self, vectors: np.ndarray) -> list[dict[int, float]]:
        """For each text the topics it is about with their probability."""
        return [
            {self.topic_ids[place]: round(float(row[place]), 4) for place in np.flatnonzero(row >= ENOUGH)}
            for row in self.probabilities(vectors)
        ]


_measures: dict[tuple[str, str], Measure] = {}  # by descriptions and model, which is all they depend on


# Editing


def seen(topic: Topic) -> str:
    """A mark of the topic as somebody saw it, to be handed back with a change."""
    return hashlib.sha256("\0".join((topic.name, topic.name_de, topic.description)).encode()).hexdigest()[:16]


def add(store: Store, user: User, name: str, name_de: str, description: str) -> Topic:
    """Put a new topic on file. Raises BadInput, NotAllowed."""
    _may_edit(user)
    topic = _checked(store, Topic(0, name, description, name_de))
    with store.write():
        topic_id = store.topics.add(topic.name, topic.name_de, topic.description)
        store.audit.add(user.name, "added a topic", "topic", topic_id, after=_told(topic))
    return _topic(store, topic_id)


def change(store: Store, topic_id: int, user: User, saw: str, name: str, name_de: str, description: str) -> Topic:
    """Give a topic other names or another description. Raises AlreadyCorrected when somebody did so meanwhile, BadInput, NotAllowed, NotFound."""
    _may_edit(user)
    with store.write():
        before = _topic(store, topic_id)
        if saw != seen(before):
            raise AlreadyCorrected(
                f"The topic {before.name} was changed meanwhile. Look at it as it now stands; what is still wrong can be changed then.",
                key="topic_changed", name=before.name,
            )  # fmt: skip
        after = _checked(store, replace(before, name=name, name_de=name_de, description=description))
        if after != before:
            store.topics.change(after)
            store.audit.add(user.name, "changed a topic", "topic", topic_id, before=_told(before), after=_told(after))
    return _topic(store, topic_id)


def delete(store: Store, topic_id: int, user: User, saw: str) -> None:
    """Take a topic off file; the log keeps its description and how much was about it. Raises as ``change``."""
    _may_edit(user)
    with store.write():
        topic = _topic(store, topic_id)
        if saw != seen(topic):
            raise AlreadyCorrected(
                f"The topic {topic.name} was changed meanwhile. Look at it as it now stands; what is still wrong can be changed then.",
                key="topic_changed", name=topic.name,
            )  # fmt: skip
        claims, statements = store.topics.counts()[topic_id]
        store.topics.delete(topic_id)
        told = _told(topic) | {"claims": claims, "statements": statements}
        store.audit.add(user.name, "deleted a topic", "topic", topic_id, before=told)


def correct(store: Store, encoder: Encoder, kind: str, object_id: int, topic_id: int, word: str, user: User) -> None:
    """Say that something is about a topic ("given"), is not ("removed"), or that the description decides again ("").

    Raises BadInput, NotAllowed, NotFound.
    """
    _may_edit(user)
    if kind not in KINDS or word not in ("given", "removed", ""):
        raise BadInput("A topic is given to or removed from a claim or a statement.", key="topic_word")
    with store.write():
        topic = _topic(store, topic_id)
        exists = store.claims.get(object_id) if kind == "claim" else store.articles.statement(object_id)
        if exists is None:
            raise NotFound("It is not on file.", key="no_such_claim" if kind == "claim" else "no_such_statement")
        mark = next((m for m in store.topics.marks(kind, [object_id]).get(object_id, ()) if m.topic_id == topic_id), None)
        before = mark.by_hand if mark else ""
        if before == word:
            return
        store.topics.set_by_hand(kind, object_id, topic_id, word)
        told = {"topic": topic.name, "topic_id": topic.id}
        store.audit.add(user.name, "corrected a topic", kind, object_id, before=told | {"by_hand": before}, after=told | {"by_hand": word})
    if not word:
        assign(store, encoder, kind, [object_id])


def _checked(store: Store, topic: Topic) -> Topic:
    topic = replace(
        topic,
        name=" ".join(topic.name.split()),
        name_de=" ".join(topic.name_de.split()),
        description="\n".join(" ".join(line.split()) for line in topic.description.splitlines() if line.strip()),
    )
    if not any(c.isalpha() for c in topic.name):
        raise BadInput("A topic needs a name.", key="topic_needs_name")
    if max(len(topic.name), len(topic.name_de)) > LONGEST_NAME:
        raise BadInput(f"A topic's name has at most {LONGEST_NAME} characters.", key="topic_name_too_long", longest=LONGEST_NAME)
    if not any(c.isalpha() for c in topic.description):
        raise BadInput("Say what the topic is about, one side of it a line.", key="topic_needs_description")
    if len(topic.description) > LONGEST_DESCRIPTION or len(topic.lines) > MOST_LINES:
        raise BadInput(
            f"A description has at most {MOST_LINES} lines and {LONGEST_DESCRIPTION} characters.",
            key="topic_too_long", lines=MOST_LINES, longest=LONGEST_DESCRIPTION,
        )  # fmt: skip
    for name in filter(None, (topic.name, topic.name_de)):
        known = store.topics.named(name)
        if known and known.id != topic.id:
            raise BadInput(f"There is a topic {known.name} already.", key="topic_known", name=known.name)
    return topic


def _topic(store: Store, topic_id: int) -> Topic:
    topic = store.topics.get(topic_id)
    if topic is None:
        raise NotFound("There is no such topic. Somebody may have deleted it.", key="no_such_topic")
    return topic


def _told(topic: Topic) -> dict[str, str]:
    return {"name": topic.name, "name_de": topic.name_de, "description": topic.description}


def _may_edit(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors change topics. Ask an administrator to make you one.", key="only_editors_topics")


# Vectors


def _state(encoder: Encoder, topics: Sequence[Topic]) -> str:
    told = repr((encoder.model_id, encoder.passage_id, sorted((t.id, t.lines) for t in topics)))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _made_by(encoder: Encoder, kind: str) -> str:
    return encoder.passage_id if kind == "claim" else encoder.model_id


def _starters(store: Store, encoder: Encoder) -> list[tuple[int, np.ndarray]]:
    found = tomllib.loads((_DATA / "topics.toml").read_text(encoding="utf-8"))["topic"]
    return [(0, _vectors(store, encoder, "query", tuple(t["description"].splitlines()))) for t in found]


@lru_cache(maxsize=1)
def _example_texts() -> tuple[str, ...]:
    lines = (_DATA / "topic_examples.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line)["text"] for line in lines)


def _vectors(store: Store, encoder: Encoder, role: str, texts: Sequence[str]) -> np.ndarray:
    """(texts, dimensions); each is made once and then kept in the database."""
    model_id = encoder.model_id if role == "query" else encoder.passage_id
    known = store.topics.vectors(model_id, role, texts)
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        encode = encoder.encode_queries if role == "query" else encoder.encode_passages
        made = dict(zip(missing, encode(missing), strict=True))
        store.topics.keep_vectors(model_id, role, made)
        known |= made
    return np.stack([known[text] for text in texts]).astype(np.float32)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
