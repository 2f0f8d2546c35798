"""How well mentions are understood: who is meant, never somebody else, and how often the answer is left to an editor.

Figures are shares of mentions. *Accuracy*: the right person, or rightly nobody where it cannot be known. *Wrong names*: a name was
given and it is not the right one, the mistake that must stay rare. *Unsure*: no name was given though there is one; *suggested* is
the share of these whose first suggestion is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from factcheck import people as persons
from factcheck.errors import BadInput
from factcheck.evaluation.rows import need, read_rows, wrong
from factcheck.extraction.identity import Identity
from factcheck.extraction.names import fold
from factcheck.records import Article, Office, Person


@dataclass(frozen=True)
class Labelled:
    """One mention: ``text[start:end]``, its kind in the labellers' words, and who is meant; ``person`` None: it cannot be known."""

    start: int
    end: int
    kind: str
    person: str | None


@dataclass(frozen=True)
class LabelledText:
    id: str
    article: Article
    people: tuple[Person, ...]
    mentions: tuple[Labelled, ...]
    split: str = ""


@dataclass(frozen=True)
class Guess:
    """What was made of one labelled mention."""

    text_id: str
    words: str
    label: Labelled
    identity: Identity
    right: bool
    suggestion_right: bool

    @property
    def wrong_name(self) -> bool:
        return bool(self.identity.name) and not self.right

    @property
    def unsure(self) -> bool:
        return not self.identity.name and self.label.person is not None


@dataclass(frozen=True)
class PeopleFigures:
    """Shares in 0..1; ``suggested`` is None when nothing was left unsure."""

    mentions: int
    accuracy: float
    wrong_names: float
    unsure: float
    suggested: float | None


def read_mentions(file: Path) -> list[LabelledText]:
    """From JSON Lines: id, language, published_at, text, mentions [{start, end, kind, person}], people (optional), split (optional).

    Raises BadInput that names the line.
    """
    found = []
    for number, row in read_rows(file, "texts with mentions"):
        need(file, number, row, "id", "language", "text", "mentions")
        try:
            found.append(_labelled(row))
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise wrong(file, number, f"mentions need start, end and person, people a name ({problem})") from problem
    if not any(text.mentions for text in found):
        raise BadInput(f"{file} holds no mentions.")
    return found


def understand(texts: Iterable[LabelledText]) -> list[Guess]:
    """Resolve the labelled mentions of each text in order, as the product does."""
    guesses = []
    for text in texts:
        cast = persons.cast(text.article, text.people)
        words = [text.article.text[m.start : m.end] for m in text.mentions]
        identities = cast.in_order(zip(words, (m.start for m in text.mentions), strict=True))
        known = (*text.people, *persons.public_figures())
        for label, said, identity in zip(text.mentions, words, identities, strict=True):
            first = identity.suggestions[0].name if identity.suggestions else None
            guesses.append(
                Guess(
                    text.id, said, label, identity,
                    right=_same(identity.name or None, label.person, known),
                    suggestion_right=first is not None and _same(first, label.person, known),
                )
            )  # fmt: skip
    return guesses


def figures(guesses: Sequence[Guess]) -> PeopleFigures:
    count = len(guesses)
    unsure = [g for g in guesses if g.unsure]
    return PeopleFigures(
        mentions=count,
        accuracy=round(sum(g.right for g in guesses) / count, 4),
        wrong_names=round(sum(g.wrong_name for g in guesses) / count, 4),
        unsure=round(len(unsure) / count, 4),
        suggested=round(sum(g.suggestion_right for g in unsure) / len(unsure), 4) if unsure else None,
    )


def report(guesses: Sequence[Guess], languages: dict[str, str]) -> dict[str, Any]:
    """The figures of all mentions, of each language (``languages``: text id -> code) and of each kind, for ``--json``."""
    spoken = sorted(set(languages.values()))
    kinds = sorted({g.label.kind for g in guesses})
    return {
        **asdict(figures(guesses)),
        "by_language": {code: asdict(figures(own)) for code in spoken if (own := [g for g in guesses if languages[g.text_id] == code])},
        "by_kind": {kind: asdict(figures([g for g in guesses if g.label.kind == kind])) for kind in kinds},
    }


def prediction(guess: Guess) -> dict[str, Any]:
    """A row for ``--predictions``: text, span, words, gold and what was made of it."""
    return {
        "id": guess.text_id,
        "start": guess.label.start,
        "end": guess.label.end,
        "text": guess.words,
        "kind": guess.label.kind,
        "person": guess.label.person,
        "predicted": guess.identity.name or None,
        "certainty": guess.identity.certainty,
        "suggestions": [asdict(s) for s in guess.identity.suggestions],
    }


def _same(name: str | None, gold: str | None, known: Sequence[Person]) -> bool:
    """The same name, or two spellings of one person on file."""
    if name is None or gold is None:
        return name == gold
    if fold(name) == fold(gold):
        return True
    spelled = next(({fold(n) for n in (p.name, *p.aliases)} for p in known if fold(gold) in map(fold, (p.name, *p.aliases))), set())
    return fold(name) in spelled


def _labelled(row: dict[str, Any]) -> LabelledText:
    text = row["text"]
    mentions = tuple(Labelled(m["start"], m["end"], m.get("kind", ""), m["person"]) for m in row["mentions"])
    for mention in mentions:
        if not 0 <= mention.start < mention.end <= len(text):
            raise ValueError(f"the mention {mention.start} to {mention.end} does not lie in the text")
    return LabelledText(
        id=str(row["id"]),
        article=Article(id=0, text=text, language=row["language"], published_at=row.get("published_at")),
        people=tuple(
            Person(
                id=number,
                name=p["name"],
                aliases=tuple(p.get("aliases", ())),
                offices=tuple(Office(o["title"], o.get("since"), o.get("until")) for o in p.get("offices", ())),
                gender=p.get("gender", ""),
                organisation=p.get("organisation", False),
            )
            for number, p in enumerate(row.get("people", ()), 1)
        ),
        mentions=tuple(sorted(mentions, key=lambda m: m.start)),
        split=row.get("split", ""),
    )
