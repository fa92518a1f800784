"""Find the rules: every file in this folder whose name begins with the id of a rule. And what says that installed packages
have some."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib import import_module

from vpce_checks.base.modules import module_names
from vpce_checks.files.regular import read_regular
from vpce_checks.rules.finding import Rule

ENTRY_POINTS = "vpce_checks.rules"
"""The group of entry points by which installed packages bring rules."""

MAX_BYTES = 1024 * 1024
"""How much of a list of entry points is read."""


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, by id. A new rule is a new file ``vpce011_its_name.py`` with a ``RULE``; nothing lists it."""
    return tuple(import_module(f"vpce_checks.rules.{name}").RULE for name in _rule_files())


def rule_ids() -> tuple[str, ...]:
    """Return the id of every rule, without importing the rules."""
    return tuple(name.partition("_")[0].upper() for name in _rule_files())


def _rule_files() -> list[str]:
    return [name for name in module_names(os.path.dirname(__file__)) if name.startswith("vpce")]


def entry_point_files() -> tuple[str, ...]:
    """Return the files of installed packages that name rules: their lists of entry points with the group ENTRY_POINTS.

    ``importlib.metadata`` would take longer to import than a small scan takes, and hardly anybody has such a package.
    https://packaging.python.org/en/latest/specifications/entry-points/
    """
    found = []
    for directory in dict.fromkeys(os.path.abspath(each) for each in sys.path):
        try:
            names = sorted(os.listdir(directory))
        except OSError:  # not there, or an archive
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                file = os.path.join(directory, name, "entry_points.txt")
                if ENTRY_POINTS.encode() in _start_of(file):
                    found.append(file)
    return tuple(found)


def _start_of(file: str) -> bytes:
    try:
        return read_regular(file, MAX_BYTES)
    except OSError:
        return b""


def find_rule(word: str) -> Rule | None:
    """Return the rule with the id or name ``word``, in upper or lower case; None if there is none."""
    wanted = word.strip().lower()
    return next((rule for rule in all_rules() if wanted in (rule.id.lower(), rule.name)), None)
