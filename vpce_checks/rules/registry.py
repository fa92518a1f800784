"""Find the rules: every file in this folder whose name begins with the id of a rule."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module

from vpce_checks.base.modules import module_names
from vpce_checks.rules.finding import Rule


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, by id. A new rule is a new file ``vpce011_its_name.py`` with a ``RULE``; nothing lists it."""
    return tuple(import_module(f"vpce_checks.rules.{name}").RULE for name in _rule_files())


def rule_ids() -> tuple[str, ...]:
    """Return the id of every rule, without importing the rules."""
    return tuple(name.partition("_")[0].upper() for name in _rule_files())


def _rule_files() -> list[str]:
    return [name for name in module_names(os.path.dirname(__file__)) if name.startswith("vpce")]


def find_rule(word: str) -> Rule | None:
    """Return the rule with the id or name ``word``, in upper or lower case; None if there is none."""
    wanted = word.strip().lower()
    return next((rule for rule in all_rules() if wanted in (rule.id.lower(), rule.name)), None)
