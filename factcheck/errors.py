"""One exception per cause. Each carries an HTTP status and a message that is safe and useful to show a person."""

from __future__ import annotations


class ClaimtrailError(Exception):
    """Base of all expected failures. ``str(error)`` says what is wrong and what to do, and never holds a secret.

    ``key`` names the same message in the interface's word lists (section ``problems``), ``values`` fill it in; a message without
    a key is shown in English in every language.
    """

    status = 500
    exit_code = 1

    def __init__(self, message: str = "", *, key: str = "", **values: str | int):
        super().__init__(message)
        self.key = key
        self.values = values


class BadInput(ClaimtrailError):
    """The user gave something that cannot be used; nothing was stored."""

    status = 400


class EmptyText(BadInput):
    """The article or query holds no text."""


class TooLarge(BadInput):
    status = 413


class UnsupportedFile(BadInput):
    status = 415


class NotFound(ClaimtrailError):
    status = 404


class NotSignedIn(ClaimtrailError):
    status = 401


class TooManyTries(ClaimtrailError):
    """Too many wrong passwords or tokens; ``values["wait"]`` is how many seconds to wait."""

    status = 429


class NotAllowed(ClaimtrailError):
    status = 403


class AlreadyDecided(ClaimtrailError):
    """Somebody else decided this statement in the meantime; the message says who and what."""

    status = 409


class AlreadyCorrected(ClaimtrailError):
    """Somebody else changed this statement in the meantime, or something rests on it; the message says who and what to do."""

    status = 409


class ChangedMeanwhile(ClaimtrailError):
    """Somebody else changed a claim in the meantime; the message says who and what to do."""

    status = 409


class KeyInUse(ClaimtrailError):
    """The same request is being carried out right now."""

    status = 409


class NothingToUndo(ClaimtrailError):
    status = 409


class ModelUnavailable(ClaimtrailError):
    """The embedding model's files are missing or damaged; the message says how to prepare them."""

    status = 503


class StoreUnavailable(ClaimtrailError):
    """The database cannot be opened or is of a newer version than this program."""

    status = 503


class OutgoingRefused(BadInput):
    """An address that nothing is sent to: not http(s), or not public; the message says which."""


class OutgoingFailed(ClaimtrailError):
    """An address was asked and nobody answered as HTTP in time; the message says what happened."""

    status = 502


class FetchRefused(BadInput):
    """A page that is not fetched, because its site or its kind says so; the message says what to do instead."""


class FetchFailed(ClaimtrailError):
    """An address answered, but not with a page; the message says what to do instead. For ``wait`` seconds the site asks to be left alone."""

    status = 502

    def __init__(self, message: str = "", *, key: str = "", wait: int = 0, **values: str | int):
        super().__init__(message, key=key, **values)
        self.wait = wait


class FeedUnreadable(BadInput):
    """An address that gives no feed, or a broken one; the message says which."""


class QuotaSpent(ClaimtrailError):
    """A service answers no more for now; the message says how to go on later."""

    status = 503


class MailFailed(ClaimtrailError):
    """A mail was not taken by the server. ``final`` says that the next try would end the same."""

    status = 502

    def __init__(self, message: str = "", *, key: str = "", final: bool = False, **values: str | int):
        super().__init__(message, key=key, **values)
        self.final = final


class BadSettings(ClaimtrailError):
    """An environment variable has a value that cannot be used."""

    exit_code = 2
