"""VPCE002: is the gateway endpoint for DynamoDB there?"""

from __future__ import annotations

from tests.rules.networks import MAIN, findings, gateway, verdicts, vpc


def test_the_endpoint_is_there() -> None:
    assert verdicts("VPCE002", vpc(), gateway("dynamodb")) == {MAIN: "pass"}


def test_a_gateway_endpoint_for_s3_does_not_count() -> None:
    (finding,) = findings("VPCE002", vpc(), gateway("s3"))
    assert finding.status == "fail"
    assert finding.message == "aws_vpc.main has no gateway endpoint for DynamoDB"
    assert finding.fix is not None
    assert (finding.fix.kind, finding.fix.service) == ("add-gateway-endpoint", "dynamodb")
