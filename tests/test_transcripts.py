"""Texts in which the form says who speaks: every sentence is a statement by who the label names, and nothing else is."""

from __future__ import annotations

import pytest

from factcheck.articles import from_text
from factcheck.extraction.transcripts.reading import turns
from factcheck.statements import extract


def said(text: str, title: str = "") -> list[tuple[str, str, str]]:
    """(speaker, mention, text) of each statement; all of them direct, all offsets exact."""
    article = from_text(text, title=title, published_at="2026-05-08")
    found = extract(article)
    assert {s.kind.value for s in found} <= {"direct"}
    assert all(article.text[s.start : s.end] == s.text for s in found)
    return [(s.speaker, s.mention, s.text) for s in found]


CAPITALS = """Town hall debate

MODERATOR: Good evening. Senator Wain, why did you vote against the bridge?

WAIN: I never did. The bridge cost 12 million dollars in 2021.

(APPLAUSE)

DENHAM: He voted against it twice. [laughter] It is in the minutes.

WAIN: That is false."""


def test_labels_in_capitals():
    assert said(CAPITALS) == [
        ("Moderator", "MODERATOR", "Good evening."),
        ("Moderator", "MODERATOR", "Senator Wain, why did you vote against the bridge?"),
        ("Wain", "WAIN", "I never did."),
        ("Wain", "WAIN", "The bridge cost 12 million dollars in 2021."),
        ("Denham", "DENHAM", "He voted against it twice."),
        ("Denham", "DENHAM", "It is in the minutes."),
        ("Wain", "WAIN", "That is false."),
    ]


def test_labels_in_small_letters_with_titles_parties_and_time_codes():
    text = """Moderatorin: Herr Dr. Quast, wie viele Brücken sind gesperrt?
[00:01:05] Dr. Torben Quast (Bürgerliste): Elf von dreißig Brücken sind gesperrt.
[00:01:20] Mira Holm [Heimatbund]: Es sind neun.
Dr. Torben Quast: Elf.
12:40 Mira Holm: Nein."""
    assert said(text) == [
        ("Moderatorin", "Moderatorin", "Herr Dr. Quast, wie viele Brücken sind gesperrt?"),
        ("Torben Quast", "Dr. Torben Quast", "Elf von dreißig Brücken sind gesperrt."),
        ("Mira Holm", "Mira Holm", "Es sind neun."),
        ("Torben Quast", "Dr. Torben Quast", "Elf."),
        ("Mira Holm", "Mira Holm", "Nein."),
    ]


def test_names_with_a_time_on_lines_of_their_own():
    text = """Curtis Wain (00:12):
We closed four clinics.
Two of them were empty.
Marisol Denham (00:31):
They were full. I counted 300 patients.
Curtis Wain (01:02):
No."""
    assert said(text) == [
        ("Curtis Wain", "Curtis Wain", "We closed four clinics."),
        ("Curtis Wain", "Curtis Wain", "Two of them were empty."),
        ("Marisol Denham", "Marisol Denham", "They were full."),
        ("Marisol Denham", "Marisol Denham", "I counted 300 patients."),
        ("Curtis Wain", "Curtis Wain", "No."),
    ]


GERMAN_MINUTES = """12. Sitzung des Landtags

Präsident Wolfgang Ahrens:
Ich eröffne die Sitzung. Das Wort hat die Abgeordnete Holm.

Mira Holm (HEIMATBUND):
Herr Präsident! Meine Damen und Herren! Die Zahl der Schulen ist seit 2015 um 40 gesunken.

(Beifall beim HEIMATBUND – Torben Quast [BÜRGERLISTE]: Das stimmt nicht! Es waren 12!)

Das ist eine Schande.

Jetzt komme ich zu den Kosten: Sie betragen 30 Millionen Euro. (Zuruf von der BÜRGERLISTE: Hört! Hört!) Das wissen alle hier.

(Heiterkeit bei Abgeordneten der BÜRGERLISTE
und des HEIMATBUNDS)

Dr. Torben Quast (BÜRGERLISTE):
Wir werden jede Schule erhalten.

Anke Sörensen, Ministerin für Bildung:
Das Gesetz gilt seit Mai.

Präsident Wolfgang Ahrens:
Vielen Dank.

(Schluss: 13.05 Uhr)"""


def test_german_minutes_without_applause_and_heckles():
    assert said(GERMAN_MINUTES) == [
        ("Wolfgang Ahrens", "Präsident Wolfgang Ahrens", "Ich eröffne die Sitzung."),
        ("Wolfgang Ahrens", "Präsident Wolfgang Ahrens", "Das Wort hat die Abgeordnete Holm."),
        ("Mira Holm", "Mira Holm", "Herr Präsident!"),
        ("Mira Holm", "Mira Holm", "Meine Damen und Herren!"),
        ("Mira Holm", "Mira Holm", "Die Zahl der Schulen ist seit 2015 um 40 gesunken."),
        ("Mira Holm", "Mira Holm", "Das ist eine Schande."),
        ("Mira Holm", "Mira Holm", "Jetzt komme ich zu den Kosten: Sie betragen 30 Millionen Euro."),
        ("Mira Holm", "Mira Holm", "Das wissen alle hier."),
        ("Torben Quast", "Dr. Torben Quast", "Wir werden jede Schule erhalten."),
        ("Anke Sörensen", "Anke Sörensen", "Das Gesetz gilt seit Mai."),
        ("Wolfgang Ahrens", "Präsident Wolfgang Ahrens", "Vielen Dank."),
    ]


def test_minutes_of_congress():
    text = """The SPEAKER pro tempore. The gentleman from Harrow is recognized.
Mr. TREADWELL. Mr. Speaker, the ferry carried 5,400 people a day last year.
We paid 9 million dollars for it.
Ms. CALLOWAY of Ellery. I thank the gentleman. The ferry was late every third day.
Mr. TREADWELL. I yield back."""
    assert said(text) == [
        ("The SPEAKER pro tempore", "The SPEAKER pro tempore", "The gentleman from Harrow is recognized."),
        ("Treadwell", "Mr. TREADWELL", "Mr. Speaker, the ferry carried 5,400 people a day last year."),
        ("Treadwell", "Mr. TREADWELL", "We paid 9 million dollars for it."),
        ("Calloway", "Ms. CALLOWAY", "I thank the gentleman."),
        ("Calloway", "Ms. CALLOWAY", "The ferry was late every third day."),
        ("Treadwell", "Mr. TREADWELL", "I yield back."),
    ]


def test_minutes_of_the_commons():
    text = """Mr Speaker:
Order. I call the member for Fairhollow.

Judith Ashcombe (Fairhollow) (Lab)
The hospital has lost 300 nurses since 2022. When will the Minister act?

The Minister of Health (Helen Marsh):
We hired 400 nurses in March.

Judith Ashcombe (Fairhollow) (Lab)
That is news to my constituents."""
    assert [row[:1] + row[2:] for row in said(text)] == [
        ("Speaker", "Order."),
        ("Speaker", "I call the member for Fairhollow."),
        ("Judith Ashcombe", "The hospital has lost 300 nurses since 2022."),
        ("Judith Ashcombe", "When will the Minister act?"),
        ("Helen Marsh", "We hired 400 nurses in March."),
        ("Judith Ashcombe", "That is news to my constituents."),
    ]


def test_interviews_with_the_name_of_the_paper():
    text = """BOTE: Frau Holm, wann wird die Brücke fertig?
Holm: Im Herbst. Wir haben 40 Millionen Euro ausgegeben.
BOTE: Und wenn es schneit?
Holm: Dann bauen wir weiter."""
    assert said(text, title="Interview") == [
        ("Bote", "BOTE", "Frau Holm, wann wird die Brücke fertig?"),
        ("Holm", "Holm", "Im Herbst."),
        ("Holm", "Holm", "Wir haben 40 Millionen Euro ausgegeben."),
        ("Bote", "BOTE", "Und wenn es schneit?"),
        ("Holm", "Holm", "Dann bauen wir weiter."),
    ]


@pytest.mark.parametrize(("ask", "answer"), [("Frage", "Antwort"), ("Q", "A")])
def test_questions_and_answers_without_names_go_to_the_one_person_named_before(ask, answer):
    text = (
        f"Ein Gespräch mit Mira Holm über die Brücke.\n\n{ask}: Wann wird sie fertig?\n{answer}: Im Herbst.\n"
        f"{ask}: Sicher?\n{answer}: Ja, sicher."
    )
    assert said(text) == [
        ("", ask, "Wann wird sie fertig?"),
        ("Mira Holm", "Mira Holm", "Im Herbst."),
        ("", ask, "Sicher?"),
        ("Mira Holm", "Mira Holm", "Ja, sicher."),
    ]
    nobody = text.replace("Mira Holm", "der Ministerin")
    assert [(speaker, mention) for speaker, mention, _ in said(nobody)] == [("", ask), ("", answer)] * 2


BOLD = """Die Hafenministerin Mira Holm spricht über die Brücke.

**Frau Holm, wann wird die Brücke fertig?**

Im Herbst. Wir haben 40 Millionen Euro ausgegeben.

Mehr kostet es nicht.

**Und wenn es schneit?**

Dann bauen wir weiter.

**Ist das ein Versprechen?**

Ja.

Das Gespräch führte Ole Brinkhorst."""


def test_interviews_with_questions_in_bold():
    holm = ("Mira Holm", "Mira Holm")
    expected = [
        ("", "", "Frau Holm, wann wird die Brücke fertig?"),
        (*holm, "Im Herbst."),
        (*holm, "Wir haben 40 Millionen Euro ausgegeben."),
        (*holm, "Mehr kostet es nicht."),
        ("", "", "Und wenn es schneit?"),
        (*holm, "Dann bauen wir weiter."),
        ("", "", "Ist das ein Versprechen?"),
        (*holm, "Ja."),
    ]
    assert said(BOLD) == expected


def test_interviews_with_a_dash_before_the_question():
    text = """Marisol Denham talks about the clinic.

– Governor, when will it open?
In May. We hired 30 nurses.
– And the money?
It comes from the lottery.
– All of it?
Every cent."""
    denham = ("Marisol Denham", "Marisol Denham")
    assert said(text) == [
        ("", "", "Governor, when will it open?"),
        (*denham, "In May."),
        (*denham, "We hired 30 nurses."),
        ("", "", "And the money?"),
        (*denham, "It comes from the lottery."),
        ("", "", "All of it?"),
        (*denham, "Every cent."),
    ]


def test_chevrons_of_captions():
    text = ">> WAIN: We closed four clinics.\n>> DENHAM: Two.\nI know them all.\n>> Four, I heard.\n>> WAIN: Thank you."
    assert said(text) == [
        ("Wain", "WAIN", "We closed four clinics."),
        ("Denham", "DENHAM", "Two."),
        ("Denham", "DENHAM", "I know them all."),
        ("", "", "Four, I heard."),
        ("Wain", "WAIN", "Thank you."),
    ]


NO_TRANSCRIPTS = {
    "one quote after a colon": """Der Rat tagte am Montag. Die Brücke war wieder Thema.

Holm: „Wir bauen sie im Herbst fertig.“

Danach ging es um den Haushalt. Die Sitzung dauerte drei Stunden.""",
    "two labels in an article": """Im Rat kam es zum Streit.

Holm: Das ist falsch.

Quast: Das ist richtig.

Die Sitzung wurde unterbrochen. Danach beruhigte sich die Lage.

Die Brücke wurde 1962 gebaut. Sie ist gesperrt. Wann sie wieder öffnet, ist offen.""",
    "a fact box": "Ort: Nordhafen\nDatum: 8. Mai\nKosten: 40 Millionen Euro\nLänge: 300 Meter\nOrt: Südhafen\nDatum: 9. Mai",
    "for and against": "Pro: Die Brücke ist sicher.\nContra: Sie ist teuer.\nPro: Sie steht bald.\nContra: Sie ist hässlich.",
    "claims and facts": "Behauptung: Es regnet.\nFakt: Es ist trocken.\nBehauptung: Es schneit.\nFakt: Es ist warm.",
    "a list": "Was hilft?\n- Warum nicht lüften?\n- Fenster auf\n- Heizung aus\n- Tee trinken\n- Warm anziehen\n- Früh ins Bett",
    "a dateline": "WASHINGTON: The bridge is closed. It was built in 1962.\n\nNobody knows when it will open again.",
    "an excerpt in an article": "The debate was loud.\n\nWAIN: That is false.\n\nDENHAM: It is true.\n\nWAIN: No.\n\n"
    + "The evening ended without a result, and both sides went home.\n\n" * 60,
}


@pytest.mark.parametrize("text", NO_TRANSCRIPTS.values(), ids=NO_TRANSCRIPTS)
def test_other_texts_are_no_transcripts(text):
    article = from_text(text)
    assert turns(article.text, article.language) == []


def test_every_own_news_article_is_no_transcript(request):
    for path in sorted((request.config.rootpath / "tests" / "articles").glob("*.txt")):
        transcript = bool(turns(from_text(path.read_text(encoding="utf-8")).text))
        assert transcript == (path.stem in {"debate-en", "fernsehduell-de"}), path.stem


def test_questions_are_kept_and_rank_last():
    asked = "vote 12 times against the 12 million dollar bridge since 2021"
    article = from_text(CAPITALS.replace("vote against the bridge", asked))
    worth = {s.text: s.check_worthy for s in extract(article)}
    question = next(text for text in worth if text.endswith("?"))
    assert worth[question] < 0.3
    assert worth[question] < worth["The bridge cost 12 million dollars in 2021."]
