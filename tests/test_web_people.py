"""The pages of people: the list, one person, and editing by plain forms."""

from __future__ import annotations

import csv
import io
import re

import pytest
from web_site import SAME_ORIGIN, Site, marked, put_article, site  # noqa: F401  (a fixture)

from factcheck import peopledesk, pipeline
from factcheck.records import Claim, Kind, Person, Promise, PromiseStatus, Rating, Review, Role


def visible(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(head|svg|style).*?</\1>", "", page)).split())


@pytest.fixture
def editor(site):  # noqa: F811
    return site.client(Role.EDITOR)


def post(client, path: str, **data):
    return client.post(path, data=data, headers=SAME_ORIGIN)


def more(site: Site, n: int) -> None:  # noqa: F811
    """Claims of the person in several years, with ratings, some of them promises."""
    for i in range(n):
        promise = Promise(deadline="2030-01-01", status=PromiseStatus.KEPT if i % 2 else PromiseStatus.BROKEN) if i % 3 == 0 else None
        rating = Rating.FALSE if i % 2 else Rating.TRUE
        site.store.claims.put(
            Claim(
                0, f"more-{i}", f"Claim number {i}.", "en", speaker="Erika Beispiel", person_id=site.person, first_said_at=f"{2015 + i % 4}-02-01",
                promise=promise, reviews=(Review("Example desk", "rated", rating, published_at="2020-01-01"),),
            )
        )  # fmt: skip


def test_a_person_shows_claims_by_year_and_rating_promises_and_recent_statements(site):  # noqa: F811
    more(site, 24)
    site.store.people.put(Person(0, "Erika Beispiel", offices=(peopledesk.Office("Ministerin", "2021-12-08", "2024-01-31"),)))
    page = site.anonymous.get(f"/people/{site.person}").text
    text = visible(page)
    assert "Ministerin 8 Dec 2021 – 31 Jan 2024" in text and "E. Beispiel" in text
    chart = page[page.index('id="years"') : page.index('id="repeated"')]
    assert re.findall(r'<th scope="row">(\d{4})</th>', chart) == ["2015", "2016", "2017", "2018", "2023"] * 2
    assert re.search(r"Year True Mostly false False (?:Total|All)", visible(chart))
    assert "2015 6 – – 6" in visible(chart) and "2023 – 1 – 1" in visible(chart)
    assert "Said most often" in text and "Kept 4" in text and "Broken 4" in text and "Stalled 1" in text
    assert "40 Millionen" not in text and "Wir werden die Brücke" in text
    assert "Page 1 of 2" in text and f'href="/people/{site.person}?claims=2#claims"' in page
    second = visible(site.anonymous.get(f"/people/{site.person}?claims=2").text)
    assert "Page 2 of 2" in second and second.count("Claim number") == 5
    assert site.anonymous.get(f"/people/{site.person}?claims=x&statements=-3").status_code == 200


def test_claims_and_statements_come_as_files_that_spreadsheets_take(site):  # noqa: F811
    site.store.claims.put(Claim(0, "f", "=HYPERLINK(1)", "en", speaker="Erika Beispiel", person_id=site.person))
    answer = site.anonymous.get(f"/people/{site.person}/claims.csv")
    assert answer.headers["Content-Type"].startswith("text/csv") and "erika-beispiel-claims.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(r["claim"], r["rating"], r["times_said"], r["promise_status"]) for r in rows] == [
        ("Die Brücke wird bis 2030 erneuert.", "mostly false", "2", "stalled"),
        ("'=HYPERLINK(1)", "not rated", "0", ""),
    ]
    said = list(csv.DictReader(io.StringIO(site.anonymous.get(f"/people/{site.person}/statements.csv").data.decode("utf-8-sig"))))
    assert [(r["kind"], r["said_at"], r["source"], r["is_promise"]) for r in said] == [("direct", "2024-03-04", "Example", "1")]
    assert said[0]["statement"].startswith("„Wir werden")
    assert site.anonymous.get("/people/999/claims.csv").status_code == 404


def test_the_list_sorts_pages_and_jumps_to_letters_without_scripts(site, fake_encoder):  # noqa: F811
    for i in range(120):
        person = site.store.people.put(Person(0, f"Given{i:03} {'AMZ'[i % 3]}name{i:03}"))
        for n in range(i % 4 + 1):
            site.store.claims.put(Claim(0, f"{i}-{n}", "c", "en", speaker=person.name, person_id=person.id))
    site.store.people.put(Person(0, "Silent Nobody"))
    page = site.anonymous.get("/people").text
    assert page.count('class="name"') == 50 and "Page 1 of 3" in visible(page) and "Silent Nobody" not in page
    by_name = site.anonymous.get("/people?order=name").text
    names = re.findall(r'class="name"[^>]*>([^<]+)<', by_name)
    assert names[:2] == ["Given000 Aname000", "Given003 Aname003"] and 'aria-sort="ascending"' in by_name
    third = site.anonymous.get("/people?order=name&page=3").text
    assert "Given119 Zname119" in third and 'rel="next"' not in third
    letter = re.findall(r'class="name"[^>]*>([^<]+)<', site.anonymous.get("/people?letter=m").text)
    assert len(letter) == 40 and letter[0] == "Given001 Mname001"
    assert "Silent Nobody" in site.anonymous.get("/people?name=nobody").text
    assert site.anonymous.get("/people?page=99").status_code == 404
    assert site.anonymous.get("/people?order=evil&letter=%25&page=0").status_code == 200


def test_editors_change_names_and_offices_and_take_back_from_the_history(site, editor):  # noqa: F811
    path = f"/people/{site.person}"
    page = editor.get(f"{path}/edit").text
    saw = re.search(r'name="saw" value="(\w+)"', page)[1]
    answer = post(editor, f"{path}/edit", saw=saw, name="Erika Muster", gender="f")
    assert (answer.status_code, answer.location) == (303, f"{path}/edit#about")
    post(editor, f"{path}/aliases", alias="E. Muster")
    post(editor, f"{path}/offices", title="Ministerin", since="2021", until="")
    office = site.store.people.get(site.person).offices[0]
    assert (office.title, office.since) == ("Ministerin", "2021-01-01")
    wrong = post(editor, f"{path}/offices", title="Kanzlerin", since="2025", until="2021")
    assert wrong.status_code == 400 and "exchange the two dates" in wrong.text and 'value="Kanzlerin"' in wrong.text
    late = post(editor, f"{path}/edit", saw=saw, name="Else", gender="")
    assert late.status_code == 409 and "editor-1 has changed Erika Muster meanwhile" in late.text
    post(editor, f"{path}/aliases", remove="E. Muster")
    post(editor, f"{path}/offices/{office.id}", remove="1")
    assert site.store.people.get(site.person).offices == ()
    history = visible(editor.get(f"{path}/edit").text)
    assert "editor-1 removed an alias: E. Muster" in history
    assert history.count("Take back") == 3  # the name, the alias and the office
    post(editor, f"{path}/aliases", alias="E. Muster")
    assert "E. Muster" in site.store.people.get(site.person).aliases
    assert visible(editor.get(f"{path}/edit").text).count("Take back") == 2


def test_two_who_are_one_are_merged_the_address_leads_on_and_it_can_be_taken_back(site, editor, fake_encoder):  # noqa: F811
    text = "“Nothing will be built,” said Erica Beispiel."
    other = site.store.people.put(Person(0, "Erica Beispiel"))
    put_article(
        site.store, fake_encoder, text, [marked(text, "“Nothing will be built,”", kind=Kind.DIRECT, speaker=other.name, person_id=other.id)]
    )
    assert "Erica Beispiel" in editor.get(f"/people/{site.person}/edit").text
    assert "Erica Beispiel" in visible(editor.get("/people/duplicates").text)
    answer = post(editor, f"/people/{other.id}/merge", into=site.person)
    assert (answer.status_code, answer.location) == (303, f"/people/{site.person}/edit#merges")
    moved = site.anonymous.get(f"/people/{other.id}")
    assert (moved.status_code, moved.location) == (302, f"/people/{site.person}?known={other.id}")
    page = visible(site.anonymous.get(moved.location).text)
    assert "Erica Beispiel is the same person" in page and "Nothing will be built" in page
    assert site.anonymous.get(f"/people/{other.id}/edit").status_code in (302, 303)
    again = post(editor, f"/people/{other.id}/merge", into=site.person)
    assert again.status_code == 409 and "editor-1 has merged Erica Beispiel into Erika Beispiel meanwhile" in again.text
    undo = re.search(r"/people/merges/\d+/undo", editor.get(f"/people/{site.person}/edit").text)[0]
    assert post(editor, undo).status_code == 303 and post(editor, undo).status_code == 409
    assert site.anonymous.get(f"/people/{other.id}").status_code == 200
    assert "Nothing will be built" not in visible(site.anonymous.get(f"/people/{site.person}").text)
    apart = post(editor, f"/people/{site.person}/apart", **{"other": other.id, "from": "duplicates"})
    assert apart.location == "/people/duplicates" and "Erica" not in visible(editor.get("/people/duplicates").text)


def test_only_editors_edit_and_names_are_escaped(site, editor):  # noqa: F811
    evil = "Eve <script>alert(1)</script>"
    person = site.store.people.put(Person(0, evil, aliases=(f"{evil} 2",)))
    page = editor.get(f"/people/{person.id}/edit").text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    journalist = site.client(Role.JOURNALIST)
    for path, data in (("edit", {"name": "x"}), ("aliases", {"alias": "x"}), ("offices", {"title": "x"}), ("merge", {"into": 1}), ("apart", {"other": 1})):
        assert post(journalist, f"/people/{person.id}/{path}", **data).status_code == 403
    assert journalist.get("/people/duplicates").status_code == 403
    assert "Edit" not in visible(journalist.get(f"/people/{person.id}").text)
    assert post(editor, "/people/999/aliases", alias="Ada").status_code == 404


def test_what_is_said_of_a_person_is_german_for_german_readers(site, editor):  # noqa: F811
    german = {"Accept-Language": "de"}
    assert "Behauptungen nach Jahr und Bewertung" in site.anonymous.get(f"/people/{site.person}", headers=german).text
    assert "Mögliche Dubletten" in editor.get("/people/duplicates", headers=german).text
    assert pipeline.person_id(site.store, "Erika Beispiel", []) == site.person
