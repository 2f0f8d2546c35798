"""The whole database row by row: what a full export holds, and taking one in.

What can be made anew from the rest is left out, and so is what belongs to one running house only: who is signed in, what is being uploaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from db.connection import Connection
from db.wordindex import WordIndex
from factcheck.errors import BadInput

# Made anew from what is exported.
DERIVED = frozenset({"vectors", "vector_deletions", "topic_vectors", "card_changes", "text_prints", "printed"})
# Of the house the export was made in.
LEFT_OUT = frozenset(
    {"sessions", "sign_in_attempts", "half_sign_ins", "reset_wishes", "password_resets", "erasing", "keyed_requests", "uploads", "sites"}
)
# What lets somebody in or lets us sign what is sent, and what hangs on it; exported with the users only.
OF_USERS = frozenset({"invitations", "api_tokens", "recovery_codes", "webhooks", "deliveries", "dispatches"})
# Column -> what stands there in an export without the users' secrets.
BLANKED: Mapping[str, Mapping[str, Any]] = {
    "users": {"password_hash": "", "must_change_password": 1, "factor_salt": "", "factor_step": 0},
    "alerts": {"webhook_id": None, "feed_hash": None},
}
AT_ONCE = 1000  # rows of the word index built in one go
_FRESH = """
CASE WHEN s.matched_seq >= 0 AND max(s.matched_seq, coalesce((SELECT CAST(value AS INTEGER) FROM newsroom WHERE name = 'matched_seq'), -1))
  >= (SELECT coalesce(max(seq), 0) FROM vectors WHERE kind = 'claim') THEN 0 ELSE -1 END
"""


class Whole:
    def __init__(self, connection: Connection):
        self._c = connection

    def version(self) -> list[str]:
        """The migrations this database has been through."""
        return self._c.applied()

    def tables(self, *, with_users: bool) -> list[str]:
        """What an export holds, in alphabetical order."""
        return [t for t in self._c.tables() if t not in DERIVED | LEFT_OUT and (with_users or t not in OF_USERS)]

    @contextmanager
    def unchanging(self) -> Iterator[None]:
        """Read everything as it is at one moment, whatever others write meanwhile."""
        with self._c.unchanging():
            yield

    def rows(self, table: str, *, with_users: bool) -> Iterator[dict[str, Any]]:
        """The rows of a table in the order of their keys. A statement says whether its candidates are up to date: 0, else -1."""
        names = self._c.columns(table)
        chosen = ", ".join(f"{_FRESH} AS matched_seq" if (table, n) == ("statements", "matched_seq") else f's."{n}"' for n in names)
        narrowed = "WHERE s.name NOT IN ('matched_model', 'matched_seq')" if table == "newsroom" else ""
        order = ", ".join(f's."{n}"' for n in self._c.key(table)) or "1"
        blank = {} if with_users else BLANKED.get(table, {})
        for row in self._c.db.execute(f'SELECT {chosen} FROM "{table}" s {narrowed} ORDER BY {order}'):
            yield {**dict(row), **blank}

    def filled(self) -> list[str]:
        """The tables that hold rows of somebody's, apart from the topics everybody begins with."""
        kept = [t for t in self._c.tables() if t not in DERIVED | LEFT_OUT and t not in ("topics", "newsroom")]
        return [t for t in kept if self._c.db.execute(f'SELECT 1 FROM "{t}" LIMIT 1').fetchone()]

    def load(self, tables: Iterable[tuple[str, Iterable[dict[str, Any]]]]) -> int:
        """Put the rows in as they are, all or none, and build the word index; how many. Called within a transaction.

        Raises BadInput for a table, a column or a row that does not fit.
        """
        with self._c.write() as db:
            with self._c.loading():
                count = self._put(db, tables)
            db.execute("INSERT OR IGNORE INTO card_changes (kind, object_id) SELECT 'claim', id FROM claims")
            db.execute("INSERT OR IGNORE INTO card_changes (kind, object_id) SELECT 'statement', id FROM statements WHERE is_gone = 0")
            self.index_words()
        return count

    def _put(self, db: Any, tables: Iterable[tuple[str, Iterable[dict[str, Any]]]]) -> int:
        count = 0
        known = set(self.tables(with_users=True))
        for table in known:  # before anything comes in: a deleted topic would take what hangs on it along
            db.execute(f'DELETE FROM "{table}"')
        for table, rows in tables:
            if table not in known:
                raise BadInput(f"The export holds a table {table!r} that this program does not know. Update the program.")
            names = self._c.columns(table)
            sql = f"""INSERT INTO "{table}" ({", ".join(f'"{n}"' for n in names)}) VALUES ({", ".join("?" * len(names))})"""
            for row in rows:
                if set(row) != set(names):
                    raise BadInput(f"A row of {table} in the export has other columns than this program's. Use the same version of the program.")
                try:
                    db.execute(sql, [row[n] for n in names])
                except self._c.errors as error:
                    raise BadInput(f"A row of {table} in the export cannot be stored ({error}). Nothing was imported.") from error
                count += 1
        return count

    def settle(self, model_id: str) -> None:
        """After the vectors are made: candidates that came up to date and were made by this model are so; others wait to be made anew."""
        with self._c.write() as db:
            newest = self._c.newest_vector()
            db.execute("UPDATE statements SET matched_seq = CASE WHEN matched_seq >= 0 AND matched_model = ? THEN ? ELSE -1 END", [model_id, newest])
            event = db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0]
            db.execute("INSERT OR IGNORE INTO newsroom (name, value) VALUES ('matched_event', ?)", [str(event)])  # else as it came
            for name, value in (("matched_model", model_id), ("matched_seq", newest)):
                db.execute(
                    "INSERT INTO newsroom (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", [name, str(value)]
                )

    def index_words(self) -> None:
        """Put every claim and statement into the word indexes, which are empty."""
        for table, sql in (
            ("claims", "SELECT id, language, text, title, body FROM claims WHERE id > ? ORDER BY id LIMIT ?"),
            (
                "statements",
                """
                SELECT s.id, a.language, s.text, s.speaker FROM statements s JOIN articles a ON a.id = s.article_id
                WHERE s.is_gone = 0 AND s.id > ? ORDER BY s.id LIMIT ?
                """,
            ),
        ):
            words, last = WordIndex(self._c, table), 0
            while rows := self._c.db.execute(sql, [last, AT_ONCE]).fetchall():
                for row in rows:
                    words.put(row["id"], row["language"], {n: row[n] for n in tuple(row.keys())[2:]})
                last = rows[-1]["id"]


