"""Signing in and out, the password, and how the pages look to a reader."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from factcheck import passwords
from factcheck.records import User
from factcheck.web import services
from factcheck.web.language import LANGUAGES

blueprint = Blueprint("auth", __name__)

SESSION = "claimtrail"  # the cookie's name
LASTS = timedelta(days=14)
THEMES = ("light", "dark")
WITHIN = timedelta(minutes=15)
TRIES_BY_NAME = 10
TRIES_BY_ADDRESS = 30  # a newsroom shares one address
A_YEAR = 365 * 24 * 3600


def signed_in_user() -> User | None:
    """Whom the request's session cookie belongs to."""
    token = request.cookies.get(SESSION)
    return services().store.sessions.user(hashed(token)) if token else None


def safe_next(target: str | None) -> str:
    """A path on this site, or the home page for anything else."""
    target = target or ""
    parts = urlsplit(target) if target.isprintable() else None
    if parts and target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc:
        return target
    return url_for("pages.home")


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in():
    target = safe_next(request.values.get("next"))
    if request.method == "GET":
        if g.user:
            return redirect(target, 303)
        return render_template("pages/sign_in.html", next=target, name="", problem=None)
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
        return render_template("pages/sign_in.html", next=target, name=name, problem=g.words("sign_in.wrong")), 401
    services().store.attempts.forget(name)
    return _start_session(user, url_for("auth.password", next=target) if user.must_change_password else target)


@blueprint.post("/sign-out")
def sign_out():
    token = request.cookies.get(SESSION)
    if token:
        services().store.sessions.end(hashed(token))
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
            users.set_password(g.user.id, passwords.hash_password(new))
            return _start_session(g.user, target)
    status = 422 if problems else 200
    return render_template("pages/password.html", next=target, problems=problems, least=passwords.LEAST), status


@blueprint.route("/preferences", methods=["GET", "POST"])
def preferences():
    if request.method == "POST":
        _keep_preferences(
            g.user,
            language=_one_of(request.form.get("language"), LANGUAGES),
            theme=_one_of(request.form.get("theme"), THEMES),
            keys=request.form.get("keys") == "1",
        )
        answer = redirect(url_for("auth.preferences", saved=1), 303)
        for cookie in ("language", "theme"):
            answer.delete_cookie(cookie)
        return answer
    return render_template("pages/preferences.html", saved="saved" in request.args)


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
        )
    return answer


def _keep_preferences(user: User, *, language: str, theme: str, keys: bool) -> None:
    services().store.users.set_preferences(
        user.id, language=language, theme=theme, keys=keys, time_zone=user.time_zone, email=user.email
    )


def _one_of(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else ""


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _start_session(user: User, target: str) -> Response:
    """A new session with a new token, whatever the browser came with; the old one ends."""
    store = services().store
    old = request.cookies.get(SESSION)
    if old:
        store.sessions.end(hashed(old))
    token = secrets.token_urlsafe(32)
    store.sessions.start(user.id, hashed(token), LASTS)
    answer = redirect(target, 303)
    answer.set_cookie(
        SESSION,
        token,
        max_age=int(LASTS.total_seconds()),
        secure=services().settings.secure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return answer
