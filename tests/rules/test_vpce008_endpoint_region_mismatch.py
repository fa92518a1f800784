"""VPCE008: is the service name for the region of the VPC?"""

from __future__ import annotations

from typing import Any

from tests.rules.networks import REGION, endpoint, findings, hidden, regional, verdicts, vpc

X = "aws_vpc_endpoint.x"


def verdict(name: Any, **fields: Any) -> str | None:
    return verdicts("VPCE008", vpc(region=fields.get("region", REGION)), endpoint(name, X, **fields)).get(X)


ABROAD = "com.amazonaws.us-east-1.s3"


def test_the_same_region() -> None:
    assert verdict("s3") == "pass"


def test_another_region() -> None:
    (finding,) = findings("VPCE008", vpc(), endpoint(ABROAD, X))
    assert finding.status == "fail"
    assert "is in eu-west-1, but its service name is for us-east-1" in finding.message


def test_the_service_region_says_so() -> None:
    assert verdict(ABROAD, service_region="us-east-1") == "pass"
    assert verdict(ABROAD, service_region=REGION) == "fail"
    assert verdict(ABROAD, service_region=hidden()) == "unknown"


def test_without_both_regions_nothing_is_said() -> None:
    assert verdict(ABROAD, region=hidden()) is None
    assert verdict(ABROAD, region=None) is None
    assert verdict(regional("s3")) is None
    assert verdict("com.amazonaws.iam", type="Interface") is None


def test_the_vpcs_region_stands_for_the_endpoints() -> None:
    assert verdicts("VPCE008", vpc(), endpoint(ABROAD, X, region=None)) == {X: "fail"}


def test_services_of_others_have_regions_too() -> None:
    assert verdict("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0") == "fail"
