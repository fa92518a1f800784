"""What one configuration will deploy, in AWS's own terms and in no language's.

Terraform and CloudFormation each build a :class:`Network`; the rules read it. Fields of type ``Value`` are known,
references or unknown-because (see :mod:`vpce_checks.model.values`) and already carry the deployment's defaults: an omitted
endpoint type is ``"Gateway"``, an omitted private DNS is ``False``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, Literal, TypeAlias, TypeVar

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import field, record, replace
from vpce_checks.model.declaration import INVENTORY as INVENTORY
from vpce_checks.model.declaration import Call as Call
from vpce_checks.model.declaration import Declaration as Declaration
from vpce_checks.model.filters import (
    Exclusive,
    GroupAssociation,
    IngressRule,
    NetworkAcl,
    NetworkAclAssociation,
    NetworkAclRule,
    PrefixList,
    PrefixListEntry,
    VpcRange,
)
from vpce_checks.model.ignores import IgnoreComment
from vpce_checks.model.resolver import (
    DomainList,
    EndpointService,
    FirewallAssociation,
    FirewallRule,
    ResolverRule,
    ResolverRuleAssociation,
    ZoneLookup,
)
from vpce_checks.model.scenario import Scenario
from vpce_checks.model.sensitive import SENSITIVE, SHOWN, Labels
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import (
    EMPTY_SET,
    Cause,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    merge_causes,
    unknown,
)

_KEY = r'\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\]'
_INSTANCE_KEY = pattern(_KEY)
_LAST_KEY = pattern(_KEY + r"\Z")


def without_keys(address: str) -> str:
    """An address without its instance keys: ``module.net["a"].aws_vpc.x[0]`` is ``module.net.aws_vpc.x``."""
    return _INSTANCE_KEY.sub("", address) if "[" in address else address


def block_address(address: str) -> str:
    """An address without its own key, but with those of modules: ``module.net["a"].aws_vpc.x[0]`` is
    ``module.net["a"].aws_vpc.x``."""
    return _LAST_KEY.sub("", address) if address.endswith("]") else address


@record
class Vpc:
    """A VPC that this configuration creates (or adopts: ``default``). ``cidrs`` are its own CIDR blocks, IPv4 and IPv6."""

    declared: Declaration
    region: Value = None
    enable_dns_support: Value = True
    enable_dns_hostnames: Value = False
    name: Value = None
    tags: Value = None
    default: bool = False
    cidrs: Value = EMPTY_SET

    @property
    def address(self) -> str:
        """The address of its declaration."""
        return self.declared.address


@record
class VpcTag:
    """A tag that a resource of its own puts on ``vpc``, which another root may create. ``doubt`` is why it may not be there."""

    declared: Declaration
    vpc: Value
    key: Value
    value: Value
    doubt: Opaque | None = None


@record
class Endpoint:
    """A VPC endpoint. ``vpc``, ``subnets``, ``route_tables`` and ``security_groups`` hold references.

    ``dns_inbound_only`` is "private DNS only for the inbound Resolver endpoint": ``None`` where not said.
    ``addresses`` are those that the code gives to its network interfaces; AWS chooses the others.
    ``service_name`` is ``None`` for endpoints to a resource or a service network. ``policy`` is JSON text or the
    document itself, ``None`` where AWS's default (full access) stays. ``ip_address_type`` is ``None`` where not said.
    """

    declared: Declaration
    vpc: Value
    service_name: Value
    type: Value = "Gateway"
    private_dns: Value = False
    region: Value = None
    service_region: Value = None
    route_tables: Value = EMPTY_SET
    subnets: Value = EMPTY_SET
    security_groups: Value = EMPTY_SET
    dns_inbound_only: Value = None
    policy: Value = None
    ip_address_type: Value = None
    addresses: Value = EMPTY_SET

    @property
    def address(self) -> str:
        """The address of its declaration."""
        return self.declared.address


@record
class EndpointAssociation:
    """A stand-alone resource that adds something to an endpoint.

    ``kind`` is ``"route_table"``, ``"subnet"``, ``"security_group"`` (``target`` is its id), ``"private_dns"``
    (``target`` is the bool it sets) or ``"policy"`` (``target`` is the document). ``replaces_default`` is whether a
    security group takes the place of the VPC's default group.
    """

    declared: Declaration
    kind: str
    endpoint: Value
    target: Value
    replaces_default: Value = False


@record
class RouteTable:
    """A route table. ``main`` where it is adopted as the VPC's default one. Inline routes are :class:`Route` too."""

    declared: Declaration
    vpc: Value
    main: bool = False


TargetKind: TypeAlias = "Literal['gateway', 'nat', 'egress_only', 'transit_gateway', 'endpoint', 'other']"
"""What a route leads to."""


@record
class Route:
    """One route. ``destination`` is a CIDR block or prefix list id; ``target`` the gateway, NAT, ENI ... it goes to."""

    declared: Declaration
    route_table: Value
    destination: Value
    target: Value
    target_kind: TargetKind


@record
class RouteTableAssociation:
    """A subnet's (or, with ``main``, a VPC's main) route table. ``subnet`` is None for a gateway or main association."""

    declared: Declaration
    route_table: Value
    subnet: Value = None
    main_of: Value = None


@record
class Subnet:
    """A subnet. ``availability_zone`` is the name of its zone, or its id where only that is written.
    ``cidrs`` are its CIDR blocks, IPv4 and IPv6."""

    declared: Declaration
    vpc: Value
    availability_zone: Value = None
    public_ip_on_launch: Value = False
    cidrs: Value = EMPTY_SET


def ipv6_block(value: Value, address: str, attribute: str) -> Value:
    """Return the IPv6 block of the object at ``address``. One that is not known becomes a reference to ``attribute``,
    as nothing else says that it is an IPv6 one."""
    if isinstance(value, Reference) and value.kind != "resource":
        return Reference(address, (attribute,), "resource", value.causes)
    if isinstance(value, Unknown) and not value.one_of:
        return Reference(address, (attribute,), "resource", value.causes)
    return value


@record
class InternetGateway:
    """An internet gateway, attached to ``vpc`` (``None`` where a separate attachment does it)."""

    declared: Declaration
    vpc: Value = None


@record
class Appliance:
    """What AWS puts into ``subnet`` to pass traffic on: a NAT gateway with a public address (``kind`` is ``"nat"``),
    an endpoint of a network firewall (``"firewall"``), or an attachment to a transit gateway (``"transit_gateway"``) or
    to a Cloud WAN core network (``"cloud_wan"``)."""

    declared: Declaration
    kind: str
    subnet: Value


@record
class SecurityGroup:
    """A security group. ``default`` where it is adopted as the VPC's default one."""

    declared: Declaration
    vpc: Value
    default: bool = False


@record
class HostedZone:
    """A Route 53 hosted zone; private where ``vpcs`` (a list of VPC ids) is not empty."""

    declared: Declaration
    name: Value
    vpcs: Value = EMPTY_SET


@record
class ZoneAssociation:
    """A stand-alone association of a private hosted zone with a VPC."""

    declared: Declaration
    zone: Value
    vpc: Value


@record
class ZoneRecord:
    """A Route 53 record. ``targets`` is a list of everything it answers with: alias names and record values.

    ``zone`` is the id of its zone, or None where ``zone_name`` names it. ``relative`` is whether a ``name`` that does not
    end with the name of the zone is within it, as Terraform reads it. ``set_identifier`` distinguishes records of one
    name and type (weighted, latency, failover ...), of which a query gets one.
    """

    declared: Declaration
    zone: Value
    name: Value
    targets: Value
    type: Value = "A"
    set_identifier: Value = None
    zone_name: Value = None
    relative: bool = False


def answering_from(declared: Declaration, country: Value) -> Declaration:
    """Return the declaration of a record with a geolocation: it may not be there for those who ask from elsewhere.

    ``country`` is "*" for the default record, which is there for all others; null for a continent.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geo.html
    """
    if country == "*" or declared.exists is not True:
        return declared
    return replace(
        declared, exists=unknown(f"{declared.address} answers only queries from one location", declared.span)
    )


@record
class ProfileResource:
    """A resource (an endpoint's ARN, a zone's, a Resolver rule's) that a Route 53 Profile shares."""

    declared: Declaration
    profile: Value
    resource: Value


@record
class ProfileAssociation:
    """A Route 53 Profile associated with a VPC. ``priority``: of two, the Profile with the lower number counts."""

    declared: Declaration
    profile: Value
    vpc: Value
    priority: Value = None


@record
class OpaqueModule:
    """A module call or resource that could not be looked into, so anything may hide behind it.

    ``inputs`` are the values handed to it (what it could attach something to). ``harmless`` ones are known to create
    no VPC, endpoint or route table, whatever else they do, and those with ``no_endpoint`` no endpoint; if it ``leads``, a
    harmless one may join a VPC that it gets with a private zone, so that names lead to endpoints of another VPC. ``reach`` limits what those inputs can be
    that are not known: it maps the addresses, without instance keys, of the objects that they may have something of to
    the attributes in question (``""`` for the whole object). None: they may be anything.

    ``holds`` are addresses or types of VPCs, endpoints and routes in it, as far as they are known. ``words`` are the names of its
    arguments, ``outputs`` of its outputs that the code uses. ``waits_for`` are the addresses, without
    instance keys, of what it says it depends on. ``is_unread`` is False for what cannot hold a VPC, endpoint or route by
    its name, but could use what it is handed, and for what is no code at all (what Terraform has forgotten). ``submodule`` is
    the git submodule that its code is in, if that is not checked out.
    """

    declared: Declaration
    source: str
    reason: str
    inputs: tuple[Value, ...] = ()
    harmless: bool = False
    reach: Mapping[str, frozenset[str]] | None = None
    holds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    is_unread: bool = True
    submodule: str = ""
    leads: bool = False
    no_endpoint: bool = False

    @property
    def address(self) -> str:
        """The address of its declaration."""
        return self.declared.address


def unread(declared: Declaration) -> OpaqueModule:
    """Return the module that stands in for something that could not be read: it may contain anything."""
    cause = Cause(f"{declared.address} could not be read", declared.span)
    return OpaqueModule(declared, declared.address, "it could not be read", (Unknown((cause,)),))


@record
class Part:
    """One resource that a workload is made of, as far as ``catalog/parts.tsv`` names its arguments.

    ``kind`` is the name of the part there. ``arguments`` maps fields to values; null ones are left out.
    """

    declared: Declaration
    kind: str
    arguments: MapValue

    @property
    def address(self) -> str:
        """The address of its declaration."""
        return self.declared.address

    def get(self, name: str) -> Value:
        """The value of a field, null where the code does not set it."""
        return self.arguments.items.get(name)

    def place(self, name: str) -> Span:
        """The line that sets a field, or the resource."""
        return self.declared.field_spans.get(name, self.declared.span)


NetworkObject: TypeAlias = (
    Vpc
    | VpcTag
    | Endpoint
    | EndpointAssociation
    | RouteTable
    | Route
    | RouteTableAssociation
    | Subnet
    | InternetGateway
    | Appliance
    | SecurityGroup
    | GroupAssociation
    | VpcRange
    | IngressRule
    | Exclusive
    | PrefixList
    | PrefixListEntry
    | NetworkAcl
    | NetworkAclRule
    | NetworkAclAssociation
    | HostedZone
    | ZoneAssociation
    | ZoneRecord
    | ProfileResource
    | ProfileAssociation
    | ZoneLookup
    | ResolverRule
    | ResolverRuleAssociation
    | DomainList
    | FirewallRule
    | FirewallAssociation
    | EndpointService
    | OpaqueModule
    | Part
)


@record
class Link:
    """Which VPC (or endpoint, route table ...) a value names.

    ``address`` is certain. ``candidates`` are addresses of this network it may be, one of which it must be unless
    ``anything``. ``external`` labels an object that this configuration does not create. ``causes`` say why it is
    not certain.
    """

    address: str | None = None
    external: str | None = None
    candidates: tuple[str, ...] = ()
    anything: bool = False
    causes: tuple[Cause, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether we know what it names."""
        return self.address is not None or self.external is not None

    def may_be(self, address: str) -> bool:
        """Whether it can be the object at ``address``."""
        return self.address == address or self.anything or address in self.candidates


EXTERNAL_KINDS = frozenset({"data", "variable", "parameter", "import", "undeclared"})
"""Kinds of reference that name objects which this configuration does not create."""


def link(value: Value) -> Link:
    """What ``value`` (the id, ARN or name of something) names.

    A reference to a resource is that resource; an id written out, or coming from a data source, a root variable, a
    parameter or another stack, is external; anything else is uncertain.
    """
    if isinstance(value, Reference):
        if value.kind == "resource":
            return Link(address=value.address)
        if value.kind in EXTERNAL_KINDS:
            return Link(external=external_label(value))
        return Link(anything=True, causes=value.causes)
    if isinstance(value, str):
        return Link(external=value) if value else Link(anything=True)
    if isinstance(value, PartialString):
        inner = {link(part).address for part in value.parts if isinstance(part, Opaque)} - {None}
        return Link(anything=not inner, candidates=tuple(sorted(filter(None, inner))), causes=value.causes)
    if isinstance(value, Unknown):
        if not value.one_of:
            return Link(anything=True, causes=value.causes)
        if value._link is None:  # an object is asked for its VPC again and again, and a look-up may find hundreds
            object.__setattr__(value, "_link", _link_of_several(value))
        assert isinstance(value._link, Link)
        return value._link
    return Link(anything=True, causes=merge_causes([value]))


def _link_of_several(value: Unknown) -> Link:
    # A null or empty member cannot be deployed, so it cannot be the one.
    members = [each for each in value.one_of if isinstance(each, Reference) or (each is not None and each != "")]
    if len(members) == 1 and (only := link(members[0])).certain:
        return only
    addresses: dict[str, None] = {}
    anything = False
    for member in members:
        if isinstance(member, Reference) and member.kind == "resource":  # as are most of hundreds
            addresses[member.address] = None
        else:
            linked = link(member)
            anything = anything or linked.anything
            if linked.address is not None:
                addresses[linked.address] = None
    return Link(candidates=tuple(addresses), anything=anything, causes=value.causes)


def key_of(linked: Link) -> str | None:
    """Return what identifies the object that a link leads to: its address here, or its label elsewhere."""
    return linked.address if linked.address is not None else linked.external


def external_label(reference: Reference) -> str:
    """What reports call an object that this configuration does not create: a data source without its ``.id``."""
    return reference.address if reference.kind == "data" and reference.path == ("id",) else str(reference)


@record
class Network:
    """Everything of interest that one root module or one stack (in one scenario) deploys.

    ``when`` names the scenario, one clause each ("Environment is dev"); it is empty where there is only one.
    ``foreign`` are addresses of objects that another root deploys: they are seen here, and judged there. Of the endpoints
    among them that are ``handed`` their VPC, only this root knows it: what follows from it is judged here. ``labels`` maps
    what such addresses begin with to the path of the root. ``units`` does so for units of Terragrunt that are named by the way
    to them (``../net:``), as their addresses are in machine-readable reports.
    ``view``: the networks of each view are true of the whole deployment, and leave different things unknown. ``focus``
    are the endpoints that the view is about, so that it need not say anything of the others; None: all.
    ``scenario`` is the same for computing; None where only the words distinguish the scenarios.
    ``variables`` are the names that the root declares, or may declare; empty where the user sets no variable.
    ``doubt`` says why the scenario may be one that nobody can deploy: what fails in it alone is unknown.
    ``language`` is ``"terraform"``, ``"terraform-json"``, ``"cloudformation-yaml"`` or ``"cloudformation-json"``.
    """

    __slots__ = ("__dict__",)

    root: str
    language: str = "terraform"
    when: tuple[str, ...] = ()
    vpcs: tuple[Vpc, ...] = ()
    vpc_tags: tuple[VpcTag, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    endpoint_associations: tuple[EndpointAssociation, ...] = ()
    route_tables: tuple[RouteTable, ...] = ()
    routes: tuple[Route, ...] = ()
    route_table_associations: tuple[RouteTableAssociation, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    internet_gateways: tuple[InternetGateway, ...] = ()
    appliances: tuple[Appliance, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    group_associations: tuple[GroupAssociation, ...] = ()
    vpc_ranges: tuple[VpcRange, ...] = ()
    ingress_rules: tuple[IngressRule, ...] = ()
    exclusives: tuple[Exclusive, ...] = ()
    prefix_lists: tuple[PrefixList, ...] = ()
    prefix_list_entries: tuple[PrefixListEntry, ...] = ()
    network_acls: tuple[NetworkAcl, ...] = ()
    network_acl_rules: tuple[NetworkAclRule, ...] = ()
    network_acl_associations: tuple[NetworkAclAssociation, ...] = ()
    hosted_zones: tuple[HostedZone, ...] = ()
    zone_associations: tuple[ZoneAssociation, ...] = ()
    zone_records: tuple[ZoneRecord, ...] = ()
    profile_resources: tuple[ProfileResource, ...] = ()
    profile_associations: tuple[ProfileAssociation, ...] = ()
    zone_lookups: tuple[ZoneLookup, ...] = ()
    resolver_rules: tuple[ResolverRule, ...] = ()
    resolver_rule_associations: tuple[ResolverRuleAssociation, ...] = ()
    domain_lists: tuple[DomainList, ...] = ()
    firewall_rules: tuple[FirewallRule, ...] = ()
    firewall_associations: tuple[FirewallAssociation, ...] = ()
    endpoint_services: tuple[EndpointService, ...] = ()
    opaque_modules: tuple[OpaqueModule, ...] = ()
    parts: tuple[Part, ...] = ()
    ignores: tuple[IgnoreComment, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    files: tuple[str, ...] = ()
    scenario: Scenario | None = None
    foreign: frozenset[str] = frozenset()
    handed: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    view: str = ""
    variables: tuple[str, ...] = ()
    focus: frozenset[str] | None = None
    doubt: str = ""

    @cached_property
    def vpc_by_address(self) -> Mapping[str, Vpc]:
        """The created VPCs by address."""
        return {vpc.address: vpc for vpc in self.vpcs}

    @cached_property
    def lookups(self) -> dict[str, object]:
        """Room for tables that a reader of this network makes once and looks things up in."""
        return {}


def _object_fields() -> dict[type, str]:
    hints = {f"tuple[{kind.__name__}, ...]": kind for kind in NetworkObject.__args__}
    return {hints[hint]: name for name, hint in Network.__annotations__.items() if hint in hints}


OBJECT_FIELDS: Mapping[type, str] = _object_fields()
"""Class of network object -> the field of :class:`Network` that holds the objects of that class."""


def grouped(objects: Iterable[NetworkObject]) -> dict[str, Any]:
    """The objects as the fields of a :class:`Network`: a tuple a field, empty where there are none."""
    found: dict[str, list[NetworkObject]] = {name: [] for name in OBJECT_FIELDS.values()}
    for each in objects:
        found[OBJECT_FIELDS[type(each)]].append(each)
    return {name: tuple(those) for name, those in found.items()}


Concealed = TypeVar("Concealed", bound="NetworkObject")


def concealed(object: Concealed, sensitive: Collection[str], labels: Labels) -> Concealed:
    """An object made of sensitive values. Of the fields that are shown, those in ``sensitive`` hold them; any other may."""
    fields = (name for name in object.__match_args__ if name != "declared")
    shown = {name: SENSITIVE for name in fields if name in sensitive or name not in SHOWN}
    if "vpc" in shown:
        vpc = link(getattr(object, "vpc", None)).external
        if vpc is not None:
            shown["vpc"] = labels.of(vpc)
    made: Concealed = replace(object, declared=replace(object.declared, sensitive=shown))
    return made
