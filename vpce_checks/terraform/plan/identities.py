"""Which resource or data source of a plan has which id and ARN, and which resources have one that the plan leaves out."""

from __future__ import annotations

from vpce_checks.model.values import Reference, Value
from vpce_checks.terraform.plan.kinds import ENDPOINT, IDENTIFIED, ROUTE_TABLE, SECURITY_GROUP, SUBNET, VPC, is_mask
from vpce_checks.terraform.plan.model import Plan, Resource


def nameless(plan: Plan) -> dict[str, list[Resource]]:
    """The resources that are there already, but whose ids are not in the plan, by what their ids begin with."""
    found: dict[str, list[Resource]] = {}
    for resource in plan.resources.values():
        known = resource.values.get("id")
        if is_mask(known) or ("create" not in resource.actions and not isinstance(known, str)):
            for kind in (VPC, ROUTE_TABLE, SUBNET, SECURITY_GROUP, ENDPOINT):
                if resource.type in kind.types:
                    found.setdefault(kind.prefix, []).append(resource)
    return found


def identities(plan: Plan) -> dict[str, Value]:
    """By id and ARN: the resource of this plan, or else the data source, that has it."""
    found = _default_vpcs(plan)
    for resources, kind in ((plan.resources, "resource"), (plan.data, "data")):
        for resource in resources.values():
            if resource.type in IDENTIFIED:
                for name in ("id", "arn"):
                    value = resource.values.get(name)
                    if isinstance(value, str) and value:
                        text = value if kind == "data" else None
                        found.setdefault(value, Reference(resource.address, (name,), kind, text=text))
    return found


def _default_vpcs(plan: Plan) -> dict[str, Value]:
    """By id: the ``aws_default_vpc`` that adopts the default VPC which a data source has found.

    There is one in each region of an account, so the two mean the same one if they use the same provider configuration.
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_vpc
    """
    adopted = {
        _provider(each): Reference(each.address, ("id",), "resource")
        for each in plan.resources.values()
        if each.type == "aws_default_vpc"
    }
    return {
        str(each.values["id"]): adopted[_provider(each)]
        for each in plan.data.values()
        if each.type == "aws_vpc" and each.values.get("default") is True and each.values.get("id")
        if _provider(each) in adopted
    }


def _provider(resource: Resource) -> tuple[object, object]:
    return (resource.configuration or {}).get("provider_config_key"), resource.values.get("region")
