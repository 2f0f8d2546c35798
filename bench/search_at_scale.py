"""How long searches take in a large store: makes one of invented rows and measures first page, next page, filters, phrases and counts.

    python bench/search_at_scale.py                      # 20,000 rows, a minute
    python bench/search_at_scale.py --rows 1000000       # 400,000 claims and 600,000 statements; needs 8 GB of memory
    python bench/search_at_scale.py --home FOLDER        # keeps the store there and uses it again

Texts, speakers and dates are drawn at random with a fixed seed, words as unevenly as words are; vectors are random, so that what is
measured is time, not quality. Each search is run once cold and then several times; the middle one counts.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from db import Store, open_store  # noqa: E402
from factcheck import finding  # noqa: E402
from factcheck.embed import FakeEncoder  # noqa: E402
from factcheck.records import Rating  # noqa: E402
from factcheck.wanted import Wanted  # noqa: E402
from factcheck.words import fold, index_text  # noqa: E402

DIMENSIONS = 384  # as the shipped model's
TIMES = 5
CHUNK = 20_000
SEARCHES = {
    "everything": "",
    "everything, 3 filters": "language=en&rating=false&rating=misleading&since=2015",
    "statements worth checking": "kind=statement&worth=0.43&sort=worth",
    "one word in a third of the rows": "q=word0",
    "a rare word": "q=word4000",
    "a sentence": "q=word11+word25+word130+word411+word77+word901+word12",
    "a sentence, 2 filters": "q=word11+word25+word130+word411+word77+word901+word12&language=de&kind=statement",
    "an exact phrase": 'q="word3 word7"',
    "an exclusion": "q=word40+-word1",
    "more like this": "like=claim:17",
    "most often said": "kind=claim&sort=often",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--json", type=Path, help="Write the figures here.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder)
        is_new = not (home / "claimtrail.db").exists()
        store, encoder = open_store(home / "claimtrail.db"), FakeEncoder(DIMENSIONS)
        if is_new:
            print(f"making {given.rows:,} rows …", flush=True)
            fill(store, encoder, given.rows)
        figures = measure(store, encoder)
        store.close()
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


def measure(store: Store, encoder: FakeEncoder) -> dict[str, float]:
    """Seconds by what was done; printed as they come."""
    figures: dict[str, float] = {}

    def tell(name: str, seconds: float, more: str = "") -> None:
        figures[name] = round(seconds, 4)
        print(f"{name:<44} {seconds * 1000:8.0f} ms  {more}", flush=True)

    start = time.perf_counter()
    cards = store.cards.now()
    tell("card index, first look", time.perf_counter() - start, f"{len(cards.claims.ids):,} claims, {len(cards.statements.ids):,} statements")
    start = time.perf_counter()
    len(store.vectors.index("claim", encoder.passage_id)), len(store.vectors.index("statement", encoder.model_id))
    tell("vectors, first look", time.perf_counter() - start)
    for name, query in SEARCHES.items():
        seconds, pages = [], []
        for turn in range(TIMES):
            asked = Wanted.from_args(query)
            wanted = replace(asked, q=f"{asked.q} word{5000 + turn}" if asked.q and "+" in query else asked.q)  # not the one remembered
            start = time.perf_counter()
            found = finding.find(store, encoder, wanted)
            seconds.append(time.perf_counter() - start)
            if found.next_cursor:
                start = time.perf_counter()
                finding.find(store, encoder, replace(wanted, cursor=found.next_cursor), counted=True)
                pages.append(time.perf_counter() - start)
        tell(f"{name}: first time", seconds[0], f"{found.total:,}{'+' if found.is_capped else ''} found")
        tell(f"{name}: after", statistics.median(seconds[1:]))
        if pages:
            tell(f"{name}: next page", statistics.median(pages))
    start = time.perf_counter()
    claim = store.claims.get(17)
    assert claim is not None
    with store.write() as db:
        db.execute("UPDATE claims SET rating = ? WHERE id = 17", [str(claim.rating)])
    store.cards.now()
    tell("card index after one change", time.perf_counter() - start)
    start = time.perf_counter()
    rows = sum(1 for _ in finding.everything(store, encoder, Wanted(), 10_000))
    tell("10,000 rows for a file", time.perf_counter() - start, f"{rows:,} rows")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB")
    return figures


def fill(store: Store, encoder: FakeEncoder, rows: int) -> None:
    """Two fifths claims, three fifths statements in articles of twenty; a tenth of the statements confirmed to make a claim."""
    rng = random.Random(7)
    claims, statements = rows * 2 // 5, rows * 3 // 5
    ratings, languages = [str(r) for r in Rating], ("en", "de")
    speakers = [f"Speaker {a} Name{b}" for a in range(50) for b in range(100)]
    weights = [1 / (i + 1) for i in range(len(speakers))]
    vocabulary = [f"word{i}" for i in range(6000)]
    word_weights = [1 / (i + 2) for i in range(len(vocabulary))]

    def text() -> str:
        return " ".join(rng.choices(vocabulary, word_weights, k=rng.randint(8, 20)))

    def day() -> str:
        return f"{rng.randint(2008, 2024)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"

    for start in range(1, claims + 1, CHUNK):
        ids = range(start, min(start + CHUNK, claims + 1))
        texts = [text() for _ in ids]
        who = rng.choices(speakers, weights, k=len(ids))
        with store.write() as db:
            db.conn.executemany(
                "INSERT INTO claims (id, key, text, language, title, speaker, speaker_folded, first_said_at, is_promise, rating, occurrence_count, "
                "content_hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (i, f"c{i}", t, rng.choice(languages), "", s, fold(s), day(), int(rng.random() < 0.05), rng.choice(ratings), 0, f"h{i}", "2024-01-01T00:00:00+00:00")
                    for i, t, s in zip(ids, texts, who, strict=True)
                ],
            )
            db.conn.executemany(
                "INSERT INTO reviews (claim_id, publisher, rating, published_at) VALUES (?, ?, ?, ?)",
                [(i, f"Desk {min(int(rng.expovariate(0.2)), 80)}", "false", day()) for i in ids],
            )
        _index(store, "claims", ids, texts)
        _vectors(store, "claim", encoder.passage_id, ids, rng)
    for start in range(1, statements + 1, CHUNK):
        ids = range(start, min(start + CHUNK, statements + 1))
        texts = [text() for _ in ids]
        who = rng.choices(speakers, weights, k=len(ids))
        with store.write() as db:
            articles = sorted({(i - 1) // 20 + 1 for i in ids})
            db.conn.executemany(
                "INSERT OR IGNORE INTO articles (id, text, text_hash, language, source, published_at, added_at, state) VALUES (?, '', ?, ?, ?, ?, ?, 'ready')",
                [(a, f"a{a}", rng.choice(languages), f"Outlet {min(int(rng.expovariate(0.1)), 200)}", day(), "2024-01-01T00:00:00+00:00") for a in articles],
            )
            db.conn.executemany(
                'INSERT INTO statements (id, article_id, start, "end", text, kind, speaker, said_at, check_worthy, nature, content_hash) '
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (i, (i - 1) // 20 + 1, i * 10, i * 10 + 5, t, rng.choice(("direct", "indirect", "reported")), s, day(), rng.random(), rng.choice(("fact", "opinion", "")), f"h{i}")
                    for i, t, s in zip(ids, texts, who, strict=True)
                ],
            )
            db.conn.executemany(
                "INSERT INTO decisions (statement_id, claim_id, relation, user_name, at) VALUES (?, ?, 'same', 'bench', '2024-01-01')",
                [(i, rng.randint(1, claims)) for i in ids if rng.random() < 0.1],
            )
        _index(store, "statements", ids, texts)
        _vectors(store, "statement", encoder.model_id, ids, rng)
    with store.write() as db:
        linked = "SELECT count(*) FROM decisions d WHERE d.claim_id = claims.id AND d.relation = 'same' AND d.undone_at IS NULL"
        db.execute(f"UPDATE claims SET occurrence_count = ({linked}) WHERE id IN (SELECT claim_id FROM decisions)")


def _index(store: Store, table: str, ids: range, texts: list[str]) -> None:
    columns = "text, title, body" if table == "claims" else "text, speaker"
    empty = ("", "") if table == "claims" else ("",)
    with store.write() as db:
        db.conn.executemany(
            f"INSERT INTO {table}_words (rowid, {columns}) VALUES (?, ?, {', '.join('?' * len(empty))})",
            [(i, index_text(t, "en"), *empty) for i, t in zip(ids, texts, strict=True)],
        )
        db.conn.executemany(f"INSERT INTO {table}_trigrams (rowid, text) VALUES (?, ?)", zip(ids, texts, strict=True))


def _vectors(store: Store, kind: str, model_id: str, ids: range, rng: random.Random) -> None:
    made = np.random.default_rng(rng.randrange(2**32)).standard_normal((len(ids), DIMENSIONS), np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    store.vectors.put(kind, model_id, [(i, f"h{i}") for i in ids], made)


if __name__ == "__main__":
    main()
