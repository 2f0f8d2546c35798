"""A forgotten password: a link by mail that works once, within an hour.

Whoever asks is told the same, and made to wait the same, whether anybody has the address or not: the page only notes the wish, and
the worker finds out whom it is for. The link's token exists in the mail alone; on file is its hash.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from db import Store
from factcheck import desk, passwords
from factcheck.errors import BadInput, MailFailed, NotFound
from factcheck.mailing import Mail, send
from factcheck.records import ResetWish, User
from factcheck.settings import Settings
from factcheck.wording import Words

log = logging.getLogger("claimtrail.resetting")

LASTS = timedelta(hours=1)
TOO_OLD = timedelta(hours=1)  # a wish that waited longer, since no worker ran, comes to nobody's surprise any more
MOST = 5  # users of one address


def wish(store: Store, email: str, language: str) -> None:
    """Note that somebody wants a link sent. Raises BadInput for what is no address."""
    address = desk.mail_address(email)
    if not address:
        raise BadInput("Type the e-mail address of your account.", key="reset_address")
    store.resets.wish(address, language)


def tick(store: Store, settings: Settings) -> bool:
    """Answer one wish; False when there is none. A mail that cannot be sent is not tried again: its reader asks anew."""
    wished = store.resets.next_wish()
    if wished is None:
        return False
    if settings.sends_mail and datetime.fromisoformat(wished.at) > datetime.now(UTC) - TOO_OLD:
        for user in store.resets.users_of(wished.email)[:MOST]:
            _send(store, settings, user, wished)
    return True


def user_of(store: Store, token: str) -> User:
    """Whom a link lets choose a password. Raises NotFound once it is used, replaced or over an hour old."""
    user = store.resets.user(_hashed(token))
    if user is None:
        raise NotFound("This link is used or too old. Ask for a new one.", key="reset_over")
    return user


def choose(store: Store, token: str, password: str, *, end_tokens: bool = False) -> User:
    """Set the password a link lets one choose; every session ends, the link is used up. The caller has looked at the password's strength.

    ``end_tokens`` revokes the API tokens too. Raises NotFound.
    """
    password_hash = passwords.hash_password(password)  # before the transaction: it takes a moment
    with store.write():
        user = user_of(store, token)
        store.resets.use(_hashed(token))
        desk.change_password(store, user, password_hash, "chose a new password by mail", end_tokens=end_tokens)
    return user


def _send(store: Store, settings: Settings, user: User, wished: ResetWish) -> None:
    token = secrets.token_urlsafe(32)
    until = (datetime.now(UTC) + LASTS).isoformat(timespec="seconds")
    with store.write():
        number = store.resets.add(user.id, _hashed(token), until)
        store.audit.add("", "sent a reset link", "user", user.id, after={"until": until})
    t = Words(user.language or wished.language or "en", user.time_zone or settings.time_zone)
    text = t("reset.mail_text", name=user.name, link=f"{settings.address}/reset/{token}", until=t.moment(until))
    shown = Markup("<p>{}</p>").format(text).replace("\n\n", Markup("</p><p>")).replace("\n", Markup("<br>"))
    mail = Mail(user.email, t("reset.mail_subject"), text, str(shown), f"reset-{number}", t.language)
    try:
        send(settings.smtp_url, settings.mail_from, mail)
    except MailFailed as error:
        log.warning("A mail with a reset link was not taken by the server: %s", error)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
