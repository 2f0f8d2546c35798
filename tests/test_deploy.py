"""The files to run it with name what there is: commands, settings, folders, and the time that a stop needs."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import click
import pytest

from factcheck.cli import cli
from factcheck.settings import read_settings
from factcheck.worker import GRACE

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
FILES = sorted(DEPLOY.iterdir())


def unit() -> dict[str, list[str]]:
    """Directive -> its values, of the service's unit."""
    found = defaultdict(list)
    for line in (DEPLOY / "claimtrail.service").read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def test_there_is_a_unit_a_container_and_a_proxy():
    assert [p.name for p in FILES] == ["Containerfile", "claimtrail.service", "nginx.conf"]


@pytest.mark.parametrize("file", FILES, ids=lambda p: p.name)
def test_every_setting_and_command_they_name_is_there(file):
    text = file.read_text()
    known = set(re.findall(r'"(CLAIMTRAIL_[A-Z_]+|PORT)"', (ROOT / "factcheck" / "settings.py").read_text()))
    assert set(re.findall(r"CLAIMTRAIL_[A-Z_]+", text)) <= known
    for name in re.findall(r"bin/claimtrail (\w+)", text):
        assert isinstance(cli.commands.get(name), click.Command), name


def test_the_units_settings_can_be_read_and_keep_what_it_stores_where_it_may_write():
    told = unit()
    settings = read_settings(dict(value.split("=", 1) for value in told["Environment"]))
    assert str(settings.home) == f"/var/lib/{told['StateDirectory'][0]}" and str(settings.cache) == f"/var/cache/{told['CacheDirectory'][0]}"
    assert settings.secure_cookies and settings.trusted_proxies == ("127.0.0.1",) and settings.log_form == "json"
    assert told["StateDirectoryMode"] == ["0700"] and told["UMask"] == ["0077"]


def test_the_unit_gives_a_stop_the_time_it_needs():
    told = unit()
    assert told["KillSignal"] == ["SIGTERM"] and told["Type"] == ["exec"]
    assert int(told["TimeoutStopSec"][0]) > 2 * GRACE + 5, "answers first, then the piece of work at hand"


def test_the_container_copies_what_there_is_and_runs_without_rights():
    text = (DEPLOY / "Containerfile").read_text()
    for line in re.findall(r"^COPY (.+)$", text, re.M):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
    targets = re.findall(r"make PYTHON=python3 (\S+)", text)
    makefile = (ROOT / "Makefile").read_text()
    assert targets and all(f"\n{t.replace('.venv', '$(VENV)')}:" in makefile for t in targets)
    steps = re.findall(r"^([A-Z]+)\b", text, re.M)
    assert steps.index("USER") < steps.index("CMD") and "STOPSIGNAL SIGTERM" in text
    env = dict(part.split("=") for part in re.search(r"^ENV (.+)$", text, re.M)[1].split())
    assert str(read_settings(env).home) == "/var/lib/claimtrail"
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert {".venv", "instance", ".git"} <= set(left_out) and not {"factcheck", "db", "static", "templates", "requirements.lock"} & set(left_out)


def test_the_proxy_takes_what_the_server_takes_and_lets_nobody_pretend_to_be_somebody():
    from app import LARGEST_BODY

    text = (DEPLOY / "nginx.conf").read_text()
    assert text.count("{") == text.count("}")
    assert int(re.search(r"client_max_body_size (\d+)m;", text)[1]) * 2**20 > LARGEST_BODY
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text and "Strict-Transport-Security" in text and "return 301 https://" in text
    assert set(re.findall(r"X-Forwarded-For (\S+);", text)) == {"$remote_addr"}
    assert set(re.findall(r"proxy_pass (\S+);", text)) == {f"http://127.0.0.1:{read_settings({}).port}"}
    assert "proxy_hide_header Strict-Transport-Security;" in text, "Claimtrail says it itself with secure cookies"


def test_the_trial_of_the_proxy_changes_ports_and_places_alone(tmp_path):
    """With nginx itself: ``python -m trials.proxy``."""
    from trials.proxy import CHECKS, Place, configuration

    text = configuration((DEPLOY / "nginx.conf").read_text(), tmp_path, Place(8443, 8080, 8001, tmp_path / "log", ""))
    assert text.count("{") == text.count("}") and len(CHECKS) > 10
    assert re.findall(r"listen (\S+)", text) == ["127.0.0.1:8080;", "127.0.0.1:8443"] and set(re.findall(r"proxy_pass (\S+);", text)) == {"http://127.0.0.1:8001"}
    assert "letsencrypt" not in text and "client_max_body_size 13m;" in text and "X-Forwarded-For $remote_addr;" in text
