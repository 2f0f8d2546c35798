"""``claims:search`` as the Fact Check Tools API has it, over the claims on file: the same questions, the same answers, page by page.

The request and response are those of https://developers.google.com/fact-check/tools/api/reference/rest/v1alpha1/claims/search: every
claim that has a review, each with the reviews that pass the filters.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from db import Filters, Store
from factcheck import finding
from factcheck.embed import Encoder
from factcheck.errors import BadInput
from factcheck.records import Claim, Review
from factcheck.records.sources import site_of
from factcheck.wanted import Wanted

PAGE = 10  # claims, as there
MOST = 100  # claims of a page
DEEPEST = 2_000  # claims looked through for one answer


@dataclass(frozen=True)
class Question:
    """The parameters of a request under their own names; ``offset`` counts only without a token."""

    query: str = ""
    language: str = ""
    site: str = ""
    max_age_days: int | None = None
    size: int = PAGE
    token: str = ""
    offset: int = 0

    @classmethod
    def of(cls, given: dict[str, str]) -> Question:
        """Raises BadInput for what is no number, and when neither a query nor a site is given."""
        query, site = given.get("query", "").strip(), given.get("reviewPublisherSiteFilter", "").strip().lower().removeprefix("www.")
        if not query and not site:
            raise BadInput("query is required unless reviewPublisherSiteFilter is given.")
        size = _number(given, "pageSize") or PAGE
        return cls(
            query=query,
            language=given.get("languageCode", "").strip().partition("-")[0].lower(),
            site=site,
            max_age_days=_number(given, "maxAgeDays"),
            size=min(size, MOST),
            token=given.get("pageToken", "").strip(),
            offset=_number(given, "offset") or 0,
        )

    @property
    def stamp(self) -> str:
        """The same for all pages of one answer: a token is good with these parameters only."""
        same = json.dumps([self.query, self.language, self.site, self.max_age_days])
        return hashlib.sha256(same.encode("utf-8", "replace")).hexdigest()[:10]


def search(store: Store, encoder: Encoder, question: Question, today: date | None = None) -> dict[str, Any]:
    """The answer as it is sent: ``claims`` and ``nextPageToken``. Raises BadInput for a token of another question."""
    today = today or datetime.now(UTC).date()
    cursor = _cursor(question)
    to_skip = 0 if question.token else question.offset
    publishers = store.claims.publishers_at(question.site) if question.site else ()
    if question.site and not publishers:
        return {}
    wanted = Wanted(q=question.query, exact=None, kind="claim", filters=Filters(publisher=tuple(publishers)), sort="" if question.query else "reviewed")
    answered: list[dict[str, Any]] = []
    looked_at = 0
    while len(answered) < question.size and looked_at < DEEPEST:
        # As many as are still missing, so that the place where the page ends is one to go on from.
        size = question.size - len(answered) if not to_skip else min(to_skip, MOST)
        found = finding.find(store, encoder, replace(wanted, size=size, cursor=cursor), counted=False)
        for row in found.rows:
            told = row.claim and _claim(row.claim, question, today)
            if told and to_skip:
                to_skip -= 1
            elif told:
                answered.append(told)
        looked_at += max(1, len(found.rows))
        cursor = found.next_cursor
        if not cursor:
            break
    answer: dict[str, Any] = {"claims": answered} if answered else {}
    return answer | ({"nextPageToken": _token(question, cursor)} if cursor else {})


def _claim(claim: Claim, question: Question, today: date) -> dict[str, Any] | None:
    """A claim with its reviews that pass; None when none does."""
    reviews = list(_passing(claim.reviews, question))
    if not reviews:
        return None
    if question.max_age_days is not None:
        newest = max((day for day in (claim.first_said_at, *(r.published_at for r in reviews)) if day), default="")
        if newest[:10] < (today - timedelta(days=question.max_age_days)).isoformat():
            return None
    told = {"text": claim.text, "claimant": claim.speaker, "claimDate": _moment(claim.first_said_at), "claimReview": [_review(r) for r in reviews]}
    return {name: value for name, value in told.items() if value}


def _passing(reviews: tuple[Review, ...], question: Question) -> Iterator[Review]:
    for review in reviews:
        if question.language and (review.language or "en") != question.language:
            continue
        if not question.site or _site(review) == question.site:
            yield review


def _review(review: Review) -> dict[str, Any]:
    publisher = {"name": review.publisher, "site": _site(review)}
    told = {
        "publisher": {name: value for name, value in publisher.items() if value},
        "url": review.url,
        "title": review.title,
        "reviewDate": _moment(review.published_at),
        "textualRating": review.rating_text or (str(review.rating).capitalize() if review.rating != "not rated" else ""),
        "languageCode": review.language,
    }
    return {name: value for name, value in told.items() if value}


def _site(review: Review) -> str:
    return site_of(review.url).removeprefix("www.")


def _moment(iso: str | None) -> str:
    """A date as the API writes it, a moment in UTC; a month or year begins with its first day."""
    if not iso:
        return ""
    day = iso.split("/")[0]
    try:
        moment = datetime.fromisoformat(day + {4: "-01-01", 7: "-01"}.get(len(day), ""))
    except ValueError:
        return ""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _number(given: dict[str, str], name: str) -> int | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise BadInput(f"{name} must be a whole number that is not negative.")
    return int(text)


def _token(question: Question, cursor: str) -> str:
    return base64.urlsafe_b64encode(f"{question.stamp} {cursor}".encode()).decode().rstrip("=")


def _cursor(question: Question) -> str:
    if not question.token:
        return ""
    try:
        stamp, _, cursor = base64.urlsafe_b64decode(question.token + "=" * (-len(question.token) % 4)).decode().partition(" ")
    except (binascii.Error, ValueError):
        stamp = ""
    if stamp != question.stamp:
        raise BadInput("pageToken belongs to a request with other parameters.")
    return cursor
