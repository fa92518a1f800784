"""VPCE019: does nothing in the code show a use of an interface endpoint?"""

from __future__ import annotations

from pathlib import Path

from tests.workloads.network import ECR, NETWORK, POLICY, TASK, report_on, verdicts

ON = POLICY + "rules: {VPCE019: {severity: low}}\n"
ATHENA = """\
resource "aws_vpc_endpoint" "athena" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.athena"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.inner.id]
}
"""
ROLE = """\
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "ACTION", Resource = "*" }] })
}
"""
WITH_ROLE = TASK.replace(
    '  family                   = "app"\n', '  family = "app"\n  task_role_arn = aws_iam_role.app.arn\n'
)
ELSEWHERE = """\
module "more" {
  source = "git::https://example.com/more.git"
  vpc_id = aws_vpc.main.id
}
"""


def found(directory: Path, code: str, policy: str = ON) -> dict[str, str]:
    """The verdicts by endpoint."""
    return {
        resource: status for (_, resource, _), status in verdicts(report_on(directory, code, policy), "VPCE019").items()
    }


def root(action: str = "sqs:SendMessage") -> str:
    """A task whose role allows one action, beside endpoints for ECR and Athena."""
    return NETWORK + WITH_ROLE + ROLE.replace("ACTION", action) + ECR + ATHENA


def test_it_is_off_by_default(tmp_path: Path) -> None:
    assert found(tmp_path, root(), POLICY) == {}


def test_an_endpoint_that_no_workload_calls_fails(tmp_path: Path) -> None:
    assert found(tmp_path, root()) == {"aws_vpc_endpoint.athena": "fail"}


def test_what_a_role_allows_may_be_called(tmp_path: Path) -> None:
    assert found(tmp_path, root("athena:StartQueryExecution")) == {}
    assert found(tmp_path, root("*")) == {}
    assert found(tmp_path, NETWORK + TASK + ECR + ATHENA) == {}  # its role is not in the code


def test_a_required_endpoint_is_used(tmp_path: Path) -> None:
    required = "version: 1\nrequired: {gateway: [], interface: [athena]}\nrules: {VPCE019: {severity: low}}\n"
    assert found(tmp_path, root(), required) == {}


def test_code_that_was_not_read_may_use_it(tmp_path: Path) -> None:
    assert found(tmp_path, root() + ELSEWHERE) == {}
