"""The command line: parses, calls, prints. Exit codes: 0 done, 1 failed, 2 bad use.

Heavy modules are imported inside the commands that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys

import click

from factcheck import __version__
from factcheck.cli import measuring, running, working
from factcheck.errors import ClaimtrailError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="claimtrail")
def cli() -> None:
    """Claimtrail: extract statements, match them to claims, decide, and find it all again.

    Data lies in instance/ unless CLAIMTRAIL_HOME names another folder.
    """


for command in (
    running.prepare,
    running.init,
    running.serve,
    running.check,
    running.users,
    working.extract,
    working.ingest,
    working.import_,
    working.search,
    working.similar,
    measuring.evaluate,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; expected failures become one line on standard error and an exit code."""
    try:
        cli(prog_name="claimtrail")
    except ClaimtrailError as error:
        click.echo(f"claimtrail: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # under a pipe that closes early (| head) there is nobody left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
