"""VPCE007: is the gateway endpoint in the route tables of the private subnets?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import (
    MAIN,
    S3,
    appliance,
    association,
    declared,
    endpoint,
    findings,
    follows,
    gateway,
    hidden,
    id_of,
    ids,
    interface,
    internet_gateway,
    network,
    opaque,
    policy,
    route,
    subnet,
    table,
    verdicts,
    vpc,
    words,
)
from tests.sampling import at_most
from tests.work import work
from vpce_checks.base.record import replace
from vpce_checks.model.network import Appliance, Part, RouteTableAssociation
from vpce_checks.model.values import ListValue, MapValue, Reference, Value
from vpce_checks.reach.callers import holds_no_callers
from vpce_checks.rules.judge import judge

DATA_VPC = Reference("data.aws_vpc.shared", ("id",), "data")
X = "aws_vpc_endpoint.x"
NO_TABLES = ids()
TABLE_A = ids("aws_route_table.a")


def verdict(*objects: Any, tables: Any = NO_TABLES) -> str:
    return verdicts("VPCE007", vpc(), gateway(route_tables=tables), *objects)[S3]


def part(kind: str, **arguments: Value) -> Part:
    return Part(declared(f"aws_thing.{kind}"), kind, MapValue(arguments))


def test_no_table_at_all() -> None:
    assert verdict() == "fail"
    (finding,) = findings("VPCE007", vpc(), gateway())
    assert "not associated with any route table" in finding.message


def test_a_table_inline_or_by_an_association() -> None:
    assert verdict(tables=ids("aws_route_table.private")) == "pass"
    assert verdict(tables=ListValue(("rtb-0123456789abcdef0",))) == "pass"
    assert verdict(association("route_table", id_of("aws_route_table.private"))) == "pass"
    assert verdict(association("route_table", id_of("aws_route_table.private"), "aws_vpc_endpoint.other")) == "fail"


def test_in_a_vpc_that_is_created_elsewhere() -> None:
    assert verdicts("VPCE007", gateway(of=DATA_VPC)) == {S3: "fail"}
    assert verdicts("VPCE007", gateway(of=DATA_VPC, route_tables=ListValue(("rtb-1",)))) == {S3: "pass"}


@pytest.mark.parametrize(
    "tables",
    [
        hidden(),
        Reference("data.aws_route_tables.private", ("ids",), "data"),
        ListValue((), rest=hidden()),
        ListValue((id_of("aws_route_table.a"),), maybe={0: hidden()}),
    ],
)
def test_a_list_that_is_not_known(tables: Any) -> None:
    assert verdict(tables=tables) == "unknown"


def test_an_association_that_may_be_its_own() -> None:
    assert verdict(association("route_table", "rtb-1", hidden())) == "unknown"
    assert verdict(association("route_table", "rtb-1", exists=hidden())) == "unknown"
    assert verdict(opaque(id_of(S3))) == "unknown"
    assert verdict(opaque(id_of(MAIN))) == "fail"


def test_other_endpoints_are_not_judged() -> None:
    assert verdicts("VPCE007", vpc(), interface("ssm"), endpoint(None, X, type="Resource")) == {}
    assert verdicts("VPCE007", vpc(), endpoint("ec2", X)) == {}
    assert verdicts("VPCE007", vpc(), gateway(type=hidden())) == {S3: "unknown"}


class TestPrivateTables:
    @staticmethod
    def verdict(*objects: Any, tables: Any = TABLE_A) -> str:
        world = (vpc(), gateway(route_tables=tables), table("a"), subnet("a"), follows("a", "a"))
        return verdicts("VPCE007", *world, *objects)[S3]

    def test_every_one(self) -> None:
        assert self.verdict() == "pass"
        b = (table("b"), subnet("b"), follows("b", "b"))
        assert self.verdict(*b, tables=ids("aws_route_table.a", "aws_route_table.b")) == "pass"
        assert self.verdict(*b, association("route_table", id_of("aws_route_table.b"))) == "pass"

    def test_one_is_missed(self) -> None:
        b = (table("b"), subnet("b"), follows("b", "b"))
        assert self.verdict(*b) == "fail"
        world = (vpc(), gateway(route_tables=ids("aws_route_table.a")), *b)
        (finding,) = findings("VPCE007", *world)
        assert finding.message.endswith("not associated with the private route table aws_route_table.b")

    def test_of_several_that_are_missed_all_are_counted_and_some_are_named(self) -> None:
        others = [each for key in "bcdef" for each in (table(key), subnet(key), follows(key, key))]
        (finding,) = findings("VPCE007", vpc(), gateway(route_tables=ids("aws_route_table.a")), *others)
        assert finding.message.endswith("the private route table aws_route_table.b and 4 more")
        named = [step.text for step in finding.why if "serves private subnets" in step.text]
        assert [text.split()[4] for text in named] == [f"aws_route_table.{key}" for key in "bcd"]
        hidden_one = opaque(*(id_of(f"aws_route_table.{key}") for key in "bc"))
        two = (table("b"), subnet("b"), follows("b", "b"), table("c"), subnet("c"), follows("c", "c"), hidden_one)
        (finding,) = findings("VPCE007", vpc(), gateway(route_tables=ids("aws_route_table.a")), *two)
        assert finding.status == "unknown"
        assert finding.message.endswith(
            "might not be associated with the private route table aws_route_table.b and 1 more"
        )

    def test_a_table_with_a_way_out_may_be_missed(self) -> None:
        public = (table("b"), subnet("b"), follows("b", "b"), internet_gateway())
        assert self.verdict(*public, route("b", id_of("aws_internet_gateway.it"))) == "pass"
        assert self.verdict(*public, route("b", "igw-0123456789abcdef0")) == "pass"
        assert self.verdict(*public, route("b", id_of("aws_nat_gateway.it"), "nat")) == "fail"
        assert self.verdict(*public, route("b", id_of("aws_vpn_gateway.it"))) == "fail"
        assert self.verdict(*public, route("b", "vgw-0123456789abcdef0")) == "fail"
        assert self.verdict(*public, route("b", hidden())) == "unknown"
        assert self.verdict(*public, opaque(id_of("aws_route_table.b"))) == "unknown"

    def test_a_table_with_a_way_out_through_a_firewall_may_be_missed(self) -> None:
        b = (table("b"), follows("b", "b"), route("b", "vpce-0123456789abcdef0", "endpoint"))
        assert self.verdict(*b, subnet("b")) == "fail"
        assert self.verdict(*b, replace(subnet("b"), public_ip_on_launch=True)) == "pass"
        assert self.verdict(*b, replace(subnet("b"), public_ip_on_launch=hidden())) == "unknown"
        assert self.verdict(*b, subnet("b"), appliance("nat", "b")) == "pass"
        assert self.verdict(*b, subnet("b"), appliance("nat", "a")) == "fail"
        assert self.verdict(*b, subnet("b"), appliance("nat", hidden())) == "unknown"
        assert self.verdict(*b, subnet("b"), appliance("nat", "b", exists=hidden())) == "unknown"

    def test_a_table_of_a_firewall_alone_may_be_missed(self) -> None:
        b = (table("b"), subnet("b"), follows("b", "b"), appliance("firewall", "b"))
        assert self.verdict(*b) == "pass"
        assert self.verdict(*b, subnet("c"), follows("c", "b")) == "fail"
        assert self.verdict(*b, subnet("c"), follows("c", "b"), appliance("firewall", "c")) == "pass"
        assert self.verdict(*b, subnet("c"), follows("c", "b"), appliance("firewall", hidden())) == "unknown"
        main = RouteTableAssociation(table("b").declared, id_of("aws_route_table.b"), main_of=id_of(MAIN))
        assert self.verdict(*b, main, subnet("d")) == "fail"

    @pytest.mark.parametrize("kind", ["firewall", "transit_gateway", "cloud_wan"])
    @pytest.mark.parametrize("cidr", ["10.0.2.0/28", "10.0.2.0/24"])
    def test_a_workload_beside_what_passes_traffic_on_calls(self, kind: str, cidr: str) -> None:
        b = (table("b"), replace(subnet("b"), cidrs=ListValue((cidr,))), follows("b", "b"), appliance(kind, "b"))
        alone = "unknown" if kind != "firewall" and cidr.endswith("/24") else "pass"
        assert self.verdict(*b) == alone
        at_b, either = id_of("aws_subnet.b"), ids("aws_subnet.a", "aws_subnet.b")
        for workload in (part("instance", subnets=at_b), part("function", subnets=either)):
            assert self.verdict(*b, workload) == "fail"
            assert self.verdict(*b, replace(workload, declared=declared("x.y", exists=hidden()))) == "unknown"
        for unsure in (part("instance", subnets=hidden()), part("function", subnets=hidden())):
            assert self.verdict(*b, unsure) == "unknown"
        for unsure in (part("subnet_group", subnets=either), part("emr", more_subnets=either)):
            assert self.verdict(*b, unsure) == "unknown"
        for other in (part("nat", subnets=at_b), part("instance", subnets=id_of("aws_subnet.a")), part("function")):
            assert self.verdict(*b, other) == alone

    @pytest.mark.parametrize("kind", ["firewall", "transit_gateway"])
    def test_code_that_was_not_read_may_put_a_workload_there(self, kind: str) -> None:
        b = (
            table("b"),
            replace(subnet("b"), cidrs=ListValue(("10.0.2.0/28",))),
            follows("b", "b"),
            appliance(kind, "b"),
        )
        unread = opaque(id_of("aws_subnet.b"))
        assert self.verdict(*b, unread) == "unknown"
        assert self.verdict(*b, opaque(id_of("aws_subnet.a"))) == "pass"
        assert self.verdict(*b, replace(unread, source="terraform-aws-modules/network-firewall/aws")) == "pass"

    @pytest.mark.parametrize("cidr", ["10.0.2.0/28", "10.0.2.0/24"])
    def test_the_main_table_is_judged_as_one_of_its_own(self, cidr: str) -> None:
        """Of subnets with attachments, whichever way a table is the main one."""
        b = (replace(subnet("b"), cidrs=ListValue((cidr,))), appliance("transit_gateway", "b"))
        expected = "pass" if cidr.endswith("/28") else "unknown"
        adopted = table("b", main=True)
        by_association = (
            table("b"),
            RouteTableAssociation(table("b").declared, id_of("aws_route_table.b"), main_of=id_of(MAIN)),
        )
        assert self.verdict(*b, table("b"), follows("b", "b")) == expected
        for made in ((), (adopted,), by_association, (*by_association, follows("b", "b"))):
            assert self.verdict(*b, *made) == expected
            assert self.verdict(*b, *made, subnet("c")) == "fail"
            assert self.verdict(*b, *made, replace(subnet("c"), vpc=hidden())) == "unknown"
            assert self.verdict(*b, *made, subnet("c"), table("c"), follows("c", "c")) == "fail"  # of table c
        assert self.verdict(b[0]) == "fail"
        assert self.verdict(b[0], appliance("transit_gateway", "b", exists=hidden())) == "unknown"
        assert self.verdict(*b, follows("b", "a")) == "pass"

    def test_a_name_is_a_doubt(self) -> None:
        """That of a subnet for an attachment which other code makes. What leads to a hub is for callers."""
        for name in ("tgw_attachment", "transit_gateway", 'this["tgw-a"]'):
            b = (table("b"), subnet(name), follows(name, "b"))
            assert self.verdict(*b) == "unknown"
            assert self.verdict(*b, route("b", "tgw-0123", "transit_gateway")) == "fail"
            assert self.verdict(*b, subnet("c"), follows("c", "b")) == "fail"
            assert self.verdict(subnet(name)) == "unknown"  # which follows the main table
        for name in ("transit", "mytgwx", "gateway_transit"):
            assert self.verdict(table("b"), subnet(name), follows(name, "b")) == "fail"

    def test_a_table_that_nothing_follows_may_be_missed(self) -> None:
        assert self.verdict(table("b")) == "pass"
        gateways_own = RouteTableAssociation(table("b").declared, id_of("aws_route_table.b"))
        assert self.verdict(table("b"), gateways_own) == "pass"

    def test_a_table_of_another_vpc_may_be_missed(self) -> None:
        b = (vpc("aws_vpc.other"), table("b", "aws_vpc.other"), subnet("b", "aws_vpc.other"), follows("b", "b"))
        assert self.verdict(*b) == "pass"

    def test_a_table_that_may_be_one_of_them(self) -> None:
        b = (subnet("b"), follows("b", "b"))
        assert self.verdict(table("b", hidden()), *b) == "unknown"
        assert self.verdict(table("b", exists=hidden()), *b) == "unknown"
        assert self.verdict(table("b"), *b, association("route_table", hidden())) == "unknown"
        assert self.verdict(table("b"), *b, association("route_table", hidden()), tables=ids()) == "unknown"

    def test_the_main_table_is_for_subnets_without_one(self) -> None:
        main = table("main", main=True)
        assert self.verdict(main) == "pass"
        assert self.verdict(main, subnet("b")) == "fail"
        by_the_vpc = ListValue((id_of("aws_route_table.a"), id_of(MAIN, "default_route_table_id")))
        assert self.verdict(main, subnet("b"), tables=by_the_vpc) == "pass"
        assert self.verdict(main, subnet("b"), table("b"), follows("b", "b")) == "fail"  # of table b

    def test_a_main_table_by_association(self) -> None:
        main = RouteTableAssociation(table("b").declared, id_of("aws_route_table.b"), main_of=id_of(MAIN))
        assert self.verdict(table("b"), main, subnet("b")) == "fail"
        assert self.verdict(table("b"), main) == "pass"


@pytest.mark.parametrize("separate", [False, True])
def test_thousands_of_tables_are_decided_in_linear_time(separate: bool) -> None:
    few = at_most(128, 256)

    def calls(count: int) -> int:
        names = [f"t{n}" for n in range(count)]
        objects: list[Any] = [part for name in names for part in (table(name), subnet(name), follows(name, name))]
        if separate:
            objects += (association("route_table", id_of(f"aws_route_table.{name}")) for name in names)
        tables = NO_TABLES if separate else ids(*(f"aws_route_table.{name}" for name in names))
        assert verdict(*objects, tables=tables) == "pass"
        return work(lambda: verdict(*objects, tables=tables))

    assert calls(4 * few) < 4.2 * calls(few)


@pytest.mark.parametrize("main", [False, True])
def test_who_follows_a_table_is_found_in_linear_time(main: bool) -> None:
    """Subnets without a table of their own follow the main one, which is to be found among all tables."""
    few = at_most(64, 128)

    def calls(count: int) -> int:
        objects: list[Any] = [table(f"t{n}") for n in range(count)] + [subnet(f"s{n}") for n in range(count)]
        objects += [] if main else (follows(f"s{n}", f"t{n}") for n in range(count))
        return work(lambda: verdict(*objects, tables=ids("aws_route_table.t0")))

    assert verdict(table("t0"), table("t1"), subnet("s"), tables=ids("aws_route_table.t0")) == "fail"
    assert calls(4 * few) < 4.4 * calls(few)


def test_subnets_for_firewalls_are_not_named() -> None:
    objects = (table("a"), table("b"), *(each for n in "xyz" for each in (subnet(n), follows(n, "a"))))
    (finding,) = findings(
        "VPCE007", vpc(), gateway(route_tables=ids("aws_route_table.b")), *objects, appliance("firewall", "y")
    )
    assert "serves private subnets: aws_subnet.x, aws_subnet.z" in words(finding)


def test_a_table_that_nobody_follows_serves_nobody() -> None:
    tables = (table("a"), subnet("a"), follows("a", "a"), table("b"))
    objects = (vpc(), gateway(route_tables=ids("aws_route_table.b")), *tables)
    assert [each.serves_some for each in findings("VPCE007", *objects)] == [False]
    followed = (subnet("b"), follows("b", "b"))
    assert [each.serves_some for each in findings("VPCE007", *objects, *followed)] == [True]


def test_a_doubt_about_callers_names_the_attachment() -> None:
    attachment = Appliance(
        declared("aws_ec2_transit_gateway_vpc_attachment.hub", 9), "transit_gateway", id_of("aws_subnet.x")
    )
    answer = holds_no_callers(network(vpc(), attachment), id_of("aws_subnet.x"))
    (cause,) = answer.causes
    assert cause.text == "callers may be in the subnet of aws_ec2_transit_gateway_vpc_attachment.hub"
    assert cause.span is not None and cause.span.line == 9


def test_a_template_cannot_name_the_main_table_that_aws_makes() -> None:
    tables = (table("own"), follows("a", "own"))
    subnets = [subnet(name) for name in "abcde"]
    objects = (vpc(), gateway(route_tables=ids("aws_route_table.own")), *tables, *subnets)
    kinds = []
    for language in ("terraform", "cloudformation-yaml"):
        judged = judge([network(*objects, language=language)], policy())
        (finding,) = (each for each in judged if each.rule == "VPCE007")
        assert finding.fix is not None
        kinds.append(finding.fix.kind)
        step = "the main route table of aws_vpc.main serves private subnets: aws_subnet.b, aws_subnet.c, aws_subnet.d and 1 more"
        assert words(finding).count(step) == 1
    assert kinds == ["set", "text"]
    assert "(aws_subnet.b, aws_subnet.c, aws_subnet.d and 1 more)" in str(finding.fix.value)
