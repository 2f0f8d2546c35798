"""Fit the weights of ``factcheck/walkbacks.py`` on the training half of our own pairs, and print what it finds in both halves.

Pairs of one claim lie in one half. Run it again whenever the adapter, the weights of ``relations`` or the word list change.

    python training/train_walkbacks.py --pairs tests/pairs/walkbacks.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from factcheck import walkbacks  # noqa: E402
from factcheck.embed import open_encoder  # noqa: E402
from factcheck.evaluation.walkbacks import cosines, crossed, figures, read_pairs  # noqa: E402
from factcheck.settings import read_settings  # noqa: E402

STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
CROSSED = 0.25  # weight of a pair with another claim: there are four of them for each statement


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    args = parser.parse_args()
    own = read_pairs(args.pairs)
    pairs = [*own, *crossed(own)]
    encoder = open_encoder(read_settings())
    near = cosines(encoder, pairs)
    values = np.array([walkbacks.features(p.claim, p.statement, c, w, is_promise=p.is_promise) for p, (c, w) in zip(pairs, near, strict=True)])
    labels = np.array([bool(p.kind) for p in pairs])
    train = np.array([p.split == "train" for p in pairs])
    groups = np.array([p.claim for p in pairs])
    weights = np.array([CROSSED if "-x" in p.id else 1.0 for p in pairs])
    strength = max(STRENGTHS, key=lambda s: held_out(values[train], labels[train], groups[train], weights[train], s))
    model = LogisticRegression(C=strength, max_iter=2000).fit(values[train], labels[train], weights[train])
    stored = {
        "encoder": encoder.model_id,
        "features": list(walkbacks.FEATURES),
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": [round(float(w), 4) for w in model.coef_[0]],
    }
    walkbacks.WEIGHTS.write_text(json.dumps(stored, indent=1) + "\n")
    walkbacks._weights.cache_clear()
    print(f"strength {strength}")
    for split in ("train", "test"):
        for language in ("de", "en", "", "crossed"):
            chosen = [
                (p, c)
                for p, c in zip(pairs, near, strict=True)
                if p.split == split and ("-x" in p.id) == (language == "crossed") and language in ("", "crossed", p.language)
            ]
            judged = [walkbacks.judge(p.claim, p.statement, *c, is_promise=p.is_promise) for p, c in chosen]
            if language == "crossed":
                proposed = sum(j.probability >= walkbacks.PROPOSED for j in judged)
                print(split, f"beside other claims: {proposed} of {len(judged)} proposed")
                continue
            print(split, language or "all", figures([p for p, _ in chosen], judged))
            if split == "train" and not language:
                for (pair, _), found in zip(chosen, judged, strict=True):
                    if bool(pair.kind) != (found.probability >= walkbacks.PROPOSED):
                        print(f"   {pair.id} {pair.kind or 'none'} -> {found.probability:.2f} {found.kind}: {pair.statement} | {pair.claim}")


def held_out(values: np.ndarray, labels: np.ndarray, groups: np.ndarray, weights: np.ndarray, strength: float) -> float:
    """Mean log-likelihood of pairs whose claim the weights have not seen."""
    total = 0.0
    for seen, kept in GroupKFold(5).split(values, labels, groups):
        model = LogisticRegression(C=strength, max_iter=2000).fit(values[seen], labels[seen], weights[seen])
        chances = model.predict_proba(values[kept])[:, 1]
        total += float((weights[kept] * np.log(np.where(labels[kept], chances, 1 - chances))).sum())
    return total / len(labels)


if __name__ == "__main__":
    main()
