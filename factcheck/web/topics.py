"""Topics: the list, what is about each, editing their descriptions, and correcting what was assigned."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import topics
from factcheck.errors import BadInput, NotFound
from factcheck.records import Topic, TopicMark
from factcheck.web import services
from factcheck.web.auth import safe_next
from factcheck.web.given import number
from factcheck.web.people import page_number

blueprint = Blueprint("topics", __name__)

SHOWN = 20  # claims, and statements, on a topic's page


@blueprint.app_template_global()
def topics_on_file() -> list[Topic]:
    """Every topic, in the order of the reader's language; read once for each page."""
    if "topics_on_file" not in g:
        g.topics_on_file = sorted(services().store.topics.all(), key=lambda t: t.named(g.words.language).casefold())
    return g.topics_on_file


@blueprint.app_template_global()
def topics_of(kind: str, object_id: int) -> list[tuple[Topic, TopicMark]]:
    """What a claim or a statement is about, with the marks that were removed by hand."""
    by_id = {t.id: t for t in topics_on_file()}
    read = g.get("topic_marks", {})
    marks = read[kind, object_id] if (kind, object_id) in read else services().store.topics.marks(kind, [object_id]).get(object_id, [])
    return [(by_id[m.topic_id], m) for m in marks if m.topic_id in by_id and (m.by_hand or m.score)]


@blueprint.app_template_global()
def topics_ready(kind: str, object_ids: list[int]) -> str:
    """Read the topics of many at once, for a page that shows them all; writes nothing."""
    found = services().store.topics.marks(kind, object_ids)
    g.topic_marks = {(kind, i): found.get(i, []) for i in object_ids}
    return ""


@blueprint.get("/topics")
def listing():
    return _list()


@blueprint.post("/topics")
def add():
    form = request.form
    try:
        made = topics.add(services().store, g.user, form.get("name", ""), form.get("name_de", ""), form.get("description", ""))
    except BadInput as problem:
        return _list(problem), problem.status
    _assign_now()
    return redirect(url_for("topics.topic", topic_id=made.id), 303)


@blueprint.get("/topics/<int:topic_id>")
def topic(topic_id: int):
    """The newest claims and statements about a topic, how the claims are rated, and what the topic is about."""
    found, store = _topic(topic_id), services().store
    claims_page, statements_page = page_number("claims"), page_number("statements")
    claims_total, statements_total = store.topics.counts()[found.id]
    return render_template(
        "pages/topic.html",
        topic=found,
        claims=store.topics.claims(found.id, SHOWN, (claims_page - 1) * SHOWN),
        claims_total=claims_total,
        claims_page=claims_page,
        claims_pages=-(-claims_total // SHOWN),
        statements=store.topics.statements(found.id, SHOWN, (statements_page - 1) * SHOWN),
        statements_total=statements_total,
        statements_page=statements_page,
        statements_pages=-(-statements_total // SHOWN),
        ratings=store.topics.ratings(found.id),
        rating_names={rating: g.words(f"rating.{str(rating).replace(' ', '_')}") for rating in store.topics.ratings(found.id)},
        waiting=topics.waiting(store, services().encoder),
    )


@blueprint.get("/topics/<int:topic_id>/edit")
def edit(topic_id: int):
    return _form(_topic(topic_id))


@blueprint.post("/topics/<int:topic_id>/edit")
def change(topic_id: int):
    form = request.form
    try:
        topics.change(
            services().store, topic_id, g.user, form.get("saw", ""),
            form.get("name", ""), form.get("name_de", ""), form.get("description", ""),
        )  # fmt: skip
    except BadInput as problem:
        return _form(_topic(topic_id), problem), problem.status
    _assign_now()
    return redirect(url_for("topics.topic", topic_id=topic_id), 303)


@blueprint.post("/topics/<int:topic_id>/delete")
def delete(topic_id: int):
    """Delete a topic whose box was ticked."""
    if request.form.get("sure") != "1":
        problem = BadInput("Tick the box to delete the topic.", key="topic_not_sure")
        return _form(_topic(topic_id), problem), problem.status
    topics.delete(services().store, topic_id, g.user, request.form.get("saw", ""))
    _assign_now()
    return redirect(url_for("topics.listing"), 303)


@blueprint.post("/topics/correct/<any(claim, statement):kind>/<int:object_id>")
def correct(kind: str, object_id: int):
    """Give something a topic, remove one, or let the description decide again; back to where it was sent from."""
    form = request.form
    word = "given" if form.get("give") else "removed" if form.get("remove") else ""
    topic_id = number(form.get("give") or form.get("remove") or form.get("reset") or "0")
    if topic_id is None:
        raise BadInput("Choose a topic.", key="topic_word")
    topics.correct(services().store, services().encoder, kind, object_id, topic_id, word, g.user)
    return redirect(safe_next(form.get("next")), 303)


def _list(problem: BadInput | None = None) -> str:
    store = services().store
    return render_template(
        "pages/topics.html",
        topics=topics_on_file(),
        counts=store.topics.counts(),
        waiting=topics.waiting(store, services().encoder),
        problem=g.words.problem(problem) if problem else None,
        given=request.form if problem else {},
    )


def _form(found: Topic, problem: BadInput | None = None) -> str:
    counts = services().store.topics.counts().get(found.id, (0, 0))
    return render_template(
        "pages/topic_edit.html",
        topic=found,
        saw=topics.seen(found),
        counts=counts,
        problem=g.words.problem(problem) if problem else None,
        given=request.form if problem and "name" in request.form else {},
    )


def _topic(topic_id: int) -> Topic:
    found = services().store.topics.get(topic_id)
    if found is None:
        raise NotFound("There is no such topic. Somebody may have deleted it.", key="no_such_topic")
    return found


def _assign_now() -> None:
    """What a page can wait for is assigned at once; the worker does the rest."""
    left = topics.WHILE_A_PAGE_WAITS
    for kind in topics.KINDS:
        if left > 0:
            left -= topics.assign(services().store, services().encoder, kind, limit=left)
    services().wake()
