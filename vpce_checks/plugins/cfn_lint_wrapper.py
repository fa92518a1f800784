"""``vpce-checks cfn-lint ARGS...``: cfn-lint with our rules, in one word."""

from __future__ import annotations

import os
from collections.abc import Sequence

from vpce_checks.plugins.errors import ForeignCode, NotInstalled

_OPTION = "--append-rules"


def rules_directory() -> str:
    """The directory for ``cfn-lint --append-rules``."""
    from vpce_checks.policy import policies_directory

    return os.path.join(policies_directory(), "cfn-lint")


def run_cfn_lint(arguments: Sequence[str]) -> int:
    """Run cfn-lint's command line with the rules loaded and return its exit code. Raises NotInstalled, ForeignCode.

    cfn-lint takes options from files such as ``.cfnlintrc`` in the current directory. What ``append_rules`` names there
    is code that it runs, and with ``merge_configs`` it does so beside the directories of the command line: refused.
    """
    try:
        from cfnlint.config import ConfigMixIn
        from cfnlint.runner import Runner
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] != "cfnlint":
            raise
        raise NotInstalled(
            "cfn-lint is not installed here; install it beside vpce-checks: pip install cfn-lint"
        ) from None
    # With "=", no argument that follows is taken for another directory.
    config = ConfigMixIn([f"{_OPTION}={rules_directory()}", *arguments])
    _, *directories = config.append_rules  # the first one is cfn-lint's own
    given = config.cli_args.append_rules
    if any(directory not in given for directory in directories):
        raise ForeignCode(
            f"cfn-lint's configuration file names code to run ({_OPTION[2:]}), and it may come from the scanned "
            f"repository; give {_OPTION} on the command line instead"
        )
    try:
        Runner(config).cli()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    return 0
