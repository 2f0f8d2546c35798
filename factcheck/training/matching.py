"""``train matching``: a new adapter from the newsroom's decisions, installed only when the gate lets it through."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db import Store
from db.clock import now
from factcheck import adapter as adapters
from factcheck import embed, model_folder
from factcheck.embed import Encoder
from factcheck.errors import BadInput
from factcheck.evaluation.matching import MatchingQuery, read_queries
from factcheck.settings import SHIPPED_MODEL, Settings
from factcheck.training import gate, newsroom
from factcheck.training.encoder import TextEncoder
from factcheck.training.installing import Verdict, note, settle, workplace
from factcheck.training.trainer import Check, CheckSet, Plan, Step, Trainer

MOST_RANK = 64  # of an adapter trained on and on; 11 MB
PASSES = 6  # over all pairs
SEED = 1

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Training:
    """What was trained on, and what came of it; ``verdict`` is None when no state of the training was better than before it."""

    links: int
    pairs: int
    watched: int
    held_out: int
    verdict: Verdict | None


def train(
    store: Store,
    settings: Settings,
    *,
    minutes: float = 20,
    pinned: Sequence[tuple[Path, Path]] = (),
    dry_run: bool = False,
    plan: Plan | None = None,
    progress: Progress = lambda *_: None,
) -> Training:
    """Go on from the adapter in use with the newsroom's decisions; install the result when it is not worse on any set.

    ``pinned`` are pairs of a claim file and a query file. Stopped at any moment, the adapter in use stays as it is. Raises
    BadInput for too few decisions and for a model that takes no adapter, ClaimtrailError while another training runs.
    """
    import torch

    if settings.model != SHIPPED_MODEL:
        raise BadInput(f"Only the shipped model can be trained. Leave CLAIMTRAIL_MODEL out or set it to {SHIPPED_MODEL}.")
    rng = random.Random(SEED)
    torch.manual_seed(SEED)
    material = newsroom.gather(store, rng)
    for _, queries in pinned:
        read_queries(queries)  # a bad file is told of before the training, not after
    old = embed.open_encoder(settings)
    keys, vectors = newsroom.claim_vectors(store, old, progress)
    plan = plan or _plan(len(material.pairs), minutes, torch.get_num_threads())
    start = adapters.in_use(settings.home)
    folder = adapters.installed(settings.home).parent
    with workplace(folder) as draft:
        trained = draft / adapters.FILE.name
        encoder = TextEncoder(model_folder.ready_folder(settings.cache))
        beginning = [adapters.read(start)] if start else []
        for change in beginning:
            encoder.merge(change)

        def on_check(check: Check) -> None:
            if check.change is not None:
                about = {"trained": now(), "from": old.model_id, "links": str(material.links), "step": str(check.step)}
                adapters.write(trained, adapters.of_rank(adapters.total([check.change, *beginning]), MOST_RANK), about)

        def on_step(step: Step) -> None:
            progress("training", round(1000 * step.done), 1000)

        Trainer(plan, encoder, keys, vectors, material.pairs, _checks(material, keys, vectors, old), rng).run(on_step, on_check)
        verdict = None
        if trained.exists():
            verdict = judge(store, settings, trained, material.held_out, pinned, dry_run=dry_run, progress=progress)
    return Training(material.links, len(material.pairs), len(material.watched), len(material.held_out), verdict)


def judge(
    store: Store,
    settings: Settings,
    trained: Path,
    held_out: Sequence[MatchingQuery],
    pinned: Sequence[tuple[Path, Path]] = (),
    *,
    dry_run: bool = False,
    progress: Progress = lambda *_: None,
) -> Verdict:
    """Compare a trained file with the adapter in use; install it when it is worse on no set, put it aside when it is."""
    old = embed.open_encoder(settings)
    compared = gate.compare(store, old, embed.with_adapter(old, trained), held_out, pinned, settings.cache, progress)
    verdict = settle(trained, settings.home, adapters.FILE, compared, dry_run=dry_run)
    if verdict.installed:
        note(store, "installed a matching adapter", old.model_id, embed.open_encoder(settings).model_id)
    return verdict


def undo(store: Store, settings: Settings) -> Path | None:
    """Go back to the adapter before the last installed one; which is in use now. Raises NothingToUndo."""
    before = adapters.open_file(adapters.installed(settings.home)) if adapters.installed(settings.home).exists() else None
    in_use = adapters.undo(settings.home)
    note(
        store,
        "took back a matching adapter",
        model_folder.model_id(before.fingerprint if before else ""),
        model_folder.model_id(adapters.open_file(in_use).fingerprint if in_use else ""),
    )
    return in_use


def _plan(pairs: int, minutes: float, threads: int) -> Plan:
    """Some passes over the pairs, gently: what was learned before is to be kept."""
    batch = min(32, pairs)
    steps = max(30, PASSES * pairs // batch)
    return Plan(
        steps=steps, minutes=minutes, check_every=max(5, steps // 10), batch=batch, rate=2e-4, threads=threads, never_worse=True
    )


def _checks(material: newsroom.Material, keys: list[str], vectors, encoder: Encoder) -> list[CheckSet]:
    """What is watched during training: the shipped set, against forgetting, and a part of the decisions."""
    pinned = gate.shipped_set()
    passages = encoder.encode_passages([f"{row['text']} {row['title']}".strip() for row in pinned.claims])
    checks = [
        CheckSet(
            pinned.name, [q.text for q in pinned.queries], [frozenset(q.claim_ids) for q in pinned.queries],
            [row["id"] for row in pinned.claims], passages,
        )
    ]  # fmt: skip
    if material.watched:
        right = [frozenset(q.claim_ids) for q in material.watched]
        checks.append(CheckSet("decisions watched", [q.text for q in material.watched], right, keys, vectors))
    return checks
