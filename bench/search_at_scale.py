"""How long a search takes in a large store, end to end, beside the limit and beside other engines with the same vectors.

    python -m bench.search_at_scale                       # 20,000 claims and 4,000 statements, a minute or two
    python -m bench.search_at_scale --claims 200000 --statements 40000 --queries 100      # the peers' largest, a quarter of an hour
    python -m bench.search_at_scale --claims 1000000 --statements 200000 --store FOLDER   # keeps the store there and uses it again
    python -m bench.search_at_scale --without-peers

The store is made of our own texts with words exchanged (``bench/invented.py``) and searched with the shipped model. "End to end" is from the
text that was typed to rows that are ranked, explained and counted. Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import invented
from bench.measuring import memory, quantile, table
from db import Filters, Store, narrowing, open_store
from factcheck import finding, searching
from factcheck.embed import Encoder, open_encoder
from factcheck.settings import read_settings
from factcheck.wanted import Wanted

QUERIES, RECALLED = 200, 60
MOST_FOR_PEERS = 200_000  # claims
ARTICLE, ARTICLES = 22, 8  # statements of an article of 400 words; articles
SEARCHES = {
    "everything, newest first": "",
    "everything, 3 filters": "language=en&rating=false&rating=misleading&since=2015",
    "statements worth checking": "kind=statement&worth=0.43&sort=worth",
    "one common word": "q=Die",
    "two rare words": "q=harbour+bridge",
    "a sentence, 2 filters": "q={text}&language=de&kind=statement",
    "an exact phrase": 'q="the+city"',
    "an exclusion": "q={text}+-bridge",
    "more like this": "like=claim:{number}",
    "most often said": "kind=claim&sort=often",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--statements", type=int, default=4_000)
    parser.add_argument("--queries", type=int, default=QUERIES)
    parser.add_argument("--store", "--home", dest="home", type=Path, help="A folder in which the store is kept, and used again where there is one.")
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--json", type=Path, help="Write the figures here.")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    encoder = open_encoder(read_settings())
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder)
        database = home / "claimtrail.db"
        is_new = not database.exists()
        store = open_store(database)
        if is_new:
            began, cpu = time.perf_counter(), time.process_time()
            invented.fill(store, encoder, given.claims, given.statements)
            print(f"made the store in {time.perf_counter() - began:.0f} s ({time.process_time() - cpu:.0f} s of processor time)\n")
        told = look(store, encoder, database)
        told |= {"load": load, "claims": store.claims.count(), "statements": store.articles.count_statements()}
        print(f"### {told['claims']:,} claims, {told['statements']:,} statements\n")
        told |= sentences(store, encoder, given.queries)
        told |= recalls(store, encoder)
        told |= together(store, encoder)
        told |= kinds(store, encoder)
        if not given.without_peers and told["claims"] > MOST_FOR_PEERS:
            print(f"Other engines are asked with {MOST_FOR_PEERS:,} claims at most: building their indexes over more takes hours.\n")
        elif not given.without_peers:
            from bench import peers

            told |= peers.compare(store, encoder, texts(given.queries))
        store.close()
    if given.json:
        given.json.write_text(json.dumps(told, indent=1))


def texts(n: int) -> list[str]:
    """Texts of our own, none of them on file as it stands."""
    own = [text for text, _ in invented.own_texts()]
    random.Random(5).shuffle(own)
    return (own * (n // len(own) + 1))[:n]


def look(store: Store, encoder: Encoder, database: Path) -> dict[str, float]:
    """The first look, after which everything stands ready; files and what they take."""
    rows = []

    def first(name: str, work: Callable[[], object]) -> None:
        began, cpu = time.perf_counter(), time.process_time()
        work()
        rows.append((name, f"{time.perf_counter() - began:.1f}", f"{time.process_time() - cpu:.1f}"))

    first("card index", lambda: narrowing.prepare(store.cards.now()))
    first("vectors", lambda: (store.vectors.index("claim", encoder.passage_id).seq(), store.vectors.index("statement", encoder.model_id).seq()))
    first("words", lambda: (store.claim_words.words("bridge", 1), store.statement_words.words("bridge", 1)))
    store.claim_words.made(), store.statement_words.made()
    first("the same, once the file is made", lambda: (store.claim_words.words("bridge", 1), store.statement_words.words("bridge", 1)))
    print(table(("first look at", "s", "s of processor"), rows))
    sizes = {"database": database, **{f.name: f for f in sorted((database.parent / "index").glob("*")) if f.is_file()}}
    print(table(("file", "MB"), [(name, f"{file.stat().st_size / 1e6:.0f}") for name, file in sizes.items()]))
    return {f"MB {name}": round(file.stat().st_size / 1e6, 1) for name, file in sizes.items()}


def sentences(store: Store, encoder: Encoder, n: int) -> dict[str, float]:
    """A new sentence each time: the whole page, the candidates alone, and the least it can take: encoding it and asking the vectors."""
    index = store.vectors.index("claim", encoder.passage_id)
    asked = texts(n)
    ways: dict[str, Callable[[str], object]] = {
        "page of results, with counts": lambda text: finding.find(store, encoder, Wanted(q=text)),
        "candidates, ranked and explained": lambda text: searching.search_claims(store, encoder, text, k=10),
        "limit: encoding and vectors alone": lambda text: index.search(encoder.encode_queries([text])[0], 10),
        "encoding alone": lambda text: encoder.encode_queries([text]),
    }
    rows, told = [], {}
    for name, way in ways.items():
        for text in asked[:5]:
            way(f"{text} {name}")
        wall, cpu = [], []
        for text in asked:
            began, used = time.perf_counter(), time.process_time()
            way(text)
            wall.append(time.perf_counter() - began)
            cpu.append(time.process_time() - used)
        told[name] = {"p50": quantile(wall, 0.5), "p99": quantile(wall, 0.99), "cpu": quantile(cpu, 0.5)}
        rows.append((name, *(f"{1000 * told[name][key]:.1f}" for key in ("p50", "p99", "cpu"))))
    limit = told["limit: encoding and vectors alone"]["p50"]
    rows = [(*row, f"{told[row[0]]['p50'] / limit:.1f}") for row in rows]
    print(table(("a new sentence, ms", "p50", "p99", "processor, p50", "times the limit"), rows))
    private, mapped = memory()
    print(f"memory: {private:.0f} MB of its own, {mapped:.0f} MB of files that can be dropped at any time\n")
    return {**told, "MB own": private, "MB mapped": mapped}


def together(store: Store, encoder: Encoder) -> dict[str, float]:
    """The statements of an article matched one by one and together, their vectors made before: processor time."""
    statements = list(store.articles.statements_by_id(range(1, 1 + ARTICLE * ARTICLES)).values())
    articles = [statements[at : at + ARTICLE] for at in range(0, len(statements), ARTICLE)]
    vectors = searching.vectors_of_all(store, encoder, statements)
    ways: dict[str, Callable[[list], object]] = {
        "one by one": lambda some: [searching.matches(store, encoder, s, k=8, vectors=vectors[s.id]) for s in some],
        "together": lambda some: searching.matches_of_all(store, encoder, some, k=8, vectors=vectors),
    }
    rows, told = [], {}
    for name, way in ways.items():
        cpu = []
        for some in articles:
            used = time.process_time()
            way(some)
            cpu.append(time.process_time() - used)
        told[f"matched {name}"] = quantile(cpu, 0.5) if cpu else 0.0
        rows.append((name, f"{1000 * told[f'matched {name}']:.0f}"))
    print(table((f"{ARTICLE} statements matched", "ms of processor, p50"), rows))
    return told


def recalls(store: Store, encoder: Encoder) -> dict[str, float]:
    """Share of the ten nearest of an exact comparison that the index finds: of all, and of what passes a filter."""
    index = store.vectors.index("claim", encoder.passage_id)
    queries = encoder.encode_queries(texts(RECALLED))
    cards = store.cards.now()
    codes = np.bincount(cards.claims.columns["speaker"][cards.claims.columns["speaker"] >= 0])
    wanted = max(1, round(len(cards.claims.ids) * 0.01))
    speaker = str(store.cards.label("speaker", int(np.argmin(np.abs(codes - wanted)))))
    narrowed = {
        "all": Filters(),
        "a speaker": Filters(speaker=(speaker,)),
        "two months": Filters(since="2015-03", until="2015-04"),
        "a language": Filters(language=("de",)),
        "a rating": Filters(rating=("false",)),
    }
    rows, told = [], {}
    for name, filters in narrowed.items():
        ids = searching.allowed(store, "claims", filters)
        ids = cards.claims.ids if ids is None else ids
        best: list[list[tuple[float, int]]] = [[] for _ in queries]
        for start in range(0, len(ids), 50_000):
            known, vectors = index.some(ids[start : start + 50_000].tolist())
            for so_far, near in zip(best, queries @ vectors.T, strict=True):
                so_far += [(float(near[i]), known[i]) for i in np.argpartition(-near, min(9, len(near) - 1))[:10]]
        shared, taken = 0, []
        for query, exact in zip(queries, best, strict=True):
            began = time.perf_counter()
            found = {i for i, _ in index.search(query, 10, None if name == "all" else ids)}
            taken.append(time.perf_counter() - began)
            shared += len(found & {i for _, i in sorted(exact, reverse=True)[:10]})
        share = len(ids) / max(1, len(cards.claims.ids))
        told[f"recall {name}"] = shared / (10 * len(queries)) if len(ids) >= 10 else 1.0
        rows.append((name, f"{share:.1%}", f"{told[f'recall {name}']:.3f}", f"{1000 * quantile(taken, 0.5):.1f}"))
    print(table(("narrowed to", "of all claims", "recall@10", "vectors, ms"), rows))
    return told


def kinds(store: Store, encoder: Encoder) -> dict[str, float]:
    """Other searches, each asked for the first time, and its next page."""
    rows, told = [], {}
    for name, query in SEARCHES.items():
        first, after, total = [], [], 0
        for turn, text in enumerate(texts(5)):
            asked = Wanted.from_args(query.format(text=text.replace("&", " ").replace('"', ""), number=17 + turn))
            began = time.perf_counter()
            found = finding.find(store, encoder, asked)
            first.append(time.perf_counter() - began)
            began = time.perf_counter()
            finding.find(store, encoder, replace(asked, cursor=found.next_cursor))
            after.append(time.perf_counter() - began)
            total = found.total
        told[name] = {"first": first[0], "then": quantile(first[1:], 0.5), "next": quantile(after, 0.5)}
        rows.append((name, f"{total:,}", *(f"{1000 * told[name][key]:.0f}" for key in ("first", "then", "next"))))
    print(table(("search, ms", "found", "first", "then", "again or next page"), rows))
    return told


if __name__ == "__main__":
    main()
