"""What holds for the project as a whole: pinned libraries, licence, two commands, vendored files, and the tests' own rules."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import __main__ as whole
from tests import quick

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {
    ".git", ".venv", ".cache", ".hypothesis", ".pytest_cache", ".ruff_cache", "__pycache__", "instance", "vendor", "build",
}  # fmt: skip


def own_texts() -> Iterator[tuple[str, str]]:
    """(path from the root, text) of every text file of the project."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith(".egg-info")]
        for name in names:
            path = Path(folder, name)
            try:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # pictures, fonts, weights


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt", "requirements-tools.txt"])
def test_every_library_is_pinned_sorted_and_explained(name):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line != "-r requirements.txt"]
    comments, pins = lines[::2], lines[1::2]
    assert all(re.fullmatch(r"# \S.*\.", line) for line in comments), "one line of comment before each library"
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*( ; [^;]+)?", line) for line in pins)
    assert pins == sorted(pins, key=lambda pin: pin.partition("==")[0].lower())


def test_readme_begins_with_the_two_commands():
    block = re.search(r"\A# Claimtrail\n+```\w*\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert block
    assert [line.partition("#")[0].strip() for line in block[1].splitlines()] == ["make run", "make test"]


def test_help_lists_every_command_of_the_makefile():
    said = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert re.findall(r"^  make (\w+)", said.stdout, re.M) == ["help", "install", "run", "test", "fuzz", "bench", "supply", "audit"]


def test_checks_run_what_a_user_runs():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "exec make test"


def test_licence_is_apache_2():
    text = (ROOT / "LICENSE").read_text()
    assert re.search(r"Apache License\s+Version 2\.0, January 2004", text)
    assert "END OF TERMS AND CONDITIONS" in text
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"] == "Apache-2.0"


def test_vendored_files_are_what_their_list_says():
    folder = ROOT / "static" / "vendor"
    listed = [line.split("\t") for line in (folder / "VERSIONS").read_text().splitlines() if line and not line.startswith("#")]
    assert all(len(entry) == 5 and all(entry) for entry in listed)
    found = {path.name for path in folder.iterdir() if path.name != "VERSIONS" and not path.name.endswith("LICENSE.txt")}
    assert {name for name, *_ in listed} == found
    for name, _version, _licence, checksum, _origin in listed:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum, name


def test_no_file_tells_where_it_was_made():
    makers = [re.escape(f"/{'work'}/"), re.escape(f"/{'tmp'}/w/"), rf"(?<!\.\./)\b{'shared'}/(data|design|hooks)\b"]
    registries = [rf"\b{'pypi'}\.org", rf"\b{'python'}hosted\.org", rf"\b{'npm'}js\.(org|com)"]
    pattern = re.compile("|".join(makers + registries))
    found = [f"{name}: {match[0]}" for name, text in own_texts() for match in pattern.finditer(text)]
    assert not found


# The tests' own rules


@pytest.fixture
def project(tmp_path) -> Path:
    """A project with this one's test set-up, one plain test and one that needs the data beside the project."""
    tests = tmp_path / "project" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "conftest.py", tests)
    (tests / "test_it.py").write_text("def test_plain(): pass\n\ndef test_gate(shared_data): assert shared_data.is_dir()\n")
    return tests.parent


def run_tests(project: Path, ci: str = "", *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, "tests"],
        cwd=project, env=os.environ | {"CI": ci, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_quality_gates_run_where_the_data_is(project):
    (project.parent / "shared" / "data").mkdir(parents=True)
    for ci in ("", "true"):
        run = run_tests(project, ci)
        assert (run.returncode, "2 passed" in run.stdout, "left out" in run.stdout) == (0, True, False), run.stdout


def test_quality_gates_without_data_are_left_out_by_name(project):
    run = run_tests(project)
    assert run.returncode == 0, run.stdout
    assert "1 passed, 1 deselected" in run.stdout
    assert "quality gates left out (no ../shared): test_gate\n" in run.stdout


def test_they_are_left_out_by_name_on_two_cores_too(project):
    run = run_tests(project, "", "-n", "2")
    assert run.returncode == 0 and "1 passed" in run.stdout, run.stdout
    assert "quality gates left out (no ../shared): test_gate\n" in run.stdout


def test_quality_gates_without_data_fail_the_checks(project):
    run = run_tests(project, ci="true")
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "passed" not in run.stdout
    assert "The quality gates need the data in ../shared/data, which is not there." in run.stderr


def test_reaching_the_network_fails_a_test_even_when_the_error_is_swallowed(project):
    (project / "tests" / "test_it.py").write_text(
        """
import contextlib, socket

def test_outside():
    with contextlib.suppress(Exception), socket.socket() as s:
        s.settimeout(0.1)
        s.connect(("192.0.2.1", 80))

def test_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5):
        pass
"""
    )
    run = run_tests(project)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 failed, 1 passed" in run.stdout
    assert "A test tried to reach 192.0.2.1:80. Tests use no network." in run.stdout


# How all of them are run


@pytest.mark.parametrize(("on_file", "on_server"), [(0, 0), (1, 0), (0, 1), (2, 1)])
def test_what_fails_on_either_store_fails_and_both_are_told(on_file, on_server, monkeypatch, capfd):
    started = []

    class OnServer:
        def __init__(self, program, *, env, stdout, **_):
            started.append((program, env["CLAIMTRAIL_TEST_STORE"]))
            stdout.write(b"said of the server\n")

        def wait(self):
            return on_server

        def terminate(self):
            started.append("ended")

    monkeypatch.setattr(whole.subprocess, "Popen", OnServer)
    monkeypatch.setattr(whole.subprocess, "run", lambda program, **_: started.append(program) or subprocess.CompletedProcess(program, on_file))
    assert bool(whole.main("-q")) is bool(on_file or on_server)
    (program, store), both, ended = started
    assert store == "postgresql" and "-q" in program and "-q" in both and both[both.index("-n") + 1] == "2" and ended == "ended"
    assert capfd.readouterr().out.endswith("On PostgreSQL:\nsaid of the server\n")


def test_the_files_that_come_first_or_last_or_migrate_are_there():
    there = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert there >= {*quick.FIRST, *quick.LAST} | quick.FROM_SCRATCH
    assert sorted(quick.order().values()) == [*range(-len(quick.FIRST), 0), *range(1, len(quick.LAST) + 1)]
