"""At the desk: who sees to which statement, what is put away until later, and taking back the last thing, whatever it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

from db import Store
from factcheck import confirming, review
from factcheck.embed import Encoder
from factcheck.errors import BadInput, NotAllowed, NotFound, NothingToUndo
from factcheck.records import DeskAct, DeskActKind, Role, User

MORNING = time(6)  # in the reader's time zone, when what was put away until tomorrow is back
MOST_ASSIGNED = 5_000  # statements assigned in one go: each has its line in the log


def tomorrow_morning(now: datetime, zone: tzinfo = UTC) -> datetime:
    """The next day's morning where the reader is, in UTC; before the morning of a day it is that one."""
    there = now.astimezone(zone)
    day = there.date() if there.time() < MORNING else there.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def later(store: Store, statement_id: int, user: User, until: datetime) -> DeskAct:
    """Put a statement away for this user until a moment; colleagues still see it. Raises NotFound, NotAllowed, BadInput."""
    _may_decide(user)
    if until <= datetime.now(UTC):
        raise BadInput("Choose a time that is still to come.", key="later_is_past")
    moment = until.astimezone(UTC).isoformat(timespec="seconds")
    with store.write():
        _statement(store, statement_id)
        before = store.queue.put_away_until(statement_id, user.id)
        store.queue.put_away(statement_id, user.id, moment)
        act_id = store.desk.add(DeskActKind.LATER, user, {"statements": [statement_id], "until": moment, "before": before})
        store.audit.add(user.name, "put away", "statement", statement_id, before=before and {"until": before}, after={"until": moment})
    return _act(store, act_id)


def assign(store: Store, statement_ids: Sequence[int], to: User | None, user: User) -> DeskAct | None:
    """Give statements to a user, or to nobody; None when they were with that user already, and nothing is written then.

    Raises BadInput for somebody who does not decide, NotFound, NotAllowed.
    """
    _may_decide(user)
    if to and (to.is_disabled or not to.role.includes(Role.EDITOR)):
        raise BadInput(f"{to.name} does not decide. Choose an editor.", key="assign_to_editor", name=to.name)
    if not statement_ids:
        raise BadInput("There is nothing to assign.", key="nothing_to_assign")
    wanted = list(dict.fromkeys(statement_ids))[:MOST_ASSIGNED]
    with store.write():
        before = {}
        for chunk in (wanted[i : i + 500] for i in range(0, len(wanted), 500)):
            before |= store.queue.assigned(chunk)
        for statement_id in wanted:
            _statement(store, statement_id)
        changed = [i for i in wanted if before.get(i, (None, ""))[0] != (to.id if to else None)]
        if not changed:
            return None
        for statement_id in changed:
            store.queue.assign(statement_id, to.id if to else None)
            _log_assigned(store, user, statement_id, before.get(statement_id, (None, ""))[1], to.name if to else "")
        content = {
            "statements": changed,
            "to": to.id if to else None,
            "name": to.name if to else "",
            "before": [before.get(i, (None, ""))[0] for i in changed],
        }
        act_id = store.desk.add(DeskActKind.ASSIGNED, user, content)
    return _act(store, act_id)


def undo(store: Store, encoder: Encoder, user: User, act_id: int | None = None) -> DeskAct:
    """Take back an act of this user: the given one, or the last one still in force, whatever it was.

    Statements that somebody has seen to since stay as they are. Raises NothingToUndo, NotFound, NotAllowed.
    """
    _may_decide(user)
    act = store.desk.get(act_id) if act_id else store.desk.last_of(user.id)
    if act is None and act_id:
        raise NotFound("There is no such act.", key="no_such_act")
    if act is None:
        raise NothingToUndo("There is nothing to undo.", key="nothing_to_undo")
    if act.user_id != user.id:
        raise NotAllowed(f"{act.user} did this. Undo the decision itself.", key="undo_of_another", name=act.user)
    if act.act is DeskActKind.CONFIRMED:
        confirming.undo(store, encoder, act.content["confirmation"], user)
        store.desk.undo(act.id)
        return act
    with store.write():
        if not store.desk.is_in_force(act.id):
            raise NothingToUndo("This was already taken back.", key="already_undone")
        if act.act is DeskActKind.DECIDED:
            for decision in reversed(store.decisions.of_batch(str(act.id))):
                review.undo(store, user, decision.id)
        elif act.act is DeskActKind.LATER:
            _undo_later(store, act, user)
        else:
            _undo_assigned(store, act, user)
        store.desk.undo(act.id)
    return act


def _undo_later(store: Store, act: DeskAct, user: User) -> None:
    [statement_id], before = act.content["statements"], act.content["before"]
    store.queue.put_away(statement_id, user.id, before)
    store.audit.add(
        user.name, "took back", "statement", statement_id, before={"until": act.content["until"]}, after=before and {"until": before}
    )


def _undo_assigned(store: Store, act: DeskAct, user: User) -> None:
    for statement_id, before in zip(act.content["statements"], act.content["before"], strict=True):
        now_with = store.queue.assigned([statement_id]).get(statement_id, (None, ""))
        if now_with[0] == act.content["to"]:
            store.queue.assign(statement_id, before)
            back_to = store.users.get(before) if before else None
            _log_assigned(store, user, statement_id, now_with[1], back_to.name if back_to else "")


def _log_assigned(store: Store, user: User, statement_id: int, before: str, after: str) -> None:
    store.audit.add(user.name, "assigned", "statement", statement_id, before={"to": before}, after={"to": after})


def _statement(store: Store, statement_id: int) -> None:
    if store.articles.statement(statement_id) is None:
        raise NotFound("There is no such statement.", key="no_such_statement")


def _act(store: Store, act_id: int) -> DeskAct:
    act = store.desk.get(act_id)
    assert act is not None
    return act


def _may_decide(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors decide. Ask an administrator to make you one.", key="only_editors")
