"""VPCE005: does the VPC have the DNS attributes that private DNS needs?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import MAIN, association, findings, gateway, hidden, interface, verdicts, vpc
from vpce_checks.model.values import Reference

SSM = "aws_vpc_endpoint.ssm"
DATA_VPC = Reference("data.aws_vpc.shared", ("id",), "data")


def off(short: Any = "ssm", address: str = "", **fields: Any) -> Any:
    """An interface endpoint with private DNS off."""
    return interface(short, address, **{"private_dns": False, **fields})


def verdict(**attributes: Any) -> str:
    return verdicts("VPCE005", vpc(**attributes), interface("ssm"))[SSM]


def test_both_on() -> None:
    assert verdict() == "pass"


@pytest.mark.parametrize("attribute", ["enable_dns_support", "enable_dns_hostnames"])
def test_either_off_fails_and_the_fix_turns_it_on(attribute: str) -> None:
    switched_off: dict[str, Any] = {attribute: False}
    (finding,) = findings("VPCE005", vpc(**switched_off), interface("ssm"))
    assert finding.status == "fail"
    assert attribute in finding.message
    assert finding.fix is not None
    assert (finding.fix.address, finding.fix.field, finding.fix.value) == (MAIN, attribute, True)


def test_nothing_said_is_support_on_and_hostnames_off() -> None:
    assert verdict(enable_dns_support=None) == "pass"
    assert verdict(enable_dns_hostnames=None) == "fail"


@pytest.mark.parametrize("attribute", ["enable_dns_support", "enable_dns_hostnames"])
def test_unknown_attributes(attribute: str) -> None:
    doubtful: dict[str, Any] = {attribute: hidden()}
    assert verdict(**doubtful) == "unknown"
    assert verdict(enable_dns_support=False, enable_dns_hostnames=hidden()) == "fail"


def test_without_private_dns_there_is_nothing_to_say() -> None:
    bare = vpc(enable_dns_hostnames=False)
    assert verdicts("VPCE005", bare, off()) == {}
    assert verdicts("VPCE005", bare, gateway()) == {}
    assert verdicts("VPCE005", bare, interface("ssm", of=DATA_VPC)) == {}


def test_perhaps_private_dns() -> None:
    bare = vpc(enable_dns_hostnames=False)
    assert verdicts("VPCE005", bare, off(private_dns=hidden())) == {SSM: "unknown"}
    assert verdicts("VPCE005", bare, off(), association("private_dns", True, SSM)) == {SSM: "fail"}


def test_perhaps_this_vpc() -> None:
    bare = vpc(enable_dns_hostnames=False)
    assert verdicts("VPCE005", bare, interface("ssm", of=hidden())) == {SSM: "unknown"}
    assert verdicts("VPCE005", vpc(), interface("ssm", of=hidden())) == {}
