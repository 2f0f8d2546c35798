"""How much of what matching everything again would find lies within what backfill looks at, on a store of one's own.

    python bench/backfill.py                     # the store of CLAIMTRAIL_HOME
    python bench/backfill.py --claims 500        # looks at more claims for the share of statements

For every suggestion stored (made by matching in full) it is asked whether backfill, had its claim just been added, would have matched the
statement again. Reads only.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from db import open_store  # noqa: E402
from factcheck import backfill  # noqa: E402
from factcheck.embed import open_encoder  # noqa: E402
from factcheck.settings import read_settings  # noqa: E402

SEED = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=200, help="claims drawn at random for the share of statements matched again")
    asked = parser.parse_args()
    settings = read_settings()
    store, encoder = open_store(settings.database), open_encoder(settings)
    statements = len(store.vectors.index("statement", encoder.model_id))
    suggestions = store.decisions.suggestions(store.newsroom.cutoffs().possible)
    near = {claim_id: backfill.near(store, encoder, [claim_id]) for claim_id in {c for _, c in suggestions}}
    found = sum(statement_id in near[claim_id] for statement_id, claim_id in suggestions)
    drawn = random.Random(SEED).sample(range(1, store.claims.count() + 1), min(asked.claims, store.claims.count()))
    began = time.perf_counter()
    shares = [len(backfill.near(store, encoder, [claim_id])) / max(1, statements) for claim_id in drawn]
    told = {
        "claims": store.claims.count(),
        "statements": statements,
        "suggestions": len(suggestions),
        "within": round(found / len(suggestions), 4) if suggestions else None,
        "share of statements matched again for a claim": round(sum(shares) / len(shares), 4) if shares else None,
        "milliseconds to look through for a claim": round(1000 * (time.perf_counter() - began) / max(1, len(drawn)), 1),
    }
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
