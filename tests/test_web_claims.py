"""The claim page and the pages that change a claim."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from test_web_pages import visible
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck import merging, pipeline, review, timeline
from factcheck.records import Claim, Coverage, Kind, Occurrence, Rating, Relation, Review, Role


@pytest.fixture
def editor(site):
    return site.client(Role.EDITOR)


def send(client, path: str, **data):
    return client.post(path, data=data, headers=SAME_ORIGIN)


def other_claim(site: Site, encoder, text: str = "Die Brücke wird 2030 neu sein.", **more) -> Claim:
    return pipeline.add_claim(site.store, encoder, Claim(0, f"other-{text}", text, language="de", speaker="Erika Beispiel", **more))


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


class Ids(HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name == "id"]


def test_the_time_line_tells_how_often_by_year_and_where(site):
    page = visible(site.anonymous.get(f"/claims/{site.claim}").text)
    assert "Said at least 2 times" in page and "1 in 2023, 1 in 2024." in page and "2023 1 2024 1" in page
    assert "May be outdated: its newest fact check is of 1 June 2023, more than two years ago." in page
    assert "checked 1 June 2023 3 years old" in page


def test_several_reports_of_one_event_stand_together(site):
    site.store.claims.add_occurrence(
        Occurrence(site.claim, "„Die Brücke kommt bis 2030“", "2024-01-09", "Erika Beispiel", "", "Radio", "https://example.org/r")
    )
    page = visible(site.anonymous.get(f"/claims/{site.claim}").text)
    assert "Said at least 2 times" in page and "3 reports in all." in page and "and one more report" in page
    assert site.store.claims.get(site.claim).occurrence_count == 2


def test_the_time_line_is_narrowed_in_the_address(site):
    for i in range(3):
        site.store.claims.add_occurrence(Occurrence(site.claim, f"Satz {i}.", f"2022-01-0{i + 1}", "Ole Holm", "", "Radio"))
    page = site.anonymous.get(f"/claims/{site.claim}?person=Ole+Holm&year=2022").text
    assert "3 of 5 times" in visible(page) and page.count('class="trail-quote"') == 3
    assert '<option value="Ole Holm" selected>Ole Holm (3)</option>' in page
    assert f'href="/claims/{site.claim}/occurrences.csv?person=Ole+Holm&amp;year=2022"' in page
    nothing = site.anonymous.get(f"/claims/{site.claim}?outlet=Nobody&kind=sung").text
    assert "Nothing on the time line fits" in visible(nothing)


def test_a_long_time_line_has_pages_and_can_be_had_at_once(site):
    for i in range(120):
        site.store.claims._occurrences.add(Occurrence(site.claim, f"Satz {i}.", f"20{i % 20 + 10}-01-02", "Erika Beispiel"))
    address = f"/claims/{site.claim}"
    first, third, everything = (site.anonymous.get(address + more).text for more in ("", "?page=3", "?all=1"))
    assert [p.count('class="trail-quote"') for p in (first, third, everything)] == [50, 22, 122]
    assert "Between 2010 and 2029." in visible(first) and "Page 1 of 3" in visible(first)
    assert 'class="trail-quote"' in site.anonymous.get(address + "?page=99").text


def test_the_time_line_goes_out_as_a_file_that_no_spreadsheet_runs(site, editor):
    site.store.claims.add_occurrence(Occurrence(site.claim, '=HYPERLINK("http://x")', "2024-02-01", "@Ole"))
    review.decide(site.store, site.statements[0].id, site.claim, Relation.SAME, site.store.users.by_name("editor-1"))
    answer = editor.get(f"/claims/{site.claim}/occurrences.csv")
    assert answer.headers["Content-Type"].startswith("text/csv") and "attachment" in answer.headers["Content-Disposition"]
    assert answer.data[:3] != b"\xef\xbb\xbf"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == timeline.COLUMNS and len(rows) == 4
    assert (rows[2]["quote"], rows[2]["speaker"]) == ("'=HYPERLINK(\"http://x\")", "'@Ole")
    assert (rows[3]["claim_id"], rows[3]["linked_by"], rows[3]["title"]) == ("bridge/2030", "editor-1", "Die Brücke")
    assert rows[3]["article_url"] == f"http://localhost/articles/{site.article}"
    assert len(list(csv.DictReader(io.StringIO(site.anonymous.get(f"/claims/{site.claim}/occurrences.csv?year=2023").text)))) == 1
    exported = site.store._connection.db.execute("SELECT user_id FROM exported_claims").fetchall()
    assert [r["user_id"] for r in exported] == [site.store.users.by_name("editor-1").id]
    assert site.anonymous.get("/claims/99/occurrences.csv").status_code == 404


def test_a_claim_with_nothing_says_so_and_readers_get_no_buttons(site, editor, fake_encoder):
    bare = other_claim(site, fake_encoder)
    page = visible(editor.get(f"/claims/{bare.id}").text)
    assert "Nobody is on file saying this yet" in page and "Not checked yet." in page and "No reports on file." in page
    assert "Merge m" in page
    reading = site.anonymous.get(f"/claims/{bare.id}").text
    assert "/merge" not in reading and "/edit" not in reading and "occurrence</a>" not in reading


def test_no_id_stands_twice_on_the_page(site, editor, fake_encoder):
    other = other_claim(site, fake_encoder)
    send(editor, f"/claims/{site.claim}/relations", other=other.id, relation="related")
    found = Ids(editor.get(f"/claims/{site.claim}").text).found
    assert sorted(found) == sorted(set(found))


def test_keys_are_offered_to_those_who_want_them(site, editor):
    assert 'data-keys="on"' in editor.get(f"/claims/{site.claim}").text
    send(editor, "/preferences", language="", theme="")
    page = editor.get(f"/claims/{site.claim}").text
    assert 'data-keys="off"' in page and "<kbd>e</kbd>" not in page


def test_a_merge_shows_what_differs_and_leads_to_the_claim_that_stands(site, editor, fake_encoder):
    other = other_claim(site, fake_encoder, reviews=(Review("Other desk", "True", Rating.TRUE, published_at="2024-01-01"),))
    page = editor.get(f"/claims/{site.claim}/merge?other={other.id}").text
    assert "Rated differently: Mostly false and True." in visible(page)
    form = {"other": other.id, "stands": site.claim, "saw": hidden(page, "saw")}
    refused = send(editor, f"/claims/{site.claim}/merge", **form)
    assert refused.status_code == 400 and "confirm that they are one" in visible(refused.text)
    done = send(editor, f"/claims/{site.claim}/merge", **form, confirmed="1")
    assert (done.status_code, done.location) == (303, f"/claims/{site.claim}?merged={other.id}")
    merged = visible(editor.get(done.location).text)
    assert "This address was that of a claim now merged into this one: „Die Brücke wird 2030 neu sein.“ editor-1" in merged
    assert "Other desk" in merged and "Other wordings 2" in merged and "merged claim" in merged
    led = site.anonymous.get(f"/claims/{other.id}")
    assert (led.status_code, led.location) == (302, f"/claims/{site.claim}?merged={other.id}")
    assert site.anonymous.get(f"/claims/{other.key}").location == f"/claims/{other.id}"

    undo = re.search(r'action="(/claims/rearranged/\d+/undo)"', editor.get(f"/claims/{site.claim}").text)[1]
    assert send(editor, undo, claim=site.claim).location == f"/claims/{site.claim}#rearranged"
    assert site.anonymous.get(f"/claims/{other.id}").status_code == 200
    assert "taken back by editor-1" in visible(editor.get(f"/claims/{site.claim}").text)
    assert send(editor, undo).status_code == 409


def test_the_promise_stands_for_both_whichever_page_it_began_on(site, editor, fake_encoder):
    other = other_claim(site, fake_encoder)
    page = editor.get(f"/claims/{other.id}/merge?other={site.claim}").text
    assert re.search(rf'value="{site.claim}" checked', page)
    refused = send(editor, f"/claims/{other.id}/merge", other=site.claim, stands=other.id, saw=hidden(page, "saw"))
    assert refused.status_code == 400 and "Only the other one is a promise" in visible(refused.text)
    done = send(editor, f"/claims/{other.id}/merge", other=f"http://localhost/claims/{site.claim}?x=1", stands=site.claim, saw=hidden(page, "saw"))
    assert done.location == f"/claims/{site.claim}?merged={other.id}"


def test_the_second_of_two_editors_sees_what_happened(site, editor, fake_encoder):
    other = other_claim(site, fake_encoder)
    page = editor.get(f"/claims/{site.claim}/merge?other={other.id}").text
    administrator = site.client(Role.ADMINISTRATOR)
    send(administrator, f"/claims/{other.id}/coverage", title="A report", publisher="", url="", published_at="", language="")
    conflict = send(editor, f"/claims/{site.claim}/merge", other=other.id, stands=site.claim, saw=hidden(page, "saw"))
    assert conflict.status_code == 409 and "administrator-1 changed this claim" in visible(conflict.text) and "1 report" in visible(conflict.text)
    again = send(editor, f"/claims/{site.claim}/merge", other=other.id, stands=site.claim, saw=hidden(conflict.text, "saw"))
    assert again.status_code == 303


def test_merging_finds_the_other_claim_by_words_number_and_address(site, editor, fake_encoder):
    other = other_claim(site, fake_encoder)
    assert f"other={other.id}" in editor.get(f"/claims/{site.claim}/merge?q=neu+2030").text
    for bad in ("99", "abc", "x" * 300, str(site.claim)):
        assert editor.get(f"/claims/{site.claim}/merge?other={bad}").status_code == 400
    assert editor.get("/claims/99/merge").status_code == 404


def test_a_split_takes_what_was_ticked(site, editor):
    review.decide(site.store, site.statements[0].id, site.claim, Relation.SAME, site.store.users.by_name("editor-1"))
    page = editor.get(f"/claims/{site.claim}/split").text
    stored = site.store.claims.get(site.claim)
    form = {"statement": site.statements[0].id, "review": stored.reviews[0].id, "saw": hidden(page, "saw"), "target": "new"}
    assert send(editor, f"/claims/{site.claim}/split", **form, text=" ").status_code == 400
    done = send(editor, f"/claims/{site.claim}/split", **form, text="Wir erneuern die Brücke.")
    new = site.store.claims.newest(1)[0]
    assert (done.status_code, done.location) == (303, f"/claims/{new.id}#rearranged")
    page = editor.get(f"/claims/{new.id}").text
    assert "2 things came by a split from:" in visible(page) and "split off claim 1" in visible(page)
    assert (new.occurrence_count, new.rating) == (1, Rating.MOSTLY_FALSE)
    undo = re.search(r'action="(/claims/rearranged/\d+/undo)"', page)[1]
    assert send(editor, undo, claim=site.claim).status_code == 303
    assert site.store.claims.get(site.claim).reviews == stored.reviews
    stale = send(editor, f"/claims/{site.claim}/split", **{**form, "saw": "x"}, text="Noch einmal.")
    assert stale.status_code == 409 and f'value="{form["statement"]}" checked' in stale.text
    assert send(editor, f"/claims/{site.claim}/split", saw=form["saw"], target="new", text="x").status_code in (400, 409)


def test_a_claim_is_made_from_a_search_that_found_nothing(site, editor):
    page = editor.get("/claims/new?text=Der+Mond+ist+aus+K%C3%A4se.")
    assert "Der Mond ist aus Käse.</textarea>" in page.text
    made = send(editor, "/claims/new", text="Der Mond ist aus Käse.", title="", language="DE", speaker="E. Beispiel", first_said_at="2024-11")
    claim = site.store.claims.newest(1)[0]
    assert made.location == f"/claims/{claim.id}"
    assert (claim.language, claim.person_id, claim.first_said_at) == ("de", site.person, "2024-11")
    for bad in ({"text": ""}, {"first_said_at": "2024-13"}, {"language": "deutsch"}):
        answer = send(editor, "/claims/new", **{"text": "X y z.", "title": "", "language": "", "speaker": "", "first_said_at": "", **bad})
        assert answer.status_code == 400 and 'role="alert"' in answer.text


def test_editing_keeps_what_was_typed_when_somebody_was_faster(site, editor):
    page = editor.get(f"/claims/{site.claim}/edit").text
    form = {"title": "T", "language": "de", "speaker": "Erika Beispiel", "first_said_at": "2023-05-04", "saw": hidden(page, "saw")}
    assert send(editor, f"/claims/{site.claim}/edit", text="Die Brücke wird 2030 neu.", **form).location == f"/claims/{site.claim}"
    late = send(editor, f"/claims/{site.claim}/edit", text="Die Brücke bleibt.", **form)
    assert late.status_code == 409 and "Die Brücke bleibt.</textarea>" in late.text
    assert "editor-1 changed this claim" in visible(late.text) and "On file now: Die Brücke wird 2030 neu." in visible(late.text)
    log = visible(editor.get(f"/claims/{site.claim}").text)
    assert "changed the claim" in log and "Die Brücke wird bis 2030 erneuert." in log


@pytest.mark.parametrize(
    ("what", "form", "seen"),
    [
        ("review", {"publisher": "Own desk", "rating_text": "Stimmt", "rating": "true", "published_at": "2026-01"}, "Own desk True Jan 2026"),
        ("coverage", {"title": "Ein Bericht", "url": "https://example.org/b"}, "Ein Bericht"),
        ("occurrence", {"quote": "Bald kommt sie.", "kind": "reported", "said_at": "2025", "place": "Kassel"}, "2025 Bald kommt sie. Paraphrased Kassel"),
    ],
)
def test_own_parts_are_added_corrected_and_taken_back_on_the_page(site, editor, what, form, seen):
    empty = {name: "" for name in ("publisher", "rating_text", "rating", "title", "url", "published_at", "summary", "language", "speaker", "source", "place", "said_at")}
    form = empty | form
    assert send(editor, f"/claims/{site.claim}/{what}", **form).status_code == 303
    page = editor.get(f"/claims/{site.claim}").text
    assert seen in visible(page)
    address = re.search(rf'href="(/claims/{site.claim}/{what}/\d+)"', page)[1]
    assert "Take back" in editor.get(address).text
    assert send(editor, address, **form | {"url": "ftp://x"}).status_code == 400
    assert send(editor, address, **form | {"url": "https://example.org/new"}).status_code == 303
    assert "https://example.org/new" in editor.get(f"/claims/{site.claim}").text
    assert send(editor, f"{address}/remove").status_code == 303
    assert seen not in visible(site.anonymous.get(f"/claims/{site.claim}").text)
    assert editor.get(address).status_code == 404


def test_claims_near_to_this_one_are_called_related_or_opposite(site, editor, fake_encoder):
    other = other_claim(site, fake_encoder, "Die Brücke wird bis 2030 nicht erneuert.")
    page = editor.get(f"/claims/{site.claim}").text
    assert f'name="other" value="{other.id}"' in page
    assert send(editor, f"/claims/{site.claim}/relations", other=other.id, relation="opposite").status_code == 303
    shown = visible(site.anonymous.get(f"/claims/{other.id}").text)
    assert "Related and opposite 1 Opposite „Die Brücke wird bis 2030 erneuert.“" in shown
    undo = re.search(r'action="(/claims/relations/\d+/undo)"', editor.get(f"/claims/{other.id}").text)[1]
    assert send(editor, undo, claim=other.id).location == f"/claims/{other.id}#related"
    assert "Related and opposite" not in site.anonymous.get(f"/claims/{other.id}").text
    assert send(editor, f"/claims/{site.claim}/relations", other="x", relation="related").status_code == 400


def test_what_people_typed_is_shown_as_text(site, editor):
    nasty = "<script>alert(1)</script>"
    site.store.claims.add_occurrence(Occurrence(site.claim, nasty, "2024-07-01", nasty, nasty, nasty, "javascript:alert(1)", Kind.DIRECT))
    send(editor, f"/claims/{site.claim}/coverage", title=nasty, publisher=nasty, url="", published_at="", language="")
    page = site.anonymous.get(f"/claims/{site.claim}?outlet={nasty}&person={nasty}").text
    assert nasty not in page and "javascript:" not in page and "&lt;script&gt;" in page
    assert replace(Coverage("x"), title=nasty).title in [c.title for c in site.store.claims.get(site.claim).coverage]


def test_merging_state_is_one_for_both_orders(site, fake_encoder):
    other = other_claim(site, fake_encoder)
    assert merging.state(site.store, [1, other.id]) == merging.state(site.store, [other.id, 1])


def test_the_log_of_a_claim_has_a_button_that_undoes(site):
    editor = site.client(Role.EDITOR)
    given = {"title": "Bericht zur Brücke", "url": "https://example.org/bericht", "publisher": "Blatt"}
    assert editor.post(f"/claims/{site.claim}/coverage", data=given, headers=SAME_ORIGIN).status_code == 303
    page = editor.get(f"/claims/{site.claim}").text
    address = re.search(r'action="(/claims/log/\d+/undo)"', page)[1]
    assert "Bericht zur Brücke" in page
    assert site.client(Role.READER).post(address, headers=SAME_ORIGIN).status_code == 403
    answer = editor.post(address, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.location) == (303, f"/claims/{site.claim}#log")
    assert "https://example.org/bericht" not in editor.get(f"/claims/{site.claim}").text.partition('id="log"')[0]
    again = editor.post(address, headers=SAME_ORIGIN)
    assert again.status_code == 409 and "Traceback" not in again.text
    assert not re.search(r"/claims/log/\d+/undo", site.client(Role.JOURNALIST).get(f"/claims/{site.claim}").text)
