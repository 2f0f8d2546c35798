"""Bad input for every parser, up to a hundred each time; ``make fuzz`` gives each 100,000. What once failed is asked again by its number."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trials.fuzz.__main__ as command
from trials import figures
from trials.fuzz.__main__ import main, run, run_floods
from trials.fuzz.mutations import LARGEST, PIECES, floods, mutated
from trials.fuzz.parsers import Parser, opened

INPUTS = 100
SECONDS = 0.6  # of processor time for each parser, its good inputs included
NAMES = (
    "html", "page", "pdf", "docx", "docx parts", "e-mail", "vtt", "srt", "text", "statements", "feed", "sitemap", "robots", "ClaimReview", "DataFeed", "CSV",
    "JSON Lines", "Google answer", "dates", "quantities", "addresses", "query", "address of a search", "page tokens", "requests", "where to go on",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def logs_as_before() -> Iterator[None]:
    """The trial silences logs; the tests after this file look at them."""
    root = logging.root.manager
    levels = {name: log.level for name, log in root.loggerDict.items() if isinstance(log, logging.Logger)}
    disabled = root.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(disabled)
    for name, log in root.loggerDict.items():
        if isinstance(log, logging.Logger):
            log.setLevel(levels.get(name, logging.NOTSET))


@pytest.fixture(scope="module")
def parsers() -> Iterator[dict[str, Parser]]:
    with warnings.catch_warnings(), opened() as found:
        warnings.simplefilter("ignore")
        yield {parser.name: parser for parser in found}


def test_every_parser_is_given_bad_input(parsers):
    assert tuple(parsers) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_bad_input_ends_in_a_result_or_an_error_of_ours(parsers, name):
    course = run(parsers[name], 0, INPUTS, most_seconds=SECONDS)
    assert not course.failures
    assert course.inputs > len(parsers[name].seeds)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("page", 2849), ("pdf", 3133), ("e-mail", 361), ("e-mail", 1435), ("feed", 601), ("feed", 2054), ("feed", 43503), ("docx", 6905), ("docx", 97789), ("quantities", 80), ("requests", 19), ("where to go on", 68),
        ("DataFeed", 51983), ("dates", 33283), ("dates", 53058), ("CSV", 13966), ("CSV", 19424),
    ],
)  # fmt: skip
def test_what_failed_once_does_not_fail_again(parsers, name, number):
    assert not run(parsers[name], number, 1).failures


def test_one_word_of_pages_takes_no_longer_than_its_length_asks_for(parsers, monkeypatch):
    """It once took the square of it: half a minute for 32,000 letters."""
    monkeypatch.setattr(command, "floods", lambda seeds: [data for data in floods(seeds[:1]) if any(p * 9 in data for p in (b"NaN", b"PK\x03\x04", b"ClaimReview"))])
    course = run_floods(parsers["statements"])
    assert not course.failures and course.inputs == 3 and course.slowest < 1


@pytest.mark.parametrize("name", ["vtt", "e-mail", "pdf", "docx", "html", "ClaimReview", "CSV"])
def test_good_input_is_taken(parsers, name):
    seeds = parsers[name].seeds
    assert run(parsers[name], 0, len(seeds)).refused == 0


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(["query", "address of a search", "page tokens", "where to go on", "requests"]), data=st.binary(max_size=300))
def test_anything_at_all_may_be_sent(parsers, name, data):
    """Not changed from something good, but anything hypothesis thinks of."""
    assert not run(Parser(name, (data,), parsers[name].parse), 0, 1).failures


def test_the_same_number_is_the_same_input_and_none_is_endless():
    seeds = (b"one two three", b"four")
    assert [mutated(seeds, n, "x") for n in range(2)] == list(seeds)
    assert [mutated(seeds, n, "x") for n in range(200)] == [mutated(seeds, n, "x") for n in range(200)]
    assert len({mutated(seeds, n, "x") for n in range(200)}) > 150
    assert max(len(mutated((b"a" * 30_000,), n)) for n in range(2, 60)) <= LARGEST
    flooded = list(floods(seeds))
    assert all(data.startswith(b"one tw") and data.endswith(b"o three") and LARGEST * 0.9 < len(data) <= LARGEST for data in flooded)


def test_an_error_that_is_not_ours_is_a_failure_and_kept(tmp_path):
    course = run(Parser("bad", (b"1", b"x"), lambda data: int(data)), 0, 2, keep=tmp_path)
    assert [failure.split(":")[0] for failure in course.failures] == ["input 1"]
    assert (tmp_path / "bad-1").read_bytes() == b"x"


def test_the_command_prints_a_table_and_names_the_parsers_there_are(capsys):
    assert main(["--inputs", "3", "vtt", "robots"]) == 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()] == ["parser", "vtt", "robots", "6"] and "6 inputs, 0 failures" in said
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "There is no parser nothing. There are: html, page," in capsys.readouterr().err


def test_figures_are_noted_by_parser_and_gone_on_from(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(figures, "FILE", tmp_path / "found.json")
    monkeypatch.setattr(command, "floods", lambda seeds: iter(seeds))
    assert main(["--inputs", "3", "--figures", "robots"]) == 0 and main(["--inputs", "4", "--figures", "addresses"]) == 0
    assert main(["--inputs", "5", "--figures", "--on", "robots", "addresses"]) == 0 and main(["--inputs", "5", "--figures", "--on", "robots"]) == 0
    told = json.loads(figures.FILE.read_text())["fuzz"]
    assert {name: p["inputs"] for name, p in told["parsers"].items()} == {"addresses": 5, "robots": 5} and told["inputs"] == 10
    assert "3 inputs, 0 failures" in capsys.readouterr().out  # two and one more
