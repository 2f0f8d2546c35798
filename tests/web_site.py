"""A small site for the tests of the pages: a store with a claim, two articles and three users, and a client for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from flask import g, request
from flask.testing import FlaskClient

from app import create_app
from db import Store, open_store
from factcheck import passwords, pipeline
from factcheck.articles import from_text, text_hash
from factcheck.records import (
    Article,
    Claim,
    Coverage,
    Kind,
    Occurrence,
    Person,
    Promise,
    PromiseStatus,
    Rating,
    Review,
    Role,
    Statement,
    StatusChange,
)

PASSWORD = "quiet river stone"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
TEXT = (
    "Die Ministerin sprach am Montag in Kassel.\n\n"
    "„Wir werden die Brücke bis 2030 erneuern“, sagte Erika Beispiel. Sie habe dafür 40 Millionen Euro gesichert.\n\n"
    "Danach fuhr sie weiter."
)


@dataclass
class Site:
    """``anonymous`` and one signed-in client a role; ids of what is on file."""

    app: object
    store: Store
    anonymous: FlaskClient
    claim: int
    person: int
    article: int
    statements: list[Statement]
    names: dict[Role, str]
    unlogged: list[str]  # endpoints that changed something without a line in the log

    def client(self, role: Role | None = None) -> FlaskClient:
        """A new client; signed in as the user with ``role`` unless that is None."""
        client = self.app.test_client()
        if role:
            signed_in = client.post("/sign-in", data={"name": self.names[role], "password": PASSWORD}, headers=SAME_ORIGIN)
            assert signed_in.status_code == 303
        return client


# Endpoints that may change what is stored without a line in the log, and why.
UNLOGGED = {
    "auth.display": "how the pages look to one reader",
    "pages.ask": "a search; nothing is stored",
    "drafts.check": "nothing is stored",
    "api.check_draft": "nothing is stored",
    "alerts.read": "what one reader has seen of the notices",
    "api.read_notices": "what one reader has seen of the notices",
    "resetting.forgotten": "a wish; whose it is turns out with the mail, and that stands in the log",
    "webhooks.test": "a test message; the list of deliveries keeps it",
    "api.try_webhook": "a test message; the list of deliveries keeps it",
}


def watch_log(app, store: Store) -> list[str]:
    """Endpoints that changed what is stored without a line in the log, as they are met by a test."""
    unlogged: list[str] = []

    def state() -> tuple[int, int]:
        with store.write() as db:
            return db.conn.total_changes, db.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()[0]

    @app.before_request
    def before() -> None:
        g.watched = state()

    @app.after_request
    def after(response):
        if request.method == "POST" and response.status_code < 400 and "watched" in g and request.endpoint not in UNLOGGED:
            (changes, entries), (changes_now, entries_now) = g.watched, state()
            keyed = request.endpoint.startswith("api.") and "Idempotency-Key" in request.headers  # its answer is kept, though nothing else may change
            if changes_now > changes and entries_now == entries and not keyed:
                unlogged.append(request.endpoint)
        return response

    return unlogged


def bridge_claim(person_id: int) -> Claim:
    return Claim(
        id=0,
        key="bridge/2030",
        text="Die Brücke wird bis 2030 erneuert.",
        language="de",
        title="Wird die Brücke fertig?",
        speaker="Erika Beispiel",
        person_id=person_id,
        topics=("Verkehr",),
        first_said_at="2023-05-04",
        promise=Promise(
            "Die Brücke ist für Autos frei.",
            "2030-12-31",
            "bis 2030",
            PromiseStatus.STALLED,
            (StatusChange(PromiseStatus.STALLED, "2024-02-01", "Der Bau ruht.", "https://example.org/bau", "Redaktion"),),
        ),
        reviews=(
            Review(
                "Example desk",
                "Eher nicht",
                Rating.MOSTLY_FALSE,
                url="https://example.org/check",
                published_at="2023-06-01",
                language="de",
            ),
        ),
        coverage=(Coverage("Report on the bridge", "https://example.org/report", "Example", "2023-05-05", "en"),),
    )


def put_article(store: Store, encoder, text: str, statements: list[Statement], **about) -> Article:
    """Store an article with the given statements, their vectors and candidates, ready to read."""
    article = store.articles.add(from_text(text, **about), text_hash(text))
    stored = store.articles.put_statements(article.id, article.language, statements)
    pipeline.embed_statements(store, encoder)
    for statement in stored:
        pipeline.match(store, encoder, statement)
    store.articles.set_state(article.id, "ready")
    return article


def marked(text: str, part: str, **fields) -> Statement:
    start = text.index(part)
    return Statement(text=part, start=start, end=start + len(part), **fields)


@pytest.fixture
def site(settings, fake_encoder, monkeypatch) -> Iterator[Site]:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))  # quick, for tests
    store = open_store(settings.database)
    hashed = passwords.hash_password(PASSWORD)
    names = {role: f"{role}-1" for role in Role}
    for role, name in names.items():
        store.users.create(name, hashed, role)
    person = store.people.put(Person(0, "Erika Beispiel", aliases=("E. Beispiel",)))
    claim = pipeline.add_claim(store, fake_encoder, bridge_claim(person.id))
    for said_at in ("2023-05-04", "2024-01-09"):
        store.claims.add_occurrence(
            Occurrence(
                claim.id, "Die Brücke kommt bis 2030.", said_at, "Erika Beispiel", "Kassel", "Example", "https://example.org/a"
            )
        )
    article = put_article(
        store,
        fake_encoder,
        TEXT,
        [
            marked(
                TEXT,
                "„Wir werden die Brücke bis 2030 erneuern“",
                kind=Kind.DIRECT,
                speaker="Erika Beispiel",
                person_id=person.id,
                check_worthy=0.8,
                is_promise=True,
                said_at="2024-03-04",
            ),
            marked(TEXT, "Sie habe dafür 40 Millionen Euro gesichert", kind=Kind.INDIRECT, mention="Sie", check_worthy=0.9),
        ],
        title="Die Brücke",
        source="Example",
        url="https://example.org/bruecke",
        published_at="2024-03-05",
    )
    app = create_app(settings, store=store, encoder=fake_encoder)
    unlogged = watch_log(app, store)
    yield Site(app, store, app.test_client(), claim.id, person.id, article.id, store.articles.statements(article.id), names, unlogged)
    assert not unlogged, f"changed what is stored without a line in the log: {', '.join(unlogged)}"
