"""Corrections of what was found in an article: kept, safe from each other and from a new reading, and usable as labelled data."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from db import open_store
from factcheck import correcting, marks, pipeline, review, searching, statements
from factcheck.errors import AlreadyCorrected, BadInput, ClaimtrailError, NotAllowed, NotFound, NothingToUndo
from factcheck.extraction.annotation import read_annotation
from factcheck.records import Act, Article, Claim, Kind, Mark, QueueFilters, Relation, Role, User

TEXT = (
    "Bürgermeisterin Hanna Brückner versprach am Dienstag, sie werde das Freibad innerhalb von 30 Tagen wieder öffnen. "
    "„Wir haben dafür 400.000 Euro zurückgelegt, und dieses Geld reicht“, sagte Brückner. "
    "Der Bademeister winkt ab: Das wird nie etwas."
)
POOL, MONEY = "sie werde das Freibad innerhalb von 30 Tagen wieder öffnen", "„Wir haben dafür 400.000 Euro zurückgelegt, und dieses Geld reicht“"
NEVER = "Das wird nie etwas."


@pytest.fixture
def desk(tmp_path, fake_encoder):
    return Desk(open_store(tmp_path / "claimtrail.db"), fake_encoder)


class Desk:
    """An article that has been read, and two editors."""

    def __init__(self, store, encoder):
        self.store, self.encoder = store, encoder
        self.anna, self.ben = (
            replace(User(0, name, Role.EDITOR), id=store.users.create(name, "x", Role.EDITOR).id) for name in ("anna", "ben")
        )
        self.article, _ = pipeline.add_article(store, Article(0, TEXT, "de", "Freibad", published_at="2024-05-16"))
        pipeline.process(store, encoder, self.article.id)

    @property
    def statements(self):
        return self.store.articles.statements(self.article.id)

    def texts(self):
        return [s.text for s in self.statements]

    def one(self, words):
        return next(s for s in self.statements if words in s.text)

    def mark(self, words, kind=Kind.INDIRECT, **fields):
        start = TEXT.index(words)
        return Mark(start, start + len(words), kind, **fields)

    def change(self, words, user=None, saw=None, **changes):
        s = self.one(words)
        mark = replace(marks.mark_of(s), **changes)
        return correcting.change(self.store, self.encoder, s.id, mark, user or self.anna, saw or correcting.seen(s))

    def add(self, words=NEVER, kind=Kind.DIRECT, **fields):
        return correcting.add(self.store, self.encoder, self.article.id, self.mark(words, kind, **fields), self.anna)

    def remove(self, words):
        s = self.one(words)
        return correcting.remove(self.store, s.id, self.anna, correcting.seen(s))

    def undo(self, correction):
        return correcting.undo(self.store, self.encoder, correction.id, self.anna)

    def check(self):
        return correcting.check(self.store, self.article.id, self.anna, correcting.all_seen(self.statements))

    def read_again(self, monkeypatch=None, found=None):
        """Read the article again, with another extractor's output where ``found`` is given."""
        if found is not None:
            monkeypatch.setattr(statements, "extract", lambda *_: list(found))
        return pipeline.process(self.store, self.encoder, self.article.id)


def test_the_article_is_what_these_tests_take_it_for(desk):
    assert [(s.text, s.speaker) for s in desk.statements] == [(POOL, "Hanna Brückner"), (MONEY, "Hanna Brückner")]


def test_a_changed_statement_keeps_its_id_and_is_read_and_matched_anew(desk):
    claim = pipeline.add_claim(desk.store, desk.encoder, Claim(0, "money", "400.000 Euro sind zurückgelegt.", "de"))
    before = desk.one("400.000")
    words = "dieses Geld reicht"
    start = TEXT.index(words)
    desk.change("400.000", start=start, end=start + len(words), kind=Kind.INDIRECT, speaker="Ines Olbers")
    after = desk.store.articles.statement(before.id)
    assert (after.text, after.kind, after.speaker) == (words, Kind.INDIRECT, "Ines Olbers")
    assert desk.store.people.get(after.person_id).name == "Ines Olbers"
    assert after.check_worthy != before.check_worthy and after.before.startswith("Bürgermeisterin") and after.after.startswith("Der Bade")
    assert claim.id not in {c.claim_id for c in desk.store.decisions.candidates(before.id) if c.evidence.shared_numbers}
    assert [h.statement.id for h in searching.search_statements(desk.store, desk.encoder, "Geld reicht", k=1)] == [before.id]
    assert desk.store.vectors.missing("statement", desk.encoder.model_id) == 0 and desk.store.problems() == []


def test_a_promise_whose_words_change_is_read_as_what_it_then_says(desk):
    assert desk.one(POOL).is_promise and desk.one(POOL).deadline.text == "innerhalb von 30 Tagen"
    start = TEXT.index(POOL)
    desk.change(POOL, end=start + len("sie werde das Freibad"))
    assert desk.one("sie werde das Freibad").deadline is None


def test_a_speaker_is_taken_by_the_name_on_file(desk):
    desk.change(MONEY, speaker="  hanna   BRÜCKNER ")
    assert desk.one(MONEY).speaker == "Hanna Brückner"
    desk.change(MONEY, speaker="Brückner")
    assert desk.one(MONEY).speaker == "Hanna Brückner" and len(desk.store.people.all()) == 1
    desk.change(MONEY, speaker="")
    assert (desk.one(MONEY).speaker, desk.one(MONEY).person_id) == ("", None)


def test_saving_without_a_change_confirms(desk):
    made = desk.change(MONEY)
    assert (made.act, made.before) == (Act.CONFIRMED, made.after)
    assert correcting.history(desk.store, desk.one(MONEY)) == [made]


def test_a_corrected_statement_keeps_its_decisions_and_its_place_on_the_claims_time_line(desk):
    claim = pipeline.add_claim(desk.store, desk.encoder, Claim(0, "pool", "Das Freibad wird in 30 Tagen geöffnet.", "de"))
    s = desk.one(POOL)
    decision = review.decide(desk.store, s.id, claim.id, Relation.SAME, desk.ben)
    words = "das Freibad innerhalb von 30 Tagen wieder öffnen"
    start = TEXT.index(words)
    desk.change(POOL, start=start, end=start + len(words))
    desk.read_again()
    assert desk.store.decisions.of_statement(s.id) == [decision]
    assert [(o.statement_id, o.quote) for o in desk.store.claims.occurrences(claim.id)] == [(s.id, words)]
    with pytest.raises(AlreadyCorrected, match="ben has decided"):
        desk.remove(words)
    review.undo(desk.store, desk.ben, decision.id)
    desk.remove(words)
    assert desk.store.claims.occurrences(claim.id) == []


def test_an_added_statement_is_a_statement_like_any_other(desk):
    made = desk.add(speaker="Der Bademeister", mention="Der Bademeister")
    added = desk.store.articles.statement(made.statement_id)
    assert (added.text, added.kind, added.speaker) == (NEVER, Kind.DIRECT, "Der Bademeister")
    assert desk.texts() == [POOL, MONEY, NEVER]
    assert desk.store.decisions.matched_at(added.id)[1] == desk.encoder.model_id
    assert added.id in [h.statement.id for h in searching.search_statements(desk.store, desk.encoder, "wird nie etwas", k=1)]


def test_a_removed_statement_is_in_no_list_no_search_and_no_queue(desk):
    removed = desk.one(POOL)
    desk.remove(POOL)
    store = desk.store
    assert desk.texts() == [MONEY] and store.articles.statement(removed.id) is None and store.articles.count_statements() == 1
    assert [s.id for s in store.articles.of_person(removed.person_id)] == [desk.one(MONEY).id]
    assert removed.id not in store.queue.ids(QueueFilters(), None) and store.people.counts()[0][1] == 1
    assert removed.id not in [h.statement.id for h in searching.search_statements(store, desk.encoder, POOL, k=5)]
    with pytest.raises(NotFound):
        review.item(store, desk.encoder, removed.id)
    assert store.problems() == []


def test_everything_can_be_taken_back(desk):
    before = desk.statements
    done = [desk.change(POOL, speaker="Ines Olbers", kind=Kind.REPORTED), desk.add(), desk.remove(MONEY), desk.check()]
    assert desk.texts() == [POOL, NEVER]
    for correction in reversed(done):
        assert desk.undo(correction).undoes == correction.id
    assert [replace(s, suggestions=()) for s in desk.statements] == before
    assert desk.store.corrections.articles() == [] and marks.in_force(desk.store.corrections.of_article(desk.article.id)) == []
    assert desk.store.vectors.missing("statement", desk.encoder.model_id) == 0 and desk.store.problems() == []
    with pytest.raises(NothingToUndo):
        desk.undo(done[0])


def test_a_correction_others_rest_on_is_not_taken_back_first(desk):
    first = desk.change(POOL, speaker="Ines Olbers")
    desk.change(POOL, user=desk.ben, kind=Kind.REPORTED)
    with pytest.raises(AlreadyCorrected, match="ben has corrected this statement since"):
        desk.undo(first)
    with pytest.raises(NotFound):
        correcting.undo(desk.store, desk.encoder, 99, desk.anna)


def test_the_second_of_two_editors_is_told_what_the_first_did(desk):
    saw = correcting.seen(desk.one(MONEY))
    desk.change(MONEY, speaker="Ines Olbers")
    with pytest.raises(AlreadyCorrected, match="anna has corrected this statement meanwhile"):
        desk.change(MONEY, user=desk.ben, saw=saw, speaker="Rita Sommer")
    assert desk.one(MONEY).speaker == "Ines Olbers"
    removed = desk.one(MONEY)
    desk.remove(MONEY)
    with pytest.raises(AlreadyCorrected, match="anna has removed this statement"):
        correcting.change(desk.store, desk.encoder, removed.id, marks.mark_of(removed), desk.ben, correcting.seen(removed))


def test_of_many_at_the_same_moment_one_wins_and_the_others_are_told(desk):
    s = desk.one(MONEY)
    saw, outcomes = correcting.seen(s), []

    def correct(name):
        try:
            correcting.change(desk.store, desk.encoder, s.id, replace(marks.mark_of(s), speaker=name), desk.ben, saw)
            outcomes.append(name)
        except ClaimtrailError as error:
            outcomes.append(type(error))
        finally:
            desk.store.close()

    editors = [threading.Thread(target=correct, args=(f"Nina Nummer {n}",)) for n in "abcdef"]
    for each in editors:
        each.start()
    for each in editors:
        each.join()
    [winner] = [o for o in outcomes if isinstance(o, str)]
    assert outcomes.count(AlreadyCorrected) == 5 and desk.one(MONEY).speaker == winner
    assert len(desk.store.corrections.of_article(desk.article.id)) == 1


def test_a_place_that_cannot_be_is_refused_and_nothing_is_stored(desk):
    before = desk.statements
    taken = desk.one(POOL)
    for changes, key in [
        ({"start": 0, "end": len(TEXT) + 1}, "mark_outside"),
        ({"start": 5, "end": 5}, "mark_needs_words"),
        ({"start": taken.start, "end": taken.end}, "mark_taken"),
        ({"speaker": "x" * 201}, "mark_name_too_long"),
        ({"mention_at": ((0, 900),)}, "mark_outside"),
    ]:
        with pytest.raises(BadInput) as refused:
            desk.change(MONEY, **changes)
        assert refused.value.key == key
    with pytest.raises(BadInput):
        desk.add(MONEY)
    assert desk.statements == before and desk.store.corrections.of_article(desk.article.id) == []


@pytest.mark.parametrize("role", [Role.READER, Role.JOURNALIST])
def test_only_editors_correct(desk, role):
    other = User(9, "carl", role)
    s = desk.one(MONEY)
    for attempt in (
        lambda: correcting.change(desk.store, desk.encoder, s.id, marks.mark_of(s), other, correcting.seen(s)),
        lambda: correcting.add(desk.store, desk.encoder, desk.article.id, desk.mark(NEVER), other),
        lambda: correcting.remove(desk.store, s.id, other, correcting.seen(s)),
        lambda: correcting.check(desk.store, desk.article.id, other, correcting.all_seen(desk.statements)),
        lambda: correcting.undo(desk.store, desk.encoder, 1, other),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_corrections_survive_another_reading_of_the_article(desk, monkeypatch):
    found = statements.extract(desk.article)
    desk.change(POOL, speaker="Ines Olbers", kind=Kind.REPORTED)
    desk.remove(MONEY)
    desk.add(speaker="Der Bademeister")
    now = desk.statements
    desk.read_again()
    assert desk.statements == now
    longer = replace(found[1], text=MONEY + ", sagte Brückner", end=found[1].end + len(", sagte Brückner"))
    desk.read_again(monkeypatch, [replace(found[0], speaker="Jemand Anders"), longer])
    assert desk.statements == now
    desk.read_again(monkeypatch, [])
    assert desk.statements == now and desk.store.problems() == []


def test_what_nobody_corrected_follows_the_new_reading(desk, monkeypatch):
    first, second = desk.statements
    shorter = replace(second, id=0, text="dieses Geld reicht", start=TEXT.index("dieses Geld"), end=TEXT.index("“, sagte"))
    widened = replace(first, id=0, start=first.start, end=first.end + 1, text=POOL + ".", speaker="", person_id=None)
    assert desk.read_again(monkeypatch, [widened]) == [replace(widened, id=first.id)]
    assert desk.texts() == [POOL + "."] and desk.store.articles.statement(second.id) is None
    [_, back] = desk.read_again(monkeypatch, [widened, replace(second, id=0)])
    assert back == second and desk.store.vectors.missing("statement", desk.encoder.model_id) == 0
    [_, changed] = desk.read_again(monkeypatch, [widened, shorter])
    assert changed == replace(shorter, id=second.id) and desk.store.problems() == []


def test_a_checked_article_gains_and_loses_nothing(desk, monkeypatch):
    now = desk.statements
    checked = desk.check()
    desk.read_again(monkeypatch, [])
    assert desk.statements == now and marks.checked(desk.store.corrections.of_article(desk.article.id)) == checked
    with pytest.raises(AlreadyCorrected):
        correcting.check(desk.store, desk.article.id, desk.ben, correcting.all_seen(now[:1]))


def test_corrections_cannot_be_edited_and_are_logged(desk):
    made = desk.change(MONEY, speaker="Ines Olbers")
    for sql in ("DELETE FROM corrections", "UPDATE corrections SET user_name = 'x'", "UPDATE corrections SET after = NULL"):
        with pytest.raises(Exception, match="append-only"), desk.store.write() as db:
            db.execute(sql)
    [entry] = desk.store.audit.of("statement", made.statement_id)
    assert (entry["user_name"], entry["action"]) == ("anna", "corrected: changed")
    assert (entry["before"]["speaker"], entry["after"]["speaker"]) == ("Hanna Brückner", "Ines Olbers")


def test_corrected_articles_are_labelled_data(desk):
    other, _ = pipeline.add_article(desk.store, Article(0, "Das Wetter bleibt schön.", "de"))
    pipeline.process(desk.store, desk.encoder, other.id)
    assert list(correcting.training_rows(desk.store)) == []
    desk.change(MONEY, kind=Kind.INDIRECT)
    desk.add(speaker="Der Bademeister", mention="Der Bademeister")
    desk.remove(POOL)
    [row] = correcting.training_rows(desk.store)
    assert (row["id"], row["text"], row["language"], row["complete"]) == (f"article-{desk.article.id}", TEXT, "de", False)
    assert row["removed"] == [[TEXT.index(POOL), TEXT.index(POOL) + len(POOL)]]
    told = [(a["type"], a["quote"]["text"], a.get("speaker", {}).get("text"), a.get("cue", {}).get("text"), a["corrected"]) for a in row["annotations"]]
    assert told == [
        ("Indirect", MONEY, "Brückner", "sagte", True),
        ("Direct", NEVER, "Der Bademeister", None, True),
    ]
    checked = desk.check()
    assert [r["complete"] for r in correcting.training_rows(desk.store)] == [True]
    desk.undo(checked)
    assert [r["complete"] for r in correcting.training_rows(desk.store)] == [False]


def test_an_export_read_back_says_the_same(desk):
    mention = TEXT.index("Der Bademeister")
    desk.add(mention="Der Bademeister", mention_at=((mention, mention + 15),), cue="winkt ab", cue_at=((mention + 16, mention + 24),))
    desk.check()
    [row] = [json.loads(json.dumps(r, ensure_ascii=False)) for r in correcting.training_rows(desk.store)]
    back = [read_annotation(a, len(row["text"])) for a in row["annotations"]]
    assert [a.quote for a in back] == [((s.start, s.end),) for s in desk.statements]
    assert back[-1].speaker == ((mention, mention + 15),) and back[-1].cue == ((mention + 16, mention + 24),)
    assert all(row["text"][a:b] == part["text"] for x in row["annotations"] for part in [x["quote"]] for a, b in part["spans"])
