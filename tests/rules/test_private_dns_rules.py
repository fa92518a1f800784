"""VPCE004, VPCE005 and VPCE010: does the ordinary name lead to the endpoint, and will AWS have it so?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import (
    MAIN,
    association,
    closed,
    endpoint,
    findings,
    gateway,
    hidden,
    id_of,
    interface,
    profile_resource,
    record,
    verdicts,
    vpc,
    words,
    zone,
)
from vpce_checks.model.network import EndpointAssociation, ZoneAssociation
from vpce_checks.model.values import ListValue, PartialString, Reference, Unknown

SSM = "aws_vpc_endpoint.ssm"
S3 = "aws_vpc_endpoint.s3"
DATA_VPC = Reference("data.aws_vpc.shared", ("id",), "data")
CUSTOMERS = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"


def off(short: Any = "ssm", address: str = "", **fields: Any) -> Any:
    """An interface endpoint with private DNS off."""
    return interface(short, address, **{"private_dns": False, **fields})


class TestPrivateDnsDisabled:
    @staticmethod
    def verdict(*objects: Any) -> str:
        (status,) = verdicts("VPCE004", vpc(), *objects).values()
        return status

    def test_on_passes_and_off_fails(self) -> None:
        assert self.verdict(interface("ssm")) == "pass"
        (finding,) = findings("VPCE004", vpc(), off())
        assert (finding.status, finding.severity, finding.vpc, finding.service) == ("fail", "high", MAIN, "ssm")
        assert finding.fix is not None
        assert (finding.fix.kind, finding.fix.field, finding.fix.value) == ("set", "private_dns", True)

    @pytest.mark.parametrize("value", [None, "false"])
    def test_null_and_a_string_of_it_are_off(self, value: Any) -> None:
        assert self.verdict(off(private_dns=value)) == "fail"

    def test_an_unknown_switch(self) -> None:
        (finding,) = findings("VPCE004", vpc(), off(private_dns=hidden("var.dns")))
        assert finding.status == "unknown"
        assert "var.dns has no value" in words(finding)

    def test_an_endpoint_of_a_vpc_that_is_created_elsewhere_is_judged_too(self) -> None:
        (finding,) = findings("VPCE004", off(of=DATA_VPC))
        assert (finding.status, finding.vpc) == ("fail", "data.aws_vpc.shared")

    def test_one_that_may_not_be_created_is_unknown(self) -> None:
        (finding,) = findings("VPCE004", vpc(), off(exists=hidden("var.create")))
        assert finding.status == "unknown"
        assert "var.create has no value" in words(finding)
        assert self.verdict(interface("ssm", exists=hidden())) == "pass"

    @pytest.mark.parametrize("type", ["Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork", "Tunnel"])
    def test_other_types_are_not_judged(self, type: str) -> None:
        assert verdicts("VPCE004", vpc(), endpoint("s3", type=type)) == {}
        assert verdicts("VPCE004", vpc(), endpoint(None, "aws_vpc_endpoint.x", type=type)) == {}

    def test_an_unknown_type(self) -> None:
        assert self.verdict(off(type=hidden())) == "unknown"

    @pytest.mark.parametrize("short", ["dynamodb", "dynamodb-fips", "dynamodb-streams"])
    def test_dynamodb_has_none(self, short: str) -> None:
        (finding,) = findings("VPCE004", vpc(), off(short))
        assert finding.status == "pass"
        assert "AWS does not offer it" in finding.message

    def test_services_of_others_need_none(self) -> None:
        assert self.verdict(off(CUSTOMERS, "aws_vpc_endpoint.x")) == "pass"
        some = PartialString(("com.amazonaws.vpce.", hidden(), ".vpce-svc-0123456789abcdef0"))
        assert self.verdict(off(some, "aws_vpc_endpoint.x")) == "pass"

    def test_an_unknown_service_may_need_none(self) -> None:
        assert self.verdict(off(hidden(), "aws_vpc_endpoint.x")) == "unknown"
        either = Unknown(hidden().causes, None, (CUSTOMERS, "com.amazonaws.eu-west-1.ssm"))
        assert self.verdict(off(either, "aws_vpc_endpoint.x")) == "unknown"
        both = Unknown(hidden().causes, None, ("com.amazonaws.eu-west-1.sqs", "com.amazonaws.eu-west-1.ssm"))
        assert self.verdict(off(both, "aws_vpc_endpoint.x")) == "fail"

    def test_private_services_of_app_runner_need_none(self) -> None:
        (finding,) = findings("VPCE004", vpc(), off("apprunner.requests"))
        assert finding.status == "pass"

    def test_execute_api_is_of_low_severity(self) -> None:
        (finding,) = findings("VPCE004", vpc(), off("execute-api"))
        assert (finding.status, finding.severity) == ("fail", "low")

    class TestS3:
        @staticmethod
        def verdict(*objects: Any) -> str:
            return verdicts("VPCE004", vpc(), *objects)[S3]

        def test_beside_a_gateway_it_may_be_off(self) -> None:
            assert self.verdict(off("s3"), gateway("s3", "aws_vpc_endpoint.gw")) == "pass"
            (finding,) = findings("VPCE004", vpc(), off("s3"), gateway("s3", "aws_vpc_endpoint.gw"))
            assert "aws_vpc_endpoint.gw is the gateway endpoint" in words(finding)

        def test_without_one_it_fails(self) -> None:
            assert self.verdict(off("s3")) == "fail"
            assert self.verdict(off("s3"), gateway("dynamodb")) == "fail"
            assert self.verdict(off("s3"), gateway("s3express")) == "fail"

        def test_a_gateway_of_another_vpc_is_not_beside_it(self) -> None:
            other = gateway("s3", "aws_vpc_endpoint.gw", of="aws_vpc.other")
            assert self.verdict(off("s3"), vpc("aws_vpc.other"), other) == "fail"

        def test_a_gateway_reaches_its_own_region_only(self) -> None:
            abroad = off("com.amazonaws.us-east-1.s3", S3, service_region="us-east-1")
            assert self.verdict(abroad, gateway("s3", "aws_vpc_endpoint.gw")) == "fail"

        def test_perhaps_a_gateway(self) -> None:
            assert self.verdict(off("s3"), gateway("s3", "aws_vpc_endpoint.gw", of=hidden())) == "unknown"
            assert self.verdict(off("s3"), gateway("s3", "aws_vpc_endpoint.gw", exists=hidden())) == "unknown"
            assert self.verdict(off("s3"), closed(id_of(MAIN))) == "unknown"

        def test_in_a_vpc_that_is_created_elsewhere(self) -> None:
            beside = gateway("s3", "aws_vpc_endpoint.gw", of=DATA_VPC)
            assert self.verdict(off("s3", of=DATA_VPC), beside) == "pass"
            (finding,) = findings("VPCE004", off("s3", of=DATA_VPC))
            assert finding.status == "unknown"
            assert "attached to it elsewhere" in words(finding)

        def test_other_services_of_s3_have_no_gateway(self) -> None:
            found = verdicts("VPCE004", vpc(), off("s3-outposts"), gateway("s3", "aws_vpc_endpoint.gw"))
            assert found == {"aws_vpc_endpoint.s3-outposts": "fail"}

    class TestZones:
        @staticmethod
        def verdict(*objects: Any) -> str:
            return verdicts("VPCE004", vpc(), off(), *objects)[SSM]

        def test_a_record_of_a_private_zone_leads_to_it(self) -> None:
            alias = id_of(SSM, "dns_entry", "0", "dns_name")
            assert self.verdict(record(alias), zone(MAIN)) == "pass"
            assert self.verdict(record(PartialString((alias, "."))), zone(MAIN)) == "pass"
            assert self.verdict(record(alias, of=Reference("data.aws_route53_zone.z", ("id",), "data"))) == "pass"

        def test_a_zone_that_an_association_makes_private(self) -> None:
            made = ZoneAssociation(zone().declared, id_of("aws_route53_zone.it", "zone_id"), id_of(MAIN))
            assert self.verdict(record(id_of(SSM, "dns_entry")), zone(), made) == "pass"

        def test_a_public_zone_does_not(self) -> None:
            assert self.verdict(record(id_of(SSM, "dns_entry")), zone()) == "fail"

        def test_a_record_of_something_else_does_not(self) -> None:
            assert self.verdict(record(id_of("aws_lb.it", "dns_name")), zone(MAIN)) == "fail"
            assert self.verdict(record("10.0.0.1", Reference("data.x.y", ("n",), "data")), zone(MAIN)) == "fail"

        def test_doubts(self) -> None:
            alias = id_of(SSM, "dns_entry")
            assert self.verdict(record(alias, exists=hidden()), zone(MAIN)) == "unknown"
            assert self.verdict(record(hidden()), zone(MAIN)) == "unknown"
            assert self.verdict(record(alias, of=hidden()), zone()) == "unknown"
            assert self.verdict(record(alias, of=hidden())) == "unknown"
            assert self.verdict(closed(alias)) == "unknown"
            assert self.verdict(closed(id_of("aws_lb.it"))) == "fail"

        def test_a_profile_shares_it(self) -> None:
            assert self.verdict(profile_resource(id_of(SSM, "arn"))) == "pass"
            assert self.verdict(profile_resource(id_of("aws_route53_zone.it", "arn"))) == "fail"
            assert self.verdict(profile_resource(hidden())) == "unknown"

    class TestSeparateResource:
        @staticmethod
        def verdict(*objects: Any) -> str:
            return verdicts("VPCE004", vpc(), *objects)[SSM]

        def test_it_turns_private_dns_on_and_off(self) -> None:
            assert self.verdict(off(), association("private_dns", True, SSM)) == "pass"
            assert self.verdict(interface("ssm"), association("private_dns", False, SSM)) == "fail"

        def test_that_of_another_endpoint_does_not(self) -> None:
            assert self.verdict(off(), association("private_dns", True, "aws_vpc_endpoint.other")) == "fail"
            assert self.verdict(off(), association("subnet", id_of("aws_subnet.a"), SSM)) == "fail"

        @pytest.mark.parametrize(
            "doubtful",
            [
                association("private_dns", hidden(), SSM),
                association("private_dns", True, hidden()),
                association("private_dns", True, SSM, exists=hidden()),
            ],
        )
        def test_doubts(self, doubtful: EndpointAssociation) -> None:
            assert self.verdict(off(), doubtful) == "unknown"

        def test_what_it_may_do_makes_no_difference_where_it_is_done_already(self) -> None:
            assert self.verdict(off(), association("private_dns", False, hidden())) == "fail"


class TestVpcDnsAttributes:
    @staticmethod
    def verdict(**attributes: Any) -> str:
        return verdicts("VPCE005", vpc(**attributes), interface("ssm"))[SSM]

    def test_both_on(self) -> None:
        assert self.verdict() == "pass"

    @pytest.mark.parametrize("attribute", ["enable_dns_support", "enable_dns_hostnames"])
    def test_either_off_fails_and_the_fix_turns_it_on(self, attribute: str) -> None:
        switched_off: dict[str, Any] = {attribute: False}
        (finding,) = findings("VPCE005", vpc(**switched_off), interface("ssm"))
        assert finding.status == "fail"
        assert attribute in finding.message
        assert finding.fix is not None
        assert (finding.fix.address, finding.fix.field, finding.fix.value) == (MAIN, attribute, True)

    def test_nothing_said_is_support_on_and_hostnames_off(self) -> None:
        assert self.verdict(enable_dns_support=None) == "pass"
        assert self.verdict(enable_dns_hostnames=None) == "fail"

    @pytest.mark.parametrize("attribute", ["enable_dns_support", "enable_dns_hostnames"])
    def test_unknown_attributes(self, attribute: str) -> None:
        doubtful: dict[str, Any] = {attribute: hidden()}
        assert self.verdict(**doubtful) == "unknown"
        assert self.verdict(enable_dns_support=False, enable_dns_hostnames=hidden()) == "fail"

    def test_without_private_dns_there_is_nothing_to_say(self) -> None:
        bare = vpc(enable_dns_hostnames=False)
        assert verdicts("VPCE005", bare, off()) == {}
        assert verdicts("VPCE005", bare, gateway()) == {}
        assert verdicts("VPCE005", bare, interface("ssm", of=DATA_VPC)) == {}

    def test_perhaps_private_dns(self) -> None:
        bare = vpc(enable_dns_hostnames=False)
        assert verdicts("VPCE005", bare, off(private_dns=hidden())) == {SSM: "unknown"}
        assert verdicts("VPCE005", bare, off(), association("private_dns", True, SSM)) == {SSM: "fail"}

    def test_perhaps_this_vpc(self) -> None:
        bare = vpc(enable_dns_hostnames=False)
        assert verdicts("VPCE005", bare, interface("ssm", of=hidden())) == {SSM: "unknown"}
        assert verdicts("VPCE005", vpc(), interface("ssm", of=hidden())) == {}


class TestPrivateDnsConflict:
    def test_two_for_one_service_in_one_vpc(self) -> None:
        first, second = interface("ssm", "aws_vpc_endpoint.a"), interface("ssm", "aws_vpc_endpoint.b", line=20)
        assert verdicts("VPCE010", vpc(), first, second) == {"aws_vpc_endpoint.b": "fail"}
        (finding,) = findings("VPCE010", vpc(), first, second)
        assert "aws_vpc_endpoint.a has the private DNS name already" in words(finding)

    @pytest.mark.parametrize(
        "second",
        [
            off("ssm", "aws_vpc_endpoint.b"),
            interface("ssmmessages", "aws_vpc_endpoint.b"),
            interface("ssm-fips", "aws_vpc_endpoint.b"),
            interface("com.amazonaws.us-east-1.ssm", "aws_vpc_endpoint.b", service_region="us-east-1"),
            interface("ssm", "aws_vpc_endpoint.b", of="aws_vpc.other"),
            interface("ssm", "aws_vpc_endpoint.b", of=DATA_VPC),
        ],
    )
    def test_no_conflict(self, second: Any) -> None:
        found = verdicts("VPCE010", vpc(), vpc("aws_vpc.other"), interface("ssm", "aws_vpc_endpoint.a"), second)
        assert set(found.values()) == {"pass"}

    def test_two_in_one_vpc_that_is_created_elsewhere(self) -> None:
        first = interface("ssm", "aws_vpc_endpoint.a", of=DATA_VPC)
        assert (
            verdicts("VPCE010", first, interface("ssm", "aws_vpc_endpoint.b", of=DATA_VPC))["aws_vpc_endpoint.b"]
            == "fail"
        )

    @pytest.mark.parametrize("doubt", [{"exists": hidden()}, {"private_dns": hidden()}, {"type": hidden()}])
    def test_doubts(self, doubt: dict[str, Any]) -> None:
        plain, doubtful = interface("ssm", "aws_vpc_endpoint.a"), interface("ssm", "aws_vpc_endpoint.b", **doubt)
        assert verdicts("VPCE010", vpc(), plain, doubtful)["aws_vpc_endpoint.b"] == "unknown"
        assert verdicts("VPCE010", vpc(), doubtful, plain)["aws_vpc_endpoint.a"] == "unknown"

    def test_of_what_is_hardly_known_nothing_is_said(self) -> None:
        first, second = interface(hidden(), "aws_vpc_endpoint.a"), interface("ssm", "aws_vpc_endpoint.b")
        assert verdicts("VPCE010", vpc(), first, second) == {}
        assert verdicts("VPCE010", vpc(), second, first) == {}

    def test_a_closed_module_may_hold_the_other(self) -> None:
        assert verdicts("VPCE010", vpc(), interface("ssm"), closed(id_of(MAIN))) == {}
        assert verdicts("VPCE010", vpc(), interface("ssm"), closed(id_of("aws_subnet.a"))) == {SSM: "pass"}
        assert verdicts("VPCE010", interface("ssm", of=DATA_VPC), closed(ListValue((DATA_VPC,)))) == {}
        assert verdicts("VPCE010", interface("ssm", of="vpc-1"), closed("vpc-1")) == {}
        assert verdicts("VPCE010", interface("ssm", of="vpc-1"), closed("vpc-2", "text", 3)) == {SSM: "pass"}

    def test_inbound_only_needs_a_gateway(self) -> None:
        asks = interface("s3", dns_inbound_only=True)
        (finding,) = findings("VPCE010", vpc(), asks)
        assert finding.status == "fail"
        assert finding.fix is not None
        assert (finding.fix.field, finding.fix.value) == ("dns_inbound_only", False)
        assert verdicts("VPCE010", vpc(), asks, gateway("s3", "aws_vpc_endpoint.gw")) == {S3: "pass"}
        assert verdicts("VPCE010", vpc(), interface("s3", dns_inbound_only=False)) == {S3: "pass"}
        assert verdicts("VPCE010", vpc(), asks, gateway("s3", "aws_vpc_endpoint.gw", of=hidden())) == {S3: "unknown"}
        assert verdicts("VPCE010", vpc(), interface("s3", dns_inbound_only=hidden())) == {S3: "unknown"}
        assert verdicts("VPCE010", interface("s3", dns_inbound_only=True, of=DATA_VPC)) == {S3: "unknown"}

    def test_inbound_only_not_said(self) -> None:
        assert verdicts("VPCE010", vpc(), interface("s3")) == {S3: "unknown"}
        assert verdicts("VPCE010", vpc(), interface("s3"), gateway("s3", "aws_vpc_endpoint.gw")) == {S3: "pass"}
        assert verdicts("VPCE010", vpc(), interface("s3-outposts")) == {"aws_vpc_endpoint.s3-outposts": "pass"}


def test_a_list_whose_items_are_uncertain_does_not_make_a_record_certain() -> None:
    alias = id_of(SSM, "dns_entry")
    perhaps = record(alias)
    uncertain = type(perhaps)(perhaps.declared, perhaps.zone, "", ListValue((alias,), maybe={0: hidden()}))
    assert verdicts("VPCE004", vpc(), off(), uncertain, zone(MAIN)) == {SSM: "unknown"}
    more = type(perhaps)(perhaps.declared, perhaps.zone, "", ListValue((), rest=hidden()))
    assert verdicts("VPCE004", vpc(), off(), more, zone(MAIN)) == {SSM: "unknown"}
