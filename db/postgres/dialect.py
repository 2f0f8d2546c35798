"""SQLite's SQL as PostgreSQL takes it: only what differs, word by word; what can be defined instead is a function in ``compat.sql``."""

from __future__ import annotations

import re
from functools import lru_cache

_PIECES = re.compile(
    r"""
    (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<comment>--[^\n]*)
    | (?P<cast>::)
    | (?P<number>\?\d+)
    | (?P<mark>\?)
    | (?P<named>:[A-Za-z_]\w*)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<blank>\s+)
    | (?P<other>.)
    """,
    re.X | re.S,
)
_LIST = re.compile(r"\bIN \(SELECT value FROM json_each\((%s|%\(\w+\)s)\)\)")
_TEXTS = re.compile(r"\bIN \(SELECT CAST\(value AS TEXT\) FROM json_each\((%s|%\(\w+\)s)\)\)")
_NONE = re.compile(r"\b(NOT )?IN \(\)")
_EACH = re.compile(r"\bjson_each\((\w+\.\w+)\) (\w+)\b")
_NO_CASE = re.compile(r"(?<![\w.])(\w+(?:\.\w+)?) (=|<>) (%s|%\(\w+\)s|'(?:[^']|'')*') :: citext\b")
_NO_VALUE = {"NULL", "NOT", "TRUE", "FALSE", "DISTINCT", "UNKNOWN", "JSON"}
_TAKEN = {"SOME", "ANY", "ALL", "BOTH", "LEADING", "TRAILING", "USER", "END", "WINDOW", "LIMIT", "OFFSET"}  # no names there
_INSERT = re.compile(r'\s*INSERT INTO "?(\w+)"?', re.I)


@lru_cache(maxsize=4096)
def translated(sql: str) -> str:
    """A statement with ``?``, ``?1`` or ``:name`` for values, as PostgreSQL takes it with ``%s``, ``%(p1)s`` or ``%(name)s``."""
    pieces = [(m.lastgroup, m.group()) for m in _PIECES.finditer(sql)]
    said = [i for i, (kind, _) in enumerate(pieces) if kind not in ("blank", "comment")]
    after = dict(zip(said, said[1:], strict=False))
    ignore = False
    for i in said:
        kind, word = pieces[i]
        upper = word.upper() if kind == "word" else word
        following = _upper(pieces, after, i, 1)
        if kind == "mark":
            pieces[i] = kind, "%s"
        elif kind == "number":
            pieces[i] = kind, f"%(p{word[1:]})s"
        elif kind == "named":
            pieces[i] = kind, f"%({word[1:]})s"
        elif kind in ("text", "quoted", "other"):
            pieces[i] = kind, word.replace("%", "%%")
        elif upper == "LIKE":  # SQLite's knows no case, and no sign that takes away a meaning unless it is named
            pieces[i] = kind, "ILIKE"
        elif upper == "IS" and following == "NOT" and _upper(pieces, after, i, 2) not in _NO_VALUE:
            pieces[i], pieces[after[i]] = (kind, "IS DISTINCT"), (kind, "FROM")
        elif upper == "IS" and following not in _NO_VALUE:
            pieces[i] = kind, "IS NOT DISTINCT FROM"
        elif upper == "AS" and following in _TAKEN:
            pieces[after[i]] = kind, f'"{pieces[after[i]][1]}"'
        elif upper == "INDEXED" and following == "BY":
            first, second = after[i], after[after[i]]
            pieces[i] = pieces[first] = pieces[second] = ("blank", "")
        elif upper == "COLLATE" and following == "NOCASE":
            pieces[i], pieces[after[i]] = (kind, "::"), (kind, "citext")
        elif upper == "INTEGER":  # numbers of rows
            pieces[i] = kind, "bigint"
        elif upper == "OR" and following == "IGNORE":
            ignore = True
            pieces[i], pieces[after[i]] = ("blank", ""), ("blank", "")
    found = "".join("" if kind == "comment" else word for kind, word in pieces)
    if "json_each" in found:
        found = _LIST.sub(r"= ANY (each_number(\1))", found)
        found = _TEXTS.sub(r"= ANY (each_text(\1))", found)
        found = _EACH.sub(r"each_value(\1) \2", found)
    if "citext" in found:  # with text on one side, both would be compared as text
        found = _NO_CASE.sub(r"\1 :: citext \2 \3 :: citext", found)
    if "IN ()" in found:
        found = _NONE.sub(lambda m: "<> ALL ('{}')" if m[1] else "= ANY ('{}')", found)
    if ignore:
        found += " ON CONFLICT DO NOTHING"
    return found


@lru_cache(maxsize=1024)
def inserted_table(sql: str) -> str | None:
    """The table that a statement puts rows into without asking for them back; None for any other statement."""
    found = _INSERT.match(sql)
    return found[1] if found and not re.search(r"\bRETURNING\b", sql, re.I) else None


def _upper(pieces: list[tuple[str | None, str]], after: dict[int, int], i: int, steps: int) -> str:
    for _ in range(steps):
        i = after.get(i, -1)
        if i < 0:
            return ""
    return pieces[i][1].upper()
