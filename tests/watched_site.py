"""For the tests of watching: a store, a site with feeds to watch, and a clock that moves on as told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from fault_site import HERE, FaultSite, fault_site, running_site  # noqa: F401

from db import Store, open_store
from factcheck import watching
from factcheck.records import FeedItem, Source
from factcheck.settings import Settings

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
