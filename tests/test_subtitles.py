"""Subtitles become transcripts: who speaks is kept, what only belongs to the screen is not."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from web_site import SAME_ORIGIN, site  # noqa: F401  (a fixture)

from factcheck import pipeline
from factcheck.articles import from_file, from_text
from factcheck.errors import BadInput, EmptyText, UnsupportedFile
from factcheck.records import Role
from factcheck.statements import extract
from factcheck.subtitles import read

VTT = """WEBVTT - Rathausduell

NOTE Vom Sender geliefert
und geprüft

STYLE
::cue { color: white }

1
00:00:01.000 --> 00:00:04.000 align:start position:0%
<v Mira Holm>Die Stadt hat seit 2019

00:00:04.000 --> 00:00:06.500
<v Mira Holm>nur <i>140 Wohnungen</i> gebaut.</v>

00:06.500 --> 00:08.000
<v.loud Torben Quast>Es waren 412 &amp; mehr.

00:00:08.000 --> 00:00:09.000
(Beifall)

00:00:09.000 --> 00:00:12.000
<v Mira Holm>Wir werden bauen. <v Torben Quast>Wann?
"""

SRT = """1
00:00:01,000 --> 00:00:04,000
WAIN: We closed
<font color="#ff0000">four clinics.</font>

2
00:00:04,000 --> 00:00:06,000
{\\an8}Two of them were empty.
3
00:01:06,000 --> 00:01:08,000
>> DENHAM: They were full.

4
00:01:08,000 --> 00:01:09,000
[MUSIC]

5
01:01:09,000 --> 01:01:11,000
- No.
- Yes, they were.
"""

ROLLING = """WEBVTT
Kind: captions

00:00:00.000 --> 00:00:02.000
good evening everybody

00:00:02.000 --> 00:00:02.010
good evening everybody

00:00:02.010 --> 00:00:04.000
good evening everybody
the bridge<00:00:02.500><c> is</c> closed
"""


def said(article):
    return [(s.speaker, s.text) for s in extract(article)]


def test_voices_of_webvtt():
    article = from_file("Duell.vtt", VTT.encode())
    assert article.text == (
        "[00:00:01] Mira Holm: Die Stadt hat seit 2019 nur 140 Wohnungen gebaut.\n\n"
        "[00:00:06] Torben Quast: Es waren 412 & mehr.\n\n[00:00:08] >> (Beifall)\n\n"
        "[00:00:09] Mira Holm: Wir werden bauen.\n\n[00:00:09] Torben Quast: Wann?"
    )
    assert said(article) == [
        ("Mira Holm", "Die Stadt hat seit 2019 nur 140 Wohnungen gebaut."),
        ("Torben Quast", "Es waren 412 & mehr."),
        ("Mira Holm", "Wir werden bauen."),
        ("Torben Quast", "Wann?"),
    ]


def test_names_chevrons_and_dashes_of_subrip():
    article = from_file("debate.SRT", b"\xef\xbb\xbf" + SRT.replace("\n", "\r\n").encode())
    assert said(article) == [
        ("Wain", "We closed four clinics."),
        ("Wain", "Two of them were empty."),
        ("Denham", "They were full."),
        ("", "No."),
        ("", "Yes, they were."),
    ]


def test_one_voice_alone_is_a_transcript_too():
    article = from_text("WEBVTT\n\n00:01.000 --> 00:03.000\n<v Mira Holm>Die Brücke ist offen. Sie hält.")
    assert said(article) == [("Mira Holm", "Die Brücke ist offen."), ("Mira Holm", "Sie hält.")]


def test_rolling_captions_are_read_once_and_name_nobody():
    article = from_text(ROLLING)
    assert article.text == "[00:00:00] good evening everybody the bridge is closed"
    assert said(article) == [("", "good evening everybody the bridge is closed")]


def test_a_pause_parts_paragraphs_of_nobody_named():
    words = "1\n00:00:01,0 --> 00:00:02,0\nOne.\n\n2\n00:00:09,0 --> 00:00:10,0\nTwo."
    assert read(words) == "[00:00:01] One.\n\n[00:00:09] Two."


@pytest.mark.parametrize("kind", ["vtt", "srt"])
def test_pasted_subtitles_are_read_as_uploaded_ones(kind):
    text = {"vtt": VTT, "srt": SRT}[kind]
    assert from_text(text).text == from_file(f"a.{kind}", text.encode()).text


def test_what_is_no_subtitles_is_refused_with_what_to_do():
    with pytest.raises(UnsupportedFile, match="Save it as .txt"):
        from_file("a.srt", "Nur ein Text.".encode())
    with pytest.raises(EmptyText):
        from_file("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n")


PIECES = st.sampled_from(
    ["WEBVTT\n\n", "00:00:01.000 --> 00:00:02.000\n", "00:01,5 --> 99:59,1\n", "<v Mira>", "<v ", "</v>", ">>", "A: ", "- ", "\n",
     "\n\n", "1\n", "-->", "NOTE x", "&amp;", "{\\an8}", "Wir. ", "(Beifall)", "[", "♪"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=50).map("".join)))
def test_any_text_is_read_or_refused(text):
    try:
        article = from_file("any.vtt", text.encode(errors="replace"))
    except BadInput:
        return
    assert all(article.text[s.start : s.end] == s.text for s in extract(article))


@pytest.mark.parametrize("way", ["upload", "paste"])
def test_the_form_takes_subtitles_uploaded_and_pasted(site, fake_encoder, way):
    journalist = site.client(Role.JOURNALIST)
    given = {"file": (io.BytesIO(VTT.encode()), "duell.vtt")} if way == "upload" else {"text": VTT}
    answer = journalist.post("/articles/new", data={"title": "Duell", **given}, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    pipeline.process(site.store, fake_encoder, int(answer.location.rsplit("/", 1)[1]))
    page = journalist.get(answer.location).text
    assert page.count('<details class="note"') == 4
    assert "Torben Quast" in page and "Es waren 412 &amp; mehr." in page
    assert 'accept=".txt,.html,.htm,.vtt,.srt,.pdf,.docx,.eml"' in journalist.get("/articles/new").text


def test_the_form_says_in_the_readers_language_when_a_file_holds_no_subtitles(site):
    given = {"file": (io.BytesIO(b"Nur ein Text."), "duell.srt")}
    german = SAME_ORIGIN | {"Accept-Language": "de"}
    answer = site.client(Role.JOURNALIST).post("/articles/new", data=given, headers=german)
    assert answer.status_code == 415 and "beginnt nicht wie Untertitel" in answer.text


@pytest.mark.parametrize(
    ("text", "unknown"),
    [("Mira Holm a déclaré : « Nous avons ouvert le nouveau pont de la ville lundi matin. »", True), (VTT, False)],
    ids=["fr", "de"],
)
def test_an_articles_page_says_when_quality_is_unknown(site, fake_encoder, text, unknown):
    journalist = site.client(Role.JOURNALIST)
    answer = journalist.post("/articles/new", data={"text": text}, headers=SAME_ORIGIN)
    pipeline.process(site.store, fake_encoder, int(answer.location.rsplit("/", 1)[1]))
    assert ("How well statements are found in it has not been measured" in journalist.get(answer.location).text) == unknown
