"""The pages of topics: the list, one topic, editing by plain forms, correcting what was assigned."""

from __future__ import annotations

import re

import pytest
from web_site import SAME_ORIGIN, site  # noqa: F401  (a fixture)

from factcheck.records import Role


def visible(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(head|svg|style).*?</\1>", "", page)).split())


@pytest.fixture
def editor(site):  # noqa: F811
    return site.client(Role.EDITOR)


def post(client, path: str, **data):
    return client.post(path, data=data, headers=SAME_ORIGIN)


def bridges(editor) -> str:
    """A topic that the site's claim and statement are about: its address."""
    made = post(editor, "/topics", name="Bridges", name_de="Brücken", description="Die Brücke wird erneuert.\nBrücke bis 2030 erneuern.")
    assert made.status_code == 303
    return made.location


def test_a_new_topic_counts_at_once_for_what_is_on_file(site, editor):  # noqa: F811
    path = bridges(editor)
    page = visible(site.anonymous.get(path).text)
    assert "Bridges" in page and "Die Brücke wird bis 2030 erneuert." in page and "Wir werden die Brücke bis 2030 erneuern" in page
    assert "Mostly false 1" in page and "compared with the descriptions again" not in page
    feed = re.search(r'<a href="(/search\.atom[^"]+)"', site.anonymous.get(path).text)[1].replace("&amp;", "&")
    assert "Die Brücke wird bis 2030 erneuert." in site.anonymous.get(feed).text
    found = visible(site.anonymous.get(f"/search?topic={path.rpartition('/')[2]}").text)
    assert "Die Brücke wird bis 2030 erneuert." in found and "40 Millionen Euro" not in found
    row = re.search(r"Bridges (\d+) (\d+)", visible(site.anonymous.get("/topics").text))
    assert row.groups() == ("1", "1")
    german = site.anonymous.get("/topics", headers={"Accept-Language": "de"}).text
    assert "Brücken" in german and "Wohnen" in german and "Themen" in german


def test_a_description_is_edited_and_two_editors_at_once_are_told_apart(site, editor):  # noqa: F811
    path = bridges(editor)
    form = editor.get(f"{path}/edit").text
    saw = re.search(r'name="saw" value="(\w+)"', form)[1]
    wrong = post(editor, f"{path}/edit", saw=saw, name="Bridges", description=" ")
    assert wrong.status_code == 400 and "one side of it a line" in wrong.text and 'value="Bridges"' in wrong.text
    changed = post(editor, f"{path}/edit", saw=saw, name="Ferries", description="Fähren und Häfen.")
    assert changed.status_code == 303
    page = visible(site.anonymous.get(path).text)
    assert "Ferries" in page and "Nothing on file comes near this description yet." in page
    late = post(editor, f"{path}/edit", saw=saw, name="Boats", description="Boote.")
    assert late.status_code == 409 and "The topic Ferries was changed meanwhile" in late.text


def test_deleting_wants_a_tick(site, editor):  # noqa: F811
    path = bridges(editor)
    saw = re.search(r'name="saw" value="(\w+)"', editor.get(f"{path}/edit").text)[1]
    asked = post(editor, f"{path}/delete", saw=saw)
    assert asked.status_code == 400 and "Tick the box" in asked.text and site.anonymous.get(path).status_code == 200
    assert post(editor, f"{path}/delete", saw=saw, sure="1").location == "/topics"
    assert site.anonymous.get(path).status_code == 404 and "Bridges" not in site.anonymous.get("/topics").text


def test_what_was_assigned_is_corrected_and_the_correction_stays(site, editor):  # noqa: F811
    path = bridges(editor)
    topic_id = path.rpartition("/")[2]
    correct = f"/topics/correct/claim/{site.claim}"
    removed = post(editor, correct, remove=topic_id, next=f"/claims/{site.claim}")
    assert (removed.status_code, removed.location) == (303, f"/claims/{site.claim}")
    assert "Die Brücke wird bis 2030" not in visible(site.anonymous.get(path).text)
    housing = site.store.topics.named("Housing").id
    post(editor, correct, give=str(housing))
    assert "Die Brücke wird bis 2030" in visible(site.anonymous.get(f"/topics/{housing}").text)
    post(editor, correct, reset=topic_id)
    assert "Die Brücke wird bis 2030" in visible(site.anonymous.get(path).text)
    assert [e["action"] for e in site.store.audit.of("claim", site.claim) if e["action"] == "corrected a topic"] == ["corrected a topic"] * 3
    assert post(editor, correct, give="x").status_code == 400
    assert post(editor, f"/topics/correct/article/{site.article}", give=str(housing)).status_code == 404
    assert post(editor, correct, give=str(housing), next="https://example.org/").location == "/"


def test_the_macro_shows_topics_to_all_and_forms_to_editors(site, editor):  # noqa: F811
    bridges(editor)
    template = '{% from "_topics.html" import topics with context %}{{ topics("claim", claim) }}'

    def shown(role: Role) -> str:
        with site.app.test_request_context("/"):
            site.app.preprocess_request()
            from flask import g, render_template_string

            g.user = site.store.users.by_name(site.names[role])
            return render_template_string(template, claim=site.claim)

    assert "Bridges" in shown(Role.READER) and "<form" not in shown(Role.READER)
    page = shown(Role.EDITOR)
    assert 'name="remove"' in page and 'name="give"' in page and page.count("<option") == 16


def test_only_editors_change_topics(site):  # noqa: F811
    journalist, topic = site.client(Role.JOURNALIST), site.store.topics.all()[0].id
    assert journalist.get(f"/topics/{topic}").status_code == 200
    for path in ("/topics", f"/topics/{topic}/edit", f"/topics/{topic}/delete", f"/topics/correct/claim/{site.claim}"):
        assert post(journalist, path, name="x", description="y", give=str(topic)).status_code == 403
    assert "New topic" not in journalist.get("/topics").text
