"""The rules in Checkov: our engine decides, Checkov selects, suppresses and reports.

Checkov evaluates too little of a configuration to tell what it deploys, so its checks are not given its values: each
asks the verdicts of one scan for the resource at hand. See ``checks`` for what Checkov calls, ``verdicts`` for how
its resources and our findings come together.
"""

from __future__ import annotations

import os


def register() -> None:
    """Hand the rules to Checkov, once a process."""
    from vpce_checks.plugins.checkov.checks import register_all

    register_all()


def checks_directory() -> str:
    """The directory for ``checkov --external-checks-dir``."""
    from vpce_checks.policy import policies_directory

    return os.path.join(policies_directory(), "checkov")
