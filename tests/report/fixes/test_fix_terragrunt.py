"""Fixes for Terragrunt units that use a published module."""

from __future__ import annotations

import pytest

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
