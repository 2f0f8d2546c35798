"""What hangs on a claim of the newsroom's own: reviews, reports and occurrences, one by one."""

from __future__ import annotations

from db.claimparts import insert, review, review_columns
from db.clock import now
from db.connection import Connection
from db.occurrences import Occurrences
from factcheck.records import Coverage, Occurrence, Review, User

Part = Review | Coverage | Occurrence
_TABLES = {"review": "reviews", "coverage": "coverage", "occurrence": "occurrences"}


class Parts:
    """``what`` is "review", "coverage" or "occurrence"."""

    def __init__(self, connection: Connection):
        self._c = connection
        self._occurrences = Occurrences(connection)

    def get(self, what: str, part_id: int) -> Part | None:
        if what == "occurrence":
            return self._occurrences.get(part_id)
        row = self._c.db.execute(f"SELECT * FROM {_TABLES[what]} WHERE id = ?", [part_id]).fetchone()
        return None if row is None else review(row) if what == "review" else Coverage(**dict(row))

    def put(self, what: str, part: Part, user: User) -> int:
        """Store a part added by ``user``, or one that has an id in its place; its id."""
        columns = _columns(part) | ({} if part.id else {"added_at": now()})
        if what == "review" and not part.id:
            columns["added_by"] = user.id
        with self._c.write() as db:
            if not part.id:
                return insert(db, _TABLES[what], columns)
            sets = ", ".join(f"{name} = ?" for name in columns)
            db.execute(f"UPDATE {_TABLES[what]} SET {sets} WHERE id = ?", [*columns.values(), part.id])
        return part.id

    def remove(self, what: str, part_id: int) -> None:
        with self._c.write() as db:
            db.execute(f"DELETE FROM {_TABLES[what]} WHERE id = ?", [part_id])


def _columns(part: Part) -> dict[str, object]:
    if isinstance(part, Review):
        return review_columns(part.claim_id, part)
    names = (
        ("claim_id", "title", "url", "publisher", "published_at", "language")
        if isinstance(part, Coverage)
        else ("claim_id", "quote", "said_at", "speaker", "place", "source", "url", "person_id", "added_by")
    )
    columns: dict[str, object] = {name: getattr(part, name) for name in names}
    return columns if isinstance(part, Coverage) else columns | {"kind": str(part.kind)}
