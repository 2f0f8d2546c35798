"""The words of a text as the encoder sees them in their context.

The token states of the last layer are nearly parallel; those between the middle and the last tell words apart and still meet
across languages (measured on the shipped model: "Angriffskrieg" is nearest to "war" of all words of the English sentence).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from factcheck.words import tokens

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

LAYERS = (7 / 12, 11 / 12)  # from and to, inclusive, as shares of the encoder's depth: layers 7 to 11 of 12
LONGEST = 256  # tokens of a text that are looked at

Words = tuple[tuple[tuple[int, int], ...], np.ndarray]  # spans in the text, and (words, dimensions) float32


def read(model: SentenceTransformer, texts: list[str]) -> list[Words]:
    """Spans and vectors of the words of each text; none for a model that does not show its layers or its tokens' places."""
    import torch

    tokenizer, encoder = model.tokenizer, getattr(model[0], "auto_model", None)
    if encoder is None or not getattr(tokenizer, "is_fast", False):
        return [((), np.empty((0, 0), np.float32)) for _ in texts]
    batch = tokenizer(texts, return_tensors="pt", return_offsets_mapping=True, padding=True, truncation=True, max_length=LONGEST)
    places = batch.pop("offset_mapping").tolist()
    with torch.inference_mode():
        states = encoder(**batch.to(encoder.device), output_hidden_states=True).hidden_states
    mixed = torch.stack([states[layer] for layer in layers(len(states) - 1)]).mean(0).float().cpu().numpy()
    return [of_text(text, where, rows) for text, where, rows in zip(texts, places, mixed, strict=True)]


def layers(depth: int) -> range:
    """The layers whose states are averaged, counted from 1, of an encoder that has so many."""
    first, last = (round(share * depth) for share in LAYERS)
    return range(first, last + 1)


def of_text(text: str, places: Sequence[Sequence[int]], states: np.ndarray) -> Words:
    """The mean state of each word's tokens; words behind the last token looked at are left out."""
    spans, vectors = [], []
    for word in tokens(text):
        rows = [i for i, (start, end) in enumerate(places) if start < word.end() and end > word.start() and end > start]
        if rows:
            spans.append(word.span())
            vectors.append(states[rows].mean(0))
    return tuple(spans), np.array(vectors, np.float32).reshape(len(vectors), states.shape[1])
