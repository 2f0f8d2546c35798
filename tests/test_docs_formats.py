"""docs/formats.md is true: its files are written, its commands run and its addresses asked, in order, and what comes is what it says."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from app import create_app
from db import open_store
from factcheck import factchecktools
from factcheck.cli import cli
from factcheck.settings import read_settings

TEXT = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_do_what_the_document_says(tmp_path, monkeypatch, fake_encoder):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("factcheck.cli.importing.encoder_of", lambda settings: fake_encoder)
    (tmp_path / "key.txt").write_text("a key")
    # The one service that is not on this machine answers with the answer in the document.
    monkeypatch.setattr(factchecktools, "_ask", lambda *asked: json.loads(Path("answer.json").read_text()))
    done = []
    for language, file, content in BLOCK.findall(TEXT):
        if file:
            (tmp_path / file).write_text(content, encoding="utf-8")
        elif language == "console":
            for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", content, re.MULTILINE):
                assert run(command, fake_encoder) == expected.splitlines(), command
                done.append(command)
    assert len(done) >= 12
    assert (tmp_path / "claims.csv").read_text(encoding="utf-8").count("\n") == 6
    one, two = (open_store(tmp_path / home / "claimtrail.db") for home in ("home", "another"))
    assert [c.text for c in two.claims.newest()] == [c.text for c in one.claims.newest()] != []
    one.close(), two.close()


def run(command: str, encoder) -> list[str]:
    """What a command of the document prints, without progress and counts of what was written."""
    if command.startswith("curl "):
        settings = read_settings()
        store = open_store(settings.database)
        try:
            address = command.split()[1].partition("8000")[2]
            return create_app(settings, store=store, encoder=encoder).test_client().get(address).text.splitlines()
        finally:
            store.close()
    words = shlex.split(command)
    environment = dict(word.split("=", 1) for word in words if word.startswith("CLAIMTRAIL_"))
    environment = {name: os.path.abspath(value) for name, value in environment.items()}
    result = CliRunner().invoke(cli, words[words.index("claimtrail") + 1 :], env=environment)
    assert result.exit_code == 0, result.output
    if "export" in words or "all" in words:
        return []
    told = [line for line in re.split(r"[\r\n]+", result.stderr) if line.strip() and not re.search(r"\d+%\||\d+it ", line)]
    return told + result.stdout.splitlines()
