"""The schema for PostgreSQL, made from SQLite's: the same tables, columns, checks, indexes and triggers.

SQLite's migrations run in memory and what they made is translated, rows included, so a new table needs no second description. What a later
migration changes is translated as well (``definition``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlite_utils import Database

from db.migrations import migrations
from db.postgres.dialect import translated

_FOLDER = Path(__file__).parent
_TYPES = {"INTEGER": "bigint", "REAL": "double precision", "BLOB": "bytea", "TEXT": 'text COLLATE "C"'}
_REFERENCE = re.compile(r"\s+REFERENCES (\w+)\((\w+)\)( ON DELETE (?:CASCADE|SET NULL))?")
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+) (BEFORE|AFTER) (.+?) ON (\w+)\s+(?:WHEN\s+(.+?)\s+)?BEGIN\s+(.+)\s*END\s*$", re.S)
_INDEX = re.compile(r"(CREATE (?:UNIQUE )?INDEX \w+ ON \w+)\((.+?)\)(\s+WHERE .+)?$", re.S)
_ADDED = re.compile(r"ALTER TABLE \"?(\w+)\"? ADD COLUMN (.+)$", re.S)
_DROPPED = re.compile(r"DROP TRIGGER (?:IF EXISTS )?\"?(\w+)\"?")
_DERIVED = re.compile(r"(claims|statements)_(words|trigrams)")


@dataclass(frozen=True)
class _Model:
    """What SQLite's migrations make: (kind, name, SQL) in order, columns by table, and the rows every newsroom begins with."""

    made: list[tuple[str, str, str]]
    columns: dict[str, list[str]]
    rows: dict[str, list[tuple]]


@cache
def _model() -> _Model:
    database = Database(memory=True)
    migrations.apply(database)
    found = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
    ours = [(kind, name, sql) for kind, name, table, sql in found if not table.startswith(("sqlite_", "_sqlite_")) and not _DERIVED.match(table)]
    columns = {name: [c[1] for c in database.execute(f'PRAGMA table_info("{name}")').fetchall()] for kind, name, _ in ours if kind == "table"}
    rows = {name: [tuple(r) for r in database.execute(f'SELECT * FROM "{name}"').fetchall()] for name in columns}
    database.close()
    return _Model(ours, columns, rows)


def tables() -> dict[str, list[str]]:
    """Table -> its columns, in order."""
    return _model().columns


def statements() -> Iterator[str]:
    """Everything that makes an empty schema what SQLite's is after its migrations, in order, first rows aside."""
    yield from split((_FOLDER / "compat.sql").read_text(encoding="utf-8"))
    rows = _model().made
    references: list[str] = []
    for kind, name, sql in rows:
        if kind == "table":
            yield _table(name, sql, references)
    yield from references
    yield from split((_FOLDER / "words.sql").read_text(encoding="utf-8"))
    for kind, name, sql in rows:
        if kind == "index":
            yield _index(sql)
        elif kind == "trigger":
            yield from trigger(sql)
    yield "CREATE TABLE migrations (name text PRIMARY KEY, applied_at text NOT NULL)"


def first_rows() -> Iterator[tuple[str, list[str], list[tuple]]]:
    """(table, columns, rows) of what every newsroom begins with."""
    for table, columns in tables().items():
        if (rows := _model().rows[table]) and table != "card_changes":
            yield table, columns, rows


def definition(sql: str) -> list[str] | None:
    """A statement of SQLite's that changes the schema, as PostgreSQL takes it; None for one that reads or changes rows."""
    said = re.sub(r"--[^\n]*", "", sql).strip().rstrip(";").strip()
    words = said.upper().split(None, 3)
    if words[0] == "PRAGMA":  # of the file's own ways
        return []
    if words[0] not in ("CREATE", "ALTER", "DROP"):
        return None
    if words[:2] == ["CREATE", "TABLE"]:
        references: list[str] = []
        return [_table(said.split(None, 3)[2].split("(")[0].strip('"'), said, references), *references]
    if words[:2] == ["CREATE", "TRIGGER"]:
        return list(trigger(said))
    if words[0] == "CREATE" and "INDEX" in words[1:3]:
        return [_index(said)]
    if found := _ADDED.match(said):
        part, references = _referring(found[1], " ".join(found[2].split()))
        return [f"ALTER TABLE {found[1]} ADD COLUMN {_column(part)}", *references]
    if found := _DROPPED.match(said):
        return [f"DROP FUNCTION IF EXISTS {found[1]}() CASCADE"]
    if words[0] == "CREATE" or re.search(r"\bRENAME\b", said, re.I):  # what a trigger does names columns, and is not changed along
        raise ValueError(f"PostgreSQL needs a way of its own for: {said[:80]}")
    return [said]


def trigger(sql: str) -> Iterator[str]:
    """A trigger of SQLite's as a function and a trigger."""
    found = _TRIGGER.match(sql)
    assert found, sql
    name, moment, event, table, condition, body = found.groups()
    body = re.sub(r"SELECT RAISE\(ABORT, ('[^']+')\)", r"RAISE EXCEPTION \1", body)
    steps = _plain(body)
    if condition:  # a condition of the trigger itself may ask no other table
        steps = f"IF {_plain(condition)} THEN {steps} END IF;"
    result = "NULL" if moment == "AFTER" else "OLD" if event == "DELETE" else "NEW"
    yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {steps} RETURN {result}; END $$"
    yield f"CREATE TRIGGER {name} {moment} {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    if (moment, event) == ("BEFORE", "DELETE"):  # what keeps rows keeps them all
        yield f"CREATE TRIGGER {name}_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"


def _plain(sql: str) -> str:
    return translated(re.sub(r"--[^\n]*", "", sql)).replace("%%", "%")


def _table(name: str, sql: str, references: list[str]) -> str:
    body = re.sub(r"--[^\n]*", "", sql)
    body = body[body.index("(") + 1 : body.rindex(")")]
    columns = []
    for part in _parts(body):
        part, found = _referring(name, part)
        references += found
        columns.append(_column(part))
    return f"CREATE TABLE {name} ({', '.join(columns)})"


def _referring(table: str, part: str) -> tuple[str, list[str]]:
    """(a column without what it refers to, what adds that)"""
    found = _REFERENCE.search(part)
    if found is None:
        return part, []
    key = f"FOREIGN KEY ({part.split()[0]}) REFERENCES {found[1]}({found[2]}){found[3] or ''}"
    return part[: found.start()] + part[found.end() :], [f"ALTER TABLE {table} ADD {key} DEFERRABLE INITIALLY IMMEDIATE"]


def _column(part: str) -> str:
    words = part.split(None, 2)
    if len(words) < 2 or words[1] not in _TYPES:
        return part  # a constraint of the table
    rest = words[2] if len(words) > 2 else ""
    if words[1] == "INTEGER" and rest.startswith("PRIMARY KEY"):
        rest = rest.replace("AUTOINCREMENT", "").strip()
        return f"{words[0]} bigint GENERATED BY DEFAULT AS IDENTITY {rest}"
    if "COLLATE NOCASE" in rest:
        return f'{words[0]} citext COLLATE "C" {rest.replace("COLLATE NOCASE", "")}'.strip()
    return f"{words[0]} {_TYPES[words[1]]} {rest}".strip()


def _index(sql: str) -> str:
    found = _INDEX.match(re.sub(r"--[^\n]*", "", sql).strip())
    assert found, sql
    return f"{found[1]} ({', '.join(_term(t) for t in _parts(found[2]))}){_plain(found[3] or '')}"


def _term(term: str) -> str:
    """An expression stands in brackets, a column or a function need none."""
    value, falling, _ = term.partition(" DESC")
    return f"({value}){falling}" if re.search(r"[+*/|-]", value) else term


def _parts(text: str) -> list[str]:
    """What is separated by commas outside of brackets."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [" ".join(part.split()) for part in found]


def split(text: str) -> list[str]:
    """The statements of a file; one that holds others ends with its own line."""
    found, inside = [""], False
    for line in text.splitlines():
        if line.startswith("--"):
            continue
        found[-1] += line + "\n"
        inside ^= line.count("$$") % 2 == 1
        if line.endswith(";") and not inside:
            found.append("")
    return [s.strip() for s in found if s.strip()]
