"""Train the check-worthiness heads, cross-validated: ``factcheck/models/checkworthy.npz``.

    python training/train_checkworthy.py --data ../shared/data/checkworthy --cache instance/cache [--states FOLDER] [--out FILE]

``--states`` keeps the word states of each set between runs: they take a quarter of an hour, the heads two minutes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from factcheck.embed import open_encoder
from factcheck.evaluation.checkworthy import WorthyFigures, WorthyRows, figures, read_worthy
from factcheck.evaluation.classes import Guess
from factcheck.extraction import debating
from factcheck.extraction.checkworthy import WORTHY, surface
from factcheck.extraction.states import apply, chance, states
from factcheck.quality import calibration_error
from factcheck.settings import Settings

PENALTY = {"en": 0.003, "de": 0.003, "debate": 0.001}  # inverse strength of the ridge on standardised features, by cross-validation
SHARED = 0.1  # of the English head in the German one: average precision .765 instead of .762, and translations score more alike
UNWORTHY = 5_000  # lines nobody picked that a debate head is fitted on, drawn at random; all picked ones are
FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--states", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    encoder = open_encoder(Settings(home=options.cache, cache_folder=options.cache))
    rows, values = {}, {}
    for name in ("sentences-en", "comments-de", "debates-en"):
        rows[name] = read_worthy(options.data / name / "train.jsonl")
        found = kept(options.states and options.states / f"{name}.npy", lambda n=name: states(encoder, [t.text for t in rows[n].texts]))
        values[name] = np.hstack([found, surface(rows[name].texts)])
    heads = {"en": head(values["sentences-en"], labels(rows["sentences-en"]), PENALTY["en"])}
    show(rows["sentences-en"], crossed(values["sentences-en"], labels(rows["sentences-en"]), PENALTY["en"]))
    comments, gold = values["comments-de"], labels(rows["comments-de"])
    unseen = (1 - SHARED) * crossed(comments, gold, PENALTY["de"]) + SHARED * apply(heads["en"], comments)
    shift = level(unseen, gold)
    show(rows["comments-de"], unseen + shift)
    heads["de"] = (1 - SHARED) * head(comments, gold, PENALTY["de"]) + SHARED * heads["en"]
    heads["de"][-1] += shift
    debates = rows["debates-en"]
    english = apply(heads["en"], values["debates-en"])
    lines = np.hstack([values["debates-en"], around(debates, english, apply(heads["de"], values["debates-en"]))])
    show(debates, by_debate(lines, debates))
    raw = debate_head(lines, labels(debates), seeds=range(3))
    heads["debate"] = scaled(raw, apply(raw, lines), english)
    if options.out:
        np.savez_compressed(options.out, **{key: weights.astype(np.float32) for key, weights in heads.items()})


def kept(file: Path | None, make: Callable[[], np.ndarray]) -> np.ndarray:
    if file is None or not file.exists():
        made = make()
        if file is None:
            return made
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, made)
    return np.load(file)


def labels(rows: WorthyRows) -> np.ndarray:
    return np.array(rows.labels, int)


def head(values: np.ndarray, gold: np.ndarray, penalty: float) -> np.ndarray:
    """Weights and constant of a ridge logistic regression on standardised features, for features as they are."""
    mean, spread = values.mean(0), values.std(0)
    spread[spread < 1e-6] = 1.0
    fitted = LogisticRegression(C=penalty, max_iter=400).fit((values - mean) / spread, gold)
    weights = fitted.coef_ / spread
    return np.squeeze(np.concatenate([weights, (fitted.intercept_ - weights @ mean)[:, None]], axis=1))


def level(odds: np.ndarray, gold: np.ndarray) -> float:
    """What to add to log odds so that their chances add up to the number of worthy rows."""
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(odds + middle).sum() < gold.sum() else (low, middle)
    return (low + high) / 2


def crossed(values: np.ndarray, gold: np.ndarray, penalty: float) -> np.ndarray:
    """Log odds of each row by a head that has not seen it."""
    out = np.zeros(len(gold))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(values, gold):
        out[test] = apply(head(values[train], gold[train], penalty), values[test])
    return out


def debate_head(values: np.ndarray, gold: np.ndarray, seeds: Sequence[int]) -> np.ndarray:
    """The mean of heads fitted on all picked lines and different draws of others."""
    found = []
    for seed in seeds:
        drawn = np.random.default_rng(seed).choice(np.flatnonzero(gold == 0), min(UNWORTHY, int((gold == 0).sum())), replace=False)
        at = np.concatenate([np.flatnonzero(gold == 1), drawn])
        found.append(head(values[at], gold[at], PENALTY["debate"]))
    return np.mean(found, axis=0)


def scaled(weights: np.ndarray, given: np.ndarray, model: np.ndarray) -> np.ndarray:
    """The head with its values brought to the mean and spread of the model's on the same lines."""
    factor = model.std() / given.std()
    out = weights * factor
    out[-1] += model.mean() - factor * given.mean()
    return out


def around(rows: WorthyRows, english: np.ndarray, german: np.ndarray) -> np.ndarray:
    blocks = [debating.context([rows.texts[i] for i in at], english[at], german[at]) for at in debates(rows)]
    return np.vstack(blocks)  # a file holds its debates one after the other


def debates(rows: WorthyRows) -> Iterator[np.ndarray]:
    sources = np.array([t.source for t in rows.texts])
    for name in dict.fromkeys(sources):
        yield np.flatnonzero(sources == name)


def by_debate(values: np.ndarray, rows: WorthyRows, folds: int = 7) -> np.ndarray:
    """Log odds of each line by a head that has seen no line of its debate."""
    gold, groups = labels(rows), list(debates(rows))
    order = np.random.default_rng(0).permutation(len(groups))
    out = np.zeros(len(gold))
    for fold in range(folds):
        test = np.concatenate([groups[i] for i in order[fold::folds]])
        train = np.setdiff1d(np.arange(len(gold)), test)
        out[test] = apply(debate_head(values[train], gold[train], seeds=range(2)), values[test])
    return out


def show(rows: WorthyRows, odds: np.ndarray) -> WorthyFigures:
    """Print the measures of cross-validated values, and how far the score is from the share of rows that are worthy."""
    values = chance(odds)
    guesses = [Guess(key, float(v), int(v >= WORTHY)) for key, v in zip(rows.ids, values, strict=True)]
    found = figures(rows, guesses)
    error = calibration_error(values.tolist(), [bool(label) for label in rows.labels])
    print(json.dumps({"set": found.set, **found.measures, "calibration error": round(error, 4)}))
    return found


if __name__ == "__main__":
    main()
