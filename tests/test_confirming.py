"""Confirming whom a mention means: one key, every statement it holds for, remembered for the next article, and taken back as a whole."""

from __future__ import annotations

import pytest
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck import confirming, correcting, pipeline
from factcheck.articles import from_text
from factcheck.errors import AlreadyCorrected, BadInput, NotAllowed, NotFound, NothingToUndo
from factcheck.people import memorable
from factcheck.records import Article, Office, Person, Role
from factcheck.statements import extract

FIRST = (
    "Die Hafensenatorin sprach am Montag mit Journalisten.\n\n"
    "„Die Halle bleibt bis 2031 stehen“, sagte die Hafensenatorin. „Wir brauchen dafür 40 Millionen Euro“, sagte die Hafensenatorin.\n"
)
NEXT = "Am Freitag tagte der Rat.\n\n„Die Kräne laufen wieder seit 3 Tagen“, sagte die Hafensenatorin.\n"


@pytest.fixture
def desk(site):  # noqa: F811
    store = site.store
    store.people.put(
        Person(id=0, name="Mira Holm", offices=(Office("Hafensenatorin", "2019-01-01", "2023-01-01"),), gender="f")
    )
    return site


def stored(site: Site, text: str, day: str = "2024-05-06"):
    encoder = site.app.extensions["claimtrail"].encoder
    article, _ = pipeline.add_article(site.store, from_text(text, published_at=day))
    return pipeline.process(site.store, encoder, article.id)


def user(site: Site, role: Role = Role.EDITOR):
    return site.store.users.by_name(site.names[role])


def test_unsure_statements_carry_who_it_may_be_and_why(desk):
    first, second = stored(desk, FIRST)
    assert (first.speaker, first.mention, first.person_id) == ("", "die Hafensenatorin", None)
    assert [(s.name, s.reason) for s in first.suggestions] == [("Mira Holm", "held_office")]
    assert second.suggestions == first.suggestions


def test_one_confirmation_names_every_statement_it_holds_for_and_is_audited(desk):
    first, _ = stored(desk, FIRST)
    encoder = desk.app.extensions["claimtrail"].encoder
    made = confirming.confirm(desk.store, encoder, first.id, "Mira Holm", user(desk), correcting.seen(first))
    after = desk.store.articles.statements(first.article_id)
    person = desk.store.people.by_name("Mira Holm")
    assert [(s.speaker, s.person_id, s.mention) for s in after] == [("Mira Holm", person.id, "die Hafensenatorin")] * 2
    assert made.statements == tuple(s.id for s in after) and made.remembered
    assert desk.store.audit.of("statement", first.id)[-1]["action"] == "confirmed a speaker"
    assert Office("Hafensenatorin") in desk.store.people.get(person.id).offices
    with pytest.raises(AlreadyCorrected):
        confirming.confirm(desk.store, encoder, first.id, "Mira Holm", user(desk), correcting.seen(after[0]))


def test_what_was_remembered_helps_with_the_next_article_and_with_reading_again(desk):
    first, _ = stored(desk, FIRST)
    encoder = desk.app.extensions["claimtrail"].encoder
    confirming.confirm(desk.store, encoder, first.id, "Mira Holm", user(desk), correcting.seen(first))
    (later,) = stored(desk, NEXT, "2024-06-01")
    assert (later.speaker, later.suggestions[0].name, later.suggestions[0].reason) == ("", "Mira Holm", "known_as")
    (named,) = stored(desk, "Mira Holm kam am Freitag in den Rat. " + NEXT, "2024-06-02")
    assert named.speaker == "Mira Holm"
    again = pipeline.extract(desk.store, encoder, desk.store.articles.get(first.article_id))
    assert [s.speaker for s in again] == ["Mira Holm", "Mira Holm"]


def test_an_alias_names_the_person_in_the_next_article(desk):
    stored(desk, "Nadja Quent kam an.\n\n„Der Deich hält seit 40 Jahren“, sagte Nadja Quent.")
    encoder = desk.app.extensions["claimtrail"].encoder
    quent = desk.store.people.by_name("Nadja Quent")
    text = "Der Regen hört nicht auf. Nadja Quent und Ole Brandt sind am Deich.\n\n„Wir brauchen 900 Sandsäcke“, sagte die Deich-Königin.\n"
    (unsure,) = stored(desk, text)
    assert unsure.speaker == "" and "Nadja Quent" in {s.name for s in unsure.suggestions}
    confirming.confirm(desk.store, encoder, unsure.id, "Nadja Quent", user(desk), correcting.seen(unsure))
    (later,) = stored(desk, "Es regnet weiter.\n\n„Es fehlen noch 100 Sandsäcke“, sagte die Deich-Königin.\n")
    assert (later.speaker, later.person_id) == ("Nadja Quent", quent.id)


def test_undoing_takes_back_the_speakers_and_what_was_remembered(desk):
    first, _ = stored(desk, FIRST)
    encoder = desk.app.extensions["claimtrail"].encoder
    made = confirming.confirm(desk.store, encoder, first.id, "Mira Holm", user(desk), correcting.seen(first))
    undone = confirming.undo(desk.store, encoder, made.id, user(desk))
    assert undone.undone_by == user(desk).name
    assert [s.speaker for s in desk.store.articles.statements(first.article_id)] == ["", ""]
    assert Office("Hafensenatorin") not in desk.store.people.by_name("Mira Holm").offices
    with pytest.raises(NothingToUndo):
        confirming.undo(desk.store, encoder, made.id, user(desk))


def test_nothing_is_remembered_when_the_editor_does_not_want_it(desk):
    first, _ = stored(desk, FIRST)
    encoder = desk.app.extensions["claimtrail"].encoder
    made = confirming.confirm(desk.store, encoder, first.id, "Mira Holm", user(desk), correcting.seen(first), remember=False)
    assert not made.remembered and Office("Hafensenatorin") not in desk.store.people.by_name("Mira Holm").offices


def test_what_cannot_be_confirmed_is_said(desk):
    first, _ = stored(desk, FIRST)
    encoder, seen = desk.app.extensions["claimtrail"].encoder, correcting.seen(first)
    with pytest.raises(BadInput):
        confirming.confirm(desk.store, encoder, first.id, "Erika Beispiel", user(desk), seen)
    with pytest.raises(AlreadyCorrected):
        confirming.confirm(desk.store, encoder, first.id, "Mira Holm", user(desk), "something else")
    with pytest.raises(NotAllowed):
        confirming.confirm(desk.store, encoder, first.id, "Mira Holm", user(desk, Role.READER), seen)
    with pytest.raises(NotFound):
        confirming.confirm(desk.store, encoder, 999_999, "Mira Holm", user(desk), seen)
    with pytest.raises(NotFound):
        confirming.undo(desk.store, encoder, 999_999, user(desk))


@pytest.mark.parametrize(
    ("mention", "language", "kept"),
    [
        ("Er", "de", None),
        ("she", "en", None),
        ("Der Republikaner", "de", None),
        ("Der 78-Jährige", "de", None),
        ("Das Unternehmen", "de", None),
        ("Die Experten", "de", None),
        ("Ein Sprecher", "de", None),
        ("Der Senator", "de", ("Senator", True, False)),
        ("the harbor master", "en", ("harbor master", True, False)),
        ("Der ukrainische Präsident", "de", ("ukrainischer Präsident", True, True)),
        ("Der Kreml-Zar", "de", ("Kreml-Zar", False, False)),
        ("Selenski", "de", ("Selenski", False, False)),
    ],
)
def test_what_is_kept_of_a_mention(mention, language, kept):
    words = memorable(mention, language)
    assert (words and (words.phrase, words.is_office, words.dated)) == kept


def test_the_pages_offer_it_in_plain_forms_and_tell_who_confirmed(desk):
    first, _ = stored(desk, FIRST)
    client = desk.client(Role.EDITOR)
    client.post("/display", data={"language": "de"}, headers=SAME_ORIGIN)
    page = client.get(f"/articles/{first.article_id}").get_data(as_text=True)
    assert "Vielleicht Mira Holm?" in page and "hatte das Amt zu anderer Zeit inne" in page and "„Hafensenatorin“ merken" in page
    form = {"name": "Mira Holm", "saw": correcting.seen(first), "remember": "1", "from": "review"}
    answer = client.post(f"/statements/{first.id}/speaker", data=form, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.location) == (303, f"/review/{first.id}")
    page = client.get(answer.location).get_data(as_text=True)
    assert "bestätigt von" in page and "in 2 Aussagen" in page and "Hafensenatorin“</span> ist Mira Holm" in page
    made = desk.store.confirmations.last_of(user(desk).id)
    answer = client.post(f"/confirmations/{made.id}/undo", data={}, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.location) == (303, f"/articles/{first.article_id}#note{first.id}")
    assert "Vielleicht Mira Holm?" in client.get(f"/articles/{first.article_id}").get_data(as_text=True)


def test_readers_see_the_suggestion_but_no_form(desk):
    first, _ = stored(desk, FIRST)
    page = desk.client(Role.READER).get(f"/articles/{first.article_id}").get_data(as_text=True)
    assert "Mira Holm?" in page and 'class="suggestion"' not in page
    form = {"name": "Mira Holm", "saw": correcting.seen(first)}
    assert desk.client(Role.READER).post(f"/statements/{first.id}/speaker", data=form, headers=SAME_ORIGIN).status_code == 403


def test_an_unsure_pronoun_is_suggested_from_the_text():
    article = Article(
        id=0, language="de", published_at="2024-05-06",
        text="Peter Sandmann traf seinen Nachbarn Jens Kohl. „Der Zaun kommt weg“, sagte er.",
    )  # fmt: skip
    (said,) = extract(article)
    assert said.speaker == "" and [s.name for s in said.suggestions] == ["Peter Sandmann", "Jens Kohl"]
