"""Who speaks: a mention in an article -> a person, by the article itself and by the people on file."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from factcheck.records import Office, Person

_FIGURES = Path(__file__).parent / "data" / "public_figures.toml"


@lru_cache(maxsize=1)
def public_figures() -> tuple[Person, ...]:
    """The well-known figures every installation starts with (``data/public_figures.toml``), in the file's order, ids 0.

    Party nouns ("Republikaner") are offices without dates.
    """
    entries = tomllib.loads(_FIGURES.read_text(encoding="utf-8"))["person"]
    return tuple(
        Person(
            id=0,
            name=entry["name"],
            aliases=tuple(entry.get("aliases", ())),
            offices=tuple(Office(o["title"], o.get("since"), o.get("until")) for o in entry.get("offices", ()))
            + tuple(Office(title) for title in entry.get("parties", ())),
            gender=entry.get("gender", ""),
            organisation=entry.get("organisation", False),
        )
        for entry in entries
    )


def find(name: str, people: Sequence[Person]) -> Person | None:
    """The one person whose name or alias is ``name``, whatever its case, accents and initials; else the only one with that surname.

    None when nobody, or more than one person, fits.
    """
    wanted = fold(name)
    if not wanted:
        return None
    exact = [p for p in people if wanted in {fold(n) for n in (p.name, *p.aliases)}]
    if exact:
        return exact[0] if len(exact) == 1 else None
    if " " in wanted:
        return None
    by_surname = [p for p in people if not p.organisation and wanted in {fold(n).split()[-1] for n in (p.name, *p.aliases) if fold(n)}]
    return by_surname[0] if len(by_surname) == 1 else None


def fold(name: str) -> str:
    """A name for comparison: small letters without accents, initials and punctuation; "Recep T. Erdoğan" gives "recep erdogan"."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss").replace("ı", "i"))
    letters = "".join(c if c.isalnum() or c in "-" else " " for c in plain if not unicodedata.combining(c) and c not in "’'")
    words = [word for word in letters.split() if len(word) > 1 or not word.isascii()]
    while len(words) > 1 and words[-1] in {"jr", "sr", "ii", "iii"}:
        words.pop()
    return " ".join(words)
