"""PDF, Word and e-mail files: their text comes out in reading order, and a bad file is refused with a word on what to do."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factcheck import documents
from factcheck.articles import FILE_TYPES, from_file
from factcheck.errors import ClaimtrailError, EmptyText, TooLarge, UnsupportedFile

SAID = "„Wir werden die Brücke bis 2030 erneuern“, sagte die Ministerin."


def pdf(pages: list[list[str]], info: str = "") -> bytes:
    """A PDF with the given lines on its pages, written out by hand."""
    kids = " ".join(f"{5 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< {info} >>",
    ]
    for number, lines in enumerate(pages):
        shown = " ".join(f"({line.replace('(', '[').replace(')', ']')}) Tj T*" for line in lines)
        stream = f"BT /F1 11 Tf 14 TL 72 770 Td {shown} ET"
        objects.append(f"<< /Type /Page /Parent 2 0 R /Contents {6 + 2 * number} 0 R /Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 595 842] >>")
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{len(out)}\n%%EOF".encode()


def word(*paragraphs: str, title: str = "") -> bytes:
    made = docx.Document()
    made.core_properties.title = title
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    table = made.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "2023", "40 Millionen"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def mail(text: str = SAID, html: str = "") -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"] = "Rede über die Brücke", "Pressestelle Kassel <presse@example.org>"
    made["Date"] = "Fri, 08 Nov 2024 18:30:00 +0100"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    made.add_attachment(b"secret", maintype="application", subtype="octet-stream", filename="a.bin")
    return bytes(made)


def test_a_pdf_is_read_in_paragraphs_without_page_numbers_and_running_heads():
    head, body = "Stadtrat Kassel, Protokoll", ["The minister said on Monday that the bridge would be", "rebuilt by 2030. She called it the largest under-", "taking of the decade, and nobody contradicted her in"]
    halls = ("the hall.", "committee.", "the street.")
    pages = [[head, *body, hall, f"Seite {n}"] for n, hall in enumerate(halls, 1)]
    article = from_file("protocol.pdf", pdf(pages, "/Title (Protocol) /Author (Clerk) /CreationDate (D:20241108120000Z)"))
    whole = "The minister said on Monday that the bridge would be rebuilt by 2030. She called it the largest undertaking of the decade, and nobody contradicted her in"
    assert article.text == "\n\n".join(f"{whole} {hall}" for hall in halls)
    assert (article.title, article.author, article.published_at) == ("Protocol", "Clerk", "2024-11-08")


def test_a_word_file_is_read_with_its_tables_in_order():
    article = from_file("Rede.DOCX", word(SAID, "Danach fuhr sie weiter.", title="Die Brücke"), published_at="2024-11-08")
    assert article.text == f"{SAID}\n\nDanach fuhr sie weiter.\n\n2023 · 40 Millionen"
    assert (article.title, article.language, article.published_at) == ("Die Brücke", "de", "2024-11-08")


def test_an_e_mail_is_read_without_its_attachments():
    article = from_file("rede.eml", mail())
    assert (article.text, article.title, article.author) == (SAID, "Rede über die Brücke", "Pressestelle Kassel")
    assert article.published_at == "2024-11-08T18:30:00+01:00"
    only_page = EmailMessage()
    only_page["Subject"] = "Page"
    only_page.set_content(f"<html><body><article><p>{SAID}</p><p>Danach fuhr sie weiter.</p></article></body></html>", subtype="html")
    assert from_file("page.eml", bytes(only_page)).text == f"{SAID}\n\nDanach fuhr sie weiter."


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(4):
            packed.writestr(f"word/{number}.xml", b"0" * (20 * 2**20))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "error", "says"),
    [
        ("a.pdf", b"%PDF-1.4 nothing", UnsupportedFile, "damaged"),
        ("a.pdf", b"hello", UnsupportedFile, "damaged"),
        ("a.pdf", pdf([[]]), EmptyText, "pictures of pages"),
        ("a.pdf", pdf([["x"]] * (documents.MOST_PAGES + 1)), TooLarge, "Split it"),
        ("a.docx", b"PK\x03\x04broken", UnsupportedFile, "Word"),
        ("a.docx", b"plain text", UnsupportedFile, "Word"),
        ("a.docx", bomb(), TooLarge, "unfolds"),
        ("a.eml", b"Just some words.\n\nMore words.", UnsupportedFile, "e-mail"),
        ("a.doc", b"x", UnsupportedFile, ".docx"),
        ("a.pdf", b"", EmptyText, "empty"),
        ("a.pdf", b"%PDF" + b"0" * documents.LARGEST_FILE, TooLarge, "larger"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_refused_with_a_word_on_what_to_do(name, data, error, says):
    with pytest.raises(error, match=says):
        from_file(name, data)


GOOD = {".pdf": pdf([["The bridge is safe, said Mira Holm."]]), ".docx": word(SAID), ".eml": mail()}


@pytest.mark.parametrize("ending", sorted(GOOD))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_to_a_file_breaks_its_reading(ending, data):
    whole = GOOD[ending]
    at = data.draw(st.integers(0, len(whole) - 1))
    junk = data.draw(st.binary(max_size=12))
    cut = data.draw(st.sampled_from([0, 1, 8, len(whole)]))
    try:
        assert from_file(f"a{ending}", whole[:at] + junk + whole[at + cut :]).text
    except ClaimtrailError as error:
        assert str(error)


def test_every_kind_of_file_is_offered_by_the_forms(root=documents.__file__):
    from pathlib import Path

    for page in ("article_new", "drafts"):
        form = (Path(root).parent.parent / "templates" / "pages" / f"{page}.html").read_text()
        assert f'accept="{",".join(FILE_TYPES)}"' in form
