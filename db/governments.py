"""Governments and other groups whose promises are tracked together."""

from __future__ import annotations

from db.clock import now
from db.connection import Connection
from db.people import People
from factcheck.records import Government


class Governments:
    def __init__(self, connection: Connection, people: People):
        self._c = connection
        self._people = people

    def all(self) -> list[Government]:
        """Every government, the newest first, those without a date last."""
        return self._read("ORDER BY since IS NULL, since DESC, name", [])

    def get(self, government_id: int) -> Government | None:
        return next(iter(self._read("WHERE id = ?", [government_id])), None)

    def named(self, name: str) -> Government | None:
        return next(iter(self._read("WHERE name = ? COLLATE NOCASE", [name])), None)

    def of_person(self, person_id: int) -> list[Government]:
        """The governments a person belongs or belonged to, the newest first."""
        return self._read(
            "WHERE id IN (SELECT government_id FROM government_members WHERE person_id = ?) ORDER BY since IS NULL, since DESC, name",
            [person_id],
        )

    def put(self, government: Government) -> int:
        """Store a new one, or name and date the one with this id anew; its id. Members are left as they are."""
        with self._c.write() as db:
            if government.id:
                db.execute(
                    "UPDATE governments SET name = ?, since = ?, until = ? WHERE id = ?",
                    [government.name, government.since, government.until, government.id],
                )
                return government.id
            return db.execute(
                "INSERT INTO governments (name, since, until, created_at) VALUES (?, ?, ?, ?)",
                [government.name, government.since, government.until, now()],
            ).lastrowid

    def add_member(self, government_id: int, person_id: int) -> bool:
        """True when the person was no member yet."""
        with self._c.write() as db:
            return bool(
                db.execute("INSERT OR IGNORE INTO government_members VALUES (?, ?)", [government_id, person_id]).rowcount
            )

    def remove_member(self, government_id: int, person_id: int) -> bool:
        """True when the person was a member."""
        with self._c.write() as db:
            return bool(
                db.execute(
                    "DELETE FROM government_members WHERE government_id = ? AND person_id IN (SELECT id FROM people WHERE coalesce(merged_into, id) = ?)",
                    [government_id, person_id],
                ).rowcount
            )

    def _read(self, where: str, values: list) -> list[Government]:
        rows = self._c.db.execute(f"SELECT * FROM governments {where}", values).fetchall()
        members: dict[int, list[int]] = {}
        marks = ",".join("?" * len(rows))
        for r in self._c.db.execute(
            f"""SELECT g.government_id, coalesce(p.merged_into, p.id) AS person_id FROM government_members g
            JOIN people p ON p.id = g.person_id WHERE g.government_id IN ({marks}) GROUP BY 1, 2 ORDER BY min(p.folded)""",
            [r["id"] for r in rows],
        ):
            members.setdefault(r["government_id"], []).append(r["person_id"])
        return [
            Government(
                id=r["id"],
                name=r["name"],
                since=r["since"],
                until=r["until"],
                members=tuple(filter(None, (self._people.get(i) for i in members.get(r["id"], ())))),
            )
            for r in rows
        ]
