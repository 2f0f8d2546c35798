"""The documents say what is true: settings, commands, keys, pictures and links."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from factcheck.cli import cli
from factcheck.settings import VARIABLES, read_settings

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_setting_stands_in_the_table_and_the_table_names_no_other():
    read = set(re.findall(r'"(CLAIMTRAIL_[A-Z_]+|PORT)"', (ROOT / "factcheck" / "settings.py").read_text()))
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATIONS, re.MULTILINE))
    assert listed == read


def test_the_table_of_settings_is_what_the_program_says_of_them():
    told = CliRunner().invoke(cli, ["settings", "--markdown"])
    assert told.exit_code == 0 and told.stdout in OPERATIONS


def test_the_settings_are_told_with_their_values_but_no_secret(monkeypatch):
    monkeypatch.setenv("CLAIMTRAIL_SMTP_URL", "smtp://desk:hush-hush@mail.example.org")
    monkeypatch.setenv("CLAIMTRAIL_MAIL_FROM", "desk@example.org")
    for name in set(os.environ) & {v.name for v in VARIABLES} - {"CLAIMTRAIL_SMTP_URL", "CLAIMTRAIL_MAIL_FROM"}:
        monkeypatch.delenv(name)
    rows = [json.loads(line) for line in CliRunner().invoke(cli, ["settings", "--json"]).stdout.splitlines()]
    assert {r["name"]: r["value"] for r in rows if r["value"]} == {
        "CLAIMTRAIL_SMTP_URL": "(set, not shown)", "CLAIMTRAIL_MAIL_FROM": "desk@example.org",
    }  # fmt: skip
    words = CliRunner().invoke(cli, ["settings"])
    assert words.exit_code == 0 and "hush" not in words.stdout and "CLAIMTRAIL_MAIL_FROM=desk@example.org" in words.stdout
    monkeypatch.setenv("CLAIMTRAIL_THREADS", "many")
    assert CliRunner().invoke(cli, ["settings"]).exit_code == 2


def test_the_defaults_in_the_table_are_the_defaults():
    settings = read_settings({})
    row = dict(re.findall(r"^\| `([A-Z_]+)` \| `?([^|`]+?)`?(?: in the (?:project|home))? \|", OPERATIONS, re.MULTILINE))
    assert row["PORT"] == str(settings.port) and row["CLAIMTRAIL_HOST"] == settings.host
    assert row["CLAIMTRAIL_MODEL"] == settings.model and row["CLAIMTRAIL_THREADS"] == str(settings.threads)
    assert row["CLAIMTRAIL_OPEN_READING"] == str(int(settings.open_reading))
    assert row["CLAIMTRAIL_SECURE_COOKIES"] == str(int(settings.secure_cookies))
    assert (settings.home.name, settings.cache.name) == (row["CLAIMTRAIL_HOME"], row["CLAIMTRAIL_CACHE"])


def test_every_default_that_settings_py_names_stands_in_the_table():
    source = (ROOT / "factcheck" / "settings.py").read_text()
    found = re.findall(r'env\.get\("(CLAIMTRAIL_[A-Z_]+|PORT)"(?:, "([^"]*)")?\)(?: or "([^"]*)")?', source)
    named = {name: first or second for name, first, second in found if first or second}
    row = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^|`]+?)`", OPERATIONS, re.MULTILINE))
    assert len(named) > 10 and {name: row.get(name) for name in named} == named


@pytest.mark.parametrize("document", DOCS, ids=lambda p: p.name)
def test_every_command_in_a_document_exists_with_its_options(document):
    for line in re.findall(r"(?:^|[`\s])claimtrail ([a-z][^`\n#]*)", document.read_text(encoding="utf-8")):
        command, words = cli, line.split()
        while words and isinstance(command, click.Group) and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        assert command is not cli, f"{document.name}: claimtrail {line}"
        known = {o for p in command.params for o in p.opts} | {"--help"}
        assert {w for w in words if w.startswith("-") and w != "-"} <= known, f"{document.name}: claimtrail {line}"


@pytest.mark.parametrize("document", DOCS, ids=lambda p: p.name)
def test_every_link_and_picture_is_there(document):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name} points to {target}"


def test_the_keys_in_the_guide_are_the_keys_of_the_queue():
    guide = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    table = guide[guide.index("## Keys in the review queue") :].split("\n## ")[0]
    listed = {key for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for key in re.findall(r"`(.)`", row)}
    page = (ROOT / "templates" / "pages" / "review.html").read_text()
    assert listed - {"1", "5"} == set(re.findall(r"<kbd>([a-z?])</kbd>", page))


@pytest.mark.file_only
def test_the_commands_from_a_backup_to_a_restored_newsroom_do_what_the_document_says(tmp_path, fake_encoder, monkeypatch):
    """The lines under "Backups", one after the other, on a newsroom with the demo in it."""
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("factcheck.embed.open_encoder", lambda settings: fake_encoder)
    run = CliRunner().invoke
    assert run(cli, ["init", "--demo"]).exit_code == 0
    section = OPERATIONS[OPERATIONS.index("\n## Backups") :].split("\n## ")[1]
    lines = re.findall(r"^claimtrail (.+?)(?:\s+#.*)?$", section, re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["backup", "backup", "backup", "restore", "restore", "check"]
    said = []
    for line in lines:
        made = sorted((tmp_path / "home" / "backups").glob("*.zip"))
        line = re.sub(r"claimtrail-\d{8}T\d{6}Z\.zip", str(made[-1]) if made else "", line).replace("/mnt/elsewhere", str(tmp_path / "elsewhere"))
        ran = run(cli, line.split(), input="y\n")
        assert ran.exit_code == 0, f"claimtrail {line}: {ran.output}"
        said.append(ran.output)
    assert "is sound" in said[3] and "Restored to" in said[4] and "Everything is sound." in said[5]
    assert len(list((tmp_path / "elsewhere").glob("*.zip"))) == 1
