"""VPCE018: do calls to S3 or DynamoDB leave by a NAT gateway?"""

from __future__ import annotations

from pathlib import Path

from tests.workloads.network import ECR, NAT, NETWORK, POLICY, S3, TASK, report_on, verdicts


def found(directory: Path, code: str, policy: str = POLICY) -> dict[str | None, str]:
    """The verdicts on the task, by service."""
    return {
        service: status for (_, _, service), status in verdicts(report_on(directory, code, policy), "VPCE018").items()
    }


def test_only_services_with_a_gateway_endpoint_are_judged(tmp_path: Path) -> None:
    assert found(tmp_path, NETWORK + TASK + NAT) == {"s3": "fail"}
    assert found(tmp_path, NETWORK + TASK + NAT + ECR) == {"s3": "fail"}


def test_the_gateway_endpoint_ends_it(tmp_path: Path) -> None:
    assert found(tmp_path, NETWORK + TASK + NAT + S3) == {}


def test_without_a_nat_gateway_it_is_the_other_rules_matter(tmp_path: Path) -> None:
    assert found(tmp_path, NETWORK + TASK) == {}


def test_a_route_that_may_not_exist_leaves_nothing_to_say(tmp_path: Path) -> None:
    perhaps = NAT.replace('resource "aws_route" "out" {\n', 'resource "aws_route" "out" {\n  count = var.on ? 1 : 0\n')
    assert found(tmp_path, 'variable "on" {}\n' + NETWORK + TASK + perhaps) == {}


def test_the_policy_excuses(tmp_path: Path) -> None:
    assert found(tmp_path, NETWORK + TASK + NAT, POLICY + "workloads: off\n") == {}
