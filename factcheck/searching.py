"""Search over claims and over past statements: ask the indexes, fuse, attach the evidence. The one search of the product."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from db import Filters, Store
from db.vectors import VectorIndex
from db.wordindex import WordIndex
from factcheck import ranking
from factcheck.embed import Encoder
from factcheck.errors import EmptyText
from factcheck.records import Candidate, Claim, ClaimHit, Statement, StatementHit

DEPTH = 100  # rows asked from each index before fusing
MOST_CHARACTERS = 2_000  # of a query; the encoder reads 512 tokens and a longer text is an article, not a query


@dataclass(frozen=True)
class Query:
    """What is looked up: a text; who said it and the sentences around it where they are known."""

    text: str
    speaker: str = ""
    before: str = ""
    after: str = ""

    @classmethod
    def of(cls, text: str, speaker: str = "", before: str = "", after: str = "") -> Query:
        """Raises EmptyText when nothing is left to search for."""
        text = " ".join(text.replace("\0", " ").split())[:MOST_CHARACTERS]
        if not any(c.isalnum() for c in text):
            raise EmptyText("There is nothing to search for. Type a quote, a claim or a name.", key="nothing_to_search")
        return cls(text, speaker, before, after)


def passage_text(claim: Claim) -> str:
    """What stands for a claim in vector space: its text and the title of its fact check."""
    return f"{claim.text} {claim.title}".strip()


def search_claims(
    store: Store,
    encoder: Encoder,
    text: str,
    *,
    k: int = 10,
    filters: Filters = Filters(),
    speaker: str = "",
    before: str = "",
    after: str = "",
) -> list[ClaimHit]:
    """The ``k`` claims nearest to a text in any language, best first, each with its evidence. Raises EmptyText."""
    query = Query.of(text, speaker, before, after)
    vector = encoder.encode_queries([query.text])[0]
    return _claims(store, encoder, query, vector, k, filters)


def matches(store: Store, encoder: Encoder, statement: Statement, *, k: int = 5) -> list[ClaimHit]:
    """The claims nearest to a stored statement; its vector is used when it has been made."""
    query = Query.of(statement.text, statement.speaker, statement.before, statement.after)
    vector = store.vectors.index("statement", encoder.model_id).get(statement.id)
    if vector is None:
        vector = encoder.encode_queries([query.text])[0]
    return _claims(store, encoder, query, vector, k, Filters())


def similar_claims(store: Store, encoder: Encoder, claim: Claim, *, k: int = 5) -> list[ClaimHit]:
    """Other claims close to a claim on file."""
    query = Query.of(claim.text, claim.speaker)
    vector = store.vectors.index("claim", encoder.passage_id).get(claim.id)
    if vector is None:
        vector = encoder.encode_queries([query.text])[0]
    return [h for h in _claims(store, encoder, query, vector, k + 1, Filters()) if h.claim.id != claim.id][:k]


def search_statements(
    store: Store, encoder: Encoder, text: str, *, k: int = 10, filters: Filters = Filters(), speaker: str = ""
) -> list[StatementHit]:
    """The ``k`` past statements nearest to a text, best first. Raises EmptyText."""
    query = Query.of(text, speaker)
    vector = encoder.encode_queries([query.text])[0]
    index = store.vectors.index("statement", encoder.model_id)
    found = _signals(query, vector, index, store.statement_words, filters, _allowed(store, "statements", filters))
    best = ranking.order(found)[:k]
    statements = store.articles.statements_by_id(s.object_id for s, _ in best)
    articles = store.articles.many({s.article_id for s in statements.values()})
    hits = []
    for signals, score in best:
        statement = statements.get(signals.object_id)
        if statement is None:
            continue
        evidence = ranking.evidence(query.text, statement.text, signals, query_speaker=speaker, speaker=statement.speaker)
        hits.append(
            StatementHit(statement, articles[statement.article_id], round(score, 6), ranking.probability(evidence), evidence)
        )
    return hits


def _claims(store: Store, encoder: Encoder, query: Query, vector: np.ndarray, k: int, filters: Filters) -> list[ClaimHit]:
    index = store.vectors.index("claim", encoder.passage_id)
    found = _signals(query, vector, index, store.claim_words, filters, _allowed(store, "claims", filters))
    best = ranking.order(found)[:k]
    claims = store.claims.many(s.object_id for s, _ in best)
    return [
        ClaimHit(claims[signals.object_id], _candidate(query, claims[signals.object_id], signals, score))
        for signals, score in best
        if signals.object_id in claims
    ]


def _candidate(query: Query, claim: Claim, signals: ranking.Signals, score: float) -> Candidate:
    evidence = ranking.evidence(query.text, passage_text(claim), signals, query_speaker=query.speaker, speaker=claim.speaker)
    return ranking.candidate(claim.id, score, evidence)


def _signals(
    query: Query, vector: np.ndarray, index: VectorIndex, words: WordIndex, filters: Filters, allowed: Collection[int] | None
) -> list[ranking.Signals]:
    near = index.search(vector, DEPTH, allowed)
    by_words = words.words(query.text, DEPTH, filters)
    by_parts = words.parts(query.text, DEPTH, filters)
    seen = {i for i, _ in near}
    others = [i for i, _ in (*by_words, *by_parts) if i not in seen]
    return ranking.fuse(near, by_words, by_parts, index.cosines(vector, others))


def _allowed(store: Store, table: str, filters: Filters) -> Collection[int] | None:
    """The ids that pass the filters; None for all. The filtered rows are then compared exactly, so recall stays 1."""
    return store.ids(table, filters) if filters else None
