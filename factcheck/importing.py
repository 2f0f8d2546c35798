"""Importing claims and reviews: rows, and their vectors behind them, both resumable because each step takes only what lacks a result.

What is known of a claim grows with every review of it; a review at an address that is on file is an update of that one. What editors
changed, and what the newsroom added itself, no import touches.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np

from db import Store
from factcheck import bylines, claimforms, claimreview, pipeline
from factcheck.claimforms import Entry
from factcheck.embed import Encoder
from factcheck.errors import BadInput, NotFound
from factcheck.records import Claim, Kind, Occurrence, Person, Review

LINES_A_COMMIT = 500
REPORTED = 20  # bad lines named one by one; the rest is counted
LONGEST_TURN = 1.0  # seconds rows wait for vectors to be stored
REMEMBERED = 50_000  # speakers looked up at most once; after so many they are looked up anew
_TOLD = ("text", "language", "title", "body", "speaker", "first_said_at")  # what a review says of its claim


@dataclass
class Report:
    """What an import did. ``bad`` holds (file, line number or number of the entry from 1, reason)."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    embedded: int = 0
    people: int = 0  # speakers put on file
    bad: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Foreseen:
    """What would become of an entry: ``outcome`` is "new", "changed", "unchanged" or "bad"."""

    place: int
    outcome: str
    claim: Claim | None = None
    reason: str = ""


@dataclass
class Batch:
    """What is remembered from entry to entry of one import.

    ``crowded`` are addresses under which the import brings reviews of several claims, as the numbers of ``survey``: such an address tells
    nothing of which claim is meant.
    """

    origin: str
    crowded: frozenset[int] = frozenset()
    people: dict[str, int | None] = field(default_factory=dict)  # speaker -> who that is, None for nobody on file
    shared: set[str] = field(default_factory=set)  # speakers whose name several people bear
    made: int = 0  # people put on file


Progress = Callable[[str, int, int], None]  # (step: "lines" or "vectors", done, total)


def import_claims(
    store: Store, encoder: Encoder, files: list[Path], progress: Progress = lambda *_: None, columns: Mapping[str, str] | None = None
) -> Report:
    """Read claim files of any form into the store and make their vectors; stopping at any moment loses at most the open batch.

    A bad line is skipped and reported. Raises NotFound for a missing file, BadInput for one that cannot be read, before anything is stored.
    """
    for file in files:
        if not file.is_file():
            raise NotFound(f"There is no file {file}.")
    own = store.rating_words.table()
    found = {file: survey(_entries(file, columns, own)) for file in files}
    names = [file.name for file in files]
    store.audit.add("command line", "began an import", "newsroom", 0, after={"files": names})
    report = Report()
    total, done = sum(n for n, _ in found.values()), 0
    with _embedding(store, encoder, report) as embed_meanwhile:
        for file in files:
            batch = Batch(file.name, found[file][1])
            rest = _entries(file, columns, own)
            while some := list(islice(rest, LINES_A_COMMIT)):
                with store.write():
                    put(store, batch, some, report)
                done += len(some)
                if done < total:
                    embed_meanwhile()
                progress("lines", done, total)
    note(store, "command line", names, report)
    report.embedded += pipeline.embed_claims(store, encoder, progress=lambda made, of: progress("vectors", made, of))
    return report


class _Announcing:
    """An encoder that tells when vectors are made and not yet stored: until ``made`` is cleared."""

    def __init__(self, encoder: Encoder):
        self._encoder, self.made = encoder, threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        vectors = self._encoder.encode_passages(texts)
        self.made.set()
        return vectors


@contextmanager
def _embedding(store: Store, encoder: Encoder, report: Report) -> Iterator[Callable[[], None]]:
    """What is given starts making the vectors of what was stored so far, in a thread of its own, unless it is still at it.

    Storing rows takes one core and leaves the encoder the other. Who stores rows without a break never lets the other write, so what is given also
    waits until vectors that are made are stored. At the end, or when something goes wrong, the chunk at hand is finished.
    """
    ended, announcing = threading.Event(), _Announcing(encoder)
    running: Future[int] | None = None

    def is_over() -> bool:
        announcing.made.clear()
        return ended.is_set()

    def embed() -> int:
        try:
            return pipeline.embed_claims(store, announcing, is_over=is_over)
        finally:
            announcing.made.clear()
            store.close()  # this thread's connection

    with ThreadPoolExecutor(1, "vectors meanwhile") as thread:

        def embed_meanwhile() -> None:
            nonlocal running
            until = time.monotonic() + LONGEST_TURN
            while announcing.made.is_set() and time.monotonic() < until:
                time.sleep(0.002)
            if running is None or running.done():
                report.embedded += running.result() if running else 0
                running = thread.submit(embed)

        try:
            yield embed_meanwhile
        finally:
            ended.set()
    report.embedded += running.result() if running else 0


def note(store: Store, by: str, names: Sequence[str], report: Report) -> None:
    """Put in the log what an import did."""
    counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged, "people": report.people, "bad lines": len(report.bad)}
    store.audit.add(by, "imported claims", "newsroom", 0, after={"files": list(names), **counts})


def survey(found: Iterable[Entry]) -> tuple[int, frozenset[int]]:
    """(how many entries there are, the addresses under which several claims are reviewed, each as a number of 64 bits)

    Sixteen bytes are kept of each review, so that a file of millions fits.
    """
    count, numbers = 0, array("Q")
    for entry in found:
        count += 1
        for review in entry.claim.reviews if entry.claim and not entry.whole else ():
            if review.url:
                numbers.extend((_number(review.url), _number(entry.claim.key)))
    pairs = np.unique(np.frombuffer(numbers, dtype=[("address", np.uint64), ("claim", np.uint64)])) if numbers else np.empty(0, [("address", np.uint64)])
    addresses = pairs["address"]
    return count, frozenset(addresses[1:][addresses[1:] == addresses[:-1]].tolist())


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def put(store: Store, batch: Batch, found: Iterable[Entry], report: Report) -> None:
    """Store some entries; called within a transaction, which keeps all of them or none."""
    for entry in found:
        if entry.claim is None:
            report.bad.append((batch.origin, entry.place, entry.reason))
            continue
        outcome = _put(store, batch, entry)
        setattr(report, outcome, getattr(report, outcome) + 1)
        report.people, batch.made = report.people + batch.made, 0


def preview(store: Store, origin: str, found: Iterable[Entry], crowded: frozenset[int] = frozenset()) -> list[Foreseen]:
    """What would become of these entries: they are stored for a moment and taken back as if nothing had been."""
    foreseen: list[Foreseen] = []
    batch = Batch(origin, crowded)
    try:
        with store.write():
            for entry in found:
                if entry.claim is None:
                    foreseen.append(Foreseen(entry.place, "bad", None, entry.reason))
                else:
                    foreseen.append(Foreseen(entry.place, _put(store, batch, entry), entry.claim))
            raise _OnlyLooked
    except _OnlyLooked:
        return foreseen


class _OnlyLooked(Exception):
    """Ends the transaction of a preview without keeping anything."""


def _put(store: Store, batch: Batch, entry: Entry) -> str:
    claim = entry.claim
    assert claim is not None
    claim = replace(claim, origin=batch.origin) if entry.whole else _joined(store, batch, replace(claim, origin=batch.origin))
    claim = replace(claim, person_id=_speaker(store, batch, claim))
    claim_id, outcome = store.claims.put(claim)
    if _note_appearances(store, claim_id, entry, batch.people.get(entry.claim.speaker)) and outcome == "unchanged":
        return "changed"
    if outcome == "new" and not entry.appearances and claim.first_said_at and claim.speaker:
        # Who said it when is known, so the time line starts with it.
        review = claim.reviews[0] if claim.reviews else None
        store.claims.begin_with(
            Occurrence(
                claim_id=claim_id, quote=claim.text, said_at=claim.first_said_at, speaker=claim.speaker, person_id=claim.person_id,
                source=review.publisher if review else "", url=review.url if review else "", kind=Kind.REPORTED,
            )
        )  # fmt: skip
    return outcome


def _speaker(store: Store, batch: Batch, claim: Claim) -> int | None:
    """Who made the claim. A person whom the file names plainly comes on file, with all that was imported in that name before."""
    if not claim.speaker:
        return None
    if claim.speaker not in batch.people:
        if len(batch.people) >= REMEMBERED:
            batch.people.clear(), batch.shared.clear()
        found = store.people.all_by_name(claim.speaker)
        batch.people[claim.speaker] = found[0].id if len(found) == 1 else None
        batch.shared |= {claim.speaker} if len(found) > 1 else set()
    person_id = batch.people[claim.speaker]
    if person_id is None and claim.speaker not in batch.shared and bylines.is_a_person(claim.speaker, claim.body):
        person = store.people.put(Person(0, claim.speaker, gender=bylines.gender(claim.speaker)))
        store.claims.adopt(person)
        person_id = batch.people[claim.speaker] = person.id
        batch.made += 1
    return person_id


def _joined(store: Store, batch: Batch, claim: Claim) -> Claim:
    """The claim with what is on file of it already, as imports know it."""
    stored = store.claims.as_imported(claim.key)
    if stored is None:
        for review in claim.reviews:
            keys = store.claims.reviewed_at(review.url) if review.url and not (batch.crowded and _number(review.url) in batch.crowded) else []
            if len(keys) == 1:
                stored = store.claims.as_imported(keys[0])
                break
    if stored is None:
        return claim
    former = {_place(r): r for r in stored.reviews}
    own = [r for r in store.claims.own(stored.id).reviews if r.added_at]
    came = [_as_it_was(stored, former.get(_place(r)), r) for r in claim.reviews if not any(_is_ours(o, r) for o in own)]
    changes: dict[str, object] = {}
    for name in _TOLD:
        says, has = getattr(claim, name), getattr(stored, name)
        if says and says != has and (not has or any(_said_so(former.get(_place(r)), name, has) for r in claim.reviews)):
            changes[name] = says
    reviews = {**former, **{_place(r): r for r in came}}
    return replace(stored, reviews=tuple(reviews.values()), **changes)


def _place(review: Review) -> str:
    """By what two versions of a review are known to be the same one."""
    return review.url or review.publisher


def _is_ours(own: Review, review: Review) -> bool:
    """True for a review of the newsroom's own that comes back to it."""
    same = (own.publisher, own.rating_text, own.published_at) == (review.publisher, review.rating_text, review.published_at)
    return same and own.url in ("", review.url)


def _as_it_was(stored: Claim, former: Review | None, review: Review) -> Review:
    """The review on file where this is what was made of it for an export: how it first came is kept."""
    if former is None or claimreview.as_it_came(former) is not None:
        return review
    made = claimreview.as_it_came(review)
    return former if made and json.loads(review.raw) == claimreview.write(stored, former) else review


def _said_so(former: Review | None, name: str, has: object) -> bool:
    """True when it was the former version of a review that said of the claim what is on file."""
    if former is None:
        return False
    was = claimreview.as_it_came(former)
    if was is None:
        return name in ("text", "speaker") or getattr(former, name, None) == has
    return getattr(was, name) == has


def _note_appearances(store: Store, claim_id: int, entry: Entry, person_id: int | None) -> int:
    """Note where the claim was made, each place once; how many were new. The first is where it was made first."""
    claim, made = entry.claim, 0
    assert claim is not None
    for number, (address, name) in enumerate(entry.appearances):
        if not store.claims.appeared_at(claim_id, address, claim.text):
            store.claims.add_occurrence(
                Occurrence(
                    claim_id=claim_id, quote=claim.text, said_at=claim.first_said_at if number == 0 else None, speaker=claim.speaker,
                    person_id=person_id, source=name, url=address, kind=Kind.REPORTED,
                )
            )  # fmt: skip
            made += 1
    return made


def _entries(file: Path, columns: Mapping[str, str] | None, own: claimreview.Own) -> Iterator[Entry]:
    with file.open("rb") as source:
        try:
            yield from claimforms.entries(source, file.name, columns, own)
        except BadInput as error:
            raise type(error)(f"{file.name}: {error}", key=error.key, **error.values) from error
