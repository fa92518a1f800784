"""What changes of a network may do to what its names resolve to."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.reach.dns.worlds import HOST, QUERIES, world
from tests.rules.networks import MAIN, declared, hidden, id_of, ids, interface, network, policy, vpc
from tests.work import work
from vpce_checks.base.record import replace
from vpce_checks.model.declaration import Declaration
from vpce_checks.model.network import HostedZone, Network, Vpc, ZoneAssociation, ZoneRecord
from vpce_checks.model.tristate import NO, YES, TriState
from vpce_checks.model.values import ListValue, Reference, Value
from vpce_checks.reach.dns.answers import leads
from vpce_checks.reach.dns.names import names_of
from vpce_checks.reach.dns.resolve import resolve
from vpce_checks.rules.judge import judge

SEEDS = range(150)
MANY = range(50_000, 52_000)
TARGETS = ("aws_vpc_endpoint.e0", "aws_vpc_endpoint.e1")


def reach(made: Network, query: str, target: str, place: str = MAIN) -> bool | None:
    """Whether a name leads to an endpoint: yes, no, or not known."""
    name = names_of(made).of(query)
    assert name is not None

    def wanted(endpoint: Any) -> TriState:
        return YES if endpoint.address == target else NO

    return leads(resolve(made, place, name), wanted).value


def all_reach(made: Network, rename: str = "") -> dict[tuple[str, str], bool | None]:
    return {(query, to): reach(made, query, rename + to, rename + MAIN) for query in QUERIES for to in TARGETS}


def renamed(value: Any, prefix: str) -> Any:
    """``value`` with every address of a resource in a module of its own."""
    if isinstance(value, Reference):
        return Reference(prefix + value.address, value.path, value.kind)
    if isinstance(value, ListValue):
        return ListValue(tuple(renamed(item, prefix) for item in value.items), value.kind, value.maybe, value.rest)
    if isinstance(value, Declaration):
        return replace(value, address=prefix + value.address)
    return value


@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"])
def test_names_and_order_of_declarations_do_not_matter(seeds: range) -> None:
    for seed in seeds:
        made = world(Random(seed))
        before = all_reach(made.network)
        shuffled = list(made.objects)
        Random(seed + 1).shuffle(shuffled)
        assert all_reach(network(*shuffled)) == before, seed
        moved = [
            replace(each, **{name: renamed(getattr(each, name), "module.m.") for name in each.__match_args__})
            for each in made.objects
        ]
        assert all_reach(network(*moved), "module.m.") == before, seed


@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"])
def test_hiding_a_fact_changes_no_certain_answer_into_the_other(seeds: range) -> None:
    kept = {"declared", "relative", "kind", "type_", "subnets", "security_groups", "route_tables", "tags"}
    for seed in seeds:
        random = Random(seed)
        made = world(random)
        before = all_reach(made.network)
        place = random.randrange(len(made.objects))
        thing = made.objects[place]
        name = random.choice([name for name in thing.__match_args__ if name not in kept] + ["exists"])
        if name == "exists":
            if isinstance(thing, Vpc):
                continue
            less = replace(thing, declared=replace(thing.declared, exists=hidden()))
        else:
            less = replace(thing, **{name: hidden()})
        after = all_reach(network(*made.objects[:place], less, *made.objects[place + 1 :]))
        for key, answer in after.items():
            assert answer is None or answer == before[key], (seed, key, name, before[key], answer)


def added(made: Any, *objects: Any) -> dict[tuple[str, str], bool | None]:
    return all_reach(network(*made.objects, *objects))


def test_a_record_of_the_name_takes_no_reach_away() -> None:
    """A further record for a name, to the endpoint that it leads to already, never makes reach worse."""
    checked = 0
    for seed in SEEDS:
        made = world(Random(seed))
        for zone in (each for each in made.objects if isinstance(each, HostedZone)):
            alias: Value = id_of(TARGETS[0], "dns_entry", "0", "dns_name")
            new = ZoneRecord(
                declared("aws_route53_record.new"), id_of(zone.declared.address), HOST, ListValue((alias,)), "A"
            )
            before, after = all_reach(made.network), added(made, new)
            if before[HOST, TARGETS[0]] is True:
                checked += 1
                assert after[HOST, TARGETS[0]] is True, seed
    assert checked > 10


def test_an_association_takes_reach_away_only_by_shadowing() -> None:
    """A further zone changes only names that it covers, and only if no more specific one decides about them."""
    shadowed = 0
    for seed in SEEDS:
        made = world(Random(seed))
        name = Random(seed).choice(("corp.internal", HOST, "amazonaws.com"))
        if any(isinstance(each, HostedZone) and each.name == name for each in made.objects):
            continue
        address = "aws_route53_zone.new"
        where = declared("aws_route53_zone_association.new")
        new = (HostedZone(declared(address), name), ZoneAssociation(where, id_of(address), id_of(MAIN)))
        before, after = all_reach(made.network), added(made, *new)
        for key in before:
            follows = any(isinstance(each, ZoneRecord) and each.type in ("CNAME", "AAAA") for each in made.objects)
            if before[key] is True and after[key] is not True and not follows:
                assert key[0] == name or key[0].endswith(f".{name}"), (seed, key)
                shadowed += 1
    assert shadowed > 0


@pytest.mark.slow
def test_a_landing_zone_is_judged_in_linear_time() -> None:
    """500 spokes, 40 services, one hub: each spoke sees each zone, and the policy requires every service."""
    shorts = ("ssm", "kms", "sqs", "sns", "sts", "logs", "monitoring", "events", "athena", "glue")
    shorts += ("ec2", "ecs", "rds", "eks", "lambda", "states", "xray", "batch", "ds", "config")
    shorts += ("ebs", "acm-pca", "codebuild", "codedeploy", "codecommit", "codepipeline", "cloudtrail", "datasync")
    shorts += ("elasticache", "elasticloadbalancing", "autoscaling", "cloudformation", "redshift", "secretsmanager")
    shorts += ("ssmmessages", "ec2messages", "transfer", "workspaces", "polly", "textract")
    assert len(set(shorts)) == 40

    def calls(spokes: int) -> int:
        vpcs = [vpc(f"aws_vpc.s{place}") for place in range(spokes)]
        objects: list[Any] = [vpc("aws_vpc.hub"), *vpcs]
        for short in shorts:
            zone, endpoint = f"aws_route53_zone.{short}", f"aws_vpc_endpoint.{short}"
            objects += (
                interface(short, endpoint, of="aws_vpc.hub", private_dns=False),
                HostedZone(declared(zone), f"{short}.eu-west-1.amazonaws.com", ids(*(each.address for each in vpcs))),
                ZoneRecord(
                    declared(f"aws_route53_record.{short}"),
                    id_of(zone),
                    "",
                    ListValue((id_of(endpoint, "dns_entry"),)),
                    relative=True,
                ),
            )
        required = policy("", " ".join(shorts))
        found = judge([network(*objects)], required)
        assert sum(each.status == "pass" for each in found if each.rule == "VPCE003") == 40 * (spokes + 1)
        return work(lambda: judge([network(*objects)], required))

    assert calls(400) < 4.4 * calls(100)
