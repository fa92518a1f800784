"""The command line, from arguments to an exit code (see :mod:`vpce_checks.cli.exit_codes`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from vpce_checks.base.defects import defect
from vpce_checks.base.version import VERSION
from vpce_checks.cli import exit_codes
from vpce_checks.execution import gc_tuning


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code. Raises SystemExit where argparse ends the program."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments == ["--version"]:  # answered before the parser and the engine are imported
        print(f"vpce-checks {VERSION}")
        return exit_codes.PASSED
    if "--version" in arguments and {"--version", "--verbose", "-v"}.issuperset(arguments):
        from vpce_checks.cli.version_view import version_lines

        print("\n".join(version_lines()))
        return exit_codes.PASSED
    from vpce_checks.cli.terminal import say

    try:
        return _run(arguments)
    except KeyboardInterrupt:
        say("interrupted")
        return exit_codes.INTERRUPTED
    except BrokenPipeError:
        _give_up_output()
        return exit_codes.READER_LEFT
    except Exception as error:  # a defect of ours: reported in a line, never as a traceback, never as a pass
        say(f"error: {defect(error)}")
        return exit_codes.UNREAD


def run() -> NoReturn:
    """Be the process ``vpce-checks``: :func:`main`, without the parts of Python that a short-lived process can do without."""
    gc_tuning.take_over()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or exit_codes.UNREAD
    if "vpce_checks.execution.process" in sys.modules:
        from vpce_checks.execution.process import wait_for_all

        wait_for_all()
    os._exit(code)  # taking the interpreter apart would take as long as scanning a small root


def _run(arguments: Sequence[str]) -> int:
    from vpce_checks.cli.errors import UsageError
    from vpce_checks.cli.parser import parse
    from vpce_checks.cli.terminal import put, say

    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # names in an input need not fit the terminal's encoding
            reconfigure(errors="backslashreplace")
    try:
        given = parse(arguments)
        code: int = given.run(given)
        put("")
    except UsageError as error:
        for line in error.lines:
            say(line)
        code = exit_codes.MISUSED
    return code


def _give_up_output() -> None:
    """Keep Python from flushing into a pipe that nobody reads any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
