"""Assistants look claims up by the Model Context Protocol, with the protocol's own client, and can change nothing."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest
from mcp import Client, StdioServerParameters
from web_site import Site, site  # noqa: F401  (a fixture)

from factcheck import assistants

TOOLS = {"search_claims", "similar_statements", "claim", "person", "promises", "check_text"}


def run(session):
    """What ``session`` returns, from a thread of its own: a browser test before this one has left an event loop in the tests' thread."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(anyio.run, session).result()


def ask(site: Site, encoder, *calls):
    """What the tools answer, each as its JSON or, for a failure, its words."""

    async def session() -> list:
        async with Client(assistants.server(site.store, encoder, "https://claims.example/")) as client:
            answers = [await client.call_tool(name, given) for name, given in calls]
        return [a.content[0].text if a.is_error else json.loads(a.content[0].text) for a in answers]

    return run(session)


def test_every_tool_says_what_it_does_and_that_it_only_reads(site, fake_encoder):
    async def session():
        async with Client(assistants.server(site.store, fake_encoder)) as client:
            return await client.list_tools()

    tools = run(session).tools
    assert {t.name for t in tools} == TOOLS
    assert all(t.description and t.annotations.read_only_hint and not t.annotations.destructive_hint for t in tools)


def test_claims_statements_people_and_promises_are_looked_up(site, fake_encoder):
    claims, said, one, person, promises = ask(
        site, fake_encoder,
        ("search_claims", {"text": "Brücke bis 2030 erneuert", "rating": "mostly false"}),
        ("similar_statements", {"text": "Brücke bis 2030 erneuern", "speaker": "Erika Beispiel"}),
        ("claim", {"id": site.claim}),
        ("person", {"name": "E. Beispiel"}),
        ("promises", {"status": "stalled"}),
    )  # fmt: skip
    (claim,) = claims["found"]
    assert (claim["id"], claim["address"]) == (site.claim, f"https://claims.example/claims/{site.claim}")
    assert claim["reviews"][0]["publisher"] == "Example desk"
    assert said["found"][0]["article"]["id"] == site.article
    assert [o["said_at"] for o in one["occurrences"]] == ["2023-05-04", "2024-01-09"] and one["promise"]["history"][0]["status"] == "stalled"
    assert (person["name"], person["ratings"]) == ("Erika Beispiel", {"mostly false": 1})
    assert [p["id"] for p in promises["found"]] == [site.claim]


def test_a_text_is_checked_and_not_stored(site, fake_encoder):
    before = site.store.articles.count_statements()
    (checked,) = ask(site, fake_encoder, ("check_text", {"text": "Erika Beispiel sagte: „Die Brücke wird bis 2030 erneuert.“"}))
    assert checked["statements"][0]["speaker"] == "Erika Beispiel"
    assert site.store.articles.count_statements() == before


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("claim", {"id": 99999}, "no claim 99999"),
        ("person", {"name": "Nobody Known"}, "Nobody named"),
        ("search_claims", {"text": "x", "rating": "quite wrong"}, "rating"),
        ("check_text", {"text": ""}, "no text"),
        ("search_claims", {}, "text"),
    ],
)
def test_a_failure_is_told_in_words(site, fake_encoder, name, given, says):
    (answer,) = ask(site, fake_encoder, (name, given))
    assert says in answer and "Traceback" not in answer


def test_the_command_speaks_the_protocol(site, settings, leading_there):
    """The real command over standard input and output, on the site's database."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "factcheck", "mcp"],
        env={**os.environ, "CLAIMTRAIL_HOME": str(settings.home), **leading_there(settings.database)},
        cwd=os.getcwd(),
    )

    async def session():
        async with Client(server) as client:
            return (await client.list_tools()).tools, await client.call_tool("claim", {"id": site.claim})

    tools, answer = run(session)
    assert {t.name for t in tools} == TOOLS
    assert json.loads(answer.content[0].text)["text"] == "Die Brücke wird bis 2030 erneuert."
