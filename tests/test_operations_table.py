"""Whatever a page shows or does, a program can ask for by the API and a person by command; the few exceptions say why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from test_access_table import written

from factcheck.cli import cli
from factcheck.records import Role
from factcheck.web import access
from factcheck.web.api import OPERATIONS

TABLE = Path(__file__).with_name("operations_table.txt")
LINE = re.compile(r"(GET|POST) +(\S+) +(?:- (?P<why>.+)|(?P<operations>[\w ]+) : (?P<commands>[\w ,-]+))")
OF_NAME = {o.name: o for o in OPERATIONS}
# What only programs ask for, beside what the pages do.
OF_PROGRAMS = {"me": "whose token it is", "decisions": "a part of the queue's page, by itself", "export_everything": "as by command: export all"}


def table() -> dict[tuple[str, str], re.Match[str]]:
    found = {}
    for line in TABLE.read_text().splitlines():
        if line.startswith("#"):
            continue
        read = LINE.fullmatch(line)
        assert read, f"not of the form METHOD route operations : commands, nor METHOD route - why: {line}"
        assert (read[1], read[2]) not in found, f"stands twice: {line}"
        found[read[1], read[2]] = read
    return found


def done() -> Iterator[tuple[str, str, re.Match[str]]]:
    yield from ((method, rule, line) for (method, rule), line in table().items() if not line["why"])


def names(command: click.Command = cli, path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from names(inner, (*path, name))
    else:
        yield " ".join(path)


def test_every_page_has_an_operation_and_a_command_or_a_reason():
    pages = {(method, rule) for method, rule in written() if not rule.startswith(access.API)}  # which holds every route: test_access_table.py
    new = "\n".join(f"{method} {rule}" for method, rule in sorted(pages - set(table())))
    assert pages - set(table()) == set(), f"say in {TABLE.name} which operation and which command do the same:\n{new}"
    assert set(table()) - pages == set(), "no longer pages; take them out of the table"


def test_every_operation_and_command_of_the_table_exists():
    commands = set(names())
    wrong = [
        (rule, name)
        for _, rule, line in done()
        for name in (*(o for o in line["operations"].split() if o not in OF_NAME), *(c for c in line["commands"].split(", ") if c not in commands))
    ]
    assert wrong == []


def test_what_changes_something_is_done_by_an_operation_that_does():
    for method, rule, line in done():
        methods = {OF_NAME[name].method for name in line["operations"].split()}
        if method == "POST" and rule != "/ask":  # a search, sent by POST for its length
            assert methods == {"POST"}, rule


def test_no_operation_asks_for_more_than_its_page():
    """Who may do it on a page may have it done by a program; at least by one of the operations, where a page shows more to some."""
    least = {"anybody": Role.READER, "reading": Role.READER, **{str(role): role for role in Role}}
    wrong = []
    for method, rule, line in done():
        who = least[written()[method, rule][0]]
        if not any(who.includes(OF_NAME[name].role) for name in line["operations"].split()):
            wrong.append((method, rule))
    assert wrong == []


def test_every_operation_is_of_a_page_or_says_what_it_is_for():
    of_pages = {name for _, _, line in done() for name in line["operations"].split()}
    assert set(OF_NAME) - of_pages - set(OF_PROGRAMS) == set() and not set(OF_PROGRAMS) & of_pages


def test_few_pages_have_neither_and_none_that_changes_what_is_on_file():
    without = {(method, rule): line["why"] for (method, rule), line in table().items() if line["why"]}
    assert {rule for (method, rule), why in without.items() if why == "a form"} <= {rule for method, rule in without if method == "GET"}
    own = {"signing in", "a link from a mail", "how the pages look to one reader", "where browsers are signed in"}
    others = {rule for (method, rule), why in without.items() if method == "POST" and why.split(", and")[0] not in own}
    assert others == {"/tokens", "/users/<int:user_id>/second-factor/off"}


@pytest.mark.parametrize("line", ["GET  /new", "GET  /new search", "POST /new nothing : ", "GET  /new -"])
def test_a_line_that_says_nothing_is_refused(line):
    assert not LINE.fullmatch(line)
