"""What the matching adapter is trained and measured on: claims, queries with their claims, and pairs made from the claims.

Files are JSON Lines in the forms of ``docs/BENCHMARKS.md``: claims have ``id text title`` and may have
``body summary speaker``; queries have ``id text claim_ids`` and may have ``speaker before after``; German pairs have
``claim_id text``.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_QUOTE = re.compile(r"(?<!\S)[\"“]([A-Z][^\"“”\n]{40,320})[\"”]")
_LINK = re.compile(r"\s*(?:https?://|pic\.twitter\.com/)\S+")
_SIGNATURE = re.compile(r"\s*— [^—]{2,60}\(@\w+\)[^—]{0,30}$")
_CHANNEL = re.compile(r"(?i)\b(posts?|image|email|committee|party|pac|policy|institute|bloggers|tweets|chamber|america|democracy|resistance)\b")
_WORD = re.compile(r"[^\W_]{3,}")


@dataclass(frozen=True)
class Pair:
    """A text to look up and the claim it belongs to. ``also`` are further right claims, which must not count as wrong."""

    query: str
    claim: str
    source: str
    also: frozenset[str] = frozenset()


def read_rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def read_claims(paths: Iterable[Path]) -> dict[str, dict]:
    """Claims by id, in file order."""
    return {row["id"]: row for path in paths for row in read_rows(path)}


def passage(claim: dict) -> str:
    """What is embedded for a claim: its text and the fact check's title, as the product embeds it."""
    return " ".join(part for part in (claim["text"].strip(), (claim.get("title") or "").strip()) if part)


def with_context(row: dict) -> str:
    """The statement between its neighbours, as the product embeds it."""
    return " ".join(part for part in (row.get("before"), row["text"], row.get("after")) if part)


def without_trimmings(text: str) -> str:
    """A post without links and the signature that quotation pages add."""
    return _LINK.sub("", _SIGNATURE.sub("", text)).strip() or text


def query_forms(row: dict, rng: random.Random) -> list[str]:
    """One row in the forms it may be asked in, one of each kind; rows with a speaker also get speaker and context."""
    if row.get("speaker") is None:
        clean = without_trimmings(row["text"])
        return [row["text"], clean if clean != row["text"] else row["text"]]
    speaker = row["speaker"].title() if row["speaker"].isupper() else row["speaker"]
    forms = [row["text"], f"{speaker}: {row['text']}", with_context(row)]
    if rng.random() < 0.5:
        forms[2] = f"{speaker}: {forms[2]}"
    return forms


def pairs_of_rows(rows: Sequence[dict], claims: dict[str, dict], source: str, rng: random.Random) -> list[Pair]:
    pairs = []
    for row in rows:
        known = [c for c in row["claim_ids"] if c in claims]
        for claim in known[:3]:  # a row of eight claims would otherwise outweigh the others
            pairs += [Pair(form, claim, source, frozenset(known)) for form in query_forms(row, rng)]
    return pairs


def halves(rows: Sequence[dict]) -> list[int]:
    """1 or 2 for each row, the same every time; rows that share a claim lie in one half."""
    half: dict[str, int] = {}
    found = []
    for row in rows:
        known = [half[key] for key in sorted(row["claim_ids"]) if key in half]
        mine = known[0] if known else 1 + zlib.crc32(min(row["claim_ids"]).encode()) % 2
        half.update(dict.fromkeys(row["claim_ids"], mine))
        found.append(mine)
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(w.lower() for w in _WORD.findall(text))


def quoted_pairs(claims: Iterable[dict]) -> list[Pair]:
    """Quotations from the start of a fact check's body that say what the claim says in other words.

    The body often gives the statement as it was spoken, with what stands around it. A quotation counts when it shares at
    least three words with the claim and three tenths of the shorter text's, and is not the claim once more.
    """
    pairs = []
    for claim in claims:
        own = _words(claim["text"])
        for found in _QUOTE.finditer(claim.get("body") or ""):
            quote = found.group(1).strip(" ,;")
            words = _words(quote)
            shared, together = len(words & own), len(words | own)
            if shared >= 3 and shared / together < 0.6 and shared / max(1, min(len(words), len(own))) >= 0.3:
                text = quote if claim.get("speaker") is None or len(quote) % 2 else f"{claim['speaker']}: {quote}"
                pairs.append(Pair(text, claim["id"], "quoted"))
                break
    return pairs


def title_pairs(claims: Iterable[dict]) -> list[Pair]:
    """The fact check's title looks up its claim; only where the two do not say the same in the same words."""
    pairs = []
    for claim in claims:
        title = claim.get("title") or ""
        words, own = _words(title), _words(claim["text"])
        if len(words) >= 4 and 1 <= len(words & own) <= len(words) * 0.6:
            pairs.append(Pair(title, claim["id"], "title"))
    return pairs


def german_pairs(rows: Iterable[dict], claims: dict[str, dict]) -> list[Pair]:
    """German sentences as they stand, and once more with the speaker in front where the claim names a person."""
    pairs = []
    for row in rows:
        if row["claim_id"] not in claims:
            continue
        speaker = claims[row["claim_id"]].get("speaker") or ""
        pairs.append(Pair(row["text"], row["claim_id"], "german"))
        if is_person(speaker):
            pairs.append(Pair(f"{speaker}: {row['text']}", row["claim_id"], "german"))
    return pairs


def is_person(speaker: str) -> bool:
    """False for groups and channels ("Facebook posts", "Viral image", "House Majority PAC")."""
    words = speaker.split()
    return 2 <= len(words) <= 3 and all(w[0].isupper() for w in words) and not _CHANNEL.search(speaker)


def average_precision(ranked: Sequence[str], right: frozenset[str], cut: int = 5) -> float:
    """Average precision of one query, cut at ``cut`` and divided by min(relevant, cut): the CheckThat! task 2 measure."""
    hits, total = 0, 0.0
    for place, claim in enumerate(ranked[:cut], 1):
        if claim in right:
            hits += 1
            total += hits / place
    return total / min(len(right), cut)
