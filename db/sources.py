"""Watched feeds and what was seen in them. Whoever takes something to work on has it alone until the end of a lease."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import FeedEntry, FeedItem, ItemState, Problem, Source, SourceHealth

LEASE = timedelta(minutes=5)  # who took something and did not come back in this time has ended
LONGEST_WAIT = timedelta(days=9)  # nothing is due later than in a week and a fifth: a later time was written by a clock that has been set back


class Sources:
    def __init__(self, connection: Connection):
        self._c = connection

    # The sources

    def add(self, source: Source) -> Source:
        with self._c.write() as db:
            row = db.execute(
                "INSERT INTO sources (name, url, language, licence, minutes, added_by, added_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
                [source.name, source.url, source.language, source.licence, source.minutes, source.added_by, now()],
            ).fetchone()
        return _source(row)

    def get(self, source_id: int) -> Source | None:
        row = self._c.db.execute("SELECT * FROM sources WHERE id = ?", [source_id]).fetchone()
        return _source(row) if row else None

    def with_url(self, url: str) -> Source | None:
        row = self._c.db.execute("SELECT * FROM sources WHERE url = ?", [url]).fetchone()
        return _source(row) if row else None

    def all(self) -> list[Source]:
        """All sources by name."""
        return [_source(r) for r in self._c.db.execute("SELECT * FROM sources ORDER BY name COLLATE NOCASE, id")]

    def change(self, source: Source) -> None:
        """Set what an editor says of a source."""
        with self._c.write() as db:
            db.execute(
                "UPDATE sources SET name = ?, language = ?, licence = ?, minutes = ? WHERE id = ?",
                [source.name, source.language, source.licence, source.minutes, source.id],
            )

    def set_active(self, source_id: int, active: bool) -> None:
        """Pause or resume; one that is resumed is looked at at once."""
        with self._c.write() as db:
            db.execute(
                "UPDATE sources SET state = ?1, next_at = CASE WHEN ?1 = 'active' THEN '' ELSE next_at END WHERE id = ?2",
                ["active" if active else "paused", source_id],
            )

    def look_now(self, source_id: int) -> None:
        with self._c.write() as db:
            db.execute("UPDATE sources SET next_at = '' WHERE id = ?", [source_id])

    def move(self, source_id: int, url: str) -> bool:
        """Give a source another address; False when another source has it."""
        with self._c.write() as db:
            return db.execute(
                "UPDATE sources SET url = ?1 WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM sources o WHERE o.url = ?1 AND o.id <> ?2)", [url, source_id]
            ).rowcount > 0

    def delete(self, source_id: int) -> None:
        """Remove a source and what is noted of its items; articles and where they appeared stay."""
        with self._c.write() as db:
            db.execute("DELETE FROM sources WHERE id = ?", [source_id])

    # Looking at a feed

    def take(self, moment: datetime, source_id: int | None = None) -> Source | None:
        """Take the source that is due longest (or a certain one, due or not); nobody else takes it for ``LEASE``."""
        at, far = _stamp(moment), _stamp(moment + LONGEST_WAIT)
        with self._c.taking() as db:
            row = db.execute(
                f"""
                UPDATE sources SET next_at = ?3 WHERE id = (SELECT id FROM sources WHERE CASE WHEN ?4 IS NULL
                  THEN state = 'active' AND (next_at <= ?1 OR next_at > ?2) ELSE id = ?4 END ORDER BY next_at, id LIMIT 1 {self._c.one_at_a_time})
                RETURNING *
                """,
                [at, far, _stamp(moment + LEASE), source_id],
            ).fetchone()
        return _source(row) if row else None

    def looked(
        self, source: Source, entries: Sequence[tuple[FeedEntry, str, bool]], *, etag: str, modified: str, moment: datetime, next_at: datetime
    ) -> int:
        """Keep what a look found, all or nothing; how many items are new or changed.

        ``entries`` are (entry, hash of what it says, whether it is read), the oldest first. One that is known and says the same is left
        alone; a changed one waits to be read again. Of a source that is gone or paused meanwhile nothing is lost or kept that should not.
        """
        at, count = _stamp(moment), 0
        with self._c.write() as db:
            if not db.execute("SELECT 1 FROM sources WHERE id = ?", [source.id]).fetchone():
                return 0
            for entry, digest, wanted in entries:
                count += db.execute(
                    """
                    INSERT INTO feed_items (source_id, guid, content_hash, link, site, title, author, published_at, html, state, seen_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (source_id, guid) DO UPDATE SET content_hash = excluded.content_hash, link = excluded.link, site = excluded.site,
                      title = excluded.title, author = excluded.author, published_at = coalesce(excluded.published_at, feed_items.published_at),
                      html = CASE WHEN feed_items.state = 'skipped' AND feed_items.tries = 0 THEN '' ELSE excluded.html END, changed_at = excluded.seen_at,
                      state = CASE WHEN feed_items.state = 'skipped' AND feed_items.tries = 0 THEN 'skipped' ELSE 'waiting' END, tries = 0, next_at = ''
                    WHERE feed_items.content_hash <> excluded.content_hash
                    """,
                    [
                        source.id, entry.guid, digest, entry.link, entry.site, entry.title, entry.author, entry.published_at,
                        entry.html if wanted else "", "waiting" if wanted else "skipped", at,
                    ],
                ).rowcount  # fmt: skip
            db.execute(
                "UPDATE sources SET etag = ?, modified = ?, looked_at = ?, next_at = ?, failures = 0, problem = '' WHERE id = ?",
                [etag, modified, at, _stamp(next_at), source.id],
            )
        return count

    def look_later(self, source: Source, at: datetime) -> None:
        """Let a source that was taken be due at another moment, as its site rests."""
        with self._c.write() as db:
            db.execute("UPDATE sources SET next_at = ? WHERE id = ?", [_stamp(at), source.id])

    def not_looked(self, source: Source, problem: Problem, next_at: datetime) -> None:
        """Note that a look failed."""
        with self._c.write() as db:
            db.execute(
                "UPDATE sources SET failures = failures + 1, problem = ?, next_at = ? WHERE id = ?", [_told(problem), _stamp(next_at), source.id]
            )

    # Reading an item

    def take_item(self, moment: datetime, rest: timedelta) -> FeedItem | None:
        """Take the oldest waiting item of a site that does not rest, for one try. Then its site rests, so that none is hurried: as long as
        it asks for, ``rest`` at least."""
        at, far = _stamp(moment), _stamp(moment + LONGEST_WAIT)
        with self._c.write() as db:
            row = db.execute(
                """
                UPDATE feed_items SET tries = tries + 1, next_at = ?3 WHERE id = (
                  SELECT i.id FROM feed_items i JOIN sources s ON s.id = i.source_id LEFT JOIN sites t ON t.name = i.site
                  WHERE i.state = 'waiting' AND s.state = 'active' AND (i.next_at <= ?1 OR i.next_at > ?2)
                  AND (t.until IS NULL OR t.until <= ?1 OR t.until > ?2) ORDER BY i.id LIMIT 1)
                RETURNING *
                """,
                [at, far, _stamp(moment + LEASE)],
            ).fetchone()
            if row and row["site"]:
                self.site_rests(row["site"], moment, max(rest, timedelta(seconds=self.rest_of(row["site"]))))
        return _item(row) if row else None

    # Sites

    def site_asks(self, site: str, rest: float) -> None:
        """Note how many seconds a site wants between two pages."""
        with self._c.write() as db:
            db.execute("INSERT INTO sites (name, rest) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET rest = excluded.rest", [site, rest])

    def site_rests(self, site: str, moment: datetime, length: timedelta) -> None:
        """Leave a site alone from a moment on; a rest that lasts longer already stays."""
        far, until = _stamp(moment + LONGEST_WAIT), _stamp(moment + length)
        with self._c.write() as db:
            db.execute(
                """
                INSERT INTO sites (name, until) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET until = excluded.until
                WHERE sites.until < excluded.until OR sites.until > ?3
                """,
                [site, until, far],
            )

    def resting_until(self, site: str, moment: datetime) -> datetime | None:
        """Until when a site is left alone, None for one that may be asked."""
        row = self._c.db.execute("SELECT until FROM sites WHERE name = ?", [site]).fetchone()
        resting = row and _stamp(moment) < row["until"] <= _stamp(moment + LONGEST_WAIT)
        return datetime.fromisoformat(row["until"]) if resting else None

    def rest_of(self, site: str) -> float:
        """How many seconds a site wants between two pages, as far as it was asked."""
        row = self._c.db.execute("SELECT rest FROM sites WHERE name = ?", [site]).fetchone()
        return row["rest"] if row else 0.0

    # What became of an item

    def is_anything_waiting(self) -> bool:
        return bool(self._c.db.execute("SELECT 1 FROM feed_items WHERE state = 'waiting' LIMIT 1").fetchone())

    def holds(self, item: FeedItem) -> bool:
        """True while an item is what it was when it was taken, and nobody else has taken it since. Asked inside the transaction that ends it."""
        row = self._c.db.execute("SELECT state, tries, next_at, content_hash FROM feed_items WHERE id = ?", [item.id]).fetchone()
        return bool(row) and tuple(row) == ("waiting", item.tries, item.next_at, item.content_hash)

    def end_item(self, item_id: int, state: ItemState, *, article_id: int | None = None, problem: Problem | None = None) -> None:
        """It is not taken again, unless the feed says something else of it."""
        with self._c.write() as db:
            db.execute(
                "UPDATE feed_items SET state = ?, article_id = coalesce(?, article_id), problem = ?, html = '', next_at = '' WHERE id = ?",
                [state, article_id, _told(problem) if problem else "", item_id],
            )

    def item_again(self, item_id: int, problem: Problem, at: datetime) -> None:
        with self._c.write() as db:
            db.execute("UPDATE feed_items SET problem = ?, next_at = ? WHERE id = ?", [_told(problem), _stamp(at), item_id])

    def item(self, item_id: int) -> FeedItem | None:
        row = self._c.db.execute("SELECT * FROM feed_items WHERE id = ?", [item_id]).fetchone()
        return _item(row) if row else None

    def wait_again(self, item_id: int) -> None:
        """Let an item wait to be read once more."""
        with self._c.write() as db:
            db.execute("UPDATE feed_items SET state = 'waiting', tries = 0, next_at = '', problem = '' WHERE id = ?", [item_id])

    def items(self, source_id: int, limit: int, before: int | None = None) -> list[FeedItem]:
        """Items of a source, those seen last first; ``before`` an item's id gives the ones seen earlier."""
        rows = self._c.db.execute(
            "SELECT * FROM feed_items WHERE source_id = ? AND id < ? ORDER BY id DESC LIMIT ?", [source_id, before or 2**62, limit]
        )
        return [_item(r) for r in rows]

    def is_new(self, source_id: int) -> bool:
        """True while no item of a source was ever seen."""
        return not self._c.db.execute("SELECT 1 FROM feed_items WHERE source_id = ? LIMIT 1", [source_id]).fetchone()

    def health(self, moment: datetime) -> dict[int, SourceHealth]:
        """How each source does, by its id. What the first look left aside does not count."""
        rows = self._c.db.execute(
            """
            SELECT source_id, max(seen_at) AS last, sum(seen_at > ?1) / 7.0 AS a_day, sum(state = 'waiting') AS waiting, sum(state = 'failed') AS failed
            FROM feed_items WHERE NOT (state = 'skipped' AND tries = 0) GROUP BY source_id
            """,
            [_stamp(moment - timedelta(days=7))],
        )
        return {r["source_id"]: SourceHealth(r["last"], r["a_day"], r["waiting"], r["failed"]) for r in rows}


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _told(problem: Problem) -> str:
    return json.dumps([problem.message, problem.key, dict(problem.values)], ensure_ascii=False)


def _problem(text: str) -> Problem | None:
    if not text:
        return None
    message, key, values = json.loads(text)
    return Problem(message, key, tuple(values.items()))


def _source(row: Any) -> Source:
    return Source(**{**dict(row), "problem": _problem(row["problem"])})


def _item(row: Any) -> FeedItem:
    return FeedItem(**{**dict(row), "problem": _problem(row["problem"]), "state": ItemState(row["state"])})
