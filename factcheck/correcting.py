"""Correcting what was found in an article: an editor's word on place, kind and speaker stands, also after the article is read again.

Every correction is kept with who made it and when, and can be taken back. Two editors at once: the second is told what the first did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from db import Store
from factcheck import marks, pipeline
from factcheck.embed import Encoder
from factcheck.errors import AlreadyCorrected, BadInput, NotAllowed, NotFound, NothingToUndo
from factcheck.extraction import judging, reading_again
from factcheck.extraction.annotation import Annotation, annotation_row
from factcheck.records import Act, Article, Correction, Kind, Mark, Relation, Role, Statement, User

TYPES = {Kind.DIRECT: "Direct", Kind.INDIRECT: "Indirect", Kind.REPORTED: "Reported"}
LINKING = (Relation.SAME, Relation.RELATED, Relation.OPPOSITE)

Finder = Callable[[Statement | None], Mark]


def seen(statement: Statement) -> str:
    """What a page showed of a statement, in short; handed in with a correction, it tells whether the statement is still the same."""
    return _short([statement])


def all_seen(statements: Sequence[Statement]) -> str:
    """The same for all statements of an article."""
    return _short(statements)


def change(store: Store, encoder: Encoder, statement_id: int, mark: Mark, user: User, saw: str) -> Correction:
    """Give a statement another place, kind or speaker; with nothing changed the statement is confirmed as it stands.

    The statement keeps its id, its decisions and links; candidates are made anew when its words changed. Raises AlreadyCorrected when it is
    not what the editor saw any more, BadInput for a place that cannot be or is taken, NotFound, NotAllowed.
    """
    _may_correct(user)
    with store.write():
        statement, article = _found(store, statement_id, saw)
        mark = _checked_mark(store, article, mark, statement_id)
        before = marks.mark_of(statement)
        if mark == before:
            return _note(store, article.id, Act.CONFIRMED, user, statement_id=statement_id, before=before, after=before)
        _put(store, article, statement, mark)
        made = _note(store, article.id, Act.CHANGED, user, statement_id=statement_id, before=before, after=mark)
    _match_anew(store, encoder, statement_id)
    return made


def add(store: Store, encoder: Encoder, article_id: int, mark: Mark, user: User) -> Correction:
    """Take up a statement that was not found. Raises BadInput when the place cannot be or is marked already, NotFound, NotAllowed."""
    _may_correct(user)
    with store.write():
        article = _article(store, article_id)
        mark = _checked_mark(store, article, mark)
        new = reading_again.read(article, marks.marked(Statement("", 0, 0, mark.kind), mark, article.text))
        new = replace(new, person_id=pipeline.person_id(store, new.speaker, store.people.all()))
        statement_id = store.articles.add_statement(article_id, article.language, new).id
        made = _note(store, article_id, Act.ADDED, user, statement_id=statement_id, after=mark)
    _match_anew(store, encoder, statement_id)
    return made


def remove(store: Store, statement_id: int, user: User, saw: str) -> Correction:
    """Take out what is no statement. Raises AlreadyCorrected, also while it is linked to a claim; NotFound, NotAllowed."""
    _may_correct(user)
    with store.write():
        statement, article = _found(store, statement_id, saw)
        _refuse_if_linked(store, statement_id)
        store.articles.hide_statement(statement_id)
        return _note(store, article.id, Act.REMOVED, user, statement_id=statement_id, before=marks.mark_of(statement))


def check(store: Store, article_id: int, user: User, saw: str) -> Correction:
    """Say that an article's statements are all right and none is missing. From then on a new reading adds nothing to them."""
    _may_correct(user)
    with store.write():
        _article(store, article_id)
        standing = store.articles.statements(article_id)
        if saw != all_seen(standing):
            raise AlreadyCorrected(
                "The statements of this article have changed since you opened it. Look at them again, then say so.",
                key="article_changed",
            )
        return _note(store, article_id, Act.CHECKED, user, checked=[(s.id, marks.mark_of(s)) for s in standing])


def undo(store: Store, encoder: Encoder, correction_id: int, user: User) -> Correction:
    """Take back a correction; returns the taking back. Raises NothingToUndo, AlreadyCorrected when a later one rests on it, NotFound."""
    _may_correct(user)
    with store.write():
        done = store.corrections.get(correction_id)
        if done is None or done.act is Act.UNDONE:
            raise NotFound("There is no such correction.", key="no_such_correction")
        force = marks.in_force(store.corrections.of_article(done.article_id))
        if done not in force:
            raise NothingToUndo("This correction was already taken back.", key="correction_undone")
        later = [c for c in force if c.statement_id == done.statement_id is not None and c.id > done.id]
        if later:
            raise AlreadyCorrected(
                f"{later[-1].user} has corrected this statement since. Take that back first.",
                key="corrected_since",
                name=later[-1].user,
            )
        _restore(store, done)
        made = _note(
            store, done.article_id, Act.UNDONE, user,
            statement_id=done.statement_id, before=done.after, after=done.before, undoes=done.id,
        )  # fmt: skip
    if done.act in (Act.CHANGED, Act.REMOVED):
        _match_anew(store, encoder, done.statement_id)
    return made


def history(store: Store, statement: Statement) -> list[Correction]:
    """What was done to a statement, oldest first, without what was taken back."""
    return [c for c in marks.in_force(store.corrections.of_article(statement.article_id)) if c.statement_id == statement.id]


def training_rows(store: Store) -> Iterator[dict[str, Any]]:
    """Every article with corrections as labelled data, in the form of the quotation sets, by article id.

    ``annotations`` are all its statements as they now stand, each with ``corrected`` when an editor had it in hand, in text order.
    ``complete`` is true when an editor said that all are right and none is missing; else what is not annotated may still be a
    statement. ``removed`` are the places of what an editor took out: [[start, end], …].
    """
    for article_id in store.corrections.articles():
        article = store.articles.get(article_id)
        assert article is not None
        made = store.corrections.of_article(article_id)
        held = marks.standing(made)
        yield {
            "id": f"article-{article_id}",
            "text": article.text,
            "language": article.language,
            "complete": marks.checked(made) is not None,
            "annotations": [
                {**_annotation(article.text, s), "speaker_name": s.speaker, "corrected": s.id in held}
                for s in store.articles.statements(article_id)
            ],
            "removed": sorted(list(h.found) for h in held.values() if h.now is None and h.found),
        }


def _annotation(text: str, s: Statement) -> dict[str, Any]:
    return annotation_row(
        Annotation(
            quote=((s.start, s.end),),
            speaker=s.mention_at or marks.nearest(text, s.mention, s.start, s.end),
            cue=s.cue_at or marks.nearest(text, s.cue, s.start, s.end),
            type=TYPES[s.kind],
        ),
        text,
    )


def _checked_mark(store: Store, article: Article, mark: Mark, statement_id: int = 0) -> Mark:
    """The mark as it is stored: its span trimmed and free, its speaker by the name on file."""
    start, end = marks.trimmed(article.text, mark.start, mark.end)
    _refuse_if_taken(store, article.id, start, end, statement_id)
    for spans in (mark.mention_at, mark.cue_at):
        for span in spans:
            marks.trimmed(article.text, *span, longest=marks.LONGEST_NAME)
    name = marks.spoken_name(mark.speaker)
    person = pipeline.person_on_file(store, name, store.people.all()) if name else None
    return replace(mark, start=start, end=end, speaker=person.name if person else name)


def _put(store: Store, article: Article, statement: Statement, mark: Mark, *, restored: bool = False) -> None:
    """Store a statement as the mark has it; what follows from its words is read anew when they or their kind changed.

    Whom the mention may mean is forgotten when an editor says that it means nobody known, and not when that is taken back.
    """
    new = marks.marked(statement, mark, article.text)
    if (new.start, new.end, new.kind) != (statement.start, statement.end, statement.kind):
        new = reading_again.read(article, new)
    if new.speaker != statement.speaker:
        suggestions = statement.suggestions if new.speaker or restored else ()
        new = replace(new, suggestions=suggestions, person_id=pipeline.person_id(store, new.speaker, store.people.all()))
    store.articles.change_statement(article.language, new)
    for claim_id in store.decisions.links([new.id]).values():
        store.claims.recount(claim_id)  # another day or speaker may make it another time the claim was made


def _restore(store: Store, done: Correction) -> None:
    """Bring the statement back to what it was before a correction."""
    if done.statement_id is None or done.act is Act.CONFIRMED:
        return
    if done.before is None:
        _refuse_if_linked(store, done.statement_id)
        store.articles.hide_statement(done.statement_id)
        return
    article = _article(store, done.article_id)
    _refuse_if_taken(store, article.id, done.before.start, done.before.end, done.statement_id)
    _put(store, article, store.articles.statements_by_id([done.statement_id])[done.statement_id], done.before, restored=True)


def _match_anew(store: Store, encoder: Encoder, statement_id: int | None) -> None:
    statement = store.articles.statement(statement_id) if statement_id else None
    if statement:
        if not statement.nature:  # its words are new
            article = _article(store, statement.article_id)
            [statement] = judging.judge([statement], article.language, encoder)
            with store.write():
                store.articles.change_statement(article.language, statement)
        pipeline.embed_statements(store, encoder, [statement.id])
        pipeline.match(store, encoder, statement)


def _note(store: Store, article_id: int, act: Act, user: User, **what: Any) -> Correction:
    made = store.corrections.add(article_id, act, user, **what)
    before, after = (asdict(m) if m else None for m in (made.before, made.after))
    about = ("statement", made.statement_id) if made.statement_id else ("article", article_id)
    action = f"corrected: {act}"
    store.audit.add(user.name, action, *about, before=before, after=after or {"correction": made.id})
    return made


def _found(store: Store, statement_id: int, saw: str) -> tuple[Statement, Article]:
    """The statement an editor saw. Raises AlreadyCorrected when somebody changed or removed it since, saying who."""
    statement = store.articles.statement(statement_id)
    known = statement or store.articles.statements_by_id([statement_id]).get(statement_id)
    if known is None:
        raise NotFound("There is no such statement.", key="no_such_statement")
    if statement is None or saw != seen(statement):
        made = [c for c in store.corrections.of_article(known.article_id) if c.statement_id == statement_id]
        if statement is None and made:
            raise AlreadyCorrected(f"{made[-1].user} has removed this statement.", key="statement_removed", name=made[-1].user)
        if statement is None:
            raise NotFound("This statement was not found again when the article was last read.", key="statement_not_found_again")
        if made:
            raise AlreadyCorrected(
                f"{made[-1].user} has corrected this statement meanwhile. Look at it as it now stands, then correct it if it is still wrong.",
                key="statement_changed",
                name=made[-1].user,
            )
        raise AlreadyCorrected(
            "The article was read again meanwhile. Look at the statement as it now stands, then correct it if it is still wrong.",
            key="statement_read_again",
        )
    return statement, _article(store, statement.article_id)


def _article(store: Store, article_id: int) -> Article:
    article = store.articles.get(article_id)
    if article is None:
        raise NotFound("This article is not on file.", key="no_such_article")
    if article.state != "ready":
        raise BadInput("The article is still being read. Try again in a moment.", key="article_not_ready")
    return article


def _refuse_if_taken(store: Store, article_id: int, start: int, end: int, statement_id: int) -> None:
    if any((s.start, s.end) == (start, end) and s.id != statement_id for s in store.articles.statements(article_id)):
        raise BadInput("These words are already marked as a statement.", key="mark_taken")


def _refuse_if_linked(store: Store, statement_id: int) -> None:
    made = [d for d in store.decisions.of_statement(statement_id) if d.relation in LINKING and d.claim_id]
    if made:
        raise AlreadyCorrected(
            f"{made[-1].user} has decided on this statement and a claim. Undo that decision first, then remove the statement.",
            key="statement_linked",
            name=made[-1].user,
        )


def _may_correct(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors correct statements. Ask an administrator to make you one.", key="only_editors_correct")


def _short(statements: Sequence[Statement]) -> str:
    content = [[s.id, asdict(marks.mark_of(s))] for s in statements]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]
