"""The review queue: which statements wait, in what order, for whom, and how many of each sort."""

from __future__ import annotations

from collections.abc import Iterable

from db.clock import now
from db.connection import Connection
from db.kept import KeptFigures
from db.queueboard import QueueBoard
from factcheck.records import Cutoffs, Facet, QueueFilters

_BEST = "(SELECT coalesce(max(probability), 0) FROM candidates c WHERE c.statement_id = s.id)"
_WHEN = "coalesce(s.said_at, a.published_at, a.added_at)"
_TOPICS = "SELECT object_id FROM topic_assignments WHERE kind = 'statement' AND by_hand <> 'removed' AND topic_id = ?"


class Queue:
    def __init__(self, connection: Connection, figures: KeptFigures):
        self._c = connection
        self._figures = figures
        self._board = QueueBoard(connection)

    def first(self, filters: QueueFilters, user_id: int | None, cutoffs: Cutoffs = Cutoffs()) -> int | None:
        """The most urgent waiting statement among those looked at; None when there is none."""
        return next(iter(self.ids(filters, user_id, cutoffs, 1)), None)

    def ids(self, filters: QueueFilters, user_id: int | None, cutoffs: Cutoffs = Cutoffs(), limit: int = 50) -> list[int]:
        """Ids of the waiting statements looked at, most urgent first."""
        where, values = _condition(filters, user_id, cutoffs)
        rows = self._c.db.execute(f"SELECT s.id {_from(where)} {where} ORDER BY s.urgency DESC, s.id LIMIT ?", [*values, limit])
        return [r["id"] for r in rows]

    def neighbour(
        self, statement_id: int, filters: QueueFilters, user_id: int | None, cutoffs: Cutoffs = Cutoffs(), *, forward: bool = True
    ) -> int | None:
        """The waiting statement after (or before) this one in the queue's order, wherever this one stands; None at the end."""
        row = self._c.db.execute("SELECT urgency FROM statements WHERE id = ?", [statement_id]).fetchone()
        if row is None:
            return None
        where, values = _condition(filters, user_id, cutoffs)
        less, more, order = ("<", ">", "s.urgency DESC, s.id") if forward else (">", "<", "s.urgency, s.id DESC")
        found = self._c.db.execute(
            f"SELECT s.id {_from(where)} {where} AND (s.urgency {less} ? OR (s.urgency = ? AND s.id {more} ?)) ORDER BY {order} LIMIT 1",
            [*values, row["urgency"], row["urgency"], statement_id],
        ).fetchone()
        return found["id"] if found else None

    def place(self, statement_id: int, filters: QueueFilters, user_id: int | None, cutoffs: Cutoffs = Cutoffs()) -> tuple[int, int]:
        """(where a statement stands among those looked at, from 1; how many those are, in a queue of many thousands as of some seconds ago)."""
        where, values = _condition(filters, user_id, cutoffs)
        here = self._c.db.execute("SELECT urgency FROM statements WHERE id = ?", [statement_id]).fetchone()
        urgency = here["urgency"] if here else 0.0
        before = self._c.db.execute(
            f"SELECT count(*) {_from(where)} {where} AND s.urgency >= ? AND (s.urgency > ? OR s.id < ?)", [*values, urgency, urgency, statement_id]
        ).fetchone()[0]
        total = self._figures.get(("queue", "total", filters, user_id, cutoffs), lambda: self.waiting(filters, user_id, cutoffs))
        return before + 1, max(total, before + 1)

    def waiting(self, filters: QueueFilters, user_id: int | None, cutoffs: Cutoffs = Cutoffs()) -> int:
        """How many of those looked at wait."""
        where, values = _condition(filters, user_id, cutoffs)
        return self._c.db.execute(f"SELECT count(*) {_from(where)} {where}", values).fetchone()[0]

    def waiting_above(self, probability: float) -> int:
        """How many waiting statements have a candidate of at least this probability; in a queue of many thousands as of some seconds ago."""
        return self._figures.get(("queue", "above", probability), lambda: self._count_above(probability))

    def _count_above(self, probability: float) -> int:
        return self._c.db.execute(
            "SELECT count(*) FROM statements s WHERE is_open = 1 AND EXISTS "
            "(SELECT 1 FROM candidates c WHERE c.statement_id = s.id AND c.probability >= ?)",
            [probability],
        ).fetchone()[0]

    def open_among(self, statement_ids: Iterable[int]) -> set[int]:
        """Those that wait."""
        wanted = list(statement_ids)
        rows = self._c.db.execute(
            f"SELECT id FROM statements WHERE is_open = 1 AND id IN ({','.join('?' * len(wanted))})", wanted
        )
        return {r["id"] for r in rows}

    def facets(self, filters: QueueFilters, user_id: int | None, cutoffs: Cutoffs = Cutoffs()) -> dict[str, list[Facet]]:
        """What the queue can be narrowed to by each filter while the others stay, with counts, most first.

        Keys: person, source, language, topic, kind, likelihood, promises, assigned, later. What nothing waits under is left out. In a queue of
        many thousands the counts may be some seconds old (``queueboard``, ``kept``).
        """
        return self._figures.get(("queue", "facets", filters, user_id, cutoffs), lambda: self._board.facets(filters, user_id, cutoffs))

    # Who sees to what, and when

    def assigned(self, statement_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
        """Statement id -> (id, name) of whom it is assigned to, for those that are."""
        wanted = list(statement_ids)
        rows = self._c.db.execute(
            "SELECT s.id, u.id AS user_id, u.name FROM statements s JOIN users u ON u.id = s.assigned_to "
            f"WHERE s.id IN ({','.join('?' * len(wanted))})",
            wanted,
        )
        return {r["id"]: (r["user_id"], r["name"]) for r in rows}

    def assign(self, statement_id: int, user_id: int | None) -> None:
        with self._c.write() as db:
            db.execute("UPDATE statements SET assigned_to = ? WHERE id = ?", [user_id, statement_id])
        self._figures.forget("queue")

    def put_away_until(self, statement_id: int, user_id: int) -> str | None:
        """Until when a user put a statement away; None when they did not, or the time is over."""
        row = self._c.db.execute(
            "SELECT until FROM postponed WHERE statement_id = ? AND user_id = ? AND until > ?", [statement_id, user_id, now()]
        ).fetchone()
        return row["until"] if row else None

    def put_away(self, statement_id: int, user_id: int, until: str | None) -> None:
        """Leave a statement out of a user's queue until a moment (ISO, UTC); None brings it back."""
        with self._c.write() as db:
            db.execute("DELETE FROM postponed WHERE statement_id = ? AND user_id = ?", [statement_id, user_id])
            if until:
                db.execute(
                    "INSERT INTO postponed (statement_id, user_id, until, at) VALUES (?, ?, ?, ?)", [statement_id, user_id, until, now()]
                )
        self._figures.forget("queue")


def _from(where: str) -> str:
    """The tables a condition needs: articles only where it names one, since a long queue is counted at every step."""
    return f"FROM statements s {'JOIN articles a ON a.id = s.article_id' if 'a.' in where else ''} WHERE s.is_open = 1"


def _condition(filters: QueueFilters, user_id: int | None, cutoffs: Cutoffs) -> tuple[str, list]:
    """(SQL to put behind a condition over statements s and articles a, bound values)."""
    parts: list[str] = []
    values: list = []

    def add(sql: str, *bound: object) -> None:
        parts.append(f"AND {sql}")
        values.extend(bound)

    if filters.person is not None:
        add("s.person_id = ?", filters.person)
    if filters.source:
        add("a.source = ?", filters.source)
    if filters.language:
        add("a.language = ?", filters.language)
    if filters.topic is not None:
        add(f"s.id IN ({_TOPICS})", filters.topic)
    if filters.kind:
        add("s.kind = ?", filters.kind)
    if filters.likelihood == "likely":
        add(f"{_BEST} >= ?", cutoffs.likely)
    elif filters.likelihood == "possible":
        add(f"{_BEST} >= ?", cutoffs.possible)
        add(f"{_BEST} < ?", cutoffs.likely)
    elif filters.likelihood == "none":
        add(f"{_BEST} < ?", cutoffs.possible)
    if filters.promises:
        add("s.is_promise = 1")
    if filters.article is not None:
        add("s.article_id = ?", filters.article)
    if filters.since:
        add(f"{_WHEN} >= ?", filters.since)
    if user_id is None:  # the queue of the whole desk
        return " ".join(parts), values
    if filters.assigned == "me":
        add("s.assigned_to = ?", user_id)
    elif filters.assigned == "nobody":
        add("s.assigned_to IS NULL")
    elif filters.assigned == "others":
        add("s.assigned_to IS NOT NULL AND s.assigned_to <> ?", user_id)
    elif filters.assigned != "all":
        add("(s.assigned_to IS NULL OR s.assigned_to = ?)", user_id)
    away = "(SELECT statement_id FROM postponed WHERE user_id = ? AND until > ?)"  # read once, and not for each that waits
    add(f"s.id {'IN' if filters.later else 'NOT IN'} {away}", user_id, now())
    return " ".join(parts), values
