"""Two people who are one: what hangs on the one is moved to the other, with a list of what was, so that it can be moved back."""

from __future__ import annotations

import json
from typing import Any

from db.clock import now
from db.connection import Connection
from db.people import People
from factcheck.records import Office, Person, PersonMerge, User
from factcheck.words import fold

# Rows that name a person, by table; what is moved are their ids.
_NAMED_BY = {
    "statements": "person_id = ?",
    "claims": "person_id = ?",
    "occurrences": "person_id = ?",
    "confirmations": "person_id = ?",
    "alerts": "about = 'person' AND object_id = ?",
    "notes": "object_type = 'person' AND object_id = ?",
}
_COLUMN = {"alerts": "object_id", "notes": "object_id"}


class PersonMerges:
    def __init__(self, connection: Connection):
        self._c = connection
        self._people = People(connection)

    def get(self, merge_id: int) -> PersonMerge | None:
        return next(iter(self._read("WHERE id = ?", [merge_id])), None)

    def of_person(self, person_id: int) -> list[PersonMerge]:
        """Every merge this person had a part in, newest first, also those taken back."""
        return self._read("WHERE person_id = ?1 OR into_id = ?1 ORDER BY id DESC", [person_id])

    def in_force(self, person_id: int) -> PersonMerge | None:
        """The merge by which this person stands behind another one."""
        return next(iter(self._read("WHERE person_id = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 1", [person_id])), None)

    def merge(self, person: Person, into: Person, user: User) -> int:
        """Move everything of ``person`` to ``into`` and hide ``person`` behind it; the merge's id. Neither is merged yet."""
        with self._c.write() as db:
            moved: dict[str, Any] = {}
            for table, condition in _NAMED_BY.items():
                moved[table] = [r["id"] for r in db.execute(f"SELECT id FROM {table} WHERE {condition} ORDER BY id", [person.id])]
                db.execute(f"UPDATE {table} SET {_COLUMN.get(table, 'person_id')} = ? WHERE {condition}", [into.id, person.id])
            moved["governments"] = self._move_memberships(db, person.id, into.id)
            moved["aliases"] = [
                name for name in (person.name, *person.aliases) if fold(name) != fold(into.name) and self._people.add_alias(into.id, name)
            ]
            known = {_office(o) for o in into.offices}
            moved["offices"] = [
                db.execute(
                    "INSERT INTO person_offices (person_id, title, since, until) VALUES (?, ?, ?, ?)", [into.id, o.title, o.since, o.until]
                ).lastrowid
                for o in person.offices
                if _office(o) not in known
            ]
            moved["gender"] = person.gender if not into.gender else ""
            if moved["gender"]:
                db.execute("UPDATE people SET gender = ? WHERE id = ?", [person.gender, into.id])
            db.execute("UPDATE people SET merged_into = ? WHERE id = ?", [into.id, person.id])
            return db.execute(
                "INSERT INTO person_merges (person_id, into_id, moved, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?)",
                [person.id, into.id, json.dumps(moved, ensure_ascii=False), user.id, user.name, now()],
            ).lastrowid

    def undo(self, merge: PersonMerge, user_name: str) -> None:
        """Move back what was moved, as far as nobody has moved it on since."""
        with self._c.write() as db:
            row = db.execute("SELECT moved FROM person_merges WHERE id = ?", [merge.id]).fetchone()
            moved = json.loads(row["moved"])
            for table, condition in _NAMED_BY.items():
                db.execute(
                    f"UPDATE {table} SET {_COLUMN.get(table, 'person_id')} = ? WHERE {condition} AND id IN (SELECT value FROM json_each(?))",
                    [merge.person_id, merge.into_id, json.dumps(moved[table])],
                )
            others = [
                (r["id"], json.loads(r["moved"]), self._people.get(r["person_id"]))
                for r in db.execute(
                    "SELECT id, person_id, moved FROM person_merges WHERE into_id = ? AND id <> ? AND undone_at IS NULL",
                    [merge.into_id, merge.id],
                ).fetchall()
            ]
            self._take_back(db, merge, moved, others)
            for other_id, theirs, _ in others:
                db.execute("UPDATE person_merges SET moved = ? WHERE id = ?", [json.dumps(theirs, ensure_ascii=False), other_id])
            db.execute("UPDATE people SET merged_into = NULL WHERE id = ?", [merge.person_id])
            db.execute("UPDATE person_merges SET undone_at = ?, undone_by = ? WHERE id = ?", [now(), user_name, merge.id])

    def _take_back(self, db, merge: PersonMerge, moved: dict[str, Any], others: list[tuple[int, dict[str, Any], Person]]) -> None:
        """Take back what ``into`` got. What somebody else merged into it would have brought too, stays, and is theirs from now on."""
        for alias in moved["aliases"]:
            heirs = (theirs for _, theirs, p in others if fold(alias) in {fold(n) for n in (p.name, *p.aliases)})
            if heir := next(heirs, None):
                heir["aliases"].append(alias)
            else:
                self._people.forget(merge.into_id, alias)
        brought = {o.id: o for o in self._people.get(merge.into_id).offices}
        for office_id in moved["offices"]:
            office = brought.get(office_id)
            heirs = (theirs for _, theirs, p in others if office and _office(office) in {_office(o) for o in p.offices})
            if heir := next(heirs, None):
                heir["offices"].append(office_id)
            else:
                self._people.forget(merge.into_id, office_id=office_id)
        for government_id, was_member in moved["governments"]:
            db.execute("INSERT OR IGNORE INTO government_members VALUES (?, ?)", [government_id, merge.person_id])
            heir = next((theirs for _, theirs, _ in others if [government_id, True] in theirs["governments"]), None)
            if heir and not was_member:
                heir["governments"][heir["governments"].index([government_id, True])][1] = False
            elif not was_member:
                db.execute("DELETE FROM government_members WHERE government_id = ? AND person_id = ?", [government_id, merge.into_id])
        if moved["gender"]:
            heir = next((theirs for _, theirs, p in others if p.gender == moved["gender"] and not theirs["gender"]), None)
            if heir:
                heir["gender"] = moved["gender"]
            else:
                db.execute("UPDATE people SET gender = '' WHERE id = ? AND gender = ?", [merge.into_id, moved["gender"]])

    @staticmethod
    def _move_memberships(db, person_id: int, into_id: int) -> list[tuple[int, bool]]:
        """(government, whether ``into`` was a member already)."""
        found = [
            (r["government_id"], bool(r["both"]))
            for r in db.execute(
                """
                SELECT m.government_id, EXISTS (SELECT 1 FROM government_members o
                  WHERE o.government_id = m.government_id AND o.person_id = ?) AS both
                FROM government_members m WHERE m.person_id = ? ORDER BY 1
                """,
                [into_id, person_id],
            ).fetchall()
        ]
        for government_id, _ in found:
            db.execute("INSERT OR IGNORE INTO government_members VALUES (?, ?)", [government_id, into_id])
        db.execute("DELETE FROM government_members WHERE person_id = ?", [person_id])
        return found

    def _read(self, where: str, values: list) -> list[PersonMerge]:
        return [
            PersonMerge(
                id=r["id"],
                person_id=r["person_id"],
                into_id=r["into_id"],
                moved={table: len(ids) for table, ids in json.loads(r["moved"]).items() if table in ("statements", "claims", "occurrences")},
                user_id=r["user_id"],
                user=r["user_name"],
                at=r["at"],
                undone_at=r["undone_at"],
                undone_by=r["undone_by"],
            )
            for r in self._c.db.execute(f"SELECT * FROM person_merges {where}", values)
        ]


def _office(office: Office) -> tuple[str, str | None, str | None]:
    return fold(office.title), office.since, office.until
