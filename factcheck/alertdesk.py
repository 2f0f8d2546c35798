"""Following things and setting up webhooks: what a user does about alerts, checked and noted in the log."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import UTC, datetime

from db import Store
from factcheck import webhooks
from factcheck.errors import BadInput, NotFound, OutgoingFailed, OutgoingRefused
from factcheck.records import About, Alert, Pace, PromiseStatus, Rating, User, Webhook
from factcheck.settings import Settings
from factcheck.wanted import Wanted

LONGEST_NAME = 120
MOST_ALERTS = 500  # of one user


def follow(
    store: Store, user: User, about: str, *, object_id: int | None = None, query: str = "", name: str = "", language: str = ""
) -> Alert:
    """Follow something, in the app; the alert on file when it is followed already. Raises BadInput, NotFound."""
    if about not in set(About):
        raise BadInput("This cannot be followed.", key="alert_about")
    kind = About(about)
    object_id = _object(store, kind, object_id)
    query = spelled(kind, query)
    name = " ".join(name.split())[:LONGEST_NAME] or _name(store, kind, object_id, query)
    with store.write():
        known = store.alerts.same(user.id, kind, object_id, query)
        if known:
            return known
        if len(store.alerts.of_user(user.id)) >= MOST_ALERTS:
            raise BadInput(f"Nobody follows more than {MOST_ALERTS} things. Take some off first.", key="alert_too_many", n=MOST_ALERTS)
        made = store.alerts.add(Alert(user.id, name, kind, object_id, query, language=language))
        store.audit.add(user.name, "followed", "alert", made.id, after=_shown(made))
    return made


def change(
    store: Store, user: User, alert_id: int, *, name: str, in_app: bool, by_mail: bool, webhook_id: int | None, pace: str, query: str | None = None
) -> Alert:
    """Change how and how often one hears. Raises BadInput, NotFound for what is not one's own."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadInput(f"A name has 1 to {LONGEST_NAME} characters.", key="alert_name", n=LONGEST_NAME)
    if pace not in set(Pace):
        raise BadInput("Choose at once, daily or weekly.", key="alert_pace")
    with store.write():
        before = own(store, user, alert_id)
        if webhook_id is not None:
            own_webhook(store, user, webhook_id)
        asked = before.query if query is None or before.about is not About.SEARCH else spelled(About.SEARCH, query)
        after = replace(before, name=name, query=asked, in_app=in_app, by_mail=by_mail, webhook_id=webhook_id, pace=Pace(pace))
        if after != before:
            store.alerts.change(after)
            store.audit.add(user.name, "changed how to hear of it", "alert", alert_id, before=_shown(before), after=_shown(after))
    return after


def unfollow(store: Store, user: User, alert_id: int) -> None:
    """Raises NotFound for what is not one's own."""
    with store.write():
        alert = own(store, user, alert_id)
        store.alerts.delete(alert_id)
        store.audit.add(user.name, "followed no more", "alert", alert_id, before=_shown(alert))


def open_feed(store: Store, user: User, alert_id: int) -> str:
    """Give an alert's feed a new address, known to its owner alone; the token in it. The address before leads nowhere from then on."""
    token = secrets.token_urlsafe(24)
    with store.write():
        alert = own(store, user, alert_id)
        store.alerts.set_feed(alert_id, token_hash(token))
        store.audit.add(user.name, "renewed the feed" if alert.has_feed else "opened a feed", "alert", alert_id)
    return token


def close_feed(store: Store, user: User, alert_id: int) -> None:
    with store.write():
        own(store, user, alert_id)
        store.alerts.set_feed(alert_id, None)
        store.audit.add(user.name, "closed the feed", "alert", alert_id)


def set_wish(store: Store, user: User, by_mail: bool, pace: str) -> None:
    """How one hears of new ratings of claims one linked or exported, beside the app."""
    if pace not in set(Pace):
        raise BadInput("Choose at once, daily or weekly.", key="alert_pace")
    with store.write():
        before = store.alerts.wish(user.id)
        if before != (by_mail, Pace(pace)):
            store.alerts.set_wish(user.id, by_mail, Pace(pace))
            told = [{"by mail": mail, "pace": str(p)} for mail, p in (before, (by_mail, Pace(pace)))]
            store.audit.add(user.name, "changed how to hear of own claims", "user", user.id, before=told[0], after=told[1])


def stop_mail(store: Store, user_id: int) -> None:
    """End all mail to a user, as the link in every mail does."""
    with store.write():
        store.alerts.stop_mail(user_id)
        found = store.users.get(user_id)
        store.audit.add(found.name if found else "", "stopped all mail", "user", user_id)


def own(store: Store, user: User, alert_id: int) -> Alert:
    """A user's own alert. Raises NotFound for any other: whose it is tells nobody anything."""
    found = store.alerts.get(alert_id)
    if found is None or found.user_id != user.id:
        raise NotFound("There is no such alert.", key="alert_missing")
    return found


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


# Webhooks


def add_webhook(store: Store, user: User, url: str, settings: Settings) -> tuple[Webhook, str]:
    """(the webhook, its signing key, which is shown this once). Raises BadInput, OutgoingRefused, OutgoingFailed."""
    url = webhooks.check(url, settings.outgoing_allow)
    with store.write():
        if len(store.deliveries.webhooks(user.id)) >= webhooks.MOST_WEBHOOKS:
            raise BadInput(f"Nobody has more than {webhooks.MOST_WEBHOOKS} webhooks.", key="webhook_too_many", n=webhooks.MOST_WEBHOOKS)
        made = store.deliveries.add_webhook(user.id, url, webhooks.new_salt())
        store.audit.add(user.name, "added a webhook", "webhook", made.id, after={"url": url})
    return made, webhooks.key_of(settings.home, made)


def renew_key(store: Store, user: User, webhook_id: int, settings: Settings) -> tuple[Webhook, str]:
    """Another signing key; the one before signs nothing from then on."""
    with store.write():
        own_webhook(store, user, webhook_id)
        store.deliveries.set_salt(webhook_id, webhooks.new_salt())
        store.audit.add(user.name, "renewed the key", "webhook", webhook_id)
    webhook = own_webhook(store, user, webhook_id)
    return webhook, webhooks.key_of(settings.home, webhook)


def try_webhook(store: Store, user: User, webhook_id: int, settings: Settings) -> tuple[str, str]:
    """Post a test at once: (what the receiver answered, why it was not taken; "" for the other). It stands in the log like any delivery."""
    webhook = own_webhook(store, user, webhook_id)
    now, key = datetime.now(UTC), secrets.token_hex(16)
    said = webhooks.test_content(user.name, now)
    try:
        answer, failed = webhooks.post(settings.home, webhook, key, said, now, settings.outgoing_allow), ""
    except (OutgoingFailed, OutgoingRefused) as error:
        answer, failed = "", str(error)
    store.deliveries.note_test(webhook, key, said, now, answer, failed)
    return answer, failed


def switch_webhook(store: Store, user: User, webhook_id: int, on: bool) -> None:
    with store.write():
        own_webhook(store, user, webhook_id)
        store.deliveries.set_webhook_on(webhook_id, on)
        store.audit.add(user.name, "switched on" if on else "switched off", "webhook", webhook_id)


def delete_webhook(store: Store, user: User, webhook_id: int) -> None:
    with store.write():
        webhook = own_webhook(store, user, webhook_id)
        store.deliveries.delete_webhook(webhook_id)
        store.audit.add(user.name, "deleted a webhook", "webhook", webhook_id, before={"url": webhook.url})


def own_webhook(store: Store, user: User, webhook_id: int) -> Webhook:
    found = store.deliveries.webhook(webhook_id)
    if found is None or found.user_id != user.id:
        raise NotFound("There is no such webhook.", key="webhook_missing")
    return found


# What is followed


def _object(store: Store, about: About, object_id: int | None) -> int | None:
    """The number of what stands for the object. Raises NotFound, BadInput."""
    if about in (About.SEARCH, About.RATING) or (about is About.PROMISE_STATUS and object_id is None):
        return None
    if object_id is None:
        raise BadInput("This cannot be followed.", key="alert_about")
    if about is About.CLAIM and store.claims.get(object_id):
        return store.claims.root(object_id)
    if about in (About.PERSON, About.PROMISE_STATUS) and store.people.get(object_id):
        return store.people.root(object_id)
    if about is About.TOPIC and store.alerts.topic_name(object_id):
        return object_id
    raise NotFound("What you want to follow is not on file.", key="alert_object")


def spelled(about: About, query: str) -> str:
    """What is asked for, in its one spelling. Raises BadInput for a search that cannot be run, or for no search at all."""
    if about is About.SEARCH:
        wanted = replace(Wanted.from_args(query), sort="", cursor="", size=Wanted().size)
        if not wanted.to_query():
            raise BadInput("There is nothing to search for. Type a quote, a claim or a name.", key="nothing_to_search")
        return wanted.to_query()
    known = {About.PROMISE_STATUS: set(PromiseStatus), About.RATING: set(Rating)}.get(about)
    if known is None:
        return ""
    if query and query not in known:
        raise BadInput("This cannot be followed.", key="alert_about")
    return query


def _name(store: Store, about: About, object_id: int | None, query: str) -> str:
    """What an alert is called until its owner calls it something else: the text, name or words it is about."""
    if about is About.CLAIM:
        claim = store.claims.get(object_id or 0)
        found = claim.text if claim else ""
    elif about is About.PERSON or object_id is not None and about is About.PROMISE_STATUS:
        person = store.people.get(object_id or 0)
        found = ", ".join(part for part in (person.name if person else "", query) if part)
    elif about is About.TOPIC:
        found = store.alerts.topic_name(object_id or 0)
    elif about is About.SEARCH:
        wanted = Wanted.from_args(query)
        found = wanted.q or " · ".join(value for _, value in wanted.to_args())
    else:
        found = query
    found = " ".join(found.split()) or str(about)
    return found if len(found) <= LONGEST_NAME else found[: LONGEST_NAME - 2].rsplit(" ", 1)[0] + " …"


def _shown(alert: Alert) -> dict[str, object]:
    """An alert as the log keeps it."""
    return {
        "name": alert.name, "about": str(alert.about), "object": alert.object_id, "query": alert.query, "in app": alert.in_app,
        "by mail": alert.by_mail, "webhook": alert.webhook_id, "pace": str(alert.pace),
    }  # fmt: skip
