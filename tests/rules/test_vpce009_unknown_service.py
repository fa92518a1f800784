"""VPCE009: does AWS have the service?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import endpoint, findings, hidden, regional, verdicts, vpc, words

CUSTOMERS = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
X = "aws_vpc_endpoint.x"


def verdict(name: Any) -> str | None:
    return verdicts("VPCE009", vpc(), endpoint(name, X, type="Interface")).get(X)


@pytest.mark.parametrize("short", ["s3", "ecr.api", "ssmmessages", "kms-fips"])
def test_services_of_aws(short: str) -> None:
    assert verdict(short) == "pass"


def test_a_wrong_name_and_what_was_meant() -> None:
    (finding,) = findings("VPCE009", vpc(), endpoint("secretmanager", X))
    assert finding.status == "fail"
    assert "did you mean secretsmanager" in finding.message
    assert verdict(regional("secretmanager")) == "fail"


def test_what_is_no_service_name_at_all() -> None:
    assert verdict("com.amazonaws.s3") == "fail"


@pytest.mark.parametrize("name", [CUSTOMERS, None, hidden(), regional("")])
def test_what_is_not_for_the_catalogue(name: Any) -> None:
    assert verdict(name) is None


def test_an_endpoint_that_may_not_be_created() -> None:
    (finding,) = findings("VPCE009", vpc(), endpoint("secretmanager", X, exists=hidden()))
    assert finding.status == "unknown"
    assert "var.hidden has no value" in words(finding)
