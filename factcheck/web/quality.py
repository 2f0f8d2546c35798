"""How right the suggestions were, by editors' decisions and by what was measured before shipping; and the cut-offs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import quality, setting_up, shipped_quality
from factcheck.errors import BadInput, ModelUnavailable
from factcheck.records import Cutoffs, Outcome, Relation
from factcheck.settings import SHIPPED_MODEL
from factcheck.shipped_quality import ShippedQuality
from factcheck.web import services, show

blueprint = Blueprint("quality", __name__)

ENOUGH = 20  # decisions from which shares say something; before that a cut-off is stated by what came with the model
MONTHS = 12  # of the latest shown


@dataclass(frozen=True)
class Meaning:
    """What a cut-off means: ``right`` of ``shown`` suggestions from the probability ``level`` on, decided here or measured before."""

    right: int
    shown: int
    level: float
    here: bool

    @property
    def of_hundred(self) -> int:
        """Rounded, but neither none nor all unless that is so."""
        if self.right in (0, self.shown):
            return 100 if self.right else 0
        return min(max(round(100 * self.right / self.shown), 1), 99)


def meaning(cutoff: float, outcomes: Sequence[Outcome], shipped: ShippedQuality | None) -> Meaning | None:
    """By the newsroom's decisions where enough lie at the cut-off or above, else by the shipped figures; None without either."""
    right, shown = quality.precision_from(
        [o.probability for o in outcomes], [o.relation is Relation.SAME for o in outcomes], cutoff
    )
    if shown >= ENOUGH:
        return Meaning(right, shown, cutoff, here=True)
    if shipped:
        right, shown, level = shipped.precision_from(cutoff)
        if shown:
            return Meaning(right, shown, level, here=False)
    return None


@blueprint.get("/quality")
def page():
    now = show.cutoffs()
    return _page({name: str(round(100 * getattr(now, name))) for name in ("possible", "likely")}, {})


@blueprint.post("/quality/cut-offs")
def set_cutoffs():
    given = {name: request.form.get(name, "").strip() for name in ("possible", "likely")}
    read = {name: _percent(text) for name, text in given.items()}
    problems = {name: g.words("quality.whole_percent") for name, value in read.items() if value is None}
    if not problems:
        try:
            setting_up.set_cutoffs(services().store, Cutoffs(read["possible"], read["likely"]), g.user)  # type: ignore[arg-type]
        except BadInput as problem:
            problems["likely"] = g.words.problem(problem)
    if problems:
        return _page(given, problems), BadInput.status
    return redirect(url_for("quality.page", saved=1, _anchor="cutoffs"), 303)


def _percent(text: str) -> float | None:
    """A whole number of percent as a probability; None for anything else."""
    text = text.removesuffix("%").strip()
    return int(text) / 100 if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 99 and len(text) <= 4 else None


def _page(given: Mapping[str, str], problems: Mapping[str, str]) -> str:
    store, now = services().store, show.cutoffs()
    outcomes = store.decisions.outcomes()
    try:  # with another model, what was measured with ours says nothing
        shipped, damaged = shipped_quality.read() if services().settings.model == SHIPPED_MODEL else None, False
    except ModelUnavailable:
        shipped, damaged = None, True
    found = quality.assess(outcomes)
    return render_template(
        "pages/quality.html",
        quality=found,
        right=sum(b.right for b in found.bands),
        months=found.by_month[-MONTHS:],
        rejected_claims=store.claims.many(claim_id for claim_id, _ in found.rejected),
        few=len(outcomes) < ENOUGH,
        enough=ENOUGH,
        shipped=shipped,
        damaged=damaged,
        meanings={name: meaning(getattr(now, name), outcomes, shipped) for name in ("possible", "likely")},
        given=given,
        problems=problems,
        saved="saved" in request.args and not problems,
    )
