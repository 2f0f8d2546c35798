"""Whom a mention means: by the article, by the people on file, and nobody when it is not certain."""

from __future__ import annotations

import pytest

from factcheck.extraction.names import fold
from factcheck.people import cast, find, public_figures
from factcheck.records import Article, Office, Person

HOLM = Person(
    id=1, name="Mira Holm", aliases=("Mira Holmová",), offices=(Office("Hafenministerin", since="2025-01-01"),), gender="f"
)
BERG_A = Person(id=2, name="Anna Berg", gender="f")
BERG_B = Person(id=3, name="Bela Berg", gender="m")


def resolve(text: str, mention: str, *, people=(), last: str = "", language: str = "de", day: str = "2024-11-08") -> str:
    """The name for the last place of ``mention`` in ``text``, with the sentence before it as context."""
    at = text.rindex(mention)
    stop = text.rfind(". ", 0, at)
    before = (text.rfind(". ", 0, stop) + 1, stop) if stop > 0 else None
    return cast(Article(id=0, text=text, language=language, published_at=day), people).resolve(mention, at, last, before)


GERMAN = (
    "Donald Trump (78) traf Kreml-Diktator Wladimir Putin und den ukrainischen Präsidenten Wolodymyr Selenskyj. Auch"
    " Verteidigungsminister"
    " Jonas Krell und die Grünen-Chefin Dr. Eva Lund waren da, ebenso Olaf Scholz. Es regnete. {} sprach."
)


@pytest.mark.parametrize(
    ("mention", "name"),
    [
        ("Trump", "Donald Trump"),
        ("Donald Trump (78)", "Donald Trump"),
        ("Der Republikaner", "Donald Trump"),
        ("Der 78-Jährige", "Donald Trump"),
        ("Putin", "Wladimir Putin"),
        ("Der Kreml-Herrscher", "Wladimir Putin"),
        ("Der Kremlchef", "Wladimir Putin"),
        ("Der russische Präsident", "Wladimir Putin"),
        ("Russlands Präsident Putin", "Wladimir Putin"),
        ("Der ukrainische Präsident", "Wolodymyr Selenskyj"),
        ("Der ukrainische Präsident Wolodymyr Selenskyj", "Wolodymyr Selenskyj"),
        ("Selenskyj", "Wolodymyr Selenskyj"),
        ("Verteidigungsminister Krell", "Jonas Krell"),
        ("Der Verteidigungsminister", "Jonas Krell"),
        ("Der Minister", "Jonas Krell"),
        ("Die Grünen-Chefin", "Eva Lund"),
        ("Frau Lund", "Eva Lund"),
        ("Kanzler Scholz", "Olaf Scholz"),
        ("Der Bundeskanzler", "Olaf Scholz"),
        ("Die Bundeswehr", "Bundeswehr"),
        ("Das Robert-Koch-Institut", "Robert-Koch-Institut"),
        ("Ein Sprecher", ""),
        ("Ein Minister", ""),
        ("Der Sprecher von Olaf Scholz", ""),
        ("Trumps Sprecher", ""),
        ("Experten", ""),
        ("Man", ""),
        ("Der Bischof", ""),
    ],
)
def test_german_mentions(mention, name):
    assert resolve(GERMAN.format(mention), mention) == name


ENGLISH = (
    "President-elect Donald Trump, 78, met Russian President Vladimir Putin and Volodymyr Zelenskyy of Ukraine. Mayor Lena"
    " Ortiz and Sen. Curtis Wain"
    " were there too. It rained. {} spoke."
)


@pytest.mark.parametrize(
    ("mention", "name"),
    [
        ("Trump", "Donald Trump"),
        ("The president-elect", "Donald Trump"),
        ("Mr. Putin", "Vladimir Putin"),
        ("The Russian leader", "Vladimir Putin"),
        ("Zelensky", "Volodymyr Zelenskyy"),
        ("The Ukrainian president", "Volodymyr Zelenskyy"),
        ("The mayor", "Lena Ortiz"),
        ("Ortiz", "Lena Ortiz"),
        ("The senator", "Curtis Wain"),
        ("The Justice Department", "Justice Department"),
        ("Trump’s lawyer", ""),
        ("A spokesman for Curtis Wain", ""),
        ("Officials", ""),
        ("The bishop", ""),
    ],
)
def test_english_mentions(mention, name):
    assert resolve(ENGLISH.format(mention), mention, language="en") == name


@pytest.mark.parametrize(
    ("mention", "last", "name"),
    [
        ("Er", "Donald Trump", "Donald Trump"),
        ("Sie", "Eva Lund", "Eva Lund"),
        ("Sie", "Donald Trump", "Eva Lund"),
        ("Er", "Eva Lund", ""),
        ("Er", "", ""),
    ],
)
def test_pronouns_follow_who_spoke_last(mention, last, name):
    assert resolve(GERMAN.format(mention), mention, last=last) == name


def test_a_pronoun_takes_up_the_only_person_of_the_sentence_before():
    assert resolve("Mira Holm kam am Montag. Sie sprach.", "Sie") == "Mira Holm"
    assert resolve("Mira Holm und Anna Berg kamen am Montag. Sie sprach.", "Sie") == ""


def test_offices_count_at_the_articles_date_only():
    text = "Joe Biden und Donald Trump telefonierten. Der US-Präsident sprach."
    assert resolve(text, "Der US-Präsident", day="2024-11-08") == "Joe Biden"
    assert resolve(text, "Der US-Präsident", day="2025-03-01") == "Donald Trump"


def test_an_office_names_its_holder_even_when_the_article_does_not():
    assert resolve("Am Freitag tagte der Rat. Der Bundeskanzler sprach.", "Der Bundeskanzler") == "Olaf Scholz"
    assert (
        resolve("Am Freitag tagte der Rat. Die Hafenministerin sprach.", "Die Hafenministerin", people=[HOLM], day="2026-01-01")
        == "Mira Holm"
    )
    assert (
        resolve("Am Freitag tagte der Rat. Die Hafenministerin sprach.", "Die Hafenministerin", people=[HOLM], day="2024-01-01")
        == ""
    )


def test_a_party_noun_never_points_past_somebody_whose_party_nobody_knows():
    text = "Hillary Clinton kam nicht. Danach redete Lena Ortiz lange mit den Leuten. Die Demokratin sprach."
    assert resolve(text, "Die Demokratin") == ""


def test_two_people_of_one_surname_stay_open():
    text = "Berg kam. Berg sprach."
    assert resolve(text, "Berg", people=[BERG_A, BERG_B]) == ""
    assert resolve("Anna Berg und Bela Berg kamen. Frau Berg sprach.", "Frau Berg", people=[BERG_A, BERG_B]) == "Anna Berg"


@pytest.mark.parametrize(
    "spelling",
    ["Volodymyr Zelenskyy", "Wolodymyr Selenskyj", "volodymyr zelensky", "Selenskyj", "Zelenskyy", "WOLODYMYR SELENSKYJ"],
)
def test_every_spelling_finds_the_person(spelling):
    assert find(spelling, public_figures()).name == "Volodymyr Zelenskyy"


def test_finding_is_blind_to_accents_and_initials_and_sure_or_silent():
    figures = public_figures()
    assert find("Recep Tayyip Erdogan", figures).name == "Recep Tayyip Erdoğan"
    assert find("Donald J. Trump", figures).name == "Donald Trump"
    assert find("Berg", [BERG_A, BERG_B]) is None
    assert find("Nobody Atall", figures) is None
    assert find("", figures) is None


def test_public_figures_are_consistent():
    figures = public_figures()
    names = [p.name for p in figures]
    assert len(names) == len(set(names)) >= 50
    assert all((p.gender in {"f", "m"}) != p.organisation and p.id == 0 for p in figures)
    owners: dict[str, set[str]] = {}
    for person in figures:
        for written in (person.name, *person.aliases):
            owners.setdefault(fold(written), set()).add(person.name)
    assert {spelling: who for spelling, who in owners.items() if len(who) > 1} == {}
    assert all(not (o.since and o.until) or o.since < o.until for p in figures for o in p.offices)
    for person in figures:
        assert find(person.name, figures) is person
