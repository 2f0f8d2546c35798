"""What an article's statements are matched with, made ahead: while they are still judged and stored, one thread already encodes their forms,
and the word index is asked meanwhile. An encoder works outside of Python, so on two cores the one costs the other no time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, TypeVar

import numpy as np

from db import Store
from factcheck import searching
from factcheck.embed import BATCH, Encoder, Progress, WordVectors
from factcheck.records import Statement
from factcheck.searching import ByWords, Query

AHEAD = 64  # statements of an article, at most, that are prepared; of a longer text the encoding takes long enough to hide nothing behind
PART = 11  # statements whose forms are encoded together and then matched, while the next ones are encoded

T = TypeVar("T")


class Groundwork:
    """An encoder that has begun already: what was made ahead is waited for, anything else is made when it is asked for.

    To be used in a ``with`` statement, which waits for the thread's end. It never touches the database but in ``begin``, on the thread that calls.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._thread = ThreadPoolExecutor(1, "groundwork")
        self._made: dict[str, dict[str, Future[dict[str, Any]]]] = {"query": {}, "passage": {}, "words": {}}
        self.worded: dict[tuple[str, str], ByWords] = {}

    def begin(self, store: Store, statements: Sequence[Statement]) -> None:
        """Have the statements' words, vectors and forms made in the order in which they are wanted, and ask the word index for them."""
        some = statements[:AHEAD]
        queries = [Query.of(s.text, s.speaker, s.before, s.after) for s in some]
        self._ahead("words", self._encoder.encode_words, (s.text for s in some))
        self._ahead("query", self._encoder.encode_queries, (query.text for query in queries))
        for part in parts(queries):
            self._ahead("query", self._encoder.encode_queries, (form for query in part for form in query.forms()))
            self._ahead("passage", self._encoder.encode_passages, (query.text for query in part))
        for query in queries:
            if query.worded not in self.worded:
                self.worded[query.worded] = searching.by_words(store, query)

    @property
    def model_id(self) -> str:
        return self._encoder.model_id

    @property
    def passage_id(self) -> str:
        return self._encoder.passage_id

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        found = self._found("query", self._encoder.encode_queries, texts)
        return np.stack(found) if found else self._encoder.encode_queries([])

    def encode_passages(self, texts: Sequence[str], *, progress: Progress | None = None, batch_size: int = BATCH) -> np.ndarray:
        found = self._found("passage", self._encoder.encode_passages, texts)
        if progress:
            progress(len(texts))
        return np.stack(found) if found else self._encoder.encode_passages([])

    def encode_words(self, texts: Sequence[str]) -> list[WordVectors]:
        return self._found("words", self._encoder.encode_words, texts)

    def __enter__(self) -> Groundwork:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.shutdown(cancel_futures=True)

    def _ahead(self, kind: str, make: Callable[[list[str]], Iterable[Any]], texts: Iterable[str]) -> None:
        wanted = [text for text in dict.fromkeys(texts) if text not in self._made[kind]]
        if wanted:
            future = self._thread.submit(lambda: dict(zip(wanted, make(wanted), strict=True)))
            self._made[kind] |= dict.fromkeys(wanted, future)

    def _found(self, kind: str, make: Callable[[list[str]], Iterable[Any]], texts: Sequence[str]) -> list[Any]:
        made = self._made[kind]
        unknown = [text for text in dict.fromkeys(texts) if text not in made]
        fresh = dict(zip(unknown, make(unknown), strict=True)) if unknown else {}
        return [fresh[text] if text in fresh else made[text].result()[text] for text in texts]


def parts(some: Sequence[T]) -> Iterator[Sequence[T]]:
    """Statements as they are encoded and matched together: small parts while they are prepared ahead, then as many as are stored at once."""
    first = 0
    while first < len(some):
        last = first + (PART if first < AHEAD else searching.TOGETHER)
        yield some[first : min(last, AHEAD) if first < AHEAD else last]
        first = min(last, AHEAD) if first < AHEAD else last
