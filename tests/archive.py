"""A newsroom's archive of real texts for the journeys: both public claim files and 210 news articles, read and matched.

Run as a program of its own, since it loads the model: ``python -m tests.archive HOME SHARED CACHE``. It is built once for a state of
the program and the data, and kept beside the model for later runs.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

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


def stamp(shared: Path) -> str:
    """Changes when anything does that the archive is made from."""
    made_from = [Path(__file__), *(ROOT / "db").glob("*.sql"), *(ROOT / "factcheck" / name for name in STEPS)]
    for name in ("models", "data", "extraction"):
        made_from += (ROOT / "factcheck" / name).rglob("*.*")
    digest = hashlib.sha256()
    for path in sorted(p for p in made_from if p.is_file() and p.suffix != ".pyc"):
        digest.update(path.read_bytes())
    for path in sorted((shared / "claims").iterdir()):
        digest.update(f"{path.name} {path.stat().st_size}".encode())
    return digest.hexdigest()[:16]


def home(shared: Path, cache: Path) -> Path:
    """The folder with the archive, built if it is not there; older ones are thrown away."""
    folder = cache.parent / f"archive-{stamp(shared)}"
    if not folder.exists():
        for old in cache.parent.glob("archive-*"):
            shutil.rmtree(old)
        unfinished = folder.with_name(f"building-{os.getpid()}")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CLAIMTRAIL_")}
        environment |= {"CLAIMTRAIL_HOME": str(unfinished), "CLAIMTRAIL_CACHE": str(cache)}
        made = subprocess.run(
            [sys.executable, "-m", "tests.archive", str(shared)], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1800
        )
        assert made.returncode == 0, made.stderr[-4000:]
        unfinished.rename(folder)
    return folder


def build(shared: Path) -> None:
    """Fill the database of CLAIMTRAIL_HOME."""
    from db import open_store
    from factcheck import importing, pipeline, setting_up
    from factcheck.articles import from_text
    from factcheck.embed import open_encoder
    from factcheck.settings import read_settings

    settings = read_settings()
    store, encoder = open_store(settings.database), open_encoder(settings)
    setting_up.first_run(store, encoder, demo=True)
    importing.import_claims(store, encoder, sorted((shared / "claims").glob("*.jsonl")))
    for about in articles(shared):
        text, published = about.pop("text"), about.pop("published_at")
        article, _ = pipeline.add_article(store, from_text(text, published_at=published or None, **about))
        pipeline.process(store, encoder, article.id)
    store.close()


if __name__ == "__main__":
    build(Path(sys.argv[1]))
