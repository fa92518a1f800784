"""VPCE010: does AWS accept the private DNS of the endpoint?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import (
    MAIN,
    association,
    declared,
    findings,
    gateway,
    hidden,
    id_of,
    interface,
    opaque,
    verdicts,
    vpc,
    words,
    zone,
)
from vpce_checks.base.record import replace
from vpce_checks.model.resolver import EndpointService
from vpce_checks.model.values import ListValue, Reference

SSM = "aws_vpc_endpoint.ssm"
S3 = "aws_vpc_endpoint.s3"
DATA_VPC = Reference("data.aws_vpc.shared", ("id",), "data")


def off(short: Any = "ssm", address: str = "", **fields: Any) -> Any:
    """An interface endpoint with private DNS off."""
    return interface(short, address, **{"private_dns": False, **fields})


def test_two_for_one_service_in_one_vpc() -> None:
    first, second = interface("ssm", "aws_vpc_endpoint.a"), interface("ssm", "aws_vpc_endpoint.b", line=20)
    assert verdicts("VPCE010", vpc(), first, second) == {"aws_vpc_endpoint.b": "fail"}
    (finding,) = findings("VPCE010", vpc(), first, second)
    assert "aws_vpc_endpoint.a already uses this private DNS name" in words(finding)


@pytest.mark.parametrize(
    "second",
    [
        off("ssm", "aws_vpc_endpoint.b"),
        interface("ssmmessages", "aws_vpc_endpoint.b"),
        interface("ssm-fips", "aws_vpc_endpoint.b"),
        interface("com.amazonaws.us-east-1.ssm", "aws_vpc_endpoint.b", service_region="us-east-1"),
        interface("ssm", "aws_vpc_endpoint.b", of="aws_vpc.other"),
        interface("ssm", "aws_vpc_endpoint.b", of=DATA_VPC),
    ],
)
def test_no_conflict(second: Any) -> None:
    found = verdicts("VPCE010", vpc(), vpc("aws_vpc.other"), interface("ssm", "aws_vpc_endpoint.a"), second)
    assert set(found.values()) == {"pass"}


def test_one_that_stands_for_several_may_conflict_with_itself() -> None:
    several = interface("ssm", "aws_vpc_endpoint.a[*]")
    assert verdicts("VPCE010", vpc(), several) == {"aws_vpc_endpoint.a[*]": "unknown"}
    each_in_its_own = interface("ssm", "aws_vpc_endpoint.a[*]", of="aws_vpc.each[*]")
    assert verdicts("VPCE010", vpc("aws_vpc.each[*]"), each_in_its_own) == {"aws_vpc_endpoint.a[*]": "pass"}


def test_two_in_one_vpc_that_is_created_elsewhere() -> None:
    first = interface("ssm", "aws_vpc_endpoint.a", of=DATA_VPC)
    assert (
        verdicts("VPCE010", first, interface("ssm", "aws_vpc_endpoint.b", of=DATA_VPC))["aws_vpc_endpoint.b"] == "fail"
    )


@pytest.mark.parametrize("doubt", [{"exists": hidden()}, {"private_dns": hidden()}, {"type": hidden()}])
def test_doubts(doubt: dict[str, Any]) -> None:
    plain, doubtful = interface("ssm", "aws_vpc_endpoint.a"), interface("ssm", "aws_vpc_endpoint.b", **doubt)
    assert verdicts("VPCE010", vpc(), plain, doubtful)["aws_vpc_endpoint.b"] == "unknown"
    assert verdicts("VPCE010", vpc(), doubtful, plain)["aws_vpc_endpoint.a"] == "unknown"


def test_of_what_is_hardly_known_nothing_is_said() -> None:
    first, second = interface(hidden(), "aws_vpc_endpoint.a"), interface("ssm", "aws_vpc_endpoint.b")
    assert verdicts("VPCE010", vpc(), first, second) == {}
    assert verdicts("VPCE010", vpc(), second, first) == {}


def test_an_opaque_module_may_hold_the_other() -> None:
    assert verdicts("VPCE010", vpc(), interface("ssm"), opaque(id_of(MAIN))) == {}
    assert verdicts("VPCE010", vpc(), interface("ssm"), opaque(id_of("aws_subnet.a"))) == {SSM: "pass"}
    assert verdicts("VPCE010", interface("ssm", of=DATA_VPC), opaque(ListValue((DATA_VPC,)))) == {}
    assert verdicts("VPCE010", interface("ssm", of="vpc-1"), opaque("vpc-1")) == {}
    assert verdicts("VPCE010", interface("ssm", of="vpc-1"), opaque("vpc-2", "text", 3)) == {SSM: "pass"}


def test_inbound_only_needs_a_gateway() -> None:
    asks = interface("s3", dns_inbound_only=True)
    (finding,) = findings("VPCE010", vpc(), asks)
    assert finding.status == "fail"
    assert finding.fix is not None
    assert (finding.fix.field, finding.fix.value) == ("dns_inbound_only", False)
    assert verdicts("VPCE010", vpc(), asks, gateway("s3", "aws_vpc_endpoint.gw")) == {S3: "pass"}
    assert verdicts("VPCE010", vpc(), interface("s3", dns_inbound_only=False)) == {S3: "pass"}
    assert verdicts("VPCE010", vpc(), asks, gateway("s3", "aws_vpc_endpoint.gw", of=hidden())) == {S3: "unknown"}
    assert verdicts("VPCE010", vpc(), interface("s3", dns_inbound_only=hidden())) == {S3: "unknown"}
    assert verdicts("VPCE010", interface("s3", dns_inbound_only=True, of=DATA_VPC)) == {S3: "unknown"}


def test_inbound_only_not_said() -> None:
    assert verdicts("VPCE010", vpc(), interface("s3")) == {S3: "unknown"}
    assert verdicts("VPCE010", vpc(), interface("s3"), gateway("s3", "aws_vpc_endpoint.gw")) == {S3: "pass"}
    assert verdicts("VPCE010", vpc(), interface("s3tables")) == {"aws_vpc_endpoint.s3tables": "pass"}


@pytest.mark.parametrize("short", ["dynamodb", "dynamodb-streams", "s3-outposts", "iot.data"])
def test_services_without_private_dns(short: str) -> None:
    (finding,) = findings("VPCE010", vpc(), interface(short))
    assert finding.status == "fail"
    assert "AWS does not offer it" in finding.message
    assert verdicts("VPCE010", vpc(), off(short)) == {}
    assert set(verdicts("VPCE010", vpc(), interface(short, private_dns=hidden())).values()) == {"unknown"}


def test_what_turns_it_on_afterwards_is_to_be_changed() -> None:
    apart = association("private_dns", True, "aws_vpc_endpoint.iot.data")
    (finding,) = findings("VPCE010", vpc(), off("iot.data"), apart)
    assert finding.status == "fail" and finding.fix is not None
    assert f"set private_dns_enabled to false in {apart.declared.address}" in str(finding.fix.value)


def test_types_without_private_dns() -> None:
    customers = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
    balancer = interface(customers, "aws_vpc_endpoint.x", type="GatewayLoadBalancer")
    assert verdicts("VPCE010", vpc(), balancer) == {"aws_vpc_endpoint.x": "fail"}
    assert verdicts("VPCE010", vpc(), interface(customers, "aws_vpc_endpoint.x")) == {}


class TestOwnServices:
    @staticmethod
    def verdict(*objects: Any, name: Any = None) -> str | None:
        service = EndpointService(declared("aws_vpc_endpoint_service.api"), name)
        of = Reference("aws_vpc_endpoint_service.api", ("service_name",), "computed")
        x = interface(of, "aws_vpc_endpoint.x")
        return verdicts("VPCE010", vpc(), service, x, *objects).get("aws_vpc_endpoint.x")

    def test_one_without_a_name_is_refused(self) -> None:
        assert self.verdict() == "fail"
        assert self.verdict(name="api.example.com") is None
        assert self.verdict(name=hidden()) is None

    def test_code_that_was_not_read_may_give_it_a_name(self) -> None:
        assert self.verdict(opaque(id_of("aws_vpc_endpoint_service.api"))) is None


class TestZones:
    def test_a_zone_of_the_very_name(self) -> None:
        (finding,) = findings("VPCE010", vpc(), interface("ssm"), zone(MAIN))
        assert finding.status == "fail"
        assert "aws_route53_zone.it of the same name" in finding.message

    @pytest.mark.parametrize("name", ["eu-west-1.amazonaws.com", "x.ssm.eu-west-1.amazonaws.com", "corp.internal"])
    def test_another_name_is_no_conflict(self, name: str) -> None:
        assert verdicts("VPCE010", vpc(), interface("ssm"), replace(zone(MAIN), name=name)) == {SSM: "pass"}

    def test_a_zone_of_another_vpc_is_no_conflict(self) -> None:
        assert verdicts("VPCE010", vpc(), vpc("aws_vpc.b"), interface("ssm"), zone("aws_vpc.b")) == {SSM: "pass"}
        assert verdicts("VPCE010", vpc(), off(), zone(MAIN)) == {}

    def test_doubts(self) -> None:
        perhaps = replace(zone(MAIN), declared=declared("aws_route53_zone.it", exists=hidden()))
        for doubtful in (perhaps, replace(zone(MAIN), name=hidden()), replace(zone(), vpcs=hidden())):
            assert verdicts("VPCE010", vpc(), interface("ssm"), doubtful) == {}
