"""Claims merged, split, and called related or opposite."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from factcheck.records.matching import Relation


@dataclass(frozen=True)
class Moved:
    """What a split moved. ``links``: (decision undone, decision made for it); ``rejections``: decisions that stood in the way, undone;
    the others: (id of the row, the claim it came from, its ``added_at`` there)."""

    links: tuple[tuple[int, int], ...] = ()
    rejections: tuple[int, ...] = ()
    occurrences: tuple[tuple[int, int, str], ...] = ()
    reviews: tuple[tuple[int, int, str], ...] = ()
    coverage: tuple[tuple[int, int, str], ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Moved:
        return cls(**{k: tuple(tuple(v) if isinstance(v, list) else v for v in values) for k, values in json.loads(text).items()})

    def __len__(self) -> int:
        """How many things were moved."""
        return len(self.links) + len(self.occurrences) + len(self.reviews) + len(self.coverage)


@dataclass(frozen=True)
class Rearrangement:
    """``act`` "merged": ``claim_id`` stands for ``other_id`` too; "split": something went from ``claim_id`` to ``other_id``."""

    id: int
    act: str
    claim_id: int
    other_id: int
    moved: Moved
    user_id: int | None
    user_name: str
    at: str
    undone_at: str | None = None
    undone_by: str = ""


@dataclass(frozen=True)
class ClaimRelation:
    """Two claims that an editor called related or opposite."""

    id: int
    claim_id: int
    other_id: int
    relation: Relation
    user: str
    at: str
    undone_at: str | None = None
    undone_by: str = ""
