"""German sentences -> utterances: quotations, reported speech in the Konjunktiv, "dass" clauses, "laut", "so X", speech acts."""

from __future__ import annotations

from factcheck.extraction import german_grammar as g
from factcheck.extraction.clauses import LONG_QUOTE, MOST_CLAUSES, QUOTED, Clause, Row, build
from factcheck.extraction.german_sources import sources
from factcheck.extraction.german_speaker import antecedent, finite_place, noun_phrase, subject
from factcheck.extraction.lexicon import Form, Verb, cue_forms
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
        for clause in row.clauses:
            reader.read(clause)
    reader.close(follows)
    return sorted(reader.found, key=lambda u: (u.start, u.end))


class _Cue:
    """A verb of saying in its clause: place of the finite verb, of the verb itself, its words, and whether it is passive."""

    def __init__(self, verb: Verb, at: int, finite: int, words: str, passive: bool, last: bool) -> None:
        self.verb, self.at, self.finite, self.words, self.passive, self.last = verb, at, finite, words, passive, last

    def last_in(self, clause: Clause, row: tuple[Token, ...]) -> bool:
        """Stands the verb at the end of its clause, as it does in a relative clause?"""
        return max(self.at, self.finite) >= clause.b - 1 or all(t.text in ".?!…" for t in row[max(self.at, self.finite) + 1 : clause.b])


class _Reader:
    def __init__(self, text: str, row: Row, index: int) -> None:
        self.text, self.row, self.index = text, row, index
        self.forms = cue_forms("de")
        self.found: list[Utterance] = []
        self.covered = [False] * len(row.row)  # places inside an indirect statement
        self.speaker: tuple[str, int] = ("", -1)
        self.cue: _Cue | None = None  # the last one read: what a quotation in the sentence goes with
        self.quoted: dict[int, tuple[str, int, _Cue | None]] = {}
        self.source_words: dict[int, str] = {}  # "so", "laut" beside a quotation

    # -- one clause ---------------------------------------------------------------------------------------------------

    def read(self, clause: Clause) -> None:
        start = clause.a
        while start < clause.b:
            cue = self._cue(clause, start)
            if cue is None:
                return
            self._use(clause, cue)
            start = max(cue.at, cue.finite) + 1

    def _cue(self, clause: Clause, start: int) -> _Cue | None:
        row = self.row.row
        for place in range(start, clause.b):
            token = row[place]
            if self.covered[place] or (token.capital and place > 0 and row[place - 1].text not in ":.?!" and row[place - 1].text != QUOTED):
                continue
            forms = self.forms.get(token.lower)
            if forms:
                cue = self._fits(clause, place, forms)
                if cue is not None:
                    return cue
        return None

    def _fits(self, clause: Clause, place: int, forms: tuple[Form, ...]) -> _Cue | None:
        row = self.row.row
        lower = row[place].lower
        have, become, modal = self._auxiliaries(clause, place)
        for form in forms:
            if form.prefix:
                end = self._prefix(clause, place, form.prefix)
                if end is not None:
                    return _Cue(form.verb, place, place, f"{row[place].text} {row[end].text}", False, False)
        for form in forms:
            if form.prefix or form.shape == "present participle" or form.shape == "infinitive":
                continue
            if form.shape == "participle" and (have is not None or become is not None):
                auxiliary = have if have is not None else become
                passive = have is None
                words = f"{row[auxiliary].text} {row[place].text}" if auxiliary < place else f"{row[place].text} {row[auxiliary].text}"
                return _Cue(form.verb, place, auxiliary, words, passive, auxiliary > place)
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
                return _Cue(form.verb, place, place, f"{row[place].text} es", False, False)
            last = row[clause.a].lower in g.SUBORDINATORS and place > clause.a + 1
            return _Cue(form.verb, place, place, row[place].text, False, last)
        return None

    def _auxiliaries(self, clause: Clause, place: int) -> tuple[int | None, int | None, int | None]:
        have = become = modal = None
        for at in range(clause.a, clause.b):
            word = self.row.row[at].lower
            if at == place:
                continue
            if word in g.HAVE and (have is None or at < place):
                have = at
            elif word in g.BECOME and word != "worden" and (become is None or at < place):
                become = at
            elif word in g.MODALS and at < place:
                modal = at
        return have, become, modal

    def _prefix(self, clause: Clause, place: int, prefix: str) -> int | None:
        """Where the separated prefix stands: at the end of its clause, or before "und"."""
        row = self.row.row
        last = clause.b - 1
        while last > place and row[last].text in ".?!…":
            last -= 1
        for at in range(place + 1, clause.b):
            if row[at].lower == prefix and (at == last or row[at + 1].lower in {"und", "oder", "sowie"} or at + 1 in self.row.quotes):
                return at
        for other in self.row.clauses:  # "teilte der Sprecher, der ..., mit"
            if other.a > clause.b and other.b - other.a <= 2 and row[other.a].lower == prefix:
                return other.a
        return None

    # -- what a cue introduces ----------------------------------------------------------------------------------------

    def _use(self, clause: Clause, cue: _Cue) -> None:
        row = self.row.row
        self.speaker = self._speaker(clause, cue)
        self.cue = cue
        before = self._left(clause, cue)
        if before is not None:
            if before in self.row.free:
                self.quoted[before] = (*self.speaker, cue)
            else:
                first = next((c.a for c in reversed(self.row.clauses) if c.b <= before and c.mark in {QUOTED, ";"} and c.b > 0), 0)
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
        dateline = clause.mark in {"-", "–", "—"} and clause.a <= 8 and finite_place(row, 0, clause.a - 1) is None  # "Wien (dpa) - ..."
        main = clause.a == 0 or dateline or clause.mark in {":", ";"} or (cue.finite <= clause.a + 2 and not cue.last) or head in g.CONJUNCTIONS
        if main and head not in g.SUBORDINATORS and self._acts(clause, cue) and (self.speaker[0] or not cue.passive):
            self._reported(cue)

    def _acts(self, clause: Clause, cue: _Cue) -> bool:
        """Does the verb alone report an act of speaking here? "sprach" does with "von", "über" or "sich ... aus"."""
        if cue.verb.lemma == "sprechen":
            return cue.finite == cue.at and any(t.lower in {"von", "vom", "aus"} for t in self.row.row[cue.at : clause.b])
        if cue.verb.lemma in {"erklären", "geben"} or not cue.verb.takes("r"):
            return False
        return True

    def _left(self, clause: Clause, cue: _Cue) -> int | None:
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
        first = max((c for c in self.row.clauses if c.a <= at and c.mark in {"", QUOTED, ":", ";"}), key=lambda c: c.a, default=self.row.clauses[0])
        opens = row[first.a].lower
        whole = any(g.konjunktiv_at(row[c.a : c.b]) is not None for c in self.row.clauses if first.a <= c.a <= at)
        if not whole and (cue.passive or cue.finite != cue.at or not cue.verb.takes("c")):
            return None
        if opens in g.SUBORDINATORS and not (opens in {"wenn", "da", "als"} and whole):
            return None
        if g.konjunktiv_at(row[first.a : first.b]) is None and finite_place(row, first.a, min(first.b, at + 1)) is None:
            return None
        return at + 1

    def _right(self, clause: Clause, cue: _Cue) -> int | None:
        """Place where the statement after the clause begins."""
        following = [c for c in self.row.clauses if c.a >= clause.b][:4]
        row = self.row.row
        if row[0].lower == "wie" and following and (cue.last or (clause.a and cue.finite <= clause.a + 1)):  # "Wie X mitteilte, ..."
            return following[0].a
        takes_clause, takes_infinitive = cue.verb.takes("c"), cue.verb.takes("z")
        for number, nxt in enumerate(following):
            if self.row.row[nxt.a].text == QUOTED or nxt.mark == QUOTED:
                return None
            words = row[nxt.a : nxt.b]
            head = next((t.lower for t in words if t.text not in "„“\"»«"), "")
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
            relative = head in {"der", "die", "das"} or head in g.PREPOSITIONS and len(words) > 1 and words[1].lower in {"der", "die", "das", "denen", "dem"}
            konjunktiv = g.konjunktiv_at(words) is not None or g.has_konjunktiv_ii(words)
            if takes_clause and konjunktiv and not (number and relative):
                return nxt.a
            if takes_infinitive and _infinitive_with_zu(words):
                return nxt.a
            plain = number == 0 and not relative and head not in g.CONJUNCTIONS and cue.verb.lemma in _PLAIN and cue.finite == cue.at
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
            if clause.mark in {QUOTED, ":"} and self._cue(clause, clause.a) is not None:
                return clause.a - 1
            head = row[clause.a].lower
            inner = _head_place(row, clause)
            if head in {"sagte", "so", "wie"} or (inner < clause.b and row[inner].lower in self.forms and head not in g.SUBORDINATORS):
                if self._cue(clause, clause.a) is not None and g.konjunktiv_at(row[clause.a : clause.b]) is None:
                    return clause.a - 1
        free = [q for q in self.row.free if q > a]
        return min([self.row.last, *free])

    def _quotes_right(self, clause: Clause, cue: _Cue) -> bool:
        used = False
        for place in sorted(self.row.quotes):
            if place >= clause.a and place not in self.quoted:
                self.quoted[place] = (*self.speaker, cue)
                used = used or place in self.row.free or place < clause.b
        return used

    # -- speakers -----------------------------------------------------------------------------------------------------

    def _speaker(self, clause: Clause, cue: _Cue) -> tuple[str, int]:
        row = self.row.row
        if cue.passive and cue.verb.lemma != "zitieren":
            return self._agent(clause)
        if cue.verb.lemma == "heißen":
            return self._agent(clause, frozenset({"aus", "in", "im", "von", "vom", "bei", "beim", "seitens"}))
        relative = clause.mark == "," and row[clause.a].lower in {"der", "die", "das"} and cue.last_in(clause, row)
        span = antecedent(row, clause.a - 1) if relative else subject(row, clause.a, clause.b, cue.finite, cue.last)
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

    def _indirect(self, a: int, b: int, clause: Clause, cue: _Cue) -> None:
        self._emit(a, b, Kind.INDIRECT, cue.words, cue)

    def _reported(self, cue: _Cue) -> None:
        if self.found:
            return
        sentence = self.row.sentence
        self.found.append(self._made(sentence.start, sentence.end, Kind.REPORTED, cue.words, cue))

    def _emit(self, a: int, b: int, kind: Kind, words: str, cue: _Cue | None = None) -> None:
        start, end = self.row.span(a, b)
        if end <= start or any(self.covered[a:b]):
            return
        for place in range(a, min(b, len(self.covered))):
            self.covered[place] = True
        self.found.append(self._made(start, end, kind, words, cue))

    def _made(self, start: int, end: int, kind: Kind, words: str, cue: _Cue | None) -> Utterance:
        sentence = self.row.sentence
        return Utterance(
            start, end, kind, self.index,
            cue=words, verb=cue.verb.lemma if cue else "", mention=self.speaker[0], mention_start=self.speaker[1],
            frame=((sentence.start, start), (end, sentence.end)) if kind is not Kind.REPORTED else self._near(cue),
            continues=bool(cue and cue.verb.takes(_CONTINUING)), commissive=bool(cue and cue.verb.takes("p")),
        )  # fmt: skip

    def _near(self, cue: _Cue | None) -> tuple[tuple[int, int], ...]:
        """The sentence's opening and what follows its finite verb: other times in a reported act are those of its topic."""
        row = self.row.row
        pieces = [(row[0].start, row[min(4, len(row) - 1)].end)]
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
            if quote.words < LONG_QUOTE and not (known and place in self.row.free and (cue is None or cue.verb.takes("q"))):
                continue
            if cue is None and not known and self.cue is not None:
                mention, at, cue = (*self.speaker, self.cue)
            if not known and place and row[place - 1].text == ":":
                mention, at = self._before_colon(place)
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
        if token.lower == "zu" and place + 1 < len(words) and words[place + 1].text.islower() and words[place + 1].text.endswith("n"):
            return True
        if "zu" in token.lower[2:-3] and token.text.islower() and token.text.endswith("en") and not token.lower.startswith("zu"):
            return True
    return False


def _head_place(row: tuple[Token, ...], clause: Clause) -> int:
    place = clause.a
    while place < clause.b and row[place].lower in g.CONJUNCTIONS:
        place += 1
    return place
