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


GLUE = """\
resource "aws_glue_connection" "data" {
  name            = "data"
  connection_type = "NETWORK"
  physical_connection_requirements {
    subnet_id              = aws_subnet.inner.id
    security_group_id_list = [aws_security_group.task.id]
  }
}

resource "aws_glue_job" "load" {
  name        = "load"
  role_arn    = "arn:aws:iam::111122223333:role/glue"
  connections = [aws_glue_connection.data.name]
  command {
    script_location = "s3://scripts/load.py"
  }
}
"""

BY_NAME = """\
resource "aws_vpc_endpoint" "s3" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.s3"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.inner.id]
  dns_options {
    private_dns_only_for_inbound_resolver_endpoint = false
  }
}
"""


def test_dns_leads_calls_to_an_interface_endpoint_although_glue_asks_for_a_gateway(tmp_path: Path) -> None:
    assert found(tmp_path, NETWORK + GLUE + NAT) == {"s3": "fail"}
    assert found(tmp_path, NETWORK + GLUE + NAT + BY_NAME) == {}
    without_names = BY_NAME.replace("private_dns_enabled = true", "private_dns_enabled = false")
    assert found(tmp_path, NETWORK + GLUE + NAT + without_names) == {"s3": "fail"}


def test_the_endpoint_that_is_there_is_to_be_associated(tmp_path: Path) -> None:
    idle = S3.replace("  route_table_ids = [aws_route_table.inner.id]\n", "")
    results = report_on(tmp_path, NETWORK + TASK + NAT + idle)["results"]
    (fix,) = [each["fix"] for each in results if each["rule"] == "VPCE018"]
    assert fix == "associate aws_vpc_endpoint.s3 with aws_route_table.inner"
