"""The search page and its files: filters in the address, counts, pages, exact words, and CSV, JSON, RSS and Atom of the same results."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from web_site import SAME_ORIGIN, marked, put_article, site  # noqa: F401  (a fixture)

from app import create_app
from factcheck import pipeline
from factcheck.records import Claim, Kind, Rating, Relation, Review, Role

ATOM = "{http://www.w3.org/2005/Atom}"


def links(page: str) -> dict[str, str]:
    """Text of each link of a page, without marks for screen readers, and its address; the first of a text counts."""
    found: dict[str, str] = {}
    for address, inside in re.findall(r'(?s)<a[^>]*href="([^"]+)"[^>]*>(.*?)</a>', page):
        bare = re.sub(r'<span class="hidden">.*?</span>', "", inside)
        found.setdefault(" ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split()), html.unescape(address))
    return found


def titles(page: str) -> list[str]:
    found = re.findall(r'(?s)<h3 class="row-title">(.*?)</h3>', page)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", "", t)).split()) for t in found]


def many(site, fake_encoder, n: int = 25) -> None:
    for i in range(n):
        pipeline.add_claim(site.store, fake_encoder, Claim(0, f"k{i}", f"Kühe mögen Klee, Satz {i}", "de", speaker="Max Muster"))


def test_without_a_query_everything_on_file_can_be_looked_through(site, fake_encoder):
    many(site, fake_encoder)
    page = site.anonymous.get("/search").text
    assert "Everything on file" in page and "1–20 of 28" in page
    second = site.anonymous.get(links(page)["Next 20"]).text
    assert "21–28 of 28" in second and "Next 20" not in links(second)
    both = titles(page) + titles(second)
    assert len(both) == len(set(both)) == 28
    assert titles(site.anonymous.get(links(second)["First page"]).text) == titles(page)


def test_filters_add_up_in_the_address_and_come_off_one_by_one(site, fake_encoder):
    many(site, fake_encoder, 3)
    page = site.anonymous.get("/search").text
    narrowed = site.anonymous.get(links(page)["Max Muster 3"]).text
    assert "1–3 of 3" in narrowed
    wider = site.anonymous.get(links(narrowed)["Erika Beispiel 2"])
    assert "speaker=Max+Muster&speaker=Erika+Beispiel" in wider.request.full_path and "1–5 of 5" in wider.text
    rated = site.anonymous.get(links(wider.text)["Mostly false 1"]).text
    assert "1–1 of 1" in rated and "Die Brücke wird bis 2030 erneuert." in titles(rated)[0]
    back = site.anonymous.get(links(rated)["Max Muster 0 ×"]).text
    assert 'class="chosen"' in back and "1–1 of 1" in back
    assert "1–4 of 4" in site.anonymous.get(links(site.anonymous.get("/search").text)["Claims 4"]).text


def test_dates_are_a_form_that_keeps_the_other_filters(site):
    page = site.anonymous.get("/search?q=Br%C3%BCcke&kind=statement&language=de").text
    form = re.search(r'(?s)<form class="dates".*?</form>', page)[0]
    assert dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)) == {"q": "Brücke", "kind": "statement", "language": "de"}
    assert "1–1 of 1" in site.anonymous.get("/search?since=2024-03&until=2024&kind=statement&form=direct").text


def test_a_statement_stands_with_who_when_where_and_the_claim_it_makes(site):
    editor = site.store.users.by_name(site.names[Role.EDITOR])
    with site.store.write():
        site.store.decisions.add(site.statements[0].id, site.claim, Relation.SAME, editor)
    page = site.anonymous.get("/search?kind=statement&rating=mostly+false").text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for expected in ("Erika Beispiel", "4 Mar 2024", "Example", "worth checking", "promise", "Confirmed as", "Mostly false"):
        assert expected in text, expected
    assert f'href="/articles/{site.article}#s{site.statements[0].id}"' in page and f'href="/claims/{site.claim}"' in page


def test_exact_words_say_so_and_offer_the_other_reading(site):
    page = site.anonymous.get('/search?q="bis+2030"+-Tunnel').text
    assert "Searched for the exact words" in page and "<b>bis 2030</b>" in page and "<b>Tunnel</b>" in page
    other = site.anonymous.get(links(page)["Search by meaning instead"])
    assert "exact=0" in other.request.full_path and "Search for the exact words instead" in links(other.text)
    assert "Nothing on file matches this" in site.anonymous.get('/search?q="2030+bis"').text
    quote = site.anonymous.get("/search?q=„Wir+werden+die+Brücke+bis+2030+erneuern“").text
    assert "Search for the exact words instead" in links(quote) and "1–2 of 2" in quote


def test_fields_in_the_query_become_filters(site):
    page = site.anonymous.get('/search?q=speaker:"Erika+Beispiel"+Brücke+kind:claim').text
    assert 'value="Brücke"' in page and "Erika Beispiel 1 ×" in links(page) and "1–1 of 1" in page


def test_more_like_this_leads_on_from_every_row(site, fake_encoder):
    many(site, fake_encoder, 3)
    page = site.anonymous.get("/search?q=Klee").text
    like = site.anonymous.get(links(page)["More like this"])
    assert like.request.full_path.startswith("/search?like=claim:") or "like=claim%3A" in like.request.full_path
    assert "1–2 of 2" in like.text and "More like" in like.text
    assert site.anonymous.get("/search?like=claim:999").status_code == 404
    assert 'rel="next"' not in like.text


@pytest.mark.parametrize("query", ["rating=rubbish", "since=soon", "cursor=x", "like=person:1", "worth=5", "kind=x", "topic=a"])
@pytest.mark.parametrize("ending", ["", ".csv", ".json", ".rss", ".atom"])
def test_what_cannot_be_searched_for_is_a_clear_error(site, query, ending):
    answer = site.anonymous.get(f"/search{ending}?{query}")
    if query == "cursor=x" and ending in (".csv", ".rss", ".atom"):  # a file begins at the beginning
        assert answer.status_code == 200
        return
    assert answer.status_code == 400 and "Traceback" not in answer.text
    assert 'lang="de"' in site.anonymous.get(f"/search?{query}", headers={"Accept-Language": "de"}).text


def test_the_csv_holds_every_row_and_no_formula(site, fake_encoder):
    many(site, fake_encoder)
    pipeline.add_claim(site.store, fake_encoder, Claim(0, "evil", "=HYPERLINK(1) Klee", "de", speaker="@evil"))
    answer = site.anonymous.get("/search.csv?kind=claim")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(rows) == 27 and {r["kind"] for r in rows} == {"claim"}
    bridge = next(r for r in rows if r["claim_id"] == "bridge/2030")
    assert (bridge["rating"], bridge["publishers"], bridge["promise_status"], bridge["times_said"]) == ("mostly false", "Example desk", "stalled", "2")
    evil = next(r for r in rows if r["claim_id"] == "evil")
    assert (evil["text"], evil["speaker"]) == ("'=HYPERLINK(1) Klee", "'@evil")
    statements = list(csv.DictReader(io.StringIO(site.anonymous.get("/search.csv?kind=statement").get_data(as_text=True).lstrip("\ufeff"))))
    assert {(r["statement_kind"], r["source"], r["address"].rpartition("/")[2][0]) for r in statements} == {("direct", "Example", "1"), ("indirect", "Example", "1")}


def test_json_is_one_shape_with_counts_and_the_next_page(site, fake_encoder):
    many(site, fake_encoder, 3)
    answer = site.anonymous.get("/search.json?q=Klee&size=2&kind=claim").json
    assert set(answer) == {"wanted", "understood", "sort", "total", "at_least", "first", "counts", "results", "nearest", "cursor", "next"}
    assert (answer["total"], answer["first"], answer["at_least"], answer["sort"], len(answer["results"])) == (3, 1, False, "best", 2)
    assert answer["counts"]["speaker"] == [{"value": "Max Muster", "label": "Max Muster", "n": 3}]
    rest = site.anonymous.get(answer["next"]).json
    assert (rest["first"], len(rest["results"]), rest["next"], rest["cursor"]) == (3, 1, None, "")
    assert {r["claim_id"] for r in (*answer["results"], *rest["results"])} == {"k0", "k1", "k2"}
    [bridge] = site.anonymous.get("/search.json?rating=mostly+false").json["results"]
    assert bridge["reviews"][0]["rating_text"] == "Eher nicht" and bridge["address"].endswith(f"/claims/{site.claim}")


def test_feeds_hold_what_came_last_first_with_ids_that_stay(site, fake_encoder):
    rss = ET.fromstring(site.anonymous.get("/search.rss?q=Klee").data)
    assert rss.tag == "rss" and rss.findall("channel/item") == []
    many(site, fake_encoder, 2)
    before = ET.fromstring(site.anonymous.get("/search.rss?q=Klee").data).findall("channel/item")
    stored = site.store.claims.by_key("k0")
    site.store.claims.put(replace(stored, reviews=(Review("Desk", "False", Rating.FALSE, published_at="2024-01-01"),)))
    many(site, fake_encoder, 3)
    after = ET.fromstring(site.anonymous.get("/search.rss?q=Klee").data).findall("channel/item")
    ids = [item.findtext("guid") for item in after]
    assert len(before) == 2 and len(after) == len(set(ids)) == 3
    assert {item.findtext("guid") for item in before} < set(ids)
    assert ids[0] == next(i for i in ids if i not in {item.findtext("guid") for item in before})
    atom = ET.fromstring(site.anonymous.get("/search.atom?q=Klee").data)
    assert [e.findtext(f"{ATOM}id") for e in atom.findall(f"{ATOM}entry")] == ids
    assert all(e.find(f"{ATOM}updated") is not None and e.find(f"{ATOM}link").get("href") for e in atom.findall(f"{ATOM}entry"))


def test_files_and_feeds_are_read_without_signing_in_only_where_pages_are(site, settings, fake_encoder):
    closed = create_app(replace(settings, open_reading=False), store=site.store, encoder=fake_encoder).test_client()
    for ending in ("", ".csv", ".json", ".rss", ".atom"):
        assert closed.get(f"/search{ending}").status_code in (303, 401), ending
        assert site.anonymous.get(f"/search{ending}").status_code == 200, ending


def test_who_takes_claims_out_is_remembered(site):
    reader = site.client(Role.READER)
    reader.get("/search.csv?kind=claim").get_data()
    user = site.store.users.by_name(site.names[Role.READER])
    with site.store.write() as db:
        rows = db.execute("SELECT user_id, claim_id FROM exported_claims").fetchall()
    assert [tuple(r) for r in rows] == [(user.id, site.claim)]


def test_keys_turned_off_are_off_on_the_results_too(site):
    reader = site.client(Role.READER)
    assert 'data-keys="on"' in reader.get("/search").text
    user = site.store.users.by_name(site.names[Role.READER])
    site.store.users.set_preferences(user.id, language="", theme="", keys=False)
    assert 'data-keys="off"' in reader.get("/search").text


def test_marks_and_markup_in_queries_and_names_are_escaped(site, fake_encoder):
    evil = "<script>alert(1)</script>\"'>"
    put_article(site.store, fake_encoder, f"x {evil} y", [marked(f"x {evil} y", evil, kind=Kind.DIRECT, speaker=evil)], source=evil)
    for query in ("", "q=" + evil.replace('"', "%22"), "speaker=" + evil.replace('"', "%22")):
        page = site.anonymous.get(f"/search?{query}").text
        assert "<script>alert" not in page
    assert site.anonymous.post("/search", headers=SAME_ORIGIN).status_code == 405


def test_where_nothing_is_left_the_page_tells_how_much_was_searched(site):
    page = " ".join(re.sub(r"<[^>]+>", " ", site.anonymous.get("/search?q=Br%C3%BCcke&language=fr").text).split())
    claims, statements = site.store.claims.count(), site.store.articles.count_statements()
    assert claims and statements and re.search(rf"\b{claims} claims? and {statements} (past )?statements?", page), page[-900:]
