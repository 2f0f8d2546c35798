"""Correcting in public: put right and told at once, everywhere a reader may have met what was wrong, and never taken away."""

from __future__ import annotations

import json
from dataclasses import replace

import feedparser
import pytest
from click.testing import CliRunner
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck import api_tokens, editing, errata, exporting, merging, review
from factcheck.cli import cli
from factcheck.errors import BadInput, NotAllowed, NotFound
from factcheck.records import ErratumKind, EventKind, Rating, Relation, Review, Role, User

REASON = "Wir hatten die Zahlen des falschen Jahres verglichen."


def one(site: Site, role: Role = Role.EDITOR) -> User:
    return site.store.users.by_name(site.names[role])


@pytest.fixture
def own(site) -> int:
    """A review of the newsroom's own, the newest on the claim."""
    mine = Review("Our desk", "Falsch", Rating.FALSE, title="Nein", published_at="2026-03-01", claim_id=site.claim)
    return editing.put_review(site.store, mine, one(site))


def linked(site: Site) -> int:
    statement = site.statements[0].id
    review.decide(site.store, statement, site.claim, Relation.SAME, one(site))
    return statement


def test_a_wrong_rating_is_right_at_once_and_told_everywhere(site, own):
    editor = site.client(Role.EDITOR)
    before = site.store.claims.get(site.claim).rating
    sent = editor.post(
        f"/claims/{site.claim}/correction",
        data={"what": "rating", "review": own, "rating": "mostly true", "rating_text": "Eher richtig", "reason": REASON},
        headers=SAME_ORIGIN,
    )
    [told] = site.store.errata.newest()
    assert (sent.status_code, sent.location) == (303, f"/claims/{site.claim}#correction-{told.id}")
    assert (told.what, told.ratings, told.language, told.by) == (ErratumKind.RATING, (("false", "Falsch"), ("mostly true", "Eher richtig")), "de", "editor-1")
    claim = site.store.claims.get(site.claim)
    assert (before, claim.rating) == (Rating.FALSE, Rating.MOSTLY_TRUE)
    assert [e.after for e in site.store.events.of_claim(site.claim) if e.kind is EventKind.RATING_CHANGED][0] == "mostly true"

    for path in (f"/claims/{site.claim}", "/corrections"):  # readers who are not signed in
        page = site.anonymous.get(path, headers={"Accept-Language": "de"}).text
        assert REASON in page and ">Falsch</del>" in page and "Eher richtig" in page, path
        assert "editor-1" not in page
    for path in ("/corrections.atom", "/corrections.rss", "/reviews.atom", "/reviews.rss"):
        feed = feedparser.parse(site.anonymous.get(path).data)
        assert REASON in feed.entries[0].summary, path
    assert feedparser.parse(site.anonymous.get("/reviews.atom").data).entries[0].updated == told.at
    [mine] = [r for r in json.loads(site.anonymous.get(f"/claims/{site.claim}.json").data) if r["author"]["name"] == "Our desk"]
    assert mine["correction"] == [
        {"@type": "CorrectionComment", "text": f"Falsch (false) → Eher richtig (mostly true). {REASON}", "datePublished": told.at, "inLanguage": "de"}
    ]
    assert (mine["dateModified"], mine["reviewRating"]["alternateName"]) == (told.at, "Eher richtig")
    assert "CorrectionComment" in site.anonymous.get(f"/claims/{site.claim}").text
    [imported] = [r for r in exporting.of_claim(site.store, site.claim) if r["author"]["name"] == "Example desk"]
    assert "correction" not in imported  # others' reviews say nothing of ours
    actions = [e["action"] for e in site.store.audit.of("claim", site.claim)]
    assert actions[-2:] == ["changed: review", "corrected in public"]


def test_a_wrong_link_is_gone_and_the_claim_it_had_made_stays(site, fake_encoder):
    made = review.new_claim(site.store, fake_encoder, site.statements[1].id, one(site), "Es sind 40 Millionen Euro gesichert.")
    told = errata.correct_link(site.store, made.id, site.statements[1].id, REASON, one(site))
    assert (told.what, told.before, told.after, told.statement_id) == (ErratumKind.LINK, site.statements[1].text, "", site.statements[1].id)
    assert site.store.claims.get(made.id) and errata.linked(site.store, made.id) == []
    assert site.store.decisions.links([site.statements[1].id]) == {}
    page = site.anonymous.get(f"/claims/{made.id}").text
    assert REASON in page and "no longer stands there" in page
    with pytest.raises(NotFound):
        errata.correct_link(site.store, made.id, site.statements[1].id, REASON, one(site))


def test_words_that_were_wrong_are_told_with_both_wordings(site, own):
    errata.correct_text(site.store, site.claim, "30 Millionen", "40 Millionen", REASON, one(site))
    [mine] = [r for r in exporting.of_claim(site.store, site.claim, own=True)]
    assert mine["correction"][0]["text"] == f"“30 Millionen” → “40 Millionen”. {REASON}"


def test_the_data_feed_has_the_corrections_too(site, own):
    told = errata.correct_rating(site.store, site.claim, own, Rating.TRUE, "Richtig", REASON, one(site))
    [element] = json.loads(site.anonymous.get("/claimreview.json").data)["dataFeedElement"]
    assert element["dateModified"] == told.at and element["item"][0]["correction"][0]["text"].endswith(REASON)


def test_a_correction_follows_its_claim_into_another(site, fake_encoder, own):
    errata.correct_text(site.store, site.claim, "a", "b", REASON, one(site))
    other = editing.new_claim(site.store, fake_encoder, replace(site.store.claims.get(site.claim), text="Die Brücke ist 2030 neu.", reviews=()), one(site))
    merging.merge(site.store, other.id, site.claim, one(site), saw=merging.state(site.store, [other.id, site.claim]), confirmed=True)
    assert [e.claim_id for e in errata.of_claim(site.store, other.id)] == [site.claim]
    assert f'href="/claims/{other.id}#correction-' in site.anonymous.get("/corrections").text


@pytest.mark.parametrize("statement", ["DELETE FROM errata", "UPDATE errata SET reason = 'x'", "UPDATE errata SET before = ''"])
def test_what_was_told_is_not_changed_or_taken_away(site, statement):
    errata.correct_text(site.store, site.claim, "a", "b", REASON, one(site))
    with pytest.raises(Exception, match="append-only"), site.store.write() as db:
        db.execute(statement)


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ({"what": "rating", "review": "0", "rating": "true"}, "erratum_review"),
        ({"what": "rating", "review": "own", "rating": "false"}, "erratum_same"),
        ({"what": "rating", "review": "own", "rating": "true", "reason": "zu kurz"}, "erratum_reason"),
        ({"what": "rating", "review": "own", "rating": "true", "reason": "x" * 2_001}, "erratum_reason"),
        ({"what": "link", "statement": "1"}, "erratum_link"),
        ({"what": "text", "before": "", "after": "b"}, "erratum_before"),
        ({"what": "text", "before": "a", "after": " a "}, "erratum_unchanged"),
        ({"what": "other"}, "erratum_what"),
    ],
)
def test_what_cannot_be_corrected_is_said_and_changes_nothing(site, own, form, key):
    form = {"reason": REASON, **form} | ({"review": str(own)} if form.get("review") == "own" else {})
    answer = site.client(Role.EDITOR).post(f"/claims/{site.claim}/correction", data=form, headers=SAME_ORIGIN | {"Accept-Language": "de"})
    assert answer.status_code in (400, 404) and 'role="alert"' in answer.text
    assert site.store.errata.count() == 0 and site.store.claims.get(site.claim).rating is Rating.FALSE
    with pytest.raises((BadInput, NotFound)) as refused:
        if form["what"] == "text":
            errata.correct_text(site.store, site.claim, form["before"], form["after"], form["reason"], one(site))
        elif form["what"] == "rating":
            errata.correct_rating(site.store, site.claim, int(form["review"]), Rating(form["rating"]), "", form["reason"], one(site))
        elif form["what"] == "link":
            errata.correct_link(site.store, site.claim, 1, form["reason"], one(site))
        else:
            raise BadInput(key=key)
    assert refused.value.key == key


def test_only_editors_correct(site, own):
    for role in (Role.READER, Role.JOURNALIST):
        with pytest.raises(NotAllowed):
            errata.correct_rating(site.store, site.claim, own, Rating.TRUE, "", REASON, one(site, role))


def test_what_is_typed_is_shown_as_text(site):
    errata.correct_text(site.store, site.claim, "<script>alert(1)</script>", "<b>b</b>", "Es stand <img src=x> dort, ganz falsch.", one(site))
    for path in (f"/claims/{site.claim}", "/corrections", "/corrections.atom"):
        page = site.anonymous.get(path).text
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>b" not in page, path


def test_the_log_has_pages(site, monkeypatch):
    from factcheck.web import errata as pages

    monkeypatch.setattr(pages, "A_PAGE", 2)
    for i in range(3):
        errata.correct_text(site.store, site.claim, f"Wort {i}", "richtig", REASON, one(site))
    first = site.anonymous.get("/corrections").text
    assert "Wort 2" in first and "Wort 1" in first and "Wort 0" not in first
    second = site.anonymous.get("/corrections?before=2").text
    assert "Wort 0" in second and "Wort 1" not in second


def test_the_api_corrects_and_lists(site, own):
    token, _ = api_tokens.make(site.store, one(site), "x", ["read", "write"], "30")
    asked = {"Authorization": f"Bearer {token}"}
    sent = {"what": "rating", "review_id": own, "rating": "true", "reason": REASON}
    made = site.anonymous.post(f"/api/v1/claims/{site.claim}/corrections", json=sent, headers=asked)
    assert (made.status_code, made.json["before"], made.json["after"]) == (201, "Falsch (false)", "Falsch (true)")  # its words stay, the rating is another
    statement = linked(site)
    gone = site.anonymous.post(
        f"/api/v1/claims/{site.claim}/corrections", json={"what": "link", "statement_id": statement, "reason": REASON}, headers=asked
    )
    assert gone.status_code == 201 and gone.json["after"] == ""
    listed = site.anonymous.get("/api/v1/corrections?size=1", headers=asked).json
    assert [e["what"] for e in listed["items"]] == ["link"]
    assert [e["what"] for e in site.anonymous.get(f"/api/v1/corrections?cursor={listed['cursor']}", headers=asked).json["items"]] == ["rating"]
    assert site.anonymous.post(f"/api/v1/claims/{site.claim}/corrections", json=sent | {"reason": "x"}, headers=asked).status_code == 400


def test_the_command_corrects(site, own, settings, monkeypatch):
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(settings.home))

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(cli, ["claims", "correct", str(site.claim), "--reason", REASON, *words])
        assert result.exit_code == code, result.output
        return result.output

    assert "is public" in run("--review", str(own), "--rating", "true")
    assert json.loads(run("--before", "a", "--after", "b", "--json"))["what"] == "text"
    run("--statement", str(linked(site)))
    assert "one thing at a time" in run(code=1)
    assert [e.what for e in site.store.errata.newest()] == ["link", "text", "rating"]
