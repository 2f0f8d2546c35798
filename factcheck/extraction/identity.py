"""What is known of whom a mention means: a name that is certain, or suggestions that an editor may confirm."""

from __future__ import annotations

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
    "same_surname",  # bears the surname and is on file
)


@dataclass(frozen=True)
class Identity:
    """Whom a mention means: ``name`` when that is certain, else "" and ``suggestions``, best first, at most three.

    ``certainty`` is 0..1: that of ``name``, or that of the first suggestion.
    """

    name: str = ""
    certainty: float = 0.0
    suggestions: tuple[Suggestion, ...] = ()
