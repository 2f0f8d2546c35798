"""People on file: names, aliases, offices."""

from __future__ import annotations

from db.clock import now
from db.connection import Connection
from factcheck.records import Office, Person
from factcheck.words import fold


class People:
    def __init__(self, connection: Connection):
        self._c = connection

    def get(self, person_id: int) -> Person | None:
        return next(iter(self._read("WHERE id = ?", [person_id])), None)

    def all(self) -> list[Person]:
        """Everybody on file, by name. The extractor matches mentions against this list."""
        return self._read("ORDER BY folded", [])

    def by_name(self, name: str) -> Person | None:
        """The person with this name or alias, in any case and with or without diacritics; None if several share it."""
        folded = fold(name)
        found = self._read("WHERE folded = ?", [folded]) or self._read(
            "WHERE id IN (SELECT person_id FROM person_aliases WHERE folded = ?)", [folded]
        )
        return found[0] if len(found) == 1 else None

    def search(self, text: str, limit: int = 5) -> list[Person]:
        """People in whose name or alias a word begins with every word of ``text``."""
        parts = fold(text).split()
        if not parts:
            return []
        names = "(SELECT id, folded FROM people UNION SELECT person_id, folded FROM person_aliases)"
        conditions = " AND ".join("(' ' || folded) LIKE ? ESCAPE '\\'" for _ in parts)
        escaped = [p.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for p in parts]
        return self._read(
            f"WHERE id IN (SELECT id FROM {names} WHERE {conditions}) ORDER BY length(name), name LIMIT ?",
            [*(f"% {p}%" for p in escaped), limit],
        )

    def counts(self, limit: int = 200) -> list[tuple[Person, int, int]]:
        """(person, statements, claims) for those who said anything, most statements and claims first."""
        rows = self._c.db.execute(
            """
            SELECT p.id, coalesce(s.n, 0) AS statements, coalesce(c.n, 0) AS claims FROM people p
            LEFT JOIN (SELECT person_id, count(*) AS n FROM statements WHERE is_gone = 0 GROUP BY person_id) s ON s.person_id = p.id
            LEFT JOIN (SELECT person_id, count(*) AS n FROM claims GROUP BY person_id) c ON c.person_id = p.id
            WHERE s.n > 0 OR c.n > 0 ORDER BY coalesce(s.n, 0) + coalesce(c.n, 0) DESC, p.folded LIMIT ?
            """,
            [limit],
        ).fetchall()
        people = {p.id: p for p in self._read(f"WHERE id IN ({','.join('?' * len(rows))})", [r["id"] for r in rows])}
        return [(people[r["id"]], r["statements"], r["claims"]) for r in rows]

    def put(self, person: Person) -> Person:
        """Store a person, or add the aliases and offices to the one who already bears the name; returns them as stored."""
        with self._c.write() as db:
            row = db.execute("SELECT id FROM people WHERE folded = ?", [fold(person.name)]).fetchone()
            if row:
                person_id = row["id"]
            else:
                person_id = db.execute(
                    "INSERT INTO people (name, folded, gender, organisation, created_at) VALUES (?, ?, ?, ?, ?)",
                    [person.name, fold(person.name), person.gender, int(person.organisation), now()],
                ).lastrowid
            for alias in person.aliases:
                db.execute(
                    "INSERT OR IGNORE INTO person_aliases (person_id, alias, folded) VALUES (?, ?, ?)",
                    [person_id, alias, fold(alias)],
                )
            known = {(o.title, o.since, o.until) for o in (self.get(person_id) or person).offices} if row else set()
            for office in person.offices:
                if (office.title, office.since, office.until) not in known:
                    db.execute(
                        "INSERT INTO person_offices (person_id, title, since, until) VALUES (?, ?, ?, ?)",
                        [person_id, office.title, office.since, office.until],
                    )
        stored = self.get(person_id)
        assert stored is not None
        return stored

    def add_alias(self, person_id: int, alias: str) -> bool:
        """Note another name for a person; True when it was not known yet."""
        with self._c.write() as db:
            return bool(
                db.execute(
                    "INSERT OR IGNORE INTO person_aliases (person_id, alias, folded) VALUES (?, ?, ?)", [person_id, alias, fold(alias)]
                ).rowcount
            )

    def add_office(self, person_id: int, office: Office) -> int | None:
        """Note an office of a person: its id, or None when it was known."""
        with self._c.write() as db:
            known = db.execute(
                "SELECT 1 FROM person_offices WHERE person_id = ? AND title = ? AND since IS ?", [person_id, office.title, office.since]
            ).fetchone()
            if known:
                return None
            return db.execute(
                "INSERT INTO person_offices (person_id, title, since, until) VALUES (?, ?, ?, ?)",
                [person_id, office.title, office.since, office.until],
            ).lastrowid

    def forget(self, person_id: int, alias: str = "", office_id: int | None = None) -> None:
        """Take back an alias or an office that was noted."""
        with self._c.write() as db:
            if alias:
                db.execute("DELETE FROM person_aliases WHERE person_id = ? AND folded = ?", [person_id, fold(alias)])
            if office_id:
                db.execute("DELETE FROM person_offices WHERE id = ? AND person_id = ?", [office_id, person_id])

    def _read(self, where: str, values: list) -> list[Person]:
        rows = self._c.db.execute(f"SELECT * FROM people {where}", values).fetchall()
        marks = ",".join("?" * len(rows))
        ids = [r["id"] for r in rows]
        aliases: dict[int, list[str]] = {}
        offices: dict[int, list[Office]] = {}
        if ids:
            for r in self._c.db.execute(f"SELECT person_id, alias FROM person_aliases WHERE person_id IN ({marks}) ORDER BY alias", ids):
                aliases.setdefault(r["person_id"], []).append(r["alias"])
            for r in self._c.db.execute(f"SELECT * FROM person_offices WHERE person_id IN ({marks}) ORDER BY id", ids):
                offices.setdefault(r["person_id"], []).append(Office(r["title"], r["since"], r["until"]))
        return [
            Person(
                id=r["id"],
                name=r["name"],
                aliases=tuple(aliases.get(r["id"], ())),
                offices=tuple(offices.get(r["id"], ())),
                gender=r["gender"],
                organisation=bool(r["organisation"]),
            )
            for r in rows
        ]
