"""The rules that a policy declares itself, as rules like any other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TypeAlias

from vpce_checks.base.record import replace
from vpce_checks.catalog import find_service
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint, Network, Vpc, link
from vpce_checks.model.values import Cause
from vpce_checks.policy import Policy
from vpce_checks.policy.glob import has_wildcard
from vpce_checks.policy.model import Described, OwnRule, VpcMatch
from vpce_checks.policy.own_rules import name_of
from vpce_checks.policy.required import overrides_for, selects
from vpce_checks.reach.coverage import satisfied_by
from vpce_checks.reach.described import fits, own_endpoint
from vpce_checks.reach.endpoints import possible_values, service_label, vpc_label
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint, about_vpc, addition

Selected: TypeAlias = bool | tuple[Cause, ...]
"""Whether a rule is for a VPC, or why that is unknown."""


def declared_rules(policy: Policy) -> tuple[Rule, ...]:
    """Return the rules that ``policy`` declares."""
    return tuple(rule_of(declared) for declared in policy.own_rules)


def rule_of(declared: OwnRule) -> Rule:
    """Return a declared rule as a :class:`Rule`. Its name is made of its title."""
    must = declared.asks == "must_have"
    rule = Rule(
        id=declared.id,
        name=name_of(declared.title, declared.id),
        severity=declared.severity,
        title=declared.title,
        rationale=f"{_asks(declared)}. {declared.why}".rstrip(),
        url=declared.url,
        judges="vpc" if must else "endpoint",
        check=_nothing,
        fix=declared.fix,
    )
    return replace(rule, check=partial(_must_have if must else _must_not_have, rule, declared))


def _nothing(network: Network, subject: object, policy: Policy) -> Iterator[Finding]:
    return iter(())


def _must_have(rule: Rule, declared: OwnRule, network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    selected = selects(declared.match, vpc) if declared.match is not None else True
    if selected is False:
        return
    wanted = declared.endpoint
    what = _describe(wanted)
    service = _shown_service(wanted)
    found = own_endpoint(network, vpc, wanted)
    if found.by is not None:
        yield about_vpc(
            rule, vpc, "pass", f"{vpc.address} has {_article(what)} {what}", service, satisfied_by(found.by)
        )
        return
    doubts = (*found.perhaps, *_doubts(selected))
    near = found.near
    if declared.elsewhere and wanted.service is not None:
        central = _is_central(policy, vpc, wanted.service)
        if central is True:
            return  # a hub VPC serves it, as with VPCE003
        from vpce_checks.reach.hub import hub_endpoint

        hub = hub_endpoint(network, vpc, wanted.service)
        if hub.by is not None:
            message = f"{vpc.address} reaches {wanted.service} through an interface endpoint of another VPC"
            yield about_vpc(rule, vpc, "pass", message, service, hub.why)
            return
        doubts += (*hub.why, *_doubts(central))
        near += hub.near
    if doubts:
        message = f"{vpc.address} may have no {what}"
        yield about_vpc(rule, vpc, "unknown", message, service, (*doubts, *near, _source(declared, selected)))
        return
    message = f"{vpc.address} has no {what}"
    why = (*near, _source(declared, selected))
    yield about_vpc(rule, vpc, "fail", message, service, why, _fix(declared, network, vpc))


def _must_not_have(
    rule: Rule, declared: OwnRule, network: Network, endpoint: Endpoint, policy: Policy
) -> Iterator[Finding]:
    selected = _selected(declared.match, network, endpoint)
    if selected is False:
        return
    service = service_label(endpoint)
    what = _describe(declared.endpoint)
    answer = fits(network, endpoint, declared.endpoint)
    if answer.no:
        yield about_endpoint(rule, endpoint, "pass", f"{endpoint.address} is no {what}", service)
        return
    why = (*because(answer.causes), *_doubts(selected), _source(declared, selected))
    if not answer.yes:
        message = f"{endpoint.address} may be {_article(what)} {what}, which its VPC must not have"
        yield about_endpoint(rule, endpoint, "unknown", message, service, why)
    elif selected is not True:
        message = f"{endpoint.address} is {_article(what)} {what}, which its VPC may have to be without"
        yield about_endpoint(rule, endpoint, "unknown", message, service, why)
    else:
        fix = Fix("text", value=declared.fix or f"remove {endpoint.address}, or change what {rule.id} is about")
        message = f"{endpoint.address} is {_article(what)} {what}, which its VPC must not have"
        yield about_endpoint(rule, endpoint, "fail", message, service, why, fix)


def _selected(match: VpcMatch | None, network: Network, endpoint: Endpoint) -> Selected:
    """Return whether a rule is for the VPC of ``endpoint``: certain only where all VPCs that it may be in agree."""
    if match is None:
        return True
    possible = [value for value in possible_values(endpoint.vpc) if value not in (None, "")]
    addresses = [link(value).address for value in possible]
    answers = [_selects(match, network, address) for address in addresses if address in network.vpc_by_address]
    if answers and len(answers) == len(possible) and all(answer == answers[0] for answer in answers):
        return answers[0]
    name = vpc_label(endpoint) or "the VPC of this endpoint"
    text = f"{name} is created elsewhere, so it is unknown whether the rule is for it"
    return link(endpoint.vpc).causes or (Cause(text, endpoint.declared.span),)


def _selects(match: VpcMatch, network: Network, address: str | None) -> Selected:
    """Return whether ``match`` is for a VPC, which another root may create: a policy names it as that root does."""
    vpc = network.vpc_by_address[address or ""]
    address = vpc.address
    label = next((label for label in network.labels if address.startswith(label)), "")
    if label:
        vpc = replace(vpc, declared=replace(vpc.declared, address=address.removeprefix(label)))
    return selects(match, vpc)


def _is_central(policy: Policy, vpc: Vpc, service: str) -> Selected:
    """Return whether the policy says that a hub VPC serves ``service`` for ``vpc``."""
    entries, causes = overrides_for(policy, vpc)
    answers = {any(item.service == service for item in policy.central_of(entry)) for entry in entries}
    return answers.pop() if len(answers) == 1 else causes


def _doubts(selected: Selected) -> tuple[Evidence, ...]:
    return () if isinstance(selected, bool) else because(selected)


def _source(declared: OwnRule, selected: Selected) -> Evidence:
    asks = "asks for it" if declared.asks == "must_have" else "forbids it"
    if not isinstance(selected, bool):
        asks = f"may be for this VPC and {asks}"
    return Evidence(f"the policy {asks}: {declared.title}", declared.source.span, "policy")


def _fix(declared: OwnRule, network: Network, vpc: Vpc) -> Fix | None:
    """Return how the VPC gets the endpoint: in the words of the rule, or as code if the rule says enough."""
    if declared.fix:
        return Fix("text", value=declared.fix)
    wanted = declared.endpoint
    if wanted.private_dns is not None:
        like = replace(wanted, type=wanted.type or "Interface", private_dns=None)
        other = own_endpoint(network, vpc, like).by  # it has the other private DNS
        if other is not None:
            from vpce_checks.rules.private_dns_fix import private_dns_fix, turn_on

            if wanted.private_dns:
                return turn_on(network, other, vpc)
            return private_dns_fix(network, other, vpc.address, value=False)
    known = find_service(wanted.service) if wanted.service is not None else None
    if known is None or wanted.private_dns is False or wanted.type not in (None, "Gateway", "Interface"):
        return None
    type = wanted.type or ("Interface" if wanted.private_dns or "Gateway" not in known.types else "Gateway")
    return addition(vpc, type.lower(), known.short_name)


def _shown_service(wanted: Described) -> str | None:
    return wanted.service if wanted.service is not None and not has_wildcard(wanted.service) else None


def _describe(wanted: Described) -> str:
    """Return what is asked for, as in "interface endpoint for kms with private DNS on"."""
    words = [f"{wanted.type.lower() if wanted.type in ('Gateway', 'Interface') else wanted.type} endpoint"]
    if wanted.type is None:
        words = ["interface endpoint" if wanted.private_dns is not None else "endpoint"]
    if wanted.service is not None:
        words.append(f"for {wanted.service}")
    if wanted.private_dns is not None:
        words.append(f"with private DNS {'on' if wanted.private_dns else 'off'}")
    return " ".join(words)


def _article(what: str) -> str:
    return "an" if what[:1].lower() in "aeiou" else "a"


def _asks(declared: OwnRule) -> str:
    """Return what the rule asks in a sentence without its end."""
    every = "Each VPC" if declared.asks == "must_have" else "A VPC"
    who = every if declared.match is None else f"A VPC with {declared.match.words}"
    what = _describe(declared.endpoint)
    must = "must have" if declared.asks == "must_have" else "must not have"
    beside = ", its own or one of another VPC that the code leads to" if declared.elsewhere else ""
    return f"{who} {must} {_article(what)} {what}{beside}"
