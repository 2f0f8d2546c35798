"""Search as the product's pages, files, feeds, commands and alerts use it: what somebody wants -> rows, counts, and where to go on.

With a text, or "more like this", the found set is what ``ranked`` says; without one it is everything on file. Filters narrow it, counts tell
of each value how many rows it would leave under the other filters, and a cursor goes on after a row wherever new ones come in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from db import Filters, Store, narrowing
from db.cards import NONE, Cards
from factcheck import ranked as ranking_of
from factcheck import searching
from factcheck.embed import Encoder
from factcheck.errors import BadInput
from factcheck.extraction.checkworthy import WORTHY
from factcheck.querying import Understood
from factcheck.ranked import Question, Ranked
from factcheck.ranking import Signals, evidence
from factcheck.records import Article, Claim, ClaimHit, Evidence, Statement, StatementHit
from factcheck.wanted import MOST_ROWS, Wanted
from factcheck.words import holds, plain_words

COUNTED = ("kind", *narrowing.COUNTED, "worth")
NEAR = 3  # of the nearest that were not found, of each kind
MOST_COUNTS = 2_000  # remembered at a time
MOST_VALUES = 60  # of one filter, those with the most rows
_KINDS = ("claim", "statement")
_ID_BITS, _KIND_BIT = 31, 1  # of a place in an order: 31 bits of value, one of kind, 31 of id
_KEY_STEPS = 2**28  # a match's key lies in 0..2.01


@dataclass(frozen=True)
class FoundRow:
    """One claim or one past statement. ``hit`` is set where its match was judged; ``evidence`` with any text that was searched for.

    ``wording`` is a statement linked to this claim that is nearer to the query than its own words; ``variant`` a claim merged into it that
    is. ``of_claim`` is the claim that a statement was confirmed to make.
    """

    kind: str
    claim: Claim | None = None
    statement: Statement | None = None
    article: Article | None = None
    hit: ClaimHit | StatementHit | None = None
    evidence: Evidence | None = None
    probability: float | None = None
    wording: StatementHit | None = None
    variant: ClaimHit | None = None
    of_claim: Claim | None = None

    @property
    def id(self) -> int:
        return (self.claim or self.statement).id  # type: ignore[union-attr]


@dataclass(frozen=True)
class Count:
    """How many rows there are with a value; ``value`` as it stands in an address, ``label`` as it is shown."""

    value: str
    label: str
    n: int
    chosen: bool = False


@dataclass(frozen=True)
class Found:
    """``rows`` are those of this page, ``first`` the place of its first among all ``total``. ``is_capped``: there may be more than were counted.

    ``counts`` holds, by filter, the values with their numbers, most first; of the kinds, "" is both. ``near`` are the nearest of what was not found.
    """

    rows: tuple[FoundRow, ...]
    near: tuple[FoundRow, ...]
    counts: dict[str, tuple[Count, ...]]
    total: int
    first: int
    is_capped: bool
    next_cursor: str
    meant: Understood
    wanted: Wanted  # with the fields that were typed among its filters
    sort: str
    text: str  # what was compared by meaning, "" without a text
    about: Claim | Statement | None = None


@dataclass
class _Set:
    """Rows of one kind in the found set: places on the shelf, whether each passes all filters, and by which it fails."""

    rows: np.ndarray
    keys: np.ndarray
    fails: np.ndarray
    by: dict[str, np.ndarray]

    def passing(self, but: str = "") -> np.ndarray:
        """Which pass all filters, but for one."""
        return self.fails - self.by[but] == 0 if but in self.by else self.fails == 0


def find(store: Store, encoder: Encoder, wanted: Wanted, *, counted: bool = True) -> Found:
    """Raises BadInput for a cursor that is none, NotFound when there is nothing to find more like."""
    meant, wanted = wanted.read()
    wanted = replace(wanted, filters=_as_on_file(store, wanted.filters))
    stamp, after = _cursor(wanted.cursor)
    cards = store.cards.lately(narrowing.prepare)
    question = _question(store, meant, wanted)
    ranked = ranking_of.rank(store, encoder, question, stamp) if question else None
    if ranked and ranked.is_capped and wanted.filters:  # more than can be told apart: look again among what passes
        ranked = ranking_of.rank(store, encoder, replace(ranked.question, filters=wanted.filters), stamp)
    sort = wanted.sort or ("best" if ranked else "said")
    if sort == "best" and not ranked:
        sort = "said"
    wishes = narrowing.resolve(store.cards, wanted.filters)
    sets = {kind: _set(store, cards, kind, ranked, meant, wishes) for kind in _KINDS}
    place = _absorbing(cards, sets) if ranked else np.full(len(sets["statement"].rows), NONE)
    shown = _shown(sets, place, wanted.kind)
    places = _order(cards, sets, shown, place, sort)
    total = len(places)
    rest = places if after is None else places[places < after]
    page = _best(rest, wanted.size)
    more = len(rest) > len(page)
    rows = _rows(store, ranked, [_object(int(p)) for p in page])
    near = ()
    if ranked and total < 8 and after is None:
        near = tuple(_near(store, encoder, cards, ranked, wanted, wishes))
    return Found(
        rows=tuple(rows),
        near=near,
        counts=_counts(store, cards, sets, place, wanted, (ranked.stamp if ranked else meant)) if counted else {},
        total=total,
        first=total - len(rest) + 1 if len(rest) else 0,
        is_capped=bool(ranked and ranked.is_capped),
        next_cursor=f"{ranked.stamp if ranked else '0'}.{int(page[-1]):x}" if more else "",
        meant=meant,
        wanted=wanted,
        sort=sort,
        text=ranked.query.text if ranked and ranked.query else "",
        about=_about(store, wanted),
    )


def everything(store: Store, encoder: Encoder, wanted: Wanted, most: int) -> Iterator[FoundRow]:
    """All rows found, ``most`` at most, read a thousand at a time."""
    left = most
    while left > 0:
        found = find(store, encoder, replace(wanted, size=min(MOST_ROWS, left)), counted=False)
        yield from found.rows
        left -= len(found.rows)
        wanted = replace(wanted, cursor=found.next_cursor)
        if not found.next_cursor:
            return


def matches(
    store: Store, encoder: Encoder, wanted: Wanted, claim_ids: Collection[int] = (), statement_ids: Collection[int] = ()
) -> set[tuple[str, int]]:
    """Which of some rows a search finds, as ("claim", id) and ("statement", id); a claim merged into another counts as that one.

    Cheap where filters, exact words or exclusions already rule them all out: the text is only encoded when something is left.
    """
    meant, wanted = wanted.read()
    cards = store.cards.now()
    wishes = narrowing.resolve(store.cards, wanted.filters)
    left: set[tuple[str, int]] = set()
    for kind, ids in (("claim", claim_ids), ("statement", statement_ids)):
        if not ids or wanted.kind not in ("", kind):
            continue
        rows = cards.shelf(kind).rows(np.array(sorted(set(ids)), dtype=np.int64))
        rows = rows[rows != NONE]
        rows = np.unique(cards.root_rows[rows]) if kind == "claim" and len(rows) else rows
        rows = rows[np.isin(rows, cards.standing[kind])]
        passing = rows[narrowing.fails(cards, kind, rows, wishes)[0] == 0]
        left |= {(kind, int(i)) for i in cards.shelf(kind).ids[passing]}
    left = {(kind, i) for kind, i in left if _has_exact_words(store, kind, i, meant)}
    question = _question(store, meant, wanted)
    if not left:
        return set()
    if question is None:
        refused = {kind: ranking_of.refused(store, kind, meant) for kind in _KINDS}
        return {(kind, i) for kind, i in left if i not in refused[kind]}
    members = ranking_of.rank(store, encoder, question).members
    return {(kind, i) for kind, i in left if i in members[kind]}


def _has_exact_words(store: Store, kind: str, object_id: int, meant: Understood) -> bool:
    if not meant.phrases:
        return True
    if kind == "statement":
        statement = store.articles.statement(object_id)
        texts = [statement.text] if statement else []
    else:
        texts = [t for claim in store.claims.many(store.claims.group(object_id)).values() for t in (claim.text, claim.title, claim.body)]
    return all(holds(texts, phrase) for phrase in meant.phrases)


def _as_on_file(store: Store, filters: Filters) -> Filters:
    """The filters with names spelled as the rows have them, and topics by their ids."""
    spelled = {}
    for name in ("speaker", "publisher", "source"):
        for value in getattr(filters, name):
            codes = narrowing.codes(store.cards, name, [value])
            spelled[name] = (*spelled.get(name, ()), *([store.cards.label(name, code) for code in sorted(codes)] or [value]))
    spelled["topic"] = tuple(topic for value in filters.topic for topic in store.cards.topics_named(str(value)) or [0])
    return replace(filters, **spelled)


def _question(store: Store, meant: Understood, wanted: Wanted) -> Question | None:
    """What to ask the indexes; None when everything on file is wanted."""
    if wanted.about is None and not plain_words(meant.text).strip():
        return None
    return Question(replace(meant, fields=()), wanted.about, store.newsroom.cutoffs().possible)


def _set(store: Store, cards: Cards, kind: str, ranked: Ranked | None, meant: Understood, wishes: narrowing.Wishes) -> _Set:
    rows = cards.standing[kind]
    shelf = cards.shelf(kind)
    keys = np.zeros(len(rows))
    if ranked is not None:
        found = shelf.rows(ranked.ids[kind])
        there = found != NONE
        there[there] = np.isin(found[there], rows)
        rows, keys = found[there], ranked.keys[kind][there]
    elif meant.without or meant.without_phrases:
        rows = rows[~np.isin(shelf.ids[rows], np.array(sorted(ranking_of.refused(store, kind, meant)), dtype=np.int64))]
        keys = np.zeros(len(rows))
    return _Set(rows, keys, *narrowing.fails(cards, kind, rows, wishes))


def _absorbing(cards: Cards, sets: dict[str, _Set]) -> np.ndarray:
    """Of each statement in the set the place of its claim in the set of claims, NONE where it stands for itself."""
    claims, statements = sets["claim"].rows, sets["statement"].rows
    place = np.full(len(cards.claims.ids) + 1, NONE)
    place[claims] = np.arange(len(claims))
    return place[cards.link_rows[statements]] if len(statements) else np.empty(0, dtype=np.int64)


def _shown(sets: dict[str, _Set], place: np.ndarray, kind: str, but: str = "") -> dict[str, np.ndarray]:
    """Which rows stand in the list. A statement whose claim stands there is a wording of it and no row of its own, unless only statements are wanted."""
    claims, statements = sets["claim"].passing(but), sets["statement"].passing(but)
    if kind == "claim":
        return {"claim": claims, "statement": np.zeros_like(statements)}
    if kind == "statement":
        return {"claim": np.zeros_like(claims), "statement": statements}
    own = statements & ~((place != NONE) & np.append(claims, False)[place])
    return {"claim": claims, "statement": own}


def _order(cards: Cards, sets: dict[str, _Set], shown: dict[str, np.ndarray], place: np.ndarray, sort: str) -> np.ndarray:
    """Of each row shown its place in the order as one number, higher first: value, then claims before statements, then the newer id."""
    keys = {kind: sets[kind].keys for kind in _KINDS}
    if sort == "best":  # a statement in its claim's row lends it its place
        absorbed = (place != NONE) & sets["statement"].passing() & ~shown["statement"]
        keys["claim"] = keys["claim"].copy()
        np.maximum.at(keys["claim"], place[absorbed], keys["statement"][absorbed])
    found = []
    for kind in _KINDS:
        shelf, rows = cards.shelf(kind), sets[kind].rows[shown[kind]]
        value = {
            "best": lambda kind=kind: (keys[kind][shown[kind]] * _KEY_STEPS).astype(np.int64),
            "said": lambda shelf=shelf, rows=rows: shelf.last[rows],
            "reviewed": lambda shelf=shelf, rows=rows: shelf.reviewed[rows],
            "often": lambda shelf=shelf, rows=rows: shelf.times[rows],
            "worth": lambda shelf=shelf, rows=rows: (shelf.worth[rows] * 1_000_000).astype(np.int64),
            "added": lambda shelf=shelf, rows=rows: shelf.added[rows],
        }[sort]()
        head = np.maximum(value.astype(np.int64), -1) + 1 << _ID_BITS + _KIND_BIT
        found.append(head | np.int64(kind == "claim") << _ID_BITS | shelf.ids[rows])
    return np.concatenate(found)


def _best(places: np.ndarray, size: int) -> np.ndarray:
    if len(places) > size * 4:
        places = places[np.argpartition(-places, size)[:size]]
    return np.sort(places)[::-1][:size]


def _object(place: int) -> tuple[str, int]:
    return _KINDS[not place >> _ID_BITS & 1], place & (1 << _ID_BITS) - 1


def _cursor(text: str) -> tuple[str, int | None]:
    if not text:
        return "", None
    stamp, _, place = text.partition(".")
    try:
        return stamp, int(place[:16], 16)
    except ValueError:
        raise BadInput("This address does not say where to go on. Start from the first page.", key="no_cursor") from None


# Counts


def _counts(store: Store, cards: Cards, sets: dict[str, _Set], place: np.ndarray, wanted: Wanted, of: object) -> dict[str, tuple[Count, ...]]:
    everything = sum(int(passing.sum()) for passing in _shown(sets, place, "").values())
    counts = {"kind": (Count("", "", everything, not wanted.kind), *_kinds(sets, wanted))}
    for name in COUNTED[1:]:
        column = f"worth {WORTHY}" if name == "worth" else name
        key = (of, wanted.filters, wanted.kind, name)
        numbers = cards.remembered.get(key)
        if numbers is None:
            if len(cards.remembered) > MOST_COUNTS:
                cards.remembered.clear()
            numbers = cards.remembered[key] = _numbers(cards, sets, place, wanted.kind, column, name)
        counts[name] = _labelled(store, name, numbers, wanted)
    return counts


def _kinds(sets: dict[str, _Set], wanted: Wanted) -> tuple[Count, ...]:
    return tuple(Count(kind, kind, n, wanted.kind == kind) for kind in _KINDS if (n := int(sets[kind].passing().sum())) or wanted.kind == kind)


def _numbers(cards: Cards, sets: dict[str, _Set], place: np.ndarray, kind: str, column: str, name: str) -> np.ndarray:
    """How many rows there would be with each value (by its number), under all filters but the one it belongs to.

    A statement that would stand in its claim's row is not counted beside it: that is so where both have the value.
    """
    passing = {k: sets[k].passing(name) if kind in ("", k) else np.zeros(len(sets[k].rows), dtype=bool) for k in _KINDS}
    found = [narrowing.values(cards, k, column, sets[k].rows[passing[k]])[1] for k in _KINDS]
    size = max((int(codes.max()) + 1 for codes in found if len(codes)), default=0)
    numbers = sum((np.bincount(codes, minlength=size) for codes in found), np.zeros(size, dtype=np.int64))
    if not kind and len(place):
        pairs = np.flatnonzero((place != NONE) & passing["statement"] & np.append(passing["claim"], False)[place])
        if len(pairs):
            theirs = narrowing.values(cards, "statement", column, sets["statement"].rows[pairs])
            ours = narrowing.values(cards, "claim", column, sets["claim"].rows[place[pairs]])
            both = np.intersect1d(*(at.astype(np.int64) << 32 | codes for at, codes in (theirs, ours)))
            numbers -= np.bincount(both & 0xFFFFFFFF, minlength=size)
    return numbers


def _labelled(store: Store, name: str, numbers: np.ndarray, wanted: Wanted) -> tuple[Count, ...]:
    """Values with their numbers, most first, years newest first; what is chosen stands there also with none."""
    codes = np.flatnonzero(numbers)
    if name in ("promise", "worth"):
        n = int(numbers[0]) if len(numbers) else 0
        chosen = wanted.filters.promises if name == "promise" else wanted.filters.worth is not None
        return (Count("1" if name == "promise" else f"{WORTHY:g}", name, n, chosen),) if n or chosen else ()
    if name == "year":
        return tuple(Count(str(c), str(c), int(numbers[c]), _is_year(wanted, int(c))) for c in codes[::-1].tolist())
    best = codes[np.argsort(-numbers[codes], kind="stable")][:MOST_VALUES].tolist()
    given = {value: store.cards.code(name, narrowing.spelled(name, value)) for value in getattr(wanted.filters, name)}
    counted = {store.cards.label(name, code): int(numbers[code]) for code in best}
    counted |= {value: int(numbers[code]) if code is not None and code < len(numbers) else 0 for value, code in given.items()}
    names = store.cards.topic_names(counted) if name == "topic" else {}
    found = [Count(str(value), names.get(value, str(value)), n, value in given) for value, n in counted.items() if name != "topic" or value in names]
    return tuple(sorted(found, key=lambda c: (-c.n, c.label)))


def _is_year(wanted: Wanted, year: int) -> bool:
    return wanted.filters.since[:4] == str(year) == wanted.filters.until[:4]


# Rows


def _rows(store: Store, ranked: Ranked | None, objects: Sequence[tuple[str, int]]) -> list[FoundRow]:
    claims = store.claims.many(i for kind, i in objects if kind == "claim")
    statements = store.articles.statements_by_id(i for kind, i in objects if kind == "statement")
    wordings = _wordings(store, ranked, claims) if ranked else {}
    articles = store.articles.many({s.article_id for s in (*statements.values(), *wordings.values())})
    links = store.decisions.links(statements)
    linked = store.claims.many(store.claims.root(i) for i in links.values())
    rows = []
    for kind, object_id in objects:
        if kind == "claim" and object_id in claims:
            rows.append(_claim_row(store, ranked, claims[object_id], wordings.get(object_id), articles))
        elif kind == "statement" and object_id in statements:
            statement = statements[object_id]
            article = articles[statement.article_id]
            of = linked.get(store.claims.root(links[object_id])) if object_id in links else None
            hit = ranking_of.statement_hit(ranked, statement, article) if ranked else None
            found = hit.evidence if hit else _plain_evidence(ranked, statement.text)
            rows.append(FoundRow(kind, statement=statement, article=article, hit=hit, evidence=found, probability=hit.probability if hit else None, of_claim=of))
    return rows


def _claim_row(store: Store, ranked: Ranked | None, claim: Claim, wording: Statement | None, articles: dict[int, Article]) -> FoundRow:
    if ranked is None:
        return FoundRow("claim", claim=claim)
    hit = ranking_of.claim_hit(ranked, claim)
    other = store.claims.get(ranked.variants[claim.id]) if claim.id in ranked.variants else None
    variant = ranking_of.claim_hit(ranked, other) if other else None
    said = ranking_of.statement_hit(ranked, wording, articles[wording.article_id]) if wording else None
    best = max((h.candidate.probability for h in (hit, variant) if h), default=None)
    if said and best is not None and said.probability <= best:
        said = None
    found = hit.candidate.evidence if hit else _plain_evidence(ranked, searching.passage_text(claim))
    return FoundRow("claim", claim=claim, hit=hit, evidence=found, probability=said.probability if said else best, wording=said, variant=variant)


def _plain_evidence(ranked: Ranked | None, text: str) -> Evidence | None:
    """Which words of the query a row holds that was found by them alone."""
    return evidence(ranked.query.text, text, Signals(0, 0.0)) if ranked and ranked.query else None


def _wordings(store: Store, ranked: Ranked, claims: Collection[int]) -> dict[int, Statement]:
    """Claim id -> the best of the statements found that were confirmed to make it."""
    near = [i for i, s in ranked.statements.items() if i in ranked.members["statement"]]
    roots = store.claims.roots(links.values()) if (links := store.decisions.links(near)) else {}
    best: dict[int, int] = {}
    for statement_id, claim_id in links.items():
        root = roots.get(claim_id, claim_id)
        if root in claims and (root not in best or ranked.statements[statement_id].probability > ranked.statements[best[root]].probability):
            best[root] = statement_id
    statements = store.articles.statements_by_id(best.values())
    return {claim_id: statements[i] for claim_id, i in best.items() if i in statements}


def _near(store: Store, encoder: Encoder, cards: Cards, ranked: Ranked, wanted: Wanted, wishes: narrowing.Wishes) -> Iterator[FoundRow]:
    """The nearest that were not found and pass the filters; asked for anew where there are filters, since the nearest of all may pass none."""
    members = ranked.members
    if wanted.filters:
        ranked = ranking_of.rank(store, encoder, replace(ranked.question, filters=wanted.filters))
    missed = [(kind, i) for kind in _KINDS for i in ranked.ids[kind].tolist() if i not in members[kind]][:NEAR] + ranked.missed
    near: dict[str, list[int]] = {kind: [] for kind in _KINDS if wanted.kind in ("", kind)}
    for kind, object_id in missed:
        if len(near.get(kind, range(NEAR))) == NEAR:
            continue
        row = cards.shelf(kind).rows(np.array([object_id], dtype=np.int64))
        if row[0] != NONE and narrowing.fails(cards, kind, row, wishes)[0][0] == 0:
            near[kind].append(object_id)
    yield from _rows(store, ranked, [(kind, i) for kind, ids in near.items() for i in ids])


def _about(store: Store, wanted: Wanted) -> Claim | Statement | None:
    if wanted.about is None:
        return None
    kind, object_id = wanted.about
    return store.claims.get(object_id) if kind == "claim" else store.articles.statement(object_id)
