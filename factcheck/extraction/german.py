"""German sentences -> utterances: quotations, reported speech in the Konjunktiv, "dass" clauses, "laut", "so X", speech acts."""

from __future__ import annotations

from factcheck.extraction import german_grammar as g
from factcheck.extraction.clauses import (
    LONG_QUOTE,
    MOST_CLAUSES,
    QUOTED,
    Clause,
    Row,
    build,
)
from factcheck.extraction.german_cues import Cue, find_cue
from factcheck.extraction.german_sources import sources
from factcheck.extraction.german_speaker import (
    antecedent,
    finite_place,
    noun_phrase,
    subject,
)
from factcheck.extraction.lexicon import cue_forms
from factcheck.extraction.sentences import Sentence, Token
from factcheck.extraction.utterance import Utterance
from factcheck.records import Kind

_CONTINUING = "n"
# After these a main clause in the indicative can be what was said: "X sagte, das ist falsch".
_PLAIN = {"sagen", "erklären", "meinen", "betonen", "behaupten", "glauben", "schreiben", "mitteilen", "bestätigen", "versichern"}
_QUESTIONS = {"fragen", "sagen", "erklären", "erläutern", "schildern", "verraten", "nachfragen", "darlegen", "mitteilen"}


def utterances(text: str, sentence: Sentence, index: int, follows: bool) -> list[Utterance]:
    """What is said in one sentence, in text order. ``follows`` says that the sentence before held a statement."""
    forms = cue_forms("de")
    row = build(sentence, lambda token: token.lower in forms)
    reader = _Reader(text, row, index)
    if len(row.clauses) <= MOST_CLAUSES:
        for source in sources(row):
            reader.add_source(*source)
    if len(row.clauses) <= MOST_CLAUSES:
        for clause in _in_order(row):
            reader.read(clause)
    reader.close(follows)
    return sorted(reader.found, key=lambda u: (u.start, u.end))


def _in_order(row: Row) -> list[Clause]:
    """The clauses from left to right, but a closing "..., sagte X" first: it speaks of all before it."""
    clauses = list(row.clauses)
    if len(clauses) > 1 and clauses[-1].mark == "," and row.row[clauses[-1].a].lower in cue_forms("de"):
        clauses.insert(0, clauses.pop())
    return clauses


class _Reader:
    def __init__(self, text: str, row: Row, index: int) -> None:
        self.text, self.row, self.index = text, row, index
        self.forms = cue_forms("de")
        self.found: list[Utterance] = []
        self.covered = [False] * len(row.row)  # places inside an indirect statement
        self.speaker: tuple[str, int] = ("", -1)
        self.cue: Cue | None = None  # the last one read: what a quotation in the sentence goes with
        self.quoted: dict[int, tuple[str, int, Cue | None]] = {}
        self.source_words: dict[int, str] = {}  # "so", "laut" beside a quotation

    # -- one clause ---------------------------------------------------------------------------------------------------

    def read(self, clause: Clause) -> None:
        start = clause.a
        while start < clause.b:
            cue = find_cue(self.row, clause, start, self.covered)
            if cue is None:
                return
            self._use(clause, cue)
            start = max(cue.at, cue.finite) + 1

    # -- what a cue introduces ----------------------------------------------------------------------------------------

    def _use(self, clause: Clause, cue: Cue) -> None:
        row = self.row.row
        self.speaker = self._speaker(clause, cue)
        self.cue = cue
        before = self._left(clause, cue)
        if before is not None:
            if before in self.row.free:
                self.quoted[before] = (*self.speaker, cue)
            else:
                first = next(
                    (c.a for c in reversed(self.row.clauses) if c.b <= before and c.mark in {QUOTED, ";"} and c.b > 0), 0
                )
                self._indirect(first, before, clause, cue)
            self._quotes_right(clause, cue)
            return
        after = self._right(clause, cue)
        if after is not None:
            self._indirect(after, self._extent(after), clause, cue)
            return
        if self._quotes_right(clause, cue):
            return
        head = row[clause.a].lower
        dateline = (
            clause.mark in {"-", "–", "—"} and clause.a <= 8 and finite_place(row, 0, clause.a - 1) is None
        )  # "Wien (dpa) - ..."
        main = (
            clause.a == 0
            or dateline
            or clause.mark in {":", ";"}
            or (cue.finite <= clause.a + 2 and not cue.last)
            or head in g.CONJUNCTIONS
        )
        if main and head not in g.SUBORDINATORS and self._acts(clause, cue) and (self.speaker[0] or not cue.passive):
            self._reported(cue)

    def _acts(self, clause: Clause, cue: Cue) -> bool:
        """Does the verb alone report an act of speaking here? "sprach" does with "von", "über" or "sich ... aus"."""
        if cue.verb.lemma == "sprechen":
            return cue.finite == cue.at and any(t.lower in {"von", "vom", "aus"} for t in self.row.row[cue.at : clause.b])
        if cue.verb.lemma in {"erklären", "geben"} or not cue.verb.takes("r"):
            return False
        return True

    def _left(self, clause: Clause, cue: Cue) -> int | None:
        """Place before which the statement ends when the clause comes after it ("..., sagte X", "..., wie X sagte")."""
        row = self.row.row
        if clause.a == 0 or clause.mark in {"", ":"} or (row[0].lower == "wie" and clause.mark != QUOTED):
            return None
        head = row[clause.a].lower
        if not (cue.finite <= clause.a + (1 if head in {"so", "das", "dies"} else 0) or head == "wie"):
            return None
        at = clause.a - 1
        while at > 0 and at not in self.row.free and row[at].text in ",–—-":
            at -= 1
        if at in self.row.free:
            return at
        if all(t.capital or t.lower in g.DETERMINERS or t.text in ",()" for t in row[:at]) or self.covered[at]:
            return None
        first = max(
            (c for c in self.row.clauses if c.a <= at and c.mark in {"", QUOTED, ":", ";"}),
            key=lambda c: c.a,
            default=self.row.clauses[0],
        )
        opens = row[first.a].lower
        whole = any(g.konjunktiv_at(row[c.a : c.b]) is not None for c in self.row.clauses if first.a <= c.a <= at)
        if not whole and (cue.passive or cue.finite != cue.at or not cue.verb.takes("c")):
            return None
        if opens in g.SUBORDINATORS and not (opens in {"wenn", "da", "als"} and whole):
            return None
        if g.konjunktiv_at(row[first.a : first.b]) is None and finite_place(row, first.a, min(first.b, at + 1)) is None:
            return None
        return at + 1

    def _right(self, clause: Clause, cue: Cue) -> int | None:
        """Place where the statement after the clause begins."""
        following = [c for c in self.row.clauses if c.a >= clause.b][:4]
        row = self.row.row
        if (
            row[0].lower == "wie" and following and (cue.last or (clause.a and cue.finite <= clause.a + 1))
        ):  # "Wie X mitteilte, ..."
            return following[0].a
        takes_clause, takes_infinitive = cue.verb.takes("c"), cue.verb.takes("z")
        for number, nxt in enumerate(following):
            if self.row.row[nxt.a].text == QUOTED or nxt.mark == QUOTED:
                return None
            words = row[nxt.a : nxt.b]
            head = next((t.lower for t in words if t.text not in '„“"»«'), "")
            if nxt.mark == ":":
                return nxt.a if number == 0 or takes_clause else None
            if head in g.NOT_A_COMPLEMENT:
                if head in {"sondern"}:
                    return None
                continue
            if head in {"dass", "daß", "ob"} and (takes_clause or takes_infinitive):
                return nxt.a
            if head in g.COMPLEMENTISERS:
                return nxt.a if number == 0 and cue.verb.lemma in _QUESTIONS else None
            relative = (
                head in {"der", "die", "das"}
                or head in g.PREPOSITIONS
                and len(words) > 1
                and words[1].lower in {"der", "die", "das", "denen", "dem"}
            )
            konjunktiv = g.konjunktiv_at(words) is not None or g.has_konjunktiv_ii(words)
            if takes_clause and konjunktiv and not (number and relative):
                return nxt.a
            if takes_infinitive and _infinitive_with_zu(words):
                return nxt.a
            plain = (
                number == 0 and not relative and head not in g.CONJUNCTIONS and cue.verb.lemma in _PLAIN and cue.finite == cue.at
            )
            if plain and finite_place(row, nxt.a, nxt.b) is not None:
                return nxt.a
            if not relative and number:
                return None
        return None

    def _extent(self, a: int) -> int:
        """Place where the statement that begins at ``a`` ends: before a new act of speaking, else with the sentence."""
        row = self.row.row
        for clause in self.row.clauses:
            if clause.a <= a:
                continue
            if clause.mark in {QUOTED, ":"} and find_cue(self.row, clause, clause.a, self.covered) is not None:
                return clause.a - 1
            head = row[clause.a].lower
            inner = _head_place(row, clause)
            if head in {"sagte", "so", "wie"} or (
                inner < clause.b and row[inner].lower in self.forms and head not in g.SUBORDINATORS
            ):
                if (
                    find_cue(self.row, clause, clause.a, self.covered) is not None
                    and g.konjunktiv_at(row[clause.a : clause.b]) is None
                ):
                    return clause.a - 1
        free = [q for q in self.row.free if q > a]
        return min([self.row.last, *free])

    def _quotes_right(self, clause: Clause, cue: Cue) -> bool:
        used = False
        for place in sorted(self.row.quotes):
            if place >= clause.a and place not in self.quoted:
                self.quoted[place] = (*self.speaker, cue)
                used = used or place in self.row.free or place < clause.b
        return used

    # -- speakers -----------------------------------------------------------------------------------------------------

    def _speaker(self, clause: Clause, cue: Cue) -> tuple[str, int]:
        row = self.row.row
        if cue.passive and cue.verb.lemma != "zitieren":
            return self._agent(clause)
        if cue.verb.lemma == "heißen":
            return self._agent(clause, frozenset({"aus", "in", "im", "von", "vom", "bei", "beim", "seitens"}))
        relative = clause.mark == "," and row[clause.a].lower in {"der", "die", "das"} and cue.last_in(clause, row)
        span = antecedent(row, clause.a - 1) if relative else self._across_insertion(clause, cue)
        if span is None and not relative:
            span = subject(row, clause.a, clause.b, cue.finite, cue.last)
        if span is None and cue.finite <= clause.a + 1 and clause.mark == "," and self.row.clauses[0].a < clause.a:
            first = self.row.clauses[0]  # "Der Leiter des Instituts, Klaus Muster, sagte ..."
            if finite_place(row, first.a, first.b) is None:
                span = subject(row, first.a, first.b, first.b)
                if span is not None and clause.a - first.b < 8:
                    span = (span[0], clause.a - 1)
        if span is None:
            head = row[clause.a].lower
            if head in g.CONJUNCTIONS or clause.mark == "":
                return self.speaker
            return ("", -1)
        start, end = self.row.span(*span)
        return self.text[start:end], start

    def _across_insertion(self, clause: Clause, cue: Cue) -> tuple[int, int] | None:
        """The subject before "Osterkamp, der im Rat sitzt, forderte ..."; name and all of "Der Landrat, Falk Osterkamp, warf ..."."""
        row = self.row.row
        earlier = [c for c in self.row.clauses if c.b < clause.a]
        if cue.finite != clause.a or clause.mark != "," or len(earlier) < 2 or earlier[-1].mark != ",":
            return None
        first, inserted = earlier[-2], earlier[-1]
        words = row[inserted.a : inserted.b]
        end = noun_phrase(row, first.a, first.b)
        if first.mark not in {"", ":", ";"} or end != first.b or row[first.a].lower in g.PREPOSITIONS:
            return None
        if len(words) <= 4 and all(t.capital for t in words) and words[0].lower not in g.DETERMINERS:
            return first.a, inserted.b
        if words[0].lower in {"der", "die", "das"} and len(words) > 2 and words[-1].text.islower():
            return first.a, first.b
        return None

    def _agent(self, clause: Clause, marks: frozenset[str] = frozenset({"von", "vom", "durch", "seitens"})) -> tuple[str, int]:
        row = self.row.row
        for place in range(clause.a, clause.b - 1):
            if row[place].lower in marks:
                end = noun_phrase(row, place + 1, clause.b)
                if end > place + 1:
                    start, stop = self.row.span(place + 1, end)
                    return self.text[start:stop], start
        return ("", -1)

    # -- results ------------------------------------------------------------------------------------------------------

    def add_source(self, a: int, b: int, words: str, mention: tuple[int, int] | None) -> None:
        """A statement that "laut X" or "X zufolge" marks as somebody else's."""
        where = self.row.span(*mention) if mention else None
        self.speaker = (self.text[where[0] : where[1]], where[0]) if where else ("", -1)
        if not (a in self.row.free and b <= a + 2):  # else it is the quotation alone
            self._emit(a, b, Kind.INDIRECT, words)
        for place in range(a, b):
            if place in self.row.free:
                self.quoted[place] = (*self.speaker, None)
                self.source_words[place] = words

    def _indirect(self, a: int, b: int, clause: Clause, cue: Cue) -> None:
        self._emit(a, b, Kind.INDIRECT, cue.words, cue)

    def _reported(self, cue: Cue) -> None:
        if self.found:
            return
        sentence = self.row.sentence
        self.found.append(self._made(sentence.start, sentence.end, Kind.REPORTED, cue.words, cue))

    def _emit(self, a: int, b: int, kind: Kind, words: str, cue: Cue | None = None) -> None:
        start, end = self.row.span(a, b)
        if end <= start or any(self.covered[a:b]):
            return
        for place in range(a, min(b, len(self.covered))):
            self.covered[place] = True
        self.found.append(self._made(start, end, kind, words, cue))

    def _made(self, start: int, end: int, kind: Kind, words: str, cue: Cue | None) -> Utterance:
        return Utterance(
            start, end, kind, self.index,
            cue=words, verb=cue.verb.lemma if cue else "", mention=self.speaker[0], mention_start=self.speaker[1],
            frame=self.row.around(start, end) if kind is not Kind.REPORTED else self._near(cue),
            continues=bool(cue and cue.verb.takes(_CONTINUING)), commissive=bool(cue and cue.verb.takes("p")),
        )  # fmt: skip

    def _near(self, cue: Cue | None) -> tuple[tuple[int, int], ...]:
        """The sentence's opening and what follows its finite verb: other times in a reported act are those of its topic."""
        row = self.row.row
        pieces = [(row[0].start, row[min(2, len(row) - 1)].end)]
        if cue is not None:
            pieces.append((row[cue.finite].start, row[min(cue.finite + 3, len(row) - 1)].end))
        return tuple(pieces)

    def close(self, follows: bool) -> None:
        """Quotations, and a sentence in the Konjunktiv that only carries on."""
        row = self.row.row
        for place, quote in sorted(self.row.quotes.items()):
            if self.covered[place]:
                continue
            mention, at, cue = self.quoted.get(place, ("", -1, None))
            known = place in self.quoted
            if cue is None and not known and self.cue is not None:
                mention, at, cue = (*self.speaker, self.cue)
            if not known and place and row[place - 1].text == ":":
                mention, at = self._before_colon(place)
                known = bool(mention) and quote.words > 2
            if quote.words < LONG_QUOTE and not (known and place in self.row.free and (cue is None or cue.verb.takes("q"))):
                continue
            self.speaker = (mention, at)
            made = self._made(quote.start, quote.end, Kind.DIRECT, cue.words if cue else self.source_words.get(place, ""), cue)
            made.continues = made.continues or (not mention and self.row.stands_alone)
            self.found = [u for u in self.found if u.kind is not Kind.REPORTED or place not in self.row.free]
            self.found.append(made)
        if not self.found and not self.row.quotes:
            self._carry(follows)

    def _before_colon(self, place: int) -> tuple[str, int]:
        clause = next((c for c in self.row.clauses if c.b == place - 1), None)
        if clause is None:
            return ("", -1)
        row = self.row.row
        if clause.b - clause.a <= 4 and all(t.capital or t.text in "()" for t in row[clause.a : clause.b]):
            start, end = self.row.span(clause.a, clause.b)
            return self.text[start:end], start
        finite = finite_place(row, clause.a, clause.b)
        if finite is not None:
            span = subject(row, clause.a, clause.b, finite)
        else:  # "Ein Beamter der Polizei: ..."
            whole = noun_phrase(row, clause.a, clause.b)
            span = (clause.a, clause.b) if whole == clause.b else None
        if span is None:
            return ("", -1)
        start, end = self.row.span(*span)
        return self.text[start:end], start

    def _carry(self, follows: bool) -> None:
        row, sentence = self.row.row, self.row.sentence
        for clause in self.row.clauses:
            words = row[clause.a : clause.b]
            head = words[0].lower
            if head in g.SUBORDINATORS and head not in {"da", "wie"} and clause.a > 0:
                continue
            sure = g.konjunktiv_at(words) is not None
            if sure or (follows and g.has_konjunktiv_ii(words) and head not in {"wenn", "falls"}):
                self.speaker = ("", -1)
                made = self._made(sentence.start, sentence.end, Kind.INDIRECT, "", None)
                made.continues = True
                self.found.append(made)
                return


def _infinitive_with_zu(words: tuple[Token, ...]) -> bool:
    for place, token in enumerate(words):
        if (
            token.lower == "zu"
            and place + 1 < len(words)
            and words[place + 1].text.islower()
            and words[place + 1].text.endswith("n")
        ):
            return True
        if "zu" in token.lower[2:-3] and token.text.islower() and token.text.endswith("en") and not token.lower.startswith("zu"):
            return True
    return False


def _head_place(row: tuple[Token, ...], clause: Clause) -> int:
    place = clause.a
    while place < clause.b and row[place].lower in g.CONJUNCTIONS:
        place += 1
    return place
