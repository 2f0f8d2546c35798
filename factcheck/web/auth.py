"""Signing in and out, the password, and how the pages look to a reader."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from markupsafe import Markup

from factcheck import desk, passwords, timezones
from factcheck.errors import BadInput
from factcheck.records import User
from factcheck.web import browsers, services
from factcheck.web.language import LANGUAGES

blueprint = Blueprint("auth", __name__)

SESSION = "claimtrail"  # the cookie's name
HALF = "claimtrail_half"  # the cookie of who gave a password and still owes the code of a second factor
WAITS = timedelta(minutes=10)  # for the code
THEMES = ("light", "dark")
WITHIN = timedelta(minutes=15)
TRIES_BY_NAME = 10
TRIES_BY_ADDRESS = 30  # a newsroom shares one address
A_YEAR = 365 * 24 * 3600


def signed_in_user() -> User | None:
    """Whom the request's session cookie belongs to."""
    token = request.cookies.get(SESSION)
    idle = timedelta(hours=services().settings.session_idle_hours)
    return services().store.sessions.user(hashed(token), idle) if token else None


def safe_next(target: str | None) -> str:
    """A path on this site, or the home page for anything else."""
    target = target or ""
    try:
        parts = urlsplit(target) if target.isprintable() else None
    except ValueError:  # brackets that are no address of IPv6
        parts = None
    if parts and target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc:
        return target
    return url_for("pages.home")


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in():
    target = safe_next(request.values.get("next"))
    if request.method == "GET":
        if g.user:
            return redirect(target, 303)
        return render_template("pages/sign_in.html", next=target, name="", problem=None, reset="reset" in request.args)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    users = services().store.users
    wait = services().store.attempts.note(name, request.remote_addr or "", by_name=TRIES_BY_NAME, by_address=TRIES_BY_ADDRESS, within=WITHIN)
    if wait:
        problem = g.words("sign_in.too_many", n=-(-wait // 60))
        page = render_template("pages/sign_in.html", next=target, name=name, problem=problem)
        return Response(page, 429, {"Retry-After": str(wait)})
    user = users.by_name(name)
    stored = users.password_hash(user.id) if user else None
    if not passwords.verify(stored or passwords.nobodys_hash(), password) or user is None:
        # What was typed as a name is not kept unless it is one: passwords end up in that field, too.
        log("failed to sign in", user)
        return render_template("pages/sign_in.html", next=target, name=name, problem=g.words("sign_in.wrong")), 401
    if user.is_disabled:
        log("failed to sign in", user, reason="disabled")
        return render_template("pages/sign_in.html", next=target, name=name, problem=g.words("sign_in.disabled")), 403
    services().store.attempts.forget(name)
    if services().store.factors.salt(user.id):
        return _half_signed_in(user, target)
    return start_session(user, url_for("auth.password", next=target) if user.must_change_password else target)


def _half_signed_in(user: User, target: str) -> Response:
    """After the right password of somebody with a second factor: nobody is signed in yet, the next page asks for a code."""
    token = secrets.token_urlsafe(32)
    with services().store.write():
        services().store.factors.begin(hashed(token), user.id, (datetime.now(UTC) + WAITS).isoformat(timespec="seconds"))
        services().store.audit.add(user.name, "gave the password", "user", user.id)  # and no code follows: somebody else has it
    answer = redirect(url_for("second_factor.ask", next=target), 303)
    secure = services().settings.secure_cookies
    answer.set_cookie(HALF, token, max_age=int(WAITS.total_seconds()), secure=secure, httponly=True, samesite="Lax")
    return answer


@blueprint.post("/sign-out")
def sign_out():
    token = request.cookies.get(SESSION)
    if token:
        with services().store.write():
            services().store.sessions.end(hashed(token))
            if g.user:
                log("signed out", g.user)
    answer = redirect(url_for("pages.home"), 303)
    answer.delete_cookie(SESSION, secure=services().settings.secure_cookies, httponly=True, samesite="Lax")
    return answer


@blueprint.route("/password", methods=["GET", "POST"])
def password():
    target = safe_next(request.values.get("next"))
    problems: dict[str, str] = {}
    if request.method == "POST":
        users = services().store.users
        current, new, again = (request.form.get(field, "") for field in ("current", "new", "again"))
        weak = passwords.weakness(new, g.user.name)
        wait = services().store.attempts.note(
            g.user.name, request.remote_addr or "", by_name=TRIES_BY_NAME, by_address=TRIES_BY_ADDRESS, within=WITHIN
        )
        if wait:
            problems["current"] = g.words("sign_in.too_many", n=-(-wait // 60))
        elif not passwords.verify(users.password_hash(g.user.id) or "", current):
            problems["current"] = g.words("password.wrong")
        elif weak:
            problems["new"] = g.words(f"password.weak.{weak}", least=passwords.LEAST)
        elif new == current:
            problems["new"] = g.words("password.same")
        elif new != again:
            problems["again"] = g.words("password.differs")
        else:
            services().store.attempts.forget(g.user.name)
            password_hash = passwords.hash_password(new)
            with services().store.write():
                desk.change_password(services().store, g.user, password_hash, end_tokens=request.form.get("end_tokens") == "1")
                return start_session(g.user, target, signed_in=False)
    status = 422 if problems else 200
    page = render_template("pages/password.html", next=target, problems=problems, least=passwords.LEAST, tokens=services().store.tokens.of(g.user.id))
    return page, status


@blueprint.route("/preferences", methods=["GET", "POST"])
def preferences():
    problems: dict[str, Markup] = {}
    if request.method == "POST":
        kept: dict[str, str] = {}
        for field, reader in (("time_zone", timezones.find), ("email", desk.mail_address)):
            try:
                kept[field] = reader(request.form.get(field, ""))
            except BadInput as error:
                problems[field] = g.words.problem(error)
        if not problems:
            _keep_preferences(
                g.user,
                language=_one_of(request.form.get("language"), LANGUAGES),
                theme=_one_of(request.form.get("theme"), THEMES),
                keys=request.form.get("keys") == "1",
                **kept,
            )
            answer = redirect(url_for("auth.preferences", saved=1), 303)
            for cookie in ("language", "theme"):
                answer.delete_cookie(cookie)
            return answer
    page = render_template(
        "pages/preferences.html",
        saved="saved" in request.args,
        problems=problems,
        zones=timezones.names(),
        newsroom_zone=services().settings.time_zone,
        now=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return page, 422 if problems else 200


@blueprint.post("/display")
def display():
    """The switches in the page's head and in the queue: language, theme, keys. A cookie keeps them for those not signed in."""
    answer = redirect(safe_next(request.form.get("next")), 303)
    language, theme = _one_of(request.form.get("language"), LANGUAGES), _one_of(request.form.get("theme"), THEMES)
    for cookie, value in (("language", language), ("theme", theme)):
        if value:
            secure = services().settings.secure_cookies
            answer.set_cookie(cookie, value, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    if g.user:
        keys = request.form.get("keys")
        _keep_preferences(
            g.user,
            language=language or g.user.language,
            theme=theme or g.user.theme,
            keys=keys == "1" if keys in ("0", "1") else g.user.keys,
            time_zone=g.user.time_zone,
            email=g.user.email,
        )
    return answer


def _keep_preferences(user: User, **chosen: str | bool) -> None:
    """Keep them and say in the log which changed; an address itself is not kept there, where nothing is ever deleted."""
    store = services().store
    changed = [name for name, value in chosen.items() if value != getattr(user, name)]
    if not changed:
        return

    def told(value: Callable[[str], object]) -> dict[str, object]:
        return {name: bool(value(name)) if name == "email" else value(name) for name in changed}

    with store.write():
        store.users.set_preferences(user.id, **chosen)  # type: ignore[arg-type]
        store.audit.add(
            user.name,
            "changed preferences",
            "user",
            user.id,
            before=told(lambda name: getattr(user, name)),
            after=told(lambda name: chosen[name]),
        )


def _one_of(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else ""


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def current_session() -> str:
    """The hash of the token this request came with, "" for none."""
    token = request.cookies.get(SESSION)
    return hashed(token) if token else ""


def log(action: str, user: User | None, **more: str) -> None:
    """A line of the log about getting in, with as much of where from as may be kept for ever."""
    where = {"browser": browsers.in_words(request.user_agent.string), "network": browsers.network(request.remote_addr)}
    services().store.audit.add(user.name if user else "", action, "user", user.id if user else 0, after=where | more)


def start_session(user: User, target: str, *, signed_in: bool = True) -> Response:
    """A new session with a new token, whatever the browser came with; the old one ends."""
    store = services().store
    token = secrets.token_urlsafe(32)
    with store.write():
        if old := current_session():
            store.sessions.end(old)
        agent = browsers.in_words(request.user_agent.string)
        store.sessions.start(user.id, hashed(token), _lasts(), agent=agent, address=request.remote_addr or "")
        if signed_in:
            log("signed in", user)
    answer = redirect(target, 303)
    answer.set_cookie(
        SESSION,
        token,
        max_age=int(_lasts().total_seconds()),
        secure=services().settings.secure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _lasts() -> timedelta:
    return timedelta(days=services().settings.session_days)
