"""Articles and the statements extracted from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from db.clock import now
from db.connection import Connection
from db.wordindex import WordIndex
from factcheck.records import Article, Deadline, Kind, Statement, Suggestion


def statement_hash(text: str, speaker: str) -> str:
    """What a statement's vector depends on; the vector is made again when it changes."""
    return hashlib.sha256(f"{text}\0{speaker}".encode()).hexdigest()[:32]


class Articles:
    def __init__(self, connection: Connection):
        self._c = connection
        self._words = WordIndex(connection, "statements")

    def get(self, article_id: int) -> Article | None:
        return _article(self._c.db.execute("SELECT * FROM articles WHERE id = ?", [article_id]).fetchone())

    def many(self, ids: Iterable[int]) -> dict[int, Article]:
        wanted = list(ids)
        rows = self._c.db.execute(f"SELECT * FROM articles WHERE id IN ({','.join('?' * len(wanted))})", wanted)
        return {r["id"]: _article(r) for r in rows}

    def same(self, url: str | None, text_hash: str) -> Article | None:
        """The article already on file with this URL or this text."""
        row = self._c.db.execute(
            "SELECT * FROM articles WHERE (url IS NOT NULL AND url = ?) OR text_hash = ? LIMIT 1", [url, text_hash]
        ).fetchone()
        return _article(row)

    def newest(self, limit: int = 20, before: int | None = None) -> list[Article]:
        """The articles added last, newest first; ``before`` an article's id gives the ones added earlier."""
        rows = self._c.db.execute(
            "SELECT * FROM articles WHERE id < ? ORDER BY id DESC LIMIT ?", [before or 2**62, limit]
        )
        return [_article(r) for r in rows]

    def count(self) -> int:
        return self._c.db.execute("SELECT count(*) FROM articles").fetchone()[0]

    def add(self, article: Article, text_hash: str) -> Article:
        """Store a new article as queued."""
        with self._c.write() as db:
            article_id = db.execute(
                """
                INSERT INTO articles (url, text, text_hash, language, title, author, source, published_at, added_at, added_by)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    article.url, article.text, text_hash, article.language, article.title, article.author, article.source,
                    article.published_at, now(), article.added_by,
                ],
            ).lastrowid  # fmt: skip
        stored = self.get(article_id)
        assert stored is not None
        return stored

    def claim_next(self) -> int | None:
        """Take the oldest queued article to work on: its id, or None when nothing waits."""
        with self._c.write() as db:
            row = db.execute("SELECT id FROM articles WHERE state = 'queued' ORDER BY id LIMIT 1").fetchone()
            if row:
                db.execute("UPDATE articles SET state = 'working' WHERE id = ?", [row["id"]])
            return row["id"] if row else None

    def set_state(self, article_id: int, state: str, error: str = "") -> None:
        with self._c.write() as db:
            db.execute("UPDATE articles SET state = ?, error = ? WHERE id = ?", [state, error, article_id])

    def requeue_interrupted(self) -> int:
        """Put back what a stopped process was working on; how many. Called once, before workers start."""
        with self._c.write() as db:
            return db.execute("UPDATE articles SET state = 'queued' WHERE state = 'working'").rowcount

    # Statements

    def statements(self, article_id: int) -> list[Statement]:
        """The statements of an article in the order of the text."""
        rows = self._c.db.execute('SELECT * FROM statements WHERE article_id = ? ORDER BY start, "end"', [article_id])
        return [_statement(r) for r in rows]

    def statement(self, statement_id: int) -> Statement | None:
        row = self._c.db.execute("SELECT * FROM statements WHERE id = ?", [statement_id]).fetchone()
        return _statement(row) if row else None

    def statements_by_id(self, ids: Iterable[int]) -> dict[int, Statement]:
        wanted = list(ids)
        rows = self._c.db.execute(f"SELECT * FROM statements WHERE id IN ({','.join('?' * len(wanted))})", wanted)
        return {r["id"]: _statement(r) for r in rows}

    def count_statements(self) -> int:
        return self._c.db.execute("SELECT count(*) FROM statements").fetchone()[0]

    def of_person(self, person_id: int, limit: int = 50) -> list[Statement]:
        """What a person said, newest first."""
        rows = self._c.db.execute(
            "SELECT * FROM statements WHERE person_id = ? ORDER BY said_at DESC, id DESC LIMIT ?", [person_id, limit]
        )
        return [_statement(r) for r in rows]

    def put_statements(self, article_id: int, language: str, statements: Sequence[Statement]) -> list[Statement]:
        """Store the statements of an article and index their words; spans already on file are left as they are."""
        with self._c.write() as db:
            for s in statements:
                deadline = s.deadline or Deadline("")
                cursor = db.execute(
                    """
                    INSERT OR IGNORE INTO statements (article_id, start, "end", text, kind, speaker, mention, cue, person_id, said_at,
                      check_worthy, is_promise, deadline_text, deadline_hours, deadline_by, before, after, suggestions,
                      content_hash)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        article_id, s.start, s.end, s.text, str(s.kind), s.speaker, s.mention, s.cue, s.person_id, s.said_at,
                        s.check_worthy, int(s.is_promise), deadline.text, deadline.hours, deadline.by, s.before, s.after,
                        json.dumps([[g.name, g.reason, g.likelihood] for g in s.suggestions], ensure_ascii=False),
                        statement_hash(s.text, s.speaker),
                    ],
                )  # fmt: skip
                if cursor.rowcount == 1:
                    self._words.put(cursor.lastrowid, language, {"text": s.text, "speaker": s.speaker})
        return self.statements(article_id)

    def set_queue(self, statement_id: int, *, urgency: float | None = None, is_open: bool | None = None) -> None:
        """Set a statement's place in the queue, whether it waits, or both."""
        with self._c.write() as db:
            if urgency is not None:
                db.execute("UPDATE statements SET urgency = ? WHERE id = ?", [urgency, statement_id])
            if is_open is not None:
                db.execute("UPDATE statements SET is_open = ? WHERE id = ?", [int(is_open), statement_id])


def _article(row) -> Article | None:
    if row is None:
        return None
    return Article(**{k: row[k] for k in row.keys() if k != "text_hash"})


def _statement(row) -> Statement:
    has_deadline = row["deadline_text"] or row["deadline_hours"] or row["deadline_by"]
    return Statement(
        id=row["id"],
        article_id=row["article_id"],
        start=row["start"],
        end=row["end"],
        text=row["text"],
        kind=Kind(row["kind"]),
        speaker=row["speaker"],
        mention=row["mention"],
        cue=row["cue"],
        person_id=row["person_id"],
        said_at=row["said_at"],
        check_worthy=row["check_worthy"],
        is_promise=bool(row["is_promise"]),
        deadline=Deadline(row["deadline_text"], row["deadline_hours"], row["deadline_by"]) if has_deadline else None,
        before=row["before"],
        after=row["after"],
        suggestions=tuple(Suggestion(*each) for each in json.loads(row["suggestions"])),
    )
