"""Fit the weights of ``factcheck/relations.py`` on the labelled pairs, and print the confusion table of the test third.

    python training/train_relations.py --pairs tests/pairs/relations.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from factcheck import relations  # noqa: E402
from factcheck.embed import open_encoder  # noqa: E402
from factcheck.settings import read_settings  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True, help="rows of statement, claim, relation and split (train or test)")
    parser.add_argument("--strength", type=float, default=3.0, help="inverse of the L2 penalty")
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.pairs.read_text(encoding="utf-8").splitlines() if line]
    encoder = open_encoder(read_settings())
    statements, claims = [r["statement"] for r in rows], encoder.encode_passages([r["claim"] for r in rows])
    cosines = np.sum(encoder.encode_queries(statements) * claims, axis=1).tolist()
    plain = np.sum(encoder.encode_passages(statements) * claims, axis=1).tolist()
    values = np.array([relations.features(r["statement"], r["claim"], c, p) for r, c, p in zip(rows, cosines, plain, strict=True)])
    labels = np.array([r["relation"] for r in rows])
    train = np.array([r["split"] == "train" for r in rows])
    model = LogisticRegression(C=args.strength, max_iter=2000).fit(values[train], labels[train])
    place = {label: i for i, label in enumerate(model.classes_)}
    weights = {
        label: [round(float(model.intercept_[place[label]]), 4), *(round(float(w), 4) for w in model.coef_[place[label]])]
        for label in relations.LABELS
    }
    relations.WEIGHTS.parent.mkdir(exist_ok=True)
    stored = {"encoder": encoder.model_id, "features": list(relations.FEATURES), "weights": weights}
    relations.WEIGHTS.write_text(json.dumps(stored, indent=1) + "\n")
    relations._weights.cache_clear()
    for split in ("train", "test"):
        print(f"\n{split}: rows are labels, columns predictions ({', '.join(relations.LABELS)})")
        report(split, [(r, c, p) for r, c, p in zip(rows, cosines, plain, strict=True) if r["split"] == split])


def report(split: str, rows: list[tuple[dict, float, float]]) -> None:
    for language in (*sorted({r["language"] for r, _, _ in rows}), ""):
        chosen = [row for row in rows if not language or row[0]["language"] == language]
        wanted = [r["relation"] for r, _, _ in chosen]
        given = [relations.predict(r["statement"], r["claim"], c, p)[0] for r, c, p in chosen]
        table = [[sum(w == a and g == b for w, g in zip(wanted, given, strict=True)) for b in relations.LABELS] for a in relations.LABELS]
        score = f1_score(wanted, given, labels=list(relations.LABELS), average="macro")
        print(f"{language or 'all':6} macro F1 {score:.3f}  {table}")
        if split == "train" and not language:
            for (r, _, _), g in zip(chosen, given, strict=True):
                if g != r["relation"]:
                    print(f"   {r['id']} {r['relation']} -> {g}: {r['statement']} | {r['claim']}")


if __name__ == "__main__":
    main()
