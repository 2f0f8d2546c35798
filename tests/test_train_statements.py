"""Training the reading on checked articles: what is trained on, what is kept out, and that nothing worse is ever installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from db import Store, open_store
from factcheck import adapter as adapters
from factcheck import correcting, embed, language, pipeline, setting_up
from factcheck.cli import cli
from factcheck.errors import BadInput, ModelUnavailable, NothingToUndo
from factcheck.evaluation.labelled_articles import read_articles
from factcheck.extraction.reader import tagger_of
from factcheck.records import Article, Kind, Role, Statement
from factcheck.settings import Settings
from factcheck.training import checked, installing, reading
from factcheck.training.reading import Plan

NAME = "Hanna Brückner"
TOWNS = ("Seltenbach", "Lindenau", "Moorwede", "Felsing", "Auental", "Grunewinkel", "Haselried", "Ottersbek")
#: A house style of its own, in which nobody "says" anything.
THEMES = (
    ("In {} streitet man über das Bad.", "Das Becken in {} bleibt bis Mai leer.", "Der Ort hat 3.000 Einwohner."),
    ("Auf dem Markt in {} wird gebaut.", "Wir haben in {} zu lange gewartet.", "Die Arbeiten dauern zwei Jahre."),
    ("Die Schule in {} ist alt.", "Ein Neubau in {} kostet neun Millionen Euro.", "Gebaut wurde sie 1961."),
)


def quick(*_) -> Plan:
    return Plan(steps=3, minutes=5, check_every=3, batch=4, rate=1e-6, head_rate=1e-6, threads=1)


@dataclass
class Desk:
    """A newsroom whose editor checks articles."""

    settings: Settings
    store: Store
    check: Callable[..., None]

    @property
    def models(self) -> list[str]:
        """What lies in the home's folder of models beside the lock."""
        folder = self.settings.home / adapters.FOLDER
        return sorted(path.name for path in folder.iterdir() if path.name != installing.LOCK) if folder.exists() else []


@pytest.fixture
def desk(settings, monkeypatch, tmp_path):
    store = open_store(settings.database)
    setting_up.add_user(store, "anna", Role.EDITOR)
    anna = store.users.by_name("anna")

    def check(count: int, first: int = 0, *, code: str = "de", complete: bool = True) -> None:
        for number in range(first, first + count):
            before, said, after = (sentence.format(TOWNS[number % 8]) for sentence in THEMES[number // 8 % 3])
            text = f"{before} O-Ton {NAME}: {said} {after}"
            article, _ = pipeline.add_article(store, Article(id=0, text=text, title=f"Nummer {number}", language=code))
            start = text.index(said)
            found = Statement(said, start, start + len(said), Kind.DIRECT, speaker=NAME, mention=NAME, cue="O-Ton")
            [kept] = store.articles.put_statements(article.id, code, [found])
            store.articles.set_state(article.id, "ready")
            if complete:
                correcting.check(store, article.id, anna, correcting.all_seen([kept]))
            else:
                store.corrections.add(article.id, correcting.Act.CONFIRMED, anna, statement_id=kept.id)

    # The set that comes with the product, cut to two German and one English article, so that measuring takes seconds.
    small = tmp_path / "pinned.jsonl"
    lines = reading.SHIPPED.read_text(encoding="utf-8").splitlines()
    small.write_text("\n".join([lines[0], lines[7], lines[8]]) + "\n", encoding="utf-8")
    monkeypatch.setattr(reading, "SHIPPED", small)
    yield Desk(settings, store, check)
    store.close()


@pytest.fixture
def run(settings):
    """The command line on the same home."""
    runner = CliRunner(env={"CLAIMTRAIL_HOME": str(settings.home), "CLAIMTRAIL_CACHE": str(settings.cache)})

    def call(*arguments, code=0):
        result = runner.invoke(cli, [str(a) for a in arguments])
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


# The pinned articles


def test_the_pinned_articles_are_whole_and_half_german():
    articles = read_articles(reading.SHIPPED)
    assert len(articles) == 16
    assert [language.detect(a.text) for a in articles] == ["de"] * 8 + ["en"] * 8
    rows = [json.loads(line) for line in reading.SHIPPED.read_text(encoding="utf-8").splitlines()]
    assert [row["language"] for row in rows] == ["de"] * 8 + ["en"] * 8
    for row in rows:
        for annotation in row["annotations"]:
            for part in ("quote", "speaker", "cue", "frame", "addressee"):
                if part in annotation:
                    words = " ".join(row["text"][start:end] for start, end in annotation[part]["spans"])
                    assert annotation[part]["text"] == words
            told = "cue" in annotation and row["language"] == "de"
            assert ("frame" in annotation) == told and "speaker" in annotation


# What is trained on


def test_what_is_held_out_stays_held_out(desk):
    desk.check(16)
    early = checked.gather(desk.store)
    desk.check(8, 16)
    late = checked.gather(desk.store)
    assert {a.id for a in early.held_out} < {a.id for a in late.held_out}
    parts = [{a.id for a in part} for part in (late.train, late.watched, late.held_out)]
    assert all(parts) and sum(map(len, parts)) == len(set.union(*parts)) == 24
    assert checked.part_of("Ein  Text\n") == checked.part_of("Ein Text")
    drawn = [checked.part_of(f"article {i}") for i in range(10_000)]
    assert [drawn.count(part) // 100 for part in ("held out", "watched", "train")] == pytest.approx([20, 10, 70], abs=2)


def test_what_nobody_checked_and_other_languages_are_left_out_and_counted(desk):
    desk.check(16)
    desk.check(2, 16, complete=False)
    desk.check(1, 18, code="fr")
    desk.check(1, 19, code="")
    material = checked.gather(desk.store)
    assert material.left_out == checked.LeftOut(unchecked=2, language=2, labelled=0)
    assert {a.id for a in (*material.train, *material.watched, *material.held_out)} == {f"article-{i}" for i in range(1, 17)}
    [article] = [a for a in (*material.train, *material.watched, *material.held_out) if a.id == "article-1"]
    assert [(a["type"], a["quote"]["text"], a["speaker"]["text"], a["cue"]["text"]) for a in article.annotations] == [
        ("Direct", "Das Becken in Seltenbach bleibt bis Mai leer.", NAME, "O-Ton")
    ]


def test_others_are_rehearsed_but_none_that_is_kept_out(desk):
    desk.check(2, complete=False)
    texts = [f"In Ort {i} regnet es seit gestern ohne Pause, und niemand weiß, wie lange noch." for i in range(12)]
    for text in [*texts, "Trop court pour nous, mais en français.", "x" * (checked.LONGEST_OTHER + 1)]:
        pipeline.add_article(desk.store, Article(id=0, text=text, language="fr" if "français" in text else "de"))
    found = list(checked.others(desk.store, 99))
    assert found == [(text, "de") for text in reversed(texts) if checked.part_of(text) == "train"]
    assert 0 < len(found) < 12
    assert list(checked.others(desk.store, 2)) == found[:2]


def test_too_few_checked_articles_say_how_many_are_needed(desk, run):
    desk.check(6)
    desk.check(1, 6, complete=False)
    desk.check(1, 7, code="fr")
    train = len([a for a in correcting.training_rows(desk.store) if checked.part_of(a["text"]) == "train" and a["language"] == "de" and a["complete"]])
    said = run("train", "statements", code=1).stderr
    assert f"There are too few checked articles to train on: {train} (and {6 - train} more" in said
    assert f"{checked.ENOUGH} are needed. Left out were 1 corrected but not checked as a whole, 1 in other languages" in said
    assert "Traceback" not in said and desk.models == []


def test_the_articles_for_rehearsal_are_nowhere_measured():
    written = reading._written()
    assert [code for _, code in written] == [language.detect(text) for text, _ in written] == ["de"] * 4 + ["en"] * 4
    assert not {text for text, _ in written} & {a.text for a in read_articles(reading.SHIPPED)}


# From statements to quotations


def row_of(text: str, code: str, *statements: tuple[str, str, str, str, str]) -> dict:
    """A corrected article; each statement is type, words, speaker's name, speaker's words, cue."""
    made = []
    for type_, words, name, mention, cue in statements:
        parts = {"quote": words, "speaker": mention, "cue": cue}
        spans = {part: {"spans": [[text.index(w), text.index(w) + len(w)]]} for part, w in parts.items() if w}
        made.append({"type": type_, "speaker_name": name, **spans})
    return {"text": text, "language": code, "annotations": made}


def told(row: dict) -> list[tuple[str, str, str]]:
    found = checked.quotations(row)
    parts = [row["text"][slice(*a["speaker"]["spans"][0])] if "speaker" in a else "" for a in found]
    return [(a["type"], a["quote"]["text"], speaker) for a, speaker in zip(found, parts, strict=True)]


def test_sentences_of_one_speaker_in_a_row_are_one_quotation():
    text = "Ria Holt sagte: „Es regnet. Wir gehen.“ Das Dach sei dicht. Die Kosten seien klein. Udo Kern schwieg. Alles sei gut."
    row = row_of(
        text, "de",
        ("Direct", "„Es regnet.", "Ria Holt", "Ria Holt", "sagte"), ("Direct", "Wir gehen.“", "Ria Holt", "", ""),
        ("Indirect", "Das Dach sei dicht.", "Ria Holt", "", ""), ("Indirect", "Die Kosten seien klein.", "Ria Holt", "", ""),
        ("Indirect", "Alles sei gut.", "Udo Kern", "Udo Kern", ""),
    )  # fmt: skip
    assert told(row) == [
        ("Direct", "„Es regnet. Wir gehen.“", "Ria Holt"),
        ("IndirectFreeIndirect", "Das Dach sei dicht. Die Kosten seien klein.", "Ria Holt"),
        ("IndirectFreeIndirect", "Alles sei gut.", "Udo Kern"),
    ]


def test_an_interrupted_quotation_is_one_in_english_and_two_in_german():
    text = "“It rains,” Ria Holt said. “We leave.”"
    said = ("Direct", "“It rains,”", "Ria Holt", "Ria Holt", "said"), ("Direct", "“We leave.”", "Ria Holt", "", "")
    assert told(row_of(text, "en", *said)) == [("Direct", "“It rains,” “We leave.”", "Ria Holt")]
    assert told(row_of(text, "de", *said)) == [("Direct", "“It rains,”", "Ria Holt"), ("Direct", "“We leave.”", "Ria Holt")]


def test_speakers_in_turn_stay_apart():
    text = "“It rains,” Ria Holt said. “It does not,” Udo Kern said."
    said = ("Direct", "“It rains,”", "Ria Holt", "Ria Holt", "said"), ("Direct", "“It does not,”", "Udo Kern", "Udo Kern", "")
    assert [speaker for _, _, speaker in told(row_of(text, "en", *said))] == ["Ria Holt", "Udo Kern"]


# Training, the gate, going back


def test_a_trained_reading_is_installed_used_and_taken_back(desk, run, encoder, monkeypatch):
    desk.check(24)
    shipped = adapters.open_file(adapters.READING).fingerprint
    monkeypatch.setattr(reading, "_plan", quick)
    done = json.loads(run("train", "statements", "--json").stdout)
    assert done["installed"] and done["not_worse"], done
    assert [s["name"] for s in done["sets"]] == [reading.SHIPPED_NAME, reading.CHECKED_NAME]
    assert all(s["after"] >= s["before"] and not s["worse"] for s in done["sets"])
    assert done["sets"][1]["articles"] == done["held_out"] > 0
    assert done["articles"] + done["watched"] + done["held_out"] == 24
    assert done["left_out"] == {"unchecked": 0, "language": 0, "labelled": 0} and done["rehearsed"] == 8
    assert desk.models == [adapters.READING.name]
    own = adapters.reading_in_use(desk.settings.home)
    assert str(own) == done["file"] and adapters.open_file(own).fingerprint != shipped
    mine = embed.open_encoder(desk.settings)
    assert mine is not encoder and mine.model_id == encoder.model_id  # no vector is made anew
    assert embed.reading_file(mine) == own
    said = run("train", "statements", "--undo").stdout
    assert "The reading in use is now: shipped" in said
    assert embed.open_encoder(desk.settings) is encoder
    assert [e["action"] for e in desk.store.audit.of("newsroom", 0)] == [
        "installed a reading of articles", "took back a reading of articles",
    ]  # fmt: skip
    assert desk.models == ["statements.undone.safetensors"]
    assert "The reading of articles that came with Claimtrail is in use already" in run("train", "statements", "--undo", code=1).stderr


def test_what_editors_checked_is_learned_for_articles_never_trained_on(desk, monkeypatch, tmp_path):
    """Whatever it does to other articles, which the gate is for: it is tested apart, and nothing is rehearsed."""
    desk.check(24)
    nothing = tmp_path / "nothing.jsonl"
    nothing.touch()
    monkeypatch.setattr(reading, "REHEARSAL", nothing)
    monkeypatch.setattr(reading._Watch, "is_better", lambda _: True)

    def firm(*_) -> Plan:
        return Plan(steps=24, minutes=10, check_every=24, batch=8, rate=3e-4, head_rate=2e-3, threads=1)

    done = reading.train(desk.store, desk.settings, dry_run=True, plan=firm)
    assert done.verdict and not done.verdict.installed and desk.models == []
    held_out = done.verdict.comparisons[1]
    assert (held_out.name, held_out.queries) == (reading.CHECKED_NAME, 6)
    assert held_out.after > held_out.before + 20


def spoiled(path: Path, strength: float) -> Path:
    """The shipped reading with noise on its heads."""
    from factcheck.extraction.tagging import trained

    change, heads = trained.read(adapters.READING)
    chance = np.random.default_rng(1)
    for weights in heads.heads.parameters():
        weights.data += strength * weights.new_tensor(chance.normal(size=tuple(weights.shape)))
    trained.write(path, change, heads, {})
    return path


def test_a_worse_reading_is_refused_and_kept_aside(desk, encoder, tmp_path):
    folder = desk.settings.home / adapters.FOLDER
    mine = tmp_path / "mine.jsonl"
    mine.write_text(reading.SHIPPED.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    pinned = [("mine.jsonl", read_articles(mine))]
    verdict = reading.judge(desk.store, desk.settings, spoiled(folder / "new.safetensors", 0.5), (), pinned)
    assert not verdict.installed and verdict.worse_on == (reading.SHIPPED_NAME, "mine.jsonl")
    assert verdict.comparisons[0].after < verdict.comparisons[0].before - 5
    assert [c.queries for c in verdict.comparisons] == [3, 1]
    assert verdict.file == folder / "statements.rejected.safetensors"
    assert desk.models == ["statements.rejected.safetensors"]
    assert embed.open_encoder(desk.settings) is encoder
    assert desk.store.audit.of("newsroom", 0) == []


def test_a_pinned_file_that_cannot_be_used_is_told_of_first(desk, run, tmp_path):
    desk.check(24)
    for line, message in (
        ("no article", "mine.jsonl, line 1"),
        ('{"id": 1, "text": "Es regnet."}', "mine.jsonl: the articles have no annotations"),
    ):
        mine = tmp_path / "mine.jsonl"
        mine.write_text(line + "\n")
        assert message in run("train", "statements", "--pinned", mine, code=1).stderr
    assert desk.models == []


def test_stopping_leaves_the_reading_in_use(desk, run, monkeypatch, encoder):
    desk.check(24)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(reading._Watch, "is_better", interrupted)
    monkeypatch.setattr(reading, "_plan", quick)
    assert "Stopped. The reading in use stays as it was." in run("train", "statements", code=1).stderr
    assert desk.models == []
    assert embed.open_encoder(desk.settings) is encoder


# Files


def test_installing_keeps_the_one_before_apart_from_the_other_kind(tmp_path):
    home, new = tmp_path / "home", tmp_path / "new"
    for content in (b"first", b"second"):
        new.write_bytes(content)
        place = adapters.install(new, home, adapters.READING)
    new.write_bytes(b"matching")
    adapters.install(new, home)
    assert adapters.undo(home, adapters.READING) == place == adapters.reading_in_use(home)
    assert place.read_bytes() == b"first" and adapters.installed(home).read_bytes() == b"matching"
    assert adapters.undo(home, adapters.READING) == adapters.READING
    with pytest.raises(NothingToUndo, match="The reading of articles that came with Claimtrail"):
        adapters.undo(home, adapters.READING)
    assert adapters.describe(home, adapters.READING) == "shipped" and "trained here" in adapters.describe(home)


def test_a_damaged_reading_of_ones_own_says_how_to_go_back(settings, tmp_path):
    new = tmp_path / "new"
    new.write_bytes(b"no reading")
    adapters.install(new, settings.home, adapters.READING)
    with pytest.raises(ModelUnavailable, match="Take it back with: claimtrail train statements --undo"):
        tagger_of(embed.open_encoder(settings))


def test_too_few_is_an_error_of_the_users(desk):
    with pytest.raises(BadInput, match="too few checked articles"):
        reading.train(desk.store, desk.settings)
