"""The rules in Checkov: our engine decides, Checkov selects, suppresses and reports.

Checkov evaluates too little of a configuration to know what it deploys, so its checks are not given its values: each
asks the verdicts of one scan for the resource at hand. See ``checks`` for what Checkov calls, ``verdicts`` for how
its resources and our findings come together.
"""

from __future__ import annotations

import os
import sys

FRAMEWORKS = ("terraform", "terraform_json", "terraform_plan", "cloudformation", "serverless")
"""What Checkov calls the languages that there are rules for."""

MAX_FRAMES = 40


def register() -> None:
    """Hand the rules to Checkov, once a process.

    Checkov loads external checks in a process of its own for each of twenty frameworks; where the rules cannot be of
    use they are not imported.
    """
    if _framework() in (None, *FRAMEWORKS):
        from vpce_checks.plugins.checkov.checks import register_all

        register_all()


def _framework() -> str | None:
    """The framework that Checkov is loading checks for, as its runner says that is calling; None if none says so."""
    frame = sys._getframe(1)
    for _ in range(MAX_FRAMES):
        if frame.f_back is None:
            break
        frame = frame.f_back
        runner = frame.f_locals.get("self")
        framework = getattr(runner, "check_type", None)
        if isinstance(framework, str) and hasattr(runner, "run"):
            return str(framework)
    return None


def checks_directory() -> str:
    """The directory for ``checkov --external-checks-dir``."""
    from vpce_checks.policy import policies_directory

    return os.path.join(policies_directory(), "checkov")
