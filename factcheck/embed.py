"""Texts -> unit vectors whose dot product is their similarity.

``open_encoder`` gives the encoder the settings name: the shipped multilingual model, or any other sentence-transformers model by
folder or by name. It is cheap: the heavy libraries are imported and the weights read when the first text is encoded. Nothing
here opens a network connection.
"""

from __future__ import annotations

import copy
import hashlib
import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

import numpy as np

from factcheck import adapter as adapters
from factcheck import model_folder, plainmodel, shipped_weights, words, wordvectors
from factcheck.errors import BadInput, ModelUnavailable
from factcheck.plainmodel import set_libraries
from factcheck.settings import PLAIN, SHIPPED_MODEL, Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from factcheck.fastencoder.body import FastEncoder
    from factcheck.fastencoder.vocabulary import Vocabulary

log = logging.getLogger("claimtrail.encoder")
BATCH = 32  # texts, the most in one batch; with torch of 8, 16, 32 and 64 the fastest on two cores for claims of 28 tokens
WORDS_KEPT = 256  # texts whose words stay in memory, about 20 kB each: a claim is explained many times
Progress = Callable[[int], None]
Report = Callable[[str, int, int], None]


class Encoder(Protocol):
    """Turns texts into float32 arrays of shape (texts, dimensions); each row has length 1, in the order of the texts.

    Queries are what is looked up, passages what is stored; models trained on such pairs want them told apart.
    ``model_id`` names the model with all its weights; ``passage_id`` names what passages go through, which a new adapter for
    queries does not change. Vectors of passages made under different ids must never be compared, nor queries of different models.
    How it is computed is no part of the ids: in 8 bits, bfloat16 or float32 the vectors differ by rounding only, and matching stays the same.
    """

    @property
    def model_id(self) -> str: ...

    @property
    def passage_id(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray: ...

    def encode_passages(
        self, texts: Sequence[str], *, progress: Progress | None = None, batch_size: int = BATCH
    ) -> np.ndarray:
        """``progress`` is called after each batch with the number of texts finished so far."""
        ...

    def encode_words(self, texts: Sequence[str]) -> list[WordVectors]:
        """The words of each text in their context, to be compared across texts and languages."""
        ...


@dataclass(frozen=True)
class WordVectors:
    """The words of one text: ``spans`` are (start, end) in it, in order; ``vectors`` (words, dimensions) float32, not normalised."""

    spans: tuple[tuple[int, int], ...]
    vectors: np.ndarray


def open_encoder(settings: Settings) -> Encoder:
    """The encoder ``settings.model`` names; the same object for the same model, cache and adapter, in every thread of the process.

    Its methods and properties raise ModelUnavailable when the model's files are missing or damaged. An adapter that is installed
    later is used by encoders opened later.
    """
    file = adapters.in_use(settings.home) if settings.model == SHIPPED_MODEL else None
    adapter = adapters.open_file(file) if file else None
    reading = adapters.reading_in_use(settings.home)
    key = (settings.model, settings.encoder, settings.cache, adapter.fingerprint if adapter else "", reading, reading.stat().st_mtime_ns if reading.exists() else 0)
    with _opened_lock:
        found = _opened.get(key)
        if found is None:
            shipped = settings.model == SHIPPED_MODEL
            fast = settings.encoder != PLAIN
            made = _ShippedEncoder(settings.cache, adapter, fast) if shipped else _NamedEncoder(settings.model, settings.cache, fast)
            if not shipped:
                log.info("%s goes through sentence-transformers; the fast encoder is for the shipped model alone.", settings.model)
            made.reading = reading
            found = _opened[key] = made
        if found not in _last:
            _last.append(found)
        return found


def with_adapter(encoder: Encoder, file: Path) -> Encoder:
    """The same shipped model, loaded once for both, with the adapter of a file instead of the one it has.

    Raises BadInput for any other model, which takes no adapter.
    """
    if not isinstance(encoder, _ShippedEncoder):
        raise BadInput(f"Only the shipped model takes a trained adapter. Leave CLAIMTRAIL_MODEL out or set it to {SHIPPED_MODEL}.")
    return encoder.twin(adapters.open_file(file))


def network(encoder: Encoder, change: adapters.Adapter, layers: int) -> tuple[Any, Any]:
    """The shipped model's lowest ``layers`` with a trained change of their own, and its tokenizer (of the tokenizers library).

    The word embeddings are shared with the encoder in use. For encoders that ``open_encoder`` gave; articles are read with the shipped
    model whatever encodes claims.
    """
    assert isinstance(encoder, _ModelEncoder)
    return encoder.network(change, layers)


def reading_file(encoder: Encoder) -> Path | None:
    """The trained reading of articles that goes with an encoder that ``open_encoder`` gave; None for any other."""
    return encoder.reading if isinstance(encoder, _ModelEncoder) else None


def fast_parts(encoder: Encoder) -> tuple[Path, Vocabulary] | None:
    """What a fast network over the shipped model's weights is made with: the cache, and the vocabulary in use. None where the fast way was
    switched off or cannot be used. For encoders that ``open_encoder`` gave."""
    assert isinstance(encoder, _ModelEncoder)
    return encoder.fast_parts()


def engine(encoder: Encoder) -> str:
    """What the encoder computes with, in words, and if it is not the fast way, why. Loads it. Raises ModelUnavailable."""
    return encoder.engine() if isinstance(encoder, _ModelEncoder) else "none, for tests"


def prepare(settings: Settings, report: Report) -> str:
    """Do ahead of time what the first encoding would have to wait for; returns the model's id.

    ``report`` is called with what is being done, how much is done and how much there is, in bytes; not at all when everything
    is in place. Raises ModelUnavailable.
    """
    if settings.model == SHIPPED_MODEL:
        model_folder.ready_folder(settings.cache, lambda done, total: report("Unpacking the language model", done, total))
    encoder = open_encoder(settings)
    if isinstance(encoder, _ShippedEncoder):
        encoder.quick(lambda done, total: report("Making the fast encoder", done, total))
    return encoder.model_id


_opened: WeakValueDictionary[tuple, Encoder] = WeakValueDictionary()  # a model that nobody uses any more takes no memory
_last: deque[Encoder] = deque(maxlen=2)  # but for the last ones, which are often opened again at once
_opened_lock = threading.Lock()


class _ModelEncoder:
    """A SentenceTransformer that is loaded on first use. Subclasses say where its folder lies and what its id is."""

    name: str
    reading: Path | None = None  # the trained reading of articles that goes with it

    def __init__(self) -> None:
        self._model: SentenceTransformer | None = None
        self._loading = threading.Lock()
        # One text batch at a time: the tokenizer must not be used by two threads at once, and one batch uses all cores anyway.
        # The door in front makes a thread with many batches wait behind one that came meanwhile with a single query.
        self._words: dict[str, wordvectors.Words] = {}
        self._door = threading.Lock()
        self._desk = threading.Lock()

    def _folder(self) -> Path:
        raise NotImplementedError

    def network(self, change: adapters.Adapter, layers: int) -> tuple[Any, Any]:
        raise NotImplementedError

    def fast_parts(self) -> tuple[Path, Vocabulary] | None:
        raise NotImplementedError

    def engine(self) -> str:
        self._loaded()
        return "sentence-transformers: the fast encoder is for the shipped model alone"

    def quick(self, report: Callable[[int, int], None] = lambda done, total: None) -> FastEncoder | None:
        """The fast way, made ready; None where there is none."""
        return None

    def _for_queries(self, model: SentenceTransformer) -> SentenceTransformer:
        """The model that queries go through; the same one, where none was trained for them."""
        return model

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(texts, "query", None, BATCH)

    def encode_passages(
        self, texts: Sequence[str], *, progress: Progress | None = None, batch_size: int = BATCH
    ) -> np.ndarray:
        return self._encode(texts, "passage", progress, batch_size)

    def _encode(self, texts: Sequence[str], role: str, progress: Progress | None, batch_size: int) -> np.ndarray:
        if quick := self.quick():
            return quick.encode(texts, role, progress, batch_size)
        model = self._loaded()
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        # Texts of like length together, so that little is padded; the longest first, so that time left is not underrated.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            with self._turn():
                vectors[rows] = self._encode_batch(model, [texts[i] for i in rows], role)
            if progress:
                progress(first + len(rows))
        return vectors

    def _encode_batch(self, model: SentenceTransformer, texts: list[str], role: str) -> np.ndarray:
        encode = self._query_model.encode_query if role == "query" else model.encode_document
        with self._precision():
            vectors = encode(
                texts, prompt=self._prompts[role] or None, batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True
            )
        vectors = np.asarray(vectors, np.float32)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def encode_words(self, texts: Sequence[str]) -> list[WordVectors]:
        found = {t: known for t in texts if (known := self._words.get(t)) is not None}
        unknown = [t for t in dict.fromkeys(texts) if t not in found]
        for first in range(0, len(unknown), BATCH):
            batch = unknown[first : first + BATCH]
            found |= zip(batch, self._read_words(batch), strict=True)
        self._words |= {t: found[t] for t in unknown}
        for stale in list(self._words)[:-WORDS_KEPT]:
            self._words.pop(stale, None)
        return [WordVectors(*found[t]) for t in texts]

    def _read_words(self, texts: list[str]) -> list[wordvectors.Words]:
        if quick := self.quick():
            return quick.words(texts)
        model = self._loaded()
        with self._turn(), self._precision():
            return wordvectors.read(model, texts)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._door:
            self._desk.acquire()
        try:
            yield
        finally:
            self._desk.release()

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            with self._loading:
                if self._model is None:
                    model = plainmodel.load(self._folder())
                    self._prompts = plainmodel.prompts(model, self.name)
                    self._precision = plainmodel.precision(model)
                    self._query_model = self._for_queries(model)
                    self._model = model  # last: other threads take it as the sign that everything is there
        return self._model


class _ShippedEncoder(_ModelEncoder):
    """multilingual-e5-small from the installed package, unpacked into the cache; queries go through the trained adapter if there is one.

    Passages never do, so that their vectors outlive any adapter: a newsroom that trains its own embeds no claim again.
    """

    name = SHIPPED_MODEL
    dimensions = shipped_weights.DIMENSIONS

    def __init__(self, cache: Path, adapter: adapters.AdapterFile | None = None, fast: bool = True) -> None:
        super().__init__()
        self._cache = cache
        self._adapter = adapter
        self._quick: FastEncoder | None = None
        self._slow_because = "" if fast else "CLAIMTRAIL_ENCODER is plain"
        self._making = threading.Lock()

    @cached_property
    def model_id(self) -> str:
        return model_folder.model_id(self._adapter.fingerprint if self._adapter else "")

    @cached_property
    def passage_id(self) -> str:
        return model_folder.model_id()

    def engine(self) -> str:
        if self.quick():
            return "ONNX Runtime in 8 bits"
        self._loaded()
        return f"sentence-transformers: {self._slow_because}"

    def quick(self, report: Callable[[int, int], None] = lambda done, total: None) -> FastEncoder | None:
        """The fast way, or None where it was switched off or cannot be used; why is said in the log, once."""
        if self._quick is None and not self._slow_because:
            with self._making:
                if self._quick is None and not self._slow_because:
                    self._quick, self._slow_because = _quick(self._cache, self._adapter, report)
        return self._quick

    def _folder(self) -> Path:
        return model_folder.ready_folder(self._cache)

    def _for_queries(self, model: SentenceTransformer) -> SentenceTransformer:
        return plainmodel.adapted(model, self._adapter) if self._adapter else model

    def network(self, change: adapters.Adapter, layers: int) -> tuple[Any, Any]:
        import torch
        from tokenizers import Tokenizer

        plain = self._loaded()[0].auto_model
        kept = {id(plain.embeddings): plain.embeddings} | {id(layer): None for layer in plain.encoder.layer[layers:]}
        body = copy.deepcopy(plain, kept)
        body.encoder.layer = body.encoder.layer[:layers]
        matrices = dict(body.named_parameters())
        with torch.no_grad():
            for name, (up, down) in change.items():
                matrices[name] += torch.from_numpy(up @ down)
        tokenizer = Tokenizer.from_file(str(self._folder() / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return body, tokenizer

    def fast_parts(self) -> tuple[Path, Vocabulary] | None:
        quick = self.quick()
        return (self._cache, quick.vocabulary) if quick else None

    def twin(self, adapter: adapters.AdapterFile) -> _ShippedEncoder:
        """This model with another adapter: the weights and the locks are shared. Raises ModelUnavailable for an adapter that does not fit."""
        twin = _ShippedEncoder(self._cache, adapter, fast=self.quick() is not None)
        twin.reading = self.reading
        if twin.quick():
            return twin
        model = self._loaded()
        twin._door, twin._desk = self._door, self._desk
        twin._prompts, twin._precision = self._prompts, self._precision
        twin._query_model = plainmodel.adapted(model, adapter)
        twin._model = model
        return twin


def _quick(
    cache: Path, adapter: adapters.AdapterFile | None, report: Callable[[int, int], None]
) -> tuple[FastEncoder | None, str]:
    """The fast encoder, or None and why there is none. Raises ModelUnavailable where no encoder could be made."""
    set_libraries()
    try:
        from factcheck.fastencoder import opening

        return opening.opened(cache, adapter, report), ""
    except ModelUnavailable:
        raise
    except Exception as error:  # the library raises its own kinds for what it cannot do; the plain way can
        why = f"{type(error).__name__}: {plainmodel.first_line(error)}"
    log.warning("The fast encoder cannot be used (%s). Texts go through sentence-transformers, several times as slow.", why)
    return None, why


class _NamedEncoder(_ModelEncoder):
    """Any other sentence-transformers model: a folder, or a name that lies in the local hub cache."""

    def __init__(self, name: str, cache: Path = Path(), fast: bool = True) -> None:
        super().__init__()
        self.name = name
        self._shipped = _ShippedEncoder(cache, None, fast)  # articles are read with it in any case

    def network(self, change: adapters.Adapter, layers: int) -> tuple[Any, Any]:
        return self._shipped.network(change, layers)

    def fast_parts(self) -> tuple[Path, Vocabulary] | None:
        return self._shipped.fast_parts()

    @cached_property
    def model_id(self) -> str:
        return f"{Path(self.name).name}/{plainmodel.fingerprint(self._folder())}"

    @property
    def passage_id(self) -> str:
        return self.model_id

    @cached_property
    def dimensions(self) -> int:
        model = self._loaded()
        with self._turn():
            return self._encode_batch(model, ["dimensions"], "query").shape[1]

    def _folder(self) -> Path:
        folder = Path(self.name).expanduser()
        if folder.is_dir():
            return folder
        set_libraries()
        from huggingface_hub import snapshot_download

        try:
            repository = self.name if "/" in self.name else f"sentence-transformers/{self.name}"
            return Path(snapshot_download(repository, local_files_only=True))
        except (OSError, ValueError):  # not in the cache, or not a possible name: the library raises subclasses of these
            raise ModelUnavailable(
                f"There is no model {self.name!r} here. Set CLAIMTRAIL_MODEL to the folder of a sentence-transformers model, "
                "or download the model into the local hub cache first, or leave the setting out to use the shipped model."
            ) from None


class FakeEncoder:
    """For unit tests only: a text's vector is the sum of its words' hashes, so texts that share words are alike."""

    def __init__(self, dimensions: int = 64) -> None:
        self.model_id = self.passage_id = f"fake/{dimensions}"
        self.dimensions = dimensions

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
                vector += np.random.default_rng(seed).standard_normal(self.dimensions, np.float32)
            vector /= np.linalg.norm(vector)
        return vectors

    def encode_words(self, texts: Sequence[str]) -> list[WordVectors]:
        found = []
        for text in texts:
            matches = list(words.tokens(text))
            vectors = self.encode_queries([m.group() for m in matches]) if matches else np.empty((0, self.dimensions), np.float32)
            found.append(WordVectors(tuple(m.span() for m in matches), vectors))
        return found

    def encode_passages(
        self, texts: Sequence[str], *, progress: Progress | None = None, batch_size: int = BATCH
    ) -> np.ndarray:
        vectors = self.encode_queries(texts)
        if progress:
            progress(len(texts))
        return vectors
