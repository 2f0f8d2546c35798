"""A sentence as it is given to what scores it: for check-worthiness, for promises."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScoredText:
    """``language`` is ISO 639-1, "" when not known; ``speaker`` is a label or name, ``before`` and ``after`` the neighbouring
    sentences, each "" where there is none. Rows with the same ``source`` (a debate, an article) are given in reading order.
    """

    text: str
    language: str = ""
    speaker: str = ""
    before: str = ""
    after: str = ""
    source: str = ""
