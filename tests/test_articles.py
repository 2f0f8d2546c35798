"""Text, web pages and files become articles; what cannot be used is refused with a message that says what to do."""

from __future__ import annotations

import pytest

from factcheck.articles import (
    FILE_TYPES,
    LARGEST_BYTES,
    from_file,
    from_html,
    from_text,
    normalise_time,
    normalise_url,
    text_hash,
)
from factcheck.errors import BadInput, EmptyText, TooLarge, UnsupportedFile

GERMAN = "Die Bürgermeisterin sagte am Dienstag, die neue Brücke werde größer als die alte."
ENGLISH = "The mayor said on Tuesday that the new bridge would be larger than the old one."

PAGE = """<!doctype html><html><head><title>Brücke wird größer - Nordhafener Bote</title>
<meta property="og:title" content="Brücke wird größer"><meta property="og:site_name" content="Nordhafener Bote">
<link rel="canonical" href="https://bote.example/stadt/bruecke?utm_source=x#top">
<meta name="author" content="Ole Brinkhorst"><meta property="article:published_time" content="2026-03-10T18:30:00+01:00"></head>
<body><nav><a href="/">Start</a> <a href="/stadt">Stadt</a></nav><article><h1>Brücke wird größer</h1>
<p>Die Bürgermeisterin sagte am Dienstag, die neue Brücke werde deutlich größer als die alte.</p>
<h2>Kritik im Rat</h2>
<p>„Das kostet die Stadt viel zu viel Geld“, erwiderte ihr Gegner in der Sitzung des Rates.</p></article>
<div class="comments"><h3>Kommentare</h3><p>Ich finde das alles sehr schlecht geplant.</p></div></body></html>"""


def test_pasted_text_keeps_its_paragraphs_and_loses_what_cannot_be_stored():
    article = from_text(
        "\ufeff Eins.\r\n\r\n\r\n\r\nZwei\x00 \ud800drei. \rVier.\u2028Fünf.\n",
        title=" Ein\nTitel ",
        source="Bote ",
        author=" A. B.",
    )
    assert article.text == "Eins.\n\nZwei drei.\nVier.\nFünf."
    assert (article.title, article.source, article.author) == ("Ein Titel", "Bote", "A. B.")
    assert (article.id, article.url, article.published_at) == (0, None, None)


@pytest.mark.parametrize(
    ("text", "language"), [(GERMAN, "de"), (ENGLISH, "en"), (GERMAN.upper(), "de"), ("Ja.", ""), ("12345 67890 !!", "")]
)
def test_language_is_detected_where_there_is_enough_to_go_by(text, language):
    assert from_text(text).language == language


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00\x00", "\ufeff"])
def test_a_text_without_words_is_refused(text):
    with pytest.raises(EmptyText, match="Paste the article's text"):
        from_text(text)


def test_a_text_over_two_megabytes_is_refused():
    with pytest.raises(TooLarge, match="larger than 2 MB"):
        from_text("a" * (LARGEST_BYTES + 1))
    with pytest.raises(TooLarge):
        from_html(b"a" * (LARGEST_BYTES + 1))
    with pytest.raises(TooLarge):
        from_file("a.txt", b"a" * (LARGEST_BYTES + 1))


def test_a_web_page_gives_text_title_author_time_site_and_address():
    article = from_html(PAGE.encode())
    assert article.text == (
        "Die Bürgermeisterin sagte am Dienstag, die neue Brücke werde deutlich größer als die alte.\n\n"
        "Kritik im Rat\n\n„Das kostet die Stadt viel zu viel Geld“, erwiderte ihr Gegner in der Sitzung des Rates."
    )
    assert (article.title, article.author, article.source) == ("Brücke wird größer", "Ole Brinkhorst", "Nordhafener Bote")
    assert (article.url, article.published_at, article.language) == (
        "https://bote.example/stadt/bruecke",
        "2026-03-10T18:30:00+01:00",
        "de",
    )


def test_what_the_caller_gives_wins_over_the_page():
    given = {"title": "T", "url": "https://a.example/b", "source": "S", "author": "A", "published_at": "2026-03-01"}
    article = from_html(PAGE.encode(), **given)
    assert {name: getattr(article, name) for name in given} == given


@pytest.mark.parametrize("page", [b"", b"<html></html>", b"\x00\xff\xfe\x00", b"<html><body><script>x()</script></body></html>"])
def test_a_page_without_an_article_is_refused(page):
    with pytest.raises(EmptyText, match="paste it instead"):
        from_html(page)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_text_files_in_usual_encodings_are_read(encoding):
    text = GERMAN + " „Größe“ – so heißt es in München. " + GERMAN
    assert from_file("Artikel.TXT", text.encode(encoding)).text == text


def test_web_pages_are_read_from_files():
    assert from_file("page.htm", PAGE.encode(), title="Eigener").title == "Eigener"


@pytest.mark.parametrize("name", ["a.doc", "a", "", "a.txt.exe", ".docx"])
def test_other_files_are_refused_with_what_works(name):
    with pytest.raises(UnsupportedFile) as refused:
        from_file(name, b"text")
    assert all(ending in str(refused.value) for ending in FILE_TYPES)


def test_an_empty_file_is_refused():
    with pytest.raises(EmptyText, match="leer.txt is empty"):
        from_file("leer.txt", b" \n")


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("https://Bote.Example:443/a?utm_source=x&id=7&fbclid=y#part", "https://bote.example/a?id=7"),
        ("http://bote.example", "http://bote.example/"),
        ("http://bote.example:8080/a", "http://bote.example:8080/a"),
        (" https://user:pw@bote.example/a ", "https://bote.example/a"),
        ("https://[::1]/a", "https://[::1]/a"),
    ],
)
def test_addresses_of_one_page_become_the_same(given, normal):
    assert normalise_url(given) == normal


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://a.example",
        "bote.example/a",
        "https://",
        "http://a b",
        "http://[x",
        "http://a.example:99999999/",
    ],
)
def test_other_addresses_are_refused(url):
    with pytest.raises(BadInput):
        from_text(GERMAN, url=url)


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("2026-03-10", "2026-03-10"),
        ("2026-03-10T18:30:00+01:00", "2026-03-10T18:30:00+01:00"),
        ("2026-03-10 18:30", "2026-03-10T18:30:00"),
    ],
)
def test_publication_times_are_kept_as_precise_as_given(given, normal):
    assert normalise_time(given) == normal


@pytest.mark.parametrize("when", ["gestern", "10.03.2026", "2026-13-01", "2026", "2026-03-10Tx"])
def test_other_publication_times_are_refused(when):
    with pytest.raises(BadInput, match="ISO 8601"):
        from_text(GERMAN, published_at=when)


def test_the_same_text_is_recognised_whatever_its_white_space_and_unicode_form():
    assert text_hash("Größe  und\r\n\r\nmehr ") == text_hash("Gro\u0308ße und mehr")
    assert text_hash("Größe und mehr") != text_hash("Größe und Meer")
    assert len(text_hash("")) == 64
