"""Sources on their pages: added, looked into, paused, removed by editors, in words of both languages; an article tells where else it stands."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck import sourcesdesk
from factcheck.errors import FetchFailed, OutgoingRefused
from factcheck.feedreading import NamedFeed
from factcheck.records import Appearance, FeedEntry, ItemState, LogFilter, Problem, Role, Source

FEED = "https://example.org/feed"
NOW = datetime.now(UTC)


@pytest.fixture
def feeds(monkeypatch):
    """What addresses lead to, without fetching them."""
    known = {FEED: [NamedFeed(FEED, "Der Bote")]}

    def find(settings, url):
        found = known[url]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(sourcesdesk, "find", find)
    return known


def add(site: Site, **about) -> Source:
    return site.store.sources.add(Source(**{"name": "Der Bote", "url": FEED, "added_by": "anna", **about}))


def post(client, path: str, **form):
    return client.post(path, data=form, headers=SAME_ORIGIN)


def main(response) -> str:
    return re.sub(r"\s+", " ", response.text[response.text.index("<main") : response.text.index("</main")])


def test_an_editor_adds_a_source_and_sees_how_it_does(site, feeds):
    editor = site.client(Role.EDITOR)
    assert "No source is watched yet" in editor.get("/sources").text
    made = post(editor, "/sources", url=FEED, language="de", licence="CC BY 4.0", minutes="15")
    (source,) = site.store.sources.all()
    assert (made.status_code, made.location) == (303, f"/sources/{source.id}")
    assert (source.name, source.url, source.language, source.licence, source.minutes, source.added_by) == ("Der Bote", FEED, "de", "CC BY 4.0", 15, "editor-1")
    page = editor.get(made.location).text
    assert "not looked at yet" in page and "CC BY 4.0" in page and "added a source" in page
    assert "Der Bote" in editor.get("/sources").text
    assert 'href="/sources"' in editor.get("/").text


def test_a_source_that_cannot_be_added_says_why_and_keeps_what_was_typed(site, feeds):
    editor = site.client(Role.EDITOR)
    feeds["https://example.org/inside"] = OutgoingRefused("No.", key="outgoing_scheme")
    feeds["https://example.org/gone"] = FetchFailed("Gone.", key="fetch_gone", host="example.org")
    for url, minutes, said in (("https://example.org/inside", "30", "http://"), ("https://example.org/gone", "30", "has no page"), (FEED, "1", "5 to"), (FEED, "soon", "5 to"), ("javascript:x", "30", "full address")):
        refused = post(editor, "/sources", url=url, minutes=minutes, licence="Kept licence")
        assert refused.status_code == 422 and said in main(refused) and "Kept licence" in refused.text, url
    assert site.store.sources.all() == []
    add(site)
    assert "watched already, as Der Bote" in post(editor, "/sources", url=FEED, minutes="30").text


def test_of_several_feeds_one_is_chosen(site, feeds):
    editor = site.client(Role.EDITOR)
    feeds["https://example.org/"] = [NamedFeed(FEED, "Alles"), NamedFeed("https://example.org/sport", "Sport")]
    page = post(editor, "/sources", url="example.org", minutes="30", licence="CC0")
    assert page.status_code == 200 and 'value="https://example.org/sport"' in page.text and page.text.count('name="licence" value="CC0"') == 2
    assert site.store.sources.all() == []


def test_a_source_is_changed_paused_resumed_looked_at_and_removed(site):
    editor, source = site.client(Role.EDITOR), add(site)
    path = f"/sources/{source.id}"
    assert post(editor, path, name="Bote am Morgen", language="en", licence="CC0", minutes="60").status_code == 303
    assert post(editor, path, name="", language="en", licence="CC0", minutes="60").status_code == 422
    assert post(editor, f"{path}/switch", on="0").location == path
    paused = site.store.sources.get(source.id)
    assert paused is not None and (paused.name, paused.minutes, paused.state) == ("Bote am Morgen", 60, "paused")
    assert "paused" in editor.get("/sources").text and post(editor, f"{path}/look").status_code == 400
    assert post(editor, f"{path}/switch", on="1", **{"from": "list"}).location == f"/sources#s{source.id}"
    site.store.sources.take(NOW)
    assert post(editor, f"{path}/look").status_code == 303
    active = site.store.sources.get(source.id)
    assert active is not None and (active.state, active.next_at) == ("active", "")
    assert post(editor, f"{path}/remove").location == "/sources?gone=1"
    assert editor.get(path).status_code == 404
    done = [e.action for e in site.store.audit.newest(LogFilter(object_type="source"), limit=20)]
    assert done == ["removed a source", "asked to look at a source", "resumed a source", "paused a source", "changed a source"]


def test_a_failing_source_says_what_is_wrong_in_the_readers_language(site):
    editor, source = site.client(Role.EDITOR), add(site)
    taken = site.store.sources.take(NOW)
    assert taken is not None
    problem = Problem("example.org has trouble of its own (500).", "fetch_trouble", (("host", "example.org"), ("status", 500)))
    for _ in range(3):
        site.store.sources.not_looked(taken, problem, NOW + timedelta(hours=2))
    for path in ("/sources", f"/sources/{source.id}"):
        english, german = editor.get(path).text, editor.get(path, headers={"Accept-Language": "de"}).text
        assert "example.org has trouble of its own (500)." in english and "paste the text" not in english and "3 looks in a row failed" in english
        assert "example.org hat selbst Schwierigkeiten (500)" in german and "3 Abrufe in Folge" in german


def test_items_tell_what_became_of_them(site):
    editor, source = site.client(Role.EDITOR), add(site)
    entries = [(FeedEntry(str(n), f"https://example.org/{n}", f"Item {n}"), str(n), True) for n in range(3)]
    site.store.sources.looked(source, entries, etag="", modified="", moment=NOW, next_at=NOW)
    failed, read, _ = site.store.sources.items(source.id, 9)
    site.store.sources.end_item(failed.id, ItemState.FAILED, problem=Problem("Gone.", "fetch_gone", (("host", "example.org"),)))
    site.store.sources.end_item(read.id, ItemState.DONE, article_id=site.article)
    page = main(editor.get(f"/sources/{source.id}"))
    assert "example.org has no page at this address" in page and f'href="/articles/{site.article}"' in page and page.count("Try again") == 1
    assert "one waits to be read" in main(editor.get("/sources")) and "one could not be read" in main(editor.get("/sources"))
    assert post(editor, f"/sources/items/{failed.id}/again").location == f"/sources/{source.id}#i{failed.id}"
    again = site.store.sources.item(failed.id)
    assert again is not None and again.state is ItemState.WAITING
    assert post(editor, "/sources/items/999/again").status_code == 404


def test_an_article_says_where_else_it_stands_and_under_which_licence(site):
    reader = site.client(Role.READER)
    assert "Also in" not in reader.get(f"/articles/{site.article}").text
    put = site.store.appearances.put
    put(Appearance(site.article, "Example", "https://example.org/bruecke", licence="CC BY 4.0"))
    put(Appearance(site.article, "Kurier", "https://kurier.example/1", published_at="2024-03-06"))
    put(Appearance(site.article, "Trap", "javascript:alert(1)"))
    page = main(reader.get(f"/articles/{site.article}"))
    assert 'Also in:</span> <a href="https://kurier.example/1"' in page and "in 3 outlets" in page and "Licence: CC BY 4.0" in page
    assert "javascript:" not in page
    german = main(reader.get(f"/articles/{site.article}", headers={"Accept-Language": "de"}))
    assert "Auch in:" in german and "Lizenz: CC BY 4.0" in german


def test_the_earlier_and_the_later_text_at_an_address_name_each_other(site):
    from factcheck.articles import from_text, text_hash

    text = "Ein anderer Text über die Brücke, der später an derselben Stelle stand."
    with site.store.write():
        later = site.store.articles.add(from_text(text), text_hash(text))
        site.store.articles.set_state(later.id, "ready")
    site.store.appearances.put(Appearance(later.id, "Example", "https://example.org/bruecke", earlier_id=site.article))
    reader = site.client(Role.READER)
    assert f'<a href="/articles/{later.id}">A later text stands at this address now</a>' in reader.get(f"/articles/{site.article}").text
    assert f'<a href="/articles/{site.article}">Earlier text at this address</a>' in reader.get(f"/articles/{later.id}").text


def test_journalists_do_not_see_sources(site):
    journalist = site.client(Role.JOURNALIST)
    assert journalist.get("/sources").status_code == 403 and post(journalist, "/sources", url=FEED).status_code == 403
    assert 'href="/sources"' not in journalist.get("/").text


def test_programs_list_and_add_sources(site, feeds):
    from factcheck import api_tokens

    user = site.store.users.by_name(site.names[Role.EDITOR])
    token, _ = api_tokens.make(site.store, user, "desk", ["read", "write"], "30")
    given = {"headers": {"Authorization": f"Bearer {token}"}}
    made = site.anonymous.post("/api/v1/sources", json={"url": FEED, "licence": "CC0"}, **given)
    assert made.status_code == 201 and made.json["name"] == "Der Bote" and made.json["problem"] == ""
    assert [s["id"] for s in site.anonymous.get("/api/v1/sources", **given).json["items"]] == [made.json["id"]]
    feeds["https://example.org/"] = [NamedFeed(FEED, "Alles"), NamedFeed("https://example.org/sport", "Sport")]
    refused = site.anonymous.post("/api/v1/sources", json={"url": "https://example.org/"}, **given)
    assert refused.status_code == 400 and "https://example.org/sport" in refused.json["error"]["message"]
    feeds["https://example.org/gone"] = FetchFailed("Gone.", key="fetch_gone", host="example.org")
    gone = site.anonymous.post("/api/v1/sources", json={"url": "https://example.org/gone"}, **given)
    assert gone.status_code == 400 and gone.json["error"]["message"] == "Gone."
    site.store.appearances.put(Appearance(site.article, "Kurier", "https://kurier.example/1", licence="CC0"))
    assert site.anonymous.get(f"/api/v1/articles/{site.article}", **given).json["appearances"][0]["licence"] == "CC0"


def test_the_licence_goes_out_with_articles_and_statements(site):
    from factcheck import exporting

    for outlet, licence in (("Kurier", "CC0"), ("Bote", "CC BY 4.0"), ("Bote", "")):
        site.store.appearances.put(Appearance(site.article, outlet, f"https://{outlet}.example/{licence}", licence=licence))
    (article,) = [json.loads(line) for line in exporting.lines(site.store, "articles", "jsonl")]
    assert (article["licence"], article["outlets"]) == ("CC BY 4.0; CC0", "Bote; Kurier")
    assert {json.loads(line)["licence"] for line in exporting.lines(site.store, "statements", "jsonl")} == {"CC BY 4.0; CC0"}
