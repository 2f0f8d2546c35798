"""Sources named without a verb: "laut X", "nach Angaben von X", "X zufolge", "so X", "demnach"."""

from __future__ import annotations

from collections.abc import Iterator

from factcheck.extraction import german_grammar as g
from factcheck.extraction.clauses import QUOTED, Clause, Row
from factcheck.extraction.german_speaker import finite_place, noun_phrase, subject

_SAYINGS = frozenset(
    "angaben angabe einschätzung einschätzungen auffassung ansicht meinung überzeugung darstellung aussage aussagen worten"
    " informationen"
    " information bericht berichten medienberichten medienangaben presseberichten zeitungsberichten schätzungen"
    " erkenntnissen auskunft"
    " mitteilung mitteilungen meldungen meldung agenturmeldungen ermittlungen polizeiangaben regierungsangaben firmenangaben"
    " behördenangaben"
    " unternehmensangaben militärangaben krankenhausangaben augenzeugenberichten expertenmeinung expertenangaben umfragen"
    " umfrage studie"
    " studien untersuchungen untersuchung prognosen prognose schilderung schilderungen zeugenaussagen bekunden dafürhalten"
    " vorstellung"
    " vorstellungen überlieferung willen plänen planungen lesart analyse berechnungen statistik hochrechnungen".split()
)


def sources(row: Row) -> Iterator[tuple[int, int, str, tuple[int, int] | None]]:
    """(first place, place after the last, cue words, place of the mention) for each statement with such a source."""
    for clause in row.clauses:
        found = (
            _preposition(row, clause)
            or _zufolge(row, clause)
            or _meinung_nach(row, clause)
            or _so(row, clause)
            or _demnach(row, clause)
        )
        if found:
            yield found


def _statement_around(row: Row, clause: Clause, a: int, b: int) -> tuple[int, int]:
    """Where the statement lies when ``row[a:b]`` names its source: after it, before it, or on both sides."""
    first = clause.a if clause.mark == ":" else 0
    while first in row.free:
        first += 1
    if a <= clause.a + 1 and clause.a == first:
        return _start_after(row, b), row.last
    if b >= row.last:
        return first, a
    return first, row.last


def _start_after(row: Row, b: int) -> int:
    """After a relative clause on the source, if there is one."""
    tokens = row.row
    if (
        b < len(tokens)
        and tokens[b].text == ","
        and b + 1 < len(tokens)
        and tokens[b + 1].lower in {"der", "die", "das", "dem", "deren", "dessen"}
    ):
        clause = next((c for c in row.clauses if c.a == b + 1), None)
        if clause is not None and clause.b < row.last:
            return clause.b
    return b


def _preposition(row: Row, clause: Clause) -> tuple[int, int, str, tuple[int, int] | None] | None:
    tokens = row.row
    for place in range(clause.a, clause.b - 1):
        word = tokens[place].lower
        if word in {"laut", "gemäß"}:
            end = noun_phrase(tokens, place + 1, clause.b)
            if end > place + 1 and (word == "laut" or any(t.lower in _SAYINGS for t in tokens[place + 1 : end])):
                return (*_statement_around(row, clause, place, end), tokens[place].text, (place + 1, end))
        if word == "nach":
            noun = next((i for i in range(place + 1, min(place + 5, clause.b)) if tokens[i].lower in _SAYINGS), None)
            if noun is None or any(not (t.text.islower() or t.lower in g.DETERMINERS) for t in tokens[place + 1 : noun]):
                continue
            end = noun_phrase(tokens, noun, clause.b)
            if end == noun:
                end = noun + 1
            if end < clause.b and tokens[end].lower in {"von", "vom", "aus", "des", "der"} and end == noun + 1:
                further = noun_phrase(tokens, end + 1, clause.b)
                end = further if further > end + 1 else end
            mention = (noun + 1, end) if end > noun + 1 else (place + 1, noun + 1)
            if tokens[mention[0]].lower in {"von", "vom", "aus"}:
                mention = (mention[0] + 1, end)
            if any(t.lower in {"eigenen", "eigener"} for t in tokens[place + 1 : noun]):  # the subject speaks of itself
                finite = finite_place(tokens, clause.a, clause.b)
                mention = (subject(tokens, clause.a, clause.b, finite) if finite is not None else None) or mention
            cue = " ".join(t.text for t in tokens[place : noun + 1])
            return (*_statement_around(row, clause, place, end), cue, mention)
    return None


def _zufolge(row: Row, clause: Clause) -> tuple[int, int, str, tuple[int, int] | None] | None:
    tokens = row.row
    for place in range(clause.a + 1, clause.b):
        if tokens[place].lower == "zufolge":
            start = place - 1
            for begin in range(place - 1, max(clause.a, place - 12) - 1, -1):
                if (
                    tokens[begin].text.islower()
                    and not g.is_adjective_like(tokens[begin])
                    and tokens[begin].lower not in g.DETERMINERS | {"von", "und"}
                ):
                    break
                if noun_phrase(tokens, begin, place) == place:
                    start = begin
            mention = (start, place)
            for inner in range(start, place):
                if tokens[inner].lower in _SAYINGS and inner + 1 < place:
                    mention = (inner + 1, place)
                    if tokens[inner + 1].lower in {"von", "vom"}:
                        mention = (inner + 2, place)
                    break
            return (*_statement_around(row, clause, start, place + 1), "zufolge", mention)
    return None


def _meinung_nach(row: Row, clause: Clause) -> tuple[int, int, str, tuple[int, int] | None] | None:
    """ "Seiner Meinung nach ..." """
    tokens = row.row
    for place in range(clause.a, clause.b - 1):
        if tokens[place].lower in _SAYINGS and tokens[place + 1].lower == "nach" and place > clause.a:
            start = place - 1
            if tokens[start].lower not in g.DETERMINERS:
                continue
            return (*_statement_around(row, clause, start, place + 2), f"{tokens[place].text} nach", (start, start + 1))
    return None


def _so(row: Row, clause: Clause) -> tuple[int, int, str, tuple[int, int] | None] | None:
    """ "..., so der Minister." and "..., so X weiter, ..." """
    tokens = row.row
    if tokens[clause.a].lower != "so" or clause.a == 0 or clause.mark in {"", ":"}:
        return None
    end = noun_phrase(tokens, clause.a + 1, clause.b)
    rest = [t for t in tokens[end : clause.b] if t.text not in ".?!…"]
    if end == clause.a + 1 or (
        rest
        and rest[0].lower not in {"weiter", "weiterhin", "am", "im", "in", "gegenüber", "bei", "auf", "wörtlich", "zu", "vor"}
    ):
        return None
    if clause.mark == QUOTED or clause.a - 1 in row.free or (clause.a >= 2 and clause.a - 2 in row.free):
        at = clause.a - 1 if clause.a - 1 in row.free else clause.a - 2
        if at in row.free:
            return at, at + 1, "so", (clause.a + 1, end)
    return 0, clause.a - 1, "so", (clause.a + 1, end)


def _demnach(row: Row, clause: Clause) -> tuple[int, int, str, tuple[int, int] | None] | None:
    tokens = row.row
    first = clause.a == 0
    if first and tokens[0].lower in {"demnach", "demzufolge"}:
        return 1, row.last, tokens[0].text, None
    if first and tokens[0].lower == "danach" and g.konjunktiv_at(tokens[clause.a : clause.b]) is not None:
        return 1, row.last, tokens[0].text, None
    if clause.mark == "," and tokens[clause.a].lower in {"wonach", "demzufolge"}:
        return clause.a + 1, row.last, tokens[clause.a].text, None
    return None
