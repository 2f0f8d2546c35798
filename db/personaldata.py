"""What is kept of a user or of a person on file, as rows to hand over. Nothing that lets anybody in is among it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from db.connection import Connection

SECRET = frozenset({"password_hash", "token_hash", "feed_hash", "salt", "factor_salt", "factor_step", "code_hash"})
_OF_A_USER = (  # what belongs to the account, and what was done with it
    "sessions", "api_tokens", "recovery_codes", "webhooks", "notice_wishes", "alerts", "notices", "deliveries", "exported_claims", "postponed", "drafts",
    "notes", "decisions", "corrections", "confirmations", "walkbacks", "status_changes", "claim_relations", "rearrangements", "person_merges", "desk_acts",
    "errata",
)  # fmt: skip


class PersonalData:
    def __init__(self, connection: Connection):
        self._c = connection

    def of_user(self, user_id: int, name: str) -> dict[str, list[dict[str, Any]]]:
        """Table -> its rows of the user, oldest first; "log": the lines of the log by the user or about the account."""
        found = {"users": self._rows("SELECT * FROM users WHERE id = ?", [user_id])}
        for table in _OF_A_USER:
            found[table] = self._rows(f"SELECT * FROM {table} WHERE user_id = ?", [user_id])
        found["articles"] = self._rows("SELECT id, url, title, added_at FROM articles WHERE added_by = ? ORDER BY id", [user_id])
        found["log"] = self._rows(
            "SELECT * FROM audit WHERE user_name = ? OR (object_type = 'user' AND object_id = ?) ORDER BY id", [name, user_id]
        )
        return found

    def of_person(self, person_ids: list[int]) -> dict[str, list[dict[str, Any]]]:
        """The same of a person on file and of those merged into it: names, offices, and everything that is said to be theirs."""
        among = f"IN ({', '.join('?' * len(person_ids))})"
        return {
            "people": self._rows(f"SELECT * FROM people WHERE id {among} ORDER BY id", person_ids),
            "person_aliases": self._rows(f"SELECT * FROM person_aliases WHERE person_id {among} ORDER BY alias", person_ids),
            "person_offices": self._rows(f"SELECT * FROM person_offices WHERE person_id {among} ORDER BY id", person_ids),
            "governments": self._rows(
                f"SELECT g.name, g.since, g.until FROM governments g JOIN government_members m ON m.government_id = g.id WHERE m.person_id {among}",
                person_ids,
            ),
            "claims": self._rows(
                f"SELECT id, text, language, speaker, first_said_at, rating, promise_status FROM claims WHERE person_id {among} ORDER BY id", person_ids
            ),
            "statements": self._rows(
                f"SELECT s.id, s.text, s.kind, s.speaker, s.mention, s.said_at, a.id AS article_id, a.title, a.url FROM statements s "
                f"JOIN articles a ON a.id = s.article_id WHERE s.person_id {among} ORDER BY s.id",
                person_ids,
            ),
            "occurrences": self._rows(f"SELECT * FROM occurrences WHERE person_id {among} ORDER BY id", person_ids),
            "log": self._rows(f"SELECT * FROM audit WHERE object_type = 'person' AND object_id {among} ORDER BY id", person_ids),
        }

    def group_of_person(self, person_id: int) -> list[int]:
        """The person and everybody merged into it, the one that stands for all first."""
        rows = self._c.db.execute(
            "WITH RECURSIVE behind(id) AS (SELECT id FROM people WHERE id = ? UNION SELECT people.id FROM people JOIN behind ON people.merged_into = behind.id) "
            "SELECT id FROM behind ORDER BY id <> ?, id",
            [person_id, person_id],
        )
        return [r[0] for r in rows]

    def disabled_before(self, moment: str) -> list[int]:
        """Users whose account was shut before a moment and not erased yet."""
        return [r[0] for r in self._c.db.execute("SELECT id FROM users WHERE disabled_at < ? AND erased_at IS NULL ORDER BY id", [moment])]

    def _rows(self, sql: str, values: Iterable[Any]) -> list[dict[str, Any]]:
        return [{k: v for k, v in dict(row).items() if k not in SECRET} for row in self._c.db.execute(sql, list(values))]
