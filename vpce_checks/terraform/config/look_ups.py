"""Data sources that find an object by its name, its tags or its CIDR block: it may be one that a root of the repository creates.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/vpc
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.model.network import VpcTag, without_keys
from vpce_checks.model.outside import (
    ENDPOINT,
    GROUP_NAME,
    ROUTE_TABLE,
    SECURITY_GROUP,
    SERVICE_NAME,
    SUBNET,
    VPC,
    Found,
    Offer,
    Wanted,
)
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    choose,
    join_strings,
    merge_causes,
    opaque_parts,
)
from vpce_checks.model.vpc_tags import tagged
from vpce_checks.terraform.aws.coerce import as_string
from vpce_checks.terraform.config.deployed_objects import FILTERS, wanted_deployed

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance

IN_VPC = (
    "aws_db_subnet_group",
    "aws_ec2_transit_gateway_vpc_attachment",
    "aws_eks_cluster",
    "aws_instance",
    "aws_lb",
    "aws_nat_gateway",
    "aws_vpc_peering_connection",
)
"""Types of what is in a VPC. Of one that a look-up finds, only its VPC is known here."""

_OF_VPC = frozenset({"vpc_id", "vpc_config", "subnet_id"})

_FOUND_BY = {
    "aws_vpc": VPC,
    "aws_vpcs": VPC,
    "aws_subnet": SUBNET,
    "aws_subnets": SUBNET,
    "aws_subnet_ids": SUBNET,
    "aws_route_table": ROUTE_TABLE,
    "aws_route_tables": ROUTE_TABLE,
    "aws_security_group": SECURITY_GROUP,
    "aws_security_groups": SECURITY_GROUP,
    "aws_vpc_endpoint": ENDPOINT,
    **{type: type for type in IN_VPC},
    "aws_alb": "aws_lb",
}
"""Type of data source -> kind of the objects that it finds."""

_CREATED_BY = {
    "aws_vpc": VPC,
    "aws_default_vpc": VPC,
    "awscc_ec2_vpc": VPC,
    "aws_subnet": SUBNET,
    "aws_default_subnet": SUBNET,
    "awscc_ec2_subnet": SUBNET,
    "aws_route_table": ROUTE_TABLE,
    "aws_default_route_table": ROUTE_TABLE,
    "awscc_ec2_route_table": ROUTE_TABLE,
    "aws_security_group": SECURITY_GROUP,
    "awscc_ec2_security_group": SECURITY_GROUP,
    "aws_vpc_endpoint": ENDPOINT,
    "awscc_ec2_vpc_endpoint": ENDPOINT,
    **{type: type for type in IN_VPC},
    "aws_alb": "aws_lb",
}
"""Type of resource -> kind of the object that it creates."""

LOOK_UP_TYPES = frozenset(_FOUND_BY)
CREATED_TYPES = frozenset(_CREATED_BY)

_BY_ID = frozenset({"id", "vpc_id", "subnet_id", "route_table_id", "gateway_id", "arn", "instance_id"})
"""Arguments with the id of an object, or of something that it belongs to. Then there is nothing to look for."""

_ID_FILTERS = frozenset({"vpc-id", "subnet-id", "route-table-id", "group-id", "association.subnet-id"})
"""Filters that do the same."""

_WITHIN = frozenset({"vpc_id", "subnet_id"})
_WITHIN_FILTERS = frozenset({"vpc-id", "association.subnet-id"})
"""Those of them that say where an object is."""

_SEVERAL = ("ids",)


def wanted_object(instance: Instance) -> Wanted | None:
    """Return what a data source looks for. None if an id names it: then nothing is left to look for.

    One id is different: that of a VPC or subnet of another root. It only says in which VPC the data source looks.
    """
    kind = _FOUND_BY[instance.type]
    key = _criteria(instance)
    vpc = _vpc_of_another(instance, key) if kind != VPC else None
    if kind == SECURITY_GROUP:  # its VPC has many groups, so the VPC does not say which is meant
        key.pop("vpc-id", None)
        if (group_name := instance.get("name")) is not None:
            key[GROUP_NAME] = group_name
    key.update(_own_name(instance, kind))
    by_id = {"id"} if kind == SECURITY_GROUP else _BY_ID if vpc is None else _BY_ID - _WITHIN
    if any(instance.get(name) is not None for name in by_id):
        return None
    if not (_ID_FILTERS if vpc is None else _ID_FILTERS - _WITHIN_FILTERS).isdisjoint(key):
        return None
    for within in _WITHIN_FILTERS if vpc is not None else ():
        key.pop(within, None)
    region = instance.region()
    if isinstance(region, str):
        key["region"] = region
    name = key.pop("tag:Name", None)
    span = instance.block.header
    if instance.get("default") not in (None, False, True):
        return None
    if instance.get("default") is True:
        key["is-default"] = "true"
    elif key.get("is-default") == "false":
        del key["is-default"]  # nearly every VPC is none: that is nothing in common
    if name is None:
        name = Unknown((Cause(f"{instance.address} does not look for a tag Name", span),), "string")
    return Wanted(kind, name, instance.address, span, key, is_search=True, vpc=vpc)


def wanted_default_vpc(instance: Instance) -> Wanted:
    """Return what an object in the default VPC of its region wants: that VPC."""
    region = instance.region()
    key: dict[str, Value] = {"is-default": "true", **({"region": region} if isinstance(region, str) else {})}
    span = instance.block.header
    name = Unknown((Cause(f"{instance.address} does not name the default VPC", span),), "string")
    return Wanted(VPC, name, f"the VPC of {instance.address}", span, key, is_search=True)


def _own_name(instance: Instance, kind: str) -> Iterator[tuple[str, Value]]:
    """Yield the part of a key that names something in a VPC, beside its tags."""
    argument = {ENDPOINT: "service_name"}.get(kind, "name" if kind in IN_VPC else "")
    value = instance.get(argument) if argument else None
    if value is not None:
        yield SERVICE_NAME if kind == ENDPOINT else "name", value


def _vpc_of_another(instance: Instance, criteria: Mapping[str, Value]) -> Value:
    """Return the id of the VPC in which a data source looks, if another root may create that VPC. Null if none does.

    The data source may name a subnet of another root instead. Then the VPC is one of that root, and no more is known
    of it.
    """
    vpc = _given(instance, criteria, "vpc_id", "vpc-id")
    if is_of_another(instance, vpc):
        return vpc
    subnet = _given(instance, criteria, "subnet_id", "association.subnet-id")
    roots = sorted({each.address.partition(":")[0] for each in _of_others(instance, subnet)})
    hidden = Unknown(
        (Cause(f"the VPC in which {instance.address} looks is not known", instance.block.header),), "string"
    )
    return choose([PartialString((f"{root}:", hidden)) for root in roots], hidden.causes) if roots else None


def _given(instance: Instance, criteria: Mapping[str, Value], argument: str, filter: str) -> Value:
    given = instance.get(argument)
    return criteria.get(filter) if given is None else given


def is_of_another(instance: Instance, value: Value) -> bool:
    """Whether a value is, or may be, of an object that another root creates."""
    return any(_of_others(instance, value))


def _of_others(instance: Instance, value: Value) -> Iterator[Reference]:
    label = instance.scope.session.label
    for part in opaque_parts(value):
        for each in part.one_of if isinstance(part, Unknown) else (part,):
            if isinstance(each, Reference) and each.kind == "resource" and _is_labelled(each.address, label):
                yield each


def _is_labelled(address: str, own: str) -> bool:
    """Whether an address begins with the label of a root, which ends in a colon, and not with the own one."""
    return ":" in without_keys(address) and not (own and address.startswith(own))


def offered_object(instance: Instance, given: Sequence[VpcTag]) -> Offer:
    """Return an object that data sources of other roots may find. ``given`` are the tags that the root puts on objects."""
    region = instance.region()
    key: dict[str, Value] = {"region": region} if isinstance(region, str) else {}
    span = instance.block.header
    tags = tagged(instance.tags(), instance.address, given)
    name: Value = Unknown(merge_causes([tags])) if isinstance(tags, Opaque) else None
    if isinstance(tags, MapValue):
        key.update({f"tag:{tag}": value for tag, value in tags.items.items() if tag != "Name"})
        key.update({f"tag-key:{tag}": tag for tag in tags.items})
        name = tags.items.get("Name", tags.rest)
    cidr = instance.get("cidr_block")
    if cidr is not None:
        key["cidr"] = cidr
    kind = _CREATED_BY[instance.type]
    if kind == VPC:
        key["is-default"] = "true" if instance.type == "aws_default_vpc" else "false"
    if kind == SECURITY_GROUP:
        key[GROUP_NAME] = _group_name(instance)
    key.update(_own_name(instance, kind))
    doubts = {"id": instance.exists} if isinstance(instance.exists, Opaque) else {}
    has_more = not isinstance(tags, MapValue) or tags.rest is not None or "tags" not in instance.block.body.attributes
    is_hidden = has_more and any(call.stub for call in instance.module.calls)
    if is_hidden and name is None:
        name = Unknown((Cause(f"the stub of {instance.address} leaves its tags out", span),), "string")
    return Offer(
        kind, name, own_address(instance), span, instance.attribute, key=key, doubts=doubts, is_hidden=is_hidden
    )


def _group_name(instance: Instance) -> Value:
    """Return the name of a security group. What the provider adds to a prefix is known only after the apply.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group#name
    """
    name = instance.get("group_name" if instance.type.startswith("awscc_") else "name")
    if name is not None:
        return name
    prefix = as_string(instance.get("name_prefix"))
    added = Unknown((Cause(f"the provider completes the name of {instance.address}", instance.block.header),), "string")
    return join_strings(("terraform-" if prefix is None else prefix, added))


def own_address(instance: Instance) -> str:
    """Return the address of an instance without the label of its root."""
    return instance.address.removeprefix(instance.scope.session.label)


def looked_up(instance: Instance, name: str) -> Value | None:
    """Return attribute ``name`` of what a data source may find in the repository or in an inventory. None if it finds nothing
    there."""
    outside = instance.scope.session.outside
    if outside is None or (_FOUND_BY.get(instance.type) in IN_VPC and name not in _OF_VPC):
        return None
    wanted = wanted_object(instance) if instance.type in LOOK_UP_TYPES else None
    found = outside.find(wanted) if wanted is not None else None
    deployed = wanted_deployed(instance)
    existing = outside.find(deployed) if deployed is not None else None
    if existing is not None and name not in existing.names:
        existing = None
    if found is None and existing is None:
        return None
    from vpce_checks.terraform.config.outputs_of_others import external

    elsewhere: Value = external(instance, name)
    if existing is not None:
        elsewhere = existing.value(name, elsewhere)
    return _of_created(instance, found, name, elsewhere)


def _of_created(instance: Instance, found: Found | None, name: str, elsewhere: Value) -> Value:
    if found is None:
        return elsewhere
    if found.wanted.vpc is not None and found.wanted.kind != ENDPOINT:
        # AWS makes a table and a group in each VPC, which no code names
        elsewhere = Unknown(merge_causes([elsewhere]) or found.why)
    if name not in _SEVERAL:
        return found.value(name if instance.type != "aws_route_table" or name != "route_table_id" else "id", elsewhere)
    if _asks_for_vpc_alone(instance):
        return _all_in_vpc(instance, found)
    each = [ListValue((offer.value("id"),), "list") for offer in found.offers]
    return choose([*each, elsewhere], found.why)


def _asks_for_vpc_alone(instance: Instance) -> bool:
    """Return whether a data source finds everything of its kind in a VPC."""
    filters = [block.get("name") for block in instance.blocks("filter")]
    others = {"id", "name", "tags", "cidr_block", "subnet_id"}
    is_bare = all(instance.get(name) is None for name in others) and all(each == "vpc-id" for each in filters)
    return is_bare and bool(filters or instance.get("vpc_id") is not None)


def _all_in_vpc(instance: Instance, found: Found) -> Value:
    """Return the ids of all offered objects of a VPC, and what else there may be. A VPC has a main route table."""
    vpc = found.wanted.vpc
    doubt = Unknown(found.why)
    items = [offer.value("id") for offer in found.offers]
    maybe: dict[int, Opaque] = {}
    for at, offer in enumerate(found.offers):
        own = offer.value("vpc_id")
        is_there = isinstance(vpc, Reference) and isinstance(own, Reference) and own.address == vpc.address
        if not is_there or "id" in offer.doubts:
            maybe[at] = offer.doubts["id"] if is_there else doubt
    if found.wanted.kind == ROUTE_TABLE:
        items.append(replace(vpc, path=("main_route_table_id",)) if isinstance(vpc, Reference) else doubt)
    return ListValue(tuple(items), "list", maybe, doubt)


def _criteria(instance: Instance) -> dict[str, Value]:
    """Return what a data source looks for: ``tag:NAME``, ``cidr`` and other filters, each with its value."""
    found: dict[str, Value] = {}
    tags = instance.get("instance_tags" if instance.type == "aws_instance" else "tags")
    if isinstance(tags, MapValue):
        found.update({f"tag:{name}": value for name, value in tags.items.items()})
    elif isinstance(tags, Opaque):
        found["tag:Name"] = Unknown(merge_causes([tags]))
    cidr = instance.get("cidr_block")
    if cidr is not None:
        found["cidr"] = cidr
    found.update(_filters(instance))
    return found


def _filters(instance: Instance) -> Iterator[tuple[str, Value]]:
    for block in instance.blocks("filter"):
        name, values = block.get("name"), block.get("values")
        if not isinstance(name, str):
            continue
        if name == "tag-key" and isinstance(values, ListValue):
            yield from ((f"tag-key:{tag}", tag) for tag in values.items if isinstance(tag, str))
        else:
            yield FILTERS.get(name, name), _any_of(values, instance.block.header)


def _any_of(values: Value, span: Span) -> Value:
    """Return the value that a filter matches: one of several, or anything that fits a wildcard."""
    if not isinstance(values, ListValue) or not values.exact:
        return Unknown(merge_causes([values]) or (Cause("the values of a filter are not known", span),))
    items = tuple(_wildcard(item, span) for item in values.items)
    return choose(items, (Cause("a filter has several values", span),)) if items else None


def _wildcard(value: Value, span: Span) -> Value:
    """Return what a value of a filter matches: ``*`` and ``?`` stand for any text.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
    """
    if not isinstance(value, str) or not ("*" in value or "?" in value):
        return value
    any_text = Unknown((Cause("a filter has a wildcard", span),), "string")
    if "\\" in value:
        return any_text  # it may escape a wildcard
    known = value.replace("?", "*").split("*")
    return PartialString(tuple(part for literal in known for part in (literal, any_text) if part != "")[:-1])
