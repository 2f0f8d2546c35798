"""The parts of the trained reading that need no weights: tags, windows, pieces, links' facts, sections, and what becomes of annotations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.extraction import first_reading
from factcheck.extraction.annotation import Annotation
from factcheck.extraction.reconciled import reconcile
from factcheck.extraction.sentences import split
from factcheck.extraction.tagging import labels
from factcheck.extraction.tagging.labels import DIRECT, SPOKEN, Span
from factcheck.extraction.tagging.windows import OVERLAP, PIECES, cut
from factcheck.records import Kind

TEXT = "Mira Holm sagte, die Lage sei ernst. „Wir fangen morgen damit an“, fügte sie hinzu, „und zwar früh.“ Es regnete."


def certain(head: str, row: list[int]) -> np.ndarray:
    logits = np.full((len(row), labels.tags(head)), -9.0)
    logits[np.arange(len(row)), row] = 9.0
    return logits


spans_of_a_head = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(1, 8)), max_size=6)


@given(spans_of_a_head)
def test_spans_that_do_not_overlap_come_back_as_they_were(drawn):
    place, spans = 0, []
    for kind, gap, length in drawn:
        place += gap
        spans.append(Span(labels.SPOKEN_TYPES[kind], ((place, place + length),)))
        place += length
    back = labels.read(SPOKEN, certain(SPOKEN, labels.write(SPOKEN, spans, place + 3).tolist()))
    assert [(s.type, s.parts) for s in back] == [(s.type, s.parts) for s in spans]


def test_what_other_words_interrupt_is_one_span():
    span = Span(DIRECT, ((2, 5), (8, 9)))
    (back,) = labels.read(DIRECT, certain(DIRECT, labels.write(DIRECT, [span], 10).tolist()))
    assert back.parts == span.parts and back.sureness > 0.99


def test_the_longer_of_two_that_overlap_is_written():
    row = labels.write("cue", [Span("cue", ((3, 4),)), Span("cue", ((2, 6),))], 8)
    assert row.tolist() == [0, 0, 1, 2, 2, 2, 0, 0]


def test_inside_never_follows_outside():
    logits = certain("speaker", [0, 2, 2, 0])
    logits[1, 0] = 8.5  # nearly as likely as "inside", which cannot come here
    (span,) = labels.read("speaker", logits)
    assert span.parts == ((1, 3),)


def test_a_dear_beginning_is_left_out():
    logits = certain("speaker", [0, 1, 0])
    assert labels.read("speaker", logits) and not labels.read("speaker", logits, begin_cost=30.0)


def test_no_words_no_spans():
    assert labels.read(SPOKEN, np.zeros((0, labels.tags(SPOKEN)))) == []


@given(st.lists(st.integers(1, 24), min_size=1, max_size=3000))
def test_windows_cover_every_word_once_and_fit(counts):
    pieces = np.array(counts)
    windows = cut(pieces)
    assert [w.from_ for w in windows] == [0, *(w.to for w in windows[:-1])] and windows[-1].to == len(pieces)
    for window in windows:
        assert window.first <= window.from_ < window.to <= window.last
        assert pieces[window.first : window.last].sum() <= PIECES


def test_words_in_a_long_text_are_read_away_from_the_edges():
    windows = cut(np.ones(2000, np.int64))
    for one, two in zip(windows, windows[1:], strict=False):
        assert one.last - two.first >= OVERLAP - 1
        assert one.last - one.to >= OVERLAP // 2 - 1 and two.from_ - two.first >= OVERLAP // 2 - 1


def test_no_words_no_windows():
    assert cut(np.array([], np.int64)) == []


def test_words_know_what_the_rules_read():
    words = first_reading.words(TEXT, "de")
    read = {TEXT[a:b]: row for a, b, row in zip(words.starts, words.ends, words.features.tolist(), strict=True)}
    assert read["die"][0] == 3 and read["Lage"][0] == 4 and read["Es"][0] == 0
    assert read["Mira"][1] == 2 and read["Holm"][1] == 3
    assert read["Wir"][2] == 2 and read["Mira"][4] == 2 and read["Es"][4] == 1
    assert words.within(TEXT.index("Lage"), TEXT.index("Lage") + 4) == (5, 6)


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_a_text_without_words_has_none(text):
    assert len(first_reading.words(text, "de")) == 0


def utterances(text: str, annotations: list[Annotation], language: str = "de"):
    sentences = list(split(text, language))
    return reconcile(text, sentences, first_reading.by_rules(text, sentences, language), annotations, language)


def annotation(text: str, quote: str, speaker: str = "", cue: str = "", type_: str = "Indirect") -> Annotation:
    def span(part: str):
        return ((text.index(part), text.index(part) + len(part)),) if part else ()

    return Annotation(span(quote), span(speaker), span(cue), type=type_)


def test_the_rules_say_where_a_statement_ends_when_both_found_it():
    (found,) = utterances(TEXT[:36], [annotation(TEXT, "die Lage sei ernst", "Mira Holm", "sagte")])
    assert (found.start, found.end) == (17, 35) and found.mention == "Mira Holm" and found.cue == "sagte"


def test_what_the_network_does_not_see_is_left_out():
    text = "Die Lage sei ernst, sagte Mira Holm. Die Ministerin lobte die Helfer für ihren Mut."
    assert [text[u.start : u.end] for u in utterances(text, [])] == [text[37:]]


def test_what_the_network_is_not_sure_of_is_not_added():
    text = "Für Holm ist der Fall klar. Die Kassen bleiben auf Jahre hinaus leer."
    sure = annotation(text, text[28:], "Holm", type_="FreeIndirect")
    assert len(utterances(text, [sure])) == 1
    assert utterances(text, [replace(sure, sureness=0.6)]) == utterances(text, [replace(sure, speaker=())]) == []


def test_what_only_the_network_sees_is_cut_into_sentences():
    text = "Für Holm ist der Fall klar. Die Kassen bleiben auf Jahre hinaus leer. Neue Schulden wird es nicht geben."
    found = utterances(text, [annotation(text, text[28:], "Holm", type_="FreeIndirect")])
    assert [text[u.start : u.end] for u in found] == [text[28:69], text[70:]]
    assert {(u.kind, u.mention) for u in found} == {(Kind.INDIRECT, "Holm")}


def test_the_network_names_the_speaker_the_rules_did_not_see():
    text = "„Das wird noch lange dauern.“ So sieht es Mira Holm, die das Amt leitet."
    found = utterances(text, [annotation(text, text[:29], "Mira Holm", "sieht", "Direct")])
    assert [(text[u.start : u.end], u.mention) for u in found] == [(text[:29], "Mira Holm")]


def test_a_single_word_is_no_statement():
    text = "Mira Holm hält das für „Unsinn“."
    assert utterances(text, [annotation(text, "„Unsinn“", "Mira Holm", type_="Direct")]) == []


def test_nobody_in_particular_says_nothing():
    text = "Viele fürchten einen weiteren Winter ohne Fähre."
    assert utterances(text, [annotation(text, "einen weiteren Winter ohne Fähre", "Viele", "fürchten")]) == []
