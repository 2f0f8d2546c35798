"""The second step of signing in: turning the second factor on and off, and proving that one has it. Every change stands in the log."""

from __future__ import annotations

import secrets
from pathlib import Path

from db import Store
from factcheck import secondfactor
from factcheck.errors import BadInput, NotFound
from factcheck.records import User


def new_salt() -> str:
    """What a new secret is made from. It says nothing without the installation's secret, so a page may carry it."""
    return secrets.token_urlsafe(16)


def turn_on(store: Store, home: Path, user: User, salt: str, code: str) -> list[str]:
    """Turn the second factor on once a code shows that the app has the secret; the recovery codes, never to be seen again.

    Raises BadInput for a wrong code, and when it is on already.
    """
    step = secondfactor.step_of(code, secondfactor.secret(home, user.id, salt)) if 16 <= len(salt) <= 64 else None
    if step is None:
        raise BadInput("This code is wrong or too old. Look at the app again.", key="factor_code")
    codes = secondfactor.make_codes()
    with store.write():
        if store.factors.salt(user.id):
            raise BadInput("The second factor is on already.", key="factor_on")
        store.factors.set(user.id, salt, step, [secondfactor.hashed(c) for c in codes])
        store.audit.add(user.name, "turned the second factor on", "user", user.id)
    return codes


def turn_off(store: Store, by: str, user_id: int) -> bool:
    """Turn it off: by its owner, or by an administrator for who has lost the app and the codes. False when it was off. Raises NotFound."""
    with store.write():
        if store.users.get(user_id) is None:
            raise NotFound("There is no such user.", key="no_such_user")
        if not store.factors.salt(user_id):
            return False
        store.factors.clear(user_id)
        store.audit.add(by, "turned the second factor off", "user", user_id)
    return True


def renew_codes(store: Store, user: User) -> list[str]:
    """New recovery codes; those of before are void. Raises BadInput without a second factor."""
    codes = secondfactor.make_codes()
    with store.write():
        if not store.factors.salt(user.id):
            raise BadInput("Turn the second factor on first.", key="factor_off")
        store.factors.set_codes(user.id, [secondfactor.hashed(c) for c in codes])
        store.audit.add(user.name, "renewed the recovery codes", "user", user.id)
    return codes


def proves(store: Store, home: Path, user: User, typed: str) -> bool:
    """True when what was typed is the app's code or a recovery code. Each is taken once: who looks over a shoulder comes too late."""
    step = secondfactor.step_of(typed, secondfactor.secret(home, user.id, store.factors.salt(user.id)))
    if step is not None:
        return store.factors.use_step(user.id, step)
    with store.write():
        if not store.factors.use_code(user.id, secondfactor.hashed(typed)):
            return False
        store.audit.add(user.name, "used a recovery code", "user", user.id, after={"left": store.factors.codes_left(user.id)})
    return True
