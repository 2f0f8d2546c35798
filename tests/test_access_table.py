"""Who gets in where: every route and method, for nobody, each role and a token of each scope, against a table written by hand.

The views themselves are put aside, so that what answers is the gate alone: 200 is "may", anything else is "may not".
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from app import create_app
from factcheck import api_tokens
from factcheck.records import Role, Scope
from factcheck.web import access, tokens
from factcheck.web.api.document import document
from trials import figures

TABLE = Path(__file__).with_name("access_table.txt")
COUNTED: Counter[str] = Counter()  # cells asserted in this run
FROM = {"anybody": None, "reading": None, **{str(role): role for role in Role}}


def written() -> dict[tuple[str, str], list[str]]:
    """(method, rule) -> the words after it: who may from, and below the API the scope."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    assert len({(line[0], line[1]) for line in lines}) == len(lines), "a route stands twice in the table"
    return {(line[0], line[1]): line[2:] for line in lines}


def routes(app) -> set[tuple[str, str]]:
    return {(method, plain(rule.rule)) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}


def plain(rule: str) -> str:
    return rule.replace(" ", "").replace("<int(max=None):", "<int:")  # of the API: any number leads there, and is refused there


def filled(rule: str) -> str:
    return re.sub(r"<[^>]+>", "1", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule))


def gate_only(app):
    app.view_functions = {endpoint: lambda **_: "in" for endpoint in app.view_functions}
    return app


def test_every_route_stands_in_the_table_and_the_table_names_no_other(site):
    there, known = routes(site.app), set(written())
    new = "\n".join(f"{method} {rule} ..." for method, rule in sorted(there - known, key=lambda r: (r[1], r[0])))
    assert there - known == set(), f"say in {TABLE.name} who may:\n{new}"
    assert known - there == set(), "no longer routes; take them out of the table"


def test_every_cell_for_everybody_who_comes_with_a_browser(site):
    signed_in = {role: site.client(role) for role in Role}
    gate_only(site.app)
    wrong = []
    for (method, rule), (least, *_) in written().items():
        path = filled(rule)
        if path.startswith(access.API):
            continue
        for who in (None, *Role):
            client = signed_in[who] if who else site.app.test_client()
            answer = client.open(path, method=method, headers=SAME_ORIGIN)
            COUNTED["cells"] += 1
            may = least in ("anybody", "reading") or bool(who and who.includes(FROM[least]))
            shut = 403 if who else 303 if method == "GET" else 401
            if answer.status_code != (200 if may else shut):
                wrong.append((method, rule, str(who or "nobody"), answer.status_code))
    assert wrong == []


def test_every_cell_while_reading_is_closed(site, settings, fake_encoder):
    app = gate_only(create_app(replace(settings, open_reading=False), store=site.store, encoder=fake_encoder))
    nobody, reader = app.test_client(), app.test_client()
    reader.set_cookie("claimtrail", site.client(Role.READER).get_cookie("claimtrail").value)
    wrong = []
    for (method, rule), (least, *_) in written().items():
        path = filled(rule)
        if least not in ("anybody", "reading") or path.startswith(access.API):
            continue
        shut = least == "reading"
        for client, expected in ((nobody, (303 if method == "GET" else 401) if shut else 200), (reader, 200)):
            answer = client.open(path, method=method, headers=SAME_ORIGIN)
            COUNTED["cells"] += 1
            if answer.status_code != expected:
                wrong.append((method, rule, answer.status_code))
    assert wrong == []


def test_every_cell_of_the_api_for_a_token_of_each_scope_of_each_role(site):
    tokens = {
        (role, scope): api_tokens.make(site.store, site.store.users.by_name(site.names[role]), str(scope), [scope], "30")[0]
        for role in Role
        for scope in Scope
        if role.includes(scope.role)
    }
    browser = site.client(Role.ADMINISTRATOR)
    gate_only(site.app)
    cells = {key: rest for key, rest in written().items() if filled(key[1]).startswith(access.API)}
    assert cells
    wrong = []
    for (method, rule), (least, scope) in cells.items():
        path = filled(rule)
        for client in (browser, site.app.test_client()):  # no cookie opens the API
            if client.open(path, method=method, headers=SAME_ORIGIN).status_code != 401:
                wrong.append((method, rule, "without a token"))
        for (role, good_for), token in tokens.items():
            answer = site.app.test_client().open(path, method=method, headers={"Authorization": f"Bearer {token}"})
            COUNTED["cells"] += 1
            may = role.includes(FROM[least] or Role.READER) and scope in (good_for, access.ANY_SCOPE)
            if answer.status_code != (200 if may else 403):
                wrong.append((method, rule, str(role), str(good_for), answer.status_code))
    assert wrong == []


def test_the_document_of_the_api_names_every_operation_with_the_scope_and_role_of_the_table(site):
    told = document("https://claims.example.org")["paths"]
    named = {}
    for path, operations in told.items():
        for method, about in operations.items():
            scope, role = re.search(r"Scope: (\w+)\. Role: (\w+)\.", about["description"]).groups()
            named[method.upper(), f"{access.API}v1{path.removeprefix('/api/v1')}"] = [role, scope]
    cells = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)): rest
        for (method, rule), rest in written().items()
        if rule.startswith(access.API) and not rule.endswith("/openapi.json")
    }
    assert named == cells


def test_a_search_in_googles_form_while_reading_is_closed(site, settings, fake_encoder):
    app = create_app(replace(settings, open_reading=False), store=site.store, encoder=fake_encoder)
    path = "/v1alpha1/claims:search?query=x"
    wrong = []
    for role in Role:
        for scope in (s for s in Scope if role.includes(s.role)):
            token, _ = api_tokens.make(site.store, site.store.users.by_name(site.names[role]), str(scope), [scope], "30")
            for answer in (
                app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}),
                app.test_client().get(f"{path}&key={token}"),
            ):
                COUNTED["cells"] += 1
                if answer.status_code != (200 if scope is Scope.READ else 403):
                    wrong.append((str(role), str(scope), answer.status_code))
    assert wrong == []
    browser = app.test_client()
    browser.set_cookie("claimtrail", site.client(Role.ADMINISTRATOR).get_cookie("claimtrail").value)
    assert browser.get(path).status_code == app.test_client().get(path).status_code == 403
    guesses = [app.test_client().get(f"{path}&key=clt_{n}").status_code for n in range(tokens.WRONG_TOKENS + 1)]
    assert guesses == [403] * tokens.WRONG_TOKENS + [429]


def test_nobody_reads_or_changes_anything_with_a_one_time_password(site):
    """Of every cell: what is open to all stays open, all else waits for a password of one's own."""
    client = site.client(Role.ADMINISTRATOR)
    token, _ = api_tokens.make(site.store, site.store.users.by_name(site.names[Role.ADMINISTRATOR]), "x", list(Scope), "30")
    with site.store.write() as db:
        db.execute("UPDATE users SET must_change_password = 1")
    gate_only(site.app)
    wrong = []
    for method, rule in written():
        path = filled(rule)
        COUNTED["cells"] += 1
        if path.startswith(access.API):
            status, expected = site.app.test_client().open(path, method=method, headers={"Authorization": f"Bearer {token}"}).status_code, 403
        else:
            endpoint = site.app.url_map.bind("localhost").match(path, method=method)[0]
            status, expected = client.open(path, method=method, headers=SAME_ORIGIN).status_code, 200 if endpoint in access.BEFORE_NEW_PASSWORD else 303
        if status != expected:
            wrong.append((method, rule, status))
    assert wrong == []


def test_what_was_asserted_is_counted(site):
    """With CLAIMTRAIL_FIGURES=1 the figures go where docs/reliability.md reads them; run the file as a whole for that."""
    assert len(written()) > 200
    if os.environ.get("CLAIMTRAIL_FIGURES"):
        figures.put(figures.FILE, "access", "python -m pytest tests/test_access_table.py", {"routes": len(written()), "cells": COUNTED["cells"]})


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/claims/x", "/users/-1"])
def test_what_is_no_route_is_nobodys(site, path):
    assert site.client(Role.ADMINISTRATOR).get(path).status_code == 404
