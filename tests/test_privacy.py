"""Personal data: handed over whole, erased without a trace but the pseudonym, let go of in time; and the log stays what it is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlite_utils import Database
from web_site import PASSWORD, SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from db import erasures
from db.migrations import migrations
from factcheck import api_tokens, desk, drafting, errata, notes, passwords, privacy, review
from factcheck.articles import from_text
from factcheck.cli import cli
from factcheck.errors import BadInput, NotAllowed, NotFound
from factcheck.records import LogFilter, Person, Rating, Relation, Role, User
from factcheck.settings import Keep

ANNA = "Anna Ohnesorg"
REASON = "Das Zitat gehört zu einer anderen Rede."


def one(site: Site, role: Role) -> User:
    return site.store.users.by_name(site.names[role])


def everything(site: Site) -> dict[str, str]:
    """Table.column -> all that stands there, as one text."""
    found: dict[str, list[str]] = {}
    with site.store.write() as db:
        for table in site.store._connection.tables():
            for row in db.execute(f'SELECT * FROM "{table}"').fetchall():
                for column, value in dict(row).items():
                    found.setdefault(f"{table}.{column}", []).append(str(value))
    return {place: "\n".join(values) for place, values in found.items()}


def holding(site: Site, text: str) -> set[str]:
    return {place for place, held in everything(site).items() if text in held}


@pytest.fixture
def anna(site) -> User:
    """An editor who has left something of herself wherever a user can."""
    token, _ = desk.invite(site.store, "administrator-1", Role.EDITOR, "anna@example.org")
    user = desk.accept(site.store, token, ANNA, PASSWORD)
    client = site.app.test_client()
    client.post("/sign-in", data={"name": ANNA, "password": PASSWORD}, headers=SAME_ORIGIN)
    client.post("/preferences", data={"email": "anna@example.org", "language": "de", "time_zone": "Europe/Berlin"}, headers=SAME_ORIGIN)
    client.post(f"/claims/{site.claim}/review", data={"publisher": "Desk", "rating": "true", "title": "Ja"}, headers=SAME_ORIGIN)
    client.post(f"/claims/{site.claim}/occurrence", data={"quote": "Bis 2030.", "said_at": "2024-02-01"}, headers=SAME_ORIGIN)
    client.post(f"/claims/{site.claim}/status", data={"status": "in the works", "source_url": "https://example.org/x", "at": "2025-01-01"}, headers=SAME_ORIGIN)
    drafting.keep(site.store, from_text("Die Ministerin sprach am Montag in Kassel.", title="Ein Entwurf"), user)
    notes.write(site.store, user, "claim", site.claim, "Rückruf bei der Pressestelle", True)
    api_tokens.make(site.store, user, "mein Rechner", ["read"], "30")
    client.post("/alerts/follow", data={"about": "claim", "object": site.claim}, headers=SAME_ORIGIN)
    review.decide(site.store, site.statements[0].id, site.claim, Relation.SAME, user)
    review.decide(site.store, site.statements[1].id, site.claim, Relation.RELATED, user)
    review.undo(site.store, user)
    errata.correct_link(site.store, site.claim, site.statements[0].id, REASON, user)
    desk.invite(site.store, ANNA, Role.READER)
    desk.change_role(site.store, ANNA, one(site, Role.READER).id, Role.JOURNALIST)
    return user


def test_what_is_kept_of_a_user_is_handed_over_without_secrets(site, anna):
    client = site.app.test_client()
    client.post("/sign-in", data={"name": ANNA, "password": PASSWORD}, headers=SAME_ORIGIN)
    answer = client.get("/my-data.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    data = answer.json["data"]
    for table in ("users", "sessions", "api_tokens", "drafts", "notes", "decisions", "errata", "log"):
        assert data[table], table
    assert data["users"][0]["email"] == "anna@example.org" and data["drafts"][0]["text"].startswith("Die Ministerin")
    with site.store.write() as db:
        secrets = [r[0] for r in db.execute("SELECT password_hash FROM users UNION ALL SELECT token_hash FROM api_tokens UNION ALL SELECT token_hash FROM sessions")]
    assert len(secrets) > 3 and not any(s in answer.text for s in secrets)
    others = site.store.personal_data.of_user(one(site, Role.ADMINISTRATOR).id, "administrator-1")
    assert others["drafts"] == others["decisions"] == []


def test_an_erased_user_is_nowhere_and_what_was_decided_stays(site, anna):
    assert len(holding(site, ANNA)) > 8  # else this shows nothing
    log = site.store.audit.newest(LogFilter(), limit=500)
    decisions = site.store.decisions.of_claim(site.claim)
    pseudonym = privacy.erase_user(site.store, "administrator-1", anna.id)
    assert pseudonym == f"former user {anna.id}"
    assert holding(site, ANNA) == set() and holding(site, "anna@example.org") == set()
    for gone in ("Ein Entwurf", "Rückruf bei der Pressestelle", "mein Rechner"):
        assert holding(site, gone) == set(), gone

    assert [(d.id, d.relation, d.user, d.at) for d in site.store.decisions.of_claim(site.claim)] == [(d.id, d.relation, pseudonym, d.at) for d in decisions]
    now = site.store.audit.newest(LogFilter(), limit=500)
    assert now[0].action == "erased an account" and len(now) == len(log) + 1
    for was, entry in zip(log, now[1:], strict=True):  # every line still there, with nothing but the name changed
        assert (was.id, was.at, was.action, was.object_type, was.object_id) == (entry.id, entry.at, entry.action, entry.object_type, entry.object_id)
        assert entry.user_name == (pseudonym if was.user_name == ANNA else was.user_name)
        if was.user_name == ANNA and (was.object_type in ("token", "alert", "draft", "note", "webhook") or was.action == "signed in"):
            assert entry.before is entry.after is None  # what it told was Anna's alone
        else:
            assert json.dumps(entry.after) == json.dumps(was.after).replace(f'"{ANNA}"', f'"{pseudonym}"')
    assert [e.by for e in site.store.errata.newest()] == [pseudonym]
    assert site.store.problems() == []


def test_every_column_that_names_a_user_is_known_to_the_erasure():
    """A new table that keeps who did something, or that belongs to a user, is said to the erasure or fails here."""
    newest = Database(memory=True)
    migrations.apply(newest)
    columns = {t: {c.name for c in newest[t].columns} for t in newest.table_names()}
    named = {(t, c) for t, cs in columns.items() for c in cs & {"user_name", "by", "undone_by", "added_by"}}
    by_number = {("articles", "added_by"), ("reviews", "added_by")}  # the row they point to holds the pseudonym
    assert named - by_number == {(t, c) for t, cs in erasures.NAMED_USERS.items() for c in cs} | {("audit", "user_name")}
    kept = {  # what was done for the newsroom
        "claim_relations", "confirmations", "corrections", "decisions", "desk_acts", "errata", "person_merges", "rearrangements", "status_changes", "walkbacks",
    }  # fmt: skip
    assert {t for t, cs in columns.items() if "user_id" in cs} == set(erasures.OWNED) | kept


def test_an_erased_user_does_not_come_back(site, anna):
    client = site.app.test_client()
    client.post("/sign-in", data={"name": ANNA, "password": PASSWORD}, headers=SAME_ORIGIN)
    privacy.erase_user(site.store, "administrator-1", anna.id)
    assert client.get("/preferences").status_code == 303
    for name in (ANNA, f"former user {anna.id}"):
        for password in (PASSWORD, ""):
            assert site.anonymous.post("/sign-in", data={"name": name, "password": password}, headers=SAME_ORIGIN).status_code == 401
    for attempt in (
        lambda: desk.enable(site.store, "x", anna.id),
        lambda: desk.reset_password(site.store, "x", anna.id),
        lambda: privacy.erase_user(site.store, "x", anna.id),
        lambda: privacy.export_user(site.store, anna.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    administrator = site.client(Role.ADMINISTRATOR)
    assert f'href="/users/{anna.id}"' not in administrator.get("/users").text
    assert administrator.get(f"/users/{anna.id}").status_code == 404
    assert site.store.users.create(ANNA, passwords.hash_password(PASSWORD), Role.READER).id != anna.id  # the name is free again


def test_a_word_that_is_also_a_name_stays_what_it_is_elsewhere(site):
    """A user called "editor": the role in the log is not the user."""
    user = site.store.users.create("editor", passwords.hash_password(PASSWORD), Role.READER)
    desk.change_role(site.store, "editor", user.id, Role.EDITOR)
    privacy.erase_user(site.store, "administrator-1", user.id)
    [entry] = [e for e in site.store.audit.of("user", user.id) if e["action"] == "changed a role"]
    assert (entry["user_name"], entry["after"]) == (f"former user {user.id}", {"role": "editor"})


def test_the_last_administrator_is_not_erased_and_only_who_types_the_name_erases(site, anna):
    with pytest.raises(NotAllowed):
        privacy.erase_user(site.store, "x", one(site, Role.ADMINISTRATOR).id)
    administrator = site.client(Role.ADMINISTRATOR)
    assert administrator.post(f"/users/{anna.id}/erase", data={"name": "Anna"}, headers=SAME_ORIGIN).status_code == 422
    assert site.store.users.by_name(ANNA)
    assert administrator.post(f"/users/{anna.id}/erase", data={"name": ANNA.lower()}, headers=SAME_ORIGIN).status_code == 303
    assert site.store.users.by_name(ANNA) is None


# A person on file


def test_an_erased_person_is_a_pseudonym_and_texts_stay(site, fake_encoder):
    store, administrator = site.store, one(site, Role.ADMINISTRATOR)
    second = store.people.put(Person(0, "Erika Muster"))
    from factcheck import peopledesk

    peopledesk.add_alias(store, site.person, "Frau Beispiel", one(site, Role.EDITOR))
    peopledesk.add_office(store, site.person, "Verkehrsministerin", "2021", "", one(site, Role.EDITOR))
    peopledesk.merge(store, second.id, site.person, one(site, Role.EDITOR))
    told = privacy.export_person(store, site.person)["data"]
    assert {p["name"] for p in told["people"]} == {"Erika Beispiel", "Erika Muster"}
    assert told["claims"] and told["statements"] and told["person_offices"] and told["log"]
    text = store.articles.get(site.article).text

    with pytest.raises(NotAllowed):
        privacy.erase_person(store, one(site, Role.EDITOR), site.person)
    pseudonym = privacy.erase_person(store, administrator, site.person)
    assert pseudonym == f"Person {site.person}"
    for name in ("Erika Beispiel", "Erika Muster", "E. Beispiel", "Frau Beispiel", "Verkehrsministerin"):
        left = holding(site, name) - {"articles.text", "statements.before", "statements.after", "statements.text", "audit.before", "audit.after"}
        assert left == set(), name
    assert not any("Beispiel" in json.dumps([e.before, e.after]) for e in store.audit.newest(LogFilter(), limit=200))
    assert store.articles.get(site.article).text == text  # what was published stays
    claim = store.claims.get(site.claim)
    assert (claim.speaker, claim.person_id, claim.rating) == (pseudonym, site.person, Rating.MOSTLY_FALSE)
    page = site.anonymous.get(f"/people/{site.person}")
    assert page.status_code == 200 and pseudonym in page.text and "Erika Muster" not in page.text
    assert store.statement_words.words("Erika Beispiel", 5) == []
    assert store.problems() == []

    from web_site import bridge_claim

    store.claims.put(replace(bridge_claim(site.person), body="Der Import kam wieder."))
    assert store.claims.get(site.claim).speaker == pseudonym  # an import does not bring the name back


# The log


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET user_name = 'x'",
        "UPDATE audit SET after = NULL WHERE action = 'decided'",
        "UPDATE audit SET at = '2020-01-01'",
        "DELETE FROM audit",
        "UPDATE corrections SET user_name = 'x'",
    ],
)
@pytest.mark.parametrize("while_erasing", [False, True])
def test_the_log_allows_the_two_exceptions_and_nothing_else(site, change, while_erasing):
    review.decide(site.store, site.statements[0].id, site.claim, Relation.SAME, one(site, Role.EDITOR))
    if while_erasing and ("corrections" in change or "after" in change):
        return  # details may change while a name is erased: in the transaction of the erasure, which itself is in the log
    before = site.store.audit.newest(LogFilter())
    with site.store.write() as db:
        if not db.execute("SELECT 1 FROM corrections").fetchone():
            db.execute(
                "INSERT INTO corrections (article_id, act, user_name, at) VALUES (?, 'checked', 'a', '2024')", [site.article]
            )
    with pytest.raises(Exception, match="append-only"), site.store.write() as db:
        if while_erasing:
            db.execute("INSERT INTO erasing VALUES ('somebody else', 'former user 9')")
        db.execute(change)
    assert site.store.audit.newest(LogFilter()) == before


def test_permission_to_erase_ends_with_the_erasure_and_with_a_failure(site, anna, monkeypatch):
    monkeypatch.setattr(site.store.audit, "add", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        privacy.erase_user(site.store, "x", anna.id)
    assert site.store.users.by_name(ANNA) and holding(site, f"former user {anna.id}") == set()
    monkeypatch.undo()
    privacy.erase_user(site.store, "x", anna.id)
    with site.store.write() as db:
        assert db.execute("SELECT count(*) FROM erasing").fetchone()[0] == 0


# In time


def test_each_kind_goes_when_its_time_is_over_and_not_before(site, anna):
    site.store.uploads.add("claims.csv", b"x", anna.id, ANNA)
    keep = Keep(sign_ins=90, notices=365, uploads=7, drafts=200, accounts=400)
    assert privacy.let_go(site.store, keep) == {}
    desk.disable(site.store, "administrator-1", one(site, Role.READER).id)
    now = datetime.now(UTC)

    def after(days: int) -> dict[str, int]:
        return privacy.let_go(site.store, keep, now + timedelta(days=days))

    assert after(8) == {"uploads": 1}
    signed_in = [e for e in site.store.audit.newest(LogFilter(), limit=500) if e.action == "signed in"]
    assert signed_in and all(e.after for e in signed_in)
    assert after(91)["sign-ins"] >= len(signed_in)
    assert all(e.after is None for e in site.store.audit.newest(LogFilter(), limit=500) if e.action == "signed in")
    assert any(e.after for e in site.store.audit.newest(LogFilter(), limit=500) if e.action == "decided")
    assert after(201)["drafts"] == 1 and drafting_of(site, anna) == 0
    assert after(401)["accounts"] == 1
    assert site.store.users.by_name("reader-1") is None
    assert [e.action for e in site.store.audit.newest(LogFilter(), limit=1)] == ["let go of old data"]


def drafting_of(site: Site, user: User) -> int:
    with site.store.write() as db:
        return db.execute("SELECT count(*) FROM drafts WHERE user_id = ?", [user.id]).fetchone()[0]


def test_zero_keeps_for_ever(site, anna):
    far = datetime.now(UTC) + timedelta(days=36_000)
    assert privacy.let_go(site.store, Keep(0, 0, 0, 0, 0), far) == {}


def test_the_worker_lets_go_by_the_settings(site, anna, settings):
    from factcheck.worker import STEPS, Bench

    site.store.uploads.add("claims.csv", b"x", anna.id, ANNA)
    with site.store.write() as db:
        db.execute("UPDATE uploads SET at = '2020-01-01T00:00:00+00:00'")
    [step] = [s for s in STEPS if s.name == "retention"]
    assert step.run(Bench(site.store, None, settings)) is False and step.every >= 60
    assert "uploads.name" not in holding(site, "claims.csv")


def test_the_commands_hand_over_erase_and_let_go(site, anna, settings, monkeypatch):
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(settings.home))

    def run(*words: str, code: int = 0, typed: str = "") -> str:
        result = CliRunner().invoke(cli, list(words), input=typed)
        assert result.exit_code == code, result.output
        return result.output

    assert json.loads(run("users", "export", ANNA))["user"] == ANNA
    assert json.loads(run("people", "export", str(site.person)))["person"] == "Erika Beispiel"
    run("users", "erase", ANNA, code=1, typed="Anna\n")
    assert json.loads(run("users", "erase", ANNA, "--yes", "--json")) == {"erased": True, "pseudonym": f"former user {anna.id}"}
    run("people", "erase", str(site.person), typed="Erika Beispiel\n")
    assert site.store.people.get(site.person).name == f"Person {site.person}"
    assert "nothing" in run("retention")
    assert "no user" in run("users", "export", f"former user {anna.id}", code=1)
    assert "password alone" in run("users", "factor-off", "editor-1")


def test_a_confirmation_needs_the_whole_name():
    privacy.confirm("  anna   ohnesorg ", ANNA)
    for typed in ("", "Anna", "Anna Ohnesorg2"):
        with pytest.raises(BadInput):
            privacy.confirm(typed, ANNA)


@pytest.mark.parametrize("name", ['Anna "Nan" O\'Neil', "Ann%a_B!", "Jürgen \\ Groß", "安娜"])
def test_names_of_all_kinds_are_found_in_the_log(site, name):
    user = site.store.users.create(name, passwords.hash_password(PASSWORD), Role.EDITOR)
    site.store.audit.add(name, "joined", "user", user.id, after={"name": name, "role": "editor"})
    site.store.audit.add("administrator-1", "assigned", "statement", 1, after={"to": name, "note": f"für {name}"})
    privacy.erase_user(site.store, "administrator-1", user.id)
    joined, assigned = site.store.audit.of("user", user.id)[0], site.store.audit.of("statement", 1)[-1]
    assert (joined["user_name"], joined["after"]["name"]) == (f"former user {user.id}", f"former user {user.id}")
    assert assigned["after"] == {"to": f"former user {user.id}", "note": f"für {name}"}  # what people wrote stays as they wrote it
