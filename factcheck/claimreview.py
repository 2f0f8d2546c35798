"""ClaimReview (schema.org) and the Fact Check Tools API's form <-> claims and reviews, without losing what is not understood.

``read`` keeps the whole object in ``Review.raw``; ``write`` gives it back with only those fields changed that were changed here. So what
comes in goes out the same, whatever else it holds. What consumers ask for: https://developers.google.com/search/docs/appearance/structured-data/factcheck
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from factcheck import plaintext
from factcheck.errors import BadInput
from factcheck.ratings import key, normalise
from factcheck.records import Claim, Erratum, ErratumKind, Rating, Review
from factcheck.words import fold

LONGEST = 20_000  # characters of any one field; more is a broken file
DEEPEST = 12  # levels of objects and lists that are looked into
CONTEXT = "https://schema.org"
OURS = "claimtrail"  # the kind of identifier that is a claim's key here
_DAY = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?)?")
_SCRIPT = re.compile(rb"<script\b[^>]*type\s*=\s*[\"']?application/ld\+json[\"']?[^>]*>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
Own = Mapping[str, Rating] | None
_OF_THE_CLAIM = ("text", "speaker", "first_said_at")
_SCALE = (Rating.FALSE, Rating.MOSTLY_FALSE, Rating.MIXED, Rating.MOSTLY_TRUE, Rating.TRUE)  # from worstRating to bestRating


# Finding them


def find(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every ClaimReview in a JSON value: alone, in lists, ``@graph``, a DataFeed's items, or anywhere within ``DEEPEST`` levels."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from find(item, depth + 1)
    elif isinstance(value, dict):
        if _is_a(value, "ClaimReview"):
            yield value
        else:
            for item in value.values():
                if isinstance(item, dict | list):
                    yield from find(item, depth + 1)


def in_page(page: bytes) -> list[dict[str, Any]]:
    """The ClaimReviews a web page carries as JSON-LD; blocks that are no JSON are passed over."""
    found: list[dict[str, Any]] = []
    for block in _SCRIPT.findall(page):
        try:
            found += find(json.loads(block.decode("utf-8", "replace"), strict=False))
        except (ValueError, RecursionError):
            continue
    return found


def in_answer(value: Any, own: Own = None) -> list[Claim]:
    """The claims of an answer of ``claims:search`` of the Fact Check Tools API; every field may be missing, there is no id."""
    rows = value.get("claims") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        return []
    return [claim for row in rows if isinstance(row, dict) and (claim := _of_answer(row, own))]


# Reading one


def key_of(text: str, speaker: str) -> str:
    """The identifier of a claim that came without one: the same for the same words by the same person."""
    return "cr-" + hashlib.sha256(f"{fold(' '.join(text.split()))}\0{fold(speaker)}".encode("utf-8", "replace")).hexdigest()[:20]


def read(found: dict[str, Any], own: Own = None) -> Claim:
    """A ClaimReview as a claim with its one review. Raises BadInput when it does not say what is claimed.

    ``own`` is the newsroom's own table of rating words (``ratings.normalise``).
    """
    item = _first(found.get("itemReviewed"))
    item = item if isinstance(item, dict) else {}
    text = _text(found.get("claimReviewed")) or _text(item.get("text")) or _text(item.get("name"))
    if not text:
        raise BadInput("claimReviewed is missing")
    speaker = _name(item.get("author"))
    rating = _first(found.get("reviewRating"))
    rating = rating if isinstance(rating, dict) else {}
    words = _text(rating.get("alternateName")) or _text(rating.get("name"))
    by = _first(found.get("author")) or _first(found.get("publisher"))
    url = _url(found.get("url"))
    return Claim(
        id=0,
        key=_identified(item.get("identifier")) or key_of(text, speaker),
        text=text,
        language=_language(found.get("inLanguage")),
        speaker=speaker,
        first_said_at=_day(item.get("datePublished")),
        title=_text(found.get("headline")) or _text(found.get("name")),
        reviews=(
            Review(
                publisher=_name(by) or urlsplit(url).netloc.removeprefix("www.") or "?",
                rating_text=words,
                rating=_rating(words, rating, own),
                url=url,
                title=_text(found.get("headline")) or _text(found.get("name")),
                summary=_text(found.get("reviewBody")) or _text(found.get("description")),
                published_at=_day(found.get("datePublished")),
                language=_language(found.get("inLanguage")),
                raw=_kept(found),
            ),
        ),
    )


def appearances(found: dict[str, Any]) -> list[tuple[str, str]]:
    """(address, name) of where the claim was made: ``firstAppearance`` first, then ``appearance``, each once."""
    item = _first(found.get("itemReviewed"))
    if not isinstance(item, dict):
        return []
    listed = [*_listed(item.get("firstAppearance")), *_listed(item.get("appearance"))]
    places = [(_url(a.get("url")), _text(a.get("name")) or _text(a.get("headline"))) if isinstance(a, dict) else (_url(a), "") for a in listed]
    return list({address: (address, name) for address, name in reversed(places) if address}.values())[::-1]


# Writing one


def write(claim: Claim, review: Review, address: str = "") -> dict[str, Any]:
    """A review of a claim as ClaimReview JSON-LD; ``address`` is the claim's page, used as ``@id`` for what was not imported.

    What was imported as ClaimReview comes back as it was, but for fields that say something else now.
    """
    kept = _raw(review)
    if kept is None:
        return _made(claim, review, address)
    try:
        was = read(kept)
    except BadInput:
        return _made(claim, review, address)
    return _updated(kept, was, claim, review)


def as_published(claim: Claim, review: Review, changed: Iterable[str] = (), address: str = "") -> dict[str, Any]:
    """An imported review as it came, with nothing of the claim set anew but the fields named in ``changed``: what other reviews of the same
    claim say of it is not put into this one's mouth. A review of the newsroom's own is written in full."""
    kept = None if review.added_at else _raw(review)
    if kept is None:
        return write(claim, review, address)
    try:
        was = read(kept)
    except BadInput:
        return write(claim, review, address)
    return write(replace(was, **{name: getattr(claim, name) for name in changed if name in _OF_THE_CLAIM}), review)


def corrected(written: dict[str, Any], told: Sequence[Erratum]) -> dict[str, Any]:
    """A ClaimReview with its corrections, newest first, as schema.org has them: ``correction`` holds CorrectionComments."""
    if not told:
        return written
    comments = [
        {"@type": "CorrectionComment", "text": _correction(e), "datePublished": e.at} | ({"inLanguage": e.language} if e.language else {})
        for e in told
    ]
    return {**written, "dateModified": told[0].at, "correction": comments}


def _correction(e: Erratum) -> str:
    """In a line: what stood there, what stands there, and why."""
    was, now = e.plain
    if e.what is not ErratumKind.RATING:
        was, now = f"“{was}”", f"“{now}”" if now else "–"
    return f"{was} → {now}. {e.reason}"


def as_it_came(review: Review) -> Claim | None:
    """What an imported review itself says of its claim; None when it did not come as a ClaimReview."""
    kept = _raw(review)
    try:
        return read(kept) if kept else None
    except BadInput:
        return None


def rating_of(review: Review, own: Own = None) -> Rating:
    """The normalised rating of an imported review by today's tables."""
    kept = _raw(review)
    if kept is None:
        return normalise(review.rating_text, own)
    rating = _first(kept.get("reviewRating"))
    return _rating(review.rating_text, rating if isinstance(rating, dict) else {}, own)


def feed(reviews: Sequence[dict[str, Any]], name: str, address: str, changed_at: str) -> dict[str, Any]:
    """A schema.org DataFeed of ClaimReviews, the form of the Data Commons fact-check feed."""
    items = [{"@type": "DataFeedItem", "dateModified": r.get("dateModified") or r.get("datePublished"), "item": [r]} for r in reviews]
    return {
        "@context": CONTEXT, "@type": "DataFeed", "name": name, "url": address, "dateModified": changed_at,
        "dataFeedElement": [{k: v for k, v in item.items() if v is not None} for item in items],
    }  # fmt: skip


def combined(one: Claim, other: Claim) -> Claim:
    """The same claim with the reviews of both; of two reviews at one address, or by one publisher without one, the other's counts."""
    reviews = {(r.url or r.publisher): r for r in (*one.reviews, *other.reviews)}
    known = {name: getattr(other, name) or getattr(one, name) for name in ("language", "title", "body", "speaker", "first_said_at", "person_id")}
    return replace(one, reviews=tuple(reviews.values()), **known)


def _made(claim: Claim, review: Review, address: str) -> dict[str, Any]:
    item = {
        "@type": "Claim",
        "@id": address or None,
        "author": {"@type": "Person", "name": claim.speaker} if claim.speaker else None,
        "datePublished": claim.first_said_at,
        "identifier": _identifier(claim),
    }
    made = {
        "@context": CONTEXT,
        "@type": "ClaimReview",
        "@id": f"{address}#review{review.id}" if address and review.id else None,
        "url": review.url or address or None,
        "claimReviewed": claim.text,
        "headline": review.title or None,
        "reviewBody": review.summary or None,
        "datePublished": review.published_at,
        "inLanguage": review.language or None,
        "author": {"@type": "Organization", "name": review.publisher, **({"url": _site(review.url)} if plaintext.web_address(review.url) else {})},
        "reviewRating": _rating_made(review),
        "itemReviewed": {k: v for k, v in item.items() if v is not None},
    }
    return {k: v for k, v in made.items() if v is not None}


def _identifier(claim: Claim) -> dict[str, str] | None:
    """The claim's own identifier, where another instance would not find the same one from its words."""
    return {"@type": "PropertyValue", "propertyID": OURS, "value": claim.key} if claim.key != key_of(claim.text, claim.speaker) else None


def _identified(value: Any) -> str:
    found = [v for v in _listed(value) if isinstance(v, dict) and v.get("propertyID") == OURS]
    return _text(found[0].get("value")) if found else ""


def _rating_made(review: Review) -> dict[str, Any]:
    made: dict[str, Any] = {"@type": "Rating", "alternateName": review.rating_text or str(review.rating)}
    if review.rating in _SCALE:
        made |= {"ratingValue": _SCALE.index(review.rating) + 1, "worstRating": 1, "bestRating": len(_SCALE)}
    return made


def _updated(kept: dict[str, Any], was: Claim, claim: Claim, review: Review) -> dict[str, Any]:
    """The object as it came, with the fields set anew whose meaning here has changed."""
    before = was.reviews[0]
    changed = dict(kept)
    for name, old, new in (
        ("claimReviewed", was.text, claim.text),
        ("url", before.url, review.url),
        ("datePublished", before.published_at, review.published_at),
        ("inLanguage", before.language, review.language),
        ("headline", before.title, review.title),
        ("reviewBody", before.summary, review.summary),
    ):
        if old != new:
            changed[name] = new or ""
    # An imported rating that is understood in another way since is still the publisher's.
    if before.rating_text != review.rating_text or (review.added_at and before.rating != review.rating):
        rating = _first(kept.get("reviewRating"))
        changed["reviewRating"] = {**(rating if isinstance(rating, dict) else {}), **_rating_made(review)}
    if before.publisher != review.publisher:
        changed["author"] = {"@type": "Organization", "name": review.publisher}
    if (was.speaker, was.first_said_at) != (claim.speaker, claim.first_said_at):
        item = _first(kept.get("itemReviewed"))
        item = dict(item) if isinstance(item, dict) else {"@type": "Claim"}
        if was.speaker != claim.speaker:
            item["author"] = {"@type": "Person", "name": claim.speaker}
        if was.first_said_at != claim.first_said_at:
            item["datePublished"] = claim.first_said_at
        changed["itemReviewed"] = item
    return changed


def _kept(found: dict[str, Any]) -> str:
    """The object as JSON that a database takes: a lone surrogate stays escaped."""
    text = json.dumps(found, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(found)
    return text


def _raw(review: Review) -> dict[str, Any] | None:
    try:
        found = json.loads(review.raw) if review.raw else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and _is_a(found, "ClaimReview") else None


def _of_answer(row: dict[str, Any], own: Own) -> Claim | None:
    text, speaker = _text(row.get("text")), _text(row.get("claimant"))
    if not text:
        return None
    reviews = []
    for found in row.get("claimReview") or []:
        if not isinstance(found, dict):
            continue
        publisher = found.get("publisher")
        publisher = publisher if isinstance(publisher, dict) else {}
        url, words = _url(found.get("url")), _text(found.get("textualRating"))
        reviews.append(
            Review(
                publisher=_text(publisher.get("name")) or _text(publisher.get("site")) or urlsplit(url).netloc or "?",
                rating_text=words, rating=normalise(words, own), url=url, title=_text(found.get("title")),
                published_at=_day(found.get("reviewDate")), language=_language(found.get("languageCode")),
                raw=_kept({**{k: v for k, v in row.items() if k != "claimReview"}, "claimReview": [found]}),
            )
        )  # fmt: skip
    return Claim(
        id=0, key=key_of(text, speaker), text=text, speaker=speaker, first_said_at=_day(row.get("claimDate")),
        language=reviews[0].language if reviews else "", title=reviews[0].title if reviews else "", reviews=tuple(reviews),
    )  # fmt: skip


# Fields, which in the wild are texts, objects or lists of either


def _is_a(value: dict[str, Any], name: str) -> bool:
    types = [t.rpartition("/")[2].rpartition(":")[2] for t in _listed(value.get("@type")) if isinstance(t, str)]
    return name in types


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _first(value: Any) -> Any:
    return next((v for v in _listed(value) if v), None)


def _text(value: Any) -> str:
    """The words of a field; a localised or listed value counts with its first. Raises BadInput when it is endless."""
    value = _first(value)
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)
    if len(text) > LONGEST:
        raise BadInput(f"a field is longer than {LONGEST} characters")
    return plaintext.one_line(text)


def _name(value: Any) -> str:
    names = [_text(v.get("name")) if isinstance(v, dict) else _text(v) for v in _listed(value)]
    return ", ".join(name for name in names if name)


def _url(value: Any) -> str:
    address = _text(value if not isinstance(_first(value), dict) else (_first(value).get("url") or _first(value).get("@id")))
    return plaintext.web_address(address)


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _day(value: Any) -> str | None:
    text = _text(value)
    return text.replace(" ", "T") if _DAY.fullmatch(text) else text[:10] if _DAY.fullmatch(text[:10]) else None


def _language(value: Any) -> str:
    text = _name(value) if not isinstance(_first(value), dict) else _text(_first(value).get("alternateName")) or _name(value)
    code = text.split(",")[0].partition("-")[0].strip().lower()
    return code if re.fullmatch(r"[a-z]{2,3}", code) else ""


def _rating(words: str, rating: dict[str, Any], own: Own) -> Rating:
    """By the publisher's words; where those are not known, by where the value lies on its own scale."""
    known = normalise(words, own)
    if known is not Rating.NOT_RATED or (own and key(words) in own):
        return known
    try:
        value, worst, best = (float(_text(rating.get(name))) for name in ("ratingValue", "worstRating", "bestRating"))
    except ValueError:
        return Rating.NOT_RATED
    low, high = min(worst, best), max(worst, best)
    if not low < high or not low <= value <= high or high - low > 1e6:  # 0, -1 and 1 of 1 mean "not on the scale"
        return Rating.NOT_RATED
    place = (value - worst) / (best - worst)
    return _SCALE[min(len(_SCALE) - 1, int(place * len(_SCALE)))]
