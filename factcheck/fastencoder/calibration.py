"""How large the numbers inside the encoder get, channel by channel, on texts of our own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data"
TOGETHER = 12  # texts that make an article
EVERY = 3  # of the pinned statements and claims: enough to find the large channels, in two seconds
# Kinds of text that the files lack.
ODD = (
    "Krieg", "War", "", "42", "BREAKING: THEY ARE LYING TO YOU!!!", "1,234,567.89 € – 3,7 % (2019–2024)", "🍿😀🇩🇪 #fakenews @someone",
    "https://example.org/a/b?c=d&e=f pic.example.org/Xy12", "Ле́то пришло́ в го́род, и мосты развели", "桥梁将于周六重新开放。", "الجسر مغلق حتى يوم السبت",
    "Le maire affirme que la ville n’a plus de dettes.", "La alcaldesa prometió abrir el puente en mayo.", "word " * 200, "a b c d e f g h",
    "»Nein«, sagte sie. »Das stimmt so nicht.« ...", "\u200b\ufeff¿¡§¶†‡ ©®™ ½ ²", "Donaudampfschifffahrtsgesellschaftskapitänsmütze",
)  # fmt: skip


def texts() -> list[str]:
    """German and English claims, statements and sentences of articles, and odd ones."""
    found = list(ODD)
    rows = [json.loads(line) for line in (DATA / "pinned_pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    found += [row["text"] for row in rows if row.get("text")][::EVERY]
    for line in (DATA / "pinned_articles.jsonl").read_text(encoding="utf-8").splitlines():
        paragraphs = json.loads(line)["text"].split("\n\n")
        found += [paragraphs[0], paragraphs[-1]]
    return found


def grow(largest: dict[str, np.ndarray], seen: dict[str, np.ndarray], mask: np.ndarray) -> None:
    """Take into ``largest`` the inputs of the matrices for one batch, (texts, tokens, channels); padding does not count."""
    there = mask.astype(bool)
    for name, values in seen.items():
        now = np.abs(values[there]).max(axis=0)
        largest[name] = np.maximum(largest[name], now) if name in largest else now
