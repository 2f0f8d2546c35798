"""The network over the encoder's states: tags for every word, and which speaker, cue, frame and addressee go with which quote.

States are a learned mix of the encoder's layers 6 to 10; its last layer's token states are nearly parallel and tell little. A
bidirectional LSTM reads them together with what the rules read first (``words.py``). Links are scored from both spans' states, their
distance, and what stands between.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from factcheck.extraction.annotation import ROLES
from factcheck.extraction.tagging import labels
from factcheck.extraction.tagging.labels import TYPES, Span
from factcheck.extraction.tagging.pairs import DISTANCES, FAR, HIDDEN, LAYERS, STATES, pair_facts
from factcheck.extraction.tagging.words import FEATURES, Words

_FEATURE = 8  # numbers for each feature of a word
_PAIR = 96


class Heads(nn.Module):
    """Everything above the encoder."""

    def __init__(self, width: int = 384) -> None:
        super().__init__()
        self.mix = nn.Parameter(torch.zeros(len(LAYERS)))
        self.norm = nn.LayerNorm(width)
        self.features = nn.ModuleList(nn.Embedding(count, _FEATURE) for count in FEATURES.values())
        self.drop = nn.Dropout(0.15)
        self.row = nn.LSTM(width + _FEATURE * len(FEATURES), HIDDEN, batch_first=True, bidirectional=True)
        self.narrow = nn.Linear(width + _FEATURE * len(FEATURES), HIDDEN)
        self.heads = nn.ModuleDict({name: nn.Linear(STATES, labels.tags(name)) for name in labels.HEADS})
        self.quote_side = nn.Linear(2 * STATES, _PAIR)
        self.role_side = nn.ModuleDict({role: nn.Linear(2 * STATES, _PAIR) for role in ROLES})
        self.type_side = nn.Embedding(len(TYPES), _PAIR)
        self.distance = nn.ModuleDict({role: nn.Embedding(len(DISTANCES) + 1, _PAIR) for role in ROLES})
        self.between = nn.Linear(6, _PAIR)
        self.score = nn.ModuleDict({role: nn.Linear(2 * _PAIR, 1) for role in ROLES})
        self.nobody = nn.ModuleDict({role: nn.Linear(_PAIR, 1) for role in ROLES})

    def forward(self, layers: Sequence[torch.Tensor], features: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """States (windows, words, STATES) of the words. ``layers``: for each of ``LAYERS`` the words' states (windows, words, width);
        ``features`` int64 (windows, words, features); ``lengths`` (windows,) words in each window, on the CPU."""
        shares = torch.softmax(self.mix, 0)
        mixed = self.norm(sum(share * layer for share, layer in zip(shares, layers, strict=True)))
        known = [table(features[..., i]) for i, table in enumerate(self.features)]
        words = self.drop(torch.cat([mixed, *known], -1))
        packed = nn.utils.rnn.pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        row, _ = nn.utils.rnn.pad_packed_sequence(self.row(packed)[0], batch_first=True, total_length=words.shape[1])
        return self.drop(torch.cat([row, torch.nn.functional.gelu(self.narrow(words))], -1))

    def tags(self, states: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits (..., tags) of each head."""
        return {name: head(states) for name, head in self.heads.items()}

    def links(self, role: str, states: torch.Tensor, words: Words, quotes: Sequence[Span], spans: Sequence[Span]) -> torch.Tensor:
        """Scores (quotes, 1 + spans): that nothing, or each span, is the quote's ``role``. Spans out of ``pairs.REACH`` score ``FAR``.

        ``states`` (words, STATES) are those of one text."""
        left = self.quote_side(_edges(states, quotes)) + self.type_side(torch.tensor([TYPES.index(q.type) for q in quotes]))
        nobody = self.nobody[role](torch.nn.functional.gelu(left))
        if not spans:
            return nobody
        right = self.role_side[role](_edges(states, spans))
        buckets, facts, near = pair_facts(words, quotes, spans)
        pairs = left[:, None] + right[None] + self.distance[role](torch.from_numpy(buckets)) + self.between(torch.from_numpy(facts))
        both = torch.cat([torch.nn.functional.gelu(pairs), left[:, None] * right[None]], -1)
        scores = self.score[role](self.drop(both)).squeeze(-1)
        return torch.cat([nobody, scores.masked_fill(~torch.from_numpy(near), FAR)], 1)


def _edges(states: torch.Tensor, spans: Sequence[Span]) -> torch.Tensor:
    return torch.cat([states[[s.first for s in spans]], states[[s.last - 1 for s in spans]]], -1)
