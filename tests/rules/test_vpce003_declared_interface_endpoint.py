"""VPCE003: is an interface endpoint that the policy declares certainly there, or certainly not?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import (
    MAIN,
    PACK,
    REGION,
    declared,
    findings,
    gateway,
    hidden,
    id_of,
    ids,
    interface,
    policy,
    regional,
    verdicts,
    vpc,
    words,
)
from vpce_checks.model.network import HostedZone, ZoneRecord
from vpce_checks.model.values import ListValue, PartialString, Unknown, Value
from vpce_checks.policy import Requirement, VpcMatch, VpcOverride
from vpce_checks.testing import scan_files


def test_the_endpoint_is_there() -> None:
    assert verdicts("VPCE003", vpc(), interface("ssm"), asks=policy(interface="ssm")) == {f"{MAIN} ssm": "pass"}


def test_a_gateway_is_no_interface_endpoint() -> None:
    (finding,) = findings("VPCE003", vpc(), gateway("s3"), asks=policy(interface="s3"))
    assert finding.status == "fail"
    assert "the gateway endpoint aws_vpc_endpoint.s3 does not count" in finding.message


def test_one_of_the_wrong_type_is_to_be_changed() -> None:
    """A second one beside it would stay when the type of the first one is right."""
    (finding,) = findings("VPCE003", vpc(), gateway("ssm"), asks=policy(interface="ssm"))
    assert finding.fix is not None
    assert (finding.fix.kind, finding.fix.value) == ("text", "make aws_vpc_endpoint.ssm an interface endpoint")
    (finding,) = findings("VPCE003", vpc(), gateway("s3"), asks=policy(interface="s3"))
    assert finding.fix is not None and finding.fix.adds


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("ec2", "ec2messages"),
        ("ssm", "ssmmessages"),
        ("ecr.api", "ecr.dkr"),
        ("logs", "api.logs"),
        ("s3", "s3-outposts"),
    ],
)
def test_names_that_are_nearly_alike(asked: str, there: str) -> None:
    (finding,) = findings("VPCE003", vpc(), interface(there), asks=policy(interface=asked))
    assert finding.status == "fail"
    unknown_region = interface(regional(there), "aws_vpc_endpoint.x")
    assert verdicts("VPCE003", vpc(), unknown_region, asks=policy(interface=asked)) == {f"{MAIN} {asked}": "fail"}


def test_a_near_name_is_part_of_the_evidence() -> None:
    (finding,) = findings("VPCE003", vpc(), interface("ssmmessages"), asks=policy(interface="ssm"))
    assert "aws_vpc_endpoint.ssmmessages is for ssmmessages, not for ssm" in words(finding)


def test_a_fips_variant_serves_its_service() -> None:
    assert verdicts("VPCE003", vpc(), interface("kms-fips"), asks=policy(interface="kms")) == {f"{MAIN} kms": "pass"}
    assert verdicts("VPCE003", vpc(), interface("kms"), asks=policy(interface="kms-fips")) == {
        f"{MAIN} kms-fips": "fail"
    }


def test_one_of_several_services_is_certain_where_all_or_none_serve() -> None:
    def either(*shorts: str) -> Unknown:
        return Unknown(hidden().causes, None, tuple(f"com.amazonaws.{REGION}.{short}" for short in shorts))

    asks = policy(interface="kms")
    assert verdicts("VPCE003", vpc(), interface(either("kms", "kms-fips"), "aws_vpc_endpoint.x"), asks=asks) == {
        f"{MAIN} kms": "pass"
    }
    assert verdicts("VPCE003", vpc(), interface(either("sqs", "sns"), "aws_vpc_endpoint.x"), asks=asks) == {
        f"{MAIN} kms": "fail"
    }
    assert verdicts("VPCE003", vpc(), interface(either("kms", "sns"), "aws_vpc_endpoint.x"), asks=asks) == {
        f"{MAIN} kms": "unknown"
    }


class TestRegions:
    def test_a_service_of_another_region_does_not_count(self) -> None:
        crossing = interface("com.amazonaws.us-east-1.ecr.api", "aws_vpc_endpoint.x", service_region="us-east-1")
        assert verdicts("VPCE003", vpc(), crossing, asks=policy(interface="ecr.api")) == {f"{MAIN} ecr.api": "fail"}


class TestPolicy:
    def test_what_a_hub_serves_is_not_asked_for(self) -> None:
        asks = policy(interface="ssm logs", central=(Requirement("ssm", PACK),))
        assert verdicts("VPCE003", vpc(), asks=asks) == {f"{MAIN} logs": "fail"}

    def test_a_vpc_that_the_policy_may_not_mean(self) -> None:
        production = VpcOverride(VpcMatch(name="prod-*"), PACK, interface=(Requirement("ssm", PACK),))
        asks = policy(vpcs=(production,))
        (finding,) = findings("VPCE003", vpc(name=hidden("var.name")), asks=asks)
        assert finding.status == "unknown"
        assert "var.name has no value" in words(finding)
        assert verdicts("VPCE003", vpc(name=hidden()), interface("ssm"), asks=asks) == {f"{MAIN} ssm": "pass"}
        assert verdicts("VPCE003", vpc(name="dev-1"), asks=asks) == {}

    def test_one_finding_a_service(self) -> None:
        asks = policy(interface="ssm ssmmessages ec2messages")
        found = verdicts("VPCE003", vpc(), interface("ssm"), asks=asks)
        assert found == {f"{MAIN} ssm": "pass", f"{MAIN} ssmmessages": "fail", f"{MAIN} ec2messages": "fail"}


def test_the_dns_attributes_that_private_dns_needs_are_named() -> None:
    """AWS refuses the endpoint of the fix as long as they are off."""
    (finding,) = findings(
        "VPCE003", vpc(enable_dns_support=False, enable_dns_hostnames=False), asks=policy(interface="kms")
    )
    assert f"DNS support of {MAIN} is off: the endpoint also needs it on" in words(finding)
    assert f"DNS hostnames of {MAIN} are off: private DNS of the endpoint needs them on" in words(finding)


def test_of_many_zones_that_a_vpc_does_not_see_a_few_are_named() -> None:
    """A hub may have a zone for each of its spokes: all of them for each would be more than a report can hold."""
    objects: list[Any] = [vpc("aws_vpc.hub")]
    for place in range(30):
        spoke, zone = f"aws_vpc.s{place}", f"aws_route53_zone.z{place}"
        record = ZoneRecord(
            declared(f"aws_route53_record.r{place}"),
            id_of(zone),
            "",
            ListValue((id_of("aws_vpc_endpoint.kms", "dns_entry"),)),
            relative=True,
        )
        objects += (vpc(spoke), HostedZone(declared(zone), f"{place}.corp.internal", ids(spoke)), record)
    hub = interface("kms", "aws_vpc_endpoint.kms", of="aws_vpc.hub", private_dns=False)
    asks = policy(interface="kms")
    (finding,) = [each for each in findings("VPCE003", *objects, hub, asks=asks) if each.vpc == "aws_vpc.s0"]
    assert finding.status == "fail"
    assert words(finding).count("has a record for aws_vpc_endpoint.kms, but is not associated") == 10


@pytest.mark.parametrize(
    ("service", "zone", "record", "status"),
    [
        ("appstream.api", "appstream2.eu-west-1.amazonaws.com", "", "pass"),
        ("codeartifact.api", "codeartifact.eu-west-1.amazonaws.com", "", "pass"),
        ("codeartifact.repositories", "d.codeartifact.eu-west-1.amazonaws.com", "", "fail"),
        ("codeartifact.repositories", "d.codeartifact.eu-west-1.amazonaws.com", "*", "pass"),
        ("ecr.api", "api.ecr.eu-west-1.amazonaws.com.", "", "pass"),
        ("ecr.dkr", "dkr.ecr.eu-west-1.amazonaws.com.", "", "fail"),
        ("ecr.dkr", "dkr.ecr.eu-west-1.amazonaws.com.", "*", "pass"),
        ("ecs-agent", "ecs-a.eu-west-1.amazonaws.com", "", "pass"),
        ("ecs-telemetry", "ecs-t.eu-west-1.amazonaws.com", "", "pass"),
        ("kinesis-streams", "kinesis-streams.eu-west-1.amazonaws.com", "", "fail"),
        ("pinpoint-sms-voice-v2", "sms-voice.eu-west-1.amazonaws.com", "", "pass"),
        ("rum-dataplane", "dataplane.rum.eu-west-1.amazonaws.com", "", "pass"),
        ("notebook", "notebook.eu-west-1.sagemaker.aws", "*", "pass"),
        ("sagemaker.api", "api.sagemaker.eu-west-1.sagemaker.aws", "", "fail"),
        ("sagemaker.api", "api.sagemaker.eu-west-1.amazonaws.com", "", "pass"),
    ],
)
def test_zone_names_as_landing_zones_make_them(service: str, zone: str, record: str, status: str) -> None:
    """AWS's Landing Zone Accelerator makes one zone for each endpoint of a hub, and names it after the service. Not all such
    names are those that clients ask for."""
    hub = interface(service, "aws_vpc_endpoint.hub", of="aws_vpc.hub", private_dns=False)
    leads = HostedZone(declared("aws_route53_zone.z"), zone, ids("aws_vpc.hub", MAIN))
    targets = ListValue((id_of("aws_vpc_endpoint.hub", "dns_entry"),))
    to = ZoneRecord(declared("aws_route53_record.r"), id_of("aws_route53_zone.z"), record, targets, relative=True)
    found = verdicts("VPCE003", vpc("aws_vpc.hub"), vpc(), hub, leads, to, asks=policy(interface=service))
    assert found[f"{MAIN} {service}"] == status


@pytest.mark.parametrize("zone", ["kms.eu-west-1.amazonaws.com", PartialString((hidden(), ".eu-west-1.amazonaws.com"))])
@pytest.mark.parametrize(("record", "status"), [("", "pass"), ("kms.eu-west-1.amazonaws.com", "pass"), ("x", "fail")])
def test_a_record_by_its_whole_name_in_a_zone_of_which_a_part_is_known(zone: Value, record: str, status: str) -> None:
    """Terraform takes a name that ends with that of the zone for the whole one."""
    hub = interface("kms", "aws_vpc_endpoint.hub", of="aws_vpc.hub", private_dns=False)
    leads = HostedZone(declared("aws_route53_zone.z"), zone, ids("aws_vpc.hub", MAIN))
    targets = ListValue((id_of("aws_vpc_endpoint.hub", "dns_entry"),))
    to = ZoneRecord(declared("aws_route53_record.r"), id_of("aws_route53_zone.z"), record, targets, relative=True)
    found = verdicts("VPCE003", vpc("aws_vpc.hub"), vpc(), hub, leads, to, asks=policy(interface="kms"))
    assert found[f"{MAIN} kms"] == (status if isinstance(zone, str) or status == "fail" else "unknown")


LOOKED_UP = """\
provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "hub" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_vpc" "spoke" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_vpc_endpoint" "kms" {
  vpc_id            = aws_vpc.hub.id
  vpc_endpoint_type = "Interface"
  service_name      = "com.amazonaws.eu-west-1.kms"
}
resource "aws_route53_zone" "kms" {
  name = "kms.eu-west-1.amazonaws.com"
  vpc { vpc_id = aws_vpc.spoke.id }
}
data "aws_route53_zone" "found" {
  name = "%s.eu-west-1.amazonaws.com"
  %s
}
resource "aws_route53_record" "kms" {
  zone_id = data.aws_route53_zone.found.zone_id
  name    = ""
  type    = "A"
  alias {
    name                   = aws_vpc_endpoint.kms.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.kms.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}
"""


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        ("kms", "private_zone = true", "unknown"),
        ("kms", "vpc_id = aws_vpc.spoke.id", "unknown"),
        ("kms", "", "fail"),  # only public zones
        ("sqs", "private_zone = true", "fail"),
    ],
)
def test_a_look_up_may_find_a_zone_of_this_root(name: str, wanted: str, expected: str) -> None:
    asks = "version: 1\nrequired: {gateway: [], interface: [kms]}\n"
    found = scan_files({"main.tf": LOOKED_UP % (name, wanted), ".vpce-checks.yaml": asks})
    assert found.of("VPCE003")["aws_vpc.spoke"] == expected
