"""The store: everything that is kept, behind one small interface."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from db import copying, narrowing
from db.alerts import Alerts
from db.appearances import Appearances
from db.articles import Articles
from db.audit import Audit
from db.backlog import Backlog
from db.claim_relations import ClaimRelations
from db.cards import CardIndex
from db.claims import Claims
from db.confirmations import Confirmations
from db.connection import Connection
from db.corrections import Corrections
from db.decisions import Decisions
from db.deliveries import Deliveries
from db.desk import Desk
from db.drafts import Drafts
from db.erasures import Erasures
from db.errata import Errata
from db.events import Events
from db.exports import Exports
from db.factors import Factors
from db.filters import Filters
from db.governments import Governments
from db.jobs import Jobs
from db.kept import KeptFigures
from db.invitations import Invitations
from db.newsroom import Newsroom
from db.notices import Notices
from db.notes import Notes
from db.parts import Parts
from db.people import People
from db.personaldata import PersonalData
from db.personmerges import PersonMerges
from db.sayings import Sayings
from db.sessions import Attempts, Sessions
from db.tokens import Tokens
from db.queue import Queue
from db.ratingwords import RatingWords
from db.promises import Promises
from db.rearrangements import Rearrangements
from db.sources import Sources
from db.topics import Topics
from db.requests import Requests
from db.resets import Resets
from db.uploads import Uploads
from db.users import Users
from db.vectors import Vectors
from db.walkbacks import Walkbacks
from db.whole import Whole
from db.wordindex import WordIndex
from factcheck.errors import StoreUnavailable


WORD_INDEX = "The word index"  # how problems begin that are mended by making it anew


class Store:
    """One newsroom's data. May be shared by threads; each gets a connection of its own."""

    def __init__(self, connection: Connection):
        self._connection = connection
        figures = KeptFigures(connection)
        self.people = People(connection)
        self.person_merges = PersonMerges(connection)
        self.sayings = Sayings(connection)
        self.confirmations = Confirmations(connection)
        self.articles = Articles(connection)
        self.appearances = Appearances(connection)
        self.sources = Sources(connection)
        self.claims = Claims(connection)
        self.claim_parts = Parts(connection)
        self.exports = Exports(connection)
        self.whole = Whole(connection)
        self.uploads = Uploads(connection)
        self.rating_words = RatingWords(connection)
        self.rearrangements = Rearrangements(connection)
        self.claim_relations = ClaimRelations(connection)
        self.promises = Promises(connection, self.claims, figures)
        self.governments = Governments(connection, self.people)
        self.walkbacks = Walkbacks(connection, self.articles)
        self.corrections = Corrections(connection)
        self.decisions = Decisions(connection)
        self.queue = Queue(connection, figures)
        self.desk = Desk(connection)
        self.backlog = Backlog(connection)
        self.jobs = Jobs(connection)
        self.vectors = Vectors(connection)
        self.volumes = connection.volumes()
        self.topics = Topics(connection, figures)
        self.claim_words = WordIndex(connection, "claims")
        self.statement_words = WordIndex(connection, "statements")
        self.cards = CardIndex(connection)
        self.users = Users(connection)
        self.sessions = Sessions(connection)
        self.attempts = Attempts(connection)
        self.factors = Factors(connection)
        self.resets = Resets(connection)
        self.tokens = Tokens(connection)
        self.invitations = Invitations(connection)
        self.notes = Notes(connection)
        self.newsroom = Newsroom(connection)
        self.audit = Audit(connection)
        self.erasures = Erasures(connection)
        self.personal_data = PersonalData(connection)
        self.errata = Errata(connection)
        self.events = Events(connection)
        self.alerts = Alerts(connection)
        self.notices = Notices(connection)
        self.deliveries = Deliveries(connection)
        self.drafts = Drafts(connection)
        self.requests = Requests(connection)

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the engine raises when it refuses something."""
        return self._connection.errors

    def reading(self) -> AbstractContextManager[None]:
        """While this lasts, the thread reads from a replica where there is one that has everything this process wrote."""
        return self._connection.reading()

    def write(self) -> AbstractContextManager[Database]:
        """One transaction around several changes: all are kept or none."""
        return self._connection.write()

    def ids(self, table: str, filters: Filters) -> list[int]:
        """Ids of the rows of "claims" or "statements" that pass the filters, those of merged claims with the one that stands for them."""
        kind = table.removesuffix("s")
        cards = self.cards.now()
        return narrowing.ids(cards, kind, narrowing.resolve(self.cards, filters)).tolist()

    def problems(self) -> list[str]:
        """What is found wrong with the database; empty when it is sound."""
        found = self._connection.problems()
        for name in ("claims", "statements"):
            standing = "WHERE is_gone = 0" if name == "statements" else ""
            rows = self._connection.db.execute(f"SELECT count(*) FROM {name} {standing}").fetchone()[0]
            words = self._connection.words(name)
            found += [f"{WORD_INDEX} {index} holds {indexed} of {rows} rows." for index, indexed in words.sizes().items() if indexed != rows]
            with self.write():
                if not words.is_sound():
                    found.append(f"{WORD_INDEX} of {name} is damaged.")
        return found

    def index_words_anew(self) -> int:
        """Make the word indexes anew from the rows, all or nothing; how many rows they hold."""
        with self.write():
            for name in ("claims", "statements"):
                self._connection.words(name).clear()
            self.whole.index_words()
            return sum(max(self._connection.words(name).sizes().values()) for name in ("claims", "statements"))

    def index_vectors_anew(self) -> int:
        """Make anew what a server searches vectors with, all or nothing; how many it holds. None for a file, which has its index beside it."""
        return self._connection.index_vectors_anew()

    def advice(self) -> list[str]:
        """What could be better about the database and what to do for it, though nothing is wrong with it."""
        return self._connection.advice()

    def size(self) -> int:
        """Bytes the database takes."""
        return self._connection.size()

    def began_at(self) -> datetime:
        """When this database was made."""
        return datetime.fromisoformat(self._connection.began_at())

    def copy_to(self, target: Path) -> None:
        """Write everything as it is at this moment into a new file, while others go on. Raises StoreUnavailable."""
        if self._connection.path is None or not self._connection.path.is_file():
            raise StoreUnavailable("The database is on a server. Back it up there, with pg_dump; make a copy in a file with: claimtrail copy")
        copying.copy(self._connection, target)

    def close(self) -> None:
        """Close this thread's connection."""
        self._connection.close()


def open_store(where: Path | str, *, folder: Path | None = None, read: str = "") -> Store:
    """Open the store in a file, or at the address of a PostgreSQL server, creating and migrating it as needed. Raises StoreUnavailable.

    Of a server's ``folder`` holds what is derived on this machine, and ``read`` is the address of a replica, for what is only read.
    """
    connection = connect(where, folder, read)
    connection.migrate()
    return Store(connection)


def is_there(where: Path | str) -> bool:
    """True when there is a store. Raises StoreUnavailable when the server cannot be asked."""
    return where.exists() if isinstance(where, Path) else connect(where).is_made()


def connect(where: Path | str, folder: Path | None = None, read: str = "") -> Connection:
    if isinstance(where, str):
        from db.postgres.connection import PostgresConnection  # the driver is loaded where it is used

        return PostgresConnection(where, folder, read)  # type: ignore[return-value]  # of the same surface
    where.parent.mkdir(parents=True, exist_ok=True)
    return Connection(where)
