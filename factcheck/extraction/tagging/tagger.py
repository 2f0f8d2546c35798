"""The trained reading in use: a text's words -> annotations, in memory that does not grow with the text."""

from __future__ import annotations

import torch

from factcheck.extraction.annotation import Annotation
from factcheck.extraction.tagging import reading
from factcheck.extraction.tagging.network import Heads
from factcheck.extraction.tagging.pieces import pieces_of
from factcheck.extraction.tagging.words import Words

SECTION = 6_000  # words read as one text; what is longer is cut between paragraphs, which quotes seldom cross


class Tagger:
    """``body`` is the encoder with the trained change, as far as ``network.DEPTH``; ``tokenizer`` that of the tokenizers library. Safe
    for several threads at once."""

    def __init__(self, body: torch.nn.Module, heads: Heads, tokenizer) -> None:
        self._body, self._heads, self._tokenizer = body.eval(), heads.eval(), tokenizer
        if reading.bf16():  # the matrices once and not at every text; the products are the same
            for matrix in (m for m in body.encoder.modules() if isinstance(m, torch.nn.Linear)):
                matrix.to(torch.bfloat16)
        self._marks = tuple(tokenizer.token_to_id(mark) for mark in ("<s>", "</s>", "<pad>"))

    def annotate(self, text: str, words: Words) -> list[Annotation]:
        """The quotes in ``text`` with their roles, in text order."""
        found: list[Annotation] = []
        for first, last in sections(words):
            part = words.part(first, last)
            with torch.inference_mode():
                states = reading.states(self._body, self._heads, part, pieces_of(self._tokenizer, text, part), self._marks)
                found += reading.annotations(reading.read(self._heads, states, part), part)
        return found

    def encode(self, text: str, words: Words) -> None:
        """The encoder's share of the work and nothing else: what ``annotate`` is measured against."""
        for first, last in sections(words):
            part = words.part(first, last)
            with torch.inference_mode():
                for _ in reading.encoded(self._body, pieces_of(self._tokenizer, text, part), self._marks):
                    pass


def sections(words: Words) -> list[tuple[int, int]]:
    """(first word, word after the last) of stretches of at most ``SECTION`` words, cut where a paragraph ends if there is one."""
    found, first = [], 0
    while len(words) - first > SECTION:
        near = words.paragraphs[first + SECTION // 2 : first + SECTION + 1]
        ends = (near[1:] != near[:-1]).nonzero()[0]
        last = first + SECTION // 2 + 1 + int(ends[-1]) if len(ends) else first + SECTION
        found.append((first, last))
        first = last
    return [*found, (first, len(words))] if first < len(words) else found
