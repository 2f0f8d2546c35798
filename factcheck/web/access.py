"""Who may do what: one line for each endpoint. An endpoint without a line is refused to everybody but administrators.

``None`` is anybody, also without signing in. The first entry is for reading (GET, HEAD), the second for changing.
"""

from __future__ import annotations

from factcheck.records import Role, Scope

READING = "reading"  # anybody while the setting ``open_reading`` is on, else a signed-in reader
NOBODY_EVER = "nobody"  # there is no such method on this endpoint

ANY_SCOPE = "any"  # whatever the token is good for

_E, _J, _R = Role.EDITOR, Role.JOURNALIST, Role.READER

RULES: dict[str, tuple[Role | str | None, Role | str | None]] = {
    "static": (None, NOBODY_EVER),
    "pages.icon": (None, NOBODY_EVER),
    "auth.sign_in": (None, None),
    "auth.sign_out": (NOBODY_EVER, None),
    "auth.display": (NOBODY_EVER, None),  # language and theme: a cookie, nothing stored
    "auth.password": (_R, _R),
    "auth.preferences": (_R, _R),
    "tokens.listing": (_R, NOBODY_EVER),
    "tokens.make": (NOBODY_EVER, _R),
    "tokens.revoke": (NOBODY_EVER, _R),
    "api.me": (_R, NOBODY_EVER),
    "api.check_draft": (NOBODY_EVER, _J),
    "pages.home": (READING, NOBODY_EVER),
    "pages.ask": (NOBODY_EVER, READING),  # a search sent by POST, since an article does not fit in an address
    "pages.search": (READING, NOBODY_EVER),
    "claims.claim": (READING, NOBODY_EVER),
    "claims.by_key": (READING, NOBODY_EVER),
    "claims.promises": (READING, NOBODY_EVER),
    "people.person": (READING, NOBODY_EVER),
    "people.listing": (READING, NOBODY_EVER),
    "people.confirm": (NOBODY_EVER, _E),
    "people.take_back": (NOBODY_EVER, _E),
    "quality.page": (READING, NOBODY_EVER),
    "quality.set_cutoffs": (NOBODY_EVER, Role.ADMINISTRATOR),
    "articles.listing": (READING, NOBODY_EVER),
    "articles.article": (READING, NOBODY_EVER),
    "articles.new": (_J, _J),
    "articles.retry": (NOBODY_EVER, _J),
    "drafts.listing": (_J, NOBODY_EVER),
    "drafts.check": (NOBODY_EVER, _J),
    "drafts.keep": (NOBODY_EVER, _J),
    "drafts.draft": (_J, NOBODY_EVER),
    "drafts.edit": (_J, NOBODY_EVER),
    "drafts.rewrite": (NOBODY_EVER, _J),
    "drafts.share": (NOBODY_EVER, _J),
    "drafts.delete": (NOBODY_EVER, _J),
    "correcting.change": (_E, _E),
    "correcting.add": (_E, _E),
    "correcting.remove": (NOBODY_EVER, _E),
    "correcting.check": (NOBODY_EVER, _E),
    "correcting.undo": (NOBODY_EVER, _E),
    "review.queue": (_E, NOBODY_EVER),
    "review.statement": (_E, NOBODY_EVER),
    "review.decide": (NOBODY_EVER, _E),
    "review.no_match": (NOBODY_EVER, _E),
    "review.new_claim": (NOBODY_EVER, _E),
    "review.undo": (NOBODY_EVER, _E),
}

API = "/api/"  # below this, a token says who asks, never a cookie

# What a token has to be good for. Its owner's role is asked for as well; an endpoint below ``API`` without a line is refused.
SCOPES: dict[str, Scope | str] = {
    "api.me": ANY_SCOPE,
    "api.check_draft": Scope.DRAFTS,
}

# What somebody may still do whose password must be changed first.
BEFORE_NEW_PASSWORD = frozenset({"static", "pages.icon", "auth.password", "auth.sign_out", "auth.display"})


def needed(endpoint: str, *, changing: bool, open_reading: bool) -> Role | None:
    """The role an endpoint asks for; None when anybody may."""
    rule = RULES.get(endpoint, (Role.ADMINISTRATOR, Role.ADMINISTRATOR))[changing]
    if rule == READING:
        return None if open_reading else Role.READER
    return Role.ADMINISTRATOR if rule == NOBODY_EVER else rule  # type: ignore[return-value]
