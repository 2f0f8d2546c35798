"""The shipped encoder as a plain torch module for training: texts -> unit vectors with gradients, or in bulk without."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from factcheck import adapter as adapters  # noqa: E402

TOKENS = 112  # longest text in tokens; few claims and statements have more


class TextEncoder(torch.nn.Module):
    """Mean over the last layer's token states, normalised; matrix products in bfloat16 where that is fast."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        self.bf16 = bool(torch.cpu.get_capabilities().get("avx512_bf16"))

    def forward(self, texts: Sequence[str], together: int = 16) -> torch.Tensor:
        """Texts of like length go through together, so that little is padded."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        parts = [self.vectors([texts[i] for i in order[k : k + together]]) for k in range(0, len(order), together)]
        return torch.cat(parts)[torch.argsort(torch.tensor(order))]

    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        batch = self.tokenizer(
            list(texts), padding=True, pad_to_multiple_of=16, truncation=True, max_length=TOKENS, return_tensors="pt"
        )
        mask = batch["attention_mask"]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            states = self.model(input_ids=batch["input_ids"], attention_mask=mask)[0]
        weights = mask.unsqueeze(-1).float()
        return torch.nn.functional.normalize((states.float() * weights).sum(1) / weights.sum(1), dim=-1)

    @torch.inference_mode()
    def encode(self, texts: Sequence[str], batch: int = 48) -> np.ndarray:
        """float32 (texts, 384), in the order of the texts; dropout is off while it runs."""
        was_training = self.training
        self.eval()
        vectors = np.empty((len(texts), self.model.config.hidden_size), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for first in range(0, len(order), batch):
            rows = order[first : first + batch]
            vectors[rows] = self.vectors([texts[i] for i in rows]).numpy()
        self.train(was_training)
        return vectors

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode([f"query: {text}" for text in texts])

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode([f"passage: {text}" for text in texts])

    def merge(self, adapter: adapters.Adapter) -> None:
        """Add an adapter's change to the matrices."""
        matrices = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, (up, down) in adapter.items():
                matrices[name] += torch.from_numpy(up @ down)


def lora_parts(model: torch.nn.Module) -> adapters.Adapter:
    """The LoRA matrices of a peft model under the names of the plain model, scale included."""
    found = {}
    for name, module in model.named_modules():
        if hasattr(module, "lora_A") and "default" in module.lora_A:
            plain = name.removeprefix("base_model.model.") + ".weight"
            up = module.lora_B["default"].weight.detach().float().numpy() * module.scaling["default"]
            found[plain] = (up, module.lora_A["default"].weight.detach().float().numpy())
    return found
