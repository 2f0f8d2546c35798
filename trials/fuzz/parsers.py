"""Every parser with good input to begin from: what each is given is bytes, as it comes from outside.

The good input is made up here; nothing of it was said by anybody.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from db import Store, open_store
from factcheck import articles, claimforms, factchecktools, feedreading, fetch, outgoing, quantities, statements
from factcheck.embed import Encoder, FakeEncoder
from factcheck.errors import BadInput, ClaimtrailError
from factcheck.extraction import deadlines, when
from factcheck.records.dates import day_range
from factcheck.settings import Settings

Parse = Callable[[bytes], object]
SAID = "„Wir werden die Brücke bis Ende 2030 für 40 Millionen Euro erneuern“, sagte Mira Holm am Montag in Kassel. He said that 3.5 per cent were lost."
PAGE = (
    '<!doctype html><html lang="de"><head><title>Die Brücke</title><meta charset="utf-8"><meta name="author" content="Ada Beispiel">'
    '<meta property="article:published_time" content="2024-11-08T18:30:00+01:00"><link rel="alternate" type="application/rss+xml" href="/feed" title="Alles">'
    '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":true,"author":[{"name":"Ada Beispiel"}]}</script></head>'
    f"<body><nav>Menü</nav><article><h1>Die Brücke</h1><p>{SAID}</p><p>{SAID}</p><table><tr><td>2023</td></tr></table></article></body></html>"
)
REVIEW = {
    "@context": "https://schema.org", "@type": "ClaimReview", "claimReviewed": "Die Brücke wird 2030 fertig.", "url": "https://example.org/check", "datePublished": "2024-11-08",
    "inLanguage": "de", "author": {"@type": "Organization", "name": "Claimtrail demo desk"}, "headline": "Wird sie fertig?",
    "itemReviewed": {"@type": "Claim", "author": {"name": "Mira Holm"}, "datePublished": "2024-11-04", "firstAppearance": {"url": "https://example.org/a"}, "appearance": []},
    "reviewRating": {"ratingValue": 2, "bestRating": 5, "worstRating": "1", "alternateName": "Eher falsch"},
}  # fmt: skip
ANSWER = {"claims": [{"text": "Die Brücke.", "claimant": "Mira Holm", "claimDate": "2024-11-04T00:00:00Z", "claimReview": [
    {"publisher": {"name": "Claimtrail demo desk", "site": "example.org"}, "url": "https://example.org/c", "title": "x", "reviewDate": "2024-11-08T00:00:00Z", "textualRating": "Falsch", "languageCode": "de"}
]}], "nextPageToken": "abc"}  # fmt: skip
RSS = (
    f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Alles</title><item><title>Die Brücke</title>'
    f"<link>https://example.org/1</link><guid>1</guid><pubDate>Fri, 08 Nov 2024 18:30:00 +0100</pubDate><content:encoded><![CDATA[<p>{SAID * 6}</p>]]></content:encoded></item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">Alles</title><entry><id>urn:1</id><link href="/1"/><updated>2024-11-08T18:30:00Z</updated>'
    "<author><name>Ada</name></author><summary>Kurz</summary></entry></feed>"
)
SITEMAP = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://example.org/1</loc>'
    "<lastmod>2024-11-08</lastmod><news:news><news:title>Die Brücke</news:title><news:publication_date>2024-11-08T18:30:00Z</news:publication_date></news:news></url></urlset>"
)
INDEX = '<sitemapindex><sitemap><loc>https://example.org/news.xml</loc><lastmod>2024-11-08</lastmod></sitemap></sitemapindex>'
VTT = "WEBVTT\n\nNOTE x\n\n1\n00:00:01.000 --> 00:00:04.000 align:start\n<v Mira Holm>Die Brücke <c.y>ist</c> sicher.\n- Ja.\n- Nein.\n\n00:05.000 --> 00:06.000\nANNA: &amp; gut.\n"
SRT = "1\r\n00:00:01,000 --> 00:00:04,000\r\n<i>Die Brücke</i> ist sicher.\r\n>> HOLM: Gut.\r\n\r\n2\r\n00:00:05,000 --> 00:00:06,000\r\n{\\an8}Ja.\r\n"
CSV = 'claim,speaker,rating,url,date,publisher\n"Die Brücke, sagt man",Mira Holm,Falsch,https://example.org/c,2024-11-08,Claimtrail demo desk\n\'=1+1,x,Wahr,,08.11.2024,y\n'
LINES = '{"id":"a/1","text":"Die Brücke","speaker":"Mira Holm","rating":"false","stated":"stated on October 22, 2019 in a speech:","publisher":"Claimtrail demo desk","url":"https://example.org/c"}\n'
MAIL = (
    "From: Presse <presse@example.org>\r\nTo: a@example.org\r\nSubject: =?utf-8?q?Br=C3=BCcke?=\r\nDate: Fri, 08 Nov 2024 18:30:00 +0100\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset="iso-8859-1"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    "Wir bauen die Br=FCcke.\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+SGVsbG88L3A+\r\n--b--\r\n"
)
ROBOTS = "User-agent: *\nDisallow: /private\nCrawl-delay: 5\nRequest-rate: 1/10\nSitemap: https://example.org/s.xml\n\nUser-agent: Claimtrail\nAllow: /\n"
TIMES = [
    "am Montag, 4. November 2024", "vor drei Wochen", "last Tuesday in May 2019", "04.11.2024", "2024-11-04/2024-11-10", "2024-11-08T18:30:00+01:00", "bis Ende 2030",
    "within 24 hours of taking office", "on day one", "im Sommer 2021", "by 31 December 2029", "in den ersten 100 Tagen", "Nov. 4, 2024", "zwischen 2020 und 2030",
]  # fmt: skip
NUMBERS = ["40 Millionen Euro", "3.5 per cent", "1.234.567,89", "eine halbe Milliarde", "twenty-four hours", "rund 1½ Prozent", "$2.4bn", "10,000", "ein Drittel", "4x so viel"]
QUERIES = [
    "Brücke 2030", '"24 hours" -Ukraine', 'speaker:"Mira Holm" since:2020 until:2024-05 „die Brücke“', "rating:false kind:claim -\"nie wieder\"", "Wer sagte »das«?", "a AND (b OR NEAR(c d, 5))",
]  # fmt: skip
ADDRESSES = [
    "https://example.org/a?utm_source=x&b=ü#c", "http://[2001:db8::1]:8080/x", "http://user:pw@example.org/", "https://bücher.example/ä", "//example.org", "javascript:alert(1)", "http://127.0.0.1:0/",
]  # fmt: skip


@dataclass(frozen=True)
class Parser:
    """``parse`` may raise errors of ``factcheck.errors`` and no others."""

    name: str
    seeds: tuple[bytes, ...]
    parse: Parse


def pdf() -> bytes:
    """A PDF of two pages with one font, written out by hand."""
    stream = "BT /F1 11 Tf 14 TL 72 770 Td (The bridge is safe, said Mira Holm.) Tj T* [(Wir) -300 (bauen)] TJ ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>",
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> /MediaBox [0 0 595 842] >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Title (Die Br\\374cke) /CreationDate (D:20241108183000+01'00') >>",
    ]  # fmt: skip
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return f"{out}xref\n0 7\n0000000000 65535 f \n{table}trailer << /Size 7 /Root 1 0 R /Info 6 0 R >>\nstartxref\n{len(out)}\n%%EOF".encode("latin-1")


def word() -> bytes:
    """A Word file with a paragraph and a table, unpacked inside so that changes reach its XML."""
    import docx

    made = docx.Document()
    made.add_paragraph(SAID)
    made.add_table(rows=1, cols=2).cell(0, 1).text = "2023"
    packed, plain = io.BytesIO(), io.BytesIO()
    made.save(packed)
    keep = ("[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/_rels/document.xml.rels", "docProps/core.xml")
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as target:
        for name in keep:
            data = source.read(name)
            if name.endswith(".rels"):  # without what they say about files left out here
                data = re.sub(rb'<Relationship [^>]*Target="(?!word/document|docProps/core)[^>]*/>', b"", data)
            target.writestr(name, data)
    return plain.getvalue()


def _file(name: str) -> Parse:
    return lambda data: articles.from_file(name, data)


def _word_parts(data: bytes) -> object:
    """The changes inside the archive's XML, put into an archive whose checksums are right: else none would get past them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in _parts().items():
            target.writestr(name, data if name == "word/document.xml" else content)
    return articles.from_file("a.docx", out.getvalue())


@cache
def _parts() -> dict[str, bytes]:
    """What is in the Word file; read once, since making one takes longer than reading a hundred."""
    with zipfile.ZipFile(io.BytesIO(word())) as source:
        return {name: source.read(name) for name in source.namelist()}


def _page(data: bytes) -> object:
    """The first line is the kind and encoding the server names, the rest the page."""
    head, _, body = data.partition(b"\n")
    kind, _, charset = head.decode("latin-1").partition(";")
    page = fetch.Page("https://example.org/a", body, kind, charset)
    feedreading.named(page)
    return articles.from_page(page)


def _feed(data: bytes) -> object:
    head, _, body = data.partition(b"\n")
    kind, _, charset = head.decode("latin-1").partition(";")
    page = fetch.Page("https://example.org/feed", body, kind, charset)
    feedreading.is_feed(page)
    return feedreading.read(page)


def _claims(data: bytes) -> object:
    return list(claimforms.entries(io.BytesIO(data), "x"))


def _google(data: bytes) -> object:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None  # as the client does
    return factchecktools.entries(factchecktools.Answer(value, "")) if isinstance(value, dict) else None


def _times(data: bytes) -> object:
    text = data.decode("utf-8", "replace")
    for published in (None, "2024-11-08", text[:30]):
        for language in ("de", "en"):
            when.said_at(text, published, language)
        deadlines.deadline(text, published)
    refused = []
    for read in (day_range, articles.normalise_time):  # each gets every text: what one refuses the other may take
        try:
            read(text)
        except ClaimtrailError as error:
            refused.append(error)
    if len(refused) == 2:
        raise refused[0]
    return text


def _addresses(data: bytes) -> object:
    text = data.decode("utf-8", "replace")
    outgoing.check_url(text)
    return articles.normalise_url(text)


def _robots(data: bytes) -> object:
    rules = fetch._read(outgoing.Answer("https://example.org/robots.txt", 200, {}, data, False))
    return rules.parser.can_fetch(fetch.AGENT, "https://example.org/private/x")


def _statements(data: bytes) -> object:
    article = articles.from_text(data.decode("utf-8", "replace"), published_at="2024-11-08")
    found = statements.extract(article)
    assert all(article.text[s.start : s.end] == s.text for s in found)
    return found


def _alone() -> Iterator[Parser]:
    """The parsers that need nothing but their input."""
    both = json.dumps(REVIEW, ensure_ascii=False)
    feeds = [f"application/xml;utf-8\n{text}".encode() for text in (RSS, ATOM)]
    maps = [f"text/xml;\n{text}".encode() for text in (SITEMAP, INDEX)]
    odd = PAGE.replace("2024-11-08T18:30:00+01:00", "2024-said that 3.5 per cent were lost 11-08T18:30")  # the libraries load what they know of languages with it
    yield Parser("html", (PAGE.encode(), PAGE.encode("utf-16"), odd.encode()), _file("a.html"))
    yield Parser("page", (f"text/html;utf-8\n{PAGE}".encode(), b"text/html;iso-8859-1\n" + PAGE.encode("latin-1", "replace"), f"text/html;\n{odd}".encode(), f"text/vtt;\n{VTT}".encode()), _page)
    yield Parser("pdf", (pdf(),), _file("a.pdf"))
    yield Parser("docx", (word(),), _file("a.docx"))
    with zipfile.ZipFile(io.BytesIO(word())) as archive:
        yield Parser("docx parts", (archive.read("word/document.xml"),), _word_parts)
    yield Parser("e-mail", (MAIL.encode(), MAIL.replace("multipart/alternative", "multipart/mixed").encode()), _file("a.eml"))
    yield Parser("vtt", (VTT.encode(),), _file("a.vtt"))
    yield Parser("srt", (SRT.encode(), SRT.encode("utf-16")), _file("a.srt"))
    yield Parser("text", (SAID.encode(), SAID.encode("cp1252"), SAID.encode("utf-16")), _file("a.txt"))
    yield Parser("statements", (SAID.encode(), VTT.encode(), f"MODERATOR: Frage?\n\nMira Holm: {SAID}\n(Beifall)\n".encode()), _statements)
    yield Parser("feed", tuple(feeds), _feed)
    yield Parser("sitemap", tuple(maps), _feed)
    yield Parser("robots", (ROBOTS.encode(),), _robots)
    yield Parser("ClaimReview", (both.encode(), json.dumps([REVIEW, {"@graph": [REVIEW]}]).encode(), f'<script type="application/ld+json">{both}</script>'.encode()), _claims)
    yield Parser("DataFeed", (json.dumps({"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": [REVIEW]}]}).encode(),), _claims)
    yield Parser("CSV", (CSV.encode(), CSV.replace(",", ";").encode("cp1252", "replace"), CSV.encode("utf-16")), _claims)
    yield Parser("JSON Lines", (LINES.encode() * 2, f"{both}\n{LINES}".encode()), _claims)
    yield Parser("Google answer", (json.dumps(ANSWER).encode(),), _google)
    yield Parser("dates", tuple(t.encode() for t in TIMES), _times)
    yield Parser("quantities", tuple(n.encode() for n in NUMBERS), lambda data: quantities.numbers_in(data.decode("utf-8", "replace")))
    yield Parser("addresses", tuple(a.encode() for a in ADDRESSES), _addresses)


@contextmanager
def opened() -> Iterator[list[Parser]]:
    """All parsers; those that need a store and an application have them while this is open."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        store = open_store(settings.database)
        try:
            yield [*_alone(), *_inside(settings, store, FakeEncoder())]
        finally:
            store.close()


def _inside(settings: Settings, store: Store, encoder: Encoder) -> Iterator[Parser]:
    import logging

    from app import create_app
    from factcheck import claimssearch, demo, finding, pipeline
    from factcheck.wanted import Wanted
    from factcheck.web.auth import safe_next

    demo.load(store)
    pipeline.embed_claims(store, encoder)
    application = create_app(settings, store=store, encoder=encoder)
    logging.getLogger("app").setLevel(logging.CRITICAL)
    client = application.test_client()

    def search(data: bytes) -> object:
        query = " ".join(data.decode("utf-8", "replace").split())
        return finding.find(store, encoder, Wanted.from_args(urlencode({"q": query})), counted=False)

    def address(data: bytes) -> object:
        return finding.find(store, encoder, Wanted.from_args(data.decode("utf-8", "replace")))

    def tokens(data: bytes) -> object:
        given = dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))
        return claimssearch.search(store, encoder, claimssearch.Question.of(given))

    def sent(data: bytes) -> object:
        """A header a line, as far as the server would let it through; the path first."""
        lines = data.decode("latin-1").splitlines() or [""]
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:60]) if name.strip().isascii() and name.strip().replace("-", "").isalpha()]
        path = "/" + "".join(c for c in lines[0].lstrip("/") if c.isprintable() and c not in "#\\ ")[:2_000]
        answer = client.get(path, headers=headers)
        client.delete_cookie("claimtrail")
        assert answer.status_code < 500, answer.status_code
        if 400 <= answer.status_code < 500:
            raise BadInput(str(answer.status_code))
        return answer

    def onwards(data: bytes) -> object:
        target = data.decode("utf-8", "replace")
        with application.test_request_context("/"):
            found = safe_next(target)
        assert found.startswith("/") and not found.startswith(("//", "/\\")) and found.isprintable(), found
        return found

    yield Parser("query", tuple(q.encode() for q in QUERIES), search)
    yield Parser("address of a search", (b"q=Br%C3%BCcke&rating=false&since=2020&sort=newest&size=5&cursor=ab12.1f&person=1&topic=1&worth=0.5", b"like=claim:1&kind=statement"), address)
    yield Parser("page tokens", (b"query=bridge&pageSize=2&pageToken=MTIzNDU2Nzg5MCAw&languageCode=de", b"reviewPublisherSiteFilter=example.org&offset=1&maxAgeDays=3"), tokens)
    requests = (
        b"search?q=a\nHost: localhost\nCookie: claimtrail=abc; language=de; theme=dark\nAccept-Language: de-AT,de;q=0.9\nUser-Agent: Mozilla/5.0 Firefox/130\nHX-Request: true\n",
        b"api/v1/search?q=a&limit=5\nAuthorization: Bearer ct_abcdef\nAccept: application/json\nIdempotency-Key: a\nIf-None-Match: \"x\"\nRange: bytes=0-1\nX-Forwarded-For: 1.2.3.4\n",
        b"claims/bridge/2030\nHost: example.org:99999\nOrigin: null\nSec-Fetch-Site: cross-site\nAccept: text/html;q=0.5,*/*\n",
    )
    yield Parser("requests", requests, sent)
    yield Parser("where to go on", (b"/review?x=1#y", b"//evil.example", b"/\\evil.example", b"https://evil.example"), onwards)
