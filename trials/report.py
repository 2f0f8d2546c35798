"""docs/reliability.md from what the trials found (docs/reliability.json) and from what the tests assert.

    python -m trials.report
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trials import figures

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "reliability.md"
HEAD = """# Reliability

What was tried, by which command, and what came of it. This page is written by `python -m trials.report` from `docs/reliability.json`, to which each
trial adds its figures with `--out docs/reliability.json`; a test holds it to that. A fair part of each runs with `make test`.
"""


def text(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The document, from the figures by trial."""
    parts = [HEAD, *([_access(found["access"])] if "access" in found else []), _drills()]
    for trial, write in (("fuzz", _fuzz), ("kills", _kills), ("writers", _writers), ("soak", _soak), ("proxy", _proxy)):
        if trial in found:
            parts.append(write(found[trial]))
            if trial == "soak" and "soak still" in found:
                parts.append(_still(found["soak still"]))
    parts += [_other(name, told) for name, told in sorted(found.items()) if name not in ("access", "fuzz", "kills", "writers", "soak", "soak still", "proxy")]
    return "\n".join(parts)


def _ran(told: Mapping[str, Any]) -> str:
    return f"`{told['command']}`, {told['on']}, {told['machine']}."


def _access(told: Mapping[str, Any]) -> str:
    return f"""## Who gets in where

`tests/access_table.txt` names every route with its methods: {told["routes"]} when this was written. `tests/test_access_table.py` asks for each page as nobody and in each of the four
roles, and for each operation of the API with a token of each scope of each role, with a cookie, and without either; with reading closed; and for
somebody who still has a one-time password: {told["cells"]:,} cells in one run. A route without a line fails. {_ran(told)}
"""


def _drills() -> str:
    schemas = sorted(p.stem for p in (ROOT / "tests" / "schemas").glob("*.sql"))
    return f"""## Restore drills

In every run of the tests a newsroom is backed up, its home deleted, the backup restored, and every row of every table compared, decisions and log among them
(`tests/test_backups.py`); ten kinds of damaged backups are refused. Databases of every released schema ({", ".join(schemas)}; rows in each table,
`tests/schemas/`) are brought to the newest with all that is in them, restored from a backup of their time, and left as they were when a
migration fails (`tests/test_migrations.py`).
"""


def _fuzz(told: Mapping[str, Any]) -> str:
    rows = "\n".join(f"| {name} | {p['inputs']:,} | {p['refused']:,} | {p['slowest ms']:,} | {p['failures']} |" for name, p in told["parsers"].items())
    return f"""## Bad input

{told["inputs"]:,} inputs for {len(told["parsers"])} parsers: good ones with one to a dozen changes, the same for the same number, and the good
one with floods of what a parser might trip over. Each had to end in a result or in an error of the program's own, within two seconds of processor time.

| Parser | Inputs | Refused | Slowest, ms | Failures |
|---|---:|---:|---:|---:|
{rows}

{_ran(told)} In the tests: up to a hundred each, and all that once failed.
"""


def _kills(told: Mapping[str, Any]) -> str:
    rows = "\n".join(f"| {name} | {s['kills']} | {s['acknowledged']:,} | {s['wrong']} |" for name, s in told["scenes"].items())
    return f"""## Killed at any moment

{told["kills"]} times a process was ended with `SIGKILL`, half of them at a random moment, half after a random number of steps within SQLite's statements. Each time the
state was looked at, the work taken up again and finished, and all of it compared with what had been acknowledged. {told["wrong"]} times
anything was lost, doubled or damaged. The machine went on running: a power cut was not tried on a disk. What it can leave of the log
of changes was: all that was acknowledged, and of what came after nothing, a part, zeros or rubbish (`tests/test_power_cut.py`); each commit waits for the disk.

| Scene | Kills | Acknowledged before them | Lost, doubled or damaged |
|---|---:|---:|---:|
{rows}

{_ran(told)} In the tests: 20 kills, and the trial with transactions switched off, which it must notice.
"""


def _writers(told: Mapping[str, Any]) -> str:
    return f"""## Several processes at once

{told["processes"]} processes wrote to one database for {told["seconds"]:g} seconds: {told["rounds"]:,} rounds of four transactions each (a counter read and written, a claim, a decision,
its undoing), all there afterwards; {told["wrong"]} problems, nobody met a locked database. {_ran(told)} In the tests: 4 seconds.
"""


def _soak(told: Mapping[str, Any]) -> str:
    rows = "\n".join(f"| {kind} | {k['n']:,} | {k['p50']:,} | {k['p99']:,} |" for kind, k in told["kinds"].items())
    picture = "\n![Memory, open files and p99 of each minute](soak.svg)\n" if (ROOT / "docs" / "soak.svg").exists() else ""
    return f"""## Under load

{told["seconds"] / 60:g} minutes of readers, two editors, imports and a watched feed on one server with the shipped model, on the same machine: {told["requests"]:,} requests,
{told["errors"]} errors; p50 {told["p50 ms"]:,} ms, p95 {told["p95 ms"]:,} ms, p99 {told["p99 ms"]:,} ms. Memory {told["MB at a third"]:,} MB after a third of the time, {told["MB at the end"]:,} MB at the end
({told["MB an hour"]:+,} MB an hour by the slope between, {told["MB an hour at last"]:+,} in the last third); open files {told["files"]}, then {told["files at the end"]}.
{picture}
| Request | Times | p50 ms | p99 ms |
|---|---:|---:|---:|
{rows}

{_ran(told)}
"""


def _still(told: Mapping[str, Any]) -> str:
    return f"""The same readers and editors while nothing new comes in, for {told["seconds"] / 60:g} minutes: {told["requests"]:,} requests, {told["errors"]} errors; memory {told["MB at a third"]:,} MB after a
third of the time, {told["MB at the end"]:,} MB at the end ({told["MB an hour"]:+,} MB an hour, {told["MB an hour at last"]:+,} in the last third). {_ran(told)}
"""


def _proxy(told: Mapping[str, Any]) -> str:
    return f"""## Behind a proxy

nginx {told["nginx"]} with `deploy/nginx.conf` and a certificate of its own in front of a real server: {told["checks"]} checks of redirects, protocols, headers, cookies, limits by the
reader's address, sizes, slow senders, exports, metrics and request ids, {told["wrong"]} wrong. {_ran(told)}
"""


def _other(name: str, told: Mapping[str, Any]) -> str:
    rows = "\n".join(f"| {k} | {v:,} |" if isinstance(v, int) else f"| {k} | {v} |" for k, v in told.items() if k not in ("command", "on", "machine") and not isinstance(v, dict | list))
    return f"## {name[:1].upper()}{name[1:]}\n\n| | |\n|---|---:|\n{rows}\n\n{_ran(told)}\n"


if __name__ == "__main__":
    DOCUMENT.write_text(text(json.loads(figures.FILE.read_text())))
