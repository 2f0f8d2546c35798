"""The queue at a desk of several: order, filters, assignment, "later", batches, two editors at once, and undo for everything."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from db import open_store
from factcheck import batches, pipeline, queuedesk, ranking, review
from factcheck.articles import text_hash
from factcheck.errors import AlreadyDecided, BadInput, ChangedMeanwhile, NotAllowed, NotFound, NothingToUndo
from factcheck.records import (
    Article,
    Claim,
    DeskActKind,
    EventKind,
    Kind,
    Person,
    QueueFilters,
    Relation,
    Role,
    Statement,
)

BRIDGE = Claim(0, "c-1", "The new bridge will be finished in two years.", "en", speaker="Vera Lindqvist")
MEADOW = Claim(0, "c-2", "Cows prefer the north meadow in spring.", "en")
TOLD = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    for name, role in (("ed", Role.EDITOR), ("bea", Role.EDITOR), ("jo", Role.JOURNALIST)):
        store.users.create(name, "hash", role)
    yield store
    store.close()


@pytest.fixture
def ed(store):
    return store.users.by_name("ed")


@pytest.fixture
def bea(store):
    return store.users.by_name("bea")


@pytest.fixture
def claims(store, fake_encoder):
    return [pipeline.add_claim(store, fake_encoder, claim).id for claim in (BRIDGE, MEADOW)]


def said(store, encoder, *sentences, title="Paper", language="en", source="", published="2024-05-01", **about) -> list[int]:
    """An article that says these sentences, matched; ids of its statements."""
    text = " ".join(sentences)
    article = store.articles.add(
        Article(0, text, language, title, source=source, published_at=published), text_hash(f"{title} {text}")
    )
    fields = {"check_worthy": 0.9, "kind": Kind.DIRECT} | about
    places, start = [], 0
    for sentence in sentences:
        start = text.index(sentence, start)
        places.append(Statement(sentence, start, start + len(sentence), **fields))
        start += len(sentence)
    made = store.articles.put_statements(article.id, language, places)
    pipeline.embed_statements(store, encoder)
    for statement in made:
        pipeline.match(store, encoder, statement)
    store.articles.set_state(article.id, "ready")
    return [s.id for s in made]


def looked_at(store, user, **filters) -> list[int]:
    return store.queue.ids(QueueFilters(**filters), user.id, store.newsroom.cutoffs())


# The order


def test_worth_probability_and_recency_each_raise_the_urgency():
    added = "2024-06-01T10:00:00+00:00"
    middling = ranking.urgency(0.5, 0.5, "2024-06-01", added)
    assert ranking.urgency(0.6, 0.5, "2024-06-01", added) > middling
    assert ranking.urgency(0.5, 0.6, "2024-06-01", added) > middling
    assert ranking.urgency(0.5, 0.5, "2024-05-31", added) < middling


def test_a_week_halves_and_the_order_of_two_never_changes_with_time():
    """What is stored is the product's logarithm as of a fixed day: the difference of two is that of the products on any day."""

    def product(worth, probability, day, now):
        least = ranking.LEAST
        return (least + (1 - least) * worth) * (least + (1 - least) * probability) * 0.5 ** ((now - day) / ranking.HALF_LIFE)

    one = ranking.urgency(0.9, 0.2, "2024-06-01", "2024-06-01")
    other = ranking.urgency(0.3, 0.8, "2024-06-08", "2024-06-08")
    for now in (8, 30, 4000):
        assert 2 ** (one - other) == pytest.approx(product(0.9, 0.2, 1, now) / product(0.3, 0.8, 8, now), rel=1e-4)
    assert ranking.urgency(1, 1, "2024-06-08", "2024-06-08") - ranking.urgency(1, 1, "2024-06-01", "2024-06-01") == pytest.approx(1)


def test_neither_a_date_to_come_nor_an_archives_text_upsets_the_order():
    today = ranking.urgency(0.5, 0.5, "2024-06-01", "2024-06-01T08:00:00+00:00")
    assert ranking.urgency(0.5, 0.5, "2031-01-01", "2024-06-01T08:00:00+00:00") == today
    assert ranking.urgency(0.5, 0.5, None, "2024-06-01T08:00:00+00:00") == today
    assert ranking.urgency(0.5, 0.5, "1999", "2024-06-01T08:00:00+00:00") == today - ranking.OLDEST / ranking.HALF_LIFE
    assert ranking.urgency(0.5, 0.5, "not a date", "2024-06-01") == today
    assert ranking.urgency(0.9, 0.0, "2024-06-01", "2024-06-01") > ranking.urgency(0.0, 0.0, "2024-06-01", "2024-06-01")


def test_the_queue_goes_by_it_and_a_rejected_candidate_does_not_move_a_statement(store, fake_encoder, claims, ed):
    [old] = said(store, fake_encoder, "The new bridge will be finished in two years!", title="Old", published="2020-01-01")
    [new] = said(store, fake_encoder, "The new bridge will be finished in two years.", title="New", published="2031-01-01")
    [vague] = said(store, fake_encoder, "Somebody should count the frogs.", title="Vague", published="2031-01-01")
    assert looked_at(store, ed) == [new, vague, old] or looked_at(store, ed) == [new, old, vague]
    before = looked_at(store, ed)
    review.decide(store, new, claims[0], Relation.NOT_A_MATCH, ed)
    assert [i for i in looked_at(store, ed) if i != new] == [i for i in before if i != new]
    review.undo(store, ed)
    assert looked_at(store, ed) == before


# Filters


def test_filters_narrow_the_queue_and_count_what_they_would_show(store, fake_encoder, claims, ed):
    vera = store.people.put(Person(0, "Vera Lindqvist"))
    [bridge] = said(store, fake_encoder, BRIDGE.text, source="Gazette", person_id=vera.id, speaker="Vera Lindqvist", is_promise=True)
    frogs, toads = said(
        store, fake_encoder, "Frösche zählt niemand.", "Kröten auch nicht.", title="Teich", language="de", source="Blatt",
        kind=Kind.INDIRECT, published="2024-06-01",
    )  # fmt: skip
    everything = {bridge, frogs, toads}
    assert set(looked_at(store, ed)) == everything
    article = store.articles.statement(bridge).article_id
    for filters, found in (
        ({"person": vera.id}, {bridge}),
        ({"source": "Blatt"}, {frogs, toads}),
        ({"language": "en"}, {bridge}),
        ({"kind": "indirect"}, {frogs, toads}),
        ({"likelihood": "likely"}, {bridge}),
        ({"likelihood": "possible"}, set()),
        ({"likelihood": "none"}, {frogs, toads}),
        ({"promises": True}, {bridge}),
        ({"article": article}, {bridge}),
        ({"since": "2024-05-02"}, {frogs, toads}),
        ({"language": "de", "likelihood": "likely"}, set()),
    ):
        assert set(looked_at(store, ed, **filters)) == found, filters
        assert store.queue.waiting(QueueFilters(**filters), ed.id, store.newsroom.cutoffs()) == len(found)
    facets = store.queue.facets(QueueFilters(language="de"), ed.id, store.newsroom.cutoffs())
    for topic in facets.pop("topic"):  # which ones they are is told by the tests of topics
        assert store.queue.waiting(QueueFilters(language="de", topic=int(topic.value)), ed.id) == topic.count and topic.label
    told = {name: [(f.value, f.label, f.count) for f in found] for name, found in facets.items()}
    assert told == {
        "likelihood": [("none", "", 2)],
        "person": [],
        "source": [("Blatt", "", 2)],
        "language": [("de", "", 2), ("en", "", 1)],
        "kind": [("indirect", "", 2)],
        "promises": [],
        "assigned": [("nobody", "", 2)],
        "later": [],
    }


def test_the_next_statement_stays_within_the_filters(store, fake_encoder, claims, ed):
    german = said(store, fake_encoder, "Frösche zählt niemand.", "Kröten auch nicht.", title="Teich", language="de")
    said(store, fake_encoder, BRIDGE.text)
    look = {"filters": QueueFilters(language="de"), "user_id": ed.id}
    first = review.next_item(store, fake_encoder, **look)
    assert (first.statement.id, first.position, first.total) == (german[0], 1, 2)
    second = review.next_item(store, fake_encoder, after=german[0], **look)
    assert (second.statement.id, second.position, second.total) == (german[1], 2, 2)
    assert review.next_item(store, fake_encoder, after=german[1], **look).statement.id == german[0]  # from the end to the start
    assert review.previous_item(store, fake_encoder, before=german[1], **look).statement.id == german[0]
    assert review.previous_item(store, fake_encoder, before=german[0], **look) is None
    for statement_id in german:
        review.no_match(store, statement_id, ed)
    assert review.next_item(store, fake_encoder, **look) is None
    assert review.next_item(store, fake_encoder) is not None


# Later and assignment


def test_later_puts_a_statement_away_for_one_editor_and_its_time_brings_it_back(store, fake_encoder, ed, bea, monkeypatch):
    first, second = said(store, fake_encoder, "Frogs sing at noon.", "Toads sing at night.")
    act = queuedesk.later(store, first, ed, TOLD)
    assert looked_at(store, ed) == [second] and looked_at(store, bea) == [first, second]
    assert looked_at(store, ed, later=True) == [first]
    assert review.item(store, fake_encoder, first, user_id=ed.id).put_away_until == "2030-01-01T00:00:00+00:00"
    assert [e["action"] for e in store.audit.of("statement", first)] == ["put away"]
    assert queuedesk.undo(store, fake_encoder, ed).id == act.id
    assert looked_at(store, ed) == [first, second]
    queuedesk.later(store, first, ed, TOLD)
    queuedesk.later(store, first, ed, TOLD + timedelta(days=1))
    queuedesk.undo(store, fake_encoder, ed)
    assert store.queue.put_away_until(first, ed.id) == "2030-01-01T00:00:00+00:00"  # what undoing puts back
    monkeypatch.setattr("db.queue.now", lambda: "2030-01-01T00:00:01+00:00")
    assert looked_at(store, ed) == [first, second] and looked_at(store, ed, later=True) == []


def test_tomorrow_morning_is_where_the_reader_is():
    west = timezone(timedelta(hours=-7))
    assert queuedesk.tomorrow_morning(datetime(2024, 5, 1, 12, tzinfo=UTC)) == datetime(2024, 5, 2, 6, tzinfo=UTC)
    assert queuedesk.tomorrow_morning(datetime(2024, 5, 1, 3, tzinfo=UTC)) == datetime(2024, 5, 1, 6, tzinfo=UTC)
    assert queuedesk.tomorrow_morning(datetime(2024, 5, 1, 3, tzinfo=UTC), west) == datetime(2024, 5, 1, 13, tzinfo=UTC)


def test_what_is_assigned_to_a_colleague_is_theirs(store, fake_encoder, ed, bea):
    first, second, third = said(store, fake_encoder, "Frogs sing at noon.", "Toads sing at night.", "Newts never sing.")
    act = queuedesk.assign(store, [first, second], bea, ed)
    assert (act.content["statements"], act.content["name"]) == ([first, second], "bea")
    assert looked_at(store, ed) == [third] and looked_at(store, bea) == [first, second, third]
    for whose, mine, theirs in (
        ("me", [], [first, second]), ("nobody", [third], [third]), ("others", [first, second], []),
        ("all", [first, second, third], [first, second, third]),
    ):  # fmt: skip
        assert looked_at(store, ed, assigned=whose) == mine and looked_at(store, bea, assigned=whose) == theirs, whose
    assert store.queue.assigned([first, third]) == {first: (bea.id, "bea")}
    queuedesk.assign(store, [first], None, bea)
    assert looked_at(store, ed) == [first, third]
    queuedesk.undo(store, fake_encoder, ed)  # bea's own change of the first stays
    assert store.queue.assigned([first, second]) == {}
    queuedesk.undo(store, fake_encoder, bea)
    assert store.queue.assigned([first]) == {first: (bea.id, "bea")}
    assert [(e["user_name"], e["before"], e["after"]) for e in store.audit.of("statement", first)] == [
        ("ed", {"to": ""}, {"to": "bea"}), ("bea", {"to": "bea"}, {"to": ""}), ("bea", {"to": ""}, {"to": "bea"}),
    ]  # fmt: skip


def test_what_cannot_be_put_away_or_assigned_is_said(store, fake_encoder, ed):
    [only] = said(store, fake_encoder, "Frogs sing at noon.")
    jo = store.users.by_name("jo")
    with pytest.raises(BadInput):
        queuedesk.later(store, only, ed, datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(BadInput, match="jo does not decide"):
        queuedesk.assign(store, [only], jo, ed)
    with pytest.raises(BadInput):
        queuedesk.assign(store, [], ed, ed)
    for act in (lambda: queuedesk.later(store, 999, ed, TOLD), lambda: queuedesk.assign(store, [999], ed, ed)):
        with pytest.raises(NotFound):
            act()
    for act in (lambda: queuedesk.later(store, only, jo, TOLD), lambda: queuedesk.assign(store, [only], ed, jo), lambda: queuedesk.undo(store, None, jo)):
        with pytest.raises(NotAllowed):
            act()
    assert store.desk.last_of(ed.id) is None and store.queue.assigned([only]) == {}


# Undo


def test_undo_takes_back_whatever_was_done_last_in_the_order_it_was_done(store, fake_encoder, claims, ed, bea):
    first, second, third = said(store, fake_encoder, BRIDGE.text, "Toads sing at night.", "Newts never sing.")
    review.decide(store, first, claims[0], Relation.SAME, ed)
    queuedesk.later(store, second, ed, TOLD)
    queuedesk.assign(store, [third], bea, ed)
    made = review.new_claim(store, fake_encoder, third, ed)
    kinds = []
    while (act := store.desk.last_of(ed.id)) is not None:
        kinds.append(act.act)
        assert queuedesk.undo(store, fake_encoder, ed).id == act.id
    assert kinds == [DeskActKind.DECIDED, DeskActKind.ASSIGNED, DeskActKind.LATER, DeskActKind.DECIDED]
    assert looked_at(store, ed) == [first, second, third] and store.claims.get(made.id) is None and store.decisions.count() == 0
    with pytest.raises(NothingToUndo):
        queuedesk.undo(store, fake_encoder, ed)


def test_what_was_taken_back_another_way_is_not_the_last_act_any_more(store, fake_encoder, claims, ed, bea):
    first, second = said(store, fake_encoder, BRIDGE.text, "Toads sing at night.")
    queuedesk.later(store, second, ed, TOLD)
    decision = review.decide(store, first, claims[0], Relation.SAME, ed)
    act = store.desk.last_of(ed.id)
    review.undo(store, bea, decision.id)
    assert store.desk.last_of(ed.id).act is DeskActKind.LATER
    with pytest.raises(NothingToUndo):
        queuedesk.undo(store, fake_encoder, ed, act.id)
    with pytest.raises(NotAllowed, match="ed did this"):
        queuedesk.undo(store, fake_encoder, bea, store.desk.last_of(ed.id).id)


# Batches


@pytest.fixture
def repeated(store, fake_encoder, claims):
    """The same said in four articles, and something else in a fifth; ids."""
    ids = [said(store, fake_encoder, BRIDGE.text, title=f"Paper {n}", source=f"Paper {n}")[0] for n in range(4)]
    return [*ids, *said(store, fake_encoder, "The new bridge will be finished in nine years.", title="Other")]


def test_statements_that_say_the_same_are_found_and_decided_in_one_go(store, fake_encoder, claims, repeated, ed):
    first, *others, nine = repeated
    statement = store.articles.statement(first)
    found = batches.alike(store, fake_encoder, statement, ed.id)
    assert {a.statement.id for a in found} == set(others)  # nine years is something else
    act = batches.decide_all(
        store, first, claims[0], Relation.SAME, [(a.statement.id, a.saw) for a in found], ed, saw=review.seen(store, first)
    )
    assert sorted(act.content["statements"]) == sorted([first, *others]) and act.content["left"] == []
    assert len(store.claims.occurrences(claims[0])) == 4
    assert {d.batch for d in store.decisions.of_claim(claims[0])} == {str(act.id)}
    assert looked_at(store, ed) == [nine]
    queuedesk.undo(store, fake_encoder, ed)
    assert store.decisions.count() == 0 and set(looked_at(store, ed)) == set(repeated)
    assert store.claims.occurrences(claims[0]) == []


def test_one_that_was_decided_meanwhile_is_left_out_of_the_batch_and_told(store, fake_encoder, claims, repeated, ed, bea):
    first, second, third, fourth, _ = repeated
    found = batches.alike(store, fake_encoder, store.articles.statement(first), ed.id)
    saw = review.seen(store, first)
    review.no_match(store, second, bea)
    review.decide(store, third, claims[0], Relation.NOT_A_MATCH, bea)
    act = batches.decide_all(store, first, claims[0], Relation.SAME, [(a.statement.id, a.saw) for a in found], ed, saw=saw)
    assert act.content["statements"] == [first, fourth]
    assert sorted((x["statement"], x["by"]) for x in act.content["left"]) == [(second, "bea"), (third, "bea")]
    assert [d.user for d in store.decisions.of_statement(second)] == ["bea"]


def test_a_batch_whose_first_was_decided_meanwhile_writes_nothing(store, fake_encoder, claims, repeated, ed, bea):
    first, second, *_ = repeated
    saw, other = review.seen(store, first), review.seen(store, second)
    review.decide(store, first, claims[0], Relation.OPPOSITE, bea)
    with pytest.raises(AlreadyDecided, match="bea"):
        batches.decide_all(store, first, claims[0], Relation.SAME, [(second, other)], ed, saw=saw)
    assert store.decisions.count() == 1 and store.desk.last_of(ed.id) is None
    with pytest.raises(BadInput):
        batches.decide_all(store, second, claims[0], Relation.SAME, [], ed, saw=other)


def test_what_is_put_away_assigned_elsewhere_or_said_by_somebody_else_is_in_no_batch(store, fake_encoder, claims, repeated, ed, bea):
    first, away, theirs, decided, _ = repeated
    queuedesk.later(store, away, ed, TOLD)
    queuedesk.assign(store, [theirs], bea, ed)
    review.no_match(store, decided, bea)
    statement = store.articles.statement(first)
    assert batches.alike(store, fake_encoder, statement, ed.id) == ()
    assert {a.statement.id for a in batches.alike(store, fake_encoder, statement, bea.id)} == {away, theirs}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"text": "Taxes fell by 3 percent."}, {"text": "“Taxes fell by 3 percent”"}, True),
        ({"text": "Taxes fell by 3 percent."}, {"text": "Taxes fell by 4 percent."}, False),
        ({"text": "Taxes fell."}, {"text": "Taxes did not fall."}, False),
        ({"text": "Taxes fell.", "speaker": "A. Example"}, {"text": "Taxes fell.", "speaker": "B. Sample"}, False),
        ({"text": "Taxes fell.", "speaker": "A. Example", "person_id": 3}, {"text": "Taxes fell.", "speaker": "Example", "person_id": 3}, True),
        ({"text": "Taxes fell.", "speaker": "A. Example"}, {"text": "Taxes fell."}, True),
    ],
)
def test_what_says_the_same(one, other, same):
    assert batches.says_the_same(*(Statement(start=0, end=1, kind=Kind.DIRECT, **f) for f in (one, other))) is same


# Two at once


def test_what_is_not_as_it_was_seen_is_not_decided(store, fake_encoder, claims, ed, bea):
    [only] = said(store, fake_encoder, BRIDGE.text)
    saw = review.seen(store, only)
    review.decide(store, only, claims[1], Relation.NOT_A_MATCH, bea)
    for act in (
        lambda: review.decide(store, only, claims[0], Relation.SAME, ed, saw=saw),
        lambda: review.no_match(store, only, ed, saw=saw),
        lambda: review.new_claim(store, fake_encoder, only, ed, saw=saw),
    ):
        with pytest.raises(ChangedMeanwhile):
            act()
    assert store.decisions.count() == 1
    review.decide(store, only, claims[0], Relation.SAME, ed, saw=review.seen(store, only))
    assert [d.user for d in store.decisions.of_statement(only)] == ["bea", "ed"]


def test_a_statement_corrected_meanwhile_is_not_decided(store, fake_encoder, claims, ed):
    [only] = said(store, fake_encoder, BRIDGE.text)
    saw = review.seen(store, only)
    statement = store.articles.statement(only)
    store.articles.change_statement("en", Statement(**{**vars(statement), "speaker": "Somebody Else"}))
    with pytest.raises(ChangedMeanwhile):
        review.decide(store, only, claims[0], Relation.SAME, ed, saw=saw)


def test_of_many_who_decide_at_the_same_moment_one_does_and_the_others_hear_of_it(tmp_path, store, fake_encoder, claims, ed, bea):
    """Real threads, each with a connection of its own."""
    ids = said(store, fake_encoder, *(f"The new bridge will be finished in two years, says number {n}." for n in range(6)))
    seen = {i: review.seen(store, i) for i in ids}
    start, outcomes = threading.Barrier(4), []

    def work(user, relation):
        own = open_store(tmp_path / "claimtrail.db")
        start.wait()
        for i in ids:
            try:
                review.decide(own, i, claims[0], relation, user, saw=seen[i])
                outcomes.append((i, user.name))
            except AlreadyDecided as error:
                outcomes.append((i, f"refused: {str(error).split()[0]}"))
        own.close()

    threads = [
        threading.Thread(target=work, args=(u, r)) for u in (ed, bea) for r in (Relation.SAME, Relation.OPPOSITE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 24
    for i in ids:
        [decision] = store.decisions.of_statement(i)
        won = [who for each, who in outcomes if each == i and not who.startswith("refused")]
        assert won == [decision.user]
        assert [who for each, who in outcomes if each == i and who.startswith("refused")] == [f"refused: {decision.user}"] * 3


# Merged claims


@pytest.fixture
def merged(store, fake_encoder, claims):
    """A third claim, worded like the first and merged into it since; its id."""
    twin = pipeline.add_claim(store, fake_encoder, Claim(0, "c-3", "The new bridge will be finished in two years, she says.", "en")).id
    return twin


def merge(store, claim_id, into):
    with store.write() as db:
        db.execute("UPDATE claims SET merged_into = ? WHERE id = ?", [into, claim_id])


def test_a_merged_claim_stands_in_the_queue_as_the_one_it_was_merged_into(store, fake_encoder, claims, merged, ed):
    [only] = said(store, fake_encoder, BRIDGE.text)
    assert {claims[0], merged} <= {h.claim.id for h in review.item(store, fake_encoder, only).hits}
    merge(store, merged, claims[0])
    found = [h.claim.id for h in review.item(store, fake_encoder, only).hits]
    assert merged not in found and found.count(claims[0]) == 1


def test_deciding_on_a_claim_that_was_merged_meanwhile_links_to_the_one_that_stands_for_it(store, fake_encoder, claims, merged, ed):
    [only] = said(store, fake_encoder, BRIDGE.text)
    saw = review.seen(store, only)
    merge(store, merged, claims[0])
    assert review.decide(store, only, merged, Relation.SAME, ed, saw=saw).claim_id == claims[0]
    with pytest.raises(AlreadyDecided):
        review.decide(store, only, claims[0], Relation.SAME, ed)


def test_a_rejection_holds_for_what_the_claim_was_merged_into(store, fake_encoder, claims, merged, ed):
    [only] = said(store, fake_encoder, BRIDGE.text)
    review.decide(store, only, merged, Relation.NOT_A_MATCH, ed)
    merge(store, merged, claims[0])
    assert claims[0] not in [h.claim.id for h in review.hits(store, only)]


# What is told


def test_a_confirmed_link_is_told_once_and_a_claims_first_occurrence_is_no_repetition(store, fake_encoder, claims, ed):
    first, second = said(store, fake_encoder, BRIDGE.text, "Toads sing at night.")
    for _ in range(2):
        review.decide(store, first, claims[0], Relation.SAME, ed)
        review.undo(store, ed)
    review.new_claim(store, fake_encoder, second, ed)
    again = [e for e in store.events.after(0) if e.kind is EventKind.SAID_AGAIN]
    assert [(e.thing, e.claim_id, e.statement_id, e.by) for e in again] == [(f"statement {first} is claim {claims[0]}", claims[0], first, "ed")]


def test_a_new_statement_is_told_once_however_often_it_is_matched(store, fake_encoder, claims):
    [only] = said(store, fake_encoder, BRIDGE.text)
    pipeline.match(store, fake_encoder, store.articles.statement(only))
    told = [(e.kind, e.thing) for e in store.events.after(0) if e.statement_id == only]
    assert told == [(EventKind.NEW_STATEMENT, f"statement {only}")]
