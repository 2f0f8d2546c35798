"""Who reads an article: the trained network of an encoder, where there is one, on top of the rules."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from factcheck import adapter as adapters
from factcheck import embed
from factcheck.errors import ModelUnavailable
from factcheck.settings import Settings

if TYPE_CHECKING:
    from factcheck.extraction.annotation import Annotation
    from factcheck.extraction.tagging.quick import QuickTagger
    from factcheck.extraction.tagging.words import Words

log = logging.getLogger("claimtrail.reading")


class Tagger(Protocol):
    """A text's words -> the quotes in it with their roles, in text order. Safe for several threads at once."""

    def annotate(self, text: str, words: Words) -> list[Annotation]: ...

    def encode(self, text: str, words: Words) -> None:
        """The network's share of the work and nothing else."""
        ...


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


def prepare(settings: Settings, report: embed.Report) -> None:
    """Do ahead of time what the first article would have to wait for. ``report`` as for ``embed.prepare``. Raises ModelUnavailable."""
    encoder = embed.open_encoder(settings)
    file = embed.reading_file(encoder)
    if file:
        _quick(encoder, file, report)


def _made(encoder: embed.Encoder) -> Tagger | None:
    file = embed.reading_file(encoder)
    if file is None:
        return None
    return _quick(encoder, file) or _plain(encoder, file)


def _quick(encoder: embed.Encoder, file: Path, report: embed.Report = lambda what, done, total: None) -> QuickTagger | None:
    """The reading in 8 bits; None where the fast way was switched off or cannot be used. Why is said in the log."""
    reading = adapters.open_file(file)
    parts = embed.fast_parts(encoder)
    if parts is None:
        return None
    cache, vocabulary = parts
    try:
        from factcheck.extraction.tagging import converted, trained
        from factcheck.extraction.tagging.quick import QuickTagger
        from factcheck.extraction.tagging.scorer import Scorer
        from factcheck.fastencoder import body

        graph = converted.ready(cache, reading, lambda done, total: report("Making the fast reading of articles", done, total))
        session, matrices = body.session(graph), trained.parts(reading)[1]
        try:
            return QuickTagger(session, vocabulary, Scorer(matrices))
        except KeyError as error:
            raise adapters.unusable(file, type(error).__name__) from None
    except ModelUnavailable:
        raise
    except Exception as error:  # the library raises its own kinds for what it cannot do; the plain way can
        why = f"{type(error).__name__}: {str(error) or 'no more is known'}"
    log.warning("The fast reading of articles cannot be used (%s). Articles are read with torch, slower and in 1.5 GB more memory.", why)
    return None


def _plain(encoder: embed.Encoder, file: Path) -> Tagger:
    """The reading as it was trained, in torch."""
    from factcheck.extraction.tagging import trained
    from factcheck.extraction.tagging.pairs import DEPTH
    from factcheck.extraction.tagging.tagger import Tagger as PlainTagger

    change, heads = trained.read(file)
    body, tokenizer = embed.network(encoder, change, DEPTH)
    return PlainTagger(body, heads, tokenizer)
