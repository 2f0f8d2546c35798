"""The network over the encoder's states: tags for every word, and which speaker, cue, frame and addressee go with which quote.

States are a learned mix of the encoder's layers 6 to 10; its last layer's token states are nearly parallel and tell little. A
bidirectional LSTM reads them together with what the rules read first (``words.py``). Links are scored from both spans' states, their
distance, and what stands between.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from factcheck.extraction.annotation import ROLES
from factcheck.extraction.tagging import labels
from factcheck.extraction.tagging.labels import TYPES, Span
from factcheck.extraction.tagging.words import FEATURES, Words

LAYERS = (6, 7, 8, 9, 10)  # of the encoder, from 1; those above are not computed
DEPTH = max(LAYERS)
_FEATURE = 8  # numbers for each feature of a word
_HIDDEN = 128
_PAIR = 96
_DISTANCES = (-200, -100, -60, -40, -25, -15, -10, -6, -3, -2, -1, 0, 1, 2, 3, 6, 10, 15, 25, 40, 60, 100, 200)
REACH = 250  # words between a quote and what may belong to it
STATES = 2 * _HIDDEN + _HIDDEN


class Heads(nn.Module):
    """Everything above the encoder."""

    def __init__(self, width: int = 384) -> None:
        super().__init__()
        self.mix = nn.Parameter(torch.zeros(len(LAYERS)))
        self.norm = nn.LayerNorm(width)
        self.features = nn.ModuleList(nn.Embedding(count, _FEATURE) for count in FEATURES.values())
        self.drop = nn.Dropout(0.15)
        self.row = nn.LSTM(width + _FEATURE * len(FEATURES), _HIDDEN, batch_first=True, bidirectional=True)
        self.narrow = nn.Linear(width + _FEATURE * len(FEATURES), _HIDDEN)
        self.heads = nn.ModuleDict({name: nn.Linear(STATES, labels.tags(name)) for name in labels.HEADS})
        self.quote_side = nn.Linear(2 * STATES, _PAIR)
        self.role_side = nn.ModuleDict({role: nn.Linear(2 * STATES, _PAIR) for role in ROLES})
        self.type_side = nn.Embedding(len(TYPES), _PAIR)
        self.distance = nn.ModuleDict({role: nn.Embedding(len(_DISTANCES) + 1, _PAIR) for role in ROLES})
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
        """Scores (quotes, 1 + spans): that nothing, or each span, is the quote's ``role``. Spans out of ``REACH`` score -1e4.

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
        return torch.cat([nobody, scores.masked_fill(~torch.from_numpy(near), -1e4)], 1)


def _edges(states: torch.Tensor, spans: Sequence[Span]) -> torch.Tensor:
    return torch.cat([states[[s.first for s in spans]], states[[s.last - 1 for s in spans]]], -1)


def pair_facts(words: Words, quotes: Sequence[Span], spans: Sequence[Span]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each quote and span: the bucket of their signed distance in words int64, six facts float32 (quotes, spans, 6): same sentence, same
    paragraph, sentences apart / 5, other quotes between / 3, the span inside the quote, first span of its sentence; and whether within
    ``REACH``."""
    q_first, q_last = np.array([q.first for q in quotes])[:, None], np.array([q.last for q in quotes])[:, None]
    s_first, s_last = np.array([s.first for s in spans])[None], np.array([s.last for s in spans])[None]
    inside = (s_first >= q_first) & (s_last <= q_last)
    gap = np.where(s_first >= q_last, s_first - q_last + 1, np.where(s_last <= q_first, s_last - q_first - 1, 0))
    buckets = np.searchsorted(np.array(_DISTANCES), gap, "right")
    apart = words.sentences[s_first] - np.where(gap < 0, words.sentences[q_first], words.sentences[q_last - 1])
    paragraphs = words.paragraphs[s_first] == words.paragraphs[q_first]
    middles = np.sort((q_first + q_last)[:, 0] / 2)
    low, high = np.minimum((q_first + q_last) / 2, (s_first + s_last) / 2), np.maximum((q_first + q_last) / 2, (s_first + s_last) / 2)
    between = np.searchsorted(middles, high.ravel(), "left") - np.searchsorted(middles, low.ravel(), "right")
    opening = np.concatenate([[True], np.diff(words.sentences[s_first[0]]) != 0]) if s_first.size else np.zeros(0, bool)
    facts = np.stack(
        [
            apart == 0, paragraphs, np.clip(apart / 5, -1, 1), np.minimum(between.reshape(gap.shape), 6) / 3, inside,
            np.broadcast_to(opening[None], gap.shape),
        ],
        -1,
    ).astype(np.float32)  # fmt: skip
    return buckets, facts, np.abs(gap) <= REACH
