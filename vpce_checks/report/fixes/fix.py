"""Write what to add or change, in the language of the configuration."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.base.record import replace
from vpce_checks.model.addresses import leaf
from vpce_checks.model.network import Declaration, Network
from vpce_checks.project.networks import inventory_of, look_up, surroundings_of
from vpce_checks.report.fixes.changes import Removal
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.fixes.published_modules import published_call
from vpce_checks.rules.finding import Finding, Fix


def write_fix(finding: Finding, networks: Sequence[Network]) -> FixText | None:
    """Return the fix of ``finding``; None if it has none. Each is written once, for all formats."""
    fix = finding.fix
    if fix is None:
        return None
    known: dict[int, tuple[Finding, FixText]] = look_up(networks, "fixes", lambda _: {})
    before, written = known.get(id(finding), (None, None))
    if before is not finding or written is None:
        written = _written(fix, finding, networks)
        known[id(finding)] = finding, written  # the finding is kept, so that no other one gets its id
    return written


def _written(fix: Fix, finding: Finding, networks: Sequence[Network]) -> FixText:
    others = _makes_others(fix, finding, networks)
    if others and fix.field == "route_tables":
        return FixText(str(fix.value))
    written = _write(fix, finding, networks)
    if others and written.changes:
        return replace(
            written,
            changes=(),
            by_hand=f"the block of {finding.resource} makes endpoints, too, for which the change is wrong",
        )
    return written


def _makes_others(fix: Fix, finding: Finding, networks: Sequence[Network]) -> bool:
    """Return whether the code that makes the endpoint makes some for which the change is wrong."""
    if fix.kind != "set" or fix.field not in ("private_dns", "route_tables") or fix.value is False:
        return False
    wanted = "Gateway" if fix.field == "route_tables" else "Interface"
    span = finding.about.span
    rows = [row for row, _ in inventory_of(networks).endpoints if row.span == span and row.exists is not False]
    if published_call(finding.about.calls) is not None:  # all that a stub makes is at the call
        return False
    if any(row.type != wanted for row in rows):
        return True
    of_one = len({row.vpc for row in rows}) < 2 and len({row.service for row in rows}) == len(rows)
    if fix.field == "private_dns":  # the services of others may have no private DNS name
        return any(row.service is None for row in rows)
    return not of_one


def _write(fix: Fix, finding: Finding, networks: Sequence[Network]) -> FixText:
    if fix.kind == "text":
        words = FixText(str(fix.value))
        return _in_app_of(words, finding, networks) if finding.status == "fail" else words
    if (
        fix.adds or fix.address == fix.vpc
    ) and finding.resource != fix.vpc:  # the change is of the VPC, or beside it, not beside who calls
        home = surroundings_of(networks, fix).home
        finding = finding if home is None else replace(finding, about=home)
    if fix.address:
        fix = replace(fix, address=inventory_of(networks).made_by(fix.address)[0] or "")
    inventory = inventory_of(networks)
    if inventory.language.startswith("cloudformation"):
        from vpce_checks.report.fixes.fix_cloudformation import cloudformation_fix

        there = _sometimes_there(fix, networks) if fix.kind != "set" and finding.when else None
        written = there or cloudformation_fix(fix, finding, networks)
        if _is_in_a_text(finding.about):
            written = _in_text(written, "the template is the text of a stack set")
        return _in_app_of(written, finding, networks)
    if finding.about.type.startswith("AWS::"):
        from vpce_checks.report.fixes.fix_cloudformation import cloudformation_fix

        written = cloudformation_fix(fix, finding, networks)
        return _in_text(written, "the template is inside of the code of Terraform")
    from vpce_checks.report.fixes.fix_terraform import terraform_fix

    published = published_call(finding.about.calls)
    if fix.kind != "set" and published is not None and published.span.file.endswith(".hcl"):
        from vpce_checks.report.fixes.fix_terragrunt import new_unit

        return FixText(
            new_unit(fix, finding, published, surroundings_of(networks, fix).places),
            "add a unit beside",
            published.span.file,
        )
    written = terraform_fix(fix, finding, networks)
    if inventory.language == "terraform-plan" and written.file == inventory.root:
        where = f"{written.where} the code behind"  # which may be in another folder than the plan
        return replace(written, where=where, changes=(), by_hand="this is a plan; scan the code that it is made of")
    return written


def _is_in_a_text(about: Declaration) -> bool:
    """Return whether something is in a template that stands as a text in the block that deploys it."""
    span = about.span
    return any(
        call.span.file == span.file and call.span.line <= span.line and span.last_line <= call.span.last_line
        for call in about.calls
    )


def _in_text(written: FixText, why: str) -> FixText:
    """Return a fix of a template that stands as a text in other code. A person makes it."""
    where = f"{written.where} the template in" if written.where else ""
    return replace(written, where=where, changes=(), by_hand=why)


def _in_app_of(written: FixText, finding: Finding, networks: Sequence[Network]) -> FixText:
    """Return a fix as a change of the CDK app that writes the template, if one does."""
    if not inventory_of(networks).language.startswith("cloudformation"):
        return written
    from vpce_checks.report.fixes.cdk_app import in_app

    return in_app(written, finding.about)


def _sometimes_there(fix: Fix, networks: Sequence[Network]) -> FixText | None:
    """Return what to do if the endpoint exists in other scenarios: AWS would refuse a second one there."""
    type = "Gateway" if fix.kind == "add-gateway-endpoint" else "Interface"
    for row, when in inventory_of(networks).endpoints:
        if when and not row.foreign and row.service == fix.service and row.vpc == fix.vpc and row.type == type:
            if row.exists is None:
                return FixText(
                    f"create {row.address} always; cannot determine whether it exists when {' and '.join(when)}"
                )
            text = f"create {row.address} always, not only when {' and '.join(when)}"
            return FixText(text, changes=(Removal(row.span.file, leaf(row.address), "Condition"),))
    return None
