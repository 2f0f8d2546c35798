"""Completion of commands and options in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete commands and options.

    \b
    bash: claimtrail completion bash > ~/.local/share/bash-completion/completions/claimtrail
    zsh:  claimtrail completion zsh > a file _claimtrail in a folder of $fpath
    fish: claimtrail completion fish > ~/.config/fish/completions/claimtrail.fish
    """
    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(ctx.find_root().command, {}, "claimtrail", "_CLAIMTRAIL_COMPLETE").source())
