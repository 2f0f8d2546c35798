"""Google's Fact Check Tools API as a client asks it: reviews by words, publisher and language, page by page.

https://developers.google.com/fact-check/tools/api/reference/rest/v1alpha1/claims/search
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from factcheck import claimforms, outgoing
from factcheck.claimforms import Entry
from factcheck.claimreview import Own
from factcheck.errors import BadInput, FetchFailed, NotAllowed, QuotaSpent

NAME = "Fact Check Tools API"
ADDRESS = "https://factchecktools.googleapis.com/v1alpha1/claims:search"
A_PAGE = 100  # claims; more is not given
MOST_PAGES = 1_000  # a service that never ends is not believed
MOST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Asked:
    """Words, a publisher's site, or both; ``language`` narrows either."""

    query: str = ""
    publisher: str = ""
    language: str = ""


@dataclass(frozen=True)
class Answer:
    """One page. ``next_token`` leads to the next, "" at the end."""

    value: dict[str, Any]
    next_token: str


def pages(asked: Asked, key: str, token: str = "", *, address: str = ADDRESS, allow: Sequence[str] = ()) -> Iterator[Answer]:
    """The pages of an answer from ``token`` on. Raises BadInput, NotAllowed for a wrong key, QuotaSpent, OutgoingFailed, FetchFailed."""
    if not asked.query and not asked.publisher:
        raise BadInput("Say what to search for (--query) or whose reviews are meant (--publisher).")
    seen = set()
    for _ in range(MOST_PAGES):
        value = _ask(asked, key, token, address, allow)
        following = value.get("nextPageToken")
        following = following if isinstance(following, str) and following not in seen else ""
        yield Answer(value, following)
        if not following:
            return
        seen.add(following)
        token = following


def entries(page: Answer, own: Own = None) -> list[Entry]:
    """The claims of a page, in their order."""
    return list(claimforms.of_value(page.value, own))


def _ask(asked: Asked, key: str, token: str, address: str, allow: Sequence[str]) -> dict[str, Any]:
    given = {
        "query": asked.query, "reviewPublisherSiteFilter": asked.publisher, "languageCode": asked.language, "pageSize": str(A_PAGE), "pageToken": token,
    }  # fmt: skip
    # The key travels as a header, so that it stands in no address that is logged.
    headers = {"X-Goog-Api-Key": key, "Accept": "application/json"}
    url = f"{address}?{urlencode({name: value for name, value in given.items() if value})}"
    answer = outgoing.request("GET", url, headers, allow=allow, most_bytes=MOST_BYTES)
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        value = None
    if answer.status == 200 and isinstance(value, dict) and not answer.cut:
        return value
    said = _message(value)
    if answer.status == 429 or "RESOURCE_EXHAUSTED" in said:
        how = f"--from {token}" if token else "no --from"
        raise QuotaSpent(f"The quota of the key is spent for now. What came is stored. Later, go on with the same command and {how}.")
    if answer.status in (400, 401, 403):
        raise NotAllowed(f"The service refused ({answer.status}): {said or 'no reason given'}. Check the key, and that its project has the API switched on.")
    raise FetchFailed(f"The service answered {answer.status} with nothing that can be read. Try again later.")


def _message(value: Any) -> str:
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return ""
    return " ".join(f"{error.get('status') or ''} {error.get('message') or ''}".split())[:300]
