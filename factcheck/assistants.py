"""The claims on file for assistants in a newsroom, by the Model Context Protocol: tools that look things up and change nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from db import Store
from factcheck import __version__, drafting, finding, foundrows
from factcheck.articles import from_text
from factcheck.embed import Encoder
from factcheck.errors import ClaimtrailError, NotFound
from factcheck.rows import draft_row
from factcheck.wanted import Wanted

if TYPE_CHECKING:
    from mcp.server import MCPServer

MOST = 50  # rows of one answer
ABOUT = (
    "Claimtrail is a newsroom's own record of claims: who said what, when and where, how often, and how fact-checkers rated it. "
    "Search before you write that a statement is new or unchecked. A rating belongs to the publisher named with it; give its address. "
    "A probability says how likely two texts are the same claim; 'opposite' means that one contradicts the other."
)


def server(store: Store, encoder: Encoder, base_url: str = "") -> MCPServer:
    """The server with its tools, ready to run; ``base_url`` is where the pages are served, for links."""
    from mcp.server import MCPServer
    from mcp_types import ToolAnnotations

    made = MCPServer("Claimtrail", instructions=ABOUT, version=__version__)
    reading = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    tools = Tools(store, encoder, base_url)
    for tool in (tools.search_claims, tools.similar_statements, tools.claim, tools.person, tools.promises, tools.check_text):
        made.add_tool(_in_words(tool), annotations=reading, structured_output=False)
    return made


def _in_words(tool: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The tool with failures that an assistant can read and act on; without, the protocol hides them."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def asked(*args: Any, **given: Any) -> dict[str, Any]:
        try:
            return tool(*args, **given)
        except ClaimtrailError as error:
            raise ToolError(str(error)) from error

    return asked


class Tools:
    """One method a tool; its docstring is what an assistant reads of it. A failure is told in words, as everywhere."""

    def __init__(self, store: Store, encoder: Encoder, base_url: str = ""):
        self._store, self._encoder, self._base = store, encoder, base_url.rstrip("/")

    def search_claims(self, text: str, rating: str = "", speaker: str = "", language: str = "", limit: int = 10) -> dict[str, Any]:
        """Find claims on file that are the same as a text or near to it, in any language, with their fact checks.

        text: a quote, a claim or some words; "exact words" in quotation marks. rating: true, mostly true, mixed, misleading, mostly false,
        false, satire, unproven, outdated. speaker: a full name. language: of the claim, such as de. Best match first.
        """
        return self._found({"q": text, "kind": "claim", "rating": rating, "speaker": speaker, "language": language}, limit)

    def similar_statements(self, text: str, speaker: str = "", since: str = "", until: str = "", limit: int = 10) -> dict[str, Any]:
        """Find what was said before that is like a text: who said it, when, in which article, and the claim it was confirmed to make.

        speaker: a full name. since, until: dates such as 2024-01-31. Best match first.
        """
        return self._found({"q": text, "kind": "statement", "speaker": speaker, "since": since, "until": until}, limit)

    def claim(self, id: int) -> dict[str, Any]:
        """Everything on file about one claim, by the id a search gave: reviews, when and where it was said, the history of a promise."""
        store = self._store
        found = store.claims.get(store.claims.root(id))
        if found is None:
            raise NotFound(f"There is no claim {id}.")
        row = foundrows.as_json(finding.FoundRow("claim", claim=found), self._address)
        said = [
            {"said_at": o.said_at, "quote": o.quote, "speaker": o.speaker, "source": o.source, "place": o.place, "url": o.url}
            for o in store.claims.occurrences(found.id)[-MOST:]
        ]
        promise = found.promise
        history = [{"status": str(c.status), "at": c.at, "source": c.source_url, "note": c.note} for c in promise.history] if promise else None
        return row | {
            "occurrences": said,
            "coverage": [{"title": c.title, "publisher": c.publisher, "url": c.url, "published_at": c.published_at} for c in found.coverage],
            "promise": promise and {"criterion": promise.criterion, "deadline": promise.deadline or promise.deadline_text, "history": history},
        }

    def person(self, name: str) -> dict[str, Any]:
        """Who somebody is and how their claims were rated: offices with dates, other names, ratings with numbers, claims said most often."""
        store = self._store
        found = store.people.by_name(name) or next(iter(store.people.search(name, 1)), None)
        if found is None:
            raise NotFound(f"Nobody named {name!r} is on file.")
        claims = store.claims.of_person(found.id, 20)
        return {
            "name": found.name,
            "aliases": list(found.aliases),
            "offices": [{"title": o.title, "since": o.since, "until": o.until} for o in found.offices],
            "ratings": {str(rating): n for rating, n in store.claims.ratings_of_person(found.id).items()},
            "claims": [foundrows.as_json(finding.FoundRow("claim", claim=c), self._address) for c in claims],
            "address": f"{self._base}/people/{found.id}" if self._base else f"/people/{found.id}",
        }

    def promises(self, speaker: str = "", status: str = "", text: str = "", limit: int = 20) -> dict[str, Any]:
        """List promises with criterion, deadline and status: not yet rated, in the works, stalled, compromise, kept, broken."""
        return self._found({"q": text, "kind": "claim", "promise": "1", "speaker": speaker, "status": status}, limit)

    def check_text(self, text: str, title: str = "", published_at: str = "") -> dict[str, Any]:
        """Check a whole article or speech: every statement in it, each with the claims and earlier statements that come near.

        Nothing of the text is stored. published_at: the day it is from, such as 2024-11-08, so that "on Thursday" can be dated.
        """
        article = from_text(text, title=title, published_at=published_at or None)
        return draft_row(drafting.check(self._store, self._encoder, article))

    def _found(self, wanted: dict[str, str], limit: int) -> dict[str, Any]:
        given = {name: value for name, value in wanted.items() if value} | {"size": str(max(1, min(limit, MOST)))}
        found = finding.find(self._store, self._encoder, Wanted.from_args(given), counted=False)
        return {"total": found.total, "found": [foundrows.as_json(row, self._address) for row in found.rows]}

    def _address(self, row: finding.FoundRow) -> str:
        if row.kind == "claim":
            return f"{self._base}/claims/{row.id}"
        assert row.article is not None
        return f"{self._base}/articles/{row.article.id}#s{row.id}"
