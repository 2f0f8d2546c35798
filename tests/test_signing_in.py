"""Getting in: a second factor that is asked for and used up, a way back for who forgot the password, sessions that end, addresses behind proxies."""

from __future__ import annotations

import hashlib
import io
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from receivers import MailServer
from web_site import PASSWORD, SAME_ORIGIN, TEXT, Site, site  # noqa: F401  (a fixture)

from app import create_app
from factcheck import alertdesk, api_tokens, desk, drafting, logbook, notes, passwords, secondfactor, signing_in, webhooks
from factcheck.articles import from_text
from factcheck.errors import BadInput, BadSettings, NotFound, StoreUnavailable
from factcheck.records import LogFilter, Role, User
from factcheck.settings import read_settings
from factcheck.web import access, auth, proxies, second_factor
from factcheck.worker import STEPS, Bench

NEW = "seven green bottles"
SMTP_PASSWORD = "nine-sunken-harbours"


def dumped(site: Site) -> str:
    """Every cell of the database."""
    with site.store.write() as db:
        return "\n".join(str(tuple(row)) for table in site.store._connection.tables() for row in db.execute(f'SELECT * FROM "{table}"').fetchall())


def one(site: Site, role: Role) -> User:
    return site.store.users.by_name(site.names[role])


def secret_on(page: str) -> tuple[str, bytes]:
    """(salt, secret) as the page to turn it on offers them."""
    from base64 import b32decode

    salt = re.search(r'name="salt" value="([^"]+)"', page)[1]
    typed = re.search(r'id="typed" translate="no">([^<]+)<', page)[1]
    return salt, b32decode(typed.replace(" ", ""))


def now_step() -> int:
    return int(datetime.now(UTC).timestamp()) // secondfactor.STEP


def turned_on(site: Site, role: Role = Role.EDITOR) -> tuple[bytes, list[str]]:
    """Turn it on through the pages; (secret, recovery codes). The code of the step before is used up, so that those of now are good."""
    client = site.client(role)
    salt, secret = secret_on(client.get("/second-factor").text)
    form = {"salt": salt, "code": secondfactor.code(secret, now_step() - 1), "password": PASSWORD}
    done = client.post("/second-factor/on", data=form, headers=SAME_ORIGIN)
    assert done.status_code == 201, done.text
    return secret, re.findall(r"<li><code>([a-z0-9-]+)</code></li>", done.text)


def half(site: Site, role: Role = Role.EDITOR):
    client = site.app.test_client()
    sent = client.post("/sign-in", data={"name": site.names[role], "password": PASSWORD, "next": "/review"}, headers=SAME_ORIGIN)
    assert (sent.status_code, sent.location) == (303, "/sign-in/code?next=/review")
    return client


def give(client, code: str):
    return client.post("/sign-in/code", data={"code": code, "next": "/review"}, headers=SAME_ORIGIN)


# Codes


@pytest.mark.parametrize(
    ("moment", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(moment, digits):
    secret = b"12345678901234567890"
    assert secondfactor.code(secret, moment // 30) == digits
    for off in (-30, 0, 30):
        assert secondfactor.step_of(f" {digits[:3]} {digits[3:]}", secret, moment + off) == moment // 30
    for off in (-90, 90):
        assert secondfactor.step_of(digits, secret, moment + off) is None


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "２８７０８２", "28708a", "-28708", "1e5000", "\x00287082"])
def test_what_are_no_six_digits_is_no_code(typed):
    assert secondfactor.step_of(typed, b"12345678901234567890", 59) is None


def test_the_database_alone_makes_no_codes(site, tmp_path):
    secret, codes = turned_on(site)
    salt = site.store.factors.salt(one(site, Role.EDITOR).id)
    dump = dumped(site)
    assert salt in dump
    assert secret.hex() not in dump.lower() and secondfactor.written(secret).replace(" ", "") not in dump
    assert not any(c in dump or c.replace("-", "") in dump for c in codes)
    with pytest.raises((StoreUnavailable, AssertionError)):  # another installation with a copy of the database
        assert secondfactor.secret(tmp_path / "elsewhere", one(site, Role.EDITOR).id, salt) == secret


def test_the_picture_holds_the_address_and_nothing_that_the_page_may_not_have(site):
    page = site.client(Role.EDITOR).get("/second-factor").text
    assert re.search(r'<svg viewBox="0 0 \d+ \d+" class="qr">', page) and not re.search(r"<svg[^>]*\sstyle=|<style", page)
    address = secondfactor.address("Anna & Ben", b"12345678901234567890")
    assert address.startswith("otpauth://totp/Claimtrail:Anna%20%26%20Ben?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Claimtrail")


# Signing in with it


def test_the_password_alone_lets_nobody_in(site):
    secret, _ = turned_on(site)
    client = half(site)
    assert client.get("/review").status_code == 303 and client.get_cookie(auth.SESSION) is None
    assert give(client, "000000").status_code == 401
    done = give(client, secondfactor.code(secret, now_step()))
    assert (done.status_code, done.location) == (303, "/review")
    assert client.get("/review").status_code == 200 and client.get_cookie(auth.HALF) is None
    failed = [e for e in site.store.audit.newest(LogFilter(), limit=50) if e.action == "failed to sign in"]
    assert failed[0].after["reason"] == "code"


def test_a_code_is_taken_once(site):
    secret, _ = turned_on(site)
    code = secondfactor.code(secret, now_step())
    assert give(half(site), code).status_code == 303
    assert give(half(site), code).status_code == 401  # over a shoulder, within its half minute
    assert give(half(site), secondfactor.code(secret, now_step() - 1)).status_code == 401  # nor an earlier one


def test_recovery_codes_are_taken_once_each_and_new_ones_void_them(site):
    _, codes = turned_on(site)
    assert len(set(codes)) == secondfactor.CODES
    client = half(site)
    assert give(client, f" {codes[0].upper().replace('-', ' ')} ").status_code == 303
    assert give(half(site), codes[0]).status_code == 401
    assert site.store.factors.codes_left(one(site, Role.EDITOR).id) == secondfactor.CODES - 1
    fresh = client.post("/second-factor/codes", data={"password": PASSWORD}, headers=SAME_ORIGIN)
    assert fresh.status_code == 201 and codes[1] not in fresh.text
    assert give(half(site), codes[1]).status_code == 401
    assert give(half(site), re.search(r"<li><code>([a-z0-9-]+)</code></li>", fresh.text)[1]).status_code == 303


def test_guessing_codes_is_slowed_down_also_with_the_password_at_hand(site):
    secret, _ = turned_on(site)
    statuses = [give(half(site), "000000").status_code for _ in range(second_factor.TRIES + 1)]
    assert statuses == [401] * second_factor.TRIES + [429]
    refused = give(half(site), secondfactor.code(secret, now_step()))
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 600


def test_what_is_half_done_ends_by_itself_and_with_the_account(site):
    secret, _ = turned_on(site)
    client, late = half(site), half(site)
    with site.store.write() as db:
        db.execute("UPDATE half_sign_ins SET expires_at = '2024-01-01T00:00:00+00:00'")
    assert late.get("/sign-in/code").location.startswith("/sign-in?")
    client = half(site)
    desk.disable(site.store, "x", one(site, Role.EDITOR).id)
    assert give(client, secondfactor.code(secret, now_step())).location.startswith("/sign-in?")
    assert site.anonymous.get("/sign-in/code").location.startswith("/sign-in?")


def test_it_is_turned_on_by_a_code_and_off_by_the_password(site):
    client, editor = site.client(Role.EDITOR), one(site, Role.EDITOR)
    salt, secret = secret_on(client.get("/second-factor").text)
    good = secondfactor.code(secret, now_step())
    for form in ({"code": "000000"}, {"password": "wrong"}, {"salt": ""}, {"salt": "x" * 5_000}, {"salt": signing_in.new_salt()}):
        sent = client.post("/second-factor/on", data={"salt": salt, "code": good, "password": PASSWORD} | form, headers=SAME_ORIGIN)
        assert sent.status_code == 422 and site.store.factors.salt(editor.id) == "", form
    assert client.post("/second-factor/on", data={"salt": salt, "code": good, "password": PASSWORD}, headers=SAME_ORIGIN).status_code == 201
    page = client.get("/second-factor").text
    assert "The second factor is on." in page and secondfactor.written(secret) not in page and 'class="qr"' not in page
    with pytest.raises(BadInput):
        signing_in.turn_on(site.store, home(site), editor, salt, good)
    assert client.post("/second-factor/off", data={"password": "wrong"}, headers=SAME_ORIGIN).status_code == 422
    assert client.post("/second-factor/off", data={"password": PASSWORD}, headers=SAME_ORIGIN).status_code == 303
    assert site.client(Role.EDITOR).get("/review").status_code == 200
    actions = [e["action"] for e in site.store.audit.of("user", editor.id)]
    assert "turned the second factor on" in actions and "turned the second factor off" in actions


def home(site: Site):
    return site.app.extensions["claimtrail"].settings.home


def test_an_administrator_turns_it_off_for_who_lost_it(site):
    turned_on(site)
    editor = one(site, Role.EDITOR)
    page = site.client(Role.ADMINISTRATOR).get(f"/users/{editor.id}").text
    assert f'action="/users/{editor.id}/second-factor/off"' in page
    site.client(Role.ADMINISTRATOR).post(f"/users/{editor.id}/second-factor/off", headers=SAME_ORIGIN)
    assert site.client(Role.EDITOR).get("/review").status_code == 200
    with pytest.raises(NotFound):
        signing_in.turn_off(site.store, "x", 99)


def test_a_new_password_does_not_turn_it_off(site):
    turned_on(site)
    password = desk.reset_password(site.store, "administrator-1", one(site, Role.EDITOR).id)
    sent = site.anonymous.post("/sign-in", data={"name": "editor-1", "password": password}, headers=SAME_ORIGIN)
    assert sent.location.startswith("/sign-in/code")


# A forgotten password


@pytest.fixture
def post(site, settings, fake_encoder):
    """The site with a mail server, and the worker's step that answers a wish."""
    server = MailServer(user="desk", password=SMTP_PASSWORD)
    smtp_url = server.start().replace("smtp://", f"smtp://desk:{SMTP_PASSWORD}@")
    mailing = replace(settings, smtp_url=smtp_url, mail_from="desk@example.org", base_url="https://claims.example.org")
    site.app = create_app(mailing, store=site.store, encoder=fake_encoder)
    site.anonymous = site.app.test_client()
    editor = one(site, Role.EDITOR)
    site.store.users.set_preferences(editor.id, language="de", theme="", keys=True, email="Editor@Example.org")
    [step] = [s for s in STEPS if s.name == "resets"]
    yield server, lambda: step.run(Bench(site.store, None, mailing))
    server.stop()


def ask(site: Site, email: str):
    return site.app.test_client().post("/forgotten", data={"email": email}, headers=SAME_ORIGIN)


def test_a_link_by_mail_lets_choose_a_password_once(site, post):
    server, tick = post
    client = site.client(Role.EDITOR)
    assert ask(site, "editor@example.org").location == "/forgotten?sent=1"
    assert tick() and not tick()
    [mail] = server.mails
    assert server.sign_ins == 1
    assert mail["To"] == "Editor@Example.org" and mail["Subject"] == "Neues Passwort für Claimtrail"
    token = re.search(r"https://claims\.example\.org/reset/([\w-]{43})", mail.get_body(("plain",)).get_content())[1]
    assert token not in dumped(site)

    page = site.anonymous.get(f"/reset/{token}")
    assert page.status_code == 200 and page.headers["Referrer-Policy"] == "same-origin" and "noindex" in page.text
    for form in ({"password": "short"}, {"password": "password1234"}, {"password": NEW, "again": "other words here"}):
        assert site.anonymous.post(f"/reset/{token}", data={"again": form["password"]} | form, headers=SAME_ORIGIN).status_code == 422
    program = api_tokens.make(site.store, one(site, Role.EDITOR), "program", ["read"], "30")[0]
    assert "end_tokens" not in page.text and "end_tokens" in site.anonymous.get(f"/reset/{token}").text
    done = site.anonymous.post(f"/reset/{token}", data={"password": NEW, "again": NEW, "end_tokens": "1"}, headers=SAME_ORIGIN)
    assert api_tokens.owner(site.store, program) is None
    assert (done.status_code, done.location) == (303, "/sign-in?reset=1")
    assert client.get("/review").status_code == 303  # every session has ended
    assert site.anonymous.post("/sign-in", data={"name": "editor-1", "password": PASSWORD}, headers=SAME_ORIGIN).status_code == 401
    assert site.anonymous.post("/sign-in", data={"name": "editor-1", "password": NEW}, headers=SAME_ORIGIN).status_code == 303
    assert site.app.test_client().get(f"/reset/{token}").status_code == 404
    assert site.app.test_client().post(f"/reset/{token}", data={"password": NEW, "again": NEW}, headers=SAME_ORIGIN).status_code == 404


def test_nobody_learns_whose_an_address_is(site, post):
    server, tick = post
    known, unknown = ask(site, "editor@example.org"), ask(site, "nobody@example.org")
    assert (known.status_code, known.location, known.text) == (unknown.status_code, unknown.location, unknown.text)
    assert tick() and tick() and not tick()
    assert len(server.mails) == 1
    assert "nobody@example.org" not in dumped(site)


def test_a_link_ends_by_time_by_a_newer_one_and_with_the_account(site, post):
    server, tick = post

    def link() -> str:
        ask(site, "editor@example.org")
        tick()
        return re.search(r"/reset/([\w-]{43})", server.mails[-1].get_body(("plain",)).get_content())[1]

    first, second = link(), link()
    assert site.app.test_client().get(f"/reset/{first}").status_code == 404
    assert site.app.test_client().get(f"/reset/{second}").status_code == 200
    desk.disable(site.store, "x", one(site, Role.EDITOR).id)
    assert site.app.test_client().get(f"/reset/{second}").status_code == 404
    desk.enable(site.store, "x", one(site, Role.EDITOR).id)
    with site.store.write() as db:
        db.execute("UPDATE password_resets SET expires_at = '2024-01-01T00:00:00+00:00'")
    assert site.app.test_client().get(f"/reset/{second}").status_code == 404


def test_links_are_asked_for_seldom_and_guessed_slowly(site, post):
    server, tick = post
    statuses = [ask(site, "editor@example.org").status_code for _ in range(4)]
    assert statuses == [303, 303, 303, 429]
    assert ask(site, "not an address").status_code == 422
    guesses = [site.app.test_client().get(f"/reset/{'x' * 43}").status_code for _ in range(auth.TRIES_BY_ADDRESS + 1)]
    assert guesses[0] == 404 and guesses[-1] == 429


def test_a_wish_that_waited_too_long_and_a_mail_that_is_not_taken_harm_nothing(site, post):
    server, tick = post
    ask(site, "editor@example.org")
    with site.store.write() as db:
        db.execute("UPDATE reset_wishes SET at = '2024-01-01T00:00:00+00:00'")
    assert tick() and server.mails == []
    server.answers = ["550 no"]
    ask(site, "editor@example.org")
    assert tick() and not tick() and server.mails == []


def test_without_a_mail_server_the_page_says_whom_to_ask(site):
    page = site.anonymous.get("/forgotten").text
    assert "Ask an administrator" in page and 'name="email"' not in page


# Sessions


def test_a_session_ends_when_it_is_not_used(site):
    client = site.client(Role.EDITOR)
    assert client.get("/review").status_code == 200
    ago = (datetime.now(UTC) - timedelta(hours=71)).isoformat(timespec="seconds")
    with site.store.write() as db:
        db.execute("UPDATE sessions SET seen_at = ?", [ago])
    assert client.get("/review").status_code == 200  # which is a use
    with site.store.write() as db:
        assert db.execute("SELECT min(seen_at) FROM sessions").fetchone()[0] > ago
        db.execute("UPDATE sessions SET seen_at = ?", [(datetime.now(UTC) - timedelta(hours=73)).isoformat(timespec="seconds")])
    assert client.get("/review").status_code == 303


def test_how_long_sessions_last_is_a_setting(site, settings, fake_encoder):
    app = create_app(replace(settings, session_days=1, session_idle_hours=0), store=site.store, encoder=fake_encoder)
    client = app.test_client()
    sent = client.post("/sign-in", data={"name": "editor-1", "password": PASSWORD}, headers=SAME_ORIGIN)
    assert "Max-Age=86400" in sent.headers["Set-Cookie"]
    with site.store.write() as db:
        db.execute("UPDATE sessions SET seen_at = '2024-01-01T00:00:00+00:00'")
    assert client.get("/review").status_code == 200


# Passwords


@pytest.mark.parametrize(
    "password", ["1q2w3e4r5t6y", "qwertyuiop123", "Passw0rd 1234", "iloveyou2026", "Sommer 2026!!", "Bundesliga-2025", "manchester1", "aaaaaaaaaaaa"]
)
def test_what_others_would_try_first_is_refused(password):
    assert passwords.weakness(password, "anna") == "common"


@pytest.mark.parametrize("password", [PASSWORD, NEW, "Donaudampfschiff auf Reisen", "kv7-pwmz-x4r9-dtah", "日本語のパスワードです。"])
def test_what_nobody_would_try_first_is_taken(password):
    assert passwords.weakness(password, "anna") is None
    assert all(passwords.weakness(passwords.make_password(), "anna") is None for _ in range(50))


def test_the_list_says_where_it_is_from():
    text = passwords._LIST.read_text()
    whole, words = passwords._common()
    assert "BSD-3-Clause" in text and "MIT" in text and len(whole) > 2_000 and len(words) > 3_000
    assert all(len(p) >= passwords.LEAST for p in whole)


# Behind proxies


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),  # the first is what the reader claims
        ("10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"),  # two proxies
        ("10.0.0.1", "203.0.113.7:4711, [2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", ", ".join(["203.0.113.7"] * 10_000), "203.0.113.7"),
        ("192.0.2.1", "203.0.113.7", "192.0.2.1"),  # no trusted proxy says anything
    ],
)
def test_the_address_is_what_trusted_proxies_say(site, settings, fake_encoder, peer, forwarded, seen):
    app = create_app(replace(settings, trusted_proxies=("10.0.0.0/8",)), store=site.store, encoder=fake_encoder)
    sent = app.test_client().post(
        "/sign-in", data={"name": "editor-1", "password": PASSWORD}, headers=SAME_ORIGIN | {"X-Forwarded-For": forwarded},
        environ_base={"REMOTE_ADDR": peer},
    )  # fmt: skip
    assert sent.status_code == 303
    [session] = site.store.sessions.of(one(site, Role.EDITOR).id)
    assert session.address == seen


def test_the_limit_by_address_counts_each_reader_behind_a_proxy(site, settings, fake_encoder, monkeypatch):
    monkeypatch.setattr(auth, "TRIES_BY_ADDRESS", 3)
    app = create_app(replace(settings, trusted_proxies=("127.0.0.1",)), store=site.store, encoder=fake_encoder)

    def attempt(n: int, address: str) -> int:
        form = {"name": f"nobody {n}", "password": "wrong"}
        return app.test_client().post("/sign-in", data=form, headers=SAME_ORIGIN | {"X-Forwarded-For": address}).status_code

    assert [attempt(n, "203.0.113.7") for n in range(4)] == [401, 401, 401, 429]
    assert attempt(9, "203.0.113.8") == 401
    lying = [attempt(20 + n, f"198.51.100.{n}, 203.0.113.9") for n in range(4)]
    assert lying == [401, 401, 401, 429]


def test_the_scheme_is_what_the_nearest_trusted_proxy_says():
    seen = {}

    def application(environ, start_response):
        seen.update(environ)
        return []

    for peer, scheme in (("10.0.0.1", "https"), ("192.0.2.1", "http")):
        environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": "https"}
        proxies.Behind(application, ("10.0.0.0/8",))(environ, None)
        assert seen["wsgi.url_scheme"] == scheme


@pytest.mark.parametrize("name", ["CLAIMTRAIL_TRUSTED_PROXIES", "CLAIMTRAIL_SESSION_DAYS", "CLAIMTRAIL_KEEP_DRAFTS_DAYS", "CLAIMTRAIL_SESSION_IDLE_HOURS"])
def test_a_setting_that_cannot_be_used_is_named(name):
    with pytest.raises(BadSettings, match=name):
        read_settings({name: "everybody"})


# What is whose, and what is kept


def test_private_drafts_and_notes_are_on_no_page_and_in_no_file_of_anybody_else(site, monkeypatch):
    """Every address that can be read is read by everybody else; no answer holds the words."""
    owner = one(site, Role.JOURNALIST)
    private, shared = "Zwetschgenkuchenrezept", "Apfelstrudelrezept"
    for word, is_shared in ((private, False), (shared, True)):
        kept = drafting.keep(site.store, from_text(f"Der Entwurf über das {word} ist noch nicht fertig geschrieben.", title=word), owner)
        drafting.share(site.store, kept.id, owner, is_shared=is_shared)
        for kind, number in (("claim", site.claim), ("article", site.article), ("person", site.person), ("draft", kept.id)):
            notes.write(site.store, owner, kind, number, f"Notiz über das {word}", is_shared)
    numbers = {"draft_id": (1, 2), "note_id": tuple(range(1, 9))}
    paths = []
    for rule in site.app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in ("static", "tokens.extension", "api.export_everything"):  # the last is the whole newsroom, as a backup is
            continue
        path = re.sub(r"<any\((\w+)[^>]+>", r"\1", rule.rule)
        names = re.findall(r"<(?:\w+:)?(\w+)>", path)
        for i in next((numbers[n] for n in names if n in numbers), (1,)):
            paths.append(re.sub(r"<[^>]+>", str(i), path))
    found: dict[str, set[str]] = {}
    for role in (None, *Role):
        client = site.client(role)
        if role is Role.JOURNALIST:  # another journalist
            site.store.users.create("other", passwords.hash_password(PASSWORD), role)
            client = site.app.test_client()
            client.post("/sign-in", data={"name": "other", "password": PASSWORD}, headers=SAME_ORIGIN)
        headers = {}
        for path in paths:
            if path.startswith(access.API):
                user = site.store.users.by_name("other" if role is Role.JOURNALIST else site.names[role]) if role else None
                if user and "Authorization" not in headers:
                    scopes = [s for s in ("read", "drafts", "write", "decide", "admin")]
                    scopes = [s for s in scopes if user.role.includes(api_tokens.Scope(s).role)]
                    headers = {"Authorization": f"Bearer {api_tokens.make(site.store, user, 'x', scopes, '30')[0]}"}
                answer = client.get(path, headers=headers)
            else:
                answer = client.get(path)
            for word in (private, shared):
                if word in answer.text:
                    found.setdefault(word, set()).add(f"{role or 'nobody'} {path}")
        for word in (private, shared):
            for address in (f"/search?q={word}", f"/search.json?q={word}", f"/search.csv?q={word}", f"/search.atom?q={word}"):
                if re.sub(rf"q=[^&\"]*|value=\"{word}\"|{word}[“”\"]|[„“]{word}|<title>.*?</title>", "", client.get(address).text).count(f"über das {word}"):
                    found.setdefault(word, set()).add(f"{role or 'nobody'} {address}")
    assert found.pop(private, set()) == set()
    assert {who.split()[0] for who in found.pop(shared)} == {"journalist", "editor", "administrator"}


def test_no_secret_is_in_the_log_or_in_the_database(site, post, settings, caplog):
    """Each kind of secret is used, rightly and wrongly; then the log of the server and every cell of the database is searched for it."""
    server, tick = post
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logbook.Machine())
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
    secrets: dict[str, str] = {"password": PASSWORD}
    try:
        ask(site, "editor@example.org")
        tick()
        secrets["reset link"] = re.search(r"/reset/([\w-]{43})", server.mails[-1].get_body(("plain",)).get_content())[1]
        site.app.test_client().get(f"/reset/{secrets['reset link']}")
        site.app.test_client().get(f"/reset/{secrets['reset link']}x")
        secrets["invitation"], _ = desk.invite(site.store, "administrator-1", Role.READER)
        for _ in range(2):
            site.app.test_client().post(f"/invitation/{secrets['invitation']}", data={"name": "Ben", "password": NEW, "again": NEW}, headers=SAME_ORIGIN)
        secrets["new password"] = NEW
        secrets["one-time password"] = desk.reset_password(site.store, "administrator-1", one(site, Role.READER).id)
        site.app.test_client().post("/sign-in", data={"name": "reader-1", "password": secrets["one-time password"]}, headers=SAME_ORIGIN)
        secrets["password typed as a name"] = "my own dog's name is"
        site.app.test_client().post("/sign-in", data={"name": secrets["password typed as a name"], "password": ""}, headers=SAME_ORIGIN)
        secrets["wrong password"] = "wrong but close to it"
        site.app.test_client().post("/sign-in", data={"name": "editor-1", "password": secrets["wrong password"]}, headers=SAME_ORIGIN)
        secrets["token"], _ = api_tokens.make(site.store, one(site, Role.EDITOR), "x", ["read"], "30")
        secrets["wrong token"] = "clt_" + "w" * 43
        for token in (secrets["token"], secrets["wrong token"]):
            site.app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
            site.app.test_client().get(f"/v1alpha1/claims:search?query=x&key={token}")
        secret, codes = turned_on(site)
        secrets["second factor"] = secondfactor.written(secret).replace(" ", "")
        secrets["recovery code"] = codes[0]
        client = half(site)
        secrets["half session"] = client.get_cookie(auth.HALF).value
        give(client, codes[0])
        secrets["session"] = client.get_cookie(auth.SESSION).value
        client.get("/review")
        follow = client.post("/alerts/follow", data={"about": "claim", "object": site.claim}, headers=SAME_ORIGIN)
        opened = client.post("/alerts/saved/1/feed", headers=SAME_ORIGIN)
        token = re.search(r"/feeds/([\w-]{20,})\.atom", opened.text)
        assert follow.status_code == 303 and token, opened.text
        secrets["feed"] = token[1]
        client.get(f"/feeds/{token[1]}.atom")
        secrets["mail server"] = SMTP_PASSWORD
        made, secrets["webhook"] = alertdesk.add_webhook(site.store, one(site, Role.EDITOR), "http://127.0.0.1:9/hook", replace(settings, outgoing_allow=("127.0.0.1",)))
        assert secrets["webhook"] == webhooks.key_of(settings.home, made)
        secrets["installation"] = (settings.home / "secret.key").read_bytes().hex()
    finally:
        logging.getLogger().removeHandler(handler)
    log = written.getvalue() + caplog.text
    assert "request" in log and len(log) > 2_000
    dump = dumped(site)
    for name, value in secrets.items():
        assert value not in log, f"{name} is in the log"
        assert value not in dump, f"{name} is in the database"
        assert hashlib.sha256(value.encode()).hexdigest() not in log, name


def test_what_is_told_of_every_route_fits_the_article(site):
    """The text of an article is public, so the walk above does find what is there to be found."""
    assert TEXT.split("\n")[0] in site.anonymous.get(f"/articles/{site.article}").text
