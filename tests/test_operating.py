"""What runs can be looked at, and stops without losing anything: the log, health, metrics, and being told to end."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from app import create_app
from db import open_store
from factcheck import logbook, metering, pipeline, tenancy
from factcheck.errors import BadInput
from factcheck.metering import Meter
from factcheck.records import Article, Role
from factcheck.worker import Bench, Worker

SECRET_WORDS = "what Erika Beispiel told us in confidence"
ROOT = Path(__file__).resolve().parent.parent
TOKEN = "a-token-of-twenty-letters-and-more"


# The log


def line_of(form: logging.Formatter, message: str, error: Exception | None = None, **fields) -> str:
    record = logging.LogRecord("claimtrail.test", logging.INFO, __file__, 1, message, (), (type(error), error, error.__traceback__) if error else None)
    setattr(record, logbook.FIELDS, fields)
    return form.format(record)


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as caught:
        return caught


def test_a_line_of_the_log_is_one_json_object_with_the_request_it_belongs_to():
    logbook.REQUEST.set("request-1")
    try:
        told = json.loads(line_of(logbook.Machine(), "a\nb", status=200))
        assert (told["message"], told["request"], told["status"], told["level"]) == ("a\nb", "request-1", 200, "info")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["at"])
        assert re.fullmatch(r"\S+Z claimtrail.test INFO a\\nb status=200 \[request-1\]", line_of(logbook.People(), "a\nb", status=200))
    finally:
        logbook.REQUEST.set("")


def test_a_failure_is_told_by_kind_and_place_and_never_by_what_somebody_typed():
    inner = raised(ValueError(f"could not read {SECRET_WORDS}"))
    for form in (logbook.Machine(), logbook.People()):
        line = line_of(form, "it failed", raised(RuntimeError(SECRET_WORDS), inner))
        assert "confidence" not in line
        assert "Traceback" in line and "builtins.RuntimeError" in line and "builtins.ValueError" in line and "test_operating.py" in line
        assert "Say it again." in line_of(form, "it failed", raised(BadInput("Say it again.")))


def test_each_request_is_noted_with_its_page_and_no_text(site, caplog):
    caplog.set_level(logging.INFO, "claimtrail.requests")
    client = site.client(Role.EDITOR)
    answer = client.get("/search?q=" + SECRET_WORDS.replace(" ", "+"), headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    client.post("/articles/new", data={"text": SECRET_WORDS, "title": "confidence"}, headers=SAME_ORIGIN)
    fields = [getattr(r, logbook.FIELDS) for r in caplog.records if r.name == "claimtrail.requests"]
    assert {(f["page"], f["status"], f["role"]) for f in fields} >= {("pages.search", 200, "editor"), ("articles.new", 303, "editor")}
    assert "confidence" not in caplog.text + repr(fields) and site.names[Role.EDITOR] not in repr(fields)


@pytest.mark.parametrize("given", ["short", "x" * 65, "with blanks in it", "ümlaute-und-mehr", "<script>alert(1)</script>"])
def test_an_id_that_is_none_is_not_taken_over(site, given):
    told = site.anonymous.get("/", headers={"X-Request-ID": given.encode("utf-8").decode("latin-1")}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", told)


def test_an_unexpected_error_is_logged_with_the_id_the_reader_sees_and_without_its_words(site, caplog, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError(SECRET_WORDS)

    monkeypatch.setitem(site.app.view_functions, "pages.home", fail)
    answer = site.anonymous.get("/", headers={"X-Request-ID": "seen-by-the-reader"})
    assert answer.status_code == 500 and "seen-by-the-reader" in answer.text and "confidence" not in answer.text
    (record,) = [r for r in caplog.records if r.exc_info and SECRET_WORDS in str(r.exc_info[1])]
    assert "confidence" not in logbook.Machine().format(record)


# Health and metrics


def test_the_server_says_that_it_lives_and_whether_it_is_ready(site, monkeypatch):
    assert site.anonymous.get("/healthz").text == "ok\n"
    ready = site.anonymous.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"ready": True, "problems": {}})
    monkeypatch.setattr("factcheck.web.observing.shutil.disk_usage", lambda path: SimpleNamespace(free=10))
    assert site.anonymous.get("/readyz").json["problems"] == {"disk": "is almost full"}
    monkeypatch.undo()
    monkeypatch.setattr(site.store.users, "count", lambda: 1 / 0)
    broken = site.anonymous.get("/readyz")
    assert (broken.status_code, broken.json["problems"]) == (503, {"database": "cannot be read"})
    assert site.anonymous.get("/healthz").status_code == 200


def test_a_worker_that_stopped_is_told(settings, site, fake_encoder):
    worker = Worker(Bench(site.store, fake_encoder, settings), steps=())
    app = create_app(settings, store=site.store, encoder=fake_encoder, worker=worker)
    assert app.test_client().get("/readyz").json["problems"] == {"worker": "has stopped"}
    worker.start()
    try:
        assert app.test_client().get("/readyz").status_code == 200
    finally:
        worker.stop()


def test_metrics_are_for_administrators_and_for_who_brings_the_token(site, settings, fake_encoder):
    assert site.anonymous.get("/metrics").status_code == 401
    assert site.anonymous.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401, "no token is set, so none is right"
    assert site.client(Role.EDITOR).get("/metrics").status_code == 403
    assert site.client(Role.ADMINISTRATOR).get("/metrics").status_code == 200
    app = create_app(replace(settings, metrics_token=TOKEN), store=site.store, encoder=fake_encoder)
    for header, status in ((f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 401), (TOKEN, 401), (f"Basic {TOKEN}", 401), ("", 401)):
        assert app.test_client().get("/metrics", headers={"Authorization": header}).status_code == status, header


SAMPLE = re.compile(r'[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? -?[0-9.e+-]+')


def test_metrics_are_what_prometheus_reads_and_count_what_happened(site):
    client = site.client(Role.ADMINISTRATOR)

    def measured() -> dict[str, float]:
        answer = client.get("/metrics")
        assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
        lines = answer.text.splitlines()
        assert answer.text.endswith("\n") and all(line.startswith("# TYPE ") or SAMPLE.fullmatch(line) for line in lines)
        types = [line.split()[2] for line in lines if line.startswith("#")]
        assert len(types) == len(set(types))
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}

    before = measured()
    for _ in range(3):
        client.get("/")
    after = measured()
    for name in ('claimtrail_requests_total{method="GET",page="pages.home",status="200"}', 'claimtrail_request_seconds_count{page="pages.home"}'):
        assert after[name] - before.get(name, 0) == 3
    assert after['claimtrail_request_seconds_bucket{page="pages.home",le="+Inf"}'] == after['claimtrail_request_seconds_count{page="pages.home"}']
    assert after['claimtrail_rows{kind="claims"}'] == site.store.claims.count() == 1
    assert after['claimtrail_articles_in_state{state="queued"}'] == 0 and after["claimtrail_disk_free_bytes"] > 0
    assert after["claimtrail_database_bytes"] > 100_000
    assert after["process_resident_memory_bytes"] > 10_000_000 and after["process_open_fds"] > 3


def test_a_histogram_counts_into_the_right_buckets_and_labels_cannot_break_a_line():
    meter = Meter()
    for seconds in (0.005, 0.0051, 99):
        meter.timed("t_seconds", seconds, page='a"b\\c\nd')
    text = meter.text([("g", {}, 0.5)])
    assert 't_seconds_bucket{page="a\\"b\\\\c\\nd",le="0.005"} 1\n' in text and 'le="0.01"} 2\n' in text and 'le="10.0"} 2\n' in text
    assert 'le="+Inf"} 3\n' in text and "g 0.5\n" in text and "\nt_seconds_count" in text
    assert metering.process()


# Being told to stop


def test_a_server_that_is_told_to_stop_answers_what_it_began_and_requeues_the_rest(start_server, tmp_path, leading_there):
    there = leading_there(tmp_path / "server-0" / "claimtrail.db")
    server = start_server(CLAIMTRAIL_LOG="json", CLAIMTRAIL_BACKUP_HOURS="0", **there)
    store = open_store(server.home / "claimtrail.db")
    for n in range(6):
        pipeline.add_article(store, Article(0, f"Die Ministerin sagte am Montag, die Brücke {n} werde bis 2030 erneuert. " * 40, "de"))
    answers: list[tuple[str, str, float]] = []
    all_sent = threading.Barrier(9)

    def ask(n: int) -> None:
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), 60) as connection:
            connection.sendall(f"GET /search?q=bridge+{n} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            all_sent.wait(60)
            said = b""
            while part := connection.recv(65_536):
                said += part
            answers.append((said[:12].decode(), said.strip()[-7:].decode(), time.monotonic()))

    asking = [threading.Thread(target=ask, args=[n]) for n in range(8)]
    for thread in asking:
        thread.start()
    all_sent.wait(60)
    time.sleep(0.1)  # until the server has them in hand; the first waits for the model
    told = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    for thread in asking:
        thread.join(90)
    assert server.process.wait(90) == 0
    assert [(first, last) for first, last, _ in answers] == [("HTTP/1.1 200", "</html>")] * 8
    assert max(at for *_, at in answers) > told
    states = store.articles.states()
    assert states["failed"] == 0
    store.articles.requeue_interrupted(tenancy.has_ended)
    assert store.articles.states()["working"] == 0
    said = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    assert any(line["message"] == "request" and line["page"] == "pages.search" for line in said)
    assert not any("trace" in line for line in said)
    store.close()


def test_a_worker_of_its_own_ends_when_it_is_told_to(tmp_path, model_cache, leading_there):
    home = {"CLAIMTRAIL_HOME": str(tmp_path), "CLAIMTRAIL_CACHE": str(model_cache), "CLAIMTRAIL_LOG": "json"}
    environment = os.environ | home | leading_there(tmp_path / "claimtrail.db")
    worker = subprocess.Popen([sys.executable, "-m", "factcheck", "worker"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert worker.stdout.readline() == "Claimtrail works in the background.\n"
    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate(timeout=90)
    assert worker.returncode == 0 and all(json.loads(line)["level"] != "error" for line in said.splitlines())


def test_what_a_process_took_is_left_alone_while_it_runs_and_taken_up_when_it_has_ended(tmp_path):
    mine = tenancy.name()
    assert not tenancy.has_ended(mine)
    machine, number, beginning, moment = mine.rsplit(" ", 3)
    assert tenancy.has_ended(f"{machine} {number} {int(beginning) - 1} {moment}"), "another process with the same number"
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert tenancy.has_ended(f"{machine} {gone.pid} {beginning} {moment}")
    assert tenancy.has_ended(f"{machine} {gone.pid}  {moment}") and not tenancy.has_ended(f"{machine} {number}  {moment}"), "no /proc"
    assert not tenancy.has_ended(f"elsewhere 1 1 {moment}")
    assert tenancy.has_ended(f"elsewhere 1 1 {int(moment) - 4000}") and tenancy.has_ended("") and tenancy.has_ended("a b c d")
