"""VPCE001: is the gateway endpoint for S3 certainly there, or certainly not?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import (
    MAIN,
    PACK,
    REGION,
    findings,
    gateway,
    hidden,
    id_of,
    interface,
    opaque,
    policy,
    regional,
    verdicts,
    vpc,
    words,
)
from vpce_checks.model.values import ListValue, MapValue, PartialString, Reference, Unknown
from vpce_checks.policy import VpcMatch, VpcOverride


def s3(*objects: Any) -> str:
    """The one verdict of VPCE001 on aws_vpc.main."""
    return verdicts("VPCE001", vpc(), *objects)[MAIN]


def test_the_endpoint_is_there() -> None:
    assert s3(gateway()) == "pass"


def test_no_endpoint_fails_and_says_who_asks() -> None:
    (finding,) = findings("VPCE001", vpc())
    assert finding.status == "fail"
    assert finding.message == "aws_vpc.main has no gateway endpoint for S3"
    assert "the pack aws-baseline requires it" in words(finding)
    assert finding.fix is not None
    assert (finding.fix.kind, finding.fix.vpc, finding.fix.service, finding.fix.region) == (
        "add-gateway-endpoint",
        MAIN,
        "s3",
        REGION,
    )


def test_an_interface_endpoint_does_not_count_and_the_message_says_so() -> None:
    (finding,) = findings("VPCE001", vpc(), interface("s3"))
    assert finding.status == "fail"
    assert "the interface endpoint aws_vpc_endpoint.s3 does not count" in finding.message


@pytest.mark.parametrize("there", ["s3express", "s3-outposts", "s3tables"])
def test_other_services_of_s3_are_not_s3(there: str) -> None:
    assert s3(gateway(there)) == "fail"


def test_an_unknown_region_in_the_name_does_not_matter() -> None:
    assert s3(gateway(regional("s3"), "aws_vpc_endpoint.s3")) == "pass"


@pytest.mark.parametrize(
    ("field", "value"),
    [("type", hidden()), ("of", hidden()), ("exists", hidden()), ("service_region", hidden()), ("short", hidden())],
)
def test_what_cannot_be_told_of_the_endpoint_makes_it_unknown(field: str, value: Unknown) -> None:
    made: dict[str, Any] = {"short": "s3", "address": "aws_vpc_endpoint.s3", field: value}
    (finding,) = findings("VPCE001", vpc(), gateway(**made))
    assert finding.status == "unknown"
    assert "var.hidden has no value" in words(finding)
    assert any(step.span is not None and step.span.line == 4 for step in finding.why)
    assert finding.fix is None


def test_an_endpoint_of_another_vpc_does_not_count() -> None:
    other = vpc("aws_vpc.other")
    assert verdicts("VPCE001", vpc(), other, gateway(of="aws_vpc.other")) == {MAIN: "fail", "aws_vpc.other": "pass"}
    for elsewhere in (
        "vpc-0123456789abcdef0",
        Reference("data.aws_vpc.it", ("id",), "data"),
        Reference("var.vpc_id", (), "variable"),
    ):
        (finding,) = findings("VPCE001", vpc(), gateway(of=elsewhere))
        assert finding.status == "fail"
        assert "aws_vpc_endpoint.s3 belongs to" in words(finding)


def test_an_endpoint_of_one_of_two_vpcs_makes_both_unknown() -> None:
    either = Unknown(hidden().causes, None, (id_of(MAIN), id_of("aws_vpc.other")))
    found = verdicts("VPCE001", vpc(), vpc("aws_vpc.other"), vpc("aws_vpc.third"), gateway(of=either))
    assert found == {MAIN: "unknown", "aws_vpc.other": "unknown", "aws_vpc.third": "fail"}


def test_the_output_of_an_opaque_module_may_be_any_vpc() -> None:
    assert s3(gateway(of=Reference("module.net", ("vpc_id",), "module"))) == "unknown"


class TestRegions:
    def test_a_name_of_another_region_is_never_deployed_and_left_to_its_own_rule(self) -> None:
        abroad = gateway("com.amazonaws.us-east-1.s3", "aws_vpc_endpoint.s3")
        assert s3(abroad) == "pass"
        assert verdicts("VPCE008", vpc(), abroad) == {"aws_vpc_endpoint.s3": "fail"}

    def test_the_service_region_may_be_the_vpcs_own(self) -> None:
        assert s3(gateway(service_region=REGION)) == "pass"
        region = Reference("var.region", (), "variable")
        same = gateway(regional("s3"), "aws_vpc_endpoint.s3", service_region=region)
        assert verdicts("VPCE001", vpc(region=region), same) == {MAIN: "pass"}

    def test_a_literal_region_in_the_name_fits_a_vpc_of_unknown_region(self) -> None:
        assert verdicts("VPCE001", vpc(region=hidden()), gateway()) == {MAIN: "pass"}


class TestExistence:
    def test_a_vpc_that_may_not_be_created(self) -> None:
        (finding,) = findings("VPCE001", vpc(exists=hidden("var.create_vpc")))
        assert finding.status == "unknown"
        assert finding.message.endswith("if the VPC is created")
        assert "var.create_vpc has no value" in words(finding)
        assert verdicts("VPCE001", vpc(exists=hidden()), gateway()) == {MAIN: "pass"}

    def test_an_endpoint_that_hangs_on_what_its_vpc_hangs_on(self) -> None:
        create = hidden("var.create")
        assert verdicts("VPCE001", vpc(exists=create), gateway(exists=create)) == {MAIN: "pass"}

    def test_equal_causes_are_not_one_decision(self) -> None:
        # count = var.create ? 1 : 0 on the one, var.create ? 0 : 1 on the other
        assert verdicts("VPCE001", vpc(exists=hidden()), gateway(exists=hidden())) == {MAIN: "unknown"}


class TestOpaqueModules:
    def test_one_that_is_handed_the_vpc_may_hold_the_endpoint(self) -> None:
        for value in (
            id_of(MAIN),
            id_of(MAIN, "arn"),
            Reference(MAIN),
            ListValue((id_of(MAIN),)),
            MapValue({"v": id_of(MAIN)}),
        ):
            (finding,) = findings("VPCE001", vpc(), opaque(value))
            assert finding.status == "unknown"
            assert "module.opaque may create this endpoint" in words(finding)

    def test_one_that_is_handed_something_unknown_may_too(self) -> None:
        assert s3(opaque(hidden())) == "unknown"
        assert s3(opaque(Unknown(hidden().causes, None, (id_of(MAIN), "vpc-1")))) == "unknown"

    @pytest.mark.parametrize(
        "value",
        [
            id_of("aws_subnet.a"),
            id_of("aws_vpc.other"),
            id_of(MAIN, "cidr_block"),
            id_of(MAIN, "default_security_group_id"),
            "vpc-0123456789abcdef0",
            Reference("var.vpc_id", (), "variable"),
            Unknown(hidden().causes, "number"),
            PartialString(("app-", hidden())),
            ListValue((PartialString(("app-", hidden())), "x")),
        ],
    )
    def test_one_that_is_not_does_not_matter(self, value: Any) -> None:
        assert s3(opaque(value)) == "fail"

    def test_what_one_hands_on_to_another_is_what_it_was_handed(self) -> None:
        output = Reference("module.database", ("name",), "module")
        database = opaque(id_of("aws_subnet.a"), address="module.database")
        assert s3(database, opaque(output, address="module.alarm")) == "fail"
        assert s3(opaque(output, address="module.alarm")) == "unknown"
        namesake = opaque(id_of("aws_subnet.a"), address="module.data")
        assert s3(namesake, opaque(output, address="module.alarm")) == "unknown"


class TestPolicy:
    def test_nothing_is_asked_for(self) -> None:
        assert verdicts("VPCE001", vpc(), asks=policy(gateway="dynamodb")) == {}

    def test_an_exempt_vpc_is_ignored_with_the_reason(self) -> None:
        sandbox = VpcOverride(VpcMatch(address=MAIN), PACK, exempt={"s3": "no workloads"})
        (finding,) = findings("VPCE001", vpc(), asks=policy(vpcs=(sandbox,)))
        assert finding.status == "ignored"
        assert "no workloads" in finding.message


def test_a_vpc_without_dns_support_needs_more_than_the_endpoint() -> None:
    (finding,) = findings("VPCE001", vpc(enable_dns_support=False))
    assert f"DNS support of {MAIN} is off: unless clients have a DNS server of their own" in words(finding)
    for on in (True, None, hidden()):
        (finding,) = findings("VPCE001", vpc(enable_dns_support=on))
        assert "enable_dns_support" not in words(finding)
