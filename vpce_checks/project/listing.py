"""The VPCs and endpoints of a root over all its scenarios, each listed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vpce_checks.base.record import field, record
from vpce_checks.model.addresses import labels_of
from vpce_checks.model.network import Endpoint, Network, OpaqueModule, Vpc, key_of, link, without_keys
from vpce_checks.model.scenario import Scenario, single_out
from vpce_checks.model.spans import Span
from vpce_checks.model.tristate import NO, YES, any_of
from vpce_checks.model.values import Opaque, Value, pattern
from vpce_checks.reach.endpoints import (
    exists,
    exists_with,
    has_type,
    home_vpc,
    same_object,
    service_label,
    type_label,
    vpc_label,
)
from vpce_checks.reach.opaque import opaque_may_use
from vpce_checks.reach.private_dns import private_dns
from vpce_checks.reach.unread import is_unread, looks_like_network, source_name

CALLS = frozenset({"module", "unit", "stack"})
"""The types of declarations that name other code: modules of Terraform, components of a stack of Terragrunt."""


@record
class VpcRow:
    """A VPC, created here or seen through the endpoint that names it (``external``)."""

    address: str
    external: bool
    span: Span
    region: str | None


@record
class EndpointRow:
    """An endpoint as it is in the scenarios ``when`` (empty: in all). None means unknown.

    ``vpc`` is an address or the label of an external VPC; unknown parts of ``service_name`` are ``*``; ``foreign`` is
    one that another root has. ``may_take_names``: the default hostname of the service may lead to it. ``goes_with_vpc``: it is
    there whenever its VPC is.
    """

    address: str
    vpc: str | None
    service_name: str | None
    service: str | None
    type: str | None
    private_dns: bool | None
    exists: bool | None
    span: Span
    foreign: bool
    may_take_names: bool
    goes_with_vpc: bool

    @property
    def doubts(self) -> int:
        """How many of its fields are unknown."""
        fields = (self.vpc, self.service_name, self.service, self.type, self.private_dns, self.exists)
        return sum(field is None for field in fields)


@record
class Interfaces:
    """How many network interfaces an interface endpoint certainly has, one in each subnet, and whether it may have more."""

    count: int
    more: bool


@record
class UnreadRow:
    """Code that was not read and could hold a VPC, endpoint or route. ``source`` has no version. ``is_call``: it is a module
    call, or a unit or stack that a stack of Terragrunt names. ``is_network``: it looks like a network."""

    address: str
    source: str
    reason: str
    span: Span
    is_call: bool
    is_network: bool


@record
class Inventory:
    """What a root deploys, over all its scenarios.

    ``vpcs``: the VPCs created, then the external ones, each in order of address. ``endpoints``: every endpoint in order
    of address, with what singles out the scenarios in which it is so (empty: all). ``unread``: what may hold
    VPCs and endpoints that nothing is known of. ``variables``: see :class:`Network`. ``root`` and ``language`` are
    empty where there are no networks. ``interfaces`` are those of what may be an interface endpoint, by its address.
    ``opaque`` are files and lines of all code that was not read, also if it holds none of them.
    """

    root: str
    language: str
    vpcs: tuple[VpcRow, ...]
    endpoints: tuple[tuple[EndpointRow, tuple[str, ...]], ...]
    files: tuple[str, ...]
    unread: tuple[UnreadRow, ...]
    variables: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    interfaces: Mapping[str, Interfaces] = field(default_factory=dict)
    opaque: tuple[tuple[str, int], ...] = ()

    @property
    def unread_calls(self) -> frozenset[str]:
        """The addresses, without instance keys, of the module calls that were not read, as ``vpce-checks modules`` counts
        them."""
        return frozenset(without_keys(row.address) for row in self.unread if row.is_call)

    def apart(self, address: str | None) -> tuple[str | None, str | None]:
        """Return an address as its own root writes it, and the path of that root. None: it is this root."""
        return _apart(address, self.labels)

    def made_by(self, address: str | None) -> tuple[str | None, str | None]:
        """Return what :meth:`apart` does, for what units of Terragrunt call by the way to them as well."""
        return _apart(address, {**self.labels, **self.units} if self.units else self.labels)


def _apart(address: str | None, labels: Mapping[str, str]) -> tuple[str | None, str | None]:
    label = next(labels_of(address, labels), None) if labels and address is not None else None
    return (address, None) if address is None or label is None else (address.removeprefix(label), labels[label])


def take_inventory(networks: Sequence[Network]) -> Inventory:
    """The inventory of the networks of one root."""
    unread = {
        module.address: module
        for network in reversed(networks)
        for module in network.opaque_modules
        if is_unread(network, module)
    }
    files = dict.fromkeys(file for network in networks for file in network.files)
    return Inventory(
        networks[0].root if networks else "",
        networks[0].language if networks else "",
        tuple(_vpc_rows(networks)),
        tuple(_endpoint_rows(networks)),
        tuple(files),
        tuple(map(_unread_row, unread.values())),
        tuple(dict.fromkeys(name for network in networks for name in network.variables)),
        networks[0].labels if networks else {},
        networks[0].units if networks else {},
        _interfaces(networks),
        tuple(dict.fromkeys(_place(module.declared.span) for each in networks for module in each.opaque_modules)),
    )


def _place(span: Span) -> tuple[str, int]:
    return span.file, span.line


def _vpc_rows(networks: Sequence[Network]) -> list[VpcRow]:
    created: dict[str, VpcRow] = {}
    external: dict[str, VpcRow] = {}
    for network in networks:
        for vpc in network.vpcs:
            if vpc.address in network.foreign:
                external.setdefault(
                    vpc.address, VpcRow(vpc.address, external=True, span=vpc.declared.span, region=_region(vpc))
                )
                continue
            created.setdefault(
                vpc.address, VpcRow(vpc.address, external=False, span=vpc.declared.span, region=_region(vpc))
            )
        for endpoint in network.endpoints:
            label = vpc_label(endpoint) if link(endpoint.vpc).external is not None else None
            if label is not None and endpoint.address not in network.foreign:
                span = endpoint.declared.field_spans.get("vpc", endpoint.declared.span)
                external.setdefault(label, VpcRow(label, external=True, span=span, region=_region(endpoint)))
    return [*_by_address(created), *_by_address(external)]


def _unread_row(module: OpaqueModule) -> UnreadRow:
    declared = module.declared
    is_network = looks_like_network(module)
    return UnreadRow(
        module.address, source_name(module), module.reason, declared.span, declared.type in CALLS, is_network
    )


def _endpoint_rows(networks: Sequence[Network]) -> list[tuple[EndpointRow, tuple[str, ...]]]:
    views = dict.fromkeys(network.view for network in networks)
    if len(views) > 1:
        return _clearest([_endpoint_rows([item for item in networks if item.view == view]) for view in views])
    scenarios: dict[EndpointRow, list[Scenario | None]] = {}
    for network in networks:
        for endpoint in network.endpoints:
            if network.focus is not None and endpoint.address not in network.focus:
                continue
            scenarios.setdefault(_row(network, endpoint), []).append(network.scenario)
    every = [network.scenario for network in networks]
    rows = [(row, single_out(holding, every)) for row, holding in scenarios.items()]
    return sorted(rows, key=lambda item: (item[0].address, item[1]))


def _clearest(
    views: Sequence[list[tuple[EndpointRow, tuple[str, ...]]]],
) -> list[tuple[EndpointRow, tuple[str, ...]]]:
    """Of every endpoint the rows of the view that leaves least of it unknown."""
    best: dict[str, tuple[int, list[tuple[EndpointRow, tuple[str, ...]]]]] = {}
    for rows in views:
        for address in dict.fromkeys(row.address for row, _ in rows):
            own = [item for item in rows if item[0].address == address]
            doubts = sum(row.doubts for row, _ in own)
            if address not in best or doubts < best[address][0]:
                best[address] = (doubts, own)
    return [item for address in sorted(best) for item in best[address][1]]


def _row(network: Network, endpoint: Endpoint) -> EndpointRow:
    name = None if isinstance(endpoint.service_name, Opaque) else pattern(endpoint.service_name)
    on = private_dns(network, endpoint).on
    home = home_vpc(network, endpoint)
    there = exists(endpoint.declared) if home is None else exists_with(endpoint.declared, home.declared)
    return EndpointRow(
        address=endpoint.address,
        vpc=vpc_label(endpoint),
        service_name=None if name is None else endpoint.declared.shown("service_name", name),
        service=service_label(endpoint),
        type=type_label(endpoint),
        private_dns=on.value,
        exists=True if endpoint.declared.exists is True else None,
        span=endpoint.declared.span,
        foreign=endpoint.address in network.foreign,
        may_take_names=on.possible or _is_led_to(network, endpoint),
        goes_with_vpc=there.yes,
    )


def _is_led_to(network: Network, endpoint: Endpoint) -> bool:
    """Return whether a zone, a Profile or code that was not read may lead names to an endpoint without private DNS."""
    if has_type(endpoint, "Interface").no:
        return False
    from vpce_checks.reach.dns.reverse import names_lead_to

    return names_lead_to(network, endpoint).answer.possible


def _interfaces(networks: Sequence[Network]) -> dict[str, Interfaces]:
    """Return the network interfaces by the address of the endpoint: as many as it has in every scenario."""
    found: dict[str, Interfaces] = {}
    for network in networks:
        for endpoint in network.endpoints:
            if endpoint.address not in network.foreign and has_type(endpoint, "Interface").possible:
                own = _interfaces_of(network, endpoint)
                other = found.setdefault(endpoint.address, own)
                if own != other:
                    found[endpoint.address] = Interfaces(min(own.count, other.count), more=True)
    return found


def _interfaces_of(network: Network, endpoint: Endpoint) -> Interfaces:
    from vpce_checks.reach.interfaces import endpoint_subnets

    subnets: list[Value] = []
    here: set[str] = set()
    more = "[*]" in endpoint.address
    for subnet, presence in endpoint_subnets(network, endpoint):
        linked = link(subnet)
        name = key_of(linked)
        if linked.certain and linked.address is not None:
            counted = YES if linked.address in here else NO
        else:
            counted = any_of([same_object(subnet, each) for each in subnets])  # two variables may name one subnet
        if presence.yes and name is not None and "[*]" not in name and counted.no:
            subnets.append(subnet)
            here.update(filter(None, (linked.address,)))
        elif not counted.yes:
            more = True
    return Interfaces(len(subnets), more or opaque_may_use(network, endpoint.address).possible)


def _region(object: Vpc | Endpoint) -> str | None:
    return object.declared.shown("region", object.region) if isinstance(object.region, str) else None


def _by_address(rows: dict[str, VpcRow]) -> list[VpcRow]:
    return [rows[address] for address in sorted(rows)]
