"""What somebody takes back later: found among their own later statements, proposed, and decided by an editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import open_store
from factcheck import pipeline, takingback, walkbacks
from factcheck.articles import from_text, text_hash
from factcheck.errors import AlreadyDecided, BadInput, ModelUnavailable, NotAllowed, NotFound
from factcheck.evaluation.walkbacks import crossed, figures, predict, read_pairs
from factcheck.records import (
    Claim,
    EventKind,
    Kind,
    Occurrence,
    Person,
    Promise,
    Role,
    Statement,
    User,
    WalkbackKind,
    WalkbackState,
)
from tests.floors import assert_same_data, ceiling, file_hash, floor

PAIRS = "tests/pairs/walkbacks.jsonl"
CLAIM = "I will settle the dock strike in one week."
JEST = "I said I would settle the dock strike in one week in jest, it was an exaggeration."


@pytest.fixture
def store(settings):
    opened = open_store(settings.database)
    opened.users.create("ed", "x", Role.EDITOR)
    return opened


@pytest.fixture
def editor() -> User:
    return User(1, "ed", Role.EDITOR)


def say(store, encoder, text: str, person_id: int | None, said_at: str | None, before: str = "") -> Statement:
    article = store.articles.add(from_text(text, published_at=said_at), text_hash(f"{text} {store.articles.count()}"))
    statement = Statement(text, 0, len(text), Kind.DIRECT, speaker="Nora Lund" if person_id else "", person_id=person_id, said_at=said_at, before=before)
    stored = store.articles.put_statements(article.id, "en", [statement])[0]
    pipeline.embed_statements(store, encoder, [stored.id])
    return stored


def on_file(store, encoder, text: str = CLAIM, said_at: str | None = "2024-03-01", person: str = "Nora Lund", **fields) -> Claim:
    someone = store.people.put(Person(0, person))
    claim = Claim(0, f"c-{text[:20]}", text, "en", speaker=person, person_id=someone.id, first_said_at=said_at, **fields)
    return pipeline.add_claim(store, encoder, claim)


def proposals(store, claim: Claim) -> list[tuple[str, WalkbackKind, WalkbackState]]:
    return [(w.statement.text, w.kind, w.state) for w in store.walkbacks.of_claims([claim.id])]


# How well


def test_what_is_proposed_on_pairs_the_weights_have_not_seen(encoder):
    assert_same_data("walkbacks", "pairs", file_hash(PAIRS))
    pairs = [p for p in read_pairs(Path(PAIRS)) if p.split == "test"]
    found = figures(pairs, predict(encoder, pairs))
    assert found.precision >= floor("walkbacks", "pairs", "precision")
    assert found.recall >= floor("walkbacks", "pairs", "recall")
    assert found.kinds >= floor("walkbacks", "pairs", "kinds")
    for language in ("de", "en"):
        chosen = [p for p in pairs if p.language == language]
        assert figures(chosen, predict(encoder, chosen)).f1 >= floor("walkbacks", "pairs", "f1_weaker_language")
    beside = crossed(pairs)
    proposed = sum(j.probability >= walkbacks.PROPOSED for j in predict(encoder, beside))
    assert proposed / len(beside) <= ceiling("walkbacks", "pairs", "beside_other_claims")


def test_the_pairs_are_enough_in_both_languages_and_both_ways():
    pairs = read_pairs(Path(PAIRS))
    assert len({p.id for p in pairs}) == len({(p.claim, p.statement) for p in pairs}) == len(pairs)
    for language in ("de", "en"):
        assert sum(p.language == language and bool(p.kind) for p in pairs) >= 60
        assert sum(p.language == language and not p.kind for p in pairs) >= 60
    assert not {p.claim for p in pairs if p.split == "train"} & {p.claim for p in pairs if p.split == "test"}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Das war doch nicht wörtlich gemeint.", "in jest", ["nicht wörtlich"]),
        ("Ich sagte es im SCHERZ.", "in jest", ["im SCHERZ"]),
        ("I was being a little bit sarcastic when I said that.", "in jest", ["sarcastic"]),
        ("I never said that.", "denied", ["never said"]),
        ("Ich habe so etwas nie gesagt.", "denied", ["nie gesagt"]),
        ("She didn’t say sixty days.", "denied", ["didn’t say"]),
        ("The senator misspoke.", "withdrawn", ["misspoke"]),
        ("Der Minister nimmt die Aussage zurück.", "withdrawn", ["nimmt die Aussage zurück"]),
        ("It was a goal, not a guarantee.", "softened", ["a goal", "not a guarantee"]),
        ("Wie versprochen öffnet die Brücke.", "affirmed", ["Wie versprochen"]),
    ],
)
def test_the_words_that_say_so_stand_as_in_the_text(text, kind, words):
    assert walkbacks.markers(text)[kind] == words


def test_the_words_are_whole_words():
    assert not any(walkbacks.markers("Der Scherzartikelladen unterschrieb Retractable Jokers.")[k] for k in walkbacks.TAKES_BACK)


@pytest.mark.parametrize(
    ("later", "first", "expected"),
    [
        ("2024-03-02", "2024-03-01", True),
        ("2024-03-01", "2024-03-01", False),
        ("2024", "2024-03-01", False),
        ("2025", "2024-03-01", True),
        ("2024-03-01T18:00:00+00:00", "2024-03-01T09:00:00+00:00", True),
        ("2024-03-01T18:00:00+00:00", "2024-03-01", False),
    ],
)
def test_later_is_as_exact_as_both_times_are_known(later, first, expected):
    assert walkbacks.is_later(later, first) is expected


def test_damaged_weights_say_how_to_get_them_back(monkeypatch, tmp_path):
    monkeypatch.setattr(walkbacks, "WEIGHTS", tmp_path / "walkbacks.json")
    walkbacks._weights.cache_clear()
    try:
        with pytest.raises(ModelUnavailable, match="Restore"):
            walkbacks.judge(CLAIM, JEST, 0.5, 0.9)
    finally:
        walkbacks._weights.cache_clear()


# What is proposed


def test_a_later_statement_of_the_same_person_is_proposed_when_it_is_matched(store, fake_encoder):
    claim = on_file(store, fake_encoder, promise=Promise())
    statement = say(store, fake_encoder, JEST, claim.person_id, "2024-05-01")
    pipeline.match(store, fake_encoder, statement)
    assert proposals(store, claim) == [(JEST, WalkbackKind.IN_JEST, WalkbackState.PROPOSED)]
    assert store.walkbacks.of_claims([claim.id])[0].reason == "in jest"
    assert walkbacks.propose(store, fake_encoder, [statement.id]) == 0
    assert [w.claim_id for w in store.walkbacks.of_person(claim.person_id)] == [claim.id]


@pytest.mark.parametrize("said_at", ["2024-02-01", "2024-03-01", None])
def test_what_was_not_said_later_takes_nothing_back(store, fake_encoder, said_at):
    claim = on_file(store, fake_encoder)
    walkbacks.propose(store, fake_encoder, [say(store, fake_encoder, JEST, claim.person_id, said_at).id])
    assert proposals(store, claim) == []


def test_what_others_say_takes_nothing_back(store, fake_encoder):
    claim = on_file(store, fake_encoder)
    other = store.people.put(Person(0, "Paul Other"))
    ids = [say(store, fake_encoder, JEST, who, "2024-05-01").id for who in (other.id, None)]
    assert walkbacks.propose(store, fake_encoder, ids) == 0 and proposals(store, claim) == []


def test_a_repeated_claim_takes_nothing_back(store, fake_encoder):
    claim = on_file(store, fake_encoder)
    assert walkbacks.propose(store, fake_encoder, [say(store, fake_encoder, CLAIM, claim.person_id, "2024-05-01").id]) == 0


def test_who_said_it_too_can_take_it_back(store, fake_encoder):
    claim = on_file(store, fake_encoder)
    other = store.people.put(Person(0, "Paul Other"))
    store.claims.add_occurrence(Occurrence(claim.id, CLAIM, "2024-04-01", "Paul Other", person_id=other.id))
    early, late = (say(store, fake_encoder, JEST, other.id, day) for day in ("2024-03-15", "2024-04-15"))
    assert walkbacks.propose(store, fake_encoder, [early.id, late.id]) == 1
    assert [w.statement.id for w in store.walkbacks.of_claims([claim.id])] == [late.id]


def test_a_claim_that_comes_later_finds_the_statements_on_file(store, fake_encoder):
    person = store.people.put(Person(0, "Nora Lund"))
    say(store, fake_encoder, JEST, person.id, "2024-05-01")
    say(store, fake_encoder, "The harbour has a new crane.", person.id, "2024-05-02")
    claim = on_file(store, fake_encoder)
    assert walkbacks.propose(store, fake_encoder, claim_id=claim.id) == 1
    assert proposals(store, claim) == [(JEST, WalkbackKind.IN_JEST, WalkbackState.PROPOSED)]


def test_the_sentence_before_tells_what_is_taken_back(store, fake_encoder):
    claim = on_file(store, fake_encoder)
    bare = "That was obviously said in jest."
    with_question = say(store, fake_encoder, bare, claim.person_id, "2024-05-01", before="You will settle the dock strike in one week?")
    assert walkbacks.propose(store, fake_encoder, [with_question.id]) == 1


def test_only_the_nearest_of_several_claims_is_proposed(store, fake_encoder):
    claim = on_file(store, fake_encoder)
    other = on_file(store, fake_encoder, "The museum will be free of charge on Sundays.")
    walkbacks.propose(store, fake_encoder, [say(store, fake_encoder, JEST, claim.person_id, "2024-05-01").id])
    assert len(proposals(store, claim)) == 1 and proposals(store, other) == []


def test_a_proposal_goes_when_the_statement_says_something_else_or_is_gone(store, fake_encoder):
    claim = on_file(store, fake_encoder)
    statement = say(store, fake_encoder, JEST, claim.person_id, "2024-05-01")
    walkbacks.propose(store, fake_encoder, [statement.id])
    store.articles.hide_statement(statement.id)
    assert proposals(store, claim) == [] and store.walkbacks.counts()[WalkbackState.PROPOSED] == 0
    other = say(store, fake_encoder, JEST, claim.person_id, "2024-06-01")
    walkbacks.propose(store, fake_encoder, [other.id])
    changed = Statement(CLAIM, 0, len(CLAIM), Kind.DIRECT, speaker="Nora Lund", person_id=claim.person_id, said_at="2024-06-01", id=other.id)
    store.articles.change_statement("en", changed)
    pipeline.embed_statements(store, fake_encoder, [other.id])
    walkbacks.propose(store, fake_encoder, [other.id])
    assert proposals(store, claim) == []


def test_what_is_linked_as_the_same_claim_is_not_proposed(store, fake_encoder, editor):
    from factcheck import review
    from factcheck.records import Relation

    claim = on_file(store, fake_encoder)
    statement = say(store, fake_encoder, JEST, claim.person_id, "2024-05-01")
    pipeline.match(store, fake_encoder, statement)
    review.decide(store, statement.id, claim.id, Relation.SAME, editor)
    walkbacks.propose(store, fake_encoder, [statement.id])
    assert proposals(store, claim) == []


# Deciding


@pytest.fixture
def proposed(store, fake_encoder):
    claim = on_file(store, fake_encoder)
    walkbacks.propose(store, fake_encoder, [say(store, fake_encoder, JEST, claim.person_id, "2024-05-01").id])
    return store.walkbacks.of_claims([claim.id])[0]


def test_confirmed_it_is_told_once_and_stays_whatever_is_found_later(store, fake_encoder, editor, proposed):
    made = takingback.decide(store, proposed.id, "confirmed", editor, kind="softens", note="Heard it myself.", saw="proposed")
    assert (made.state, made.kind, made.user, made.note) == (WalkbackState.CONFIRMED, WalkbackKind.SOFTENS, "ed", "Heard it myself.")
    walkbacks.propose(store, fake_encoder, [proposed.statement.id])
    assert store.walkbacks.get(proposed.id) == made
    takingback.decide(store, proposed.id, "proposed", editor)
    takingback.decide(store, proposed.id, "confirmed", editor)
    told = [e for e in store.events.of_claim(proposed.claim_id) if e.kind is EventKind.TAKEN_BACK]
    assert {e.thing for e in told} == {f"statement {proposed.statement.id} takes back claim {proposed.claim_id}"}
    actions = [e["action"] for e in store.audit.of("claim", proposed.claim_id) if "walk-back" in e["action"]]
    assert actions == ["confirmed a walk-back", "took back a decision on a walk-back", "confirmed a walk-back"]


def test_confirmed_it_leaves_the_queue_and_comes_back_when_that_is_taken_back(store, fake_encoder, editor, proposed):
    pipeline.match(store, fake_encoder, proposed.statement)
    assert store.decisions.is_open(proposed.statement.id)
    takingback.decide(store, proposed.id, "confirmed", editor)
    assert not store.decisions.is_open(proposed.statement.id)
    takingback.decide(store, proposed.id, "proposed", editor)
    assert store.decisions.is_open(proposed.statement.id)


def test_rejected_it_is_not_proposed_again_until_that_is_taken_back(store, fake_encoder, editor, proposed):
    takingback.decide(store, proposed.id, "rejected", editor)
    assert walkbacks.propose(store, fake_encoder, [proposed.statement.id]) == 0
    assert store.walkbacks.of_claims([proposed.claim_id]) == []
    assert [w.id for w in store.walkbacks.of_claims([proposed.claim_id], rejected=True)] == [proposed.id]
    takingback.decide(store, proposed.id, "proposed", editor, saw="rejected")
    assert [w.id for w in store.walkbacks.listing(WalkbackState.PROPOSED)] == [proposed.id]


def test_whoever_is_second_hears_who_was_first(store, editor, proposed):
    takingback.decide(store, proposed.id, "confirmed", editor, saw="proposed")
    with pytest.raises(AlreadyDecided, match="ed decided this meanwhile: confirmed"):
        takingback.decide(store, proposed.id, "rejected", editor, saw="proposed")


def test_what_cannot_be_decided_is_refused(store, editor, proposed):
    with pytest.raises(BadInput):
        takingback.decide(store, proposed.id, "perhaps", editor)
    with pytest.raises(BadInput):
        takingback.decide(store, proposed.id, "confirmed", editor, kind="sung")
    with pytest.raises(NotFound):
        takingback.decide(store, 999, "confirmed", editor)
    with pytest.raises(NotAllowed):
        takingback.decide(store, proposed.id, "confirmed", User(2, "jo", Role.JOURNALIST))


def test_the_list_goes_on_where_a_page_ends(store, fake_encoder, proposed):
    person = proposed.statement.person_id
    for day in range(10, 15):
        walkbacks.propose(store, fake_encoder, [say(store, fake_encoder, JEST, person, f"2024-05-{day}").id])
    seen, after = [], None
    while found := store.walkbacks.listing(WalkbackState.PROPOSED, after=after, limit=2):
        seen += [w.id for w in found]
        after = (found[-1].probability, found[-1].id)
    assert len(seen) == len(set(seen)) == 6
