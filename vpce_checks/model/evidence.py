"""Findings and the steps of their why, put in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.model.network import Declaration, Endpoint, Vpc
from vpce_checks.model.tristate import Answer
from vpce_checks.model.values import Cause
from vpce_checks.reach.endpoints import vpc_label
from vpce_checks.rules.finding import Evidence, Finding, Fix, Rule


def declaration(declared: Declaration) -> Iterator[Evidence]:
    """Where an object is declared, and the module calls that lead there, innermost first."""
    calls = list(declared.calls)
    if calls and calls[-1].stub:
        call = calls.pop()
        yield Evidence(f"{declared.address} is created by {call.address}, called here", call.span)
        yield Evidence(f"{call.address} is {call.stub} as vpce-checks knows it (stub)", call.span)
    else:
        yield Evidence(f"{declared.address} is declared here", declared.span)
    for call in reversed(calls):
        yield Evidence(f"through {call.address}, called here", call.span)


def because(causes: Iterable[Cause]) -> tuple[Evidence, ...]:
    """The causes of a doubt as steps."""
    return tuple(Evidence(cause.text, cause.span) for cause in causes)


def setting(declared: Declaration, field: str, set_text: str, omitted_text: str = "") -> Evidence:
    """The line that sets ``field`` of an object, or the object where nothing sets it."""
    place = declared.places.get(field)
    return Evidence(set_text, place) if place is not None else Evidence(omitted_text or set_text, declared.span)


def about_vpc(
    rule: Rule,
    vpc: Vpc,
    status: str,
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
    status: str,
    message: str,
    service: str | None = None,
    why: Iterable[Evidence] = (),
    fix: Fix | None = None,
    severity: str = "",
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
    return causes or (Evidence(f"whether {declared.address} is created cannot be told", declared.span),)


def doubt(answer: Answer, otherwise: str) -> tuple[Evidence, ...]:
    """Why an answer is not certain, or ``otherwise`` where no cause was recorded."""
    return because(answer.causes) or (Evidence(otherwise),)
