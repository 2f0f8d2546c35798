"""The pages about accounts: administrators' users, the invited person's first page, one's own sessions and preferences, the menu."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from web_site import PASSWORD, SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from app import create_app
from factcheck import desk
from factcheck.errors import MailFailed
from factcheck.mailing import Mail
from factcheck.records import Role
from factcheck.web import auth, users
from factcheck.web.language import LANGUAGES, Words

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = {"name": "Anna", "password": "a river of stones", "again": "a river of stones"}


def invited(site: Site, role: str = "editor", **more) -> tuple[str, str]:
    """(the page's text, the path of the link on it)"""
    page = site.client(Role.ADMINISTRATOR).post("/users/invite", data={"role": role, **more}, headers=SAME_ORIGIN)
    assert page.status_code == 201 and page.headers["Cache-Control"] == "no-store"
    return page.text, re.search(r'value="http://localhost(/invitation/[\w-]+)"', page.text)[1]


def test_an_invitation_leads_to_a_name_a_password_and_the_start_page(site):
    text, link = invited(site)
    page = site.anonymous.get(link)
    assert page.status_code == 200 and "administrator-1 has invited you" in page.text and "noindex" in page.text
    joined = site.anonymous.post(link, data=NEW, headers=SAME_ORIGIN)
    assert (joined.status_code, joined.location) == (303, "/") and "HttpOnly" in joined.headers["Set-Cookie"]
    assert site.anonymous.get("/review").status_code == 200
    assert site.app.test_client().get(link).status_code == 404
    assert link not in site.client(Role.ADMINISTRATOR).get("/users").text


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": ""}, "1 to 60 characters"),
        ({"name": "editor-1"}, "Somebody is named editor-1 already"),
        ({"password": "short", "again": "short"}, "at least 10 characters"),
        ({"name": "annabella", "password": "annabella12", "again": "annabella12"}, "little more than your name"),
        ({"again": "a river of sand"}, "The two new passwords differ"),
    ],
)
def test_what_cannot_be_joined_with_is_told_and_the_name_stays(site, change, problem):
    _, link = invited(site)
    page = site.anonymous.post(link, data=NEW | change, headers=SAME_ORIGIN)
    assert page.status_code == 422 and problem in page.text
    assert "a river of stones" not in page.text and (not change.get("name", "Anna") or f'value="{change.get("name", "Anna")}"' in page.text)
    assert site.store.users.count() == 4


def test_links_are_not_guessed(site):
    statuses = [site.anonymous.get(f"/invitation/guess{i}").status_code for i in range(auth.TRIES_BY_ADDRESS + 1)]
    assert statuses == [404] * auth.TRIES_BY_ADDRESS + [429]
    _, link = invited(site)
    assert site.anonymous.get(link).status_code == 200  # a good link still works for those behind the same address


def test_the_list_shows_everybody_and_open_invitations_which_can_be_taken_back(site):
    _, link = invited(site, "reader", email="anna@example.org")
    administrator = site.client(Role.ADMINISTRATOR)
    page = administrator.get("/users").text
    assert all(name in page for name in site.names.values()) and "anna@example.org" in page
    number = site.store.invitations.open()[0].id
    assert administrator.post(f"/users/invitations/{number}/revoke", headers=SAME_ORIGIN).location == "/users?done=revoked"
    assert site.anonymous.get(link).status_code == 404
    assert "The invitation is taken back." in administrator.get("/users?done=revoked").text
    assert administrator.get("/users?done=nonsense").status_code == 200


@pytest.mark.parametrize(("form", "status"), [({"role": "king"}, 422), ({}, 422), ({"role": "reader", "email": "x"}, 422)])
def test_an_invitation_without_a_role_or_with_no_address_is_refused(site, form, status):
    page = site.client(Role.ADMINISTRATOR).post("/users/invite", data=form, headers=SAME_ORIGIN)
    assert page.status_code == status and site.store.invitations.open() == []


def test_an_administrator_changes_a_role_resets_a_password_and_shuts_and_opens_an_account(site):
    administrator, editor = site.client(Role.ADMINISTRATOR), site.store.users.by_name("editor-1")
    at = f"/users/{editor.id}"
    assert administrator.post(f"{at}/role", data={"role": "journalist"}, headers=SAME_ORIGIN).location == f"{at}?done=role"
    assert site.store.users.get(editor.id).role is Role.JOURNALIST
    page = administrator.post(f"{at}/password", headers=SAME_ORIGIN)
    password = re.search(r'value="([a-z2-9]{4}(?:-[a-z2-9]{4}){3})"', page.text)[1]
    assert page.headers["Cache-Control"] == "no-store" and password not in administrator.get(at).text
    assert administrator.post(f"{at}/disable", headers=SAME_ORIGIN).location == f"{at}?done=disabled"
    assert "Enable account" in administrator.get(at).text
    assert administrator.post(f"{at}/enable", headers=SAME_ORIGIN).location == f"{at}?done=enabled"
    assert administrator.post(f"{at}/sessions/end", headers=SAME_ORIGIN).location == f"{at}?done=sessions"
    page = administrator.get(at).text
    for line in ("changed a role", "reset a password", "disabled an account", "enabled an account", "ended all sessions"):
        assert line in page.lower(), line
    assert administrator.get("/users/99").status_code == 404


def test_the_last_administrator_is_told_why_nothing_can_be_changed(site):
    administrator, me = site.client(Role.ADMINISTRATOR), site.store.users.by_name("administrator-1")
    assert "The last administrator keeps" in administrator.get(f"/users/{me.id}").text
    for act, form in (("disable", {}), ("role", {"role": "reader"})):
        refused = administrator.post(f"/users/{me.id}/{act}", data=form, headers=SAME_ORIGIN)
        assert refused.status_code == 403 and "Make somebody else one first" in refused.text


def test_ones_own_sessions_are_listed_in_words_and_ended_one_by_one_or_together(site):
    here = site.client(Role.EDITOR)
    elsewhere, third = site.app.test_client(), site.client(Role.EDITOR)
    signed_in = elsewhere.post(
        "/sign-in", data={"name": "editor-1", "password": PASSWORD}, headers=SAME_ORIGIN | {"User-Agent": FIREFOX}
    )
    assert signed_in.status_code == 303
    page = here.get("/sessions").text
    assert "Firefox 140, Linux" in page and page.count("this one") == 1 and "127.0.0.1" in page and "Mozilla" not in page
    assert page.count("Sign out<span") == 2
    firefox = next(s for s in site.store.sessions.of(site.store.users.by_name("editor-1").id) if "Firefox" in s.agent)
    assert here.post(f"/sessions/{firefox.id}/end", headers=SAME_ORIGIN).location == "/sessions?ended=1"
    assert (elsewhere.get("/review").status_code, third.get("/review").status_code) == (303, 200)
    assert here.post(f"/sessions/{firefox.id}/end", headers=SAME_ORIGIN).status_code == 404
    here.post("/sessions/end-others", headers=SAME_ORIGIN)
    assert (here.get("/review").status_code, third.get("/review").status_code) == (200, 303)


def test_nobody_ends_the_session_of_another_and_no_page_shows_what_signs_in(site):
    editor, reader = site.client(Role.EDITOR), site.client(Role.READER)
    session = site.store.sessions.of(site.store.users.by_name("editor-1").id)[0]
    assert reader.post(f"/sessions/{session.id}/end", headers=SAME_ORIGIN).status_code == 404
    assert editor.get("/review").status_code == 200
    token = editor.get_cookie(auth.SESSION).value
    assert token not in editor.get("/sessions").text and auth.hashed(token) not in editor.get("/sessions").text


def test_preferences_keep_a_time_zone_and_an_address(site):
    editor = site.client(Role.EDITOR)
    saved = editor.post(
        "/preferences",
        data={"language": "de", "theme": "", "keys": "1", "time_zone": "berlin", "email": " anna@example.org"},
        headers=SAME_ORIGIN,
    )
    assert saved.location == "/preferences?saved=1"
    user = site.store.users.by_name("editor-1")
    assert (user.time_zone, user.email, user.language) == ("Europe/Berlin", "anna@example.org", "de")
    assert re.search(r"\d{2}:\d{2} ME(S)?Z", editor.get("/sessions").text)
    [entry] = [e for e in site.store.audit.of("user", user.id) if e["action"] == "changed preferences"]
    assert entry["before"] == {"language": "", "time_zone": "", "email": False}
    assert entry["after"] == {"language": "de", "time_zone": "Europe/Berlin", "email": True}
    editor.post("/display", data={"theme": "dark"}, headers=SAME_ORIGIN)
    user = site.store.users.by_name("editor-1")
    assert (user.time_zone, user.email, user.theme) == ("Europe/Berlin", "anna@example.org", "dark")


@pytest.mark.parametrize(("field", "value", "problem"), [("time_zone", "Atlantis", "There is no time zone Atlantis"), ("email", "anna", "no e-mail address")])  # fmt: skip
def test_a_preference_that_cannot_be_is_told_and_nothing_is_kept(site, field, value, problem):
    editor = site.client(Role.EDITOR)
    answer = editor.post("/preferences", data={"language": "de", field: value}, headers=SAME_ORIGIN)
    assert answer.status_code == 422 and problem in answer.text and f'value="{value}"' in answer.text
    assert site.store.users.by_name("editor-1").language == ""


@pytest.mark.parametrize(
    ("role", "there", "not_there"),
    [
        (Role.READER, {"/preferences", "/sessions", "/tokens"}, {"/users", "/audit", "/notes", "/review"}),
        (Role.JOURNALIST, {"/notes", "/drafts", "/articles/new"}, {"/users", "/audit", "/review"}),
        (Role.EDITOR, {"/audit", "/review"}, {"/users"}),
        (Role.ADMINISTRATOR, {"/users", "/audit", "/quality"}, set()),
    ],
)
def test_the_menu_leads_only_where_one_may_go(site, role, there, not_there):
    page = site.client(role).get("/preferences").text
    head = page[page.index("<header") : page.index("</header>")]
    links = set(re.findall(r'href="([^"?#]+)', head))
    assert there <= links and not not_there & links
    assert 'href="/preferences" aria-current="page"' in head
    assert head.count('class="nav-fold"') == 1
    client = site.client(role)
    assert {path: client.get(path).status_code for path in sorted(links)} == dict.fromkeys(sorted(links), 200)


def test_a_page_within_a_part_marks_the_part(site):
    page = site.anonymous.get(f"/people/{site.person}").text
    assert 'href="/people" aria-current="true"' in page


def test_every_page_of_an_account_speaks_both_languages(site):
    administrator = site.client(Role.ADMINISTRATOR)
    _, link = invited(site)
    paths = ["/users", "/users/1", "/sessions", "/tokens", "/preferences", "/audit", "/notes", link]
    for language in LANGUAGES:
        administrator.post("/display", data={"language": language}, headers=SAME_ORIGIN)
        for path in paths:
            answer = administrator.get(path)
            assert answer.status_code == 200 and f'<html lang="{language}"' in answer.text, path
    assert Words("de")("users.title") in administrator.get("/users").text


def test_accepting_signs_out_whoever_was_signed_in_in_that_browser(site):
    token, _ = desk.invite(site.store, "administrator-1", Role.READER)
    client = site.client(Role.EDITOR)
    client.post(f"/invitation/{token}", data=NEW, headers=SAME_ORIGIN)
    assert client.get("/review").status_code == 403
    assert site.store.sessions.of(site.store.users.by_name("editor-1").id) == []


@pytest.fixture
def mails(site, settings, fake_encoder, monkeypatch):
    """(an administrator of a site with a mail server, what was handed to it)"""
    sent: list[Mail] = []
    monkeypatch.setattr(users, "send", lambda url, sender, mail: sent.append(mail))
    app = create_app(
        replace(settings, smtp_url="smtp://localhost:2525", mail_from="desk@example.org", base_url="https://claims.example.org"),
        store=site.store,
        encoder=fake_encoder,
    )
    client = app.test_client()
    client.post("/sign-in", data={"name": "administrator-1", "password": PASSWORD}, headers=SAME_ORIGIN)
    return client, sent


def test_an_invitation_with_an_address_is_mailed_where_there_is_a_mail_server(mails):
    client, sent = mails
    page = client.post("/users/invite", data={"role": "editor", "email": "anna@example.org"}, headers=SAME_ORIGIN)
    link = re.search(r'value="(https://claims.example.org/invitation/[\w-]+)"', page.text)[1]
    [mail] = sent
    assert (mail.to, mail.subject) == ("anna@example.org", "An invitation to Claimtrail")
    assert link in mail.text and link in mail.html and "administrator-1 has invited you" in mail.text and "<br>" in mail.html
    assert "The invitation was sent to anna@example.org." in page.text
    client.post("/users/invite", data={"role": "editor"}, headers=SAME_ORIGIN)
    assert len(sent) == 1


def test_a_mail_that_does_not_go_leaves_the_link_to_hand_over(mails, monkeypatch):
    client, sent = mails

    def refuse(*_):
        raise MailFailed("The mail server did not answer.", key="mail_no_answer")

    monkeypatch.setattr(users, "send", refuse)
    page = client.post("/users/invite", data={"role": "editor", "email": "anna@example.org"}, headers=SAME_ORIGIN)
    assert page.status_code == 201 and "/invitation/" in page.text and "did not answer" in page.text and not sent
