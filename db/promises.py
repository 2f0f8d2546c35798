"""Promises: which there are, how they stand to their deadlines, what became of them, and changing that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from db.claimparts import TERMS, insert, restate, status_change
from db.claims import Claims
from db.clock import now
from db.connection import Connection
from db.kept import KeptFigures
from factcheck.records import Claim, DeadlineState, Promise, PromiseFigures, PromiseFilters, PromiseOrder, PromiseStatus, StatusChange, StatusNews
from factcheck.words import fold

# A day has passed when it is over, a moment when it is past; "2027" and "2027-03" are as exact as they are known.
_PASSED = "(CASE WHEN deadline LIKE '____-__-__T%' THEN julianday(deadline) < julianday(:now) ELSE deadline < substr(:now, 1, length(deadline)) END)"
_DAY = "coalesce(julianday(substr(deadline || '-12-31', 1, 10)), 2e7)"
_OPEN = "promise_status NOT IN ('kept', 'broken')"
_CHANGED = "(SELECT max(substr(at, 1, 10)) FROM status_changes s WHERE s.claim_id = c.id AND s.undone_at IS NULL)"
_STANDING = "c.is_promise = 1 AND c.merged_into IS NULL"
_ORDERS = {  # numbers to sort by, the smallest first
    PromiseOrder.DUE: f"""(CASE WHEN NOT {_OPEN} THEN 6e7 - coalesce({_DAY}, 0) WHEN deadline IS NULL THEN 3e7
                           WHEN {_PASSED} THEN 3e7 - {_DAY} ELSE {_DAY} END)""",
    PromiseOrder.CHANGED: f"coalesce(-julianday({_CHANGED}), 1e7)",
    PromiseOrder.SAID: "coalesce(-julianday(substr(first_said_at || '-01-01', 1, 10)), 1e7)",
}
_MEMBERS = """SELECT p.id FROM people p WHERE coalesce(p.merged_into, p.id) IN (
  SELECT coalesce(m.merged_into, m.id) FROM government_members g JOIN people m ON m.id = g.person_id WHERE g.government_id = :government)"""
_OF_GOVERNMENT = f"""(c.person_id IN ({_MEMBERS}) AND c.first_said_at IS NOT NULL AND EXISTS (SELECT 1 FROM governments v WHERE v.id = :government
  AND (v.since IS NULL OR c.first_said_at >= substr(v.since, 1, length(c.first_said_at)))
  AND (v.until IS NULL OR substr(c.first_said_at, 1, 10) <= v.until))
  OR c.person_id IN (SELECT p.id FROM people p WHERE p.organisation = 1 AND (p.folded = :government_folded
    OR p.id IN (SELECT person_id FROM person_aliases WHERE folded = :government_folded))))"""

Cursor = tuple[float, int]  # the last row of a page: its number to sort by, and its id


class Promises:
    def __init__(self, connection: Connection, claims: Claims, figures: KeptFigures):
        self._c = connection
        self._figures = figures
        self._claims = claims

    # Reading

    def page(
        self, filters: PromiseFilters, order: PromiseOrder, at: str, *, after: Cursor | None = None, limit: int = 50
    ) -> tuple[list[Claim], Cursor | None]:
        """(promises, where the next page begins or None for the last one). ``at`` is now, ISO: what has passed goes by it."""
        where, values = self._condition(filters, at)
        key = _ORDERS[order]
        if after:
            where += " AND (sort, id) > (:after_key, :after_id)"
            values |= {"after_key": after[0], "after_id": after[1]}
        rows = self._c.db.execute(
            f"SELECT id, sort FROM (SELECT c.*, {key} AS sort FROM claims c WHERE {_STANDING}) c WHERE {where} ORDER BY sort, id LIMIT :limit",
            values | {"now": at, "limit": limit + 1},
        ).fetchall()
        more = (rows[limit - 1]["sort"], rows[limit - 1]["id"]) if len(rows) > limit else None
        return self._claims.in_order(r["id"] for r in rows[:limit]), more

    def all(self, filters: PromiseFilters, order: PromiseOrder, at: str) -> Iterator[Claim]:
        """Every promise, read a page at a time."""
        after = None
        while True:
            found, after = self.page(filters, order, at, after=after, limit=500)
            yield from found
            if after is None:
                return

    def figures(self, filters: PromiseFilters, at: str, *, changed: bool = False) -> PromiseFigures:
        """All numbers of a page; among many thousands of promises as of some seconds ago (``kept``)."""
        return self._figures.get(("promises", filters, at[:10], changed), lambda: self._count(filters, at, changed))

    def _count(self, filters: PromiseFilters, at: str, changed: bool) -> PromiseFigures:
        scope = PromiseFilters(person_id=filters.person_id, government_id=filters.government_id)
        return PromiseFigures(
            total=self.count(filters, at),
            counts=self.counts(filters, at),
            all_counts=self.counts(scope, at),
            by_year=self.by_year(filters, at, changed=changed),
            people=self.people(filters, at),
            topics=self.topics(filters, at),
            deadlines=self.deadlines(filters, at),
            years=self.years(filters, at),
        )

    def counts(self, filters: PromiseFilters = PromiseFilters(), at: str = "") -> dict[PromiseStatus, int]:
        """How many promises stand where, whatever status the filters name."""
        counts = self._counted("promise_status", filters, at, without="status")
        return {status: counts.get(str(status), 0) for status in PromiseStatus}

    def ids(self, filters: PromiseFilters, at: str) -> list[int]:
        where, values = self._condition(filters, at)
        return [r["id"] for r in self._c.db.execute(f"SELECT c.id FROM claims c WHERE {_STANDING} AND {where}", values)]

    def count(self, filters: PromiseFilters, at: str) -> int:
        where, values = self._condition(filters, at)
        return self._c.db.execute(f"SELECT count(*) FROM claims c WHERE {_STANDING} AND {where}", values).fetchone()[0]

    def by_year(self, filters: PromiseFilters, at: str, *, changed: bool = False) -> list[tuple[str, dict[PromiseStatus, int]]]:
        """(year, how many promises stand where) in order: by the year they were first made in, or of the newest change of status."""
        where, values = self._condition(filters, at)
        day = _CHANGED if changed else "c.first_said_at"
        rows = self._c.db.execute(
            f"SELECT substr({day}, 1, 4) AS year, promise_status AS status, count(*) AS n FROM claims c "
            f"WHERE {_STANDING} AND {where} AND {day} >= '0' AND {day} < ':' GROUP BY 1, 2 ORDER BY 1",
            values,
        )
        years: dict[str, dict[PromiseStatus, int]] = {}
        for r in rows:
            years.setdefault(r["year"], {})[PromiseStatus(r["status"])] = r["n"]
        return list(years.items())

    def years(self, filters: PromiseFilters, at: str) -> list[tuple[str, int]]:
        """(year, promises first made in it), the newest first, whatever year the filters name."""
        counted = self._counted("substr(c.first_said_at, 1, 4)", filters, at, without="year")
        return sorted(((year, n) for year, n in counted.items() if year and year.isdigit()), reverse=True)

    def deadlines(self, filters: PromiseFilters, at: str) -> dict[DeadlineState, int]:
        """How many stand how to their deadlines, whatever of it the filters name."""
        state = f"CASE WHEN deadline IS NULL THEN 'none' WHEN {_PASSED} THEN 'passed' ELSE 'coming' END"
        counted = self._counted(state, filters, at, without="deadline")
        return {kind: counted.get(str(kind), 0) for kind in DeadlineState}

    def topics(self, filters: PromiseFilters, at: str, limit: int = 30) -> list[tuple[str, int]]:
        """(topic, promises), most of them first, whatever topic the filters name."""
        where, values = self._condition(_without(filters, "topic"), at)
        rows = self._c.db.execute(
            f"""
            SELECT name, count(*) AS n FROM (
              SELECT DISTINCT c.id, t.value AS name FROM claims c, json_each(c.topics) t WHERE c.topics <> '[]' AND {_STANDING} AND {where}
              UNION SELECT c.id, CAST(t.name AS TEXT) FROM claims c JOIN topic_assignments a ON a.kind = 'claim' AND a.object_id = c.id AND a.by_hand <> 'removed'
                JOIN topics t ON t.id = a.topic_id WHERE {_STANDING} AND {where})
            GROUP BY name ORDER BY n DESC, name LIMIT :limit
            """,
            values | {"limit": limit},
        )
        return [(r["name"], r["n"]) for r in rows]

    def people(self, filters: PromiseFilters, at: str, limit: int = 30) -> list[tuple[int, str, int]]:
        """(person, name, promises), most of them first, whatever person the filters name."""
        where, values = self._condition(_without(filters, "person_id"), at)
        rows = self._c.db.execute(
            f"""
            SELECT p.id, p.name, count(*) AS n FROM claims c JOIN people o ON o.id = c.person_id JOIN people p ON p.id = coalesce(o.merged_into, o.id)
            WHERE {_STANDING} AND {where} GROUP BY p.id ORDER BY n DESC, p.folded LIMIT :limit
            """,
            values | {"limit": limit},
        )
        return [(r["id"], r["name"], r["n"]) for r in rows]

    def due(self, since: str, limit: int = 5, until: str = "9999", filters: PromiseFilters = PromiseFilters()) -> list[Claim]:
        """Promises whose deadline lies on or after the ISO date ``since``, at most on ``until``, and which are not settled, the next one first."""
        return self._listed(
            f"AND substr(deadline || '-12-31', 1, 10) BETWEEN :since AND :until AND {_OPEN} ORDER BY deadline, id LIMIT :limit",
            {"since": since, "until": until, "limit": limit},
            filters,
        )

    def overdue(self, at: str, limit: int = 5, filters: PromiseFilters = PromiseFilters()) -> list[Claim]:
        """Promises whose deadline has passed and which nobody has settled, the one that passed last first."""
        narrowed = f"AND {_PASSED} AND {_OPEN} ORDER BY deadline DESC, id LIMIT :limit"
        return self._listed(narrowed, {"now": at, "limit": limit}, filters)

    def passed_untold(self, at: str) -> list[tuple[int, str]]:
        """(promise, deadline) of what passed since it was put on file, is not settled, and is no event yet."""
        rows = self._c.db.execute(
            f"""
            SELECT c.id, c.deadline FROM claims c WHERE {_STANDING} AND {_OPEN} AND {_PASSED}
            AND julianday(substr(c.deadline || '-12-31', 1, 10), '+1 day') >= julianday(substr(c.created_at, 1, 10))
            AND NOT EXISTS (SELECT 1 FROM events e WHERE e.claim_id = c.id AND e.thing = 'deadline ' || c.deadline || ' of claim ' || c.id)
            ORDER BY c.deadline, c.id
            """,
            {"now": at},
        )
        return [(r["id"], r["deadline"]) for r in rows]

    def news(self, filters: PromiseFilters, at: str, limit: int = 50) -> list[StatusNews]:
        """The changes of status that stand, the one entered last first."""
        where, values = self._condition(_without(filters, "status"), at)
        if filters.status:
            where += " AND s.status = :change"
            values["change"] = str(filters.status)
        rows = self._c.db.execute(
            f"""
            SELECT s.* FROM status_changes s JOIN claims c ON c.id = s.claim_id WHERE {_STANDING} AND s.undone_at IS NULL AND {where}
            ORDER BY max(s.added_at, s.at) DESC, s.id DESC LIMIT :limit
            """,
            values | {"limit": limit},
        ).fetchall()
        claims = self._claims.many(r["claim_id"] for r in rows)
        return [StatusNews(claims[r["claim_id"]], status_change(r)) for r in rows]

    def history(self, claim_id: int) -> list[StatusChange]:
        """Every change of status of a claim and of those merged into it, also those taken back, oldest first."""
        rows = self._c.db.execute(
            "SELECT * FROM status_changes WHERE claim_id IN (SELECT id FROM claims WHERE id = ?1 OR merged_into = ?1) "
            "ORDER BY substr(at, 1, 10), added_at, id",
            [claim_id],
        )
        return [status_change(r) for r in rows]

    def change(self, change_id: int) -> tuple[int, StatusChange] | None:
        """(claim, change of status) by the change's id."""
        row = self._c.db.execute("SELECT * FROM status_changes WHERE id = ?", [change_id]).fetchone()
        return (row["claim_id"], status_change(row)) if row else None

    # Writing

    def add_change(self, claim_id: int, change: StatusChange) -> int:
        """Put a change of the newsroom's own into the history and bring the status to it; its id."""
        with self._c.write() as db:
            db.execute("UPDATE claims SET given_status = coalesce(given_status, promise_status) WHERE id = ?", [claim_id])
            columns = {
                "claim_id": claim_id,
                "status": str(change.status),
                "at": change.at,
                "note": change.note,
                "source_url": change.source_url,
                "by": change.by,
                "user_id": change.user_id,
                "added_at": now(),
            }
            change_id = insert(db, "status_changes", columns)
            restate(db, claim_id)
        self._figures.forget("promises")
        return change_id

    def undo_change(self, change_id: int, user_name: str) -> None:
        """Take a change back; it stays on record."""
        with self._c.write() as db:
            db.execute("UPDATE status_changes SET undone_at = ?, undone_by = ? WHERE id = ?", [now(), user_name, change_id])
            row = db.execute("SELECT claim_id FROM status_changes WHERE id = ?", [change_id]).fetchone()
            restate(db, row["claim_id"])
        self._figures.forget("promises")

    def set_terms(self, claim_id: int, promise: Promise | None) -> None:
        """Set what makes a claim a promise, status and history aside; None makes it none again."""
        terms = promise or Promise()
        with self._c.write() as db:
            row = db.execute("SELECT * FROM claims WHERE id = ?", [claim_id]).fetchone()
            if row["given_terms"] is None:
                given = {name: row[name] for name in TERMS} if row["is_promise"] else None
                db.execute("UPDATE claims SET given_terms = ? WHERE id = ?", [json.dumps(given, ensure_ascii=False), claim_id])
            sets = ", ".join(f"{column} = ?" for column in TERMS)
            values = [getattr(terms, name) for name in TERMS.values()]
            db.execute(
                f"UPDATE claims SET is_promise = ?, {sets}, changed_at = ? WHERE id = ?", [int(promise is not None), *values, now(), claim_id]
            )
        self._figures.forget("promises")

    def is_imported(self, claim_id: int) -> bool:
        """True when the import says that the claim is a promise."""
        row = self._c.db.execute("SELECT origin, is_promise, given_terms FROM claims WHERE id = ?", [claim_id]).fetchone()
        return bool(row and row["origin"] and (row["is_promise"] if row["given_terms"] is None else row["given_terms"] != "null"))

    # Parts

    def _listed(self, narrowed: str, values: dict, filters: PromiseFilters) -> list[Claim]:
        where, more = self._condition(filters, values.get("now", ""))
        found = self._c.db.execute(f"SELECT id FROM claims c WHERE {_STANDING} AND {where} {narrowed}", more | values)
        return self._claims.in_order(r["id"] for r in found.fetchall())

    def _counted(self, what: str, filters: PromiseFilters, at: str, *, without: str) -> dict[str, int]:
        where, values = self._condition(_without(filters, without), at)
        rows = self._c.db.execute(f"SELECT {what} AS it, count(*) AS n FROM claims c WHERE {_STANDING} AND {where} GROUP BY it", values)
        return {r["it"]: r["n"] for r in rows}

    def _condition(self, filters: PromiseFilters, at: str) -> tuple[str, dict]:
        """(SQL over claims c, bound values)"""
        parts, values = ["1 = 1"], {"now": at or now()}
        if filters.status:
            parts.append("promise_status = :status")
            values["status"] = str(filters.status)
        if filters.person_id is not None:
            parts.append(
                "c.person_id IN (SELECT id FROM people WHERE coalesce(merged_into, id) = "
                "(SELECT coalesce(merged_into, id) FROM people WHERE id = :person))"
            )
            values["person"] = filters.person_id
        if filters.government_id is not None:
            parts.append(_OF_GOVERNMENT)
            values["government"] = filters.government_id
            row = self._c.db.execute("SELECT name FROM governments WHERE id = ?", [filters.government_id]).fetchone()
            values["government_folded"] = fold(row["name"]) if row else ""
        if filters.topic:
            parts.append(
                "(EXISTS (SELECT 1 FROM json_each(c.topics) t WHERE t.value = :topic COLLATE NOCASE) OR c.id IN (SELECT a.object_id FROM "
                "topic_assignments a JOIN topics t ON t.id = a.topic_id WHERE a.kind = 'claim' AND a.by_hand <> 'removed' AND t.name = :topic))"
            )
            values["topic"] = filters.topic
        if filters.deadline is DeadlineState.NONE:
            parts.append("deadline IS NULL")
        elif filters.deadline:
            parts.append(f"deadline IS NOT NULL AND {'NOT ' * (filters.deadline is DeadlineState.COMING)}{_PASSED}")
        if filters.year:
            parts.append("substr(c.first_said_at, 1, 4) = :year")
            values["year"] = filters.year
        return " AND ".join(parts), values


def _without(filters: PromiseFilters, name: str) -> PromiseFilters:
    return replace(filters, **{name: getattr(PromiseFilters(), name)})
