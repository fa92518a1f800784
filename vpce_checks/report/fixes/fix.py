"""What to add or change, written in the configuration's own language."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.model.network import Network
from vpce_checks.project.networks import inventory_of
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.rules.finding import Finding, Fix


def write_fix(finding: Finding, networks: Sequence[Network]) -> FixText | None:
    """The fix of ``finding``; None where it has none."""
    fix = finding.fix
    if fix is None:
        return None
    if fix.kind == "text":
        return FixText(str(fix.value))
    file = finding.about.span.file
    inventory = inventory_of(networks)
    if inventory.language.startswith("cloudformation"):
        from vpce_checks.report.fixes.fix_cloudformation import cloudformation_fix

        there = _sometimes_there(fix, networks) if fix.kind != "set" and finding.when else None
        if there:
            return FixText(there)
        return FixText(cloudformation_fix(fix, finding, networks), "change in" if fix.kind == "set" else "add to", file)
    from vpce_checks.report.fixes.fix_terraform import published_call, terraform_fix

    published = published_call(finding.about.calls)
    if fix.kind != "set" and published is not None and published.span.file.endswith(".hcl"):
        from vpce_checks.report.fixes.fix_terragrunt import new_unit

        return FixText(new_unit(fix, finding, published), "add a unit beside", published.span.file)
    written = terraform_fix(fix, finding, networks)
    if inventory.language == "terraform-plan" and written.file == inventory.root:
        return written._replace(where=f"{written.where} the code behind")  # which does not lie beside the plan
    return written


def _sometimes_there(fix: Fix, networks: Sequence[Network]) -> str | None:
    """An endpoint that is there in other scenarios: a second one beside it would be refused there."""
    type = "Gateway" if fix.kind == "add-gateway-endpoint" else "Interface"
    for row, when in inventory_of(networks).endpoints:
        if when and not row.foreign and row.service == fix.service and row.vpc == fix.vpc and row.type == type:
            return f"create {row.address} always, not only when {' and '.join(when)}"
    return None
