"""Fixes for Terragrunt units: those that use a published module, and those whose VPC another unit makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixing.repositories import contents, fix, repository
from vpce_checks.model.network import Call, Declaration
from vpce_checks.model.spans import Span
from vpce_checks.report.fixes.fix_terragrunt import new_unit
from vpce_checks.rules.finding import Finding, Fix


def unit(module: str, kind: str) -> str:
    """The new unit beside the unit ``network``, which uses ``module``."""
    place = Span("/repo/live/network/terragrunt.hcl", 3)
    call = Call("network", place, stub=f"{module} 1.2.3")
    fix = Fix(
        "add-gateway-endpoint" if kind == "gateway" else "add-interface-endpoint", service="s3", vpc="aws_vpc.this"
    )
    about = Declaration("aws_vpc.this", "aws_vpc", place)
    return new_unit(fix, Finding("VPCE001", "fail", "high", about, "said", root="/repo/live/network"), call, ())


def test_tables_that_the_module_makes_are_named() -> None:
    place = Span("/repo/live/network/terragrunt.hcl", 3)
    call = Call("network", place, stub="terraform-aws-modules/vpc/aws 5.8.1")
    about = Declaration("aws_vpc.this", "aws_vpc", place)
    tables = [
        Declaration(f"network.aws_route_table.{each}[0]", "aws_route_table", place, calls=(call,))
        for each in ("private", "intra")
    ]
    fix = Fix("add-gateway-endpoint", service="s3", vpc="aws_vpc.this")
    written = new_unit(fix, Finding("VPCE001", "fail", "high", about, "said", root="/repo/live/network"), call, tables)
    outputs = "dependency.network.outputs"
    both = f"concat({outputs}.private_route_table_ids, {outputs}.intra_route_table_ids)"
    assert f"      route_table_ids = {both}" in written.split("\n")


@pytest.mark.parametrize(
    ("module", "kind", "lines"),
    [
        (
            "terraform-aws-modules/vpc/aws",
            "gateway",
            (
                "  vpc_id = dependency.network.outputs.vpc_id",
                "      route_table_ids = dependency.network.outputs.private_route_table_ids",
            ),
        ),
        (
            "terraform-aws-modules/vpc/aws",
            "interface",
            ("      subnet_ids          = dependency.network.outputs.private_subnets",),
        ),
        (
            "aws-ia/vpc/aws",
            "gateway",
            (
                "  vpc_id = dependency.network.outputs.vpc_attributes.id",
                "      route_table_ids = [for table in dependency.network.outputs.rt_attributes_by_type_by_az.private"
                " : table.id]",
            ),
        ),
        (
            "somebody/vpc/aws",
            "gateway",
            (
                "  vpc_id = dependency.network.outputs.vpc_id",
                "      route_table_ids = [] # the private route tables",
            ),
        ),
    ],
)
def test_outputs_of_the_published_module(module: str, kind: str, lines: tuple[str, ...]) -> None:
    written = unit(module, kind).split("\n")
    for line in lines:
        assert line in written


@pytest.mark.parametrize("private_dns", ["true", "false"])
def test_the_dns_attributes_of_the_vpc_of_another_unit_are_turned_on(private_dns: str, tmp_path: Path) -> None:
    units = {
        "modules/network/main.tf": 'resource "aws_vpc" "this" {\n  cidr_block = "10.0.0.0/16"\n}\n\n'
        'output "vpc_id" {\n  value = aws_vpc.this.id\n}\n',
        "modules/endpoint/main.tf": 'variable "vpc_id" {}\n\nresource "aws_vpc_endpoint" "sqs" {\n'
        '  vpc_id              = var.vpc_id\n  service_name        = "com.amazonaws.eu-west-1.sqs"\n'
        f'  vpc_endpoint_type   = "Interface"\n  private_dns_enabled = {private_dns}\n}}\n',
        "live/network/terragrunt.hcl": 'terraform {\n  source = "../../modules/network"\n}\n',
        "live/endpoint/terragrunt.hcl": 'terraform {\n  source = "../../modules/endpoint"\n}\n\ndependency "network" {\n'
        '  config_path = "../network"\n}\n\ninputs = {\n  vpc_id = dependency.network.outputs.vpc_id\n}\n',
    }
    repository(tmp_path, units)
    done = fix(tmp_path, "--write", "--rules", "VPCE004,VPCE005")
    assert "left " not in done.out
    files = contents(tmp_path)
    network, endpoint = files["modules/network/main.tf"], files["modules/endpoint/main.tf"]
    assert b"  enable_dns_hostnames = true\n" in network and b"private_dns_enabled = true\n" in endpoint
