"""The words of a verdict: the one place that says what statuses, severities and kinds there are."""

from __future__ import annotations

from vpce_checks.base.hints import Literal, TypeAlias, literal_values

Status: TypeAlias = Literal["fail", "pass", "unknown", "ignored"]
"""What a rule says about a resource."""

STATUSES: tuple[Status, ...] = literal_values(Status)

Severity: TypeAlias = Literal["low", "medium", "high"]
"""How much a failure matters."""

SEVERITIES: tuple[Severity, ...] = literal_values(Severity)
"""From what matters least to what matters most."""

RootKind: TypeAlias = Literal["terraform", "terraform-plan", "cloudformation"]
"""What a root is written in."""
