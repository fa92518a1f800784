"""``vpce-checks checkov ARGS...``: Checkov with our rules, in one word."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.plugins.checkov import checks_directory


class NotInstalled(Exception):
    """Checkov is not installed beside us."""


def run_checkov(arguments: Sequence[str]) -> int:
    """Run Checkov's command line with the rules loaded and return its exit code. Raises NotInstalled."""
    try:
        from checkov.main import Checkov
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] != "checkov":
            raise
        raise NotInstalled("Checkov is not installed here: pip install 'vpce-checks[checkov]'") from None
    code = Checkov(["--external-checks-dir", checks_directory(), *arguments]).run()
    return int(code or 0)
