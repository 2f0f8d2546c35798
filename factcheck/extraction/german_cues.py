"""Verbs of saying in a German clause: finite or with an auxiliary, with a separated prefix, in the passive."""

from __future__ import annotations

from factcheck.extraction import german_grammar as g
from factcheck.extraction.clauses import QUOTED, Clause, Row
from factcheck.extraction.lexicon import Form, Verb, cue_forms
from factcheck.extraction.sentences import Token

_AUXILIARIES = g.HAVE | g.BECOME | g.MODALS


class Cue:
    """A verb of saying in its clause: place of the finite verb, of the verb itself, its words, and whether it is passive."""

    def __init__(self, verb: Verb, at: int, finite: int, words: str, passive: bool, last: bool) -> None:
        self.verb, self.at, self.finite, self.words, self.passive, self.last = verb, at, finite, words, passive, last

    def last_in(self, clause: Clause, row: tuple[Token, ...]) -> bool:
        """Stands the verb at the end of its clause, as it does in a relative clause?"""
        return max(self.at, self.finite) >= clause.b - 1 or all(
            t.text in ".?!…" for t in row[max(self.at, self.finite) + 1 : clause.b]
        )


def find_cue(sentence: Row, clause: Clause, start: int, covered: list[bool]) -> Cue | None:
    """The first verb of saying in ``clause`` from place ``start`` on, past what is ``covered`` by a statement already."""
    row = sentence.row
    known = cue_forms("de")
    for place in range(start, clause.b):
        token = row[place]
        if covered[place] or (
            token.capital and place > 0 and row[place - 1].text not in ":.?!" and row[place - 1].text != QUOTED
        ):
            continue
        forms = known.get(token.lower)
        if forms:
            cue = _fits(sentence, clause, place, forms)
            if cue is not None:
                return cue
    return None


def _fits(sentence: Row, clause: Clause, place: int, forms: tuple[Form, ...]) -> Cue | None:
    row = sentence.row
    lower = row[place].lower
    have, become, modal = _auxiliaries(sentence, clause, place)
    for form in forms:
        if form.prefix:
            end = _prefix_place(sentence, clause, place, form.prefix)
            if end is not None:
                return Cue(form.verb, place, place, f"{row[place].text} {row[end].text}", False, False)
    for form in forms:
        if form.prefix or form.shape == "present participle" or form.shape == "infinitive":
            continue
        if form.shape == "participle" and (have is not None or become is not None):
            auxiliary = have if have is not None else become
            if row[auxiliary].lower in g.SUBJUNCTIVE_AUXILIARIES:
                return None  # said within what is said: "X habe versprochen, ..."
            passive = have is None
            words = (
                f"{row[auxiliary].text} {row[place].text}" if auxiliary < place else f"{row[place].text} {row[auxiliary].text}"
            )
            return Cue(form.verb, place, auxiliary, words, passive, auxiliary > place)
    for form in forms:
        if form.prefix or form.shape != "finite":
            continue
        if any(f.shape == "participle" for f in forms) and (have is not None or become is not None):
            continue
        if lower == form.verb.lemma and (modal is not None or (place and row[place - 1].lower == "zu")):
            return None
        if lower in g.KONJUNKTIV:
            return None
        if lower in {"heißt", "hieß", "heiße"}:
            near = {t.lower for t in row[max(clause.a, place - 1) : place + 2]}
            if "es" not in near:
                return None
            return Cue(form.verb, place, place, f"{row[place].text} es", False, False)
        last = row[clause.a].lower in g.SUBORDINATORS and place > clause.a + 1
        return Cue(form.verb, place, place, row[place].text, False, last)
    return None


def _auxiliaries(sentence: Row, clause: Clause, place: int) -> tuple[int | None, int | None, int | None]:
    have = become = modal = None
    places = sentence.places  # not word by word: a clause may be as long as a page, and have as many cues
    for at, word in sorted((at, word) for word in _AUXILIARIES if word in places for at in places[word] if clause.a <= at < clause.b and at != place):
        if word in g.HAVE and (have is None or at < place):
            have = at
        elif word in g.BECOME and word != "worden" and (become is None or at < place):
            become = at
        elif word in g.MODALS and at < place:
            modal = at
    return have, become, modal


def _prefix_place(sentence: Row, clause: Clause, place: int, prefix: str) -> int | None:
    """Where the separated prefix stands: at the end of its clause, or before "und"."""
    row = sentence.row
    last = clause.b - 1
    while last > place and row[last].text in ".?!…":
        last -= 1
    for at in sentence.places.get(prefix, ()):
        if place < at < clause.b and (at == last or row[at + 1].lower in {"und", "oder", "sowie"} or at + 1 in sentence.quotes):
            return at
    for other in sentence.clauses:  # "teilte der Sprecher, der ..., mit"
        if other.a > clause.b and other.b - other.a <= 2 and row[other.a].lower == prefix:
            return other.a
    return None
