"""Published modules of VPCs: what their outputs are called. Their own code cannot be changed, so a fix uses the outputs."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.base.record import record
from vpce_checks.model.addresses import terraform_place, terraform_steps
from vpce_checks.model.network import Call, Declaration
from vpce_checks.reach.route_tables import MAIN_TABLE


@record
class Outputs:
    """The outputs of a module for its VPC, private route tables and private subnets; empty if there is none.

    ``{}`` in an expression stands for the module. An expression without it is an attribute of the module.
    """

    vpc: str
    route_tables: str = ""
    subnets: str = ""

    def seen_from(self, module: str) -> Outputs:
        """Return the expressions for ``module``, e.g. ``module.vpc`` or ``dependency.vpc.outputs``."""
        texts = (self.vpc, self.route_tables, self.subnets)
        return Outputs(*(_whole(text).replace("{}", module) for text in texts))


def _whole(text: str) -> str:
    return text if not text or "{}" in text else "{}." + text


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


_TIERS = {
    "terraform-aws-modules/vpc/aws": {
        "private": ("private_route_table_ids", "private_subnets"),
        "intra": ("intra_route_table_ids", "intra_subnets"),
        "database": ("database_route_table_ids", "database_subnets"),
        "elasticache": ("elasticache_route_table_ids", "elasticache_subnets"),
        "redshift": ("redshift_route_table_ids", "redshift_subnets"),
        "public": ("public_route_table_ids", "public_subnets"),
        "default": ("[{}.default_route_table_id]", ""),
    },
}
"""What modules call their route tables and subnets, with the outputs for each. See their pages as well."""

_MAIN_TABLES = {
    "terraform-aws-modules/vpc/aws": "vpc_main_route_table_id",
    "cloudposse/vpc/aws": "vpc_main_route_table_id",
}
"""The outputs for the main route table that AWS makes."""


def published_call(calls: Sequence[Call]) -> Call | None:
    """Return the first of ``calls`` that leads out of the code that can be changed, into a published module."""
    return next((call for call in calls if call.stub or call.fetched), None)


def local_call(call: Call) -> str:
    """Return how code beside a call names the module: ``module.vpc``."""
    return ".".join(terraform_steps(call.address)[-2:])


def outputs_of(published: Call, places: Sequence[Declaration]) -> Outputs | None:
    """Return the outputs of a published module, if they are known: those for the private route tables or subnets ``places``
    of its VPC, as far as the module creates them.

    All route tables are named, but subnets of one kind only: two of one zone would be refused.
    """
    name = _name_of(published)
    outputs = _OUTPUTS.get(name)
    made = [each for each in places if published in each.calls]
    if outputs is None or not made:
        return outputs
    names = {terraform_place(each.address).name for each in made if each.type != MAIN_TABLE}
    used = [each for tier, each in _TIERS.get(name, {}).items() if tier in names]
    tables = [_whole(table) for table, _ in used] if used else [_whole(outputs.route_tables)] * bool(names)
    main = _MAIN_TABLES.get(name)
    if main is not None and any(each.type == MAIN_TABLE for each in made):
        tables.append(f"[{_whole(main)}]")
    from vpce_checks.report.fixes.edits.id_lists import concatenated

    tables = list(filter(None, tables))
    subnets = used[0][1] if used else "" if name in _TIERS else outputs.subnets
    return Outputs(outputs.vpc, concatenated(tables) if tables else "", subnets)


def _name_of(published: Call) -> str:
    """Return ``ORG/NAME/PROVIDER`` of a module of the registry, also if it was fetched with git."""
    if published.stub:
        return published.stub.partition(" ")[0]
    from vpce_checks.terraform.sources.address import parse_address

    address = parse_address(published.fetched)
    return f"{address.module}//{address.directory}" if address.directory else address.module
