"""Judge an endpoint that the policy requires for a VPC: what VPCE001, VPCE002 and VPCE003 share."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import record, replace
from vpce_checks.catalog import is_gateway_service
from vpce_checks.model.evidence import Evidence, because, setting
from vpce_checks.model.network import Network, Vpc
from vpce_checks.model.verdict import Group, Severity
from vpce_checks.policy import Policy, Required, Undecided, required_for
from vpce_checks.reach.coverage import Coverage, coverage, satisfied_by
from vpce_checks.reach.endpoints import truth
from vpce_checks.rules.finding import Finding, Fix, Rule, about_vpc, addition

GATEWAY_NAMES = {"s3": "S3", "dynamodb": "DynamoDB"}


@record
class _Need:
    """The policy speaks of an endpoint of ``type`` ("gateway" or "interface") for ``service``, and ``required`` says how."""

    type: str
    service: str
    required: Required

    @property
    def undecided(self) -> Undecided | None:
        """Why it may or may not be required, if that is not decided."""
        named = (self.type, self.service)
        return next((item for item in self.required.undecided if (item.type, item.service) == named), None)

    @property
    def words(self) -> str:
        """What messages call the endpoint."""
        if self.type == "gateway":
            return f"gateway endpoint for {GATEWAY_NAMES.get(self.service, self.service)}"
        return f"interface endpoint for {self.service}"


def judge_gateway(rule: Rule, service: str, network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    """Judge the gateway endpoint for ``service``, if the policy requires it for ``vpc``."""
    required = required_for(policy, vpc)
    if ("gateway", service) in required.sources:
        yield from _judge(rule, network, vpc, policy, _Need("gateway", service, required))


def judge_interfaces(rule: Rule, network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    """Judge every interface endpoint that the policy requires for ``vpc``."""
    required = required_for(policy, vpc)
    for type, service in required.sources:
        if type == "interface":
            yield from _judge(rule, network, vpc, policy, _Need(type, service, required))


def _judge(rule: Rule, network: Network, vpc: Vpc, policy: Policy, need: _Need) -> Iterator[Finding]:
    type, service, required = need.type, need.service, need.required
    article, what = "an" if type == "interface" else "a", need.words
    undecided = need.undecided
    if service not in getattr(required, type) and undecided is None:
        if service in required.exempt:
            reason = required.exempt[service]
            message = f"the policy does not require {article} {what} for {vpc.address}: {reason}"
            exempt = about_vpc(rule, vpc, "ignored", message, service)
            yield replace(exempt, ignored_by="exemption", reason=reason)
        return  # if it is not exempt, a hub VPC serves it
    found = coverage(network, vpc, service, type.capitalize())
    if found.by is not None:
        yield about_vpc(rule, vpc, "pass", f"{vpc.address} has {article} {what}", service, satisfied_by(found.by))
        return
    if type == "interface" and _has_names(network):
        from vpce_checks.reach.hub import hub_endpoint

        hub = hub_endpoint(network, vpc, service)
        if hub.by is not None:
            message = f"{vpc.address} reaches {service} through an interface endpoint of another VPC"
            passed = about_vpc(rule, vpc, "pass", message, service, hub.why)
            yield replace(passed, served_by=hub.by.address)
            return
        found = replace(found, perhaps=(*found.perhaps, *hub.why), near=(*found.near, *hub.near))
    asked = tuple(_asked(need))
    fix = _remedy(vpc, type, service, found)
    idle = vpc.default and _is_idle(network, vpc)
    severity: Severity | None = "low" if idle else None
    group: Group | None = "default-vpc" if idle else None
    if found.perhaps or undecided is not None:
        message = f"{vpc.address} may have no {what}"
        why = (*found.perhaps, *found.near, *asked)
        yield about_vpc(rule, vpc, "unknown", message, service, why, severity=severity, group=group)
        return
    message = f"{vpc.address} has no {what}{_other_type(found)}"
    if idle:
        line = f"vpcs: [{{match: {{default: true}}, {type}: []}}]"
        message += f"; it is a default VPC that nothing here uses: to leave these out, put {line} into the policy"
    missing = about_vpc(
        rule, vpc, "fail", message, service, (*found.near, *_dns_first(vpc, type), *asked), fix, severity, group
    )
    if network.parts:
        from vpce_checks.rules.workload_calls import with_callers

        missing = with_callers(missing, network, vpc, policy, service)
    yield missing


def _remedy(vpc: Vpc, type: str, service: str, found: Coverage) -> Fix:
    """Return how the VPC gets the endpoint: a new one, unless one that is there would do with the only type that there is."""
    other = found.other_type
    if other is None or type == "gateway" or is_gateway_service(service):
        return addition(vpc, type, service)
    return Fix("text", address=other.address, value=f"make {other.address} an interface endpoint")


def _dns_first(vpc: Vpc, type: str) -> Iterator[Evidence]:
    """Yield the DNS attributes of the VPC that are certainly off and without which the new endpoint does not help.

    A gateway endpoint works with addresses, but clients must find them: with DNS support off, the resolver of the VPC does
    not answer. AWS refuses an interface endpoint with private DNS if either attribute is off.
    https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
    """
    if truth(vpc.enable_dns_support, default=True).no:
        needs = (
            "the endpoint also needs"
            if type == "interface"
            else "unless clients have a DNS server of their own, they need"
        )
        text = f"DNS support of {vpc.address} is off: {needs} it on"
        yield setting(vpc.declared, "enable_dns_support", text)
    if type == "interface" and truth(vpc.enable_dns_hostnames).no:
        text = f"DNS hostnames of {vpc.address} are off: private DNS of the endpoint needs them on"
        yield setting(vpc.declared, "enable_dns_hostnames", text)


def _has_names(network: Network) -> bool:
    """Whether anything here may lead a host name to an endpoint of another VPC."""
    return bool(
        network.zone_records
        or network.hosted_zones
        or network.zone_associations
        or network.profile_associations
        or network.resolver_rule_associations
        or any(module.leads for module in network.opaque_modules)
    )


def fails_already(network: Network, vpc: Vpc, policy: Policy, service: str) -> bool:
    """Return whether VPCE001, VPCE002 or VPCE003 is on and fails for ``service``. Its finding names the callers."""
    required = required_for(policy, vpc)
    for type, rule in (("gateway", _GATEWAY_RULES.get(service)), ("interface", "VPCE003")):
        if rule is None or policy.is_off(rule) or service not in getattr(required, type):
            continue
        if coverage(network, vpc, service, type.capitalize()).status == "fail" and vpc.declared.exists is True:
            return not (type == "interface" and _hub_may_serve(network, vpc, service))
    return False


def _hub_may_serve(network: Network, vpc: Vpc, service: str) -> bool:
    if not _has_names(network):
        return False
    from vpce_checks.reach.hub import hub_endpoint

    hub = hub_endpoint(network, vpc, service)
    return hub.by is not None or bool(hub.why)


_GATEWAY_RULES = {"s3": "VPCE001", "dynamodb": "VPCE002"}


def _is_idle(network: Network, vpc: Vpc) -> bool:
    from vpce_checks.workloads.default_vpcs import user_of  # few roots adopt a default VPC

    return user_of(network, vpc) is None


def _other_type(found: Coverage) -> str:
    if found.other_type is None:
        return ""
    kind = "interface" if found.other_type.type == "Interface" else "gateway"
    return f"; the {kind} endpoint {found.other_type.address} does not count"


def _asked(need: _Need) -> Iterator[Evidence]:
    """Yield the line of the policy that requires the endpoint, and why that line may not be for this VPC."""
    source, undecided = need.required.source(need.type, need.service), need.undecided
    if source is not None:
        yield Evidence(f"{source.text} {'may require' if undecided else 'requires'} it", source.span, "policy")
    if undecided is not None:
        yield from because(undecided.causes)
