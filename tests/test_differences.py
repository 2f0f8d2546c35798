"""Differences of two texts are found and named, in German, in English and across."""

from __future__ import annotations

import pytest

from factcheck.differences import Difference, compare, core, differences


@pytest.mark.parametrize(
    ("statement", "claim", "expected"),
    [
        (
            "Er werde den Krieg in sechs Monaten beenden, sagte er.",
            "I will end the war within 24 hours.",
            Difference("number", "sechs Monaten", "24 hours"),
        ),
        ("Die Miete steigt um 1.000 Euro.", "The rent rises by 2,000 euros.", Difference("number", "1.000 Euro", "2,000 euros")),
        ("The plant dumps 300 tons a day.", "The plant dumps 300 tons a year.", Difference("unit", "300 tons / day", "300 tons / year")),
        ("Die Rakete fliegt 5000 Meter.", "The missile flies 5000 kilometers.", Difference("unit", "5000 Meter", "5000 kilometers")),
        ("Das Gesetz gilt seit Mai.", "The law has applied since June.", Difference("date", "Mai", "June")),
        ("Es geschah 2014.", "It happened in 2021.", Difference("date", "2014", "2021")),
        ("Die Kriminalität in Schweden steigt.", "Crime in Germany is rising.", Difference("place", "Schweden", "Germany")),
        ("Harris will die Waffen verbieten.", "Biden wants to ban guns.", Difference("name", "Harris", "Biden")),
        ("Der Landrat wusste davon.", "Der Bürgermeister wusste davon.", Difference("name", "landrat", "burgermeister")),
        ("Impfungen verursachen keinen Autismus.", "Vaccines cause autism.", Difference("negation", "keinen", "")),
        ("Die Steuern sinken.", "Taxes are rising.", Difference("opposite", "sinken", "rising")),
        ("The airline refuses to pay.", "The airline is paying.", Difference("negation", "refuses", "")),
        ("Syrien hat die Türkei angegriffen.", "Turkey attacked Syria.", Difference("swapped", "Türkei – Syrien", "Syrien – Türkei")),
    ],
)
def test_names_the_difference(statement, claim, expected):
    assert differences(statement, claim) == (expected,)


@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        ("Er werde den Krieg binnen eines Tages beenden.", "I will end the war within 24 hours."),
        ("Zwei Drittel sind dafür.", "Two out of three are in favour."),
        ("Moskau greift an.", "Russia attacks."),
        ("Selenskyj reist ab.", "Zelenskyy departs."),
        ("Am 1. Mai 2023 begann es.", "It began on May 1, 2023."),
        ("The hospital won't close.", "The hospital will stay open."),
        ("Er kommt nicht nur im Mai.", "He comes in May."),
    ],
)
def test_sees_none_where_both_say_the_same(statement, claim):
    assert differences(statement, claim) == ()


def test_the_reporting_clause_is_no_part_of_what_is_said():
    assert core("Die Steuern steigen, sagte der Minister.") == "Die Steuern steigen"
    assert core("The secretary said that taxes are rising.") == "taxes are rising."
    assert core("Taxes are rising.") == "Taxes are rising."


def test_counts_what_is_shared():
    found = compare("Trump will 50 Prozent Zoll in 2025.", "Trump wants a 50 percent tariff in 2025.")
    assert (found.shared_numbers, found.shared_names, found.differences) == (1, 1, ())
