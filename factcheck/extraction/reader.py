"""Who reads an article: the trained network of an encoder, where there is one, on top of the rules."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from factcheck import embed

if TYPE_CHECKING:
    from factcheck.extraction.tagging.tagger import Tagger

_taggers: WeakKeyDictionary[embed.Encoder, Tagger | None] = WeakKeyDictionary()
_making = threading.Lock()


def tagger_of(encoder: embed.Encoder) -> Tagger | None:
    """The trained reading over an encoder's weights, made on first use; None for an encoder without the shipped model (in unit tests).

    Raises ModelUnavailable when its file is missing or damaged.
    """
    with _making:
        if encoder not in _taggers:
            _taggers[encoder] = _made(encoder)
        return _taggers[encoder]


def _made(encoder: embed.Encoder) -> Tagger | None:
    file = embed.reading_file(encoder)
    if file is None:
        return None
    from factcheck.extraction.tagging import trained
    from factcheck.extraction.tagging.network import DEPTH
    from factcheck.extraction.tagging.tagger import Tagger

    change, heads = trained.read(file)
    body, tokenizer = embed.network(encoder, change, DEPTH)
    return Tagger(body, heads, tokenizer)
