"""The quality page says how right the suggestions were, and every page goes by the cut-offs that are set there."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from web_site import SAME_ORIGIN, Site, marked, site  # noqa: F401  (a fixture)

from app import create_app
from factcheck import review, setting_up, shipped_quality
from factcheck.articles import text_hash
from factcheck.errors import ModelUnavailable
from factcheck.quality import Band
from factcheck.records import Article, Candidate, Cutoffs, Evidence, Kind, Outcome, Relation, Role
from factcheck.shipped_quality import SetFigures, ShippedQuality
from factcheck.ranked import is_found
from factcheck.web import quality
from factcheck.web.quality import Meaning, meaning

GERMAN = {"Accept-Language": "de"}
FIGURES = {
    "sets": [{"name": "Example set", "language": "en", "queries": 1200, "map_at_5": 0.95, "mrr": 0.961, "p_at_1": 0.9}],
    "reliability": [
        {"low": 0.5, "high": 1.0, "shown": 40, "right": 36, "mean": 0.91},
        {"low": 0.0, "high": 0.5, "shown": 60, "right": 6, "mean": 0.08},
    ],
    "calibration_error": 0.031,
    "relations": {"macro_f1": 0.86, "pairs": 110},
}
SHIPPED = ShippedQuality(
    (SetFigures("Example set", "en", 1200, 0.95, 0.961, 0.9),),
    (Band(0.0, 0.5, 60, 6, 0.08), Band(0.5, 1.0, 40, 36, 0.91)),
    0.031,
    0.86,
    110,
)


def visible(page: str) -> str:
    """The text between the page's head and foot as a reader sees it, white space in single blanks."""
    main = re.search(r"(?s)<main.*</main>", page)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<svg.*?</svg>", "", main)).split())


def shipping(monkeypatch, tmp_path, figures: object = None) -> None:
    """Let the given figures, or none, have come with the model."""
    path = tmp_path / "quality.json"
    if figures is not None:
        path.write_text(figures if isinstance(figures, str) else json.dumps(figures), encoding="utf-8")
    read = shipped_quality.read
    monkeypatch.setattr(shipped_quality, "read", lambda: read(path))


def decided(site: Site, verdicts: list[tuple[float, Relation]], language: str = "de") -> None:
    """A new article with a statement for each verdict, whose suggestion was shown with the given probability."""
    sentences = [f"Satz Nummer {i} aus {language}." for i in range(len(verdicts))]
    text = " ".join(sentences)
    article = site.store.articles.add(Article(0, text, language), text_hash(text))
    said = site.store.articles.put_statements(article.id, language, [marked(text, s, kind=Kind.DIRECT) for s in sentences])
    editor = site.store.users.by_name(site.names[Role.EDITOR])
    for statement, (probability, relation) in zip(said, verdicts, strict=True):
        suggest(site, statement.id, probability)
        review.decide(site.store, statement.id, site.claim, relation, editor)


def suggest(site: Site, statement_id: int, probability: float) -> None:
    """Put the claim beside the statement with a probability, as if matched just now."""
    matched = site.store.decisions.matched_at(statement_id)
    candidate = Candidate(site.claim, probability, probability, Relation.SAME, Evidence(cosine=0.8), statement_id)
    site.store.decisions.put_candidates(statement_id, [candidate], seq=matched[0], model_id=matched[1])


def test_without_decisions_the_page_says_what_fills_it(site, monkeypatch, tmp_path):
    shipping(monkeypatch, tmp_path)
    assert visible(site.anonymous.get("/quality").text) == (
        "How right were we? No suggestion has been decided yet. Each decision in the review queue is counted here: how likely "
        "the match was said to be, and whether it was right. Cut-offs "
        "Possible from 10% From here on a suggestion counts as a match on file; below, it is only the nearest. "
        "How many are right at this level is not known yet: that takes 20 decisions at or above it. "
        "Likely from 50% From here on it is called likely. "
        "How many are right at this level is not known yet: that takes 20 decisions at or above it. "
        "Measured before shipping No figures came with this model."
    )
    assert 'href="/review"' in site.client(Role.EDITOR).get("/quality").text
    assert ' <a href="/quality">How right were we?</a>' in site.anonymous.get("/").text


def test_decisions_are_told_by_probability_language_and_month(site, monkeypatch, tmp_path):
    shipping(monkeypatch, tmp_path, FIGURES)
    decided(site, [(0.95, Relation.SAME)] * 3 + [(0.15, Relation.NOT_A_MATCH)] * 2, "de")
    decided(site, [(0.85, Relation.RELATED)], "en")
    month = site.store.decisions.outcomes()[0].at[:7]
    page = site.anonymous.get("/quality", headers=GERMAN).text
    said = visible(page)
    for part in (
        "6 Vorschläge entschieden, 3 waren richtig. Bei so wenigen Entscheidungen schwanken die Anteile noch stark.",
        "Gezeigt als Richtig Gezählt 90–100 % 100 % 3 von 3 80–90 % 0 % 0 von 1 10–20 % 0 % 0 von 2",
        "lag die gezeigte Wahrscheinlichkeit 21,7 Prozentpunkte neben dem Anteil",
        "Sprache Richtig Gezählt Deutsch 60 % 3 von 5 Englisch 0 % 0 von 1",
        "Monat Richtig Gezählt",
        "50 % 3 von 6 Am häufigsten falsch vorgeschlagen",
        "„Die Brücke wird bis 2030 erneuert.“ Größtenteils falsch Erika Beispiel 2-mal abgelehnt",
        "Datensatz MAP@5 MRR P@1 Example set Englisch, 1.200 Anfragen 0,950 0,961 0,900",
        "lag die gezeigte Wahrscheinlichkeit 3,1 Prozentpunkte neben dem Anteil",
        "Makro-F1 0,86 bei 110 von Hand bewerteten Paaren.",
    ):
        assert part in said.replace("\xa0", " "), part
    assert f'href="/claims/{site.claim}"' in page and month[:4] in said
    first = re.search(r'(?s)<svg class="reliability".*?</svg>', page)[0]
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/>', first)
    assert dots == [("70.0", "262.0", "7.9"), ("238.0", "262.0", "6.5"), ("262.0", "22.0", "9.0")]


def test_a_cut_off_is_stated_by_decisions_where_there_are_enough_and_else_by_what_was_measured(site, monkeypatch, tmp_path):
    shipping(monkeypatch, tmp_path, FIGURES)
    decided(site, [(0.2, Relation.SAME)] * 14 + [(0.3, Relation.RELATED)] + [(0.8, Relation.SAME)] * 5)
    said = visible(site.anonymous.get("/quality").text)
    assert "Of 100 suggestions at 10% or above, 95 were right. By your newsroom’s decisions: 19 of 20." in said
    assert "Of 100 suggestions at 50% or above, 90 were right. As measured before shipping: 36 of 40." in said
    said = visible(site.anonymous.get("/quality", headers=GERMAN).text).replace("\xa0", " ")
    assert "Von 100 Vorschlägen ab 10 % waren 95 richtig. Nach den Entscheidungen der Redaktion: 19 von 20." in said
    assert "Von 100 Vorschlägen ab 50 % waren 90 richtig. Vor der Auslieferung gemessen: 36 von 40." in said


def test_what_a_cut_off_means():
    outcomes = [Outcome(0.6, Relation.SAME, "2026-01-02", "de", 1)] * 15 + [
        Outcome(0.4, Relation.OPPOSITE, "2026-01-02", "de", 1)
    ] * 5
    assert meaning(0.3, outcomes, None) == Meaning(15, 20, 0.3, here=True)
    assert meaning(0.5, outcomes, None) is None
    assert meaning(0.5, outcomes, SHIPPED) == Meaning(36, 40, 0.5, here=False)
    assert meaning(0.1, [], SHIPPED) == Meaning(42, 100, 0.0, here=False)  # the band that holds it counts whole
    assert meaning(0.5, [], replace(SHIPPED, reliability=())) is None
    hundreds = [Meaning(*counted, 0.5, here=True).of_hundred for counted in ((0, 30), (1, 900), (2, 3), (899, 900), (30, 30))]
    assert hundreds == [0, 1, 67, 99, 100]


@pytest.mark.parametrize(
    ("role", "sees", "status"),
    [(None, False, 401), (Role.READER, False, 403), (Role.EDITOR, False, 403), (Role.ADMINISTRATOR, True, 303)],
)
def test_administrators_set_the_cut_offs_and_everybody_sees_them(site, role, sees, status):
    client = site.client(role)
    assert ('action="/quality/cut-offs"' in client.get("/quality").text) is sees
    answer = client.post("/quality/cut-offs", data={"possible": "20", "likely": " 75 % "}, headers=SAME_ORIGIN)
    assert answer.status_code == status
    assert site.store.newsroom.cutoffs() == (Cutoffs(0.2, 0.75) if sees else Cutoffs())
    said = visible(site.app.test_client().get("/quality").text)
    assert ("Possible from 20%" in said, "Likely from 75%" in said) == (sees, sees)
    if sees:
        assert answer.location == "/quality?saved=1#cutoffs"
        page = client.get(answer.location).text
        assert '<p class="notice" role="status">The cut-offs are set.</p>' in page
        assert re.findall(r'name="(?:possible|likely)" type="text" value="(\d+)"', page) == ["20", "75"]


@pytest.mark.parametrize(
    ("possible", "likely", "wrong", "problem"),
    [
        ("0", "50", ["possible"], "Give a whole number from 1 to 99."),
        ("10", "100", ["likely"], "Give a whole number from 1 to 99."),
        ("", "many", ["possible", "likely"], "Give a whole number from 1 to 99."),
        ("12.5", "5" * 5000, ["possible", "likely"], "Give a whole number from 1 to 99."),
        ("²", "50", ["possible"], "Give a whole number from 1 to 99."),
        ("60", "50", ["likely"], "Both cut-offs lie between 0 and 100, and likely is not below possible."),
    ],
)
def test_cut_offs_that_cannot_be_come_back_with_the_reason_beside_the_field(site, possible, likely, wrong, problem):
    answer = site.client(Role.ADMINISTRATOR).post(
        "/quality/cut-offs", data={"possible": possible, "likely": likely}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 400 and '<details class="set-cutoffs" open>' in answer.text
    assert re.findall(r'<p class="problem" id="(\w+)-problem">', answer.text) == wrong
    assert answer.text.count(problem) == len(wrong) and (not possible or f'value="{possible}"' in answer.text)
    assert site.store.newsroom.cutoffs() == Cutoffs()


@pytest.mark.parametrize(
    ("cutoffs", "words", "found"),
    [
        (Cutoffs(0.1, 0.5), "likely the same", True),
        (Cutoffs(0.1, 0.7), "possibly the same", True),
        (Cutoffs(0.65, 0.7), "probably not the same", False),
    ],
)
def test_the_pages_go_by_the_cut_offs_that_are_set(site, cutoffs, words, found):
    setting_up.set_cutoffs(site.store, cutoffs, site.store.users.by_name(site.names[Role.ADMINISTRATOR]))
    statement = site.statements[0]
    editor = site.client(Role.EDITOR)
    for address in ("/", f"/review/{statement.id}", f"/articles/{site.article}"):  # matched anew, after which nothing is stale
        assert editor.get(address).status_code == 200
    for s in site.statements:
        suggest(site, s.id, 0.6)

    article = visible(editor.get(f"/articles/{site.article}").text)
    assert (f"{words} 60%" in article, "No match on file" in article) == (True, not found)
    assert ("Nearest, but probably something else" in article) is not found
    queue = visible(editor.get(f"/review/{statement.id}").text)
    assert ("One candidate" in queue, "No claim on file comes near" in queue) == (found, not found)
    assert ("Nearest, but probably something else" in queue, f"{words} 60%" in queue) == (not found, True)
    german = visible(editor.get(f"/review/{statement.id}", headers=GERMAN).text)
    assert ("Ein Vorschlag" in german, "Nichts Vergleichbares vorhanden" in german) == (found, not found)
    german = visible(editor.get(f"/articles/{site.article}", headers=GERMAN).text)
    assert ("Am nächsten, aber wohl etwas anderes" in german) is not found
    assert ("2 with a likely match" in visible(editor.get("/").text)) is (words == "likely the same")
    assert is_found(0.6, Evidence(), cutoffs.possible) is found


def test_nothing_is_very_likely_that_the_newsroom_does_not_call_likely(site):
    setting_up.set_cutoffs(site.store, Cutoffs(0.1, 0.97), site.store.users.by_name(site.names[Role.ADMINISTRATOR]))
    editor = site.client(Role.EDITOR)
    address = f"/review/{site.statements[0].id}"
    editor.get(address)
    for probability, words in ((0.95, "possibly the same 95%"), (0.98, "very likely the same 98%")):
        suggest(site, site.statements[0].id, probability)
        assert words in visible(editor.get(address).text)


def test_figures_of_the_shipped_model_are_not_shown_for_another(site, settings, fake_encoder, monkeypatch, tmp_path):
    shipping(monkeypatch, tmp_path, FIGURES)
    other = create_app(replace(settings, model="another/model"), store=site.store, encoder=fake_encoder)
    shown = [visible(app.test_client().get("/quality").text) for app in (site.app, other)]
    assert ["As measured before shipping: 36 of 40." in said for said in shown] == [True, False]
    assert ["No figures came with this model." in said for said in shown] == [False, True]


def test_the_figures_that_came_with_the_model_are_read_whole(tmp_path):
    path = tmp_path / "quality.json"
    assert shipped_quality.read(path) is None
    path.write_text(json.dumps(FIGURES | {"more": 1}), encoding="utf-8")
    assert shipped_quality.read(path) == SHIPPED


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "[]",
        "{",
        "null",
        json.dumps(FIGURES | {"calibration_error": 1.5}),
        json.dumps(FIGURES | {"calibration_error": float("nan")}),
        json.dumps(FIGURES | {"calibration_error": None}),
        json.dumps(FIGURES | {"sets": [{"name": "x"}]}),
        json.dumps(FIGURES | {"sets": [FIGURES["sets"][0] | {"queries": 1.5}]}),
        json.dumps(FIGURES | {"sets": [FIGURES["sets"][0] | {"name": ""}]}),
        json.dumps(FIGURES | {"relations": []}),
        json.dumps(FIGURES | {"reliability": [{"low": 0, "high": 1, "shown": 4, "right": 5, "mean": 0.5}]}),
        json.dumps(FIGURES | {"reliability": [{"low": 0.5, "high": 0.5, "shown": 4, "right": 3, "mean": 0.5}]}),
        json.dumps(FIGURES | {"reliability": 3}),
    ],
)
def test_damaged_figures_are_said_to_be_damaged(site, damaged, monkeypatch, tmp_path):
    shipping(monkeypatch, tmp_path, damaged)
    with pytest.raises(ModelUnavailable, match="quality.json is damaged"):
        quality.shipped_quality.read()
    answer = site.anonymous.get("/quality")
    assert answer.status_code == 200
    assert "The figures that came with the model cannot be read. Restore factcheck/models/quality.json" in visible(answer.text)


def test_figures_lie_beside_the_model_or_not_at_all():
    assert shipped_quality.FIGURES.parent.name == "models"
    assert shipped_quality.read() is None or shipped_quality.read().sets  # damaged ones raise
