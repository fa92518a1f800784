"""What module calls and resources that vpce-checks cannot look into (opaque ones) may create or use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import (
    INVENTORY,
    Declaration,
    Network,
    NetworkObject,
    OpaqueModule,
    Vpc,
    link,
    without_keys,
)
from vpce_checks.model.tristate import NO, TriState, maybe
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    PartialString,
    Reference,
    Unknown,
    Value,
    held,
    is_known,
    made_of,
    opaque_parts,
)
from vpce_checks.reach.indexes import gateways_by_vpc, groups_by_vpc, once, subnets_by_vpc, tables_by_vpc
from vpce_checks.reach.unread import is_about_endpoints, looks_like_network

ID_ATTRIBUTES = frozenset({"", "id", "arn", "vpc_id", "vpcid"})
"""Attributes that identify the VPC. The empty one stands for the whole object (or a ``Ref``)."""

TABLE_ATTRIBUTES = frozenset({"main_route_table_id", "default_route_table_id"})
"""Attributes of a VPC that are the id of its main route table."""

DEFAULT_ATTRIBUTES = frozenset(
    {
        *("default_security_group_id", "defaultsecuritygroup", "default_network_acl_id", "defaultnetworkacl"),
        *("ipv6_association_id", "ipv6_cidr_block", "ipv6cidrblocks"),
    }
)
"""Attributes of a VPC that are of no other VPC, and are no id of it or of a route table."""

PART_ATTRIBUTES = frozenset({"", "id", "arn", "subnetid", "routetableid"})
"""Attributes that identify a subnet or a route table."""

GROUP_ATTRIBUTES = frozenset({"", "id", "arn", "name", "groupid", "groupname", "internetgatewayid"})
"""Attributes that identify a security group or an internet gateway."""


_OWN_ENDINGS = (
    *("id", "ids", "arn", "arns", "name", "names", "address", "endpoint", "endpoints", "port", "url", "urls"),
    *("authority_data", "provider", "status", "thumbprint", "token", "version"),
)
"""Endings of outputs that describe what a harmless module itself creates: the identifiers of a cluster, its address, the
URL of its identity provider. An output with ``vpc`` in its name may describe the VPC."""


@record
class Knowledge:
    """What an opaque module receives as inputs.

    ``received`` maps addresses of this configuration to the attributes received (the empty one: the whole object). With
    ``anything``, one of the inputs is unknown.
    """

    module: OpaqueModule
    received: dict[str, set[str]]
    anything: bool

    def may_use(self, address: str, attributes: frozenset[str] | None = None) -> bool:
        """Return whether the module may use one of ``attributes`` (None: any) of the object at ``address``."""
        if self.anything and self._may_reach(address, attributes):
            return True
        known = self.received.get(address)
        return known is not None and (attributes is None or not attributes.isdisjoint(known))

    def _may_reach(self, address: str, attributes: frozenset[str] | None) -> bool:
        """Return whether the unknown inputs may hold one of ``attributes`` of the object at ``address``."""
        reach = self.module.reach
        if reach is None:
            return True
        reached = reach.get(without_keys(address))
        return reached is not None and (attributes is None or not attributes.isdisjoint(reached))

    @property
    def cause(self) -> Cause:
        """Return why the module is opaque."""
        declared = self.module.declared
        return Cause(f"cannot see what {declared.address} creates: {self.module.reason}", declared.span)


def endpoints_behind_opaque(network: Network, vpc: str) -> Iterator[Evidence]:
    """Yield the opaque modules and resources that may create an endpoint in the VPC at ``vpc``.

    An endpoint needs the VPC's id, so modules count that receive the id, or that seem to look the VPC up. A module finds
    the VPC by a subnet or route table as well (:func:`_finds_by_parts`).
    """
    for known in _concerning(network, vpc, look_ups=True):
        if known.module.harmless or known.module.no_endpoint:
            continue
        declared = known.module.declared
        if declared.type == INVENTORY and known.may_use(vpc, ID_ATTRIBUTES):
            yield Evidence(f"{vpc} may have this endpoint: {known.module.reason}", declared.span, "cause")
        elif known.may_use(vpc, ID_ATTRIBUTES):
            yield Evidence(
                f"{declared.address} may create this endpoint: {known.module.reason}", declared.span, "cause"
            )
        elif may_look_up(known.module, network.vpc_by_address.get(vpc)) or _finds_by_parts(network, known, vpc):
            text = f"{declared.address} may look up {vpc} and create this endpoint: {known.module.reason}"
            yield Evidence(text, declared.span, "cause")


def opaque_may_use(network: Network, address: str, attributes: frozenset[str] | None = None) -> TriState:
    """Return whether an opaque module or resource may use the object at ``address``, by one of ``attributes`` (None: any)."""
    causes = [known.cause for known in _concerning(network, address) if known.may_use(address, attributes)]
    return maybe(causes) if causes else NO


def opaque_users(network: Network, address: str) -> Iterator[tuple[OpaqueModule, Cause]]:
    """Yield the opaque modules and resources that may use the object at ``address``, each with the doubt."""
    yield from ((known.module, known.cause) for known in _concerning(network, address) if known.may_use(address, None))


def led_by_opaque(network: Network) -> Iterator[tuple[Vpc, Evidence]]:
    """Yield the VPCs that a harmless module or resource may join with a private zone, a Profile or a Resolver rule, with it."""
    for known in _knowledge(network) if any(module.leads for module in network.opaque_modules) else ():
        declared = known.module.declared
        if known.module.harmless and known.module.leads:
            text = f"{declared.address} may lead names to an endpoint of another VPC: {known.module.reason}"
            step = Evidence(text, declared.span, "cause")
            yield from ((vpc, step) for vpc in network.vpcs if known.may_use(vpc.address, ID_ATTRIBUTES))


def opaque_may_find(network: Network, name: Value) -> TriState:
    """Return whether an opaque module or resource gets ``name`` in a text, by which it may find the object that is called so."""
    if not network.opaque_modules or not isinstance(name, str) or not name.strip("."):
        return NO
    texts = once(
        network,
        "texts of opaque modules",
        lambda: [(_text_in(each.module), each.cause) for each in _knowledge(network)],
    )
    wanted = name.strip(".").lower()
    causes = [cause for text, cause in texts if wanted in text]
    return maybe(causes) if causes else NO


def _text_in(module: OpaqueModule) -> str:
    """Return all texts that a module receives, in small letters, a line for each."""
    parts = (value.parts if isinstance(value, PartialString) else (value,) for value in held(module.inputs, keys=True))
    return "\n".join(part.lower() for those in parts for part in those if isinstance(part, str))


def known_by_stub(declared: Declaration) -> TriState:
    """Return maybe for an object that a stub of ours makes: the published module may give it rules that the stub leaves out."""
    stub = next((call.stub for call in declared.calls if call.stub), "")
    return (
        maybe((Cause(f"vpce-checks knows of {stub} what it creates, and not every rule", declared.span),))
        if stub
        else NO
    )


def opaque_may_add_endpoint(network: Network, vpc: Value) -> bool:
    """Return whether an opaque module may create an endpoint in the VPC that ``vpc`` names, created here or elsewhere."""
    linked = link(vpc)
    ours = [address for address in (linked.address, *linked.candidates) if address is not None]
    sure = linked.address
    for known in _knowledge(network) if sure is None else _concerning(network, sure, look_ups=True):
        if known.module.harmless or known.module.no_endpoint:
            continue
        if any(
            known.may_use(address, ID_ATTRIBUTES)
            or may_look_up(known.module, network.vpc_by_address.get(address))
            or _finds_by_parts(network, known, address)
            for address in ours
        ):
            return True
        if linked.address is None and any(_may_equal(value, vpc) for value in known.module.inputs):
            return True
    return False


def may_look_up(module: OpaqueModule, vpc: Vpc | None) -> bool:
    """Return whether an opaque module seems to find ``vpc`` by a data source: it waits for it, or receives its name.

    Many a text is the name of some VPC of a repository ("prod"), so that of another root counts only for code about endpoints.
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/vpc
    """
    if vpc is None or not module.is_unread:
        return False
    address = without_keys(vpc.address)
    if address in module.waits_for:
        return True
    waits = any(address.startswith((f"{name}.", f"{name}/", f"{name}:")) for name in module.waits_for)
    is_named = _receives(module, vpc.name) and (_in_one_root(module, vpc) or is_about_endpoints(module))
    return (waits and is_named) or ((waits or is_named) and looks_like_network(module))


def _in_one_root(module: OpaqueModule, vpc: Vpc) -> bool:
    """Return whether one root makes both: what others make has their label (:func:`vpce_checks.model.outside.root_label`)."""
    labels = {without_keys(address).rpartition(":")[0] for address in (module.declared.address, vpc.address)}
    return len(labels) == 1


def _finds_by_parts(network: Network, known: Knowledge, vpc: str) -> bool:
    """Return whether an opaque module may find ``vpc`` by a part of it that it receives.

    Hardly anything but what makes routes and endpoints takes a route table. Subnets and the default security group count
    only for code that looks like a network: every database takes some, and creates no endpoint. Other security groups, an
    internet gateway and the addresses of the VPC count only for code that is about endpoints by its name.
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/subnet
    """
    module = known.module
    if not module.is_unread:
        return False
    if known.may_use(vpc, TABLE_ATTRIBUTES) or _may_use_one(known, tables_by_vpc(network).certain(vpc)):
        return True
    if not looks_like_network(module):
        return False
    if known.may_use(vpc, DEFAULT_ATTRIBUTES) or _may_use_one(known, subnets_by_vpc(network).certain(vpc)):
        return True
    if not is_about_endpoints(module):
        return False
    parts: list[NetworkObject] = [*groups_by_vpc(network).certain(vpc), *gateways_by_vpc(network).certain(vpc)]
    return _may_use_one(known, parts, GROUP_ATTRIBUTES) or _has_addresses(module, network.vpc_by_address.get(vpc))


def _may_use_one(
    known: Knowledge, parts: Iterable[NetworkObject], attributes: frozenset[str] = PART_ATTRIBUTES
) -> bool:
    return any(known.may_use(part.declared.address, attributes) for part in parts)


def _has_addresses(module: OpaqueModule, vpc: Vpc | None) -> bool:
    """Return whether a module receives a block of addresses of ``vpc``, by which a data source finds it."""
    blocks = vpc.cidrs.items if vpc is not None and isinstance(vpc.cidrs, ListValue) else ()
    return any(_receives(module, block) for block in blocks)


def network_may_use(network: Network, address: str) -> TriState:
    """Return whether code that was not read and looks like a network may use the object at ``address``, by its id.

    Such code may add routes to the table of a subnet that it receives, or associate it with another table.
    """
    causes = [
        known.cause
        for known in _concerning(network, address)
        if known.module.is_unread
        and not known.module.harmless
        and known.may_use(address, PART_ATTRIBUTES)
        and looks_like_network(known.module)
    ]
    return maybe(causes) if causes else NO


def _receives(module: OpaqueModule, name: Value) -> bool:
    """Return whether ``name`` is among the inputs of a module."""
    if not isinstance(name, (str, PartialString)) or not name:
        return False
    return any(isinstance(value, (str, PartialString)) and value == name for value in held(module.inputs))


def _may_equal(value: Value, vpc: Value) -> bool:
    """Return whether ``value`` is, contains or may be ``vpc``, the id of a VPC that is created elsewhere.

    Two different external names, or outputs of an opaque module, may stand for the same VPC.
    """
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
    """Return what each opaque module receives. Computed once for each network."""
    found = network.lookups.get("knowledge")
    if not isinstance(found, tuple):
        by_address: dict[str, list[OpaqueModule]] = {}
        for module in network.opaque_modules:
            by_address.setdefault(module.declared.address, []).append(module)
        found = tuple(_learn(module, by_address) for module in network.opaque_modules)
        network.lookups["knowledge"] = found
    return found


@record
class _Concerned:
    """Positions in the knowledge of a network: by the address that a module receives, and of those that any address
    concerns: modules with unknown inputs, and (``unread``) also those that may look a VPC up."""

    by_address: dict[str, list[int]]
    anything: tuple[int, ...]
    unread: tuple[int, ...]


def _concerning(network: Network, address: str, *, look_ups: bool = False) -> Iterator[Knowledge]:
    """Yield the modules that may use the object at ``address``, or (``look_ups``) look it up, in their order."""
    every = _knowledge(network)
    concerned = once(network, "concerned modules", lambda: _concerned(every))
    always = concerned.unread if look_ups else concerned.anything
    named = concerned.by_address.get(address)
    return (every[at] for at in (always if named is None else sorted({*always, *named})))


def _concerned(every: tuple[Knowledge, ...]) -> _Concerned:
    by_address: dict[str, list[int]] = {}
    for at, known in enumerate(every):
        for address in known.received:
            by_address.setdefault(address, []).append(at)
    anything = tuple(at for at, known in enumerate(every) if known.anything)
    unread = tuple(at for at, known in enumerate(every) if known.anything or known.module.is_unread)
    return _Concerned(by_address, anything, unread)


def _learn(module: OpaqueModule, modules: Mapping[str, list[OpaqueModule]]) -> Knowledge:
    received: dict[str, set[str]] = {}
    anything = False
    stack: list[Value] = list(module.inputs)
    seen: set[int] = set()  # values share parts
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        # An unknown part of a longer string is not an id. A reference in one can be cut out again.
        in_text = isinstance(value, PartialString)
        for part in opaque_parts(value) if not isinstance(value, (ListValue, MapValue)) else _contents(value):
            if isinstance(part, Reference):
                if part.kind == "resource":
                    received.setdefault(part.address, set()).add(str(part.path[0]).lower() if part.path else "")
                elif part.kind == "module":
                    owners = _owners(part.address, modules)
                    anything = anything or not owners
                    # An opaque module can pass on only what it receives, and is checked itself. A harmless one is
                    # not checked, so what it may pass on counts here.
                    for owner in owners:
                        if owner.harmless and _may_hand_on(part):
                            stack.extend(owner.inputs)
            elif isinstance(part, Unknown) and made_of(part):
                stack.extend(made_of(part))
            elif isinstance(part, Unknown):
                anything = anything or (not in_text and part.type not in ("bool", "number"))
            elif isinstance(part, (PartialString, ListValue, MapValue)):
                stack.append(part)
    return Knowledge(module, received, anything)


def _contents(value: ListValue | MapValue) -> Iterator[Value]:
    """Yield the items of a collection that is not fully known, and an unknown for the items that it may have besides."""
    if is_known(value):
        return
    yield from value.items.values() if isinstance(value, MapValue) else value.items
    if value.rest is not None:
        yield Unknown(value.rest.causes)


def _may_hand_on(output: Reference) -> bool:
    """Return whether an output of a harmless module may hold the id of a VPC."""
    name = str(output.path[-1]).lower() if output.path else ""
    return "vpc" in name or not name.endswith(_OWN_ENDINGS)


def _owners(address: str, modules: Mapping[str, list[OpaqueModule]]) -> list[OpaqueModule]:
    """Return the modules that ``address`` is that of, or that of one of their outputs or instances."""
    ends = [at for at, character in enumerate(address) if character in ".["]
    return [module for end in (*ends, len(address)) for module in modules.get(address[:end], ())]
