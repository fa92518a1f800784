"""What the configuration of a provider decides: the region, the tags, and the default VPC that it reaches."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.plan.plans import Json, configured, home, instance, network_of, plan, refers
from vpce_checks.model.values import MapValue, Unknown

BY_VARIABLE = {"aws": {"expressions": {"region": refers("var.region")}}}
IN_JSON = {"aws": {"expressions": {"region": {"constant_value": "${var.region}", **refers("var.region")}}}}
CONDITION_IN_JSON = {
    "aws": {"expressions": {"region": {"constant_value": '${var.region == "" ? "a" : "b"}', **refers("var.region")}}}
}
FUNCTION_IN_JSON = {"aws": {"expressions": {"region": {"constant_value": '${lower("EU-WEST-1")}'}}}}


@pytest.mark.parametrize(
    ("providers", "zone", "region"),
    [
        (BY_VARIABLE, "eu-west-1a", "eu-west-1"),
        (BY_VARIABLE, "eu-west-1-lon-1a", "eu-west-1"),
        (BY_VARIABLE, "eu-north-1a", None),
        (IN_JSON, "eu-west-1a", "eu-west-1"),
        (CONDITION_IN_JSON, "eu-west-1a", None),
        (FUNCTION_IN_JSON, "eu-west-1a", None),
    ],
)
def test_one_reference_is_not_the_value(tmp_path: Path, providers: Json, zone: str, region: str | None) -> None:
    content = plan(
        {"": [instance("aws_vpc.main"), instance("aws_subnet.a", availability_zone=zone)]},
        {"resources": [configured("aws_vpc.main"), configured("aws_subnet.a")]},
        provider_config=providers,
        variables={"region": {"value": "eu-west-1"}},
    )
    found = network_of(tmp_path, content).vpcs[0].region
    assert found == region if region else isinstance(found, Unknown)


def test_all_tags_hold_those_of_the_provider(tmp_path: Path) -> None:
    main = instance("aws_vpc.main", tags={"Name": "main"}, tags_all={"Name": "main", "Stage": "live"})
    tags = network_of(tmp_path, plan({"": [main]}, {"resources": [configured("aws_vpc.main")]})).vpcs[0].tags
    assert isinstance(tags, MapValue) and dict(tags.items) == {"Name": "main", "Stage": "live"} and tags.exact


def test_unknown_tags_leave_the_known_ones(tmp_path: Path) -> None:
    main = instance("aws_vpc.main", unknown={"tags_all": True, "tags": {"Id": True}}, tags={"Name": "main"})
    block = configured("aws_vpc.main", tags=refers("random_id.x.hex", "random_id.x"))
    tags = network_of(tmp_path, plan({"": [main]}, {"resources": [block]})).vpcs[0].tags
    assert isinstance(tags, MapValue) and tags.items["Name"] == "main" and tags.rest is not None


@pytest.mark.parametrize(
    ("provider", "expected"), [("aws", "aws_default_vpc.ours"), ("aws.other", "data.aws_vpc.found")]
)
def test_the_default_vpc_is_the_adopted_one(tmp_path: Path, provider: str, expected: str) -> None:
    """Each region of an account has one default VPC; another provider configuration may mean another account."""
    content = plan(
        {"": [instance("aws_default_vpc.ours"), instance("aws_vpc_endpoint.s3", vpc_id="vpc-0123456789abcdef0")]},
        {
            "resources": [
                configured("aws_default_vpc.ours"),
                configured("data.aws_vpc.found", provider=provider),
                configured("aws_vpc_endpoint.s3", vpc_id=refers("data.aws_vpc.found.id", "data.aws_vpc.found")),
            ]
        },
    )
    read = instance("data.aws_vpc.found", id="vpc-0123456789abcdef0", default=True)
    content["prior_state"] = {"values": {"root_module": {"resources": [read]}}}
    assert home(network_of(tmp_path, content), "aws_vpc_endpoint.s3") == expected
