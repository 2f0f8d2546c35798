"""Environment variables -> Settings, read once at the edge (CLI or ``create_app``) and passed on from there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from factcheck.errors import BadSettings

SHIPPED_MODEL = "multilingual-e5-small"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Everything that can be set from outside. ``home`` holds the database and the model cache."""

    home: Path
    model: str = SHIPPED_MODEL  # or the name or folder of any other sentence-transformers model
    port: int = 8000
    host: str = "127.0.0.1"
    open_reading: bool = True  # pages may be read without signing in; changing anything never may
    secure_cookies: bool = False  # set when served over HTTPS
    threads: int = 8
    cache_folder: Path | None = None  # None: inside home

    @property
    def database(self) -> Path:
        return self.home / "claimtrail.db"

    @property
    def cache(self) -> Path:
        """Derived files that can be thrown away: the unpacked model."""
        return self.cache_folder or self.home / "cache"


def _flag(name: str, value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise BadSettings(f"{name} is {value!r}; set it to 1 or 0.")


def _number(name: str, value: str, low: int, high: int) -> int:
    if value.isascii() and value.isdigit() and low <= int(value) <= high:
        return int(value)
    raise BadSettings(f"{name} is {value!r}; set it to a whole number from {low} to {high}.")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read ``CLAIMTRAIL_*`` (and ``PORT``). Raises BadSettings, naming the variable and the values it takes."""
    env = os.environ if environ is None else environ
    home = Path(env.get("CLAIMTRAIL_HOME") or ROOT / "instance").expanduser().resolve()
    if home.exists() and not home.is_dir():
        raise BadSettings(f"CLAIMTRAIL_HOME is {str(home)!r}, which is not a folder; name a folder.")
    cache = env.get("CLAIMTRAIL_CACHE")
    return Settings(
        home=home,
        cache_folder=Path(cache).expanduser().resolve() if cache else None,
        model=env.get("CLAIMTRAIL_MODEL") or SHIPPED_MODEL,
        port=_number("PORT", env.get("PORT") or "8000", 1, 65535),
        host=env.get("CLAIMTRAIL_HOST") or "127.0.0.1",
        open_reading=_flag("CLAIMTRAIL_OPEN_READING", env.get("CLAIMTRAIL_OPEN_READING", "1")),
        secure_cookies=_flag("CLAIMTRAIL_SECURE_COOKIES", env.get("CLAIMTRAIL_SECURE_COOKIES", "0")),
        threads=_number("CLAIMTRAIL_THREADS", env.get("CLAIMTRAIL_THREADS") or "8", 1, 64),
    )
