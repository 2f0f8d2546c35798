"""Promises on the desk: what became of them, how they are judged, by when, and which deadline comes or has passed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from db import Store
from factcheck.errors import AlreadyDecided, BadInput, NotAllowed, NotFound, NothingToUndo
from factcheck.records import Claim, EventKind, Promise, PromiseFilters, PromiseStatus, Role, StatusChange, User

AHEAD = 90  # days within which a deadline is coming up
LONGEST_NOTE, LONGEST_TEXT = 1000, 500  # characters


@dataclass(frozen=True)
class Due:
    """Open promises whose deadline is near, the next one first, and those it has passed for, the latest first."""

    coming: tuple[Claim, ...]
    passed: tuple[Claim, ...]


def due(store: Store, today: date, *, limit: int = 5, days: int = AHEAD, within: PromiseFilters = PromiseFilters()) -> Due:
    """What is to be looked at by its deadline, of a person's or government's promises when ``within`` says so; settled ones are left out."""
    coming = store.promises.due(today.isoformat(), limit, (today + timedelta(days=days)).isoformat(), within)
    passed = store.promises.overdue(datetime.now(UTC).isoformat(timespec="seconds"), limit, within)
    return Due(tuple(c for c in coming if c not in passed), tuple(passed))


def has_passed(deadline: str | None, now: datetime | None = None) -> bool:
    """True when a deadline is over: a day at its end, a moment when it is past, "2027" with the year. False for none."""
    at = (now or datetime.now(UTC)).astimezone(UTC)
    try:
        if deadline and "T" in deadline:
            end = datetime.fromisoformat(deadline)
            return (end if end.tzinfo else end.replace(tzinfo=UTC)) < at
        return bool(deadline) and deadline < at.date().isoformat()[: len(deadline)]
    except ValueError:
        return False


def seen(claim: Claim) -> str:
    """What somebody who changes the status has before their eyes, for ``change_status`` to tell whether it is still so."""
    assert claim.promise is not None
    standing = claim.promise.history
    return f"{claim.promise.status}/{standing[-1].id if standing else 0}"


def change_status(
    store: Store, claim_id: int, status: str, source_url: str, note: str, at: str, user: User, *, saw: str = "", today: date | None = None
) -> StatusChange:
    """Note what became of a promise, with its source; any status may follow any other.

    ``at`` is the ISO day it came about, "" for today; ``saw`` is what ``seen`` gave when the form was shown, "" to change it
    whatever it is. The status is that of the newest day, so that what is added later about an earlier day only completes the
    history. Raises BadInput, NotFound, NotAllowed, and AlreadyDecided when somebody changed it meanwhile.
    """
    _may_change(user)
    today = today or datetime.now(UTC).date()
    if status not in set(PromiseStatus):
        raise BadInput("Choose what became of the promise.", key="choose_status")
    source_url, note = source_url.strip(), " ".join(note.split())
    if not is_web_address(source_url):
        raise BadInput("A change of status needs its source: a web address that begins with http:// or https://.", key="status_needs_source")
    if len(note) > LONGEST_NOTE:
        raise BadInput(f"The note is longer than {LONGEST_NOTE} characters.", key="status_note_too_long", n=LONGEST_NOTE)
    day = _day(at) if at.strip() else today
    if day > today:
        raise BadInput("This day lies in the future. Enter the day on which it came about.", key="day_in_future")
    with store.write():
        claim = _promise(store, claim_id)
        assert claim.promise is not None
        before = claim.promise.status
        if saw and saw != seen(claim):
            raise _meanwhile(claim)
        last = claim.promise.history[-1] if claim.promise.history else None
        if last and (last.status, last.source_url, last.at[:10]) == (status, source_url, day.isoformat()):
            raise BadInput("This is on record already, with this source and day.", key="status_on_record")
        change = StatusChange(PromiseStatus(status), day.isoformat(), note, source_url, user.name, user_id=user.id)
        change_id = store.promises.add_change(claim.id, change)
        now = _status(store, claim.id)
        content = {"change": change_id, "status": status, "at": change.at, "source": source_url, "note": note}
        store.audit.add(user.name, "changed the status of a promise", "claim", claim.id, before={"status": before}, after=content)
        if now != before:
            _tell(store, claim, f"status change {change_id}", before, now, user)
    return _change(store, change_id)[1]


def undo(store: Store, change_id: int, user: User) -> StatusChange:
    """Take a change of status back; it stays on record as taken back. Raises NotFound, NothingToUndo, NotAllowed.

    What an import says stays; a newer change is the way to differ from it.
    """
    _may_change(user)
    with store.write():
        claim_id, change = _change(store, change_id)
        if change.undone_at:
            raise NothingToUndo("This change was already taken back.", key="already_undone")
        if not change.added_at:
            raise BadInput("This change was imported. Note a newer one instead of taking it back.", key="change_is_imported")
        claim = _promise(store, claim_id)
        assert claim.promise is not None
        before = claim.promise.status
        store.promises.undo_change(change_id, user.name)
        now = _status(store, claim.id)
        store.audit.add(
            user.name, "took back the status of a promise", "claim", claim.id,
            before={"change": change_id, "status": str(change.status), "at": change.at, "source": change.source_url}, after={"status": now},
        )  # fmt: skip
        if now != before:
            _tell(store, claim, f"status change {change_id} taken back", before, now, user)
    return _change(store, change_id)[1]


def set_terms(store: Store, claim_id: int, terms: Promise, user: User) -> Claim:
    """Set by what and by when a promise is judged; a claim that was none becomes a promise. Status and history of ``terms`` do
    not count. What an import says of it no longer counts from then on. Raises BadInput, NotFound, NotAllowed."""
    _may_change(user)
    criterion, words = " ".join(terms.criterion.split()), " ".join(terms.deadline_text.split())
    if max(len(criterion), len(words)) > LONGEST_TEXT:
        raise BadInput(f"This is longer than {LONGEST_TEXT} characters.", key="terms_too_long", n=LONGEST_TEXT)
    terms = replace(terms, criterion=criterion, deadline_text=words)
    with store.write():
        claim = _claim(store, claim_id)
        before, after = terms_of(claim.promise), terms_of(terms)
        if before != after:
            store.promises.set_terms(claim.id, terms)
            action = "set the terms of a promise" if claim.promise else "made a promise of a claim"
            store.audit.add(user.name, action, "claim", claim.id, before=before, after=after)
    return _claim(store, claim_id)


def no_promise(store: Store, claim_id: int, user: User) -> Claim:
    """Take a claim off the tracker: it is no promise. Its history stays on record. Raises BadInput for an imported promise."""
    _may_change(user)
    with store.write():
        claim = _promise(store, claim_id)
        if store.promises.is_imported(claim.id):
            raise BadInput("The file this claim was imported from says that it is a promise.", key="promise_is_imported")
        store.promises.set_terms(claim.id, None)
        store.audit.add(user.name, "no longer a promise", "claim", claim.id, before=terms_of(claim.promise))
    return _claim(store, claim_id)


def note_passed_deadlines(store: Store, now: datetime | None = None) -> int:
    """Make an event of every deadline that passed while its promise was on file and open; how many. The worker calls it now and
    then: each deadline of each promise is told once, a new deadline once more."""
    at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    with store.write():
        found = store.promises.passed_untold(at)
        for claim_id, deadline in found:
            claim = _claim(store, claim_id)
            store.events.add(
                EventKind.DEADLINE_PASSED, f"deadline {deadline} of claim {claim_id}", claim_id=claim_id, person_id=claim.person_id,
                before=deadline, after=str(claim.promise.status) if claim.promise else "",
            )  # fmt: skip
    return len(found)


def is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in url) and len(url) <= 2000
    except ValueError:
        return False


def _tell(store: Store, claim: Claim, thing: str, before: str, after: str, user: User) -> None:
    store.events.add(
        EventKind.STATUS_CHANGED, thing, claim_id=claim.id, person_id=claim.person_id, before=str(before), after=str(after), by=user.name
    )


def _meanwhile(claim: Claim) -> AlreadyDecided:
    assert claim.promise is not None
    last = claim.promise.history[-1] if claim.promise.history else None
    who = f" by {last.by}" if last and last.by else ""
    return AlreadyDecided(
        f"Meanwhile the status was changed to {claim.promise.status}{who}. Look at it, then change it if you still want to.",
        key="status_changed_meanwhile",
    )


def terms_of(promise: Promise | None) -> dict | None:
    """Of a promise what ``set_terms`` sets, as the log tells it."""
    return promise and {name: getattr(promise, name) for name in ("criterion", "deadline", "deadline_text", "hours", "runs_from", "zone")}


def _status(store: Store, claim_id: int) -> PromiseStatus:
    promise = _claim(store, claim_id).promise
    assert promise is not None
    return promise.status


def _change(store: Store, change_id: int) -> tuple[int, StatusChange]:
    found = store.promises.change(change_id)
    if found is None:
        raise NotFound("There is no such change of status on record.", key="no_such_change")
    return found


def _promise(store: Store, claim_id: int) -> Claim:
    claim = _claim(store, claim_id)
    if claim.promise is None:
        raise BadInput("This claim is not tracked as a promise. Set its criterion or deadline first.", key="no_promise")
    return claim


def _claim(store: Store, claim_id: int) -> Claim:
    """The claim, or the one that stands for it since they were merged."""
    claim = store.claims.get(store.claims.root(claim_id))
    if claim is None:
        raise NotFound("There is no such claim on file.", key="no_such_claim")
    return claim


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text[:40]!r} is no day. Write it as 2025-01-20.", key="no_day", text=text[:40]) from None


def _may_change(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors decide. Ask an administrator to make you one.", key="only_editors")
