"""A newsroom's own decisions as training material: what is trained on, and what is kept out to measure with.

The parts are drawn by claim and by the claim's key alone, so a statement that was held out once is held out in every later
training, however many decisions come to it.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from db import Filters, Store
from factcheck import pipeline
from factcheck.embed import Encoder
from factcheck.errors import BadInput
from factcheck.evaluation import matching
from factcheck.evaluation.matching import MatchingQuery
from factcheck.records import Claim, Relation
from factcheck.searching import Query
from factcheck.training.pairs import Pair, quoted_pairs, title_pairs

ENOUGH = 20  # links to train on; fewer say nothing that the shipped training does not
PARTS = 10  # of the claims, by key: two are held out, one is watched during training, seven are trained on
HELD_OUT, WATCHED = (0, 1), (2,)
AT_ONCE = 500  # claims read together
MADE = 3  # pairs made from titles and quotations, each, for one from decisions at most

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Material:
    """``pairs`` to train on; ``links`` is how many confirmed links stand behind them. ``watched`` decides which state of the
    training is kept; ``held_out`` is touched by nothing but the comparison at the end."""

    pairs: tuple[Pair, ...]
    links: int
    watched: tuple[MatchingQuery, ...]
    held_out: tuple[MatchingQuery, ...]


def gather(store: Store, rng: random.Random) -> Material:
    """The decisions in force that say "same", and pairs made from claims that are not kept out.

    What was rejected makes no pairs. Raises BadInput when there is too little to train on.
    """
    parts: dict[str, list[MatchingQuery]] = {"train": [], "watched": [], "held out": []}
    decided = any(relation is Relation.SAME for _, _, relation in store.decisions.labelled())
    for query in matching.decided_queries(store) if decided else ():
        parts[part_of(query)].append(query)
    links = sum(len(q.claim_ids) for q in parts["train"])
    if links < ENOUGH:
        kept = sum(len(q.claim_ids) for name in ("watched", "held out") for q in parts[name])
        raise BadInput(
            f"There are too few decisions to train on: {links} statements confirmed as a claim (and {kept} more that are kept for "
            f"measuring); {ENOUGH} are needed. Confirm more in the review queue."
        )
    pairs = [
        Pair(form, key, "decision", frozenset(query.claim_ids))
        for query in parts["train"]
        for key in query.claim_ids
        for form in dict.fromkeys(Query.of(query.text, query.speaker, query.before, query.after).forms())
    ]
    return Material((*pairs, *_made(store, MADE * len(pairs), rng)), links, tuple(parts["watched"]), tuple(parts["held out"]))


def part_of(query: MatchingQuery) -> str:
    """ "held out", "watched" or "train". A statement of several claims goes where any of them is kept out."""
    drawn = {_drawn(key) for key in query.claim_ids}
    return "held out" if drawn & set(HELD_OUT) else "watched" if drawn & set(WATCHED) else "train"


def claim_vectors(store: Store, encoder: Encoder, progress: Progress) -> tuple[list[str], np.ndarray]:
    """Keys of all claims and their vectors, float32 (claims, dimensions); those that were missing are made and stored."""
    pipeline.embed_claims(store, encoder, progress=lambda done, total: progress("vectors", done, total))
    index = store.vectors.index("claim", encoder.passage_id)
    found = [(claim.key, index.get(claim.id)) for claim in _claims(store)]
    known = [(key, vector) for key, vector in found if vector is not None]
    return [key for key, _ in known], np.stack([vector for _, vector in known]).astype(np.float32)


def _drawn(key: str) -> int:
    return zlib.crc32(key.encode()) % PARTS


def _made(store: Store, most: int, rng: random.Random) -> list[Pair]:
    """Pairs of quotations and titles with their claims; claims that are kept out make none."""
    own = [_row(claim) for claim in _claims(store) if _drawn(claim.key) not in (*HELD_OUT, *WATCHED)]
    return [pair for made in (quoted_pairs(own), title_pairs(own)) for pair in rng.sample(made, min(most, len(made)))]


def _claims(store: Store) -> Iterator[Claim]:
    """All claims by id."""
    ids: Sequence[int] = sorted(store.ids("claims", Filters()))
    for first in range(0, len(ids), AT_ONCE):
        yield from store.claims.in_order(ids[first : first + AT_ONCE])


def _row(claim: Claim) -> dict[str, str | None]:
    return {"id": claim.key, "text": claim.text, "title": claim.title, "body": claim.body, "speaker": claim.speaker or None}
