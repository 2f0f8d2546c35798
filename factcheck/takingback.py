"""Walk-backs on the desk: an editor confirms or rejects what was proposed, and takes that back."""

from __future__ import annotations

from db import Store
from factcheck import pipeline
from factcheck.errors import AlreadyDecided, BadInput, NotAllowed, NotFound
from factcheck.records import EventKind, Role, User, Walkback, WalkbackKind, WalkbackState

LONGEST_NOTE = 1000  # characters
_ACTIONS = {
    WalkbackState.CONFIRMED: "confirmed a walk-back",
    WalkbackState.REJECTED: "rejected a walk-back",
    WalkbackState.PROPOSED: "took back a decision on a walk-back",
}


def decide(store: Store, walkback_id: int, state: str, user: User, *, kind: str = "", note: str = "", saw: str = "") -> Walkback:
    """Confirm or reject a walk-back, or with "proposed" take either back. ``kind`` corrects how it takes the claim back.

    ``saw`` is the state the editor had before their eyes, "" to decide whatever it is. Raises BadInput, NotFound, NotAllowed, and
    AlreadyDecided when somebody else decided meanwhile.
    """
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors decide. Ask an administrator to make you one.", key="only_editors")
    if state not in set(WalkbackState) or kind not in {"", *WalkbackKind}:
        raise BadInput("Choose whether it takes the claim back.", key="choose_walkback")
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        raise BadInput(f"The note is longer than {LONGEST_NOTE} characters.", key="status_note_too_long", n=LONGEST_NOTE)
    with store.write():
        found = store.walkbacks.get(walkback_id)
        if found is None:
            raise NotFound("There is no such walk-back on file.", key="no_such_walkback")
        decided, meant = WalkbackState(state), WalkbackKind(kind) if kind else found.kind
        if saw and saw != found.state:
            raise AlreadyDecided(
                f"{found.user or 'Somebody'} decided this meanwhile: {found.state}.", key="walkback_decided_meanwhile", name=found.user or "–"
            )
        if (found.state, found.kind) != (decided, meant):
            store.walkbacks.decide(walkback_id, decided, meant, user, note)
            before = {"state": str(found.state), "kind": str(found.kind)}
            after = {"state": str(decided), "kind": str(meant), "statement": found.statement.id, "walkback": walkback_id, "note": note}
            pipeline.settle(store, found.statement)  # confirmed, it waits for nobody any more
            store.audit.add(user.name, _ACTIONS[decided], "claim", found.claim_id, before=before, after=after)
            if decided is WalkbackState.CONFIRMED and found.state is not WalkbackState.CONFIRMED:
                store.events.add(
                    EventKind.TAKEN_BACK, f"statement {found.statement.id} takes back claim {found.claim_id}", claim_id=found.claim_id,
                    statement_id=found.statement.id, person_id=found.statement.person_id, after=str(meant), by=user.name,
                )  # fmt: skip
    made = store.walkbacks.get(walkback_id)
    assert made is not None
    return made
