"""The words of a verdict: the one place that says what statuses, severities and kinds there are."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Status: TypeAlias = Literal["fail", "pass", "unknown", "ignored"]
"""What a rule says about a resource."""

STATUSES: tuple[Status, ...] = get_args(Status)

Severity: TypeAlias = Literal["low", "medium", "high"]
"""How much a failure matters."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From what matters least to what matters most."""


def higher(one: Severity, other: Severity) -> Severity:
    """Return the severity that matters more."""
    return max(one, other, key=SEVERITIES.index)


IgnoredBy: TypeAlias = Literal["comment", "policy", "exemption", "baseline", "comparison"]
"""Who asks for a finding to be ignored: a comment in the code, ``ignore`` or ``exempt`` of the policy, a baseline, or the
comparison with an earlier state (``--changed-since``)."""

EvidenceKind: TypeAlias = Literal["declaration", "call", "fact", "cause", "policy", "ignored"]
"""What a step of evidence is: where the resource is declared; a call on the way there; a fact that speaks for the verdict;
why something is not known; what of the policy asks for it; why it is not to be acted on."""

FixKind: TypeAlias = Literal["add-gateway-endpoint", "add-interface-endpoint", "set", "text"]
"""What a fix does: add an endpoint, set a field of an object, or say in words what to do."""

Group: TypeAlias = Literal["default-vpc"]
"""Findings that belong together: those about default VPCs that the code adopts and nothing of it uses."""

RootKind: TypeAlias = Literal["terraform", "terraform-plan", "cloudformation"]
"""What a root is written in."""
