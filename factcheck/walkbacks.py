"""Later statements of a person that take back, soften or make light of what they claimed before: found and proposed to editors.

A pair is judged by what it is about (cosine, shared words), by whether the one contradicts the other, and by the words people use
when they row back (``data/walkbacks.txt``). The weights are those of a logistic regression that ``training/train_walkbacks.py``
fits on half of our own pairs about invented people (``tests/pairs/walkbacks.jsonl``); the other half measures it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from db import Store
from factcheck import relations
from factcheck.differences import compare, shared_words
from factcheck.embed import Encoder
from factcheck.errors import ModelUnavailable
from factcheck.records import Claim, Statement, WalkbackKind
from factcheck.words import fold

WORDS = Path(__file__).parent / "data" / "walkbacks.txt"
WEIGHTS = Path(__file__).parent / "models" / "walkbacks.json"
PROPOSED = 0.35  # probability from which a pair is put before an editor
NEAR = 0.1  # cosine of statement and claim below which the one is not about the other
AS_NEAR = 0.06  # what is taken back is the nearest of the speaker's claims, or another that is as near up to this
LOOKED_AT = 400  # claims nearest in meaning among which the speaker's own are looked for
CLAIMS_AT_ONCE, STATEMENTS_AT_ONCE = 6, 40  # that are judged for one statement; that are looked at for one claim
TAKES_BACK = ("in jest", "denied", "withdrawn", "softened")
FEATURES = (
    "near", "worded", "overlap least", "overlap most", "contradicts", "same", "turned", "number differs", "date differs", "deadline moved",
    "in jest", "denied", "withdrawn", "softened", "affirmed", "others", "own", "about", "words about it", "words of others",
    "contradicts and others", "negations",
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """``probability`` that the later statement takes the claim back, 0..1; ``reason`` the words that say so, "" for none."""

    probability: float
    kind: WalkbackKind
    reason: str


def propose(store: Store, encoder: Encoder, statement_ids: Sequence[int] = (), *, claim_id: int | None = None) -> int:
    """Propose what statements, or all later statements about a claim, take back; how many proposals are new.

    Statements and claims need their vectors. What an editor decided stays; a proposal that no longer holds is withdrawn.
    """
    made = sum(propose_for(store, encoder, statement) for statement in store.articles.statements_by_id(statement_ids).values())
    return made + (_propose_about(store, encoder, claim_id) if claim_id else 0)


def propose_for(store: Store, encoder: Encoder, statement: Statement, passage: np.ndarray | None = None) -> int:
    """Propose which earlier claims of its speaker a statement takes back; how many proposals are new. ``passage`` is its vector as a passage,
    where it has been made."""
    known = store.walkbacks.proposed_for(statement.id)
    cosines = _earlier_claims(store, encoder, statement)
    claims = store.claims.many(cosines)
    made, held = 0, set()
    if claims and passage is None:
        passage = encoder.encode_passages([statement.text])[0]
    for claim in claims.values():
        judged = _judge(store, encoder, claim, statement, cosines[claim.id], passage)
        if judged.probability >= PROPOSED:
            held.add(claim.id)
            made += store.walkbacks.propose(statement.id, claim.id, judged.kind, round(judged.probability, 4), judged.reason)
    if set(known) - held:
        store.walkbacks.withdraw(statement.id, [c for c in known if c not in held])
    return made


def judge(claim: str, statement: str, cosine: float, plain: float, *, is_promise: bool = False, before: str = "") -> Judged:
    """Whether a later statement of the same person takes a claim back. ``cosine`` is that of the statement as a query and the claim
    as a passage, ``plain`` that of both as passages; ``before`` the sentence before the statement."""
    values = features(claim, statement, cosine, plain, is_promise=is_promise, before=before)
    score = sum(w * v for w, v in zip(_weights(), (1.0, *values), strict=True))
    probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
    found = markers(statement)
    kind = _kind(found)
    contradicts, same = values[FEATURES.index("contradicts")], values[FEATURES.index("same")]
    if any(found[name] for name in TAKES_BACK):
        reason = next(words[0] for name in _reasons(kind) if (words := found.get(name)))
    else:
        here = [d.statement for d in compare(statement, claim).differences if d.statement and d.statement in statement]
        reason = here[0] if here else ""
        if same >= contradicts:  # no word that takes it back, and rather the same than the opposite: it is said again
            probability = 0.0
    return Judged(probability, kind, reason)


def features(claim: str, statement: str, cosine: float, plain: float, *, is_promise: bool = False, before: str = "") -> list[float]:
    """The values of ``FEATURES``, each about -1..1."""
    found = markers(statement)
    compared = compare(statement, claim)
    kinds = {d.kind for d in compared.differences}
    left, right = shared_words(f"{before} {statement}".strip(), claim)
    chances = relations.raw_probabilities(statement, claim, cosine, plain)
    near, others = min((cosine - 0.25) * 5, 1.0), float(bool(found["others"]))  # what is nearer than 0.45 mostly says the same
    says = float(any(found[name] for name in TAKES_BACK))
    contradicts = chances[relations.CONTRADICTS]
    about = max(min(2 * max(left, right), 1.0), min(max((cosine - 0.05) / 0.2, 0.0), 1.0))  # either shared words or meaning tells it
    return [
        near, min((plain - 0.87) * 10, 1.0), min(left, right), max(left, right), contradicts, chances[relations.SAME], float(compared.polarity.turned),
        float("number" in kinds), float("date" in kinds), float(is_promise and bool(kinds & {"number", "date", "unit"})),
        *(float(bool(found[name])) for name in (*TAKES_BACK, "affirmed")), others, float(bool(found["own"])),
        about, says * about, says * others, contradicts * others, float(compared.polarity.negated),
    ]  # fmt: skip


def markers(text: str) -> dict[str, list[str]]:
    """Kind of words ("in jest", "denied", ...) -> those in the text, as they stand there, in its order."""
    folded, places = _folded(text)
    return {
        kind: [text[places[m.start()] : places[m.end() - 1] + 1] for m in pattern.finditer(folded)] for kind, pattern in _patterns().items()
    }


def _reasons(kind: WalkbackKind) -> tuple[str, ...]:
    return {
        WalkbackKind.IN_JEST: ("in jest",),
        WalkbackKind.SOFTENS: ("softened",),
        WalkbackKind.CONTRADICTS: ("denied", "withdrawn"),
    }[kind] + TAKES_BACK


def _kind(found: dict[str, list[str]]) -> WalkbackKind:
    if found["in jest"]:
        return WalkbackKind.IN_JEST
    return WalkbackKind.SOFTENS if found["softened"] and not found["withdrawn"] else WalkbackKind.CONTRADICTS


def _earlier_claims(store: Store, encoder: Encoder, statement: Statement) -> dict[int, float]:
    """Claim -> cosine of what the speaker claimed before and the statement is about, the nearest first.

    Who takes something back often does not name it again: then the sentence before, a question say, tells what it is about.
    """
    index = store.vectors.index("claim", encoder.passage_id)
    vector = store.vectors.index("statement", encoder.model_id).get(statement.id)
    said_at = _said_at(store, statement)
    if not statement.person_id or not said_at or vector is None or not store.walkbacks.has_claims(statement.person_id):
        return {}
    vectors = [vector]
    if statement.before and any(markers(statement.text)[kind] for kind in TAKES_BACK):
        vectors.append(encoder.encode_queries([f"{statement.before} {statement.text}"])[0])
    near = [i for v in vectors for i, cosine in index.search(v, LOOKED_AT) if cosine >= NEAR]
    roots = set(store.claims.roots(near).values()) - store.walkbacks.settled_pairs(statement.id) if near else set()
    earlier = [c for c, at in store.walkbacks.claims_before(statement.person_id, roots).items() if is_later(said_at, at)] if roots else []
    cosines: dict[int, float] = {}
    for v in vectors:
        cosines |= {i: max(cosine, cosines.get(i, -1.0)) for i, cosine in index.cosines(v, earlier).items()}
    best = max(cosines.values(), default=0.0)
    nearest = sorted((i for i in cosines if cosines[i] >= best - AS_NEAR), key=cosines.__getitem__, reverse=True)
    return {i: cosines[i] for i in nearest[:CLAIMS_AT_ONCE]}


def _propose_about(store: Store, encoder: Encoder, claim_id: int) -> int:
    claim = store.claims.get(store.claims.root(claim_id))
    vector = store.vectors.index("claim", encoder.passage_id).get(claim.id) if claim else None
    if claim is None or vector is None:
        return 0
    made = 0
    for person in store.walkbacks.speakers(claim.id):
        first = store.walkbacks.claims_before(person, [claim.id]).get(claim.id)
        later = store.walkbacks.said_after(person, first) if first else []
        found = store.vectors.index("statement", encoder.model_id).search(vector, STATEMENTS_AT_ONCE, later) if later else []
        near = store.articles.statements_by_id([i for i, cosine in found if cosine >= NEAR])
        made += sum(propose_for(store, encoder, statement) for statement in near.values())
    return made


def _said_at(store: Store, statement: Statement) -> str | None:
    if statement.said_at:
        return statement.said_at
    article = store.articles.get(statement.article_id)
    return article.published_at if article else None


def _judge(store: Store, encoder: Encoder, claim: Claim, statement: Statement, cosine: float, passage) -> Judged:
    stored = store.vectors.index("claim", encoder.passage_id).get(claim.id)
    assert stored is not None
    return judge(
        claim.text, statement.text, cosine, float(stored @ passage), is_promise=claim.promise is not None, before=statement.before
    )


def is_later(said_at: str, first: str) -> bool:
    """Times are as exact as they are known: "2024" is not later than "2024-03-01", nor the other way round."""
    known = min(len(said_at), len(first), 10 if min(len(said_at), len(first)) < 19 else 19)
    return said_at[:known] > first[:known]


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text and for each of its characters the place in the text it comes from."""
    folded, places = [], []
    for place, character in enumerate(text.replace("’", "'")):
        for part in fold(character):
            folded.append(part)
            places.append(place)
    return "".join(folded), places


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    lines = [line for line in WORDS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {kind: _pattern(phrases.split(";")) for kind, phrases in (line.split(":", 1) for line in lines)}


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    parts = []
    for phrase in sorted((p.strip() for p in phrases if p.strip()), key=len, reverse=True):
        pieces = [" ".join(fold(w) for w in piece.split()) for piece in phrase.split("…")]
        escaped = [r"\s+".join(re.escape(w.rstrip("*")) + (r"\w*" if w.endswith("*") else "") for w in piece.split()) for piece in pieces]
        parts.append(r"\W+(?:[\w'-]+\W+){0,4}?".join(escaped))
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + r")(?!\w)")


@lru_cache(maxsize=1)
def _weights() -> list[float]:
    """The intercept, then the weight of each feature."""
    try:
        stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
        if stored["features"] != list(FEATURES):
            raise ValueError("made for other features")
        return [float(stored["intercept"]), *(float(w) for w in stored["weights"])]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{WEIGHTS.name} is missing or damaged ({error}). Restore {WEIGHTS} from the release.") from None
