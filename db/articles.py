"""Articles and the statements extracted from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from db.clock import now
from db.connection import Connection
from db.statements import StatementRows, read_statement
from factcheck.records import Article, Statement


class Articles:
    def __init__(self, connection: Connection):
        self._c = connection
        self._rows = StatementRows(connection)

    def get(self, article_id: int) -> Article | None:
        return _article(self._c.db.execute("SELECT * FROM articles WHERE id = ?", [article_id]).fetchone())

    def many(self, ids: Iterable[int]) -> dict[int, Article]:
        wanted = list(ids)
        rows = self._c.db.execute(f"SELECT * FROM articles WHERE id IN ({','.join('?' * len(wanted))})", wanted)
        return {r["id"]: _article(r) for r in rows}

    def dates(self, article_id: int) -> tuple[str | None, str]:
        """(published, added) of an article, without reading its text."""
        row = self._c.db.execute("SELECT published_at, added_at FROM articles WHERE id = ?", [article_id]).fetchone()
        return (row["published_at"], row["added_at"]) if row else (None, "")

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

    def ids(self) -> list[int]:
        """Ids of all articles, in order."""
        return [r["id"] for r in self._c.db.execute("SELECT id FROM articles ORDER BY id")]

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

    def claim_next(self, by: str = "") -> int | None:
        """Take the oldest queued article to work on, ``by`` a process: its id, or None when nothing waits."""
        with self._c.taking() as db:
            row = db.execute(f"SELECT id FROM articles WHERE state = 'queued' ORDER BY id LIMIT 1 {self._c.one_at_a_time}").fetchone()
            if row:
                db.execute("UPDATE articles SET state = 'working', taken_by = ? WHERE id = ?", [by, row["id"]])
            return row["id"] if row else None

    def set_state(self, article_id: int, state: str, error: str = "") -> None:
        with self._c.write() as db:
            db.execute("UPDATE articles SET state = ?, error = ? WHERE id = ?", [state, error, article_id])

    def requeue_interrupted(self, has_ended: Callable[[str], bool] = lambda by: True) -> int:
        """Put back what processes were working on that have ended; how many."""
        with self._c.write() as db:
            taken = db.execute("SELECT id, taken_by FROM articles WHERE state = 'working'").fetchall()
            left = [[row["id"]] for row in taken if has_ended(row["taken_by"])]
            if left:
                db.conn.executemany("UPDATE articles SET state = 'queued', taken_by = '' WHERE id = ?", left)
            return len(left)

    def states(self) -> dict[str, int]:
        """How many articles are queued, being worked on, or failed."""
        found = dict.fromkeys(("queued", "working", "failed"), 0)
        rows = self._c.db.execute("SELECT state, count(*) AS n FROM articles WHERE state <> 'ready' GROUP BY state")
        return found | {r["state"]: r["n"] for r in rows}

    # Statements

    def statements(self, article_id: int) -> list[Statement]:
        """The statements of an article in the order of the text."""
        rows = self._c.db.execute('SELECT * FROM statements WHERE article_id = ? AND is_gone = 0 ORDER BY start, "end"', [article_id])
        return [read_statement(r) for r in rows]

    def statement(self, statement_id: int) -> Statement | None:
        """A statement; None when there is none with this id, or none any more."""
        row = self._c.db.execute("SELECT * FROM statements WHERE id = ? AND is_gone = 0", [statement_id]).fetchone()
        return read_statement(row) if row else None

    def statements_by_id(self, ids: Iterable[int]) -> dict[int, Statement]:
        """Statements by id, also those that are out of sight by now."""
        wanted = list(ids)
        rows = self._c.db.execute(f"SELECT * FROM statements WHERE id IN ({','.join('?' * len(wanted))})", wanted)
        return {r["id"]: read_statement(r) for r in rows}

    def statement_texts(self, ids: Iterable[int]) -> dict[int, str]:
        """Texts of statements by id, also of those out of sight: what comparing hundreds of them takes."""
        wanted = list(ids)
        rows = self._c.db.execute(f"SELECT id, text FROM statements WHERE id IN ({','.join('?' * len(wanted))})", wanted)
        return {r["id"]: r["text"] for r in rows}

    def count_statements(self) -> int:
        return self._c.db.execute("SELECT count(*) FROM statements WHERE is_gone = 0").fetchone()[0]

    def of_person(self, person_id: int, limit: int = 50) -> list[Statement]:
        """What a person said, newest first."""
        rows = self._c.db.execute(
            "SELECT * FROM statements WHERE person_id = ? AND is_gone = 0 ORDER BY said_at DESC NULLS LAST, id DESC LIMIT ?", [person_id, limit]
        )
        return [read_statement(r) for r in rows]

    def put_statements(self, article_id: int, language: str, statements: Sequence[Statement]) -> list[Statement]:
        """Make these the statements of an article and index their words; returns them as stored, in the order of the text.

        One with an id, or at the place of one on file, is changed in place; those on file that are not among them go out of sight.
        """
        self._rows.replace(article_id, language, statements)
        return self.statements(article_id)

    def add_statement(self, article_id: int, language: str, statement: Statement) -> Statement:
        """Store one more statement of an article."""
        return self.statements_by_id([self._rows.add(article_id, language, statement)]).popitem()[1]

    def change_statement(self, language: str, statement: Statement) -> None:
        """Give the statement with this id another content; one that was out of sight is back."""
        self._rows.change(statement.id, language, statement)

    def hide_statement(self, statement_id: int) -> None:
        """Take a statement out of every list, search and queue; decisions and corrections may still name it."""
        self._rows.hide([statement_id])

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
    return Article(**{k: row[k] for k in row.keys() if k not in ("text_hash", "taken_by")})
