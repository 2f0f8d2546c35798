"""The figures of the trials: one JSON file, a part for each trial with the command that gave it and what it ran on."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "docs" / "reliability.json"


def put(file: Path, trial: str, command: str, found: dict[str, Any]) -> None:
    """Note what a trial found, in the place of what it found before."""
    told = json.loads(file.read_text()) if file.exists() else {}
    told[trial] = {
        "command": command, "on": f"{datetime.now(UTC):%Y-%m-%d}", "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}", **found,
    }  # fmt: skip
    file.write_text(json.dumps(dict(sorted(told.items())), indent=1, ensure_ascii=False) + "\n")
