"""The second factor: turning it on with a picture and a code, its recovery codes, and the page that asks for a code at sign-in."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from markupsafe import Markup

from factcheck import passwords, secondfactor, signing_in
from factcheck.errors import BadInput
from factcheck.web import auth, services

blueprint = Blueprint("second_factor", __name__)

TRIES = 5  # codes for an account within ``auth.WITHIN``


@blueprint.get("/second-factor")
def page():
    return _page()


@blueprint.post("/second-factor/on")
def turn_on():
    salt = request.form.get("salt", "")
    problems = _password_problems()
    if not problems:
        try:
            codes = signing_in.turn_on(services().store, services().settings.home, g.user, salt, request.form.get("code", ""))
            return _page(codes=codes, done="on"), 201  # the only page that ever shows them: no redirect, nothing kept
        except BadInput as error:
            problems = {"code": g.words.problem(error)}
    return _page(problems=problems, salt=salt if 16 <= len(salt) <= 64 else ""), 422


@blueprint.post("/second-factor/codes")
def renew_codes():
    if problems := _password_problems():
        return _page(problems=problems), 422
    return _page(codes=signing_in.renew_codes(services().store, g.user), done="codes"), 201


@blueprint.post("/second-factor/off")
def turn_off():
    if problems := _password_problems():
        return _page(problems=problems), 422
    signing_in.turn_off(services().store, g.user.name, g.user.id)
    return redirect(url_for("second_factor.page", done="off"), 303)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def ask():
    store, target = services().store, auth.safe_next(request.values.get("next"))
    token = request.cookies.get(auth.HALF, "")
    user = store.factors.half_signed_in(auth.hashed(token)) if token else None
    if user is None:
        return redirect(url_for("auth.sign_in", next=target), 303)
    problem, status = "", 200
    if request.method == "POST":
        who = f"code {user.id}"
        wait = store.attempts.note(who, request.remote_addr or "", by_name=TRIES, by_address=auth.TRIES_BY_ADDRESS, within=auth.WITHIN)
        if wait:
            page = render_template("pages/sign_in_code.html", next=target, problem=g.words("sign_in.too_many", n=-(-wait // 60)))
            return Response(page, 429, {"Retry-After": str(wait)})
        if signing_in.proves(store, services().settings.home, user, request.form.get("code", "")):
            store.attempts.forget(who)
            store.factors.finish(auth.hashed(token))
            answer = auth.start_session(user, url_for("auth.password", next=target) if user.must_change_password else target)
            answer.delete_cookie(auth.HALF, secure=services().settings.secure_cookies, httponly=True, samesite="Lax")
            return answer
        auth.log("failed to sign in", user, reason="code")
        problem, status = g.words("second_factor.wrong"), 401
    return render_template("pages/sign_in_code.html", next=target, problem=problem), status


def _password_problems() -> dict[str, str]:
    """Whoever finds a screen unlocked does not know the password."""
    store, user = services().store, g.user
    wait = store.attempts.note(
        user.name, request.remote_addr or "", by_name=auth.TRIES_BY_NAME, by_address=auth.TRIES_BY_ADDRESS, within=auth.WITHIN
    )
    if wait:
        return {"password": g.words("sign_in.too_many", n=-(-wait // 60))}
    if not passwords.verify(store.users.password_hash(user.id) or "", request.form.get("password", "")):
        return {"password": g.words("password.wrong")}
    store.attempts.forget(user.name)
    return {}


def _page(*, codes: list[str] | None = None, done: str = "", problems: dict[str, str] | None = None, salt: str = "") -> str:
    store, home = services().store, services().settings.home
    is_on = bool(store.factors.salt(g.user.id))
    salt = salt or signing_in.new_salt()
    secret = secondfactor.secret(home, g.user.id, salt)
    return render_template(
        "pages/second_factor.html",
        is_on=is_on,
        codes=codes or [],
        left=store.factors.codes_left(g.user.id),
        done=done or request.args.get("done", ""),
        problems=problems or {},
        salt=salt,
        typed="" if is_on else secondfactor.written(secret),
        picture=Markup("") if is_on else Markup(secondfactor.picture(secondfactor.address(g.user.name, secret))),
    )
