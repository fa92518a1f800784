"""What is planned, what is there already, what goes; regions; secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.terraform.plan.plans import Json, configured, endpoint, home, instance, may_be_in, network_of, plan, refers
from vpce_checks.model.network import link
from vpce_checks.model.values import ListValue, Unknown
from vpce_checks.reach.dns.targets import targets_of
from vpce_checks.terraform.aws.coerce import item

CREATED = {"id": True, "vpc_id": True}


def one(folder: Path, unknown: Json | None = None, *, expressions: Json | None = None, **values: Any) -> Any:
    """The endpoint of a plan with nothing else in it."""
    block = configured("aws_vpc_endpoint.e", **(expressions or {}))
    content = plan({"": [instance("aws_vpc_endpoint.e", unknown=unknown, **values)]}, {"resources": [block]})
    return endpoint(network_of(folder, content), "aws_vpc_endpoint.e")


def test_planned_values(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        service_name="com.amazonaws.eu-west-1.sqs",
        vpc_endpoint_type="Interface",
        private_dns_enabled=True,
        subnet_ids=["subnet-1", "subnet-2"],
    )
    assert (found.service_name, found.type, found.private_dns) == ("com.amazonaws.eu-west-1.sqs", "Interface", True)
    assert found.subnets.items == ("subnet-1", "subnet-2")


def test_an_argument_not_set_has_its_default_though_the_provider_computes_it(tmp_path: Path) -> None:
    found = one(tmp_path, {"private_dns_enabled": True, "vpc_endpoint_type": True, "route_table_ids": True})
    assert (found.private_dns, found.type) == (False, "Gateway")
    assert found.route_tables.items == () and found.route_tables.exact


def test_an_argument_that_is_set_but_unknown(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        {"private_dns_enabled": True},
        expressions={"private_dns_enabled": refers("data.external.x.result", "data.external.x")},
    )
    assert isinstance(found.private_dns, Unknown)
    assert "data.external.x.result" in found.private_dns.causes[0].text


def test_nothing_is_known_without_changes(tmp_path: Path) -> None:
    """Plans that were cut down to their planned values do not tell what is unknown from what is not there."""
    content = plan(
        {"": [instance("aws_vpc_endpoint.e", policy="{}")]}, {"resources": [configured("aws_vpc_endpoint.e")]}
    )
    del content["resource_changes"], content["format_version"]
    found = endpoint(network_of(tmp_path, content), "aws_vpc_endpoint.e")
    assert all(isinstance(each, Unknown) for each in (found.vpc, found.service_name, found.type, found.private_dns))


def test_a_plan_cut_down_to_its_changes(tmp_path: Path) -> None:
    gone = instance("aws_vpc_endpoint.gone", actions=("delete",))
    content = plan({"module.m": [instance("aws_vpc_endpoint.e", vpc_id="vpc-1"), gone]}, {})
    del content["planned_values"]
    content["resource_changes"][1]["change"]["after"] = None
    network = network_of(tmp_path, content)
    assert [each.address for each in network.endpoints] == ["module.m.aws_vpc_endpoint.e"]


def test_literal_id_of_a_vpc_of_this_configuration(tmp_path: Path) -> None:
    existing = instance(
        "aws_vpc.main", actions=("no-op",), id="vpc-0a1b2c3d", arn="arn:aws:ec2:eu-north-1:1:vpc/vpc-0a1b2c3d"
    )
    mine = instance("aws_vpc_endpoint.mine", vpc_id="vpc-0a1b2c3d")
    others = instance("aws_vpc_endpoint.others", vpc_id="vpc-0f0f0f0f")
    network = network_of(tmp_path, plan({"": [existing, mine, others]}, {}))
    assert home(network, "aws_vpc_endpoint.mine") == "aws_vpc.main"
    assert home(network, "aws_vpc_endpoint.others") == "vpc-0f0f0f0f"


def test_id_of_a_replaced_vpc(tmp_path: Path) -> None:
    """An endpoint with the id of the VPC that goes is in none that will be there."""
    replaced = instance("aws_vpc.main", unknown={"id": True}, actions=("delete", "create"), cidr_block="10.0.0.0/16")
    stuck = instance("aws_vpc_endpoint.e", actions=("no-op",), vpc_id="vpc-0a1b2c3d", id="vpce-1")
    content = plan({"": [replaced, stuck]}, {"resources": [configured("aws_vpc.main")]})
    content["resource_changes"][0]["change"]["before"] = {"id": "vpc-0a1b2c3d"}
    assert home(network_of(tmp_path, content), "aws_vpc_endpoint.e") == "vpc-0a1b2c3d"


def test_what_is_destroyed_is_not_there(tmp_path: Path) -> None:
    content = plan({"": [instance("aws_vpc.main")]}, {})
    gone = instance("aws_vpc_endpoint.s3", actions=("delete",), vpc_id="vpc-1")
    content["resource_changes"].append(
        {**gone, "change": {"actions": ["delete"], "before": gone["values"], "after": None}}
    )
    content["prior_state"] = {"values": {"root_module": {"resources": [gone]}}}
    network = network_of(tmp_path, content)
    assert [each.address for each in network.vpcs] == ["aws_vpc.main"] and not network.endpoints


def test_a_deposed_object_is_not_the_resource(tmp_path: Path) -> None:
    block = configured("aws_vpc_endpoint.e", vpc_id=refers("aws_vpc.main.id", "aws_vpc.main"))
    instances = [instance("aws_vpc.main", unknown={"id": True}), instance("aws_vpc_endpoint.e", unknown=CREATED)]
    content = plan({"": instances}, {"resources": [configured("aws_vpc.main"), block]})
    gone = {"actions": ["delete"], "before": {"vpc_id": "vpc-1"}, "after": None, "after_unknown": {}}
    content["resource_changes"].append({**content["resource_changes"][1], "deposed": "00000001", "change": gone})
    assert home(network_of(tmp_path, content), "aws_vpc_endpoint.e") == "aws_vpc.main"


def test_a_vpc_that_a_data_source_has_read(tmp_path: Path) -> None:
    read = instance("data.aws_vpc.shared", id="vpc-0a1b2c3d")
    content = plan(
        {"": [instance("aws_vpc_endpoint.e", vpc_id="vpc-0a1b2c3d")]},
        {"resources": [configured("data.aws_vpc.shared")]},
    )
    content["prior_state"] = {"values": {"root_module": {"resources": [read]}}}
    assert home(network_of(tmp_path, content), "aws_vpc_endpoint.e") == "data.aws_vpc.shared"


def test_a_data_source_read_during_the_apply_may_find_our_own(tmp_path: Path) -> None:
    reading = instance("data.aws_vpc.found", unknown={"id": True}, actions=("read",), cidr_block="10.0.0.0/16")
    instances = [
        instance("aws_vpc.main", unknown={"id": True}),
        reading,
        instance("aws_vpc_endpoint.e", unknown=CREATED),
    ]
    blocks = [
        configured("aws_vpc.main"),
        configured("data.aws_vpc.found"),
        configured("aws_vpc_endpoint.e", vpc_id=refers("data.aws_vpc.found.id", "data.aws_vpc.found")),
    ]
    network = network_of(tmp_path, plan({"": instances}, {"resources": blocks}))
    assert may_be_in(network, "aws_vpc_endpoint.e") == (set(), True)


def test_masked_secrets_are_not_values(tmp_path: Path) -> None:
    content = plan({"": [instance("aws_vpc_endpoint.e", service_name="REDACTED_SENSITIVE", vpc_id="vpc-1")]}, {})
    content["resource_changes"][0]["change"]["after_sensitive"] = {"service_name": True, "vpc_id": False}
    found = endpoint(network_of(tmp_path, content), "aws_vpc_endpoint.e")
    assert isinstance(found.service_name, Unknown) and "sensitive" in found.service_name.causes[0].text
    assert found.vpc == "vpc-1"


REGION = {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}}


@pytest.mark.parametrize(
    ("providers", "key", "values", "variables", "region"),
    [
        (REGION, "aws", {}, {}, "eu-west-1"),
        (REGION, "aws", {"region": "eu-south-2"}, {}, "eu-south-2"),  # AWS provider 6
        (REGION, "aws", {"arn": "arn:aws-cn:ec2:cn-north-1:1:vpc/vpc-1"}, {}, "cn-north-1"),
        (REGION, "module.a.module.b:aws", {}, {}, "eu-west-1"),  # its caller's caller's
        (
            {"aws": {"expressions": {"region": refers("var.region")}}},
            "module.a.module.b:aws",
            {},
            {"region": "us-west-1"},
            "us-west-1",
        ),
        (
            {"aws.x": {"expressions": {"region": refers("var.region")}}},
            "aws.x",
            {},
            {"region": "us-east-2"},
            "us-east-2",
        ),
        (
            {"aws": {"expressions": {"region": refers("var.c.region", "var.c")}}},
            "aws",
            {},
            {"c": {"region": "us-east-1"}},
            "us-east-1",
        ),
        ({"aws": {"expressions": {"region": refers("var.short")}}}, "aws", {}, {"short": "euw1"}, None),
        ({"aws": {"expressions": {"region": refers("local.region")}}}, "aws", {}, {}, None),
        ({"aws": {"expressions": {}}}, "aws", {}, {}, None),
        # Before Terraform 1.2, a plan does not say which configuration a module is handed.
        (
            {**REGION, "aws.us": {"expressions": {"region": {"constant_value": "us-east-1"}}}},
            "module.a:aws",
            {},
            {},
            None,
        ),
    ],
)
def test_regions(tmp_path: Path, providers: Json, key: str, values: Json, variables: Json, region: str | None) -> None:
    content = plan(
        {"": [instance("aws_vpc.main", **values)]},
        {"resources": [configured("aws_vpc.main", provider=key)]},
        provider_config=providers,
        variables={name: {"value": value} for name, value in variables.items()},
    )
    found = network_of(tmp_path, content).vpcs[0].region
    assert found == region if region else isinstance(found, Unknown)


def test_region_that_a_data_source_has_read(tmp_path: Path) -> None:
    content = plan(
        {"": [instance("aws_vpc.main")]},
        {"resources": [configured("aws_vpc.main"), configured("data.aws_region.current")]},
        provider_config={"aws": {"expressions": {}}},
    )
    read = instance("data.aws_region.current", name="ap-southeast-4")
    content["prior_state"] = {"values": {"root_module": {"resources": [read]}}}
    assert network_of(tmp_path, content).vpcs[0].region == "ap-southeast-4"


def test_a_provider_that_is_many(tmp_path: Path) -> None:
    """OpenTofu's for_each of providers: one data source has read one region, nothing tells of the others."""
    content = plan(
        {"": [instance("aws_vpc.main")]},
        {"resources": [configured("aws_vpc.main", provider="aws.by_region"), configured("data.aws_region.current")]},
        provider_config={"aws.by_region": {"expressions": {"region": refers("each.value")}}},
    )
    content["configuration"]["root_module"]["resources"][1]["provider_config_key"] = "aws.by_region"
    read = instance("data.aws_region.current", name="ap-southeast-4")
    content["prior_state"] = {"values": {"root_module": {"resources": [read]}}}
    assert isinstance(network_of(tmp_path, content).vpcs[0].region, Unknown)


def test_masked_variables_are_not_values(tmp_path: Path) -> None:
    """Code beside the plan is not evaluated with what stands for a secret, nor with a default that may not hold."""
    code = """\
variable "service" {
  default = "s3"
}

resource "aws_vpc_endpoint" "e" {
  vpc_id       = "vpc-0a1b2c3d"
  service_name = "com.amazonaws.eu-west-1.${var.service}"
}
"""
    block = configured("aws_vpc_endpoint.e", service_name=refers("var.service"))
    for variables in ({"service": {"value": "REDACTED_SENSITIVE"}}, {}):
        made = instance("aws_vpc_endpoint.e", unknown={"service_name": True}, vpc_id="vpc-0a1b2c3d")
        content = plan({"": [made]}, {"resources": [block]}, variables=variables)
        found = endpoint(network_of(tmp_path, content, {"main.tf": code}), "aws_vpc_endpoint.e")
        assert not isinstance(found.service_name, str) or "s3" not in found.service_name


def test_nested_blocks(tmp_path: Path) -> None:
    gateway = instance("aws_internet_gateway.g", unknown={"id": True, "vpc_id": True})
    table = instance(
        "aws_route_table.t",
        unknown={"id": True, "vpc_id": True, "route": [{"gateway_id": True}, {}]},
        route=[{"cidr_block": "0.0.0.0/0"}, {"cidr_block": "10.9.0.0/16", "gateway_id": "", "nat_gateway_id": "nat-1"}],
    )
    route = refers("aws_internet_gateway.g.id", "aws_internet_gateway.g")
    blocks = [configured("aws_internet_gateway.g"), configured("aws_route_table.t", route=route)]
    network = network_of(tmp_path, plan({"": [gateway, table]}, {"resources": blocks}))
    found = [(each.destination, str(each.target), each.target_kind) for each in network.routes]
    assert found == [("0.0.0.0/0", "aws_internet_gateway.g.id", "gateway"), ("10.9.0.0/16", "nat-1", "nat")]


def test_routes_that_are_unknown_as_a_whole_may_be_none(tmp_path: Path) -> None:
    """A dynamic block over an unknown collection and no block at all look the same in a plan."""
    table = instance("aws_route_table.t", unknown={"id": True, "vpc_id": True, "route": True})
    network = network_of(tmp_path, plan({"": [table]}, {"resources": [configured("aws_route_table.t")]}))
    assert [isinstance(each.declared.exists, Unknown) for each in network.routes] == [True]


def test_place_in_the_plan(tmp_path: Path) -> None:
    import json

    content = plan({"": [instance("aws_vpc.a"), instance('aws_vpc.b["x"]')]}, {})
    laid_out = json.dumps(content, indent=2)
    network = network_of(tmp_path, laid_out)
    lines = laid_out.split("\n")
    for each in network.vpcs:
        assert each.declared.span.file.endswith("plan.json")
        assert json.dumps(each.address) in lines[each.declared.span.line - 1]
    assert network_of(tmp_path, json.dumps(content)).vpcs[1].declared.span.line == 1


def test_nested_blocks_that_a_dynamic_block_makes(tmp_path: Path) -> None:
    """Terraform leaves the expressions of dynamic blocks out of a plan, so the written one is not that of all blocks."""
    vpcs = [instance(f"aws_vpc.{name}", unknown=CREATED) for name in ("hub", "spoke")]
    zone = instance("aws_route53_zone.z", unknown={"vpc": [{"vpc_id": True}] * 2}, name="corp.internal", vpc=[{}, {}])
    block = configured("aws_route53_zone.z", vpc=[{"vpc_id": refers("aws_vpc.hub.id", "aws_vpc.hub")}])
    network = network_of(tmp_path, plan({"": [*vpcs, zone]}, {"resources": [block]}))
    (found,) = network.hosted_zones
    assert isinstance(found.vpcs, ListValue) and [link(each).anything for each in found.vpcs.items] == [True, True]


def test_an_alias_goes_to_the_name_of_an_endpoint(tmp_path: Path) -> None:
    """Behind an index that is not written out, a plan does not say which attribute is meant; an id is no name."""
    alias = {"name": refers("aws_vpc_endpoint.e", "each.key"), "zone_id": refers("aws_vpc_endpoint.e", "each.key")}
    made = [
        instance('aws_vpc_endpoint.e["ssm"]', unknown={"id": True, "dns_entry": True}),
        instance("aws_route53_record.r", unknown={"alias": [{"name": True}]}, name="a", type="A", alias=[{}]),
    ]
    blocks = [configured("aws_vpc_endpoint.e"), configured("aws_route53_record.r", alias=[alias])]
    network = network_of(tmp_path, plan({"": made}, {"resources": blocks}))
    (target,) = targets_of(network, network.zone_records[0])
    assert target.label == 'aws_vpc_endpoint.e["ssm"]' and target.endpoint is not None


def test_a_tag_of_its_own_is_a_tag_of_the_vpc(tmp_path: Path) -> None:
    vpc = instance("aws_vpc.main", unknown={"id": True}, cidr_block="10.0.0.0/16")
    tag = instance("aws_ec2_tag.t", unknown={"resource_id": True}, key="Name", value="core")
    block = configured("aws_ec2_tag.t", resource_id=refers("aws_vpc.main.id", "aws_vpc.main"))
    network = network_of(tmp_path, plan({"": [vpc, tag]}, {"resources": [configured("aws_vpc.main"), block]}))
    assert [(each.name, item(each.tags, "Name")) for each in network.vpcs] == [("core", "core")]
