"""What templates can call: words, dates, quotes, marks, addresses that change with their content."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, url_for
from werkzeug.local import LocalProxy

from factcheck import correcting, people
from factcheck.extraction.checkworthy import WORTHY
from factcheck.extraction.criteria import criterion
from factcheck.extraction.reasons import reasons
from factcheck.language import quality
from factcheck.notes import LONGEST as LONGEST_NOTE
from factcheck.records import Cutoffs, PromiseStatus, Rating, Relation, Role
from factcheck.web import access, history, marking, notes, services
from factcheck.web.language import LANGUAGES, until

CERTAIN = 0.9  # probability from which a match is called "very likely", unless the newsroom calls none likely below a higher one


def register(app: Flask) -> None:
    app.jinja_env.filters.update(
        bare=marking.bare,
        web_url=web_url,
        host=host,
        date=lambda iso, form="medium": g.words.date(iso, form),
        moment=lambda iso: g.words.moment(iso),
        age=lambda iso: g.words.age(iso),
        number=lambda value: g.words.number(value),
        percent=lambda value: g.words.percent(value),
        share=lambda value: g.words.share(value),
        language_name=lambda code: g.words.language_name(code),
        quality=quality,
        slug=lambda value: str(value).replace(" ", "-"),
        key=lambda value: str(value).replace(" ", "_"),
        shorten=shorten,
    )
    app.jinja_env.globals.update(
        static=lambda name: url_for("static", filename=name, v=_version(str(Path(app.static_folder or "") / name))),
        marked=marking.mark_shared,
        explained=marking.mark_explained,
        marked_for=marking.mark_for_candidates,
        word_pairs=marking.word_pairs,
        quotation_marks=marking.quotation_marks,
        by_period=marking.by_period,
        days_until=until,
        probability_key=probability_key,
        cutoffs=cutoffs,
        worthy=WORTHY,
        worth_reasons=reasons,
        criterion=criterion,
        may=may,
        goes=goes,
        history_of=history.history_of,
        logbook=history,
        notes_on=notes.notes_on,
        note_length=LONGEST_NOTE,
        seen=correcting.seen,
        without=lambda values, name: {k: v for k, v in values.items() if k != name},
        memorable=people.memorable,
        here=lambda: request.full_path.rstrip("?") if request.method == "GET" else url_for("pages.home"),
        t=LocalProxy(lambda: g.words),  # globals, since imported macros do not see a page's own variables
        words=LocalProxy(lambda: g.words),
        Rating=Rating,
        Relation=Relation,
        PromiseStatus=PromiseStatus,
        LANGUAGES=LANGUAGES,
    )
    app.context_processor(_for_every_page)


def _for_every_page() -> dict[str, object]:
    return {
        "user": g.get("user"),
        "theme": g.get("theme", ""),
        "in_queue": services().store.decisions.waiting() if may("review.queue") else 0,
        "unread": services().store.notices.unread(g.user.id) if g.get("user") and goes("alerts.notices") else 0,
    }


def goes(endpoint: str) -> bool:
    """True when there is such a page and the reader may open it."""
    return endpoint in current_app.view_functions and may(endpoint)


def may(endpoint: str, *, changing: bool = False) -> bool:
    """True when the reader of this page may open (or change) an endpoint."""
    role = access.needed(endpoint, changing=changing, open_reading=services().settings.open_reading)
    user = g.get("user")
    return role is None or bool(user and not user.must_change_password and user.role.includes(Role(role)))


def cutoffs() -> Cutoffs:
    """The newsroom's cut-offs, read once for each page."""
    if "cutoffs" not in g:
        g.cutoffs = services().store.newsroom.cutoffs()
    return g.cutoffs


def probability_key(probability: float) -> str:
    """The words for a probability: "very_likely", "likely", "possible" or "unlikely"."""
    from_here = cutoffs()
    if probability >= max(CERTAIN, from_here.likely):
        return "very_likely"
    return "likely" if probability >= from_here.likely else "possible" if probability >= from_here.possible else "unlikely"


def web_url(url: str | None) -> str:
    """The address when it is one that a link may have (http or https), else ""."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc else ""
    except ValueError:
        return ""


def host(url: str | None) -> str:
    """The site an address belongs to, as readers know it."""
    return urlsplit(url).netloc.removeprefix("www.") if web_url(url) else ""


def shorten(text: str, length: int = 160) -> str:
    """The text up to ``length`` characters, cut between words, with an ellipsis when something is left out."""
    if len(text) <= length:
        return text
    cut = text[:length].rsplit(" ", 1)[0].rstrip(" ,;:–-")
    return f"{cut or text[:length]} …"


@lru_cache(maxsize=64)
def _version(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
