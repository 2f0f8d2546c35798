"""PDF, Word and e-mail -> the text in them with what they say about themselves. Nothing in them is run, fetched or followed.

A small file can be made to cost minutes or all memory: tables of a billion columns, forms within forms, headers without end. What a
file may unfold to is therefore limited at each place where it could.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.parser import BytesParser
from email.utils import parseaddr

from factcheck import charsets
from factcheck.errors import EmptyText, TooLarge, UnsupportedFile

LARGEST_FILE = 10 * 1024 * 1024  # bytes, as uploaded
LARGEST_UNPACKED = 60 * 1024 * 1024  # bytes a Word file may unfold to, with its pictures
LARGEST_XML = 20 * 1024 * 1024  # bytes of that that are XML, which takes ten times its room in memory
MOST_PAGES = 400
MOST_BLOCKS = 30_000  # paragraphs and cells of a Word file; a book of 400 pages has some ten thousand
MOST_SECONDS = 20.0  # of processor time for a PDF; 400 full pages take a third of it
MOST_PARTS = 200  # of an e-mail
LONGEST_HEADER = {b"from": 8_000, b"subject": 8_000, b"date": 1_000}  # bytes; reading one takes time with the square of its length
LONGEST_OTHER = 2_000  # bytes of any other header that is read: those that tell the parts apart
# A page of text has some thousand operators and a few kilobytes; what is larger is a drawing.
_PDF_LIMITS = {
    "maximum_declared_stream_length": LARGEST_FILE, "array_based_stream_maximum_output_length": 16_000_000, "lzw_maximum_output_length": 16_000_000,
    "run_length_maximum_output_length": 16_000_000, "zlib_maximum_output_length": 16_000_000, "brotli_maximum_output_length": 16_000_000,
    "stream_decoding_work_maximum_length": 64_000_000, "stream_parsing_work_maximum_count": 500_000, "xform_maximum_invocations_per_extraction": 500,
    "jbig2dec_binary": None,
}  # fmt: skip
_HEADER = re.compile(rb"^(from|subject|date|mime-version|content-[a-z-]{1,40})[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?…:;][\"'“”«»)\]]*$")
_NUMBER_ONLY = re.compile(r"^(?:(?:page|seite|s\.|p\.)\s*)?[-–]?\s*\d{1,4}\s*[-–]?(?:\s*(?:/|of|von)\s*\d{1,4})?$", re.IGNORECASE)


@dataclass(frozen=True)
class Document:
    """``text`` has paragraphs parted by blank lines; ``html`` is set instead when the text is a web page. ``date`` is ISO 8601, or ""."""

    text: str = ""
    html: bytes = b""
    title: str = ""
    author: str = ""
    date: str = ""


def read_pdf(data: bytes) -> Document:
    """The words of a PDF, its lines put together to paragraphs again, without page numbers and what every page repeats.

    Raises UnsupportedFile for a damaged or locked file, TooLarge for more than ``MOST_PAGES`` pages or more work than ``MOST_SECONDS``,
    EmptyText for scanned pages.
    """
    import pypdf

    with pypdf.apply_configuration(**_PDF_LIMITS):
        return _pdf(data, time.thread_time() + MOST_SECONDS)


def _pdf(data: bytes, until: float) -> Document:
    import pypdf
    from pypdf.errors import LimitReachedError, PyPdfError

    def in_time(*_) -> None:
        if time.thread_time() > until:
            raise LimitReachedError("takes too long")

    def words_of(page: pypdf.PageObject) -> str:
        in_time()
        # Forms are drawn by one another, so that few can be many; the clock is then looked at with every operator.
        drawn = "/XObject" in (page.get("/Resources") or {})
        return page.extract_text(visitor_operand_before=in_time if drawn else None) or ""

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnsupportedFile("This PDF is locked with a password. Save it without one, or paste its text.", key="pdf_locked")
        if len(reader.pages) > MOST_PAGES:
            raise TooLarge(
                f"This PDF has {len(reader.pages)} pages; {MOST_PAGES} can be read. Split it and add the parts one by one.",
                key="pdf_pages", pages=len(reader.pages), most=MOST_PAGES,
            )  # fmt: skip
        pages = [words_of(page) for page in reader.pages]
        about = reader.metadata
        title, author = (str(about.title or ""), str(about.author or "")) if about else ("", "")
        date = _pdf_date(about)
    except LimitReachedError as error:
        raise TooLarge("This PDF is made in a way that takes too long to read. Paste its text instead.", key="pdf_work") from error
    except (PyPdfError, LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError, OverflowError, NotImplementedError) as error:
        raise UnsupportedFile("This PDF is damaged and cannot be read. Open it and save it anew, or paste its text.", key="pdf_damaged") from error
    if not any(page.strip() for page in pages):
        raise EmptyText("This PDF holds pictures of pages and no text. Run text recognition on it first, or paste the text.", key="pdf_scanned")
    return Document("\n\n".join(_paragraphs(lines) for lines in _without_frame(pages)), title=title, author=author, date=date)


def read_docx(data: bytes) -> Document:
    """The paragraphs and tables of a Word file, in order. Raises UnsupportedFile and TooLarge."""
    import docx
    from docx.opc.exceptions import OpcError
    from docx.oxml.ns import qn
    from docx.table import Table
    from lxml.etree import LxmlError

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            sizes = [(item.filename.lower().endswith((".xml", ".rels")), item.file_size) for item in packed.infolist()]
            if sum(size for _, size in sizes) > LARGEST_UNPACKED or sum(size for is_xml, size in sizes if is_xml) > LARGEST_XML:
                raise TooLarge(_unfolds(), key="file_unfolds")
        opened = docx.Document(io.BytesIO(data))
        if sum(1 for _ in opened.element.body.iter(qn("w:p"))) > MOST_BLOCKS:
            raise TooLarge(
                f"This file has more than {MOST_BLOCKS} paragraphs. Split it and add the parts one by one.", key="docx_paragraphs", most=MOST_BLOCKS
            )
        parts = []
        for block in opened.iter_inner_content():
            if isinstance(block, Table):
                parts += [_row(row, block) for row in block.rows]
            else:
                parts.append(block.text)
        about = opened.core_properties
        title, author = about.title or "", about.author or ""
        date = about.created.date().isoformat() if about.created else ""
    except (zipfile.BadZipFile, EOFError, OpcError, LxmlError, KeyError, ValueError, AttributeError, NotImplementedError, OSError, RuntimeError, zlib.error) as error:
        raise UnsupportedFile(
            "This is no Word file that can be read. Save it as .docx (not .doc) or as .txt and try again.", key="docx_damaged"
        ) from error
    return Document("\n\n".join(part.strip() for part in parts if part.strip()), title=title, author=author, date=date)


def _row(row, table) -> str:
    """The texts of a row's cells as they stand in the file. ``row.cells`` would repeat a cell for each column it says it spans."""
    from docx.table import _Cell

    texts = (_Cell(cell, table).text.strip() for cell in row._tr.tc_lst)
    return " · ".join(dict.fromkeys(text for text in texts if text))


def read_mail(data: bytes) -> Document:
    """The text of an e-mail: its plain part, else its page; subject, sender and date. Attachments are left alone.

    Raises UnsupportedFile, also for one with headers or parts that no mail program writes.
    """
    _refuse_endless(data)
    try:
        message = BytesParser(policy=policy.default).parsebytes(data)
        body = message.get_body(("plain", "html"))
        if body is None or not (message["from"] or message["subject"] or message["date"]):
            raise UnsupportedFile("This file does not begin as an e-mail does. Save it as .txt if it is plain text.", key="not_a_mail")
        content = _content(body)
        name, address = parseaddr(str(message["from"] or ""))
        sent = message["date"].datetime if message["date"] and message["date"].datetime else None
        title = str(message["subject"] or "")
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise UnsupportedFile("This e-mail is damaged and cannot be read. Paste its text instead.", key="mail_damaged") from error
    about = {"title": title, "author": name or address, "date": sent.isoformat(timespec="seconds") if sent else ""}
    if body.get_content_type() == "text/html":
        return Document(html=str(content).encode("utf-8", "replace"), **about)
    return Document(text=str(content), **about)


def _refuse_endless(data: bytes) -> None:
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    endless = any(len(found[0]) > LONGEST_HEADER.get(found[1].lower(), LONGEST_OTHER) for found in _HEADER.finditer(lines))
    if endless or lines.count(b"\n--") > MOST_PARTS * 10 or lines.lower().count(b"\ncontent-type:") > MOST_PARTS:
        raise UnsupportedFile("This e-mail has more headers or parts than any mail program writes. Paste its text instead.", key="mail_endless")


def _content(part) -> str:
    """The letters of a part, in the encoding it names; what names none that is known is read as UTF-8."""
    charset = str(part.get_content_charset("") or "")
    if charset and not charsets.known(charset):
        return (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return str(part.get_content())


def _unfolds() -> str:
    return f"This file unfolds to more than {LARGEST_UNPACKED // 2**20} MB. Save its text as .txt and try again."


def _pdf_date(about) -> str:
    try:
        made = about.creation_date if about else None
    except (ValueError, TypeError, AttributeError):
        return ""
    return made.date().isoformat() if isinstance(made, datetime) else ""


def _without_frame(pages: list[str]) -> list[list[str]]:
    """The lines of each page without page numbers, and without a first or last line that most pages repeat (running heads)."""
    lines = [[line for line in map(str.strip, page.splitlines()) if not _NUMBER_ONLY.match(line)] for page in pages]
    content = [[line for line in page if line] for page in lines]
    edges = Counter(_any_number(line) for page in content if page for line in {page[0], page[-1]})
    repeated = {line for line, n in edges.items() if len(pages) > 2 and n > len(pages) / 2}
    return [[line for line in page if _any_number(line) not in repeated] for page in lines]


def _any_number(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _paragraphs(lines: list[str]) -> str:
    """Lines as they were set -> paragraphs: a line that is much shorter than the others and ends a sentence ends its paragraph."""
    full = sorted(len(line) for line in lines if line)
    usual = full[len(full) * 3 // 4] if full else 0
    paragraphs: list[str] = []
    open_one = False
    for line in lines:
        if not line:
            open_one = False
        elif open_one:
            last = paragraphs[-1]
            divided = re.search(r"[^\W\d_]-$", last) and line[:1].islower()
            paragraphs[-1] = last[:-1] + line if divided else f"{last} {line}"
        else:
            paragraphs.append(line)
            open_one = True
        if line and len(line) < usual * 0.8 and (_SENTENCE_END.search(line) or len(line) < usual * 0.5):
            open_one = False
    return "\n\n".join(paragraphs)
