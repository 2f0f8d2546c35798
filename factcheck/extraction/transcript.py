"""Speeches and debates in which a label names who speaks: "TRUMP: ...", "Scholz: ..."."""

from __future__ import annotations

import re

from factcheck.extraction.sentences import Sentence
from factcheck.extraction.utterance import Utterance
from factcheck.records import Kind

FEWEST_TURNS = 3
LEAST_SHARE = 0.4  # of all paragraphs begin with a label, else it is an article

_LABEL = re.compile(
    r"^(?P<name>(?:[A-ZÄÖÜ][\w.’'-]*)(?:[ \u00a0](?:[A-ZÄÖÜ(][\w.’'()/-]*|von|van|de"
    r"|der)){0,5})(?P<note>\s*\([^)]{0,60}\))?:(?=\s|$)"
)


def turns(text: str, sentences: list[Sentence]) -> dict[int, re.Match[str]]:
    """First sentence of a turn -> its label; empty unless the text is clearly a transcript."""
    found: dict[int, re.Match[str]] = {}
    paragraph, paragraphs = -1, 0
    for index, sentence in enumerate(sentences):
        if sentence.paragraph == paragraph:
            continue
        paragraph, paragraphs = sentence.paragraph, paragraphs + 1
        match = _LABEL.match(text[sentence.start : sentence.start + 160])
        if match:
            found[index] = match
    names = {m["name"] for m in found.values()}
    if len(found) >= FEWEST_TURNS and len(names) < len(found) and len(found) >= LEAST_SHARE * paragraphs:
        return found
    return {}


def utterances(text: str, sentences: list[Sentence], labels: dict[int, re.Match[str]]) -> list[Utterance]:
    """Every sentence of every turn as a direct statement by who the label names."""
    found: list[Utterance] = []
    mention, mention_start = "", -1
    for index, sentence in enumerate(sentences):
        start = sentence.start
        if index in labels:
            match = labels[index]
            mention, mention_start = match["name"], sentence.start
            start += match.end()
            start += len(text[start : sentence.end]) - len(text[start : sentence.end].lstrip())
        if (
            mention
            and start < sentence.end
            and re.search(r"\w", text[start : sentence.end])
            and not _is_stage_direction(text[start : sentence.end])
        ):
            found.append(
                Utterance(start, sentence.end, Kind.DIRECT, index, mention=mention, mention_start=mention_start, labelled=True)
            )
    return found


def _is_stage_direction(sentence: str) -> bool:
    return bool(re.fullmatch(r"[(\[][^)\]]*[)\]][.!?]?", sentence))
