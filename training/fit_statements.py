"""Fit the probability that two statements make the same claim: the constants at the top of ``factcheck/ranking.py``.

    python training/fit_statements.py --queries FILE... --archive DATABASE...

Two queries with a claim in common are the same; each query is compared with its five nearest. In an archive of news articles the nearest
statement of another time is hardly ever the same, however little else there is: statements more than ``APART`` days apart, and not the same
words, count as different ones. Without these every topic of the day would look like a match, since the queries' own neighbours are mostly
about other things.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from db import open_store  # noqa: E402
from factcheck import ranking  # noqa: E402
from factcheck.embed import Encoder, open_encoder  # noqa: E402
from factcheck.records import Evidence  # noqa: E402
from factcheck.settings import read_settings  # noqa: E402
from factcheck.training.pairs import read_rows  # noqa: E402
from factcheck.words import plain_words  # noqa: E402

NEAREST = 5
APART = 60  # days


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=Path, nargs="+", required=True)
    parser.add_argument("--archive", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    encoder = open_encoder(read_settings())
    values, same = [], []
    for path in arguments.queries:
        rows = read_rows(path)
        vectors = encoder.encode_queries([row["text"] for row in rows])
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -1)
        for row, near in zip(rows, cosines, strict=True):
            for i in np.argsort(-near)[:NEAREST]:
                found = ranking.evidence(row["text"], rows[i]["text"], ranking.Signals(0, float(near[i])))
                values.append(features(found))
                same.append(bool(set(row["claim_ids"]) & set(rows[i]["claim_ids"])))
    for path in arguments.archive:
        negatives = list(unlike(path, encoder))
        values += negatives
        same += [False] * len(negatives)
    print(f"{sum(same)} of {len(same)} pairs are the same")
    model = LogisticRegression(C=100).fit(values, same)
    names = ("PROBABILITY_COSINE", "PROBABILITY_OVERLAP", "PROBABILITY_NUMBER_CONFLICT")
    print(f"INTERCEPT = {model.intercept_[0]:.1f}")
    for name, weight in zip(names, model.coef_[0], strict=True):
        print(f"{name} = {weight:.1f}")


def features(found: Evidence) -> list[float]:
    return [found.cosine or 0.0, found.overlap, float(bool(found.number_conflicts and not found.shared_numbers))]


def unlike(path: Path, encoder: Encoder) -> Iterator[list[float]]:
    """The features of each statement on file with its nearest ones of another time, asked for as a search would."""
    store = open_store(path)
    index = store.vectors.index("statement", encoder.model_id)
    ids = index.near(encoder.encode_queries(["."]), -2.0)
    statements = list(store.articles.statements_by_id(ids).values())
    articles = store.articles.many({s.article_id for s in statements})
    statements = [s for s in statements if articles[s.article_id].published_at]
    days = np.array([date.fromisoformat(articles[s.article_id].published_at[:10]).toordinal() for s in statements])
    texts = [plain_words(s.text) for s in statements]
    cosines = encoder.encode_queries([s.text for s in statements]) @ np.array([index.get(s.id) for s in statements]).T
    for i, statement in enumerate(statements):
        others = np.where(np.abs(days - days[i]) > APART, cosines[i], -1.0)
        for j in np.argsort(-others)[:NEAREST]:
            if texts[i] != texts[j]:
                yield features(ranking.evidence(statement.text, statements[j].text, ranking.Signals(0, float(others[j]))))
    store.close()


if __name__ == "__main__":
    main()
