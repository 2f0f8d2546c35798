"""Feeds are watched: what is new is read once, the same text in several papers is one, and no fault or stop loses or doubles anything."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from fault_site import (  # noqa: F401
    HERE,
    FaultSite,
    Handler,
    endless,
    fault_site,
    hang_up,
    never,
    redirect,
    robots,
    running_site,
    status,
)

from db import Store, open_store
from db.sources import LONGEST_WAIT
from factcheck import (
    feedreading,
    fetch,
    likeness,
    pacing,
    pipeline,
    sourcesdesk,
    watching,
)
from factcheck.articles import from_text
from factcheck.errors import (
    BadInput,
    ClaimtrailError,
    FeedUnreadable,
    NotFound,
    TooLarge,
)
from factcheck.fetch import Page
from factcheck.records import FeedItem, ItemState, LogFilter, Source
from factcheck.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

# Our own writing about invented people and places.
AGENCY = (
    "Die Verkehrsministerin Mira Holm hat am Montag in Kassel den Neubau der Fuldabrücke angekündigt. „Wir werden die Brücke bis 2030 "
    "erneuern“, sagte sie vor dem Stadtrat. Das Land trage 40 Millionen Euro der Kosten, den Rest übernehme die Stadt. Der Vorsitzende des "
    "Bauausschusses, Jonas Abel, nannte den Zeitplan ehrgeizig. „Wer so etwas verspricht, muss auch die Ingenieure haben“, sagte er. Die alte "
    "Brücke ist seit dem Herbst für Lastwagen gesperrt, nachdem Prüfer Risse in zwei Pfeilern gefunden hatten. Täglich fahren nach Angaben der "
    "Stadt 18 000 Autos über sie. Die Planung soll im Sommer beginnen, der Abriss im Jahr darauf. Anwohner fordern, den Radweg schon vorher "
    "zu verlegen. Darüber will der Stadtrat in seiner nächsten Sitzung beraten."
)
OTHER = (
    "Der Gemeinderat von Lindau hat am Abend über das neue Hallenbad beraten und die Entscheidung vertagt. Bürgermeister Karl Ebner sagte, "
    "ohne einen Zuschuss des Bezirks sei der Bau nicht zu bezahlen. „Wir bauen, sobald das Geld da ist“, sagte er. Die Opposition verlangte "
    "einen neuen Plan mit einem kleineren Becken. Eine Umfrage des Schwimmvereins hatte im Januar ergeben, dass die meisten Mitglieder auch mit "
    "einem Umbau des alten Bades zufrieden wären. Im Mai soll ein Gutachten vorliegen."
)


def page_of(text: str, title: str) -> str:
    paragraphs = "".join(f"<p>{part.strip()}.</p>" for part in text.split(". "))
    return f'<html lang="de"><head><title>{title}</title></head><body><nav>Menü</nav><article><h1>{title}</h1>{paragraphs}</article></body></html>'


def rss(*items: str, title: str = "Beispielbote") -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>{title}</title><link>/</link><description>x</description>{"".join(items)}</channel></rss>'.encode()


def item(guid: str, link: str, title: str = "Die Brücke", extra: str = "", hour: int = 9) -> str:
    return f'<item><guid isPermaLink="false">{guid}</guid><link>{link}</link><title>{title}</title><pubDate>Mon, 02 Mar 2026 {hour:02}:00:00 GMT</pubDate>{extra}</item>'


@dataclass
class Desk:
    """A store, and a site to watch; ``now`` moves on as told."""

    store: Store
    settings: Settings
    site: FaultSite
    now: datetime = NOW

    def url(self, path: str) -> str:
        return self.site.url(path)

    def watch(self, path: str = "/feed", **about) -> Source:
        return self.store.sources.add(Source(about.pop("name", "Beispielbote"), self.url(path), **about))

    def tick(self) -> bool:
        return watching.tick(self, self.now)

    def later(self, **length) -> None:
        self.now += timedelta(**length)

    def settle(self, most: int = 200) -> None:
        """Work until nothing is left that may be done within an hour."""
        for _ in range(most):
            if not self.tick():
                self.later(seconds=6)
                if not self.tick():
                    return
        raise AssertionError("there is no end to it")

    def item(self, source: Source) -> FeedItem:
        (found,) = self.store.sources.items(source.id, 10)
        return found

    def fetched(self, path: str) -> int:
        return self.site.paths().count(path)

    def source(self, source: Source) -> Source:
        found = self.store.sources.get(source.id)
        assert found is not None
        return found


@pytest.fixture
def desk(tmp_path, fault_site) -> Iterator[Desk]:  # noqa: F811
    settings = Settings(home=tmp_path, outgoing_allow=HERE)
    store = open_store(settings.database)
    yield Desk(store, settings, fault_site)
    store.close()


# What a feed holds becomes articles


def test_new_items_become_articles_once(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a", "Die Brücke"), item("2", "/b", "Das Hallenbad", hour=10)), "/a": page_of(AGENCY, "Die Brücke"), "/b": page_of(OTHER, "Das Hallenbad")}
    source = desk.watch(licence="CC BY 4.0")
    desk.settle()
    bath, bridge = desk.store.articles.newest(9)
    assert (bridge.title, bridge.url, bridge.source, bridge.published_at, bridge.language) == ("Die Brücke", desk.url("/a"), "Beispielbote", "2026-03-02T09:00:00+00:00", "de")
    assert bridge.text.startswith("Die Verkehrsministerin Mira Holm") and bath.title == "Das Hallenbad"
    assert desk.store.appearances.licences([bridge.id]) == {bridge.id: ["CC BY 4.0"]}
    assert [i.state for i in desk.store.sources.items(source.id, 9)] == [ItemState.DONE] * 2
    desk.later(hours=1)
    desk.settle()
    assert desk.fetched("/feed") == 2 and desk.fetched("/a") == desk.fetched("/b") == 1
    assert desk.store.articles.count() == 2
    assert [e.user_name for e in desk.store.audit.newest(LogFilter(), limit=2)] == ["source: Beispielbote"] * 2


def test_the_language_of_a_source_counts_for_more_than_a_guess(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    desk.watch(language="nds")
    desk.settle()
    assert desk.store.articles.newest(1)[0].language == "nds"


def test_one_agency_text_in_several_papers_is_one_article_with_several_appearances(desk):
    cut = AGENCY.split(" Anwohner fordern")[0]
    papers = {"Bote": AGENCY, "Kurier": f"Kassel – {AGENCY} Mehr dazu lesen Sie in unserer Ausgabe.", "Anzeiger": cut}
    for name, text in papers.items():
        desk.site.pages |= {f"/{name}": rss(item("1", f"/{name}/1", f"{name} meldet")), f"/{name}/1": page_of(text, f"{name} meldet")}
        desk.watch(f"/{name}", name=name)
        desk.settle()
    (article,) = desk.store.articles.newest(9)
    found = desk.store.appearances.of_article(article.id)
    assert [(a.outlet, a.title, a.url) for a in found] == [(name, f"{name} meldet", desk.url(f"/{name}/1")) for name in papers]
    assert watching.outlets(article, found) == 3


def test_a_text_added_by_hand_is_found_again_in_a_feed(desk):
    mine, _ = pipeline.add_article(desk.store, from_text(AGENCY, source="Archiv"))
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(f"{AGENCY} Das teilte sie mit.", "Die Brücke")}
    desk.watch()
    desk.settle()
    assert [a.id for a in desk.store.articles.newest(9)] == [mine.id]
    assert watching.outlets(mine, desk.store.appearances.of_article(mine.id)) == 2


def test_of_a_new_source_the_newest_are_read_and_the_rest_left_aside(desk, monkeypatch):
    monkeypatch.setattr(watching, "FIRST_LOOK", 2)
    desk.site.pages = {"/feed": rss(*(item(str(n), f"/{n}", hour=n) for n in range(6)))}
    source = desk.watch()
    assert desk.tick()
    assert [i.guid for i in desk.store.sources.items(source.id, 9) if i.state is not ItemState.SKIPPED] == ["5", "4"]
    desk.site.pages["/feed"] = rss(*(item(str(n), f"/{n}", hour=n) for n in range(8)))
    desk.later(hours=1)
    desk.tick()
    assert {i.guid for i in desk.store.sources.items(source.id, 9) if i.state is not ItemState.SKIPPED} == {"4", "5", "6", "7"}


# Items that change


@pytest.mark.parametrize("added", [" Das teilte das Ministerium mit.", ""])
def test_a_small_change_is_noted_beside_the_article(desk, added):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch()
    desk.settle()
    desk.site.pages = {"/feed": rss(item("1", "/a", "Neue Brücke")), "/a": page_of(AGENCY + added, "Neue Brücke")}
    desk.later(hours=1)
    desk.settle()
    (article,) = desk.store.articles.newest(9)
    (place,) = desk.store.appearances.of_article(article.id)
    assert bool(place.changed_at) is bool(added) and desk.fetched("/a") == 2
    assert desk.item(source).changed_at and desk.item(source).state is ItemState.DONE


def test_a_text_with_another_figure_becomes_an_article_that_names_the_earlier_one(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    desk.watch()
    desk.settle()
    desk.site.pages = {"/feed": rss(item("1", "/a", "Korrigiert")), "/a": page_of(AGENCY.replace("40 Millionen", "400 Millionen"), "Korrigiert")}
    desk.later(hours=1)
    desk.settle()
    new, old = desk.store.articles.newest(9)
    (place,) = desk.store.appearances.of_article(new.id)
    assert "400 Millionen" in new.text and "40 Millionen" in old.text
    assert (place.earlier_id, place.url) == (old.id, old.url)
    later = desk.store.appearances.later(old.id)
    assert later is not None and later.article_id == new.id
    desk.site.pages = {"/feed": rss(item("1", "/a", "Wieder")), "/a": page_of(AGENCY.replace("40 Millionen", "400 Millionen"), "Wieder")}
    desk.later(hours=1)
    desk.settle()
    assert desk.store.articles.count() == 2


# Texts in the feed itself


def full(text: str) -> str:
    return f"<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded>"


def test_the_text_in_the_feed_is_taken_where_its_page_cannot_be_had(desk):
    desk.site.pages = {"/feed": rss(item("1", "/closed", extra=full(AGENCY))), "/closed": status(403)}
    source = desk.watch()
    desk.settle()
    (article,) = desk.store.articles.newest(9)
    assert article.text == AGENCY and article.url == desk.url("/closed")
    assert desk.item(source).html == ""


def test_a_page_that_robots_may_not_read_is_left_alone(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "x"), "/robots.txt": robots("User-agent: *", "Disallow: /a")}
    source = desk.watch()
    desk.settle()
    found = desk.item(source)
    assert (found.state, found.problem.key, desk.fetched("/a")) == (ItemState.SKIPPED, "fetch_robots", 0)


# Faults


FAULTS = {
    "500": (status(500), "fetch_trouble"),
    "503": (status(503), "fetch_trouble"),
    "429": (status(429), "fetch_later"),
    "gone": (status(410), "fetch_gone"),
    "no answer in time": (never, "outgoing_timeout"),
    "a line that breaks": (hang_up, "outgoing_no_answer"),
    "100 MB": (endless, "fetch_too_large"),
    "a circle": (redirect("/feed"), "fetch_circles"),
    "a way inside": (redirect("http://10.0.0.1/"), "outgoing_not_public"),
    "no XML": (b"\xff\xfe\x00 nothing", "feed_none"),
    "cut XML": (b'<?xml version="1.0"?><rss version="2.0"><channel><title>x', "feed_broken"),
    "cut sitemap": (b"<urlset><url><loc>", "feed_broken_sitemap"),
    "a page": (b"<html><body>We have moved.</body></html>", "feed_none"),
    "entities": (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><rss version="2.0"><channel><title>&a;</title></channel></rss>', "feed_entities"),
    "entities in UTF-16": ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "a">]><rss/>'.encode("utf-16"), "feed_entities"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_and_waited_out_and_nothing_is_lost(desk, name, monkeypatch):
    monkeypatch.setattr(watching, "TIMEOUT", 1.0 if name == "no answer in time" else 10.0)
    fault, key = FAULTS[name]
    desk.site.pages = {"/feed": fault}
    source = desk.watch(minutes=30)
    assert desk.tick()
    after = desk.source(source)
    assert (after.failures, after.problem.key) == (1, key) and str(after.problem.error)
    assert timedelta(minutes=48) <= datetime.fromisoformat(after.next_at) - desk.now <= timedelta(minutes=72)
    assert desk.site.sent < 60, "what is too large is not read to its end"
    assert not desk.tick(), "it is left alone for a while"
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    desk.later(minutes=73)
    desk.settle()
    assert desk.store.articles.count() == 1
    assert (desk.source(source).failures, desk.source(source).problem) == (0, None)


def test_the_wait_doubles_with_each_failure_up_to_a_day():
    assert [watching.wait(30, n, 0.5) for n in (0, 1, 2, 3, 9)] == [timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2), timedelta(hours=4), timedelta(days=1)]
    assert watching.wait(30, 0, 0.0) == timedelta(minutes=24) and watching.wait(30, 0, 1.0) == timedelta(minutes=36)
    assert watching.wait(7 * 24 * 60, 3, 0.5) == timedelta(days=7)
    assert watching.wait(sourcesdesk.SLOWEST, 0, 1.0) < LONGEST_WAIT and timedelta(seconds=fetch.LONGEST_WAIT) < LONGEST_WAIT, "else it is looked at all the time"


def test_a_broken_feed_is_read_as_far_as_it_goes(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")).replace(b"</channel></rss>", b"<item><title>R & D</ti"), "/a": page_of(AGENCY, "Die Brücke")}
    desk.watch()
    desk.settle()
    assert desk.store.articles.newest(1)[0].title == "Die Brücke"


def test_a_large_broken_feed_is_refused():
    body = rss(item("1", "/a")) + b"<x>" + b"y" * (feedreading.LARGEST_BROKEN + 1)
    with pytest.raises(TooLarge):
        feedreading.read(Page("https://example.org/feed", body))


@pytest.mark.parametrize("body", [b"<a>" * 60_000 + b"</a>" * 60_000, b"<item><x/></item>" * 30_000, b"<a " * 60_000])
def test_a_feed_of_countless_elements_is_refused_at_once(body):
    began = time.process_time()
    with pytest.raises(TooLarge):
        feedreading.read(Page("https://example.org/feed", b'<rss version="2.0"><channel>' + body + b"</channel></rss>"))
    assert time.process_time() - began < 2


def test_a_page_in_trouble_is_tried_again_and_one_that_is_gone_is_not(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a"), item("2", "/gone")), "/a": status(502)}
    source = desk.watch()
    desk.settle()
    gone, waiting = sorted(desk.store.sources.items(source.id, 9), key=lambda i: i.state)
    assert (waiting.state, waiting.problem.key, gone.state, gone.problem.key) == (ItemState.WAITING, "fetch_trouble", ItemState.FAILED, "fetch_gone")
    desk.site.pages["/a"] = page_of(AGENCY, "Die Brücke")
    desk.later(minutes=2)
    desk.settle()
    assert desk.store.articles.count() == 1 and desk.fetched("/gone") == 1
    sourcesdesk.try_again(desk.store, "anna", gone.id)
    desk.later(minutes=1)
    desk.settle()
    assert desk.fetched("/gone") == 2


def test_a_page_that_never_works_is_given_up(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": status(502)}
    source = desk.watch(minutes=7 * 24 * 60)
    for _ in range(pacing.TRIES + 3):
        desk.settle()
        desk.later(hours=15)
    assert desk.item(source).state is ItemState.FAILED and desk.fetched("/a") == pacing.TRIES


def test_a_page_nobody_comes_back_from_is_given_up(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch()
    watching.look(desk.store, desk.settings, desk.now)
    for _ in range(pacing.TRIES):
        assert desk.store.sources.take_item(desk.now, timedelta())
        desk.later(minutes=6)
    watching.read(desk.store, desk.settings, desk.now)
    assert (desk.item(source).state, desk.item(source).problem.key, desk.fetched("/a")) == (ItemState.FAILED, "feed_no_end", 0)


def test_what_has_not_changed_is_not_sent_again(desk):
    told = []

    def feed(site: Handler) -> None:
        told.append((site.headers.get("If-None-Match"), site.headers.get("If-Modified-Since")))
        if site.headers.get("If-None-Match") == '"v1"':
            return site.give(304, b"")
        site.give(200, rss(item("1", "/a")), ETag='"v1"', Last_Modified="Mon, 02 Mar 2026 09:00:00 GMT")

    desk.site.pages = {"/feed": feed, "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch()
    for _ in range(3):
        desk.settle()
        desk.later(hours=1)
    assert told == [(None, None)] + [('"v1"', "Mon, 02 Mar 2026 09:00:00 GMT")] * 2
    assert desk.source(source).failures == 0 and desk.store.articles.count() == 1


def test_a_feed_that_moved_for_good_is_watched_where_it_is(desk):
    desk.site.pages = {"/feed": redirect("/new", 301), "/new": rss(item("1", "/a"))}
    source = desk.watch()
    desk.tick()
    assert desk.source(source).url == desk.url("/new")


# Stops at any moment


class Stopped(BaseException):
    pass


class Stopping:
    """Lets so many calls of the store's parts through, then stops as a killed process would."""

    def __init__(self, part, left: list[int]):
        self._part, self._left = part, left

    def __getattr__(self, name: str):
        found = getattr(self._part, name)
        if not callable(found):
            return found

        def call(*args, **kwargs):
            self._left[0] -= 1
            if self._left[0] < 0:
                raise Stopped
            result = found(*args, **kwargs)
            return result

        return call


PARTS = ("sources", "appearances", "articles", "audit")


def test_a_stop_between_any_two_steps_loses_nothing_and_doubles_nothing(desk, tmp_path):
    desk.site.pages = {
        "/feed": rss(item("1", "/a"), item("2", "/b", "Das Hallenbad", hour=10), item("3", "/c", "Nachdruck", hour=11)),
        "/a": page_of(AGENCY, "Die Brücke"), "/b": page_of(OTHER, "Das Hallenbad"), "/c": page_of(f"{AGENCY} Das teilte sie mit.", "Nachdruck"),
    }  # fmt: skip
    stops = 0
    for allowed in range(1_000):
        store = open_store(tmp_path / f"stopped-{allowed}" / "x.db")
        worker = Desk(store, desk.settings, desk.site)
        worker.watch()
        left = [allowed]
        whole = {name: getattr(store, name) for name in PARTS}
        for name in PARTS:
            setattr(store, name, Stopping(whole[name], left))
        try:
            worker.settle()
        except Stopped:
            stops += 1
        for name in PARTS:
            setattr(store, name, whole[name])
        worker.later(minutes=6)  # the lease ends
        worker.settle()
        reprinted, bath = sorted((a for a in store.articles.newest(9)), key=lambda a: a.text)[::-1][:2][::-1]
        assert store.articles.count() == 2
        assert sorted(len(store.appearances.of_article(a.id)) for a in (reprinted, bath)) == [1, 2]
        assert [i.state for i in store.sources.items(1, 9)] == [ItemState.DONE] * 3
        assert [e.action for e in store.audit.newest(LogFilter(), limit=9)] == ["added an article"] * 2
        store.close()
        if left[0] >= 0:
            break
    assert stops == allowed > 20, "it was stopped at each call, until there was none left"


WORK = """
import sys
from pathlib import Path
from db import open_store
from factcheck import watching
from factcheck.settings import Settings
from factcheck.worker import Bench
settings = Settings(home=Path(sys.argv[1]), outgoing_allow=("127.0.0.1",))
where = sys.argv[3]
bench = Bench(open_store(where if "://" in where else Path(where), folder=settings.home), None, settings)
from datetime import UTC, datetime, timedelta
now = datetime.now(UTC) + timedelta(minutes=int(sys.argv[2]))
print("ready", flush=True)
while watching.tick(bench, now):
    now += timedelta(seconds=6)
"""


def test_killed_workers_side_by_side_do_everything_once(desk, tmp_path, place):
    """Processes that are killed (SIGKILL) at random moments, two at a time; each next pair starts when the lease of the last is over."""
    texts = {f"/{n}": AGENCY.replace("Kassel", f"Ort{n}stadt").replace("2030", str(2030 + n)) for n in range(6)}
    desk.site.pages = {"/feed": rss(*(item(path, path, hour=n) for n, path in enumerate(texts)))}
    desk.site.pages |= {path: page_of(text, f"Titel {path}") for path, text in texts.items()}
    home = tmp_path / "killed"
    store = open_store(home / "claimtrail.db")
    source = store.sources.add(Source("Beispielbote", desk.url("/feed")))
    chance = random.Random(7)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    for round_ in range(4):
        started = [subprocess.Popen([sys.executable, "-c", WORK, str(home), str(6 * round_), str(place(home / "claimtrail.db"))], env=environment, stdout=subprocess.PIPE) for _ in range(2)]
        for worker in started:
            assert worker.stdout is not None and worker.stdout.readline() == b"ready\n"
        if round_ < 3:
            time.sleep(chance.uniform(0.05, 1.0))
            for worker in started:
                worker.send_signal(signal.SIGKILL)
        for worker in started:
            worker.communicate(timeout=120)
    assert [i.state for i in store.sources.items(source.id, 20)] == [ItemState.DONE] * len(texts)
    found = store.articles.newest(20)
    assert sorted(a.url or "" for a in found) == sorted(desk.url(path) for path in texts)
    assert all(len(store.appearances.of_article(a.id)) == 1 for a in found)
    assert len(store.audit.newest(LogFilter(), limit=50)) == len(texts) and store.problems() == []
    store.close()


def test_who_comes_back_after_the_lease_does_not_end_what_another_has_taken(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    desk.watch()
    watching.look(desk.store, desk.settings, NOW)
    slow = desk.store.sources.take_item(NOW, timedelta())
    assert slow and desk.store.sources.holds(slow)
    other = desk.store.sources.take_item(NOW + timedelta(minutes=6), timedelta())
    assert other and not desk.store.sources.holds(slow) and desk.store.sources.holds(other)
    assert desk.store.sources.take_item(NOW + timedelta(minutes=7), timedelta()) is None


# Sites are asked at their own pace


def test_pages_of_one_site_are_not_fetched_in_a_hurry(desk):
    """Also where two of its feeds are watched."""
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/feed2": rss(item("2", "/b")), "/a": page_of(AGENCY, "x"), "/b": page_of(OTHER, "y")}
    desk.watch()
    desk.watch("/feed2")
    assert desk.tick()
    desk.later(seconds=4)
    assert not desk.tick()
    for _ in range(2):
        desk.later(seconds=2)
        desk.tick()
    assert (desk.fetched("/a"), desk.fetched("/b")) == (1, 1)


def test_a_site_gets_the_time_between_two_pages_that_its_rules_ask_for(desk):
    desk.site.pages = {
        "/robots.txt": robots("User-agent: *", "Crawl-delay: 60"), "/feed": rss(item("1", "/a", hour=7), item("2", "/b", hour=8), item("3", "/gone", hour=9)),
        "/a": page_of(AGENCY, "x"), "/b": page_of(OTHER, "y"),
    }  # fmt: skip
    desk.watch(minutes=7 * 24 * 60)
    gone_at: list[datetime] = []
    for _ in range(40):
        before = len(desk.site.asked)
        desk.tick()
        gone_at += [desk.now] * (len(desk.site.asked) - before - (before == 0))  # its rules come with the first
        desk.later(seconds=10)
    assert desk.site.paths() == ["/robots.txt", "/feed", "/a", "/b", "/gone"]
    assert [b - a for a, b in pairwise(gone_at)] == [timedelta(minutes=1)] * 3
    # another process knows what the site asks for before it has asked itself
    fetch.known_rules.forget()
    assert desk.store.sources.rest_of(f"127.0.0.1:{desk.site.server_port}") == 60
    desk.site.pages["/robots.txt"] = robots("User-agent: *", "Crawl-delay: 20")
    sourcesdesk.try_again(desk.store, "anna", next(i.id for i in desk.store.sources.items(1, 9) if i.state is ItemState.FAILED))
    desk.later(minutes=2)
    assert desk.tick() and desk.store.sources.rest_of(f"127.0.0.1:{desk.site.server_port}") == 20


def test_a_feed_that_asks_to_be_left_alone_is_left_alone(desk):
    desk.site.pages = {"/feed": status(429, Retry_After="10800"), "/feed2": rss(item("1", "/a")), "/a": page_of(AGENCY, "x")}
    source = desk.watch()
    assert desk.tick()
    after = desk.source(source)
    assert (after.problem.key, dict(after.problem.values)["minutes"]) == ("fetch_later_in", 180)
    assert datetime.fromisoformat(after.next_at) == desk.now + timedelta(hours=3), "longer than it would wait by itself"
    other = desk.watch("/feed2")
    desk.site.pages["/feed"] = rss(item("1", "/a"))
    for _ in range(17):
        assert not desk.tick(), "nor is anything else of its site asked"
        desk.later(minutes=10)
    assert len(desk.site.asked) == 2 and desk.source(other).failures == 0
    desk.later(minutes=11)
    desk.settle()
    assert desk.store.articles.count() == 1 and desk.source(source).problem is None
    assert desk.source(other).looked_at


@pytest.mark.parametrize("code", [429, 503])
def test_a_page_that_asks_for_patience_is_read_when_it_is_over(desk, code):
    desk.site.pages = {"/feed": rss(item("1", "/a", hour=7), item("2", "/b", hour=8)), "/a": status(code, Retry_After="1200"), "/b": page_of(OTHER, "y")}
    desk.watch(minutes=7 * 24 * 60)
    for _ in range(2):
        desk.tick()
        desk.later(minutes=9)
    assert (desk.fetched("/a"), desk.fetched("/b")) == (1, 0)
    desk.site.pages["/a"] = page_of(AGENCY, "x")
    desk.later(minutes=3)
    desk.settle()
    assert (desk.fetched("/a"), desk.fetched("/b"), desk.store.articles.count()) == (2, 1, 2)


def test_a_site_whose_rules_cannot_be_had_for_once_loses_nothing(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "x")}
    source = desk.watch(minutes=7 * 24 * 60)
    watching.look(desk.store, desk.settings, desk.now)
    fetch.known_rules.forget()
    desk.site.pages["/robots.txt"] = status(503)
    assert desk.tick() and desk.item(source).state is ItemState.WAITING and desk.fetched("/a") == 0
    fetch.known_rules.forget()
    desk.site.pages["/robots.txt"] = robots("User-agent: *", "Allow: /")
    desk.later(minutes=2)
    desk.settle()
    assert desk.item(source).state is ItemState.DONE


def test_the_parts_of_a_list_of_sitemaps_are_not_fetched_in_a_hurry_either(desk, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(watching.time, "sleep", slept.append)
    parts = [f"/part{n}.xml" for n in range(3)]
    listed = "".join(f"<sitemap><loc>{desk.url(p)}</loc></sitemap>" for p in parts)
    desk.site.pages = {p: '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>' for p in parts} | {"/feed": f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>'}
    for rest, looked_at in ((0, 3), (10, 3), (12, 2), (20, 1), (300, 1)):
        desk.site.pages["/robots.txt"] = robots("User-agent: *", f"Crawl-delay: {rest}")
        fetch.known_rules.forget()
        desk.site.asked.clear()
        slept.clear()
        entries = watching.entries_of(desk.settings, feedreading.read(watching.fetch_feed(desk.settings, desk.url("/feed"))))
        assert entries == [] and len([p for p in desk.site.paths() if p in parts]) == looked_at
        assert slept == [min(rest, watching.PART_RESTS)] * looked_at


# Sitemaps


def test_a_news_sitemap_and_a_list_of_sitemaps_are_read():
    news = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>https://example.org/a?utm_source=x</loc><news:news><news:publication><news:name>Bote</news:name></news:publication>
    <news:publication_date>2026-03-02T09:00:00+01:00</news:publication_date><news:title>Die Br\xc3\xbccke</news:title></news:news></url>
    <url><loc>javascript:alert(1)</loc></url><url><loc>https://example.org/b</loc><lastmod>2026-03-03</lastmod></url></urlset>"""
    found = feedreading.read(Page("https://example.org/news.xml", news)).entries
    assert [(e.link, e.title, e.published_at) for e in found] == [("https://example.org/b", "", "2026-03-03"), ("https://example.org/a", "Die Brücke", "2026-03-02T09:00:00+01:00")]
    index = b"""<sitemapindex><sitemap><loc>https://example.org/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap>
    <sitemap><loc>https://elsewhere.example/news.xml</loc></sitemap><sitemap><loc>https://example.org/new.xml</loc><lastmod>2026-03-01</lastmod></sitemap>
    <sitemap><loc>https://example.org/google-news.xml</loc></sitemap></sitemapindex>"""
    assert feedreading.read(Page("https://example.org/sitemap.xml", index)).parts == ("https://example.org/google-news.xml", "https://example.org/new.xml", "https://example.org/old.xml")


def test_a_list_of_sitemaps_is_watched_by_its_parts(desk):
    part = "<urlset><url><loc>{}</loc></url></urlset>"
    desk.site.pages = {"/feed": f"<sitemapindex><sitemap><loc>{desk.url('/p1')}</loc></sitemap><sitemap><loc>{desk.url('/broken')}</loc></sitemap></sitemapindex>", "/p1": part.format(desk.url("/a")), "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch()
    desk.settle()
    assert desk.store.articles.newest(9)[0].url == desk.url("/a") and desk.source(source).failures == 0


def test_atom_with_times_of_other_zones_and_relative_links():
    feed = '<feed xmlns="http://www.w3.org/2005/Atom"><title>Bote</title><entry><id>tag:x,1</id><title type="html">A &amp;lt;b&amp;gt;</title><link href="a"/><published>2026-03-02T09:00:00+02:00</published></entry><entry><id>2</id><title>no page, no text</title></entry></feed>'
    (entry,) = feedreading.read(Page("https://example.org/x/feed", feed.encode())).entries
    assert (entry.guid, entry.link, entry.published_at) == ("tag:x,1", "https://example.org/x/a", "2026-03-02T07:00:00+00:00")


# Likeness

GAMES = "Lotto am Samstag: Die Gewinnzahlen lauten {}. Alle Angaben sind ohne Gewähr. Die nächste Ziehung findet am Mittwoch statt, der Jackpot beträgt dann voraussichtlich mehrere Millionen Euro. Gespielt werden kann in allen Annahmestellen des Landes bis kurz vor der Ziehung am frühen Abend, außerdem über das Netz."


def test_what_is_the_same_text_and_what_is_not():
    """The set the threshold was chosen by: (text, text on file, whether it is the same)."""
    cut = AGENCY.split(" Anwohner fordern")[0]
    half = AGENCY.split(" Der Vorsitzende")[0]
    retold = (
        "Kassels Fuldabrücke wird neu gebaut. Das hat Verkehrsministerin Mira Holm am Montag angekündigt: „Wir werden die Brücke bis 2030 erneuern.“ "
        "Vom Land kommen 40 Millionen Euro. Jonas Abel, der dem Bauausschuss vorsitzt, hält das für ehrgeizig: „Wer so etwas verspricht, muss auch "
        "die Ingenieure haben.“ Seit Herbst dürfen keine Lastwagen mehr über die Brücke, weil in zwei Pfeilern Risse sind."
    )
    cases = [
        (AGENCY, AGENCY, True),
        (AGENCY.upper(), AGENCY, True),
        (f"Kassel (agentur). {AGENCY}", AGENCY, True),
        (f"{AGENCY} Mehr dazu lesen Sie morgen in der gedruckten Ausgabe oder jederzeit in unserer App.", AGENCY, True),
        (cut, AGENCY, True),
        (AGENCY.replace("sagte er", "sagte Abel").replace("Anwohner fordern", "Die Anwohner verlangen"), AGENCY, True),
        (half, AGENCY, False),  # an extract
        (AGENCY, half, False),  # says more than what is on file
        (AGENCY.replace("2030", "2032"), AGENCY, False),  # another figure
        (retold, AGENCY, False),
        (OTHER, AGENCY, False),
        (f"{OTHER} {cut}", AGENCY, False),
        (GAMES.format("3, 14, 15, 22, 38, 41"), GAMES.format("2, 7, 19, 23, 30, 44"), False),
        ("Die Brücke ist gesperrt.", "Die Brücke ist gesperrt!", True),
        ("Die Brücke ist wieder gesperrt.", "Die Brücke ist gesperrt.", False),
    ]
    wrong = [(text[:40], on_file[:40]) for text, on_file, same in cases if likeness.says_nothing_new(text, on_file) is not same]
    assert wrong == []
    shares = {same: [likeness.share(t, o) for t, o, s in cases if s is same and likeness.figures(t) <= likeness.figures(o) and len(t) > 300 and len(t) < 2 * len(o) and len(t) > len(o) / 2] for same in (True, False)}
    assert min(shares[True]) > likeness.CONTAINED > max(shares[False])


def test_texts_that_share_a_passage_share_a_print():
    words = [f"wort{n}" for n in range(300)]
    shared = likeness.WINDOW + likeness.RUN - 1
    for at in (0, 57, 300 - shared):
        passage = " ".join(words[at : at + shared])
        other = f"ganz andere worte davor {passage} und andere danach"
        assert likeness.prints(" ".join(words)) & likeness.prints(other)
    assert len(likeness.prints(" ".join(words))) < 60
    assert likeness.prints("zu kurz") == set()


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
