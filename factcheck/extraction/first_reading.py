"""The first reading of an article: sentences, and what the rules of its language find. The trained network reads on from there."""

from __future__ import annotations

from collections.abc import Sequence

from factcheck.extraction import english, german
from factcheck.extraction.sentences import Sentence, split
from factcheck.extraction.tagging.words import Words, words_of
from factcheck.extraction.utterance import Utterance


def by_rules(text: str, sentences: Sequence[Sentence], language: str) -> list[Utterance]:
    """What the rules find, in text order; ``language`` "de" or, for all others, English."""
    rules = german.utterances if language == "de" else english.utterances
    found: list[Utterance] = []
    for index, sentence in enumerate(sentences):
        if not sentence.heading:
            follows = bool(found and index - found[-1].sentence <= 1)
            found += rules(text, sentence, index, follows)
    return found


def words(text: str, language: str) -> Words:
    """The words of a text with the rules' reading."""
    language = "de" if language == "de" else "en"
    sentences = list(split(text, language))
    return words_of(sentences, by_rules(text, sentences, language), language)
