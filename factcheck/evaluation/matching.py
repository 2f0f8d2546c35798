"""How good the matching is: the product's own search, measured on statements whose claims are known.

Measures (CheckThat! 2022 task 2): MAP@5, the mean over queries of the average precision cut at 5, divided by min(relevant, 5);
MRR; P@1; success@10. All lie in 0..1, higher is better.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from db import Store, open_store
from factcheck import importing, searching
from factcheck.embed import Encoder
from factcheck.errors import BadInput
from factcheck.quality import calibration_error, precision_from
from factcheck.ranking import LIKELY
from factcheck.records import Relation, Statement

Progress = Callable[[str, int, int], None]
DEPTH = 50  # claims ranked for each query; MRR counts a claim below that as not found


@dataclass(frozen=True)
class MatchingQuery:
    """A statement with the keys of the claims it makes; speaker and neighbouring sentences where they are known."""

    id: str
    text: str
    claim_ids: tuple[str, ...]
    speaker: str = ""
    before: str = ""
    after: str = ""
    said_at: str = ""


@dataclass(frozen=True)
class Ranked:
    """One query's result: claim keys with scores and probabilities, best first."""

    query: MatchingQuery
    keys: tuple[str, ...]
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class MatchingFigures:
    queries: int
    map_at_5: float
    mrr: float
    p_at_1: float
    success_at_10: float
    # Over the first candidates of all queries, those without a right claim included:
    calibration_error: float  # of the probability shown, 10 bands, 0..1, lower is better
    likely_precision: float | None  # of those shown as likely, the share that was right; None when none was
    likely_recall: float  # of the queries with a right claim, the share whose first candidate is right and shown as likely


def read_queries(file: Path) -> list[MatchingQuery]:
    """Read JSON Lines of id, text, claim_ids (or one claim_id) and optional speaker, before, after. Raises BadInput with the line's number."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found.append(
                MatchingQuery(
                    str(row["id"]), row["text"], tuple(row.get("claim_ids") or ([row["claim_id"]] if row.get("claim_id") else ())),
                    row.get("speaker") or "", row.get("before") or "", row.get("after") or "", row.get("said_at") or "",
                )
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(f"{file}, line {number}: not a query with id and text ({error}).") from error
    if not found:
        raise BadInput(f"{file} holds no queries.")
    return found


def run_matching(
    encoder: Encoder, claim_files: list[Path], queries: Sequence[MatchingQuery], progress: Progress = lambda *_: None
) -> list[Ranked]:
    """Import the claims into a throw-away store and rank them for each query with the product's own search."""
    with tempfile.TemporaryDirectory(prefix="claimtrail-eval-") as folder:
        store = open_store(Path(folder) / "claimtrail.db")
        try:
            importing.import_claims(store, encoder, claim_files, progress)
            return rank(store, encoder, queries, progress)
        finally:
            store.close()


def rank(store: Store, encoder: Encoder, queries: Sequence[MatchingQuery], progress: Progress = lambda *_: None) -> list[Ranked]:
    """Rank the claims of a store for each query, as the product would."""
    results = []
    for done, query in enumerate(queries, 1):
        hits = searching.search_claims(
            store, encoder, query.text, k=DEPTH, speaker=query.speaker, before=query.before, after=query.after, said_at=query.said_at
        )
        results.append(
            Ranked(
                query,
                tuple(h.claim.key for h in hits),
                tuple(h.candidate.score for h in hits),
                tuple(h.candidate.probability for h in hits),
            )
        )
        progress("queries", done, len(queries))
    return results


def decided_queries(store: Store) -> list[MatchingQuery]:
    """The statements editors linked to claims, as queries. Raises BadInput when there are none yet."""
    same: dict[int, tuple[Statement, list[int]]] = {}
    for statement, claim_id, relation in store.decisions.labelled():
        if relation is Relation.SAME:
            same.setdefault(statement.id, (statement, []))[1].append(claim_id)
    keys = {c.id: c.key for c in store.claims.many(i for _, ids in same.values() for i in ids).values()}
    if not same:
        raise BadInput("No statement has been linked to a claim yet. Decide some in the review queue first.")
    return [
        MatchingQuery(str(s.id), s.text, tuple(keys[i] for i in ids), s.speaker, s.before, s.after, s.said_at or "") for s, ids in same.values()
    ]


def matching_figures(results: Iterable[Ranked]) -> MatchingFigures:
    """The measures over queries that have at least one right claim. Raises BadInput when none has."""
    results = list(results)
    judged = [r for r in results if r.query.claim_ids]
    if not judged:
        raise BadInput("None of the queries names a right claim (claim_ids), so there is nothing to measure.")
    first = [_first_right(r) for r in judged]

    def mean(values: Iterable[float]) -> float:
        return round(float(np.mean(list(values))), 4)

    return MatchingFigures(
        queries=len(judged),
        map_at_5=mean(_average_precision(r, 5) for r in judged),
        mrr=mean(1 / f if f else 0.0 for f in first),
        p_at_1=mean(float(f == 1) for f in first),
        success_at_10=mean(float(bool(f) and f <= 10) for f in first),
        **_first_places(results),
    )


def _first_places(results: Sequence[Ranked]) -> dict[str, float | None]:
    shown = [(r.probabilities[0], r.keys[0] in r.query.claim_ids) for r in results if r.keys]
    right, likely = precision_from([p for p, _ in shown], [y for _, y in shown], LIKELY)
    return {
        "calibration_error": round(calibration_error([p for p, _ in shown], [y for _, y in shown]), 4) if shown else 0.0,
        "likely_precision": round(right / likely, 4) if likely else None,
        "likely_recall": round(right / sum(bool(r.query.claim_ids) for r in results), 4),
    }


def run_lines(results: Iterable[Ranked]) -> Iterable[str]:
    """``query claim rank score`` lines, tab-separated, ranks from 1."""
    for r in results:
        for rank, (key, score) in enumerate(zip(r.keys, r.scores, strict=True), 1):
            yield f"{r.query.id}\t{key}\t{rank}\t{score:.6f}\n"


def figures_as_dict(figures: MatchingFigures) -> dict[str, float]:
    return asdict(figures)


class KeptVectors:
    """An encoder that keeps passage vectors in a file, so that a second evaluation with the same model need not make them."""

    def __init__(self, encoder: Encoder, folder: Path):
        self._encoder = encoder
        name = hashlib.sha256(encoder.passage_id.encode()).hexdigest()[:16]
        self._path = folder / f"evaluation-vectors-{name}.npz"
        self._known = self._on_disk()
        self._fresh = 0

    def _on_disk(self) -> dict[str, np.ndarray]:
        if self._path.exists():
            try:
                with np.load(self._path) as kept:
                    return dict(zip(kept["keys"].tolist(), kept["vectors"].astype(np.float32), strict=True))
            except (OSError, ValueError, KeyError):
                self._path.unlink()  # derived, so a damaged one is simply made again
        return {}

    @property
    def model_id(self) -> str:
        return self._encoder.model_id

    @property
    def passage_id(self) -> str:
        return self._encoder.passage_id

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], **options) -> np.ndarray:
        keys = [hashlib.sha256(t.encode()).hexdigest()[:32] for t in texts]
        missing = [i for i, key in enumerate(keys) if key not in self._known]
        if missing:
            made = self._encoder.encode_passages([texts[i] for i in missing], **options)
            self._known |= {keys[i]: v for i, v in zip(missing, made, strict=True)}
            self._fresh += len(missing)
        return np.stack([self._known[k] for k in keys])

    def forget(self) -> None:
        """Start without what earlier evaluations kept."""
        self._known, self._fresh = {}, 0

    def keep(self) -> None:
        """Write what was made since opening, beside what another one wrote meanwhile."""
        if not self._fresh:
            return
        self._known = self._on_disk() | self._known
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part.npz")
        vectors = np.stack(list(self._known.values())).astype(np.float16)
        np.savez(part, keys=np.array(list(self._known)), vectors=vectors)
        part.replace(self._path)


def _average_precision(r: Ranked, cut: int) -> float:
    right, total = 0, 0.0
    for rank, key in enumerate(r.keys[:cut], 1):
        if key in r.query.claim_ids:
            right += 1
            total += right / rank
    return total / min(len(r.query.claim_ids), cut)


def _first_right(r: Ranked) -> int:
    """Rank of the first right claim, 0 when none was found."""
    return next((rank for rank, key in enumerate(r.keys, 1) if key in r.query.claim_ids), 0)
