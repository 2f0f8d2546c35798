"""Verbs of saying in an English clause: finite, with an auxiliary, in the passive, or as a participle ("adding that")."""

from __future__ import annotations

from factcheck.extraction import english_grammar as g
from factcheck.extraction.clauses import QUOTED, Clause, Row
from factcheck.extraction.lexicon import Form, Verb

SKIPPED_MARKS = {",", "–", "—", "-"}
ALSO_NOUNS = frozenset(
    "state states note notes report reports claim claims call calls demand demands offer offers thanks thank forecast"
    " estimate estimates attack"
    " attacks support supports charge charges request requests appeal appeals answer answers post posts praise hope hopes"
    " fear fears doubt doubts"
    " worry blast blasts promise promises pledge pledges vow vows cry mention mentions quote quotes counter counters"
    " comment shows show question questions".split()
)


class Cue:
    def __init__(self, verb: Verb, at: int, words: str, passive: bool, shape: str) -> None:
        self.verb, self.at, self.words, self.passive, self.shape = verb, at, words, passive, shape


def fitting_cue(sentence: Row, clause: Clause, place: int, forms: tuple[Form, ...]) -> Cue | None:
    """The verb of saying at ``place``, told by what stands before it; None for a noun or after a modal."""
    row = sentence.row
    before = [t.lower for t in row[max(clause.a, place - 4) : place]]
    previous = next((w for w in reversed(before) if w not in g.ADVERBS and not w.endswith("ly")), "")
    if previous in g.DETERMINERS | {"of", "in", "for", "at", "by", "with", "from"} and not any(
        f.shape == "present participle" for f in forms
    ):
        return None  # a noun: "the report", "his offer"
    if row[place].lower in ALSO_NOUNS and not _is_verb(sentence, clause, place, previous):
        return None
    shapes = {f.shape: f for f in forms if not f.prefix}
    words = row[place].text
    if previous in g.HAVE and "participle" in shapes:
        return Cue(shapes["participle"].verb, place, f"{previous} {words}", False, "participle")
    if previous in g.BE:
        if "present participle" in shapes:
            return Cue(shapes["present participle"].verb, place, f"{previous} {words}", False, "finite")
        if "participle" in shapes:
            return Cue(shapes["participle"].verb, place, f"{previous} {words}", True, "participle")
        return None
    if previous in g.MODALS or previous == "to":
        return None
    if "finite" in shapes:
        if row[place].lower == shapes["finite"].verb.lemma and place == 0:
            return None
        return Cue(shapes["finite"].verb, place, words, False, "finite")
    if "present participle" in shapes and (
        place == clause.a and clause.mark in SKIPPED_MARKS | {QUOTED} or previous in {"by", "in"}
    ):
        return Cue(shapes["present participle"].verb, place, words, False, "present participle")
    return None


def _is_verb(sentence: Row, clause: Clause, place: int, previous: str) -> bool:
    """For forms that are also nouns ("reports", "calls"): after a pronoun or name, or before "that"."""
    row = sentence.row
    follows = row[place + 1].lower if place + 1 < len(row) else ""
    if follows == "that" or previous in g.SUBJECT_PRONOUNS:
        return True
    left = next((t for t in reversed(row[max(clause.a, place - 4) : place]) if t.lower not in g.ADVERBS), None)
    return (
        left is not None
        and left.capital
        and row[place].lower not in {"state", "states"}
        and (follows in g.DETERMINERS | {"to", "for"} or follows == QUOTED)
    )
