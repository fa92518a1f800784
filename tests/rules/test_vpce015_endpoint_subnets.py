"""VPCE015: is an endpoint in one subnet of each zone?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.reach.filters import room
from tests.rules.networks import association, findings, gateway, hidden, id_of, ids, interface, opaque, verdicts, vpc
from vpce_checks.base.record import replace
from vpce_checks.model.values import ListValue, PartialString, Reference, Value, join_strings

KMS = "aws_vpc_endpoint.kms"


def verdict(left: Value, right: Value, **fields: Any) -> str | None:
    made = interface("kms", subnets=ids("aws_subnet.a", "aws_subnet.b"), **fields)
    return verdicts("VPCE015", vpc(), made, room("a", zone=left), room("b", zone=right)).get(KMS)


def item(at: int, address: str = "data.aws_availability_zones.x") -> Reference:
    return Reference(address, ("names", at), "data")


REGION = Reference("AWS::Region", (), "parameter")


def zone(letter: str, region: Value = REGION) -> PartialString:
    made = join_strings((region, letter))
    assert isinstance(made, PartialString)
    return made


@pytest.mark.parametrize(
    ("left", "right", "status"),
    [
        (zone("a"), zone("a"), "fail"),
        (zone("a"), zone("b"), "pass"),
        (zone("a"), zone("-az1"), None),
        (zone("a"), zone("a", Reference("var.region", (), "variable")), None),
        (zone("a", hidden()), zone("a", hidden()), None),
        (None, Reference("aws_subnet.a", ("availability_zone",)), "fail"),
        (None, Reference("aws_subnet.a", ("tags",)), None),
        ("eu-west-1a", "eu-west-1b", "pass"),
        ("eu-west-1a", "eu-west-1a", "fail"),
        ("euw1-az1", "euw1-az1", "fail"),
        ("euw1-az1", "eu-west-1a", None),
        (item(0), item(0), "fail"),
        (item(0), item(1), "pass"),
        (item(0), item(0, "data.aws_availability_zones.y"), None),
        (Reference("var.zones", (0,), "variable"), Reference("var.zones", (0,), "variable"), "fail"),
        (Reference("var.zones", (0,), "variable"), Reference("var.zones", (1,), "variable"), None),
        (None, "eu-west-1a", None),
        (hidden(), "eu-west-1a", None),
    ],
)
def test_zones(left: Value, right: Value, status: str | None) -> None:
    assert verdict(left, right) == status


def test_no_subnet_at_all() -> None:
    (finding,) = findings("VPCE015", vpc(), interface("kms"))
    assert finding.status == "fail" and "in no subnet" in finding.message
    assert verdicts("VPCE015", vpc(), interface("kms"), opaque(id_of(KMS))) == {}
    assert verdicts("VPCE015", vpc(), gateway()) == {}


def test_subnets_by_association() -> None:
    placed = association("subnet", id_of("aws_subnet.a"), KMS)
    assert verdicts("VPCE015", vpc(), interface("kms"), room("a"), placed) == {KMS: "pass"}


def test_a_list_that_nobody_knows_is_not_judged() -> None:
    for subnets in (hidden(), Reference("var.subnets", (), "variable"), ListValue((), "set", rest=hidden())):
        assert verdicts("VPCE015", vpc(), interface("kms", subnets=subnets)) == {}


def test_a_failure_is_certain_of_type_and_existence() -> None:
    assert verdict("a", "a", exists=hidden()) == "unknown"
    unsure = interface("kms", type=hidden())
    assert verdicts("VPCE015", vpc(), unsure) == {KMS: "unknown"}


def test_a_subnet_of_another_vpc() -> None:
    elsewhere = replace(room("b", zone="eu-west-1b"), vpc=id_of("aws_vpc.other"))
    made = interface("kms", subnets=ids("aws_subnet.a", "aws_subnet.b"))
    (finding,) = findings("VPCE015", vpc(), vpc("aws_vpc.other"), made, room("a", zone="eu-west-1a"), elsewhere)
    assert finding.status == "fail" and "aws_subnet.b, which belongs to another VPC" in finding.message
    hidden_vpc = replace(elsewhere, vpc=hidden())
    assert verdicts("VPCE015", vpc(), made, room("a", zone="eu-west-1a"), hidden_vpc) != {KMS: "fail"}


@pytest.mark.parametrize("other", ["vpc-0a1b2c3d", Reference("data.aws_vpc.it", ("id",), "data"), hidden()])
def test_an_id_from_outside_may_be_that_of_a_vpc_which_the_code_imports(other: Value) -> None:
    """Neither a failure, as the VPC may be the endpoint's own, nor a pass, as it may be another one."""
    left, right = room("a", zone="eu-west-1a"), room("b", zone="eu-west-1b")
    made = interface("kms", subnets=ids("aws_subnet.a", "aws_subnet.b"))
    assert verdicts("VPCE015", vpc(), made, left, right) == {KMS: "pass"}
    assert verdicts("VPCE015", vpc(), made, left, replace(right, vpc=other)) == {}
    assert verdicts("VPCE015", vpc(), replace(made, vpc=other), left, right) == {}


@pytest.mark.parametrize(("other", "status"), [("vpc-0a1b2c3d", "pass"), ("vpc-0f0f0f0f", "fail")])
def test_two_ids_are_of_one_vpc_or_of_two(other: str, status: str) -> None:
    made = interface("kms", of="vpc-0a1b2c3d", subnets=ids("aws_subnet.a"))
    assert verdicts("VPCE015", made, replace(room("a"), vpc=other)) == {KMS: status}
