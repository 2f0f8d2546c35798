"""Search results as files and programs get them: one shape for JSON, one for CSV, for pages and command line alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from factcheck.finding import Count, Found, FoundRow
from factcheck.records import Claim

MOST_IN_FILE = 10_000  # rows of a CSV file
CSV_HEAD = (
    "kind", "id", "claim_id", "text", "speaker", "said_at", "times_said", "rating", "promise_status", "publishers", "review_urls", "newest_review",
    "language", "statement_kind", "check_worthy", "source", "article_title", "article_url", "linked_claim_id", "probability", "address",
)  # fmt: skip
Address = Callable[[FoundRow], str]


def cells(row: FoundRow, address: Address) -> tuple[object, ...]:
    """One row of the CSV file, in the order of ``CSV_HEAD``. A statement has rating and reviews of the claim it was confirmed to make."""
    claim = row.claim or row.of_claim
    told = _of_claim(claim)
    if row.claim:
        c = row.claim
        own = (c.key, c.text, c.speaker, c.first_said_at)
        place: tuple[object, ...] = (c.language, None, None, None, None, None, None)
    else:
        assert row.statement is not None and row.article is not None
        s, a = row.statement, row.article
        own = (None, s.text, s.speaker or s.mention, s.said_at or a.published_at)
        place = (a.language, str(s.kind), s.check_worthy, a.source, a.title, a.url, row.of_claim.key if row.of_claim else None)
    return (row.kind, row.id, *own, *told, *place, row.probability, address(row))


def as_json(row: FoundRow, address: Address) -> dict[str, Any]:
    """A row as an object: what it is, who said it when, and what is known of it."""
    found: dict[str, Any] = {"kind": row.kind, "id": row.id, "address": address(row), "probability": row.probability}
    if row.claim:
        return found | _claim(row.claim) | {"worded": row.wording.statement.text if row.wording else None}
    assert row.statement is not None and row.article is not None
    s, a = row.statement, row.article
    return found | {
        "text": s.text,
        "speaker": s.speaker,
        "mention": s.mention,
        "said_at": s.said_at or a.published_at,
        "statement_kind": str(s.kind),
        "nature": s.nature,
        "check_worthy": s.check_worthy,
        "is_promise": s.is_promise,
        "language": a.language,
        "article": {"id": a.id, "title": a.title, "url": a.url, "source": a.source, "published_at": a.published_at},
        "claim": _claim(row.of_claim) | {"id": row.of_claim.id} if row.of_claim else None,
    }


def answer(found: Found, address: Address) -> dict[str, Any]:
    """A page of results: what was understood, how many there are, the rows, and ``cursor`` for the next page, "" after the last."""
    meant = found.meant
    return {
        "wanted": _grouped(found.wanted.to_args()),
        "understood": {
            "text": found.text,
            "phrases": list(meant.phrases),
            "without": [*meant.without, *meant.without_phrases],
            "exact": meant.exact,
        },
        "sort": found.sort,
        "total": found.total,
        "at_least": found.is_capped,
        "first": found.first,
        "counts": {name: [_count(c) for c in counts] for name, counts in found.counts.items() if counts},
        "results": [as_json(row, address) for row in found.rows],
        "nearest": [as_json(row, address) for row in found.near],
        "cursor": found.next_cursor,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "claim_id": claim.key,
        "text": claim.text,
        "title": claim.title,
        "speaker": claim.speaker,
        "language": claim.language,
        "said_at": claim.first_said_at,
        "times_said": claim.occurrence_count,
        "rating": str(claim.rating),
        "promise_status": str(claim.promise.status) if claim.promise else None,
        "reviews": [
            {"publisher": r.publisher, "url": r.url, "title": r.title, "rating": str(r.rating), "rating_text": r.rating_text, "published_at": r.published_at}
            for r in claim.reviews
        ],
    }


def _of_claim(claim: Claim | None) -> tuple[object, ...]:
    """times said, rating, promise status, publishers, addresses and newest date of reviews."""
    if claim is None:
        return (None,) * 6
    return (
        claim.occurrence_count,
        str(claim.rating),
        str(claim.promise.status) if claim.promise else None,
        " | ".join(dict.fromkeys(r.publisher for r in claim.reviews)),
        " | ".join(r.url for r in claim.reviews if r.url),
        max((r.published_at for r in claim.reviews if r.published_at), default=None),
    )


def _count(count: Count) -> dict[str, Any]:
    return {"value": count.value, "label": count.label, "n": count.n}


def _grouped(args: list[tuple[str, str]]) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    for name, value in args:
        before = found.get(name)
        found[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return found
