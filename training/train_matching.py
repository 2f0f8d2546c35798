"""Train the matching adapter from files: a LoRA on the shipped encoder, for queries only. ``training/README.md`` says how to run it.

The training itself is ``factcheck/training/trainer.py``, which ``claimtrail train matching`` uses too.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from factcheck import adapter as adapters  # noqa: E402
from factcheck import model_folder  # noqa: E402
from factcheck.training.encoder import TextEncoder  # noqa: E402
from factcheck.training.pairs import (  # noqa: E402
    Pair, german_pairs, halves, pairs_of_rows, passage, quoted_pairs, read_claims, read_rows, title_pairs,
)  # fmt: skip
from factcheck.training.trainer import Check, CheckSet, Plan, Step, Trainer  # noqa: E402


def main() -> None:
    args = arguments()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    rng = random.Random(args.seed)
    encoder = TextEncoder(model_folder.ready_folder(args.cache))
    claims = read_claims(args.claims)
    vectors = claim_vectors(args.cache, encoder, claims)
    dev = {path.parent.name if path.stem == "dev" else path.stem: dev_rows(path) for path in args.dev}
    pairs = training_pairs(args, claims, {c for rows in dev.values() for row in rows for c in row["claim_ids"]}, rng)
    print(f"{len(pairs)} pairs", {s: sum(p.source == s for p in pairs) for s in sorted({p.source for p in pairs})}, flush=True)
    if args.start:
        encoder.merge(adapters.read(args.start))
    keys = list(claims)
    checks = [
        CheckSet(name, [r["text"] for r in rows], [frozenset(r["claim_ids"]) for r in rows], keys, vectors)
        for name, rows in dev.items()
    ]
    plan = Plan(
        steps=args.steps, minutes=args.minutes, check_every=args.check_every, batch=args.batch, rate=args.rate, rank=args.rank,
        temperature=args.temperature, threads=args.threads,
    )  # fmt: skip
    losses: list[float] = []

    def on_step(step: Step) -> None:
        losses.append(step.loss)
        if step.number % 20 == 0:
            print(f"step {step.number} loss {np.mean(losses[-20:]):.3f} after {step.seconds:.0f} s", flush=True)

    def on_check(check: Check) -> None:
        rounded = {name: round(value, 4) for name, value in check.figures.items()}
        print(f"check {check.step} mean {check.mean:.4f} {json.dumps(rounded)}", flush=True)
        if check.change is not None:
            start = [adapters.read(args.start)] if args.start else []
            about = {"seed": str(args.seed), "step": str(check.step), "dev": f"{check.mean:.4f}"}
            adapters.write(args.out, adapters.total([check.change, *start]), about)

    Trainer(plan, encoder, keys, vectors, pairs, checks, rng).run(on_step, on_check)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=Path, nargs="+", required=True, help="claim files")
    parser.add_argument("--train", type=Path, nargs="+", required=True, help="query files with claim_ids")
    parser.add_argument("--german", type=Path, nargs="*", default=[], help="files of German sentences with claim_id")
    parser.add_argument("--dev", type=Path, nargs="+", required=True, help="query files for early stopping")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the unpacked model and the claims' vectors")
    parser.add_argument("--out", type=Path, required=True, help="the adapter file to write")
    parser.add_argument("--start", type=Path, help="an adapter to go on from; its change is part of what is written")
    parser.add_argument("--half", type=int, choices=(1, 2), help="train on this half of the query files; the other stays unseen")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=240, help="be done after this long; the learning rate follows")
    parser.add_argument("--check-every", type=int, default=60, help="steps between checks on dev")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--temperature", type=float, default=0.02)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quoted", type=int, default=3000, help="pairs from quotations in the bodies")
    parser.add_argument("--titles", type=int, default=1500, help="pairs from title and claim")
    parser.add_argument("--german-times", type=int, default=2, help="how often the German pairs are repeated")
    return parser.parse_args()


def dev_rows(path: Path) -> list[dict]:
    """Query rows; German dev rows name one ``claim_id``."""
    return [{"claim_ids": [row["claim_id"]], **row} if "claim_id" in row else row for row in read_rows(path)]


def training_pairs(args: argparse.Namespace, claims: dict[str, dict], held_out: set[str], rng: random.Random) -> list[Pair]:
    """All pairs; what is made from the claims themselves leaves out the claims of the dev sets."""
    own = [claim for key, claim in claims.items() if key not in held_out]
    pairs = []
    for path in args.train:
        rows = read_rows(path)
        if args.half:
            rows = [row for row, half in zip(rows, halves(rows), strict=True) if half == args.half]
        pairs += pairs_of_rows(rows, claims, path.parent.name, rng)
    for made, count in ((quoted_pairs(own), args.quoted), (title_pairs(own), args.titles)):
        pairs += rng.sample(made, min(count, len(made)))
    for path in args.german:
        pairs += german_pairs(read_rows(path), claims) * args.german_times
    return pairs


def claim_vectors(cache: Path, encoder: TextEncoder, claims: dict[str, dict]) -> np.ndarray:
    """The plain encoder's vectors of all claims, float32 (claims, 384), kept in the cache."""
    path = cache / f"matching-{len(claims)}-claims.npy"
    if not path.exists():
        np.save(path, encoder.passages([passage(c) for c in claims.values()]).astype(np.float16))
    return np.load(path).astype(np.float32)


if __name__ == "__main__":
    main()
