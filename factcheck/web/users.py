"""Who works here: for administrators, who invite, change roles and shut accounts; and the page that an invitation leads to."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from markupsafe import Markup

from factcheck import desk, passwords, signing_in
from factcheck.errors import BadInput, MailFailed, NotFound, TooManyTries
from factcheck.mailing import Mail, send
from factcheck.records import Invitation, Role
from factcheck.web import auth, services

blueprint = Blueprint("users", __name__)


@blueprint.get("/users")
def listing():
    return _listing()


@blueprint.post("/users/invite")
def invite():
    try:
        token, made = desk.invite(services().store, g.user.name, _role(), request.form.get("email", ""))
    except BadInput as error:
        return _listing(error=error), 422
    link, mailed, error = link_of(token), False, None
    if made.email and services().settings.sends_mail:
        try:
            mail_invitation(made, link)
            mailed = True
        except MailFailed as failed:  # the link is there to be handed over in another way
            error = failed
    return _listing(made=made, link=link, mailed=mailed, error=error), 201  # the only page that ever shows it: nothing is kept


@blueprint.post("/users/invitations/<int:invitation_id>/revoke")
def revoke_invitation(invitation_id: int):
    desk.revoke_invitation(services().store, g.user.name, invitation_id)
    return redirect(url_for("users.listing", done="revoked"), 303)


@blueprint.get("/users/<int:user_id>")
def user(user_id: int):
    return _user(user_id)


@blueprint.post("/users/<int:user_id>/role")
def change_role(user_id: int):
    desk.change_role(services().store, g.user.name, user_id, _role())
    return _done(user_id, "role")


@blueprint.post("/users/<int:user_id>/disable")
def disable(user_id: int):
    desk.disable(services().store, g.user.name, user_id)
    return _done(user_id, "disabled")


@blueprint.post("/users/<int:user_id>/enable")
def enable(user_id: int):
    desk.enable(services().store, g.user.name, user_id)
    return _done(user_id, "enabled")


@blueprint.post("/users/<int:user_id>/password")
def reset_password(user_id: int):
    password = desk.reset_password(services().store, g.user.name, user_id)
    return _user(user_id, password=password)  # shown once, here: no redirect, nothing kept


@blueprint.post("/users/<int:user_id>/sessions/end")
def end_sessions(user_id: int):
    desk.end_sessions(services().store, g.user.name, user_id)
    return _done(user_id, "sessions")


@blueprint.post("/users/<int:user_id>/second-factor/off")
def turn_off_factor(user_id: int):
    signing_in.turn_off(services().store, g.user.name, user_id)
    return _done(user_id, "factor")


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
def accept(token: str):
    store = services().store
    who = f"invitation {request.remote_addr or ''}"
    try:
        found = desk.invitation(store, token)
    except NotFound:
        wait = store.attempts.note(who, who, by_name=auth.TRIES_BY_ADDRESS, by_address=auth.TRIES_BY_ADDRESS, within=auth.WITHIN)
        if wait:
            raise TooManyTries("Too many wrong links from this address. Wait, then try again.", key="link_too_often", wait=wait) from None
        raise
    problems: dict[str, str] = {}
    name, password, again = (request.form.get(field, "") for field in ("name", "password", "again"))
    if request.method == "POST":
        weak = passwords.weakness(password, name)
        if weak:
            problems["password"] = g.words(f"password.weak.{weak}", least=passwords.LEAST)
        elif password != again:
            problems["again"] = g.words("password.differs")
        else:
            try:
                return auth.start_session(desk.accept(store, token, name, password), url_for("pages.home"))
            except BadInput as error:
                problems["name"] = g.words.problem(error)
    page = render_template(
        "pages/invitation.html", invitation=found, token=token, name=name, problems=problems, least=passwords.LEAST
    )
    return page, 422 if problems else 200


def _role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        raise BadInput("Choose a role.", key="choose_role") from None


def link_of(token: str) -> str:
    """The address that an invitation leads to."""
    base = services().settings.base_url or request.url_root.rstrip("/")
    return base + url_for("users.accept", token=token)


def mail_invitation(made: Invitation, link: str) -> None:
    """Send an invitation, in the language of whoever invites. Raises MailFailed."""
    settings, t = services().settings, g.words
    until = t.moment(made.expires_at)
    text = t("invitation.mail_text", name=made.by, role=t(f"role.{made.role}"), link=link, until=until)
    shown = Markup("<p>{}</p>").format(text).replace("\n\n", Markup("</p><p>")).replace("\n", Markup("<br>"))
    mail = Mail(made.email, t("invitation.mail_subject"), text, str(shown), f"invitation-{made.id}", t.language)
    send(settings.smtp_url, settings.mail_from, mail)


def _done(user_id: int, what: str):
    if user_id == g.user.id and what in ("disabled", "sessions"):  # one's own session has just ended
        return redirect(url_for("auth.sign_in"), 303)
    return redirect(url_for("users.user", user_id=user_id, done=what), 303)


def _listing(**more) -> str:
    store = services().store
    return render_template(
        "pages/users.html",
        colleagues=store.users.colleagues(),
        invitations=store.invitations.open(),
        roles=Role,
        done=request.args.get("done", ""),
        given=request.form,
        **more,
    )


def _user(user_id: int, password: str = "") -> str:
    store = services().store
    found = next(iter(store.users.colleagues(user_id)), None)
    if found is None:
        raise NotFound("There is no such user.", key="no_such_user")
    return render_template(
        "pages/user.html",
        colleague=found,
        it=found.user,
        roles=Role,
        password=password,
        has_factor=bool(store.factors.salt(user_id)),
        done=request.args.get("done", ""),
        last_administrator=found.user.role is Role.ADMINISTRATOR and not found.user.is_disabled and store.users.administrators() == 1,
    )
