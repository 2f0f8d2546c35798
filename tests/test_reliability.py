"""The page on reliability is what the trials wrote, and nothing in it is made up."""

from __future__ import annotations

import json
import re
from pathlib import Path

from trials import figures, pictures, report

ROOT = Path(__file__).resolve().parent.parent


def test_the_page_is_made_from_the_figures_as_they_stand():
    found = json.loads(figures.FILE.read_text())
    assert report.DOCUMENT.read_text() == report.text(found), "write it anew: python -m trials.report"


def test_the_figures_are_at_least_what_was_promised():
    found = json.loads(figures.FILE.read_text())
    assert found["kills"]["kills"] >= 500 and found["kills"]["wrong"] == 0
    assert sum(s["kills"] for s in found["kills"]["scenes"].values()) == found["kills"]["kills"]
    assert found["writers"]["processes"] >= 4 and found["writers"]["wrong"] == 0
    for told in found.values():
        assert re.match(r"(python -m|make) \S+", told["command"]) and re.fullmatch(r"\d{4}-\d\d-\d\d", told["on"])


def test_figures_of_one_trial_take_the_place_of_its_earlier_ones_only(tmp_path):
    file = tmp_path / "found.json"
    figures.put(file, "kills", "python -m trials.kills", {"kills": 1})
    figures.put(file, "soak", "python -m trials.soak", {"requests": 2})
    figures.put(file, "kills", "python -m trials.kills", {"kills": 3})
    told = json.loads(file.read_text())
    assert (told["kills"]["kills"], told["soak"]["requests"]) == (3, 2)


def test_the_picture_of_a_soak_holds_every_sample():
    drawn = pictures.soak([(n, 400.0 + n, 40) for n in range(120)], [(0, 12.0), (1, 15.0)])
    lines = re.findall(r'points="([^"]+)"', drawn)
    assert [len(line.split()) for line in lines] == [120, 120, 2] and "2 min" in drawn
