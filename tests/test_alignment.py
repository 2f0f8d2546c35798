"""Words that say the same find each other, within a language and across; with the real model."""

from __future__ import annotations

import numpy as np
import pytest

from factcheck.alignment import align

PAIRS = [
    (
        "er werde Russlands Angriffskrieg in der Ukraine innerhalb von 24 Stunden beenden",
        "I will end the war in Ukraine within 24 hours.",
        {("Angriffskrieg", "war"), ("Ukraine", "Ukraine"), ("24", "24"), ("Stunden", "hours"), ("beenden", "end")},
    ),
    (
        "Der Impfstoff verursacht bei Kindern Autismus.",
        "Vaccines cause autism in children.",
        {("Impfstoff", "Vaccines"), ("verursacht", "cause"), ("Kindern", "children"), ("Autismus", "autism")},
    ),
    (
        "Die Mieten in der Stadt sind um zehn Prozent gestiegen",
        "Rents in the city rose by ten percent.",
        {("Mieten", "Rents"), ("Stadt", "city"), ("zehn", "ten"), ("Prozent", "percent")},
    ),
]


def aligned(encoder, left, right):
    a, b = encoder.encode_words([left, right])
    return {(left[slice(*i)], right[slice(*j)]) for i, j in align(left, a.spans, a.vectors, right, b.spans, b.vectors)}


@pytest.mark.parametrize(("left", "right", "expected"), PAIRS, ids=["war", "vaccine", "rents"])
def test_words_find_their_translation(encoder, left, right, expected):
    assert expected <= aligned(encoder, left, right)


@pytest.mark.parametrize(
    ("left", "right", "never"),
    [
        ("The war ends within 24 hours.", "The war ends within 48 hours.", {"24", "48"}),
        ("Der Krieg endet in sechs Monaten.", "The war ends within 24 hours.", {"sechs", "24", "Monaten", "hours"}),
        ("Die Mieten stiegen 2019.", "Rents rose in 2021.", {"2019", "2021"}),
    ],
)
def test_different_numbers_dates_and_units_are_never_paired(encoder, left, right, never):
    found = aligned(encoder, left, right)
    assert found and not {word for pair in found for word in pair} & never


def test_a_text_of_any_size_is_taken(encoder):
    empty, marks, long = encoder.encode_words(["", "…!", "word " * 2_000])
    assert (empty.spans, marks.spans) == ((), ()) and 100 < len(long.spans) < 300
    assert align("", empty.spans, empty.vectors, "word", long.spans, long.vectors) == ()


def test_words_come_back_the_same_from_memory(encoder):
    once, again = (encoder.encode_words(["Der Krieg endet.", "The war ends."]) for _ in range(2))
    assert all(a.spans == b.spans and np.array_equal(a.vectors, b.vectors) for a, b in zip(once, again, strict=True))
