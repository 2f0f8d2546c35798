"""People at the desk: two who are one are merged and told apart again without a trace, and nobody's change is lost."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from db import open_store
from factcheck import duplicates, namekeys, people, peopledesk, pipeline
from factcheck.articles import from_text, text_hash
from factcheck.errors import AlreadyCorrected, BadInput, NotAllowed, NothingToUndo
from factcheck.records import Claim, Kind, Occurrence, Office, Person, Role, Statement, User


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield store
    store.close()


@pytest.fixture
def anna(store) -> User:
    return store.users.by_name("anna") or _user(store, "anna", Role.EDITOR)


def _user(store, name: str, role: Role) -> User:
    store.users.create(name, "hash", role)
    return store.users.by_name(name)


def said(store, person: Person, text: str) -> Statement:
    article = store.articles.add(from_text(text), text_hash(text))
    statement = Statement(text, 0, len(text), Kind.DIRECT, speaker=person.name, person_id=person.id, said_at="2024-05-01")
    return store.articles.put_statements(article.id, "en", [statement])[0]


def claimed(store, person: Person, key: str, said_at: str | None = None) -> int:
    claim_id, _ = store.claims.put(Claim(0, key, f"Claim {key}.", "en", speaker=person.name, person_id=person.id, first_said_at=said_at))
    return claim_id


def everything(store) -> dict[str, list]:
    """All rows that a merge may touch, but the merges themselves and the log."""
    tables = (
        "people", "person_aliases", "person_offices", "government_members", "statements", "claims", "occurrences", "confirmations", "alerts", "notes",
    )  # fmt: skip
    db = store._connection.db
    keys = {"person_aliases": "folded, person_id", "government_members": "government_id, person_id"}
    return {t: [tuple(r) for r in db.execute(f"SELECT * FROM {t} ORDER BY {keys.get(t, 'id')}").fetchall()] for t in tables}


def newsroom(store, anna: User) -> list[Person]:
    """Five people with statements, claims, occurrences, shared aliases and offices, memberships and followers."""
    known = [
        store.people.put(Person(0, "Volodymyr Zelenskyy", ("Zelenskiy",), (Office("president", "2019-05-20"),))),
        store.people.put(Person(0, "Wolodymyr Selenskyj", ("Zelenskiy", "V. Zelensky"), (Office("President", "2019-05-20"), Office("comedian")), "m")),
        store.people.put(Person(0, "Zelensky", (), (Office("comedian"),), "m")),
        store.people.put(Person(0, "Vera Lindqvist", ("V. Zelensky",), (), "f")),
        store.people.put(Person(0, "Nobody Else")),
    ]
    db = store._connection.db
    with store.write():
        for n in (1, 2):
            db.execute("INSERT INTO governments (id, name, created_at) VALUES (?, ?, '')", [n, f"Cabinet {n}"])
        for government, person in ((1, 1), (1, 2), (2, 1), (2, 0)):
            db.execute("INSERT INTO government_members VALUES (?, ?)", [government, known[person].id])
        for person in known[:2]:
            db.execute("INSERT INTO alerts (user_id, name, about, object_id, created_at) VALUES (?, '', 'person', ?, '')", [anna.id, person.id])
            db.execute("INSERT INTO alerts (user_id, name, about, object_id, created_at) VALUES (?, '', 'claim', ?, '')", [anna.id, person.id])
            db.execute(
                "INSERT INTO notes (user_id, user_name, object_type, object_id, text, at) VALUES (?, 'anna', 'person', ?, 'note', '')",
                [anna.id, person.id],
            )
    for n, person in enumerate(known):
        for i in range(n + 1):
            said(store, person, f"{person.name} said number {i}.")
        claim_id = claimed(store, person, f"c{n}", "2024-01-01")
        store.claims.add_occurrence(Occurrence(claim_id, "quote", "2024-01-01", person.name, person_id=person.id))
    return [store.people.get(p.id) for p in known]


def test_a_merge_moves_everything_and_its_undo_restores_every_row(store, anna):
    known = newsroom(store, anna)
    before = everything(store)
    made = peopledesk.merge(store, known[1].id, known[0].id, anna)
    assert made.moved == {"statements": 2, "claims": 1, "occurrences": 1}
    into = store.people.get(known[0].id)
    assert {"Wolodymyr Selenskyj", "V. Zelensky", "Zelenskiy"} == set(into.aliases)
    assert into.offices == (Office("president", "2019-05-20"), Office("comedian")) and into.gender == "m"
    assert store.people.root(known[1].id) == known[0].id and store.people.get(known[1].id).merged_into == known[0].id
    assert store.people.by_name("wolodymyr selenskyj").id == known[0].id
    assert known[1].id not in {p.id for p in store.people.all()} | {p.id for p in store.people.search("Selenskyj")} | {
        p.id for p, _, _ in store.people.counts()
    }
    assert [row[1:] for row in store.people.counts() if row[0].id == known[0].id] == [(3, 2)]
    assert store.people.put(Person(0, "Wolodymyr Selenskyj")).id == known[0].id
    assert people.find("Selenskyj", store.people.all()).id == known[0].id
    peopledesk.undo_merge(store, made.id, anna)
    assert everything(store) == before
    assert [e for e in store.audit.of("person", known[0].id)] and len(list(store.audit.of("person", known[1].id))) == 2


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_merges_and_undos_ends_where_it_began(store, anna, seed):
    chance = random.Random(seed)
    known = newsroom(store, anna)
    before = everything(store)
    open_merges: list[int] = []
    for _ in range(14):
        standing = [p.id for p in known if store.people.get(p.id).merged_into is None]
        if open_merges and (len(standing) < 2 or chance.random() < 0.4):
            merge_id = chance.choice(open_merges)
            try:
                peopledesk.undo_merge(store, merge_id, anna)
                open_merges.remove(merge_id)
            except AlreadyCorrected:
                assert store.people.get(store.person_merges.get(merge_id).into_id).merged_into is not None
        else:
            one, into = chance.sample(standing, 2)
            open_merges.append(peopledesk.merge(store, one, into, anna).id)
        rows = store._connection.db.execute(
            "SELECT id, statement_count, claim_count, (SELECT count(*) FROM statements WHERE person_id = p.id),"
            " (SELECT count(*) FROM claims WHERE person_id = p.id) FROM people p"
        ).fetchall()
        assert all((r[1], r[2]) == (r[3], r[4]) for r in rows)
        hidden = {p.id for p in known} - {p.id for p in store.people.all()}
        assert not any(r[1] + r[2] for r in rows if r[0] in hidden)
    while open_merges:
        for merge_id in list(open_merges):
            try:
                peopledesk.undo_merge(store, merge_id, anna)
                open_merges.remove(merge_id)
            except AlreadyCorrected:
                continue
    assert everything(store) == before


def test_new_articles_that_use_the_other_name_go_to_the_one_that_stands(store, fake_encoder, anna):
    one = store.people.put(Person(0, "Hanna Brückner"))
    other = store.people.put(Person(0, "Johanna Brückner"))
    peopledesk.merge(store, other.id, one.id, anna)
    article, _ = pipeline.add_article(store, from_text("„Die Brücke kommt im Mai“, sagte Johanna Brückner am Montag."))
    found = pipeline.process(store, fake_encoder, article.id)
    assert [s.person_id for s in found] == [one.id]


def test_of_two_editors_at_once_the_second_hears_what_happened(store, anna):
    bert = _user(store, "bert", Role.EDITOR)
    known = newsroom(store, anna)
    saw = peopledesk.seen(known[0])
    made = peopledesk.merge(store, known[1].id, known[0].id, anna)
    with pytest.raises(AlreadyCorrected, match="anna has merged Wolodymyr Selenskyj into Volodymyr Zelenskyy"):
        peopledesk.merge(store, known[1].id, known[4].id, bert)
    with pytest.raises(AlreadyCorrected, match="anna has merged"):
        peopledesk.add_alias(store, known[1].id, "Ze", bert)
    with pytest.raises(AlreadyCorrected, match="anna has changed Volodymyr Zelenskyy meanwhile"):
        peopledesk.change(store, known[0].id, bert, saw, name="V. Zelenskyy", gender="m", organisation=False)
    peopledesk.merge(store, known[0].id, known[4].id, bert)
    with pytest.raises(AlreadyCorrected, match="bert has merged Volodymyr Zelenskyy into somebody else since"):
        peopledesk.undo_merge(store, made.id, anna)
    peopledesk.undo_merge(store, store.person_merges.in_force(known[0].id).id, anna)
    peopledesk.undo_merge(store, made.id, anna)
    with pytest.raises(NothingToUndo, match="anna has taken this merge back"):
        peopledesk.undo_merge(store, made.id, bert)
    with pytest.raises(BadInput):
        peopledesk.merge(store, known[0].id, known[0].id, anna)


def test_names_and_offices_are_changed_logged_and_checked(store, anna):
    person = store.people.put(Person(0, "Vera Lindqvist", gender="f"))
    claim, _ = store.claims.put(Claim(0, "c", "Trees.", "en", speaker="Wera Lindkvist"))  # on file under words only
    changed = peopledesk.change(store, person.id, anna, peopledesk.seen(person), name=" Vera  Lindqvist-Holm ", gender="f", organisation=False)
    assert (changed.name, changed.aliases) == ("Vera Lindqvist-Holm", ("Vera Lindqvist",))
    assert peopledesk.add_alias(store, person.id, "Wera Lindkvist", anna).aliases == ("Vera Lindqvist", "Wera Lindkvist")
    assert store.claims.get(claim).person_id == person.id
    peopledesk.remove_alias(store, person.id, "wera lindkvist", anna)
    with pytest.raises(NothingToUndo):
        peopledesk.remove_alias(store, person.id, "Wera Lindkvist", anna)
    held = peopledesk.add_office(store, person.id, "mayor of Ostrava", "2021", "2023-02", anna)
    assert held.offices == (Office("mayor of Ostrava", "2021-01-01", "2023-02-28"),)
    office = held.offices[0]
    moved = peopledesk.change_office(store, person.id, office.id, "mayor", "2021-12-08", "", anna, peopledesk.seen(held))
    assert moved.offices == (Office("mayor", "2021-12-08"),) and moved.offices[0].id == office.id
    with pytest.raises(AlreadyCorrected):
        peopledesk.change_office(store, person.id, office.id, "lord mayor", "", "", anna, peopledesk.seen(held))
    assert peopledesk.remove_office(store, person.id, office.id, anna).offices == ()
    with pytest.raises(NothingToUndo):
        peopledesk.remove_office(store, person.id, office.id, anna)
    entries = [(e["action"], e["before"], e["after"]) if isinstance(e, dict) else (e.action, e.before, e.after) for e in store.audit.of("person", person.id)]
    assert [action for action, _, _ in entries] == [
        "changed a person", "added an alias", "removed an alias", "added an office", "changed an office", "removed an office",
    ]  # fmt: skip
    assert entries[4][1]["title"] == "mayor of Ostrava" and entries[4][2] == entries[5][1]


@pytest.mark.parametrize(
    ("title", "since", "until", "message"),
    [
        ("mayor", "2022", "2021", "ends after it begins"),
        ("mayor", "2021-13", "", "is no date"),
        ("mayor", "", "30.6.2021", "is no date"),
        ("mayor", "2021-02-30", "", "is no date"),
        (" 12 ", "", "", "needs a title"),
        ("m" * 201, "", "", "at most 200"),
    ],
)
def test_an_office_that_cannot_be_is_refused(store, anna, title, since, until, message):
    person = store.people.put(Person(0, "Vera Lindqvist"))
    with pytest.raises(BadInput, match=message):
        peopledesk.add_office(store, person.id, title, since, until, anna)
    assert store.people.get(person.id).offices == ()


def test_a_name_that_is_somebody_elses_is_refused_with_advice(store, anna):
    person, other = store.people.put(Person(0, "Vera Lindqvist")), store.people.put(Person(0, "Wera Lindkvist"))
    for act in (
        lambda: peopledesk.change(store, person.id, anna, peopledesk.seen(person), name="WERA LINDKVIST", gender="", organisation=False),
        lambda: peopledesk.add_alias(store, person.id, "Wera Lindkvist", anna),
    ):
        with pytest.raises(BadInput, match="erge"):
            act()
    peopledesk.merge(store, other.id, person.id, anna)
    renamed = peopledesk.change(
        store, person.id, anna, peopledesk.seen(store.people.get(person.id)), name="Wera Lindkvist", gender="", organisation=False
    )
    assert (renamed.name, renamed.aliases) == ("Wera Lindkvist", ("Vera Lindqvist",))
    with pytest.raises(AlreadyCorrected, match="Both are now called Wera Lindkvist"):
        peopledesk.undo_merge(store, store.person_merges.of_person(person.id)[0].id, anna)


def test_journalists_read_but_do_not_change(store, anna):
    person, reader = store.people.put(Person(0, "Vera Lindqvist")), _user(store, "jo", Role.JOURNALIST)
    with pytest.raises(NotAllowed):
        peopledesk.add_alias(store, person.id, "V. L.", reader)
    with pytest.raises(NotAllowed):
        peopledesk.merge(store, person.id, 2, reader)


# Who may be one


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Wolodymyr Selenskyj", "Volodymyr Zelenskyy", "spelling"),
        ("Nikita Chruschtschow", "Nikita Khrushchev", "spelling"),
        ("Boris Jelzin", "Boris Yeltsin", "spelling"),
        ("Joe Biden", "Joseph R. Biden", "short form"),
        ("J. Biden", "Joe Biden", "initial"),
        ("Recep Tayyip Erdoğan", "Recep T. Erdogan", "same name"),
        ("Selenskyj", "Volodymyr Zelensky", "last name only"),
        ("Xi Jinping", "Xi Jingping", "typing"),
        ("Jürgen Mueller", "Juergen Müller", "spelling"),
    ],
)
def test_spellings_of_one_name_are_proposed(one, other, reason):
    assert duplicates.likeness(Person(1, one), Person(2, other)).reason == reason
    assert duplicates.likeness(Person(2, other), Person(1, one)).reason == reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Person(1, "Hunter Biden"), Person(2, "Joe Biden")),
        (Person(1, "Donald Trump"), Person(2, "Donald Trump Jr.")),
        (Person(1, "Olaf Scholz"), Person(2, "Martin Schulz")),
        (Person(1, "Jan Müller"), Person(2, "Jana Müller")),
        (Person(1, "M. Müller"), Person(2, "T. Müller")),
        (Person(1, "Maria"), Person(2, "Maria Schmidt")),
        (Person(1, "Kim Berger", gender="f"), Person(2, "Kim Berger-Holt", gender="m")),
        (Person(1, "Radio Studio4", organisation=True), Person(2, "Radio Studio5", organisation=True)),
        (Person(1, "Deutsche Bank", organisation=True), Person(2, "Deutsche Bahn", organisation=True)),
    ],
)
def test_two_people_are_not_proposed(one, other):
    assert duplicates.likeness(one, other) is None


def test_proposals_are_found_on_file_and_those_told_apart_stay_away(store, anna):
    known = newsroom(store, anna)
    vera = store.people.put(Person(0, "Vera Lindkvist"))
    merkel, typo = store.people.put(Person(0, "Angela Merkel")), store.people.put(Person(0, "Angela Merkek"))
    assert {p.name for p, _ in peopledesk.proposals(store, known[0])} == {"Wolodymyr Selenskyj", "Zelensky"}
    assert [p.id for p, _ in peopledesk.proposals(store, merkel)] == [typo.id]
    found = {frozenset((one.name, other.name)) for one, other, _ in peopledesk.all_proposals(store)}
    assert frozenset(("Vera Lindqvist", "Vera Lindkvist")) in found and frozenset(("Angela Merkel", "Angela Merkek")) in found
    peopledesk.keep_apart(store, vera.id, known[3].id, anna)
    assert not [p for p, _ in peopledesk.proposals(store, vera) if p.id == known[3].id]
    assert frozenset(("Vera Lindqvist", "Vera Lindkvist")) not in {frozenset((a.name, b.name)) for a, b, _ in peopledesk.all_proposals(store)}


def test_distance_counts_a_swap_as_one():
    assert [duplicates.distance(*p) for p in (("merkel", "merkle"), ("", "ab"), ("kitten", "sitting"), ("a", "a"))] == [1, 2, 3, 0]


def test_people_are_filed_under_their_last_name():
    assert [namekeys.filed_under(n) for n in ("Angela Merkel", "Ursula von der Leyen", "Donald Trump Jr.", "Kreml", "Émile Zola")] == [
        "merkel, angela", "leyen, ursula von der", "trump, donald jr.", "kreml", "zola, emile",
    ]  # fmt: skip
    assert namekeys.filed_under("Deutsche Bank", organisation=True) == "deutsche bank"


# Bodies


def test_a_body_named_in_an_article_is_put_on_file_as_one(store):
    bodies = ["Deutscher Wetterdienst", "Human Rights Watch", "Robert Koch-Institut", "New York Times", "IG Metall", "Ärzte ohne Grenzen"]
    persons = ["Erika Beispiel", "Ursula von der Leyen", "JD Vance", "Xi Jinping", "Scott Post", "John Board"]
    for name in (*bodies, *persons):
        pipeline.person_id(store, name, [])
    assert {p.name for p in store.people.all() if p.organisation} == set(bodies)


# At scale


def test_lists_and_proposals_hold_with_a_hundred_thousand_people(store, anna):
    chance = random.Random(7)
    letters = "abcdefghiklmnoprstuvw"
    names = {f"{''.join(chance.choices(letters, k=6)).title()} {''.join(chance.choices(letters, k=8)).title()}" for _ in range(100_000)}
    rows = [(n, n.lower(), namekeys.filed_under(n), namekeys.surname_key(n), chance.randrange(5), chance.randrange(3)) for n in sorted(names)]
    with store.write() as db:
        db.conn.executemany(
            "INSERT INTO people (name, folded, filed_under, surname_key, statement_count, claim_count, created_at) VALUES (?, ?, ?, ?, ?, ?, '')", rows
        )
    begun = time.perf_counter()
    last, total = store.people.listing(order="name", limit=50, offset=80_000)
    most, _ = store.people.listing(limit=50)
    named, _ = store.people.listing(name="ka", limit=50)
    letter, on_letter = store.people.listing(letter="m", order="name", limit=50)
    assert len(last) == len(most) == len(named) == len(letter) == 50
    assert total == sum(1 for r in rows if r[4] + r[5]) and on_letter == store.people.letters()["m"]
    assert [namekeys.filed_under(p.name) for p, _, _ in last] == sorted(namekeys.filed_under(p.name) for p, _, _ in last)
    peopledesk.proposals(store, replace(last[0][0]))
    assert time.perf_counter() - begun < 5
