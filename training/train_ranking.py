"""Train the second stage of ranking and its probability: ``factcheck/models/ranking.json``.

    python training/train_ranking.py --set STORE.db QUERIES.jsonl [--set ...] [--halves STORE.db QUERIES.jsonl ONE TWO ...] [--write]

STORE.db is a Claimtrail database with the claims imported that the queries are ranked against. The queries of --set must be ones that
the adapter was not trained on, since it knows the others by heart. Those of --halves were: each is ranked with the adapter, ONE or TWO, that
saw only the other half (``train_matching.py --half``). Figures are cross-validated: each query is ranked by weights fitted on the other folds only.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from db import open_store  # noqa: E402
from factcheck import searching, secondstage, shipped_quality  # noqa: E402
from factcheck.embed import Encoder, open_encoder, with_adapter  # noqa: E402
from factcheck.evaluation import relations as relation_pairs  # noqa: E402
from factcheck.quality import bands, calibration_error  # noqa: E402
from factcheck.pairfeatures import FEATURES, Found, features  # noqa: E402
from factcheck.quantities import is_german  # noqa: E402
from factcheck.settings import read_settings  # noqa: E402
from factcheck.training.pairs import average_precision, halves, read_rows  # noqa: E402

FOLDS = 5
LEAST_PENALISED = ("cosine", "cosine with speaker", "cosine in context", "plain cosine", "plain cosine unspoken")  # a hundredth of the others': they vary least
SHOWN = 10  # candidates of a query that the probability is fitted and measured on
PAIRS = Path(__file__).resolve().parent.parent / "tests" / "pairs" / "relations.jsonl"
HANDFUL = 6  # claims of a small collection
OWN = 0.3  # weight of our own pairs in the training folder beside queries from life
WITHOUT_MATCH = 0.1  # weight of the copies whose right claims are taken away


@dataclass(frozen=True)
class Ranking:
    """A query's candidates: features (n, features), what is right, and what the probability needs."""

    source: str
    keys: list[str]
    values: np.ndarray
    right: np.ndarray
    wanted: frozenset[str]
    found: list[Found]
    across: list[bool]
    speaker: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, nargs=2, action="append", required=True, metavar=("STORE", "QUERIES"), dest="sets")
    parser.add_argument("--halves", type=Path, nargs=4, action="append", default=[], metavar=("STORE", "QUERIES", "ONE", "TWO"))
    parser.add_argument("--penalty", type=float, default=0.3)
    parser.add_argument("--keep", type=Path, help="write the candidates with their features here, for looking closer")
    parser.add_argument("--write", action="store_true", help="write the weights fitted on all queries")
    args = parser.parse_args()
    torch.set_num_threads(1)
    encoder = open_encoder(read_settings())
    rankings = [r for store, path in args.sets for r in rank(encoder, store, path, read_rows(path))]
    for store, path, *adapters in args.halves:
        rows = read_rows(path)
        for half, adapter in enumerate(adapters, 1):
            unseen = [row for row, seen in zip(rows, halves(rows), strict=True) if seen != half]
            rankings += rank(with_adapter(encoder, adapter), store, path, unseen)
    if args.keep:
        args.keep.write_bytes(pickle.dumps(rankings))
    folds = fold_of(rankings)
    scores = [np.empty(0)] * len(rankings)
    timeless = list(scores)
    for fold in range(FOLDS):
        weights = fit_order([r for r, f in zip(rankings, folds, strict=True) if f != fold], args.penalty)
        for i, ranking in enumerate(rankings):
            if folds[i] == fold:
                scores[i] = ranking.values @ weights
                timeless[i] = scores[i] - ranking.values[:, -secondstage.TIMES :] @ weights[-secondstage.TIMES :]
    chances: list[list[float]] = [[] for _ in rankings]
    for fold in range(FOLDS):
        chance = fit_chance([(r, s, t) for r, s, t, f in zip(rankings, scores, timeless, folds, strict=True) if f != fold])
        for i, ranking in enumerate(rankings):
            if folds[i] == fold:
                chances[i] = [float(p) for p in probability(chance, chance_rows(ranking, scores[i], timeless[i]))]
    report(rankings, scores, chances)
    weights = fit_order(rankings, args.penalty)
    chance = fit_chance(list(zip(rankings, scores, timeless, strict=True)))
    stored = {
        "features": list(FEATURES), "order": [round(float(w), 4) for w in weights],
        "chance features": list(secondstage.CHANCE_FEATURES), "chance": [round(float(w), 4) for w in chance],
    }  # fmt: skip
    print({name: round(float(w), 2) for name, w in zip(FEATURES, weights, strict=True)}, stored["chance"])
    if args.write:
        secondstage.WEIGHTS.write_text(json.dumps(stored, indent=1) + "\n")
        shipped_quality.FIGURES.write_text(json.dumps(quality(rankings, scores, chances, relation_figures(encoder)), indent=1) + "\n")


def quality(
    rankings: list[Ranking], scores: list[np.ndarray], chances: list[list[float]], relations: dict[str, float]
) -> dict[str, object]:
    """What the quality page says was measured before shipping: cross-validated, over the candidates shown. The sets are those of --set."""
    sets = []
    for source in dict.fromkeys(r.source for r in rankings if " train " not in r.source and not r.source.startswith("ranking_")):
        orders = [(r, [r.keys[k] for k in np.argsort(-s)]) for r, s in zip(rankings, scores, strict=True) if r.source == source]
        places = [next((i for i, key in enumerate(keys, 1) if key in r.wanted), 0) for r, keys in orders]
        sets.append(
            {
                "name": source.partition(" in ")[0], "language": "de" if source.startswith("german") else "en", "queries": len(orders),
                "map_at_5": round(float(np.mean([average_precision(keys[:5], r.wanted) for r, keys in orders])), 4),
                "mrr": round(float(np.mean([1 / p if p else 0.0 for p in places])), 4),
                "p_at_1": round(float(np.mean([p == 1 for p in places])), 4),
            }
        )  # fmt: skip
    shown = [(chances[i][k], bool(r.right[k])) for i, r in enumerate(rankings) for k in np.argsort(-scores[i])[:SHOWN]]
    table = bands(*zip(*shown, strict=True))
    return {
        "sets": sets,
        "reliability": [{"low": b.low, "high": b.high, "shown": b.shown, "right": b.right, "mean": round(b.mean, 4)} for b in table],
        "calibration_error": round(calibration_error(*zip(*shown, strict=True)), 4),
        "relations": relations,
    }


def relation_figures(encoder: Encoder) -> dict[str, float]:
    """Macro F1 on the test third of our own pairs."""
    pairs = [p for p in relation_pairs.read_pairs(PAIRS) if p.split == "test"]
    found = relation_pairs.figures(pairs, relation_pairs.predict(encoder, pairs))
    return {"macro_f1": found.macro_f1, "pairs": found.pairs}


def rank(encoder: Encoder, store_file: Path, path: Path, rows: list[dict]) -> list[Ranking]:
    """The candidates of each query, as the product's search hands them to the second stage."""
    store = open_store(store_file)
    name = {"dev": path.parent.name, "train": f"{path.parent.name} train"}.get(path.stem, path.stem)
    source = f"{name} in {store_file.stem}"
    rankings = []
    for row in rows:
        query = searching.Query.of(row["text"], *(row.get(name) or "" for name in ("speaker", "before", "after", "said_at")))
        best = searching.candidates(store, encoder, query, searching.vectors_of(encoder, query))
        claims = store.claims.many(s.object_id for s, _ in best)
        offered = [searching.offered(claims[s.object_id]) for s, _ in best]
        keys = [claims[s.object_id].key for s, _ in best]
        wanted = frozenset(row.get("claim_ids") or [row["claim_id"]])
        german = is_german(query.text)
        rankings.append(
            Ranking(
                source, keys, features(query.asked(), [(o, f) for o, (_, f) in zip(offered, best, strict=True)]),
                np.array([key in wanted for key in keys]), wanted, [f for _, f in best],
                [german != is_german(o.text) for o in offered], bool(query.speaker),
            )
        )  # fmt: skip
    store.close()
    return rankings


def fold_of(rankings: list[Ranking]) -> list[int]:
    """Queries that share a claim lie in one fold."""
    group: dict[str, int] = {}
    rng = random.Random(1)
    folds = []
    for ranking in rankings:
        known = [group[key] for key in sorted(ranking.wanted) if key in group]
        fold = known[0] if known else rng.randrange(FOLDS)
        group.update(dict.fromkeys(ranking.wanted, fold))
        folds.append(fold)
    return folds


def share_of(source: str) -> float:
    """How much a query counts: ours of the training folder, written in one go by few hands, for less than those from life."""
    return OWN if source.startswith("ranking_") else 1.0


def fit_order(rankings: list[Ranking], penalty: float) -> np.ndarray:
    """Weights that put right claims first: softmax over a query's candidates, with an L2 penalty."""
    asked = [r for r in rankings if r.right.any()]
    most = max(len(r.right) for r in asked)
    values = torch.zeros((len(asked), most, len(FEATURES)))
    absent, wrong = torch.full((len(asked), most), -1e9), torch.full((len(asked), most), -1e9)
    for i, r in enumerate(asked):
        values[i, : len(r.right)] = torch.from_numpy(r.values)
        absent[i, : len(r.right)] = 0.0
        wrong[i, np.flatnonzero(r.right)] = 0.0
    shares = torch.tensor([share_of(r.source) for r in asked])
    weights = torch.zeros(len(FEATURES), requires_grad=True)
    strength = torch.tensor([0.01 if name in LEAST_PENALISED else 1.0 for name in FEATURES])
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = values @ weights
        found = (shares * (torch.logsumexp(scores + absent, 1) - torch.logsumexp(scores + wrong, 1))).sum()
        total = (found + penalty * (strength * weights**2).sum()) / len(asked)
        total.backward()
        return total

    optimizer.step(loss)
    return weights.detach().numpy()


def chance_rows(ranking: Ranking, scores: np.ndarray, timeless: np.ndarray, places: np.ndarray | None = None) -> np.ndarray:
    """Rows of ``CHANCE_FEATURES`` for the given candidates (all by default), as if there were no others."""
    places = np.arange(len(scores)) if places is None else places
    leads = secondstage.lead([float(s) for s in scores[places]])
    return np.array(
        [
            secondstage.chance_features(float(timeless[i]), ahead, ranking.found[i], ranking.across[i], ranking.speaker, ranking.values[i, -1])
            for i, ahead in zip(places, leads, strict=True)
        ]
    )


def situations(ranking: Ranking, rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """(candidates, weight) of a query as it is; without its right claims; and both again in a collection of a handful."""
    right, wrong = np.flatnonzero(ranking.right), np.flatnonzero(~ranking.right)
    found = [(np.arange(len(ranking.right)), 1.0), (wrong, WITHOUT_MATCH)]
    if len(wrong) > 3 * HANDFUL:
        few = rng.choice(wrong[2 * HANDFUL :], HANDFUL, replace=False)
        found.append((few, WITHOUT_MATCH))
        if len(right):
            found.append((np.concatenate([right[:1], few]), WITHOUT_MATCH))
    return found


def fit_chance(data: list[tuple[Ranking, np.ndarray, np.ndarray]]) -> np.ndarray:
    """Logistic regression of "same claim" on the shown candidates, in every situation a query may meet."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    rows, labels, weights = [], [], []
    for ranking, scores, timeless in data:
        for places, weight in situations(ranking, rng):
            shown = np.argsort(-scores[places])[:SHOWN]
            rows.append(chance_rows(ranking, scores, timeless, places)[shown])
            labels.append(ranking.right[places][shown])
            weights.append(np.full(len(shown), weight))
    model = LogisticRegression(C=10, max_iter=3000).fit(np.concatenate(rows), np.concatenate(labels), np.concatenate(weights))
    return np.concatenate([model.intercept_, model.coef_[0]])


def probability(chance: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(chance[0] + rows @ chance[1:])))


def report(rankings: list[Ranking], scores: list[np.ndarray], chances: list[list[float]]) -> None:
    """Cross-validated MAP@5 beside that of the cosine alone, share of queries whose claim is a candidate, calibration error."""
    for source in dict.fromkeys(r.source for r in rankings):
        chosen = [i for i, r in enumerate(rankings) if r.source == source]
        figures = {}
        for name, by in (("cosine", lambda i: rankings[i].values[:, 0]), ("second stage", lambda i: scores[i])):
            figures[name] = np.mean([average_precision([rankings[i].keys[k] for k in np.argsort(-by(i))[:5]], rankings[i].wanted) for i in chosen])
        reached = np.mean([rankings[i].right.any() for i in chosen])
        shown = [(chances[i][k], bool(rankings[i].right[k])) for i in chosen for k in np.argsort(-scores[i])[:SHOWN]]
        first = [(chances[i][k], bool(rankings[i].right[k])) for i in chosen for k in np.argsort(-scores[i])[:1]]
        errors = [calibration_error(*zip(*part, strict=True)) for part in (shown, first)]
        print(
            f"{source:34} queries {len(chosen)} candidates hold it {reached:.3f} MAP@5 cosine {figures['cosine']:.4f} "
            f"second stage {figures['second stage']:.4f} calibration error {errors[0]:.3f} (first place {errors[1]:.3f})"
        )
    shown = [(chances[i][k], bool(r.right[k])) for i, r in enumerate(rankings) for k in np.argsort(-scores[i])[:SHOWN]]
    first = [(chances[i][k], bool(r.right[k])) for i, r in enumerate(rankings) for k in np.argsort(-scores[i])[:1]]
    for level in (0.9, 0.7, 0.5, 0.3, 0.1):
        at = [right for p, right in shown if p >= level]
        print(f"probability from {level}: {len(at)} candidates, right {np.mean(at) if at else 0:.3f}; right ones found {sum(at) / sum(r for _, r in shown):.3f}")
    print(f"all: calibration error {calibration_error(*zip(*shown, strict=True)):.3f}, first place {calibration_error(*zip(*first, strict=True)):.3f}")


if __name__ == "__main__":
    main()
