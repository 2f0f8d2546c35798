"""Train the reading of articles: an adapter on the encoder and the heads above it, German and English together.

Rows are in the form of ``docs/BENCHMARKS.md``: ``text`` and ``annotations``, each with ``type`` (may be missing) and the spans of ``quote``,
``speaker``, ``cue``, ``frame``, ``addressee``. A row with ``"language": "en"`` or without types trains no frame and no addressee, since English
data does not annotate them.
"""

from __future__ import annotations

import math
import random
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from factcheck.adapter import Adapter
from factcheck.extraction import first_reading
from factcheck.extraction.annotation import ROLES, Annotation
from factcheck.extraction.tagging import batches, labels, reading, trained
from factcheck.extraction.tagging.batches import batch_of, word_states
from factcheck.extraction.tagging.labels import DIRECT, INDIRECT, SPOKEN, Span
from factcheck.extraction.tagging.network import Heads
from factcheck.extraction.tagging.pairs import DEPTH, LAYERS
from factcheck.extraction.tagging.pieces import HubCutter, Pieces, pieces_of
from factcheck.extraction.tagging.windows import Window, cut
from factcheck.extraction.tagging.words import Words
from factcheck.training.encoder import lora_parts

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_OPENING, _CLOSING = "\"„“«»‚‘'", "\"“”«»’‘'"
FROZEN = 4  # lowest layers left as they are: a third of the work of a step saved
LINKS = 0.5  # weight of the links' loss beside that of the tags
BLIND = 0.15  # share of windows that are read without what the rules say, so that the network can do without


@dataclass(frozen=True)
class Text:
    """A training text: its words and pieces, the quotes as spans of words, and for each quote its roles' spans."""

    words: Words
    pieces: Pieces
    quotes: tuple[Span, ...]
    roles: tuple[dict[str, Span], ...]
    heads: tuple[str, ...]


def read(row: dict, language: str, tokenizer: Tokenizer) -> Text:
    """A row as the network sees it."""
    words = first_reading.words(row["text"], language)
    pieces = pieces_of(HubCutter(tokenizer), row["text"], words)
    quotes, roles = [], []
    for annotation in row["annotations"]:
        parts = _parts(words, annotation.get("quote"))
        if not parts:
            continue
        quotes.append(Span(annotation.get("type") or _type(annotation["quote"]["text"]), parts))
        roles.append({r: Span(r, p) for r in ROLES if (p := _parts(words, annotation.get(r)))})
    heads = tuple(labels.HEADS) if language == "de" else (DIRECT, SPOKEN, "speaker", "cue")
    return Text(words, pieces, tuple(quotes), tuple(roles), heads)


def _type(text: str) -> str:
    text = text.strip()
    return DIRECT if text[:1] in _OPENING and text[-1:] in _CLOSING and len(text) > 1 else INDIRECT


def _parts(words: Words, found: dict | None) -> tuple[tuple[int, int], ...]:
    """Word spans of an annotation's part; parts that touch are one."""
    parts: list[tuple[int, int]] = []
    for start, end in sorted((found or {}).get("spans", ())):
        first, last = words.within(start, end)
        if first < last:
            if parts and first <= parts[-1][1]:
                parts[-1] = (parts[-1][0], max(last, parts[-1][1]))
            else:
                parts.append((first, last))
    return tuple(parts)


@dataclass(frozen=True)
class Example:
    """One window of a text with its tags (head -> int64 (words,)) and its quotes and roles, counted from the window's first word."""

    text: Text
    window: Window
    tags: dict[str, np.ndarray]
    quotes: tuple[Span, ...]
    roles: tuple[dict[str, Span], ...]


def examples(text: Text) -> Iterator[Example]:
    for window in cut(text.pieces.counts):
        size = window.last - window.first
        quotes, roles = [], []
        for quote, own in zip(text.quotes, text.roles, strict=True):
            inside = _shifted(quote, window)
            if inside:
                quotes.append(inside)
                roles.append({r: s for r, span in own.items() if (s := _shifted(span, window))})
        direct = [q for q in quotes if q.type == DIRECT]
        spoken = [q for q in quotes if q.type != DIRECT]
        tags = {DIRECT: labels.write(DIRECT, direct, size), SPOKEN: labels.write(SPOKEN, spoken, size)}
        for role in ROLES:
            tags[role] = labels.write(role, list({o[role].parts: o[role] for o in roles if role in o}.values()), size)
        yield Example(text, window, {head: tags[head] for head in text.heads}, tuple(quotes), tuple(roles))


def _shifted(span: Span, window: Window) -> Span | None:
    parts = tuple(
        (max(a, window.first) - window.first, min(b, window.last) - window.first)
        for a, b in span.parts
        if a < window.last and b > window.first
    )
    return Span(span.type, parts) if parts else None


@dataclass(frozen=True)
class Model:
    """The encoder with an adapter in training, the heads above it, and the tokenizer; ``marks`` are the ids of <s>, </s>, <pad>."""

    body: torch.nn.Module
    heads: Heads
    tokenizer: Tokenizer
    marks: tuple[int, int, int]

    def change(self) -> Adapter:
        """What was learned on the encoder, scale included."""
        return lora_parts(self.body)


def open_for_training(folder: Path, rank: int, start: Path | None = None) -> Model:
    """The shipped encoder of ``folder`` without the layers that are not needed; ``start`` is a trained file of the same rank to go on from."""
    from peft import LoraConfig, get_peft_model
    from tokenizers import Tokenizer
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    body = AutoModel.from_pretrained(folder, add_pooling_layer=False)
    body.encoder.layer = body.encoder.layer[:DEPTH]
    config = LoraConfig(
        r=rank, lora_alpha=rank, lora_dropout=0.0, target_modules=["query", "key", "value", "dense"],
        layers_to_transform=list(range(FROZEN, DEPTH)),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # between the two libraries; nothing a user can do about it
        body = get_peft_model(body, config)
    heads = Heads(body.config.hidden_size)
    if start:
        change, heads = trained.read(start)
        modules = {n.removeprefix("base_model.model.") + ".weight": m for n, m in body.named_modules() if hasattr(m, "lora_A")}
        for name, (up, down) in change.items():
            modules[name].lora_B["default"].weight.data = torch.from_numpy(up)
            modules[name].lora_A["default"].weight.data = torch.from_numpy(down)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return Model(body, heads, tokenizer, tuple(tokenizer.token_to_id(mark) for mark in ("<s>", "</s>", "<pad>")))


def annotate(model: Model, texts: Sequence[Text], threads: int) -> list[list[Annotation]]:
    """What the model as it is reads in each text."""
    model.body.eval()
    model.heads.eval()
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda t: _annotated(model, t), texts))


def _annotated(model: Model, text: Text) -> list[Annotation]:
    with torch.inference_mode():
        states = batches.states(model.body, model.heads, text.words, text.pieces, model.marks)
        return reading.annotations(reading.read(model.heads, states, text.words), text.words)


class Trainer:
    """``body`` is the encoder with its adapter in place (a ``BertModel`` of ``DEPTH`` layers); ``marks`` are the ids of <s>, </s>, <pad>."""

    def __init__(self, body: torch.nn.Module, heads: Heads, marks: tuple[int, int, int], threads: int, seed: int) -> None:
        self.body, self.heads, self.marks, self.threads = body, heads, marks, threads
        self.rng = random.Random(seed)
        self.bf16 = bool(torch.cpu.get_capabilities().get("avx512_bf16"))
        self.adapter = [p for p in body.parameters() if p.requires_grad]
        self.weights = [*self.adapter, *heads.parameters()]

    def run(
        self, epochs: Callable[[], Iterable[Sequence[Example]]], minutes: float, rate: float, head_rate: float, say: Callable[[str], None],
        check: Callable[[], None], check_minutes: float, *, steps: float = math.inf, check_steps: float = math.inf,
    ) -> None:  # fmt: skip
        """Train until the time is up or the steps are done; ``epochs`` gives batches without end. The learning rates rise for 30 steps,
        then fall to nothing. ``check`` is called after so many minutes or steps, and at the end."""
        optimizer = torch.optim.AdamW(
            [{"params": self.adapter, "lr": rate}, {"params": list(self.heads.parameters()), "lr": head_rate}], weight_decay=0.01
        )
        began, checked, step, losses = time.time(), time.time(), 0, []
        self.body.eval()  # without its dropout, which costs time and is not needed in a few passes
        self.heads.train()
        with ThreadPoolExecutor(self.threads) as pool:
            for batch in epochs():
                step += 1
                done = min(1.0, max((time.time() - began) / (60 * minutes), step / steps))
                for group, full in zip(optimizer.param_groups, (rate, head_rate), strict=True):
                    group["lr"] = full * min(1.0, step / 30) * (1 - done)
                order = sorted(batch, key=lambda e: e.window.last - e.window.first)
                parts = [order[i :: self.threads] for i in range(self.threads) if order[i :: self.threads]]
                found = list(pool.map(self._gradients, parts))
                for weight, *gradients in zip(self.weights, *(g for _, g in found), strict=True):
                    given = [g for g in gradients if g is not None]
                    weight.grad = sum(given) / len(batch) if given else None
                torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
                optimizer.step()
                losses.append(sum(loss for loss, _ in found) / len(batch))
                if step % 25 == 0:
                    say(f"step {step} loss {np.mean(losses[-25:]):.3f} after {time.time() - began:.0f} s")
                if time.time() - checked > 60 * check_minutes or step % check_steps == 0 or done >= 1:
                    check()
                    checked = time.time()
                    self.heads.train()
                if done >= 1:
                    return

    def _gradients(self, part: Sequence[Example]) -> tuple[float, list[torch.Tensor | None]]:
        loss = self._loss(part)
        return loss.item(), list(torch.autograd.grad(loss, self.weights, allow_unused=True))

    def _loss(self, part: Sequence[Example]) -> torch.Tensor:
        """Summed over the windows: mean cross entropy of the tags of each head, and of the links."""
        ids, mask, firsts, lasts, lengths = batch_of([e.text.pieces for e in part], [e.window for e in part], self.marks)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            states = self.body(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        layers = word_states([states[i] for i in LAYERS], firsts, lasts)
        features = torch.zeros((len(part), firsts.shape[1], part[0].text.words.features.shape[1]), dtype=torch.int64)
        for i, e in enumerate(part):
            own = e.text.words.features[e.window.first : e.window.last].copy()
            if self.rng.random() < BLIND:
                own[:, :2] = 0
            features[i, : len(own)] = torch.from_numpy(own)
        words = self.heads(layers, features, lengths)
        logits = self.heads.tags(words)
        total = words.new_zeros(())
        for i, e in enumerate(part):
            size = int(lengths[i])
            for head, gold in e.tags.items():
                total = total + torch.nn.functional.cross_entropy(logits[head][i, :size], torch.from_numpy(gold))
            total = total + LINKS * self._links(words[i, :size], e)
        return total

    def _links(self, states: torch.Tensor, e: Example) -> torch.Tensor:
        """For each quote and role: cross entropy of choosing the right span, or nothing, among those of the window."""
        total = states.new_zeros(())
        if not e.quotes:
            return total
        inside = e.text.words.part(e.window.first, e.window.last)
        for role in ROLES:
            if role not in e.text.heads:
                continue
            spans = list({own[role].parts: own[role] for own in e.roles if role in own}.values())
            place = {s.parts: i + 1 for i, s in enumerate(spans)}
            right = torch.tensor([place[own[role].parts] if role in own else 0 for own in e.roles])
            total = total + torch.nn.functional.cross_entropy(self.heads.links(role, states, inside, e.quotes, spans), right)
        return total

