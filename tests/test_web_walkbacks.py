"""What was taken back, on the pages: proposed to editors, confirmed for everybody, with undo and a word to whoever is second."""

from __future__ import annotations

import pytest
from web_site import SAME_ORIGIN, Site, put_article, site  # noqa: F401  (a fixture)

from factcheck.records import Kind, Role, Statement, Walkback, WalkbackState

LATER = "Die Brücke bis 2030 habe ich im Scherz versprochen"


@pytest.fixture
def proposed(site, fake_encoder) -> Walkback:
    statement = Statement(LATER, 0, len(LATER), Kind.DIRECT, speaker="Erika Beispiel", person_id=site.person, said_at="2024-06-01")
    put_article(site.store, fake_encoder, LATER, [statement], published_at="2024-06-01")
    return next(w for w in site.store.walkbacks.of_claims([site.claim]) if w.statement.text == LATER)


def decide(client, walkback: Walkback, state: str, **data):
    return client.post(f"/walk-backs/{walkback.id}", data={"state": state, **data}, headers=SAME_ORIGIN)


def places(site: Site) -> tuple[str, str]:
    return f"/claims/{site.claim}", f"/people/{site.person}"


def test_proposed_it_is_shown_to_editors_only_in_all_three_places(site, proposed):
    editor = site.client(Role.EDITOR)
    for path in (*places(site), "/walk-backs"):
        page = editor.get(path).text
        assert f"/walk-backs/{proposed.id}" in page and "im Scherz" in page, path
    for path in places(site):
        assert f'id="w{proposed.id}"' not in site.anonymous.get(path).text
    assert site.client(Role.JOURNALIST).get("/walk-backs").status_code == 403


def test_confirmed_it_stands_on_the_time_line_for_everybody(site, proposed):
    editor = site.client(Role.EDITOR)
    answer = decide(editor, proposed, "confirmed", kind="in jest", saw="proposed", **{"from": "/walk-backs"})
    assert (answer.status_code, answer.location) == (303, "/walk-backs")
    page = site.anonymous.get(f"/claims/{site.claim}").text
    trail = page[page.index('class="trail"') :]
    assert "said in jest" in trail and LATER in trail
    assert "said in jest" in site.anonymous.get(f"/people/{site.person}").text
    assert LATER in editor.get("/walk-backs?state=confirmed").text and LATER not in editor.get("/walk-backs").text


def test_undone_it_is_a_proposal_again(site, proposed):
    editor = site.client(Role.EDITOR)
    decide(editor, proposed, "rejected")
    assert LATER in editor.get("/walk-backs?state=rejected").text
    answer = decide(editor, proposed, "proposed", saw="rejected")
    assert answer.location == f"/claims/{site.claim}#walkbacks"
    assert site.store.walkbacks.get(proposed.id).state is WalkbackState.PROPOSED


def test_whoever_is_second_sees_what_happened(site, proposed):
    decide(site.client(Role.EDITOR), proposed, "confirmed", saw="proposed")
    late = decide(site.client(Role.ADMINISTRATOR), proposed, "rejected", saw="proposed")
    assert late.status_code == 409 and "editor-1 decided this meanwhile" in late.text
    assert site.store.walkbacks.get(proposed.id).state is WalkbackState.CONFIRMED


def test_it_leads_back_to_our_own_pages_only(site, proposed):
    editor = site.client(Role.EDITOR)
    for origin in ("https://evil.example", "//evil.example", "/walk-backs\\evil", "/people//evil"):
        assert decide(editor, proposed, "proposed", **{"from": origin}).location == f"/claims/{site.claim}#walkbacks"
    assert decide(editor, proposed, "perhaps").status_code == 400
    assert editor.get("/walk-backs?after=x").status_code == 400
