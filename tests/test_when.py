"""When something was said: as much as the words tell, counted from the article's date, never from today."""

from __future__ import annotations

import pytest

from factcheck.extraction.when import said_at
from factcheck.records import Kind, Statement, date_precision

# Published on Friday, 8 November 2024.
GERMAN = [
    ("sagte Holm am Donnerstag", "2024-11-07"),
    ("sagte Holm am Freitag", "2024-11-08"),
    ("sagte Holm am vergangenen Freitag", "2024-11-01"),
    ("Am Montagabend teilte das Amt mit", "2024-11-04"),
    ("erklärte Holm Mittwoch in Kiel", "2024-11-06"),
    ("am Dienstag vergangener Woche sagte sie", "2024-10-29"),
    ("hieß es in einer Mitteilung vom Sonntag", "2024-11-03"),
    ("sagte er in der Nacht zum Donnerstag", "2024-11-07"),
    ("Gestern sagte Holm", "2024-11-07"),
    ("sagte sie gestern Abend", "2024-11-07"),
    ("hatte sie vorgestern erklärt", "2024-11-06"),
    ("sagte Holm heute früh", "2024-11-08"),
    ("sagte Holm am 14. Juli", "2024-07-14"),
    ("sagte Holm am 14. Dezember", "2023-12-14"),
    ("sagte Holm am 3. Februar 2019 in Bonn", "2019-02-03"),
    ("sagte Holm am Donnerstag, dem 7. November,", "2024-11-07"),
    ("schrieb Holm am 5.10.2023", "2023-10-05"),
    ("schrieb Holm am 5.10. in einem Brief", "2024-10-05"),
    ("Am Vorabend hatte Holm gesagt", "2024-11-07"),
    ("hatte Holm am Tag zuvor erklärt", "2024-11-07"),
    ("vor drei Tagen sagte er", "2024-11-05"),
    ("sagte er vor einer Woche", "2024-10-28/2024-11-03"),
    ("sagte er vor zwei Monaten", "2024-09"),
    ("sagte er vor fünf Jahren", "2019"),
    ("vergangene Woche sagte sie", "2024-10-28/2024-11-03"),
    ("hatte sie in der vergangenen Woche gesagt", "2024-10-28/2024-11-03"),
    ("sagte sie Anfang der Woche", "2024-11-04/2024-11-08"),
    ("sagte sie am Wochenende", "2024-11-02/2024-11-03"),
    ("hatte Holm im März gesagt", "2024-03"),
    ("hatte Holm im Dezember gesagt", "2023-12"),
    ("hatte Holm Ende März 2021 gesagt", "2021-03"),
    ("hatte sie im vergangenen November gesagt", "2023-11"),
    ("hatte sie im vergangenen Monat gesagt", "2024-10"),
    ("sagte sie Anfang des Monats", "2024-11"),
    ("2019 sagte er in einer Rede", "2019"),
    ("hatte er bereits 2016 versprochen", "2016"),
    ("hatte er im Jahr 2018 erklärt", "2018"),
    ("hatte er im Sommer 2023 erklärt", "2023"),
    ("hatte er im Sommer erklärt", "2024"),
    ("hatte er im vergangenen Jahr erklärt", "2023"),
    ("sagte Holm, die 2019 gewählt worden war, am Mittwoch", "2024-11-06"),
    # what is not the time of speaking, or nothing that can be told
    ("sagte Holm, die 2019 gewählt worden war,", None),
    ("kündigte Holm für Montag an", None),
    ("will bis Freitag antworten, sagte sie", None),
    ("sagte sie, ab kommendem Dienstag", None),
    ("sagte er am Vorabend der Wahl", None),
    ("sagte er vor wenigen Tagen", None),
    ("sagte er vor 2000 Menschen", None),
    ("sagte er mit Blick auf den Haushalt", None),
    ("versprach er bis 2030", None),
    ("sagte er 2027", None),
    ("sagte er um 14.30 Uhr", None),
    ("sagte er am 31. Februar", None),
    ("", None),
]
ENGLISH = [
    ("Holm said on Tuesday night", "2024-11-05"),
    ("Holm said Thursday", "2024-11-07"),
    ("Holm said on Friday", "2024-11-08"),
    ("Holm said last Friday", "2024-11-01"),
    ("she said late Wednesday", "2024-11-06"),
    ("she said Monday of last week", "2024-10-28"),
    ("she told reporters at Sunday’s rally", "2024-11-03"),
    ("she said yesterday", "2024-11-07"),
    ("she said last night", "2024-11-07"),
    ("she said earlier this morning", "2024-11-08"),
    ("she said on July 14", "2024-07-14"),
    ("she said on Dec. 3", "2023-12-03"),
    ("she said on 3 February 2019", "2019-02-03"),
    ("she wrote on March 5th, 2020, that", "2020-03-05"),
    ("she said on the 14th of July", "2024-07-14"),
    ("she wrote in a post dated 7/14/2023", "2023-07-14"),
    ("A day earlier, she had said", "2024-11-07"),
    ("the night before, she had said", "2024-11-07"),
    ("she said three days ago", "2024-11-05"),
    ("she said two weeks ago", "2024-10-21/2024-10-27"),
    ("last week, she said", "2024-10-28/2024-11-03"),
    ("she said earlier this week", "2024-11-04/2024-11-08"),
    ("she said over the weekend", "2024-11-02/2024-11-03"),
    ("she said in March", "2024-03"),
    ("she said in December", "2023-12"),
    ("she said last November", "2023-11"),
    ("she said in late March 2021", "2021-03"),
    ("she said last month", "2024-10"),
    ("she said earlier this year", "2024"),
    ("she said last year", "2023"),
    ("she said in 2019", "2019"),
    ("she said in a 2018 interview", "2018"),
    ("she said last summer", "2024"),
    ("said Holm, who took office in 2019,", None),
    ("she may run, Holm said", None),
    ("she said the bill would pass by Tuesday", None),
    ("she will speak next Monday", None),
    ("she said since Tuesday", None),
    ("she said a few days ago", None),
    ("she wrote on 3/4/2024", None),
    ("she told a crowd of 2000 people", None),
    ("on the eve of the vote, she said", None),
]


@pytest.mark.parametrize(("words", "when"), GERMAN)
def test_german_words_of_time(words, when):
    assert said_at(words, "2024-11-08", "de") == when


@pytest.mark.parametrize(("words", "when"), ENGLISH)
def test_english_words_of_time(words, when):
    assert said_at(words, "2024-11-08T09:30:00+00:00", "en") == when


def test_without_a_publication_date_only_full_dates_are_known():
    told = {words: said_at(words, None, "de") for words, _ in GERMAN}
    assert {words: when for words, when in told.items() if when} == {
        "sagte Holm am 3. Februar 2019 in Bonn": "2019-02-03",
        "schrieb Holm am 5.10.2023": "2023-10-05",
        "hatte Holm Ende März 2021 gesagt": "2021-03",
        "2019 sagte er in einer Rede": "2019",
        "hatte er bereits 2016 versprochen": "2016",
        "hatte er im Jahr 2018 erklärt": "2018",
        "hatte er im Sommer 2023 erklärt": "2023",
        "sagte er 2027": "2027",
    }


def test_a_day_earlier_is_counted_from_the_day_the_article_last_spoke_of():
    assert said_at("a day earlier, he had said", "2024-11-08", "en", anchor="2024-11-05") == "2024-11-04"
    assert said_at("tags darauf sagte er", "2024-11-08", "de", anchor="2024-11-05") == "2024-11-06"
    assert said_at("tags darauf sagte er", "2024-11-08", "de") is None


def test_at_the_weekend_itself():
    assert said_at("sagte sie am Wochenende", "2024-11-09", "de") == "2024-11-09"
    assert said_at("sagte sie am Wochenende", "2024-11-10", "de") == "2024-11-09/2024-11-10"
    assert said_at("she said this week", "2024-11-04", "en") == "2024-11-04"


@pytest.mark.parametrize(
    ("iso", "precision"),
    [(None, ""), ("2019", "year"), ("2024-03", "month"), ("2024-11-04/2024-11-10", "week"), ("2024-11-07", "day"),
     ("2024-11-07T18:30:00+00:00", "day")],
)  # fmt: skip
def test_the_form_of_a_date_tells_how_exactly_it_is_known(iso, precision):
    assert date_precision(iso) == precision
    assert Statement("x", 0, 1, Kind.DIRECT, said_at=iso).said_at_precision == precision
