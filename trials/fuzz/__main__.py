"""``python -m trials.fuzz [--inputs 100000] [--figures [--on]] [NAME ...]``: bad input for every parser, and a table of what came of it.

Each input must end in a result or in one of the program's own errors, within two seconds of processor time. What does not is kept in
``.cache/fuzz`` and named, and the command fails. Before the random ones each parser gets good input flooded with each piece it might trip over.

With ``--figures`` what came of each parser is noted in docs/reliability.json when it is through or the command is told to end; with ``--on`` it goes
on there: a parser that had 60,000 inputs gets those from number 60,000 on.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from factcheck.errors import ClaimtrailError
from trials import figures
from trials.fuzz.mutations import floods, mutated
from trials.fuzz.parsers import Parser, opened

MOST_SECONDS = 2.0  # of processor time for one input
HANGS = 20.0  # seconds after which an input is given up
FLOODS = 1_000_000_000  # the number of the first flood
KEPT = Path(__file__).resolve().parent.parent.parent / ".cache" / "fuzz"


@dataclass
class Course:
    """What came of the inputs of one parser; times in seconds of processor time."""

    name: str
    inputs: int = 0
    refused: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


class Hang(BaseException):
    """An input took longer than ``HANGS``; nothing a parser catches."""


def run(
    parser: Parser, first: int, inputs: int, *, most_seconds: float = float("inf"), keep: Path | None = None, ended: Callable[[], bool] = lambda: False
) -> Course:
    """Give a parser the inputs from number ``first`` on. ``most_seconds``, ``ended``: end earlier; ``keep``: where failing inputs are written."""
    return _given(parser, ((n, mutated(parser.seeds, n, parser.name)) for n in range(first, first + inputs)), most_seconds, keep, ended)


def run_floods(parser: Parser, keep: Path | None = None) -> Course:
    """Give a parser its good input, flooded."""
    return _given(parser, enumerate(floods(parser.seeds), FLOODS), float("inf"), keep, lambda: False)


def _given(parser: Parser, numbered: Iterable[tuple[int, bytes]], most_seconds: float, keep: Path | None, ended: Callable[[], bool]) -> Course:
    course = Course(parser.name)
    began = time.process_time()
    spent = 0.0  # beyond the seeds
    for number, data in numbered:
        start, wrong = time.process_time(), ""
        try:
            parser.parse(data)
        except ClaimtrailError:
            course.refused += 1
        except (Exception, Hang) as error:
            wrong = f"{type(error).__name__}: {error}"
        taken = time.process_time() - start
        if number < len(parser.seeds):  # libraries are loaded with the first inputs
            taken = 0.0
        if not wrong and taken > MOST_SECONDS:
            wrong = f"took {taken:.1f} s"
        if wrong:
            course.failures.append(f"input {number}: {wrong[:200]}")
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{parser.name.replace(' ', '-')}-{number}").write_bytes(data)
        course.inputs, course.slowest = course.inputs + 1, max(course.slowest, taken)
        course.seconds, spent = time.process_time() - began, spent + taken
        if spent > most_seconds or len(course.failures) >= 20 or ended():
            break
    return course


def main(arguments: Sequence[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m trials.fuzz", description=__doc__.splitlines()[0])
    asked.add_argument("--inputs", type=int, default=100_000, help="inputs of each parser")
    asked.add_argument("--first", type=int, default=0, help="number of the first input: other numbers are other inputs")
    asked.add_argument("--seconds", type=float, default=float("inf"), help="processor time of each parser after which it ends earlier")
    asked.add_argument("--figures", action="store_true", help="note what came of it in docs/reliability.json, too")
    asked.add_argument("--on", action="store_true", help="go on after the inputs noted there, up to --inputs")
    asked.add_argument("names", nargs="*", metavar="NAME", help="parsers in this order, all unless named")
    given = asked.parse_args(arguments)
    warnings.simplefilter("ignore")
    for name in ("pypdf", "trafilatura", "htmldate", "courlan", "charset_normalizer", "app", "factcheck", "claimtrail"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

    def give_up(*_) -> None:
        raise Hang(f"took more than {HANGS:.0f} s")

    told_to_end = threading.Event()
    signal.signal(signal.SIGVTALRM, give_up)
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.set())
    courses: list[Course] = []
    with opened() as there:
        parsers = {parser.name: parser for parser in there}
        if unknown := sorted(set(given.names) - set(parsers)):
            asked.error(f"There is no parser {', '.join(unknown)}. There are: {', '.join(parsers)}.")
        print(f"{'parser':<22}{'inputs':>9}{'refused':>9}{'slowest':>10}{'time':>9}  failures", flush=True)
        for name in given.names or parsers:
            noted = _noted().get(name, {}) if given.on else {}
            first = noted.get("inputs", given.first)
            if told_to_end.is_set() or (given.on and first >= given.inputs):
                continue
            parser = Parser(name, parsers[name].seeds, _watched(parsers[name]))
            run(parser, 0, len(parser.seeds))  # the libraries are loaded with the first inputs
            flooded = run_floods(parser, KEPT)
            course = run(parser, first, given.inputs - (first if given.on else 0), most_seconds=given.seconds, keep=KEPT, ended=told_to_end.is_set)
            course.slowest, course.failures = max(course.slowest, flooded.slowest), flooded.failures + course.failures
            courses.append(course)
            row = f"{course.name:<22}{course.inputs:>9,}{course.refused:>9,}{course.slowest * 1000:>7.0f} ms{course.seconds:>7.0f} s  {len(course.failures)}"
            print("\n  ".join([row, *course.failures]), flush=True)
            if given.figures:
                _note(course, noted)
    print(f"{sum(c.inputs for c in courses):,} inputs, {sum(len(c.failures) for c in courses)} failures")
    return 1 if any(course.failures for course in courses) else 0


def _noted() -> dict[str, dict]:
    return json.loads(figures.FILE.read_text()).get("fuzz", {}).get("parsers", {}) if figures.FILE.exists() else {}


def _note(course: Course, before: dict) -> None:
    """Put what came of a parser to the others, after what it had ``before``."""
    parsers = _noted() | {
        course.name: {
            "inputs": before.get("inputs", 0) + course.inputs, "refused": before.get("refused", 0) + course.refused,
            "slowest ms": max(before.get("slowest ms", 0), round(course.slowest * 1000)), "failures": before.get("failures", 0) + len(course.failures),
        }
    }  # fmt: skip
    figures.put(figures.FILE, "fuzz", "make fuzz", {"inputs": sum(p["inputs"] for p in parsers.values()), "parsers": dict(sorted(parsers.items()))})


def _watched(parser: Parser):
    def parse(data: bytes) -> object:
        signal.setitimer(signal.ITIMER_VIRTUAL, HANGS)
        try:
            return parser.parse(data)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    return parse


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
