"""What a policy says of workloads: what is reported, where unknown ways lead, and which findings take over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.workloads.network import NETWORK, POLICY, TASK, report_on, verdicts
from vpce_checks.rules.vpce003_declared_interface_endpoint import RULE as VPCE003

CENTRE = """\
resource "aws_route" "centre" {
  route_table_id         = aws_route_table.inner.id
  destination_cidr_block = "0.0.0.0/0"
  transit_gateway_id     = "tgw-0a1b2c3d"
}
"""
CODE = NETWORK + TASK
ALL = {("VPCE017", "aws_ecs_service.app", service): "fail" for service in ("ecr.api", "ecr.dkr", "s3")}


@pytest.mark.parametrize(
    "policy",
    [
        POLICY + "workloads: off\n",
        POLICY + "workloads: false\n",
        POLICY + 'vpcs: [{match: {address: "*"}, workloads: "off"}]\n',
        POLICY + "central_endpoints: [s3, ecr.api, ecr.dkr]\n",
        POLICY + 'vpcs: [{match: {address: "*"}, exempt: {s3: a, ecr.api: b, ecr.dkr: c}}]\n',
        POLICY + "rules: {VPCE017: off}\n",
    ],
)
def test_nothing_is_said(policy: str, tmp_path: Path) -> None:
    assert verdicts(report_on(tmp_path, CODE, policy)) == {}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (POLICY, {}),
        (POLICY + 'vpcs: [{match: {address: "*"}, egress: none}]\n', ALL),
        (POLICY + 'vpcs: [{match: {address: "*"}, egress: internet}]\n', {}),
        (POLICY + "vpcs: [{match: {address: aws_vpc.other}, egress: none}]\n", {}),
    ],
)
def test_where_an_unknown_way_leads(policy: str, expected: dict[Any, str], tmp_path: Path) -> None:
    assert verdicts(report_on(tmp_path, CODE + CENTRE, policy)) == expected


def test_the_entry_of_a_vpc_may_turn_it_on(tmp_path: Path) -> None:
    policy = POLICY + 'workloads: off\nvpcs: [{match: {address: "*"}, workloads: report}]\n'
    assert verdicts(report_on(tmp_path, CODE, policy)) == ALL


def finding(report: dict[str, Any], rule: str, service: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in report["results"] if each["rule"] == rule and each["service"] == service
    )
    return found


def test_a_required_endpoint_takes_the_callers_over(tmp_path: Path) -> None:
    report = report_on(tmp_path, CODE, "version: 1\nrequired: {gateway: [s3], interface: [ecr.api]}\n")
    assert verdicts(report) == {("VPCE017", "aws_ecs_service.app", "ecr.dkr"): "fail"}
    missing = finding(report, "VPCE003", "ecr.api")
    assert "High if a workload" in VPCE003.severity_varies  # what its page says
    assert missing["severity"] == "high" and "aws_ecs_service.app calls ecr.api" in missing["message"]
    assert any("image is in ECR" in step for step in missing["why"])
    assert "aws_ecs_service.app calls s3" in finding(report, "VPCE001", "s3")["message"]


def test_a_severity_of_the_policy_wins(tmp_path: Path) -> None:
    policy = "version: 1\nrequired: {gateway: [], interface: [ecr.api]}\nrules: {VPCE003: {severity: low}}\n"
    assert finding(report_on(tmp_path, CODE, policy), "VPCE003", "ecr.api")["severity"] == "low"


def test_an_ignored_finding_takes_them_over_as_well(tmp_path: Path) -> None:
    policy = (
        "version: 1\nrequired: {gateway: [], interface: [ecr.api]}\n"
        'ignore: [{rule: VPCE003, resource: "*", reason: "moves in March"}]\n'
    )
    report = report_on(tmp_path, CODE, policy)
    assert finding(report, "VPCE003", "ecr.api")["status"] == "ignored"
    assert ("VPCE017", "aws_ecs_service.app", "ecr.api") not in verdicts(report)


def test_a_rule_that_is_off_takes_nothing_over(tmp_path: Path) -> None:
    policy = "version: 1\nrequired: {gateway: [], interface: [ecr.api]}\nrules: {VPCE003: off}\n"
    assert verdicts(report_on(tmp_path, CODE, policy)) == ALL
