"""``python -m vpce_checks``."""

from vpce_checks.cli.main import run

run()
