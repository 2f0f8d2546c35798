"""Who works here: invited by a link that works once, given a role, shut out at once, and never without an administrator."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from web_site import PASSWORD, SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck import api_tokens, desk, passwords, timezones
from factcheck.cli import cli
from factcheck.errors import BadInput, NotAllowed, NotFound
from factcheck.records import Role, User
from factcheck.web import browsers


def one(site: Site, role: Role) -> User:
    return site.store.users.by_name(site.names[role])


def actions(site: Site, object_type: str, object_id: int) -> list[str]:
    return [e["action"] for e in site.store.audit.of(object_type, object_id)]


def test_an_invitation_makes_a_user_with_its_role_and_works_once(site):
    token, made = desk.invite(site.store, "administrator-1", Role.EDITOR, " anna@example.org ")
    assert desk.invitation(site.store, token) == made and made.email == "anna@example.org"
    anna = desk.accept(site.store, token, "Anna", "a river of stones")
    assert (anna.name, anna.role, anna.email, anna.must_change_password) == ("Anna", Role.EDITOR, "anna@example.org", False)
    assert passwords.verify(site.store.users.password_hash(anna.id), "a river of stones")
    assert site.store.invitations.open() == []
    for again in (lambda: desk.invitation(site.store, token), lambda: desk.accept(site.store, token, "Ben", "a river of stones")):
        with pytest.raises(NotFound):
            again()
    assert actions(site, "user", anna.id) == ["joined"]
    assert actions(site, "invitation", made.id) == ["invited somebody", "accepted an invitation"]


def test_an_invitation_ends_when_it_is_taken_back_or_a_week_old(site):
    token, made = desk.invite(site.store, "administrator-1", Role.READER)
    desk.revoke_invitation(site.store, "administrator-1", made.id)
    old, _ = desk.invite(site.store, "administrator-1", Role.READER)
    with site.store.write() as db:
        assert token not in str([tuple(r) for r in db.execute("SELECT * FROM invitations")])
        db.execute("UPDATE invitations SET expires_at = '2024-01-01T00:00:00+00:00' WHERE revoked_at IS NULL")
    for gone in (token, old, "wrong", "", "\udcff"):
        with pytest.raises(NotFound):
            desk.invitation(site.store, gone)
    with pytest.raises(NotFound):
        desk.revoke_invitation(site.store, "administrator-1", made.id)


def test_a_name_that_is_taken_leaves_the_invitation_open(site):
    token, _ = desk.invite(site.store, "administrator-1", Role.READER)
    with pytest.raises(BadInput, match="choose another name"):
        desk.accept(site.store, token, "EDITOR-1", "a river of stones")
    assert desk.invitation(site.store, token)
    assert desk.accept(site.store, token, "Ben", "a river of stones").role is Role.READER


@pytest.mark.parametrize(
    ("text", "address"),
    [("", ""), ("  ", ""), ("anna@example.org", "anna@example.org"), (" Anna.B+c@mail.example.org ", "Anna.B+c@mail.example.org")],
)
def test_an_address_is_kept_as_typed_without_blanks(text, address):
    assert desk.mail_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "anna",
        "@example.org",
        "anna@",
        "anna@example",
        "a@b@example.org",
        "an na@example.org",
        "anna@example.org\r\nBcc: x@example.org",
        "anna@example.org, ben@example.org",
        '"a"@example.org',
        "Anna <anna@example.org>",
        "ünna@example.org",
        "a" * 250 + "@example.org",
        "anna@.",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(BadInput) as refused:
        desk.mail_address(text)
    assert refused.value.key == "email"


def test_a_role_counts_at_once_in_every_session(site):
    client = site.client(Role.EDITOR)
    assert client.get("/review").status_code == 200
    desk.change_role(site.store, "administrator-1", one(site, Role.EDITOR).id, Role.READER)
    assert client.get("/review").status_code == 403
    [entry] = [e for e in site.store.audit.of("user", one(site, Role.EDITOR).id) if e["action"] == "changed a role"]
    assert (entry["user_name"], entry["before"], entry["after"]) == ("administrator-1", {"role": "editor"}, {"role": "reader"})


def test_a_disabled_account_is_out_at_once_everywhere(site):
    client, editor = site.client(Role.EDITOR), one(site, Role.EDITOR)
    token, _ = api_tokens.make(site.store, editor, "x", ["read"], "30")
    desk.disable(site.store, "administrator-1", editor.id)
    assert client.get("/review").status_code == 303
    assert site.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    refused = site.anonymous.post("/sign-in", data={"name": "editor-1", "password": PASSWORD}, headers=SAME_ORIGIN)
    assert refused.status_code == 403 and "This account is disabled" in refused.text and "Set-Cookie" not in refused.headers
    wrong = site.anonymous.post("/sign-in", data={"name": "editor-1", "password": "wrong"}, headers=SAME_ORIGIN)
    assert wrong.status_code == 401 and "disabled" not in wrong.text  # only who knows the password learns of it

    desk.enable(site.store, "administrator-1", editor.id)
    assert site.client(Role.EDITOR).get("/review").status_code == 200
    assert [a for a in actions(site, "user", editor.id) if "account" in a] == ["disabled an account", "enabled an account"]


def test_the_last_administrator_stays(site):
    last = one(site, Role.ADMINISTRATOR)
    for attempt in (
        lambda: desk.disable(site.store, "x", last.id),
        lambda: desk.change_role(site.store, "x", last.id, Role.EDITOR),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.key == "last_administrator"
    desk.change_role(site.store, "x", one(site, Role.EDITOR).id, Role.ADMINISTRATOR)
    desk.disable(site.store, "x", last.id)
    with pytest.raises(NotAllowed):  # a disabled one does not count
        desk.change_role(site.store, "x", one(site, Role.EDITOR).id, Role.READER)
    desk.enable(site.store, "x", last.id)
    assert desk.change_role(site.store, "x", one(site, Role.EDITOR).id, Role.READER).role is Role.READER


def test_a_reset_password_works_once_and_ends_every_session(site):
    client, editor = site.client(Role.EDITOR), one(site, Role.EDITOR)
    password = desk.reset_password(site.store, "administrator-1", editor.id)
    assert client.get("/review").status_code == 303
    signed_in = site.anonymous.post("/sign-in", data={"name": "editor-1", "password": password}, headers=SAME_ORIGIN)
    assert signed_in.location.startswith("/password")
    assert password not in str(site.store.audit.of("user", editor.id))


def test_a_reset_password_ends_every_token_and_says_so_before(site):
    editor, other = one(site, Role.EDITOR), one(site, Role.READER)
    tokens = {user.id: api_tokens.make(site.store, user, "program", ["read"], "30")[0] for user in (editor, other)}
    administrator = site.client(Role.ADMINISTRATOR)
    assert "revokes all API tokens" in administrator.get(f"/users/{editor.id}").text
    desk.reset_password(site.store, "administrator-1", editor.id)
    assert api_tokens.owner(site.store, tokens[editor.id]) is None and site.store.tokens.of(editor.id) == []
    assert api_tokens.owner(site.store, tokens[other.id]) is not None


def test_ending_all_sessions_counts_them(site):
    clients, editor = [site.client(Role.EDITOR) for _ in range(3)], one(site, Role.EDITOR)
    assert desk.end_sessions(site.store, "administrator-1", editor.id) == 3
    assert {c.get("/review").status_code for c in clients} == {303}
    assert site.client(Role.EDITOR).get("/review").status_code == 200


def test_nobody_who_is_not_there_is_changed(site):
    for attempt in (
        lambda: desk.disable(site.store, "x", 99),
        lambda: desk.enable(site.store, "x", 99),
        lambda: desk.change_role(site.store, "x", 99, Role.READER),
        lambda: desk.reset_password(site.store, "x", 99),
        lambda: desk.end_sessions(site.store, "x", 99),
    ):
        with pytest.raises(NotFound):
            attempt()
    with site.store.write() as db:
        assert db.execute("SELECT count(*) FROM audit WHERE object_id = 99").fetchone()[0] == 0


def test_the_command_line_lists_gives_roles_shuts_and_opens(site, settings, monkeypatch):
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(settings.home))

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(cli, ["users", *words])
        assert result.exit_code == code, result.output
        return result.output

    assert [line.split()[:2] for line in run("list").splitlines()] == [[f"{r}-1", str(r)] for r in sorted(Role)]
    run("role", "editor-1", "reader")
    run("disable", "editor-1")
    editor = site.store.users.by_name("editor-1")
    assert (editor.role, editor.is_disabled) == (Role.READER, True)
    assert '"disabled": true' in run("list", "--json").splitlines()[-1]
    run("enable", "editor-1")
    assert not site.store.users.by_name("editor-1").is_disabled
    assert "last administrator" in run("disable", "administrator-1", code=1)
    assert "claimtrail users add nobody" in run("role", "nobody", "reader", code=1)
    assert {e["user_name"] for e in site.store.audit.of("user", editor.id)} == {"command line"}


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", "Chrome 141, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0", "Edge 141, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari 18, macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "Safari 18, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome 141, Android"),
        ("curl/8.5.0", "curl 8"),
        ("<script>alert(1)</script>", ""),
        ("Firefox/" + "9" * 400, "Firefox 9999"),
        ("x" * 1_000_000 + " Firefox/140", ""),
        ("", ""),
        (None, ""),
    ],
)  # fmt: skip
def test_a_browser_is_told_in_words_of_ours(agent, words):
    assert browsers.in_words(agent) == words


@pytest.mark.parametrize(
    ("address", "network"), [("192.0.2.17", "192.0.2.*"), ("2001:db8:12:3::9", "2001:db8:12::*"), ("", ""), (None, "")]
)
def test_the_log_keeps_the_network_and_not_the_address(address, network):
    assert browsers.network(address) == network


@pytest.mark.parametrize(
    ("text", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), (" Berlin ", "Europe/Berlin"), ("new york", "America/New_York"), ("utc", "UTC"), ("", "")],
)  # fmt: skip
def test_a_time_zone_is_found_by_its_name_or_its_city(text, zone):
    assert timezones.find(text) == zone


@pytest.mark.parametrize("text", ["Atlantis", "Europe", "../../etc/passwd", "Europe/Berlin\x00", "posixrules", "a" * 10_000])
def test_what_is_no_time_zone_is_refused(text):
    with pytest.raises(BadInput):
        timezones.find(text)
