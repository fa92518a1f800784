"""The rules in Checkov: our engine decides, Checkov selects, suppresses and reports.

Checkov evaluates too little of a configuration to know what it deploys, so its checks are not given its values: each
asks the verdicts of one scan for the resource at hand. See ``checks`` for what Checkov calls, ``verdicts`` for how
its resources and our findings come together.
"""

from __future__ import annotations

import os
import sys
from typing import Any

FRAMEWORKS = ("terraform", "terraform_json", "terraform_plan", "cloudformation", "serverless")
"""What Checkov calls the languages that there are rules for."""

MAX_FRAMES = 40


def register() -> None:
    """Hand the rules to Checkov, once a process.

    Checkov loads external checks in a process of its own for each of twenty frameworks; where the rules cannot be of
    use they are not imported.
    """
    runner = _runner()
    if runner is not None and runner.check_type not in FRAMEWORKS:
        return
    from vpce_checks.plugins.checkov.checks import complete, register_all
    from vpce_checks.plugins.checkov.records import follow

    register_all()
    if runner is not None:
        follow(runner, complete)


def _runner() -> Any:
    """The runner that Checkov is loading checks for; None if none is calling."""
    frame = sys._getframe(1)
    for _ in range(MAX_FRAMES):
        if frame.f_back is None:
            break
        frame = frame.f_back
        runner = frame.f_locals.get("self")
        if isinstance(getattr(runner, "check_type", None), str) and hasattr(runner, "run"):
            return runner
    return None


def checks_directory() -> str:
    """The directory for ``checkov --external-checks-dir``."""
    from vpce_checks.policy import policies_directory

    return os.path.join(policies_directory(), "checkov")
