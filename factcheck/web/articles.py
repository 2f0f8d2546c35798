"""Articles: adding one, waiting while it is read, and reading it with its statements marked."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import articles as reading
from factcheck import confirming, fetch, pipeline, review, watching
from factcheck.errors import BadInput, FetchFailed, NotFound, OutgoingFailed
from factcheck.records import Article
from factcheck.web import services
from factcheck.web.correcting import corrections_of
from factcheck.web.marking import paragraphs
from factcheck.web.show import may

blueprint = Blueprint("articles", __name__)

FIELDS = ("text", "title", "url", "source", "author", "published_at")
PER_PAGE = 50


@blueprint.get("/articles")
def listing():
    before = request.args.get("before", type=int)
    found = services().store.articles.newest(PER_PAGE + 1, before)
    return render_template("pages/articles.html", articles=found[:PER_PAGE], more=len(found) > PER_PAGE, before=before)


@blueprint.route("/articles/new", methods=["GET", "POST"])
def new():
    given = {field: request.form.get(field, "") for field in FIELDS}
    if request.method == "GET":
        return render_template("pages/article_new.html", given=given, problem=None, offered=False)
    try:
        article = _read(given)
    except (BadInput, FetchFailed, OutgoingFailed) as problem:  # the form comes back with everything that was typed
        return render_template("pages/article_new.html", given=given, problem=problem, offered=False), problem.status
    stored, is_new = pipeline.add_article(services().store, article, g.user.id)
    services().wake()
    return redirect(url_for("articles.article", article_id=stored.id, known=None if is_new else 1), 303)


def _read(given: dict[str, str]):
    about = {field: given[field].strip() for field in FIELDS[1:]}
    about["url"], about["published_at"] = about["url"] or None, about["published_at"] or None
    file = request.files.get("file")
    if file and file.filename:
        return reading.from_file(file.filename, file.read(), **about)
    if about["url"] and not given["text"].strip():
        url = reading.normalise_url(about.pop("url"))
        return reading.from_page(fetch.get(url, allow=services().settings.outgoing_allow), **about)
    return reading.from_text(given["text"], **about)


@blueprint.get("/articles/<int:article_id>")
def article(article_id: int):
    store = services().store
    found = store.articles.get(article_id)
    if found is None:
        raise NotFound("This article is not on file.", key="no_such_article")
    if found.state != "ready":
        return render_template("pages/article_waiting.html", article=found, known="known" in request.args)
    statements = pipeline.match_article_again_if_stale(store, services().encoder, article_id)
    decisions = {s.id: store.decisions.of_statement(s.id) for s in statements}
    hits = {s.id: review.hits(store, s.id, tuple(decisions[s.id])) for s in statements}
    return render_template(
        "pages/article.html",
        article=found,
        paragraphs=paragraphs(found.text, statements),
        statements=statements,
        decisions=decisions,
        hits=hits,
        linked=store.claims.many(d.claim_id for made in decisions.values() for d in made if d.claim_id),
        known="known" in request.args,
        found_in=_elsewhere(found),
        confirmed=confirming.of_statements(store, article_id) if may("people.confirm", changing=True) else {},
        **corrections_of(article_id, statements),
    )


def _elsewhere(found: Article) -> dict[str, object]:
    """Where else an article's text was published, under which licences, and what took its place."""
    kept = services().store.appearances
    places = kept.of_article(found.id)
    licences = kept.licences([found.id]).get(found.id, [])
    return {"places": places, "licences": licences, "outlets": watching.outlets(found, places), "later": kept.later(found.id)}


@blueprint.post("/articles/<int:article_id>/retry")
def retry(article_id: int):
    """Put an article that could not be read back into the queue of the worker."""
    pipeline.try_again(services().store, article_id, g.user.name)
    services().wake()
    return redirect(url_for("articles.article", article_id=article_id), 303)
