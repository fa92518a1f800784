"""The commands, one file each: ``checkov_dir.py`` is ``vpce-checks checkov-dir``. They are listed nowhere else.

A command's file has two functions. ``add_parser(add)`` calls ``add`` (``add_parser`` of argparse, without the name), adds
the command's options to the parser that it returns, and returns it. ``run(given)`` does the work and returns the exit code.
A command with ``PARSES_ITSELF = True`` finds everything behind its name in ``given.arguments``. ``GROUP`` is the heading, one of
:data:`GROUPS`, under which the help lists it.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias

from vpce_checks.base.modules import module_names
from vpce_checks.base.record import record

FIRST = "scan"
"""The command that most users look for."""

GROUPS = ("judge code", "the policy file", "look up", "inside of other tools")
"""The headings of the help, in order."""

AddParser: TypeAlias = Callable[..., ArgumentParser]


@record
class Command:
    """What the file of a command offers."""

    add_parser: Callable[[AddParser], ArgumentParser]
    run: Callable[[Namespace], int]
    parses_itself: bool
    group: str


def names() -> list[str]:
    """Return the name of every command, in order."""
    return sorted(name.replace("_", "-") for name in module_names(os.path.dirname(__file__)))


def grouped() -> dict[str, list[str]]:
    """Return the names of the commands by their groups, in the order of the help."""
    found: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name in sorted(names(), key=lambda name: (name != FIRST, name)):
        found[load(name).group].append(name)
    return found


def find(word: str) -> Command | None:
    """Return the command ``word``, None if there is none."""
    return load(word) if word in names() else None


def load(name: str) -> Command:
    """Return the command with a name of :func:`names`."""
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    return Command(module.add_parser, module.run, getattr(module, "PARSES_ITSELF", False), module.GROUP)
