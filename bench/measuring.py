"""What the benches share: quantiles, memory, tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


def quantile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of the others does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def memory(process: str = "self") -> tuple[float, float]:
    """(MB a process has for itself, MB of files it has mapped, which the system takes back when it needs them), as Linux tells it."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    own, mapped = (int(re.search(rf"{name}:\s+(\d+)", status).group(1)) / 1024 for name in ("RssAnon", "RssFile"))
    return own, mapped


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, numbers to the right."""
    lines = [head, ["---", *(["---:"] * (len(head) - 1))], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"
