"""Training the matching adapter: a LoRA on the encoder, for queries only.

Stored claims keep the vectors of the plain encoder, so a new adapter never means to embed a collection again, and each query is
trained against every claim there is: softmax over all of them, no sampled negatives, no stale ones. The best check, measured
against all claims of its set, is kept.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from factcheck.adapter import Adapter
from factcheck.training.encoder import TextEncoder
from factcheck.training.pairs import Pair, average_precision

if TYPE_CHECKING:
    import torch

SAME_CLAIM = 0.965  # claims whose cosine is above this say the same and are not wrong answers for each other
SHARES = (1.0, 0.5, 0.25, 0.1)  # of what was learned, tried in this order when nothing may be worse (arXiv 2109.01903)
TOGETHER = 8  # queries encoded at once by one thread


@dataclass(frozen=True)
class Plan:
    """How to train. The learning rate rises over ten steps and falls to nothing at the end, by steps or by minutes."""

    steps: int = 500
    minutes: float = 240
    check_every: int = 60  # steps
    batch: int = 32
    rate: float = 5e-4
    rank: int = 16
    temperature: float = 0.02
    threads: int = 2
    never_worse: bool = False  # a check counts only when no set is below where it stood before training, if need be with less of the change


@dataclass(frozen=True)
class CheckSet:
    """What progress is measured on: texts, the right claims of each, and the claims they are ranked among."""

    name: str
    texts: Sequence[str]
    right: Sequence[frozenset[str]]
    keys: Sequence[str]
    claims: np.ndarray  # float32 (keys, dimensions)


@dataclass(frozen=True)
class Step:
    number: int
    loss: float
    seconds: float  # since the first step
    done: float  # share of the way, 1 at the end


@dataclass(frozen=True)
class Check:
    """MAP@5 by cosine on each set. ``change`` is the adapter when this check is the best so far, else None."""

    step: int
    figures: dict[str, float]
    change: Adapter | None

    @property
    def mean(self) -> float:
        return float(np.mean(list(self.figures.values())))


class Trainer:
    """``claims`` are the vectors (keys, dimensions) that every pair's query is told apart from."""

    def __init__(
        self, plan: Plan, encoder: TextEncoder, keys: Sequence[str], claims: np.ndarray, pairs: Sequence[Pair],
        checks: Sequence[CheckSet], rng: random.Random,
    ) -> None:  # fmt: skip
        import torch

        self._plan, self._encoder, self._pairs, self._checks, self._rng = plan, encoder, pairs, checks, rng
        self._claims = torch.from_numpy(claims)
        self._row = {key: i for i, key in enumerate(keys)}
        self._weights = encoder.add_lora(plan.rank)

    def run(self, on_step: Callable[[Step], None], on_check: Callable[[Check], None]) -> None:
        """Train to the end of the plan, with one core for each of its threads."""
        import torch

        cores = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with ThreadPoolExecutor(self._plan.threads) as threads:
                self._run(threads, on_step, on_check)
        finally:
            torch.set_num_threads(cores)

    def _run(self, threads: ThreadPoolExecutor, on_step: Callable[[Step], None], on_check: Callable[[Check], None]) -> None:
        import torch

        plan = self._plan
        self._encoder.model.train()
        optimizer = torch.optim.AdamW(self._weights, lr=plan.rate, weight_decay=0.01)
        first = Check(0, self._measure(), None)
        best = first.mean
        on_check(first)
        began, done = time.monotonic(), 0.0
        for number, batch in enumerate(self._batches(), 1):
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * min(number / 10, 1 - done)
            loss, gradients = self._gradients(batch, threads)
            for weight, gradient in zip(self._weights, gradients, strict=True):
                weight.grad = gradient
            torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
            optimizer.step()
            seconds = time.monotonic() - began
            done = max(number / plan.steps, seconds / (plan.minutes * 60))
            on_step(Step(number, loss, seconds, min(done, 1.0)))
            if number % plan.check_every == 0 or done >= 1:
                check = self._check(number, first, best)
                if check.change is not None:
                    best = check.mean
                on_check(check)
            if done >= 1:
                return

    def _check(self, number: int, first: Check, best: float) -> Check:
        """Measure; where nothing may be worse, with as large a share of what was learned as the sets allow."""
        for share in SHARES if self._plan.never_worse else (1.0,):
            with self._encoder.part(share):
                check = Check(number, self._measure(), None)
                if self._plan.never_worse:
                    if any(check.figures[name] < value - 1e-6 for name, value in first.figures.items()):
                        continue
                    # With nothing to tell them apart the later one is the better trained.
                    kept = check.mean >= best
                else:
                    kept = check.mean > best
                return Check(number, check.figures, self._encoder.lora()) if kept else check
        return check

    def _batches(self) -> Iterator[list[Pair]]:
        """Without end; each pass gives every pair once."""
        size = min(self._plan.batch, len(self._pairs))
        while True:
            order = self._rng.sample(self._pairs, len(self._pairs))
            for first in range(0, len(order) - size + 1, size):
                yield order[first : first + size]

    def _gradients(self, batch: list[Pair], threads: ThreadPoolExecutor) -> tuple[float, list[torch.Tensor]]:
        """Mean loss of the batch and its gradients; queries of like length share a thread's turn."""
        import torch

        order = sorted(batch, key=lambda p: len(p.query))
        parts = [order[i : i + TOGETHER] for i in range(0, len(order), TOGETHER)]
        found = list(threads.map(self._part, parts))
        share = 1 / len(batch)
        loss = sum(loss for loss, _ in found) * share
        return loss, [torch.stack(g).sum(0) * share for g in zip(*(g for _, g in found), strict=True)]

    def _part(self, pairs: list[Pair]) -> tuple[float, tuple[torch.Tensor, ...]]:
        """Summed loss and gradients of some queries, each against all claims."""
        import torch

        queries = self._encoder.vectors([f"query: {p.query}" for p in pairs])
        logits = queries @ self._claims.T / self._plan.temperature
        right = torch.tensor([self._row[p.claim] for p in pairs])
        alike = self._claims[right] @ self._claims.T > SAME_CLAIM
        for i, pair in enumerate(pairs):
            alike[i, [self._row[key] for key in pair.also if key in self._row]] = True
            alike[i, right[i]] = False
        loss = torch.nn.functional.cross_entropy(logits.masked_fill(alike, -1e4), right, reduction="sum")
        return loss.item(), torch.autograd.grad(loss, self._weights)

    def _measure(self) -> dict[str, float]:
        """MAP@5 on each set against all its claims."""
        found = {}
        for check in self._checks:
            scores = self._encoder.queries(check.texts) @ check.claims.T
            top = np.argsort(-scores, axis=1, kind="stable")[:, :5]
            found[check.name] = float(
                np.mean([average_precision([check.keys[i] for i in row], right) for row, right in zip(top, check.right, strict=True)])
            )
        return found
