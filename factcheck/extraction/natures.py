"""What kind of thing a statement says: a fact that can be checked, an opinion, a prediction, or a promise.

Linear heads on the encoder's word states, trained by ``training/train_promises.py`` on sentences of our own
(``tests/pairs/natures.jsonl`` and ``promises.jsonl``), German and English together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from factcheck.extraction.states import DIMENSIONS, apply, heads, states

if TYPE_CHECKING:
    from factcheck.embed import Encoder

NATURES = ("fact", "opinion", "prediction", "promise")


def natures(texts: Sequence[str], encoder: Encoder | None) -> list[str]:
    """One of ``NATURES`` for each text, "" where the encoder is not the one the heads were trained on."""
    found = states(encoder, texts)
    return [""] * len(texts) if found is None else told(found)


def told(found: np.ndarray, may_promise: Sequence[bool] | None = None) -> list[str]:
    """The nature of each text from its states (texts, 768). Where ``may_promise`` is given, it has the last word on promises."""
    odds = apply(heads("promises")["nature"], found[:, :DIMENSIONS])
    if may_promise is not None:
        odds[:, NATURES.index("promise")] = np.where(may_promise, np.inf, -np.inf)
    return [NATURES[i] for i in odds.argmax(1)]
