"""Fit the weights of ``factcheck/relations.py`` on the labelled pairs, and print the confusion table of the test third.

The bound on the chance of a contradiction, above which nothing is called the same, is the lowest that costs no same pair in
cross-validation on the training pairs, lower still if it must be to hold back each of their contradictions. Run it again whenever the adapter changes.

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
from factcheck.differences import compare  # noqa: E402
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
    bound = find_bound(values[train], labels[train], [r for r in rows if r["split"] == "train"], args.strength)
    model = LogisticRegression(C=args.strength, max_iter=2000).fit(values[train], labels[train])
    place = {label: i for i, label in enumerate(model.classes_)}
    weights = {
        label: [round(float(model.intercept_[place[label]]), 4), *(round(float(w), 4) for w in model.coef_[place[label]])]
        for label in relations.LABELS
    }
    relations.WEIGHTS.parent.mkdir(exist_ok=True)
    stored = {"encoder": encoder.model_id, "features": list(relations.FEATURES), "contradiction_bound": bound, "weights": weights}
    relations.WEIGHTS.write_text(json.dumps(stored, indent=1) + "\n")
    relations._stored.cache_clear()
    for part, chosen in (("all", ""), ("first", "first"), ("polarity", "polarity")):
        for split in ("train", "test"):
            found = [t for t in zip(rows, cosines, plain, strict=True) if t[0]["split"] == split and chosen in ("", part_of(t[0]))]
            print(f"\n{split}, {part} pairs: rows are labels, columns predictions ({', '.join(relations.LABELS)})")
            report(split, found)


def part_of(row: dict) -> str:
    return "polarity" if row["id"].startswith("polarity-") else "first"


def find_bound(values: np.ndarray, labels: np.ndarray, rows: list[dict], strength: float, folds: int = 10, repeats: int = 5) -> float:
    """Folds hold whole claims, so that no claim is judged by weights that have seen it."""
    claims = sorted({r["claim"] for r in rows})
    turned = np.array([compare(r["statement"], r["claim"]).polarity.contradicting for r in rows])
    held, chances = (labels == relations.CONTRADICTS) & ~turned, np.zeros((repeats, len(rows)))
    for repeat in range(repeats):
        order = np.random.default_rng(repeat).permutation(len(claims))
        fold = np.array([order[claims.index(r["claim"])] % folds for r in rows])
        for k in range(folds):
            model = LogisticRegression(C=strength, max_iter=2000).fit(values[fold != k], labels[fold != k])
            chances[repeat, fold == k] = model.predict_proba(values[fold == k])[:, list(model.classes_).index(relations.CONTRADICTS)]
    same = labels == relations.SAME
    lost = {hundredth / 100: int(((chances > hundredth / 100) & same & ~turned).sum(axis=1).max()) for hundredth in range(1, 51)}
    cheap = min(bound for bound, pairs in lost.items() if not pairs or bound == 0.5)
    bound = min(cheap, int(100 * float(chances[:, held].min(initial=1.0))) / 100)
    print(
        f"cross-validated: of {int((labels == relations.CONTRADICTS).sum())} contradictions the rules see all but {int(held.sum())}; "
        f"bound {bound:.2f} holds back all of these and {lost.get(bound, 0)} of {int(same.sum())} same pairs, the rules {int((same & turned).sum())}"
    )
    return bound


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
