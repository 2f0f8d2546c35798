"""What takes long to make and is the same for many tests: made once for a state of the program, kept in ``.cache``, copied for each.

Two processes of tests that need the same at the same moment wait for one another; what was made from an earlier state is thrown away.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from factcheck.embed import Encoder
    from factcheck.evaluation.matching import KeptVectors

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
MODEL = CACHE / "model"  # unpacked once for all runs
ARTICLES = Path(__file__).parent / "browser" / "articles"
ABOUT = {
    "stadtrat.de.txt": ("Kassel streitet über Strom und Wärme", "2024-11-06"),
    "town-hall.en.txt": ("A cold night in Springfield", "2024-11-07"),
}
PASSWORD = "one-time-password"  # the file in a home where the administrator's lies


def stamp(files: Iterable[Path], *more: str) -> str:
    """Changes when one of the files does, or of what else is said."""
    digest = hashlib.sha256("\n".join(more).encode())
    for path in sorted(set(files)):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def program() -> list[Path]:
    """All files that what is in a home may depend on."""
    return [ROOT / "app.py", *(ROOT / "db").rglob("*.*"), *(ROOT / "factcheck").rglob("*.*")]


def once(name: str, of: str, make: Callable[[Path], None]) -> Path:
    """The folder ``name`` made ``of`` this state; ``make`` fills it if it is not there."""
    folder = CACHE / f"{name}-{of}"
    with _alone(name):
        if not folder.exists():
            for old in CACHE.glob(f"{name}-*"):
                shutil.rmtree(old)
            unfinished = CACHE / f"{name}-unfinished"
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """While no other process is."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def environment(home: Path) -> dict[str, str]:
    """For a process that works in a home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CLAIMTRAIL_")}
    return inherited | {"CLAIMTRAIL_HOME": str(home), "CLAIMTRAIL_CACHE": str(MODEL)}


def command(surroundings: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line of the program."""
    return subprocess.run([sys.executable, "-m", "factcheck", *arguments], cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=600)


def demo() -> Path:
    """A home as ``claimtrail init --demo`` leaves it, its one-time password in a file."""
    return once("home-demo", stamp([Path(__file__), *program()]), _fill)


def newsroom() -> Path:
    """The same with two articles of our own read and matched, one German, one English."""

    def fill(home: Path) -> None:
        shutil.copytree(demo(), home, dirs_exist_ok=True)
        for name, (title, published) in ABOUT.items():
            _run(home, "ingest", str(ARTICLES / name), "--title", title, "--published", published, "--source", "Our own")

    return once("home-newsroom", stamp([Path(__file__), *ARTICLES.iterdir(), *program()]), fill)


@contextmanager
def kept_vectors(encoder: Encoder) -> Iterator[KeptVectors]:
    """An encoder that takes up the vectors of claims from ``.cache`` that earlier runs made with the same model and code, and leaves its own there."""
    from factcheck.evaluation.matching import KeptVectors

    made_by = [ROOT / "factcheck" / "embed.py", *(ROOT / "factcheck" / "fastencoder").rglob("*.py"), *(ROOT / "factcheck" / "models").rglob("*.*")]
    kept = KeptVectors(encoder, once("vectors", stamp(made_by, version("onnxruntime")), lambda folder: None))
    yield kept
    with _alone("vectors"):
        kept.keep()


def _fill(home: Path) -> None:
    (home / PASSWORD).write_text(one_time_password(_run(home, "init", "--demo")))


def _run(home: Path, *arguments: str) -> str:
    made = command(environment(home), *arguments)
    assert made.returncode == 0, f"{made.stdout}{made.stderr}"
    return made.stdout


def one_time_password(said: str) -> str:
    """The password a command printed."""
    found = re.search(r"one-time password: (\S+)", said)
    assert found, said
    return found[1]
