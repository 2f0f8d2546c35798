"""A large store of invented claims and statements, for measuring: texts of our own with words exchanged, vectors mixed of theirs.

Words fall off in frequency as words do, a quarter of them are invented names and numbers; vectors are those of the shipped model for our own
texts, each moved along the difference of two others, so that an index meets them as it meets real ones. A fixed seed makes the same
store each time. Nobody said any of this.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from db import Store
from factcheck.embed import Encoder
from factcheck.records import Rating
from factcheck.words import fold, index_text

ROOT = Path(__file__).resolve().parent.parent
OWN = (
    *(ROOT / "factcheck" / "data" / name for name in ("pinned_pairs.jsonl", "topic_examples.jsonl")),
    *(ROOT / "tests" / "pairs" / name for name in ("german_dev.jsonl", "natures.jsonl", "promises.jsonl", "topics.jsonl", "walkbacks.jsonl")),
)
CHUNK = 20_000
NAMES = 60_000  # invented ones
SPEAKERS, DESKS, OUTLETS, TOPICS = 5_000, 80, 200, 12
WAITING = 0.2  # of the statements, at most ``MOST_WAITING``
MOST_WAITING = 100_000
NOW = "2026-01-05T09:00:00+00:00"
_SYLLABLES = "ba be bi bo da de di do fa fe ga go ha he ka ke ko la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se si so ta te to va ve vo wa we za ze".split()


def own_texts(path: Path | None = None) -> list[tuple[str, str]]:
    """(text, language) of all texts of our own, or of those of a JSON Lines file with ``text``."""
    found: dict[str, str] = {}
    for file in (path,) if path else OWN:
        for line in file.read_text(encoding="utf-8").split("\n"):
            row = json.loads(line) if line.strip() else {}
            text = row.get("text") or row.get("statement") or ""
            if text:
                found.setdefault(text, row.get("language") or "en")
    return list(found.items())


class Inventor:
    """Makes texts and vectors, always the same ones in the same order."""

    def __init__(self, encoder: Encoder, seed: int = 7, path: Path | None = None):
        self.rng = random.Random(seed)
        self.chance = np.random.default_rng(seed)
        self.own = own_texts(path)[:4_000]
        self.passages = encoder.encode_passages([t for t, _ in self.own])
        self.queries = encoder.encode_queries([t for t, _ in self.own])
        words = [w for text, _ in self.own for w in re.findall(r"\w+", text)]
        self._words = words
        self._names = ["".join(self.rng.choices(_SYLLABLES, k=self.rng.randint(2, 4))).title() for _ in range(NAMES)]

    def name(self) -> str:
        return self._names[min(int(self.rng.paretovariate(0.6)) - 1, NAMES - 1)]

    def text(self, at: int) -> str:
        """One of our own texts with a third of its words exchanged."""
        rng = self.rng
        words = self.own[at][0].split()
        for place, word in enumerate(words):
            draw = rng.random()
            if word[:1].isdigit() and draw < 0.8:
                words[place] = str(rng.randint(1, 9_999))
            elif draw < 0.12:
                words[place] = self.name()
            elif draw < 0.35:
                words[place] = rng.choice(self._words)
        return " ".join(words)

    def vectors(self, base: np.ndarray, at: Sequence[int]) -> np.ndarray:
        """Unit vectors around those of the texts: some nearly the same, some far off."""
        some = self.chance.integers(0, len(base), (2, len(at)))
        far = self.chance.uniform(0.1, 0.8, (len(at), 1)).astype(np.float32)
        made = base[np.asarray(at)] + far * (base[some[0]] - base[some[1]])
        return made / np.linalg.norm(made, axis=1, keepdims=True)


def fill(store: Store, encoder: Encoder, claims: int, statements: int, path: Path | None = None) -> None:
    """Claims with reviews, people and topics; statements in articles of twenty, a tenth of them confirmed to make a claim, some waiting."""
    made = Inventor(encoder, path=path)
    speakers = [f"{made.name()} {made.name()} {n}" for n in range(SPEAKERS)]
    with store.write() as db:
        rows = [(n + 1, s, fold(s), s.split()[1], NOW) for n, s in enumerate(speakers)]
        db.conn.executemany("INSERT INTO people (id, name, folded, surname_key, created_at) VALUES (?, ?, ?, ?, ?)", rows)
    with store.write() as db:
        db.conn.executemany(
            "INSERT OR IGNORE INTO topics (name, description, created_at, changed_at) VALUES (?, ?, ?, ?)",
            [(f"Invented topic {n}", "About nothing.", NOW, NOW) for n in range(TOPICS)],
        )
        topics = [r[0] for r in db.conn.execute("SELECT id FROM topics")]
    for start in range(1, claims + 1, CHUNK):
        _claims(store, encoder, made, range(start, min(start + CHUNK, claims + 1)), speakers, topics)
    waiting = min(int(statements * WAITING), MOST_WAITING)
    for start in range(1, statements + 1, CHUNK):
        _statements(store, encoder, made, range(start, min(start + CHUNK, statements + 1)), speakers, claims, statements - waiting)
    with store.write() as db:
        linked = "SELECT count(*) FROM decisions d WHERE d.claim_id = claims.id AND d.relation = 'same' AND d.undone_at IS NULL"
        db.execute(f"UPDATE claims SET occurrence_count = ({linked}) WHERE id IN (SELECT claim_id FROM decisions)")
        db.conn.execute("ANALYZE")


def _day(rng: random.Random) -> str:
    return f"{rng.randint(2008, 2025)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _who(rng: random.Random) -> int:
    return min(int(rng.paretovariate(0.5)), SPEAKERS)


def _claims(store: Store, encoder: Encoder, made: Inventor, ids: range, speakers: Sequence[str], topics: Sequence[int]) -> None:
    rng, ratings = made.rng, [str(r) for r in Rating]
    at = [rng.randrange(len(made.own)) for _ in ids]
    texts, titles = [made.text(a) for a in at], [made.text(rng.randrange(len(made.own)))[:60] for _ in ids]
    who = [_who(rng) for _ in ids]
    with store.write() as db:
        db.conn.executemany(
            "INSERT INTO claims (id, key, text, language, title, speaker, speaker_folded, person_id, first_said_at, is_promise, rating, deadline, content_hash, "
            "created_at, newest_review_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (i, f"c{i}", t, made.own[a][1], title, speakers[w - 1], fold(speakers[w - 1]), w, _day(rng), int(rng.random() < 0.05), rng.choice(ratings), None, f"h{i}", NOW, _day(rng))
                for i, t, title, a, w in zip(ids, texts, titles, at, who, strict=True)
            ],
        )
        db.conn.executemany(
            "INSERT INTO reviews (claim_id, publisher, url, title, rating, published_at) VALUES (?, ?, ?, ?, ?, ?)",
            [(i, f"Desk {min(int(rng.expovariate(0.2)), DESKS)}", f"https://desk.example/{i}", title, "false", _day(rng)) for i, title in zip(ids, titles, strict=True)],
        )
        db.conn.executemany(
            "INSERT INTO topic_assignments (topic_id, kind, object_id, score) VALUES (?, 'claim', ?, 0.9)", [(rng.choice(topics), i) for i in ids]
        )
    _index(store, "claims", ids, [(index_text(t, "en"), index_text(title, "en"), "") for t, title in zip(texts, titles, strict=True)], [f"{t} {h}" for t, h in zip(texts, titles, strict=True)])
    store.vectors.put("claim", encoder.passage_id, [(i, f"h{i}") for i in ids], made.vectors(made.passages, at))


def _statements(store: Store, encoder: Encoder, made: Inventor, ids: range, speakers: Sequence[str], claims: int, decided: int) -> None:
    rng = made.rng
    at = [rng.randrange(len(made.own)) for _ in ids]
    texts, who = [made.text(a) for a in at], [_who(rng) for _ in ids]
    articles = sorted({(i - 1) // 20 + 1 for i in ids})
    with store.write() as db:
        db.conn.executemany(
            "INSERT OR IGNORE INTO articles (id, text, text_hash, language, source, title, published_at, added_at, state) VALUES (?, '', ?, ?, ?, ?, ?, ?, 'ready')",
            [(a, f"a{a}", rng.choice(("en", "de")), f"Outlet {min(int(rng.expovariate(0.1)), OUTLETS)}", f"Article {a}", _day(rng), NOW) for a in articles],
        )
        db.conn.executemany(
            'INSERT INTO statements (id, article_id, start, "end", text, kind, speaker, person_id, said_at, check_worthy, nature, content_hash, is_open, urgency) '
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    i, (i - 1) // 20 + 1, i * 10, i * 10 + 5, t, rng.choice(("direct", "indirect", "reported")), speakers[w - 1], w, _day(rng), rng.random(),
                    rng.choice(("fact", "opinion", "")), f"h{i}", int(i > decided), rng.random() * 10,
                )
                for i, t, w in zip(ids, texts, who, strict=True)
            ],
        )  # fmt: skip
        db.conn.executemany(
            "INSERT INTO decisions (statement_id, claim_id, relation, user_name, at) VALUES (?, ?, 'same', 'bench', ?)",
            [(i, rng.randint(1, claims), NOW) for i in ids if i <= decided and rng.random() < 0.1] if claims else [],
        )
        db.conn.executemany(
            "INSERT OR IGNORE INTO candidates (statement_id, claim_id, rank, score, probability, relation, evidence) VALUES (?, ?, ?, ?, ?, 'related', '{}')",
            [(i, rng.randint(1, claims), place, 1.0, rng.random(), ) for i in ids if i > decided for place in (1, 2)] if claims else [],
        )  # fmt: skip
    _index(store, "statements", ids, [(index_text(t, "en"), index_text(speakers[w - 1], "en")) for t, w in zip(texts, who, strict=True)], texts)
    store.vectors.put("statement", encoder.model_id, [(i, f"h{i}") for i in ids], made.vectors(made.queries, at))


def _index(store: Store, table: str, ids: range, columns: Sequence[tuple[str, ...]], own: Sequence[str]) -> None:
    names = "text, title, body" if table == "claims" else "text, speaker"
    with store.write() as db:
        marks = ", ".join("?" * (1 + len(columns[0])))
        db.conn.executemany(f"INSERT INTO {table}_words (rowid, {names}) VALUES ({marks})", [(i, *c) for i, c in zip(ids, columns, strict=True)])
        db.conn.executemany(f"INSERT INTO {table}_trigrams (rowid, text) VALUES (?, ?)", [(i, fold(t)) for i, t in zip(ids, own, strict=True)])
