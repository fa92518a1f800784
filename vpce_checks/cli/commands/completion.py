"""``vpce-checks completion``: the script that lets a shell complete commands, options and their values."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import import_module

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.terminal import put

GROUP = "inside of other tools"

SHELLS = ("bash", "fish", "zsh")


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="print the completion script of a shell",
        description="Print the script that lets a shell complete commands, options and their values.\n"
        'bash:  eval "$(vpce-checks completion bash)"  in ~/.bashrc\n'
        'zsh:   eval "$(vpce-checks completion zsh)"   in ~/.zshrc, after compinit\n'
        "fish:  vpce-checks completion fish | source   in ~/.config/fish/config.fish",
    )
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, fish or zsh")
    return parser


def run(given: Namespace) -> int:
    """Print the script."""
    from vpce_checks.cli.completion.words import words_of
    from vpce_checks.cli.parser import full_parser

    writer = import_module(f"vpce_checks.cli.completion.{given.shell}")
    put(writer.script(words_of(full_parser())))
    return exit_codes.PASSED
