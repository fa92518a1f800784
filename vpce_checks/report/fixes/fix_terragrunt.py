"""Write a fix for a Terragrunt unit that uses a published module: a new unit beside it. The module cannot be changed."""

from __future__ import annotations

import os
from collections.abc import Sequence

from vpce_checks.model.network import Call, Declaration
from vpce_checks.report.fixes.client_groups import group_wanted
from vpce_checks.report.fixes.published_modules import Outputs, outputs_of
from vpce_checks.report.fixes.terraform_blocks import block_name
from vpce_checks.rules.finding import Finding, Fix

_MODULE = "tfr:///terraform-aws-modules/vpc/aws//modules/vpc-endpoints"


def new_unit(fix: Fix, finding: Finding, published: Call, around: Sequence[Declaration]) -> str:
    """Return the text of a unit that adds the endpoint to the VPC that ``finding`` is about.

    ``published`` is the call of the published module by the unit of that VPC, ``around`` are the private route tables or
    subnets of the VPC.
    """
    name = os.path.basename(finding.root)
    outputs = (outputs_of(published, around) or Outputs("vpc_id")).seen_from(f"dependency.{name}.outputs")
    gateway = fix.kind == "add-gateway-endpoint"
    listed = outputs.route_tables if gateway else outputs.subnets
    missing = "the private route tables" if gateway else "the private subnets"
    places = "route_table_ids" if gateway else "subnet_ids"
    arguments = {
        "service": f'"{fix.service}"',
        "service_type": '"Gateway"' if gateway else '"Interface"',
        places: listed if listed else f"[] # {missing}",
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
            f"  vpc_id = {outputs.vpc}",
            *([] if gateway else [f"  security_group_ids = [] # {group_wanted(fix)}"]),
            "  endpoints = {",
            f"    {block_name(fix.service)} = {{",
            *(f"      {argument:{width}} = {value}" for argument, value in arguments.items()),
            "    }",
            "  }",
            "}",
        ]
    )
