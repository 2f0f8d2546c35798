"""Train the heads that tell promises and the natures of statements: ``factcheck/models/promises.npz``.

    python training/train_promises.py --pairs tests/pairs --cache instance/cache [--out FILE] [--test]

Fitted and cross-validated on the train rows; rows that say nearly the same stand in the same split. ``--test`` measures the kept
third as well, which is for the end.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from factcheck.embed import open_encoder
from factcheck.extraction.natures import NATURES
from factcheck.extraction.states import DIMENSIONS, apply, states
from factcheck.settings import Settings

PENALTY = 0.1  # inverse strength of the ridge on standardised features; .001 to .1 tried by cross-validation on the train rows
FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--test", action="store_true")
    options = parser.parse_args()
    encoder = open_encoder(Settings(home=options.cache, cache_folder=options.cache))
    promises, natures = read(options.pairs / "promises.jsonl"), read(options.pairs / "natures.jsonl")
    values = states(encoder, [row["text"] for row in promises + natures])
    if values is None:
        raise SystemExit("The heads are made for the shipped encoder.")
    values = values[:, :DIMENSIONS]
    rows = promises + natures
    train = np.array([row["split"] == "train" for row in rows])
    promise = np.array([row["is_promise"] if "is_promise" in row else row["nature"] == "promise" for row in rows], int)
    # What is no promise in the first file has no nature given; what is one has.
    nature = np.array([NATURES.index(row.get("nature") or "promise") if row.get("nature") or row["is_promise"] else -1 for row in rows])
    known = nature >= 0
    first = np.arange(len(rows)) < len(promises)
    guess = crossed(values[train], promise[train]) > 0
    print(json.dumps({"promises, cross-validated F1": round(f1_score(promise[train][first[train]], guess[first[train]]), 4)}))
    kinds = crossed(values[train & known], nature[train & known]).argmax(1)
    print(json.dumps({"natures, cross-validated macro F1": round(f1_score(nature[train & known], kinds, average="macro"), 4)}))
    heads = {"promise": head(values[train], promise[train]), "nature": head(values[train & known], nature[train & known])}
    if options.test:
        at = ~train & first
        print(json.dumps({"promises, test F1": round(f1_score(promise[at], apply(heads["promise"], values[at]) > 0), 4)}))
        at = ~train & ~first
        macro = f1_score(nature[at], apply(heads["nature"], values[at]).argmax(1), average="macro")
        print(json.dumps({"natures, test macro F1": round(macro, 4)}))
    if options.out:
        np.savez_compressed(options.out, **{key: weights.astype(np.float32) for key, weights in heads.items()})


def read(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]


def head(values: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """Weights and constant, for features as they are; one row for two classes, one for each of more."""
    mean, spread = values.mean(0), values.std(0)
    fitted = LogisticRegression(C=PENALTY, max_iter=1_000, class_weight="balanced").fit((values - mean) / spread, gold)
    weights = fitted.coef_ / spread
    return np.squeeze(np.concatenate([weights, (fitted.intercept_ - weights @ mean)[:, None]], axis=1))


def crossed(values: np.ndarray, gold: np.ndarray) -> np.ndarray:
    out = np.zeros((len(gold), len(set(gold)))) if len(set(gold)) > 2 else np.zeros(len(gold))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(values, gold):
        out[test] = apply(head(values[train], gold[train]), values[test])
    return out


if __name__ == "__main__":
    main()
