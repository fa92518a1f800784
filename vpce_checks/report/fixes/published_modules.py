"""Published modules of VPCs: what their outputs are called. Their own code cannot be changed, so a fix uses the outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vpce_checks.model.network import Call


class Outputs(NamedTuple):
    """The outputs of a module for its VPC, private route tables and private subnets; empty if there is none.

    ``{}`` in an expression stands for the module. An expression without it is an attribute of the module.
    """

    vpc: str
    route_tables: str = ""
    subnets: str = ""

    def seen_from(self, module: str) -> Outputs:
        """Return the expressions for ``module``, e.g. ``module.vpc`` or ``dependency.vpc.outputs``."""
        whole = (text if not text or "{}" in text else "{}." + text for text in self)
        return Outputs(*(text.replace("{}", module) for text in whole))


_OUTPUTS = {
    "terraform-aws-modules/vpc/aws": Outputs("vpc_id", "private_route_table_ids", "private_subnets"),
    "cloudposse/vpc/aws": Outputs("vpc_id"),
    "aws-ia/vpc/aws": Outputs(
        "vpc_attributes.id",
        "[for table in {}.rt_attributes_by_type_by_az.private : table.id]",
        "[for subnet in {}.private_subnet_attributes_by_az : subnet.id]",
    ),
}
"""See each module's page in the registry, e.g. https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws"""


def published_call(calls: Sequence[Call]) -> Call | None:
    """Return the first of ``calls`` that leads out of the code that can be changed, into a published module."""
    return next((call for call in calls if call.stub or call.fetched), None)


def outputs_of(published: Call) -> Outputs | None:
    """Return the outputs of a published module, if they are known."""
    return _OUTPUTS.get(_name_of(published))


def _name_of(published: Call) -> str:
    """Return ``ORG/NAME/PROVIDER`` of a module of the registry, also if it was fetched with git."""
    if published.stub:
        return published.stub.partition(" ")[0]
    from vpce_checks.terraform.sources.address import parse_address

    address = parse_address(published.fetched)
    return f"{address.module}//{address.directory}" if address.directory else address.module
