"""What is known of whom a mention means: a name that is certain, or suggestions that an editor may confirm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from factcheck.records import Suggestion

# Why somebody is suggested. Pages and the command line put these keys into words.
REASONS = (
    "only_fit",  # the only one in the article whom the words fit
    "just_spoke",  # spoke just before
    "just_named",  # named just before
    "one_of_several",  # one of several in the article whom the words fit
    "holds_office",  # holds the office at the article's date, and the article does not give the name
    "held_office",  # held the office at another time
    "same_surname",  # bears the surname, as others do
    "as_written",  # the words look like a name that nobody on file bears
    "known_as",  # went by these words in another article
)


@dataclass(frozen=True)
class Identity:
    """Whom a mention means: ``name`` when that is certain, else "" and ``suggestions``, best first, at most three.

    ``certainty`` is 0..1: that of ``name``, or that of the first suggestion.
    """

    name: str = ""
    certainty: float = 0.0
    suggestions: tuple[Suggestion, ...] = ()


def sure(name: str, certainty: float) -> Identity:
    return Identity(name, round(certainty, 2))


def best_of(suggestions: Iterable[tuple[str, str, float]]) -> Identity:
    """Nobody for certain; the most likely of (name, reason, likelihood), each person once, at most three."""
    found: dict[str, Suggestion] = {}
    for name, reason, likelihood in sorted(suggestions, key=lambda s: -s[2]):
        found.setdefault(name, Suggestion(name, reason, round(likelihood, 2)))
    ranked = tuple(found.values())[:3]
    return Identity("", ranked[0].likelihood if ranked else 0.0, ranked)
