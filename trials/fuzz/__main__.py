"""``python -m trials.fuzz [--inputs 100000] [--seconds N] [NAME ...]``: bad input for every parser, and a table of what came of it.

Each input must end in a result or in one of the program's own errors, within two seconds of processor time. What does not is kept in
``.cache/fuzz`` and named, and the command fails.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from factcheck.errors import ClaimtrailError
from trials import figures
from trials.fuzz.mutations import mutated
from trials.fuzz.parsers import Parser, opened

MOST_SECONDS = 2.0  # of processor time for one input
HANGS = 20.0  # seconds after which an input is given up
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


def run(parser: Parser, first: int, inputs: int, *, most_seconds: float = float("inf"), keep: Path | None = None) -> Course:
    """Give a parser the inputs from number ``first`` on. ``most_seconds``: end earlier; ``keep``: where failing inputs are written."""
    course = Course(parser.name)
    began = time.process_time()
    spent = 0.0  # beyond the seeds
    for number in range(first, first + inputs):
        data = mutated(parser.seeds, number, parser.name)
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
        if spent > most_seconds or len(course.failures) >= 20:
            break
    return course


def main(arguments: Sequence[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m trials.fuzz", description=__doc__.splitlines()[0])
    asked.add_argument("--inputs", type=int, default=100_000, help="inputs of each parser")
    asked.add_argument("--first", type=int, default=0, help="number of the first input: other numbers are other inputs")
    asked.add_argument("--seconds", type=float, default=float("inf"), help="processor time of each parser after which it ends earlier")
    asked.add_argument("--figures", action="store_true", help="write the table to docs/reliability.json, too")
    asked.add_argument("names", nargs="*", metavar="NAME", help="parsers, all unless named")
    given = asked.parse_args(arguments)
    warnings.simplefilter("ignore")
    for name in ("pypdf", "trafilatura", "htmldate", "courlan", "charset_normalizer", "app", "factcheck", "claimtrail"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

    def give_up(*_) -> None:
        raise Hang(f"took more than {HANGS:.0f} s")

    signal.signal(signal.SIGVTALRM, give_up)
    courses: list[Course] = []
    with opened() as parsers:
        unknown = set(given.names) - {parser.name for parser in parsers}
        if unknown:
            asked.error(f"There is no parser {', '.join(sorted(unknown))}. There are: {', '.join(parser.name for parser in parsers)}.")
        print(f"{'parser':<22}{'inputs':>9}{'refused':>9}{'slowest':>10}{'time':>9}  failures", flush=True)
        for parser in parsers:
            if given.names and parser.name not in given.names:
                continue
            watched = Parser(parser.name, parser.seeds, _watched(parser))
            course = run(watched, given.first, given.inputs, most_seconds=given.seconds, keep=KEPT)
            courses.append(course)
            print(
                f"{course.name:<22}{course.inputs:>9,}{course.refused:>9,}{course.slowest * 1000:>7.0f} ms{course.seconds:>7.0f} s  {len(course.failures)}", flush=True
            )
            for failure in course.failures:
                print(f"  {failure}", flush=True)
    if given.figures:
        told = {c.name: {"inputs": c.inputs, "refused": c.refused, "slowest_ms": round(c.slowest * 1000), "failures": len(c.failures)} for c in courses}
        figures.put(figures.FILE, "fuzz", "make fuzz", {"inputs": sum(c.inputs for c in courses), "parsers": told})
    print(f"{sum(c.inputs for c in courses):,} inputs, {sum(len(c.failures) for c in courses)} failures")
    return 1 if any(course.failures for course in courses) else 0


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
