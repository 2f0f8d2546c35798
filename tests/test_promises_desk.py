"""Promises on the desk: changes of status, terms, deadlines, and what is told of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from db import open_store
from factcheck import governments, promises, terms
from factcheck.errors import AlreadyDecided, BadInput, NotAllowed, NothingToUndo
from factcheck.records import (
    Claim,
    DeadlineState,
    EventKind,
    Government,
    Person,
    Promise,
    PromiseFilters,
    PromiseOrder,
    PromiseStatus,
    Role,
    StatusChange,
    User,
)

SOURCE = "https://example.org/source"
TODAY = date(2026, 11, 22)
NOW = "2026-11-22T12:00:00+00:00"


@pytest.fixture
def store(settings):
    opened = open_store(settings.database)
    opened.users.create("ed", "x", Role.EDITOR)
    return opened


@pytest.fixture
def editor() -> User:
    return User(1, "ed", Role.EDITOR)


def promise(store, text: str = "The tram will run all night.", **fields) -> int:
    about = {name: fields.pop(name) for name in ("person_id", "first_said_at", "origin", "topics") if name in fields}
    return store.claims.put(Claim(0, f"k-{text}", text, "en", promise=Promise(**fields), **about))[0]


def change(store, claim_id, user, status="kept", at="2026-05-01", **more):
    return promises.change_status(store, claim_id, status, more.pop("source", SOURCE), more.pop("note", ""), at, user, today=TODAY, **more)


def status(store, claim_id) -> str:
    return str(store.claims.get(claim_id).promise.status)


# Status


def test_a_change_keeps_source_date_author_and_words_in_history_log_and_events(store, editor):
    claim = promise(store)
    made = change(store, claim, editor, "in the works", note="  Rails   are laid. ")
    assert (made.status, made.at, made.source_url, made.note, made.by) == ("in the works", "2026-05-01", SOURCE, "Rails are laid.", "ed")
    assert store.claims.get(claim).promise.history == (made,)
    entry = store.audit.of("claim", claim)[-1]
    assert (entry["user_name"], entry["action"], entry["before"]) == ("ed", "changed the status of a promise", {"status": "not yet rated"})
    assert entry["after"] == {"change": made.id, "status": "in the works", "at": "2026-05-01", "source": SOURCE, "note": "Rails are laid."}
    event = store.events.of_claim(claim)[0]
    assert (event.kind, event.thing, event.before, event.after, event.by) == (
        EventKind.STATUS_CHANGED, f"status change {made.id}", "not yet rated", "in the works", "ed",
    )  # fmt: skip


def test_a_status_may_go_back(store, editor):
    claim = promise(store)
    for day, wanted in enumerate(("kept", "stalled", "not yet rated", "broken", "in the works", "compromise"), 1):
        change(store, claim, editor, wanted, f"2026-05-0{day}")
        assert status(store, claim) == wanted
    assert [str(c.status) for c in store.promises.history(claim)][-1] == "compromise"


def test_what_is_added_about_an_earlier_day_only_completes_the_history(store, editor):
    claim = promise(store)
    change(store, claim, editor, "broken", "2026-05-02")
    before = store.events.newest()
    change(store, claim, editor, "in the works", "2026-01-01")
    assert status(store, claim) == "broken" and [c.at for c in store.claims.get(claim).promise.history] == ["2026-01-01", "2026-05-02"]
    assert store.events.newest() == before  # nothing stands otherwise than before


def test_of_two_changes_on_one_day_the_later_entry_counts(store, editor):
    claim = promise(store)
    change(store, claim, editor, "stalled")
    change(store, claim, editor, "kept")
    assert status(store, claim) == "kept"


def test_no_day_is_today(store, editor):
    assert change(store, promise(store), editor, at=" ").at == "2026-11-22"


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"status": "done"}, "choose_status"),
        ({"source": " "}, "status_needs_source"),
        ({"source": "ftp://example.org"}, "status_needs_source"),
        ({"source": "https://"}, "status_needs_source"),
        ({"source": "https://example.org/a b"}, "status_needs_source"),
        ({"at": "2026-11-23"}, "day_in_future"),
        ({"at": "1 May"}, "no_day"),
        ({"note": "x" * 1001}, "status_note_too_long"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(store, editor, wrong, key):
    claim = promise(store)
    with pytest.raises(BadInput) as refused:
        change(store, claim, editor, **wrong)
    assert refused.value.key == key and store.promises.history(claim) == [] and status(store, claim) == "not yet rated"


def test_the_same_is_not_put_on_record_twice(store, editor):
    claim = promise(store)
    change(store, claim, editor)
    with pytest.raises(BadInput, match="on record already"):
        change(store, claim, editor)


def test_whoever_is_second_is_stopped(store, editor):
    claim = promise(store)
    saw = promises.seen(store.claims.get(claim))
    change(store, claim, editor, "kept", saw=saw)
    with pytest.raises(AlreadyDecided, match="changed to kept by ed"):
        change(store, claim, editor, "broken", saw=saw)
    change(store, claim, editor, "broken", saw=promises.seen(store.claims.get(claim)))
    assert status(store, claim) == "broken"


def test_a_change_taken_back_gives_the_status_before_and_stays_on_record(store, editor):
    claim = promise(store, status=PromiseStatus.STALLED)
    made = change(store, claim, editor)
    undone = promises.undo(store, made.id, editor)
    assert (undone.undone_by, status(store, claim)) == ("ed", "stalled") and store.claims.get(claim).promise.history == ()
    assert store.promises.history(claim) == [undone]
    assert [(e.before, e.after) for e in store.events.of_claim(claim) if e.kind is EventKind.STATUS_CHANGED] == [("kept", "stalled"), ("stalled", "kept")]
    with pytest.raises(NothingToUndo):
        promises.undo(store, made.id, editor)


def test_what_was_imported_is_not_taken_back(store, editor):
    claim = promise(store, history=(StatusChange(PromiseStatus.STALLED, "2026-01-01"),))
    with pytest.raises(BadInput, match="imported"):
        promises.undo(store, store.promises.history(claim)[0].id, editor)


def test_readers_and_journalists_change_nothing(store):
    claim, journalist = promise(store), User(2, "jo", Role.JOURNALIST)
    for act in (
        lambda: change(store, claim, journalist),
        lambda: promises.undo(store, 1, journalist),
        lambda: promises.set_terms(store, claim, Promise(), journalist),
        lambda: promises.no_promise(store, claim, journalist),
        lambda: governments.save(store, "X", "", "", journalist),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_change_to_a_merged_promise_goes_to_the_one_that_stands(store, editor):
    one, other = promise(store), promise(store, "The tram will run at night.")
    with store.write() as db:
        db.execute("UPDATE claims SET merged_into = ? WHERE id = ?", [one, other])
    change(store, other, editor)
    assert status(store, one) == "kept" and store.promises.history(other) == []
    assert [c.id for c in store.promises.page(PromiseFilters(), PromiseOrder.DUE, NOW)[0]] == [one]


# Terms


def test_terms_are_logged_and_outlast_an_import_until_they_are_the_imports_again(store, editor):
    claim = promise(store, criterion="Theirs.", deadline="2026-12-31", origin="x.json")
    promises.set_terms(store, claim, Promise(" Ours,  exactly. ", "2027-01-31", deadline_text="by winter"), editor)
    entry = store.audit.of("claim", claim)[-1]
    assert (entry["action"], entry["before"]["criterion"], entry["after"]["criterion"]) == ("set the terms of a promise", "Theirs.", "Ours, exactly.")
    n = len(store.audit.of("claim", claim))
    promises.set_terms(store, claim, Promise("Ours, exactly.", "2027-01-31", deadline_text="by winter"), editor)
    assert len(store.audit.of("claim", claim)) == n  # nothing changed
    assert promise(store, criterion="Theirs, new.", deadline="2028-12-31", origin="x.json") == claim
    assert store.claims.get(claim).promise.criterion == "Ours, exactly."


def test_a_claim_is_tracked_and_no_longer_tracked(store, editor):
    claim = store.claims.put(Claim(0, "c", "The hall is sold."))[0]
    promises.set_terms(store, claim, Promise("It is sold."), editor)
    change(store, claim, editor)
    promises.no_promise(store, claim, editor)
    assert store.claims.get(claim).promise is None and store.promises.counts()[PromiseStatus.KEPT] == 0
    assert [e["action"] for e in store.audit.of("claim", claim)][-3:] == [
        "made a promise of a claim", "changed the status of a promise", "no longer a promise",
    ]  # fmt: skip
    with pytest.raises(BadInput, match="not tracked"):
        change(store, claim, editor)


def test_an_imported_promise_stays_one(store, editor):
    claim = promise(store, origin="x.json")
    with pytest.raises(BadInput, match="imported"):
        promises.no_promise(store, claim, editor)
    promises.set_terms(store, claim, Promise("Ours."), editor)
    with pytest.raises(BadInput, match="imported"):
        promises.no_promise(store, claim, editor)


@pytest.mark.parametrize(
    ("made", "deadline", "runs_from"),
    [
        (lambda: terms.after_event("24", "hours", "2025-01-20", "12:00", "ET"), "2025-01-21T12:00-05:00", "2025-01-20T12:00-05:00"),
        (lambda: terms.after_event("1", "days", "2025-03-08", "12:00", "America/New_York"), "2025-03-09T13:00-04:00", "2025-03-08T12:00-05:00"),
        (lambda: terms.after_event("100", "days", "2026-05-04", "", ""), "2026-08-12", "2026-05-04"),
        (lambda: terms.after_event("2", "weeks", "", "", ""), None, None),
        (lambda: terms.at_moment("2025-07-01", "09:30", "berlin"), "2025-07-01T09:30+02:00", None),
        (lambda: terms.at_moment("2025-07-01", "09:30", "+05:30"), "2025-07-01T09:30+05:30", None),
        (lambda: terms.at_moment("2025-07-01", "09:30", "UTC-3"), "2025-07-01T09:30-03:00", None),
        (lambda: terms.on_day(" 2027-12-31 "), "2027-12-31", None),
        (lambda: terms.on_day("2027-12"), "2027-12", None),
        (lambda: terms.on_day("2027"), "2027", None),
    ],
)
def test_deadlines_as_an_editor_enters_them(made, deadline, runs_from):
    found = made()
    assert (found.deadline, found.runs_from) == (deadline, runs_from)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: terms.on_day("31.12.2027"), "no_day"),
        (lambda: terms.on_day("2027-13"), "no_day"),
        (lambda: terms.on_day(""), "no_day"),
        (lambda: terms.at_moment("2027-01-01", "noon", "ET"), "no_time"),
        (lambda: terms.at_moment("2027-01-01", "12:00", ""), "no_zone"),
        (lambda: terms.at_moment("2027-01-01", "12:00", "+15:00"), "time_zone"),
        (lambda: terms.after_event("0", "hours", "", "", ""), "no_length"),
        (lambda: terms.after_event("nan", "hours", "", "", ""), "no_length"),
        (lambda: terms.after_event("1", "moons", "", "", ""), "no_length"),
        (lambda: terms.after_event("870000", "hours", "9999-01-01", "", ""), "length_too_long"),
    ],
)
def test_deadlines_that_cannot_be(make, key):
    with pytest.raises(BadInput) as refused:
        make()
    assert refused.value.key == key


@pytest.mark.parametrize(("hours", "shown"), [(24.0, ("24", "hours")), (96.0, ("4", "days")), (336.0, ("2", "weeks")), (1.5, ("1.5", "hours"))])
def test_a_length_is_given_back_as_it_would_be_entered(hours, shown):
    assert terms.length_of(hours) == shown


# Deadlines


@pytest.mark.parametrize(
    ("deadline", "passed"),
    [
        ("2026-11-21", True),
        ("2026-11-22", False),
        ("2026-11-22T12:30+01:00", True),
        ("2026-11-22T07:30-05:00", False),
        ("2026", False),
        ("2025", True),
        ("2026-10", True),
        ("2026-11", False),
        ("soon", False),
        (None, False),
    ],
)
def test_a_deadline_has_passed_when_it_is_over_in_python_and_in_the_store(store, deadline, passed):
    assert promises.has_passed(deadline, datetime(2026, 11, 22, 12, tzinfo=UTC)) is passed
    claim = promise(store, deadline=deadline)
    found, _ = store.promises.page(PromiseFilters(deadline=DeadlineState.PASSED), PromiseOrder.DUE, NOW)
    assert [c.id for c in found] == ([claim] if passed else [])


def test_what_is_due_and_what_has_passed_without_what_is_settled(store):
    near, far, over = (promise(store, d, deadline=d) for d in ("2026-12-01", "2027-12-01", "2026-11-01"))
    promise(store, "Settled.", deadline="2026-12-02", status=PromiseStatus.KEPT)
    promise(store, "Settled long ago.", deadline="2020-12-02", status=PromiseStatus.BROKEN)
    found = promises.due(store, TODAY)
    assert [c.id for c in found.coming] == [near] and over in [c.id for c in found.passed] and far not in [c.id for c in found.coming]
    assert [c.id for c in promises.due(store, TODAY, days=400).coming] == [near, far]


def test_a_deadline_that_passes_is_told_once_and_a_new_one_once_more(store, editor):
    claim = promise(store, deadline="2098-12-31")
    settled = promise(store, "Kept already.", deadline="2098-12-31", status=PromiseStatus.KEPT)
    assert promises.note_passed_deadlines(store, datetime(2098, 12, 31, 23, tzinfo=UTC)) == 0
    assert promises.note_passed_deadlines(store, datetime(2099, 1, 1, 0, 1, tzinfo=UTC)) == 1
    assert promises.note_passed_deadlines(store, datetime(2099, 1, 2, tzinfo=UTC)) == 0
    promises.set_terms(store, claim, Promise(deadline="2099-06-30"), editor)
    assert promises.note_passed_deadlines(store, datetime(2099, 7, 1, tzinfo=UTC)) == 1
    told = [e for e in store.events.after(0) if e.kind is EventKind.DEADLINE_PASSED]
    assert [(e.claim_id, e.before, e.after) for e in told] == [(claim, "2098-12-31", "not yet rated"), (claim, "2099-06-30", "not yet rated")]
    assert len({e.thing for e in told}) == 2 and settled not in {e.claim_id for e in told}


def test_a_deadline_that_had_passed_before_the_promise_came_on_file_is_no_news(store):
    promise(store, deadline="2001-01-01")
    promise(store, "By the year.", deadline="2001")
    assert promises.note_passed_deadlines(store) == 0


# Governments and counts


def test_a_government_counts_what_was_first_said_in_office(store):
    person, other = (store.people.put(Person(0, name)).id for name in ("Mara Amt", "Paul Frei"))
    body = store.people.put(Person(0, "City Council", aliases=("The Council",), organisation=True)).id
    number = store.governments.put(Government("The Council", "2024-03-01", "2025-02-28"))
    store.governments.add_member(number, person)
    inside = [
        promise(store, "First day.", person_id=person, first_said_at="2024-03-01"),
        promise(store, "Last day.", person_id=person, first_said_at="2025-02-28T18:00:00+00:00"),
        promise(store, "In the year.", person_id=person, first_said_at="2024"),
        promise(store, "Its own, undated.", person_id=body),
    ]
    for text, who, day in (
        ("Before.", person, "2024-02-29"), ("After.", person, "2025-03-01"), ("Undated.", person, None), ("Not a member.", other, "2024-06-01"),
    ):  # fmt: skip
        promise(store, text, person_id=who, first_said_at=day)
    found, _ = store.promises.page(PromiseFilters(government_id=number), PromiseOrder.DUE, NOW)
    assert sorted(c.id for c in found) == sorted(inside)
    assert [g.id for g in store.governments.of_person(person)] == [number]


def test_counts_years_topics_and_people_leave_out_their_own_filter(store):
    person = store.people.put(Person(0, "Mara Amt")).id
    promise(store, "A", person_id=person, first_said_at="2024-01-01", topics=("Trams",), status=PromiseStatus.KEPT)
    promise(store, "B", person_id=person, first_said_at="2025-01-01", topics=("Trams", "Money"), deadline="2020-01-01")
    promise(store, "C", first_said_at="2025-05-01")
    filters = PromiseFilters(status=PromiseStatus.KEPT, topic="Trams")
    assert {str(s): n for s, n in store.promises.counts(filters, NOW).items() if n} == {"not yet rated": 1, "kept": 1}
    assert store.promises.topics(PromiseFilters(topic="Money"), NOW) == [("Trams", 2), ("Money", 1)]
    assert store.promises.years(PromiseFilters(year="2024"), NOW) == [("2025", 2), ("2024", 1)]
    assert store.promises.people(PromiseFilters(person_id=7), NOW) == [(person, "Mara Amt", 2)]
    assert store.promises.deadlines(PromiseFilters(deadline=DeadlineState.NONE), NOW) == {"coming": 0, "passed": 1, "none": 2}
    assert store.promises.by_year(PromiseFilters(), NOW) == [("2024", {"kept": 1}), ("2025", {"not yet rated": 2})]


def test_the_chart_by_change_goes_by_the_newest_change_that_stands(store, editor):
    claim = promise(store, first_said_at="2024-01-01")
    change(store, claim, editor, "stalled", "2025-02-01")
    made = change(store, claim, editor, "kept", "2026-02-01")
    assert store.promises.by_year(PromiseFilters(), NOW, changed=True) == [("2026", {"kept": 1})]
    promises.undo(store, made.id, editor)
    assert store.promises.by_year(PromiseFilters(), NOW, changed=True) == [("2025", {"stalled": 1})]
