"""From events to the people who want to hear of them, in steps that each end in one transaction:

1. ``look``: read the events after an alert's place, write notices of those that concern it, move the place on.
2. ``tell_involved``: a new rating of a claim is told to those who linked or exported it, asked for or not.
3. ``pack``: what is due for one person by mail, or for one webhook, becomes one delivery, written as it will be sent.
4. ``send``: one delivery is taken, tried, and its outcome noted.

A place moves in the transaction that writes the notices, a thing is told to a user once, a notice goes one way once, and a delivery is
taken by one worker. So a stop at any moment loses nothing, and two workers do nothing twice. One gap is the network's own: who stops
between the receiver's "taken" and noting it sends once more, under the same number, by which the receiver knows it.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from db import Store
from db.alerts import INVOLVED
from factcheck import finding, following, installation, mailing, mailtext, pacing, telling, topics, webhooks
from factcheck.embed import Encoder
from factcheck.errors import BadInput, ClaimtrailError, MailFailed, NotFound
from factcheck.records import (
    About,
    Alert,
    Because,
    Delivery,
    Event,
    EventKind,
    Facts,
    NewNotice,
    Pace,
    Parcel,
    Recipient,
    Role,
)
from factcheck.settings import Settings
from factcheck.wanted import Wanted
from factcheck.wording import Words, choose

log = logging.getLogger("claimtrail.alerts")

EVENTS_AT_ONCE = 300
SEARCHES_AT_ONCE = 20  # that are run in one piece of work
PACKED_AT_ONCE = 100  # notices in one request to a webhook
MAILED_AT_ONCE = 2_000  # notices one mail stands for; it shows the first and counts the rest
QUIET = timedelta(minutes=2)  # between two mails to one person, so that an import does not become a hundred of them
PATIENCE = timedelta(hours=1)  # that searches and topics wait for the vectors of what is new
BY_CONTENT = (About.SEARCH, About.TOPIC)  # what is decided by the vectors of what is new


def tick(store: Store, encoder: Encoder, settings: Settings, now: datetime | None = None) -> bool:
    """Do the next piece of work; False when there is none."""
    moment = now or datetime.now(UTC)
    return (
        look(store, encoder, settings, moment)
        or tell_involved(store, settings, moment)
        or pack(store, settings, moment)
        or send(store, settings, moment)
    )


def run(store: Store, encoder: Encoder, settings: Settings) -> None:
    """Do all there is."""
    while tick(store, encoder, settings):
        pass


# Events to notices


def look(store: Store, encoder: Encoder, settings: Settings, now: datetime) -> bool:
    """Let the alerts that are furthest behind read on; True when one did."""
    for place in store.alerts.places(store.events.newest()):
        at_place = store.alerts.at(place)
        searches = [a for a in at_place if a.about is About.SEARCH][:SEARCHES_AT_ONCE]  # the others stay behind and read next
        alerts = [a for a in at_place if a.about is not About.SEARCH] + searches
        events = store.events.after(place, EVENTS_AT_ONCE)
        findable = events[: _ready(store, encoder, events, now)] if any(a.about in BY_CONTENT for a in alerts) else events
        if any(a.about is About.TOPIC for a in alerts):
            topics.assign(store, encoder, "claim", sorted({e.claim_id for e in findable if e.claim_id}))
            topics.assign(store, encoder, "statement", sorted({e.statement_id for e in findable if e.statement_id}))
        facts = store.alerts.facts(events)
        recipients = store.alerts.recipients(a.user_id for a in alerts)
        news = []
        for alert in alerts:
            read = findable if alert.about in BY_CONTENT else events
            if read:
                news.append((alert.id, read[-1].id, _news(store, encoder, settings, alert, recipients[alert.user_id], read, facts, now)))
        with store.write():
            moved = [new for alert_id, last, new in news if store.alerts.advance(alert_id, place, last)]
            for new in moved:
                store.notices.tell(new)
        if moved:
            return True
    return False


def _news(
    store: Store,
    encoder: Encoder,
    settings: Settings,
    alert: Alert,
    to: Recipient,
    events: Sequence[Event],
    facts: dict[int, Facts],
    now: datetime,
) -> list[NewNotice]:
    """The notices of an alert. Nobody hears of their own act."""
    if not may_follow(to):
        return []
    found = _found(store, encoder, alert, events, facts) if alert.about is About.SEARCH else lambda event: False
    concerned = [e for e in events if e.by != to.name and following.concerns(alert, e, facts[e.id], found(e))]
    ways = _ways(settings, to, alert.by_mail, alert.webhook_id, alert.pace, now)
    return [
        NewNotice(alert.user_id, event, Because.FOLLOWS, alert.in_app, alert.id, ways)
        for event in following.without_doubles(concerned)
    ]


def _found(
    store: Store, encoder: Encoder, alert: Alert, events: Sequence[Event], facts: dict[int, Facts]
) -> Callable[[Event], bool]:
    """Whether a saved search finds what an event is about."""
    heard = [e for e in events if e.kind in following.HEARS[About.SEARCH]]
    claims = sorted({c for e in heard if (c := facts[e.id].claim_id)})
    statements = sorted({s for e in heard if (s := facts[e.id].statement_id)})
    found: set[tuple[str, int]] = set()
    if claims or statements:
        try:
            found = finding.matches(store, encoder, Wanted.from_args(alert.query), claims, statements)
        except (BadInput, NotFound) as error:  # saved under another version, or more like something that is gone
            log.warning("The search of alert %s cannot be run: %s", alert.id, error)
    return lambda e: ("claim", facts[e.id].claim_id) in found or ("statement", facts[e.id].statement_id) in found


def _ready(store: Store, encoder: Encoder, events: Sequence[Event], now: datetime) -> int:
    """How many of the events, from the first, are about what can be found by meaning. One that waits longer than ``PATIENCE`` is not
    waited for."""
    heard = following.HEARS[About.SEARCH] | following.HEARS[About.TOPIC]
    claims = {e.claim_id for e in events if e.claim_id and e.kind in heard}
    statements = {e.statement_id for e in events if e.statement_id and e.kind in heard}
    missing = store.alerts.without_vector(claims, encoder.passage_id, statements, encoder.model_id)
    for i, event in enumerate(events):
        lacks = ("claim", event.claim_id) in missing or ("statement", event.statement_id) in missing
        if lacks and event.kind in heard and abs(now - datetime.fromisoformat(event.at)) < PATIENCE:
            return i
    return len(events)


def tell_involved(store: Store, settings: Settings, now: datetime) -> bool:
    """Tell those who linked or exported a claim of its new rating; True when there was anything to read."""
    place = store.alerts.bookmark(INVOLVED)
    events = store.events.after(place, EVENTS_AT_ONCE)
    if not events:
        return False
    new: list[NewNotice] = []
    facts = store.alerts.facts(changed := [e for e in events if e.kind is EventKind.RATING_CHANGED])
    for event in changed:
        involved = store.alerts.involved(facts[event.id].claim_id or 0)
        recipients = store.alerts.recipients(user_id for user_id, _ in involved)
        for user_id, because in involved:
            to = recipients[user_id]
            if to.is_active and event.by != to.name:
                by_mail, pace = store.alerts.wish(user_id)
                new.append(NewNotice(user_id, event, because, True, None, _ways(settings, to, by_mail, None, pace, now)))
    with store.write():
        if store.alerts.move_bookmark(INVOLVED, place, events[-1].id):
            store.notices.tell(new)
    return True


def may_follow(to: Recipient) -> bool:
    """Alerts are for journalists and up, as long as they may sign in."""
    return to.is_active and to.role.includes(Role.JOURNALIST)


def _ways(
    settings: Settings, to: Recipient, by_mail: bool, webhook_id: int | None, pace: Pace, now: datetime
) -> tuple[tuple[str, int, str], ...]:
    """By which ways a notice goes out, and when. Without a mail server or an address there is no mail, now or later."""
    due = pacing.due_at(pace, now, to.time_zone or settings.time_zone)
    mail = (("mail", 0, due),) if by_mail and settings.sends_mail and mailing.is_address(to.email) else ()
    return (*mail, ("webhook", webhook_id, due)) if webhook_id else mail


# Notices to deliveries


def pack(store: Store, settings: Settings, now: datetime) -> bool:
    """Make one delivery of what is due to go to one place; True when there was anything."""
    parcel = store.deliveries.due(now, MAILED_AT_ONCE, QUIET)
    if parcel is None:
        return False
    if parcel.channel == "webhook":
        parcel = Parcel(parcel.channel, parcel.user_id, parcel.webhook_id, parcel.notice_ids[:PACKED_AT_ONCE])
    to = store.alerts.recipients([parcel.user_id]).get(parcel.user_id)
    content = _content(store, settings, parcel, to) if to and to.is_active else None
    if content is None:
        store.deliveries.drop(parcel)
    else:
        store.deliveries.pack(parcel, _key(parcel), content, now)
    return True


def _content(store: Store, settings: Settings, parcel: Parcel, to: Recipient) -> dict | None:
    """What is sent, None when there is nobody or nothing to send."""
    notices = store.notices.many(parcel.notice_ids)
    words = words_of(store, settings, to)
    told = telling.tell(store, list(reversed(notices)), words)
    if not told:
        return None
    if parcel.channel == "webhook":
        webhook = store.deliveries.webhook(parcel.webhook_id)
        return webhooks.content(told[::-1], settings.address) if webhook and not webhook.disabled_at else None
    if not mailing.is_address(to.email):
        return None
    stop = f"{settings.address}/alerts/stop/{stop_token(settings, to.user_id)}"
    subject, text, html = mailtext.compose(told, to.name, settings.address, stop, words)
    return {"to": to.email, "subject": subject, "text": text, "html": html, "language": words.language, "stop": stop}


def words_of(store: Store, settings: Settings, to: Recipient) -> Words:
    """The words for somebody who is not looking at a page: their language, else that of the page they made their last alert on."""
    last = next((a.language for a in store.alerts.of_user(to.user_id) if a.language), "") if not to.language else ""
    return Words(choose(None, to.language, last), to.time_zone or settings.time_zone)


def stop_token(settings: Settings, user_id: int) -> str:
    """What in an address ends all mail to a user, without signing in."""
    return f"{user_id}-{installation.derived(settings.home, f'no more mail to {user_id}')}"


def is_stop_token(settings: Settings, user_id: int, token: str) -> bool:
    return hmac.compare_digest(token.encode(), stop_token(settings, user_id).encode())


def _key(parcel: Parcel) -> str:
    """Names what is sent to whom, the same whenever it is packed."""
    what = f"{parcel.channel} {parcel.user_id} {parcel.webhook_id} {','.join(map(str, parcel.notice_ids))}"
    return hashlib.sha256(what.encode()).hexdigest()[:32]


# Deliveries to their receivers


def send(store: Store, settings: Settings, now: datetime) -> bool:
    """Try one delivery; True when there was one."""
    delivery = store.deliveries.take(now)
    if delivery is None:
        return False
    try:
        answer = _hand_over(store, settings, delivery, now)
    except ClaimtrailError as error:
        again = None if isinstance(error, MailFailed) and error.final else pacing.retry_at(delivery.tries, now, random.random())
        if again is None:
            store.deliveries.failed(delivery.id, str(error))
        else:
            store.deliveries.again(delivery.id, str(error), again)
    else:
        store.deliveries.sent(delivery.id, answer, now)
    return True


def _hand_over(store: Store, settings: Settings, delivery: Delivery, now: datetime) -> str:
    said = delivery.content
    if delivery.channel == "webhook":
        webhook = store.deliveries.webhook(delivery.webhook_id or 0)
        assert webhook is not None  # its deliveries go with it
        return webhooks.post(settings.home, webhook, delivery.key, said, now, settings.outgoing_allow)
    if not settings.sends_mail:
        raise MailFailed("No mail server is set up.", key="mail_none")
    mail = mailing.Mail(said["to"], said["subject"], said["text"], said["html"], delivery.key, said["language"], said["stop"])
    return mailing.send(settings.smtp_url, settings.mail_from, mail)
