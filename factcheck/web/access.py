"""Who may do what: one line for each endpoint. An endpoint without a line is refused to everybody but administrators.

``None`` is anybody, also without signing in. The first entry is for reading (GET, HEAD), the second for changing.
"""

from __future__ import annotations

from factcheck.records import Role, Scope

READING = "reading"  # anybody while the setting ``open_reading`` is on, else a signed-in reader
NOBODY_EVER = "nobody"  # there is no such method on this endpoint

ANY_SCOPE = "any"  # whatever the token is good for

_A, _E, _J, _R = Role.ADMINISTRATOR, Role.EDITOR, Role.JOURNALIST, Role.READER

RULES: dict[str, tuple[Role | str | None, Role | str | None]] = {
    "static": (None, NOBODY_EVER),
    "pages.icon": (None, NOBODY_EVER),
    "auth.sign_in": (None, None),
    "auth.sign_out": (NOBODY_EVER, None),
    "auth.display": (NOBODY_EVER, None),  # language and theme: a cookie, nothing stored
    "auth.password": (_R, _R),
    "auth.preferences": (_R, _R),
    "second_factor.ask": (None, None),  # who gave the right password holds a cookie that says so
    "second_factor.page": (_R, NOBODY_EVER),
    "second_factor.turn_on": (NOBODY_EVER, _R),
    "second_factor.renew_codes": (NOBODY_EVER, _R),
    "second_factor.turn_off": (NOBODY_EVER, _R),
    "resetting.forgotten": (None, None),
    "resetting.reset": (None, None),  # who holds the link from the mail
    "sessions.listing": (_R, NOBODY_EVER),
    "sessions.end": (NOBODY_EVER, _R),
    "sessions.end_others": (NOBODY_EVER, _R),
    "users.accept": (None, None),  # who holds the link is invited
    "users.listing": (_A, NOBODY_EVER),
    "users.user": (_A, NOBODY_EVER),
    "users.invite": (NOBODY_EVER, _A),
    "users.revoke_invitation": (NOBODY_EVER, _A),
    "users.change_role": (NOBODY_EVER, _A),
    "users.disable": (NOBODY_EVER, _A),
    "users.enable": (NOBODY_EVER, _A),
    "users.reset_password": (NOBODY_EVER, _A),
    "users.end_sessions": (NOBODY_EVER, _A),
    "users.turn_off_factor": (NOBODY_EVER, _A),
    "privacy.own_data": (_R, NOBODY_EVER),
    "privacy.user_data": (_A, NOBODY_EVER),
    "privacy.person_data": (_A, NOBODY_EVER),
    "privacy.erase_user": (_A, _A),
    "privacy.erase_person": (_A, _A),
    "audit.listing": (_E, NOBODY_EVER),  # without what concerns accounts, unless the reader is an administrator
    "audit.download": (_E, NOBODY_EVER),
    "notes.listing": (_J, NOBODY_EVER),
    "notes.write": (NOBODY_EVER, _J),
    "notes.edit": (_J, NOBODY_EVER),
    "notes.change": (NOBODY_EVER, _J),
    "notes.delete": (NOBODY_EVER, _J),
    "tokens.listing": (_R, NOBODY_EVER),
    "tokens.make": (NOBODY_EVER, _R),
    "tokens.revoke": (NOBODY_EVER, _R),
    "tokens.extension": (_J, NOBODY_EVER),  # who may add articles
    "observing.health": (None, NOBODY_EVER),
    "observing.ready": (None, NOBODY_EVER),
    "observing.metrics": (None, NOBODY_EVER),  # asks for an administrator or the settings' token itself
    "google.search": (None, NOBODY_EVER),  # asks for a token itself where reading is not open
    "pages.home": (READING, NOBODY_EVER),
    "pages.ask": (NOBODY_EVER, READING),  # a search sent by POST, since an article does not fit in an address
    "pages.search": (READING, NOBODY_EVER),
    "search.as_csv": (READING, NOBODY_EVER),
    "search.as_json": (READING, NOBODY_EVER),
    "search.as_rss": (READING, NOBODY_EVER),
    "search.as_atom": (READING, NOBODY_EVER),
    "claims.claim": (READING, NOBODY_EVER),
    "claims.by_key": (READING, NOBODY_EVER),
    "claims.occurrences": (READING, NOBODY_EVER),
    "errata.listing": (READING, NOBODY_EVER),
    "errata.rss": (READING, NOBODY_EVER),
    "errata.atom": (READING, NOBODY_EVER),
    "errata.correct": (_E, _E),
    "publishing.of_claim": (READING, NOBODY_EVER),
    "publishing.data_feed": (READING, NOBODY_EVER),  # asks for an editor itself where it gives the reviews of others
    "publishing.rss": (READING, NOBODY_EVER),
    "publishing.atom": (READING, NOBODY_EVER),
    "imports.page": (_E, NOBODY_EVER),
    "imports.send": (NOBODY_EVER, _E),
    "imports.preview": (_E, NOBODY_EVER),
    "imports.columns": (NOBODY_EVER, _E),
    "imports.start": (NOBODY_EVER, _E),
    "rating_words.page": (_E, NOBODY_EVER),
    "rating_words.understand": (NOBODY_EVER, _E),
    "rating_words.take_back": (NOBODY_EVER, _E),
    "claim_desk.new": (_E, _E),
    "claim_desk.edit": (_E, _E),
    "claim_desk.add": (_E, _E),
    "claim_desk.change": (_E, _E),
    "claim_desk.remove": (NOBODY_EVER, _E),
    "claim_desk.put_back": (NOBODY_EVER, _E),
    "claim_desk.relate": (NOBODY_EVER, _E),
    "claim_desk.unrelate": (NOBODY_EVER, _E),
    "rearranging.merge_page": (_E, NOBODY_EVER),
    "rearranging.merge": (NOBODY_EVER, _E),
    "rearranging.split_page": (_E, NOBODY_EVER),
    "rearranging.split": (NOBODY_EVER, _E),
    "rearranging.undo": (NOBODY_EVER, _E),
    "promises.tracker": (READING, NOBODY_EVER),
    "promises.of_person": (READING, NOBODY_EVER),
    "promises.of_government": (READING, NOBODY_EVER),
    "promises.csv_file": (READING, NOBODY_EVER),
    "promises.atom": (READING, NOBODY_EVER),
    "promises.rss": (READING, NOBODY_EVER),
    "promise_desk.change": (_E, _E),
    "promise_desk.undo": (NOBODY_EVER, _E),
    "promise_desk.set_terms": (_E, _E),
    "promise_desk.no_promise": (NOBODY_EVER, _E),
    "governments.listing": (READING, NOBODY_EVER),
    "governments.make": (NOBODY_EVER, _E),
    "governments.edit": (_E, NOBODY_EVER),
    "governments.save": (NOBODY_EVER, _E),
    "governments.add_member": (NOBODY_EVER, _E),
    "governments.remove_member": (NOBODY_EVER, _E),
    "walkbacks.listing": (_E, NOBODY_EVER),
    "walkbacks.decide": (NOBODY_EVER, _E),
    "people.person": (READING, NOBODY_EVER),
    "people.listing": (READING, NOBODY_EVER),
    "people.claims_file": (READING, NOBODY_EVER),
    "people.statements_file": (READING, NOBODY_EVER),
    "topics.listing": (READING, NOBODY_EVER),
    "topics.topic": (READING, NOBODY_EVER),
    "topics.add": (NOBODY_EVER, _E),
    "topics.edit": (_E, NOBODY_EVER),
    "topics.change": (NOBODY_EVER, _E),
    "topics.delete": (NOBODY_EVER, _E),
    "topics.correct": (NOBODY_EVER, _E),
    "people_desk.edit": (_E, NOBODY_EVER),
    "people_desk.change": (NOBODY_EVER, _E),
    "people_desk.alias": (NOBODY_EVER, _E),
    "people_desk.add_office": (NOBODY_EVER, _E),
    "people_desk.office": (NOBODY_EVER, _E),
    "people_desk.duplicates": (_E, NOBODY_EVER),
    "people_desk.merge": (NOBODY_EVER, _E),
    "people_desk.undo_merge": (NOBODY_EVER, _E),
    "people_desk.apart": (NOBODY_EVER, _E),
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
    "alerts.notices": (_R, NOBODY_EVER),  # readers too: who exports a claim hears of its rating
    "alerts.open_notice": (_R, NOBODY_EVER),
    "alerts.read": (NOBODY_EVER, _R),
    "alerts.saved": (_J, NOBODY_EVER),
    "alerts.follow": (NOBODY_EVER, _J),
    "alerts.edit": (_J, NOBODY_EVER),
    "alerts.change": (NOBODY_EVER, _J),
    "alerts.delete": (NOBODY_EVER, _J),
    "alerts.feed_address": (NOBODY_EVER, _J),
    "alerts.wish": (NOBODY_EVER, _J),
    "alerts.feed": (None, NOBODY_EVER),  # who knows its address; feed readers cannot sign in
    "alerts.stop": (None, None),  # who has the link from a mail
    "webhooks.listing": (_J, NOBODY_EVER),
    "webhooks.add": (NOBODY_EVER, _J),
    "webhooks.renew_key": (NOBODY_EVER, _J),
    "webhooks.test": (NOBODY_EVER, _J),
    "webhooks.switch": (NOBODY_EVER, _J),
    "webhooks.delete": (NOBODY_EVER, _J),
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
    "review.ahead": (_E, NOBODY_EVER),
    "review.together": (NOBODY_EVER, _E),
    "review.later": (NOBODY_EVER, _E),
    "review.assign": (NOBODY_EVER, _E),
    "jobs.listing": (_E, NOBODY_EVER),
    "sources.listing": (_E, NOBODY_EVER),
    "sources.add": (NOBODY_EVER, _E),
    "sources.source": (_E, NOBODY_EVER),
    "sources.change": (NOBODY_EVER, _E),
    "sources.switch": (NOBODY_EVER, _E),
    "sources.look": (NOBODY_EVER, _E),
    "sources.remove": (NOBODY_EVER, _E),
    "sources.again": (NOBODY_EVER, _E),
}

API = "/api/"  # below this, a token says who asks, never a cookie

# What a token has to be good for. Its owner's role is asked for as well; an endpoint below ``API`` without a line is refused.
# The operations of the API add their own lines here and above, from where they are defined (``factcheck.web.api``).
SCOPES: dict[str, Scope | str] = {}

# What somebody may still do whose password must be changed first.
BEFORE_NEW_PASSWORD = frozenset({"static", "pages.icon", "auth.password", "auth.sign_out", "auth.display"})


def needed(endpoint: str, *, changing: bool, open_reading: bool) -> Role | None:
    """The role an endpoint asks for; None when anybody may."""
    rule = RULES.get(endpoint, (Role.ADMINISTRATOR, Role.ADMINISTRATOR))[changing]
    if rule == READING:
        return None if open_reading else Role.READER
    return Role.ADMINISTRATOR if rule == NOBODY_EVER else rule  # type: ignore[return-value]
