"""Who gets in: headers on every answer, forged requests, the login gate, signing in and out, passwords."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from web_site import PASSWORD, SAME_ORIGIN, TEXT, Site, site  # noqa: F401  (a fixture)

from app import HEADERS, create_app
from factcheck import api_tokens, passwords
from factcheck.records import LogFilter, Role
from factcheck.web import access, auth

READABLE = [
    "/",
    "/search?q=Br%C3%BCcke",
    "/claims/{claim}",
    "/articles",
    "/articles/{article}",
    "/people",
    "/people/{person}",
    "/promises",
    "/quality",
]
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def paths(site: Site, templates: list[str]) -> list[str]:
    return [p.format(claim=site.claim, article=site.article, person=site.person) for p in templates]


def every_route(site: Site) -> list[tuple[str, str, str]]:
    """(endpoint, method, path with something put in for each variable)"""
    return [
        (rule.endpoint, method, re.sub(r"<[^>]+>", "1", re.sub(r"<any\((\w+)[^>]+>", r"\1", rule.rule)))
        for rule in site.app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def test_every_endpoint_has_a_rule_and_every_rule_an_endpoint(site):
    assert {rule.endpoint for rule in site.app.url_map.iter_rules()} == set(access.RULES)


def test_every_answer_carries_the_headers(site):
    answers = [site.anonymous.get(p) for p in [*paths(site, READABLE), "/nothing", "/sign-in", "/static/app.css", "/review"]]
    answers += [
        site.anonymous.post("/", headers=SAME_ORIGIN),
        site.anonymous.post("/sign-in", headers={"Sec-Fetch-Site": "cross-site"}),
    ]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.request.path
    assert HEADERS["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self'")


def test_no_page_holds_inline_script_or_style(site):
    editor = site.client(Role.EDITOR)
    for path in [*paths(site, READABLE), "/review", "/articles/new", "/password", "/preferences", "/sign-in", "/nothing"]:
        page = editor.get(path).get_data(as_text=True)
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", page), path


@pytest.mark.parametrize(
    ("headers", "cookie", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True, True),
        ({"Sec-Fetch-Site": "none"}, True, True),
        ({"Sec-Fetch-Site": "same-site"}, True, False),
        ({"Sec-Fetch-Site": "cross-site"}, True, False),
        ({"Sec-Fetch-Site": "cross-site"}, False, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, True, False),
        ({"Origin": "http://localhost"}, True, True),
        ({"Origin": "http://localhost:81"}, True, False),
        ({"Origin": "http://localhost.example.org"}, True, False),
        ({"Origin": "null"}, True, False),
        ({}, True, False),
        ({}, False, True),
    ],
)
def test_requests_from_other_sites_change_nothing(site, headers, cookie, allowed):
    client = site.client(Role.READER) if cookie else site.anonymous
    answer = client.post("/display", data={"language": "de"}, headers=headers)
    assert answer.status_code == (303 if allowed else 403)
    assert ("language=de" in str(answer.headers.getlist("Set-Cookie"))) is allowed


def test_nothing_can_be_changed_without_signing_in(site):
    before = site.store.decisions.count(), site.store.articles.count(), site.store.claims.count()
    for endpoint, method, path in every_route(site):
        if method not in UNSAFE or endpoint in {"auth.sign_in", "auth.sign_out", "auth.display", "pages.ask", "users.accept", "alerts.stop", "second_factor.ask", "resetting.forgotten", "resetting.reset"}:
            continue
        answer = site.anonymous.open(
            path, method=method, headers=SAME_ORIGIN, data={"text": "x", "claim": "1", "relation": "same"}
        )
        assert answer.status_code == 401, (method, path)
    assert before == (site.store.decisions.count(), site.store.articles.count(), site.store.claims.count())


@pytest.mark.parametrize(
    ("role", "allowed"), [(Role.READER, False), (Role.JOURNALIST, False), (Role.EDITOR, True), (Role.ADMINISTRATOR, True)]
)
def test_only_editors_decide(site, role, allowed):
    form = {"claim": site.claim, "relation": "same"}
    answer = site.client(role).post(f"/review/{site.statements[0].id}/decide", data=form, headers=SAME_ORIGIN)
    assert answer.status_code == (303 if allowed else 403)
    assert site.store.decisions.count() == allowed


@pytest.mark.parametrize(("role", "status"), [(None, 303), (Role.READER, 403), (Role.JOURNALIST, 200), (Role.EDITOR, 200)])
def test_only_journalists_add_articles(site, role, status):
    assert site.client(role).get("/articles/new").status_code == status


def test_reading_is_open_unless_the_setting_says_otherwise(site, settings, fake_encoder):
    for path in paths(site, READABLE):
        assert site.anonymous.get(path).status_code == 200, path
    closed = create_app(replace(settings, open_reading=False), store=site.store, encoder=fake_encoder).test_client()
    for path in paths(site, READABLE):
        answer = closed.get(path)
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in"), path
    assert closed.post("/ask", data={"q": "Brücke"}, headers=SAME_ORIGIN).status_code == 401
    assert closed.get("/sign-in").status_code == closed.get("/static/app.css").status_code == 200


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(site):
    answer = site.anonymous.get("/review", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in?next=/review")


def test_sign_in_leads_on_and_sets_a_guarded_cookie(site):
    form = {"name": "EDITOR-1", "password": PASSWORD, "next": "/review"}
    answer = site.anonymous.post("/sign-in", data=form, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.location) == (303, "/review")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=1209600" in cookie and "Secure" not in cookie
    assert site.anonymous.get("/review").status_code == 200


def test_cookies_are_secure_when_the_setting_says_so(site, settings, fake_encoder):
    app = create_app(replace(settings, secure_cookies=True), store=site.store, encoder=fake_encoder)
    answer = app.test_client().post("/sign-in", data={"name": "editor-1", "password": PASSWORD}, headers=SAME_ORIGIN)
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in site.anonymous.get("/").headers  # who serves over HTTP does not lock readers out


def test_the_cookie_is_not_stored_and_changes_with_each_sign_in(site):
    client = site.client(Role.EDITOR)
    first = client.get_cookie(auth.SESSION).value
    with site.store.write() as db:
        assert first not in str([tuple(r) for r in db.execute("SELECT * FROM sessions")])
    client.post("/sign-in", data={"name": "editor-1", "password": PASSWORD}, headers=SAME_ORIGIN)
    assert client.get_cookie(auth.SESSION).value != first
    client.set_cookie(auth.SESSION, first)
    assert client.get("/review").status_code == 303


def test_signing_out_ends_the_session_on_the_server(site):
    client = site.client(Role.EDITOR)
    token = client.get_cookie(auth.SESSION).value
    assert client.post("/sign-out", headers=SAME_ORIGIN).location == "/"
    client.set_cookie(auth.SESSION, token)
    assert client.get("/review").status_code == 303


def test_a_session_ends_after_its_time(site):
    client = site.client(Role.EDITOR)
    with site.store.write() as db:
        db.execute("UPDATE sessions SET expires_at = '2020-01-01T00:00:00+00:00'")
    assert client.get("/review").status_code == 303


def test_unknown_names_and_wrong_passwords_get_the_same_answer(site, monkeypatch):
    looked_at = []
    verify = passwords.verify
    monkeypatch.setattr(passwords, "verify", lambda stored, given: looked_at.append(stored) or verify(stored, given))
    pages = [
        site.anonymous.post("/sign-in", data={"name": name, "password": "wrong"}, headers=SAME_ORIGIN)
        for name in ("nobody", "editor-1")
    ]
    assert [p.status_code for p in pages] == [401, 401]
    assert pages[0].text.replace("nobody", "editor-1") == pages[1].text
    assert len(looked_at) == 2 and all(stored.startswith("$argon2id$") for stored in looked_at)


def test_guessing_is_slowed_down_by_name(site):
    def tried(name: str, password: str):
        return site.app.test_client().post("/sign-in", data={"name": name, "password": password}, headers=SAME_ORIGIN)

    assert [tried("editor-1", f"guess {i}").status_code for i in range(auth.TRIES_BY_NAME)] == [401] * auth.TRIES_BY_NAME
    refused = tried("Editor-1 ", PASSWORD)
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 600
    assert "Too many attempts. Try again in 15 minutes." in refused.text
    assert tried("reader-1", PASSWORD).status_code == 303


def test_guessing_is_slowed_down_by_address(site):
    statuses = [
        site.anonymous.post("/sign-in", data={"name": f"name {i}", "password": "x"}, headers=SAME_ORIGIN).status_code
        for i in range(auth.TRIES_BY_ADDRESS + 1)
    ]
    assert statuses == [401] * auth.TRIES_BY_ADDRESS + [429]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil",
        "/x\r\nSet-Cookie: a=b",
        "/\t/evil.example",
        "",
    ],
)
def test_next_never_leads_off_the_site(site, target):
    form = {"name": "editor-1", "password": PASSWORD, "next": target}
    assert site.anonymous.post("/sign-in", data=form, headers=SAME_ORIGIN).location == "/"


def test_a_one_time_password_must_be_changed_first(site):
    site.store.users.create("fresh", passwords.hash_password("one-time-pass"), Role.ADMINISTRATOR, must_change=True)
    client = site.app.test_client()
    signed_in = client.post(
        "/sign-in", data={"name": "fresh", "password": "one-time-pass", "next": "/people"}, headers=SAME_ORIGIN
    )
    assert signed_in.location == "/password?next=/people"
    for path in ("/", "/review", "/preferences", f"/claims/{site.claim}"):
        assert client.get(path).location.split("?")[0] == "/password"
    assert client.post(f"/review/{site.statements[0].id}/no-match", headers=SAME_ORIGIN).location == "/password"
    assert site.store.decisions.count() == 0
    assert "one-time password" in client.get("/password").text

    form = {"current": "one-time-pass", "new": PASSWORD, "again": PASSWORD, "next": "/people"}
    assert client.post("/password", data=form, headers=SAME_ORIGIN).location == "/people"
    assert client.get("/review").status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "again", "problem"),
    [
        ("wrong", "a river of stones", "a river of stones", "The current password is wrong."),
        (PASSWORD, "short", "short", "at least 10 characters"),
        (PASSWORD, "Editor-1-2024", "Editor-1-2024", "little more than your name"),
        (PASSWORD, "Password-1234", "Password-1234", "among the first that others would try"),
        (PASSWORD, "aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "among the first that others would try"),
        (PASSWORD, "x" * 1001, "x" * 1001, "too long"),
        (PASSWORD, PASSWORD, PASSWORD, "differs from the current one"),
        (PASSWORD, "a river of stones", "a river of sand", "The two new passwords differ."),
    ],
)
def test_a_password_that_is_refused_says_why(site, current, new, again, problem):
    client = site.client(Role.EDITOR)
    answer = client.post("/password", data={"current": current, "new": new, "again": again}, headers=SAME_ORIGIN)
    assert answer.status_code == 422 and problem in answer.text
    assert f'value="{new}"' not in answer.text
    assert passwords.verify(site.store.users.password_hash(site.store.users.by_name("editor-1").id), PASSWORD)


def test_changing_the_password_ends_all_other_sessions(site):
    here, elsewhere = site.client(Role.EDITOR), site.client(Role.EDITOR)
    form = {"current": PASSWORD, "new": "a river of stones", "again": "a river of stones"}
    assert here.post("/password", data=form, headers=SAME_ORIGIN).status_code == 303
    assert (here.get("/review").status_code, elsewhere.get("/review").status_code) == (200, 303)


def test_changing_the_password_offers_to_revoke_the_tokens_and_leaves_them_unless_asked(site):
    client, user = site.client(Role.EDITOR), site.store.users.by_name("editor-1")
    assert "end_tokens" not in client.get("/password").text  # there are none
    token = api_tokens.make(site.store, user, "program", ["read"], "30")[0]
    assert "Revoke my API tokens too (1)" in client.get("/password").text
    words = [PASSWORD, "a river of stones", "a river of grass"]
    for (current, new), ticked in zip(pairwise(words), ({}, {"end_tokens": "1"}), strict=True):
        assert api_tokens.owner(site.store, token) is not None
        form = {"current": current, "new": new, "again": new} | ticked
        assert client.post("/password", data=form, headers=SAME_ORIGIN).status_code == 303
    assert api_tokens.owner(site.store, token) is None
    first, last = site.store.audit.newest(LogFilter(action="changed the password"))[::-1]
    assert (first.before, last.before, last.after) == (None, {"tokens": 1}, {"tokens": 0})


def test_passwords_are_hashed_and_generated_ones_differ():
    password = passwords.make_password()
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", password) and password != passwords.make_password()
    stored = passwords.hash_password(password)
    assert stored.startswith("$argon2id$") and password not in stored
    assert passwords.verify(stored, password) and not passwords.verify(stored, password + "x")
    assert not passwords.verify("damaged", password)
    assert passwords.weakness(password, "admin") is None


def test_the_text_of_an_article_survives_signing_in_and_is_not_stored_before(site):
    answer = site.anonymous.post("/ask", data={"q": TEXT}, headers=SAME_ORIGIN)
    assert (
        answer.status_code == 200
        and "Sie habe dafür 40 Millionen" in answer.text
        and "/sign-in?next=/articles/new" in answer.text
    )
    assert site.store.articles.count() == 1
