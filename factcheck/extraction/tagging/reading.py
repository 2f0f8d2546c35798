"""States of a text's words -> annotations: tags read as spans, then each quote's roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from factcheck.extraction.annotation import ROLES, Annotation
from factcheck.extraction.tagging import labels
from factcheck.extraction.tagging.labels import DIRECT, SPOKEN, Span
from factcheck.extraction.tagging.words import Words

#: What a new span costs in log probability, by head; and how sure a quote must be at least. Chosen on the dev sets.
BEGIN_COST: dict[str, float] = {}
LEAST_SURE = 0.0


@dataclass(frozen=True)
class Found:
    """A quote and its roles as spans of words."""

    quote: Span
    roles: dict[str, Span]


class Heads(Protocol):
    """What tells from words' states which tags they bear and which spans belong together: ``scorer.Scorer``, or ``network.Heads`` in training.

    States and what is given back are arrays, or tensors without gradients.
    """

    def tags(self, states: Any) -> Mapping[str, Any]:
        """Logits (words, tags) of each head."""
        ...

    def links(self, role: str, states: Any, words: Words, quotes: Sequence[Span], spans: Sequence[Span]) -> Any:
        """Scores (quotes, 1 + spans): that nothing, or each span, is the quote's ``role``."""
        ...


def read(heads: Heads, states: Any, words: Words) -> list[Found]:
    """``states`` float32 (words, STATES) of one text."""
    logits = {name: np.asarray(values) for name, values in heads.tags(states).items()}
    spans = {name: labels.read(name, values, BEGIN_COST.get(name, 0.0)) for name, values in logits.items()}
    quotes = sorted(
        (s for s in spans[DIRECT] + spans[SPOKEN] if s.sureness >= LEAST_SURE), key=lambda s: (s.first, -s.last)
    )
    if not quotes:
        return []
    chosen = {role: _chosen(heads, role, states, words, quotes, spans[role]) for role in ROLES}
    return [Found(q, {role: chosen[role][i] for role in ROLES if chosen[role][i]}) for i, q in enumerate(quotes)]


def _chosen(
    heads: Heads, role: str, states: Any, words: Words, quotes: Sequence[Span], spans: Sequence[Span]
) -> list[Span | None]:
    best: list[Span | None] = []
    for first in range(0, len(quotes), 64):  # bounded memory: 64 quotes against the spans near them
        some = quotes[first : first + 64]
        low, high = some[0].first - 300, max(q.last for q in some) + 300
        near = [s for s in spans if s.first >= low and s.last <= high]
        places = np.asarray(heads.links(role, states, words, some, near)).argmax(1)
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
