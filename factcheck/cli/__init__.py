"""The command line: parses, calls, prints. Exit codes: 0 done, 1 failed, 2 bad use.

Heavy modules are imported inside the commands that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from factcheck import __version__
from factcheck.cli import (
    alerts,
    claimparts,
    claims,
    completing,
    correcting,
    deciding,
    describing,
    desknotes,
    drafts,
    finding,
    history,
    importing,
    keeping,
    measuring,
    people,
    peopledesk,
    rearranging,
    running,
    sources,
    statements,
    topics,
    tracking,
    training,
    volumes,
    webhooks,
    working,
)
from factcheck.errors import ClaimtrailError

GROUPS_OF_SEVERAL = (claimparts, rearranging, peopledesk)  # they add commands to the groups of claims, reviews and people


class _Commands(click.Group):
    """Expected failures become one line on standard error and an exit code, never a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ClaimtrailError as error:
            failure = click.ClickException(str(error))
            failure.exit_code = error.exit_code
            raise failure from error
        except Exception as error:
            if "db" in sys.modules and (explained := sys.modules["db"].explained(error)):
                raise click.ClickException(str(explained)) from error
            raise


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="claimtrail")
def cli() -> None:
    """Claimtrail: extract statements, match them to claims, decide, and find it all again.

    Data lies in instance/ unless CLAIMTRAIL_HOME names another folder.
    """


for command in (
    running.prepare,
    running.init,
    running.serve,
    running.worker,
    running.check,
    describing.settings,
    keeping.backup,
    keeping.restore,
    keeping.repair,
    keeping.copy,
    volumes.volumes,
    running.mcp,
    running.retention,
    running.users,
    working.extract,
    working.ingest,
    working.draft,
    drafts.drafts_,
    importing.import_,
    finding.search,
    finding.find,
    working.similar,
    working.backfill_,
    deciding.queue,
    deciding.decide,
    deciding.undo,
    deciding.assign,
    deciding.later,
    deciding.articles,
    statements.statements_,
    deciding.jobs,
    claims.claims,
    claims.reviews,
    claims.promises,
    tracking.governments,
    tracking.walkbacks,
    people.people,
    people.tokens,
    alerts.alerts,
    webhooks.webhooks_,
    desknotes.notes_,
    desknotes.ratings_,
    history.log_,
    history.quality_,
    sources.sources,
    topics.topics_,
    correcting.export,
    correcting.reread,
    measuring.evaluate,
    training.train,
    completing.completion,
):
    cli.add_command(command)


def main() -> None:
    cli(prog_name="claimtrail")
