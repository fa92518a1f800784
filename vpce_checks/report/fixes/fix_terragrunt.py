"""Fixes where a Terragrunt unit names a published module, which cannot be changed: its inputs, or a unit beside it."""

from __future__ import annotations

import os

from vpce_checks.model.network import Call
from vpce_checks.report.fixes.fix_terraform import published_name
from vpce_checks.rules.finding import Finding, Fix

_MODULE = "tfr:///terraform-aws-modules/vpc/aws//modules/vpc-endpoints"
_OUTPUTS = {
    "terraform-aws-modules/vpc/aws": ("vpc_id", "private_route_table_ids", "private_subnets"),
    "cloudposse/vpc/aws": ("vpc_id", "", ""),
}
"""Of published modules the outputs for the VPC, the private route tables and the private subnets."""


def new_unit(fix: Fix, finding: Finding, published: Call) -> str:
    """The text of a unit that adds the endpoint to the VPC of the one that ``finding`` is about, which names the module
    ``published`` as its own."""
    name = os.path.basename(finding.root)
    vpc, tables, subnets = _OUTPUTS.get(published_name(published), ("vpc_id", "", ""))
    gateway = fix.kind == "add-gateway-endpoint"
    outputs = f"dependency.{name}.outputs"
    listed = tables if gateway else subnets
    missing = "the private route tables" if gateway else "the private subnets"
    places = "route_table_ids" if gateway else "subnet_ids"
    arguments = {
        "service": f'"{fix.service}"',
        "service_type": '"Gateway"' if gateway else '"Interface"',
        places: f"{outputs}.{listed}" if listed else f"[] # {missing}",
    }
    if not gateway:
        arguments["private_dns_enabled"] = "true"
    width = max(map(len, arguments))
    return "\n".join(
        [
            "terraform {",
            f'  source = "{_MODULE}"',
            "}",
            "",
            f'dependency "{name}" {{',
            f'  config_path = "../{name}"',
            "}",
            "",
            "inputs = {",
            f"  vpc_id = {outputs}.{vpc}",
            "  endpoints = {",
            f"    {_key(fix.service)} = {{",
            *(f"      {argument:{width}} = {value}" for argument, value in arguments.items()),
            "    }",
            "  }",
            "}",
        ]
    )


def _key(service: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in service)
