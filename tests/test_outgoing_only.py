"""Nothing leaves but through the guard: only two modules can open a connection, and no process of the tests reached anything but this machine."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OPEN_CONNECTIONS = {
    "aiohttp", "asyncio", "ftplib", "h11", "http", "httplib2", "httpx", "httpx2", "imaplib", "poplib", "requests", "smtplib", "socket", "socketserver", "ssl",
    "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc",
}  # fmt: skip
# Module -> what it may import of these. Everything else asks factcheck.outgoing or factcheck.mailing.
MAY = {
    "factcheck/outgoing.py": {"http", "socket", "ssl"},  # the guard: pages, feeds, webhooks, the Fact Check Tools API
    "factcheck/mailing.py": {"smtplib", "ssl"},  # the operator's own mail server
    "factcheck/tenancy.py": {"socket"},  # the name of this machine
}
# Libraries that could fetch: the functions of each that are used, none of which does. A library that is not named here is none of these.
FETCHERS = {
    "feedparser": {"parse"},  # with a stream, see below
    "huggingface_hub": {"snapshot_download"},  # with local_files_only
    "trafilatura": {"bare_extraction"},
}


def trees() -> dict[str, ast.Module]:
    paths = [ROOT / "app.py", *(ROOT / "factcheck").rglob("*.py"), *(ROOT / "db").rglob("*.py")]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    return trees()


def imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {full for full in found} | {full.partition(".")[0] for full in found}


def test_only_the_guard_and_the_mail_can_open_connections(modules):
    can = {name: OPEN_CONNECTIONS & imported(tree) for name, tree in modules.items()}
    assert {name: found for name, found in can.items() if found} == MAY


def test_nothing_imports_by_a_name_made_up_at_run_time(modules):
    made_up = [
        f"{name}:{node.lineno}"
        for name, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"__import__", "importlib.import_module", "import_module", "exec", "eval", "os.system", "os.popen"}
    ]
    assert not made_up


def test_libraries_that_could_fetch_are_only_given_what_is_here(modules):
    used: dict[str, set[str]] = {name: set() for name in FETCHERS}
    for tree in modules.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in FETCHERS:
                used[node.value.id].add(node.attr)
            elif isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in FETCHERS:
                used[str(node.module).partition(".")[0]] |= {alias.name for alias in node.names}
    assert used == FETCHERS
    calls = [ast.unparse(node) for tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert all("io.BytesIO(" in call for call in calls if call.startswith("feedparser.parse("))
    assert all("local_files_only=True" in call for call in calls if call.startswith(("snapshot_download(", "SentenceTransformer(")))
    assert any(call.startswith("feedparser.parse(") for call in calls) and any(call.startswith("snapshot_download(") for call in calls)


def test_those_who_leave_are_fetch_webhooks_and_a_newsrooms_own_services(modules):
    """Who asks the guard: by import, so that one more is seen here."""
    asks = {name for name, tree in modules.items() if "factcheck.outgoing" in imported(tree)}
    assert asks == {"factcheck/fetch.py", "factcheck/webhooks.py", "factcheck/factchecktools.py"}


def test_a_process_started_by_a_test_reaches_this_machine_only(tmp_path):
    """The guard of the tests (``conftest.py``) holds in every Python process they start: what tries is refused, and noted."""
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    noted = tmp_path / "reached"
    said = subprocess.run([sys.executable, "-c", code], env=os.environ | {"CONNECTIONS_TRIED": str(noted)}, capture_output=True, text=True, timeout=60)
    assert said.returncode != 0 and "Tests use no network" in said.stderr
    assert noted.read_text() == "192.0.2.1\n"
