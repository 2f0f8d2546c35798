"""What the rules find, sentence by sentence, and what holds for any text at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factcheck.records import Article, Deadline, Office, Person
from factcheck.statements import extract


def article(text: str, language: str = "de", published_at: str | None = "2026-03-12") -> Article:
    return Article(id=0, text=text, language=language, published_at=published_at)


def found(text: str, language: str = "de") -> list[tuple[str, str, str, str]]:
    return [(s.kind.value, s.text, s.mention, s.cue) for s in extract(article(text, language))]


GERMAN = [
    ("Die Lage sei ernst, sagte Mira Holm.", ("indirect", "Die Lage sei ernst", "Mira Holm", "sagte")),
    ("Mira Holm sagte, die Lage sei ernst.", ("indirect", "die Lage sei ernst", "Mira Holm", "sagte")),
    ("Mira Holm teilte am Montag mit, dass die Lage ernst ist.",
     ("indirect", "dass die Lage ernst ist", "Mira Holm", "teilte mit")),
    ("Wie Mira Holm mitteilte, ist die Lage ernst.", ("indirect", "ist die Lage ernst", "Mira Holm", "mitteilte")),
    ("Laut Mira Holm ist die Lage ernst.", ("indirect", "ist die Lage ernst", "Mira Holm", "Laut")),
    ("Nach Angaben der Polizei gab es zwei Verletzte.", ("indirect", "gab es zwei Verletzte", "der Polizei", "Nach Angaben")),
    ("Dem Minister zufolge sinken die Preise.", ("indirect", "sinken die Preise", "Dem Minister", "zufolge")),
    ("Die Preise sinken, so der Minister.", ("indirect", "Die Preise sinken", "der Minister", "so")),
    ("Mira Holm kündigte an, die Steuern zu senken.", ("indirect", "die Steuern zu senken", "Mira Holm", "kündigte an")),
    ("„Wir fangen morgen früh sofort damit an“, sagte die Ministerin.",
     ("direct", "„Wir fangen morgen früh sofort damit an“", "die Ministerin", "sagte")),
    ("Die Ministerin sagte: „Ja.“", ("direct", "„Ja.“", "Die Ministerin", "sagte")),
    ("„Ist das wirklich Ihr Ernst?“ fragte er.", ("direct", "„Ist das wirklich Ihr Ernst?“", "er", "fragte")),
    ("Der Minister lobte die Helfer für ihren Mut.",
     ("reported", "Der Minister lobte die Helfer für ihren Mut.", "Der Minister", "lobte")),
    ("Er hatte das Treffen als „ausgezeichnet“ beschrieben.",
     ("reported", "Er hatte das Treffen als „ausgezeichnet“ beschrieben.", "Er", "hatte beschrieben")),
    ("Die Forderung wurde von Mira Holm als unrealistisch bezeichnet.",
     ("reported", "Die Forderung wurde von Mira Holm als unrealistisch bezeichnet.", "Mira Holm", "wurde bezeichnet")),
]  # fmt: skip

ENGLISH = [
    ("Mira Holm said the road was safe.", ("indirect", "the road was safe", "Mira Holm", "said")),
    ("Mira Holm told reporters on Monday that the road was safe.", ("indirect", "that the road was safe", "Mira Holm", "told")),
    ("The road was safe, Mira Holm said.", ("indirect", "The road was safe", "Mira Holm", "said")),
    ("According to Mira Holm, the road is safe.", ("indirect", "the road is safe", "Mira Holm", "According to")),
    ("The road is safe, according to the police.", ("indirect", "The road is safe", "the police", "according to")),
    ("Mira Holm promised to repair the road.", ("indirect", "to repair the road", "Mira Holm", "promised")),
    ("“We will start first thing in the morning,” said Mira Holm.",
     ("direct", "“We will start first thing in the morning,”", "Mira Holm", "said")),
    ("Mira Holm, the mayor of Fairhollow, said: “No.”", ("direct", "“No.”", "Mira Holm", "said")),
    ("Mira Holm has questioned the figures twice.",
     ("reported", "Mira Holm has questioned the figures twice.", "Mira Holm", "has questioned")),
    ("Mira Holm praised the helpers for their courage.",
     ("reported", "Mira Holm praised the helpers for their courage.", "Mira Holm", "praised")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "statement"), GERMAN, ids=[t[:40] for t, _ in GERMAN])
def test_german_forms_of_saying(text, statement):
    assert found(text) == [statement]


@pytest.mark.parametrize(("text", "statement"), ENGLISH, ids=[t[:40] for t, _ in ENGLISH])
def test_english_forms_of_saying(text, statement):
    assert found(text, "en") == [statement]


NARRATOR = [
    ("en", "The police questioned the suspect on Monday."),
    ("de", "Die Brücke wurde 1962 gebaut."),
    ("de", "In der Stadt wächst die Sorge, dass der Winter hart wird."),
    ("de", "Der so genannte „Goldene Ball“ wird jedes Jahr verliehen."),
    ("de", "Minister lobt Helfer"),
    ("de", "Wie es weitergeht, ist offen."),
    ("de", "Der Bericht erschien im Mai."),
    ("en", "The bridge was built in 1962."),
    ("en", "Many fear for the winter in the valley."),
    ("en", "The so-called “golden ball” is awarded every year."),
    ("en", "What happens next is unclear."),
    ("en", "Mayor Praises Helpers"),
]


@pytest.mark.parametrize(("language", "text"), NARRATOR)
def test_the_narrator_is_nobodys_statement(language, text):
    assert found(text, language) == []


@pytest.mark.parametrize(
    "quoted",
    ["„{}“", "»{}«", "«{}»", "“{}”", '"{}"', "‚{}‘", "‘{}’", "›{}‹", "„{}”", '„{}"'],
)
def test_every_style_of_quotation_mark(quoted):
    quotation = quoted.format("Wir haben heute noch sehr viel zu tun")
    assert found(f"{quotation}, sagte Mira Holm.") == [("direct", quotation, "Mira Holm", "sagte")]


def test_konjunktiv_without_a_cue_carries_the_speaker_over():
    first, second = extract(article("Mira Holm sagte am Montag, die Lage sei ernst. Die Kassen seien leer."))
    assert (first.speaker, first.said_at) == ("Mira Holm", "2026-03-09")
    assert (second.text, second.speaker, second.said_at, second.cue) == ("Die Kassen seien leer.", "Mira Holm", "2026-03-09", "")


def test_the_speaker_does_not_carry_over_the_narrator():
    text = (
        "Mira Holm sagte, die Lage sei ernst.\n\nDer Rat tagte. Die Sitzung dauerte lange."
        " Danach war Pause.\n\nDie Kassen seien leer."
    )
    assert [s.speaker for s in extract(article(text))] == ["Mira Holm", ""]


def test_long_quotations_over_several_paragraphs_keep_their_speaker():
    text = "“This is the first part of it,” Mira Holm said.\n\n“And this is the second part.\n\n“And here it ends for good.”"
    assert [(s.speaker, s.kind.value) for s in extract(article(text, "en"))] == [("Mira Holm", "direct")] * 3


def test_people_on_file_give_a_surname_its_full_name():
    on_file = Person(id=7, name="Mira Holm", aliases=("Mira Holmová",), offices=(Office("Hafenministerin"),), gender="f")
    text = "Holm sagte, die Lage sei ernst. Die Hafenministerin forderte, dass alle helfen."
    assert [s.speaker for s in extract(article(text), [on_file])] == ["Mira Holm", "Mira Holm"]
    assert [s.speaker for s in extract(article(text))] == ["", ""]


@pytest.mark.parametrize(
    ("language", "text", "deadline"),
    [
        (
            "de",
            "Mira Holm versprach, den Krieg innerhalb von 24 Stunden zu beenden.",
            Deadline("innerhalb von 24 Stunden", hours=24.0),
        ),
        ("de", "Mira Holm versprach, die Steuern bis 2030 zu senken.", Deadline("bis 2030", by="2030-12-31")),
        (
            "de",
            "„Wir werden das bis zum 1. Mai 2027 fertig bauen“, sagte Mira Holm.",
            Deadline("bis zum 1. Mai 2027", by="2027-05-01"),
        ),
        ("de", "Mira Holm sagte zu, die Schule vor der Wahl zu öffnen.", Deadline("vor der Wahl")),
        ("en", "“I will end that war in one day,” said Mira Holm.", Deadline("in one day", hours=24.0)),
        ("en", "Mira Holm vowed to sign the law on day one.", Deadline("on day one", hours=24.0)),
        ("en", "Mira Holm pledged to cut taxes before 2028.", Deadline("before 2028", by="2027-12-31")),
        (
            "en",
            "“We’re going to fix every road by the end of 2027,” said Mira Holm.",
            Deadline("by the end of 2027", by="2027-12-31"),
        ),
        ("en", "Mira Holm said she would build the bridge.", None),
    ],
)
def test_promises_and_their_deadlines(language, text, deadline):
    (statement,) = extract(article(text, language))
    assert (statement.is_promise, statement.deadline) == (True, deadline)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "„Ich denke, wir werden am Ende alle zufrieden sein“, sagte Mira Holm."),
        ("de", "Mira Holm sagte, es werde morgen regnen."),
        ("de", "Mira Holm lobte die Helfer."),
        ("en", "“I think we will all be happy in the end,” said Mira Holm."),
        ("en", "“We will see what happens in the end,” said Mira Holm."),
        ("en", "Mira Holm threatened to close the school."),
    ],
)
def test_forecasts_threats_and_hopes_are_no_promises(language, text):
    (statement,) = extract(article(text, language))
    assert (statement.is_promise, statement.deadline) == (False, None)


def test_figures_call_for_a_check_more_than_opinions_and_greetings():
    text = (
        "“Unemployment fell from 9 to 4 percent since 2019,” said Holm."
        " “I hope you all like it,” said Holm. “Good evening, everybody,” said Holm."
    )
    figures, opinion, greeting = (s.check_worthy for s in extract(article(text, "en")))
    assert figures > 0.8
    assert max(opinion, greeting) < 0.3


def test_neighbouring_sentences_come_along():
    (statement,) = extract(article("Es regnet. Mira Holm sagte, die Lage sei ernst. Alle gingen heim."))
    assert (statement.before, statement.after) == ("Es regnet.", "Alle gingen heim.")


@pytest.mark.parametrize(
    "unusual", ["", "a", "„", "“", '"', "«»", "((", "\n\n", "DIE LAGE SEI ERNST, SAGTE MIRA HOLM.", "1.", "- - -", "„“„“"]
)
def test_unusual_texts_do_no_harm(unusual):
    for language in ("de", "en", ""):
        for statement in extract(article(unusual, language)):
            assert unusual[statement.start : statement.end] == statement.text


PIECES = st.sampled_from(
    ["„", "“", "”", "»", "«", '"', "‚", "‘", "’", "sagte", "said", "dass", "that", ",", ":", ".", "?", "\n", " ", " ",
     " ", "er", "sei", "Trump", "Putin",
     "laut", "nach Angaben", "zufolge", "teilte", "mit", "hat", "versprochen", "to", "will", "according to", "(78)", "so",
     "wie", "Mira Holm", "-", "bis 2030"]
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(
    st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join), st.lists(PIECES, max_size=60).map(" ".join)),
    st.sampled_from(["de", "en", "fr", ""]),
)
def test_offsets_are_exact_in_any_text(text, language):
    statements = extract(article(text, language))
    for statement in statements:
        assert text[statement.start : statement.end] == statement.text != ""
        assert 0.0 <= statement.check_worthy <= 1.0
    assert [s.start for s in statements] == sorted(s.start for s in statements)


@pytest.mark.parametrize(
    "piece",
    [
        "Mira Holm sagte, die Lage sei „sehr ernst“. ",
        "sagte, ",
        "„",
        "nach Angaben der ",
        '"a ',
        "said “so ",
        "a",
        "(",
        "Mira Holm ",
        "x\n",
        "sei ",
    ],
)
def test_time_grows_with_the_text_and_no_faster(piece):
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        extract(article(text, "en" if "said" in piece else "de"))
        return time.process_time() - start

    seconds(2_000)  # what is loaded once
    # Eight times the text; quadratic growth would take 64 times as long. Processor time, the best of three, since other
    # work may run beside.
    small, large = (min(seconds(size) for _ in range(3)) for size in (20_000, 160_000))
    assert large < 36 * max(small, 0.02)


@pytest.mark.parametrize(
    ("language", "text", "statement"),
    [
        ("de", "Der Landrat von Moorweiler, Falk Osterkamp, warf der Ministerin Wortbruch vor.",
         ("reported", "Der Landrat von Moorweiler, Falk Osterkamp, warf der Ministerin Wortbruch vor.",
          "Der Landrat von Moorweiler, Falk Osterkamp", "warf vor")),
        ("de", "Osterkamp, der im Rat saß, forderte Rettberg auf, die Verträge zu zeigen.",
         ("indirect", "die Verträge zu zeigen", "Osterkamp", "forderte auf")),
        ("en", "Senator Jane Roe, who sits on the council, called it a stunt.",
         ("reported", "Senator Jane Roe, who sits on the council, called it a stunt.", "Senator Jane Roe", "called")),
    ],
    ids=["name after office", "relative clause", "English relative clause"],
)  # fmt: skip
def test_what_stands_between_speaker_and_verb_is_looked_past(language, text, statement):
    assert found(text, language) == [statement]


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "„Gestern war alles gut“, sagte Mira Holm, „und heute stehen zwei davon leer.“"),
     ("en", "“It was fine on Sunday,” Mira Holm said, “and today it is closed for good.”")],
)  # fmt: skip
def test_times_within_quotations_are_not_when_they_were_said(language, text):
    assert [(s.speaker, s.said_at) for s in extract(article(text, language))] == [("Mira Holm", None)] * 2
