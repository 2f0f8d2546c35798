"""Importing claim files: rows first, vectors after, both resumable because each step takes only what lacks a result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from db import Store
from factcheck import claimfiles, pipeline
from factcheck.embed import Encoder
from factcheck.errors import BadInput, NotFound
from factcheck.records import Kind, Occurrence

LINES_A_COMMIT = 500
REPORTED = 20  # bad lines named one by one; the rest is counted


@dataclass
class Report:
    """What an import did. ``bad`` holds (file, line number from 1, reason)."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    embedded: int = 0
    bad: list[tuple[str, int, str]] = field(default_factory=list)


Progress = Callable[[str, int, int], None]  # (step: "lines" or "vectors", done, total)


def import_claims(store: Store, encoder: Encoder, files: list[Path], progress: Progress = lambda *_: None) -> Report:
    """Read claim files into the store and make their vectors; stopping at any moment loses at most the open batch.

    A bad line is skipped and reported. Raises NotFound for a missing file before anything is stored.
    """
    for file in files:
        if not file.is_file():
            raise NotFound(f"There is no file {file}.")
    names = [file.name for file in files]
    store.audit.add("command line", "began an import", "newsroom", 0, after={"files": names})
    report = Report()
    people: dict[str, int | None] = {}
    total = sum(1 for file in files for _ in _lines(file))
    done = 0
    for file in files:
        for batch in _batches(file):
            with store.write():
                for number, line in batch:
                    _put(store, file.name, number, line, report, people)
            done += len(batch)
            progress("lines", done, total)
    counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged, "bad lines": len(report.bad)}
    store.audit.add("command line", "imported claims", "newsroom", 0, after={"files": names, **counts})
    report.embedded = pipeline.embed_claims(store, encoder, progress=lambda made, of: progress("vectors", made, of))
    return report


def _put(store: Store, name: str, number: int, line: str, report: Report, people: dict[str, int | None]) -> None:
    try:
        claim = claimfiles.read_line(line, name)
    except BadInput as error:
        report.bad.append((name, number, str(error)))
        return
    if claim.speaker and claim.speaker not in people:
        person = store.people.by_name(claim.speaker)
        people[claim.speaker] = person.id if person else None
    claim = replace(claim, person_id=people.get(claim.speaker))
    claim_id, outcome = store.claims.put(claim)
    if outcome == "new":
        report.new += 1
        if claim.first_said_at and claim.speaker:
            # Who said it when is known, so the time line starts with it.
            store.claims.add_occurrence(
                Occurrence(
                    claim_id=claim_id, quote=claim.text, said_at=claim.first_said_at, speaker=claim.speaker,
                    person_id=claim.person_id, source=claim.reviews[0].publisher if claim.reviews else "",
                    url=claim.reviews[0].url if claim.reviews else "", kind=Kind.REPORTED,
                )
            )  # fmt: skip
    elif outcome == "changed":
        report.changed += 1
    else:
        report.unchanged += 1


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, line


def _batches(file: Path) -> Iterator[list[tuple[int, str]]]:
    batch: list[tuple[int, str]] = []
    for item in _lines(file):
        batch.append(item)
        if len(batch) == LINES_A_COMMIT:
            yield batch
            batch = []
    if batch:
        yield batch
