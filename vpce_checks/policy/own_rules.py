"""The ids of the rules that a policy declares itself, and the words in them."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.pattern import pattern
from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.policy.model import Policy

_ID = pattern(r"(?!VPCE)[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
MAX_ID = 60

TYPES = {
    "gateway": "Gateway",
    "interface": "Interface",
    "gatewayloadbalancer": "GatewayLoadBalancer",
    "resource": "Resource",
    "servicenetwork": "ServiceNetwork",
    "tunnel": "Tunnel",
}
"""The types of endpoints as a policy writes them, and as AWS does."""

WITHOUT_PRIVATE_DNS = ("gateway", "gatewayloadbalancer", "tunnel")


def is_own_id(text: str) -> bool:
    """Whether ``text`` has the form of the id of such a rule: ``ORG-NET-1``."""
    return len(text) <= MAX_ID and _ID.fullmatch(text) is not None


def own_ids(policy: Policy) -> tuple[str, ...]:
    """The ids of the rules that a policy declares."""
    return tuple(rule.id for rule in policy.own_rules)


def own_mistakes(policy: Policy) -> Iterator[Diagnostic]:
    """An error for each id that two files of one policy declare, or that it names and does not declare."""
    declared: dict[str, Span | None] = {}
    for rule in policy.own_rules:
        if rule.id in declared:
            yield _error(f"another file of this policy declares the rule {rule.id} too", declared[rule.id])
        else:
            declared[rule.id] = rule.source.span
    named = [(rule, setting.span) for rule, setting in policy.rules.items()]
    named += [(entry.rule, entry.source.span) for entry in policy.ignore]
    for id, span in named:
        if id not in declared and is_own_id(id):
            yield _error(f"this policy declares no rule {id}{did_you_mean(id, declared)}", span)


def _error(message: str, span: Span | None) -> Diagnostic:
    return Diagnostic("error", message, span.file if span is not None else "", span.line if span is not None else 1)
