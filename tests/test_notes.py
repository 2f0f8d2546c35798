"""Notes: a private one is its writer's alone, a shared one the desk's, and the log never says what either says."""

from __future__ import annotations

import pytest
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck import drafting, notes
from factcheck.articles import from_text
from factcheck.errors import BadInput, NotFound
from factcheck.records import Role, User

SECRET = "Der Anruf kam aus dem Ministerium."


def who(site: Site, role: Role) -> User:
    return site.store.users.by_name(site.names[role])


def test_a_private_note_is_seen_by_its_writer_and_by_nobody_else_not_even_administrators(site):
    note = notes.write(site.store, who(site, Role.JOURNALIST), "claim", site.claim, SECRET, is_shared=False)
    for role in Role:
        mine = role is Role.JOURNALIST
        assert site.store.notes.on("claim", site.claim, who(site, role).id) == ([note] if mine else [])
        client = site.client(role)
        assert (SECRET in client.get("/notes").text) is mine
        if role is not Role.READER:
            assert client.get(f"/notes/{note.id}/edit").status_code == (200 if mine else 404)
        if not mine:
            for path in (f"/notes/{note.id}", f"/notes/{note.id}/delete"):
                refused = client.post(path, data={"text": "x", "shared": "1"}, headers=SAME_ORIGIN)
                assert refused.status_code == (403 if role is Role.READER else 404)
    assert site.store.notes.own(note.id, who(site, Role.JOURNALIST).id) == note
    assert site.anonymous.get("/notes").status_code == 303


def test_a_shared_note_is_seen_by_those_who_write_notes_and_changed_by_its_writer_only(site):
    note = notes.write(site.store, who(site, Role.JOURNALIST), "person", site.person, "Rückruf abwarten.", is_shared=True)
    assert site.store.notes.on("person", site.person, who(site, Role.EDITOR).id) == [note]
    with pytest.raises(NotFound):
        notes.change(site.store, who(site, Role.EDITOR), note.id, "anders", is_shared=True)
    with pytest.raises(NotFound):
        notes.delete(site.store, who(site, Role.ADMINISTRATOR), note.id)
    changed = notes.change(site.store, who(site, Role.JOURNALIST), note.id, "Rückruf kam.", is_shared=False)
    assert (changed.text, changed.is_shared) == ("Rückruf kam.", False) and changed.changed_at
    assert site.store.notes.on("person", site.person, who(site, Role.EDITOR).id) == []


def test_the_log_tells_of_notes_and_not_what_they_say(site):
    journalist = who(site, Role.JOURNALIST)
    note = notes.write(site.store, journalist, "article", site.article, SECRET, is_shared=False)
    notes.change(site.store, journalist, note.id, SECRET + " Gestern.", is_shared=True)
    notes.delete(site.store, journalist, note.id)
    entries = [e for e in site.store.audit.of("article", site.article) if "note" in e["action"]]
    assert [(e["action"], e["before"], e["after"]) for e in entries] == [
        ("wrote a note", None, {"note": note.id, "shared": False}),
        ("changed a note", {"note": note.id, "shared": False}, {"note": note.id, "shared": True}),
        ("deleted a note", {"note": note.id, "shared": True}, None),
    ]
    assert "Ministerium" not in str(entries)


@pytest.mark.parametrize(("text", "key"), [("", "note_empty"), (" \r\n\x00 ", "note_empty"), ("x" * 5001, "note_too_long")])
def test_a_note_that_cannot_be_kept_says_why(site, text, key):
    with pytest.raises(BadInput) as refused:
        notes.write(site.store, who(site, Role.EDITOR), "claim", site.claim, text, is_shared=False)
    assert refused.value.key == key


@pytest.mark.parametrize("kind", notes.ON)
def test_there_are_no_notes_on_what_is_not_on_file(site, kind):
    with pytest.raises(NotFound):
        notes.write(site.store, who(site, Role.EDITOR), kind, 999, "x", is_shared=False)


def test_a_statement_carries_notes_too(site):
    statement = site.statements[0].id
    note = notes.write(site.store, who(site, Role.EDITOR), "statement", statement, "Wortlaut prüfen.", is_shared=True)
    assert site.store.notes.on("statement", statement, who(site, Role.JOURNALIST).id) == [note]
    assert f"/articles/{site.article}#s{statement}" in site.client(Role.EDITOR).get("/notes").text


def test_notes_on_a_draft_are_for_those_who_see_the_draft(site):
    journalist, editor = who(site, Role.JOURNALIST), who(site, Role.EDITOR)
    draft = drafting.keep(site.store, from_text("Ein Entwurf über die Brücke.", title="Entwurf"), journalist)
    with pytest.raises(NotFound):
        notes.write(site.store, editor, "draft", draft.id, "x", is_shared=True)
    notes.write(site.store, journalist, "draft", draft.id, "Zahl prüfen.", is_shared=True)
    assert "Zahl prüfen." in site.client(Role.JOURNALIST).get(f"/drafts/{draft.id}").text
    assert site.client(Role.EDITOR).get(f"/drafts/{draft.id}").status_code == 404
    drafting.share(site.store, draft.id, journalist, is_shared=True)
    assert "Zahl prüfen." in site.client(Role.EDITOR).get(f"/drafts/{draft.id}").text
    assert notes.write(site.store, editor, "draft", draft.id, "Geprüft.", is_shared=True).object_id == draft.id


@pytest.mark.parametrize(("kind", "place"), [("claim", "/claims/{0.claim}"), ("person", "/people/{0.person}"), ("article", "/articles/{0.article}")])  # fmt: skip
def test_notes_stand_and_are_written_on_the_page_of_what_they_are_about(site, kind, place):
    path, number = place.format(site), getattr(site, kind)
    journalist = site.client(Role.JOURNALIST)
    assert f'action="/notes/{kind}/{number}"' in journalist.get(path).text
    form = {"text": "Erst <b>fragen</b>\nund dann schreiben.", "shared": "1", "next": path}
    assert journalist.post(f"/notes/{kind}/{number}", data=form, headers=SAME_ORIGIN).location == f"{path}#notes"
    page = site.client(Role.EDITOR).get(path).text
    assert "Erst &lt;b&gt;fragen&lt;/b&gt;\nund dann schreiben." in page and "/edit?next=" not in page
    assert "Erst" in journalist.get("/notes").text
    for other in (site.client(Role.READER), site.anonymous):
        assert "Erst" not in other.get(path).text and "/notes/" not in other.get(path).text


def test_a_note_is_edited_and_deleted_by_hand_and_leads_back(site):
    journalist, writer = site.client(Role.JOURNALIST), who(site, Role.JOURNALIST)
    note = notes.write(site.store, writer, "claim", site.claim, "Eins", is_shared=False)
    back = f"/claims/{site.claim}"
    form = {"text": "Zwei", "next": back}
    assert journalist.post(f"/notes/{note.id}", data=form, headers=SAME_ORIGIN).location == f"{back}#notes"
    assert "Zwei" in journalist.get(f"/notes/{note.id}/edit").text
    empty = journalist.post(f"/notes/{note.id}", data={"text": " ", "next": back}, headers=SAME_ORIGIN)
    assert empty.status_code == 422 and "The note is empty" in empty.text and f'value="{back}"' in empty.text
    assert journalist.post(f"/notes/claim/{site.claim}", data={"text": ""}, headers=SAME_ORIGIN).status_code == 422
    gone = journalist.post(f"/notes/{note.id}/delete", data={"next": "https://evil.example"}, headers=SAME_ORIGIN)
    assert gone.location == "/#notes" and site.store.notes.by(writer.id) == []
    assert journalist.post("/notes/topic/1", data={"text": "x"}, headers=SAME_ORIGIN).status_code == 404


def test_ones_notes_are_paged_the_newest_first(site):
    writer = who(site, Role.JOURNALIST)
    for n in range(52):
        notes.write(site.store, writer, "claim", site.claim, f"Notiz Nr. {n}.", is_shared=False)
    client = site.client(Role.JOURNALIST)
    first = client.get("/notes").text
    assert "Nr. 51." in first and "Nr. 2." in first and "Nr. 1." not in first
    oldest = site.store.notes.by(writer.id)[-1].id
    assert f"/notes?before={oldest}" in first
    second = client.get(f"/notes?before={oldest}").text
    assert "Nr. 1." in second and "Nr. 0." in second and "Nr. 2." not in second
