"""Judging statements: check-worthiness, nature, promise, deadline, criterion and reasons, with floors that must not be undercut.

The sets of our own are always measured; their test rows have not been trained on. The public sets are the ones the heads were
trained on, so their floors guard against a broken scorer only; cross-validated figures are in the model card.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from factcheck.evaluation import checkworthy, promises
from factcheck.evaluation.classes import decisions
from factcheck.extraction.checkworthy import WORTHY, scores
from factcheck.extraction.criteria import criterion
from factcheck.extraction.deadlines import deadline
from factcheck.extraction.judging import judge
from factcheck.extraction.natures import NATURES, natures
from factcheck.extraction.reasons import reasons
from factcheck.extraction.scored import ScoredText
from factcheck.records import Deadline, Kind, Statement
from tests.floors import assert_same_data, ceiling, floor

PAIRS = Path(__file__).parent / "pairs"


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (PAIRS / f"{name}.jsonl").read_text(encoding="utf-8").split("\n") if line]


# Floors


def test_promises_of_the_kept_third(encoder, tmp_path):
    file = tmp_path / "test.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows("promises") if row["split"] == "test"), encoding="utf-8")
    labelled = promises.read_promises(file)
    found = promises.figures(labelled, promises.predict(labelled, promises.product(encoder)))
    assert found.overall.f1 >= floor("judging", "promises", "f1")
    assert min(d.f1 for d in found.languages.values()) >= floor("judging", "promises", "f1_weaker_language")


def test_natures_of_the_kept_third(encoder):
    kept = [row for row in rows("natures") if row["split"] == "test"]
    told, gold = natures([row["text"] for row in kept], encoder), [row["nature"] for row in kept]
    f1 = [decisions([g == n for g in gold], [t == n for t in told]).f1 for n in NATURES]
    assert sum(f1) / len(f1) >= floor("judging", "natures", "macro_f1")


def test_facts_stand_above_opinions_in_both_languages(encoder):
    some = rows("natures")
    values = scores([ScoredText(row["text"], row["language"]) for row in some], encoder)
    for language in ("de", "en"):
        of = {n: np.array([v for v, r in zip(values, some, strict=True) if (r["language"], r["nature"]) == (language, n)]) for n in NATURES}
        above = (of["fact"][:, None] > of["opinion"][None, :]).mean()
        assert above >= floor("judging", "worthiness", "facts_above_opinions")
        assert (of["fact"] >= WORTHY).mean() >= floor("judging", "worthiness", "facts_worthy")
        assert (of["opinion"] >= WORTHY).mean() <= ceiling("judging", "worthiness", "opinions_worthy")


@pytest.mark.parametrize(
    ("name", "every", "measure"),
    [("sentences-en", 40, "average_precision"), ("comments-de", 20, "macro_f1"), ("debates-en", 0, "map")],
)
def test_the_public_sets_are_scored_as_well_as_when_the_heads_were_made(shared_data, encoder, tmp_path, name, every, measure):
    lines = (shared_data / "checkworthy" / name / "train.jsonl").read_text(encoding="utf-8").split("\n")
    short = ("20181010_medicare", "20190108_oval_office")  # the two shortest debates, whole
    some = lines[::every] if every else [line for line in lines if any(debate in line for debate in short)]
    file = tmp_path / "some.jsonl"
    file.write_text("\n".join(some) + "\n", encoding="utf-8")
    assert_same_data("judging", name, hashlib.sha256(file.read_bytes()).hexdigest())
    labelled = checkworthy.read_worthy(file)
    found = checkworthy.figures(labelled, checkworthy.predict(labelled, checkworthy.product(encoder)))
    assert found.measures[measure] >= floor("judging", name, measure)


# Behaviour

PAIRED = [
    ("Die Arbeitslosigkeit ist seit 2019 von 9 auf 4 Prozent gefallen.", "Unemployment has fallen from 9 to 4 percent since 2019."),
    ("Der Senator hat zweimal gegen das Gesetz gestimmt.", "The senator voted against the bill twice."),
    ("Guten Abend, ich freue mich, hier zu sein.", "Good evening, I am happy to be here."),
    ("Ich hoffe, es gefällt Ihnen.", "I hope you like it."),
    ("Das ist eine wunderbare Stadt.", "This is a wonderful city."),
]


def test_german_and_english_that_say_the_same_score_alike(encoder):
    values = scores([ScoredText(t, lang) for pair in PAIRED for t, lang in zip(pair, ("de", "en"), strict=True)], encoder)
    german, english = np.array(values[::2]), np.array(values[1::2])
    assert ((german >= WORTHY) == (english >= WORTHY)).all()
    assert np.abs(german - english).mean() <= 0.25


def test_lines_of_a_debate_are_scored_with_what_stands_around_them(encoder):
    lines = ["Good evening.", "We spent nine billion dollars on schools.", "What do you say to that?", "I like it."]
    said = [ScoredText(t, "en", s, source="one") for t, s in zip(lines, ("HOST", "ADA", "HOST", "BEA"), strict=True)]
    values = scores(said, encoder)
    assert max(values) == values[1] and all(0 <= v <= 1 for v in values)
    assert values != scores([ScoredText(t, "en") for t in lines], encoder)
    assert scores([], encoder) == []


def test_a_statement_gets_score_nature_promise_and_deadline(encoder):
    said = [
        Statement("er werde den Zoll innerhalb von drei Tagen abschaffen", 0, 53, Kind.INDIRECT, "Mira Holm", cue="versprach"),
        Statement("Die Stadt hat 2023 genau 400 Wohnungen gebaut.", 60, 106, Kind.DIRECT, "Mira Holm", cue="sagte"),
        Statement("„Ich finde das peinlich.“", 110, 135, Kind.DIRECT, "Mira Holm", cue="sagte"),
        Statement("er werde den Zoll abschaffen", 140, 168, Kind.INDIRECT, "Mira Holm", cue="drohte"),
    ]
    law = "„Ab 2024 sind alle Gasheizungen in Deutschland verboten“"
    assert not judge([Statement(law, 0, len(law), Kind.DIRECT, "Mira Holm", cue="sagte")], "de", encoder)[0].is_promise
    promise, fact, opinion, threat = judge(said, "de", encoder)
    assert (promise.nature, promise.is_promise, promise.deadline.text) == ("promise", True, "innerhalb von drei Tagen")
    assert (fact.nature, fact.is_promise, fact.check_worthy >= WORTHY) == ("fact", False, True)
    assert (opinion.nature, opinion.check_worthy < 0.2) == ("opinion", True)
    assert not threat.is_promise and threat.nature != "promise"


def test_a_question_calls_for_a_check_less_than_its_answer(encoder):
    text = "The city cut 400,000 jobs last year"
    said, asked = (
        judge([Statement(text=words, start=0, end=len(words), kind=Kind.DIRECT)], "en", encoder)[0].check_worthy
        for words in (f"{text}.", f"{text}?”")
    )
    assert asked < said / 2


def test_other_encoders_leave_the_rules_word(fake_encoder):
    said = [Statement("We will plant trees.", 0, 20, Kind.DIRECT, check_worthy=0.3, is_promise=True)]
    assert judge(said, "en", fake_encoder) == said
    assert natures(["We will plant trees."], fake_encoder) == [""]


def test_empty_and_wordless_texts_are_judged(encoder):
    said = [Statement(t, 0, len(t), Kind.DIRECT) for t in ("", "…", "7", "ok " * 5_000)]
    assert all(0 <= s.check_worthy <= 1 for s in judge(said, "de", encoder))
    assert judge([], "de", encoder) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wir bauen im Jahr 2027 die Brücke", Deadline("im Jahr 2027", by="2027-12-31", since="2027-01-01")),
        ("Zwischen 2026 und 2028 wird saniert", Deadline("Zwischen 2026 und 2028", by="2028-12-31", since="2026-01-01")),
        ("Das Geld kommt im nächsten Jahr", Deadline("im nächsten Jahr", by="2027-12-31", since="2027-01-01")),
        ("In meiner ersten Woche beende ich das", Deadline("In meiner ersten Woche", hours=168.0)),
        ("Wir schließen die Löcher vor Weihnachten", Deadline("vor Weihnachten", by="2026-12-24")),
        ("Sie bekommen bis Freitag eine Antwort", Deadline("bis Freitag", by="2026-03-13")),
        ("Er werde die Schulden bis zum Ende seiner Amtszeit abbauen", Deadline("bis zum Ende seiner Amtszeit")),
        ("We shall deliver the wing in 2026", Deadline("in 2026", by="2026-12-31", since="2026-01-01")),
        ("We will do it in our first year", Deadline("in our first year", hours=8766.0)),
        ("They will be paid by Monday", Deadline("by Monday", by="2026-03-16")),
        ("She will do it by the end of her term", Deadline("by the end of her term")),
        ("I'll sign it before the midterms", Deadline("before the midterms")),
        ("I will sign it", None),
    ],
)
def test_deadlines_are_date_ranges_where_the_words_allow(text, found):
    assert deadline(text, "2026-03-09") == found  # a Monday


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "er werde den Krieg innerhalb von 24 Stunden beenden", "Mira Holm dies getan hat: den Krieg innerhalb von 24 Stunden beenden."),
        ("de", "„Bis 2028 werden wir die Steuer senken!“", "Mira Holm dies getan hat: bis 2028 die Steuer senken."),
        ("de", "Ich verspreche Ihnen, dass die Klinik bleibt.", "dies eingetreten ist: die Klinik bleibt."),
        ("en", "“We’re going to fix every road by 2027,”", "Mira Holm has done this: fix every road by 2027."),
        ("en", "On day one, I will sign the order.", "Mira Holm has done this: sign the order."),
        ("en", "I promise you that the clinic stays open.", "this has come about: the clinic stays open."),
    ],
)
def test_a_criterion_out_of_the_promises_own_words(language, text, expected):
    said = Statement(text, 0, len(text), Kind.DIRECT, "Mira Holm", is_promise=True)
    assert criterion(said, language) == expected
    assert criterion(Statement(text, 0, len(text), Kind.DIRECT), language) == ""


def test_the_words_around_a_criterion_are_the_readers():
    said = Statement("wir werden die Brücke bauen", 0, 27, Kind.DIRECT, "Mira Holm", is_promise=True)
    assert criterion(said, "de", "en") == "Mira Holm has done this: die Brücke bauen."


def test_reasons_name_what_makes_a_statement_checkable():
    assert reasons("Hillary Clinton voted for the war.", "fact", "en") == ("record",)
    assert reasons("Angela Merkel hat 2015 drei Verträge unterzeichnet.", "fact", "de") == ("number", "record")
    assert reasons("Prices will rise by 3 percent.", "prediction", "en") == ("prediction", "number")
    assert reasons("This is awful.", "opinion", "en") == ("opinion",)
    assert reasons("The contract ran out.", "fact", "en") == ("fact",)
    assert reasons("Hm.", "", "en") == ()
