"""The completion script for fish (https://fishshell.com/docs/current/completions.html)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vpce_checks.cli.completion.words import CommandWords, Option

_BEGIN = """\
# vpce-checks: completion for fish. Load it with: vpce-checks completion fish | source
complete -c vpce-checks -e
complete -c vpce-checks -n __fish_use_subcommand -f -l help -d 'show the help'
complete -c vpce-checks -n __fish_use_subcommand -f -l version -d 'show the version'
"""


def script(commands: Sequence[CommandWords]) -> str:
    """Return the script."""
    return _BEGIN + "".join(f"{line}\n" for command in commands for line in _command(command))


def _command(command: CommandWords) -> Iterator[str]:
    yield f"complete -c vpce-checks -n __fish_use_subcommand -f -a {command.name} -d {_quoted(command.help)}"
    inside = f"complete -c vpce-checks -n '__fish_seen_subcommand_from {command.name}'"
    for option in command.options:
        yield f"{inside} {_names(option)}{_value(option)} -d {_quoted(option.help)}"
    argument = command.argument
    if argument is not None and argument.kind == "words":
        yield f"{inside} -f -a {_quoted(' '.join(argument.words))}"


def _names(option: Option) -> str:
    return " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)


def _value(option: Option) -> str:
    value = option.value
    if value.kind == "words":
        return f" -x -a {_quoted(' '.join(value.words))}"
    return {"flag": "", "file": " -r -F", "directory": " -x -a '(__fish_complete_directories)'"}.get(value.kind, " -x")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
