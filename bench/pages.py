"""Server time and size of each page in a large store, and of the assets that come with it.

    python -m bench.pages --home FOLDER       # a store that bench.search_at_scale made, else one of 20,000 claims is made

Each page is asked for once and then several times by a signed-in editor, within one process and without a network. Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import json
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import invented  # noqa: E402
from bench.measuring import memory, quantile, table  # noqa: E402
from db import Store, open_store  # noqa: E402
from factcheck import passwords  # noqa: E402
from factcheck.embed import open_encoder  # noqa: E402
from factcheck.records import Role  # noqa: E402
from factcheck.settings import read_settings  # noqa: E402

TIMES = 8
LIMIT = 50  # ms of server time that a page may take
NAME, PASSWORD = "bench", "quiet river stone"
STATIC = Path(__file__).resolve().parent.parent / "static"
PAGES = {
    "home": "/",
    "search": "/search?q={text}",
    "search, narrowed": "/search?q={text}&language=de&since=2015",
    "everything on file": "/search",
    "claim": "/claims/{number}",
    "queue": "/review",
    "queue, narrowed": "/review?language=de&likelihood=possible",
    "articles": "/articles",
    "promises": "/promises",
    "people": "/people",
    "person": "/people/{number}",
    "topics": "/topics",
    "alerts": "/alerts",
    "audit": "/audit",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--statements", type=int, default=4_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--profile", help="Show where the time of one page goes.")
    parser.add_argument("--json", type=Path, help="Write the figures here.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"CLAIMTRAIL_HOME": str(given.home or folder), **_kept()})
        encoder = open_encoder(settings)
        is_new = not settings.database.exists()
        store = open_store(settings.database)
        if is_new:
            invented.fill(store, encoder, given.claims, given.statements)
        if store.users.by_name(NAME) is None:
            store.users.create(NAME, passwords.hash_password(PASSWORD), Role.EDITOR)
        print(f"### {store.claims.count():,} claims, {store.articles.count_statements():,} statements\n")
        told = pages(client(settings, store), given.profile)
        store.close()
    told["assets"] = assets()
    if given.json:
        given.json.write_text(json.dumps(told, indent=1))


def _kept() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if name.startswith("CLAIMTRAIL_") and name not in ("CLAIMTRAIL_HOME", "CLAIMTRAIL_SECRET")}


def client(settings: Any, store: Store) -> Any:
    """A browser of an editor who signed in."""
    from app import create_app

    found = create_app(settings, store=store, encoder=open_encoder(settings)).test_client()
    answer = found.post("/sign-in", data={"name": NAME, "password": PASSWORD}, headers={"Sec-Fetch-Site": "same-origin"})
    if answer.status_code != 303:
        raise SystemExit(f"The bench could not sign in: {answer.status_code}")
    return found


def pages(browser: Any, profiled: str | None = None) -> dict[str, Any]:
    from bench.search_at_scale import texts

    own, rows, told = iter(texts(1_000)), [], {}
    claim = 0

    def get(address: str) -> bytes:
        nonlocal claim
        claim += 1
        answer = browser.get(address.format(text=next(own).replace("&", " ").replace("#", ""), number=claim))
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.data

    for name, address in PAGES.items():
        taken, used = [], []
        content = b""
        for _ in range(TIMES + 1):
            began, cpu = time.perf_counter(), time.process_time()
            content = get(address)
            taken.append(1000 * (time.perf_counter() - began))
            used.append(1000 * (time.process_time() - cpu))
        told[name] = {"first": taken[0], "p50": quantile(taken[1:], 0.5), "most": max(taken[1:]), "cpu": quantile(used[1:], 0.5), "kB": len(gzip.compress(content)) / 1000}
        rows.append((name, *(f"{told[name][k]:.0f}" for k in ("first", "p50", "most", "cpu", "kB")), "" if told[name]["p50"] <= LIMIT else "over"))
        if profiled == name:
            _profile(lambda address=address: get(address))
    print(table(("page, ms", "first", "p50", "most", "processor, p50", "kB compressed", f"limit {LIMIT}"), rows))
    own_memory, mapped = memory()
    print(f"memory: {own_memory:.0f} MB of its own, {mapped:.0f} MB of files that can be dropped at any time\n")
    return told | {"MB own": own_memory, "MB mapped": mapped}


def assets() -> dict[str, float]:
    """kB of our own scripts and styles, compressed as they are sent: all of them, though a page links only some."""
    found = {str(f.relative_to(STATIC)): len(gzip.compress(f.read_bytes())) / 1000 for f in sorted(STATIC.rglob("*")) if f.suffix in (".css", ".js") and "vendor" not in f.parts}
    print(f"own assets, compressed: {sum(found.values()):.1f} kB in {len(found)} files, all pages together\n")
    return found


def _profile(work: Callable[[], object]) -> None:
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(5):
        work()
    profile.disable()
    pstats.Stats(profile).sort_stats("cumtime").print_stats(45)


if __name__ == "__main__":
    main()
