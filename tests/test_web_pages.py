"""What the pages show, what they escape, and that every form works by plain POST and redirect."""

from __future__ import annotations

import io
import re

import pytest
from web_site import SAME_ORIGIN, TEXT, Site, marked, put_article, site  # noqa: F401  (a fixture)

from db import open_store
from factcheck import pipeline
from factcheck.records import Article, Claim, Evidence, Kind, Person, Rating, Relation, Review, Role, Statement
from factcheck.web import marking

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"


def visible(page: str) -> str:
    """The page's text as a reader sees it, white space in single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(head|svg).*?</\1>", "", page)).split())


def test_a_short_text_searches_and_a_long_one_is_offered_as_an_article(site):
    journalist = site.client(Role.JOURNALIST)
    answer = journalist.post("/ask", data={"q": "  Brücke   2030 "}, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.location) == (303, "/search?q=Br%C3%BCcke+2030")
    answer = journalist.post("/ask", data={"q": TEXT}, headers=SAME_ORIGIN)
    assert answer.status_code == 200 and "This looks like an article." in answer.text
    assert "Danach fuhr sie weiter." in answer.text
    assert journalist.post("/ask", data={"q": "Brücke " * 60}, headers=SAME_ORIGIN).status_code == 200
    assert journalist.post("/ask", data={"q": " \n "}, headers=SAME_ORIGIN).location == "/search?q="
    assert "Everything on file" in journalist.get("/search?q=").text


def test_results_mix_claims_and_statements_and_mark_what_matches(site):
    page = site.anonymous.get("/search?q=die+Br%C3%BCcke+bis+2030+erneuern").text
    kinds = [k.strip() for k in re.findall(r'class="result-kind">([^<]+)<', page)]
    assert {"Claim", "Past statement"} <= set(kinds)
    assert "<mark>Brücke" in page and "Mostly false" in page and "Stalled" in page and "Erika Beispiel" in page


def test_results_can_be_narrowed_and_the_filter_stays_in_the_address(site):
    only_claims = site.anonymous.get("/search?q=Br%C3%BCcke+2030&kind=claim").text
    assert {k.strip() for k in re.findall(r'class="result-kind">([^<]+)<', only_claims)} == {"Claim"}
    assert 'href="/search?q=Br%C3%BCcke+2030"' in only_claims
    none = site.anonymous.get("/search?q=Br%C3%BCcke+2030&language=en")
    assert "Nothing is left under these filters" in none.text and "Search without the filters" in none.text


def test_a_number_that_differs_is_struck_out_beside_the_other(site):
    page = site.anonymous.get("/search?q=Die+Br%C3%BCcke+wird+bis+2040+erneuert").text
    assert "<ins>2030</ins> <del>2040</del>" in page


def test_people_with_the_name_come_first(site):
    page = site.anonymous.get("/search?q=beispiel").text
    assert page.index("people-found") < page.index("results") + 10_000 and f"/people/{site.person}" in page


def test_nothing_found_says_what_was_searched(site):
    page = visible(site.anonymous.get("/search?q=zebrafish").text)
    assert "Nothing on file matches this Searched in German and English: 1 claims and 2 past statements." in page


def test_a_claim_shows_everything_known_about_it(site):
    page = visible(site.anonymous.get(f"/claims/{site.claim}").text)
    for expected in (
        "„Die Brücke wird bis 2030 erneuert.“",
        "Mostly false",
        "Stalled",
        "Kept if Die Brücke ist für Autos frei.",
        "31 December 2030 – bis 2030",
        "Said at least 2 times",
        "2023 1 2024 1",
        "4 May 2023 „Die Brücke kommt bis 2030.“",
        "Example desk Mostly false 1 Jun 2023",
        "„Eher nicht“",
        "years old",
        "Report on the bridge",
        "Der Bau ruht.",
    ):
        assert expected in page, expected


def test_a_claim_is_found_by_the_key_it_was_imported_with(site):
    assert site.anonymous.get("/claims/bridge/2030").location == f"/claims/{site.claim}"
    assert site.anonymous.get("/claims/bridge/2031").status_code == 404
    assert site.anonymous.get("/claims/99999").status_code == 404


def test_an_article_shows_its_statements_in_place_and_nothing_is_lost(site):
    page = site.anonymous.get(f"/articles/{site.article}").text
    body = re.search(r'(?s)<div class="article-body".*', page)[0]
    paragraphs = re.findall(r'(?s)<p class="article-text"[^>]*>(.*?)</p>', body)
    bare = [re.sub(r"<[^>]+>", "", re.sub(r'(?s)<a class="who".*?</a>', "", p)) for p in paragraphs]
    assert bare == [line for line in TEXT.split("\n") if line]
    assert '<span class="said said-direct"' in body and '<span class="said said-indirect"' in body
    assert "promise" in body and f'href="/claims/{site.claim}"' in body


def test_overlapping_and_nested_statements_are_each_marked_once(site, fake_encoder):
    text = "Er sagte, sie habe „drei Brücken“ versprochen und gebaut.\n\nWeiter."
    parts = [
        marked(text, "sie habe „drei Brücken“ versprochen", kind=Kind.INDIRECT, speaker="A B"),
        marked(text, "„drei Brücken“", kind=Kind.DIRECT, speaker="C D"),
        marked(text, "versprochen und gebaut.\n\nWeiter", kind=Kind.REPORTED, speaker="E F"),
    ]
    article = put_article(site.store, fake_encoder, text, parts)
    page = site.anonymous.get(f"/articles/{article.id}").text
    ids = [s.id for s in site.store.articles.statements(article.id)]
    for i in ids:
        assert page.count(f'id="s{i}"') == 1 and page.count(f'id="note{i}"') == 1
    paragraphs = re.findall(r'(?s)<p class="article-text"[^>]*>(.*?)</p>', page)
    bare = [re.sub(r"<[^>]+>", "", re.sub(r'(?s)<a class="who".*?</a>', "", p)) for p in paragraphs]
    assert bare == ["Er sagte, sie habe „drei Brücken“ versprochen und gebaut.", "Weiter."]
    assert f'data-s="{ids[0]} {ids[1]}">„drei Brücken“<' in page


def test_adding_an_article_leads_to_its_page_and_shows_progress(site, fake_encoder):
    journalist = site.client(Role.JOURNALIST)
    form = {"text": "„Das Dach ist dicht“, sagte Jana Muster am Dienstag.", "title": "Das Dach", "published_at": "2024-05-07"}
    answer = journalist.post("/articles/new", data=form, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    waiting = journalist.get(answer.location).text
    assert "Reading the article" in waiting and '<meta http-equiv="refresh" content="2">' in waiting and "data-poll" in waiting
    article_id = int(answer.location.rsplit("/", 1)[1])
    pipeline.process(site.store, fake_encoder, article_id)
    page = journalist.get(answer.location).text
    assert "Jana Muster" in page and "Das Dach" in page


def test_the_same_article_again_leads_to_the_one_on_file(site):
    journalist = site.client(Role.JOURNALIST)
    answer = journalist.post("/articles/new", data={"text": TEXT + "\n"}, headers=SAME_ORIGIN)
    assert answer.location == f"/articles/{site.article}?known=1"
    assert "already on file" in journalist.get(answer.location).text
    assert site.store.articles.count() == 1


def test_a_file_can_be_uploaded(site):
    file = (io.BytesIO("„Das Dach ist dicht“, sagte Jana Muster am Dienstag in Kassel.".encode()), "dach.txt")
    answer = site.client(Role.JOURNALIST).post("/articles/new", data={"file": file}, headers=SAME_ORIGIN)
    assert answer.status_code == 303 and site.store.articles.count() == 2


@pytest.mark.parametrize(
    ("form", "status", "problem"),
    [
        ({"text": "  "}, 400, "holds no text"),
        ({"text": "Some text here.", "url": "javascript:alert(1)"}, 400, "URL must be a full web address"),
        ({"text": "Some text here.", "published_at": "yesterday"}, 400, "publication time"),
        ({"file": (io.BytesIO(b"x"), "x.exe")}, 415, "cannot be read here"),
    ],
)
def test_what_cannot_be_added_says_why_and_keeps_the_text(site, form, status, problem):
    answer = site.client(Role.JOURNALIST).post("/articles/new", data=form, headers=SAME_ORIGIN)
    assert answer.status_code == status and problem in answer.text
    assert form.get("text", "") in answer.text
    assert site.store.articles.count() == 1


def test_a_failed_article_says_why_and_can_be_tried_again(site):
    site.store.articles.set_state(site.article, "failed", "The language model cannot be unpacked.")
    journalist = site.client(Role.JOURNALIST)
    page = journalist.get(f"/articles/{site.article}").text
    assert "could not be read" in page and "The language model cannot be unpacked." in page and "http-equiv" not in page
    assert journalist.post(f"/articles/{site.article}/retry", headers=SAME_ORIGIN).status_code == 303
    assert site.store.articles.get(site.article).state == "queued"


def queue_statement(page: str) -> int:
    return int(re.search(r'action="/review/(\d+)/decide"', page)[1])


def test_deciding_leads_to_the_next_statement_with_the_last_one_in_sight(site):
    editor = site.client(Role.EDITOR)
    first = queue_statement(editor.get("/review").text)
    form = {"claim": site.claim, "relation": "same", "note": "clear"}
    answer = editor.post(f"/review/{first}/decide", data=form, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.location) == (303, f"/review?after={first}")
    page = editor.get(answer.location).text
    assert "Same claim" in page and "Undo" in page
    assert site.store.claims.get(site.claim).occurrence_count == 3
    assert "Who decided what" in site.anonymous.get(f"/claims/{site.claim}").text

    undone = editor.post("/review/undo", headers=SAME_ORIGIN)
    assert (undone.status_code, undone.location) == (303, f"/review/{first}")
    assert site.store.claims.get(site.claim).occurrence_count == 2
    assert "taken back by editor-1" in visible(site.anonymous.get(f"/claims/{site.claim}").text)
    assert editor.post("/review/undo", headers=SAME_ORIGIN).location == "/review"


def test_a_new_claim_is_made_of_a_statement(site):
    editor = site.client(Role.EDITOR)
    statement = site.statements[0]
    form = {"text": "Die Brücke ist 2030 neu."}
    assert editor.post(f"/review/{statement.id}/new-claim", data=form, headers=SAME_ORIGIN).status_code == 303
    claim = site.store.claims.newest(1)[0]
    assert (claim.text, claim.speaker, claim.occurrence_count) == ("Die Brücke ist 2030 neu.", "Erika Beispiel", 1)
    empty = editor.post(f"/review/{site.statements[1].id}/new-claim", data={"text": "  "}, headers=SAME_ORIGIN)
    assert empty.status_code == 400 and "A claim needs words." in empty.text


def test_the_second_editor_sees_what_the_first_decided(site):
    first, second = site.client(Role.EDITOR), site.client(Role.ADMINISTRATOR)
    statement = site.statements[0].id
    form = {"claim": site.claim, "relation": "same"}
    first.post(f"/review/{statement}/decide", data=form, headers=SAME_ORIGIN)
    answer = second.post(f"/review/{statement}/decide", data={**form, "relation": "opposite"}, headers=SAME_ORIGIN)
    assert answer.status_code == 409
    assert "This was decided in the meantime" in answer.text and "<b>editor-1</b>: Same claim" in answer.text
    assert [d.relation for d in site.store.decisions.of_statement(statement)] == [Relation.SAME]


def test_an_empty_queue_says_what_to_do_next(site):
    editor = site.client(Role.EDITOR)
    for statement in site.statements:
        editor.post(f"/review/{statement.id}/no-match", headers=SAME_ORIGIN)
    page = editor.get("/review").text
    assert "All decided" in page and 'href="/articles/new"' in page


@pytest.mark.parametrize("form", [{}, {"claim": "1"}, {"claim": "x", "relation": "same"}, {"claim": "1", "relation": "equal"}])
def test_a_decision_without_its_parts_is_refused(site, form):
    answer = site.client(Role.EDITOR).post(f"/review/{site.statements[0].id}/decide", data=form, headers=SAME_ORIGIN)
    assert answer.status_code == 400 and site.store.decisions.count() == 0


def test_names_quotes_and_addresses_are_escaped_everywhere(site, fake_encoder):
    person = site.store.people.put(Person(0, f"Eve {EVIL}", aliases=(EVIL,)))
    claim = pipeline.add_claim(
        site.store,
        fake_encoder,
        Claim(
            0,
            "evil",
            f"bridge {EVIL}",
            title=EVIL,
            body=EVIL,
            speaker=EVIL,
            person_id=person.id,
            topics=(EVIL,),
            language='x" onload="y',
            reviews=(Review(EVIL, EVIL, Rating.FALSE, url="javascript:alert(1)", title=EVIL, summary=EVIL),),
        ),
    )
    text = f"„bridge {EVIL}“, said {EVIL}."
    statement = marked(
        text, f"„bridge {EVIL}“", kind=Kind.DIRECT, speaker=EVIL, mention=EVIL, person_id=person.id, check_worthy=0.9
    )
    article = put_article(site.store, fake_encoder, text, [statement], title=EVIL, source=EVIL, author=EVIL)
    statement_id = site.store.articles.statements(article.id)[0].id
    editor = site.client(Role.EDITOR)
    query = "/search?q=bridge+%3Cscript%3Ealert(1)%3C/script%3E%22'"
    addresses = [
        f"/claims/{claim.id}",
        f"/articles/{article.id}",
        f"/people/{person.id}",
        f"/review/{statement_id}",
        "/",
        "/people",
        "/articles",
    ]
    pages = [editor.get(path) for path in [*addresses, query, "/people?name=%22%3E%3Cscript%3E"]]
    pages.append(site.anonymous.get("/sign-in?next=/%22%3E%3Cscript%3E"))
    for page in pages:
        assert page.status_code == 200, page.request.path
        assert not re.search(r"<script>|<img|onload=\"|javascript:", page.text), page.request.path


def test_pages_say_their_language_and_that_of_quotes(site):
    page = site.anonymous.get(f"/claims/{site.claim}").text
    assert '<html lang="en"' in page and re.search(r'<span class="quote" lang="de">„Die Brücke wird bis 2030', page)


def test_an_empty_newsroom_says_what_to_do(settings, fake_encoder):
    from app import create_app

    client = create_app(settings, encoder=fake_encoder).test_client()
    for path in ("/", "/search?q=bridge", "/people", "/promises", "/articles"):
        assert client.get(path).status_code == 200
    assert "Add an article, and its statements appear here" in client.get("/").text
    assert "Paste one, and its statements are found" in client.get("/articles").text


@pytest.mark.parametrize(
    ("path", "method", "status", "words"),
    [
        ("/nothing", "GET", 404, "Not found"),
        ("/people/999", "GET", 404, "Not found"),
        ("/articles/999", "GET", 404, "Not found"),
        ("/search", "POST", 405, "Not possible here"),
    ],
)
def test_errors_are_calm_pages_or_json(site, path, method, status, words):
    answer = site.anonymous.open(path, method=method, headers=SAME_ORIGIN)
    assert (answer.status_code, words in answer.text, answer.mimetype) == (status, True, "text/html")
    as_json = site.anonymous.open(path, method=method, headers={**SAME_ORIGIN, "Accept": "application/json"})
    assert as_json.status_code == status and as_json.json["error"]["status"] == status


def test_an_unexpected_error_is_logged_and_shows_nothing_of_itself(site, monkeypatch, caplog):
    monkeypatch.setattr(site.store.promises, "page", lambda *a, **k: 1 / 0)
    answer = site.anonymous.get("/promises")
    assert answer.status_code == 500 and "Something went wrong" in answer.text and "ZeroDivision" not in answer.text
    assert "ZeroDivisionError" in caplog.text


def test_a_body_that_is_too_large_is_refused(site):
    answer = site.client(Role.JOURNALIST).post("/articles/new", data={"text": "x" * 13_000_000}, headers=SAME_ORIGIN)
    assert answer.status_code == 413 and "larger than" in answer.text


def test_static_files_may_be_kept_and_pages_may_not(site):
    page = site.anonymous.get("/")
    sheet = re.search(r'href="(/static/app\.css\?v=\w{12})"', page.text)[1]
    assert site.anonymous.get(sheet).headers["Cache-Control"] == "public, max-age=31536000"
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert site.client(Role.READER).get("/").headers["Cache-Control"] == "no-store"


def test_a_candidates_words_are_marked_in_both_texts_and_named_when_they_differ():
    said, claim = "„Der <Krieg> endet in 24 Stunden“", "The war ends in 48 hours & 24 minutes."
    krieg, war = said.index("Krieg"), claim.index("war")
    four, there = said.index("24"), claim.index("24")
    aligned = ((krieg, krieg + 5, war, war + 3), (four, four + 2, there, there + 2))
    evidence = Evidence(number_conflicts=(("24", "48"),), aligned=aligned)
    shown = marking.mark_explained(claim, evidence)
    assert shown == 'The <mark>war</mark> ends in <span class="differs">48</span> hours &amp; <mark>24</mark> minutes.'
    assert marking.mark_for_candidates(said, [Evidence(), evidence]) == (
        'Der &lt;<mark data-c="2">Krieg</mark>&gt; endet in <mark data-c="2">24</mark> Stunden'
    )
    assert marking.word_pairs(said, claim, evidence) == [("Krieg", "war")]


def test_the_words_that_make_it_the_opposite_are_marked_in_both_texts():
    said, claim = "Crime is at an all-time low.", "Crime is at an all-time high."
    evidence = Evidence(aligned=((0, 5, 0, 5), (24, 27, 24, 28)), differences=(("opposite", "low", "high"),))
    assert marking.mark_explained(claim, evidence) == '<mark>Crime</mark> is at an all-time <span class="differs">high</span>.'
    assert marking.mark_for_candidates(said, [evidence]) == (
        '<mark data-c="1">Crime</mark> is at an all-time <mark class="turns" data-c="1">low</mark>.'
    )
    negated = Evidence(differences=(("negation", "not", ""),))
    assert marking.mark_for_candidates("It is not so.", [Evidence(), negated]) == 'It is <mark class="turns" data-c="2">not</mark> so.'


def test_a_contradiction_is_shown_as_one_and_never_called_the_same(site):
    with site.app.test_request_context(headers={"Accept-Language": "en"}):
        site.app.preprocess_request()
        probability = site.app.jinja_env.get_template("_macros.html").make_module(_shown(site.app)).probability
        assert "says the opposite" in probability(0.97, Relation.OPPOSITE) and "the same" not in probability(0.97, Relation.OPPOSITE)
        assert "similar, with a difference" in probability(0.97, Relation.RELATED)
        assert "very likely the same" in probability(0.97, Relation.SAME)
        assert "probably not the same" in probability(0.01, Relation.OPPOSITE)


def _shown(app):
    context = {}
    app.update_template_context(context)
    return context
