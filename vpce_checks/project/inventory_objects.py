"""Make network objects of the rows of inventories.

What outputs do not say is unknown. Where two of them say different things about one object, it is one of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from vpce_checks.base.record import replace
from vpce_checks.catalog import parse_service_name
from vpce_checks.estate.deployed import Deployed, DeployedObject, Findable, endpoint_in
from vpce_checks.model.filters import IngressRule
from vpce_checks.model.network import (
    Declaration,
    Endpoint,
    OpaqueModule,
    ProfileAssociation,
    ProfileResource,
    Route,
    RouteTable,
    RouteTableAssociation,
    SecurityGroup,
    Subnet,
    TargetKind,
    Vpc,
    ZoneAssociation,
    ZoneRecord,
    answering_from,
)
from vpce_checks.model.resolver import ZoneLookup
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.values import Cause, ListValue, MapValue, Reference, Value, choose, unknown
from vpce_checks.project.inventory_file import Kind, Row
from vpce_checks.project.inventory_item import Convert, Item, inner_texts
from vpce_checks.project.inventory_look_ups import findable

_REGION_OF_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)+?-[0-9]+")
"""The region in the name of an Availability Zone or Local Zone: us-east-1 in us-east-1a and us-east-1-bos-1a."""


def deployed_of(rows: Iterable[Row]) -> tuple[Deployed, list[Diagnostic]]:
    """Return what rows say is deployed, and what is wrong with them."""
    return _Builder(rows).build()


class _Builder:
    def __init__(self, rows: Iterable[Row]) -> None:
        grouped: dict[tuple[Kind, str], list[Row]] = {}
        self._as_of: dict[str, str] = {}
        listed = list(rows)
        known = {row.id for row in listed if row.kind == "endpoint"}
        for row in (*listed, *_gateways([row for row in listed if row.kind == "table"], known)):
            grouped.setdefault((row.kind, row.id), []).append(row)
            self._as_of[row.entry.file] = row.entry.as_of
        self._items = {key: Item(*key, found) for key, found in grouped.items()}
        self._of_vpc: dict[tuple[Kind, str], list[Item]] = {}
        for item in self._items.values():
            for vpc in item.texts("VpcId"):
                self._of_vpc.setdefault((item.kind, vpc), []).append(item)
        self._regions = self._regions_of_vpcs()
        self._problems: list[Diagnostic] = []

    def build(self) -> tuple[Deployed, list[Diagnostic]]:
        """Return the objects, and an error for each that does not say what it belongs to."""
        objects = [one for item in self._items.values() for one in _MAKERS[item.kind](self, item)]
        labels = {item.label: row.entry.file for item in self._items.values() for row in item.rows[:1]}
        return Deployed(objects, self._all_findable, labels, self._as_of), self._problems

    def _all_findable(self) -> Iterator[Findable]:
        return (
            one
            for item in self._items.values()
            for one in findable(item, self._regions, partial(self._in_vpc, "table"))
        )

    def _in_vpc(self, kind: Kind, vpc: str) -> Sequence[Item]:
        return self._of_vpc.get((kind, vpc), ())

    # -- what an id means ----------------------------------------------------------------------------------------

    def _named(self, kind: Kind) -> Convert:
        """Return how the id of an object of this kind is a value: a reference, if an inventory holds the object."""

        def convert(raw: Any) -> Value:
            if not isinstance(raw, str) or not raw:
                return unknown("an id is no text")
            item = self._items.get((kind, raw.removeprefix("/hostedzone/")))
            if item is None:
                return raw
            return Reference(item.address, ("id",), "resource", (), "string")

        return convert

    def _names(self, kind: Kind, key: str = "") -> Convert:
        """Return how a list of ids is a value. With ``key``, each is in a mapping."""
        one = self._named(kind)

        def convert(raw: Any) -> Value:
            if not isinstance(raw, list):
                return unknown("a list of ids is no list")
            ids = [each.get(key) if key and isinstance(each, dict) else each for each in raw]
            return ListValue(tuple(one(id) for id in ids if id is not None), "set")

        return convert

    def _home(self, item: Item) -> str:
        """Return the id of the VPC of an object, which must be said. Empty (and an error): it is not."""
        found = item.texts("VpcId")
        if not found:
            words = f"{item.address} is left out, because its VpcId is not said"
            self._problems.append(Diagnostic("error", words, item.span.file, item.span.line))
        return found[0] if found else ""

    def _regions_of_vpcs(self) -> dict[str, dict[str, None]]:
        """Return the regions of VPCs, by their ids, as far as anything says them."""
        found: dict[str, dict[str, None]] = {}
        for item in self._items.values():
            for vpc in item.texts("VpcId") if item.kind != "vpc" else (item.id,):
                found.setdefault(vpc, {}).update(dict.fromkeys(_regions(item)))
            for each in item.listed("VPCs") if item.kind == "zone" else ():
                if isinstance(each.get("VPCId"), str) and isinstance(each.get("VPCRegion"), str):
                    found.setdefault(each["VPCId"], {})[each["VPCRegion"]] = None
        return found

    def _region(self, vpc: str, item: Item) -> Value:
        regions = tuple(self._regions.get(vpc, ()))
        if not regions:
            return item.unsaid("the region", "string")
        return choose(regions, (Cause(f"inventories say several regions of {vpc}", item.span),))

    # -- kinds ---------------------------------------------------------------------------------------------------

    def vpc(self, item: Item) -> Iterator[DeployedObject]:
        """A VPC."""
        tags = item.tags
        yield DeployedObject(
            Vpc(
                item.declaration(enable_dns_support="EnableDnsSupport", enable_dns_hostnames="EnableDnsHostnames"),
                self._region(item.id, item),
                item.value("EnableDnsSupport", _flag, item.unsaid("EnableDnsSupport", "bool")),
                item.value("EnableDnsHostnames", _flag, item.unsaid("EnableDnsHostnames", "bool")),
                tags.get("Name"),
                MapValue(dict(tags), "map"),
                [each.raw for each in item.said("IsDefault")] == [True],
                _cidrs(item, "CidrBlock", "CidrBlockAssociationSet"),
            ),
            item.id,
            (item.id,),
        )
        reason = "an inventory does not prove that there is nothing else"
        rest = OpaqueModule(item.declaration("/..."), "inventory", reason, tuple(self._open(item)), is_unread=False)
        yield DeployedObject(rest, "", (item.id,))

    def _open(self, item: Item) -> Iterator[Value]:
        """Yield that of a VPC which may have more than inventories hold: itself, its main table if that is not known, subnets
        whose table is not, and tables behind a firewall, whose subnets may hold NAT gateways."""
        own = Reference(item.address, ("id",), "resource")
        yield own
        tables = self._in_vpc("table", item.id)
        associations = [bound for table in tables for bound, there in table.whole("Associations") if there is True]
        if not any(each.get("Main") is True for each in associations):
            yield replace(own, path=("main_route_table_id",))
        for table in tables:
            if not (table.said("Routes") and table.said("Associations")) or any(
                map(_is_guarded, table.listed("Routes"))
            ):
                yield Reference(table.address, ("id",), "resource")
        placed = {subnet for each in associations if isinstance(subnet := each.get("SubnetId"), str)}
        for subnet in self._in_vpc("subnet", item.id):
            if subnet.id not in placed:
                yield Reference(subnet.address, ("id",), "resource")

    def endpoint(self, item: Item) -> Iterator[DeployedObject]:
        """A VPC endpoint."""
        vpc, exists = self._home(item), item.existence("State")
        if not vpc or exists is None:
            return
        groups = [each["GroupId"] for each in item.listed("Groups") if isinstance(each.get("GroupId"), str)]
        yield DeployedObject(
            Endpoint(
                item.declaration(exists=exists, private_dns="PrivateDnsEnabled"),
                item.value("VpcId", self._named("vpc")),
                item.value("ServiceName", _text, item.unsaid("ServiceName", "string")),
                item.value("VpcEndpointType", _text, item.unsaid("VpcEndpointType", "string")),
                item.value("PrivateDnsEnabled", _flag, item.unsaid("PrivateDnsEnabled", "bool")),
                self._region(vpc, item),
                item.value("ServiceRegion", _text),
                item.value("RouteTableIds", self._names("table"), item.unsaid("RouteTableIds")),
                item.value("SubnetIds", self._names("subnet"), item.unsaid("SubnetIds")),
                item.value("Groups", self._names("group", "GroupId"), item.unsaid("Groups")),
                item.value("DnsOptions", _inbound_only),
                item.value("PolicyDocument", _text, item.unsaid("PolicyDocument", "string")),
                item.value("IpAddressType", _text),
            ),
            item.id,
            (item.id, vpc),
            (vpc, *groups),
        )

    def subnet(self, item: Item) -> Iterator[DeployedObject]:
        """A subnet."""
        vpc = self._home(item)
        if vpc:
            thing = Subnet(
                item.declaration(),
                item.value("VpcId", self._named("vpc")),
                item.value("AvailabilityZone", _text, item.value("AvailabilityZoneId", _text)),
                item.value("MapPublicIpOnLaunch", _flag, item.unsaid("MapPublicIpOnLaunch", "bool")),
                _cidrs(item, "CidrBlock", ""),
            )
            yield DeployedObject(thing, item.id, (item.id, vpc), (vpc,))

    def table(self, item: Item) -> Iterator[DeployedObject]:
        """A route table, with its routes and associations."""
        vpc = self._home(item)
        if not vpc:
            return
        is_main = any(each.get("Main") is True and there is True for each, there in item.whole("Associations"))
        thing = RouteTable(item.declaration(), item.value("VpcId", self._named("vpc")), is_main)
        yield DeployedObject(thing, item.id, (item.id, vpc), (vpc,))
        own = self._named("table")(item.id)
        for number, (each, there) in enumerate(item.whole("Routes")):
            route = _route(item.declaration(f"/route {number}", exists=there), own, each)
            if route is not None:
                yield DeployedObject(route, "", (item.id,))
        for each, there in item.whole("Associations"):
            subnet = each.get("SubnetId")
            if isinstance(subnet, str):
                bound = RouteTableAssociation(
                    item.declaration(f"/{subnet}", exists=there), own, self._named("subnet")(subnet)
                )
                yield DeployedObject(bound, "", (item.id, subnet), (item.id,))

    def group(self, item: Item) -> Iterator[DeployedObject]:
        """A security group, with what it lets in."""
        vpc = self._home(item)
        if not vpc:
            return
        is_default = item.texts("GroupName") == ("default",)
        thing = SecurityGroup(item.declaration(), item.value("VpcId", self._named("vpc")), is_default)
        yield DeployedObject(thing, item.id, (item.id, vpc) if is_default else (item.id,), (vpc,))
        own = self._named("group")(item.id)
        if not item.said("IpPermissions"):
            rule = IngressRule(
                item.declaration("/rules", exists=item.unsaid("IpPermissions", "bool")), own, "-1", own=True
            )
            yield DeployedObject(rule, "", (item.id,))
        for number, (each, there) in enumerate(item.whole("IpPermissions")):
            ranges = [*_inner(each, "IpRanges", "CidrIp"), *_inner(each, "Ipv6Ranges", "CidrIpv6")]
            groups = _inner(each, "UserIdGroupPairs", "GroupId")
            rule = IngressRule(
                item.declaration(f"/rule {number}", exists=there),
                own,
                _text(each.get("IpProtocol")),
                _number(each.get("FromPort")),
                _number(each.get("ToPort")),
                ListValue(tuple(ranges), "set"),
                ListValue(tuple(_inner(each, "PrefixListIds", "PrefixListId")), "set"),
                ListValue(tuple(self._named("group")(id) for id in groups), "set"),
            )
            yield DeployedObject(rule, "", (item.id,), tuple(groups))

    def zone(self, item: Item) -> Iterator[DeployedObject]:
        """A hosted zone, which may have more records than are known, and the VPCs that it is associated with."""
        own = self._named("zone")(item.id)
        name = item.value("Name", _text, item.unsaid("Name", "string"))
        yield DeployedObject(ZoneLookup(item.declaration(), name, item.id), item.id, (item.id,))
        exists: Any = True
        for owner, _ in item.said("Owner"):
            if isinstance(owner, dict) and owner.get("OwningService"):
                exists = unknown(f"{item.address} may be the zone of an endpoint's own private DNS", item.span, "bool")
        for vpc in dict.fromkeys(inner_texts(item, "VPCs", "VPCId")):
            bound = ZoneAssociation(item.declaration(f"/{vpc}", exists=exists), own, self._named("vpc")(vpc))
            yield DeployedObject(bound, "", (vpc,), (item.id,))

    def record(self, item: Item) -> Iterator[DeployedObject]:
        """A record of a zone."""
        zone = item.rows[0].entry.zone
        texts = [(_targets(raw), row) for key in ("AliasTarget", "ResourceRecords") for raw, row in item.said(key)]
        pulls = [endpoint for found, _ in texts for text in found if (endpoint := endpoint_in(text))]
        lists = [ListValue(tuple(map(self._target, found)), "list") for found, _ in texts]
        doubts = tuple(Cause(f"inventories say several values of {item.address}", row.span) for _, row in texts[:2])
        declared = item.declaration()
        for location, _ in item.said("GeoLocation"):
            declared = answering_from(declared, location.get("CountryCode") if isinstance(location, dict) else None)
        thing = ZoneRecord(
            declared,
            self._named("zone")(zone),
            item.value("Name", _text),
            choose(lists, doubts) if lists else item.unsaid("the value"),
            item.value("Type", _text, item.unsaid("Type", "string")),
            item.value("SetIdentifier", _text),
        )
        yield DeployedObject(thing, "", (zone,), tuple(dict.fromkeys(pulls)))

    def _target(self, text: str) -> Value:
        """Return what a record answers with: an endpoint, if it is a DNS name of one."""
        endpoint = self._items.get(("endpoint", endpoint_in(text)))
        return text if endpoint is None else Reference(endpoint.address, ("dns_entry",), "resource")

    def profile(self, item: Item) -> Iterator[DeployedObject]:
        """A Route 53 Profile: it is what others name, and nothing by itself."""
        return iter(())

    def profile_vpc(self, item: Item) -> Iterator[DeployedObject]:
        """The association of a Profile with a VPC."""
        exists = item.existence("Status")
        profile, vpc = item.texts("ProfileId")[:1], item.texts("ResourceId")[:1]
        if exists is not None and profile and vpc:
            thing = ProfileAssociation(item.declaration(exists=exists), profile[0], self._named("vpc")(vpc[0]))
            yield DeployedObject(thing, "", vpc, profile)

    def profile_resource(self, item: Item) -> Iterator[DeployedObject]:
        """What a Profile shares."""
        exists = item.existence("Status")
        profile, arn = item.texts("ProfileId")[:1], item.texts("ResourceArn")[:1]
        if exists is None or not profile or not arn:
            return
        id = arn[0].rpartition("/")[2]
        kind: Kind = "endpoint" if id.startswith("vpce-") else "zone"
        known = self._items.get((kind, id))
        resource: Value = arn[0] if known is None else Reference(known.address, ("arn",), "resource")
        yield DeployedObject(
            ProfileResource(item.declaration(exists=exists), profile[0], resource),
            "",
            profile,
            () if known is None else (id,),
        )


_Maker = Callable[["_Builder", Item], Iterator[DeployedObject]]

_MAKERS: Mapping[Kind, _Maker] = {
    "vpc": _Builder.vpc,
    "endpoint": _Builder.endpoint,
    "subnet": _Builder.subnet,
    "table": _Builder.table,
    "group": _Builder.group,
    "zone": _Builder.zone,
    "record": _Builder.record,
    "profile": _Builder.profile,
    "profile_vpc": _Builder.profile_vpc,
    "profile_resource": _Builder.profile_resource,
}


def _text(raw: Any) -> Value:
    return raw if isinstance(raw, str) else unknown("this is no text in the inventory", None, "string")


def _flag(raw: Any) -> Value:
    return raw if isinstance(raw, bool) else unknown("this is not true or false in the inventory", None, "bool")


def _number(raw: Any) -> Value:
    if raw is None or (isinstance(raw, int) and not isinstance(raw, bool)):
        return raw
    return unknown("this is no number in the inventory", None, "number")


def _inner(values: Mapping[str, Any], name: str, key: str) -> list[str]:
    listed = values.get(name)
    found = (each.get(key) for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()
    return [each for each in found if isinstance(each, str)]


def _inbound_only(raw: Any) -> Value:
    found = raw.get("PrivateDnsOnlyForInboundResolverEndpoint") if isinstance(raw, dict) else None
    return None if found is None else _flag(found)


def _cidrs(item: Item, single: str, several: str) -> Value:
    blocks = [
        text
        for name, key in ((several, "CidrBlock"), ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"))
        for each in (item.listed(name) if name else ())
        if isinstance(text := each.get(key), str) and _is_associated(each)
    ]
    found = dict.fromkeys((*item.texts(single), *blocks))
    return ListValue(tuple(found), "set") if found else item.unsaid(single)


def _is_associated(values: Mapping[str, Any]) -> bool:
    for name in ("CidrBlockState", "Ipv6CidrBlockState"):
        state = values.get(name)
        if isinstance(state, dict):
            return state.get("State") not in ("disassociated", "disassociating", "failed", "failing")
    return True


_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGETS: dict[str, TargetKind] = {
    "NatGatewayId": "nat",
    "EgressOnlyInternetGatewayId": "egress_only",
    "TransitGatewayId": "transit_gateway",
    "GatewayId": "gateway",
    "NetworkInterfaceId": "other",
    "InstanceId": "other",
    "VpcPeeringConnectionId": "other",
    "LocalGatewayId": "other",
    "CarrierGatewayId": "other",
    "CoreNetworkArn": "other",
    "OdbNetworkArn": "other",
}
"""Keys with the target of a route, as in https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html"""


def _route(declared: Declaration, table: Value, values: Mapping[str, Any]) -> Route | None:
    """Return a route. None for one that leads nowhere, because its target is gone."""
    if values.get("State") == "blackhole":
        return None
    destination = next((text for key in _DESTINATIONS if isinstance(text := values.get(key), str)), None)
    for key, kind in _TARGETS.items():
        target = values.get(key)
        if isinstance(target, str):
            is_endpoint = key == "GatewayId" and target.startswith("vpce-")
            return Route(declared, table, destination, target, "endpoint" if is_endpoint else kind)
    return Route(declared, table, destination, unknown("the inventory does not say where this route leads"), "other")


def _is_guarded(route: Mapping[str, Any]) -> bool:
    """Return whether a route sends everything to an endpoint, as that of a firewall."""
    target = route.get("GatewayId")
    return isinstance(target, str) and target.startswith("vpce-") and route.get("DestinationCidrBlock") == "0.0.0.0/0"


def _gateways(tables: Iterable[Row], known: Collection[str]) -> Iterator[Row]:
    """Yield the gateway endpoints, other than ``known`` ones, to which routes of tables lead.

    A gateway endpoint puts a route to a prefix list into each of its tables.
    """
    found: dict[str, list[Row]] = {}
    for table in tables:
        routes = table.values.get("Routes")
        for each in routes if isinstance(routes, list) else ():
            target = each.get("GatewayId") if isinstance(each, dict) else None
            if not isinstance(target, str) or not target.startswith("vpce-") or target in known:
                continue
            if isinstance(each.get("DestinationPrefixListId"), str):
                found.setdefault(target, []).append(table)
    for id, those in found.items():
        values = {"VpcId": those[0].values.get("VpcId"), "VpcEndpointType": "Gateway", "PrivateDnsEnabled": False}
        ids = list(dict.fromkeys(table.id for table in those))
        yield Row("endpoint", id, {**values, "RouteTableIds": ids}, those[0].entry, those[0].span)


def _targets(raw: Any) -> list[str]:
    """Return what a record answers with: the name of its alias, or its values."""
    if isinstance(raw, dict):
        raw = [{"Value": raw.get("DNSName")}]
    found = (each.get("Value") for each in raw if isinstance(each, dict)) if isinstance(raw, list) else ()
    return [each for each in found if isinstance(each, str)]


def _regions(item: Item) -> Iterator[str]:
    """Yield the regions that rows say that an object is in."""
    yield from (row.entry.region for row in item.rows if row.entry.region)
    for arn in item.texts("SubnetArn", "SecurityGroupArn"):
        yield from filter(None, arn.split(":")[3:4])
    for zone in item.texts("AvailabilityZone"):
        found = _REGION_OF_ZONE.match(zone)
        if found is not None:
            yield found[0]
    if item.texts("VpcEndpointType") == ("Gateway",):
        for name in item.texts("ServiceName"):
            parsed = parse_service_name(name)
            if parsed is not None and parsed.region is not None:
                yield parsed.region
