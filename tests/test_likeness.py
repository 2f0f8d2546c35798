"""Which texts are the same, and which say something new."""

from __future__ import annotations

from watched_site import AGENCY, OTHER

from factcheck import likeness

GAMES = "Lotto am Samstag: Die Gewinnzahlen lauten {}. Alle Angaben sind ohne Gewähr. Die nächste Ziehung findet am Mittwoch statt, der Jackpot beträgt dann voraussichtlich mehrere Millionen Euro. Gespielt werden kann in allen Annahmestellen des Landes bis kurz vor der Ziehung am frühen Abend, außerdem über das Netz."


def test_what_is_the_same_text_and_what_is_not():
    """The set the threshold was chosen by: (text, text on file, whether it is the same)."""
    cut = AGENCY.split(" Anwohner fordern")[0]
    half = AGENCY.split(" Der Vorsitzende")[0]
    retold = (
        "Kassels Fuldabrücke wird neu gebaut. Das hat Verkehrsministerin Mira Holm am Montag angekündigt: „Wir werden die Brücke bis 2030 erneuern.“ "
        "Vom Land kommen 40 Millionen Euro. Jonas Abel, der dem Bauausschuss vorsitzt, hält das für ehrgeizig: „Wer so etwas verspricht, muss auch "
        "die Ingenieure haben.“ Seit Herbst dürfen keine Lastwagen mehr über die Brücke, weil in zwei Pfeilern Risse sind."
    )
    cases = [
        (AGENCY, AGENCY, True),
        (AGENCY.upper(), AGENCY, True),
        (f"Kassel (agentur). {AGENCY}", AGENCY, True),
        (f"{AGENCY} Mehr dazu lesen Sie morgen in der gedruckten Ausgabe oder jederzeit in unserer App.", AGENCY, True),
        (cut, AGENCY, True),
        (AGENCY.replace("sagte er", "sagte Abel").replace("Anwohner fordern", "Die Anwohner verlangen"), AGENCY, True),
        (half, AGENCY, False),  # an extract
        (AGENCY, half, False),  # says more than what is on file
        (AGENCY.replace("2030", "2032"), AGENCY, False),  # another figure
        (retold, AGENCY, False),
        (OTHER, AGENCY, False),
        (f"{OTHER} {cut}", AGENCY, False),
        (GAMES.format("3, 14, 15, 22, 38, 41"), GAMES.format("2, 7, 19, 23, 30, 44"), False),
        ("Die Brücke ist gesperrt.", "Die Brücke ist gesperrt!", True),
        ("Die Brücke ist wieder gesperrt.", "Die Brücke ist gesperrt.", False),
    ]
    wrong = [(text[:40], on_file[:40]) for text, on_file, same in cases if likeness.says_nothing_new(text, on_file) is not same]
    assert wrong == []
    shares = {same: [likeness.share(t, o) for t, o, s in cases if s is same and likeness.figures(t) <= likeness.figures(o) and len(t) > 300 and len(t) < 2 * len(o) and len(t) > len(o) / 2] for same in (True, False)}
    assert min(shares[True]) > likeness.CONTAINED > max(shares[False])


def test_texts_that_share_a_passage_share_a_print():
    words = [f"wort{n}" for n in range(300)]
    shared = likeness.WINDOW + likeness.RUN - 1
    for at in (0, 57, 300 - shared):
        passage = " ".join(words[at : at + shared])
        other = f"ganz andere worte davor {passage} und andere danach"
        assert likeness.prints(" ".join(words)) & likeness.prints(other)
    assert len(likeness.prints(" ".join(words))) < 60
    assert likeness.prints("zu kurz") == set()
