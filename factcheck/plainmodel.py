"""A sentence-transformers model as it comes: loading it, its prompts, its precision, a trained change merged into it.

The way of every model but the shipped one, and of the shipped one where the fast encoder cannot be used; articles are read with
it too.
"""

from __future__ import annotations

import copy
import hashlib
import os
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from factcheck import adapter as adapters
from factcheck.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def set_libraries() -> None:
    """No network and no busy waiting. Must come before the libraries are imported, which read these once."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # ONNX Runtime from 1.29 on; the version we pin has nothing to switch off
    # A thread that waits for the other cores sleeps instead of spinning: 31 texts/s instead of 16 while other work runs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # batches are small, and a forked worker would warn or hang


def load(folder: Path) -> SentenceTransformer:
    set_libraries()
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError as error:
        raise ModelUnavailable(f"A library is missing ({error.name}). Run: pip install -r requirements.txt") from None
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(str(folder), local_files_only=True).eval()
    except Exception as error:  # the libraries raise their own kinds for each damaged file; all mean the same here
        raise ModelUnavailable(
            f"The model in {folder} cannot be loaded: {first_line(error)} "
            "Check that the folder holds a complete sentence-transformers model."
        ) from error


def adapted(model: SentenceTransformer, adapter: adapters.AdapterFile) -> SentenceTransformer:
    """A second model whose encoder layers carry the change; the word embeddings, four fifths of all weights, are shared."""
    import torch

    embeddings = model[0].auto_model.embeddings
    trained = copy.deepcopy(model, {id(embeddings): embeddings})
    matrices = dict(trained[0].auto_model.named_parameters())
    try:
        with torch.no_grad():
            for name, (up, down) in adapter.parts().items():
                matrices[name] += torch.from_numpy(up @ down)
    except (KeyError, ValueError, RuntimeError) as error:  # matrices that this model does not have, or of another shape
        raise adapters.unusable(adapter.path, type(error).__name__) from None
    return trained


def first_line(error: Exception) -> str:
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return line if line.endswith(".") else line + "."


def prompts(model: SentenceTransformer, name: str) -> dict[str, str]:
    """What the model wants put in front of queries and passages: its own prompts; E5 models without any get their usual ones."""
    own = {
        "query": model.prompts.get("query", ""),
        "passage": next((p for key in ("document", "passage", "corpus") if (p := model.prompts.get(key))), ""),
    }
    if not any(own.values()) and re.search(r"\be5\b", Path(name).name.lower()):
        return {"query": "query: ", "passage": "passage: "}
    return own


def precision(model: SentenceTransformer) -> Callable:
    """Matrix products in bfloat16 where the processor has instructions for it: 1.6 to 1.7 times the texts per second
    of processor time, at cosine .9999 to float32.
    """
    import torch

    able = torch.cpu.get_capabilities()
    if model.device.type == "cpu" and model.dtype == torch.float32 and (able.get("avx512_bf16") or able.get("amx_bf16")):
        return lambda: torch.autocast("cpu", torch.bfloat16)
    return nullcontext


def fingerprint(folder: Path) -> str:
    """Ten hexadecimal digits that change with any file that decides the vectors."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".json", ".safetensors", ".bin", ".txt", ".model"} and path.is_file():
            digest.update(str(path.relative_to(folder)).encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:10]
