"""English sentences -> utterances: quotations, "that" and "to" clauses, "according to", acts of speaking."""

from __future__ import annotations

from factcheck.extraction import english_grammar as g
from factcheck.extraction.clauses import (
    LONG_QUOTE,
    MOST_CLAUSES,
    QUOTED,
    Clause,
    Row,
    build,
)
from factcheck.extraction.english_cues import (
    ALSO_NOUNS,
    SKIPPED_MARKS,
    Cue,
    fitting_cue,
)
from factcheck.extraction.english_speaker import (
    phrase_end,
    subject_after,
    subject_before,
)
from factcheck.extraction.lexicon import cue_forms
from factcheck.extraction.sentences import Sentence
from factcheck.extraction.utterance import Utterance
from factcheck.records import Kind

_SPOKEN = {"said", "says", "say", "saying", "told", "wrote", "added", "asked", "tweeted"}
# What is questioned when it is not a person.
_DOUBTED = frozenset(
    "figure figures number numbers claim claims need value worth decision decisions motive motives plan plans result results legality"
    " wisdom fairness accuracy legitimacy validity credibility integrity loyalty judgment intentions assumptions findings evidence"
    " policy policies strategy estimate estimates report data math science timing cost costs role authority commitment fitness"
    " ability independence patriotism whether why how".split()
)
# After these a clause without "that" is what was said: "She said the bridge was safe".
_BARE = frozenset(
    "say add claim insist think believe argue note write tweet suggest explain acknowledge warn predict admit stress declare"
    " announce allege boast"
    " hope swear vow promise confirm concede contend maintain report state assert estimate reckon fear mean tell".split()
)
_CONTRACTED = ("’d", "'d", "’ll", "'ll", "’re", "'re", "’ve", "'ve", "’m", "'m", "he’s", "he's", "it’s", "it's", "n’t", "n't")


def utterances(text: str, sentence: Sentence, index: int, follows: bool) -> list[Utterance]:
    """What is said in one sentence, in text order. ``follows`` is not needed: English has no mood that carries on."""
    forms = cue_forms("en")
    row = build(sentence, lambda token: token.lower in forms)
    reader = _Reader(text, row, index)
    reader.according_to()
    if len(row.clauses) <= MOST_CLAUSES:
        for clause in _in_order(row):
            reader.read(clause)
    reader.close()
    return sorted(reader.found, key=lambda u: (u.start, u.end))


def _in_order(row: Row) -> list[Clause]:
    """The clauses from left to right, but first the last one when it is "X said" alone: it speaks of all before it."""
    clauses = list(row.clauses)
    if len(clauses) > 1 and clauses[-1].mark == "," and clauses[-1].b - clauses[-1].a <= 10:
        words = row.row[clauses[-1].a : row.last]
        if words and (words[-1].lower in _SPOKEN or words[0].lower in _SPOKEN or len(words) > 2 and words[-2].lower in _SPOKEN):
            clauses.insert(0, clauses.pop())
    return clauses


class _Reader:
    def __init__(self, text: str, row: Row, index: int) -> None:
        self.text, self.row, self.index = text, row, index
        self.forms = cue_forms("en")
        self.found: list[Utterance] = []
        self.covered = [False] * len(row.row)
        self.speaker: tuple[str, int] = ("", -1)
        self.cue: Cue | None = None
        self.quoted: dict[int, tuple[str, int, Cue | None]] = {}

    def according_to(self) -> None:
        row = self.row.row
        for place in range(len(row) - 2):
            if row[place].lower == "according" and row[place + 1].lower == "to":
                end = phrase_end(row, place + 2, len(row))
                if end == place + 2:
                    continue
                start, stop = self.row.span(place + 2, end)
                self.speaker = (self.text[start:stop], start)
                if place == 0:
                    a, b = self._after_apposition(end), self.row.last
                else:
                    a, b = 0, place
                while a in self.row.free:
                    self.quoted[a] = (*self.speaker, None)
                    a += 1
                self._emit(a, b, Kind.INDIRECT, f"{row[place].text} to", None)
                return

    def _after_apposition(self, place: int) -> int:
        return place + 1 if place < len(self.row.row) and self.row.row[place].text == "," else place

    # -- one clause ---------------------------------------------------------------------------------------------------

    def read(self, clause: Clause) -> None:
        row = self.row.row
        place = clause.a
        while place < clause.b:
            token = row[place]
            forms = self.forms.get(token.lower) if not self.covered[place] and not (token.capital and place) else None
            cue = fitting_cue(self.row, clause, place, forms) if forms else None
            if cue is not None:
                self._use(clause, cue)
            place += 1

    def _use(self, clause: Clause, cue: Cue) -> None:
        row = self.row.row
        named = self._speaker(clause, cue)
        left = self._left(clause, cue)
        if named is None and left is None and cue.shape == "finite" and not cue.passive:
            if clause.mark == "" or not self.speaker[0]:
                return
        self.speaker = named if named is not None else self.speaker if cue.shape == "present participle" else ("", -1)
        self.cue = cue
        if left is not None:
            if left in self.row.free:
                self.quoted[left] = (*self.speaker, cue)
                if row[left - 1].text in SKIPPED_MARKS and left >= 2 and left - 2 in self.row.free:
                    self.quoted[left - 2] = (*self.speaker, cue)
            else:
                first = max((c.a for c in self.row.clauses if c.a < left and c.mark in {QUOTED, ";", ":"}), default=0)
                self._emit(first, left, Kind.INDIRECT, cue.words, cue)
            self._quotes_right(clause)
            return
        right = self._right(clause, cue)
        if right is not None:
            self._emit(right, self._extent(right), Kind.INDIRECT, cue.words, cue)
            return
        if self._quotes_right(clause):
            return
        if (
            cue.verb.takes("r")
            and self.speaker[0]
            and cue.shape != "present participle"
            and not cue.passive
            and cue.at + 1 < clause.b
            and row[cue.at + 1].text not in ".,"
            and (cue.verb.lemma != "question" or self._doubts(cue.at, clause.b))
        ):
            if not self.found:
                sentence = self.row.sentence
                self.found.append(self._made(sentence.start, sentence.end, Kind.REPORTED, cue.words, cue))

    def _doubts(self, at: int, b: int) -> bool:
        """ "questioned the figures" reports a doubt, "questioned the suspect" an interrogation."""
        return any(token.lower in _DOUBTED for token in self.row.row[at + 1 : min(b, at + 6)])

    def _left(self, clause: Clause, cue: Cue) -> int | None:
        """Place of the quotation, or after the words, that "..., X said" follows."""
        row = self.row.row
        if clause.a == 0 or clause.mark in {"", ":", ";"} or not cue.verb.takes("q"):
            return None
        head = [t for t in row[clause.a : cue.at] if t.lower not in g.ADVERBS | g.HAVE]
        if head and head[0].lower in g.SUBORDINATORS | g.RELATIVES | g.COMPLEMENTISERS - {"as"} and clause.mark != QUOTED:
            return None
        at = clause.a - 1
        while at > 0 and at not in self.row.free and row[at].text in SKIPPED_MARKS:
            at -= 1
        if at in self.row.free:
            return at
        trailing = clause.b >= self.row.last or cue.at + 3 >= clause.b or clause.b - cue.at <= 6
        subject_only = len(head) <= 8 and cue.at + 1 < len(row)
        ends = all(t.lower not in g.COMPLEMENTISERS for t in row[cue.at + 1 : clause.b])
        if self.covered[at] or not (trailing and subject_only and ends) or cue.shape == "present participle" or cue.passive:
            return None
        if all(row[c.a].lower in g.RELATIVES for c in self.row.clauses if c.a <= at and self._has_verb(c.a, min(c.b, at + 1))):
            return None  # "Jane Roe, who sits on the council, called it a stunt"
        if (
            not self._has_verb(0, at + 1)
            or row[0].lower in {"when", "if", "while", "after", "before", "although", "though", "because", "in", "on", "at"}
            and at < 12
        ):
            return None
        if (
            cue.at + 1 < clause.b
            and row[cue.at + 1].lower not in g.PREPOSITIONS | _times_words()
            and not subject_after(row, cue.at, clause.b)
            and row[cue.at + 1].text not in ".!?"
        ):
            return None
        following = next((c for c in self.row.clauses if c.a >= clause.b), None)
        if following is not None and self._has_verb(following.a, following.b) and subject_after(row, cue.at, clause.b) is None:
            return None
        return at + 1

    def _has_verb(self, a: int, b: int) -> bool:
        return any(
            t.lower in g.AUXILIARIES
            or (t.text.islower() and t.text.endswith(("ed", "s")) and t.lower not in g.CLOSED | ALSO_NOUNS)
            or t.lower in self.forms
            and t.lower not in ALSO_NOUNS
            for t in self.row.row[a:b]
        )

    def _right(self, clause: Clause, cue: Cue) -> int | None:
        """Place where the words that the verb introduces begin."""
        row = self.row.row
        place = cue.at + 1
        if cue.verb.takes("o") and place < clause.b:
            place = self._past_addressee(place, clause.b)
        while place < clause.b and (
            row[place].lower in g.ADVERBS | _times_words()
            or row[place].lower == "on"
            and place + 1 < clause.b
            and row[place + 1].lower in _times_words()
        ):
            place += 1
        last = self.row.last
        if place >= last or place in self.row.free:
            return None
        for at in range(place, min(place + 14, clause.b)):
            word = row[at].lower
            if word in {"that", "whether"} and cue.verb.takes("c") and at + 2 < last and (at == place or row[at - 1].text != ","):
                return at
            if row[at].lower in self.forms and at > place + 1:
                break
        word = row[place].lower
        if word in {"how", "why", "what", "if"} and cue.verb.takes("c"):
            return place
        if cue.verb.takes("z"):
            for at in range(place, min(place + 6, clause.b - 1)):
                if (
                    row[at].lower == "to"
                    and at + 3 <= last
                    and row[at + 1].text.islower()
                    and row[at + 1].lower not in g.DETERMINERS
                ):
                    return at
                if row[at].lower == "not" and row[at + 1].lower == "to":
                    return at
        if cue.verb.takes("c") and not cue.passive and cue.verb.lemma in _BARE and place < clause.b:
            if row[place].text == QUOTED:
                return None
            if word in g.PREPOSITIONS | g.SUBORDINATORS or (cue.verb.lemma == "tell" and place == cue.at + 1):
                return None
            if self._has_finite(place, self._clause_end(place)):
                return place
        if row[place].text == ":" and place + 1 < last and place + 1 not in self.row.free:
            return place + 1
        return None

    def _clause_end(self, place: int) -> int:
        return min(self.row.last, place + 22)

    def _has_finite(self, a: int, b: int) -> bool:
        row = self.row.row
        return any(
            t.lower in g.AUXILIARIES
            or t.lower.endswith(_CONTRACTED)
            or (
                t.text.islower()
                and n > a
                and t.text.endswith(("ed", "s"))
                and not t.text.endswith(("ss", "us", "ous"))
                and t.lower not in g.CLOSED
            )
            for n, t in enumerate(row[a:b], a)
        )

    def _past_addressee(self, place: int, b: int) -> int:
        """Past who is spoken to: told *reporters*, told *the Senate committee* that ..."""
        row = self.row.row
        if row[place].lower in g.ADDRESSEES:
            return place + 1
        if row[place].lower in {"that", "to", "about"}:
            return place
        end = phrase_end(row, place, min(b, place + 7))
        return (
            end if end > place and end < b and row[end].lower in {"that", "to", "on", "in", "he", "she", "they", "it"} else place
        )

    def _extent(self, a: int) -> int:
        row = self.row.row
        for clause in self.row.clauses:
            if clause.a <= a:
                continue
            if clause.mark == QUOTED:
                return clause.a - 1
            head = row[clause.a].lower
            participle = any(f.shape == "present participle" for f in self.forms.get(head, ()))
            if (
                participle
                or head
                in {"adding", "saying", "noting", "citing", "telling", "calling", "warning", "arguing", "while", "although"}
                or (head in {"and", "but"} and any(t.lower in _SPOKEN for t in row[clause.a + 1 : clause.a + 4]))
            ):
                return clause.a - 1
            if (
                clause.b >= self.row.last
                and any(t.lower in {"said", "says"} for t in row[clause.a : clause.b])
                and clause.b - clause.a < 6
            ):
                return clause.a - 1
        return min([self.row.last, *(q for q in self.row.free if q > a)])

    def _quotes_right(self, clause: Clause) -> bool:
        used = False
        for place in sorted(self.row.quotes):
            if place >= clause.a and place not in self.quoted:
                self.quoted[place] = (*self.speaker, self.cue)
                used = used or place in self.row.free or place < clause.b
        return used

    def _speaker(self, clause: Clause, cue: Cue) -> tuple[str, int] | None:
        row = self.row.row
        span: tuple[int, int] | None = None
        if cue.passive:
            by = next((i for i in range(cue.at, min(clause.b, cue.at + 6)) if row[i].lower == "by"), None)
            if by is None:
                return ("", -1)
            span = (by + 1, phrase_end(row, by + 1, clause.b))
        elif cue.shape == "present participle":
            return None
        else:
            inverted = (
                clause.mark in {QUOTED, ","} and all(t.lower in g.ADVERBS for t in row[clause.a : cue.at]) and cue.verb.takes("q")
            )
            first = max((c for c in self.row.clauses if c.a < clause.a and c.mark != ","), key=lambda c: c.a, default=None)
            if inverted and clause.mark == "," and clause.a - 2 not in self.row.free:
                inverted = first is not None and self._has_verb(first.a, first.b)
            if inverted:
                span = subject_after(row, cue.at, clause.b)
            if span is None:
                span = subject_before(row, clause.a, cue.at)
            if span is not None and row[span[0]].lower in {"who", "which", "that"} and clause.mark == ",":
                span = None
            if span is None and clause.mark == "," and not inverted or span is None and clause.mark == "," and cue.at == clause.a:
                span = self._across_apposition(clause)
        if span is None or span[0] >= span[1]:
            return None
        start, end = self.row.span(*span)
        return (self.text[start:end], start) if end > start else None

    def _across_apposition(self, clause: Clause) -> tuple[int, int] | None:
        """The subject before "Jane Roe, the mayor of Fairhaven, said"."""
        earlier = [c for c in self.row.clauses if c.b <= clause.a]
        for candidate in reversed(earlier[-3:]):
            if candidate.mark in {"", QUOTED, ";", ":"} or candidate is earlier[0]:
                span = subject_before(self.row.row, candidate.a, candidate.b)
                if span is not None and not self._has_verb(*span):
                    described = self.row.row[span[0]].lower in g.DETERMINERS and clause.a - span[0] <= 14
                    return (span[0], clause.a - 1) if described else span  # "Her rival, Senator Jane Roe," needs the name in it
                return None
        return None

    # -- results ------------------------------------------------------------------------------------------------------

    def _emit(self, a: int, b: int, kind: Kind, words: str, cue: Cue | None) -> None:
        start, end = self.row.span(a, b)
        if end <= start or b - a < 2 or any(self.covered[a:b]):
            return
        for place in range(a, min(b, len(self.covered))):
            self.covered[place] = True
        self.found.append(self._made(start, end, kind, words, cue))

    def _made(self, start: int, end: int, kind: Kind, words: str, cue: Cue | None) -> Utterance:
        row = self.row.row
        frame = self.row.around(start, end)
        if kind is Kind.REPORTED and cue is not None:
            frame = ((row[0].start, row[min(2, len(row) - 1)].end), (row[cue.at].start, row[min(cue.at + 3, len(row) - 1)].end))
        return Utterance(
            start, end, kind, self.index,
            cue=words, verb=cue.verb.lemma if cue else "", mention=self.speaker[0], mention_start=self.speaker[1], frame=frame,
            continues=bool(cue and (cue.verb.takes("n") or cue.shape == "present participle")),
            commissive=bool(cue and cue.verb.takes("p")),
        )  # fmt: skip

    def close(self) -> None:
        """Quotations that no indirect statement holds."""
        for place, quote in sorted(self.row.quotes.items()):
            if self.covered[place]:
                continue
            mention, at, cue = self.quoted.get(place, ("", -1, None))
            known = place in self.quoted
            if quote.words < LONG_QUOTE and not (known and place in self.row.free and (cue is None or cue.verb.takes("q"))):
                continue
            if not known and self.cue is not None:
                mention, at, cue = (*self.speaker, self.cue)
            self.speaker = (mention, at)
            made = self._made(quote.start, quote.end, Kind.DIRECT, cue.words if cue else "", cue)
            made.continues = made.continues or (not mention and self.row.stands_alone)
            self.found = [u for u in self.found if u.kind is not Kind.REPORTED or place not in self.row.free]
            self.found.append(made)


def _times_words() -> frozenset[str]:
    return _TIMES


_TIMES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today yesterday tonight late early last this week"
    " night morning".split()
)
