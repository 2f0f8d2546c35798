"""What an editor may mark, and how a new reading of a text goes with what editors did to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factcheck import marks
from factcheck.errors import BadInput
from factcheck.records import Act, Correction, Kind, Mark, Statement

TEXT = (
    "Die Kämmerin sagte: „Der Haushalt ist gedeckt.“ Sie fügte hinzu, man habe Rücklagen gebildet. "
    "Der Stadtrat\u00a0Olm sagte: „Der Haushalt ist gedeckt.“\n\nEr sprach von „Luft   nach oben“ 🎈."
)


def said(words: str, kind: Kind = Kind.DIRECT, after: int = 0, **fields) -> Statement:
    start = TEXT.index(words, after)
    return Statement(words, start, start + len(words), kind, **fields)


def mark(words: str, kind: Kind = Kind.DIRECT, **fields) -> Mark:
    return marks.mark_of(said(words, kind, **fields))


def correction(number: int, act: Act, statement_id: int | None = 1, before=None, after=None, **fields) -> Correction:
    return Correction(number, 7, statement_id, act, before, after, 1, "anna", "2024-11-08T10:00:00+00:00", **fields)


COVERED, RESERVES, AIR = "„Der Haushalt ist gedeckt.“", "man habe Rücklagen gebildet", "„Luft   nach oben“"
SENTENCE = "Sie fügte hinzu, man habe Rücklagen gebildet."


@pytest.mark.parametrize(
    ("words", "near", "found"),
    [
        (RESERVES, 0, RESERVES),
        ("  man habe\nRücklagen  gebildet\r\n", 0, RESERVES),
        ('"Luft nach oben"', 0, AIR),
        ("Luft nach oben“ 🎈", 0, "Luft   nach oben“ 🎈"),
        ("Stadtrat Olm", 0, "Stadtrat\u00a0Olm"),
    ],
)
def test_typed_words_are_found_whatever_their_white_space_and_quotation_marks(words, near, found):
    start, end = marks.words_at(TEXT, words, near)
    assert TEXT[start:end] == found


def test_of_several_places_the_nearest_is_meant():
    first, second = TEXT.index(COVERED), TEXT.rindex(COVERED)
    assert first != second
    assert [marks.words_at(TEXT, COVERED, near)[0] for near in (0, first, second - 3, len(TEXT))] == [first, first, second, second]


@pytest.mark.parametrize(
    ("words", "key"),
    [("", "mark_needs_words"), (" \n", "mark_needs_words"), ("Der Haushalt ist leer", "mark_not_in_text"), ("x" * 6_001, "mark_too_long")],
)
def test_words_that_cannot_be_marked_are_refused(words, key):
    with pytest.raises(BadInput) as refused:
        marks.words_at(TEXT, words)
    assert refused.value.key == key


def test_a_place_is_trimmed():
    start, end = marks.trimmed(TEXT, TEXT.index(" Sie"), TEXT.index(" fügte") + 1)
    assert TEXT[start:end] == "Sie"


@pytest.mark.parametrize(
    ("start", "end", "key"),
    [(-1, 4, "mark_outside"), (5, 4, "mark_outside"), (0, 10_000, "mark_outside"), (3, 3, "mark_needs_words"), (3, 4, "mark_needs_words")],
)
def test_a_place_that_is_none_is_refused(start, end, key):
    with pytest.raises(BadInput) as refused:
        marks.trimmed(TEXT, start, end)
    assert refused.value.key == key


def test_six_thousand_characters_may_be_marked_and_not_one_more():
    text = "a" * 6_001
    assert marks.trimmed(text, 0, 6_000) == (0, 6_000)
    with pytest.raises(BadInput, match="longer than 6,000"):
        marks.trimmed(text, 0, 6_001)


def test_a_mention_is_looked_for_next_to_its_statement_as_a_whole_word():
    second = TEXT.rindex(COVERED)
    assert marks.nearest(TEXT, "Sie", TEXT.index(RESERVES), TEXT.index(RESERVES) + 20) == ((TEXT.index("Sie"), TEXT.index("Sie") + 3),)
    [(start, _)] = marks.nearest(TEXT, "sagte", second, second + len(COVERED))
    assert start == TEXT.rindex("sagte")
    assert marks.nearest(TEXT, "sag", second, second + len(COVERED)) == () == marks.nearest(TEXT, "", 0, 5)


def test_without_corrections_what_is_found_again_keeps_its_id_and_the_rest_is_new():
    on_file = [replace(said(COVERED), id=4), replace(said(SENTENCE, Kind.INDIRECT), id=5)]
    found = [said(COVERED, speaker="Rita Olm"), said(RESERVES, Kind.INDIRECT), said(AIR)]
    assert marks.apply(TEXT, found, [], on_file) == [replace(found[0], id=4), replace(found[1], id=5), replace(found[2], id=0)]


def test_an_id_goes_to_the_statement_most_like_the_old_one_and_to_no_other():
    on_file = [replace(said(SENTENCE, Kind.INDIRECT), id=5)]
    found = [said(SENTENCE, Kind.INDIRECT), said(RESERVES, Kind.INDIRECT)]
    assert [s.id for s in marks.apply(TEXT, found, [], on_file)] == [5, 0]
    assert [s.id for s in marks.apply(TEXT, found[::-1], [], on_file)] == [5, 0]


def test_a_changed_statement_stays_as_the_editor_left_it():
    on_file = [replace(said(RESERVES, Kind.INDIRECT, speaker="Rita Olm", check_worthy=0.4), id=1)]
    done = [correction(1, Act.CHANGED, before=mark(SENTENCE, Kind.REPORTED), after=mark(RESERVES, Kind.INDIRECT, speaker="Rita Olm"))]
    for again in ([], [said(SENTENCE, Kind.REPORTED)], [said(RESERVES)], [said(SENTENCE), said(RESERVES)]):
        assert marks.apply(TEXT, again, done, on_file) == on_file


def test_a_removed_statement_stays_removed_where_its_words_are_found_again():
    done = [correction(1, Act.REMOVED, before=mark(RESERVES, Kind.INDIRECT))]
    assert marks.apply(TEXT, [said(RESERVES), said(AIR)], done) == [said(AIR)]
    assert marks.apply(TEXT, [said(SENTENCE)], done) == []
    assert marks.apply(TEXT, [said("habe Rücklagen")], done) == []


def test_removing_a_quotation_within_another_one_does_not_remove_the_outer_one():
    outer = [replace(said(SENTENCE, Kind.INDIRECT), id=2)]
    done = [correction(1, Act.REMOVED, before=mark(RESERVES))]
    assert marks.apply(TEXT, [said(SENTENCE, Kind.INDIRECT), said(RESERVES)], done, outer) == outer


def test_an_added_statement_is_neither_lost_nor_doubled():
    on_file = [replace(said(AIR), id=1)]
    done = [correction(1, Act.ADDED, after=mark(AIR))]
    assert marks.apply(TEXT, [], done, on_file) == on_file
    assert marks.apply(TEXT, [said("Luft   nach oben")], done, on_file) == on_file


def test_the_last_correction_in_force_counts_and_the_first_place_is_remembered():
    found, then, now = mark(SENTENCE, Kind.REPORTED), mark(SENTENCE, Kind.INDIRECT), mark("Rücklagen")
    done = [correction(1, Act.CHANGED, before=found, after=then), correction(2, Act.CHANGED, before=then, after=now)]
    assert marks.standing(done) == {1: marks.Standing((found.start, found.end), now)}
    undone = [*done, correction(3, Act.UNDONE, before=now, after=then, undoes=2)]
    assert marks.standing(undone) == {1: marks.Standing((found.start, found.end), then)}
    assert marks.in_force([*undone, correction(4, Act.UNDONE, before=then, after=found, undoes=1)]) == []


def test_what_was_taken_back_binds_no_reading():
    done = [correction(1, Act.REMOVED, before=mark(RESERVES)), correction(2, Act.UNDONE, after=mark(RESERVES), undoes=1)]
    assert marks.apply(TEXT, [said(RESERVES)], done) == [said(RESERVES)]


def test_in_a_checked_article_nothing_new_appears_and_nothing_goes():
    on_file = [replace(said(COVERED), id=1), replace(said(RESERVES, Kind.INDIRECT), id=2)]
    done = [correction(1, Act.CHECKED, None, checked=tuple((s.id, marks.mark_of(s)) for s in on_file))]
    assert marks.checked(done) == done[0]
    assert marks.apply(TEXT, [said(AIR), said(SENTENCE)], done, on_file) == on_file
    corrected = [*done, correction(2, Act.REMOVED, 2, before=mark(RESERVES, Kind.INDIRECT))]
    assert marks.apply(TEXT, [said(AIR), said(RESERVES)], corrected, on_file) == on_file[:1]
    undone = [*done, correction(2, Act.UNDONE, None, undoes=1)]
    assert marks.checked(undone) is None
    assert marks.apply(TEXT, [said(AIR)], undone, on_file) == [said(AIR)]


def test_what_was_decided_on_stays_as_it_was_decided_on():
    on_file = [replace(said(SENTENCE, Kind.INDIRECT), id=5), replace(said(AIR), id=6)]
    assert marks.apply(TEXT, [said(RESERVES), said(AIR)], [], on_file, fixed={5}) == on_file
    assert marks.apply(TEXT, [], [], on_file, fixed={5}) == on_file[:1]


def test_two_thousand_corrections_of_a_long_text_are_applied_at_once():
    text = "Satz mit Wort. " * 20_000
    spans = [(15 * n, 15 * n + 14) for n in range(20_000)]
    found = [Statement(text[a:b], a, b, Kind.DIRECT) for a, b in spans]
    done = [correction(n, Act.REMOVED, n, before=Mark(*spans[n - 1], Kind.DIRECT)) for n in range(1, 2_001)]
    assert len(marks.apply(text, found, done, [replace(s, id=n) for n, s in enumerate(found, 1) if n > 2_000])) == 18_000


NOW = marks.mark_of(said(RESERVES, Kind.INDIRECT, speaker="Rita Olm", mention="Sie", mention_at=((48, 51),), cue="fügte hinzu"))


def typed(words=RESERVES, place=None, kind="indirect", speaker="Rita Olm", mention=("Sie", None), cue=("fügte hinzu", None), now=NOW):
    return marks.typed(TEXT, words, place, kind, speaker, mention, cue, now)


def test_a_form_sent_as_it_is_changes_nothing():
    assert typed(place=(NOW.start, NOW.end)) == typed() == NOW


def test_changed_words_count_more_than_the_place_and_a_changed_place_more_than_unchanged_words():
    assert TEXT[typed("Rücklagen", (NOW.start, NOW.end)).start :].startswith("Rücklagen gebildet")
    assert (typed(place=(NOW.start + 4, NOW.end)).start, typed("habe", (0, 3)).start) == (NOW.start + 4, TEXT.index("habe"))
    second = TEXT.rindex(COVERED)
    assert typed(COVERED, (second, second + len(COVERED)), now=None).start == second


@pytest.mark.parametrize(
    ("role", "found"),
    [
        (("Der Stadtrat Olm", None), ("Der Stadtrat\u00a0Olm", ((94, 110),))),
        (("sagte", (111, 116)), ("sagte", ((111, 116),))),
        (("sagte", (0, 3)), ("sagte", ((111, 116),))),
        (("Sie", None), ("Sie", ((48, 51),))),
        (("", None), ("", ())),
    ],
)
def test_a_mention_has_the_place_that_was_chosen_or_the_nearest_one(role, found):
    assert TEXT[94:110] == "Der Stadtrat\u00a0Olm" and TEXT[111:116] == "sagte" and TEXT[48:51] == "Sie"
    mark = typed(mention=role)
    assert (mark.mention, mark.mention_at) == found


def test_a_kind_there_is_not_and_a_mention_not_in_the_text_are_refused():
    for changes, key in [({"kind": ""}, "mark_kind"), ({"mention": ("niemand", None)}, "mark_not_in_text"), ({"words": ""}, "mark_needs_words")]:
        with pytest.raises(BadInput) as refused:
            typed(**changes)
        assert refused.value.key == key
