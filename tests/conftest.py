"""What the tests share: settings, encoders, a browser, a running server, and the data beside the project.

No test reaches the network: connections other than to this machine fail the test. Nothing touches ``instance/``.
"""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import prepared, quick

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
MODEL_CACHE = prepared.MODEL
LEFT_OUT = pytest.StashKey[list[str]]()
MEASURED = ROOT / ".cache" / "journeys.json"  # what the journeys took on this machine
PATIENCE = 30  # seconds a page may take on a busy machine to show what is expected of it
START = 180  # seconds a server may take on a busy machine until it answers


# The data beside the project


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # a worker of several is told
        quick.work_in_memory()
    config.addinivalue_line("markers", "file_only: about SQLite's file, so not run on PostgreSQL")
    if os.environ.get("CI") == "true" and not SHARED.is_dir():
        raise pytest.UsageError(f"The quality gates need the data in {os.path.relpath(SHARED, ROOT)}, which is not there.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    order = quick.order()
    items.sort(key=lambda item: order.get(item.path.stem, 0))  # the sort leaves the others, and the tests of a file, as they stood
    if DATABASES:
        items[:] = [item for item in items if not item.get_closest_marker("file_only")]
    left_out = [] if SHARED.is_dir() else [item for item in items if "shared_data" in getattr(item, "fixturenames", ())]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    config.stash[LEFT_OUT] = list(dict.fromkeys(getattr(item, "originalname", item.name) for item in left_out))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of several hands on what it left out and measured, for the one that writes the end of the run."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(LEFT_OUT, [])
        session.config.workeroutput["measured"] = _MEASURES


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    told = getattr(node, "workeroutput", {})
    node.config.stash[LEFT_OUT] = told.get("left_out") or node.config.stash.get(LEFT_OUT, [])
    _MEASURES.update(told.get("measured", {}))


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    for name, told in _MEASURES.items():
        terminalreporter.write_line(f"journey, {name}: {told['actions']} actions, {told['seconds']} s")
    if names := config.stash.get(LEFT_OUT, []):
        terminalreporter.write_line(f"quality gates left out (no ../shared): {', '.join(names)}", yellow=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public research data beside the project; tests that use it are left out, by name, where it is missing."""
    return SHARED


# Journeys: what they take is measured and told; only their clicks and keys are held to a number, since machines differ

_MEASURES: dict[str, dict[str, float]] = {}


class Journey:
    """Counts what a person does and the seconds until it is done: ``click(locator)``, ``press("s")``, ``paste(text)``."""

    def __init__(self, page, name: str):
        self._page, self._name = page, name
        self.actions, self._began, self.seconds = 0, 0.0, 0.0

    def _act(self) -> None:
        self.actions += 1
        self._began = self._began or time.monotonic()

    def click(self, target) -> None:
        self._act()
        target.click(timeout=START * 1000)  # it waits for the answer, however busy the machine is

    def press(self, key: str) -> None:
        self._act()
        self._page.keyboard.press(key)

    def paste(self, text: str) -> None:
        """Into what has the focus, with one key."""
        self._act()
        self._page.keyboard.insert_text(text)

    def done(self) -> None:
        self.seconds = round(time.monotonic() - self._began, 2)
        _MEASURES[self._name] = {"actions": self.actions, "seconds": self.seconds}
        MEASURED.parent.mkdir(exist_ok=True)
        MEASURED.write_text(json.dumps(_MEASURES, indent=1))


# The store: a file, or with CLAIMTRAIL_TEST_STORE=postgresql a database on a real server, made for every file a test names

if os.environ.get("CLAIMTRAIL_TEST_STORE") == "postgresql":
    import db
    import db.store
    from tests.postgres import Databases

    ON_ONE = {line.split()[0] for line in (ROOT / "tests" / "on_one_store.txt").read_text().splitlines() if line and not line.startswith(("#", " "))}
    DATABASES = Databases()
    _open_store, _is_there = db.open_store, db.is_there

    def _open_in_place(where: Path | str, **options) -> db.Store:
        return _open_store(DATABASES.at(where) if isinstance(where, Path) else where, **options)

    db.open_store = _open_in_place
    db.is_there = lambda where: DATABASES.is_at(where) if isinstance(where, Path) else _is_there(where)
    collect_ignore = [str(path.relative_to(ROOT / "tests")) for path in (ROOT / "tests").rglob("test_*.py") if path.stem in ON_ONE or path.parent.name == "browser"]

    @pytest.fixture(autouse=True)
    def _databases_of_one(tmp_path: Path) -> Iterator[None]:
        yield
        DATABASES.give_back(tmp_path)

    @pytest.fixture(scope="module", autouse=True)
    def _databases() -> Iterator[None]:
        yield
        DATABASES.give_back()

else:
    DATABASES = None
    _EMPTY_STORES = quick.share_empty_stores()

    @pytest.fixture(scope="module", autouse=True)
    def _stores_from_scratch(request: pytest.FixtureRequest) -> None:
        """Copies of an empty database serve, but for the tests of how one is made."""
        _EMPTY_STORES.copying = request.module.__name__.rpartition(".")[2] not in quick.FROM_SCRATCH

quick.share_templates()


@pytest.fixture
def place() -> Callable[[Path], Path | str]:
    """What stands for a file in the store that is tested: for tests that hand it to another process."""
    return lambda path: DATABASES.at(path) if DATABASES else path


@pytest.fixture
def leading_there() -> Callable[[Path], dict[str, str]]:
    """Variables that lead another process, in the home of a file, to what stands for it in the store that is tested."""
    return lambda path: {"CLAIMTRAIL_DATABASE": DATABASES.at(path)} if DATABASES else {}


# No network


# The same for processes that tests start: Python runs a module of this name by itself when it starts.
_SITE = """
import ipaddress, os, socket

def _guarded(original):
    def call(self, *args):
        host = str(args[-1][0]) if self.family in (socket.AF_INET, socket.AF_INET6) else ""
        try:
            here = not host or ipaddress.ip_address(host.partition("%")[0]).is_loopback
        except ValueError:
            here = host == "localhost"
        if not here:
            with open(os.environ["CONNECTIONS_TRIED"], "a") as noted:
                noted.write(host + "\\n")
            raise OSError("Tests use no network.")
        return original(self, *args)

    return call

if "CONNECTIONS_TRIED" in os.environ:
    for _name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, _name, _guarded(getattr(socket.socket, _name)))
"""


@pytest.fixture(scope="session", autouse=True)
def no_process_reaches_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Refuse connections to anywhere else in every Python process that tests start, and fail if one was tried."""
    folder = tmp_path_factory.mktemp("guard")
    (folder / "sitecustomize.py").write_text(_SITE)
    noted = folder / "tried"
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", "CONNECTIONS_TRIED")}
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), before["PYTHONPATH"])))
    os.environ["CONNECTIONS_TRIED"] = str(noted)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    assert not noted.exists(), f"A process that a test started tried to reach {noted.read_text().split()}. Tests use no network."


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Fail a test that connects to anywhere else, even if the code under test swallows errors."""
    originals = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}

    def guarded(name: str) -> Callable:
        def call(self: socket.socket, *args):
            address = args[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_this_machine(address[0]):
                pytest.fail(f"A test tried to reach {address[0]}:{address[1]}. Tests use no network.")
            return originals[name](self, *args)

        return call

    for name in originals:
        setattr(socket.socket, name, guarded(name))
    yield
    for name, original in originals.items():
        setattr(socket.socket, name, original)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


# Settings and encoders


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """Where the unpacked model of all runs lies."""
    return MODEL_CACHE


@pytest.fixture
def settings(tmp_path: Path):
    """Settings with an empty home of their own and the unpacked model of all runs."""
    from factcheck.settings import Settings

    return Settings(home=tmp_path / "instance", cache_folder=MODEL_CACHE)


@pytest.fixture
def fake_encoder():
    """Vectors by shared words: quick, and the same everywhere. For tests that are not about meaning."""
    from factcheck.embed import FakeEncoder

    return FakeEncoder()


@pytest.fixture(scope="session")
def encoder():
    """The real, shipped model."""
    from factcheck.embed import open_encoder
    from factcheck.settings import Settings

    return open_encoder(Settings(home=MODEL_CACHE, cache_folder=MODEL_CACHE))


# A server


@dataclass
class Server:
    """A running Claimtrail with the demo in it; ``password`` is the administrator's, kept up to date by whoever changes it."""

    url: str
    home: Path
    user: str
    password: str
    environment: dict[str, str]
    process: subprocess.Popen
    log: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on this server's data."""
        return prepared.command(self.environment, *arguments)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def stop_and_look(self) -> None:
        """Stop, and fail if the server met an error it did not expect."""
        self.stop()
        said = self.log.read_text()
        assert "Traceback" not in said, said[said.rindex("Traceback") :][-4000:]

    def restart(self) -> None:
        self.stop()
        self.process = _serve(self.environment, self.url, self.log)


def _serve(environment: dict[str, str], url: str, log: Path) -> subprocess.Popen:
    with log.open("a") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "factcheck", "serve"], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return process
        except urllib.error.HTTPError:  # it answers, if only with an error; the test will see it
            return process
        except OSError:
            time.sleep(0.1)
    process.kill()
    process.wait()
    pytest.fail(f"The server did not start within {START} seconds:\n{log.read_text()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start(home: Path, *init: str, filled: Path | None = None, **changes: str) -> Server:
    """A server in a new home: a copy of one that is ``filled``, else what the command ``init`` makes of it."""
    if filled:
        shutil.copytree(filled, home)
    port = _free_port()
    environment = prepared.environment(home) | {
        "PORT": str(port),
        "CLAIMTRAIL_BACKUP_HOURS": "0",  # an archive that is some days old would be backed up at once
        "PYTHONUNBUFFERED": "1",
        **changes,
    }
    if filled:
        password = (home / prepared.PASSWORD).read_text()
    else:
        made = prepared.command(environment, *init)
        assert made.returncode == 0, f"init failed:\n{made.stdout}{made.stderr}"
        password = prepared.one_time_password(made.stdout)
    url = f"http://127.0.0.1:{port}"
    log = home.parent / f"{home.name}.log"
    return Server(url, home, "admin", password, environment, _serve(environment, url, log), log)


@pytest.fixture(scope="module")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server process for the tests of a file, which leave its data usable for one another: the demo, and two articles of our own."""
    server = _start(tmp_path_factory.mktemp("live") / "instance", filled=prepared.newsroom())
    yield server
    server.stop_and_look()


@pytest.fixture(scope="module")
def archive_server(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server on a copy of the archive: both public claim files, and articles read and matched (see ``tests/archive.py``)."""
    from tests import archive

    server = _start(tmp_path_factory.mktemp("archive") / "instance", filled=archive.home(shared_data))
    yield server
    server.stop_and_look()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """``start_server(CLAIMTRAIL_OPEN_READING="0")``: a fresh server of one's own, with environment variables to change.

    ``start_server("init")`` is one without the demo.
    """
    started: list[Server] = []

    def start(*init: str, **changes: str) -> Server:
        started.append(_start(tmp_path / f"server-{len(started)}", *init, filled=None if init else prepared.demo(), **changes))
        return started[-1]

    yield start
    for server in started:
        server.stop_and_look()


# A browser


@pytest.fixture(scope="session")
def browser():
    """Chromium, unable to reach anything but this machine."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE * 1000)
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.fail("Chromium is not installed; the browser tests need it. On Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--headless=new",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
        )
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser) -> Iterator[Callable]:
    """``open_page(base_url=..., locale="de-DE", java_script_enabled=False, ...)``: a page in a browser context of its own.

    Anything a page writes to the console as an error, and any error in its scripts, fails the test at its end. A test that
    provokes one takes it out of ``page.problems`` after looking at it.
    """
    contexts = []
    pages = []

    def open_one(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("console", lambda message: message.type == "error" and page.problems.append(message.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        pages.append(page)
        return page

    yield open_one
    problems = [problem for page in pages for problem in page.problems]
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture
def journey() -> Callable[..., Journey]:
    """``journey(page, "link a statement")``: begins with the first thing that is done."""
    return Journey


@pytest.fixture
def page(open_page: Callable, live_server: Server):
    """An English page whose addresses are relative to the live server."""
    return open_page(base_url=live_server.url, locale="en-GB")
