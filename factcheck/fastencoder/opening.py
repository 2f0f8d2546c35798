"""The fast encoder, opened: what several adapters share is in memory once."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from factcheck.adapter import AdapterFile
from factcheck.fastencoder import files
from factcheck.fastencoder.body import Body, FastEncoder
from factcheck.fastencoder.vocabulary import Vocabulary

_passages: WeakValueDictionary[tuple[Path, int], Body] = WeakValueDictionary()
_lock = Lock()


def opened(cache: Path, adapter: AdapterFile | None, report: files.Report = lambda done, total: None) -> FastEncoder:
    """Make the files where they are missing and open them. Raises what ``files.ready`` raises, and what the library raises."""
    import onnxruntime  # noqa: F401  first, so that nothing is made where one is missing
    import sentencepiece  # noqa: F401

    found = files.ready(cache, adapter, report)
    with _lock:
        key = (found.passages, found.passages.stat().st_mtime_ns)
        passages = _passages.get(key) or Body(found.passages, Vocabulary(found.vocabulary))
        _passages[key] = passages
    return FastEncoder(Body(found.queries, passages.vocabulary) if adapter else passages, passages)
