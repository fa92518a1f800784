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
    assert verdict(ABROAD, service_region="us-east-1", type="Interface") == "pass"
    assert verdict(ABROAD, service_region=REGION) == "fail"
    assert verdict(ABROAD, service_region=hidden(), type="Interface") == "unknown"
    assert verdict("s3", service_region="us-east-1", type="Interface") == "fail"
    assert verdict("s3", service_region=REGION) == "pass"


def test_a_gateway_never_crosses_regions() -> None:
    (finding,) = findings("VPCE008", vpc(), endpoint(ABROAD, X, service_region="us-east-1"))
    assert finding.status == "fail"
    assert "a gateway endpoint cannot cross regions" in finding.message
    assert verdict(ABROAD, service_region="us-east-1", type=hidden()) == "unknown"


def test_few_services_cross_regions() -> None:
    def crossing(short: str) -> str | None:
        return verdict(f"com.amazonaws.us-east-1.{short}", service_region="us-east-1", type="Interface")

    assert crossing("ecr.dkr") == crossing("kms-fips") == "pass"
    assert crossing("ssm") == crossing("sts") == "fail"
    assert crossing("ecs-fips") == "unknown"
    assert crossing("vpce-svc-0123456789abcdef0") == "pass"


def test_services_without_a_region_are_in_that_of_their_control_plane() -> None:
    def verdict_on_iam(region: str, **fields: Any) -> str | None:
        return verdict("com.amazonaws.iam", type="Interface", region=region, **fields)

    assert verdict_on_iam("us-east-1") == verdict_on_iam("us-gov-west-1") == "pass"
    assert verdict_on_iam(REGION) == "fail"
    assert verdict_on_iam(REGION, service_region="us-east-1") == "pass"
    assert verdict("com.amazonaws.cloudfront", type="Interface") is None


def test_an_endpoint_in_another_region_than_its_vpc() -> None:
    (finding,) = findings("VPCE008", vpc(region="us-east-1"), endpoint("s3", X))
    assert finding.status == "fail"
    assert "is created in eu-west-1, but its VPC aws_vpc.main is in us-east-1" in finding.message
    assert verdicts("VPCE008", vpc(region=hidden()), endpoint("s3", X)) == {}
    abroad = (vpc(region="us-east-1"), endpoint("s3", X, of=hidden()))
    assert verdicts("VPCE008", *abroad) == {}


def test_without_both_regions_nothing_is_said() -> None:
    assert verdict(ABROAD, region=hidden()) is None
    assert verdict(ABROAD, region=None) is None
    assert verdict(regional("s3")) is None


def test_the_vpcs_region_stands_for_the_endpoints() -> None:
    assert verdicts("VPCE008", vpc(), endpoint(ABROAD, X, region=None)) == {X: "fail"}


def test_services_of_others_have_regions_too() -> None:
    assert verdict("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0") == "fail"
