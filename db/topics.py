"""Topics, what they are about, and what is about them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from db.articles import Articles
from db.claims import Claims
from db.clock import now
from db.connection import Connection
from db.kept import KeptFigures
from factcheck.records import Article, Claim, Rating, Statement, Topic, TopicMark

_STANDS = "by_hand <> 'removed'"
_CLAIMS = "topic_assignments a JOIN claims c ON c.id = a.object_id WHERE a.kind = 'claim' AND a.topic_id = ? AND a.by_hand <> 'removed' AND c.merged_into IS NULL"
_STATEMENTS = "topic_assignments a JOIN statements s ON s.id = a.object_id WHERE a.kind = 'statement' AND a.topic_id = ? AND a.by_hand <> 'removed' AND s.is_gone = 0"
SAME_SCORE = 0.01  # a score that moved by less is left as it is


class Topics:
    def __init__(self, connection: Connection, figures: KeptFigures):
        self._c = connection
        self._figures = figures
        self._claims = Claims(connection)
        self._articles = Articles(connection)

    # Topics

    def all(self) -> list[Topic]:
        """Every topic, by name."""
        return [_topic(r) for r in self._c.db.execute("SELECT * FROM topics ORDER BY name")]

    def get(self, topic_id: int) -> Topic | None:
        row = self._c.db.execute("SELECT * FROM topics WHERE id = ?", [topic_id]).fetchone()
        return _topic(row) if row else None

    def named(self, name: str) -> Topic | None:
        """The topic with this name in either language, in any case."""
        return next((t for t in self.all() if name.casefold() in (t.name.casefold(), t.name_de.casefold())), None)

    def add(self, name: str, name_de: str, description: str) -> int:
        with self._c.write() as db:
            made = db.execute(
                "INSERT INTO topics (name, name_de, description, created_at, changed_at) VALUES (?, ?, ?, ?, ?)",
                [name, name_de, description, now(), now()],
            ).lastrowid
        self._figures.forget("topics")
        return made

    def change(self, topic: Topic) -> None:
        """Give the topic with this id other names or another description."""
        with self._c.write() as db:
            db.execute(
                "UPDATE topics SET name = ?, name_de = ?, description = ?, changed_at = ? WHERE id = ?",
                [topic.name, topic.name_de, topic.description, now(), topic.id],
            )
        self._figures.forget("topics")

    def delete(self, topic_id: int) -> None:
        """Take a topic off file with all its marks, also those given by hand."""
        with self._c.write() as db:
            db.execute("DELETE FROM topics WHERE id = ?", [topic_id])
        self._figures.forget("topics")

    # What is about them

    def counts(self) -> dict[int, tuple[int, int]]:
        """Topic id -> (claims, statements), for every topic; among many thousands as of some seconds ago (``kept``)."""
        topics = tuple(r["id"] for r in self._c.db.execute("SELECT id FROM topics ORDER BY id"))
        return self._figures.get(("topics", "counts", topics), self._count)

    def _count(self) -> dict[int, tuple[int, int]]:
        found = {r["id"]: [0, 0] for r in self._c.db.execute("SELECT id FROM topics")}
        for place, table, standing in ((0, "claim", "claims o ON o.id = a.object_id AND o.merged_into IS NULL"), (1, "statement", "statements o ON o.id = a.object_id AND o.is_gone = 0")):
            for r in self._c.db.execute(
                f"SELECT a.topic_id, count(*) AS n FROM topic_assignments a JOIN {standing} WHERE a.kind = ? AND a.{_STANDS} GROUP BY a.topic_id", [table]
            ):
                found[r["topic_id"]][place] = r["n"]
        return {topic_id: (claims, statements) for topic_id, (claims, statements) in found.items()}

    def marks(self, kind: str, ids: Iterable[int]) -> dict[int, list[TopicMark]]:
        """Object id -> its marks, those given by hand first, then the likeliest; also marks that were removed by hand."""
        rows = self._c.db.execute(
            """
            SELECT object_id, topic_id, score, by_hand FROM topic_assignments
            WHERE kind = ? AND object_id IN (SELECT value FROM json_each(?)) ORDER BY object_id, by_hand = 'given' DESC, score DESC, topic_id
            """,
            [kind, json.dumps(list(ids))],
        )
        found: dict[int, list[TopicMark]] = {}
        for r in rows:
            found.setdefault(r["object_id"], []).append(TopicMark(r["topic_id"], r["score"], r["by_hand"]))
        return found

    def claims(self, topic_id: int, limit: int, offset: int = 0) -> list[Claim]:
        """A page of a topic's claims, the newest on file first."""
        rows = self._c.db.execute(f"SELECT c.id FROM {_CLAIMS} ORDER BY c.id DESC LIMIT ? OFFSET ?", [topic_id, limit, offset])
        return self._claims.in_order(r["id"] for r in rows.fetchall())

    def statements(self, topic_id: int, limit: int, offset: int = 0) -> list[tuple[Statement, Article]]:
        """A page of a topic's statements, the newest on file first."""
        rows = self._c.db.execute(f"SELECT s.id FROM {_STATEMENTS} ORDER BY s.id DESC LIMIT ? OFFSET ?", [topic_id, limit, offset])
        ids = [r["id"] for r in rows]
        found = self._articles.statements_by_id(ids)
        articles = self._articles.many({s.article_id for s in found.values()})
        return [(found[i], articles[found[i].article_id]) for i in ids]

    def ratings(self, topic_id: int) -> dict[Rating, int]:
        """Rating -> how many of the topic's claims have it; those that none has are left out. Kept as ``counts`` is."""
        return self._figures.get(("topics", "ratings", topic_id), lambda: self._ratings(topic_id))

    def _ratings(self, topic_id: int) -> dict[Rating, int]:
        rows = self._c.db.execute(f"SELECT c.rating, count(*) AS n FROM {_CLAIMS} GROUP BY c.rating", [topic_id])
        counts = {Rating(r["rating"]): r["n"] for r in rows}
        return {rating: counts[rating] for rating in Rating if rating in counts}

    def set_by_hand(self, kind: str, object_id: int, topic_id: int, word: str) -> None:
        """Note an editor's word: "given", "removed", or "" to go by the description again, which the next assignment does."""
        with self._c.write() as db:
            db.execute(
                """
                INSERT INTO topic_assignments (topic_id, kind, object_id, score, by_hand) VALUES (?1, ?2, ?3, 0, ?4)
                ON CONFLICT (kind, object_id, topic_id) DO UPDATE SET by_hand = excluded.by_hand
                """,
                [topic_id, kind, object_id, word],
            )
            if not word:
                db.execute("DELETE FROM topic_states WHERE kind = ? AND object_id = ?", [kind, object_id])
        self._figures.forget("topics")

    # Assigning

    def waiting(
        self, kind: str, model_id: str, state: str, limit: int, *, after: int = 0, only: Sequence[int] | None = None
    ) -> tuple[list[tuple[int, str]], np.ndarray]:
        """((id, content hash) of rows not assigned in this state, by id and above ``after``; their vectors (rows, dimensions), float32)."""
        narrowed = "AND v.object_id IN (SELECT value FROM json_each(?))" if only is not None else ""
        rows = self._c.db.execute(
            f"""
            SELECT v.object_id, v.content_hash, v.vector FROM vectors v
            LEFT JOIN topic_states t ON t.kind = v.kind AND t.object_id = v.object_id
            WHERE v.kind = ? AND v.model_id = ? AND v.object_id > ? AND (t.state IS NOT ? OR t.content_hash IS NOT v.content_hash) {narrowed}
            ORDER BY v.object_id LIMIT ?
            """,
            [kind, model_id, after, state, *([json.dumps(list(only))] if only is not None else []), limit],
        ).fetchall()
        vectors = np.frombuffer(b"".join(r["vector"] for r in rows), dtype="<f2").astype(np.float32)
        return [(r["object_id"], r["content_hash"]) for r in rows], vectors.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float32)

    def count_waiting(self, kind: str, model_id: str, state: str) -> int:
        """How many rows are not assigned in this state; among many thousands as of some seconds ago (``kept``)."""
        return self._figures.get(("topics", "waiting", kind, model_id, state), lambda: self._count_waiting(kind, model_id, state))

    def _count_waiting(self, kind: str, model_id: str, state: str) -> int:
        return self._c.db.execute(
            """
            SELECT count(*) FROM vectors v LEFT JOIN topic_states t ON t.kind = v.kind AND t.object_id = v.object_id
            WHERE v.kind = ? AND v.model_id = ? AND (t.state IS NOT ? OR t.content_hash IS NOT v.content_hash)
            """,
            [kind, model_id, state],
        ).fetchone()[0]

    def put(self, kind: str, state: str, rows: Sequence[tuple[int, str]], found: Mapping[int, Mapping[int, float]]) -> None:
        """Make {object: {topic: score}} the marks of (id, content hash) rows, beside what editors gave or removed."""
        before = self.marks(kind, [i for i, _ in rows])
        gone, new = [], []
        for object_id, _ in rows:
            known = {m.topic_id: m for m in before.get(object_id, ())}
            wanted = found.get(object_id, {})
            gone += [(kind, object_id, t) for t, m in known.items() if not m.by_hand and t not in wanted]
            new += [
                (t, kind, object_id, score) for t, score in wanted.items() if t not in known or abs(known[t].score - score) >= SAME_SCORE
            ]
        with self._c.write() as db:
            db.conn.executemany(
                "DELETE FROM topic_assignments WHERE kind = ? AND object_id = ? AND topic_id = ? AND by_hand = ''", gone
            )
            db.conn.executemany(
                """
                INSERT INTO topic_assignments (topic_id, kind, object_id, score) SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM topics WHERE id = ?1)
                ON CONFLICT (kind, object_id, topic_id) DO UPDATE SET score = excluded.score
                """,
                new,
            )
            db.conn.executemany(
                "INSERT INTO topic_states (kind, object_id, state, content_hash) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (kind, object_id) DO UPDATE SET state = excluded.state, content_hash = excluded.content_hash",
                [(kind, object_id, state, digest) for object_id, digest in rows],
            )

    def vectors(self, model_id: str, role: str, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """Text -> the vector kept for it, as far as there is one."""
        rows = self._c.db.execute(
            "SELECT text, vector FROM topic_vectors WHERE model_id = ? AND role = ? AND text IN (SELECT CAST(value AS TEXT) FROM json_each(?))",
            [model_id, role, json.dumps(list(texts))],
        )
        return {r["text"]: np.frombuffer(r["vector"], dtype="<f4") for r in rows}

    def keep_vectors(self, model_id: str, role: str, made: Mapping[str, np.ndarray]) -> None:
        """Keep vectors of a model; those of another one are dropped."""
        with self._c.write() as db:
            db.execute("DELETE FROM topic_vectors WHERE role = ? AND model_id <> ?", [role, model_id])
            db.conn.executemany(
                "INSERT INTO topic_vectors (model_id, role, text, vector) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (model_id, role, text) DO UPDATE SET vector = excluded.vector",
                [(model_id, role, text, np.ascontiguousarray(vector, "<f4").tobytes()) for text, vector in made.items()],
            )


def _topic(row) -> Topic:
    return Topic(row["id"], row["name"], row["description"], row["name_de"])
