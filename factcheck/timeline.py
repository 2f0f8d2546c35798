"""When and where a claim was made: occurrences in order, how often at least, by whom, in which year, where it was reported.

Several reports of one event are one time it was said. Two occurrences of the same speaker count once when they stand in one
article; when they carry the same words for the same date; and, on the same day and not at two different places, when one quotes a
part of what the other quotes, or when one of them only tells it in the reporter's words. Everything else counts by itself. The
count is therefore never higher than what is on file: "said at least 53 times".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from factcheck.records import Kind, Occurrence, date_precision
from factcheck.words import fold

COLUMNS = (
    "claim_id", "said_at", "precision", "speaker", "quote", "kind", "place", "source", "title", "url", "article_url", "linked_by",
    "linked_at", "time",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One time it was said, with everything that reports it, the fullest words first."""

    reports: tuple[Occurrence, ...]

    @property
    def lead(self) -> Occurrence:
        return self.reports[0]

    @property
    def said_at(self) -> str | None:
        return self.lead.said_at

    @property
    def year(self) -> str:
        """The year, "" when it is unknown; that of the beginning for a period across two."""
        found = days(self.said_at)
        return str(found[0].year) if found else ""

    @property
    def speaker(self) -> str:
        return next((r.speaker for r in self.reports if r.speaker), "")


@dataclass(frozen=True)
class Narrowing:
    """What the time line is narrowed to; "" for everything."""

    person: str = ""
    year: str = ""
    outlet: str = ""
    kind: str = ""

    def __bool__(self) -> bool:
        return self != Narrowing()


@dataclass(frozen=True)
class Counts:
    """How often it was said. An event that several outlets report counts for each of them in ``outlets``."""

    times: int
    undated: int
    reports: int
    years: tuple[tuple[str, int], ...]  # in order, only those with any
    persons: tuple[tuple[str, int], ...]  # most often first
    outlets: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]

    @property
    def every_year(self) -> tuple[tuple[str, int], ...]:
        """The years from the first to the last, those without any as well: what a chart shows."""
        if not self.years:
            return ()
        known = dict(self.years)
        first, last = int(self.years[0][0]), int(self.years[-1][0])
        return self.years if last - first > 40 else tuple((str(y), known.get(str(y), 0)) for y in range(first, last + 1))


def entries(occurrences: Iterable[Occurrence]) -> list[Entry]:
    """Each time it was said once, oldest first and undated last; a month stands before its days."""
    together: dict[tuple[str, str], list[list[Occurrence]]] = {}
    fullest_first = sorted(occurrences, key=lambda o: (o.kind is not Kind.DIRECT, -len(o.quote), o.statement_id or 0, o.id))
    for found in fullest_first:
        known = together.setdefault((_who(found), _date(found)), [])
        event = next((event for event in known if any(_same_event(found, other) for other in event)), None)
        if event is None:
            known.append([found])
        else:
            event.append(found)
    return sorted((Entry(tuple(event)) for events in together.values() for event in events), key=_order)


def times_said(occurrences: Iterable[Occurrence]) -> int:
    """How often it was said at least."""
    return len(entries(occurrences))


def narrowed(found: Sequence[Entry], wanted: Narrowing) -> list[Entry]:
    """The entries that pass, in their order; one passes an outlet or kind when any of its reports does."""
    return [
        e
        for e in found
        if (not wanted.person or e.speaker == wanted.person)
        and (not wanted.year or e.year == wanted.year or (wanted.year == "undated" and not e.year))
        and (not wanted.outlet or any(outlet(r) == wanted.outlet for r in e.reports))
        and (not wanted.kind or any(r.kind == wanted.kind for r in e.reports))
    ]


def count(found: Sequence[Entry]) -> Counts:
    years = Counter(e.year for e in found if e.year)
    return Counts(
        times=len(found),
        undated=sum(not e.year for e in found),
        reports=sum(len(e.reports) for e in found),
        years=tuple(sorted(years.items())),
        persons=_often(e.speaker for e in found),
        outlets=_often(name for e in found for name in {outlet(r) for r in e.reports}),
        kinds=_often(str(kind) for e in found for kind in {r.kind for r in e.reports}),
    )


def outlet(occurrence: Occurrence) -> str:
    """Where it was reported, as readers know it; "" when nobody noted it."""
    return occurrence.source or site(occurrence.url)


def site(url: str) -> str:
    """The site an address belongs to."""
    try:
        return urlsplit(url).netloc.removeprefix("www.")
    except ValueError:
        return ""


def newest_day(occurrences: Iterable[Occurrence]) -> str | None:
    """The last day it was said for certain (ISO), None when nothing is dated."""
    found = [span[0] for o in occurrences if (span := days(o.said_at))]
    return max(found).isoformat() if found else None


def days(iso: str | None) -> tuple[date, date] | None:
    """The first and last day a date may mean, as exactly as it is known; None for none or for what is no date."""
    try:
        match date_precision(iso):
            case "":
                return None
            case "year":
                return date(int(iso), 1, 1), date(int(iso), 12, 31)
            case "month":
                first = date.fromisoformat(f"{iso}-01")
                return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            case "week":
                first, last = (date.fromisoformat(day) for day in iso.split("/"))
                return first, last
            case _:
                day = date.fromisoformat(iso[:10])
                return day, day
    except ValueError:
        return None


def rows(found: Sequence[Entry], key: str, article_url: Callable[[int], str]) -> list[list[str]]:
    """The reports as rows of ``COLUMNS``. Reports of one event carry the same number in ``time``.

    ``key`` is the claim's identifier, ``article_url`` the address here of an article by its id.
    """
    return [
        [
            key, r.said_at or "", precision(r), r.speaker, r.quote, str(r.kind), r.place, r.source, r.article_title, r.url,
            article_url(r.article_id) if r.article_id else "", r.added_by, r.added_at, str(number),
        ]
        for number, entry in enumerate(found, 1)
        for r in entry.reports
    ]  # fmt: skip


def precision(occurrence: Occurrence) -> str:
    """ "day", "week", "month", "year", "published" for the day of the report where the text names none, or ""."""
    return "published" if occurrence.dated_by_article and occurrence.said_at else date_precision(occurrence.said_at)


def same_words(found: Sequence[Entry]) -> list[tuple[Occurrence, int]]:
    """The different wordings on file, each with how often it stands there, most often first: variants of a claim."""
    told: dict[str, tuple[Occurrence, int]] = {}
    for entry in found:
        for report in entry.reports:
            first, n = told.get(plain(report.quote), (report, 0))
            told[plain(report.quote)] = (first, n + 1)
    return sorted(told.values(), key=lambda pair: -pair[1])


def _often(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(n for n in names if n).items(), key=lambda pair: (-pair[1], pair[0])))


def _who(o: Occurrence) -> str:
    return fold(o.speaker) or (f"#{o.person_id}" if o.person_id else "")


def _date(o: Occurrence) -> str:
    return (o.said_at or "")[:10] if date_precision(o.said_at) == "day" else o.said_at or ""


def _same_event(a: Occurrence, b: Occurrence) -> bool:
    """``a`` and ``b`` have the same speaker and date; ``a`` is not fuller than ``b``."""
    if a.article_id and a.article_id == b.article_id:
        return True
    if a.place and b.place and fold(a.place) != fold(b.place):
        return False
    if plain(a.quote) == plain(b.quote):
        return True
    if date_precision(a.said_at) != "day":
        return False
    return a.kind is not Kind.DIRECT or f" {plain(a.quote)} " in f" {plain(b.quote)} "


def plain(quote: str) -> str:
    """The words alone: two quotes that differ in marks, case and accents only are the same."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(quote)).split())


def _order(entry: Entry) -> tuple:
    span = days(entry.said_at)
    if span is None:
        return (1, date.max, date.max, entry.said_at or "", entry.lead.id)
    return (0, span[0], date.max - (span[1] - span[0]), entry.said_at or "", entry.lead.id)
