"""Networks made at random, each beside the same world for the plain resolver."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from tests.reach.dns.plain_resolver import PlainWorld, PlainZone
from tests.rules.networks import MAIN, declared, id_of, ids, interface, network, vpc
from vpce_checks.model.network import (
    HostedZone,
    Network,
    ProfileAssociation,
    ProfileResource,
    ZoneAssociation,
    ZoneRecord,
)
from vpce_checks.model.resolver import ResolverRule, ResolverRuleAssociation
from vpce_checks.model.values import ListValue, Value

REGION = "eu-west-1"
HOST = f"ssm.{REGION}.amazonaws.com"
ZONES = ("com", "amazonaws.com", f"{REGION}.amazonaws.com", HOST, f"a.{HOST}", f"b.a.{HOST}", "corp.internal")
QUERIES = (
    HOST,
    f"a.{HOST}",
    f"b.a.{HOST}",
    f"c.b.a.{HOST}",
    f"kms.{REGION}.amazonaws.com",
    "x.corp.internal",
    "example.org",
)
RULE_DOMAINS = (*ZONES[:5], "", "internal")
PREFIXES = ("", "", "*", "a", "b.a", "*.a", "ssm", f"ssm.{REGION}", f"*.{REGION}", "x")
PROFILES = ("aws_route53profiles_profile.p", "aws_route53profiles_profile.q")


class World(NamedTuple):
    """A network as we see it, its objects, and the same in plain texts."""

    network: Network
    objects: list[Any]
    plain: PlainWorld


def world(random: Random) -> World:
    """Return a random world in which everything is known."""
    support, hostnames = random.random() < 0.95, random.random() < 0.95
    objects: list[Any] = [vpc(enable_dns_support=support, enable_dns_hostnames=hostnames), vpc("aws_vpc.other")]
    bound = _bindings(random, objects)
    endpoints = _endpoints(random, objects)
    zones: list[tuple[int, PlainZone]] = []
    names = random.sample(ZONES, random.randint(0, 4))
    for place, name in enumerate(names):
        address = f"aws_route53_zone.z{place}"
        records = _records(random, objects, address, name)
        for priority in _seen(random, objects, address, bound, "arn", place, name):
            zones.append((priority, PlainZone(name, records)))
    seen_endpoints = _private_dns(random, objects, bound, endpoints)
    rules = _rules(random, objects, bound)
    plain = PlainWorld(tuple(zones), tuple(seen_endpoints), tuple(rules), support, hostnames)
    random.shuffle(objects)
    return World(network(*objects), objects, plain)


def _bindings(random: Random, objects: list[Any]) -> dict[str, int]:
    bound: dict[str, int] = {}
    for profile, priority in zip(PROFILES, random.sample((100, 200, 300), 2), strict=True):
        if random.random() < 0.4:
            where = declared(f"aws_route53profiles_association.{profile[-1]}")
            objects.append(ProfileAssociation(where, id_of(profile), id_of(MAIN), priority))
            bound[profile] = priority
    return bound


def _endpoints(random: Random, objects: list[Any]) -> list[Any]:
    found = []
    for place in range(random.randint(0, 2)):
        home = random.choice((MAIN, "aws_vpc.other"))
        short = ("ssm", "kms")[place]
        made = interface(short, f"aws_vpc_endpoint.e{place}", of=home, private_dns=random.random() < 0.5)
        objects.append(made)
        found.append(made)
    return found


def _host(endpoint: Any) -> str:
    return f"{endpoint.service_name.rpartition('.')[2]}.{REGION}.amazonaws.com"


def _private_dns(
    random: Random, objects: list[Any], bound: dict[str, int], endpoints: list[Any]
) -> list[tuple[int, str, str]]:
    seen = []
    for place, endpoint in enumerate(endpoints):
        if not endpoint.private_dns:
            continue
        if endpoint.vpc.address == MAIN:
            seen.append((0, _host(endpoint), endpoint.address))
        if random.random() < 0.3:
            profile = random.choice(PROFILES)
            where = declared(f"aws_route53profiles_resource_association.e{place}")
            objects.append(ProfileResource(where, id_of(profile), id_of(endpoint.address, "arn")))
            if profile in bound:
                seen.append((bound[profile], _host(endpoint), endpoint.address))
    return seen


def _records(random: Random, objects: list[Any], zone: str, name: str) -> tuple[tuple[str, str, str], ...]:
    found = []
    prefixes = random.sample(PREFIXES, random.randint(0, 3))
    for place, prefix in enumerate(dict.fromkeys(prefixes)):
        type = random.choice(("A", "A", "A", "CNAME", "AAAA", "TXT"))
        target, plain = random.choice(_TARGETS)
        if type == "CNAME" and random.random() < 0.5:
            target = plain = random.choice(QUERIES)
        where = declared(f"aws_route53_record.{zone.rpartition('.')[2]}-{place}")
        whole = f"{prefix}.{name}" if prefix else name
        written = random.choice((prefix, whole, whole.upper() + ".")) if prefix else random.choice((prefix, whole))
        objects.append(ZoneRecord(where, id_of(zone, "zone_id"), written, ListValue((target,)), type, relative=True))
        found.append((whole, type, plain))
    return tuple(found)


_TARGETS: tuple[tuple[Value, str], ...] = (
    (id_of("aws_vpc_endpoint.e0", "dns_entry", "0", "dns_name"), "endpoint:aws_vpc_endpoint.e0"),
    (id_of("aws_vpc_endpoint.e1", "dns_entry", "0", "dns_name"), "endpoint:aws_vpc_endpoint.e1"),
    (id_of("aws_lb.x", "dns_name"), "other"),
    ("elsewhere.example.org", "elsewhere.example.org"),
)


def _seen(
    random: Random, objects: list[Any], zone: str, bound: dict[str, int], attribute: str, place: int, name: str
) -> list[int]:
    """Associate a zone in one way. Return the priorities with which the VPC sees it."""
    way = random.choice(("inline", "separate", "profile", "other", "none"))
    vpcs = ids(MAIN) if way == "inline" else ids("aws_vpc.other") if way in ("other", "profile") else ids()
    objects.append(HostedZone(declared(zone), name, vpcs))
    if way == "separate":
        where = declared(f"aws_route53_zone_association.a{place}")
        objects.append(ZoneAssociation(where, id_of(zone, "zone_id"), id_of(MAIN)))
    if way == "profile":
        profile = random.choice(PROFILES)
        where = declared(f"aws_route53profiles_resource_association.z{place}")
        objects.append(ProfileResource(where, id_of(profile), id_of(zone, attribute)))
        return [bound[profile]] if profile in bound else []
    return [0] if way in ("inline", "separate") else []


def _rules(random: Random, objects: list[Any], bound: dict[str, int]) -> list[tuple[int, str, str]]:
    found = []
    for place, domain in enumerate(random.sample(RULE_DOMAINS, random.choice((0, 0, 0, 1, 2)))):
        kind = random.choice(("FORWARD", "SYSTEM"))
        address = f"aws_route53_resolver_rule.r{place}"
        objects.append(ResolverRule(declared(address), domain or ".", kind))
        if random.random() < 0.7:
            where = declared(f"aws_route53_resolver_rule_association.r{place}")
            objects.append(ResolverRuleAssociation(where, id_of(address), id_of(MAIN)))
            found.append((0, domain, kind))
        elif bound:
            profile = random.choice(sorted(bound))
            where = declared(f"aws_route53profiles_resource_association.r{place}")
            objects.append(ProfileResource(where, id_of(profile), id_of(address, "arn")))
            found.append((bound[profile], domain, kind))
    return found
