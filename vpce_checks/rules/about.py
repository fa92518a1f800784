"""Findings about a VPC or an endpoint: what may not be created does not fail for certain."""

from __future__ import annotations

from collections.abc import Iterable

from vpce_checks.model.evidence import Evidence, because, declaration
from vpce_checks.model.network import Declaration, Endpoint, Vpc
from vpce_checks.model.verdict import Severity, Status
from vpce_checks.reach.endpoints import vpc_label
from vpce_checks.rules.finding import Finding, Fix, Rule


def about_vpc(
    rule: Rule,
    vpc: Vpc,
    status: Status,
    message: str,
    service: str | None = None,
    why: Iterable[Evidence] = (),
    fix: Fix | None = None,
) -> Finding:
    """A finding about a VPC. It holds only if the VPC is created, so a ``fail`` of a VPC that may not be is unknown."""
    steps = (*declaration(vpc.declared), *why)
    if vpc.declared.exists is not True and status in ("fail", "unknown"):
        status, message = "unknown", f"{message}, if the VPC is created"
        steps += _existence(vpc.declared)
    return Finding(rule.id, status, rule.severity, vpc.declared, message, vpc.address, service, _once_each(steps), fix)


def about_endpoint(
    rule: Rule,
    endpoint: Endpoint,
    status: Status,
    message: str,
    service: str | None = None,
    why: Iterable[Evidence] = (),
    fix: Fix | None = None,
    severity: Severity | None = None,
) -> Finding:
    """A finding about an endpoint. As with VPCs, what may not be created does not fail for certain."""
    steps = (*declaration(endpoint.declared), *why)
    if endpoint.declared.exists is not True and status in ("fail", "unknown"):
        status, message = "unknown", f"{message}, if it is created"
        steps += _existence(endpoint.declared)
    level = severity or rule.severity
    return Finding(
        rule.id, status, level, endpoint.declared, message, vpc_label(endpoint), service, _once_each(steps), fix
    )


def _once_each(steps: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The steps without those that say the same of the same line again."""
    found: dict[object, Evidence] = {}
    for step in steps:
        place = (step.span.file, step.span.line) if step.span is not None else None
        found.setdefault((step.text, place), step)
    return tuple(found.values())


def _existence(declared: Declaration) -> tuple[Evidence, ...]:
    opaque = declared.exists
    causes = because(opaque.causes) if opaque is not True else ()
    return causes or (Evidence(f"whether {declared.address} is created cannot be told", declared.span, "cause"),)
