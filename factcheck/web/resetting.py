"""A forgotten password: asking for a link, and the page the link leads to."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import passwords, resetting
from factcheck.errors import BadInput, NotFound, TooManyTries
from factcheck.web import auth, services

blueprint = Blueprint("resetting", __name__)

TRIES = 3  # links for an address within ``auth.WITHIN``


@blueprint.route("/forgotten", methods=["GET", "POST"])
def forgotten():
    problem = None
    if request.method == "POST":
        email = request.form.get("email", "")
        wait = services().store.attempts.note(
            f"reset {email}", request.remote_addr or "", by_name=TRIES, by_address=auth.TRIES_BY_ADDRESS, within=auth.WITHIN
        )
        if wait:
            raise TooManyTries("Too many links were asked for. Wait, then try again.", key="reset_too_often", wait=wait)
        try:
            resetting.wish(services().store, email, g.words.language)
            services().wake()
            return redirect(url_for("resetting.forgotten", sent=1), 303)
        except BadInput as error:
            problem = g.words.problem(error)
    page = render_template(
        "pages/forgotten.html", mails=services().settings.sends_mail, sent="sent" in request.args, problem=problem, email=request.form.get("email", "")
    )
    return page, 422 if problem else 200


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str):
    store = services().store
    try:
        user = resetting.user_of(store, token)
    except NotFound:
        who = f"reset {request.remote_addr or ''}"
        wait = store.attempts.note(who, who, by_name=auth.TRIES_BY_ADDRESS, by_address=auth.TRIES_BY_ADDRESS, within=auth.WITHIN)
        if wait:
            raise TooManyTries("Too many wrong links from this address. Wait, then try again.", key="link_too_often", wait=wait) from None
        raise
    problems: dict[str, str] = {}
    if request.method == "POST":
        password, again = request.form.get("password", ""), request.form.get("again", "")
        weak = passwords.weakness(password, user.name)
        if weak:
            problems["password"] = g.words(f"password.weak.{weak}", least=passwords.LEAST)
        elif password != again:
            problems["again"] = g.words("password.differs")
        else:
            resetting.choose(store, token, password, end_tokens=request.form.get("end_tokens") == "1")
            return redirect(url_for("auth.sign_in", reset=1), 303)  # signing in asks for the second factor, where there is one
    page = render_template("pages/reset.html", token=token, name=user.name, problems=problems, least=passwords.LEAST, tokens=store.tokens.of(user.id))
    return page, 422 if problems else 200
