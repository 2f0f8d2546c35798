"""Article -> statements: who said what, how and when. ``article.text[s.start:s.end] == s.text``, always."""

from __future__ import annotations

from collections.abc import Sequence

from factcheck.extraction import german
from factcheck.extraction.sentences import split
from factcheck.extraction.utterance import Utterance
from factcheck.records import Article, Person, Statement


def extract(article: Article, people: Sequence[Person] = ()) -> list[Statement]:
    """The statements in ``article``, in text order.

    ``people`` are those on file: they help to tell who "der Republikaner" or "the senator" is. A statement whose speaker is not
    certain has speaker "" and keeps the mention.
    """
    found: list[Utterance] = []
    sentences = list(split(article.text, article.language if article.language in {"de", "en"} else "en"))
    rules = german.utterances
    for index, sentence in enumerate(sentences):
        if sentence.heading:
            continue
        follows = bool(found and index - found[-1].sentence <= 1)
        found += rules(article.text, sentence, index, follows)
    return [
        Statement(text=article.text[u.start : u.end], start=u.start, end=u.end, kind=u.kind, cue=u.cue, mention=u.mention)
        for u in found
    ]
