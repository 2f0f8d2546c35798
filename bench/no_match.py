"""How often a statement that nobody has checked looks like a match: ``python -m bench.no_match ARCHIVE.db QUERIES.jsonl PUBLISHER``.

ARCHIVE.db holds claims of several publishers; QUERIES.jsonl statements whose right claims are another publisher's. Each is compared with
the claims of PUBLISHER only, and the highest probability told. Some are right all the same, since what spreads is checked by many. Without
QUERIES and PUBLISHER the statements on file in ARCHIVE.db are taken, by language, against all its claims.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from db import Filters, open_store
from factcheck import searching
from factcheck.embed import open_encoder
from factcheck.quantities import is_german
from factcheck.searching import Query
from factcheck.settings import read_settings
from factcheck.training.pairs import read_rows

LEVELS = (0.1, 0.5, 0.9)


def main(archive: str, queries: str = "", publisher: str = "") -> None:
    store, encoder = open_store(Path(archive)), open_encoder(read_settings())
    filters = Filters(publisher=(publisher,) if publisher else ())
    found: dict[str, list[float]] = {}
    for name, query in asked(store, encoder, queries):
        judged = searching.judged(store, encoder, query, searching.vectors_of(encoder, query), filters)
        found.setdefault(name, []).append(max((j.probability for _, _, j, _ in judged), default=0.0))
    store.close()
    print("| Statements | Number | " + " | ".join(f"best at {level:g} and more" for level in LEVELS) + " |")
    print("|---" * (2 + len(LEVELS)) + "|")
    for name, best in found.items():
        print(f"| {name} | {len(best)} | " + " | ".join(f"{sum(p >= level for p in best) / len(best):.3f}" for level in LEVELS) + " |")


def asked(store, encoder, queries: str) -> Iterator[tuple[str, Query]]:
    if queries:
        for row in read_rows(Path(queries)):
            yield Path(queries).parent.name, Query.of(row["text"], *(row.get(name) or "" for name in ("speaker", "before", "after", "said_at")))
        return
    ids = store.vectors.index("statement", encoder.model_id).near(encoder.encode_queries(["."]), -2.0)
    for statement in store.articles.statements_by_id(ids).values():
        yield "German news" if is_german(statement.text) else "English news", searching.query_of(store, statement)


if __name__ == "__main__":
    main(*sys.argv[1:])
