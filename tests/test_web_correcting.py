"""Correcting on the pages: the plain forms, who may, what the second of two editors sees, and what the article then shows."""

from __future__ import annotations

import re

import pytest
from web_site import SAME_ORIGIN, TEXT, Site, site  # noqa: F401  (a fixture)

from factcheck import correcting
from factcheck.records import Kind, Relation, Role

BRIDGE, MONEY = "„Wir werden die Brücke bis 2030 erneuern“", "Sie habe dafür 40 Millionen Euro gesichert"
ON = "Danach fuhr sie weiter"


class Desk:
    def __init__(self, site: Site, language: str = "en"):
        self.site, self.client = site, site.client(Role.EDITOR)
        self.client.post("/display", data={"language": language}, headers=SAME_ORIGIN)

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, path
        return answer.get_data(as_text=True)

    def post(self, path: str, **form):
        return self.client.post(path, data=form, headers=SAME_ORIGIN)

    def form(self, path: str) -> dict[str, str]:
        """What a browser would send if the form on the page was sent as it is."""
        page = self.get(path)
        page = page[page.index('class="correct-form"') : page.index("</form>", page.index('class="correct-form"'))]
        fields = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
        fields["kind"] = re.search(r'value="(\w+)" checked', page)[1]
        fields["words"] = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.S)[1]
        return fields

    def statements(self):
        return self.site.store.articles.statements(self.site.article)

    def one(self, words: str):
        return next(s for s in self.statements() if words in s.text)

    def follow(self, answer) -> str:
        assert answer.status_code == 303, answer.get_data(as_text=True)[-3000:]
        return self.get(answer.location)

    def undo(self, page: str) -> str:
        action = re.search(r'id="done".*?action="([^"]+)"', page, re.S)[1]
        return self.follow(self.post(action))


@pytest.fixture
def desk(site):
    return Desk(site)


def test_typed_words_kind_and_speaker_are_kept_and_can_be_taken_back(desk):
    s = desk.one(MONEY)
    path = f"/statements/{s.id}/correct"
    form = desk.form(path)
    assert (form["words"], form["start"], form["end"], form["kind"]) == (s.text, str(s.start), str(s.end), "indirect")
    answer = desk.post(path, **form | {"words": "dafür 40  Millionen Euro", "kind": "reported", "speaker": "erika beispiel"})
    assert answer.location.startswith(f"/articles/{desk.site.article}?done=") and answer.location.endswith(f"#s{s.id}")
    page = desk.follow(answer)
    now = desk.one("dafür 40 Millionen Euro")
    assert (now.id, now.text, now.kind, now.speaker, now.person_id) == (s.id, "dafür 40 Millionen Euro", Kind.REPORTED, "Erika Beispiel", desk.site.person)
    assert "Changed:" in page and 'role="status"' in page
    history = desk.get(path)
    assert "1 correction so far" in history and f"<b>{desk.site.names[Role.EDITOR]}</b>: changed" in history
    page = desk.undo(page)
    assert "Taken back." in page and 'action="/corrections' not in page
    assert (desk.one(MONEY).text, desk.one(MONEY).kind, desk.one(MONEY).speaker) == (s.text, s.kind, s.speaker)


def test_a_place_by_numbers_counts_when_the_words_are_left_alone(desk):
    s = desk.one(MONEY)
    form = desk.form(f"/statements/{s.id}/correct")
    start = TEXT.index("40 Millionen")
    desk.post(f"/statements/{s.id}/correct", **form | {"start": str(start - 1)})
    assert desk.one("40 Millionen").text == "40 Millionen Euro gesichert"


def test_what_scripts_send_is_taken_by_its_place(desk):
    s = desk.one("Brücke")
    form = desk.form(f"/statements/{s.id}/correct")
    start, end = TEXT.index("sprach"), TEXT.index("„Wir") + 4
    words = TEXT[start:end].replace("\n\n", "\r\n")
    mention = TEXT.index("Ministerin")
    changed = form | {"start": str(start), "end": str(end), "words": words, "mention": "Ministerin", "mention_at": f"{mention}-{mention + 10}"}
    desk.follow(desk.post(f"/statements/{s.id}/correct", **changed))
    now = desk.site.store.articles.statement(s.id)
    assert (now.start, now.end, now.mention, now.mention_at) == (start, end, "Ministerin", ((mention, mention + 10),))


def test_sending_the_form_as_it_is_confirms(desk):
    s = desk.one(MONEY)
    page = desk.follow(desk.post(f"/statements/{s.id}/correct", **desk.form(f"/statements/{s.id}/correct")))
    assert "Confirmed:" in page and desk.one(MONEY) == s


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"words": "Das steht nicht da <b>"}, "These words do not stand in the article: Das steht nicht da &lt;b&gt;."),
        ({"words": " "}, "A statement needs words."),
        ({"words": "x " * 4000}, "longer than 6000 characters"),
        ({"words": BRIDGE}, "already marked as a statement"),
        ({"kind": "shouted"}, "Choose how it was said"),
        ({"start": "12a"}, "two whole numbers"),
        ({"start": "", "end": "7"}, "two whole numbers"),
        ({"start": "0", "end": "99999"}, "does not lie in the article"),
        ({"speaker": "y" * 300}, "at most 200 characters"),
        ({"mention": "die Kanzlerin"}, "do not stand in the article: die Kanzlerin."),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_comes_back(desk, changes, said):
    s = desk.one(MONEY)
    form = desk.form(f"/statements/{s.id}/correct") | changes
    answer = desk.post(f"/statements/{s.id}/correct", **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400 and 'role="alert"' in page and said in page
    for field in ("speaker", "mention", "start"):
        assert f'name="{field}" value="{form[field]}"' in page
    assert desk.one(MONEY) == s and desk.site.store.corrections.of_article(desk.site.article) == []


def test_a_missing_statement_is_taken_up_by_its_words(desk):
    path = f"/articles/{desk.site.article}/statements/new"
    form = desk.form(path)
    assert (form["words"], form["kind"]) == ("", "direct")
    page = desk.follow(desk.post(path, **form | {"words": ON, "kind": "reported", "speaker": "Jana Muster", "mention": "sie"}))
    added = desk.one(ON)
    assert (added.kind, added.speaker, added.mention) == (Kind.REPORTED, "Jana Muster", "sie")
    assert TEXT[added.mention_at[0][0] : added.mention_at[0][1]] == "sie" and "Taken up:" in page and f'id="s{added.id}"' in page
    assert desk.site.store.people.get(added.person_id).name == "Jana Muster"
    desk.undo(page)
    assert [s.text for s in desk.statements()] == [BRIDGE, MONEY]


def test_selected_words_stand_in_the_form(desk):
    start = TEXT.index(ON)
    form = desk.form(f"/articles/{desk.site.article}/statements/new?start={start - 1}&end={start + len(ON)}")
    assert form["words"] == ON
    assert desk.form(f"/articles/{desk.site.article}/statements/new?start=5&end=99999")["words"] == ""
    assert desk.form(f"/articles/{desk.site.article}/statements/new?start=x&end=-1")["words"] == ""


def test_a_statement_is_removed_and_brought_back_with_its_id(desk):
    s = desk.one(MONEY)
    form = desk.form(f"/statements/{s.id}/correct")
    answer = desk.post(f"/statements/{s.id}/remove", saw=form["saw"])
    assert answer.location.endswith(f"#p{TEXT.index('„Wir')}")
    page = desk.follow(answer)
    assert "Removed:" in page and f'id="s{s.id}"' not in page
    assert desk.client.get(f"/statements/{s.id}/correct").status_code == 404
    assert desk.client.get(f"/review/{s.id}").status_code == 404
    page = desk.undo(page)
    assert desk.one(MONEY) == s and f'id="s{s.id}"' in page


def test_what_is_linked_is_not_removed_and_the_page_says_why(desk):
    s = desk.one(MONEY)
    desk.post(f"/review/{s.id}/decide", claim=desk.site.claim, relation=Relation.SAME)
    saw = desk.form(f"/statements/{s.id}/correct")["saw"]
    answer = desk.post(f"/statements/{s.id}/remove", saw=saw)
    assert answer.status_code == 409 and "Undo that decision first" in answer.get_data(as_text=True)
    assert desk.one(MONEY) == s


def test_the_second_editor_sees_what_the_first_did_and_nothing_is_overwritten(desk):
    s = desk.one(MONEY)
    path = f"/statements/{s.id}/correct"
    form = desk.form(path)
    other = desk.site.client(Role.ADMINISTRATOR)
    other.post(path, data=form | {"speaker": "Erika Beispiel"}, headers=SAME_ORIGIN)
    answer = desk.post(path, **form | {"speaker": "Jana Muster"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and f"{desk.site.names[Role.ADMINISTRATOR]} has corrected this statement meanwhile" in page
    assert "As it now stands:" in page and "Erika Beispiel" in page and 'name="speaker" value="Jana Muster"' in page
    assert desk.one(MONEY).speaker == "Erika Beispiel"
    again = re.search(r'name="saw" value="(\w+)"', page)[1]
    desk.follow(desk.post(path, **form | {"speaker": "Jana Muster", "saw": again}))
    assert desk.one(MONEY).speaker == "Jana Muster"
    other.post(f"/statements/{s.id}/remove", data={"saw": correcting.seen(desk.one(MONEY))}, headers=SAME_ORIGIN)
    answer = desk.post(path, **form)
    assert answer.status_code == 409 and "has removed this statement" in answer.get_data(as_text=True)


def test_an_article_is_noted_as_checked_only_as_it_was_seen(desk):
    path = f"/articles/{desk.site.article}"
    saw = re.search(r'/checked" method="post"><input type="hidden" name="saw" value="(\w+)"', desk.get(path))[1]
    s = desk.one(MONEY)
    desk.post(f"/statements/{s.id}/correct", **desk.form(f"/statements/{s.id}/correct") | {"kind": "direct"})
    assert desk.post(f"{path}/checked", saw=saw).status_code == 409
    saw = re.search(r'/checked" method="post"><input type="hidden" name="saw" value="(\w+)"', desk.get(path))[1]
    page = desk.follow(desk.post(f"{path}/checked", saw=saw))
    assert f"All statements checked by {desk.site.names[Role.EDITOR]}" in page and "noted as checked" in page
    assert [r["complete"] for r in correcting.training_rows(desk.site.store)] == [True]
    assert "All statements checked</button>" in desk.undo(page)


@pytest.mark.parametrize("role", [None, Role.READER, Role.JOURNALIST])
def test_others_see_nothing_of_it_and_may_do_nothing(site, role):
    client = site.client(role)
    page = client.get(f"/articles/{site.article}").get_data(as_text=True)
    assert not re.search(r"correct|/checked|take-up", page.partition("<main")[2].partition("</main>")[0])
    s = site.statements[0]
    assert client.get(f"/statements/{s.id}/correct").status_code == (403 if role else 303)
    for path in (f"/statements/{s.id}/correct", f"/statements/{s.id}/remove", f"/articles/{site.article}/checked", "/corrections/1/undo"):
        assert client.post(path, data={"words": "x"}, headers=SAME_ORIGIN).status_code == (403 if role else 401), path
    assert site.store.corrections.of_article(site.article) == []


def test_what_is_not_there_is_not_found(desk):
    assert [desk.client.get(p).status_code for p in ("/statements/99/correct", "/articles/99/statements/new")] == [404, 404]
    for path in ("/statements/99/correct", "/statements/99/remove", "/articles/99/statements/new", "/articles/99/checked", "/corrections/99/undo"):
        assert desk.post(path, words="x", kind="direct").status_code == 404, path


def test_the_forms_speak_german_and_hold_no_inline_script(site):
    desk = Desk(site, "de")
    page = desk.get(f"/statements/{site.statements[0].id}/correct")
    assert "Aussage korrigieren" in page and "Ist keine Aussage: entfernen" in page
    for page in (page, desk.get(f"/articles/{site.article}/statements/new"), desk.get(f"/articles/{site.article}")):
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", page)
