"""``claims:search`` in the form of Google's Fact Check Tools API: its own client, pointed here, finds what is on file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from web_site import Site, site  # noqa: F401  (a fixture)
from werkzeug.serving import make_server

from app import create_app
from factcheck import api_tokens, claimssearch, pipeline
from factcheck.claimssearch import Question
from factcheck.errors import BadInput
from factcheck.records import Claim, Rating, Review, Role

BRIDGE = {
    "text": "Die Brücke wird bis 2030 erneuert.",
    "claimant": "Erika Beispiel",
    "claimDate": "2023-05-04T00:00:00Z",
    "claimReview": [
        {
            "publisher": {"name": "Example desk", "site": "example.org"},
            "url": "https://example.org/check",
            "reviewDate": "2023-06-01T00:00:00Z",
            "textualRating": "Eher nicht",
            "languageCode": "de",
        }
    ],
}


@pytest.fixture
def many(site, fake_encoder):
    """Thirteen claims more about bridges, reviewed by another desk in English in 2024, and one without a review."""
    for number in range(13):
        review = Review("Other desk", "False", Rating.FALSE, url=f"https://www.other.example/{number}", title=f"No. {number}", published_at=f"2024-03-{number + 1:02}", language="en-GB"[:2])
        pipeline.add_claim(site.store, fake_encoder, Claim(0, f"other/{number}", f"The old bridge number {number} will be renewed by 2030.", language="en", speaker="Max Example", reviews=(review,)))
    pipeline.add_claim(site.store, fake_encoder, Claim(0, "bare", "The bridge has no review."))
    return site


def ask(site: Site, **given):
    return site.anonymous.get("/v1alpha1/claims:search", query_string=given)


def test_a_claim_is_answered_as_the_api_has_it(site):
    answer = ask(site, query="Brücke bis 2030 erneuert", key="whatever", alt="json")
    assert (answer.status_code, answer.json) == (200, {"claims": [BRIDGE]})


def test_pages_follow_each_other_without_gap_or_repeat(many):
    texts, token, pages = [], "", 0
    while True:
        answer = ask(many, reviewPublisherSiteFilter="other.example", pageSize=5, **({"pageToken": token} if token else {})).json
        texts += [c["text"] for c in answer.get("claims", [])]
        token, pages = answer.get("nextPageToken", ""), pages + 1
        if not token:
            break
    assert len(texts) == len(set(texts)) == 13 and pages == 3
    skipped = ask(many, reviewPublisherSiteFilter="www.other.example", pageSize=5, offset=10).json
    assert [c["text"] for c in skipped["claims"]] == texts[10:]


def test_filters_narrow_by_site_language_and_age(many):
    by_site = ask(many, query="Brücke bis 2030 erneuert", reviewPublisherSiteFilter="example.org").json
    assert [c["claimReview"][0]["publisher"]["site"] for c in by_site["claims"]] == ["example.org"]
    german = ask(many, query="Brücke bis 2030 erneuert", languageCode="de-AT", pageSize=50).json
    assert {r["languageCode"] for c in german["claims"] for r in c["claimReview"]} == {"de"}
    assert "claims" not in ask(many, query="Brücke bis 2030 erneuert", languageCode="fr").json
    question = Question(site="other.example", max_age_days=10, size=50)
    found = claimssearch.search(many.store, None, question, today=date(2024, 3, 20))
    assert sorted(c["claimReview"][0]["reviewDate"][:10] for c in found["claims"]) == ["2024-03-10", "2024-03-11", "2024-03-12", "2024-03-13"]
    assert ask(many, reviewPublisherSiteFilter="nobody.example").json == {}
    assert "no review" not in ask(many, query="The bridge has no review", pageSize=50).text


@pytest.mark.parametrize(
    "given", [{}, {"query": " "}, {"query": "x", "pageSize": "many"}, {"query": "x", "maxAgeDays": "-1"}, {"query": "x", "pageToken": "bm9uc2Vuc2U"}, {"query": "x", "pageToken": "ä"}]
)
def test_what_cannot_be_answered_is_refused_in_the_apis_own_form(site, given):
    answer = ask(site, **given)
    assert answer.status_code == 400
    assert answer.json["error"]["code"] == 400 and answer.json["error"]["status"] == "INVALID_ARGUMENT" and answer.json["error"]["message"]


def test_a_token_of_another_question_is_refused(many):
    token = ask(many, reviewPublisherSiteFilter="other.example", pageSize=5).json["nextPageToken"]
    assert ask(many, reviewPublisherSiteFilter="example.org", pageToken=token).status_code == 400
    with pytest.raises(BadInput):
        claimssearch.search(many.store, None, Question(query="x", token=token))


def test_where_reading_is_closed_a_token_opens(site, settings, fake_encoder):
    closed = create_app(replace(settings, open_reading=False), store=site.store, encoder=fake_encoder).test_client()
    address = "/v1alpha1/claims:search?query=Brücke"
    user = site.store.users.by_name(site.names[Role.READER])
    good, other = (api_tokens.make(site.store, user, s, [s], "30")[0] if s == "read" else api_tokens.make(site.store, site.store.users.by_name(site.names[Role.JOURNALIST]), s, [s], "30")[0] for s in ("read", "drafts"))
    assert closed.get(address).status_code == closed.get(f"{address}&key=AIza").status_code == closed.get(f"{address}&key={other}").status_code == 403
    assert closed.get(f"{address}&key={good}").json == {"claims": [BRIDGE]}
    assert closed.get(address, headers={"Authorization": f"Bearer {good}"}).status_code == 200


@pytest.fixture
def address(many) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, many.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_googles_own_client_only_changes_its_host(address):
    """Against the discovery document that comes with the client."""
    import httplib2
    from googleapiclient.discovery import build
    from googleapiclient.errors import HttpError

    service = build("factchecktools", "v1alpha1", http=httplib2.Http(), developerKey="any", static_discovery=True, client_options={"api_endpoint": address})
    claims = service.claims()
    request = claims.search(reviewPublisherSiteFilter="other.example", pageSize=6)
    texts = []
    while request is not None:
        answer = request.execute()
        texts += [c["text"] for c in answer["claims"]]
        request = claims.search_next(request, answer)
    assert len(set(texts)) == 13
    found = claims.search(query="Brücke bis 2030 erneuert", languageCode="de").execute()
    assert found["claims"][0]["claimReview"][0]["textualRating"] == "Eher nicht"
    with pytest.raises(HttpError, match="query is required"):
        claims.search().execute()
