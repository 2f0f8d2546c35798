"""Train the reading of articles, ``factcheck/models/statements.safetensors``, on German and English together. See README.md.

Prints the measure of ``factcheck eval statements`` on the dev files at each check and keeps the best.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from factcheck import model_folder  # noqa: E402
from factcheck.evaluation.statements import measure  # noqa: E402
from factcheck.extraction.annotation import read_annotation  # noqa: E402
from factcheck.extraction.tagging import trained  # noqa: E402
from factcheck.training import statements as core  # noqa: E402


def main() -> None:
    args = arguments()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    model = core.open_for_training(model_folder.ready_folder(args.cache), args.rank, args.start)
    rows = {split: [(row, language) for path, language in files for row in read_rows(path)] for split, files in
            (("train", [(p, "de") for p in args.german] + [(p, "en") for p in args.english]),
             ("dev", [(p, "de") for p in args.german_dev] + [(p, "en") for p in args.english_dev]))}  # fmt: skip
    texts = kept(args.cache / "statements-train.pickle", rows["train"], model.tokenizer)
    dev = kept(args.cache / "statements-dev.pickle", rows["dev"], model.tokenizer)
    examples = {"de": [], "en": []}
    for text, (_, language) in zip(texts, rows["train"], strict=True):
        examples[language] += core.examples(text)
    print({language: len(found) for language, found in examples.items()}, "windows", flush=True)
    trainer = core.Trainer(model.body, model.heads, model.marks, args.threads, args.seed)
    best = [0.0]

    def check() -> None:
        figures, mean = {}, []
        for language in ("de", "en"):
            chosen = [(t, r) for t, (r, l) in zip(dev, rows["dev"], strict=True) if l == language][: args.check]
            found = core.annotate(model, [t for t, _ in chosen], args.threads)
            got = measure((r["text"], r.get("tokens"), [read_annotation(a) for a in r["annotations"] if a.get("quote")], f)
                          for f, (_, r) in zip(found, chosen, strict=True))  # fmt: skip
            figures[language] = {k: [s.precision, s.recall, s.f1] for k, s in (("message", got.message), ("roles", got.roles), ("joint", got.joint))}
            mean.append(got.joint.f1)
        print("check", json.dumps(figures), flush=True)
        if sum(mean) / 2 > best[0]:
            best[0] = sum(mean) / 2
            trained.write(args.out, model.change(), model.heads, {"seed": str(args.seed), "dev joint": f"{best[0]:.2f}"})

    trainer.run(lambda: batches(examples, args), args.minutes, args.rate, args.head_rate, lambda m: print(m, flush=True), check, args.check_minutes)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--german", type=Path, nargs="+", required=True)
    parser.add_argument("--english", type=Path, nargs="+", required=True)
    parser.add_argument("--german-dev", type=Path, nargs="+", required=True)
    parser.add_argument("--english-dev", type=Path, nargs="+", required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the unpacked model and the read texts")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="go on from this file; its rank must be the same")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--check-minutes", type=float, default=12, help="minutes between checks on dev")
    parser.add_argument("--check", type=int, default=60, help="articles of each language in a check")
    parser.add_argument("--batch", type=int, default=8, help="windows")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--head-rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--english-share", type=float, default=0.7, help="English windows for each German one")
    return parser.parse_args()


def read_rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def kept(path: Path, rows: list[tuple[dict, str]], tokenizer) -> list[core.Text]:
    """The rows as the network sees them, read once and kept: the first reading by rules takes minutes."""
    if not path.exists():
        path.write_bytes(pickle.dumps([core.read(row, language, tokenizer) for row, language in rows]))
    return pickle.loads(path.read_bytes())


def batches(examples: dict[str, list[core.Example]], args: argparse.Namespace) -> Iterator[list[core.Example]]:
    """Without end; each pass gives every German window once and a fresh part of the English ones. Windows of like length together."""
    rng = random.Random(args.seed)
    english: list[core.Example] = []
    while True:
        want = round(len(examples["de"]) * args.english_share)
        while len(english) < want and examples["en"]:
            english += rng.sample(examples["en"], len(examples["en"]))
        some, english = english[:want], english[want:]
        order = sorted(examples["de"] + some, key=lambda e: (e.window.last - e.window.first) * rng.uniform(0.8, 1.25))
        groups = [order[i : i + args.batch] for i in range(0, len(order), args.batch)]
        yield from rng.sample(groups, len(groups))


if __name__ == "__main__":
    main()
