"""Article -> statements: who said what, how and when. ``article.text[s.start:s.end] == s.text``, always."""

from __future__ import annotations

from collections.abc import Sequence

from factcheck import people as persons
from factcheck.embed import Encoder
from factcheck.extraction.annotation import Annotation
from factcheck.extraction.checkworthy import score
from factcheck.extraction.first_reading import by_rules, words
from factcheck.extraction.identity import Identity
from factcheck.extraction.promising import deadline, is_promise
from factcheck.extraction.reader import tagger_of
from factcheck.extraction.reconciled import reconcile
from factcheck.extraction.sentences import Sentence, split
from factcheck.extraction.tagging.words import words_of
from factcheck.extraction.transcripts import reading as transcript
from factcheck.extraction.utterance import Utterance
from factcheck.extraction.when import said_at
from factcheck.records import Article, Kind, Person, Statement, date_precision

LONGEST_CONTEXT = 600  # characters kept of the sentence before and after


def extract(article: Article, people: Sequence[Person] = (), encoder: Encoder | None = None) -> list[Statement]:
    """The statements in ``article``, in text order; time and memory grow linearly with the text.

    ``people`` are those on file: they help to tell who "der Republikaner" or "the senator" is; well-known figures are known
    without them. A statement whose speaker is not certain has speaker "" and keeps the mention. German articles are read by German
    rules, all others by English ones; the trained network of ``encoder`` reads on from there. Without an encoder the rules stand alone.
    """
    language = "de" if article.language == "de" else "en"
    sentences = list(split(article.text, language))
    turns = transcript.turns(article.text, language)
    if turns:
        found = transcript.utterances(article.text, sentences, turns)
    else:
        found = by_rules(article.text, sentences, language)
        tagger = tagger_of(encoder) if encoder else None
        if tagger:
            read = tagger.annotate(article.text, words_of(sentences, found, language))
            found = reconcile(article.text, sentences, found, read, language)
    identities = _speakers(article, people, sentences, found)
    times = _times(article, found, [who.name for who in identities], sentences, language)
    return [
        _statement(article, sentences, u, who, when, language)
        for u, who, when in zip(found, identities, times, strict=True)
    ]


def annotate(article: Article, encoder: Encoder) -> list[Annotation]:
    """Quotes with speaker, cue, frame and addressee as the research data marks them: what the network reads, before it is cut into
    statements. ``article`` is read as prose, whatever it is."""
    language = "de" if article.language == "de" else "en"
    tagger = tagger_of(encoder)
    assert tagger, "annotations come from the trained network"
    return tagger.annotate(article.text, words(article.text, language))


def _speakers(article: Article, people: Sequence[Person], sentences: list[Sentence], found: list[Utterance]) -> list[Identity]:
    """Who speaks, with suggestions where unsure. A statement without a mention goes to who spoke in the sentence before or in its own."""
    if not found:
        return []
    cast = persons.cast(article, people)
    identities: list[Identity] = []
    last, last_sentence, last_words = Identity(), -9, ("", -1)
    for utterance in found:
        here = sentences[utterance.sentence]
        before = sentences[utterance.sentence - 1] if utterance.sentence else None
        distance = utterance.sentence - last_sentence
        near = distance <= 1 or (distance <= 3 and last_sentence >= 0 and sentences[last_sentence].paragraph == here.paragraph)
        spoke = last.name if near else ""
        if utterance.labelled:
            who = Identity(cast.label(utterance.mention), 1.0)
        elif utterance.mention:
            span = (before.start, before.end) if before and here.paragraph - before.paragraph <= 1 else None
            who = cast.identify(utterance.mention, utterance.mention_start, spoke, span)
        else:
            who = last if utterance.continues and near else Identity()
            if utterance.continues and near and not who.name:  # nobody by name, but the article's words for them still hold
                utterance.mention, utterance.mention_start = last_words
        identities.append(who)
        last, last_sentence, last_words = who, utterance.sentence, (utterance.mention, utterance.mention_start)
    return identities


def _times(
    article: Article, found: list[Utterance], speakers: list[str], sentences: list[Sentence], language: str
) -> list[str | None]:
    """When each was said. What goes on from the statement before, by the same person in the same paragraph, was said then too."""
    times: list[str | None] = []
    spoken_of: str | None = None  # the day last told of
    for number, utterance in enumerate(found):
        words = " … ".join(article.text[start:end] for start, end in utterance.frame)
        when = said_at(words, article.published_at, language, anchor=spoken_of)
        if when is None and number and speakers[number] == speakers[number - 1] != "":
            previous = found[number - 1]
            same = sentences[previous.sentence].paragraph == sentences[utterance.sentence].paragraph
            if (
                same
                and (utterance.continues or previous.sentence == utterance.sentence)
                and utterance.sentence - previous.sentence <= 2
            ):
                when = times[-1]
        times.append(when)
        spoken_of = when if date_precision(when) == "day" else spoken_of
    return times


def _statement(
    article: Article, sentences: list[Sentence], found: Utterance, who: Identity, when: str | None, language: str
) -> Statement:
    text = article.text[found.start : found.end]
    promise = is_promise(text, found.kind, found.verb, found.commissive)
    worth = score(text, language) * (0.5 if found.kind is Kind.REPORTED else 0.3 if found.asks else 1.0)
    return Statement(
        text=text,
        start=found.start,
        end=found.end,
        kind=found.kind,
        speaker=who.name,
        suggestions=who.suggestions,
        mention=found.mention,
        mention_at=((found.mention_start, found.mention_start + len(found.mention)),) if found.mention_start >= 0 else (),
        cue=found.cue,
        cue_at=found.cue_at,
        said_at=when,
        check_worthy=round(worth, 4),
        is_promise=promise,
        deadline=deadline(text, when if date_precision(when) == "day" else None) if promise else None,
        before=_neighbour(article.text, sentences, found.sentence - 1),
        after=_neighbour(article.text, sentences, found.sentence + 1),
    )


def _neighbour(text: str, sentences: list[Sentence], index: int) -> str:
    if not 0 <= index < len(sentences):
        return ""
    return text[sentences[index].start : min(sentences[index].end, sentences[index].start + LONGEST_CONTEXT)]
