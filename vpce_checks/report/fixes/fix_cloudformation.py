"""Write fixes as CloudFormation, in YAML or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from vpce_checks.model.addresses import leaf
from vpce_checks.model.network import Declaration, Network
from vpce_checks.project.listing import Inventory
from vpce_checks.project.networks import inventory_of, look_up, surroundings_of
from vpce_checks.reach.route_tables import MAIN_TABLE
from vpce_checks.report.fixes.changes import (
    ONE_ZONE,
    SAME_ZONE,
    SUBNETS_OF_ONE_ZONE,
    Addition,
    Change,
    Expression,
    Setting,
)
from vpce_checks.report.fixes.client_groups import group_wanted, groups_for
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.fixes.tables_wanted import tables_wanted
from vpce_checks.report.fixes.template_siblings import switched_off, written_properties
from vpce_checks.rules.finding import Finding, Fix

CLOUDFORMATION_NAMES = {
    "private_dns": "PrivateDnsEnabled",
    "type": "VpcEndpointType",
    "service_name": "ServiceName",
    "service_region": "ServiceRegion",
    "vpc": "VpcId",
    "route_tables": "RouteTableIds",
    "subnets": "SubnetIds",
    "security_groups": "SecurityGroupIds",
    "enable_dns_support": "EnableDnsSupport",
    "enable_dns_hostnames": "EnableDnsHostnames",
}


def cloudformation_fix(fix: Fix, finding: Finding, networks: Sequence[Network]) -> FixText:
    """Return the resource to add or change, in the file that ``finding`` is about."""
    about = finding.about
    sibling = _apart_sibling(fix, networks)
    if sibling is not None:
        about = sibling
    file = about.span.file
    in_json = file.endswith(".json") or (
        inventory_of(networks).language == "cloudformation-json" and not file.lower().endswith((".yaml", ".yml"))
    )
    unused = switched_off(fix, finding.about.span.file, networks) if fix.adds else None
    if unused is not None:
        return FixText(unused)
    changed = _change(fix, finding, networks) if fix.kind == "set" else _endpoint(fix, networks)
    if changed is None:
        if not _uses_main_table(fix, networks):
            return FixText(str(fix.value))
        return FixText(
            f"give the subnets that use the main route table of {leaf(fix.vpc)} a route table of their own, and name that in "
            f"RouteTableIds of {leaf(fix.address)}: a template cannot name the main one"
        )
    resources = [changed, *_dns_of_vpc(fix, networks)]
    blanks = _blanks(fix, networks)
    if _like_sibling(fix, networks):
        del blanks["RouteTableIds"]
    is_new = fix.kind == "add-interface-endpoint"
    apart = surroundings_of(networks, fix).apart
    hints = {"SubnetIds": ONE_ZONE if apart is None else SAME_ZONE} if is_new and not apart else {}
    codes = [json.dumps(each, indent=2) if in_json else _as_yaml(each, blanks) for each in resources]
    changes: list[Change] = []
    for resource, code in zip(resources, codes, strict=True):
        ((name, content),) = resource.items()
        properties = content["Properties"]
        if "Type" not in content:
            values = {key: _settable(value, in_json=in_json) for key, value in properties.items()}
            changes.append(Setting(file, (name,), tuple(values.items())))
            continue
        left = tuple(_WANTED.get(note, note) for key, note in blanks.items() if _is_blank(properties.get(key), note))
        changes.append(Addition(file, code, about.span, left))
    by_hand = "nested properties are not edited" if fix.field == "dns_inbound_only" else ""
    by_hand = by_hand or (SUBNETS_OF_ONE_ZONE if SAME_ZONE in hints.values() else "")
    where = "change in" if fix.kind == "set" else "add to"
    shown = [_as_yaml(each, blanks, hints) for each in resources]
    filled = [_with_notes(each, blanks) for each in resources]
    text = json.dumps({**filled[0], **filled[-1]}, indent=2) if in_json else "\n".join(shown)
    return FixText(text, where, file, changes=() if by_hand else tuple(changes), by_hand=by_hand)


def _dns_of_vpc(fix: Fix, networks: Sequence[Network]) -> Iterator[dict[str, Any]]:
    """Yield what turns on the DNS attributes of the VPC, without which private DNS does not work."""
    turns_on = fix.kind == "add-interface-endpoint" or (fix.field == "private_dns" and fix.value is True)
    if not turns_on or not fix.vpc or (fix.address and _stack_of(fix.address) != _stack_of(fix.vpc)):
        return
    off = surroundings_of(networks, fix).dns_off
    if off and inventory_of(networks).apart(fix.vpc)[1] is None:
        yield {leaf(fix.vpc): {"Properties": {CLOUDFORMATION_NAMES[name]: True for name in off}}}


def _stack_of(address: str) -> str:
    return address.rpartition("/")[0]


def _settable(value: Any, *, in_json: bool) -> bool | str:
    """Return a value of a property for a :class:`Setting`."""
    if isinstance(value, (bool, str)):
        return value
    return Expression(json.dumps(value) if in_json else _yaml_value(value))


def _change(fix: Fix, finding: Finding, networks: Sequence[Network]) -> dict[str, Any] | None:
    """Return the resource with what to set in it; None if the route tables to name are not known."""
    if fix.field == "route_tables":
        around = surroundings_of(networks, fix)
        named = (each for each in around.places if each.type != MAIN_TABLE)
        here = [each for each in named if _stack_of(each.address) == _stack_of(fix.address)]
        if not here or len(here) < len(around.places) or _stack_of(fix.vpc) != _stack_of(fix.address):
            return None
        tables = [_if_there(each, finding.about.condition) for each in here]
        return {leaf(fix.address): {"Properties": {"RouteTableIds": tables}}}
    if fix.field == "dns_inbound_only":
        choice = "OnlyInboundResolver" if fix.value else "AllResolvers"
        properties: dict[str, Any] = {"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": choice}}
    else:
        properties = {CLOUDFORMATION_NAMES.get(name, name): fix.value for name in (fix.field, *fix.also)}
    return {leaf(fix.address or finding.resource): {"Properties": properties}}


_SHARED = ("VpcId", "RouteTableIds")
"""The properties that a gateway endpoint has as another one of its VPC has them."""


def _apart_sibling(fix: Fix, networks: Sequence[Network]) -> Declaration | None:
    """Return a gateway endpoint of another stack that a new one goes beside: the stack of the VPC cannot name all of its
    route tables."""
    if fix.kind != "add-gateway-endpoint":
        return None
    around = surroundings_of(networks, fix)
    stack = _stack_of(fix.vpc)
    if around.sibling is None or _stack_of(around.sibling.address) == stack:
        return None
    here = [each for each in around.places if each.type != MAIN_TABLE and _stack_of(each.address) == stack]
    if here and len(here) == len(around.places):
        return None
    return around.sibling if written_properties(around.sibling, _SHARED, networks) is not None else None


def _like_sibling(fix: Fix, networks: Sequence[Network]) -> dict[str, Any]:
    """Return the properties that a new gateway endpoint has from another one; none if its stack has none."""
    apart = _apart_sibling(fix, networks)
    if apart is not None:
        return written_properties(apart, _SHARED, networks) or {}
    sibling = surroundings_of(networks, fix).sibling if fix.kind == "add-gateway-endpoint" else None
    home = surroundings_of(networks, fix).home
    if sibling is None or _stack_of(sibling.address) != _stack_of(fix.vpc):
        return {}
    if sibling.condition not in (None, home.condition if home is not None else None):
        return {}
    return written_properties(sibling, _SHARED[1:], networks) or {}


def _endpoint(fix: Fix, networks: Sequence[Network]) -> dict[str, Any]:
    gateway = fix.kind == "add-gateway-endpoint"
    around = surroundings_of(networks, fix)
    condition = around.home.condition if around.home is not None else None
    stack = _stack_of(fix.vpc)
    properties: dict[str, Any] = {
        "VpcId": {"Ref": leaf(fix.vpc)},
        "ServiceName": {"Fn::Sub": _service_name(fix)},
        "VpcEndpointType": "Gateway" if gateway else "Interface",
    }
    if not gateway:
        properties["PrivateDnsEnabled"] = True
    properties["RouteTableIds" if gateway else "SubnetIds"] = [
        _if_there(declared, condition)
        for declared in around.places
        if declared.type != MAIN_TABLE and _stack_of(declared.address) == stack
    ]
    if not gateway:
        here = (group for group in groups_for(fix, networks) if group.address.rpartition("/")[0] == stack)
        properties["SecurityGroupIds"] = [{"Fn::GetAtt": [leaf(group.address), "GroupId"]} for group in here]
    properties.update(_like_sibling(fix, networks))
    apart = _apart_sibling(fix, networks)
    condition = condition if apart is None else apart.condition
    words = "".join(letter if letter.isalnum() else " " for letter in fix.service).split()
    name = "".join(word[0].upper() + word[1:] for word in words)
    suffix = "Endpoint"
    if name + suffix in look_up(networks, "logical ids", _logical_ids):
        suffix = "GatewayEndpoint" if gateway else "InterfaceEndpoint"
    where = {"Condition": condition} if condition is not None else {}
    return {name + suffix: {"Type": "AWS::EC2::VPCEndpoint", **where, "Properties": properties}}


def _logical_ids(inventory: Inventory) -> frozenset[str]:
    """Those of the endpoints, in whichever stack."""
    return frozenset(leaf(row.address) for row, _ in inventory.endpoints)


def _if_there(declared: Declaration, condition: str | None) -> dict[str, Any]:
    """Return a reference to what ``declared`` creates, for a resource that is created under ``condition``."""
    reference = {"Ref": leaf(declared.address)}
    if declared.condition in (None, condition):
        return reference
    return {"Fn::If": [declared.condition, reference, {"Ref": "AWS::NoValue"}]}


def _service_name(fix: Fix) -> str:
    from vpce_checks.catalog import find_service

    service = find_service(fix.service)
    pattern = service.pattern if service is not None else "com.amazonaws.{region}." + fix.service
    return pattern.replace("{region}", "${AWS::Region}")


_OF_MAIN_TABLE = (
    "its subnets without a route table use the main one, which a template cannot name: give them one, and name it here"
)
_WANTED = {_OF_MAIN_TABLE: "a route table of the subnets that use the main one, which a template cannot name"}
"""What a person has to fill in, where the comment in the list says more than that."""


def _uses_main_table(fix: Fix, networks: Sequence[Network]) -> bool:
    """Return whether a subnet may use the main route table that AWS makes. It is no attribute of the VPC.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html
    """
    return fix.needs_tables and any(each.type == MAIN_TABLE for each in surroundings_of(networks, fix).places)


def _blanks(fix: Fix, networks: Sequence[Network]) -> dict[str, str]:
    """Return what belongs into the lists of a new endpoint that cannot be filled in."""
    return {
        "RouteTableIds": _OF_MAIN_TABLE if _uses_main_table(fix, networks) else tables_wanted(fix, networks),
        "SubnetIds": "the private subnets",
        "SecurityGroupIds": group_wanted(fix),
    }


def _is_blank(value: Any, note: str) -> bool:
    """Return whether something is to be filled in to a list: it is empty, or lacks the main table."""
    return value == [] or (isinstance(value, list) and note == _OF_MAIN_TABLE)


def _with_notes(resource: dict[str, Any], blanks: Mapping[str, str]) -> dict[str, Any]:
    """Return a resource for JSON, which has no comments: what is to be filled in stands in the list itself."""
    ((name, content),) = resource.items()
    properties = {
        key: [*value, f"<{blanks[key]}>"] if key in blanks and _is_blank(value, blanks[key]) else value
        for key, value in content["Properties"].items()
    }
    return {name: {**content, "Properties": properties}}


def _as_yaml(
    resource: dict[str, Any],
    blanks: Mapping[str, str],
    hints: Mapping[str, str] = MappingProxyType({}),
    indent: str = "",
) -> str:
    """Write the few shapes that a fix has, with the short forms that people use. ``blanks`` are notes about lists that lack
    something, ``hints`` about others."""
    lines = []
    for key, value in resource.items():
        name = key if key.isalnum() else json.dumps(key)
        note = blanks[key] if key in blanks and _is_blank(value, blanks[key]) else hints.get(key, "")
        note = f" # {note}" if note else ""
        if isinstance(value, dict) and not (value.keys() <= {"Ref", "Fn::Sub"}):
            lines += [f"{indent}{name}:", _as_yaml(value, blanks, hints, indent + "  ")]
        elif isinstance(value, list) and any("Fn::If" in item for item in value):
            lines += [f"{indent}{name}:{note}", *(f"{indent}  - {_yaml_value(item)}" for item in value)]
        else:
            lines.append(f"{indent}{name}: {_yaml_value(value)}{note}")
    return "\n".join(lines)


def _yaml_value(value: Any) -> str:
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::")):
        ((tag, text),) = value.items()
        return f"!{tag.removeprefix('Fn::')} {_yaml_value(text) if isinstance(text, (list, dict)) else text}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_yaml_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_yaml_value, value)) + "]"
    return json.dumps(value) if not isinstance(value, str) or not _is_plain(value) else value


def _is_plain(text: str) -> bool:
    """Return whether YAML reads the text unquoted: no blanks, no special signs, no word such as ``yes``."""
    letters = all(letter.isalnum() or letter in "-._:" for letter in text)
    return letters and text[:1].isalpha() and text[-1] != ":" and len(text) > 5
