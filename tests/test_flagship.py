"""The careful reader's list for the article everything started from: every statement, its speaker, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from factcheck.articles import from_text
from factcheck.embed import Encoder
from factcheck.records import Article, Deadline, Statement
from factcheck.statements import extract


@dataclass(frozen=True)
class Expected:
    """A statement as the reader marks it, by the words it begins and ends with (letters only matter, not marks)."""

    begins: str
    ends: str
    kind: str
    speaker: str
    mention: str
    cue: str
    said_at: str | None = None
    deadline: Deadline | None = None


TRUMP, PUTIN, ZELENSKYY = "Donald Trump", "Wladimir Putin", "Wolodymyr Selenskyj"

READERS_LIST = [
    Expected("Nach seinem Sieg", "signalisiert.", "reported", TRUMP, "Donald Trump (78)", "hat signalisiert"),
    Expected("er habe seit", "gesprochen", "indirect", TRUMP, "Der Republikaner", "sagte", "2024-11-07"),
    Expected("„Ich denke", "sprechen.“", "direct", TRUMP, "er", "fügte hinzu", "2024-11-07"),
    Expected("dass er „bereit“", "mit Trump", "indirect", PUTIN, "Der Kreml-Herrscher", "hatte erklärt"),
    Expected("„Wenn jemand", "bereit“", "direct", PUTIN, "Putin", "sagte"),
    Expected("Russland sei bereit", "am Zug.", "indirect", PUTIN, "", ""),
    Expected("Putin lobte in", "Pennsylvania.", "reported", PUTIN, "Putin", "lobte"),
    Expected("„So wie ich", "Mann“", "direct", PUTIN, "Putin", "sagte"),
    Expected(
        "er werde Russlands", "beenden", "indirect", TRUMP, "Der Republikaner", "hatte versprochen",
        deadline=Deadline("innerhalb von 24 Stunden", hours=24.0),
    ),
    Expected(
        "Der ukrainische Präsident", "beschrieben.", "reported", ZELENSKYY, "Der ukrainische Präsident Wolodymyr Selenskyj",
        "hatte beschrieben",
    ),
    Expected("Die beiden seien", "voranzutreiben", "indirect", ZELENSKYY, "Selenskyj", "schrieb"),
]  # fmt: skip


@pytest.fixture
def article(shared_data: Path) -> Article:
    text = (shared_data / "articles" / "putin-trump-de.txt").read_text(encoding="utf-8")
    return from_text(text, published_at="2024-11-08")


def as_expected(statement: Statement, model: Expected) -> Expected:
    """The statement reduced to what the reader wrote down, its two ends cut to the model's length."""
    return Expected(
        begins=statement.text[: len(model.begins)],
        ends=statement.text[-len(model.ends) :],
        kind=statement.kind.value,
        speaker=statement.speaker,
        mention=statement.mention,
        cue=statement.cue,
        said_at=statement.said_at,
        deadline=statement.deadline,
    )


@pytest.fixture(scope="module", params=["with the trained network", "by rules alone"])
def reader(request, encoder) -> Encoder | None:
    return encoder if request.param.startswith("with") else None


def test_finds_what_a_careful_reader_finds_and_nothing_else(article, reader):
    found = extract(article, (), reader)
    assert [as_expected(s, model) for s, model in zip(found, READERS_LIST, strict=False)] == READERS_LIST
    assert len(found) == len(READERS_LIST)


def test_offsets_point_at_the_words(article, reader):
    for statement in extract(article, (), reader):
        assert article.text[statement.start : statement.end] == statement.text


def test_only_the_24_hours_sentence_is_a_promise(article):
    assert [s.text[:20] for s in extract(article) if s.is_promise] == ["er werde Russlands A"]


def test_headline_and_narrator_are_nobodys_statement(article, reader):
    marked = [range(s.start, s.end) for s in extract(article, (), reader)]
    narrator = (
        "Putin lobt Trump",
        "Interessant wird",
        "Die Ukraine ist",
        "In Kiew gibt es",
        "Wie sich ein direkter",
        "Das letzte bekannt",
    )
    for words in narrator:
        at = article.text.index(words + "\n" if words == "Putin lobt Trump" else words)
        assert not any(at in span for span in marked), words
