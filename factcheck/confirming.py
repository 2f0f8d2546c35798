"""Confirming whom a mention means: one key for a suggestion, for every statement of the article it holds for, and remembered.

A confirmation is made of corrections of the speaker, so it survives a new reading and is exported with them; what it adds is the
name or office remembered for other articles. It is taken back as a whole.
"""

from __future__ import annotations

from dataclasses import replace

from db import Store
from factcheck import correcting, marks, people
from factcheck.embed import Encoder
from factcheck.errors import AlreadyCorrected, BadInput, NotAllowed, NotFound, NothingToUndo
from factcheck.extraction.names import fold
from factcheck.records import Article, Confirmation, DeskActKind, Office, Person, Role, Statement, User


def confirm(
    store: Store, encoder: Encoder, statement_id: int, name: str, user: User, saw: str, *, remember: bool = True
) -> Confirmation:
    """Name the speaker of a statement as suggested, and of every other one of its article with the same mention and suggestion.

    ``remember`` keeps the words for the person, where they are such as can be kept. Raises AlreadyCorrected when the statement is not
    what the editor saw any more, BadInput when the name was not suggested, NotFound, NotAllowed.
    """
    _may_confirm(user)
    statement = store.articles.statement(statement_id)
    if statement is None:
        raise NotFound("There is no such statement.", key="no_such_statement")
    if name not in {s.name for s in statement.suggestions}:
        raise BadInput("This person was not suggested here. Correct the statement to name somebody else.", key="not_suggested")
    if not name or statement.speaker:
        raise AlreadyCorrected("The speaker of this statement is named already.", key="speaker_named")
    article = store.articles.get(statement.article_id)
    assert article is not None
    others = [s for s in store.articles.statements(article.id) if s.id != statement.id and _same_case(s, statement, name)]
    made = [
        correcting.change(
            store, encoder, s.id, replace(marks.mark_of(s), speaker=name), user, saw if s is statement else correcting.seen(s)
        )
        for s in (statement, *others)
    ]
    with store.write():
        named = store.articles.statement(statement.id)
        person = store.people.get(named.person_id) if named and named.person_id else None
        alias, office_id = _remember(store, person, statement.mention, article) if remember and person else ("", None)
        confirmation = store.confirmations.add(
            article.id,
            statement.mention,
            named.speaker if named else name,
            user,
            person_id=person.id if person else None,
            statements=[statement.id, *(s.id for s in others)],
            corrections=[c.id for c in made],
            alias=alias,
            office_id=office_id,
        )
        store.desk.add(DeskActKind.CONFIRMED, user, {"statements": [statement.id], "confirmation": confirmation.id})
        store.audit.add(user.name, "confirmed a speaker", "statement", statement.id, after=_told(confirmation))
    return confirmation


def undo(store: Store, encoder: Encoder, confirmation_id: int, user: User) -> Confirmation:
    """Take back a confirmation: the statements' speakers and what was remembered. A statement corrected since stays as it is.

    Raises NothingToUndo, NotFound, NotAllowed.
    """
    _may_confirm(user)
    confirmation = store.confirmations.get(confirmation_id)
    if confirmation is None:
        raise NotFound("There is no such confirmation.", key="no_such_confirmation")
    if confirmation.undone_at:
        raise NothingToUndo("This confirmation was already taken back.", key="confirmation_undone")
    for correction_id in confirmation.corrections:
        try:
            correcting.undo(store, encoder, correction_id, user)
        except (NothingToUndo, AlreadyCorrected):
            continue  # somebody has seen to this statement since
    with store.write():
        if confirmation.person_id:
            store.people.forget(confirmation.person_id, confirmation.alias, confirmation.office_id)
        store.confirmations.undo(confirmation.id, user)
        store.audit.add(user.name, "took back a speaker", "statement", confirmation.statements[0], before=_told(confirmation))
    undone = store.confirmations.get(confirmation_id)
    assert undone is not None
    return undone


def of_statements(store: Store, article_id: int) -> dict[int, Confirmation]:
    """Statement id -> the confirmation in force that named its speaker."""
    return {s: confirmation for confirmation in store.confirmations.of_article(article_id) for s in confirmation.statements}


def _same_case(other: Statement, statement: Statement, name: str) -> bool:
    return (
        not other.speaker
        and fold(other.mention) == fold(statement.mention)
        and bool(other.suggestions)
        and other.suggestions[0].name == name
    )


def _remember(store: Store, person: Person, mention: str, article: Article) -> tuple[str, int | None]:
    """(alias, office id) as far as something new was kept."""
    words = people.memorable(mention, article.language)
    if words is None or words.phrase_of(person):
        return "", None
    if words.is_office:
        since = article.published_at[:10] if words.dated and article.published_at else None
        return "", store.people.add_office(person.id, Office(words.phrase, since))
    return (words.phrase, None) if store.people.add_alias(person.id, words.phrase) else ("", None)


def _told(confirmation: Confirmation) -> dict[str, object]:
    return {
        "confirmation": confirmation.id,
        "mention": confirmation.mention,
        "name": confirmation.name,
        "statements": list(confirmation.statements),
        "remembered": confirmation.remembered,
    }


def _may_confirm(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors confirm who speaks. Ask an administrator to make you one.", key="only_editors_correct")
