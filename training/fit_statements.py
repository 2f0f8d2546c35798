"""Fit the probability that two statements make the same claim: the constants at the top of ``factcheck/ranking.py``.

    python training/fit_statements.py --queries FILE...

Two queries with a claim in common are the same; each query is compared with its five nearest.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from factcheck import ranking  # noqa: E402
from factcheck.embed import open_encoder  # noqa: E402
from factcheck.settings import read_settings  # noqa: E402
from factcheck.training.pairs import read_rows  # noqa: E402

NEAREST = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=Path, nargs="+", required=True)
    encoder = open_encoder(read_settings())
    values, same = [], []
    for path in parser.parse_args().queries:
        rows = read_rows(path)
        vectors = encoder.encode_queries([row["text"] for row in rows])
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -1)
        for row, near in zip(rows, cosines, strict=True):
            for i in np.argsort(-near)[:NEAREST]:
                found = ranking.evidence(row["text"], rows[i]["text"], ranking.Signals(0, float(near[i])))
                values.append([near[i], found.overlap, float(bool(found.number_conflicts and not found.shared_numbers))])
                same.append(bool(set(row["claim_ids"]) & set(rows[i]["claim_ids"])))
    model = LogisticRegression(C=100).fit(values, same)
    names = ("PROBABILITY_COSINE", "PROBABILITY_OVERLAP", "PROBABILITY_NUMBER_CONFLICT")
    print(f"INTERCEPT = {model.intercept_[0]:.1f}")
    for name, weight in zip(names, model.coef_[0], strict=True):
        print(f"{name} = {weight:.1f}")


if __name__ == "__main__":
    main()
