"""The shipped encoder opened for training: texts -> unit vectors with gradients, or in bulk without."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from factcheck import embed
from factcheck.adapter import Adapter

if TYPE_CHECKING:
    import torch

TOKENS = 112  # longest text in tokens; few claims and statements have more


class TextEncoder:
    """Mean over the last layer's token states, normalised; matrix products in bfloat16 where that is fast."""

    def __init__(self, folder: Path) -> None:
        embed.set_libraries()
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model: torch.nn.Module = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        self.bf16 = bool(torch.cpu.get_capabilities().get("avx512_bf16"))

    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """(texts, 384), with gradients; safe for several threads at once."""
        import torch

        batch = self.tokenizer(
            list(texts), padding=True, pad_to_multiple_of=16, truncation=True, max_length=TOKENS, return_tensors="pt"
        )
        mask = batch["attention_mask"]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            states = self.model(input_ids=batch["input_ids"], attention_mask=mask)[0]
        weights = mask.unsqueeze(-1).float()
        return torch.nn.functional.normalize((states.float() * weights).sum(1) / weights.sum(1), dim=-1)

    def encode(self, texts: Sequence[str], batch: int = 48) -> np.ndarray:
        """float32 (texts, 384), in the order of the texts; dropout is off while it runs."""
        import torch

        was_training = self.model.training
        self.model.eval()
        vectors = np.empty((len(texts), self.model.config.hidden_size), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        with torch.inference_mode():
            for first in range(0, len(order), batch):
                rows = order[first : first + batch]
                vectors[rows] = self.vectors([texts[i] for i in rows]).numpy()
        self.model.train(was_training)
        return vectors

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode([f"query: {text}" for text in texts])

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode([f"passage: {text}" for text in texts])

    def merge(self, adapter: Adapter) -> None:
        """Add an adapter's change to the matrices."""
        import torch

        matrices = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, (up, down) in adapter.items():
                matrices[name] += torch.from_numpy(up @ down)

    def add_lora(self, rank: int) -> list[torch.nn.Parameter]:
        """Put a low-rank change, zero at first, beside each matrix of the layers; its weights, the only ones to train."""
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules=["query", "key", "value", "dense"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # between the two libraries; nothing a user can do about it
            self.model = get_peft_model(self.model, config)
        return [p for p in self.model.parameters() if p.requires_grad]

    @contextmanager
    def part(self, share: float) -> Iterator[None]:
        """Inside, only this share of the low-rank change is there."""
        scalings = [m.scaling for m in self.model.modules() if hasattr(m, "lora_A") and "default" in m.lora_A]
        whole = [scaling["default"] for scaling in scalings]
        for scaling, value in zip(scalings, whole, strict=True):
            scaling["default"] = value * share
        try:
            yield
        finally:
            for scaling, value in zip(scalings, whole, strict=True):
                scaling["default"] = value

    def lora(self) -> Adapter:
        return lora_parts(self.model)


def lora_parts(model: torch.nn.Module) -> Adapter:
    """The low-rank change of a peft model under the names of the plain model, scale included."""
    found = {}
    for name, module in model.named_modules():
        if hasattr(module, "lora_A") and "default" in module.lora_A:
            plain = name.removeprefix("base_model.model.") + ".weight"
            up = module.lora_B["default"].weight.detach().float().numpy() * module.scaling["default"]
            found[plain] = (up, module.lora_A["default"].weight.detach().float().numpy())
    return found
