"""Search over claims and over past statements: ask the indexes, fuse, attach the evidence. The one search of the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from db import Filters, Store, narrowing
from db.claimreading import ClaimWords
from db.vectorindex import VectorIndex
from db.wordindex import WordIndex
from factcheck import ranking, secondstage
from factcheck.embed import Encoder
from factcheck.errors import EmptyText
from factcheck.pairfeatures import Asked, Found, Offered, day_of, days_until_checked, posted_on, without_trimmings
from factcheck.records import Candidate, Claim, ClaimHit, Statement, StatementHit

DEPTH_IN_CONTEXT = 40  # rows asked for the query with its speaker and its neighbours
DEPTH = 100  # rows asked from each index before fusing
TOGETHER = 64  # statements matched at once: 6,400 candidates are read in one go
MOST_CHARACTERS = 2_000  # of a query; the encoder reads 512 tokens and a longer text is an article, not a query


Ranked = tuple[ranking.Signals, Found, secondstage.Judged, ClaimWords]
Listed = list[tuple[int, float]]  # (claim, rank), best first


@dataclass(frozen=True)
class ByWords:
    """What the word index finds for a query: by its words, by parts of them, and by the words of its neighbours with them."""

    words: Listed
    parts: Listed
    context: Listed


@dataclass(frozen=True)
class Query:
    """What is looked up: a text; who said it and the sentences around it where they are known."""

    text: str
    speaker: str = ""
    before: str = ""
    after: str = ""
    said_on: int | None = None

    @classmethod
    def of(cls, text: str, speaker: str = "", before: str = "", after: str = "", said_at: str | None = None) -> Query:
        """``said_at`` is an ISO date; a post's own signature tells it too. Raises EmptyText when nothing is left to search for."""
        text = " ".join(text.replace("\0", " ").split())[:MOST_CHARACTERS]
        if not any(c.isalnum() for c in text):
            raise EmptyText("There is nothing to search for. Type a quote, a claim or a name.", key="nothing_to_search")
        return cls(text, speaker, before, after, day_of(said_at) or posted_on(text))

    def forms(self) -> list[str]:
        """The text alone; with its speaker; with speaker and neighbours. One that adds nothing is another one again.

        Where the neighbours are known, they come with the speaker, and the text with the speaker alone is left out: it takes as long as the
        text alone and changed MAP@5 on debates by .001 to .002.
        """
        speaker = self.speaker.title() if self.speaker.isupper() else self.speaker
        named = f"{speaker}: {self.text}" if speaker else self.text
        if self.around == self.text:
            return [self.text, named, named]
        return [self.text, self.text, f"{speaker}: {self.around}" if speaker else self.around]

    def asked(self) -> Asked:
        """The query as the second stage sees it."""
        return Asked(self.words, self.speaker, self.before, self.after, self.said_on)

    @property
    def words(self) -> str:
        """The text as the keyword index is asked for it; the encoder reads links and signatures of a post better than none."""
        return without_trimmings(self.text)

    @property
    def worded(self) -> tuple[str, str]:
        """The two texts that the word index is asked for."""
        return self.words, self.around

    @property
    def around(self) -> str:
        """The statement between its neighbours."""
        return " ".join(part for part in (self.before, self.text, self.after) if part)[:MOST_CHARACTERS]


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
    said_at: str | None = None,
) -> list[ClaimHit]:
    """The ``k`` claims nearest to a text in any language, best first, each with its evidence. Raises EmptyText."""
    query = Query.of(text, speaker, before, after, said_at)
    return _claims(store, encoder, [query], [vectors_of(encoder, query)], k, filters)[0]


def matches(store: Store, encoder: Encoder, statement: Statement, *, k: int = 5, vectors: np.ndarray | None = None) -> list[ClaimHit]:
    """The claims nearest to a stored statement; its vector is used when it has been made. ``vectors`` as ``vectors_of_all`` gives them."""
    return matches_of_all(store, encoder, [statement], k=k, vectors=None if vectors is None else {statement.id: vectors})[statement.id]


def matches_of_all(
    store: Store, encoder: Encoder, statements: Sequence[Statement], *, k: int = 5, vectors: Mapping[int, np.ndarray] | None = None,
    worded: Mapping[tuple[str, str], ByWords] | None = None,
) -> dict[int, list[ClaimHit]]:  # fmt: skip
    """Statement id -> the claims nearest to it, for the statements of an article together: one comparison of all vectors, one reading of all
    claims. ``vectors`` as ``vectors_of_all`` gives them; ``worded`` is what the word index was asked already, by ``Query.worded``."""
    found: dict[int, list[ClaimHit]] = {}
    for start in range(0, len(statements), TOGETHER):
        some = statements[start : start + TOGETHER]
        made = vectors_of_all(store, encoder, some) if vectors is None else vectors
        queries = [query_of(store, s) for s in some]
        found |= zip([s.id for s in some], _claims(store, encoder, queries, [made[s.id] for s in some], k, Filters(), worded), strict=True)
    return found


def vectors_of_all(store: Store, encoder: Encoder, statements: Sequence[Statement]) -> dict[int, np.ndarray]:
    """Statement id -> what ``vectors_of`` gives for it: encoded all at once, which takes a fraction of the time."""
    queries = {s.id: query_of(store, s) for s in statements}
    ids, rows = store.vectors.index("statement", encoder.model_id).some(queries.keys())
    made = {queries[i].text: row for i, row in zip(ids, rows, strict=True)}
    wanted = [form for form in dict.fromkeys(f for query in queries.values() for f in query.forms()) if form not in made]
    made |= zip(wanted, encoder.encode_queries(wanted), strict=True) if wanted else ()
    texts = list(dict.fromkeys(query.text for query in queries.values()))
    plain = dict(zip(texts, encoder.encode_passages(texts), strict=True)) if texts else {}
    return {i: np.stack([*(made[form] for form in query.forms()), plain[query.text]]) for i, query in queries.items()}


def query_of(store: Store, statement: Statement) -> Query:
    """A stored statement as a query, with its speaker, its neighbours and its day."""
    said_at = statement.said_at if day_of(statement.said_at) else _published_at(store, statement)
    return Query.of(statement.text, statement.speaker, statement.before, statement.after, said_at)


def similar_claims(store: Store, encoder: Encoder, claim: Claim, *, k: int = 5) -> list[ClaimHit]:
    """Other claims close to a claim on file."""
    query = Query.of(claim.text, claim.speaker)
    found = _claims(store, encoder, [query], [vectors_of(encoder, query)], k + 1, Filters())[0]
    return [h for h in found if h.claim.id != (claim.merged_into or claim.id)][:k]


def search_statements(
    store: Store, encoder: Encoder, text: str, *, k: int = 10, filters: Filters = Filters(), speaker: str = ""
) -> list[StatementHit]:
    """The ``k`` past statements nearest to a text, best first. Raises EmptyText."""
    query = Query.of(text, speaker)
    vector = encoder.encode_queries([query.text])[0]
    index = store.vectors.index("statement", encoder.model_id)
    found = signals(query, vector, index, store.statement_words, allowed(store, "statements", filters))
    best = ranking.order(found)[:k]
    statements = store.articles.statements_by_id(s.object_id for s, _ in best)
    articles = store.articles.many({s.article_id for s in statements.values()})
    hits = []
    for by, score in best:
        statement = statements.get(by.object_id)
        if statement is None:
            continue
        evidence = ranking.evidence(query.text, statement.text, by, query_speaker=speaker, speaker=statement.speaker)
        hits.append(
            StatementHit(statement, articles[statement.article_id], round(score, 6), ranking.probability(evidence), evidence)
        )
    return hits


def vectors_of(encoder: Encoder, query: Query, own: np.ndarray | None = None) -> np.ndarray:
    """Unit vectors (4, dimensions) of the query's forms and of its text as a passage; ``own`` is the stored vector of the text
    alone, if it has been made."""
    forms = query.forms()
    known = {} if own is None else {query.text: own}
    wanted = [form for form in dict.fromkeys(forms) if form not in known]
    plain = _beside().submit(encoder.encode_passages, [query.text])  # on another core: one text takes one
    made = known | dict(zip(wanted, encoder.encode_queries(wanted), strict=True))
    return np.stack([*(made[form] for form in forms), plain.result()[0]])


def _claims(
    store: Store, encoder: Encoder, queries: Sequence[Query], vectors: Sequence[np.ndarray], k: int, filters: Filters,
    worded: Mapping[tuple[str, str], ByWords] | None = None,
) -> list[list[ClaimHit]]:  # fmt: skip
    ranked = judged_together(store, encoder, queries, vectors, filters, worded)
    roots = store.claims.roots(found[0].object_id for best in ranked for found in best)
    kept = []
    for best in ranked:
        best_wording: dict[int, Ranked] = {}
        for found in best:
            best_wording.setdefault(roots[found[0].object_id], found)
        kept.append(list(best_wording.items())[:k])
    claims = store.claims.many(i for some in kept for root, (s, *_) in some for i in (root, s.object_id))
    return [
        [standing(hit(query, claims[s.object_id], s, f, j), claims[root]) for root, (s, f, j, _) in some]
        for query, some in zip(queries, kept, strict=True)
    ]


def standing(found: ClaimHit, root: Claim) -> ClaimHit:
    """A hit on a claim that was merged, as one on the claim that stands for it: found by the other's words, which stay its evidence."""
    return found if found.claim.id == root.id else ClaimHit(root, replace(found.candidate, claim_id=root.id))


def judged(store: Store, encoder: Encoder, query: Query, vectors: np.ndarray, filters: Filters = Filters()) -> list[Ranked]:
    """The nearest claims, ``secondstage.KEPT`` at most, with what the second stage makes of them and what it read, best first."""
    return judged_together(store, encoder, [query], [vectors], filters)[0]


def judged_together(
    store: Store, encoder: Encoder, queries: Sequence[Query], vectors: Sequence[np.ndarray], filters: Filters = Filters(),
    worded: Mapping[tuple[str, str], ByWords] | None = None,
) -> list[list[Ranked]]:  # fmt: skip
    """The same for several queries, each with its vectors: they share one comparison of vectors and one reading of claims."""
    near = candidates_together(store, encoder, queries, vectors, filters, worded)
    claims = store.claims.words(s.object_id for best in near for s, _ in best)
    offered = {i: _offered(words) for i, words in claims.items()}
    ranked = []
    for query, best in zip(queries, near, strict=True):
        best = [(s, f) for s, f in best if s.object_id in claims]
        made = secondstage.judge(query.asked(), [(offered[s.object_id], f) for s, f in best])
        in_order = sorted(zip(best, made, strict=True), key=lambda pair: (-pair[1].score, pair[0][0].object_id))
        ranked.append([(s, f, j, claims[s.object_id]) for (s, f), j in in_order])
    return ranked


def hit(query: Query, claim: Claim, signals: ranking.Signals, found: Found, judged: secondstage.Judged) -> ClaimHit:
    """A claim with the candidate that its judgement makes."""
    return ClaimHit(claim, _candidate(query, claim, signals, found.plain, judged))


def candidates(
    store: Store, encoder: Encoder, query: Query, vectors: np.ndarray, filters: Filters = Filters()
) -> list[tuple[ranking.Signals, Found]]:
    """Who reaches the second stage: every index is asked for more than is wanted, and the hundred best by a rough score are kept."""
    return candidates_together(store, encoder, [query], [vectors], filters)[0]


def by_words(store: Store, query: Query, passing: np.ndarray | None = None) -> ByWords:
    """What the word index finds among the claims, or those that pass."""
    find = store.claim_words
    context = find.words(query.around, DEPTH, passing) if query.around != query.text else []
    return ByWords(find.words(query.words, DEPTH, passing), find.parts(query.words, DEPTH, passing), context)


def candidates_together(
    store: Store, encoder: Encoder, queries: Sequence[Query], vectors: Sequence[np.ndarray], filters: Filters = Filters(),
    worded: Mapping[tuple[str, str], ByWords] | None = None,
) -> list[list[tuple[ranking.Signals, Found]]]:  # fmt: skip
    """The same for several queries; ``worded`` as for ``matches_of_all``, not narrowed."""
    if not queries:
        return []
    index = store.vectors.index("claim", encoder.passage_id)
    passing = allowed(store, "claims", filters)
    different: dict[bytes, np.ndarray] = {v.tobytes(): v for forms in vectors for v in forms}
    nearest = dict(zip(different, index.search_many(np.stack(list(different.values())), DEPTH, passing), strict=True))
    near = [[nearest[form] for form in dict.fromkeys(v.tobytes() for v in forms)] for forms in vectors]
    known_words = worded or {} if passing is None else {}
    said = [known_words.get(q.worded) or by_words(store, q, passing) for q in queries]
    more = [
        [i for some in (by.context, *others) for i, _ in some[:DEPTH_IN_CONTEXT]] for by, (_, *others) in zip(said, near, strict=True)
    ]
    ids = [i for first, *_ in near for i, _ in first] + [i for by in said for some in (by.words, by.parts) for i, _ in some] + [i for some in more for i in some]
    known, rows = index.some(ids)
    row_of = {i: row for row, i in enumerate(known)}
    found = []
    for forms, (first, *_), by, others in zip(vectors, near, said, more, strict=True):
        mine = [i for i in dict.fromkeys([*(i for some in (first, by.words, by.parts) for i, _ in some), *others]) if i in row_of]
        cosines = [dict(zip(mine, form.tolist(), strict=True)) for form in forms @ rows[[row_of[i] for i in mine]].T] if mine else [{}] * len(forms)
        fused = ranking.fuse(first, by.words, by.parts, cosines[0])
        there = {s.object_id for s in fused}
        fused += [ranking.Signals(i, cosines[0][i]) for i in dict.fromkeys(others) if i in cosines[0] and i not in there]
        found.append(secondstage.rough_order(fused, *cosines[1:], dict(by.context), secondstage.KEPT))
    return found


def offered(claim: Claim) -> Offered:
    """A claim as the second stage sees it."""
    days = (day_of(claim.first_said_at), *(day_of(review.published_at) for review in claim.reviews))
    return Offered(claim.text, claim.title, claim.body, claim.speaker, tuple(day for day in days if day is not None))


def _offered(words: ClaimWords) -> Offered:
    days = tuple(day for day in map(day_of, words.dates) if day is not None)
    return Offered(words.text, words.title, words.body, words.speaker, days)


def _published_at(store: Store, statement: Statement) -> str | None:
    article = store.articles.get(statement.article_id)
    return article.published_at if article else None


def _candidate(query: Query, claim: Claim, signals: ranking.Signals, plain: float, judged: secondstage.Judged) -> Candidate:
    evidence = ranking.evidence(query.text, passage_text(claim), signals, query_speaker=query.speaker, speaker=claim.speaker)
    evidence = replace(evidence, checked_after=days_until_checked(query.said_on, offered(claim).days))
    return ranking.candidate(claim.id, judged.score, judged.probability, query.text, claim.text, plain, evidence)


def signals(query: Query, vector: np.ndarray, index: VectorIndex, words: WordIndex, allowed: np.ndarray | None, depth: int = DEPTH) -> list[ranking.Signals]:
    """What the indexes find: the ``depth`` nearest by meaning, and the best by words and by parts of words."""
    near = index.search(vector, depth, allowed)
    by_words = words.words(query.words, DEPTH, allowed)
    by_parts = words.parts(query.words, DEPTH, allowed)
    seen = {i for i, _ in near}
    others = [i for i, _ in (*by_words, *by_parts) if i not in seen]
    return ranking.fuse(near, by_words, by_parts, index.cosines(vector, others))


@cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="passages")


def allowed(store: Store, table: str, filters: Filters) -> np.ndarray | None:
    """The ids that pass the filters, ascending; None for all. The indexes then compare these rows, so recall stays what it is."""
    return narrowing.ids(store.cards.lately(narrowing.prepare), table.removesuffix("s"), narrowing.resolve(store.cards, filters)) if filters else None
