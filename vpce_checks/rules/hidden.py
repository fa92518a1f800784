"""What may hide behind module calls and resources that could not be looked into."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.network import Network, OpaqueModule, link
from vpce_checks.rules.answer import NO, Answer, any_of, maybe
from vpce_checks.rules.finding import Evidence
from vpce_checks.values import Cause, ListValue, MapValue, PartialString, Reference, Unknown, Value, opaque_parts

ID_ATTRIBUTES = frozenset({"id", "arn", "vpc_id", "vpcid"})
"""Attributes that name the object itself. An empty path is the whole object (or a ``Ref``)."""


def hidden_in(network: Network, vpc: str) -> Iterator[Evidence]:
    """Which modules and resources that could not be looked into may create an endpoint in the VPC at ``vpc``.

    An endpoint needs the VPC's id, so only what is handed that id counts. What is given subnets, route tables or
    security groups of the VPC alone could still find it through a data source; to count that would make every
    database module doubt every VPC.
    """
    for module in network.opaque_modules:
        if _handed(network, module, vpc, ID_ATTRIBUTES).possible:
            text = f"{module.declared.address} may hold an endpoint of it: {module.reason}"
            yield Evidence(text, module.declared.span)


def may_hide_use_of(network: Network, address: str) -> Answer:
    """Whether something that could not be looked into may refer to the object at ``address``, by any attribute."""
    return any_of(_handed(network, module, address, None) for module in network.opaque_modules)


def may_hide_beside(network: Network, vpc: Value) -> bool:
    """Whether something closed may create an endpoint in the VPC that ``vpc`` names, be it created here or elsewhere."""
    linked = link(vpc)
    for module in network.opaque_modules:
        for address in (linked.address, *linked.candidates):
            if address is not None and _handed(network, module, address, ID_ATTRIBUTES).possible:
                return True
        if linked.address is None and any(_may_equal(value, vpc) for value in module.inputs):
            return True
    return False


def _may_equal(value: Value, vpc: Value) -> bool:
    """Whether ``value`` is, holds or may be the id ``vpc`` of a VPC from elsewhere. Two names from elsewhere, or of a
    closed module, can be one VPC's."""
    if isinstance(value, ListValue):
        return value.rest is not None or any(_may_equal(item, vpc) for item in value.items)
    if isinstance(value, MapValue):
        return value.rest is not None or any(_may_equal(item, vpc) for item in value.items.values())
    if isinstance(value, str):
        return value == vpc if isinstance(vpc, str) else value.startswith("vpc-")
    if isinstance(value, Reference):
        return value.kind != "resource"
    return isinstance(value, Unknown) and value.type not in ("bool", "number")


def _handed(network: Network, module: OpaqueModule, address: str, attributes: frozenset[str] | None) -> Answer:
    """Whether the object at ``address`` is among the inputs of ``module``: no or perhaps, never for certain."""
    for value in module.inputs:
        if _holds(network, value, address, attributes):
            text = f"{module.declared.address} could not be looked into: {module.reason}"
            return maybe([Cause(text, module.declared.span)])
    return NO


def _holds(network: Network, value: Value, address: str, attributes: frozenset[str] | None) -> bool:
    for part in opaque_parts(value):
        if isinstance(part, Reference):
            if _refers(network, part, address, attributes):
                return True
        elif isinstance(part, Unknown):
            if part.one_of:
                if any(_holds(network, member, address, attributes) for member in part.one_of):
                    return True
            elif part.type not in ("bool", "number") and not _inside_text(value, part):
                return True
    return False


def _inside_text(value: Value, part: Unknown) -> bool:
    """Whether an unknown is only a piece of a longer string, which then is no id."""
    return isinstance(value, PartialString) and part in value.parts


def _refers(network: Network, reference: Reference, address: str, attributes: frozenset[str] | None) -> bool:
    if reference.kind == "module":
        # A closed module knows only what it is handed, and is asked about that itself.
        return not any(_is_of(reference.address, module.declared.address) for module in network.opaque_modules)
    if reference.kind != "resource" or reference.address != address:
        return False
    return attributes is None or not reference.path or str(reference.path[0]).lower() in attributes


def _is_of(address: str, module: str) -> bool:
    """Whether ``address`` is the module's, or of one of its outputs or instances."""
    return address == module or address.startswith((f"{module}.", f"{module}["))
