"""The gate before a trained adapter: old against new by the product's own search, on sets that do not change.

The rule: on every set, MAP@5 rounded to four digits must not be lower with the new adapter than with the one in use.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db import Store, open_store
from factcheck import importing
from factcheck.embed import Encoder
from factcheck.errors import BadInput
from factcheck.evaluation import matching
from factcheck.evaluation.matching import KeptVectors, MatchingQuery
from factcheck.training.installing import Comparison

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "pinned_pairs.jsonl"
SHIPPED_NAME = "pinned set of Claimtrail"
DECISIONS_NAME = "decisions held out"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PinnedSet:
    """Claims as rows of a claim file, and statements with the ids of the claims they make."""

    name: str
    claims: tuple[dict, ...]
    queries: tuple[MatchingQuery, ...]


def shipped_set() -> PinnedSet:
    """The set that comes with the product: rows of ``claim language text title`` and rows of ``statement language text claim_ids``."""
    rows = [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]
    return PinnedSet(
        SHIPPED_NAME,
        tuple({"id": r["claim"], "text": r["text"], "title": r["title"], "language": r["language"]} for r in rows if "claim" in r),
        tuple(
            MatchingQuery(r["statement"], r["text"], tuple(r["claim_ids"]), r.get("speaker", "")) for r in rows if "statement" in r
        ),
    )


def compare(
    store: Store, old: Encoder, new: Encoder, held_out: Sequence[MatchingQuery], files: Sequence[tuple[Path, Path]], cache: Path,
    progress: Progress = lambda *_: None,
) -> list[Comparison]:  # fmt: skip
    """Old against new on the shipped set, the decisions held out, if any, and each pair of a claim file and a query file.

    Vectors of the files' claims are kept in ``cache`` for the next time. Raises BadInput for a file that holds nothing usable.
    """
    given = [(queries.name, claims, matching.read_queries(queries)) for claims, queries in files]
    found = []
    with tempfile.TemporaryDirectory(prefix="claimtrail-gate-") as folder:
        pinned = shipped_set()
        rows = Path(folder) / "claims.jsonl"
        rows.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in pinned.claims), encoding="utf-8")
        found.append(_in_a_store(Path(folder) / "shipped.db", pinned.name, rows, pinned.queries, old, new, cache, progress))
        if held_out:
            found.append(_ranked(store, DECISIONS_NAME, held_out, old, new, progress))
        for number, (name, claims, queries) in enumerate(given):
            found.append(_in_a_store(Path(folder) / f"{number}.db", name, claims, queries, old, new, cache, progress))
    return found


def _in_a_store(
    path: Path, name: str, claims: Path, queries: Sequence[MatchingQuery], old: Encoder, new: Encoder, cache: Path, progress: Progress
) -> Comparison:
    """Both adapters search the same claims: these do not go through an adapter."""
    store = open_store(path)
    kept = KeptVectors(old, cache)
    try:
        importing.import_claims(store, kept, [claims], lambda step, done, total: progress(f"{name}: {step}", done, total))
        if not store.claims.count():
            raise BadInput(f"{claims} holds no claims.")
        return _ranked(store, name, queries, old, new, progress)
    finally:
        kept.keep()
        store.close()


def _ranked(
    store: Store, name: str, queries: Sequence[MatchingQuery], old: Encoder, new: Encoder, progress: Progress
) -> Comparison:
    before, after = (
        matching.matching_figures(
            matching.rank(store, encoder, queries, lambda _, done, total, word=word: progress(f"{name}: {word}", done, total))
        )
        for word, encoder in (("before", old), ("after", new))
    )
    return Comparison(name, before.queries, before.map_at_5, after.map_at_5)
