"""The rows of statements: written, changed, and taken out of sight. None is ever deleted, since decisions and corrections name them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from db.connection import Connection
from db.corrections import spans
from db.wordindex import WordIndex
from factcheck.records import Deadline, Kind, Statement, Suggestion


def statement_hash(text: str, speaker: str) -> str:
    """What a statement's vector depends on; the vector is made again when it changes."""
    return hashlib.sha256(f"{text}\0{speaker}".encode()).hexdigest()[:32]


class StatementRows:
    def __init__(self, connection: Connection):
        self._c = connection
        self._words = WordIndex(connection, "statements")

    def replace(self, article_id: int, language: str, statements: Sequence[Statement]) -> None:
        """Make these the statements of an article.

        One with an id is changed in place; one without takes the row of the same place, also one out of sight, or a new one. The
        article's other statements go out of sight.
        """
        with self._c.write() as db:
            rows = db.execute('SELECT id, start, "end", is_gone FROM statements WHERE article_id = ? ORDER BY is_gone, id', [article_id])
            there, standing = {}, set()
            for r in rows.fetchall():
                there.setdefault((r["start"], r["end"]), r["id"])
                if not r["is_gone"]:
                    standing.add(r["id"])
            known = {s.id for s in statements if s.id}
            found = [s.id or next((i for i in [there.get((s.start, s.end), 0)] if i not in known), 0) for s in statements]
            self.hide(standing - set(found))
            for statement_id in filter(None, found):  # out of each other's way: two may have changed places
                db.execute('UPDATE statements SET start = -id, "end" = -id WHERE id = ?', [statement_id])
            for statement_id, s in zip(found, statements, strict=True):
                if statement_id:
                    self.change(statement_id, language, s)
                else:
                    self.add(article_id, language, s)

    def add(self, article_id: int, language: str, statement: Statement) -> int:
        """Store a new statement; its id."""
        values = {"article_id": article_id, **_values(statement)}
        with self._c.write() as db:
            statement_id = db.execute(
                f"INSERT INTO statements ({_names(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
            ).lastrowid
            self._words.put(statement_id, language, {"text": statement.text, "speaker": statement.speaker})
        return statement_id

    def change(self, statement_id: int, language: str, statement: Statement) -> None:
        """Give a row the content of ``statement``, and bring it back when it was out of sight. Its candidates are made anew at the next look."""
        values = _values(statement)
        with self._c.write() as db:
            old = db.execute("SELECT content_hash, is_gone FROM statements WHERE id = ?", [statement_id]).fetchone()
            db.execute(
                f"UPDATE statements SET {', '.join(f'{_quoted(n)} = ?' for n in values)}, is_gone = 0 WHERE id = ?",
                [*values.values(), statement_id],
            )
            if old["is_gone"] or old["content_hash"] != values["content_hash"]:
                db.execute("UPDATE statements SET matched_seq = -1 WHERE id = ?", [statement_id])
                self._words.put(statement_id, language, {"text": statement.text, "speaker": statement.speaker}, is_new=False)

    def hide(self, ids: Iterable[int]) -> None:
        """Take statements out of sight: they are in no list, no search and no queue any more."""
        with self._c.write() as db:
            for statement_id in ids:
                db.execute("UPDATE statements SET is_gone = 1, is_open = 0 WHERE id = ?", [statement_id])
                db.execute("DELETE FROM candidates WHERE statement_id = ?", [statement_id])
                db.execute("INSERT INTO vector_deletions (kind, object_id) VALUES ('statement', ?)", [statement_id])
                db.execute("DELETE FROM vectors WHERE kind = 'statement' AND object_id = ?", [statement_id])
                self._words.delete([statement_id])


def _values(s: Statement) -> dict[str, Any]:
    deadline = s.deadline or Deadline("")
    return {
        "start": s.start,
        "end": s.end,
        "text": s.text,
        "kind": str(s.kind),
        "speaker": s.speaker,
        "mention": s.mention,
        "cue": s.cue,
        "person_id": s.person_id,
        "said_at": s.said_at,
        "check_worthy": s.check_worthy,
        "nature": s.nature,
        "is_promise": int(s.is_promise),
        "deadline_text": deadline.text,
        "deadline_hours": deadline.hours,
        "deadline_by": deadline.by,
        "deadline_since": deadline.since,
        "before": s.before,
        "after": s.after,
        "suggestions": json.dumps([[g.name, g.reason, g.likelihood] for g in s.suggestions], ensure_ascii=False),
        "mention_at": json.dumps(s.mention_at),
        "cue_at": json.dumps(s.cue_at),
        "content_hash": statement_hash(s.text, s.speaker),
    }


def _names(values: Iterable[str]) -> str:
    return ", ".join(map(_quoted, values))


def _quoted(name: str) -> str:
    return f'"{name}"'


def _deadline(row) -> Deadline:
    return Deadline(row["deadline_text"], row["deadline_hours"], row["deadline_by"], row["deadline_since"])


def read_statement(row) -> Statement:
    """A row as a record."""
    has_deadline = row["deadline_text"] or row["deadline_hours"] or row["deadline_by"]
    return Statement(
        id=row["id"],
        article_id=row["article_id"],
        start=row["start"],
        end=row["end"],
        text=row["text"],
        kind=Kind(row["kind"]),
        speaker=row["speaker"],
        mention=row["mention"],
        cue=row["cue"],
        person_id=row["person_id"],
        said_at=row["said_at"],
        check_worthy=row["check_worthy"],
        nature=row["nature"],
        is_promise=bool(row["is_promise"]),
        deadline=_deadline(row) if has_deadline else None,
        before=row["before"],
        after=row["after"],
        suggestions=tuple(Suggestion(*each) for each in json.loads(row["suggestions"])),
        mention_at=spans(json.loads(row["mention_at"])),
        cue_at=spans(json.loads(row["cue_at"])),
    )
