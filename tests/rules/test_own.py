"""Rules that a policy declares: what is certain, what is not, and which endpoints a description means."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import (
    MAIN,
    REGION,
    gateway,
    hidden,
    id_of,
    interface,
    network,
    opaque,
    policy,
    regional,
    vpc,
    words,
)
from vpce_checks.base.record import replace
from vpce_checks.model.network import Endpoint
from vpce_checks.model.spans import Span
from vpce_checks.model.values import MapValue, Reference
from vpce_checks.policy import Policy, Requirement, Source, VpcMatch, VpcOverride
from vpce_checks.policy.model import Described, OwnRule
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.judge import judge

PLACE = Source("the policy", Span("/repo/.vpce-checks.yaml", 3))
PROD = VpcMatch(tags=(("env", "prod"),))
PARTNER = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"


def rule(asks: Any = "must_have", match: VpcMatch | None = None, elsewhere: bool = False, **endpoint: Any) -> Policy:
    """A policy that asks for nothing else."""
    declared = OwnRule("ORG-1", "As we like it", "high", asks, Described(**endpoint), PLACE, match, elsewhere)
    return policy(gateway="", own_rules=(declared,))


def forbid(match: VpcMatch | None = None, **endpoint: Any) -> Policy:
    return rule("must_not_have", match, **endpoint)


def found(asks: Policy, *objects: Any) -> list[Finding]:
    return [each for each in judge([network(*objects)], asks) if each.rule == "ORG-1"]


def status(asks: Policy, *objects: Any) -> str:
    """The one verdict; "" if there is none."""
    verdicts = [each.status for each in found(asks, *objects)]
    assert len(verdicts) < 2
    return verdicts[0] if verdicts else ""


def tagged(env: Any) -> Any:
    return vpc(tags=MapValue({"env": env}))


# --- must_have -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "wanted", "verdict"),
    [
        (interface("kms"), {"service": "kms"}, "pass"),
        (interface("kms"), {"service": "ssm"}, "fail"),
        (interface("ssmmessages"), {"service": "ssm"}, "fail"),
        (interface("ssmmessages"), {"service": "ssm*"}, "pass"),
        (interface("kms-fips"), {"service": "kms"}, "pass"),
        (interface(regional("kms")), {"service": "kms"}, "pass"),
        (interface(hidden()), {"service": "kms"}, "unknown"),
        (interface(hidden()), {"service": "k*"}, "unknown"),
        (interface("kms", of=hidden()), {"service": "kms"}, "unknown"),
        (interface("kms", of="aws_vpc.other"), {"service": "kms"}, "fail"),
        (interface("kms", of="vpc-1"), {"service": "kms"}, "fail"),
        (interface("kms", service_region="us-east-1"), {"service": "kms"}, "fail"),
        (interface("kms", exists=hidden()), {"service": "kms"}, "unknown"),
        (interface("s3"), {"service": "s3", "type": "Gateway"}, "fail"),
        (interface("s3", type=hidden()), {"service": "s3", "type": "Gateway"}, "unknown"),
        (gateway("s3"), {"service": "s3", "type": "Gateway"}, "pass"),
        (gateway("s3"), {"type": "Gateway"}, "pass"),
        (interface("kms"), {"service": "kms", "private_dns": True}, "pass"),
        (interface("kms", private_dns=None), {"service": "kms", "private_dns": True}, "fail"),
        (interface("kms", private_dns=hidden()), {"service": "kms", "private_dns": True}, "unknown"),
        (interface("kms", private_dns=None), {"service": "kms", "private_dns": False}, "pass"),
        (gateway("s3"), {"private_dns": False}, "fail"),
        (interface(PARTNER, "aws_vpc_endpoint.x"), {"service": "com.amazonaws.vpce.*"}, "pass"),
        (interface(PARTNER, "aws_vpc_endpoint.x"), {"service": PARTNER}, "pass"),
        (interface("kms"), {"service": "com.amazonaws.vpce.*"}, "fail"),
        (interface(None, "aws_vpc_endpoint.x", type="Resource"), {"service": "*"}, "fail"),
        (interface(None, "aws_vpc_endpoint.x", type="Resource"), {"type": "Resource"}, "pass"),
    ],
)
def test_the_endpoint_is_there(endpoint: Endpoint, wanted: dict[str, Any], verdict: str) -> None:
    assert status(rule(**wanted), vpc(), endpoint) == verdict


def test_code_that_was_not_read_may_create_it() -> None:
    (finding,) = found(rule(service="kms"), vpc(), opaque(id_of(MAIN)))
    assert finding.status == "unknown"
    assert "module.opaque may create this endpoint" in words(finding)


@pytest.mark.parametrize("on", [None, False])
def test_code_that_was_not_read_may_turn_private_dns_on(on: bool | None) -> None:
    made = interface("kms", private_dns=on)
    unread = opaque(id_of("aws_vpc_endpoint.kms"))
    assert status(rule(service="kms", private_dns=True), vpc(), made) == "fail"
    assert status(rule(service="kms", private_dns=True), vpc(), made, unread) == "unknown"
    assert status(rule(service="kms", private_dns=False), vpc(), made, unread) == "unknown"
    assert status(forbid(private_dns=False), vpc(), made) == "fail"
    assert status(forbid(private_dns=False), vpc(), made, unread) == "unknown"


def test_a_vpc_that_may_not_be_created() -> None:
    assert status(rule(service="kms"), vpc(exists=hidden())) == "unknown"


@pytest.mark.parametrize(
    ("env", "without", "with_it"),
    [("prod", "fail", "pass"), ("dev", "", ""), (hidden(), "unknown", "pass")],
)
def test_vpcs_that_it_is_for(env: Any, without: str, with_it: str) -> None:
    asks = rule(match=PROD, service="kms")
    assert status(asks, tagged(env)) == without
    assert status(asks, tagged(env), interface("kms")) == with_it


def test_why_names_the_rule_and_what_does_not_count() -> None:
    asks = rule(service="s3", type="Gateway")
    (finding,) = found(asks, vpc(), interface("s3"))
    assert "the policy asks for it: As we like it" in words(finding)
    assert "aws_vpc_endpoint.s3 is for s3 and has type Interface, so it does not count" in words(finding)
    assert (finding.severity, finding.service, finding.vpc) == ("high", "s3", MAIN)
    assert finding.own is not None and finding.own.name == "as-we-like-it"


def test_private_dns_means_interface_endpoints() -> None:
    (finding,) = found(rule(service="s3", private_dns=True), vpc(), gateway("s3"))
    assert "aws_vpc_endpoint.s3 is for s3 and has type Gateway, so it does not count" in words(finding)
    assert "because of its private DNS" not in words(finding)


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        ({"service": "kms"}, "add-interface-endpoint"),
        ({"service": "s3"}, "add-gateway-endpoint"),
        ({"service": "s3", "type": "Interface"}, "add-interface-endpoint"),
        ({"service": "s3", "private_dns": True}, "add-interface-endpoint"),
        ({"service": "kms", "private_dns": False}, None),
        ({"service": "kms*"}, None),
        ({"type": "Gateway"}, None),
    ],
)
def test_how_to_fix_it(wanted: dict[str, Any], kind: str | None) -> None:
    (finding,) = found(rule(**wanted), vpc())
    assert (finding.fix.kind if finding.fix is not None else None) == kind


def test_an_endpoint_that_is_nearly_right_is_changed() -> None:
    (finding,) = found(rule(service="kms", private_dns=True), vpc(), interface("kms", private_dns=False))
    assert finding.fix is not None
    assert (finding.fix.kind, finding.fix.address, finding.fix.field, finding.fix.value) == (
        "set",
        "aws_vpc_endpoint.kms",
        "private_dns",
        True,
    )


def test_the_words_of_the_rule_are_the_fix() -> None:
    asks = rule(service="kms")
    told = replace(asks, own_rules=(replace(asks.own_rules[0], fix="call the module net"),))
    (finding,) = found(told, vpc())
    assert finding.fix is not None and (finding.fix.kind, finding.fix.value) == ("text", "call the module net")


def test_central_endpoints_count_where_elsewhere_does() -> None:
    central = (Requirement("kms", PLACE),)
    assert status(replace(rule(service="kms"), central=central), vpc()) == "fail"
    assert status(replace(rule(service="kms", elsewhere=True), central=central), vpc()) == ""
    assert status(rule(service="kms", elsewhere=True), vpc()) == "fail"
    some = replace(
        rule(service="kms", elsewhere=True), vpcs=(VpcOverride(VpcMatch(tags=(("a", "b"),)), PLACE, central=central),)
    )
    assert status(some, vpc(tags=hidden())) == "unknown"


# --- must_not_have -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "wanted", "verdict"),
    [
        (interface("bedrock-runtime"), {"service": "bedrock*"}, "fail"),
        (interface("kms"), {"service": "bedrock*"}, "pass"),
        (interface(hidden(), "aws_vpc_endpoint.x"), {"service": "bedrock*"}, "unknown"),
        (interface("bedrock", exists=hidden()), {"service": "bedrock*"}, "unknown"),
        (interface("bedrock", of=hidden()), {"service": "bedrock*"}, "fail"),
        (interface("bedrock", of="vpc-1"), {"service": "bedrock*"}, "fail"),
        (interface("kms", private_dns=None), {"private_dns": False}, "fail"),
        (gateway("s3"), {"private_dns": False}, "pass"),
        (interface(PARTNER, "aws_vpc_endpoint.x"), {"service": "com.amazonaws.vpce.*"}, "fail"),
    ],
)
def test_an_endpoint_that_must_not_be(endpoint: Endpoint, wanted: dict[str, Any], verdict: str) -> None:
    assert status(forbid(**wanted), vpc(), endpoint) == verdict


@pytest.mark.parametrize(
    ("env", "of", "verdict"),
    [
        ("prod", MAIN, "fail"),
        ("dev", MAIN, ""),
        (hidden(), MAIN, "unknown"),
        ("prod", "vpc-1", "unknown"),
        ("prod", hidden(), "unknown"),
    ],
)
def test_vpcs_that_must_not_have_it(env: Any, of: Any, verdict: str) -> None:
    assert status(forbid(PROD, service="kms"), tagged(env), interface("kms", of=of)) == verdict


def test_a_vpc_of_several() -> None:
    one = tagged("prod")
    two = replace(one, declared=replace(one.declared, address="aws_vpc.two"))
    three = vpc("aws_vpc.three", tags=MapValue({"env": "dev"}))
    either = hidden_of("aws_vpc.main", "aws_vpc.two")
    assert status(forbid(PROD, service="kms"), one, two, three, interface("kms", of=either)) == "fail"
    either = hidden_of("aws_vpc.main", "aws_vpc.three")
    assert status(forbid(PROD, service="kms"), one, two, three, interface("kms", of=either)) == "unknown"


def test_a_vpc_that_may_be_created_elsewhere() -> None:
    for other in ("vpc-1", Reference("data.aws_vpc.x", ("id",), "data")):
        either = replace(hidden(), one_of=(id_of(MAIN), other))
        assert status(forbid(PROD, service="kms"), tagged("prod"), interface("kms", of=either)) == "unknown"
        assert status(forbid(PROD, service="kms"), tagged("dev"), interface("kms", of=either)) == "unknown"


def hidden_of(*addresses: str) -> Any:
    """A value that is the id of one of several VPCs."""
    return replace(hidden(), one_of=tuple(Reference(address, ("id",)) for address in addresses))


def test_a_vpc_of_another_root_goes_by_its_own_address() -> None:
    asks = forbid(VpcMatch(address="aws_vpc.core"), service="kms")
    net = network(
        vpc("net:aws_vpc.core"),
        interface("kms", of=id_of("net:aws_vpc.core")),
        foreign=frozenset({"net:aws_vpc.core"}),
        labels={"net:": "/repo/net"},
    )
    assert [each.status for each in judge([net], asks) if each.rule == "ORG-1"] == ["fail"]


# --- like any other rule ---------------------------------------------------------------------------------------------


def test_it_can_be_off_and_have_another_severity() -> None:
    from vpce_checks.policy import RuleSetting

    asks = rule(service="kms")
    assert found(replace(asks, rules={"ORG-1": RuleSetting(off=True)}), vpc()) == []
    (finding,) = found(replace(asks, rules={"ORG-1": RuleSetting(severity="low")}), vpc())
    assert finding.severity == "low"


HIDDEN: dict[str, Any] = {
    "service_name": hidden(),
    "type": hidden(),
    "vpc": hidden(),
    "private_dns": hidden(),
    "region": hidden(),
    "service_region": hidden(),
}


@pytest.mark.parametrize("field", HIDDEN)
@pytest.mark.parametrize("asks", ["must_have", "must_not_have"])
@pytest.mark.parametrize("wanted", [{"service": "kms"}, {"service": "k*", "private_dns": True}, {"type": "Gateway"}])
@pytest.mark.parametrize("endpoint", [interface("kms"), interface("kms", private_dns=False), gateway("s3")])
def test_hiding_never_turns_a_verdict_around(asks: Any, wanted: dict[str, Any], endpoint: Any, field: str) -> None:
    known = status(rule(asks, PROD, **wanted), tagged("prod"), endpoint)
    less = status(rule(asks, PROD, **wanted), tagged("prod"), replace(endpoint, **{field: HIDDEN[field]}))
    assert less in (known, "unknown")
    less = status(rule(asks, PROD, **wanted), tagged(hidden()), endpoint)
    assert less in (known, "unknown")


def test_the_region_of_the_vpc_is_written_down() -> None:
    (finding,) = found(rule(service="kms"), vpc())
    assert finding.fix is not None and finding.fix.region == REGION
