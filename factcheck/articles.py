"""Text, HTML, subtitles and files -> Article: cleaned, dated, with its language, ready for statements to be found in it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date, datetime
from pathlib import PurePath
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from factcheck import charsets, documents, language, plaintext, subtitles
from factcheck.errors import BadInput, EmptyText, FetchRefused, TooLarge, UnsupportedFile
from factcheck.fetch import Page
from factcheck.records import Article

LARGEST_BYTES = 2 * 1024 * 1024
LONGEST = {"title": 1_000, "author": 500, "source": 300, "url": 2_000}  # characters of what is told about an article
MOST_ELEMENTS = 40_000  # of a web page; long live coverage has some twenty thousand, and reading more takes long
FILE_TYPES = (".txt", ".html", ".htm", ".vtt", ".srt", ".pdf", ".docx", ".eml")
_DOCUMENTS = {".pdf": documents.read_pdf, ".docx": documents.read_docx, ".eml": documents.read_mail}

_MEDIA_TYPES = {
    "text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf", "text/vtt": ".vtt", "application/x-subrip": ".srt",
    "message/rfc822": ".eml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}  # fmt: skip
_NO_ARTICLE = "No article text was found on this page. Copy the article's text and paste it instead."
FEW_WORDS = 12  # of a page that was fetched; fewer are no article
WHOLE_ARTICLE = 250  # words; a page for subscribers with fewer shows its beginning only
_OPENING = re.compile(rb"<[A-Za-z]")
_CLOSED = re.compile(rb"\"isAccessibleForFree\"\s*:\s*(?:false|\"?false\"?)", re.IGNORECASE)

# Query parameters that only say how a reader came to the page.
_TRACKING = re.compile(
    r"^(utm_.*|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid|wt_mc|wt_zmc|xtor|ref_src|ref_url|cmpid|ns_campaign|ito"
    r"|sara_ref"
    r"|smid|smtyp|share|at_medium|at_campaign|_ga|mkt_tok|spm)$",
    re.IGNORECASE,
)
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_DATE_FORM = {"original_date": True, "extensive_search": True, "outputformat": "%Y-%m-%dT%H:%M:%S%z"}


def from_text(
    text: str,
    *,
    title: str = "",
    url: str | None = None,
    source: str = "",
    author: str = "",
    published_at: str | None = None,
) -> Article:
    """Make an article of pasted text.

    Line ends become ``\\n``, what ``plaintext`` drops is dropped, runs of blank lines become one; nothing else in the
    text changes, but for subtitles (WebVTT, SubRip), which become a transcript. ``published_at`` is an ISO 8601 date or time.
    Raises EmptyText, TooLarge (over 2 MB) and BadInput (URL, date).
    """
    if len(text) > LARGEST_BYTES:
        raise TooLarge(_too_large(), key="article_too_large", megabytes=LARGEST_BYTES // 2**20)
    clean = _tidy(text)
    if subtitles.is_subtitles(clean):
        clean = _tidy(subtitles.read(clean))
    if not clean:
        raise EmptyText("The article holds no text. Paste the article's text and try again.", key="article_empty")
    _refuse_endless(title=title, author=author, source=source, url=url or "")
    return Article(
        id=0,
        text=clean,
        language=language.detect(clean),
        title=plaintext.one_line(title),
        url=normalise_url(url) if url else None,
        author=plaintext.one_line(author),
        source=plaintext.one_line(source),
        published_at=normalise_time(published_at) if published_at else None,
    )


def from_html(
    data: bytes,
    *,
    title: str = "",
    url: str | None = None,
    source: str = "",
    author: str = "",
    published_at: str | None = None,
) -> Article:
    """Make an article of a web page: its main text without menus and comments, title, author, date, site and canonical URL.

    What the caller gives wins over what the page says. Raises as ``from_text`` does.
    """
    if len(data) > LARGEST_BYTES:
        raise TooLarge(_too_large(), key="article_too_large", megabytes=LARGEST_BYTES // 2**20)
    if len(_OPENING.findall(data)) > MOST_ELEMENTS:
        raise TooLarge(
            f"This page has more than {MOST_ELEMENTS} elements, which takes too long to read. Copy the article's text and paste it instead.",
            key="page_elements", most=MOST_ELEMENTS,
        )  # fmt: skip
    import trafilatura  # slow to import, and most articles are pasted

    given_url = normalise_url(url) if url else None
    page = trafilatura.bare_extraction(
        data,
        url=given_url,
        include_comments=False,
        include_tables=False,
        with_metadata=True,
        date_extraction_params=dict(_DATE_FORM),
    )
    found = page.as_dict() if page is not None else {}
    text = found.get("text") or ""
    heading = title or _told(found.get("title"), "title")
    if not text.strip():
        raise EmptyText(_NO_ARTICLE, key="article_not_found_in_page")
    return from_text(
        _without_heading(text, heading),
        title=heading,
        url=given_url or _usable_url(found.get("url")),
        source=source or _told(found.get("sitename") or found.get("hostname"), "source"),
        author=author or _told(found.get("author"), "author"),
        published_at=published_at or _usable_time(found.get("date")),
    )


def from_file(
    name: str,
    data: bytes,
    *,
    title: str = "",
    url: str | None = None,
    source: str = "",
    author: str = "",
    published_at: str | None = None,
) -> Article:
    """Make an article of an uploaded file, by the ending of its ``name``: .txt, .vtt and .srt (any usual encoding), .html, .htm, .pdf, .docx, .eml.

    What the caller gives wins over what the file says of itself.

    Raises UnsupportedFile for any other file, and as ``from_text`` does.
    """
    given = {"title": title, "url": url, "source": source, "author": author, "published_at": published_at}
    ending = PurePath(name.lower()).suffix
    if ending not in FILE_TYPES:
        raise UnsupportedFile(
            f"{_named(name) or 'This file'} cannot be read here. Files ending in {', '.join(FILE_TYPES)} can.",
            key="file_unsupported",
            endings=", ".join(FILE_TYPES),
        )
    largest = documents.LARGEST_FILE if ending in _DOCUMENTS else LARGEST_BYTES
    if len(data) > largest:
        raise TooLarge(_too_large(largest), key="article_too_large", megabytes=largest // 2**20)
    if not data.strip():
        raise EmptyText(f"{_named(name)} is empty.", key="file_empty")
    if ending in _DOCUMENTS:
        return _from_document(_DOCUMENTS[ending](data), given)
    if ending in {".html", ".htm"}:
        return from_html(data, **given)
    text = _decode(data, name)
    if ending in {".vtt", ".srt"} and not subtitles.is_subtitles(_tidy(text)):
        raise UnsupportedFile(
            f"{_named(name)} does not begin as subtitles do. Save it as .txt if it is plain text.", key="file_not_subtitles"
        )
    return from_text(text, **given)


def _from_document(found: documents.Document, given: dict[str, str | None]) -> Article:
    about = {"title": _told(found.title, "title"), "author": _told(found.author, "author"), "published_at": _usable_time(found.date)}
    given |= {name: value for name, value in about.items() if not given[name]}
    return from_html(found.html, **given) if found.html else from_text(found.text, **given)


def from_page(
    page: Page, *, title: str = "", source: str = "", author: str = "", published_at: str | None = None
) -> Article:
    """Make an article of what an address gave, by what the server says it is, or else by the address's ending.

    Raises FetchRefused for a page that only subscribers see whole, and as ``from_file`` does.
    """
    given = {"title": title, "source": source, "author": author, "published_at": published_at}
    ending = PurePath(urlsplit(page.url).path.lower()).suffix
    kind = _MEDIA_TYPES.get(page.media_type) or (ending if ending in FILE_TYPES else ".html" if page.body.lstrip()[:1] == b"<" else ".txt")
    if kind != ".html":
        return from_file(f"page{kind}", page.body, url=page.url, **given)
    body = page.body
    charset = charsets.known(page.charset)
    if charset and charset != "utf-8":  # what the server says counts for more than what the page guesses
        try:
            body = re.sub(r"<meta\b[^>]{1,500}charset[^>]{0,100}>", "", body.decode(charset), flags=re.IGNORECASE).encode("utf-8", "replace")
        except UnicodeError:
            body = page.body
    closed = bool(_CLOSED.search(body))
    try:
        article = from_html(body, url=page.url, **given)
    except EmptyText:
        if closed:
            raise _for_subscribers(page.url) from None
        raise
    words = len(article.text.split())
    if closed and words < WHOLE_ARTICLE:
        raise _for_subscribers(page.url)
    if words < FEW_WORDS:  # a menu, a notice about cookies or scripts
        raise EmptyText(_NO_ARTICLE, key="article_not_found_in_page")
    return article


def _for_subscribers(url: str) -> FetchRefused:
    host = urlsplit(url).netloc
    return FetchRefused(
        f"{host} shows only the beginning of this page without a subscription. Open it in your browser and paste its text.",
        key="fetch_subscribers", host=host,
    )  # fmt: skip


def text_hash(text: str) -> str:
    """SHA-256 in hex that is the same for texts that differ only in white space or in how Unicode writes the same characters."""
    return hashlib.sha256(" ".join(unicodedata.normalize("NFKC", plaintext.usable(text)).split()).encode()).hexdigest()


def normalise_url(url: str) -> str:
    """The address without fragment, tracking parameters and default port, host in lower case. BadInput unless http or https."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadInput(
            "The URL cannot be read. Give the full address, such as https://example.org/article.", key="url_unreadable"
        ) from None
    if parts.scheme.lower() not in {"http", "https"} or not host or re.search(r"[\s\x00-\x1f\x7f\"<>\\]", url):
        raise BadInput("The URL must be a full web address starting with http:// or https://.", key="url_scheme")
    scheme = parts.scheme.lower()
    if ":" in host:
        host = f"[{host}]"
    if port and port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{port}"
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k)])
    return urlunsplit((scheme, host, parts.path or "/", query, ""))


def normalise_time(value: str) -> str:
    """An ISO 8601 date (kept as a date) or time (written in full). BadInput says what is expected."""
    value = value.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return date.fromisoformat(value).isoformat()
        if re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}", value):
            return datetime.fromisoformat(value.replace(" ", "T", 1)).isoformat(timespec="seconds")
    except ValueError:
        pass
    raise BadInput(
        "The publication time must be in ISO 8601 form, such as 2024-11-08 or 2024-11-08T18:30:00+01:00.", key="time_form"
    )


def _too_large(largest: int = LARGEST_BYTES) -> str:
    return f"The text is larger than {largest // 2**20} MB. Split it and add the parts one by one."


def _tidy(text: str) -> str:
    text = plaintext.usable(_LINE_ENDS.sub("\n", text))
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _refuse_endless(**told: str) -> None:
    problems = {
        "title": BadInput(f"The title is longer than {LONGEST['title']} characters.", key="article_title_long", most=LONGEST["title"]),
        "author": BadInput(f"The author's name is longer than {LONGEST['author']} characters.", key="article_author_long", most=LONGEST["author"]),
        "source": BadInput(f"The source's name is longer than {LONGEST['source']} characters.", key="article_source_long", most=LONGEST["source"]),
        "url": BadInput(f"The address is longer than {LONGEST['url']} characters.", key="article_url_long", most=LONGEST["url"]),
    }
    for name, value in told.items():
        if len(value) > LONGEST[name]:
            raise problems[name]


def _told(text: object, name: str) -> str:
    """What a page or file says about itself, on one line, no longer than it may be."""
    return plaintext.one_line(str(text or "")[: LONGEST[name] * 4])[: LONGEST[name]].rstrip()


def _named(name: str) -> str:
    """A file's name as it may stand in a message."""
    return plaintext.one_line(name[:200])


def _without_heading(text: str, heading: str) -> str:
    """Paragraphs parted by blank lines; the heading, which the extractor repeats as the first line, belongs to the title."""
    paragraphs = [line.strip() for line in text.split("\n") if line.strip()]
    if len(paragraphs) > 1 and heading and paragraphs[0].casefold() == plaintext.one_line(heading).casefold():
        paragraphs = paragraphs[1:]
    return "\n\n".join(paragraphs)


def _decode(data: bytes, name: str) -> str:
    for mark, encoding in (
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                break
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(data, cp_isolation=["cp1252", "utf_16_le", "utf_16_be"]).best()
        if best is None:
            raise UnsupportedFile(
                f"{_named(name)} is not a text file in a known encoding. Save it as UTF-8 and try again.",
                key="file_encoding",
            ) from None
        return str(best)


def _usable_url(url: str | None) -> str | None:
    try:
        return normalise_url(url) if url else None
    except BadInput:
        return None


def _usable_time(value: str | None) -> str | None:
    """The page's date; a midnight that only fills up a missing time of day is taken off again."""
    if not value:
        return None
    try:
        value = normalise_time(value)
    except BadInput:
        return None
    return re.sub(r"T00:00:00([+-]00:?00)?$", "", value)
