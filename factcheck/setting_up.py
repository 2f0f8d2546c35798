"""First run, users from the command line, and the check of everything that is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from db import Store
from db.store import WORD_INDEX
from db.vectors import SERVER_INDEX
from factcheck import demo as demo_data
from factcheck import desk, passwords, pipeline
from factcheck.embed import Encoder, engine
from factcheck.errors import BadInput, ClaimtrailError, NotAllowed, NotFound
from factcheck.people import public_figures
from factcheck.records import Cutoffs, Role, User

ADMINISTRATOR = "admin"


def first_run(store: Store, encoder: Encoder, *, demo: bool) -> str | None:
    """Fill a new database: public figures, the first administrator, the demo if asked for.

    Returns the administrator's one-time password, or None when there are users already. Running it again changes nothing.
    """
    put_public_figures(store)
    if demo and not store.claims.count() and not store.articles.count():
        demo_data.load(store)
        pipeline.embed_claims(store, encoder)
        pipeline.embed_statements(store, encoder)
    if store.users.count():
        return None
    return add_user(store, ADMINISTRATOR, Role.ADMINISTRATOR)


def put_public_figures(store: Store) -> None:
    """Put the people everybody writes about on file, so that their names, offices and spellings are known."""
    known = {p.name for p in store.people.all()}
    missing = [p for p in public_figures() if p.name not in known]
    if missing:
        with store.write():
            for person in missing:
                store.people.put(person)


def add_user(store: Store, name: str, role: str) -> str:
    """Add a user; the one-time password to hand over. Raises BadInput when the name is taken or empty."""
    name = name.strip()
    if not name or len(name) > 60:
        raise BadInput("A user needs a name of 1 to 60 characters.")
    if store.users.by_name(name):
        raise BadInput(f"There is a user {name} already. To reset the password: claimtrail users password {name}")
    password = passwords.make_password()
    with store.write():
        user = store.users.create(name, passwords.hash_password(password), Role(role), must_change=True)
        store.audit.add("command line", "added a user", "user", user.id, after={"name": name, "role": str(role)})
    return password


def reset_password(store: Store, name: str) -> str:
    """Give a user a new one-time password and end the user's sessions. Raises NotFound."""
    return desk.reset_password(store, "command line", user_named(store, name).id)


def user_named(store: Store, name: str) -> User:
    """Raises NotFound, saying how to add one."""
    user = store.users.by_name(name)
    if user is None or user.is_erased:
        raise NotFound(f"There is no user {name}. Add one: claimtrail users add {name}")
    return user


def set_cutoffs(store: Store, cutoffs: Cutoffs, user: User) -> None:
    """Set from which probability candidates are offered and called likely. Raises NotAllowed, BadInput."""
    if not user.role.includes(Role.ADMINISTRATOR):
        raise NotAllowed("Only administrators set the cut-offs.", key="role_missing")
    with store.write():
        before = store.newsroom.cutoffs()
        store.newsroom.set_cutoffs(cutoffs)
        store.audit.add(user.name, "set the cut-offs", "newsroom", 0, before=asdict(before), after=asdict(cutoffs))


@dataclass
class CheckReport:
    """Counts by name, the model's id, what it is computed with, and what is wrong, each with what to do about it."""

    counts: dict[str, int] = field(default_factory=dict)
    model: str = ""
    engine: str = ""
    problems: list[str] = field(default_factory=list)


def check(store: Store, encoder: Encoder) -> CheckReport:
    """Look at database, word index, vectors and model."""
    report = CheckReport()
    report.counts = {
        "claims": store.claims.count(),
        "articles": store.articles.count(),
        "statements": store.articles.count_statements(),
        "decisions": store.decisions.count(),
        "people": len(store.people.all()),
        "users": store.users.count(),
        "waiting": store.decisions.waiting(),
    }
    for problem in store.problems():
        cure = "Make it anew: claimtrail repair" if problem.startswith((WORD_INDEX, SERVER_INDEX, "fts5:")) else "Restore the newest backup: claimtrail restore"
        report.problems.append(f"{problem} {cure}")
    report.problems += store.advice()
    try:
        vector = encoder.encode_queries(["end the war in one day"])[0]
        report.model, report.engine = encoder.model_id, engine(encoder)
        if abs(float(vector @ vector) - 1) > 1e-3:
            report.problems.append("The model gives vectors that are not of unit length. Delete the cache folder and run prepare.")
        for kind, made_by in (("claim", encoder.passage_id), ("statement", encoder.model_id)):
            missing = store.vectors.missing(kind, made_by)
            if missing:
                report.problems.append(f"{missing:,} {kind} vectors are missing. They are made when the server starts.")
    except ClaimtrailError as error:
        report.problems.append(str(error))
    if not report.counts["users"]:
        report.problems.append("There is no user. Create the first administrator: claimtrail init")
    return report
