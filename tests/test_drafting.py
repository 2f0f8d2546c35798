"""Drafts: every statement with what is on file about it, nothing stored, and kept drafts seen by whom they belong to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_site import PASSWORD, SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck import api_tokens, drafting
from factcheck.articles import from_text
from factcheck.errors import BadInput, NotAllowed, NotFound
from factcheck.records import (
    Candidate,
    Claim,
    ClaimHit,
    Evidence,
    Promise,
    PromiseStatus,
    Rating,
    Relation,
    Review,
    Role,
    Standing,
)

DRAFT = "Erika Beispiel kündigte an: „Die Brücke wird bis 2030 erneuert.“ Danach fuhr sie weiter."
REVIEW = Review("Example desk", "Eher nicht", Rating.MOSTLY_FALSE)


def everything(store) -> dict[str, list]:
    """All rows of all tables but those about signing in."""
    db = store._connection.db
    return {n: [tuple(r) for r in db.execute(f"SELECT * FROM {n}")] for n in store._connection.tables() if n not in ("sessions", "sign_in_attempts", "api_tokens", "users", "audit")}


def hit(probability: float, relation: Relation = Relation.SAME, **claim) -> ClaimHit:
    return ClaimHit(Claim(1, "k", "The bridge will be renewed.", **claim), Candidate(1, probability, probability, relation, Evidence()))


@pytest.mark.parametrize(
    ("claims", "standing"),
    [
        ([], Standing.NEW),
        ([hit(0.9, reviews=(REVIEW,))], Standing.RATED),
        ([hit(0.9, Relation.OPPOSITE, reviews=(REVIEW,))], Standing.RATED),
        ([hit(0.9, Relation.RELATED, reviews=(REVIEW,))], Standing.NEW),
        ([hit(0.4, reviews=(REVIEW,))], Standing.NEW),
        ([hit(0.9)], Standing.SAID_BEFORE),
        ([hit(0.9, promise=Promise())], Standing.SAID_BEFORE),
        ([hit(0.9, promise=Promise(status=PromiseStatus.BROKEN))], Standing.RATED),
        ([hit(0.6), hit(0.55, reviews=(REVIEW,))], Standing.RATED),
    ],
)
def test_where_a_statement_stands_follows_from_what_is_likely_the_same(claims, standing):
    assert drafting.standing(tuple(claims), (), likely=0.5) is standing


def test_a_draft_is_checked_and_nothing_of_it_is_stored(site, fake_encoder):
    before = everything(site.store)
    checked = drafting.check(site.store, fake_encoder, from_text(DRAFT, title="Morgen"))
    (only,) = checked.statements
    assert (only.statement.id, only.statement.speaker) == (1, "Erika Beispiel")
    assert DRAFT[only.statement.start : only.statement.end] == only.statement.text
    assert only.claims[0].claim.id == site.claim and only.past[0].article.id == site.article
    assert everything(site.store) == before


def test_a_text_that_is_no_draft_any_more_is_refused_with_a_word_on_what_to_do(site, fake_encoder, monkeypatch):
    monkeypatch.setattr(drafting, "MOST_STATEMENTS", 1)
    with pytest.raises(BadInput, match="Check it in parts"):
        drafting.check(site.store, fake_encoder, from_text(f"{DRAFT}\n\n{DRAFT}"))


def test_the_page_shows_every_statement_with_its_best_match_and_says_that_nothing_is_stored(site):
    before = everything(site.store)
    page = site.client(Role.JOURNALIST).post("/drafts/check", data={"text": DRAFT, "title": "Morgen"}, headers=SAME_ORIGIN)
    assert page.status_code == 200 and "Nothing of this is stored" in page.text
    assert f'href="/claims/{site.claim}"' in page.text and "Mostly false" in page.text and "said 2 times" in page.text
    assert f'href="/articles/{site.article}#s' in page.text
    assert everything(site.store) == before


@pytest.mark.parametrize("text", ["", "   \n ", "\x00"])
def test_an_empty_draft_comes_back_with_a_word(site, text):
    page = site.client(Role.JOURNALIST).post("/drafts/check", data={"text": text, "title": "Kept title"}, headers=SAME_ORIGIN)
    assert page.status_code == 400 and "Kept title" in page.text and 'role="alert"' in page.text


def test_a_draft_is_kept_rewritten_shared_and_deleted_by_its_owner(site):
    owner = site.client(Role.JOURNALIST)
    kept = owner.post("/drafts", data={"text": DRAFT, "title": "Morgen"}, headers=SAME_ORIGIN)
    assert kept.status_code == 303
    address = kept.location
    assert "Morgen" in owner.get("/drafts").text and "Erika" in owner.get(address).text
    owner.post(address, data={"text": f"{DRAFT} Ende.", "title": "Übermorgen"}, headers=SAME_ORIGIN)
    assert "Übermorgen" in owner.get(address).text

    other, reader = site.client(Role.EDITOR), site.client(Role.READER)
    assert (other.get(address).status_code, reader.get(address).status_code) == (404, 403)
    assert "Übermorgen" not in other.get("/drafts").text
    owner.post(f"{address}/share", data={"shared": "1"}, headers=SAME_ORIGIN)
    assert other.get(address).status_code == 200 and "Übermorgen" in other.get("/drafts").text
    assert reader.get(address).status_code == 403
    for act in ("", "/share", "/delete"):
        assert other.post(f"{address}{act}", data={"text": "x"}, headers=SAME_ORIGIN).status_code == 403
    owner.post(f"{address}/share", data={"shared": "0"}, headers=SAME_ORIGIN)
    assert other.get(address).status_code == 404
    owner.post(f"{address}/delete", headers=SAME_ORIGIN)
    assert owner.get(address).status_code == 404


def test_the_log_tells_of_a_draft_but_not_what_is_in_it(site):
    owner = site.client(Role.JOURNALIST)
    address = owner.post("/drafts", data={"text": DRAFT}, headers=SAME_ORIGIN).location
    owner.post(f"{address}/share", data={"shared": "1"}, headers=SAME_ORIGIN)
    owner.post(f"{address}/delete", headers=SAME_ORIGIN)
    entries = site.store.audit.of("draft", int(address.rsplit("/", 1)[1]))
    assert [e["action"] for e in entries] == ["kept a draft", "shared a draft", "deleted a draft"]
    assert "Brücke" not in str(entries)


def test_a_reader_has_no_drafts(site):
    assert site.client(Role.READER).get("/drafts").status_code == 403
    with pytest.raises(NotAllowed):
        drafting.keep(site.store, from_text(DRAFT), site.store.users.by_name(site.names[Role.READER]))
    with pytest.raises(NotFound):
        drafting.seen_by(site.store, 1, None)


def test_the_bookmark_brings_the_text_behind_the_hash_where_no_server_sees_it(site):
    page = site.client(Role.JOURNALIST).get("/drafts").text
    assert "javascript:" in page and "/drafts#title=" in page and "encodeURIComponent(t)" in page


def token(site: Site, *scopes: str) -> dict[str, str]:
    owner = site.store.users.by_name(site.names[Role.JOURNALIST])
    return {"Authorization": f"Bearer {api_tokens.make(site.store, owner, 'editor system', list(scopes), '30')[0]}"}


def ask(site: Site, headers: dict[str, str], **body):
    return site.app.test_client().post("/api/v1/drafts:check", json=body, headers=headers)


def test_a_program_checks_a_draft(site):
    before = everything(site.store)
    answer = ask(site, token(site, "drafts"), text=DRAFT, title="Morgen", published_at="2024-05-01")
    assert answer.status_code == 200
    (found,) = answer.json["statements"]
    assert (found["number"], found["speaker"], found["claims"][0]["claim_id"]) == (1, "Erika Beispiel", "bridge/2030")
    assert found["past_statements"][0]["article_id"] == site.article
    assert answer.json["standings"][found["standing"]] == [1]
    assert everything(site.store) == before
    page = ask(site, token(site, "drafts"), html=f"<html><body><article><p>{DRAFT}</p><p>{DRAFT}</p></article></body></html>")
    assert page.status_code == 200 and page.json["statements"]


def test_a_program_without_the_right_token_or_body_is_told_what_is_missing(site):
    good = token(site, "drafts")
    assert ask(site, {}, text=DRAFT).status_code == 401
    assert ask(site, token(site, "read"), text=DRAFT).status_code == 403
    for body in ({"text": 5}, {"words": "x"}, {"text": ""}, {"text": DRAFT, "published_at": "soon"}):
        answer = ask(site, good, **body)
        assert answer.status_code == 400 and answer.json["error"]["message"], body
    assert site.app.test_client().post("/api/v1/drafts:check", data="[" * 100_000, headers=good | {"Content-Type": "application/json"}).status_code == 400


@given(st.text(max_size=300))
def test_any_text_is_checked_or_refused(text):
    """No text breaks the reading of a draft; the store it is compared with is empty."""
    from factcheck.errors import ClaimtrailError

    try:
        article = from_text(text)
    except ClaimtrailError:
        return
    assert drafting.as_article(drafting.Draft(1, 1, "a", "", article.text)).text == article.text
