"""Train the matching adapter: a LoRA on the shipped encoder. ``training/README.md`` says how to run it.

Contrastive: in each batch a query's own claim against the other claims of the batch and, for the queries, against the hardest
wrong claims found with the current weights ("bank": encoded anew at each check, so these negatives cost no gradient). A part
of the batches is gathered around one claim, so that its claims are hard to tell apart. The best check on the dev sets is kept.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from encoder import TextEncoder, lora_parts
from matching_data import (
    Pair, average_precision, german_pairs, passage, pairs_of_rows, quoted_pairs, read_claims, read_rows, title_pairs,
)  # fmt: skip
from peft import LoraConfig, get_peft_model

from factcheck import adapter as adapters
from factcheck import model_folder

TEMPERATURE = 0.02
HARDEST = 24  # wrong claims per query taken from the bank
SAME_CLAIM = 0.965  # claims whose untrained cosine is above this say the same and are no negatives for each other


def main() -> None:
    args = arguments()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    encoder = TextEncoder(model_folder.ready_folder(args.cache))
    claims = read_claims(args.claims)
    dev = {path.parent.name if path.stem == "dev" else path.stem: dev_rows(path) for path in args.dev}
    pairs = training_pairs(args, claims, {c for rows in dev.values() for row in rows for c in row["claim_ids"]}, rng)
    print(f"{len(pairs)} pairs", {s: sum(p.source == s for p in pairs) for s in sorted({p.source for p in pairs})}, flush=True)
    base = claim_vectors(args, encoder, claims)
    if args.start:
        encoder.merge(adapters.read(args.start))
    Trainer(args, encoder, claims, base, pairs, dev, rng).run()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=Path, nargs="+", required=True, help="claim files")
    parser.add_argument("--train", type=Path, nargs="+", required=True, help="query files with claim_ids")
    parser.add_argument("--german", type=Path, nargs="*", default=[], help="files of German sentences with claim_id")
    parser.add_argument("--dev", type=Path, nargs="+", required=True, help="query files for early stopping")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the unpacked model and the untrained vectors")
    parser.add_argument("--out", type=Path, required=True, help="the adapter file to write")
    parser.add_argument("--start", type=Path, help="an adapter to go on from; its change is part of what is written")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--minutes", type=float, default=240, help="stop after this long even if steps are left")
    parser.add_argument("--check-every", type=int, default=100, help="steps between checks on dev")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--quoted", type=int, default=3000, help="pairs from quotations in the bodies")
    parser.add_argument("--titles", type=int, default=2000, help="pairs from title and claim")
    parser.add_argument("--german-times", type=int, default=3, help="how often the German pairs are repeated")
    parser.add_argument("--gathered", type=float, default=0.5, help="share of batches gathered around one claim")
    parser.add_argument("--bank", type=int, default=2000, help="claims in the bank, at least")
    return parser.parse_args()


def dev_rows(path: Path) -> list[dict]:
    """Query rows; German dev rows name one ``claim_id``."""
    return [{"claim_ids": [row["claim_id"]], **row} if "claim_id" in row else row for row in read_rows(path)]


def training_pairs(args: argparse.Namespace, claims: dict[str, dict], held_out: set[str], rng: random.Random) -> list[Pair]:
    """All pairs; what is made from the claims themselves leaves out the claims of the dev sets."""
    own = [claim for key, claim in claims.items() if key not in held_out]
    pairs = [p for path in args.train for p in pairs_of_rows(read_rows(path), claims, path.parent.name, rng)]
    for made, count in ((quoted_pairs(own), args.quoted), (title_pairs(own), args.titles)):
        pairs += rng.sample(made, min(count, len(made)))
    for path in args.german:
        pairs += german_pairs(read_rows(path), claims) * args.german_times
    return pairs


def claim_vectors(args: argparse.Namespace, encoder: TextEncoder, claims: dict[str, dict]) -> np.ndarray:
    """Untrained vectors of all claims, kept in the cache: they choose the bank and tell claims that say the same."""
    path = args.cache / f"matching-{len(claims)}-claims.npy"
    if not path.exists():
        np.save(path, encoder.passages([passage(c) for c in claims.values()]).astype(np.float16))
    return np.load(path).astype(np.float32)


class Trainer:
    def __init__(self, args, encoder: TextEncoder, claims: dict[str, dict], base: np.ndarray, pairs, dev, rng) -> None:
        self.args, self.encoder, self.pairs, self.dev, self.rng = args, encoder, pairs, dev, rng
        self.keys = list(claims)
        self.row = {key: i for i, key in enumerate(self.keys)}
        self.texts = [passage(c) for c in claims.values()]
        self.base = base
        self.bank_rows = self.choose_bank()
        config = LoraConfig(
            r=args.rank, lora_alpha=2 * args.rank, lora_dropout=0.05, target_modules=["query", "key", "value", "dense"]
        )
        encoder.model = get_peft_model(encoder.model, config)

    def choose_bank(self) -> list[int]:
        """All claims of the dev sets and their nearest neighbours first, then the neighbours of the trained claims."""
        asked = [(self.row[c], 12) for rows in self.dev.values() for r in rows for c in r["claim_ids"] if c in self.row]
        trained = [self.row[p.claim] for p in self.pairs]
        asked += [(i, 6) for i in self.rng.sample(trained, len(trained))]
        chosen: dict[int, None] = {}
        for gold, near in asked:
            if len(chosen) >= self.args.bank:
                break
            scores = self.base @ self.base[gold]
            chosen.update(dict.fromkeys([gold, *np.argpartition(-scores, near)[:near].tolist()]))
        for rows in self.dev.values():  # and what the untrained encoder takes for an answer
            for vector in self.encoder.queries([r["text"] for r in rows]):
                chosen.update(dict.fromkeys(np.argpartition(-(self.base @ vector), 12)[:12].tolist()))
        return list(chosen)

    def run(self) -> None:
        self.encoder.train()
        weights = [p for p in self.encoder.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(weights, lr=self.args.rate, weight_decay=0.01)
        best, began, losses = self.check(0), time.time(), []
        for step, batch in zip(range(1, self.args.steps + 1), self.batches(), strict=False):
            for group in optimizer.param_groups:
                group["lr"] = self.args.rate * min(step / 10, 1 - (step - 1) / self.args.steps)
            loss = self.loss(batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            losses.append(loss.item())
            late = time.time() - began > self.args.minutes * 60
            if step % self.args.check_every == 0 or step == self.args.steps or late:
                print(f"step {step} loss {np.mean(losses):.3f} after {time.time() - began:.0f} s", flush=True)
                losses.clear()
                measured = self.check(step)
                if measured > best:
                    best = measured
                    self.save(step, measured)
            if late:
                break

    def batches(self):
        """Without end; each pass gives every pair once, in batches gathered around one claim or mixed."""
        while True:
            left = self.rng.sample(self.pairs, len(self.pairs))
            while len(left) >= self.args.batch:
                if self.rng.random() < self.args.gathered:
                    pool = left[-16 * self.args.batch :]
                    near = self.base[[self.row[p.claim] for p in pool]] @ self.base[self.row[pool[-1].claim]]
                    places = np.argsort(-near)[: self.args.batch]
                    batch = [pool[i] for i in places]
                    taken = {len(left) - len(pool) + i for i in places.tolist()}
                    left = [p for i, p in enumerate(left) if i not in taken]
                else:
                    batch, left = left[-self.args.batch :], left[: -self.args.batch]
                yield batch

    def loss(self, batch: list[Pair]) -> torch.Tensor:
        rows = [self.row[p.claim] for p in batch]
        count = len(batch)
        both = self.encoder([f"query: {p.query}" for p in batch] + [f"passage: {self.texts[i]}" for i in rows])
        queries, passages = both[:count], both[count:]
        logits = queries @ passages.T / TEMPERATURE
        alike = torch.from_numpy(self.base[rows] @ self.base[rows].T > SAME_CLAIM)
        for i, pair in enumerate(batch):
            for j, other in enumerate(batch):
                alike[i, j] |= other.claim == pair.claim or other.claim in pair.also or pair.claim in other.also
        wrong = alike & ~torch.eye(count, dtype=torch.bool)
        logits = logits.masked_fill(wrong, -1e4)
        hard = self.hardest(queries.detach().numpy(), batch, rows)
        against = queries @ torch.from_numpy(self.bank[hard[0]]).T / TEMPERATURE
        against = against.masked_fill(torch.from_numpy(hard[1]), -1e4)
        target = torch.arange(count)
        forward = torch.nn.functional.cross_entropy(torch.cat([logits, against], 1), target)
        return forward + torch.nn.functional.cross_entropy(logits.T, target)

    def hardest(self, queries: np.ndarray, batch: list[Pair], rows: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Bank rows that any query of the batch finds hardest, and for which queries each of them is right after all."""
        scores = queries @ self.bank.T
        same = self.base[rows] @ self.base[self.bank_rows].T > SAME_CLAIM
        for i, pair in enumerate(batch):
            for key in (pair.claim, *pair.also):
                if (place := self.bank_place.get(self.row[key])) is not None:
                    same[i, place] = True
        scores[same] = -1
        chosen = np.unique(np.argpartition(-scores, HARDEST, axis=1)[:, :HARDEST])
        return chosen, same[:, chosen]

    def check(self, step: int) -> float:
        """Encode the bank and measure MAP@5 on each dev set against it; the mean over the sets is what counts."""
        untrained = step == 0 and not self.args.start
        self.bank = self.base[self.bank_rows] if untrained else self.encoder.passages([self.texts[i] for i in self.bank_rows])
        self.bank_place = {row: place for place, row in enumerate(self.bank_rows)}
        keys = [self.keys[i] for i in self.bank_rows]
        found = {}
        for name, rows in self.dev.items():
            scores = self.encoder.queries([r["text"] for r in rows]) @ self.bank.T
            top = np.argsort(-scores, axis=1)[:, :5]
            values = [
                average_precision([keys[i] for i in t], frozenset(r["claim_ids"])) for t, r in zip(top, rows, strict=True)
            ]
            found[name] = float(np.mean(values))
        mean = float(np.mean(list(found.values())))
        print(f"check {step} mean {mean:.4f} " + json.dumps({k: round(v, 4) for k, v in found.items()}), flush=True)
        return mean

    def save(self, step: int, measured: float) -> None:
        adapter = lora_parts(self.encoder.model)
        if self.args.start:
            earlier = adapters.read(self.args.start)
            adapter = {
                n: (np.concatenate([u, earlier[n][0]], 1), np.concatenate([d, earlier[n][1]], 0)) for n, (u, d) in adapter.items()
            }
        about = {"seed": str(self.args.seed), "step": str(step), "dev": f"{measured:.4f}"}
        adapters.write(self.args.out, adapter, about)


if __name__ == "__main__":
    main()
