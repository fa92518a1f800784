"""``vpce-checks checkov ARGS...``: Checkov with our rules, in one word."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.plugins.checkov import checks_directory
from vpce_checks.plugins.errors import ForeignCode, NotInstalled

_FROM_GIT = "--external-checks-git"


def run_checkov(arguments: Sequence[str]) -> int:
    """Run Checkov's command line with the rules loaded and return its exit code. Raises NotInstalled, ForeignCode.

    Checkov takes options from a file ``.checkov.yaml`` in what it scans. Of those that make it run code,
    ``external-checks-dir`` has no effect beside ours; ``external-checks-git`` is refused.
    """
    try:
        from checkov.main import Checkov
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] != "checkov":
            raise
        raise NotInstalled(
            "Checkov is not installed here; install it beside vpce-checks: pip install checkov"
        ) from None
    checkov = Checkov(["--external-checks-dir", checks_directory(), *arguments])
    if checkov.config.external_checks_git and not any(text.startswith(_FROM_GIT) for text in arguments):
        raise ForeignCode(
            f"Checkov's configuration file names code to run ({_FROM_GIT[2:]}), and it may come from the scanned "
            f"repository; give {_FROM_GIT} on the command line instead"
        )
    return int(checkov.run() or 0)
