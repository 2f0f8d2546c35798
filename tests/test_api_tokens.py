"""Tokens for programs: made once, good for what they are made for and no longer than they are made for."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from app import HEADERS
from factcheck import api_tokens
from factcheck.errors import BadInput, NotFound
from factcheck.records import Role, Scope
from factcheck.web import access, tokens

IN_A_YEAR = (datetime.now(UTC) + timedelta(days=365)).date().isoformat()


def owner(site: Site, role: Role = Role.JOURNALIST):
    return site.store.users.by_name(site.names[role])


def made(site: Site, role: Role = Role.JOURNALIST, *scopes: str, until: str = "30") -> str:
    return api_tokens.make(site.store, owner(site, role), "content system", list(scopes or ("read",)), until)[0]


def me(site: Site, token: str = "", **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return site.app.test_client().get("/api/v1/me", headers=headers | more)


def test_a_token_says_who_asks_and_what_for(site):
    answer = me(site, made(site, Role.JOURNALIST, "read", "drafts"))
    assert answer.status_code == 200
    kept = site.store.tokens.of(owner(site).id)[0]
    assert answer.json == {
        "name": "journalist-1",
        "role": "journalist",
        "token": {"name": "content system", "scopes": ["drafts", "read"], "expires": kept.expires_at},
    }
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("header", "challenge", "key"),
    [
        (None, 'Bearer realm="Claimtrail"', "Send a token"),
        ("Basic YTpi", 'Bearer realm="Claimtrail"', "Send a token"),
        ("Bearer ", 'Bearer realm="Claimtrail"', "Send a token"),
        ("Bearer clt_wrong", 'Bearer realm="Claimtrail", error="invalid_token"', "is wrong, has expired or was revoked"),
        ("Bearer \x7f\xe4", 'Bearer realm="Claimtrail", error="invalid_token"', "is wrong, has expired or was revoked"),
    ],
)
def test_without_a_good_token_the_answer_says_what_is_missing(site, header, challenge, key):
    answer = site.anonymous.get("/api/v1/me", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, challenge)
    assert answer.json["error"]["status"] == 401 and answer.json["error"]["kind"] == "NotSignedIn"
    assert key in answer.json["error"]["message"]


def test_a_cookie_is_nobody_below_the_api_and_a_token_is_nobody_elsewhere(site):
    client = site.client(Role.ADMINISTRATOR)
    assert client.get("/tokens").status_code == 200 and client.get("/api/v1/me").status_code == 401
    token = made(site, Role.ADMINISTRATOR, "admin", "read")
    answer = site.anonymous.get("/tokens", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/tokens")


def test_failures_below_the_api_are_json_whatever_is_accepted(site):
    for path, method, status in [("/api/v1/nothing", "GET", 404), ("/api/v1/me", "DELETE", 405), ("/api/v1/me", "GET", 401)]:
        answer = site.anonymous.open(path, method=method, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.json["error"]["status"]) == (status, status)
        assert set(answer.json["error"]) == {"status", "kind", "message"} and answer.json["error"]["message"]


def test_the_token_itself_is_stored_nowhere(site):
    token = made(site)
    with site.store.write() as db:
        dump = str([tuple(r) for table in ("api_tokens", "audit", "events") for r in db.execute(f"SELECT * FROM {table}")])
    assert token.startswith("clt_") and len(token) >= 40
    assert token not in dump and token.removeprefix("clt_") not in dump and api_tokens.hashed(token) in dump


def test_a_token_ends_when_it_expires_is_revoked_or_its_owner_is_disabled(site):
    token, other, third = made(site), made(site), made(site)
    with site.store.write() as db:
        db.execute("UPDATE api_tokens SET expires_at = '2024-01-01T00:00:00+00:00' WHERE token_hash = ?", [api_tokens.hashed(token)])
    assert me(site, token).status_code == 401
    kept = site.store.tokens.of(owner(site).id)
    api_tokens.revoke(site.store, owner(site), kept[1].id)
    assert (me(site, other).status_code, me(site, third).status_code) == (401, 200)
    site.store.users.disable(owner(site).id)
    assert me(site, third).status_code == 401
    site.store.users.enable(owner(site).id)
    assert me(site, third).status_code == 401  # enabling an account does not bring back what it handed out


def test_a_one_time_password_has_to_be_changed_before_tokens_work_again(site):
    token = made(site)
    site.store.users.set_password(owner(site).id, "hash", must_change=True)
    answer = me(site, token)
    assert answer.status_code == 403 and "password of your own" in answer.json["error"]["message"]


def test_an_endpoint_asks_for_its_scope_and_one_without_a_line_is_closed(site, monkeypatch):
    token = made(site, Role.JOURNALIST, "read")
    monkeypatch.setitem(access.SCOPES, "api.me", Scope.DRAFTS)
    answer = me(site, token)
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Claimtrail", error="insufficient_scope", scope="drafts"'
    assert me(site, made(site, Role.JOURNALIST, "drafts")).status_code == 200
    monkeypatch.delitem(access.SCOPES, "api.me")
    assert me(site, token).status_code == 403


def test_a_token_never_does_more_than_its_owner_may(site, monkeypatch):
    token = made(site, Role.JOURNALIST, "write")
    monkeypatch.setitem(access.RULES, "api.me", (Role.EDITOR, Role.EDITOR))
    assert me(site, token).json["error"]["kind"] == "NotAllowed"
    site.store.users.set_role(owner(site).id, Role.EDITOR)
    assert me(site, token).status_code == 200
    site.store.users.set_role(owner(site).id, Role.READER)
    assert me(site, token).status_code == 403


def test_every_endpoint_of_the_api_has_a_scope_and_no_other_has(site):
    below = {r.endpoint for r in site.app.url_map.iter_rules() if r.rule.startswith(access.API)}
    assert below == set(access.SCOPES)
    assert set(access.SCOPES.values()) <= {*Scope, access.ANY_SCOPE}


def test_guessing_tokens_is_slowed_down_and_good_ones_still_pass(site):
    token = made(site)
    statuses = [me(site, f"clt_guess{i}").status_code for i in range(tokens.WRONG_TOKENS + 1)]
    assert statuses == [401] * tokens.WRONG_TOKENS + [429]
    refused = me(site, "clt_guess")
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 600
    assert refused.json["error"]["kind"] == "TooManyTries"
    assert me(site, token).status_code == 200
    signed_in = site.app.test_client().post(
        "/sign-in", data={"name": "reader-1", "password": "quiet river stone"}, headers=SAME_ORIGIN
    )
    assert signed_in.status_code == 303


@pytest.mark.parametrize(
    ("name", "scopes", "until", "key"),
    [
        ("", ["read"], "30", "token_name"),
        ("x" * 61, ["read"], "30", "token_name"),
        ("a\u202eb", ["read"], "30", "token_name"),
        ("a", [], "30", "token_scopes"),
        ("a", ["everything"], "30", "token_scopes"),
        ("a", ["read", "decide"], "30", "token_scopes"),  # a journalist does not decide
        ("a", ["admin"], "30", "token_scopes"),
        ("a", ["read"], "", "token_until"),
        ("a", ["read"], "never", "token_until"),
        ("a", ["read"], "0", "token_until_range"),
        ("a", ["read"], "367", "token_until_range"),
        ("a", ["read"], "2020-01-01", "token_until_range"),
        ("a", ["read"], "9999-12-31", "token_until_range"),
        ("a", ["read"], "२०", "token_until"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(site, name, scopes, until, key):
    with pytest.raises(BadInput) as refused:
        api_tokens.make(site.store, owner(site), name, scopes, until)
    assert refused.value.key == key
    assert site.store.tokens.of(owner(site).id) == []


def test_a_token_lasts_for_the_days_or_to_the_end_of_the_day_chosen(site):
    made(site, until="90")
    made(site, until=IN_A_YEAR)
    last, first = (t.expires_at for t in site.store.tokens.of(owner(site).id))
    assert abs(datetime.fromisoformat(first) - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=1)
    assert last == f"{IN_A_YEAR}T23:59:59+00:00"


def test_there_is_an_end_to_how_many_tokens_one_has(site):
    for _ in range(api_tokens.MOST):
        made(site)
    with pytest.raises(BadInput, match="Revoke one first"):
        made(site)


def test_nobody_revokes_the_token_of_another(site):
    made(site)
    kept = site.store.tokens.of(owner(site).id)[0]
    with pytest.raises(NotFound):
        api_tokens.revoke(site.store, owner(site, Role.ADMINISTRATOR), kept.id)
    answer = site.client(Role.EDITOR).post(f"/tokens/{kept.id}/revoke", headers=SAME_ORIGIN)
    assert answer.status_code == 404 and len(site.store.tokens.of(owner(site).id)) == 1


def test_the_page_shows_a_new_token_once_and_never_again(site):
    client = site.client(Role.EDITOR)
    form = {"name": "Redaktionssystem <b>", "scopes": ["read", "decide"], "until": "30"}
    page = client.post("/tokens", data=form, headers=SAME_ORIGIN)
    token = page.text.split('value="clt_')[1].split('"')[0]
    assert page.status_code == 201 and page.headers["Cache-Control"] == "no-store"
    assert "Redaktionssystem &lt;b&gt;" in page.text
    assert me(site, "clt_" + token).json["name"] == "editor-1"
    again = client.get("/tokens")
    assert "clt_" not in again.text and "Redaktionssystem" in again.text and "decide and correct" in again.text
    kept = site.store.tokens.of(site.store.users.by_name("editor-1").id)[0]
    assert kept.used_at
    assert client.post(f"/tokens/{kept.id}/revoke", headers=SAME_ORIGIN).location == "/tokens?revoked=1"
    assert me(site, "clt_" + token).status_code == 401


def test_the_page_offers_only_what_ones_role_reaches_and_keeps_what_was_typed(site):
    reader = site.client(Role.READER)
    assert 'value="read"' in reader.get("/tokens").text and 'value="drafts"' not in reader.get("/tokens").text
    answer = reader.post(
        "/tokens", data={"name": "Feed", "scopes": ["admin"], "until": "day", "day": "2020-01-01"}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 422 and 'value="Feed"' in answer.text and 'value="2020-01-01"' in answer.text


def test_making_and_revoking_stand_in_the_log(site):
    token = made(site, Role.JOURNALIST, "read")
    kept = site.store.tokens.of(owner(site).id)[0]
    api_tokens.revoke(site.store, owner(site), kept.id)
    entries = site.store.audit.of("token", kept.id)
    told = {"name": "content system", "scopes": ["read"], "until": kept.expires_at}
    assert [(e["action"], e["before"], e["after"]) for e in entries] == [
        ("made a token", None, told),
        ("revoked a token", told, None),
    ]
    assert token not in str(entries)


def test_who_adds_articles_downloads_the_extension_as_it_is(site):
    page = site.client(Role.JOURNALIST).get("/tokens").text
    assert 'href="/extension.zip"' in page and 'href="/extension.zip"' not in site.client(Role.READER).get("/tokens").text
    answer = site.client(Role.JOURNALIST).get("/extension.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        packed = {name.removeprefix("claimtrail/"): archive.read(name) for name in archive.namelist()}
    assert packed == {str(f.relative_to(tokens.EXTENSION)): f.read_bytes() for f in tokens.EXTENSION.rglob("*") if f.is_file()}
    assert "manifest.json" in packed
