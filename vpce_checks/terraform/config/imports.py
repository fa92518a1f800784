"""Objects that ``import`` blocks say exist: their ids are known, so that an id written out elsewhere means them.

https://developer.hashicorp.com/terraform/language/block/import
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from vpce_checks.base.record import replace
from vpce_checks.model.network import Declaration, NetworkObject, OpaqueModule, without_keys
from vpce_checks.model.values import Cause, ListValue, MapValue, PartialString, Reference, Unknown, Value
from vpce_checks.terraform.config.expansion import address_key
from vpce_checks.terraform.config.module import Module
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.scope import Scope
from vpce_checks.terraform.syntax.ast import Expr, GetAttr, Index, Literal, Name
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.types.errors import EvalError

_ID = re.compile(r"([a-z]+)-[0-9a-f]{8,}")
"""The id of an object of EC2, with what it begins with. Other objects are imported by names, which may be those of anything."""

_OF_TYPE = {
    "aws_vpc": "vpc",
    "aws_default_vpc": "vpc",
    "awscc_ec2_vpc": "vpc",
    "aws_subnet": "subnet",
    "aws_default_subnet": "subnet",
    "awscc_ec2_subnet": "subnet",
    "aws_route_table": "rtb",
    "awscc_ec2_route_table": "rtb",
    "aws_security_group": "sg",
    "aws_default_security_group": "sg",
    "awscc_ec2_security_group": "sg",
    "aws_network_acl": "acl",
    "aws_default_network_acl": "acl",
    "awscc_ec2_network_acl": "acl",
    "aws_vpc_endpoint": "vpce",
    "awscc_ec2_vpc_endpoint": "vpce",
    "aws_internet_gateway": "igw",
    "awscc_ec2_internet_gateway": "igw",
    "aws_nat_gateway": "nat",
    "awscc_ec2_nat_gateway": "nat",
    "aws_ec2_managed_prefix_list": "pl",
    "awscc_ec2_prefix_list": "pl",
}
"""The types of resources that are imported by an id of their own, and what this id begins with.

Other types are imported by the id of what they belong to: ``aws_default_route_table`` by that of a VPC. The page of
each type says it in its section "Import".
"""

_Imported: TypeAlias = Mapping["str | Reference", Reference]


def with_imported_ids(objects: Iterable[NetworkObject], root: Module) -> list[NetworkObject]:
    """Return ``objects``. Where one holds the id of an imported resource, it now has a reference to that resource."""
    found = list(objects)
    imported = dict(_imported(root))
    return [_named(each, imported) for each in found] if imported else found


def _imported(root: Module) -> Iterator[tuple[str | Reference, Reference]]:
    """Yield the id of each object that is imported, and the reference to it."""
    for block in root.source.imports:
        target = block.body.attributes.get("to")
        if target is None:
            continue
        for scope in _scopes(block, root.scope):
            id, address = _id(block, scope), _address(target.expr, scope)
            if address is not None and isinstance(id, (str, Reference)) and _is_own_id(id, address):
                cause = Cause(f"{address} is imported with this id", block.header)
                yield id, Reference(f"{root.prefix}{address}", ("id",), "resource", (cause,), "string")


def _is_own_id(id: str | Reference, address: str) -> bool:
    """Return whether ``id`` is the own id of the resource at ``address``, not that of what another resource creates."""
    steps = without_keys(address).split(".")
    kind = _OF_TYPE.get(steps[-2]) if len(steps) > 1 else None
    if isinstance(id, Reference):
        return kind is not None and id.kind != "resource"
    match = _ID.fullmatch(id)
    return match is not None and match[1] == kind


def _scopes(block: Block, scope: Scope) -> Iterator[Scope]:
    """Yield the scope of each instance of an ``import`` block, as far as they are known."""
    attribute = block.body.attributes.get("for_each")
    if attribute is None:
        yield scope
        return
    value = _value(attribute.expr, scope)
    if isinstance(value, MapValue):
        pairs = [(key, each) for key, each in value.items.items() if key not in value.maybe]
    else:
        pairs = [(each, each) for each in value.items if isinstance(each, str)] if isinstance(value, ListValue) else []
    for key, each in pairs:
        yield scope.bind({"each": MapValue({"key": key, "value": each})})


def _id(block: Block, scope: Scope) -> Value:
    written, identity = block.body.attributes.get("id"), block.body.attributes.get("identity")
    if written is not None:
        return _value(written.expr, scope)
    value = _value(identity.expr, scope) if identity is not None else None
    return value.items.get("id") if isinstance(value, MapValue) else None


def _value(expr: Expr, scope: Scope) -> Value:
    with scope.session.separate_doubts():
        try:
            return evaluate(expr, scope)
        except EvalError:
            return None


def _address(expr: Expr, scope: Scope) -> str | None:
    """Return the address that ``to`` names; None if a key in it is not known."""
    if isinstance(expr, Literal) and isinstance(expr.value, str):  # in JSON
        return expr.value
    if isinstance(expr, Name):
        return expr.name
    if not isinstance(expr, (GetAttr, Index)):
        return None
    inner = _address(expr.object, scope)
    if inner is None or isinstance(expr, GetAttr):
        return None if inner is None or not isinstance(expr, GetAttr) else f"{inner}.{expr.name}"
    key = _value(expr.key, scope)
    return f"{inner}{address_key(key)}" if isinstance(key, (str, int)) and not isinstance(key, bool) else None


def _named(thing: NetworkObject, imported: _Imported) -> NetworkObject:
    changes: dict[str, Any] = {}
    for name in thing.__match_args__:
        value = getattr(thing, name)
        if isinstance(thing, OpaqueModule) and name == "inputs":
            new: Any = tuple(_in_input(each, imported) for each in value)
        else:
            new = value if isinstance(value, Declaration) else _in_value(value, imported)
        if new is not value:
            changes[name] = new
    return replace(thing, **changes) if changes else thing


def _in_value(value: Any, imported: _Imported) -> Any:
    if isinstance(value, (str, Reference)):
        return imported.get(value, value)
    if isinstance(value, (ListValue, Unknown)):
        field = "items" if isinstance(value, ListValue) else "one_of"
        members = getattr(value, field)
        found = tuple(_in_value(each, imported) for each in members)
        is_same = all(new is old for new, old in zip(found, members, strict=True))
        return value if is_same else replace(value, **{field: found})
    return value


def _in_input(value: Value, imported: _Imported) -> Value:
    """Do as :func:`_in_value`, in maps and texts, too: code that was not read may use any part of its inputs."""
    if isinstance(value, MapValue):
        return replace(value, items={key: _in_input(each, imported) for key, each in value.items.items()})
    if isinstance(value, ListValue):
        return replace(value, items=tuple(_in_input(each, imported) for each in value.items))
    if isinstance(value, PartialString):
        return PartialString(
            tuple(imported.get(each, each) if isinstance(each, Reference) else each for each in value.parts)
        )
    found: Value = _in_value(value, imported)
    return found
