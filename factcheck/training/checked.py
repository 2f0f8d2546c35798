"""Articles that editors checked as training material: what is trained on, and what is kept out to measure with.

The parts are drawn by article and by its text alone, so an article that was held out once is held out in every later training.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db import Store
from factcheck import correcting
from factcheck.errors import BadInput
from factcheck.extraction.transcripts import reading as transcript
from factcheck.language import MEASURED

ENOUGH = 8  # articles to train on; with fewer, one article decides what is learned
MOST = 2_000  # articles trained on, the newest, so that memory is bounded
PARTS = 10  # of the articles, by text: two are held out, one is watched during training, seven are trained on
HELD_OUT, WATCHED = (0, 1), (2,)
LONGEST_OTHER = 20_000  # characters of an article that nobody checked
INTERRUPTION = 200  # characters between two parts of one quotation, at most


@dataclass(frozen=True)
class CheckedArticle:
    """``annotations`` are rows of ``type quote speaker cue`` in the form of the research data, in text order."""

    id: str
    text: str
    language: str
    annotations: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class LeftOut:
    """Corrected articles that are of no use, by why: an editor has not said that all is right; in another language than German and
    English; read by its labels, which the network has no part in."""

    unchecked: int
    language: int
    labelled: int


@dataclass(frozen=True)
class Material:
    """``watched`` decides which state of the training is kept; ``held_out`` is touched by nothing but the comparison at the end."""

    train: tuple[CheckedArticle, ...]
    watched: tuple[CheckedArticle, ...]
    held_out: tuple[CheckedArticle, ...]
    left_out: LeftOut


def gather(store: Store) -> Material:
    """The articles whose statements an editor has all checked. Raises BadInput when there are too few to train on."""
    parts: dict[str, list[CheckedArticle]] = {"train": [], "watched": [], "held out": []}
    unchecked = language = labelled = 0
    for row in correcting.training_rows(store):
        if not row["complete"]:
            unchecked += 1
        elif row["language"] not in MEASURED:
            language += 1
        elif transcript.turns(row["text"], row["language"]):
            labelled += 1
        else:
            article = CheckedArticle(row["id"], row["text"], row["language"], tuple(quotations(row)))
            parts[part_of(row["text"])].append(article)
    if len(parts["train"]) < ENOUGH:
        raise BadInput(
            f"There are too few checked articles to train on: {len(parts['train'])} (and {len(parts['watched']) + len(parts['held out'])} "
            f"more that are kept for measuring); {ENOUGH} are needed. Left out were {unchecked} corrected but not checked as a whole, "
            f"{language} in other languages than German and English, {labelled} read by their labels. Correct the statements of more "
            "articles and say that all are right."
        )
    return Material(
        tuple(parts["train"][-MOST:]), tuple(parts["watched"]), tuple(parts["held out"]), LeftOut(unchecked, language, labelled)
    )


def part_of(text: str) -> str:
    """ "held out", "watched" or "train", by the words alone."""
    drawn = zlib.crc32(" ".join(text.split()).encode()) % PARTS
    return "held out" if drawn in HELD_OUT else "watched" if drawn in WATCHED else "train"


def others(store: Store, most: int) -> Iterator[tuple[str, str]]:
    """(text, language) of articles that nobody corrected, the newest first, none of those that are or would be kept out."""
    corrected = set(store.corrections.articles())
    for article_id in sorted(set(store.articles.ids()) - corrected, reverse=True):
        if most <= 0:
            return
        article = store.articles.get(article_id)
        assert article is not None
        usable = article.language in MEASURED and 0 < len(article.text) <= LONGEST_OTHER and part_of(article.text) == "train"
        if usable and not transcript.turns(article.text, article.language):
            yield article.text, article.language
            most -= 1


def quotations(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements of a corrected article as the research data marks quotations.

    Statements are cut where sentences end; there, sentences of one speaker that follow each other are one quotation, in English also
    the parts around "she said". Who goes on without being named again is whom the words before named. A German sentence in the
    subjunctive that goes on so has a type of its own.
    """
    text, german = row["text"], row["language"] == "de"
    found: list[dict[str, Any]] = []
    places: dict[str, dict[str, Any]] = {}  # by name: where the speaker was last named
    for given in row["annotations"]:
        name = given.get("speaker_name", "")
        one = {part: given[part] for part in ("type", "quote", "speaker", "cue") if given.get(part)}
        if german and one["type"] == "Indirect" and "cue" not in one:
            one["type"] = "IndirectFreeIndirect"
        one["quote"] = {"spans": [list(span) for span in one["quote"]["spans"]]}
        last = found[-1] if found else None
        if last and last["name"] == name and last["type"] == one["type"] and not ("cue" in last and "cue" in one):
            gap = text[last["quote"]["spans"][-1][1] : one["quote"]["spans"][0][0]]
            interrupted = not german and one["type"] == "Direct" and "\n" not in gap and len(gap) <= INTERRUPTION
            if not gap.strip():
                last["quote"]["spans"][-1][1] = one["quote"]["spans"][0][1]
            elif interrupted:
                last["quote"]["spans"] += one["quote"]["spans"]
            if not gap.strip() or interrupted:
                found[-1] = {**one, **last}
                continue
        found.append({**one, "name": name})
        if name and "speaker" in one:
            places[name] = one["speaker"]
        elif name in places:
            found[-1]["speaker"] = places[name]
    for one in found:
        del one["name"]
        one["quote"]["text"] = _words(text, one["quote"]["spans"])
    return found


def _words(text: str, spans: Sequence[Sequence[int]]) -> str:
    return " ".join(text[start:end] for start, end in spans)
