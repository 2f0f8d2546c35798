"""The demo: about 25 claims of our own writing, loaded into an empty database on first start."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from db import Store
from factcheck import articles
from factcheck.records import (
    Claim,
    Coverage,
    Government,
    Kind,
    Occurrence,
    Person,
    Promise,
    PromiseStatus,
    Rating,
    Review,
    Role,
    Statement,
    StatusChange,
    User,
    WalkbackKind,
    WalkbackState,
)

FILE = Path(__file__).parent / "data" / "demo.toml"
DESK = "Claimtrail demo desk"


def load(store: Store) -> int:
    """Store the demo's claims with their occurrences, and what is made up around them; how many claims. The vectors are made by the caller."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    rows = content["claims"]
    with store.write():
        for name in content["people"]:
            store.people.put(Person(0, name))
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
        for row in content["governments"]:
            number = store.governments.put(Government(row["name"], row["since"], row["until"]))
            for name in row["members"]:
                person = store.people.by_name(name)
                assert person is not None
                store.governments.add_member(number, person.id)
        for row in content["walkbacks"]:
            _take_back(store, row)
    return len(rows)


def _take_back(store: Store, row: dict[str, Any]) -> None:
    """Store the article in which somebody takes a claim back, that statement, and that it does."""
    claim = store.claims.by_key(row["claim"])
    assert claim is not None
    article = articles.from_text(row["text"], title=row["title"], source=DESK, published_at=row["said_at"])
    stored = store.articles.add(replace(article, language=row["language"]), articles.text_hash(row["text"]))
    start = row["text"].index(row["statement"])
    statement = Statement(
        row["statement"], start, start + len(row["statement"]), Kind.DIRECT, speaker=claim.speaker, mention=claim.speaker,
        person_id=claim.person_id, said_at=row["said_at"],
    )  # fmt: skip
    made = store.articles.put_statements(stored.id, row["language"], [statement])[0]
    store.articles.set_state(stored.id, "ready")
    store.walkbacks.propose(made.id, claim.id, WalkbackKind(row["kind"]), 1.0, row["reason"])
    proposed = store.walkbacks.of_claims([claim.id])[0]
    store.walkbacks.decide(proposed.id, WalkbackState.CONFIRMED, proposed.kind, User(0, DESK, Role.EDITOR), "")


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
    history = tuple(StatusChange(PromiseStatus(c["status"]), c["at"], c.get("note", ""), c.get("source_url", ""), DESK) for c in row.get("history", ()))
    return Promise(
        criterion=row["criterion"],
        deadline=row.get("deadline"),
        deadline_text=row.get("deadline_text", ""),
        hours=row.get("hours"),
        runs_from=row.get("runs_from"),
        zone=row.get("zone", ""),
        status=PromiseStatus(row["status"]),
        history=history,
    )
