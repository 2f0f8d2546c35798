"""How right the suggestions were, by what editors decided."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from factcheck import quality
from factcheck.records import Scope
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation


class Band(shapes.Told):
    """Suggestions with a probability from ``low`` to ``high``: ``right`` of ``shown`` were confirmed as the same claim."""

    low: float
    high: float
    shown: int
    right: int
    mean: float


class Share(shapes.Told):
    name: str
    shown: int
    right: int


class Quality(shapes.Told):
    """``calibration_error`` is the expected one over the bands, 0 to 1; null without decisions."""

    decisions: int
    bands: list[Band]
    calibration_error: float | None
    by_language: list[Share]
    by_month: list[Share]


@operation("GET", "/quality", scope=Scope.READ, answer=Quality, section="Administration")
def suggestion_quality() -> dict[str, Any]:
    """How right the suggestions were by editors' decisions: by probability, language and month."""
    found = asdict(quality.assess(services().store.decisions.outcomes()))
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items() if name != "rejected"}
