"""The floors of the tests: sealed, on known data, lowered only for a reason that is kept."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests import floors

HASH = "0123456789abcdef" * 4
LIMITS = [
    (group, name, measure, entry)
    for group, sets in floors.read()["floors"].items()
    for name, about in sets.items()
    for measure, entry in about["measures"].items()
]
OWN = [(group, name) for group, sets in floors.read()["floors"].items() for name, about in sets.items() if about["file"]]


# The file of the project


def test_the_file_was_changed_by_the_command_only():
    content = floors.read()
    assert content["seal"] == floors.seal(content), floors.BROKEN


@pytest.mark.parametrize(("group", "name"), OWN)
def test_our_own_sets_are_those_the_limits_were_measured_on(group, name):
    floors.assert_same_data(group, name, floors.file_hash(floors.read()["floors"][group][name]["file"]))


@pytest.mark.parametrize(("group", "name", "measure", "entry"), LIMITS)
def test_every_limit_is_dated_tied_to_its_data_and_kept_by_what_was_measured(group, name, measure, entry):
    assert entry.keys() - {"least", "most"} == {"measured", "date", "data"} and ("least" in entry) != ("most" in entry)
    assert date.fromisoformat(entry["date"]) and re.fullmatch("[0-9a-f]{64}", entry["data"])
    found = entry["measured"]
    assert found is None or entry.get("least", found) <= found <= entry.get("most", found)


def test_every_limit_is_asked_for_by_a_test():
    others = [file for file in Path(__file__).parent.glob("test_*.py") if file != Path(__file__)]
    tests = "".join(file.read_text(encoding="utf-8") for file in others)
    for group, name, measure, entry in LIMITS:
        function = "floor" if "least" in entry else "ceiling"
        assert f'{function}("{group}", ' in tests, f"no test asks for {function}s of {group}"
        assert f'"{measure}"' in tests, f"no test names {measure}, measured on {name}"


# The command


@pytest.fixture
def file(tmp_path, monkeypatch) -> Path:
    """A sealed file of its own with a floor on given data and a ceiling on a file."""
    (tmp_path / "rows.jsonl").write_text("{}\n")
    path = tmp_path / "floors.json"
    monkeypatch.setattr(floors, "FILE", path)
    monkeypatch.setattr(floors, "ROOT", tmp_path)
    empty = {"floors": {}, "history": []}
    path.write_text(json.dumps(empty | {"seal": floors.seal(empty)}))
    floors.main(["set", "matching", "tweets", "map_at_5", "0.9", "--what", "dev", "--data-hash", HASH, "--measured", "0.92"])
    floors.main(["set", "people", "rows", "wrong", "0.02", "--what", "rows", "--file", "rows.jsonl", "--ceiling"])
    return path


def refused(file: Path, *arguments: str) -> str:
    """What the command says when it refuses; the file stays as it was."""
    before = file.read_text()
    with pytest.raises(SystemExit) as exit:
        floors.main(list(arguments))
    assert file.read_text() == before
    return str(exit.value)


def test_a_new_limit_is_read_with_what_belongs_to_it(file):
    assert floors.floor("matching", "tweets", "map_at_5") == 0.9 and floors.ceiling("people", "rows", "wrong") == 0.02
    entry = floors.read()["floors"]["matching"]["tweets"]["measures"]["map_at_5"]
    assert entry == {"least": 0.9, "measured": 0.92, "date": date.today().isoformat(), "data": HASH}
    assert floors.read()["floors"]["people"]["rows"]["measures"]["wrong"]["data"] == floors.file_hash("rows.jsonl")


def test_a_floor_is_raised_and_a_ceiling_lowered_without_a_word(file):
    floors.main(["set", "matching", "tweets", "map_at_5", "0.95"])
    floors.main(["set", "people", "rows", "wrong", "0.01"])
    assert floors.floor("matching", "tweets", "map_at_5") == 0.95 and floors.ceiling("people", "rows", "wrong") == 0.01
    content = floors.read()
    assert content["history"] == [] and content["seal"] == floors.seal(content)
    assert content["floors"]["matching"]["tweets"]["measures"]["map_at_5"]["data"] == HASH


@pytest.mark.parametrize(
    "asked",
    [
        ("set", "matching", "tweets", "map_at_5", "0.89"),
        ("set", "matching", "tweets", "map_at_5", "0.89", "--lower", "  "),
        ("set", "matching", "tweets", "map_at_5", "0.89", "--data-hash", "f" * 64),
        ("set", "people", "rows", "wrong", "0.03"),
        ("drop", "matching", "tweets", "map_at_5"),
        ("drop", "people", "rows", "wrong"),
    ],
)
def test_no_limit_is_eased_without_a_reason(file, asked):
    assert "--lower REASON" in refused(file, *asked)


def test_the_reason_is_kept_with_the_date_and_both_values(file):
    floors.main(["set", "matching", "tweets", "map_at_5", "0.8", "--lower", "labels were corrected"])
    floors.main(["set", "people", "rows", "wrong", "0.05", "--lower", "harder rows"])
    floors.main(["drop", "people", "rows", "wrong", "--lower", "rows are gone"])
    content = floors.read()
    assert [(h["limit"], h["reason"]) for h in content["history"]] == [
        ("matching tweets map_at_5", "labels were corrected"),
        ("people rows wrong", "harder rows"),
        ("people rows wrong", "rows are gone"),
    ]
    first, _, last = content["history"]
    assert (first["from"]["least"], first["to"]["least"], first["date"]) == (0.9, 0.8, date.today().isoformat())
    assert last["from"]["most"] == 0.05 and last["to"] is None
    assert "rows" not in content["floors"]["people"] and content["seal"] == floors.seal(content)


def test_other_data_are_noticed_and_kept_in_the_history(file):
    with pytest.raises(AssertionError, match=f"python -m tests.floors set matching tweets map_at_5 VALUE --data-hash {'f' * 64}"):
        floors.assert_same_data("matching", "tweets", "f" * 64)
    floors.main(["set", "matching", "tweets", "map_at_5", "0.9", "--data-hash", "f" * 64])
    floors.assert_same_data("matching", "tweets", "f" * 64)
    [entry] = floors.read()["history"]
    assert (entry["from"]["data"], entry["to"]["data"], entry["reason"]) == (HASH, "f" * 64, "measured on other data")


def test_an_edit_by_hand_breaks_the_seal_and_the_command_goes_no_further(file):
    file.write_text(file.read_text().replace('"least": 0.9,', '"least": 0.5,'))
    content = floors.read()
    assert content["seal"] != floors.seal(content)
    assert "python -m tests.floors set" in refused(file, "set", "matching", "tweets", "map_at_5", "0.6")


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        (("set", "matching", "tweets", "map_at_5"), "must be a number"),
        (("set", "matching", "tweets", "map_at_5", "inf"), "must be a number"),
        (("set", "matching", "tweets", "map_at_5", "0.95", "--measured", "0.94"), "measured one keeps"),
        (("set", "people", "rows", "wrong", "0.01", "--measured", "0.02"), "measured one keeps"),
        (("set", "matching", "new", "f1", "0.9", "--what", "x"), "--data-hash"),
        (("set", "matching", "new", "f1", "0.9", "--data-hash", HASH), "--what"),
        (("set", "matching", "tweets", "map_at_5", "0.95", "--data-hash", "abc"), "--data-hash"),
        (("set", "people", "rows", "wrong", "0.01", "--data-hash", HASH), "the hash is the file's"),
        (("set", "people", "new", "f1", "0.9", "--what", "x", "--file", "no.jsonl"), "no.jsonl"),
        (("drop", "matching", "tweets", "f1", "--lower", "x"), "no limit matching tweets f1"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(file, asked, part):
    assert part in refused(file, *asked)


def test_the_command_in_the_messages_runs():
    command = [sys.executable, *floors.COMMAND.split()[1:], "--help"]
    said = subprocess.run(command, cwd=floors.ROOT, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and "--lower REASON" in said.stdout
