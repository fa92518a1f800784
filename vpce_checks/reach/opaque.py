"""What may hide behind module calls and resources that could not be looked into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Network, OpaqueModule, link, without_keys
from vpce_checks.model.tristate import NO, TriState, maybe
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    PartialString,
    Reference,
    Unknown,
    Value,
    is_known,
    opaque_parts,
)

ID_ATTRIBUTES = frozenset({"", "id", "arn", "vpc_id", "vpcid"})
"""Attributes that name the object itself; the empty one is the whole object (or a ``Ref``)."""


_OWN_ENDINGS = (
    *("id", "ids", "arn", "arns", "name", "names", "address", "endpoint", "endpoints", "port", "url", "urls"),
    *("authority_data", "provider", "status", "thumbprint", "token", "version"),
)
"""How outputs of the harmless modules end that say something of what these create (with ``vpc`` before it, perhaps of
the VPC): the identifiers of a cluster, its address, the URL of its identity provider ..."""


class Knowledge(NamedTuple):
    """What a closed module was handed: attributes of objects of this configuration (an empty one: the whole object), and
    with ``anything``, a value that may be any."""

    module: OpaqueModule
    handed: dict[str, set[str]]
    anything: bool

    def may_use(self, address: str, attributes: frozenset[str] | None = None) -> bool:
        """Whether it knows one of ``attributes`` (None: any) of the object at ``address``."""
        if self.anything and self._may_reach(address, attributes):
            return True
        known = self.handed.get(address)
        return known is not None and (attributes is None or not attributes.isdisjoint(known))

    def _may_reach(self, address: str, attributes: frozenset[str] | None) -> bool:
        """Whether what is not known of its inputs may be one of ``attributes`` of the object at ``address``."""
        reach = self.module.reach
        if reach is None:
            return True
        reached = reach.get(without_keys(address))
        return reached is not None and (attributes is None or not attributes.isdisjoint(reached))

    @property
    def cause(self) -> Cause:
        """Why nothing can be told of it."""
        declared = self.module.declared
        return Cause(f"{declared.address} could not be looked into: {self.module.reason}", declared.span)


def endpoints_behind_opaque(network: Network, vpc: str) -> Iterator[Evidence]:
    """Which modules and resources that could not be looked into may create an endpoint in the VPC at ``vpc``.

    An endpoint needs the VPC's id, so only what is handed that id counts. What is given subnets, route tables or
    security groups of the VPC alone could still find it through a data source; to count that would make every
    database module doubt every VPC.
    """
    for known in _knowledge(network):
        if known.may_use(vpc, ID_ATTRIBUTES) and not known.module.harmless:
            declared = known.module.declared
            text = f"{declared.address} may hold an endpoint of it: {known.module.reason}"
            yield Evidence(text, declared.span)


def opaque_may_use(network: Network, address: str) -> TriState:
    """Whether something that could not be looked into may refer to the object at ``address``, by any attribute."""
    causes = [known.cause for known in _knowledge(network) if known.may_use(address)]
    return maybe(causes) if causes else NO


def opaque_may_add_endpoint(network: Network, vpc: Value) -> bool:
    """Whether something closed may create an endpoint in the VPC that ``vpc`` names, be it created here or elsewhere."""
    linked = link(vpc)
    ours = [address for address in (linked.address, *linked.candidates) if address is not None]
    for known in _knowledge(network):
        if known.module.harmless:
            continue
        if any(known.may_use(address, ID_ATTRIBUTES) for address in ours):
            return True
        if linked.address is None and any(_may_equal(value, vpc) for value in known.module.inputs):
            return True
    return False


def _may_equal(value: Value, vpc: Value) -> bool:
    """Whether ``value`` is, holds or may be the id ``vpc`` of a VPC from elsewhere. Two names from elsewhere, or of a
    closed module, can be one VPC's."""
    stack, seen = [value], set[int]()
    while stack:
        value = stack.pop()
        if isinstance(value, (ListValue, MapValue)):
            if value.rest is not None:
                return True
            if id(value) not in seen:
                seen.add(id(value))
                stack.extend(value.items.values() if isinstance(value, MapValue) else value.items)
        elif isinstance(value, str):
            if value == vpc if isinstance(vpc, str) else value.startswith("vpc-"):
                return True
        elif isinstance(value, Reference):
            if value.kind != "resource":
                return True
        elif isinstance(value, Unknown) and value.type not in ("bool", "number"):
            return True
    return False


def _knowledge(network: Network) -> tuple[Knowledge, ...]:
    """What each closed module knows of this configuration, found out once."""
    found = network.lookups.get("knowledge")
    if not isinstance(found, tuple):
        found = tuple(_learn(module, network.opaque_modules) for module in network.opaque_modules)
        network.lookups["knowledge"] = found
    return found


def _learn(module: OpaqueModule, closed: tuple[OpaqueModule, ...]) -> Knowledge:
    handed: dict[str, set[str]] = {}
    anything = False
    stack: list[Value] = list(module.inputs)
    seen: set[int] = set()  # values share parts
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        # An unknown that is a piece of a longer string is no id; a reference that is one can be cut out again.
        in_text = isinstance(value, PartialString)
        for part in opaque_parts(value) if not isinstance(value, (ListValue, MapValue)) else _contents(value):
            if isinstance(part, Reference):
                if part.kind == "resource":
                    handed.setdefault(part.address, set()).add(str(part.path[0]).lower() if part.path else "")
                elif part.kind == "module":
                    owners = [other for other in closed if _is_of(part.address, other.declared.address)]
                    anything = anything or not owners
                    # A closed module knows only what it was handed itself, and is asked about that; a harmless one
                    # is not, so what it may hand on counts here.
                    for owner in owners:
                        if owner.harmless and _may_hand_on(part):
                            stack.extend(owner.inputs)
            elif isinstance(part, Unknown) and part.one_of:
                stack.extend(part.one_of)
            elif isinstance(part, Unknown):
                anything = anything or (not in_text and part.type not in ("bool", "number"))
            elif isinstance(part, (PartialString, ListValue, MapValue)):
                stack.append(part)
    return Knowledge(module, handed, anything)


def _contents(value: ListValue | MapValue) -> Iterator[Value]:
    """What a collection holds that is not known; what it may hold besides counts as well."""
    if is_known(value):
        return
    yield from value.items.values() if isinstance(value, MapValue) else value.items
    if value.rest is not None:
        yield Unknown(value.rest.causes)


def _may_hand_on(output: Reference) -> bool:
    """Whether an output of a harmless module may hold a VPC's id, and not only something of what it creates."""
    name = str(output.path[-1]).lower() if output.path else ""
    return "vpc" in name or not name.endswith(_OWN_ENDINGS)


def _is_of(address: str, module: str) -> bool:
    """Whether ``address`` is the module's, or of one of its outputs or instances."""
    return address == module or address.startswith((f"{module}.", f"{module}["))
