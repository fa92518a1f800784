"""The parser of the command line, made of the commands in ``commands/``."""

from __future__ import annotations

import os
import re
from argparse import Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.base.version import VERSION
from vpce_checks.cli import commands, exit_codes
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.paths import file_like_option
from vpce_checks.cli.terminal import WIDTH

DESCRIPTION = """\
Finds VPCs without the endpoints they need, in Terraform and CloudFormation,
before anything is deployed."""


def parse(arguments: Sequence[str]) -> Namespace:
    """Return what the user asks for; its ``run`` is the function to call with it, which returns the exit code.

    Raises UsageError for wrong use. So is an option that could be the name of a file as well: whoever writes a repository
    chooses the names of its files, and a host such as pre-commit passes them to us. Raises SystemExit after help.
    """
    command = commands.find(arguments[0]) if arguments else None
    if command is not None and command.parses_itself:
        return Namespace(run=command.run, arguments=arguments[1:])
    # Help lists every command. To run one, the options of the others need not be imported.
    if command is None:
        if arguments and arguments[0] not in _WITHOUT_COMMAND:
            raise UsageError(_no_command(arguments))
        return full_parser().parse_args(arguments)
    _, added = _parser([arguments[0]], {})
    # The parser of the command reads the rest: its errors show its own usage, and an option may stand between arguments.
    if added.get_default("paths") is None:
        return _parsed(added, arguments[1:])
    at = arguments.index("--") if "--" in arguments else len(arguments)
    file = file_like_option(arguments[:at])
    if file is not None:
        raise UsageError(f"{file} is an option and the name of a file here; put -- before the names of files")
    given = _parsed(added, arguments[1:at])
    given.paths = [*given.paths, *arguments[at + 1 :]]
    return given


def _parsed(parser: ArgumentParser, arguments: Sequence[str]) -> Namespace:
    has_options = any(argument.startswith("-") for argument in arguments)
    # Without options both are the same, and the second takes no time to write the usage first.
    read = parser.parse_known_intermixed_args if has_options else parser.parse_known_args
    given, unknown = read(arguments)
    if unknown:
        raise _unknown(unknown, parser)
    return given


_WITHOUT_COMMAND = ("-h", "--help", "--version")


def _no_command(arguments: Sequence[str]) -> str:
    """Return what to say of arguments that begin with no command."""
    first = arguments[0]
    if first.startswith("-"):
        return f"the command comes first, such as: vpce-checks scan {first[:40]}"
    if os.path.exists(first):
        return f"no command {first!r}; to scan it: vpce-checks scan {first}"
    return f"no command {first!r}{did_you_mean(first, commands.names()) or '; vpce-checks --help lists them'}"


def _unknown(arguments: Sequence[str], parser: ArgumentParser) -> UsageError:
    """Return the error for arguments that the parser of a command does not know."""
    option = next((each for each in arguments if each.startswith("-")), None)
    if option is None:
        return UsageError(f"one argument too many: {arguments[0]!r}{_see(parser)}")
    name = option.partition("=")[0]
    meant = did_you_mean(name, re.findall("--[a-z-]+", parser.format_usage())) if name.startswith("--") else ""
    return UsageError(f"{parser.prog} has no option {name!r}{meant or _see(parser)}")


def _see(parser: ArgumentParser) -> str:
    return f" (see {parser.prog} --help)"


def full_parser() -> ArgumentParser:
    """Return the parser with every command."""
    groups = commands.grouped()
    headings = {those[0]: group for group, those in list(groups.items())[1:]}
    return _parser([name for those in groups.values() for name in those], headings)[0]


def _parser(names: Sequence[str], headings: Mapping[str, str]) -> tuple[ArgumentParser, ArgumentParser]:
    """Return the parser with the commands ``names``, and that of the last one. ``headings`` stand before a command each."""
    layout = partial(_Layout, headings=headings)
    parser = _Parser("vpce-checks", description=DESCRIPTION, formatter_class=layout, allow_abbrev=False)
    parser.add_argument(
        "--version",
        action="version",
        version=f"vpce-checks {VERSION}",
        help="show the version and exit; with --verbose also how old the facts about AWS and modules are",
    )
    parser.set_defaults(run=partial(_print_help, parser))
    parsers = parser.add_subparsers(metavar="COMMAND", title="commands", prog="vpce-checks")
    for name in names:
        added = commands.load(name).add_parser(partial(_add_parser, parsers, name))
        added.set_defaults(run=commands.load(name).run)
    return parser, added


def _add_parser(parsers: _SubParsersAction[Any], name: str, help: str, **given: Any) -> ArgumentParser:
    """Add the parser of a command. Without a description its help says what its line in the list of commands says."""
    said = {"help": help, "description": f"{help[0].upper()}{help[1:]}.", **given}
    added: ArgumentParser = parsers.add_parser(name, formatter_class=_Layout, allow_abbrev=False, **said)
    return added


def _print_help(parser: ArgumentParser, given: Namespace) -> int:
    parser.print_help()
    return exit_codes.MISUSED


class _Parser(ArgumentParser):
    """Says in one line what is wrong. The usage of a command may be longer than a screen."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}{_see(self)}")


class _Layout(RawDescriptionHelpFormatter):
    """Lays help out, with headings among the commands."""

    def __init__(self, prog: str, headings: Mapping[str, str] | None = None, **given: Any) -> None:
        # Without a width every option asks shutil for the terminal's.
        super().__init__(prog, **{**given, "width": WIDTH})
        self._headings = headings or {}

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Break the lines of a description that are too long: each is a paragraph."""
        from vpce_checks.report.text.wrap import wrap

        lines = text.split("\n")
        return "\n".join(part for line in lines for part in (wrap(line, width) if len(line) > width else [line]))

    def _format_action(self, action: Action) -> str:
        heading = None if action.option_strings else self._headings.get(action.dest)
        text = super()._format_action(action)
        return text if heading is None else f"\n  {heading}:\n{text}"
