"""The demo: about 25 claims of our own writing, loaded into an empty database on first start."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from db import Store
from factcheck.records import (
    Claim,
    Coverage,
    Kind,
    Occurrence,
    Promise,
    PromiseStatus,
    Rating,
    Review,
    StatusChange,
)

FILE = Path(__file__).parent / "data" / "demo.toml"
DESK = "Claimtrail demo desk"


def load(store: Store) -> int:
    """Store the demo's claims with their occurrences; how many. The vectors are made by the caller."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["claims"]
    with store.write():
        for row in rows:
            person = store.people.by_name(row["speaker"]) if row.get("speaker") else None
            claim_id, _ = store.claims.put(_claim(row, person.id if person else None))
            for occurrence in row.get("occurrences", ()):
                store.claims.add_occurrence(
                    Occurrence(
                        claim_id=claim_id,
                        speaker=row["speaker"],
                        person_id=person.id if person else None,
                        source=DESK,
                        **{**occurrence, "kind": Kind(occurrence["kind"])},
                    )
                )
    return len(rows)


def _claim(row: dict[str, Any], person_id: int | None) -> Claim:
    language = row["language"]
    return Claim(
        id=0,
        key=row["key"],
        text=row["text"],
        language=language,
        title=row.get("title", ""),
        speaker=row.get("speaker", ""),
        person_id=person_id,
        topics=tuple(row.get("topics", ())),
        first_said_at=row.get("first_said_at"),
        promise=_promise(row["promise"]) if "promise" in row else None,
        reviews=tuple(Review(**{"language": language, **r, "rating": Rating(r["rating"])}) for r in row.get("reviews", ())),
        coverage=tuple(Coverage(**c) for c in row.get("coverage", ())),
        origin="demo",
    )


def _promise(row: dict[str, Any]) -> Promise:
    history = tuple(StatusChange(PromiseStatus(c["status"]), c["at"], c.get("note", ""), by=DESK) for c in row.get("history", ()))
    return Promise(
        criterion=row["criterion"],
        deadline=row.get("deadline"),
        deadline_text=row.get("deadline_text", ""),
        status=PromiseStatus(row["status"]),
        history=history,
    )
