"""People on file: names, aliases, offices; those that turned out to be somebody else are read through that person."""

from __future__ import annotations

import json

from db.clock import now
from db.connection import Connection
from factcheck.namekeys import filed_under, surname_key
from factcheck.records import Office, Person
from factcheck.words import fold

ORDERS = {  # what a list may be sorted by; ties by name
    "said": "statement_count + claim_count DESC, filed_under, id",
    "claims": "claim_count DESC, filed_under, id",
    "statements": "statement_count DESC, filed_under, id",
    "name": "filed_under, id",
}
_STANDS = "merged_into IS NULL"


class People:
    def __init__(self, connection: Connection):
        self._c = connection

    def get(self, person_id: int) -> Person | None:
        """The person, also one that was merged into another (``merged_into`` says which)."""
        return next(iter(self._read("WHERE id = ?", [person_id])), None)

    def root(self, person_id: int) -> int:
        """The id of the person that stands for this one: its own, unless it was merged into another."""
        row = self._c.db.execute(
            """
            WITH RECURSIVE chain(id, next) AS (
              SELECT id, merged_into FROM people WHERE id = ?1
              UNION SELECT p.id, p.merged_into FROM people p JOIN chain ON p.id = chain.next)
            SELECT id FROM chain WHERE next IS NULL
            """,
            [person_id],
        ).fetchone()
        return row["id"] if row else person_id

    def all(self) -> list[Person]:
        """Everybody on file, by name. The extractor matches mentions against this list."""
        return self._read(f"WHERE {_STANDS} ORDER BY folded", [])

    def count(self) -> int:
        return self._c.db.execute(f"SELECT count(*) FROM people WHERE {_STANDS}").fetchone()[0]

    def by_name(self, name: str) -> Person | None:
        """The person with this name or alias, in any case and with or without diacritics; None if several share it."""
        found = self.all_by_name(name)
        return found[0] if len(found) == 1 else None

    def all_by_name(self, name: str) -> list[Person]:
        """Everybody who bears this name; who bears it as an alias only where nobody does."""
        folded = fold(name)
        return self._read(f"WHERE folded = ? AND {_STANDS}", [folded]) or self._read(
            f"WHERE id IN (SELECT person_id FROM person_aliases WHERE folded = ?) AND {_STANDS}", [folded]
        )

    def search(self, text: str, limit: int = 5) -> list[Person]:
        """People in whose name or alias a word begins with every word of ``text``."""
        condition, values = _named(text)
        return self._read(f"WHERE {condition} AND {_STANDS} ORDER BY length(name), name LIMIT ?", [*values, limit]) if condition else []

    def listing(
        self, *, name: str = "", letter: str = "", order: str = "said", limit: int = 50, offset: int = 0
    ) -> tuple[list[tuple[Person, int, int]], int]:
        """(person, statements, claims) for a page of the list, and how many there are on all pages.

        Without ``name`` only those who said anything; with it everybody whose name or alias fits. ``letter`` is the first of what they
        are filed under, "#" any that is none from a to z. ``order`` is a key of ORDERS.
        """
        conditions, values = [_STANDS], []
        if name:
            condition, values = _named(name)
            conditions.append(condition or "1 = 0")
        else:
            conditions.append("statement_count + claim_count > 0")
        if letter:
            conditions.append("NOT (filed_under >= 'a' AND filed_under < '{')" if letter == "#" else "filed_under >= ? AND filed_under < ?")
            values += [] if letter == "#" else [letter[0], chr(ord(letter[0]) + 1)]
        where = "WHERE " + " AND ".join(conditions)
        chosen = f"FROM people {where}"
        if name:  # names are looked through once, not for each of counting, sorting and reading
            ids = [r["id"] for r in self._c.db.execute(f"SELECT id {chosen}", values)]
            chosen, values = f"FROM people WHERE id IN (SELECT value FROM json_each(?)) AND {_STANDS}", [json.dumps(ids)]
        rows = self._c.db.execute(
            f"SELECT id, statement_count, claim_count {chosen} ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?", [*values, limit, offset]
        ).fetchall()
        total = self._c.db.execute(f"SELECT count(*) {chosen}", values).fetchone()[0]
        people = self.many(r["id"] for r in rows)
        return [(people[r["id"]], r["statement_count"], r["claim_count"]) for r in rows], total

    def letters(self) -> dict[str, int]:
        """First letter of what people who said anything are filed under -> how many; "#" for all that is none from a to z."""
        rows = self._c.db.execute(
            f"""
            SELECT substr(filed_under, 1, 1) AS letter, sum(statement_count + claim_count > 0) AS n
            FROM people INDEXED BY people_filed WHERE {_STANDS} GROUP BY letter ORDER BY letter
            """
        ).fetchall()
        found = {r["letter"]: r["n"] for r in rows if r["n"] and "a" <= r["letter"] <= "z"}
        others = sum(r["n"] for r in rows) - sum(found.values())
        return found | ({"#": others} if others else {})

    def counts(self, limit: int = 200) -> list[tuple[Person, int, int]]:
        """(person, statements, claims) for those who said anything, most statements and claims first."""
        return self.listing(limit=limit)[0]

    def many(self, ids) -> dict[int, Person]:
        wanted = list(dict.fromkeys(ids))
        return {p.id: p for p in self._read(f"WHERE id IN ({','.join('?' * len(wanted))})", wanted)}

    def last_changed_by(self, person_id: int) -> str:
        """Who last changed something about this person, by the log; "" when nobody has."""
        row = self._c.db.execute(
            "SELECT user_name FROM audit WHERE object_type = 'person' AND object_id = ? ORDER BY id DESC LIMIT 1", [person_id]
        ).fetchone()
        return row["user_name"] if row else ""

    def said(self, ids) -> dict[int, int]:
        """Person id -> how many statements and claims are on file."""
        wanted = list(ids)
        rows = self._c.db.execute(
            f"SELECT id, statement_count + claim_count AS n FROM people WHERE id IN ({','.join('?' * len(wanted))})", wanted
        )
        return {r["id"]: r["n"] for r in rows}

    def alike(self, person: Person, limit: int = 200) -> list[Person]:
        """Others who may be the same: by the sound of their last name, by its beginning and the given names, or by a shared name; unsorted."""
        names = [fold(n) for n in (person.name, *person.aliases)]
        keys = [k for k in dict.fromkeys(surname_key(n, person.organisation) for n in (person.name, *person.aliases)) if k]
        marks, key_marks = ",".join("?" * len(names)), ",".join("?" * len(keys))
        last, _, given = filed_under(person.name, person.organisation).partition(", ")
        return self._read(
            f"""
            WHERE {_STANDS} AND id <> ? AND id IN (
              SELECT id FROM people WHERE {_STANDS} AND surname_key IN ({key_marks})
              UNION SELECT id FROM people WHERE folded IN ({marks})
              UNION SELECT person_id FROM person_aliases WHERE folded IN ({marks})
              UNION SELECT id FROM people WHERE {_STANDS} AND filed_under BETWEEN ? AND ? AND substr(filed_under, instr(filed_under, ', ')) = ?
            ) LIMIT ?
            """,
            [person.id, *keys, *names, *names, last[:2], f"{last[:2]}\U0010ffff", f", {given}", limit],
        )

    def sharing_a_sound(self, limit: int = 500) -> list[list[Person]]:
        """Groups of two to forty people whose last names sound alike or who share a name, the smallest groups first."""
        groups = self._c.db.execute(
            f"""
            SELECT group_concat(id) AS ids, count(*) AS n FROM people WHERE {_STANDS} AND surname_key <> ''
            GROUP BY surname_key HAVING count(*) BETWEEN 2 AND 40
            UNION ALL
            SELECT group_concat(id), count(*) AS n FROM people WHERE {_STANDS} AND filed_under LIKE '__%, __%'
            GROUP BY substr(filed_under, 1, 2), substr(filed_under, instr(filed_under, ', ')) HAVING count(*) BETWEEN 2 AND 40
            UNION ALL
            SELECT group_concat(DISTINCT id), count(DISTINCT id) AS n FROM (
              SELECT a.folded AS folded, p.id AS id FROM person_aliases a JOIN people p ON p.id = a.person_id WHERE p.{_STANDS}
              UNION SELECT folded, id FROM people WHERE {_STANDS})
            GROUP BY folded HAVING count(DISTINCT id) BETWEEN 2 AND 40 ORDER BY n LIMIT ?
            """,
            [limit],
        ).fetchall()
        wanted = [[int(i) for i in r["ids"].split(",")] for r in groups]
        people = self.many(i for ids in wanted for i in ids)
        return [[people[i] for i in ids] for ids in wanted]

    def kept_apart(self, person_ids: list[int]) -> set[frozenset[int]]:
        """Pairs of which an editor said that they are two, as far as one of them is among ``person_ids``."""
        marks = ",".join("?" * len(person_ids))
        rows = self._c.db.execute(
            f"SELECT person_id, other_id FROM people_kept_apart WHERE person_id IN ({marks}) OR other_id IN ({marks})", [*person_ids, *person_ids]
        )
        return {frozenset((r["person_id"], r["other_id"])) for r in rows}

    # Writing

    def put(self, person: Person) -> Person:
        """Store a person, or add the aliases and offices to the one who already bears the name; returns them as stored."""
        with self._c.write() as db:
            row = db.execute("SELECT id FROM people WHERE folded = ? ORDER BY merged_into IS NOT NULL", [fold(person.name)]).fetchone()
            if row:
                person_id = self.root(row["id"])
            else:
                person_id = db.execute(
                    """
                    INSERT INTO people (name, folded, filed_under, surname_key, gender, organisation, created_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    [*_names(person), person.gender, int(person.organisation), now()],
                ).lastrowid
            for alias in person.aliases:
                self.add_alias(person_id, alias)
            known = {(o.title, o.since, o.until) for o in (self.get(person_id) or person).offices} if row else set()
            for office in person.offices:
                if (office.title, office.since, office.until) not in known:
                    self._insert_office(person_id, office)
        stored = self.get(person_id)
        assert stored is not None
        return stored

    def change(self, person: Person) -> None:
        """Give the person with this id another name, gender or kind; the names must be nobody else's."""
        with self._c.write() as db:
            db.execute(
                "UPDATE people SET name = ?, folded = ?, filed_under = ?, surname_key = ?, gender = ?, organisation = ? WHERE id = ?",
                [*_names(person), person.gender, int(person.organisation), person.id],
            )

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
            return None if known else self._insert_office(person_id, office)

    def change_office(self, person_id: int, office: Office) -> None:
        """Give the office with this id another title or period."""
        with self._c.write() as db:
            db.execute(
                "UPDATE person_offices SET title = ?, since = ?, until = ? WHERE id = ? AND person_id = ?",
                [office.title, office.since, office.until, office.id, person_id],
            )

    def forget(self, person_id: int, alias: str = "", office_id: int | None = None) -> None:
        """Take back an alias or an office that was noted."""
        with self._c.write() as db:
            if alias:
                db.execute("DELETE FROM person_aliases WHERE person_id = ? AND folded = ?", [person_id, fold(alias)])
            if office_id:
                db.execute("DELETE FROM person_offices WHERE id = ? AND person_id = ?", [office_id, person_id])

    def keep_apart(self, person_id: int, other_id: int, user_name: str) -> bool:
        """Note that two who look alike are two; True when it was not known."""
        first, second = sorted((person_id, other_id))
        with self._c.write() as db:
            return bool(
                db.execute("INSERT OR IGNORE INTO people_kept_apart VALUES (?, ?, ?, ?)", [first, second, user_name, now()]).rowcount
            )

    def lift_apart(self, person_id: int, other_id: int) -> bool:
        """Let two be proposed as one again; True when they were kept apart."""
        first, second = sorted((person_id, other_id))
        with self._c.write() as db:
            return bool(db.execute("DELETE FROM people_kept_apart WHERE person_id = ? AND other_id = ?", [first, second]).rowcount)

    def _insert_office(self, person_id: int, office: Office) -> int:
        return self._c.db.execute(
            "INSERT INTO person_offices (person_id, title, since, until) VALUES (?, ?, ?, ?)",
            [person_id, office.title, office.since, office.until],
        ).lastrowid

    def _read(self, where: str, values: list) -> list[Person]:
        rows = self._c.db.execute(f"SELECT * FROM people {where}", values).fetchall()
        chosen = f"person_id IN (SELECT id FROM people {where})"
        aliases: dict[int, list[str]] = {}
        offices: dict[int, list[Office]] = {}
        if rows:
            for r in self._c.db.execute(f"SELECT person_id, alias FROM person_aliases WHERE {chosen} ORDER BY alias", values):
                aliases.setdefault(r["person_id"], []).append(r["alias"])
            for r in self._c.db.execute(f"SELECT * FROM person_offices WHERE {chosen} ORDER BY id", values):
                offices.setdefault(r["person_id"], []).append(Office(r["title"], r["since"], r["until"], r["id"]))
        return [
            Person(
                id=r["id"],
                name=r["name"],
                aliases=tuple(aliases.get(r["id"], ())),
                offices=tuple(offices.get(r["id"], ())),
                gender=r["gender"],
                organisation=bool(r["organisation"]),
                merged_into=r["merged_into"],
            )
            for r in rows
        ]


def _names(person: Person) -> list[str]:
    return [
        person.name, fold(person.name), filed_under(person.name, person.organisation), surname_key(person.name, person.organisation),
    ]  # fmt: skip


def _named(text: str) -> tuple[str, list[str]]:
    """(condition, values) for names in which a word begins with every word of ``text``; ("", []) for no words."""
    parts = fold(text).split()
    if not parts:
        return "", []
    escaped = [f"% {p}%" for p in (p.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for p in parts)]
    like = " AND ".join("(' ' || folded) LIKE ? ESCAPE '\\'" for _ in parts)
    return (
        f"({like} OR id IN (SELECT person_id FROM person_aliases WHERE {like}))",
        [*escaped, *escaped],
    )
