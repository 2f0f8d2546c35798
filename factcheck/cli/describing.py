"""What can be set, what it is set to, and the table of it in the documents."""

from __future__ import annotations

import json
import os

import click

from factcheck.cli.common import as_json
from factcheck.settings import VARIABLES, Variable, read_settings

HEAD = ("| Variable | Default | Meaning |", "|---|---|---|")


@click.command()
@click.option("--markdown", is_flag=True, help="Print the table of docs/operations.md.")
@as_json
def settings(markdown: bool, as_json: bool) -> None:
    """Print every setting: its variable, what it is set to here, its default and meaning. Secrets are not shown."""
    if markdown:
        click.echo("\n".join([*HEAD, *(f"| `{v.name}` | {v.default} | {v.meaning} |" for v in VARIABLES)]))
        return
    read_settings()  # a value that cannot be used is told as it is at the start
    for variable in VARIABLES:
        value = _shown(variable)
        if as_json:
            told = {"name": variable.name, "value": value, "default": variable.default.replace("`", ""), "meaning": variable.meaning}
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            click.echo(f"{variable.name}={value}" if value else f"{variable.name}  ({variable.default.replace('`', '')})")
            click.echo(f"    {variable.meaning.replace('`', '')}")


def _shown(variable: Variable) -> str:
    value = os.environ.get(variable.name, "")
    return "(set, not shown)" if value and variable.is_secret else value
