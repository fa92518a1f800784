"""A plan beside the code that it was made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.plan.plans import (
    Json,
    configured,
    endpoint,
    home,
    instance,
    may_be_in,
    names,
    network_of,
    plan,
    refers,
)
from vpce_checks.model.values import Unknown

CODE = """\
variable "which" {}

locals {
  ids = { for key, vpc in aws_vpc.main : key => vpc.id }
}

resource "aws_vpc" "main" {
  for_each   = toset(["a", "b"])
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "s3" {
  # vpce-checks:ignore VPCE007 not yet
  vpc_id       = local.ids[var.which]
  service_name = "com.amazonaws.eu-west-1.s3"
}
"""


def content(which: str = "b", vpc_id: Json | None = None, service: str = "com.amazonaws.eu-west-1.s3") -> Json:
    return plan(
        {
            "": [
                instance('aws_vpc.main["a"]', unknown={"id": True}, cidr_block="10.0.0.0/16"),
                instance('aws_vpc.main["b"]', unknown={"id": True}, cidr_block="10.0.0.0/16"),
                instance("aws_vpc_endpoint.s3", unknown={"id": True, "vpc_id": True}, service_name=service),
            ]
        },
        {
            "resources": [
                configured("aws_vpc.main"),
                configured("aws_vpc_endpoint.s3", vpc_id=vpc_id or refers("local.ids", "var.which")),
            ]
        },
        variables={"which": {"value": which}},
    )


@pytest.mark.parametrize("which", ["a", "b"])
def test_local_values(tmp_path: Path, which: str) -> None:
    """With the value of the plan's variable, which is nowhere in the code."""
    network = network_of(tmp_path, content(which), {"main.tf": CODE})
    assert home(network, "aws_vpc_endpoint.s3") == f'aws_vpc.main["{which}"]'
    assert not network.diagnostics


def test_lines_and_ignores(tmp_path: Path) -> None:
    network = network_of(tmp_path, content(), {"main.tf": CODE})
    declared = endpoint(network, "aws_vpc_endpoint.s3").declared
    assert (declared.span.file, declared.span.line) == (str(tmp_path / "main.tf"), 12)
    assert declared.field_spans["vpc"].line == 14
    assert [each.rules for each in network.ignores] == [("VPCE007",)]
    assert set(network.files) == {str(tmp_path / "main.tf"), str(tmp_path / "plan.json")}


def test_code_that_changed_since_is_not_believed(tmp_path: Path) -> None:
    changed = CODE.replace("eu-west-1.s3", "eu-west-1.dynamodb")
    network = network_of(tmp_path, content(), {"main.tf": changed})
    assert home(network, "aws_vpc_endpoint.s3") is None
    assert endpoint(network, "aws_vpc_endpoint.s3").service_name == "com.amazonaws.eu-west-1.s3"
    assert ["the code beside this plan differs from it" in each.message for each in network.diagnostics] == [True]


def test_instances_that_the_code_does_not_make(tmp_path: Path) -> None:
    network = network_of(tmp_path, content(), {"main.tf": CODE.replace('"a", "b"', '"b"')})
    assert home(network, "aws_vpc_endpoint.s3") is None
    assert "aws_vpc.main" in network.diagnostics[0].message


def test_references_of_the_plan_overrule_the_code(tmp_path: Path) -> None:
    """The plan names the one object that it can be; the code says another by now."""
    said = refers('aws_vpc.main["a"].id', 'aws_vpc.main["a"]', "aws_vpc.main")
    network = network_of(tmp_path, content("b", said), {"main.tf": CODE})
    assert home(network, "aws_vpc_endpoint.s3") == 'aws_vpc.main["a"]'


def test_what_exists_may_differ_from_the_code(tmp_path: Path) -> None:
    """``ignore_changes`` keeps what is there; that does not make the code another."""
    made = content()
    made["resource_changes"][2]["change"]["actions"] = ["no-op"]
    network = network_of(tmp_path, made, {"main.tf": CODE.replace("eu-west-1.s3", "eu-west-1.dynamodb")})
    assert home(network, "aws_vpc_endpoint.s3") == 'aws_vpc.main["b"]' and not network.diagnostics


def test_code_of_something_else(tmp_path: Path) -> None:
    network = network_of(tmp_path, content(), {"main.tf": 'resource "aws_vpc" "other" {}\n'})
    declared = endpoint(network, "aws_vpc_endpoint.s3").declared
    assert declared.span.file == str(tmp_path / "plan.json")
    assert may_be_in(network, "aws_vpc_endpoint.s3") == (set(), True)
    assert not network.diagnostics


def test_broken_code(tmp_path: Path) -> None:
    network = network_of(tmp_path, content(), {"main.tf": CODE, "broken.tf": 'resource "aws_vpc" {{{'})
    assert [each.address for each in network.vpcs] == ['aws_vpc.main["a"]', 'aws_vpc.main["b"]']
    assert not [each for each in network.diagnostics if each.severity == "error"], "the plan itself could be read"


def test_workspace_is_not_in_a_plan(tmp_path: Path) -> None:
    code = CODE.replace("local.ids[var.which]", "local.ids[terraform.workspace]")
    network = network_of(tmp_path, content(), {"main.tf": code})
    assert may_be_in(network, "aws_vpc_endpoint.s3")[0] == {'aws_vpc.main["a"]', 'aws_vpc.main["b"]'}


def test_lists_in_full(tmp_path: Path) -> None:
    """``aws_route_table.private[*].id`` is all of them, which only the code tells."""
    code = """\
resource "aws_route_table" "private" {
  count  = 2
  vpc_id = "vpc-0a1b2c3d"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = "vpc-0a1b2c3d"
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = aws_route_table.private[*].id
}
"""
    tables = [
        instance(f"aws_route_table.private[{n}]", unknown={"id": True, "route": True}, vpc_id="vpc-0a1b2c3d")
        for n in (0, 1)
    ]
    s3 = instance(
        "aws_vpc_endpoint.s3",
        unknown={"id": True, "route_table_ids": True},
        service_name="com.amazonaws.eu-west-1.s3",
        vpc_id="vpc-0a1b2c3d",
    )
    blocks = [
        configured("aws_route_table.private"),
        configured("aws_vpc_endpoint.s3", route_table_ids=refers("aws_route_table.private")),
    ]
    network = network_of(tmp_path, plan({"": [*tables, s3]}, {"resources": blocks}), {"main.tf": code})
    found = endpoint(network, "aws_vpc_endpoint.s3").route_tables
    assert names(found) == ["aws_route_table.private[0].id", "aws_route_table.private[1].id"]
    assert found.exact  # type: ignore[union-attr]
    assert not network.routes, "nor has either a route, says the code"


def test_module_calls_have_their_lines(tmp_path: Path) -> None:
    files = {
        "main.tf": '\nmodule "net" {\n  source = "./net"\n  for_each = toset(["a.b"])\n}\n',
        "net/main.tf": 'resource "aws_vpc" "this" {\n  cidr_block = "10.0.0.0/16"\n}\n',
    }
    module = {"resources": [configured("aws_vpc.this")]}
    made = plan(
        {'module.net["a.b"]': [instance("aws_vpc.this", cidr_block="10.0.0.0/16")]},
        {"module_calls": {"net": {"source": "./net", "module": module}}},
    )
    declared = network_of(tmp_path, made, files).vpcs[0].declared
    assert declared.span.file == str(tmp_path / "net/main.tf")
    assert [(call.address, call.span.line) for call in declared.calls] == [('module.net["a.b"]', 2)]


def test_a_module_that_is_not_there_but_known(tmp_path: Path) -> None:
    """Its stub tells what the output is; its own resources are the plan's."""
    code = """\
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.1.0"
  cidr    = "10.0.0.0/16"
}

locals {
  vpc_id = module.vpc.vpc_id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = local.vpc_id
  service_name = "com.amazonaws.eu-west-1.s3"
}
"""
    module = {
        "resources": [configured("aws_vpc.this", enable_dns_hostnames=refers("local.of_the_real_module"))],
        "outputs": {"vpc_id": {"expression": refers("aws_vpc.this[0].id", "aws_vpc.this[0]", "aws_vpc.this")}},
    }
    made = plan(
        {
            "": [instance("aws_vpc_endpoint.s3", unknown={"id": True, "vpc_id": True})],
            "module.vpc": [
                instance(
                    "aws_vpc.this[0]", unknown={"id": True, "enable_dns_hostnames": True}, cidr_block="10.0.0.0/16"
                ),
                instance("aws_route_table.of_the_real_module[0]", unknown={"id": True}, route=[]),
            ],
        },
        {
            "resources": [configured("aws_vpc_endpoint.s3", vpc_id=refers("local.vpc_id"))],
            "module_calls": {"vpc": {"source": "terraform-aws-modules/vpc/aws", "module": module}},
        },
    )
    network = network_of(tmp_path, made, {"main.tf": code})
    assert not network.diagnostics
    assert home(network, "aws_vpc_endpoint.s3") == "module.vpc.aws_vpc.this[0]"
    assert isinstance(network.vpcs[0].enable_dns_hostnames, Unknown), "of its own resources the stub tells nothing"
    assert network.vpcs[0].declared.span.file.startswith(str(tmp_path)), "no line of ours is shown"


def test_many_instances_are_not_told_apart(tmp_path: Path) -> None:
    """Without code, one of hundreds is as good as unknown; the effort stays small."""
    count = 300
    made = plan(
        {
            "": [
                *(instance(f'aws_vpc.main["{n}"]', unknown={"id": True}) for n in range(count)),
                *(instance(f'aws_vpc_endpoint.s3["{n}"]', unknown={"id": True, "vpc_id": True}) for n in range(count)),
            ]
        },
        {
            "resources": [
                configured("aws_vpc.main"),
                configured(
                    "aws_vpc_endpoint.s3", each=refers("aws_vpc.main"), vpc_id=refers("aws_vpc.main", "each.key")
                ),
            ]
        },
    )
    network = network_of(tmp_path, made)
    assert may_be_in(network, 'aws_vpc_endpoint.s3["7"]') == (set(), True)
