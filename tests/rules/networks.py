"""Networks made by hand: each function makes one object, with as little said as the test needs."""

from __future__ import annotations

from typing import Any

from vpce_checks.model.network import (
    OBJECT_FIELDS,
    Appliance,
    Call,
    Declaration,
    Endpoint,
    EndpointAssociation,
    HostedZone,
    InternetGateway,
    Network,
    OpaqueModule,
    ProfileResource,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    Vpc,
    ZoneRecord,
)
from vpce_checks.model.spans import Span
from vpce_checks.model.values import ListValue, PartialString, Reference, Unknown, Value, unknown
from vpce_checks.policy import Policy, Requirement, Source
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.judge import judge

FILE = "/repo/main.tf"
ROOT = "/repo"
REGION = "eu-west-1"
MAIN = "aws_vpc.main"
S3 = "aws_vpc_endpoint.s3"
PACK = Source("the pack aws-baseline")


def hidden(name: str = "var.hidden") -> Unknown:
    """An unknown value."""
    return unknown(f"{name} has no value", Span("/repo/variables.tf", 4))


def id_of(address: str, *path: str) -> Reference:
    """The id (or the attribute at ``path``) of a resource."""
    return Reference(address, path or ("id",))


def ids(*addresses: str) -> ListValue:
    """A list of the ids of resources."""
    return ListValue(tuple(id_of(address) for address in addresses), "set")


def declared(address: str, line: int = 1, exists: Any = True, calls: tuple[Call, ...] = ()) -> Declaration:
    """A declaration of four lines."""
    return Declaration(address, address.split(".")[-2], Span(FILE, line, 1, line + 3), calls, exists)


def vpc(address: str = MAIN, exists: Any = True, **fields: Any) -> Vpc:
    """A VPC in eu-west-1 with both DNS attributes on."""
    return Vpc(declared(address, exists=exists), **{"region": REGION, "enable_dns_hostnames": True, **fields})


def endpoint(
    short: Any, address: str = "", of: Any = MAIN, exists: Any = True, line: int = 10, **fields: Any
) -> Endpoint:
    """An endpoint for the service ``short`` (or with that very value as its service name) of the VPC ``of``."""
    name = f"com.amazonaws.{REGION}.{short}" if isinstance(short, str) and not short.startswith("com.") else short
    place = address or f"aws_vpc_endpoint.{short}"
    where = id_of(of) if isinstance(of, str) and of.startswith("aws_vpc.") else of
    return Endpoint(declared(place, line, exists), where, name, **{"region": REGION, **fields})


def gateway(short: Any = "s3", address: str = "", **fields: Any) -> Endpoint:
    """A gateway endpoint."""
    return endpoint(short, address, **{"type": "Gateway", **fields})


def interface(short: Any, address: str = "", **fields: Any) -> Endpoint:
    """An interface endpoint with private DNS on."""
    return endpoint(short, address, **{"type": "Interface", "private_dns": True, **fields})


def regional(short: str) -> PartialString:
    """A service name whose region is not known."""
    return PartialString(("com.amazonaws.", hidden("var.region"), f".{short}"))


def association(kind: str, target: Value, to: Any = S3, exists: Any = True) -> EndpointAssociation:
    """A stand-alone association with the endpoint at the address ``to``."""
    about = declared(f"aws_vpc_endpoint_{kind}_association.it", 60, exists)
    return EndpointAssociation(about, kind, id_of(to) if isinstance(to, str) else to, target)


def table(name: str, of: Any = MAIN, exists: Any = True, main: bool = False) -> RouteTable:
    """A route table."""
    return RouteTable(declared(f"aws_route_table.{name}", 70, exists), id_of(of) if isinstance(of, str) else of, main)


def subnet(name: str, of: str = MAIN) -> Subnet:
    """A subnet."""
    return Subnet(declared(f"aws_subnet.{name}", 80), id_of(of))


def follows(subnet: str, table: str) -> RouteTableAssociation:
    """A subnet's association with a route table, by their names."""
    about = declared(f"aws_route_table_association.{subnet}", 90)
    return RouteTableAssociation(about, id_of(f"aws_route_table.{table}"), id_of(f"aws_subnet.{subnet}"))


def route(table: str, target: Value, kind: str = "gateway") -> Route:
    """The default route of a table."""
    return Route(declared(f"aws_route.{table}", 100), id_of(f"aws_route_table.{table}"), "0.0.0.0/0", target, kind)


def internet_gateway() -> InternetGateway:
    """The internet gateway ``aws_internet_gateway.it``."""
    return InternetGateway(declared("aws_internet_gateway.it", 110), id_of(MAIN))


def appliance(kind: str, subnet: Any, exists: Any = True) -> Appliance:
    """A NAT gateway or firewall in a subnet, given by its name."""
    where = id_of(f"aws_subnet.{subnet}") if isinstance(subnet, str) else subnet
    return Appliance(declared(f"aws_{kind}.{subnet if isinstance(subnet, str) else 'x'}", 115, exists), kind, where)


def zone(*vpcs: str, address: str = "aws_route53_zone.it") -> HostedZone:
    """A hosted zone, private if VPCs are given."""
    return HostedZone(declared(address, 120), "ssm.eu-west-1.amazonaws.com", ids(*vpcs))


def record(*targets: Value, of: Any = "aws_route53_zone.it", exists: Any = True) -> ZoneRecord:
    """A record of a hosted zone."""
    about = declared("aws_route53_record.it", 130, exists)
    zone = id_of(of, "zone_id") if isinstance(of, str) else of
    return ZoneRecord(about, zone, "", ListValue(targets), relative=True)


def profile_resource(resource: Value) -> ProfileResource:
    """Something that a Route 53 Profile shares."""
    return ProfileResource(declared("aws_route53profiles_resource_association.it", 140), "rp-1", resource)


def opaque(*inputs: Value, address: str = "module.opaque") -> OpaqueModule:
    """An opaque module: its code cannot be read."""
    about = Declaration(address, "module", Span(FILE, 150, 1, 155))
    return OpaqueModule(about, "git::https://example.com/x.git", "its source is not in the repository", inputs)


def network(*objects: Any, **fields: Any) -> Network:
    """A network of objects in the order given."""
    parts: dict[str, Any] = {}
    for thing in objects:
        parts.setdefault(OBJECT_FIELDS[type(thing)], []).append(thing)
    fields |= {name: tuple(things) for name, things in parts.items()}
    return Network(ROOT, **fields)


def policy(gateway: str = "s3 dynamodb", interface: str = "", **fields: Any) -> Policy:
    """A policy that asks for the services named, parted by blanks."""
    return Policy(
        gateway=tuple(Requirement(name, PACK) for name in gateway.split()),
        interface=tuple(Requirement(name, PACK) for name in interface.split()),
        **fields,
    )


def findings(rule: str, *objects: Any, asks: Policy | None = None) -> list[Finding]:
    """What one rule says about a network."""
    judged = judge([network(*objects)], asks if asks is not None else policy())
    return [finding for finding in judged if finding.rule == rule]


def verdicts(rule: str, *objects: Any, asks: Policy | None = None) -> dict[str, str]:
    """The status of one rule by resource (and service, where the rule is about several of one resource)."""
    found = findings(rule, *objects, asks=asks)
    several = rule == "VPCE003"
    return {f"{f.resource} {f.service}" if several else f.resource: f.status for f in found}


def words(finding: Finding) -> str:
    """Everything that a finding says."""
    return "\n".join([finding.message, *(step.text for step in finding.why)])
