"""A newsroom's archive of real texts for the journeys: both public claim files and 210 news articles, read and matched.

Run as a program of its own, since it loads the model: ``python -m tests.archive SHARED``. It is built once for a state of the program and
the data, and kept beside the model for later runs.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests import prepared

ROOT = Path(__file__).resolve().parent.parent
GERMAN, ENGLISH = 140, 70  # articles
WORDS = range(60, 400)  # what a news article has
STEPS = ("claimfiles.py", "importing.py", "pipeline.py", "statements.py", "searching.py", "pairfeatures.py", "ranking.py", "secondstage.py")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def articles(shared: Path) -> list[dict[str, str]]:
    """The articles' text, title, source and date, as far as their names in the research sets tell them."""
    found = []
    for language, number in (("de", GERMAN), ("en", ENGLISH)):
        rows = map(json.loads, (shared / f"quotes-{language}" / "train.jsonl").read_text("utf-8").splitlines())
        fitting = [r for r in rows if len(r["text"].split()) in WORDS][:number]
        assert len(fitting) == number
        found += [_about(r["id"], r["text"], language) for r in fitting]
    return found


def _about(name: str, text: str, language: str) -> dict[str, str]:
    day = DATE.search(name)
    if language == "de":
        title = re.sub(r"^\d+ - | \(\d{4}-\d\d-\d\d\)$", "", name)
        source = "Wikinews"
    else:
        source, _, rest = name.partition("_")
        title = rest.partition("_")[2].replace("-", " ").capitalize()
    return {"text": text, "title": title, "source": source, "published_at": day[0] if day else ""}


def state(shared: Path) -> str:
    """Changes when anything does that the archive is made from."""
    made_from = [Path(__file__), Path(prepared.__file__), *(ROOT / "db").glob("*.sql"), *(ROOT / "factcheck" / name for name in STEPS)]
    for name in ("models", "data", "extraction"):
        made_from += (ROOT / "factcheck" / name).rglob("*.*")
    return prepared.stamp(made_from, *(f"{path.name} {path.stat().st_size}" for path in sorted((shared / "claims").iterdir())))


def home(shared: Path) -> Path:
    """The folder with the archive, the administrator's one-time password in a file."""

    def fill(folder: Path) -> None:
        made = subprocess.run(
            [sys.executable, "-m", "tests.archive", str(shared)], cwd=ROOT, env=prepared.environment(folder), capture_output=True, text=True, timeout=1800
        )
        assert made.returncode == 0, made.stderr[-4000:]

    return prepared.once("archive", state(shared), fill)


def build(shared: Path) -> None:
    """Fill the database of CLAIMTRAIL_HOME."""
    from db import open_store
    from factcheck import importing, pipeline, setting_up
    from factcheck.articles import from_text
    from factcheck.embed import open_encoder
    from factcheck.settings import read_settings

    settings = read_settings()
    store, encoder = open_store(settings.database), open_encoder(settings)
    (settings.home / prepared.PASSWORD).write_text(setting_up.first_run(store, encoder, demo=True))
    with prepared.kept_vectors(encoder) as kept:  # half of the time: nothing but a new encoder makes them anew
        importing.import_claims(store, kept, sorted((shared / "claims").glob("*.jsonl")))
    for about in articles(shared):
        text, published = about.pop("text"), about.pop("published_at")
        article, _ = pipeline.add_article(store, from_text(text, published_at=published or None, **about))
        pipeline.process(store, encoder, article.id)
    store.close()


if __name__ == "__main__":
    build(Path(sys.argv[1]))
