"""Topics: assigned by likeness to descriptions, measured, and an editor's word outlasts them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from db import open_store
from factcheck import pipeline, topics
from factcheck.articles import from_text, text_hash
from factcheck.cli import cli
from factcheck.errors import AlreadyCorrected, BadInput, NotAllowed, NotFound
from factcheck.records import Claim, Kind, Role, Statement
from tests import floors

PAIRS = Path(__file__).parent / "pairs" / "topics.jsonl"
FERRIES = "Ferries, harbours and ships.\nFähren, Häfen und Schiffe."


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


@pytest.fixture
def anna(store):
    store.users.create("anna", "hash", Role.EDITOR)
    return store.users.by_name("anna")


def only(store, **described: str) -> dict[str, int]:
    """Make these the only topics: name -> id."""
    for topic in store.topics.all():
        store.topics.delete(topic.id)
    return {name: store.topics.add(name, "", description) for name, description in described.items()}


def claimed(store, encoder, text: str) -> int:
    return pipeline.add_claim(store, encoder, Claim(0, text, text, "en")).id


def said(store, encoder, text: str) -> int:
    article = store.articles.add(from_text(text), text_hash(text))
    statement = store.articles.put_statements(article.id, "en", [Statement(text, 0, len(text), Kind.DIRECT)])[0]
    pipeline.embed_statements(store, encoder)
    return statement.id


def given(store, kind: str, object_id: int) -> set[int]:
    return {m.topic_id for m in store.topics.marks(kind, [object_id]).get(object_id, []) if m.stands}


# What an installation starts with


def test_a_new_database_comes_with_topics_described_in_both_languages(store):
    found = store.topics.all()
    assert len(found) == 16 and all(t.name and t.name_de and len(t.lines) >= 5 for t in found)
    assert {"War and security", "Housing", "Media and disinformation"} <= {t.name for t in found}
    assert store.topics.named("wohnen").name == "Housing" and store.topics.named("wohnen").named("de") == "Wohnen"
    assert store.topics.named("Housing").named("en") == "Housing"


def test_topics_are_found_as_well_as_was_measured(store, encoder):
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    known = store.topics.all()
    names = [t.name for t in known]
    truth = np.array([[name in row["topics"] for name in names] for row in rows])
    assert len(rows) >= 120 and {t for row in rows for t in row["topics"]} == set(names)
    assert {row["language"] for row in rows} == {"de", "en"} and sum(not row["topics"] for row in rows) >= 10
    floors.assert_same_data("topics", "own-claims", floors.file_hash("tests/pairs/topics.jsonl"))
    texts = [row["text"] for row in rows]
    for kind, encode, measure in (
        ("statement", encoder.encode_queries, "statement_f1"), ("claim", encoder.encode_passages, "claim_f1"),
    ):  # fmt: skip
        found = topics.probabilities(store, encoder, kind, encode(texts)) >= topics.ENOUGH
        f1 = 2 * (found & truth).sum() / (found.sum() + truth.sum())
        assert f1 >= floors.floor("topics", "own-claims", measure), f"{kind} F1 {f1:.4f}"


def test_no_claim_of_the_measure_is_among_the_examples():
    ours = {json.loads(line)["text"] for line in PAIRS.read_text(encoding="utf-8").splitlines()}
    assert not ours & set(topics._example_texts())


# Assigning


def test_a_claim_and_a_statement_get_their_topics_when_they_get_their_vectors(store, fake_encoder):
    ids = only(store, Ferries=FERRIES, Bread="Bread, bakers and flour.\nBrot, Bäcker und Mehl.")
    claim = claimed(store, fake_encoder, "Ferries and ships leave the harbours.")
    statement = said(store, fake_encoder, "Bakers need flour for bread.")
    assert (given(store, "claim", claim), given(store, "statement", statement)) == ({ids["Ferries"]}, {ids["Bread"]})
    assert store.topics.counts() == {ids["Ferries"]: (1, 0), ids["Bread"]: (0, 1)}
    assert [c.id for c in store.topics.claims(ids["Ferries"], 10)] == [claim]
    assert [s.id for s, _ in store.topics.statements(ids["Bread"], 10)] == [statement]
    assert topics.waiting(store, fake_encoder) == 0


def test_a_new_description_counts_for_what_is_on_file_and_a_word_by_hand_outlasts_it(store, fake_encoder, anna):
    ids = only(store, Ferries=FERRIES, Bread="Bread, bakers and flour.")
    ferry, bread = claimed(store, fake_encoder, "Ferries and ships in harbours."), claimed(store, fake_encoder, "Bread and flour.")
    topics.correct(store, fake_encoder, "claim", bread, ids["Ferries"], "given", anna)
    topics.correct(store, fake_encoder, "claim", ferry, ids["Ferries"], "removed", anna)
    assert (given(store, "claim", ferry), given(store, "claim", bread)) == (set(), {ids["Ferries"], ids["Bread"]})
    topic = store.topics.get(ids["Bread"])
    topics.change(store, topic.id, anna, topics.seen(topic), "Ferries too", "", FERRIES)
    assert topics.waiting(store, fake_encoder) == 2
    assert topics.assign_all(store, fake_encoder) == 2 and topics.assign_all(store, fake_encoder) == 0
    assert given(store, "claim", ferry) == {ids["Bread"]}  # which now says what Ferries says; Ferries stays removed
    assert given(store, "claim", bread) == {ids["Ferries"]}
    topics.correct(store, fake_encoder, "claim", bread, ids["Ferries"], "", anna)
    topics.correct(store, fake_encoder, "claim", ferry, ids["Ferries"], "", anna)
    assert given(store, "claim", bread) == set() and given(store, "claim", ferry) == {ids["Ferries"], ids["Bread"]}


def test_another_name_or_order_of_words_in_the_log_does_not_assign_anew(store, fake_encoder, anna):
    ids = only(store, Ferries=FERRIES)
    claimed(store, fake_encoder, "Ferries and ships.")
    topic = store.topics.get(ids["Ferries"])
    topics.change(store, topic.id, anna, topics.seen(topic), "Ships", "Schiffe", FERRIES)
    assert topics.waiting(store, fake_encoder) == 0
    only(store)
    assert topics.assign_all(store, fake_encoder) == 0


@pytest.mark.file_only  # a server's database gives no number twice
def test_a_changed_text_is_assigned_anew_and_a_deleted_ones_number_starts_clean(store, fake_encoder, anna):
    ids = only(store, Ferries=FERRIES, Bread="Bread, bakers and flour.")
    claim = pipeline.add_claim(store, fake_encoder, Claim(0, "k", "Ferries and ships.", "en"))
    assert given(store, "claim", claim.id) == {ids["Ferries"]}
    pipeline.add_claim(store, fake_encoder, Claim(0, "k", "Bread and flour and bakers.", "en"))
    assert given(store, "claim", claim.id) == {ids["Bread"]}
    topics.correct(store, fake_encoder, "claim", claim.id, ids["Ferries"], "given", anna)
    store.claims.delete(claim.id)
    again = claimed(store, fake_encoder, "Nothing of the kind.")
    assert again == claim.id and given(store, "claim", again) == set()


# Editing


def test_topics_are_added_changed_and_deleted_with_a_trace(store, anna):
    made = topics.add(store, anna, " Ferries ", "Fähren", "  Ships \n\n harbours  ")
    assert (made.name, made.name_de, made.description) == ("Ferries", "Fähren", "Ships\nharbours")
    saw = topics.seen(made)
    topics.change(store, made.id, anna, saw, "Ferries", "", "Ships only")
    with pytest.raises(AlreadyCorrected, match="Ferries was changed meanwhile"):
        topics.change(store, made.id, anna, saw, "Boats", "", "Boats")
    with pytest.raises(AlreadyCorrected):
        topics.delete(store, made.id, anna, saw)
    topics.delete(store, made.id, anna, topics.seen(store.topics.get(made.id)))
    assert store.topics.get(made.id) is None
    assert [(e["action"], e["before"] and e["before"]["description"]) for e in store.audit.of("topic", made.id)] == [
        ("added a topic", None), ("changed a topic", "Ships\nharbours"), ("deleted a topic", "Ships only"),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        topics.delete(store, made.id, anna, "")


@pytest.mark.parametrize(
    ("name", "name_de", "description", "message"),
    [
        ("", "", "x y", "needs a name"),
        ("x" * 61, "", "x y", "at most 60"),
        ("New", "", " \n ", "Say what"),
        ("New", "", "a line\n" * 41, "at most 40 lines"),
        ("housing", "", "Houses", "topic Housing already"),
        ("New", "WOHNEN", "Houses", "topic Housing already"),
    ],
)
def test_a_topic_that_cannot_be_is_refused(store, anna, name, name_de, description, message):
    with pytest.raises(BadInput, match=message):
        topics.add(store, anna, name, name_de, description)
    assert len(store.topics.all()) == 16


def test_only_editors_have_a_word(store, fake_encoder, anna):
    store.users.create("jo", "hash", Role.JOURNALIST)
    reader, claim = store.users.by_name("jo"), claimed(store, fake_encoder, "Ferries.")
    topic = store.topics.all()[0]
    with pytest.raises(NotAllowed):
        topics.correct(store, fake_encoder, "claim", claim, topic.id, "given", reader)
    with pytest.raises(NotAllowed):
        topics.add(store, reader, "Ferries", "", FERRIES)
    for kind, object_id, topic_id, word in (("article", claim, topic.id, "given"), ("claim", claim, topic.id, "perhaps")):
        with pytest.raises(BadInput):
            topics.correct(store, fake_encoder, kind, object_id, topic_id, word, anna)
    for kind, object_id, topic_id in (("claim", 99, topic.id), ("statement", 99, topic.id), ("claim", claim, 999)):
        with pytest.raises(NotFound):
            topics.correct(store, fake_encoder, kind, object_id, topic_id, "given", anna)


def test_the_command_line_lists_topics_and_assigns_what_waits(tmp_path, monkeypatch, model_cache):
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(tmp_path))
    monkeypatch.setenv("CLAIMTRAIL_CACHE", str(model_cache))
    listed = CliRunner().invoke(cli, ["topics", "list"])
    assert listed.exit_code == 0 and "Housing: 0 claims, 0 statements" in listed.output and len(listed.output.splitlines()) == 16
    as_json = [json.loads(line) for line in CliRunner().invoke(cli, ["topics", "list", "--json"]).output.splitlines()]
    assert {"name", "name_de", "description", "claims", "statements"} <= set(as_json[0])
    assigned = CliRunner().invoke(cli, ["topics", "assign"])
    assert assigned.exit_code == 0 and "0 claims and statements were compared with 16 topics." in assigned.output
