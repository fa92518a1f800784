"""``python -m vpce_checks``."""

from vpce_checks.cli import run

run()
