"""Numbers and dates read from German and English text come out as the same values."""

from __future__ import annotations

import pytest

from factcheck.quantities import Quantity, When, numbers_in


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("innerhalb von 24 Stunden", "duration", 24),
        ("binnen eines Tages", "duration", 24),
        ("in one day", "duration", 24),
        ("in six months", "duration", 6 * 730),
        ("180 Mio. Euro", "money", 180e6),
        ("180 million euros", "money", 180e6),
        ("fünf Milliarden Dollar", "money", 5e9),
        ("$5 billion", "money", 5e9),
        ("Das Paket sei für den Staat mit 2 Billionen Euro zu teuer", "money", 2e12),
        ("50 Cent", "money", 0.5),
        ("10,4 Prozent", "percent", 10.4),
        ("10.4 percent", "percent", 10.4),
        ("ein Prozent", "percent", 1),
        ("zwei Drittel der Deutschen", "percent", 200 / 3),
        ("two out of three voters", "percent", 200 / 3),
        ("jeder vierte Jugendliche", "percent", 25),
        ("one in ten", "percent", 10),
        ("half of all Americans", "percent", 50),
        ("1.234.567 Menschen", "count", 1234567),
        ("1,234,567 people", "count", 1234567),
        ("einundzwanzig Fälle", "count", 21),
        ("zweihundertfünfzig Fälle", "count", 250),
        ("twenty-one cases", "count", 21),
        ("120 km", "length", 120_000),
        ("300 tons", "mass", 300_000),
        ("Der Preis hat sich verdoppelt", "times", 2),
        ("twice as high", "times", 2),
    ],
)
def test_reads_one_quantity(text, kind, value):
    (found,) = numbers_in(text).quantities
    assert (found.kind, found.value) == (kind, pytest.approx(value))


def test_keeps_the_words_and_the_time_it_is_counted_by():
    assert numbers_in("300 tons of waste a day").quantities == (Quantity("300 tons", 300_000.0, "mass", "day", 300.0),)
    assert numbers_in("Täglich brauche das Werk drei Mio. Liter.").quantities[0].per == "day"


def test_articles_are_no_numbers():
    assert numbers_in("Ein Mann und eine Frau sahen a dog in a house.").quantities == ()


def test_reads_dates_and_does_not_count_them():
    found = numbers_in("Am Donnerstag, dem 1. Mai 2023")
    assert found.quantities == ()
    assert found.dates == (When("Donnerstag", "weekday", "4"), When("1. Mai", "day", "5-1"), When("Mai", "month", "5"), When("2023", "year", "2023"))
    assert {d.value for d in numbers_in("On May 1, 2023").dates} == {"5", "5-1", "2023"}


def test_verbs_are_no_months():
    assert numbers_in("they may march on").dates == ()


@pytest.mark.parametrize("text", ["⁰s", "10² meters", "①②", "in ²⁰²⁰", "am ³. Mai", "٣ Jahre", "the 5² and ½ of it"])
def test_digits_of_other_kinds_are_read_or_left_alone(text):
    numbers_in(text)
