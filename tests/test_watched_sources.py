"""What is watched is kept at the desk and by commands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from fault_site import HERE, Handler, status
from watched_site import AGENCY, NOW, desk, fault_site, item, page_of, rss, running_site  # noqa: F401  (fixtures)

from factcheck import sourcesdesk, watching
from factcheck.errors import BadInput, ClaimtrailError, FeedUnreadable, NotFound
from factcheck.records import Source

# At the desk


def test_a_source_is_added_by_its_feed_or_by_a_page_that_names_it(desk):
    link = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'
    desk.site.pages = {"/feed": rss(title="Der Bote"), "/": f"<html><head>{link.format('Alles', '/feed')}</head></html>", "/several": f"<html><head>{link.format('Alles', '/feed')}{link.format('Sport', '/sport')}</head></html>", "/plain": "<html><head></head></html>"}
    made = sourcesdesk.add(desk.store, desk.settings, "anna", desk.url("/"), licence=" CC  BY ")
    assert isinstance(made, Source) and (made.name, made.url, made.licence, made.added_by) == ("Der Bote", desk.url("/feed"), "CC BY", "anna")
    with pytest.raises(BadInput, match="already, as Der Bote"):
        sourcesdesk.add(desk.store, desk.settings, "anna", desk.url("/feed"))
    choices = sourcesdesk.add(desk.store, desk.settings, "anna", desk.url("/several"))
    assert [(c.title, c.url) for c in choices] == [("Alles", desk.url("/feed")), ("Sport", desk.url("/sport"))]
    with pytest.raises(FeedUnreadable):
        sourcesdesk.add(desk.store, desk.settings, "anna", desk.url("/plain"))
    with pytest.raises(ClaimtrailError):
        sourcesdesk.add(desk.store, replace(desk.settings, outgoing_allow=()), "anna", desk.url("/sport"))
    assert [s.name for s in desk.store.sources.all()] == ["Der Bote"]


@pytest.mark.parametrize("wrong", [{"minutes": 1}, {"minutes": 10**6}, {"language": "German"}, {"name": "x" * 121}, {"licence": "x" * 201}, {"url": "ftp://example.org"}, {"url": ""}])
def test_what_cannot_be_a_source_is_refused(desk, wrong):
    with pytest.raises(BadInput):
        sourcesdesk.add(desk.store, desk.settings, "anna", **{"url": desk.url("/feed"), **wrong})
    assert desk.store.sources.all() == [] and desk.site.asked == []


def test_a_paused_source_rests_and_goes_on_where_it_was(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch()
    watching.look(desk.store, desk.settings, desk.now)
    sourcesdesk.pause(desk.store, "anna", source.id, True)
    desk.later(days=2)
    assert not desk.tick()
    with pytest.raises(BadInput):
        sourcesdesk.look_now(desk.store, "anna", source.id)
    sourcesdesk.pause(desk.store, "anna", source.id, False)
    desk.settle()
    assert desk.store.articles.count() == 1


def test_a_source_that_is_removed_leaves_its_articles(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch(licence="CC0")
    desk.settle()
    sourcesdesk.remove(desk.store, "anna", source.id)
    (article,) = desk.store.articles.newest(9)
    assert desk.store.appearances.licences([article.id]) == {article.id: ["CC0"]}
    assert desk.store.sources.all() == [] and desk.store.problems() == []
    with pytest.raises(NotFound):
        sourcesdesk.remove(desk.store, "anna", source.id)


def test_a_source_that_is_removed_while_it_is_looked_at_stays_removed(desk):
    source = desk.watch()

    def feed(site: Handler) -> None:
        site.server.remove()
        site.give(200, rss(item("1", "/a")))

    desk.site.remove = lambda: (desk.store.sources.delete(source.id), desk.store.close())
    desk.site.pages = {"/feed": feed}
    assert desk.tick()
    assert desk.store.sources.all() == [] and not desk.tick()


def test_health_counts_what_came_and_what_failed(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a"), item("2", "/gone")), "/a": page_of(AGENCY, "x")}
    source = desk.watch()
    desk.settle()
    health = desk.store.sources.health(desk.now)[source.id]
    assert (health.waiting, health.failed, round(health.a_day * 7), health.last_item_at) == (0, 1, 2, NOW.isoformat(timespec="seconds"))
    assert desk.store.sources.health(desk.now + timedelta(days=8))[source.id].a_day == 0


# The command line


@pytest.fixture
def run(desk, monkeypatch):
    from click.testing import CliRunner
    from factcheck.cli import cli

    monkeypatch.setenv("CLAIMTRAIL_HOME", str(desk.settings.home))
    monkeypatch.setenv("CLAIMTRAIL_OUTGOING_ALLOW", ",".join(HERE))

    def call(*words: str, fails: str = "") -> list[dict]:
        done = CliRunner().invoke(cli, ["sources", *words])
        assert (done.exit_code, fails in done.output) == (bool(fails), True), done.output
        return [json.loads(line) for line in done.output.splitlines()] if "--json" in words else []

    return call


def test_sources_by_commands(desk, run):
    desk.site.pages = {"/feed": rss(item("1", "/a"), title="Der Bote")}
    (made,) = run("add", desk.url("/feed"), "--language", "de", "--licence", "CC0", "--minutes", "60", "--json")
    assert (made["name"], made["licence"], made["minutes"], made["added_by"]) == ("Der Bote", "CC0", 60, "command line")
    run("add", desk.url("/feed"), fails="watched already")
    (looked,) = run("look", "1", "--json")
    assert looked["new"] == 1
    (listed,) = run("list", "--json")
    assert (listed["waiting"], listed["failures"], listed["state"]) == (1, 0, "active")
    assert run("pause", "1", "--json")[0]["state"] == "paused"
    run("look", "1", fails="paused")
    assert run("resume", "1", "--json")[0]["state"] == "active"
    desk.site.pages["/feed"] = status(500)
    run("look", "1", fails="has trouble of its own")
    run("list")
    run("pause", "7", fails="not on file")
