"""VPCE006: does the service come as the type that the endpoint has?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import endpoint, findings, hidden, regional, verdicts, vpc
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Unknown

CUSTOMERS = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
X = "aws_vpc_endpoint.x"


def verdict(short: Any, type: Any) -> str | None:
    return verdicts("VPCE006", vpc(), endpoint(short, X, type=type)).get(X)


@pytest.mark.parametrize(
    ("short", "type"), [("s3", "Gateway"), ("s3", "Interface"), ("dynamodb", "Gateway"), ("ec2", "Interface")]
)
def test_what_goes_together(short: str, type: str) -> None:
    assert verdict(short, type) == "pass"


@pytest.mark.parametrize(
    ("short", "type"),
    [("ec2", "Gateway"), ("ec2", None), ("ec2messages", "Gateway"), ("s3", "GatewayLoadBalancer")],
)
def test_what_does_not(short: str, type: Any) -> None:
    assert verdict(short, type) == "fail"


def test_the_message_tells_an_omitted_type_from_a_written_one() -> None:
    (omitted,) = findings("VPCE006", vpc(), endpoint("ec2", X))
    assert "has type Gateway (the default), but ec2 does not support this type" in omitted.message
    said = endpoint("ec2", X)
    said.declared.field_spans["type"] = Span("/repo/main.tf", 12)  # type: ignore[index]
    (written,) = findings("VPCE006", vpc(), said)
    assert "(the default)" not in written.message
    assert written.why[-1].span == Span("/repo/main.tf", 12)
    assert written.fix is not None
    assert (written.fix.field, written.fix.value) == ("type", "Interface")


@pytest.mark.parametrize(
    ("written", "right"), [("interface", "Interface"), ("gatewayloadbalancer", "GatewayLoadBalancer")]
)
def test_a_type_in_the_wrong_case_is_no_type_of_aws(written: str, right: str) -> None:
    (found,) = findings("VPCE006", vpc(), endpoint("sqs", X, type=written))
    assert (found.status, found.message) == (
        "fail",
        f"{X} has type {written}, which AWS does not know; it is written {right}",
    )
    assert found.fix is not None
    assert (found.fix.field, found.fix.value) == ("type", right)


def test_services_of_others() -> None:
    assert verdict(CUSTOMERS, "Gateway") == "fail"
    assert verdict(CUSTOMERS, "Interface") == "pass"
    assert verdict(CUSTOMERS, "GatewayLoadBalancer") == "pass"


def test_what_the_catalogue_cannot_answer() -> None:
    assert verdict("no-such-thing", "Gateway") is None
    assert verdict(hidden(), "Gateway") is None
    assert verdict(None, "Resource") is None


def test_doubts() -> None:
    assert verdict("ec2", hidden()) == "unknown"
    assert verdict("ec2", Unknown(hidden().causes, None, ("Gateway", None))) == "fail"
    assert verdict(regional("ec2"), "Gateway") == "fail"
    assert verdicts("VPCE006", vpc(), endpoint("ec2", X, exists=hidden())) == {X: "unknown"}


def test_a_doubt_says_why() -> None:
    """One of the services that it may be for is none of the catalogue."""
    service = Unknown(hidden().causes, None, (CUSTOMERS, "com.amazonaws.eu-west-1.no-such-service"))
    (found,) = findings("VPCE006", vpc(), endpoint(service, X, type="Interface"))
    assert (found.status, found.why[-1].text) == ("unknown", "var.hidden has no value")
