"""VPCE006 to VPCE009: can the endpoint be deployed as it is written, and does traffic take it?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import (
    MAIN,
    REGION,
    S3,
    appliance,
    association,
    closed,
    endpoint,
    findings,
    follows,
    gateway,
    hidden,
    id_of,
    ids,
    interface,
    internet_gateway,
    regional,
    route,
    subnet,
    table,
    verdicts,
    vpc,
    words,
)
from vpce_checks.base.record import replace
from vpce_checks.model.network import RouteTableAssociation
from vpce_checks.model.spans import Span
from vpce_checks.model.values import ListValue, Reference, Unknown

CUSTOMERS = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
DATA_VPC = Reference("data.aws_vpc.shared", ("id",), "data")
X = "aws_vpc_endpoint.x"
NO_TABLES = ids()
TABLE_A = ids("aws_route_table.a")


class TestTypeMismatch:
    @staticmethod
    def verdict(short: Any, type: Any) -> str | None:
        return verdicts("VPCE006", vpc(), endpoint(short, X, type=type)).get(X)

    @pytest.mark.parametrize(
        ("short", "type"), [("s3", "Gateway"), ("s3", "Interface"), ("dynamodb", "Gateway"), ("ec2", "Interface")]
    )
    def test_what_goes_together(self, short: str, type: str) -> None:
        assert self.verdict(short, type) == "pass"

    @pytest.mark.parametrize(
        ("short", "type"),
        [("ec2", "Gateway"), ("ec2", None), ("ec2messages", "Gateway"), ("s3", "GatewayLoadBalancer")],
    )
    def test_what_does_not(self, short: str, type: Any) -> None:
        assert self.verdict(short, type) == "fail"

    def test_the_message_tells_an_omitted_type_from_a_written_one(self) -> None:
        (omitted,) = findings("VPCE006", vpc(), endpoint("ec2", X))
        assert "of type Gateway, as it says none" in omitted.message
        said = endpoint("ec2", X)
        said.declared.places["type"] = Span("/repo/main.tf", 12)  # type: ignore[index]
        (written,) = findings("VPCE006", vpc(), said)
        assert "as it says none" not in written.message
        assert written.why[-1].span == Span("/repo/main.tf", 12)
        assert written.fix is not None
        assert (written.fix.field, written.fix.value) == ("type", "Interface")

    def test_services_of_others(self) -> None:
        assert self.verdict(CUSTOMERS, "Gateway") == "fail"
        assert self.verdict(CUSTOMERS, "Interface") == "pass"
        assert self.verdict(CUSTOMERS, "GatewayLoadBalancer") == "pass"

    def test_what_the_catalogue_cannot_answer(self) -> None:
        assert self.verdict("no-such-thing", "Gateway") is None
        assert self.verdict(hidden(), "Gateway") is None
        assert self.verdict(None, "Resource") is None

    def test_doubts(self) -> None:
        assert self.verdict("ec2", hidden()) == "unknown"
        assert self.verdict("ec2", Unknown(hidden().causes, None, ("Gateway", None))) == "fail"
        assert self.verdict(regional("ec2"), "Gateway") == "fail"
        assert verdicts("VPCE006", vpc(), endpoint("ec2", X, exists=hidden())) == {X: "unknown"}


class TestRouteTables:
    @staticmethod
    def verdict(*objects: Any, tables: Any = NO_TABLES) -> str:
        return verdicts("VPCE007", vpc(), gateway(route_tables=tables), *objects)[S3]

    def test_no_table_at_all(self) -> None:
        assert self.verdict() == "fail"
        (finding,) = findings("VPCE007", vpc(), gateway())
        assert "associated with no route table" in finding.message

    def test_a_table_inline_or_by_an_association(self) -> None:
        assert self.verdict(tables=ids("aws_route_table.private")) == "pass"
        assert self.verdict(tables=ListValue(("rtb-0123456789abcdef0",))) == "pass"
        assert self.verdict(association("route_table", id_of("aws_route_table.private"))) == "pass"
        assert (
            self.verdict(association("route_table", id_of("aws_route_table.private"), "aws_vpc_endpoint.other"))
            == "fail"
        )

    def test_in_a_vpc_that_is_created_elsewhere(self) -> None:
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
    def test_a_list_that_is_not_known(self, tables: Any) -> None:
        assert self.verdict(tables=tables) == "unknown"

    def test_an_association_that_may_be_its_own(self) -> None:
        assert self.verdict(association("route_table", "rtb-1", hidden())) == "unknown"
        assert self.verdict(association("route_table", "rtb-1", exists=hidden())) == "unknown"
        assert self.verdict(closed(id_of(S3))) == "unknown"
        assert self.verdict(closed(id_of(MAIN))) == "fail"

    def test_other_endpoints_are_not_judged(self) -> None:
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
            assert "misses the private route table aws_route_table.b" in finding.message

        def test_a_table_with_a_way_out_may_be_missed(self) -> None:
            public = (table("b"), subnet("b"), follows("b", "b"), internet_gateway())
            assert self.verdict(*public, route("b", id_of("aws_internet_gateway.it"))) == "pass"
            assert self.verdict(*public, route("b", "igw-0123456789abcdef0")) == "pass"
            assert self.verdict(*public, route("b", id_of("aws_nat_gateway.it"), "nat")) == "fail"
            assert self.verdict(*public, route("b", id_of("aws_vpn_gateway.it"))) == "fail"
            assert self.verdict(*public, route("b", "vgw-0123456789abcdef0")) == "fail"
            assert self.verdict(*public, route("b", hidden())) == "unknown"
            assert self.verdict(*public, closed(id_of("aws_route_table.b"))) == "unknown"

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


class TestRegionMismatch:
    @staticmethod
    def verdict(name: Any, **fields: Any) -> str | None:
        return verdicts("VPCE008", vpc(region=fields.get("region", REGION)), endpoint(name, X, **fields)).get(X)

    ABROAD = "com.amazonaws.us-east-1.s3"

    def test_the_same_region(self) -> None:
        assert self.verdict("s3") == "pass"

    def test_another_region(self) -> None:
        (finding,) = findings("VPCE008", vpc(), endpoint(self.ABROAD, X))
        assert finding.status == "fail"
        assert "stands in eu-west-1 but names a service of us-east-1" in finding.message

    def test_the_service_region_says_so(self) -> None:
        assert self.verdict(self.ABROAD, service_region="us-east-1") == "pass"
        assert self.verdict(self.ABROAD, service_region=REGION) == "fail"
        assert self.verdict(self.ABROAD, service_region=hidden()) == "unknown"

    def test_without_both_regions_nothing_is_said(self) -> None:
        assert self.verdict(self.ABROAD, region=hidden()) is None
        assert self.verdict(self.ABROAD, region=None) is None
        assert self.verdict(regional("s3")) is None
        assert self.verdict("com.amazonaws.iam", type="Interface") is None

    def test_the_vpcs_region_stands_for_the_endpoints(self) -> None:
        assert verdicts("VPCE008", vpc(), endpoint(self.ABROAD, X, region=None)) == {X: "fail"}

    def test_services_of_others_have_regions_too(self) -> None:
        assert self.verdict("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0") == "fail"


class TestUnknownService:
    @staticmethod
    def verdict(name: Any) -> str | None:
        return verdicts("VPCE009", vpc(), endpoint(name, X, type="Interface")).get(X)

    @pytest.mark.parametrize("short", ["s3", "ecr.api", "ssmmessages", "kms-fips"])
    def test_services_of_aws(self, short: str) -> None:
        assert self.verdict(short) == "pass"

    def test_a_wrong_name_and_what_was_meant(self) -> None:
        (finding,) = findings("VPCE009", vpc(), endpoint("secretmanager", X))
        assert finding.status == "fail"
        assert "did you mean secretsmanager" in finding.message
        assert self.verdict(regional("secretmanager")) == "fail"

    def test_what_is_no_service_name_at_all(self) -> None:
        assert self.verdict("com.amazonaws.s3") == "fail"

    @pytest.mark.parametrize("name", [CUSTOMERS, None, hidden(), regional("")])
    def test_what_is_not_for_the_catalogue(self, name: Any) -> None:
        assert self.verdict(name) is None

    def test_an_endpoint_that_may_not_be_created(self) -> None:
        (finding,) = findings("VPCE009", vpc(), endpoint("secretmanager", X, exists=hidden()))
        assert finding.status == "unknown"
        assert "var.hidden has no value" in words(finding)
