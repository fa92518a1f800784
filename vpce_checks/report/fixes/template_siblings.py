"""An endpoint of the same VPC in a template: a new gateway endpoint may be in the same route tables as another one, and may stand
beside it. No new one goes beside one that its condition does not create: with other parameters AWS would refuse one of the two.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from vpce_checks.cloudformation.template.loader import parse
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node, Scalar, entry
from vpce_checks.model.addresses import leaf
from vpce_checks.model.network import Declaration, Network
from vpce_checks.project.listing import Inventory
from vpce_checks.project.networks import look_up, look_up_code
from vpce_checks.report import relative
from vpce_checks.report.fixes.edits.edit import RefusedError
from vpce_checks.report.fixes.edits.template_edits import resources_in
from vpce_checks.report.text.frame import text_of
from vpce_checks.rules.finding import Fix


def written_properties(
    declared: Declaration, names: Sequence[str], networks: Sequence[Network]
) -> dict[str, Any] | None:
    """Return properties of a resource as its template writes them; None if it does not write one of them itself."""
    file = declared.span.file
    resources = look_up_code(networks, f"resources in {file}", lambda _: _resources(file))
    found = {name: entry(resources, leaf(declared.address), "Properties", name) for name in names}
    given = {name: _plain(node) for name, node in found.items() if node is not None}
    return given if len(given) == len(names) else None


def switched_off(fix: Fix, file: str, networks: Sequence[Network]) -> str | None:
    """Return what to do in words if the template ``file`` has the endpoint that ``fix`` adds, and its condition creates none."""
    resources = look_up_code(networks, f"resources in {file}", lambda _: _resources(file))
    conditional = look_up_code(networks, f"conditional endpoints in {file}", lambda _: _conditional(resources))
    stack = fix.vpc.removesuffix(leaf(fix.vpc))
    for name, condition in conditional:
        if _is_such(resources, name, fix) and stack + name not in look_up(networks, "endpoints", _addresses):
            return (
                f"let {name} create the endpoint: its condition ({condition}) creates none for {leaf(fix.vpc)} "
                f"({relative(file, os.getcwd())}:{text_of(file).count(chr(10), 0, resources.keys[name]) + 1})"
            )
    return None


def _addresses(inventory: Inventory) -> frozenset[str]:
    return frozenset(row.address for row, _ in inventory.endpoints)


def _conditional(resources: Mapping) -> list[tuple[str, str]]:
    """Return the endpoints that have a condition, with it."""
    found = []
    for name in resources.entries:
        condition, type = entry(resources, name, "Condition"), entry(resources, name, "Type")
        if isinstance(condition, Scalar) and isinstance(type, Scalar) and type.text == "AWS::EC2::VPCEndpoint":
            found.append((name, condition.text))
    return found


def _is_such(resources: Mapping, name: str, fix: Fix) -> bool:
    """Return whether an endpoint is as ``fix`` adds one."""
    nodes = (entry(resources, name, "Properties", each) for each in ("VpcId", "ServiceName", "VpcEndpointType"))
    vpc, service, kind = (None if node is None else _plain(node) for node in nodes)
    own = leaf(fix.vpc)
    return (
        vpc in ({"Ref": own}, {"Fn::GetAtt": [own, "VpcId"]}, {"Fn::GetAtt": f"{own}.VpcId"})
        and _text(service).endswith(f".{fix.service}")
        and (isinstance(kind, dict) or (kind or "Gateway") == ("Gateway" if fix.needs_tables else "Interface"))
    )


def _text(value: Any) -> str:
    """Return a string as far as it is written, also by ``Fn::Sub`` and ``Fn::Join``."""
    match value:
        case str():
            return value
        case {"Fn::Sub": str(text) | [str(text), *_]}:
            return text
        case {"Fn::Join": [str(between), [*parts]]}:
            return between.join(map(_text, parts))
        case _:
            return "?"


def _resources(file: str) -> Mapping:
    with suppress(RefusedError):
        return resources_in(parse(text_of(file).encode("utf-8"), file))
    return EMPTY_MAPPING


def _plain(node: Node) -> Any:
    """Return a node as JSON has it."""
    if isinstance(node, Scalar):
        return node.text if isinstance(node.value, Decimal) else node.value
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.entries.items()}
    return [_plain(item) for item in node.items]
