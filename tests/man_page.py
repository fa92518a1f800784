"""Write the manual page, ``docs/vpce-checks.1``, from the command line's own parser: ``python -m tests.man_page``.

The wheel installs it where ``man`` looks. https://man7.org/linux/man-pages/man7/groff_man.7.html says what the macros do.
"""

from __future__ import annotations

import re
from argparse import SUPPRESS, Action, ArgumentParser, _ArgumentGroup, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

from vpce_checks.base.version import VERSION
from vpce_checks.cli.exit_codes import HELP
from vpce_checks.cli.parser import DESCRIPTION, full_parser

FILE = Path(__file__).parents[1] / "docs" / "vpce-checks.1"

FILES = """
.TP
.B .vpce\\-checks.yaml
The policy: what a VPC must have, what to ignore, and settings of the scan. The nearest one above a root counts.
"""


def man_page() -> str:
    """Return the page."""
    parser = full_parser()
    (commands,) = (action for action in parser._actions if isinstance(action, _SubParsersAction))
    lines = [
        f'.TH VPCE\\-CHECKS 1 "" "vpce\\-checks {VERSION}" "User Commands"',
        ".SH NAME",
        "vpce\\-checks \\- find VPCs without the endpoints they need, before anything is deployed",
        ".SH SYNOPSIS",
        ".B vpce\\-checks",
        ".I COMMAND",
        "[\\fIOPTION\\fR ...] [\\fIPATH\\fR ...]",
        ".SH DESCRIPTION",
        _plain(DESCRIPTION),
        ".SH OPTIONS",
        *_options(parser._optionals),
        ".SH COMMANDS",
    ]
    for name, command in commands.choices.items():
        lines += _command(name, command)
    lines += [".SH EXIT STATUS", *_exit_status(), ".SH FILES", FILES.strip()]
    return "\n".join(lines) + "\n"


def _command(name: str, command: ArgumentParser) -> Iterator[str]:
    yield f'.SS "{_plain(name)}"'
    yield _plain(command.description or "")
    for group in command._action_groups:
        described = list(_options(group))
        if not described:
            continue
        if group.title not in ("positional arguments", "options"):
            yield ".PP"
            yield f".I {_plain(group.title or '')}:"
        yield from described


def _options(group: _ArgumentGroup) -> Iterator[str]:
    for action in group._group_actions:
        if action.help == SUPPRESS or isinstance(action, _SubParsersAction) or action.dest == "help":
            continue
        yield ".TP"
        yield ", ".join(_invocations(action))
        yield _plain(action.help % {"default": action.default} if action.help else "")


def _invocations(action: Action) -> Iterator[str]:
    names = action.metavar or action.dest.upper()
    value = " ".join(names) if isinstance(names, tuple) else names
    if action.choices is not None:
        value = f"{{{','.join(map(str, action.choices))}}}"
    if not action.option_strings:
        yield f"\\fI{_plain(value)}\\fR"
        return
    for option in action.option_strings:
        yield f"\\fB{_plain(option)}\\fR" + (f" \\fI{_plain(value)}\\fR" if action.nargs != 0 else "")


def _exit_status() -> Iterator[str]:
    for code, meaning in re.findall(r"^  (\d+)  (.+(?:\n     .+)*)", HELP, re.M):
        yield ".TP"
        yield f".B {code}"
        yield _plain(meaning)


def _plain(text: str) -> str:
    """Return text that no macro and no escape is hidden in, on one line: the page is filled anyway."""
    escaped = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    FILE.write_text(man_page(), encoding="utf-8")
