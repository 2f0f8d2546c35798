"""What a query finds, before it is narrowed: every claim and statement that counts as found, in the order of how well it matches.

Found is what holds all the words of the query, newest 50,000, and what is near by meaning: of the 100 best claims and the 1,000 nearest
statements those whose probability reaches the newsroom's cut-off or that hold most of its words. Exact phrases and exclusions are checked
against the texts themselves. Filters, counts and pages only ever take from this, so that they agree with each other.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from db import Filters, Store, narrowing
from db.cards import NONE, Cards
from db.wordindex import MOST_FOUND
from factcheck import ranking, searching, secondstage
from factcheck.embed import Encoder
from factcheck.errors import NotFound
from factcheck.pairfeatures import Found
from factcheck.querying import Understood
from factcheck.ranking import Signals
from factcheck.records import Claim, ClaimHit, Evidence, Statement, StatementHit
from factcheck.searching import Query

NEAREST = 1_000  # statements looked at for their meaning; of claims ``secondstage.KEPT``
ENOUGH_WORDS = 0.6  # share of the query's weighted words: a few typed words find what holds them, however unlike the sentence is
REMEMBERED = 64  # queries with what they found, so that filters, pages and formats of one search cost nothing more
QUERIES = 500  # whose vectors are remembered, 6 kB each
_JUDGED = 1.0  # keys of what is near by meaning lie above this, of what only holds the words below


@dataclass(frozen=True)
class Question:
    """A query as it is asked of the indexes; ``about`` is ("claim", id) or ("statement", id) when more like it is wanted.

    With ``filters`` the nearest are looked for among what passes them: for queries that find more than can be told apart.
    """

    meant: Understood
    about: tuple[str, int] | None
    possible: float  # the newsroom's cut-off
    filters: Filters = Filters()


@dataclass(frozen=True)
class JudgedClaim:
    signals: Signals
    found: Found
    judged: secondstage.Judged


@dataclass(frozen=True)
class JudgedStatement:
    signals: Signals
    score: float
    probability: float
    overlap: float


@dataclass(eq=False)
class Ranked:
    """What a question finds: kind -> ids, and how well each matches (higher is better, comparable across kinds).

    ``missed`` are the nearest of those not found, of each kind the best first. ``variants`` tells of a claim which one merged into it was nearer.
    ``is_capped``: there may be more.
    """

    question: Question
    query: Query | None
    stamp: str
    ids: dict[str, np.ndarray]
    keys: dict[str, np.ndarray]
    missed: list[tuple[str, int]]
    claims: dict[int, JudgedClaim]
    statements: dict[int, JudgedStatement]
    variants: dict[int, int]
    is_capped: bool

    @cached_property
    def members(self) -> dict[str, frozenset[int]]:
        return {kind: frozenset(ids.tolist()) for kind, ids in self.ids.items()}


def rank(store: Store, encoder: Encoder, question: Question, stamp: str = "") -> Ranked:
    """What a question finds. With the ``stamp`` of an answer given before and still remembered, that one, however much has changed since.

    Raises EmptyText when there is nothing to ask, NotFound when there is no claim or statement to find more like.
    """
    kept = _memory(store)
    earlier = kept.get(stamp)
    if earlier is not None and earlier.question == question:
        return earlier
    indexes = store.vectors.index("claim", encoder.passage_id), store.vectors.index("statement", encoder.model_id)
    state = (question, encoder.model_id, encoder.passage_id, store.cards.lately(narrowing.prepare).seq, *(index.seq() for index in indexes))
    stamp = hashlib.blake2b(repr(state).encode(), digest_size=6).hexdigest()
    return kept.get(stamp) or kept.put(stamp, _rank(store, encoder, question, stamp))


def is_found(probability: float, evidence: Evidence, possible: float) -> bool:
    """False for what is only the nearest there is; ``possible`` is the newsroom's cut-off."""
    return probability >= possible or evidence.overlap >= ENOUGH_WORDS


def refused(store: Store, kind: str, meant: Understood) -> set[int]:
    """Ids of what holds a word or phrase that is not wanted."""
    words = _words(store, kind)
    found = set(words.holding_any(meant.without))
    for phrase in meant.without_phrases:
        found |= set(words.holding_phrase(phrase)[0])
    return found


def claim_hit(ranked: Ranked, claim: Claim) -> ClaimHit | None:
    """The claim with the candidate that its judgement makes; None for one that was not judged."""
    judged = ranked.claims.get(claim.id)
    return searching.hit(ranked.query, claim, judged.signals, judged.found, judged.judged) if judged and ranked.query else None


def statement_hit(ranked: Ranked, statement: Statement, article) -> StatementHit | None:
    judged = ranked.statements.get(statement.id)
    if judged is None or ranked.query is None:
        return None
    query = ranked.query
    evidence = ranking.evidence(query.text, statement.text, judged.signals, query_speaker=query.speaker, speaker=statement.speaker)
    return StatementHit(statement, article, judged.score, judged.probability, evidence)


def _rank(store: Store, encoder: Encoder, question: Question, stamp: str) -> Ranked:
    meant, possible = question.meant, question.possible
    query, own, itself = _asked(store, encoder, question)
    vectors = _memory(store).vectors((query, encoder.model_id, encoder.passage_id), lambda: searching.vectors_of(encoder, query, own))
    text = meant.words if meant.phrases else query.words
    cards = store.cards.lately(narrowing.prepare)
    unwanted = {kind: refused(store, kind, meant) for kind in ("claim", "statement")}
    among = {kind: searching.allowed(store, f"{kind}s", question.filters) for kind in ("claim", "statement")}
    required = {kind: _required(store, kind, meant, among[kind]) for kind in ("claim", "statement")}
    whole = {kind: [] if question.about else _words(store, kind).holding_all(text, among[kind]) for kind in ("claim", "statement")}
    is_capped = any(len(ids) >= MOST_FOUND for ids in whole.values()) or any(r is not None and not r[1] for r in required.values())

    best = searching.judged(store, encoder, query, vectors, question.filters)
    claims = {s.object_id: JudgedClaim(s, f, j) for s, f, j, _ in best}
    statements = _judged_statements(store, encoder, query, vectors[0], possible, among["statement"])
    near_claims = {
        s.object_id for s, _, j, words in best if j.probability >= possible or ranking.overlap(query.text, words.passage) >= ENOUGH_WORDS
    }
    near_statements = {i for i, s in statements.items() if s.probability >= possible or s.overlap >= ENOUGH_WORDS}
    is_capped |= len(near_claims) >= 0.95 * secondstage.KEPT or len(near_statements) >= 0.95 * NEAREST

    found: dict[str, dict[int, float]] = {}
    missed: dict[str, dict[int, float]] = {}
    for kind, near, probability in (
        ("claim", near_claims, {i: c.judged.probability for i, c in claims.items()}),
        ("statement", near_statements, {i: s.probability for i, s in statements.items()}),
    ):
        must, without = required[kind], unwanted[kind]
        members = set(near) | set(whole[kind])
        if must is not None:
            members = members & must[0] if meant.words else must[0]
        members -= without
        places = {i: place for place, i in enumerate(probability)}
        rest = members - probability.keys()
        index = store.vectors.index(kind, encoder.passage_id if kind == "claim" else encoder.model_id)
        cosines = index.cosines(vectors[0], rest)
        keys = {i: _JUDGED + probability[i] + max(0, NEAREST - places[i]) * 1e-8 for i in members & probability.keys()}
        found[kind] = keys | {i: (1 + cosines.get(i, -1.0)) / 4 for i in rest}
        missed[kind] = {} if must else {i: p for i, p in probability.items() if i not in members and i not in without}

    found["claim"], variants = _roots(cards, found["claim"])
    missed["claim"], _ = _roots(cards, missed["claim"])
    if not meant.phrases:
        _lift(cards, found, claims.keys() - unwanted["claim"])
    for kind, object_id in itself:
        found[kind].pop(object_id, None)
        missed[kind].pop(object_id, None)
    nearest = [(kind, i) for kind in missed for i in [i for i in missed[kind] if i not in found[kind]][:50]]
    ordered = {kind: sorted(found[kind]) for kind in found}
    return Ranked(
        question=question,
        query=query,
        stamp=stamp,
        ids={kind: np.array(ids, dtype=np.int64) for kind, ids in ordered.items()},
        keys={kind: np.array([found[kind][i] for i in ids]) for kind, ids in ordered.items()},
        missed=nearest,
        claims=claims,
        statements=statements,
        variants=variants,
        is_capped=is_capped,
    )


def _asked(store: Store, encoder: Encoder, question: Question) -> tuple[Query, np.ndarray | None, list[tuple[str, int]]]:
    """(query, its text's vector if it has been made, what must not be among the answers)."""
    if question.about is None:
        return Query.of(question.meant.text), None, []
    kind, object_id = question.about
    if kind == "claim":
        claim = store.claims.get(object_id)
        if claim is None:
            raise NotFound("This claim is not on file.", key="no_claim")
        return Query.of(claim.text, claim.speaker), None, [("claim", i) for i in store.claims.group(object_id)]
    statement = store.articles.statement(object_id)
    if statement is None:
        raise NotFound("This statement is not on file.", key="no_statement")
    own = store.vectors.index("statement", encoder.model_id).get(object_id)
    return searching.query_of(store, statement), own, [("statement", object_id)]


def _judged_statements(
    store: Store, encoder: Encoder, query: Query, vector: np.ndarray, possible: float, among: Collection[int] | None
) -> dict[int, JudgedStatement]:
    """The nearest statements by id, best first; those whose cosine alone rules them out are left away once enough are there to be shown."""
    index = store.vectors.index("statement", encoder.model_id)
    best = ranking.order(searching.signals(query, vector, index, store.statement_words, among, NEAREST))
    worth_reading = [pair for place, pair in enumerate(best) if place < 20 or pair[0].words is not None or _may_reach(pair[0].cosine, possible)]
    texts = store.articles.statement_texts(s.object_id for s, _ in worth_reading)
    return {
        s.object_id: JudgedStatement(s, round(score, 6), *ranking.probability_of(query.text, texts[s.object_id], s))
        for s, score in worth_reading
        if s.object_id in texts
    }


def _may_reach(cosine: float, possible: float) -> bool:
    """Whether a statement with this cosine could reach the cut-off if it held all the words."""
    z = ranking.INTERCEPT + ranking.PROBABILITY_COSINE * cosine + ranking.PROBABILITY_OVERLAP
    return 1 / (1 + math.exp(-z)) >= possible


def _words(store: Store, kind: str):
    return store.claim_words if kind == "claim" else store.statement_words


def _required(store: Store, kind: str, meant: Understood, among: Collection[int] | None) -> tuple[set[int], bool] | None:
    """(ids of what holds every phrase, whether all was read); None where no phrase is asked for."""
    if not meant.phrases:
        return None
    found = [_words(store, kind).holding_phrase(phrase, among) for phrase in meant.phrases]
    return set.intersection(*(set(ids) for ids, _ in found)), all(read for _, read in found)


def _roots(cards: Cards, keys: dict[int, float]) -> tuple[dict[int, float], dict[int, int]]:
    """Keys by the claims that stand for those found, and which merged claim was nearer than the one that stands for it."""
    ids = np.array(list(keys), dtype=np.int64)
    rows = cards.claims.rows(ids)
    best: dict[int, float] = {}
    variants: dict[int, int] = {}
    for claim_id, row in zip(ids.tolist(), rows.tolist(), strict=True):
        if row == NONE or not cards.claims.alive[row]:
            continue
        root = int(cards.claims.ids[cards.root_rows[row]])
        if keys[claim_id] > best.get(root, -math.inf):
            best[root] = keys[claim_id]
            variants.pop(root, None)
            if root != claim_id:
                variants[root] = claim_id
    return best, variants


def _lift(cards: Cards, found: dict[str, dict[int, float]], claims: Iterable[int]) -> None:
    """A statement that is found lends its place to the claim it was confirmed to make, if that was among the nearest."""
    near, _ = _roots(cards, dict.fromkeys(claims, 0.0))
    ids = np.array(list(found["statement"]), dtype=np.int64)
    rows = cards.statements.rows(ids)
    for statement_id, row in zip(ids.tolist(), rows.tolist(), strict=True):
        if row == NONE or cards.link_rows[row] == NONE:
            continue
        claim = int(cards.claims.ids[cards.link_rows[row]])
        if claim in near and claim not in found["claim"] and found["statement"][statement_id] >= _JUDGED:
            found["claim"][claim] = found["statement"][statement_id]


class _Memory:
    """What the last questions found, by stamp; and the vectors of the last queries, since a search that is saved is asked again and again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Ranked] = OrderedDict()
        self._vectors: OrderedDict[tuple, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def vectors(self, key: tuple, make: Callable[[], np.ndarray]) -> np.ndarray:
        with self._lock:
            found = self._vectors.get(key)
        if found is None:
            found = make()
        with self._lock:
            self._vectors[key] = found
            self._vectors.move_to_end(key)
            while len(self._vectors) > QUERIES:
                self._vectors.popitem(last=False)
        return found

    def get(self, stamp: str) -> Ranked | None:
        with self._lock:
            if stamp in self._kept:
                self._kept.move_to_end(stamp)
            return self._kept.get(stamp)

    def put(self, stamp: str, ranked: Ranked) -> Ranked:
        with self._lock:
            self._kept[stamp] = ranked
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return ranked


_memories: WeakKeyDictionary[Store, _Memory] = WeakKeyDictionary()
_memories_lock = threading.Lock()


def _memory(store: Store) -> _Memory:
    with _memories_lock:
        return _memories.setdefault(store, _Memory())

