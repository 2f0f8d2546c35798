"""Backfill: statements on file are matched again, in the background, with claims and reviews that were added or changed since.

1. A block of changed claims is compared with the vector of every statement, and looked up in the word index. Statements that come near
   any of them, and those that had one as a candidate, are marked to be matched again; the others count as looked through.
2. Marked statements are matched again in full, a few at a time.
3. After a change of the cut-offs every statement is settled anew, without matching.

Each step is committed with the point it reached: a stopped process goes on where it was, and of two processes that look through the same
claims one keeps its result. ``run`` is all of it at once, for the command line and tests.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from db import Store
from db.backlog import Reached
from factcheck import pipeline, searching
from factcheck.embed import Encoder
from factcheck.records import EventKind

JOB, SETTLING = "backfill", "settling"
# Which statements are matched again: at this cosine, or found by words, a statement may still come to have a claim as a candidate through
# who speaks and what stands around it. Of 1,058 suggestions for 1,201 posts, lines of debates and statements of articles among 33,481
# claims 99.3 % lie within; a tenth of all statements comes near a claim by cosine. bench/backfill.py measures it on any store.
NEAR = 0.08
BY_WORDS = 100  # statements asked from the word index for each claim
CLAIMS_AT_ONCE = 128
MATCHED_AT_ONCE = 8  # statements; a second or two with the shipped model
SETTLED_AT_ONCE = 500
# What changes a match without changing the claim's vector: when and by whom it was checked, and which claims are one.
TELLING = frozenset({EventKind.NEW_REVIEW, EventKind.MERGED})


def step(store: Store, encoder: Encoder) -> bool:
    """Do one piece of what is left; False when nothing is."""
    return _settle_some(store) or _look_through(store, encoder) or _match_some(store, encoder)


def run(store: Store, encoder: Encoder) -> None:
    """Do all that is left."""
    while step(store, encoder):
        pass


def near(store: Store, encoder: Encoder, claim_ids: Sequence[int]) -> set[int]:
    """Ids of the statements that may come to have one of these claims as a candidate."""
    index = store.vectors.index("claim", encoder.passage_id)
    vectors = [v for v in map(index.get, claim_ids) if v is not None]
    found = store.vectors.index("statement", encoder.model_id).near(np.stack(vectors), NEAR) if vectors else set()
    for claim in store.claims.many(claim_ids).values():
        found.update(i for i, _ in store.statement_words.words(searching.passage_text(claim), BY_WORDS))
    return found


def _look_through(store: Store, encoder: Encoder) -> bool:
    """Compare a block of claims that changed with all statements; True when there was one."""
    reached = store.backlog.reached(encoder.model_id)
    if reached is None:
        with store.write():
            marked = store.backlog.begin(encoder.model_id, store.vectors.newest())
            if marked:
                _note(store, marked, {"model": encoder.model_id})
        return True
    changed = store.vectors.changed("claim", encoder.passage_id, reached.seq, CLAIMS_AT_ONCE)
    events = store.events.after(reached.event, CLAIMS_AT_ONCE)
    if not changed and not events:
        return False
    told = {e.claim_id for e in events if e.kind in TELLING and e.claim_id}
    claim_ids = sorted({i for _, i in changed} | told)
    again = near(store, encoder, claim_ids) | store.decisions.with_candidate(claim_ids) if claim_ids else set()
    upto = Reached(changed[-1][0] if changed else reached.seq, events[-1].id if events else reached.event)
    with store.write():
        if store.backlog.reached(encoder.model_id) != reached:
            return True  # another process was faster: what it did not look through comes next
        marked = store.backlog.mark(again)
        store.backlog.set_reached(upto)
        if claim_ids and store.articles.count_statements():
            _note(store, marked, {"claims": len(claim_ids)})
    return True


def _match_some(store: Store, encoder: Encoder) -> bool:
    """Match a few of the statements that are marked; finish the job when none is left."""
    job = store.jobs.open_one(JOB)
    newest = store.backlog.newest_statement()
    ids = store.backlog.take(MATCHED_AT_ONCE, random.randint(0, newest)) if newest else []
    found = 0
    for statement in store.articles.statements_by_id(ids).values():
        if store.backlog.is_unmatched(statement.id):  # no other process has seen to it meanwhile
            found += len(pipeline.match(store, encoder, statement))
    if job:
        with store.write():
            job = store.jobs.get(job.id)
            assert job is not None
            left = store.backlog.unmatched()
            result = {**job.result, "candidates": job.result.get("candidates", 0) + found}
            store.jobs.progress(job.id, done=max(0, job.total - left), total=job.total, result=result)
            if not left:
                store.jobs.finish(job.id)
    return bool(ids)


def _note(store: Store, marked: int, about: dict) -> None:
    """Begin a job, or add to the one under way; called in the transaction that marked the statements."""
    job = store.jobs.open_one(JOB)
    subject = dict(job.subject) if job else {"statements": store.articles.count_statements()}
    subject |= about | {"claims": subject.get("claims", 0) + about.get("claims", 0)}
    job_id = job.id if job else store.jobs.begin(JOB, subject)
    store.jobs.progress(job_id, done=job.done if job else 0, total=(job.total if job else 0) + marked, subject=subject)


def _settle_some(store: Store) -> bool:
    """Settle some statements anew after a change of the cut-offs."""
    after = store.backlog.settle_after()
    if after is None:
        return False
    with store.write():
        after = store.backlog.settle_after()
        ids = store.backlog.take_to_settle(after, SETTLED_AT_ONCE) if after is not None else []
        job = store.jobs.open_one(SETTLING)
        for statement in store.articles.statements_by_id(ids).values():
            pipeline.settle(store, statement)
        if job and not (ids and after):  # all are settled, or it begins anew since the cut-offs were changed again
            store.jobs.finish(job.id)
            job = None
        if ids:
            total = store.articles.count_statements()
            job_id = job.id if job else store.jobs.begin(SETTLING, {"statements": total}, total=total)
            store.jobs.progress(job_id, done=(job.done if job else 0) + len(ids), total=total)
        store.backlog.set_settle_after(ids[-1] if ids else None)
    return True
