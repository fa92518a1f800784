"""VPCE010: AWS refuses the private DNS of an endpoint: another endpoint or a zone has the name, or there can be none."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import chain, takewhile
from typing import Literal

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence, because, setting
from vpce_checks.model.network import Endpoint, Network, link
from vpce_checks.model.tristate import TriState, all_of, any_of
from vpce_checks.model.values import Value
from vpce_checks.policy import Policy
from vpce_checks.reach.coverage import gateway_beside
from vpce_checks.reach.endpoints import (
    exists,
    has_type,
    identity_of,
    may_be_deployed,
    may_repeat_at,
    same_names,
    same_vpc,
    service_label,
    sole_service,
    truth,
)
from vpce_checks.reach.indexes import once
from vpce_checks.reach.opaque import opaque_may_add_endpoint
from vpce_checks.reach.private_dns import TYPES_WITHOUT, private_dns
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint

MAX_COMPARED = 1_000
"""How many other endpoints one endpoint is compared with at most, to bound the time."""

_Sort = Literal["here", "elsewhere", "id", "open"]
"""How a VPC is named: created here, named by other code, written out as an id, or not known."""

_MAY_BE: Mapping[_Sort, tuple[_Sort, ...]] = {
    "here": ("open",),
    "elsewhere": ("elsewhere", "id", "open"),
    "id": ("elsewhere", "open"),
    "open": ("here", "elsewhere", "id", "open"),
}
"""The sorts of VPCs with another key that may be the same."""


@record
class _Asking:
    """An endpoint that asks, or may ask, for private DNS. ``place`` is its position among the endpoints."""

    place: int
    endpoint: Endpoint
    asks: TriState
    short: str | None

    def is_after(self, other: _Asking) -> bool:
        """Whether ``other`` is declared before this one."""
        return other.place < self.place

    def is_before(self, other: _Asking) -> bool:
        """Whether ``other`` is declared after this one."""
        return other.place > self.place


@record
class _AllAsking:
    """The endpoints of a network that may ask for private DNS, in order of declaration: by ``id()`` of the endpoint, by VPC
    and service, and by sort of VPC and service (None: not known)."""

    by_identity: dict[int, _Asking]
    by_vpc: dict[tuple[Hashable, str | None], list[_Asking]]
    by_sort: dict[tuple[_Sort, str | None], list[_Asking]]


@record
class _Problem:
    status: Literal["fail", "unknown"]
    text: str
    why: tuple[Evidence, ...]
    fix: Fix | None = None


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an interface endpoint with private DNS: compare it with those declared before it, and check S3 on its own.

    A conflict is reported for the endpoint declared last. The others do not pass either, because the order of creation
    decides which one AWS refuses.
    """
    asking = once(network, "asking for private dns", lambda: _all_asking(network))
    each = asking.by_identity.get(id(endpoint))
    if each is None:
        return
    if each.short is None or not has_type(endpoint, "Interface").possible:
        yield from _refused_anyway(network, each)
        return
    problems = [
        *_twice(each, takewhile(each.is_after, _of_same_vpc(each, asking))),
        *_perhaps_twice(each, (takewhile(each.is_after, group) for group in _perhaps_of_same_vpc(each, asking))),
        *_repeated(each),
        *_inbound_only(network, endpoint, each.asks),
        *_refused(network, each),
    ]
    problem = min(problems, key=lambda item: (item.status, not item.text), default=None)  # "fail" comes first
    if problem is not None:
        if problem.text:
            message = f"{endpoint.address} {problem.text}"
            label = service_label(endpoint)
            yield about_endpoint(RULE, endpoint, problem.status, message, label, problem.why, problem.fix)
        return
    from vpce_checks.reach.refusals import zones_are_known

    clashes = chain(
        _twice(each, takewhile(each.is_before, reversed(_of_same_vpc(each, asking)))),
        _perhaps_twice(
            each, (takewhile(each.is_before, reversed(group)) for group in _perhaps_of_same_vpc(each, asking))
        ),
    )
    if (
        next(clashes, None) is None
        and zones_are_known(network, endpoint)
        and not opaque_may_add_endpoint(network, endpoint.vpc)
    ):
        message = f"no private DNS conflict for {endpoint.address}"
        yield about_endpoint(RULE, endpoint, "pass", message, service_label(endpoint))


def _refused_anyway(network: Network, each: _Asking) -> Iterator[Finding]:
    """Judge an endpoint that no service of AWS decides about: for a service of one's own, or of a type without names."""
    problem = next((found for found in _refused(network, each) if found.status == "fail"), None)
    if problem is not None:
        endpoint = each.endpoint
        message = f"{endpoint.address} {problem.text}"
        yield about_endpoint(RULE, endpoint, "fail", message, service_label(endpoint), problem.why, problem.fix)


def _refused(network: Network, each: _Asking) -> Iterator[_Problem]:
    """Yield the problem with each reason for which AWS refuses, or may refuse, the private DNS of an endpoint."""
    from vpce_checks.reach.refusals import refusals

    for refusal in refusals(network, each.endpoint):
        answer = all_of((each.asks, refusal.answer))
        on = setting(each.endpoint.declared, "private_dns", "private DNS is on")
        if answer.yes:
            from vpce_checks.rules.private_dns_fix import private_dns_fix

            fix = private_dns_fix(network, each.endpoint, value=False)
            yield _Problem("fail", f"has private DNS on, but {refusal.text}", (on, *refusal.why), fix)
        elif answer.possible and refusal.answer.possible:
            text = f"may have private DNS on, but {refusal.text}" if refusal.answer.yes else ""
            yield _Problem("unknown", text, (on, *refusal.why, *because(answer.causes)))


def _all_asking(network: Network) -> _AllAsking:
    found = _AllAsking({}, {}, {})
    for place, endpoint in enumerate(network.endpoints):
        types = ("Interface", *TYPES_WITHOUT)
        asks = all_of((any_of(has_type(endpoint, type) for type in types), private_dns(network, endpoint).on))
        if endpoint.service_name is not None and not asks.no:
            each = _Asking(place, endpoint, asks, sole_service(endpoint).short)
            found.by_identity[id(endpoint)] = each
            found.by_vpc.setdefault((identity_of(endpoint.vpc), each.short), []).append(each)
            found.by_sort.setdefault((_sort_of(endpoint.vpc), each.short), []).append(each)
    return found


def _sort_of(vpc: Value) -> _Sort:
    linked = link(vpc)
    if not linked.certain:
        return "open"
    return "here" if linked.address is not None else "id" if isinstance(vpc, str) else "elsewhere"


def _of_same_vpc(each: _Asking, asking: _AllAsking) -> list[_Asking]:
    """Return the endpoints of the same service and VPC, ``each`` among them."""
    return asking.by_vpc[identity_of(each.endpoint.vpc), each.short]


def _perhaps_of_same_vpc(each: _Asking, asking: _AllAsking) -> Iterator[list[_Asking]]:
    """Yield groups of endpoints that may be of the same service and VPC."""
    own = identity_of(each.endpoint.vpc)
    yield asking.by_vpc.get((own, None), [])
    for sort in _MAY_BE[_sort_of(each.endpoint.vpc)]:
        for short in (each.short, None):
            yield asking.by_sort.get((sort, short), [])


def _twice(each: _Asking, others: Iterable[_Asking]) -> Iterator[_Problem]:
    """Yield the problem with each other endpoint that has, or may have, the same private DNS name in the same VPC."""
    endpoint = each.endpoint
    for count, other_asking in enumerate(others):
        if count == MAX_COMPARED:
            yield _Problem("unknown", "", ())
            return
        other = other_asking.endpoint
        service = same_names(endpoint, other)
        place = same_vpc(endpoint, other)
        clash = all_of((service, place, each.asks, other_asking.asks, exists(other.declared)))
        if clash.no:
            continue
        step = Evidence(f"{other.address} already uses this private DNS name", other.declared.span)
        if clash.yes:
            text = (
                f"has private DNS on, but {other.address} for {service_label(endpoint)} in the same VPC has it on too"
            )
            yield _Problem(
                "fail", text, (step,), Fix("text", value="turn private DNS off for one of the two endpoints")
            )
            return
        elif service.yes and place.yes and not may_be_deployed(other):
            text = f"and {other.address} for {service_label(endpoint)} may both have private DNS on in the same VPC"
            yield _Problem("unknown", text, (step, *because(clash.causes)))
        else:
            yield _Problem("unknown", "", ())


def _repeated(each: _Asking) -> Iterator[_Problem]:
    """Yield the problem of one declaration that may make several endpoints with the same private DNS name in one VPC."""
    home = link(each.endpoint.vpc)
    place = home.address or home.external
    if place is not None and may_repeat_at(each.endpoint, place) and each.asks.yes:
        label = service_label(each.endpoint)
        step = Evidence("how often count or for_each makes it is not known", each.endpoint.declared.span, "cause")
        yield _Problem("unknown", f"may exist more than once in {place}, each with private DNS on for {label}", (step,))


def _perhaps_twice(each: _Asking, groups: Iterable[Iterable[_Asking]]) -> Iterator[_Problem]:
    """Yield one problem if an endpoint may have the same private DNS name in the same VPC. It is too uncertain to report."""
    for count, other in enumerate(chain.from_iterable(groups)):
        is_same = same_names(each.endpoint, other.endpoint), same_vpc(each.endpoint, other.endpoint)
        answers = (*is_same, each.asks, other.asks)
        if count == MAX_COMPARED or not all_of(answers).no:
            yield _Problem("unknown", "", ())
            return


def _inbound_only(network: Network, endpoint: Endpoint, asks: TriState) -> Iterator[_Problem]:
    """Yield the problem of an S3 endpoint whose private DNS serves only the inbound Resolver endpoint.

    All other callers then need an S3 gateway endpoint.
    """
    if sole_service(endpoint).short != "s3":
        return
    wanted = truth(endpoint.dns_inbound_only)
    unsaid = endpoint.dns_inbound_only is None
    if wanted.no and not unsaid:
        return
    beside = gateway_beside(network, endpoint, "s3")
    if beside.by is not None:
        return
    where = setting(endpoint.declared, "dns_inbound_only", "private DNS is limited to the inbound Resolver endpoint")
    # A gateway endpoint is for the region of its VPC only.
    elsewhere = f" in {endpoint.service_region}" if isinstance(endpoint.service_region, str) else ""
    text = f"limits private DNS to the inbound Resolver endpoint, but its VPC has no gateway endpoint for S3{elsewhere}"
    if wanted.yes and asks.yes and not beside.perhaps:
        fix = Fix("set", address=endpoint.address, field="dns_inbound_only", value=False)
        yield _Problem("fail", text, (where, *beside.near), fix)
        return
    if unsaid:
        # The default of AWS is the inbound endpoint only. It is not documented that every tool keeps that default.
        text = f"does not turn on private DNS for all callers, and its VPC has no gateway endpoint for S3{elsewhere}"
        where = Evidence("private_dns_only_for_inbound_resolver_endpoint is not set", endpoint.declared.span)
        if beside.perhaps:
            text = ""
    else:
        text = f"may limit {text.removeprefix('limits ')}"
    yield _Problem("unknown", text, (where, *because(wanted.causes), *because(asks.causes), *beside.perhaps))


RULE = Rule(
    id="VPCE010",
    name="private-dns-conflict",
    severity="high",
    title="AWS refuses the private DNS of an endpoint",
    rationale=(
        "A private DNS name leads to one endpoint. If two interface endpoints in one VPC are for the same service and "
        "both have private DNS on, AWS refuses the second one. AWS also refuses it if a private hosted zone of the very "
        "name is associated with the VPC, if the service has no private DNS name (DynamoDB, and endpoint services of "
        "one's own that set none), and for Gateway Load Balancer endpoints. An S3 interface endpoint can limit its private DNS "
        "names to the inbound Resolver endpoint, so to callers outside the VPC. AWS then requires an S3 gateway "
        "endpoint in the VPC for the callers inside."
    ),
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html",
    judges="endpoint",
    check=check,
    fix="Leave private DNS on for one of the endpoints, and set it off for the others.",
    ignore_when="There is no good reason: AWS refuses the second endpoint.",
    limits="Endpoints that somebody made by hand.",
    bad="""\
resource "aws_vpc_endpoint" "ssm" {
  count               = 2
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}
""",
    good="""\
resource "aws_vpc_endpoint" "ssm" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}
""",
)
