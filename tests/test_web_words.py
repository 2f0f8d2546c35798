"""The interface's words: both catalogues hold the same, every word is used, and the reader gets the language asked for."""

from __future__ import annotations

import re
import string
from datetime import date
from pathlib import Path

import pytest
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck.errors import NotFound, TooLarge
from factcheck.records import Kind, PromiseStatus, Rating, Relation, Role
from factcheck.web.language import LANGUAGES, Words, catalogue, choose

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("factcheck/*.py"), *ROOT.glob("factcheck/web/*.py"), ROOT / "app.py"]


def used() -> tuple[set[str], set[str]]:
    """(keys named in full, beginnings of keys that are put together)"""
    whole, beginnings = set(), set()
    for source in SOURCES:
        text = source.read_text()
        for key, more in re.findall(r"""\b(?:t|words|g\.words|self)(?:\.has)?\(f?["']([\w.{}]+)["']\s*(~?)""", text):
            if more or "{" in key:
                beginnings.add(key.split("{")[0])
            else:
                whole.add(key)
    return whole, beginnings


def placeholders(text: str | dict[str, str]) -> set[str]:
    forms = text.values() if isinstance(text, dict) else [text]
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


def test_the_catalogues_hold_the_same_keys_with_the_same_placeholders():
    english, german = catalogue("en"), catalogue("de")
    assert set(english) == set(german)
    for key in english:
        assert isinstance(english[key], dict) == isinstance(german[key], dict), key
        assert placeholders(english[key]) == placeholders(german[key]), key


def test_every_key_that_is_used_exists_and_every_one_that_exists_is_used():
    whole, beginnings = used()
    known = set(catalogue("en"))
    assert whole - known == set()
    assert {b for b in beginnings if not any(k.startswith(b) for k in known)} == set()
    assert {k for k in known if k not in whole and not any(k.startswith(b) for b in beginnings)} == set()


def test_every_failure_that_names_its_words_has_them_and_no_words_are_left_over():
    named = set()
    for source in [ROOT / "app.py", *ROOT.glob("factcheck/**/*.py"), *ROOT.glob("db/*.py")]:
        named |= set(re.findall(r'\bkey="([a-z_]+)"', source.read_text()))
    assert named == {k.removeprefix("problems.") for k in catalogue("en") if k.startswith("problems.")}


def test_a_failure_is_said_in_the_readers_language_and_in_english_where_it_has_no_words():
    failure = TooLarge("Too large.", key="article_too_large", megabytes=2)
    assert "größer als 2 MB" in Words("de").problem(failure)
    assert Words("de").problem(NotFound("<None>")) == '<span lang="en">&lt;None&gt;</span>'


@pytest.mark.parametrize(
    ("prefix", "values"), [("rating", Rating), ("status", PromiseStatus), ("kind", Kind), ("relation", Relation), ("role", Role)]
)
def test_every_value_that_is_shown_has_words(prefix, values):
    for language in LANGUAGES:
        assert {f"{prefix}.{str(v).replace(' ', '_')}" for v in values} == {
            k for k in catalogue(language) if k.startswith(f"{prefix}.")
        }


@pytest.mark.parametrize(
    ("accepted", "preferred", "language"),
    [(None, (), "en"), ("de", (), "de"), ("de", ("en",), "en"), ("en", ("", "de"), "de"), ("en", ("xx", "fr"), "en")],
)
def test_the_language_is_the_readers_choice_then_the_browsers(accepted, preferred, language):
    assert choose(accepted, *preferred) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.1", "en"),
        ("fr, de;q=0.5", "de"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
    ],
)
def test_the_browsers_language_is_followed(site, header, language):
    page = site.anonymous.get("/", headers={"Accept-Language": header})
    assert f'<html lang="{language}"' in page.text and "Accept-Language" in page.headers["Vary"]


def test_the_switch_stays_switched_without_and_with_an_account(site):
    answer = site.anonymous.post("/display", data={"language": "de", "next": f"/claims/{site.claim}"}, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.location) == (303, f"/claims/{site.claim}")
    assert '<html lang="de"' in site.anonymous.get("/").text
    editor = site.client(Role.EDITOR)
    editor.post("/display", data={"language": "de", "theme": "dark"}, headers=SAME_ORIGIN)
    elsewhere = site.client(Role.EDITOR)
    assert '<html lang="de" data-theme="dark"' in elsewhere.get("/").text
    editor.post("/display", data={"language": "xx", "theme": "<b>"}, headers=SAME_ORIGIN)
    assert '<html lang="de" data-theme="dark"' in elsewhere.get("/").text


def test_preferences_are_kept_and_can_follow_the_browser_again(site):
    editor = site.client(Role.EDITOR)
    editor.post("/display", data={"language": "de", "theme": "dark"}, headers=SAME_ORIGIN)
    saved = editor.post("/preferences", data={"language": "", "theme": ""}, headers=SAME_ORIGIN)
    page = editor.get(saved.location).text
    assert '<html lang="en">' in page and "Saved." in page
    assert 'data-keys="off"' in editor.get("/review").text
    editor.post("/display", data={"keys": "1"}, headers=SAME_ORIGIN)
    assert 'data-keys="on"' in editor.get("/review").text


def test_words_fill_in_numbers_and_plurals():
    english, german = Words("en"), Words("de")
    assert [english("claim.times_said", n=n) for n in (1, 2, 1200)] == ["said once", "said 2 times", "said 1,200 times"]
    assert [german("claim.times_said", n=n) for n in (1, 2, 1200)] == ["einmal gesagt", "2-mal gesagt", "1.200-mal gesagt"]
    with pytest.raises(KeyError):
        english("claim.no_such_word")


@pytest.mark.parametrize(
    ("iso", "english", "german"),
    [
        ("2024-11-07", "7 Nov 2024", "07.11.2024"),
        ("2024-11-07T18:30:00+00:00", "7 Nov 2024", "07.11.2024"),
        ("2024-11", "Nov 2024", "Nov. 2024"),
        ("2024", "2024", "2024"),
        (None, "", ""),
        ("last summer", "last summer", "last summer"),
    ],
)
def test_dates_are_as_exact_as_they_are_known(iso, english, german):
    assert (Words("en").date(iso), Words("de").date(iso)) == (english, german)


def test_the_age_of_a_review_is_told_in_words():
    words, today = Words("en"), date(2026, 11, 22)
    ages = [words.age(d, today) for d in ("2023-11-22", "2023-11-23", "2025-11-22", "2026-10-22", "2026-10-23", None, "?")]
    assert ages == ["3 years old", "2 years old", "a year old", "a month old", "new", "", ""]


def test_a_probability_is_never_certain():
    assert [Words("en").percent(p) for p in (0.0, 0.5, 0.999)] == ["1%", "50%", "99%"]


@pytest.mark.parametrize(
    ("zone", "iso", "english", "german"),
    [
        ("UTC", "2024-11-07T23:30:00+00:00", "7 Nov 2024, 23:30 UTC", "07.11.2024, 23:30 UTC"),
        ("Europe/Berlin", "2024-11-07T23:30:00+00:00", "8 Nov 2024, 00:30 CET", "08.11.2024, 00:30 MEZ"),
        ("Europe/Berlin", "2024-07-07T10:05:00+00:00", "7 Jul 2024, 12:05 CEST", "07.07.2024, 12:05 MESZ"),
        ("America/New_York", "2024-11-07T23:30:00+01:00", "7 Nov 2024, 17:30 UTC−5", "07.11.2024, 17:30 UTC−5"),
        ("Asia/Kolkata", "2024-11-07T23:30:00+00:00", "8 Nov 2024, 05:00 UTC+5:30", "08.11.2024, 05:00 UTC+5:30"),
        ("Europe/Berlin", "some time", "some time", "some time"),
    ],
)
def test_times_are_those_on_the_readers_clock(zone, iso, english, german):
    assert (Words("en", zone).moment(iso), Words("de", zone).moment(iso)) == (english, german)


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2024-11-07T23:30:00+00:00", "8 Nov 2024"),
        ("2024-11-07T00:00:00+00:00", "7 Nov 2024"),
        ("2024-11-07T00:00:00-09:00", "7 Nov 2024"),  # a day that another system gave a time
        ("2024-11-07T23:30:00", "7 Nov 2024"),  # nobody knows where
        ("2024-11-07", "7 Nov 2024"),
    ],
)
def test_the_day_of_a_moment_is_the_readers_and_a_mere_day_stays_as_it_is(iso, shown):
    assert Words("en", "Europe/Berlin").date(iso) == shown
