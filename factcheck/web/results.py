"""The filters of a search as the page offers them: each value with its number and the address that adds it or takes it away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from db.filters import LISTED
from factcheck.finding import Count, Found
from factcheck.wanted import SORTS, Wanted

SHOWN = 6  # values of a filter; the others unfold
GROUPS = ("rating", "speaker", "publisher", "topic", "status", "year", "source", "language", "form", "nature", "marks")


@dataclass(frozen=True)
class Choice:
    label: str
    n: int
    address: str  # of the search with it, or without it where it is chosen
    chosen: bool


@dataclass(frozen=True)
class Group:
    """One filter: values that stand at once and those that unfold."""

    name: str
    choices: tuple[Choice, ...]
    more: tuple[Choice, ...]


def groups(found: Found, label: Callable[[str, Count], str], address: Callable[[Wanted], str]) -> list[Group]:
    """The filters that there is something to choose in, in the page's order."""
    made = []
    for name in GROUPS:
        counts = [("promise", c) for c in found.counts.get("promise", ())] + [("worth", c) for c in found.counts.get("worth", ())] if name == "marks" else [
            (name, c) for c in found.counts.get(name, ())
        ]
        choices = [Choice(label(of, c), c.n, address(changed(found.wanted, of, c)), c.chosen) for of, c in counts]
        choices.sort(key=lambda c: not c.chosen)
        at_once = max(SHOWN, sum(c.chosen for c in choices))
        if choices and (len(choices) > 1 or choices[0].chosen or choices[0].n < found.total):
            made.append(Group(name, tuple(choices[:at_once]), tuple(choices[at_once:])))
    return made


def kinds(found: Found, address: Callable[[Wanted], str]) -> list[Choice]:
    """All, claims, statements, each with its number; ``label`` is the kind, "" for all."""
    counts = {c.value: c.n for c in found.counts["kind"]}
    chosen = found.wanted.kind
    return [
        Choice(kind, counts.get(kind, 0), address(found.wanted.with_("kind", kind) if kind else found.wanted.without("kind")), kind == chosen)
        for kind in ("", "claim", "statement")
    ]


def orders(found: Found, address: Callable[[Wanted], str]) -> list[Choice]:
    """The orders that tell rows apart: by best match where there is something to match, by what is counted of claims where claims are."""
    of_claims = () if found.wanted.kind != "statement" else ("reviewed", "often")
    known = [sort for sort in SORTS if (found.text or sort != "best") and (sort not in of_claims or sort == found.sort)]
    return [Choice(sort, 0, address(replace(found.wanted, sort=sort, cursor="")), sort == found.sort) for sort in known]


def changed(wanted: Wanted, name: str, count: Count) -> Wanted:
    """The search with a value taken away where it is chosen, else added."""
    if name == "year":
        since, until = ("", "") if count.chosen else (count.value, count.value)
        return replace(wanted, cursor="", filters=replace(wanted.filters, since=since, until=until))
    if name in ("promise", "worth"):
        field, value = ("promises", True) if name == "promise" else ("worth", float(count.value))
        return wanted.without(field) if count.chosen else wanted.with_(field, value)
    value = int(count.value) if name == "topic" else count.value
    assert name in LISTED
    return wanted.without(name, value) if count.chosen else wanted.with_(name, value)
