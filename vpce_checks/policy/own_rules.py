"""The ids and names of rules of the user's own, and the words in those that a policy declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.base.pattern import pattern
from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.policy.model import Policy

_ID = pattern(r"(?!VPCE)[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
MAX_ID = 60
MAX_NAME = 60

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


def id_problem(text: str) -> str:
    """What is wrong with the id of such a rule; "" if nothing is."""
    if is_own_id(text):
        return ""
    return (
        f"{text[:MAX_ID]!r} cannot be the id of a rule: write capital letters, digits and hyphens as in ORG-NET-1, "
        f"at most {MAX_ID}, and not VPCE at the beginning"
    )


def name_of(title: str, id: str) -> str:
    """The name of a rule, made of its title."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in title.lower()).split()
    name = ""
    for word in words:
        if len(name) + len(word) >= MAX_NAME:
            break
        name = f"{name}-{word}" if name else word
    return name or id.lower()


def undeclared(policy: Policy) -> list[tuple[str, Span | None]]:
    """The ids of users' own rules that a policy names and does not declare, each with its place."""
    declared = {rule.id for rule in policy.own_rules}
    named = [(rule, setting.span) for rule, setting in policy.rules.items()]
    named += [(entry.rule, entry.source.span) for entry in policy.ignore]
    return [(id, span) for id, span in named if id not in declared and is_own_id(id)]


def own_mistakes(policy: Policy, in_python: Iterable[str] | None = ()) -> Iterator[Diagnostic]:
    """An error for each id that two files of one policy declare, or that it names and there is not. ``in_python`` are the ids
    of rules in Python that hold with it; None: they are not known."""
    declared: dict[str, Span | None] = {}
    for rule in policy.own_rules:
        if rule.id in declared:
            yield _error(f"another file of this policy declares the rule {rule.id} too", declared[rule.id])
        else:
            declared[rule.id] = rule.source.span
    if in_python is None:
        return
    known = {*declared, *in_python}
    for id, span in undeclared(policy):
        if id not in known:
            yield _error(f"this policy declares no rule {id}{did_you_mean(id, sorted(known))}", span)


def _error(message: str, span: Span | None) -> Diagnostic:
    return Diagnostic("error", message, span.file if span is not None else "", span.line if span is not None else 1)
