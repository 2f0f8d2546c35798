"""The trained reading as it was trained, in torch: where the fast one cannot be used, and to judge a new one by."""

from __future__ import annotations

import torch

from factcheck.extraction.annotation import Annotation
from factcheck.extraction.tagging import batches, reading
from factcheck.extraction.tagging.network import Heads
from factcheck.extraction.tagging.pieces import HubCutter, pieces_of
from factcheck.extraction.tagging.windows import sections
from factcheck.extraction.tagging.words import Words


class Tagger:
    """``body`` is the encoder with the trained change, as far as ``pairs.DEPTH``; ``tokenizer`` that of the tokenizers library. Safe
    for several threads at once."""

    def __init__(self, body: torch.nn.Module, heads: Heads, tokenizer) -> None:
        self._body, self._heads, self._cutter = body.eval(), heads.eval(), HubCutter(tokenizer)
        if batches.bf16():  # the matrices once and not at every text; the products are the same
            for matrix in (m for m in body.encoder.modules() if isinstance(m, torch.nn.Linear)):
                matrix.to(torch.bfloat16)
        self._marks = tuple(tokenizer.token_to_id(mark) for mark in ("<s>", "</s>", "<pad>"))

    def annotate(self, text: str, words: Words) -> list[Annotation]:
        """The quotes in ``text`` with their roles, in text order."""
        found: list[Annotation] = []
        for first, last in sections(words):
            part = words.part(first, last)
            with torch.inference_mode():
                states = batches.states(self._body, self._heads, part, pieces_of(self._cutter, text, part), self._marks)
                found += reading.annotations(reading.read(self._heads, states, part), part)
        return found

    def encode(self, text: str, words: Words) -> None:
        """The encoder's share of the work and nothing else: what ``annotate`` is measured against."""
        for first, last in sections(words):
            part = words.part(first, last)
            with torch.inference_mode():
                for _ in batches.encoded(self._body, pieces_of(self._cutter, text, part), self._marks):
                    pass
