"""docs/api.md is true: its requests are sent in order to a new installation with its demo, and what it shows is in the answers."""

from __future__ import annotations

import json
import re
import shlex
import threading
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from app import create_app
from db import open_store
from factcheck import api_tokens, passwords, pipeline, setting_up
from factcheck.cli import cli
from factcheck.records import Scope
from factcheck.settings import Settings
from factcheck.web.api import OPERATIONS, limits
from factcheck.web.api.document import path_of

TEXT = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [content for name, content in BLOCK.findall(TEXT) if name == language]


@pytest.fixture
def demo(tmp_path, fake_encoder, monkeypatch):
    """The application on a new installation, its store, and what the examples call TOKEN and API."""
    monkeypatch.setattr(limits, "limits", limits.Limits())
    monkeypatch.setattr(passwords, "hash_password", lambda password: "none")
    settings = Settings(home=tmp_path)
    store = open_store(settings.database)
    setting_up.first_run(store, fake_encoder, demo=True)
    user = store.users.by_name("admin")
    store.users.set_password(user.id, "none", must_change=False)
    token = api_tokens.make(store, store.users.get(user.id), "docs", [str(s) for s in Scope], "30")[0]
    yield create_app(settings, store=store, encoder=fake_encoder), store, {"TOKEN": token, "API": "/api/v1"}
    store.close()


def test_every_request_is_answered_as_shown(demo, fake_encoder):
    app, store, names = demo
    client, asked = app.test_client(), []
    for command, shown in (pair for block in blocks("console") for pair in re.findall(r"^\$ (curl .*)\n(.*)\n", block, re.MULTILINE)):
        answer = send(client, re.sub(r"\$(\w+)", lambda found: str(names[found[1]]), command))
        assert_holds(answer, json.loads(shown), command)
        for kind, name in (("statements", "STATEMENT"), ("claims", "CLAIM")):
            if f"/{kind}" in command.split()[-1] and "id" in (told := (answer.get("items") or [answer])[0]) and told.get("text"):
                names[name] = told["id"]
        while (article_id := store.articles.claim_next()) is not None:  # what the background does meanwhile
            pipeline.process(store, fake_encoder, article_id)
        asked.append(command)
    assert len(asked) >= 14 and {"STATEMENT", "CLAIM"} <= set(names)


def send(client, command: str) -> dict[str, Any]:
    words, headers, data = shlex.split(command)[1:], {}, None
    while len(words) > 1:
        option, value, *words = words
        assert option in ("-H", "-d"), option
        if option == "-d":
            data = value
        else:
            name, _, content = value.partition(": ")
            headers[name] = content
    return client.open(words[0], method="POST" if data is not None else "GET", data=data, headers=headers).json


def assert_holds(told: Any, shown: Any, where: str) -> None:
    """What is shown is in what was told; of lists the first elements."""
    if isinstance(shown, dict):
        assert isinstance(told, dict) and shown.keys() <= told.keys(), (where, told)
        for name, value in shown.items():
            assert_holds(told[name], value, f"{where}: {name}")
    elif isinstance(shown, list):
        assert len(told) >= len(shown), (where, told)
        for one, other in zip(told, shown, strict=False):
            assert_holds(one, other, where)
    else:
        assert told == shown, where


def test_every_operation_is_listed_with_its_scope_and_role():
    listed = set(re.findall(r"^\| `(\w+) (\S+)` \| [^|]+ \| (\w+), (\w+) \|$", TEXT, re.MULTILINE))
    assert listed == {(o.method, path_of(o.path), str(o.scope or "any"), str(o.role)) for o in OPERATIONS}


def test_the_python_example_runs(demo, capsys, monkeypatch):
    """Google's own client, with the discovery document that it brings along."""
    monkeypatch.setenv("GOOGLE_API_USE_CLIENT_CERTIFICATE", "false")
    server = make_server("127.0.0.1", 0, demo[0], threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        (code,) = blocks("python")
        exec(code.replace("127.0.0.1:8000", f"127.0.0.1:{server.server_port}"), {})
    finally:
        server.shutdown()
    assert capsys.readouterr().out.strip()


def test_the_assistants_configuration_names_a_command_that_exists():
    (server,) = json.loads(blocks("json")[0])["mcpServers"].values()
    assert (server["command"], server["args"]) == ("claimtrail", ["mcp"]) and "mcp" in cli.commands
