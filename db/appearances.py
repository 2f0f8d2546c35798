"""Where a text was published, and by which prints a text that was published before is found again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import Appearance


class Appearances:
    def __init__(self, connection: Connection):
        self._c = connection

    def put(self, appearance: Appearance) -> None:
        """Note a place where a text stands; one that is noted already stays."""
        with self._c.write() as db:
            db.execute(
                "INSERT INTO appearances (article_id, source_id, outlet, url, title, published_at, licence, seen_at, earlier_id) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (article_id, url) DO NOTHING",
                [
                    appearance.article_id, appearance.source_id, appearance.outlet, appearance.url, appearance.title,
                    appearance.published_at, appearance.licence, now(), appearance.earlier_id,
                ],
            )  # fmt: skip

    def changed(self, article_id: int, url: str) -> None:
        """Note that the page was changed a little since."""
        with self._c.write() as db:
            db.execute("UPDATE appearances SET changed_at = ? WHERE article_id = ? AND url = ?", [now(), article_id, url])

    def of_article(self, article_id: int) -> list[Appearance]:
        """Where a text stands, in the order it was seen."""
        rows = self._c.db.execute("SELECT * FROM appearances WHERE article_id = ? ORDER BY id", [article_id])
        return [_appearance(r) for r in rows]

    def later(self, article_id: int) -> Appearance | None:
        """What took this text's place at its address."""
        row = self._c.db.execute("SELECT * FROM appearances WHERE earlier_id = ? ORDER BY id DESC LIMIT 1", [article_id]).fetchone()
        return _appearance(row) if row else None

    def licences(self, article_ids: Collection[int]) -> dict[int, list[str]]:
        """The licences under which articles were published, each once, in the order they were seen."""
        wanted = list(article_ids)
        rows = self._c.db.execute(
            f"SELECT article_id, licence FROM appearances WHERE licence <> '' AND article_id IN ({','.join('?' * len(wanted))}) ORDER BY id", wanted
        )
        found: dict[int, list[str]] = {}
        for row in rows:
            if row["licence"] not in found.setdefault(row["article_id"], []):
                found[row["article_id"]].append(row["licence"])
        return found

    def stands_at(self, url: str) -> int | None:
        """The article that was last read at an address."""
        row = self._c.db.execute(
            "SELECT article_id FROM appearances WHERE url = ?1 ORDER BY id DESC LIMIT 1", [url]
        ).fetchone() or self._c.db.execute("SELECT id FROM articles WHERE url = ?", [url]).fetchone()
        return row[0] if row else None

    def with_hash(self, text_hash: str) -> int | None:
        """The article with exactly this text."""
        row = self._c.db.execute("SELECT id FROM articles WHERE text_hash = ?", [text_hash]).fetchone()
        return row["id"] if row else None

    # Prints

    def without_prints(self, limit: int) -> dict[int, str]:
        """Texts of articles that have no prints yet, by id, the oldest first."""
        rows = self._c.db.execute(
            "SELECT id, text FROM articles WHERE id > (SELECT up_to FROM printed) ORDER BY id LIMIT ?", [limit]
        )
        return {r["id"]: r["text"] for r in rows}

    def put_prints(self, prints: Mapping[int, Collection[int]]) -> None:
        """Keep the prints of articles, the next in order."""
        with self._c.write() as db:
            for article_id, found in prints.items():
                db.conn.executemany("INSERT OR IGNORE INTO text_prints VALUES (?, ?)", [(p, article_id) for p in found])
            db.execute("UPDATE printed SET up_to = max(up_to, ?)", [max(prints, default=0)])

    def sharing(self, prints: Collection[int], limit: int) -> list[int]:
        """Articles that share most prints, most first."""
        wanted = list(prints)[:900]
        rows = self._c.db.execute(
            f"SELECT article_id FROM text_prints WHERE print IN ({','.join('?' * len(wanted))}) GROUP BY article_id ORDER BY count(*) DESC, article_id LIMIT ?",
            [*wanted, limit],
        )
        return [r["article_id"] for r in rows]


def _appearance(row: Any) -> Appearance:
    return Appearance(**dict(row))
