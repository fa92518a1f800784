"""What a change has an effect on, whatever the language: the policy that holds at a place."""

from __future__ import annotations

import os
from collections.abc import Iterable

from vpce_checks.files.containment import is_within
from vpce_checks.policy import POLICY_FILES, Policy

POLICY_NAMES = frozenset(POLICY_FILES)


def policy_is_affected(changed: Iterable[str], place: str, above: Iterable[Policy]) -> bool:
    """Whether the policy file that holds at ``place`` is among the ``changed`` files, is new or gone; or whether one of the
    changed files is in a directory of rules that a policy of ``above`` names."""
    directories = [entry.directory for policy in above for entry in policy.rules_dirs]
    return any(
        (os.path.basename(file) in POLICY_NAMES and is_within(place, os.path.dirname(file)))
        or any(is_within(file, directory) for directory in directories)
        for file in changed
    )
