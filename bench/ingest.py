"""An article of 400 words to stored statements with their candidates, and claims into the store, beside the encoder's own rate.

    python -m bench.ingest --home FOLDER      # a store that bench.search_at_scale made, else one of 20,000 claims is made

Prints tables in Markdown. Articles go in one after the other, as one worker takes them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import invented, statements  # noqa: E402
from bench.measuring import quantile, table  # noqa: E402
from db import Store, open_store  # noqa: E402
from factcheck import importing, pipeline  # noqa: E402
from factcheck.embed import Encoder, open_encoder  # noqa: E402
from factcheck.settings import read_settings  # noqa: E402

ARTICLES, CLAIMS, LIMIT = 20, 4_000, 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--json", type=Path, help="Write the figures here.")
    given = parser.parse_args()
    encoder = open_encoder(read_settings())
    with tempfile.TemporaryDirectory() as folder:
        database = (given.home or Path(folder)) / "claimtrail.db"
        is_new = not database.exists()
        store = open_store(database)
        if is_new:
            invented.fill(store, encoder, given.claims, 0)
        print(f"### Taking in, {store.claims.count():,} claims on file\n")
        told = articles(store, encoder)
        store.close()
        told |= claims(Path(folder), encoder)
    if given.json:
        given.json.write_text(json.dumps(told, indent=1))


def articles(store: Store, encoder: Encoder) -> dict[str, float]:
    """Each text is one that the store has not seen: the same words with another first line."""
    some = statements.articles(None)[: ARTICLES + 2]
    wall, cpu, made = [], [], 0
    for number, article in enumerate(some):
        text = f"Text {time.time_ns()}.\n\n{article.text}"
        began, used = time.perf_counter(), time.process_time()
        stored, _ = pipeline.add_article(store, replace(article, text=text), by="bench")
        found = pipeline.process(store, encoder, stored.id)
        if number >= 2:  # the first ones load what is needed
            wall.append(1000 * (time.perf_counter() - began))
            cpu.append(1000 * (time.process_time() - used))
            made += len(found)
    told = {"article p50": quantile(wall, 0.5), "article p99": quantile(wall, 0.99), "article cpu": quantile(cpu, 0.5)}
    rows = [("milliseconds", *(f"{told[f'article {k}']:.0f}" for k in ("p50", "p99", "cpu")), f"{LIMIT}"), ("statements each", f"{made / len(wall):.1f}", "", "", "")]
    rows.append(("articles an hour, one worker", f"{3_600_000 * len(wall) / sum(wall):,.0f}", "", "", ""))
    print(table(("article of 400 words", "p50", "p99", "processor, p50", "limit"), rows))
    return told


def claims(folder: Path, encoder: Encoder) -> dict[str, float]:
    """Importing, and embedding the same claims alone."""
    own = invented.Inventor(encoder)
    lines = [
        {"id": f"c{i}", "text": own.text(i % len(own.own)), "title": own.text((i * 7) % len(own.own))[:60], "body": " ".join(own.text((i * k) % len(own.own)) for k in (3, 5, 11)),
         "speaker": f"{own.name()} {i % 90}", "language": own.own[i % len(own.own)][1], "publisher": "Bench desk", "rating": "false", "url": f"https://desk.example/{i}",
         "date": "2024-05-06"}
        for i in range(CLAIMS)
    ]  # fmt: skip
    file = folder / "claims.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    texts = [f"{line['text']} {line['title']}" for line in lines]
    began = time.perf_counter()
    encoder.encode_passages(texts)
    alone = time.perf_counter() - began
    store = open_store(folder / "imported" / "claimtrail.db")
    began, used = time.perf_counter(), time.process_time()
    rows_done: list[float] = []
    importing.import_claims(store, encoder, [file], progress=lambda step, done, total: rows_done.append(time.process_time() - used) if step == "lines" else None)
    taken = time.perf_counter() - began
    store.close()
    told = {"claims a second": CLAIMS / taken, "encoder a second": CLAIMS / alone, "row ms": 1000 * rows_done[-1] / CLAIMS}
    rows = [
        ("imported, with vectors", f"{told['claims a second']:.0f}", f"{alone / taken:.0%}"),
        ("the encoder alone, same texts", f"{told['encoder a second']:.0f}", "100%"),
        ("rows and word indexes, ms of processor each", f"{told['row ms']:.2f}", ""),
    ]
    print(table((f"{CLAIMS:,} claims", "a second", "of the encoder's rate"), rows))
    return told


if __name__ == "__main__":
    main()
