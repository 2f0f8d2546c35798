"""The way of the data, in order: article -> statements -> people -> vectors -> candidates -> queue.

Every step is "rows that lack a result", committed by itself: a crash resumes where it stopped and a second run is free.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from db import Store
from factcheck import explaining, groundwork, marks, people, ranking, searching, statements, topics, walkbacks
from factcheck.articles import text_hash
from factcheck.embed import Encoder
from factcheck.errors import ClaimtrailError, NotFound, TooLarge
from factcheck.extraction import judging
from factcheck.extraction.checkworthy import WORTHY
from factcheck.groundwork import Groundwork
from factcheck.records import Article, Candidate, Claim, ClaimHit, EventKind, Person, Statement

log = logging.getLogger("claimtrail.pipeline")

CANDIDATES = 8  # kept for each statement; the pages show five
AT_ONCE = 20  # statements matched anew while a page waits
CHUNK = 256  # rows encoded and committed together
MOST_STATEMENTS = 20_000  # of an article; two megabytes of interviews, as large as one may be, hold some twelve thousand
CHECK_WORTHY = WORTHY  # from here on a statement waits for an editor even when no claim on file comes near

Progress = Callable[[int, int], None]  # (done, total)


def add_article(store: Store, article: Article, user_id: int | None = None, by: str = "command line") -> tuple[Article, bool]:
    """Store an article for processing; (as stored, True), or (the one on file, False) for the same URL or the same text.

    ``by`` stands in the log where no user adds it."""
    digest = text_hash(article.text)
    with store.write():
        known = store.articles.same(article.url, digest)
        if known:
            return known, False
        stored = store.articles.add(replace(article, added_by=user_id), digest)
        user = store.users.get(user_id) if user_id else None
        about = {"title": stored.title, "url": stored.url, "characters": len(stored.text)}
        store.audit.add(user.name if user else by, "added an article", "article", stored.id, after=about)
        return stored, True


def process(store: Store, encoder: Encoder, article_id: int) -> list[Statement]:
    """Take an article through every step; its statements in the order of the text. May be called again at any time."""
    article = store.articles.get(article_id)
    if article is None:
        raise NotFound(f"There is no article {article_id}.")
    seq = store.vectors.newest()  # of claims that come while the word index is asked, the candidates may not know
    with Groundwork(encoder) as ahead:
        found = extract(store, encoder, article, ahead)
        embed_statements(store, ahead, [s.id for s in found])
        for some in groundwork.parts(found):
            vectors = searching.vectors_of_all(store, ahead, some)
            _match_all(store, encoder, some, [vectors[s.id] for s in some], seq, ahead.worded)
    store.articles.set_state(article_id, "ready")
    return found


def try_again(store: Store, article_id: int, by: str) -> Article:
    """Put an article that could not be read back into the queue of the background; any other stays as it is. Raises NotFound."""
    found = store.articles.get(article_id)
    if found is None:
        raise NotFound("This article is not on file.", key="no_such_article")
    if found.state == "failed":
        with store.write():
            store.articles.set_state(article_id, "queued")
            store.audit.add(by, "tried an article again", "article", article_id, before={"error": found.error})
    return store.articles.get(article_id) or found


def extract(store: Store, encoder: Encoder, article: Article, ahead: Groundwork | None = None) -> list[Statement]:
    """Find who said what, put the speakers on file, and store the statements; what editors corrected or decided on stays as it is.
    ``ahead`` is told of the statements as soon as they are found."""
    on_file = store.people.all()
    found = statements.extract(article, on_file, encoder)
    if len(found) > MOST_STATEMENTS:
        raise TooLarge(
            f"This article holds {len(found)} statements; {MOST_STATEMENTS} can be read. Split it and add the parts one by one.",
            key="article_statements", n=len(found), most=MOST_STATEMENTS,
        )  # fmt: skip
    if ahead:
        ahead.begin(store, found)
    found = judging.judge(found, article.language, ahead or encoder)
    with store.write():
        before = store.articles.statements(article.id)
        fixed = {s.id for s in before if store.decisions.of_statement(s.id)}
        corrections = store.corrections.of_article(article.id)
        stays = fixed | marks.standing(corrections).keys()
        directory = people.Directory(on_file)
        known = [
            s if s.id in stays else replace(s, person_id=person_id(store, s.speaker, directory))
            for s in marks.apply(article.text, found, corrections, before, fixed)
        ]
        return store.articles.put_statements(article.id, article.language, known)


def person_id(store: Store, speaker: str, on_file: Sequence[Person] | people.Directory) -> int | None:
    """The id of the person a resolved name stands for; a full name nobody on file bears yet is put on file."""
    if not speaker:
        return None
    person = person_on_file(store, speaker, on_file)
    if person is None and len(speaker.split()) > 1:
        person = store.people.put(Person(id=0, name=speaker, organisation=people.is_organisation(speaker)))
        store.claims.adopt(person)
    return person.id if person else None


def person_on_file(store: Store, name: str, on_file: Sequence[Person] | people.Directory) -> Person | None:
    """Whom a name stands for, None when nobody on file bears it or several do."""
    return people.find(name, on_file) or store.people.by_name(name)


def embed_statements(store: Store, encoder: Encoder, ids: Sequence[int] | None = None, progress: Progress | None = None) -> int:
    """Make the vectors that statements lack (all, or of some); how many were made.

    Statements are compared with each other and with claims, so they stand on the query side of the model.
    """

    def texts(chunk: Sequence[int]) -> list[str]:
        by_id = store.articles.statements_by_id(chunk)
        return [by_id[i].text for i in chunk]

    return _embed(store, encoder, "statement", texts, encoder.encode_queries, ids, progress)


def embed_claims(
    store: Store, encoder: Encoder, ids: Sequence[int] | None = None, progress: Progress | None = None, is_over: Callable[[], bool] = lambda: False
) -> int:
    """Make the vectors that claims lack (all, or of some) until none does or ``is_over``; how many were made."""

    def texts(chunk: Sequence[int]) -> list[str]:
        by_id = store.claims.many(chunk)
        return [searching.passage_text(by_id[i]) for i in chunk]

    return _embed(store, encoder, "claim", texts, encoder.encode_passages, ids, progress, is_over)


def _embed(
    store: Store, encoder: Encoder, kind: str, texts, encode, ids: Sequence[int] | None, progress: Progress | None, is_over: Callable[[], bool] = lambda: False
) -> int:
    done = after = 0
    made_by = encoder.passage_id if kind == "claim" else encoder.model_id
    total = store.vectors.missing(kind, made_by) if progress else 0
    while not is_over():
        rows = store.vectors.take_missing(kind, made_by, CHUNK, ids, after=after)
        if not rows and not after:
            break
        after = rows[-1][0] if rows else 0  # at the end once more from the beginning: some may have changed meanwhile
        if not rows:
            continue
        vectors = encode(texts([i for i, _ in rows]))
        store.vectors.put(kind, made_by, rows, vectors)
        topics.assign(store, encoder, kind, [i for i, _ in rows])
        done += len(rows)
        if progress:
            progress(done, total)
    return done


def match(store: Store, encoder: Encoder, statement: Statement, vectors: np.ndarray | None = None) -> list[int]:
    """Rank the claims for a statement, keep the best, and give the statement its place in the queue.

    Ids of the claims that are offered for it now and were not before. The first match of a statement is told as a new statement,
    later ones tell each new candidate. ``vectors`` are its own where they were made with others'.
    """
    return _match_all(store, encoder, [statement], [vectors], store.vectors.newest(), {})[0]


def _match_all(
    store: Store, encoder: Encoder, some: Sequence[Statement], vectors: Sequence[np.ndarray | None], seq: int, worded: Mapping[tuple[str, str], searching.ByWords]
) -> list[list[int]]:
    """``match`` for some statements with one transaction for all: whoever writes meanwhile waits once and shortly. ``seq`` is the newest change that
    their candidates are sure to know of, ``worded`` what the word index was asked for them already."""
    made = {s.id: own for s, own in zip(some, vectors, strict=True) if own is not None}
    hits = searching.matches_of_all(store, encoder, some, k=CANDIDATES, vectors=made if len(made) == len(some) else None, worded=worded)
    ranked = [_candidates(store, encoder, statement, hits[statement.id]) for statement in some]
    with store.write():
        added = [_keep(store, encoder, statement, seq, candidates) for statement, candidates in zip(some, ranked, strict=True)]
    for statement, own in zip(some, vectors, strict=True):
        walkbacks.propose_for(store, encoder, statement, None if own is None else own[-1])
    return added


def _candidates(store: Store, encoder: Encoder, statement: Statement, hits: list[ClaimHit]) -> list[Candidate]:
    """The best claims for a statement as they are kept, best first, with the evidence of those that may be offered."""
    offered = store.newsroom.cutoffs().possible
    # Words are aligned only for what may be offered; the rest is explained when somebody looks at it.
    possible = sum(h.candidate.probability >= offered for h in hits)
    hits = explaining.explain_claims(encoder, statement.text, hits[:possible]) + hits[possible:]
    return [replace(h.candidate, statement_id=statement.id) for h in hits]


def _keep(store: Store, encoder: Encoder, statement: Statement, seq: int, candidates: Sequence[Candidate]) -> list[int]:
    """Store a statement's candidates within the transaction; ids of the claims offered now and not before. ``seq`` is what they know of."""
    offered = store.newsroom.cutoffs().possible
    is_first = not store.decisions.matched_at(statement.id)[1]
    before = {c.claim_id for c in store.decisions.candidates(statement.id) if c.probability >= offered}
    store.decisions.put_candidates(statement.id, candidates, seq=seq, model_id=encoder.model_id)
    settle(store, statement)
    after = [c.claim_id for c in store.decisions.candidates(statement.id) if c.probability >= offered]
    added = [claim_id for claim_id in after if claim_id not in before]
    if is_first:
        store.events.add(
            EventKind.NEW_STATEMENT, f"statement {statement.id}", statement_id=statement.id, person_id=statement.person_id
        )
    else:
        _tell_candidates(store, statement, added)
    return added


def _tell_candidates(store: Store, statement: Statement, claim_ids: Sequence[int]) -> None:
    decided = store.claims.roots(d.claim_id for d in store.decisions.of_statement(statement.id) if d.claim_id).values()
    for claim_id in claim_ids:
        if claim_id not in decided and not store.events.told(EventKind.NEW_CANDIDATE, claim_id, statement.id):
            store.events.add(
                EventKind.NEW_CANDIDATE,
                f"statement {statement.id} comes near claim {claim_id}",
                claim_id=claim_id,
                statement_id=statement.id,
                person_id=statement.person_id,
            )


def is_fresh(store: Store, encoder: Encoder, statement_id: int) -> bool:
    """True when a statement's candidates are what matching it now would give: it, or the background, has seen the newest claim."""
    seq, model_id = store.decisions.matched_at(statement_id)
    if seq < 0 or model_id != encoder.model_id:
        return False
    reached = store.backlog.reached(encoder.model_id)
    return max(seq, reached.seq if reached else -1) >= store.vectors.index("claim", encoder.passage_id).seq()


def match_again_if_stale(store: Store, encoder: Encoder, statement: Statement) -> bool:
    """Match a statement anew when claims were added or changed since, or another model is in use; True when it was."""
    fresh = is_fresh(store, encoder, statement.id)
    if not fresh:
        match(store, encoder, statement)
    elif (after := store.backlog.settle_after()) is not None and statement.id > after:
        with store.write():  # the cut-offs have changed and the background has not come here yet
            settle(store, statement)
    return not fresh


def match_article_again_if_stale(store: Store, encoder: Encoder, article_id: int) -> list[Statement]:
    """The statements of an article, with candidates that know of the claims on file.

    At most ``AT_ONCE`` are matched anew, so that a long transcript's page does not wait for all of them; the next look at it goes on.
    """
    found = store.articles.statements(article_id)
    done = 0
    for statement in found:
        if done == AT_ONCE:
            break
        done += match_again_if_stale(store, encoder, statement)
    return found


def settle(store: Store, statement: Statement) -> bool:
    """Decide from candidates and decisions whether a statement waits for an editor, and how urgently; True when it waits.

    Rejected candidates count for the urgency as before, so that a statement keeps its place while it is decided on.
    """
    made = store.decisions.of_statement(statement.id)
    rejected = set(store.claims.roots(d.claim_id for d in made if d.claim_id).values())
    settled = any(d.relation != "not a match" or d.claim_id is None for d in made) or store.walkbacks.is_confirmed(statement.id)
    offered = store.newsroom.cutoffs().possible
    candidates = store.decisions.candidates(statement.id)
    possible = any(c.probability >= offered and c.claim_id not in rejected for c in candidates)
    fresh_and_worthy = not made and (statement.check_worthy >= CHECK_WORTHY or statement.is_promise)
    waits = not settled and (possible or fresh_and_worthy)
    best = max((c.probability for c in candidates), default=0.0)
    urgency = ranking.urgency(statement.check_worthy, best, *store.articles.dates(statement.article_id))
    store.articles.set_queue(statement.id, urgency=urgency, is_open=waits)
    return waits


def add_claim(store: Store, encoder: Encoder, claim: Claim, *, created_by: int | None = None) -> Claim:
    """Store a claim and make it findable at once."""
    with store.write():
        claim_id, _ = store.claims.put(claim, created_by=created_by)
    embed_claims(store, encoder, [claim_id])
    stored = store.claims.get(claim_id)
    assert stored is not None
    return stored


def catch_up(store: Store, encoder: Encoder) -> None:
    """Load the model, the card index and the vectors, so that the first search need not, and make what vectors are missing, as after a
    change of model."""
    try:
        encoder.encode_queries(["ready"])
        store.cards.now()
        store.vectors.index("claim", encoder.passage_id).seq()
        store.vectors.index("statement", encoder.model_id).seq()
        embed_claims(store, encoder)
        embed_statements(store, encoder)
    except ClaimtrailError as error:
        log.error("Vectors could not be made: %s", error)


def process_safely(store: Store, encoder: Encoder, article_id: int) -> bool:
    """Process an article and keep any failure with it, for its page to show; True when it went through."""
    try:
        process(store, encoder, article_id)
        return True
    except ClaimtrailError as error:
        store.articles.set_state(article_id, "failed", str(error))
    except Exception:  # the boundary of the worker: one article must not stop the others
        log.exception("Article %s could not be processed", article_id)
        store.articles.set_state(article_id, "failed", "Something went wrong while reading this article. The log says what.")
    return False
