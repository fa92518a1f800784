"""What a change has an effect on, whatever the language: the policy that holds at a place."""

from __future__ import annotations

import os
from collections.abc import Iterable

from vpce_checks.files.containment import is_within
from vpce_checks.policy.load import POLICY_FILES

POLICY_NAMES = frozenset(POLICY_FILES)


def policy_is_affected(changed: Iterable[str], place: str) -> bool:
    """Whether the policy file that holds at ``place`` is among the ``changed`` files, is new or gone."""
    found = (file for file in changed if os.path.basename(file) in POLICY_NAMES)
    return any(is_within(place, os.path.dirname(file)) for file in found)
