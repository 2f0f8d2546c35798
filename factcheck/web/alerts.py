"""What is new for a user, what they follow and how they hear of it; feeds; the way out of all mail."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from factcheck import alertdesk, alerting, feeds, mailing, telling
from factcheck.errors import BadInput, NotFound
from factcheck.records import About, Alert, Pace, PromiseStatus, Rating
from factcheck.web import services
from factcheck.web.auth import safe_next
from factcheck.web.language import Words, choose

blueprint = Blueprint("alerts", __name__)

SHOWN = 50
IN_FEED = 50


# News


@blueprint.get("/alerts")
def notices():
    store = services().store
    before = request.args.get("before", type=int)
    found = store.notices.of_user(g.user.id, before=before, limit=SHOWN + 1)
    told = telling.tell(store, found[:SHOWN], g.words)
    for gone in {n.id for n in found[:SHOWN] if not n.read_at} - {t.notice_id for t in told}:
        store.notices.read(g.user.id, gone)  # what it was about is not on file any more: nobody can read it
    return render_template(
        "pages/alerts.html",
        told=told,
        newest=found[0].id if found else 0,
        older=found[SHOWN - 1].id if len(found) > SHOWN else None,
        is_first=before is None,
        unread_count=store.notices.unread(g.user.id),
        follows=bool(store.alerts.of_user(g.user.id)),
    )


@blueprint.get("/alerts/<int:notice_id>")
def open_notice(notice_id: int):
    """Follow a notice to what it is about; it is then read."""
    store = services().store
    notice = store.notices.read(g.user.id, notice_id)
    told = telling.tell(store, [notice], g.words) if notice else []
    if not told:
        raise NotFound("What this was about is no longer on file.", key="notice_gone")
    return redirect(told[0].path, 303)


@blueprint.post("/alerts/read")
def read():
    """Mark one as read, or all up to the newest that the page showed."""
    store = services().store
    one, up_to = request.form.get("notice", type=int), request.form.get("up_to", type=int)
    if one:
        store.notices.read(g.user.id, one)
    elif up_to:
        store.notices.read_all(g.user.id, up_to)
    return redirect(safe_next(request.form.get("next")) if request.form.get("next") else url_for("alerts.notices"), 303)


# What is followed


@blueprint.get("/alerts/saved")
def saved():
    return _saved()


@blueprint.post("/alerts/follow")
def follow():
    """Follow what a page is about and go back to it; a saved search is named next."""
    form = request.form
    about, object_id, query = form.get("about", ""), form.get("object", type=int), form.get("query", "")
    made = alertdesk.follow(
        services().store,
        g.user,
        about,
        object_id=object_id,
        query=query,
        name=form.get("name", "") or _named(about, object_id, query),
        language=g.words.language,
    )
    back = form.get("next")
    if made.about is About.SEARCH or not back:
        return redirect(url_for("alerts.edit", alert_id=made.id, new=1), 303)
    return redirect(f"{safe_next(back).split('#')[0]}#follow", 303)


def _named(about: str, object_id: int | None, query: str) -> str:
    """The name of what has one in the reader's language: a rating, a status, a topic; "" for the rest."""
    store = services().store
    if about == About.TOPIC:
        topic = store.topics.get(object_id) if object_id else None
        return topic.named(g.words.language) if topic else ""
    scale = {About.RATING: "rating", About.PROMISE_STATUS: "status"}.get(about)
    if not scale:
        return ""
    key = f"{scale}.{query.replace(' ', '_')}"
    person = store.people.get(object_id) if object_id else None
    value = g.words(key) if g.words.has(key) else g.words("alerts.any")
    whose = person.name if person else g.words("alerts.about.rating") if scale == "rating" else g.words("alerts.about.promise_status")
    return f"{whose}: {value}"


@blueprint.get("/alerts/saved/<int:alert_id>")
def edit(alert_id: int):
    return _edit(alertdesk.own(services().store, g.user, alert_id), is_new="new" in request.args)


@blueprint.post("/alerts/saved/<int:alert_id>")
def change(alert_id: int):
    store, form = services().store, request.form
    try:
        alertdesk.change(
            store,
            g.user,
            alert_id,
            name=form.get("name", ""),
            in_app="in_app" in form,
            by_mail="by_mail" in form,
            webhook_id=form.get("webhook", type=int),
            pace=form.get("pace", ""),
            query=form.get("query"),
        )
    except BadInput as error:
        return _edit(alertdesk.own(store, g.user, alert_id), error), 422
    return redirect(url_for("alerts.saved", saved=1), 303)


@blueprint.post("/alerts/saved/<int:alert_id>/delete")
def delete(alert_id: int):
    alertdesk.unfollow(services().store, g.user, alert_id)
    back = request.form.get("next")
    return redirect(f"{safe_next(back).split('#')[0]}#follow" if back else url_for("alerts.saved", gone=1), 303)


@blueprint.post("/alerts/saved/<int:alert_id>/feed")
def feed_address(alert_id: int):
    """Open the feed under a new address, which only this answer shows; or close it."""
    store = services().store
    if request.form.get("act") == "close":
        alertdesk.close_feed(store, g.user, alert_id)
        return redirect(url_for("alerts.edit", alert_id=alert_id, closed=1), 303)
    token = alertdesk.open_feed(store, g.user, alert_id)
    address = services().settings.base_url or request.host_url.rstrip("/")
    return _edit(alertdesk.own(store, g.user, alert_id), feed=address + url_for("alerts.feed", token=token)), 201


@blueprint.post("/alerts/wish")
def wish():
    alertdesk.set_wish(services().store, g.user, "by_mail" in request.form, request.form.get("pace", ""))
    return redirect(url_for("alerts.saved", saved=1), 303)


def _saved() -> str:
    store, settings = services().store, services().settings
    found = store.alerts.of_user(g.user.id)
    by_mail, pace = store.alerts.wish(g.user.id)
    mail = store.deliveries.last_mail(g.user.id)
    return render_template(
        "pages/alerts_saved.html",
        alerts=found,
        places={a.id: place(a) for a in found},
        told=store.notices.told(a.id for a in found),
        hooks={w.id: w for w in store.deliveries.webhooks(g.user.id)},
        wish_by_mail=by_mail,
        wish_pace=pace,
        paces=list(Pace),
        mail_problem=mail_problem(),
        last_failed=mail if mail and mail.state == "failed" else None,
        sends_mail=settings.sends_mail,
        saved="saved" in request.args,
        gone="gone" in request.args,
        ratings=list(Rating),
        statuses=list(PromiseStatus),
    )


def _edit(alert: Alert, error: BadInput | None = None, *, feed: str = "", is_new: bool = False) -> str:
    return render_template(
        "pages/alert_edit.html",
        alert=alert,
        place=place(alert),
        hooks=services().store.deliveries.webhooks(g.user.id),
        paces=list(Pace),
        error=error,
        given=request.form if error else {},
        feed=feed,
        is_new=is_new,
        closed="closed" in request.args,
        mail_problem=mail_problem(),
        zone=g.user.time_zone or services().settings.time_zone,
    )


def mail_problem() -> str:
    """Why no mail can reach the user: "server", "address", or "" when it can."""
    if not services().settings.sends_mail:
        return "server"
    return "" if mailing.is_address(g.user.email) else "address"


def place(alert: Alert) -> str:
    """The page of what is followed: "run it now" for a search."""
    match alert.about:
        case About.SEARCH:
            return f"{url_for('pages.search')}?{alert.query}"
        case About.CLAIM:
            return url_for("claims.claim", claim_id=alert.object_id)
        case About.PERSON:
            return url_for("people.person", person_id=alert.object_id)
        case About.TOPIC:
            return url_for("topics.topic", topic_id=alert.object_id)
        case About.PROMISE_STATUS:
            status = alert.query or None
            if alert.object_id:
                return url_for("promises.of_person", person_id=alert.object_id, status=status)
            return url_for("promises.tracker", status=status)
        case About.RATING:
            return url_for("pages.search", rating=alert.query, kind="claim") if alert.query else url_for("pages.search", kind="claim")


def following(about: str, object_id: int | None = None, query: str = "") -> Alert | None:
    """The reader's alert on just this, for the button on a page; None when they do not follow it."""
    return services().store.alerts.same(g.user.id, About(about), object_id, alertdesk.spelled(About(about), query)) if g.get("user") else None


blueprint.record_once(lambda setup: setup.app.jinja_env.globals.update(following=following))  # a global: macros are imported


# Feeds and the way out of mail, without signing in


@blueprint.get("/feeds/<token>.atom")
def feed(token: str):
    """An alert's feed: who knows its address reads it, as long as its owner may follow things."""
    store, settings = services().store, services().settings
    alert = store.alerts.by_feed(alertdesk.token_hash(token))
    owner = store.alerts.recipients([alert.user_id]).get(alert.user_id) if alert else None
    if alert is None or owner is None or not alerting.may_follow(owner):
        raise NotFound("There is no such feed.", key="feed_missing")
    words = Words(choose(None, owner.language, alert.language), owner.time_zone or settings.time_zone)
    home = settings.base_url or request.host_url.rstrip("/")
    told = telling.tell(store, store.notices.of_alert(alert.id, IN_FEED), words)
    names = urlsplit(home).hostname or "localhost"
    content = feeds.Feed(
        title=f"{alert.name} – Claimtrail",
        link=home + place(alert),
        address=home + url_for("alerts.feed", token=token),
        language=words.language,
        entries=[
            feeds.Entry(
                id=f"tag:{names},{t.at[:10]}:notice-{t.notice_id}",
                title=f"{t.headline}: {t.text}" if t.text else t.headline,
                link=home + t.path,
                at=t.at,
                text=" · ".join(part for part in (t.headline, t.text, t.speaker) if part),
                author=t.speaker,
            )
            for t in told
        ],
        id=f"tag:{names},{alert.created_at[:10]}:alert-{alert.id}",
    )
    answer = Response(feeds.atom(content), content_type=feeds.ATOM_TYPE)
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.add_etag()
    return answer.make_conditional(request)  # feed readers ask often


@blueprint.route("/alerts/stop/<token>", methods=["GET", "POST"])
def stop(token: str):
    """The link in every mail. Opening it asks; sending it, as mail programs do by themselves (RFC 8058), ends all mail."""
    user_id = int(token.partition("-")[0]) if token.partition("-")[0].isdecimal() and len(token) < 80 else 0
    if not user_id or not alerting.is_stop_token(services().settings, user_id, token):
        raise NotFound("This link is not complete. Copy it whole from the mail.", key="stop_link")
    if request.method == "POST":
        alertdesk.stop_mail(services().store, user_id)
        return render_template("pages/alerts_stop.html", done=True)
    return render_template("pages/alerts_stop.html", done=False)
