"""What to add or change, written in the configuration's own language."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.network import Network
from vpce_checks.rules.finding import Finding


def fix_text(finding: Finding, networks: Sequence[Network]) -> str | None:
    """The fix of ``finding`` as a snippet for the file that it is about, or in words; None where it has none."""
    fix = finding.fix
    if fix is None:
        return None
    if fix.kind == "text":
        return str(fix.value)
    if networks[0].language.startswith("cloudformation"):
        from vpce_checks.report.fix_cloudformation import cloudformation_fix

        return cloudformation_fix(fix, finding, networks)
    from vpce_checks.report.fix_terraform import terraform_fix

    return terraform_fix(fix, finding, networks[0])
