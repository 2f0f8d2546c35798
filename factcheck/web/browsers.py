"""A browser and a system in words, from what the browser says of itself; enough to tell one's own sessions apart."""

from __future__ import annotations

import re

LONGEST = 500  # characters looked at

# The first that fits: browsers name their ancestors too.
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Vivaldi", r"Vivaldi/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS|Chromium|HeadlessChrome)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/"),
    ("curl", r"^curl/(\d+)"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("ChromeOS", r"CrOS"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)


def in_words(user_agent: str | None) -> str:
    """ "Firefox 140, Linux"; "" for what is not known. Nothing of the text itself is passed on but a number."""
    text = (user_agent or "")[:LONGEST]
    browser = next((f"{name} {found[1][:4]}" for name, pattern in _BROWSERS if (found := re.search(pattern, text))), "")
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, text)), "")
    return ", ".join(part for part in (browser, system) if part)


def network(address: str | None) -> str:
    """The network an address lies in, for the log that is kept for ever: "192.0.2.*", "2001:db8:12::*"; "" for none."""
    address = address or ""
    if "." in address:
        return address.rpartition(".")[0] + ".*"
    return ":".join(address.split(":")[:3]) + "::*" if ":" in address else ""
