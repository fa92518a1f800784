"""VPCE004: do requests to the default hostname of the service reach the endpoint?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import (
    MAIN,
    association,
    declared,
    endpoint,
    findings,
    gateway,
    hidden,
    id_of,
    interface,
    opaque,
    profile_resource,
    record,
    verdicts,
    vpc,
    words,
    zone,
)
from vpce_checks.base.record import replace
from vpce_checks.model.network import EndpointAssociation, ZoneAssociation
from vpce_checks.model.resolver import ZoneLookup
from vpce_checks.model.values import ListValue, PartialString, Reference, Unknown
from vpce_checks.rules.finding import Fix

SSM = "aws_vpc_endpoint.ssm"
S3 = "aws_vpc_endpoint.s3"
DATA_VPC = Reference("data.aws_vpc.shared", ("id",), "data")
CUSTOMERS = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"


def off(short: Any = "ssm", address: str = "", **fields: Any) -> Any:
    """An interface endpoint with private DNS off."""
    return interface(short, address, **{"private_dns": False, **fields})


def verdict(*objects: Any) -> str:
    (status,) = verdicts("VPCE004", vpc(), *objects).values()
    return status


def test_on_passes_and_off_fails() -> None:
    assert verdict(interface("ssm")) == "pass"
    (finding,) = findings("VPCE004", vpc(), off())
    assert (finding.status, finding.severity, finding.vpc, finding.service) == ("fail", "high", MAIN, "ssm")
    assert finding.fix is not None
    assert (finding.fix.kind, finding.fix.field, finding.fix.value) == ("set", "private_dns", True)


@pytest.mark.parametrize("value", [None, "false"])
def test_null_and_a_string_of_it_are_off(value: Any) -> None:
    assert verdict(off(private_dns=value)) == "fail"


def test_an_unknown_switch() -> None:
    (finding,) = findings("VPCE004", vpc(), off(private_dns=hidden("var.dns")))
    assert finding.status == "unknown"
    assert "var.dns has no value" in words(finding)


def test_an_endpoint_of_a_vpc_that_is_created_elsewhere_is_judged_too() -> None:
    (finding,) = findings("VPCE004", off(of=DATA_VPC))
    assert (finding.status, finding.vpc) == ("fail", "data.aws_vpc.shared")


def test_one_that_may_not_be_created_is_unknown() -> None:
    (finding,) = findings("VPCE004", vpc(), off(exists=hidden("var.create")))
    assert finding.status == "unknown"
    assert "var.create has no value" in words(finding)
    assert verdict(interface("ssm", exists=hidden())) == "pass"


@pytest.mark.parametrize("type", ["Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork", "Tunnel"])
def test_other_types_are_not_judged(type: str) -> None:
    assert verdicts("VPCE004", vpc(), endpoint("s3", type=type)) == {}
    assert verdicts("VPCE004", vpc(), endpoint(None, "aws_vpc_endpoint.x", type=type)) == {}


def test_an_unknown_type() -> None:
    assert verdict(off(type=hidden())) == "unknown"


@pytest.mark.parametrize("short", ["dynamodb", "dynamodb-fips", "dynamodb-streams", "s3-outposts", "iot.data"])
def test_some_services_have_none(short: str) -> None:
    (finding,) = findings("VPCE004", vpc(), off(short))
    assert finding.status == "pass"
    assert "AWS does not offer private DNS" in finding.message


def test_services_of_others_need_none() -> None:
    assert verdict(off(CUSTOMERS, "aws_vpc_endpoint.x")) == "pass"
    some = PartialString(("com.amazonaws.vpce.", hidden(), ".vpce-svc-0123456789abcdef0"))
    assert verdict(off(some, "aws_vpc_endpoint.x")) == "pass"


def test_an_unknown_service_may_need_none() -> None:
    assert verdict(off(hidden(), "aws_vpc_endpoint.x")) == "unknown"
    either = Unknown(hidden().causes, None, (CUSTOMERS, "com.amazonaws.eu-west-1.ssm"))
    assert verdict(off(either, "aws_vpc_endpoint.x")) == "unknown"
    both = Unknown(hidden().causes, None, ("com.amazonaws.eu-west-1.sqs", "com.amazonaws.eu-west-1.ssm"))
    assert verdict(off(both, "aws_vpc_endpoint.x")) == "fail"


@pytest.mark.parametrize("service", ["apprunner.requests", "transfer.server"])
def test_services_that_are_called_by_names_of_their_own_need_none(service: str) -> None:
    (finding,) = findings("VPCE004", vpc(), off(service))
    assert finding.status == "pass"


def test_the_api_of_transfer_family_needs_it() -> None:
    (finding,) = findings("VPCE004", vpc(), off("transfer"))
    assert finding.status == "fail"


def test_execute_api_is_of_low_severity() -> None:
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

    def test_private_dns_alone_is_no_fix(self) -> None:
        """AWS refuses it as it is by default."""
        (finding,) = findings("VPCE004", vpc(), off("s3"))
        assert finding.fix is not None and finding.fix.kind == "text"
        assert "gateway endpoint for S3" in str(finding.fix.value)

    def test_a_gateway_of_another_vpc_is_not_beside_it(self) -> None:
        other = gateway("s3", "aws_vpc_endpoint.gw", of="aws_vpc.other")
        assert self.verdict(off("s3"), vpc("aws_vpc.other"), other) == "fail"

    def test_a_gateway_reaches_its_own_region_only(self) -> None:
        abroad = off("com.amazonaws.us-east-1.s3", S3, service_region="us-east-1")
        assert self.verdict(abroad, gateway("s3", "aws_vpc_endpoint.gw")) == "fail"

    def test_perhaps_a_gateway(self) -> None:
        assert self.verdict(off("s3"), gateway("s3", "aws_vpc_endpoint.gw", of=hidden())) == "unknown"
        assert self.verdict(off("s3"), gateway("s3", "aws_vpc_endpoint.gw", exists=hidden())) == "unknown"
        assert self.verdict(off("s3"), opaque(id_of(MAIN))) == "unknown"

    def test_in_a_vpc_that_is_created_elsewhere(self) -> None:
        beside = gateway("s3", "aws_vpc_endpoint.gw", of=DATA_VPC)
        assert self.verdict(off("s3", of=DATA_VPC), beside) == "pass"
        (finding,) = findings("VPCE004", off("s3", of=DATA_VPC))
        assert finding.status == "unknown"
        assert "may have endpoints that are created elsewhere" in words(finding)

    def test_other_services_of_s3_have_no_gateway(self) -> None:
        found = verdicts("VPCE004", vpc(), off("s3tables"), gateway("s3", "aws_vpc_endpoint.gw"))
        assert found == {"aws_vpc_endpoint.s3tables": "fail"}


class TestZones:
    @staticmethod
    def verdict(*objects: Any) -> str:
        return verdicts("VPCE004", vpc(), off(), *objects)[SSM]

    def test_a_record_of_a_private_zone_leads_to_it(self) -> None:
        alias = id_of(SSM, "dns_entry", "0", "dns_name")
        assert self.verdict(record(alias), zone(MAIN)) == "pass"
        assert self.verdict(record(PartialString((alias, "."))), zone(MAIN)) == "pass"

    def test_a_zone_of_elsewhere_counts_by_its_name(self) -> None:
        of = Reference("data.aws_route53_zone.z", ("zone_id",), "data")
        alias = id_of(SSM, "dns_entry")
        assert self.verdict(record(alias, of=of)) == "unknown"
        looked_up = ZoneLookup(declared("data.aws_route53_zone.z"), "ssm.eu-west-1.amazonaws.com")
        assert self.verdict(record(alias, of=of), looked_up) == "pass"
        other = ZoneLookup(declared("data.aws_route53_zone.z"), "ssm.us-east-1.amazonaws.com")
        assert self.verdict(record(alias, of=of), other) == "fail"

    def test_another_name_or_type_does_not_lead_to_it(self) -> None:
        alias = record(id_of(SSM, "dns_entry"))
        assert self.verdict(replace(alias, name="www"), zone(MAIN)) == "fail"
        assert self.verdict(replace(alias, name="*"), zone(MAIN)) == "fail"
        assert self.verdict(replace(alias, type="TXT"), zone(MAIN)) == "fail"
        assert self.verdict(replace(alias, type="AAAA"), zone(MAIN)) == "unknown"
        assert self.verdict(replace(alias, type=hidden()), zone(MAIN)) == "unknown"
        assert self.verdict(replace(alias, name=hidden()), zone(MAIN)) == "unknown"
        assert self.verdict(record(id_of(SSM)), zone(MAIN)) == "fail"

    def test_a_zone_that_an_association_makes_private(self) -> None:
        made = ZoneAssociation(zone().declared, id_of("aws_route53_zone.it", "zone_id"), id_of(MAIN))
        assert self.verdict(record(id_of(SSM, "dns_entry")), zone(), made) == "pass"

    def test_a_public_zone_does_not(self) -> None:
        assert self.verdict(record(id_of(SSM, "dns_entry")), zone()) == "fail"

    def test_a_record_of_something_else_does_not(self) -> None:
        assert self.verdict(record(id_of("aws_lb.it", "dns_name")), zone(MAIN)) == "fail"
        assert self.verdict(record("10.0.0.1"), zone(MAIN)) == "unknown"
        assert self.verdict(record(Reference("data.x.y", ("n",), "data")), zone(MAIN)) == "unknown"

    def test_doubts(self) -> None:
        alias = id_of(SSM, "dns_entry")
        assert self.verdict(record(alias, exists=hidden()), zone(MAIN)) == "unknown"
        assert self.verdict(record(hidden()), zone(MAIN)) == "unknown"
        assert self.verdict(record(alias, of=hidden()), zone()) == "unknown"
        assert self.verdict(record(alias, of=hidden())) == "unknown"
        assert self.verdict(opaque(alias)) == "unknown"
        assert self.verdict(opaque(id_of("aws_lb.it"))) == "fail"

    def test_that_a_profile_answers_while_private_dns_is_off_is_not_documented(self) -> None:
        (finding,) = findings("VPCE004", vpc(), off(), profile_resource(id_of(SSM, "arn")))
        assert (finding.status, finding.severity) == ("unknown", "low")
        assert "AWS does not document" in words(finding)
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


def test_a_list_whose_items_are_uncertain_does_not_make_a_record_certain() -> None:
    alias = id_of(SSM, "dns_entry")
    perhaps = record(alias)
    uncertain = replace(perhaps, targets=ListValue((alias,), maybe={0: hidden()}))
    assert verdicts("VPCE004", vpc(), off(), uncertain, zone(MAIN)) == {SSM: "unknown"}
    more = replace(perhaps, targets=ListValue((), rest=hidden()))
    assert verdicts("VPCE004", vpc(), off(), more, zone(MAIN)) == {SSM: "unknown"}


def test_private_dns_is_not_proposed_for_a_second_endpoint_of_a_service() -> None:
    on, twin, other = interface("ssm", "aws_vpc_endpoint.on"), off(), off("kms")
    found = {each.resource: each for each in findings("VPCE004", vpc(), on, twin, other)}
    assert found[SSM].status == "fail"
    assert "aws_vpc_endpoint.on already uses this private DNS name" in words(found[SSM])
    fix = found[SSM].fix
    assert fix is not None and fix.kind == "text" and "off for aws_vpc_endpoint.on" in str(fix.value)
    assert found[other.address].fix == Fix(
        "set", address=other.address, vpc="aws_vpc.main", field="private_dns", value=True
    )


def test_the_resource_that_sets_it_afterwards_is_to_be_changed() -> None:
    apart = association("private_dns", False, SSM)
    (finding,) = findings("VPCE004", vpc(enable_dns_hostnames=False), off(), apart)
    assert finding.fix is not None and finding.fix.kind == "text"
    assert str(finding.fix.value) == (
        f"set private_dns_enabled to true in {apart.declared.address}, which sets it after the endpoint is created; "
        "turn enable_dns_hostnames of aws_vpc.main on"
    )
    (finding,) = findings("VPCE004", vpc(enable_dns_hostnames=True), off(), apart)
    assert finding.fix is not None and "turn" not in str(finding.fix.value)
    (finding,) = findings("VPCE004", vpc(), off(), association("private_dns", False, "aws_vpc_endpoint.other"))
    assert finding.fix is not None and finding.fix.kind == "set"
    perhaps = association("private_dns", False, SSM, exists=hidden())
    (finding,) = findings("VPCE004", vpc(), off(), perhaps)
    assert finding.fix is not None and finding.fix.kind == "set"


def test_private_dns_is_proposed_for_the_first_of_two_that_are_off() -> None:
    found = {
        each.resource: each for each in findings("VPCE004", vpc(), off(), off("ssm", "aws_vpc_endpoint.twin", line=20))
    }
    kinds = {address: each.fix.kind for address, each in found.items() if each.fix is not None}
    assert kinds == {SSM: "set", "aws_vpc_endpoint.twin": "text"}


def test_a_second_endpoint_in_another_vpc_or_with_other_names_does_not_count() -> None:
    elsewhere = interface("ssm", "aws_vpc_endpoint.elsewhere", of=DATA_VPC)
    for other in (
        elsewhere,
        interface("ssm-fips", "aws_vpc_endpoint.fips"),
        interface("ssmmessages", "aws_vpc_endpoint.m"),
    ):
        (finding,) = (each for each in findings("VPCE004", vpc(), other, off()) if each.resource == SSM)
        assert finding.fix is not None and finding.fix.kind == "set"
