"""The commands, one file each: ``checkov_dir.py`` is ``vpce-checks checkov-dir``. They are listed nowhere else.

A command's file has two functions. ``add_parser(add)`` calls ``add`` (``add_parser`` of argparse, without the name), adds
the command's options to the parser that it returns, and returns it. ``run(given)`` does the work and returns the exit code.
A command with ``PARSES_ITSELF = True`` finds everything behind its name in ``given.arguments``.
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

AddParser: TypeAlias = Callable[..., ArgumentParser]


@record
class Command:
    """What the file of a command offers."""

    add_parser: Callable[[AddParser], ArgumentParser]
    run: Callable[[Namespace], int]
    parses_itself: bool


def names() -> list[str]:
    """Return the name of every command, in the order of the help."""
    found = (name.replace("_", "-") for name in module_names(os.path.dirname(__file__)))
    return sorted(found, key=lambda name: (name != FIRST, name))


def find(word: str) -> Command | None:
    """Return the command ``word``, None if there is none."""
    return load(word) if word in names() else None


def load(name: str) -> Command:
    """Return the command with a name of :func:`names`."""
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    return Command(module.add_parser, module.run, getattr(module, "PARSES_ITSELF", False))
