"""Taking a name out of everything that is kept, the logs too, and letting go of what has been kept long enough.

The logs are append-only. Triggers allow two exceptions and no other, both made here: while a name is being erased, it may become its
pseudonym; and where a sign-in came from may be blanked once its time is over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlite_utils import Database

from db.clock import now
from db.connection import Connection
from db.wordindex import WordIndex
from factcheck.words import fold

# Where a user's name stands beside what the user did.
NAMED_USERS: Mapping[str, tuple[str, ...]] = {
    "confirmations": ("user_name", "undone_by"),
    "claim_relations": ("user_name", "undone_by"),
    "corrections": ("user_name",),
    "decisions": ("user_name", "undone_by"),
    "desk_acts": ("user_name",),
    "errata": ("user_name",),
    "events": ("by",),
    "invitations": ("by",),
    "jobs": ("by",),
    "notes": ("user_name",),
    "occurrences": ("added_by",),
    "people_kept_apart": ("user_name",),
    "person_merges": ("user_name", "undone_by"),
    "rating_words": ("by",),
    "rearrangements": ("user_name", "undone_by"),
    "sources": ("added_by",),
    "status_changes": ("by", "undone_by"),
    "uploads": ("user_name",),
    "walkbacks": ("user_name",),
}
# What belongs to a user alone and goes with the account.
OWNED = (
    "sessions", "half_sign_ins", "password_resets", "recovery_codes", "api_tokens", "keyed_requests", "uploads", "postponed", "exported_claims",
    "dispatches", "deliveries", "notices", "notice_wishes", "alerts", "webhooks", "notes", "drafts",
)  # fmt: skip
# Keys of the log's details under which a user's name stands; elsewhere the same word may mean something else.
USER_KEYS = frozenset({"name", "invited by", "by", "to", "from", "user", "assigned to", "undone by", "added_by", "user_name", "undone_by"})


PRIVATE = frozenset({"alert", "draft", "note", "token", "webhook"})  # objects of one user alone: what the log tells of them goes, too
SIGN_INS = ("signed in", "signed out", "failed to sign in")


class Erasures:
    def __init__(self, connection: Connection):
        self._c = connection

    @contextmanager
    def of_name(self, name: str, pseudonym: str) -> Iterator[Database]:
        """A transaction in which the name may be replaced in the logs; it ends with the permission gone."""
        with self._c.write() as db:
            db.execute("INSERT INTO erasing (name, pseudonym) VALUES (?, ?)", [name, pseudonym])
            yield db
            db.execute("DELETE FROM erasing")

    def user(self, user_id: int, name: str, pseudonym: str) -> dict[str, int]:
        """Take away what is personal of a user; how many rows of each kind went. Called within ``of_name``. The row of the user stays,
        with the pseudonym, since decisions and the log point to it."""
        gone: dict[str, int] = {}
        with self._c.write() as db:
            for table in OWNED:
                if removed := db.execute(f"DELETE FROM {table} WHERE user_id = ?", [user_id]).rowcount:
                    gone[table] = removed
            db.execute("UPDATE statements SET assigned_to = NULL WHERE assigned_to = ?", [user_id])
            db.execute("UPDATE invitations SET email = '' WHERE used_by = ?", [user_id])
            for table, columns in NAMED_USERS.items():
                for column in columns:
                    db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", [pseudonym, name])
            holding, values = _holding(("content",), {name: pseudonym})
            for row in db.execute(f"SELECT id, content FROM desk_acts WHERE {holding}", values).fetchall():
                if (content := _swapped(row["content"], {name: pseudonym}, USER_KEYS)) != row["content"]:
                    db.execute("UPDATE desk_acts SET content = ? WHERE id = ?", [content, row["id"]])
            db.execute(
                "UPDATE users SET name = ?, password_hash = '', role = 'reader', email = '', time_zone = '', language = '', theme = '', keys = 1, "
                "must_change_password = 0, seen_at = NULL, factor_salt = '', factor_step = 0, disabled_at = coalesce(disabled_at, ?), erased_at = ? "
                "WHERE id = ?",
                [pseudonym, now(), now(), user_id],
            )
            self._log({name: pseudonym}, USER_KEYS, name, pseudonym, about=user_id)
        return gone

    def person(self, person_ids: list[int], names: list[str], pseudonym: str) -> dict[str, int]:
        """Take a person's names off what is on file: the person, claims, statements, occurrences, confirmations, corrections and the log;
        how many rows of each kind changed. Called within ``of_name``. Texts and quotes stay as they were published. Only who goes by one of the names is meant by it: names of people are on file once."""
        swap = {n: pseudonym for n in names}
        changed: dict[str, int] = {}
        with self._c.write() as db:
            marks, said = ", ".join("?" * len(person_ids)), ", ".join("?" * len(names))
            for table in ("person_aliases", "person_offices", "government_members"):
                changed[table] = db.execute(f"DELETE FROM {table} WHERE person_id IN ({marks})", person_ids).rowcount
            for table in ("claims", "statements", "occurrences"):
                changed[table] = db.execute(
                    f"UPDATE {table} SET speaker = ? WHERE speaker IN ({said}) OR (person_id IN ({marks}) AND speaker <> '')",
                    [pseudonym, *names, *person_ids],
                ).rowcount
            db.execute(f"UPDATE statements SET mention = ? WHERE mention IN ({said})", [pseudonym, *names])
            db.execute("UPDATE claims SET speaker_folded = ? WHERE speaker = ?", [fold(pseudonym), pseudonym])
            for row in db.execute("SELECT id, edited FROM claims WHERE speaker = ?", [pseudonym]).fetchall():
                edited = json.loads(row["edited"]) | {"speaker": pseudonym}  # so that the next import does not bring the name back
                db.execute("UPDATE claims SET edited = ? WHERE id = ?", [json.dumps(edited, ensure_ascii=False), row["id"]])
            db.execute(f"UPDATE alerts SET name = ? WHERE about = 'person' AND object_id IN ({marks})", [pseudonym, *person_ids])
            words = WordIndex(self._c, "statements")
            for row in db.execute(
                "SELECT s.id, a.language, s.text, s.speaker FROM statements s JOIN articles a ON a.id = s.article_id "
                "WHERE s.is_gone = 0 AND s.speaker = ?",
                [pseudonym],
            ).fetchall():
                words.put(row["id"], row["language"], {"text": row["text"], "speaker": row["speaker"]}, is_new=False)
            for column in ("mention", "name", "alias"):
                for n in names:
                    db.execute(f"UPDATE confirmations SET {column} = ? WHERE {column} = ?", [pseudonym if column != "alias" else "", n])
            for table, columns in {
                "statements": ("suggestions",),
                "corrections": ("before", "after", "checked"),
                "person_merges": ("moved",),
                "reviews": ("raw",),
                "desk_acts": ("content",),
            }.items():
                changed[table] = changed.get(table, 0) + self._swap(db, table, columns, swap)
            self._log(swap, None, "", "", about=0)
        return {k: n for k, n in changed.items() if n}

    def blank_sign_ins(self, before: str) -> int:
        """Blank where sign-ins before a moment came from; how many."""
        with self._c.write() as db:
            db.execute(
                "INSERT INTO newsroom (name, value) VALUES ('sign_ins_blanked_before', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [before],
            )
            return db.execute(
                "UPDATE audit SET before = NULL, after = NULL WHERE action IN ('signed in', 'signed out', 'failed to sign in') AND at < ? AND after IS NOT NULL",
                [before],
            ).rowcount

    def forget_sign_ins(self, before: str) -> int:
        """Let go of sessions, links and tokens that ended before a moment, and of old attempts to sign in; how many."""
        with self._c.write() as db:
            return sum(
                db.execute(f"DELETE FROM {table} WHERE {condition}", [before] * condition.count("?")).rowcount
                for table, condition in (
                    ("sessions", "expires_at < ?"),
                    ("half_sign_ins", "expires_at < ?"),
                    ("sign_in_attempts", "at < ?"),
                    ("password_resets", "expires_at < ?"),
                    ("reset_wishes", "at < ?"),
                    ("invitations", "expires_at < ? OR used_at < ? OR revoked_at < ?"),
                    ("api_tokens", "expires_at < ? OR revoked_at < ?"),
                )
            )

    def forget_notices(self, before: str) -> int:
        """Let go of notices and of what was sent out before a moment; how many."""
        with self._c.write() as db:
            return (
                db.execute("DELETE FROM deliveries WHERE state <> 'waiting' AND created_at < ?", [before]).rowcount
                + db.execute("DELETE FROM notices WHERE at < ?", [before]).rowcount
                + db.execute("DELETE FROM exported_claims WHERE at < ?", [before]).rowcount
            )

    def forget_drafts(self, before: str) -> int:
        """Let go of drafts that nobody has changed since a moment, with the notes on them; how many."""
        with self._c.write() as db:
            db.execute("DELETE FROM notes WHERE object_type = 'draft' AND object_id IN (SELECT id FROM drafts WHERE changed_at < ?)", [before])
            return db.execute("DELETE FROM drafts WHERE changed_at < ?", [before]).rowcount

    def forget_uploads(self, before: str) -> int:
        """Let go of files that were given to import and never were, before a moment; how many."""
        with self._c.write() as db:
            return db.execute("DELETE FROM uploads WHERE job_id IS NULL AND at < ?", [before]).rowcount

    def _log(self, swap: Mapping[str, str], keys: frozenset[str] | None, name: str, pseudonym: str, about: int) -> None:
        """Replace names in the log: of who did something, and in its details (of a user: under ``keys`` only)."""
        db = self._c.db
        holding, values = _holding(("before", "after"), swap)
        rows = db.execute(
            "SELECT id, user_name, action, object_type, object_id, before, after FROM audit "
            f"WHERE user_name = ? OR (object_type = 'user' AND object_id = ?) OR {holding}",
            [name, about, *values],
        )
        for row in rows.fetchall():
            details = [_swapped(row[c], swap, keys) for c in ("before", "after")]
            if about and (row["user_name"] == name or (row["object_type"], row["object_id"]) == ("user", about)):
                if row["object_type"] in PRIVATE or row["action"] in SIGN_INS:
                    details = [None, None]
            who = pseudonym if name and row["user_name"] == name else row["user_name"]
            if [who, *details] != [row["user_name"], row["before"], row["after"]]:
                db.execute("UPDATE audit SET user_name = ?, before = ?, after = ? WHERE id = ?", [who, *details, row["id"]])

    def _swap(self, db: Database, table: str, columns: tuple[str, ...], swap: Mapping[str, str]) -> int:
        changed = 0
        for column in columns:
            holding, values = _holding((column,), swap)
            for row in db.execute(f"SELECT id, {column} AS held FROM {table} WHERE {holding}", values).fetchall():
                if (new := _swapped(row["held"], swap, None)) != row["held"]:
                    db.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", [new, row["id"]])
                    changed += 1
        return changed


def _holding(columns: tuple[str, ...], names: Iterable[str]) -> tuple[str, list[str]]:
    """(condition, values) for rows in which one of the names may stand as a text of its own in JSON."""
    likes = ["%" + json.dumps(n, ensure_ascii=e)[1:-1].replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%" for n in names for e in (False, True)]
    condition = " OR ".join(f"{column} LIKE ? ESCAPE '!'" for column in columns for _ in likes)
    return f"({condition})", [like for _ in columns for like in likes]


def _swapped(text: str | None, swap: Mapping[str, str], keys: frozenset[str] | None) -> str | None:
    """JSON with every text that is one of the names replaced, where it stands under one of the keys (None: anywhere)."""
    if text is None or not any(json.dumps(name, ensure_ascii=False)[1:-1] in text or json.dumps(name)[1:-1] in text for name in swap):
        return text
    try:
        held = json.loads(text)
    except ValueError:
        return text  # an import kept what it could not read
    return json.dumps(_replaced(held, lambda t, key: swap.get(t, t) if keys is None or key in keys else t), ensure_ascii=False, sort_keys=True)


def _replaced(value: Any, change: Callable[[str, str], str], key: str = "") -> Any:
    if isinstance(value, str):
        return change(value, key)
    if isinstance(value, list):
        return [_replaced(v, change, key) for v in value]
    if isinstance(value, dict):
        return {k: _replaced(v, change, k) for k, v in value.items()}
    return value
