"""The figures that come with the model: how well it matched on development data, cross-validated, before it was shipped.

They lie in ``factcheck/models/quality.json``, written where the model is trained.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from factcheck.errors import ModelUnavailable
from factcheck.quality import Band

FIGURES = Path(__file__).resolve().parent / "models" / "quality.json"


@dataclass(frozen=True)
class SetFigures:
    """One data set. The three figures lie in 0..1, higher is better."""

    name: str
    language: str  # ISO 639-1
    queries: int
    map_at_5: float  # mean average precision over the first five
    mrr: float  # mean of one over the place of the first right claim
    p_at_1: float  # share of queries whose first claim is right


@dataclass(frozen=True)
class ShippedQuality:
    sets: tuple[SetFigures, ...]
    reliability: tuple[Band, ...]  # lowest first
    calibration_error: float  # expected calibration error, 0..1, lower is better
    relation_f1: float  # macro F1 over same, related and contradicts, 0..1
    relation_pairs: int  # how many labelled pairs it was measured on

    def precision_from(self, cutoff: float) -> tuple[int, int, float]:
        """(right, shown, from which probability) of what was shown at a cut-off or above.

        Only whole bands are known: a cut-off inside a band counts from where the band begins, which rather understates it.
        """
        kept = [b for b in self.reliability if b.high > cutoff + 1e-9]
        return sum(b.right for b in kept), sum(b.shown for b in kept), min((b.low for b in kept), default=cutoff)


def read(path: Path = FIGURES) -> ShippedQuality | None:
    """The figures, or None when none came with the model. Raises ModelUnavailable when the file is damaged."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return ShippedQuality(
            sets=tuple(
                SetFigures(
                    name=_text(s["name"]),
                    language=_text(s["language"]),
                    queries=_count(s["queries"]),
                    map_at_5=_share(s["map_at_5"]),
                    mrr=_share(s["mrr"]),
                    p_at_1=_share(s["p_at_1"]),
                )
                for s in stored["sets"]
            ),
            reliability=tuple(sorted((_band(b) for b in stored["reliability"]), key=lambda b: b.low)),
            calibration_error=_share(stored["calibration_error"]),
            relation_f1=_share(stored["relations"]["macro_f1"]),
            relation_pairs=_count(stored["relations"]["pairs"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{path.name} is damaged ({error}). Restore {path} from the release.") from None


def _band(stored: dict) -> Band:
    band = Band(
        low=_share(stored["low"]),
        high=_share(stored["high"]),
        shown=_count(stored["shown"]),
        right=_count(stored["right"]),
        mean=_share(stored["mean"]),
    )
    if band.low >= band.high or band.right > band.shown:
        raise ValueError(f"the band from {band.low} to {band.high} cannot be")
    return band


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is no text")
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def _share(value: object) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 1:  # type: ignore[operator]
        raise ValueError(f"{value!r} does not lie between 0 and 1")
    return float(value)  # type: ignore[arg-type]
