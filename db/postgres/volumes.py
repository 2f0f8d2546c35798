"""Statements, their candidates and their words in volumes: partitions by number, and numbers are given in the order things come in.

Whatever looks for statements knows their numbers (a date, a speaker or a topic is looked up in the card index), so a search leaves every
volume aside that no such number lies in, and a key and what refers to it stay one number. A volume holds what came in during one month or
several: the next is opened at the turn of a month, once the present one is worth it. It is made ahead, so that opening it is moving the
counter; a volume that is full goes on in it by itself, and what no volume was made for goes into ``…_rest``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.clock import now
from db.volumes import Volume
from factcheck.errors import BadInput

if TYPE_CHECKING:
    from db.postgres.connection import PostgresConnection

ROOM = 10_000_000  # numbers of a volume
WORTH = 100_000  # statements from which on a month is followed by a volume of its own
TABLES = {"statements": "id", "candidates": "statement_id", "statements_words": "id", "statements_trigrams": "id"}
# Besides what a foreign key keeps: statements that somebody wrote at, sorted by hand or is to look at.
_HELD = (
    "SELECT object_id FROM notes WHERE object_type = 'statement'",
    "SELECT object_id FROM topic_assignments WHERE kind = 'statement' AND by_hand <> ''",
    "SELECT statement_id FROM postponed",
    "SELECT id FROM statements WHERE assigned_to IS NOT NULL",
)
_OF_KIND = ("vectors", "topic_assignments", "topic_states", "card_changes")  # name a statement by kind and number
# A place in a text is one statement's. An index sees one volume only; there is one writer at a time, so nobody comes between.
_PLACE = """
CREATE FUNCTION statements_place_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (
    SELECT 1 FROM statements WHERE article_id = new.article_id AND start = new.start AND "end" = new."end" AND is_gone = 0 AND id <> new.id
  ) THEN
    RAISE EXCEPTION 'statement % stands where another one does', new.id USING ERRCODE = 'unique_violation', CONSTRAINT = 'statements_place';
  END IF;
  RETURN NULL;
END $$
"""


class Volumes:
    """The volumes of one newsroom."""

    def __init__(self, connection: PostgresConnection):
        self._c = connection

    def all(self) -> list[Volume]:
        """In order, the one made ahead last."""
        run = self._c.db.raw.execute
        rows = run("SELECT number, first_id, end_id, coalesce(opened_at, '') FROM volumes WHERE taken_off_at IS NULL ORDER BY number").fetchall()
        present = max((r[0] for r in rows if r[3]), default=0)
        found = []
        for number, first, end, opened in rows:
            size = run(
                f"SELECT (SELECT count(*) FROM statements_v{number}), " + " + ".join(f"pg_total_relation_size('{t}_v{number}')" for t in TABLES)
            ).fetchone()
            found.append(Volume(number, first, end, opened, size[0], int(size[1]), number == present))
        return found

    def turn(self, *, worth: int | None = None) -> int | None:
        """Open the next volume when a month has turned or the present one is full, and make one ahead; the number of what was opened."""
        if not self._due(WORTH if worth is None else worth):
            return None
        with self._c.write() as session:
            run = session.raw.execute
            due = self._due(WORTH if worth is None else worth)  # another process may have been first
            if due:
                number, first, last = due
                run("UPDATE volumes SET opened_at = %s WHERE number = %s", [now(), number])
                if last < first:
                    run("SELECT setval(pg_get_serial_sequence('statements', 'id'), %s, false)", [first])
                end = run("SELECT max(end_id) FROM volumes").fetchone()[0]
                if end <= max(last, first) + ROOM:
                    _add(run, number + 1, max(end, -(-(last + 1) // ROOM) * ROOM))
        return due[0] if due else None

    def _due(self, worth: int) -> tuple[int, int, int] | None:
        """(the volume to be opened, its first number, the last number given), or None while the present one goes on."""
        run = self._c.db.raw.execute
        number, first, end, opened = run(
            "SELECT number, first_id, end_id, opened_at FROM volumes WHERE opened_at IS NOT NULL ORDER BY number DESC LIMIT 1"
        ).fetchone()
        last = run("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('statements', 'id')), 0)").fetchone()[0]
        following = run("SELECT number, first_id FROM volumes WHERE number > %s ORDER BY number LIMIT 1", [number]).fetchone()
        is_due = last >= end - 1 or (opened[:7] != now()[:7] and last - max(first, 0) >= worth)
        return (following[0], following[1], last) if is_due and following else None

    def take_off(self, number: int) -> tuple[str, int, int]:
        """Take a volume's statements out of the newsroom; (the table that holds them from now on, how many, how many stayed).

        Stays what was decided on, corrected, noted, assigned or sorted by hand. Raises BadInput for the present volume and one that is not there.
        """
        table = f"taken_off_{number}"
        with self._c.write() as session:
            run = session.raw.execute
            rows = {v.number: v for v in self.all()}
            if number not in rows or not rows[number].opened_at or rows[number].is_present:
                raise BadInput(f"Volume {number} cannot be taken off. Name one that is closed: claimtrail volumes lists them.")
            run("CREATE TEMPORARY TABLE staying (id bigint PRIMARY KEY) ON COMMIT DROP")
            held = [f"SELECT {column} FROM {one}" for one, _, definition, column in _referring(run, "statements") if "CASCADE" not in definition]
            run(f"INSERT INTO staying SELECT s.id FROM statements_v{number} s WHERE s.id IN ({' UNION ALL '.join([*held, *_HELD])})")
            run(f"CREATE TEMPORARY TABLE going ON COMMIT DROP AS SELECT id, person_id, is_gone FROM statements_v{number} WHERE id NOT IN (TABLE staying)")
            self._forget(run)
            references = _referring(run, "statements")
            for one, name, _, _ in references:
                run(f"ALTER TABLE {one} DROP CONSTRAINT {name}")
            for one, key in TABLES.items():
                self._leave(run, one, key, rows[number], table if one == "statements" else "")
            for one, name, definition, _ in references:
                run(f"ALTER TABLE {one} ADD CONSTRAINT {name} {definition}")
            went = run("SELECT count(*) FROM going").fetchone()[0]
            run("UPDATE volumes SET taken_off_at = %s WHERE number = %s AND NOT EXISTS (TABLE staying)", [now(), number])
            stayed = rows[number].statements - went
            if not stayed:
                for one in TABLES:
                    run(f"DROP TABLE {one}_v{number}")
        return table, went, stayed

    @staticmethod
    def _forget(run: Any) -> None:
        """What hangs on statements that go, in tables that are not in volumes."""
        for one in _OF_KIND:
            run(f"DELETE FROM {one} o USING going g WHERE o.kind = 'statement' AND o.object_id = g.id")
        run("INSERT INTO vector_deletions (kind, object_id) SELECT 'statement', id FROM going")
        run("INSERT INTO card_changes (kind, object_id) SELECT 'statement', id FROM going")
        run(
            "UPDATE people p SET statement_count = statement_count - g.n FROM (SELECT person_id, count(*) AS n FROM going WHERE is_gone = 0 GROUP BY person_id) g "
            "WHERE p.id = g.person_id"
        )
        for one, length in (("statements_words", "length"), ("statements_trigrams", "length(text)")):
            run(
                f"UPDATE word_totals SET rows = rows - g.n, length = word_totals.length - g.l FROM (SELECT count(*) AS n, coalesce(sum({length}), 0) AS l "
                f"FROM {one} WHERE id IN (SELECT id FROM going)) g WHERE name = %s",
                [one],
            )

    @staticmethod
    def _leave(run: Any, table: str, key: str, volume: Volume, keep_as: str) -> None:
        """In place of a volume's partition one with what stays; the old one is kept under a name, or dropped."""
        part, old = f"{table}_v{volume.number}", keep_as or f"{table}_going"
        bounds = _bounds(volume.number, volume.first, volume.end)
        run(f"ALTER TABLE {table} DETACH PARTITION {part}")
        for index, name in run("SELECT indexrelid::regclass::text, relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE indrelid = %s::regclass", [part]).fetchall():
            run(f"ALTER INDEX {index} RENAME TO {name.replace(part, old, 1) if name.startswith(part) else f'{old}_{name}'}")
        run(f"ALTER TABLE {part} RENAME TO {old}")
        run(f"CREATE TABLE {part} (LIKE {table} INCLUDING CONSTRAINTS INCLUDING DEFAULTS)")
        run(f"INSERT INTO {part} SELECT * FROM {old} WHERE {key} IN (TABLE staying)")
        if keep_as:
            run(f"DELETE FROM {old} WHERE {key} IN (TABLE staying)")
            for (name,) in run("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", [old]).fetchall():
                run(f"ALTER TABLE {old} DROP CONSTRAINT {name}")  # nothing waits for it any more
        else:
            run(f"DROP TABLE {old}")
        run(f"ALTER TABLE {table} ATTACH PARTITION {part} {bounds}")


def divide(raw: Any) -> None:
    """Bring the tables into volumes: what they hold becomes the first, as it lies there; nothing is written anew but their references are checked."""
    run = raw.execute
    last = run("SELECT greatest((SELECT max(id) FROM statements), 0)").fetchone()[0] or 0
    end = (last // ROOM + 1) * ROOM
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table, key in TABLES.items():
        _divide(run, table, key, end)
    run(_PLACE)
    run(
        'CREATE TRIGGER statements_place_once AFTER INSERT OR UPDATE OF article_id, start, "end", is_gone ON statements FOR EACH ROW WHEN (new.is_gone = 0) '
        "EXECUTE FUNCTION statements_place_once()"
    )
    run(
        "CREATE TABLE volumes (number integer PRIMARY KEY, first_id bigint NOT NULL, end_id bigint NOT NULL, opened_at text, taken_off_at text)"
    )
    run("INSERT INTO volumes VALUES (1, 0, %s, coalesce((SELECT min(added_at) FROM articles), %s))", [end, now()])
    _add(run, 2, end)


def _divide(run: Any, table: str, key: str, end: int) -> None:
    first = f"{table}_v1"
    referring = _referring(run, table)
    for one, name, _, _ in referring:
        run(f"ALTER TABLE {one} DROP CONSTRAINT {name}")
    triggers = run("SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname", [table]).fetchall()
    for name, _ in triggers:
        run(f"DROP TRIGGER {name} ON {table}")
    numbered = run("SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s AND attidentity <> ''", [table, key]).fetchone()
    if numbered:
        counted = run(f"SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('{table}', '{key}')), 0)").fetchone()[0]
        run(f"ALTER TABLE {table} ALTER COLUMN {key} DROP IDENTITY")
    keys = run("SELECT conname, pg_get_constraintdef(oid), contype FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'f') AND conparentid = 0 ORDER BY conname", [table]).fetchall()
    for name, _, kind in keys:
        if kind == "f":
            run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = run(
        "SELECT c.relname, pg_get_indexdef(c.oid), i.indisunique, i.indisprimary FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE i.indrelid = %s::regclass ORDER BY c.relname",
        [table],
    ).fetchall()
    run(f"ALTER TABLE {table} RENAME TO {first}")
    for name, _, unique, primary in indexes:
        run(f"DROP INDEX {name}" if unique and not primary else f"ALTER INDEX {name} RENAME TO {first}_{name.removeprefix(table).lstrip('_')}")
    run(f"CREATE TABLE {table} (LIKE {first} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE) PARTITION BY RANGE ({key})")
    if numbered:
        run(f"ALTER TABLE {table} ALTER COLUMN {key} ADD GENERATED BY DEFAULT AS IDENTITY")
        run(f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), %s, %s > 0)", [max(counted, 1), counted])
    for name, definition, _ in keys:
        run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for _, definition, unique, primary in indexes:
        if not primary:  # one over several volumes cannot see to a place being one statement's
            run(definition.replace("CREATE UNIQUE INDEX", "CREATE INDEX"))
    run(f"ALTER TABLE {table} ATTACH PARTITION {first} {_bounds(1, 0, end)}")
    run(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
    for _, definition in triggers:
        run(definition)
    for one, name, definition, _ in referring:
        run(f"ALTER TABLE {one} ADD CONSTRAINT {name} {definition}")


def _add(run: Any, number: int, first: int) -> None:
    for table in TABLES:
        run(f"CREATE TABLE {table}_v{number} PARTITION OF {table} {_bounds(number, first, first + ROOM)}")
    run("INSERT INTO volumes VALUES (%s, %s, %s)", [number, first, first + ROOM])


def _bounds(number: int, first: int, end: int) -> str:
    return f"FOR VALUES FROM ({'MINVALUE' if number == 1 else first}) TO ({end})"


def _referring(run: Any, table: str) -> list[tuple[str, str, str, str]]:
    """(table, name, definition, column) of the foreign keys that refer to a table; those of partitions go with their table's."""
    return run(
        "SELECT k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid), a.attname FROM pg_constraint k "
        "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] "
        "WHERE k.confrelid = %s::regclass AND k.contype = 'f' AND k.conparentid = 0 ORDER BY 1, 2",
        [table],
    ).fetchall()
