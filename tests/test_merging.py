"""Merging and splitting claims: nothing is lost, nothing doubled, and undoing gives back what was."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from web_site import marked, put_article

from db import Store, open_store
from factcheck import editing, merging, pipeline, review, searching
from factcheck.errors import AlreadyDecided, BadInput, ChangedMeanwhile, NotAllowed, NothingToUndo
from factcheck.merging import Chosen
from factcheck.records import Claim, Coverage, Decision, EventKind, Kind, Occurrence, Person, Promise, Rating, Relation, Review, Role, User

EDITOR = User(1, "anna", Role.EDITOR)
TEXTS = [
    "The mayor said that the harbour tunnel opens in spring.",
    "The mayor said that the tunnel under the harbour will open in April.",
    "The mayor promised a second tunnel for bicycles next year.",
]


def claim(key: str, text: str, **more) -> Claim:
    return Claim(id=0, key=key, text=text, language="en", speaker="Vera Lindqvist", **more)


@pytest.fixture
def store(tmp_path, fake_encoder) -> Store:
    found = open_store(tmp_path / "s.db")
    fill(found, fake_encoder)
    return found


def fill(store: Store, encoder) -> None:
    """Three claims (1 rated false, 2 rated true, 3 bare), a hand-entered occurrence for the first two, six statements."""
    store.users.create("anna", "x", Role.EDITOR)
    store.users.create("ben", "x", Role.EDITOR)
    person = store.people.put(Person(0, "Vera Lindqvist"))
    for number, (text, rating) in enumerate(zip(TEXTS, (Rating.FALSE, Rating.TRUE, None), strict=True), 1):
        reviews = (Review("Desk", str(rating), rating, url=f"https://example.org/{number}", published_at=f"2024-0{number}-01"),) if rating else ()
        coverage = (Coverage(f"Report {number}"),) if rating else ()
        made = pipeline.add_claim(store, encoder, claim(f"key-{number}", text, person_id=person.id, reviews=reviews, coverage=coverage))
        if rating:
            store.claims.add_occurrence(Occurrence(made.id, text, f"2024-0{number}-02", "Vera Lindqvist"))
    article = " ".join(f"She told the council on day {word} that the tunnel opens soon." for word in ("one", "two", "three", "four", "five", "six"))
    sentences = [s.strip() + "." for s in article.split(".") if s.strip()]
    put_article(store, encoder, article, [marked(article, s, kind=Kind.INDIRECT, said_at=f"2024-05-0{i}") for i, s in enumerate(sentences, 1)], published_at="2024-05-09")


def statements(store: Store) -> list[int]:
    return [s.id for s in store.articles.statements(1)]


def saw(store: Store, *claims: int) -> str:
    return merging.state(store, claims)


def merge(store: Store, root: int, other: int, confirmed: bool = True):
    return merging.merge(store, root, other, EDITOR, saw=saw(store, root, other), confirmed=confirmed)


def split(store: Store, encoder, claim_id: int, chosen: Chosen, **where):
    return merging.split(store, encoder, claim_id, chosen, EDITOR, saw=saw(store, claim_id), **where)


def everything(store: Store) -> dict:
    """All that hangs on claims, by claim, without what is allowed to differ after undoing: times of change and decisions undone."""
    found = {}
    for number in range(1, store._connection.db.execute("SELECT max(id) FROM claims").fetchone()[0] + 1):
        own = store.claims.own(number)
        if own is None:
            continue
        row = store._connection.db.execute(
            "SELECT merged_into, rating, occurrence_count, newest_review_at FROM claims WHERE id = ?", [number]
        ).fetchone()
        said = [(o.id, o.statement_id, o.claim_id) for o in store.claims._occurrences.of([number])]
        found[number] = (replace(own, changed_at=""), tuple(row), said)
    return {n: f for n, f in found.items() if f[0].reviews or f[0].coverage or f[2] or n <= 3}


def test_a_merged_claim_is_read_through_the_one_that_stands_for_it(store, fake_encoder):
    review.decide(store, statements(store)[0], 2, Relation.SAME, EDITOR)
    made = merge(store, 1, 2)
    root = store.claims.get(1)
    assert store.claims.root(2) == 1 and store.claims.group(2) == [1, 2] == store.claims.group(1)
    assert [r.url for r in root.reviews] == ["https://example.org/2", "https://example.org/1"]
    assert [c.title for c in root.coverage] == ["Report 2", "Report 1"]
    assert (root.rating, root.occurrence_count) == (Rating.TRUE, 3)
    assert [o.claim_id for o in store.claims.occurrences(1)] == [1, 2, 2]
    assert store.decisions.links(statements(store)) == {statements(store)[0]: 1}
    assert [d.claim_id for d in store.decisions.of_claim(1)] == [2]
    assert [c.id for c in store.claims.newest()] == [3, 1] and store.claims.count() == 2
    assert store.claims.by_key("key-2").merged_into == 1
    assert made.act == "merged" and (made.claim_id, made.other_id) == (1, 2)


def test_the_merged_claims_wording_still_finds_the_one_that_stands_for_it_and_only_once(store, fake_encoder):
    merge(store, 1, 2)
    found = [h.claim.id for h in searching.search_claims(store, fake_encoder, TEXTS[1], k=5)]
    assert found.count(1) == 1 and 2 not in found
    assert found[0] == 1
    assert 2 not in [h.claim.id for h in searching.similar_claims(store, fake_encoder, store.claims.get(1))]


def test_the_queue_offers_the_claim_that_stands_for_both_once_and_decides_on_it(store, fake_encoder):
    first = statements(store)[0]
    merge(store, 1, 2)
    offered = [h.claim.id for h in review.item(store, fake_encoder, first).hits]
    assert offered.count(1) <= 1 and 2 not in offered
    assert review.decide(store, first, 2, Relation.SAME, EDITOR).claim_id == 1
    assert store.claims.get(1).occurrence_count == 3


def test_undoing_a_merge_gives_back_what_was(store, fake_encoder):
    before = everything(store)
    made = merge(store, 1, 2)
    assert everything(store) != before
    assert merging.undo(store, made.id, EDITOR).undone_by == "anna"
    assert everything(store) == before
    with pytest.raises(NothingToUndo):
        merging.undo(store, made.id, EDITOR)


def test_merges_are_undone_in_any_order(store):
    before = everything(store)
    first, second = merge(store, 2, 3), merge(store, 1, 2)
    assert store.claims.group(3) == [1, 2, 3]
    merging.undo(store, first.id, EDITOR)
    assert store.claims.group(1) == [1, 2] and store.claims.group(3) == [3]
    merging.undo(store, second.id, EDITOR)
    assert everything(store) == before


def test_a_merge_asks_where_the_claims_differ(store, fake_encoder):
    one, two = store.claims.get(1), store.claims.get(2)
    assert [(d.kind, d.here, d.there) for d in merging.differences(store, one, two)] == [("rating", "false", "true")]
    other = store.people.put(Person(0, "Ole Holm"))
    store.claims.change(replace(two, speaker="Ole Holm", person_id=other.id))
    editing.relate(store, 1, 2, Relation.OPPOSITE, EDITOR)
    first = statements(store)[0]
    review.decide(store, first, 1, Relation.NOT_A_MATCH, EDITOR)
    review.decide(store, first, 2, Relation.SAME, EDITOR)
    found = merging.differences(store, store.claims.get(1), store.claims.get(2))
    assert [d.kind for d in found] == ["person", "rating", "relation", "decisions"]
    with pytest.raises(BadInput):
        merge(store, 1, 2, confirmed=False)
    assert store.claims.group(1) == [1]
    assert merge(store, 1, 2).act == "merged"


def test_a_promise_is_never_merged_into_what_is_none(store, fake_encoder):
    promise = pipeline.add_claim(store, fake_encoder, claim("promise", "A tunnel by 2030.", promise=Promise("It is open.", "2030-12-31")))
    with pytest.raises(BadInput):
        merge(store, 1, promise.id)
    merge(store, promise.id, 1)
    assert store.claims.get(promise.id).promise.criterion == "It is open."


def test_the_second_editor_hears_what_happened(store):
    old = saw(store, 1, 2)
    editing.put_review(store, Review("Own desk", "False", Rating.FALSE, claim_id=1), User(2, "ben", Role.EDITOR))
    with pytest.raises(ChangedMeanwhile, match="ben"):
        merging.merge(store, 1, 2, EDITOR, saw=old, confirmed=True)
    assert store.claims.group(1) == [1]


def test_only_editors_merge_and_split(store, fake_encoder):
    journalist = User(3, "cem", Role.JOURNALIST)
    with pytest.raises(NotAllowed):
        merging.merge(store, 1, 2, journalist, saw=saw(store, 1, 2), confirmed=True)
    with pytest.raises(NotAllowed):
        merging.split(store, fake_encoder, 1, Chosen(reviews=(1,)), journalist, saw=saw(store, 1), text="x")


def test_a_split_takes_what_was_chosen_to_a_new_claim_and_back(store, fake_encoder):
    one, two = statements(store)[:2]
    for statement in (one, two):
        review.decide(store, statement, 1, Relation.SAME, EDITOR)
    before = everything(store)
    own = store.claims.own(1)
    chosen = Chosen((one,), (store.claims.occurrences(1)[0].id,), (own.reviews[0].id,), (own.coverage[0].id,))
    made = split(store, fake_encoder, 1, chosen, text="The tunnel opens  soon.")
    left, new = store.claims.get(1), store.claims.get(made.other_id)
    assert (new.text, new.speaker, new.rating, new.occurrence_count) == ("The tunnel opens soon.", "Vera Lindqvist", Rating.FALSE, 2)
    assert (left.rating, left.occurrence_count, left.reviews, left.coverage) == (Rating.NOT_RATED, 1, (), ())
    assert store.decisions.links([one, two]) == {one: new.id, two: 1}
    old, now = sorted((d for d in store.decisions.of_claim(1) + store.decisions.of_claim(new.id) if d.statement_id == one), key=lambda d: d.id)
    assert old.undone_by == "anna" and isinstance(now, Decision) and now.note == "split off claim 1" and now.relation is Relation.SAME
    assert review.undo(store, EDITOR).statement_id == two, "undo in the queue takes back what was decided there"
    review.decide(store, two, 1, Relation.SAME, EDITOR)
    merging.undo(store, made.id, EDITOR)
    assert {n: f[2] for n, f in everything(store).items()} == {n: f[2] for n, f in before.items()}
    assert store.claims.own(1).reviews == own.reviews and store.claims.get(made.other_id).occurrence_count == 0


def test_what_was_split_off_is_neither_brought_back_nor_lost_by_the_next_import(store, fake_encoder):
    imported = store.claims.own(1)
    made = split(store, fake_encoder, 1, Chosen(reviews=(imported.reviews[0].id,)), into=2)
    again = replace(imported, id=0, person_id=None, reviews=tuple(replace(r, id=0, claim_id=0) for r in imported.reviews))
    assert store.claims.put(again) == (1, "unchanged")
    corrected = replace(again, text="Another text.", reviews=(replace(again.reviews[0], rating_text="Wrong"),))
    assert store.claims.put(corrected) == (1, "changed")
    assert store.claims.own(1).reviews == ()
    assert sorted(r.rating_text for r in store.claims.own(2).reviews) == ["Wrong", "true"]
    second = store.claims.own(2)
    kept = [replace(r, id=0, claim_id=0) for r in second.reviews if not r.added_at]
    assert store.claims.put(replace(second, id=0, title="New", reviews=tuple(kept))) == (2, "changed")
    assert sorted(r.rating_text for r in store.claims.own(2).reviews) == ["Wrong", "true"]
    merging.undo(store, made.id, EDITOR)
    assert [r.rating_text for r in store.claims.own(1).reviews] == ["Wrong"]
    assert [r.rating_text for r in store.claims.own(2).reviews] == ["true"]


def test_a_split_that_was_moved_on_since_is_undone_last(store, fake_encoder):
    part = Chosen(reviews=(store.claims.own(1).reviews[0].id,))
    before = everything(store)
    first = split(store, fake_encoder, 1, part, into=2)
    second = split(store, fake_encoder, 2, part, into=3)
    with pytest.raises(NothingToUndo):
        merging.undo(store, first.id, EDITOR)
    merging.undo(store, second.id, EDITOR)
    merging.undo(store, first.id, EDITOR)
    assert everything(store) == before


def test_bad_splits_are_refused(store, fake_encoder):
    part = Chosen(reviews=(store.claims.own(1).reviews[0].id,))
    for chosen, where in ((Chosen(), {"into": 2}), (part, {"into": 1}), (part, {"text": " "}), (Chosen(reviews=(99,)), {"into": 2})):
        with pytest.raises(BadInput):
            split(store, fake_encoder, 1, chosen, **where)
    assert store.rearrangements.of([1, 2, 3]) == []


def test_a_claim_made_by_a_decision_stays_when_it_was_merged_meanwhile(store, fake_encoder):
    made = review.new_claim(store, fake_encoder, statements(store)[0], EDITOR)
    merge(store, 1, made.id)
    review.undo(store, EDITOR)
    assert store.claims.get(made.id) is not None and store.claims.get(1).occurrence_count == 1


def test_those_who_follow_hear_of_a_merge_and_of_the_rating_it_changes(store):
    newest = store.events.newest()
    merge(store, 1, 2)
    told = [(e.kind, e.claim_id, e.before, e.after) for e in store.events.after(newest)]
    assert told == [
        (EventKind.RATING_CHANGED, 1, "false", "true"),
        (EventKind.MERGED, 1, TEXTS[1], TEXTS[0]),
        (EventKind.MERGED, 2, TEXTS[1], TEXTS[0]),
    ]
    assert len({e.thing for e in store.events.after(newest)}) == 2
    assert [e["action"] for e in store.audit.of("claim", 2)][-1] == "merged"


@st.composite
def acts(draw) -> list[tuple]:
    claims = st.integers(1, 5)
    one = st.one_of(
        st.tuples(st.just("merge"), claims, claims),
        st.tuples(st.just("split"), claims, st.integers(0, 63), st.integers(0, 15), st.one_of(st.none(), claims)),
        st.tuples(st.just("decide"), st.integers(0, 5), claims, st.sampled_from([Relation.SAME, Relation.SAME, Relation.NOT_A_MATCH])),
        st.tuples(st.just("undo"), st.integers(0, 9)),
    )
    return draw(st.lists(one, min_size=1, max_size=12))


numbers = itertools.count()


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The bytes of a filled store, so that each example starts from the same."""
    from factcheck.embed import FakeEncoder

    path = tmp_path_factory.mktemp("filled") / "s.db"
    store = open_store(path)
    fill(store, FakeEncoder())
    store._connection.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.close()
    return path.read_bytes()


@pytest.mark.file_only
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts())
def test_no_sequence_of_acts_loses_or_doubles_a_link_and_undoing_all_gives_the_beginning(tmp_path, fake_encoder, filled, sequence):
    path = tmp_path / f"{next(numbers)}.db"
    path.write_bytes(filled)
    store = open_store(path)
    undone_at_the_end: list[Callable[[], object]] = []
    beginning = everything(store)
    for act, *values in sequence:
        linked = set(store.decisions.links(statements(store)))
        try:
            match act:
                case "merge":
                    root, other = values
                    made = merge(store, root, other)
                    undone_at_the_end.append(lambda made=made: merging.undo(store, made.id, EDITOR))
                case "split":
                    claim_id, which, parts, into = values
                    chosen = Chosen(
                        tuple(s for i, s in enumerate(statements(store)) if which >> i & 1),
                        tuple(i for i in (1, 2) if parts >> i & 1),
                        tuple(i for i in (1, 2) if parts >> (i - 1) & 1),
                        tuple(i for i in (1, 2) if parts >> i & 1),
                    )
                    made = split(store, fake_encoder, claim_id, chosen, into=into, text="Split off.")
                    undone_at_the_end.append(lambda made=made: merging.undo(store, made.id, EDITOR))
                case "decide":
                    index, claim_id, relation = values
                    made = review.decide(store, statements(store)[index], claim_id, relation, EDITOR)
                    undone_at_the_end.append(lambda made=made: review.undo(store, EDITOR, made.id))
                    linked |= {statements(store)[index]} if relation is Relation.SAME else set()
                case "undo":
                    if values[0] < len(undone_at_the_end):
                        made = undone_at_the_end[-1 - values[0]]()
                        undone_at_the_end.pop(-1 - values[0])
                        if isinstance(made, Decision) and made.relation is Relation.SAME:
                            linked -= {made.statement_id}
        except (BadInput, AlreadyDecided, NothingToUndo, merging.NotFound):
            pass
        assert_sound(store, linked)
    for undo in reversed(undone_at_the_end):
        undo()
    assert everything(store) == beginning
    store.close()


def assert_sound(store: Store, linked: set[int]) -> None:
    """Every part is there once, every linked statement is linked once, and what is kept with claims is true."""
    db = store._connection.db
    assert [db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("reviews", "coverage", "occurrences")] == [2, 2, 2]
    twice = "SELECT statement_id FROM decisions WHERE relation = 'same' AND undone_at IS NULL GROUP BY statement_id HAVING count(*) > 1"
    assert db.execute(twice).fetchall() == []
    assert set(store.decisions.links(statements(store))) == linked
    roots = [r["id"] for r in db.execute("SELECT id FROM claims WHERE merged_into IS NULL")]
    assert sum(len(store.claims.get(i).reviews) for i in roots) == 2
    seen = [(o.id, o.statement_id) for i in roots for o in store.claims.occurrences(i)]
    assert len(seen) == len(set(seen)) == 2 + len(linked)
    for i in roots:
        assert all(store.claims.root(member) == i for member in store.claims.group(i))
        kept = store.claims.get(i)
        stored = db.execute("SELECT rating FROM claims WHERE id = ?", [i]).fetchone()["rating"]
        assert stored == kept.rating
