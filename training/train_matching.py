"""Train the matching adapter: a LoRA on the shipped encoder, for queries only. ``training/README.md`` says how to run it.

Stored claims keep the vectors of the plain encoder, so a new adapter never means to embed a collection again, and each query is
trained against every claim there is: softmax over all of them, no sampled negatives, no stale ones. The best check on the dev
sets, measured against all claims, is kept.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from encoder import TextEncoder, lora_parts
from matching_data import (
    Pair, average_precision, german_pairs, halves, passage, pairs_of_rows, quoted_pairs, read_claims, read_rows, title_pairs,
)  # fmt: skip
from peft import LoraConfig, get_peft_model

from factcheck import adapter as adapters
from factcheck import model_folder

SAME_CLAIM = 0.965  # claims whose cosine is above this say the same and are not wrong answers for each other
TOGETHER = 8  # queries encoded at once by one thread


def main() -> None:
    args = arguments()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    rng = random.Random(args.seed)
    encoder = TextEncoder(model_folder.ready_folder(args.cache))
    claims = read_claims(args.claims)
    vectors = torch.from_numpy(claim_vectors(args.cache, encoder, claims))
    dev = {path.parent.name if path.stem == "dev" else path.stem: dev_rows(path) for path in args.dev}
    pairs = training_pairs(args, claims, {c for rows in dev.values() for row in rows for c in row["claim_ids"]}, rng)
    print(f"{len(pairs)} pairs", {s: sum(p.source == s for p in pairs) for s in sorted({p.source for p in pairs})}, flush=True)
    if args.start:
        encoder.merge(adapters.read(args.start))
    Trainer(args, encoder, list(claims), vectors, pairs, dev, rng).run()


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


class Trainer:
    def __init__(self, args, encoder: TextEncoder, keys: list[str], claims: torch.Tensor, pairs, dev, rng) -> None:
        self.args, self.encoder, self.keys, self.claims, self.pairs, self.dev, self.rng = (
            args, encoder, keys, claims, pairs, dev, rng,
        )  # fmt: skip
        self.row = {key: i for i, key in enumerate(keys)}
        config = LoraConfig(
            r=args.rank, lora_alpha=2 * args.rank, lora_dropout=0.05, target_modules=["query", "key", "value", "dense"]
        )
        encoder.model = get_peft_model(encoder.model, config)
        self.weights = [p for p in encoder.parameters() if p.requires_grad]

    def run(self) -> None:
        self.encoder.train()
        optimizer = torch.optim.AdamW(self.weights, lr=self.args.rate, weight_decay=0.01)
        best, began, losses = self.check(0), time.time(), []
        step, done = 0, 0.0
        with ThreadPoolExecutor(self.args.threads) as threads:
            for batch in self.batches():
                step += 1
                for group in optimizer.param_groups:
                    group["lr"] = self.args.rate * min(step / 10, 1 - done)
                loss, gradients = self.gradients(batch, threads)
                for weight, gradient in zip(self.weights, gradients, strict=True):
                    weight.grad = gradient
                torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
                optimizer.step()
                losses.append(loss)
                done = max(step / self.args.steps, (time.time() - began) / (self.args.minutes * 60))
                if step % 20 == 0:
                    print(f"step {step} loss {np.mean(losses[-20:]):.3f} after {time.time() - began:.0f} s", flush=True)
                if step % self.args.check_every == 0 or done >= 1:
                    measured = self.check(step)
                    if measured > best:
                        best = measured
                        self.save(step, measured)
                if done >= 1:
                    return

    def batches(self):
        """Without end; each pass gives every pair once."""
        while True:
            order = self.rng.sample(self.pairs, len(self.pairs))
            for first in range(0, len(order) - self.args.batch + 1, self.args.batch):
                yield order[first : first + self.args.batch]

    def gradients(self, batch: list[Pair], threads: ThreadPoolExecutor) -> tuple[float, list[torch.Tensor]]:
        """Mean loss of the batch and its gradients; queries of like length share a thread's turn."""
        order = sorted(batch, key=lambda p: len(p.query))
        parts = [order[i : i + TOGETHER] for i in range(0, len(order), TOGETHER)]
        found = list(threads.map(self.part, parts))
        share = 1 / len(batch)
        return sum(loss for loss, _ in found) * share, [torch.stack(g).sum(0) * share for g in zip(*(g for _, g in found), strict=True)]

    def part(self, pairs: list[Pair]) -> tuple[float, tuple[torch.Tensor, ...]]:
        """Summed loss and gradients of some queries, each against all claims."""
        queries = self.encoder.vectors([f"query: {p.query}" for p in pairs])
        logits = queries @ self.claims.T / self.args.temperature
        right = torch.tensor([self.row[p.claim] for p in pairs])
        alike = self.claims[right] @ self.claims.T > SAME_CLAIM
        for i, pair in enumerate(pairs):
            alike[i, [self.row[key] for key in pair.also if key in self.row]] = True
            alike[i, right[i]] = False
        loss = torch.nn.functional.cross_entropy(logits.masked_fill(alike, -1e4), right, reduction="sum")
        return loss.item(), torch.autograd.grad(loss, self.weights)

    def check(self, step: int) -> float:
        """MAP@5 on each dev set against all claims; the mean over the sets is what counts."""
        found = {}
        for name, rows in self.dev.items():
            scores = self.encoder.queries([r["text"] for r in rows]) @ self.claims.numpy().T
            top = np.argpartition(-scores, 5, axis=1)[:, :5]
            ranked = [t[np.argsort(-s[t])] for t, s in zip(top, scores, strict=True)]
            values = [
                average_precision([self.keys[i] for i in t], frozenset(r["claim_ids"])) for t, r in zip(ranked, rows, strict=True)
            ]
            found[name] = float(np.mean(values))
        mean = float(np.mean(list(found.values())))
        print(f"check {step} mean {mean:.4f} " + json.dumps({k: round(v, 4) for k, v in found.items()}), flush=True)
        return mean

    def save(self, step: int, measured: float) -> None:
        about = {"seed": str(self.args.seed), "step": str(step), "dev": f"{measured:.4f}"}
        change = lora_parts(self.encoder.model)
        if self.args.start:
            change = adapters.total([change, adapters.read(self.args.start)])
        adapters.write(self.args.out, change, about)


if __name__ == "__main__":
    main()
