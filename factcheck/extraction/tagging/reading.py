"""States of a text's words -> annotations: tags read as spans, then each quote's roles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from factcheck.extraction.annotation import ROLES, Annotation
from factcheck.extraction.tagging import labels
from factcheck.extraction.tagging.labels import DIRECT, SPOKEN, Span
from factcheck.extraction.tagging.network import LAYERS, STATES, Heads
from factcheck.extraction.tagging.pieces import Pieces, batch_of, word_states
from factcheck.extraction.tagging.windows import Window, cut
from factcheck.extraction.tagging.words import Words

#: What a new span costs in log probability, by head; and how sure a quote must be at least. Chosen on the dev sets.
BEGIN_COST: dict[str, float] = {}
LEAST_SURE = 0.0


@dataclass(frozen=True)
class Found:
    """A quote and its roles as spans of words."""

    quote: Span
    roles: dict[str, Span]


def read(heads: Heads, states: torch.Tensor, words: Words) -> list[Found]:
    """``states`` float32 (words, STATES) of one text, no gradients wanted."""
    logits = {name: values.numpy() for name, values in heads.tags(states).items()}
    spans = {name: labels.read(name, values, BEGIN_COST.get(name, 0.0)) for name, values in logits.items()}
    quotes = sorted(
        (s for s in spans[DIRECT] + spans[SPOKEN] if s.sureness >= LEAST_SURE), key=lambda s: (s.first, -s.last)
    )
    if not quotes:
        return []
    chosen = {role: _chosen(heads, role, states, words, quotes, spans[role]) for role in ROLES}
    return [Found(q, {role: chosen[role][i] for role in ROLES if chosen[role][i]}) for i, q in enumerate(quotes)]


def _chosen(
    heads: Heads, role: str, states: torch.Tensor, words: Words, quotes: Sequence[Span], spans: Sequence[Span]
) -> list[Span | None]:
    best: list[Span | None] = []
    for first in range(0, len(quotes), 64):  # bounded memory: 64 quotes against the spans near them
        some = quotes[first : first + 64]
        low, high = some[0].first - 300, max(q.last for q in some) + 300
        near = [s for s in spans if s.first >= low and s.last <= high]
        places = heads.links(role, states, words, some, near).numpy().argmax(1)
        best += [near[place - 1] if place else None for place in places]
    return best


def annotations(found: Sequence[Found], words: Words) -> list[Annotation]:
    """In the form of the research data; a quote within another one is marked as nested."""
    covers = [(f.quote.first, f.quote.last) for f in found]
    return [
        Annotation(
            quote=_characters(f.quote, words), **{role: _characters(span, words) for role, span in f.roles.items()}, type=f.quote.type,
            sureness=f.quote.sureness, nested=any((a, b) != own and a <= own[0] and own[1] <= b for a, b in covers),
        )
        for f, own in zip(found, covers, strict=True)
    ]  # fmt: skip


def _characters(span: Span, words: Words) -> tuple[tuple[int, int], ...]:
    return tuple((int(words.starts[a]), int(words.ends[b - 1])) for a, b in span.parts)


def bf16() -> bool:
    """Whether the processor multiplies matrices in bfloat16."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


@dataclass(frozen=True)
class Encoded:
    """Some windows of a text and their words' states in each of ``LAYERS`` (windows, words, width); ``lengths`` in words."""

    windows: Sequence[Window]
    layers: list[torch.Tensor]
    lengths: torch.Tensor


def encoded(body: torch.nn.Module, pieces: Pieces, marks: tuple[int, int, int], together: int = 4) -> Iterator[Encoded]:
    """A text's windows through the encoder ``body`` (a ``BertModel`` of ``DEPTH`` layers). ``marks`` are the ids of <s>, </s> and <pad>."""
    windows = cut(pieces.counts)
    for first in range(0, len(windows), together):
        some = windows[first : first + together]
        ids, mask, firsts, lasts, lengths = batch_of([pieces] * len(some), some, marks)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16()):
            layers = body(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        yield Encoded(some, word_states([layers[i] for i in LAYERS], firsts, lasts), lengths)


def states(body: torch.nn.Module, heads: Heads, words: Words, pieces: Pieces, marks: tuple[int, int, int]) -> torch.Tensor:
    """States float32 (words, STATES) of one text: each word is taken from the window it stands best in."""
    whole = torch.empty((len(words), STATES))
    for part in encoded(body, pieces, marks):
        features = torch.zeros((len(part.windows), part.layers[0].shape[1], words.features.shape[1]), dtype=torch.int64)
        for i, w in enumerate(part.windows):
            features[i, : w.last - w.first] = torch.from_numpy(words.features[w.first : w.last])
        read = heads(part.layers, features, part.lengths)
        for i, w in enumerate(part.windows):
            whole[w.from_ : w.to] = read[i, w.from_ - w.first : w.to - w.first]
    return whole
