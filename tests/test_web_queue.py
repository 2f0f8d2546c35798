"""The queue's pages with plain forms: filters in the address, two editors, batches, later, assignment, work in the background."""

from __future__ import annotations

import re
from html import unescape

import pytest
from web_site import SAME_ORIGIN, Site, marked, put_article, site  # noqa: F401  (a fixture)

from factcheck import backfill, review
from factcheck.records import Cutoffs, Kind, Relation, Role

GERMAN = {"Accept-Language": "de"}
AGAIN = "„Wir werden die Brücke bis 2030 erneuern“, sagte sie noch einmal."


@pytest.fixture
def ed(site):
    return site.client(Role.EDITOR)


@pytest.fixture
def again(site, fake_encoder):
    """A second article that says the same as the first; the id of its statement."""
    statement = marked(
        AGAIN, "„Wir werden die Brücke bis 2030 erneuern“", kind=Kind.DIRECT, speaker="Erika Beispiel", person_id=site.person, check_worthy=0.8,
        is_promise=True,
    )  # fmt: skip
    article = put_article(site.store, fake_encoder, AGAIN, [statement], title="Zweimal", source="Blatt", published_at="2024-03-06")
    return site.store.articles.statements(article.id)[0].id


def visible(page: str) -> str:
    main = re.search(r"(?s)<main.*</main>", page)[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def heading(page: str) -> str:
    return visible(f"<main>{re.search(r'(?s)<h1 id=.statement.*?</h1>', page)[0]}</main>")


def post(client, address: str, **data):
    return client.post(address, data=data, headers=SAME_ORIGIN)


def saw(site: Site, statement_id: int) -> str:
    return review.seen(site.store, statement_id)


def test_filters_stand_in_the_address_and_in_every_address_of_the_page(site, ed, again):
    page = ed.get("/review?source=Blatt&kind=direct&likelihood=nonsense").text
    assert "bis 2030 erneuern" in heading(page) and "1 of 1" in visible(page)
    kept = "?source=Blatt&amp;kind=direct"
    for action in ("decide", "no-match", "new-claim", "later", "assign"):
        assert f"/review/{again}/{action}{kept}" in page, action
    assert f"/review?after={again}&amp;source=Blatt&amp;kind=direct" in page
    assert 'href="/review?kind=direct"' in page and 'href="/review?source=Blatt"' in page  # each can be removed
    assert 'value="Blatt" selected' in page and "Blatt (1)" in visible(page) and "Example (" in visible(page)
    done = post(ed, f"/review/{again}/no-match?source=Blatt", saw=saw(site, again))
    assert (done.status_code, done.location) == (303, f"/review?after={again}&source=Blatt")
    empty = ed.get(done.location).text
    assert "Nothing that you narrowed the queue to is waiting." in visible(empty) and "Last: None of these" in visible(empty)
    assert ed.get("/review?since=yesterday").status_code == 400
    assert f'href="/review?person={site.person}"' not in page


def test_a_part_of_the_page_leaves_the_filters_as_they_stand(site, ed):
    assert 'id="filters"' in ed.get("/review").text
    assert 'id="filters"' not in ed.get("/review", headers={"HX-Request": "true"}).text


def test_who_was_slower_sees_what_happened_and_nothing_was_written(site, ed, again):
    other = site.store.users.by_name(site.names[Role.ADMINISTRATOR])
    seen = saw(site, again)
    review.decide(site.store, again, site.claim, Relation.SAME, other)
    for action, data in (("decide", {"relation": "opposite", "claim": site.claim}), ("no-match", {}), ("new-claim", {"text": "Neu."})):
        answer = post(ed, f"/review/{again}/{action}", saw=seen, **data)
        said = visible(answer.text)
        assert answer.status_code == 409 and "This was decided in the meantime" in said and "administrator-1 : Same claim" in said
        assert "go on to the next one, or undo the decision" in said
    assert site.store.decisions.count() == 1


def test_a_change_meanwhile_is_shown_with_the_choice_to_decide_again(site, ed, again):
    other = site.store.users.by_name(site.names[Role.ADMINISTRATOR])
    seen = saw(site, again)
    decision = review.decide(site.store, again, site.claim, Relation.SAME, other)
    review.undo(site.store, other, decision.id)
    changed = site.store.articles.statement(again)
    site.store.articles.change_statement("de", type(changed)(**{**vars(changed), "speaker": "E. Beispiel"}))
    answer = post(ed, f"/review/{again}/decide", saw=seen, claim=site.claim, relation="same")
    said = visible(answer.text)
    assert answer.status_code == 409 and "nothing was saved" in said and "taken back by administrator-1" in said
    [now] = set(re.findall(r'name="saw" value="(\w+)"', answer.text))
    assert now == saw(site, again) != seen
    assert post(ed, f"/review/{again}/decide", saw=now, claim=site.claim, relation="same").status_code == 303
    assert [d.user for d in site.store.decisions.of_statement(again)] == [site.names[Role.EDITOR]]


def test_what_says_the_same_is_listed_and_decided_in_one_go(site, ed, again):
    first = site.statements[0].id
    page = ed.get(f"/review/{first}").text
    assert "One more says the same" in visible(page) and f'name="other" value="{again}:{saw(site, again)}" checked' in page
    done = post(ed, f"/review/{first}/together", relation="same", claim=site.claim, saw=saw(site, first), other=f"{again}:{saw(site, again)}")
    assert done.status_code == 303 and {d.statement_id for d in site.store.decisions.of_claim(site.claim)} == {first, again}
    last = visible(ed.get("/review").text)
    assert "Last: Same claim 2 statements" in last
    back = post(ed, "/review/undo", act=str(site.store.desk.last_of(site.store.users.by_name(site.names[Role.EDITOR]).id).id))
    assert back.location == f"/review/{first}" and site.store.decisions.count() == 0


def test_one_of_a_batch_that_somebody_decided_meanwhile_is_named(site, ed, again):
    first, seen = site.statements[0].id, saw(site, again)
    review.no_match(site.store, again, site.store.users.by_name(site.names[Role.ADMINISTRATOR]))
    post(ed, f"/review/{first}/together", relation="same", claim=site.claim, saw=saw(site, first), other=f"{again}:{seen}")
    said = visible(ed.get("/review").text)
    assert "One was left as it is:" in said and "decided by administrator-1" in said


@pytest.mark.parametrize("data", [{"relation": "same"}, {"relation": "nonsense", "claim": "1"}, {"relation": "same", "claim": "1"}])
def test_a_batch_of_nothing_is_refused(site, ed, data):
    statement = site.statements[0].id
    answer = post(ed, f"/review/{statement}/together", saw=saw(site, statement), **data)
    assert answer.status_code == 400 and site.store.decisions.count() == 0


def test_later_and_assigning_lead_on_and_can_be_taken_back(site, ed):
    first, second = (s.id for s in site.statements)
    done = post(ed, f"/review/{first}/later", when="morning")
    assert done.location == f"/review?after={first}"
    page = visible(ed.get(done.location).text)
    assert "Last: Put away until" in page and "1 of 1" in page and "Put away by me (1)" in page
    assert post(ed, f"/review/{first}/later", when="never").status_code == 400
    editor = site.store.users.by_name(site.names[Role.EDITOR])
    boss = site.store.users.by_name(site.names[Role.ADMINISTRATOR])
    post(ed, f"/review/{second}/assign", to=str(boss.id), all="1")
    assert site.store.queue.assigned([first, second]) == {second: (boss.id, boss.name)}  # all that were looked at
    assert "All decided" in visible(ed.get("/review").text) and "Assigned to administrator-1" in visible(ed.get("/review").text)
    assert post(ed, f"/review/{second}/assign", to="999").status_code == 400
    for _ in range(2):
        post(ed, "/review/undo")
    assert site.store.queue.assigned([second]) == {} and site.store.queue.put_away_until(first, editor.id) is None
    assert post(ed, "/review/undo").location == "/review"


def test_the_next_statement_is_made_ready_without_showing_anything(site, ed):
    answer = ed.get(f"/review/ahead?after={site.statements[0].id}")
    assert (answer.status_code, answer.text) == (204, "")


def test_work_in_the_background_is_told_with_its_progress(site, ed, fake_encoder):
    assert "Nothing has been done in the background yet." in visible(ed.get("/jobs").text)
    job = site.store.jobs.begin(backfill.JOB, {"claims": 2, "statements": 1200}, total=40)
    site.store.jobs.progress(job, done=12, total=40, result={"candidates": 3})
    page = ed.get("/jobs").text
    assert "2 new or changed claims, against 1,200 statements 12 of 40 under way 3 new matches" in visible(page)
    assert '<progress aria-labelledby="job-1" max="40" value="12">' in page and 'hx-trigger="every 2s"' in page
    assert "Abgleich im Hintergrund: 12 von 40" in visible(ed.get("/review", headers=GERMAN).text)
    site.store.jobs.finish(job)
    site.store.newsroom.set_cutoffs(Cutoffs(0.2, 0.5))
    backfill.run(site.store, fake_encoder)
    page = ed.get("/jobs", headers=GERMAN).text
    assert "Neu bestimmt, welche Aussagen warten und in welcher Reihenfolge 2 von 2 fertig" in visible(page) and "every 2s" not in page
    for role in (Role.JOURNALIST, Role.READER):
        assert site.client(role).get("/jobs").status_code == 403


@pytest.mark.parametrize("address", ["/", "/topics", "/quality", "/review", "/review?language=fr"])
def test_every_page_counts_the_whole_queue_in_its_navigation(site, ed, again, address):
    page = ed.get(address).text
    links = re.findall(r'(?s)<a href="/review"[^>]*>(?:(?!</a>).)*', page)
    assert any(re.search(r'class="count">3<', link) for link in links), links
