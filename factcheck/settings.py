"""Environment variables -> Settings, read once at the edge (CLI or ``create_app``) and passed on from there."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo
from urllib.parse import urlsplit

from factcheck.errors import BadSettings

SHIPPED_MODEL = "multilingual-e5-small"
AUTO, PLAIN = "auto", "plain"
TEXT, JSON = "text", "json"
ROOT = Path(__file__).resolve().parent.parent
MAIL_ADDRESS = r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,253}"  # what is sent to and from; one address, no name beside it


@dataclass(frozen=True)
class Keep:
    """How many days each kind of personal data is kept; 0 is without limit."""

    sign_ins: int = 90  # where sign-ins came from; sessions, links and tokens that are over
    notices: int = 365  # what somebody was told, also by mail and webhook, and which claims they took along
    uploads: int = 7  # files given to import that never were imported
    drafts: int = 0  # drafts nobody changes
    accounts: int = 0  # disabled accounts, until they are erased


@dataclass(frozen=True)
class Settings:
    """Everything that can be set from outside. ``home`` holds the database and the model cache."""

    home: Path
    model: str = SHIPPED_MODEL  # or the name or folder of any other sentence-transformers model
    encoder: str = AUTO  # or PLAIN: sentence-transformers even where the fast encoder could be used
    port: int = 8000
    host: str = "127.0.0.1"
    open_reading: bool = True  # pages may be read without signing in; changing anything never may
    secure_cookies: bool = False  # set when served over HTTPS
    threads: int = 8
    time_zone: str = "UTC"  # IANA name; of everybody who has not chosen another
    cache_folder: Path | None = None  # None: inside home
    base_url: str = ""  # where readers reach the pages, without a slash at its end; "" is host and port
    smtp_url: str = field(default="", repr=False)  # smtp:// or smtps://, holds a password; "": no mail is sent
    mail_from: str = ""
    outgoing_allow: tuple[str, ...] = ()  # hosts and networks inside the house that webhooks may reach
    trusted_proxies: tuple[str, ...] = ()  # networks of reverse proxies whose word on where a request came from is taken
    session_days: int = 14  # from sign-in to the end of a session
    session_idle_hours: int = 72  # without a request until a session ends; 0: only the days count
    keep: Keep = field(default_factory=lambda: Keep())
    backup_folder: Path | None = None  # None: inside home
    backup_hours: int = 24  # between two backups made in the background; 0: none
    backup_keep: int = 7  # of the newest; beside them the newest of each of four weeks
    backup_secret: bool = True  # whether secret.key is in backups
    log_form: str = TEXT  # or JSON: an object a line
    metrics_token: str = field(default="", repr=False)  # lets a program read /metrics; "": administrators only

    database_url: str = field(default="", repr=False)  # postgresql:// of a server, holds a password; "": a file in home
    database_read: str = field(default="", repr=False)  # the same database on a replica, for what is only read; "": none

    @property
    def database(self) -> Path:
        return self.home / "claimtrail.db"

    @property
    def store(self) -> Path | str:
        """Where everything is kept: the file, or the server's address."""
        return self.database_url or self.database

    @property
    def shown_store(self) -> str:
        """The same, without a password, to be told."""
        parts = urlsplit(self.database_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if self.database_url else str(self.database)

    @property
    def cache(self) -> Path:
        """Derived files that can be thrown away: the unpacked model."""
        return self.cache_folder or self.home / "cache"

    @property
    def backups(self) -> Path:
        return self.backup_folder or self.home / "backups"

    @property
    def address(self) -> str:
        """What links in mails, feeds and webhooks begin with."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def sends_mail(self) -> bool:
        return bool(self.smtp_url)


@dataclass(frozen=True)
class Variable:
    """A setting as the documents and ``claimtrail settings`` tell of it: its name, default and meaning, in Markdown."""

    name: str
    default: str
    meaning: str
    is_secret: bool = False  # its value is never shown


VARIABLES = (
    Variable("CLAIMTRAIL_HOME", "`instance` in the project", "folder of the database and the unpacked model"),
    Variable("CLAIMTRAIL_DATABASE", "a file in the home", "`postgresql://user:password@host/name`: everything on a PostgreSQL server ([PostgreSQL](#postgresql))", True),
    Variable("CLAIMTRAIL_DATABASE_READ", "none", "the same database on a replica, for pages that are only read", True),
    Variable("CLAIMTRAIL_CACHE", "`cache` in the home", "folder of the unpacked model and other files that can be made again"),
    Variable("CLAIMTRAIL_MODEL", "`multilingual-e5-small`", "the shipped model; or the folder or name of another sentence-transformers model"),
    Variable("CLAIMTRAIL_ENCODER", "`auto`", "`plain`: sentence-transformers even where the fast encoder could be used"),
    Variable("CLAIMTRAIL_OPEN_READING", "`1`", "`0`: reading needs sign-in too; changing always does"),
    Variable("CLAIMTRAIL_SECURE_COOKIES", "`0`", "`1`: cookies only over HTTPS, and browsers are told to ask for nothing else; set it behind a TLS proxy"),
    Variable("CLAIMTRAIL_HOST", "`127.0.0.1`", "address to listen on"),
    Variable("PORT", "`8000`", "port to listen on"),
    Variable("CLAIMTRAIL_TIME_ZONE", "`UTC`", "the newsroom's time zone, such as `Europe/Berlin`; everybody may choose another under Preferences"),
    Variable("CLAIMTRAIL_THREADS", "`8`", "requests answered at the same time"),
    Variable("CLAIMTRAIL_BASE_URL", "host and port", "where readers reach the pages, such as `https://claims.example.org`; links in mails, feeds and webhooks begin with it"),
    Variable("CLAIMTRAIL_SMTP_URL", "none", "the mail server: `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465`; without it no mail is sent", True),
    Variable("CLAIMTRAIL_MAIL_FROM", "none", "the address mails come from; needed with a mail server"),
    Variable("CLAIMTRAIL_TRUSTED_PROXIES", "none", "addresses and networks of the reverse proxies in front, such as `127.0.0.1`: their `X-Forwarded-For` and `X-Forwarded-Proto` are believed, nobody else's"),
    Variable("CLAIMTRAIL_SESSION_DAYS", "`14`", "a session ends so long after sign-in"),
    Variable("CLAIMTRAIL_SESSION_IDLE_HOURS", "`72`", "and so long after its last request; `0`: only the days count"),
    Variable("CLAIMTRAIL_KEEP_SIGN_INS_DAYS", "`90`", "where sign-ins came from, and sessions, links and tokens that are over ([privacy](privacy.md)); `0` here and below: without limit"),
    Variable("CLAIMTRAIL_KEEP_NOTICES_DAYS", "`365`", "what somebody was told, also by mail and webhook, and which claims they took along"),
    Variable("CLAIMTRAIL_KEEP_UPLOADS_DAYS", "`7`", "files given to import that never were imported"),
    Variable("CLAIMTRAIL_KEEP_DRAFTS_DAYS", "`0`", "drafts nobody changes"),
    Variable("CLAIMTRAIL_KEEP_ACCOUNTS_DAYS", "`0`", "disabled accounts, until they are erased"),
    Variable("CLAIMTRAIL_OUTGOING_ALLOW", "none", "hosts and networks inside the house that webhooks may reach, such as `chat.example.lan,10.1.2.0/24`"),
    Variable("CLAIMTRAIL_BACKUP_FOLDER", "`backups` in the home", "folder of the backups; best on another disk"),
    Variable("CLAIMTRAIL_BACKUP_HOURS", "`24`", "hours between two backups made in the background; `0`: none"),
    Variable("CLAIMTRAIL_BACKUP_KEEP", "`7`", "how many of the newest backups are kept; beside them the newest of each of the last four weeks"),
    Variable("CLAIMTRAIL_BACKUP_SECRET", "`1`", "`0`: `secret.key` is left out of backups, since you keep it elsewhere"),
    Variable("CLAIMTRAIL_LOG", "`text`", "`json`: the log as one JSON object a line"),
    Variable("CLAIMTRAIL_METRICS_TOKEN", "none", "a program that sends it as `Authorization: Bearer` reads `/metrics`; without it only a signed-in administrator does", True),
)  # fmt: skip


def _flag(name: str, value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise BadSettings(f"{name} is {value!r}; set it to 1 or 0.")


def _choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value in choices:
        return value
    raise BadSettings(f"{name} is {value!r}; set it to {' or '.join(choices)}.")


def is_server(where: str) -> bool:
    """True for the address of a server, False for a file."""
    return where.partition("://")[0] in ("postgresql", "postgres")


def _server(name: str, value: str) -> str:
    """The address of a PostgreSQL database, as its own tools take it; its secrets never stand in the error."""
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("postgresql", "postgres") and parts.path.strip("/") and value.isprintable() and " " not in value
    except ValueError:
        good = False
    if not good:
        raise BadSettings(f"{name} is no address of a database; it is written like postgresql://user:password@host/name. Leave it out for a file.")
    return value


def _number(name: str, value: str, low: int, high: int) -> int:
    if value.isascii() and value.isdigit() and low <= int(value) <= high:
        return int(value)
    raise BadSettings(f"{name} is {value!r}; set it to a whole number from {low} to {high}.")


def _address(name: str, value: str, schemes: tuple[str, ...]) -> str:
    """An address of one of the schemes, with a host; its secrets never stand in the error."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and parts.hostname and parts.port != 0 and value.isprintable() and " " not in value
    except ValueError:
        good = False
    if not good:
        raise BadSettings(f"{name} is no address; it begins with {' or '.join(s + '://' for s in schemes)} and names a host.")
    return value.rstrip("/")


def _allowed(name: str, value: str) -> tuple[str, ...]:
    """Hosts and networks, separated by commas."""
    found = tuple(part.strip().lower() for part in value.split(",") if part.strip())
    for part in found:
        if "/" in part:
            try:
                ipaddress.ip_network(part)
            except ValueError:
                raise BadSettings(f"{name} holds {part!r}; a network is written like 10.1.2.0/24.") from None
        elif any(c in part for c in "@?# \\"):
            raise BadSettings(f"{name} holds {part!r}; name hosts and networks, separated by commas.")
    return found


def _networks(name: str, value: str) -> tuple[str, ...]:
    """Addresses and networks, separated by commas."""
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    for part in found:
        try:
            ipaddress.ip_network(part)
        except ValueError:
            raise BadSettings(f"{name} holds {part!r}; name addresses and networks such as 127.0.0.1,10.1.2.0/24.") from None
    return found


def _keep(env: Mapping[str, str]) -> Keep:
    return Keep(
        sign_ins=_number("CLAIMTRAIL_KEEP_SIGN_INS_DAYS", env.get("CLAIMTRAIL_KEEP_SIGN_INS_DAYS") or "90", 0, 36500),
        notices=_number("CLAIMTRAIL_KEEP_NOTICES_DAYS", env.get("CLAIMTRAIL_KEEP_NOTICES_DAYS") or "365", 0, 36500),
        uploads=_number("CLAIMTRAIL_KEEP_UPLOADS_DAYS", env.get("CLAIMTRAIL_KEEP_UPLOADS_DAYS") or "7", 0, 36500),
        drafts=_number("CLAIMTRAIL_KEEP_DRAFTS_DAYS", env.get("CLAIMTRAIL_KEEP_DRAFTS_DAYS") or "0", 0, 36500),
        accounts=_number("CLAIMTRAIL_KEEP_ACCOUNTS_DAYS", env.get("CLAIMTRAIL_KEEP_ACCOUNTS_DAYS") or "0", 0, 36500),
    )


def _mail(env: Mapping[str, str]) -> dict[str, str]:
    url, sender = env.get("CLAIMTRAIL_SMTP_URL") or "", env.get("CLAIMTRAIL_MAIL_FROM") or ""
    if url:
        url = _address("CLAIMTRAIL_SMTP_URL", url, ("smtp", "smtps"))
    if (url or sender) and not (re.fullmatch(MAIL_ADDRESS, sender) and sender.isprintable()):
        raise BadSettings("CLAIMTRAIL_MAIL_FROM is no mail address; set it to the one that alerts come from, like desk@example.org.")
    return {"smtp_url": url, "mail_from": sender}


def _zone(name: str, value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise BadSettings(f"{name} is {value!r}; set it to a time zone such as Europe/Berlin.") from None
    return value


def _token(name: str, value: str) -> str:
    """A secret that cannot be guessed; it never stands in the error."""
    if value and (len(value) < 20 or not value.isascii() or not value.isprintable() or " " in value):
        raise BadSettings(f"{name} is too easy to guess; set it to 20 or more letters and digits.")
    return value


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read ``CLAIMTRAIL_*`` (and ``PORT``). Raises BadSettings, naming the variable and the values it takes."""
    env = os.environ if environ is None else environ
    home = Path(env.get("CLAIMTRAIL_HOME") or ROOT / "instance").expanduser().resolve()
    if home.exists() and not home.is_dir():
        raise BadSettings(f"CLAIMTRAIL_HOME is {str(home)!r}, which is not a folder; name a folder.")
    cache = env.get("CLAIMTRAIL_CACHE")
    base = env.get("CLAIMTRAIL_BASE_URL")
    backups = env.get("CLAIMTRAIL_BACKUP_FOLDER")
    server = _server("CLAIMTRAIL_DATABASE", env.get("CLAIMTRAIL_DATABASE") or "")
    return Settings(
        home=home,
        database_url=server,
        database_read=_server("CLAIMTRAIL_DATABASE_READ", env.get("CLAIMTRAIL_DATABASE_READ") or "") if server else "",
        cache_folder=Path(cache).expanduser().resolve() if cache else None,
        model=env.get("CLAIMTRAIL_MODEL") or SHIPPED_MODEL,
        encoder=_choice("CLAIMTRAIL_ENCODER", env.get("CLAIMTRAIL_ENCODER") or AUTO, (AUTO, PLAIN)),
        port=_number("PORT", env.get("PORT") or "8000", 1, 65535),
        host=env.get("CLAIMTRAIL_HOST") or "127.0.0.1",
        open_reading=_flag("CLAIMTRAIL_OPEN_READING", env.get("CLAIMTRAIL_OPEN_READING", "1")),
        secure_cookies=_flag("CLAIMTRAIL_SECURE_COOKIES", env.get("CLAIMTRAIL_SECURE_COOKIES", "0")),
        base_url=_address("CLAIMTRAIL_BASE_URL", base, ("http", "https")) if base else "",
        outgoing_allow=_allowed("CLAIMTRAIL_OUTGOING_ALLOW", env.get("CLAIMTRAIL_OUTGOING_ALLOW") or ""),
        trusted_proxies=_networks("CLAIMTRAIL_TRUSTED_PROXIES", env.get("CLAIMTRAIL_TRUSTED_PROXIES") or ""),
        session_days=_number("CLAIMTRAIL_SESSION_DAYS", env.get("CLAIMTRAIL_SESSION_DAYS") or "14", 1, 365),
        session_idle_hours=_number("CLAIMTRAIL_SESSION_IDLE_HOURS", env.get("CLAIMTRAIL_SESSION_IDLE_HOURS") or "72", 0, 8760),
        keep=_keep(env),
        **_mail(env),
        time_zone=_zone("CLAIMTRAIL_TIME_ZONE", env.get("CLAIMTRAIL_TIME_ZONE") or "UTC"),
        backup_folder=Path(backups).expanduser().resolve() if backups else None,
        backup_hours=0 if server else _number("CLAIMTRAIL_BACKUP_HOURS", env.get("CLAIMTRAIL_BACKUP_HOURS") or "24", 0, 8760),
        backup_keep=_number("CLAIMTRAIL_BACKUP_KEEP", env.get("CLAIMTRAIL_BACKUP_KEEP") or "7", 1, 1000),
        backup_secret=_flag("CLAIMTRAIL_BACKUP_SECRET", env.get("CLAIMTRAIL_BACKUP_SECRET", "1")),
        log_form=_choice("CLAIMTRAIL_LOG", env.get("CLAIMTRAIL_LOG") or TEXT, (TEXT, JSON)),
        metrics_token=_token("CLAIMTRAIL_METRICS_TOKEN", env.get("CLAIMTRAIL_METRICS_TOKEN") or ""),
        threads=_number("CLAIMTRAIL_THREADS", env.get("CLAIMTRAIL_THREADS") or "8", 1, 64),
    )
