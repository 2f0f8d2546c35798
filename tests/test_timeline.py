"""The time line: what counts as one time, in which order, how often by whom, where and when, and as a file."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck import aging, timeline
from factcheck.records import Kind, Occurrence, Rating, Review
from factcheck.timeline import Narrowing


def said(quote: str = "It opens.", said_at: str | None = "2024-03-04", **more) -> Occurrence:
    return Occurrence(**{"claim_id": 1, "quote": quote, "said_at": said_at, "speaker": "Vera Lindqvist", "kind": Kind.DIRECT, **more})


@pytest.mark.parametrize(
    ("one", "other", "times"),
    [
        (said(source="A"), said("“It opens”", source="B"), 1),  # the same words on the same day
        (said(), said(said_at="2024-03-05"), 2),
        (said(), said(speaker="Ole Holm"), 2),
        (said(), said(place="Town hall"), 1),
        (said(place="Harbour"), said(place="Town hall"), 2),
        (said(), said("It never closes."), 2),  # two quotes that differ
        (said("It opens."), said("“It opens in spring.”"), 1),  # a part of a longer quote
        (said("It opens."), said("“It reopens in spring.”"), 2),  # but not a part of a word
        (said(), said("She announced an opening", kind=Kind.INDIRECT), 1),  # retold on the day it was quoted
        (said("An opening, she said", kind=Kind.REPORTED), said("She announced an opening", kind=Kind.INDIRECT), 1),
        (said("An opening, she said", "2024-03", kind=Kind.REPORTED), said("She announced an opening", "2024-03", kind=Kind.INDIRECT), 2),
        (said(said_at="2024-03"), said(said_at="2024-03"), 1),
        (said(said_at="2024-03"), said(said_at="2024-03-04"), 2),
        (said(said_at=None), said(said_at=None), 1),  # nothing shows that it was said twice
        (said(said_at=None), said("It never closes.", None), 2),
        (said(article_id=7, statement_id=1), said("It never closes.", article_id=7, statement_id=2), 1),
        (said(said_at="2024-03-04T09:00:00+00:00"), said(said_at="2024-03-04"), 1),
    ],
)
def test_several_reports_of_one_event_count_once(one, other, times):
    assert timeline.times_said([one, other]) == timeline.times_said([other, one]) == times


def test_the_fullest_words_lead_and_the_other_reports_stand_below():
    found = timeline.entries([said("She announced an opening", kind=Kind.INDIRECT, source="A"), said(source="B"), said("It opens. At last.", source="C")])
    assert [[r.source for r in e.reports] for e in found] == [["C", "B", "A"]]


def test_the_order_knows_how_exact_a_date_is():
    dates = ["2024-03-04", None, "2024", "2023-12-31", "2024-03", "2024-03-04/2024-03-10", "some day", "2024-03-03T18:00:00+00:00"]
    found = timeline.entries(said(f"Words {i}.", d) for i, d in enumerate(dates))
    assert [e.said_at for e in found] == [
        "2023-12-31", "2024", "2024-03", "2024-03-03T18:00:00+00:00", "2024-03-04/2024-03-10", "2024-03-04", None, "some day",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("iso", "span"),
    [
        ("2024", (date(2024, 1, 1), date(2024, 12, 31))),
        ("2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2024-12", (date(2024, 12, 1), date(2024, 12, 31))),
        ("2024-11-04/2024-11-10", (date(2024, 11, 4), date(2024, 11, 10))),
        ("2024-11-07T18:30:00+00:00", (date(2024, 11, 7), date(2024, 11, 7))),
        ("2024-13", None),
        ("last summer", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_means_a_first_and_a_last_day(iso, span):
    assert timeline.days(iso) == span


SAID = [
    said("One.", "2022-01-01", source="Post"),
    said("Two.", "2024-01-01", source="Post"),
    said("Two.", "2024-01-01", url="https://www.example.org/a"),
    said("Three.", "2024-05", speaker="Ole Holm", kind=Kind.REPORTED),
    said("Four.", None, source="Radio"),
]


def test_counts_are_by_year_person_outlet_and_kind():
    counts = timeline.count(timeline.entries(SAID))
    assert (counts.times, counts.undated, counts.reports) == (4, 1, 5)
    assert counts.years == (("2022", 1), ("2024", 2))
    assert counts.every_year == (("2022", 1), ("2023", 0), ("2024", 2))
    assert counts.persons == (("Vera Lindqvist", 3), ("Ole Holm", 1))
    assert counts.outlets == (("Post", 2), ("Radio", 1), ("example.org", 1))
    assert counts.kinds == (("direct", 3), ("reported", 1))
    assert timeline.count([]).every_year == ()


@pytest.mark.parametrize(
    ("wanted", "quotes"),
    [
        (Narrowing(), ["One.", "Two.", "Three.", "Four."]),
        (Narrowing(year="2024"), ["Two.", "Three."]),
        (Narrowing(year="undated"), ["Four."]),
        (Narrowing(person="Ole Holm"), ["Three."]),
        (Narrowing(outlet="example.org"), ["Two."]),
        (Narrowing(outlet="Post", year="2022"), ["One."]),
        (Narrowing(kind="reported"), ["Three."]),
        (Narrowing(person="nobody"), []),
    ],
)
def test_the_time_line_is_narrowed(wanted, quotes):
    assert [e.lead.quote for e in timeline.narrowed(timeline.entries(SAID), wanted)] == quotes


def test_the_file_holds_a_row_for_each_report_and_says_which_belong_together():
    linked = said(
        "It opens.", "2024-03-05", article_id=3, statement_id=9, article_title="Opening", source="Post", url="https://example.org/p",
        added_by="anna", added_at="2024-03-06T10:00:00+00:00", dated_by_article=True,
    )  # fmt: skip
    rows = timeline.rows(timeline.entries([*SAID[1:3], linked]), "key-1", lambda i: f"https://here/{i}")
    found = [dict(zip(timeline.COLUMNS, row, strict=True)) for row in rows]
    assert [(r["time"], r["said_at"], r["precision"], r["source"]) for r in found] == [
        ("1", "2024-01-01", "day", "Post"),
        ("1", "2024-01-01", "day", ""),
        ("2", "2024-03-05", "published", "Post"),
    ]
    assert found[2] == {
        "claim_id": "key-1", "said_at": "2024-03-05", "precision": "published", "speaker": "Vera Lindqvist", "quote": "It opens.",
        "kind": "direct", "place": "", "source": "Post", "title": "Opening", "url": "https://example.org/p", "article_url": "https://here/3",
        "linked_by": "anna", "linked_at": "2024-03-06T10:00:00+00:00", "time": "2",
    }  # fmt: skip


def test_wordings_are_told_apart_by_their_words():
    found = timeline.same_words(timeline.entries([said("It opens."), said("“It opens”", "2024-03-05"), said("Another.", "2024-03-06")]))
    assert [(o.quote, n) for o, n in found] == [("It opens.", 2), ("Another.", 1)]


occurrences = st.lists(
    st.builds(
        said,
        st.sampled_from(["It opens.", "It opens in spring.", "Never.", ""]),
        st.sampled_from([None, "2024", "2024-03", "2024-03-04", "2024-03-05", "soon"]),
        speaker=st.sampled_from(["", "Vera Lindqvist", "Ole Holm"]),
        kind=st.sampled_from(Kind),
        place=st.sampled_from(["", "Harbour", "Town hall"]),
        source=st.sampled_from(["", "Post", "Radio"]),
        id=st.integers(1, 9),
    ),
    max_size=12,
)


@given(occurrences)
def test_every_report_stands_on_the_time_line_once_and_every_count_adds_up(found):
    entries = timeline.entries(found)
    assert sorted(map(repr, (r for e in entries for r in e.reports))) == sorted(map(repr, found))
    counts = timeline.count(entries)
    assert counts.times == len(entries) <= len(found) == counts.reports
    assert sum(n for _, n in counts.years) + counts.undated == counts.times
    for name, rows in (("year", counts.years), ("person", counts.persons), ("outlet", counts.outlets), ("kind", counts.kinds)):
        for value, n in rows:
            assert len(timeline.narrowed(entries, Narrowing(**{name: value}))) == n


def review(rating: Rating, published_at: str | None) -> Review:
    return Review("Desk", "x", rating, published_at=published_at)


@pytest.mark.parametrize(
    ("reviews", "occurred", "why"),
    [
        ([review(Rating.FALSE, "2026-01-01")], None, ""),
        ([review(Rating.FALSE, "2024-11-21")], None, "old"),
        ([review(Rating.FALSE, "2024-11-22")], None, ""),
        ([review(Rating.FALSE, "2024")], None, ""),  # may have been on its last day
        ([review(Rating.FALSE, "2025-01-01")], "2026-01-01", ""),
        ([review(Rating.FALSE, "2025-01-01")], "2026-01-02", "said since"),
        ([review(Rating.FALSE, "2025-01-01")], "2026", ""),  # may have been on its first day
        ([review(Rating.FALSE, "2020-01-01"), review(Rating.TRUE, "2026-01-01")], None, ""),
        ([review(Rating.OUTDATED, "2026-01-01")], None, "rated outdated"),
        ([review(Rating.NOT_RATED, "2010-01-01")], None, ""),
        ([review(Rating.FALSE, None)], "2026-01-01", ""),
        ([], "2026-01-01", ""),
    ],
)
def test_a_rating_may_be_outdated(reviews, occurred, why):
    assert aging.may_be_outdated(reviews, [said(said_at=occurred)], date(2026, 11, 22)) == why
