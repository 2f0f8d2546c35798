"""What a newsroom has set for itself, kept in the database so that every process goes by it."""

from __future__ import annotations

from db.connection import Connection
from factcheck.errors import BadInput
from factcheck.records import Cutoffs


class Newsroom:
    def __init__(self, connection: Connection):
        self._c = connection

    def cutoffs(self) -> Cutoffs:
        """The newsroom's cut-offs, or the ones it started with."""
        rows = self._c.db.execute("SELECT name, value FROM newsroom WHERE name IN ('possible', 'likely')")
        return Cutoffs(**{r["name"]: float(r["value"]) for r in rows})

    def set_cutoffs(self, cutoffs: Cutoffs) -> None:
        """Raises BadInput unless 0 < possible <= likely < 1."""
        if not 0 < cutoffs.possible <= cutoffs.likely < 1:
            raise BadInput("Both cut-offs lie between 0 and 1, and likely is not below possible.", key="cutoffs_order")
        with self._c.write() as db:
            for name in ("possible", "likely"):
                db.execute(
                    "INSERT INTO newsroom (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    [name, str(getattr(cutoffs, name))],
                )
            # Every statement is settled anew in the background; candidates stay as they are.
            db.execute("INSERT INTO newsroom (name, value) VALUES ('settle_after', '0') ON CONFLICT (name) DO UPDATE SET value = excluded.value")
