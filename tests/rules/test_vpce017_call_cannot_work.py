"""VPCE017: does a workload call a service that it cannot reach?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.network import ECR, NAT, NETWORK, POLICY, S3, TASK, report_on, verdicts

SERVICE = "aws_ecs_service.app"
ISOLATED = NETWORK + TASK


def found(directory: Path, code: str, policy: str = POLICY) -> dict[str | None, str]:
    """The verdicts on the task, by service."""
    return {
        service: status for (_, _, service), status in verdicts(report_on(directory, code, policy), "VPCE017").items()
    }


def test_each_service_that_nothing_serves_fails(tmp_path: Path) -> None:
    assert found(tmp_path, ISOLATED) == {"ecr.api": "fail", "ecr.dkr": "fail", "s3": "fail"}
    assert found(tmp_path, ISOLATED + ECR) == {"s3": "fail"}
    assert found(tmp_path, ISOLATED + ECR + S3) == {}


def test_a_way_out_serves_all(tmp_path: Path) -> None:
    assert found(tmp_path, ISOLATED + NAT) == {}


def test_a_finding_names_the_subnet_if_only_some_have_no_way_out(tmp_path: Path) -> None:
    shut = """\
resource "aws_subnet" "shut" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.70.5.0/24"
}

resource "aws_route_table" "shut" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "shut" {
  subnet_id      = aws_subnet.shut.id
  route_table_id = aws_route_table.shut.id
}
"""
    both = TASK.replace("[aws_subnet.inner.id]", "[aws_subnet.inner.id, aws_subnet.shut.id]")

    def told(code: str) -> set[str]:
        report = report_on(tmp_path, code, POLICY)
        return {each["message"] for each in report["results"] if each["rule"] == "VPCE017" and each["service"] == "s3"}

    lacks = "it has no way out of aws_vpc.main and no endpoint serves it"
    assert told(NETWORK + NAT + shut + both) == {f"{SERVICE} calls s3, but in aws_subnet.shut {lacks}"}
    assert told(NETWORK + shut + both) == {f"{SERVICE} calls s3, but {lacks}"}


def test_what_may_not_exist_is_not_judged(tmp_path: Path) -> None:
    optional = 'variable "on" {}\n' + TASK.replace(
        '  name            = "app"\n', '  count = var.on ? 1 : 0\n  name  = "app"\n'
    )
    assert found(tmp_path, NETWORK + optional) == {}


@pytest.mark.parametrize("count", ["0", "var.size"])
def test_a_service_that_may_run_nothing_is_not_judged(tmp_path: Path, count: str) -> None:
    idle = TASK.replace(
        '  launch_type     = "FARGATE"\n', f'  launch_type     = "FARGATE"\n  desired_count   = {count}\n'
    )
    assert found(tmp_path, NETWORK + 'variable "size" {}\n' + idle) == {}


def test_routes_of_a_route_server_may_lead_out(tmp_path: Path) -> None:
    routes = 'resource "aws_vpc_route_server_propagation" "x" {\n  route_server_id = "rs-1"\n  route_table_id = aws_route_table.inner.id\n}\n'
    assert found(tmp_path, ISOLATED + routes) == {}


@pytest.mark.parametrize(("name", "services"), [("egress", set()), ("database", {"ecr.api", "ecr.dkr", "s3"})])
def test_code_of_a_network_may_route_the_subnets_that_it_gets(tmp_path: Path, name: str, services: set[str]) -> None:
    unread = f'module "{name}" {{\n  source = "git::https://git.example.org/{name}.git"\n  places = [aws_subnet.inner.id]\n}}\n'
    assert set(found(tmp_path, ISOLATED + unread)) == services


def test_a_finding_that_fails_already_names_the_caller_instead(tmp_path: Path) -> None:
    report = report_on(tmp_path, ISOLATED + ECR, "version: 1\nrequired: {gateway: [s3], interface: []}\n")
    assert verdicts(report, "VPCE017") == {}
    (missing,) = (each for each in report["results"] if each["rule"] == "VPCE001")
    assert SERVICE in missing["message"] and missing["severity"] == "high"


def test_the_policy_excuses(tmp_path: Path) -> None:
    assert found(tmp_path, ISOLATED, POLICY + "workloads: off\n") == {}
    assert set(found(tmp_path, ISOLATED, POLICY + "central_endpoints: [ecr.api]\n")) == {"ecr.dkr", "s3"}


def test_code_that_was_not_read_may_turn_private_dns_on(tmp_path: Path) -> None:
    closed = ECR.replace("private_dns_enabled = true", "private_dns_enabled = false")
    unread = """
module "names" {
  source    = "git::https://git.example.org/names.git"
  endpoints = [for each in aws_vpc_endpoint.ecr : each.id]
}
"""
    assert found(tmp_path, ISOLATED + closed) == {"ecr.api": "fail", "ecr.dkr": "fail", "s3": "fail"}
    assert found(tmp_path, ISOLATED + closed + unread) == {"s3": "fail"}


@pytest.mark.parametrize(
    ("there", "service", "remedy"),
    [
        (
            S3.replace("[aws_route_table.inner.id]", "[]"),
            "s3",
            "associate aws_vpc_endpoint.s3 with aws_route_table.inner",
        ),
        (
            ECR.replace("private_dns_enabled = true", "private_dns_enabled = false"),
            "ecr.api",
            'turn private DNS of aws_vpc_endpoint.ecr["ecr.api"] on',
        ),
        (
            ECR.replace('  vpc_endpoint_type   = "Interface"\n', ""),
            "ecr.api",
            'make aws_vpc_endpoint.ecr["ecr.api"] an interface endpoint',
        ),
        (
            ECR.replace('"Interface"', '"GatewayLoadBalancer"'),
            "ecr.api",
            'mend aws_vpc_endpoint.ecr["ecr.api"], which is there for ecr.api and does not serve it',
        ),
    ],
)
def test_an_endpoint_that_is_there_is_to_be_mended(tmp_path: Path, there: str, service: str, remedy: str) -> None:
    """A second one beside it would cost money, or AWS would refuse it as soon as the first one works."""
    results = report_on(tmp_path, ISOLATED + there)["results"]
    (fix,) = [each["fix"] for each in results if (each["rule"], each["service"]) == ("VPCE017", service)]
    assert fix == remedy


def test_an_endpoint_for_another_region_is_left_as_it_is(tmp_path: Path) -> None:
    other = ECR.replace("eu-west-1", "us-east-1").replace("{\n", '{\n  service_region = "us-east-1"\n', 1)
    results = report_on(tmp_path, ISOLATED + other)["results"]
    (fix,) = [each["fix"] for each in results if (each["rule"], each["service"]) == ("VPCE017", "ecr.api")]
    assert 'service_name        = "com.amazonaws.eu-west-1.ecr.api"' in fix


def test_an_interface_endpoint_for_s3_is_left_as_it_is(tmp_path: Path) -> None:
    off = S3.replace("route_table_ids = [aws_route_table.inner.id]", 'vpc_endpoint_type = "Interface"')
    results = report_on(tmp_path, ISOLATED + off)["results"]
    (fix,) = [each["fix"] for each in results if (each["rule"], each["service"]) == ("VPCE017", "s3")]
    assert 'vpc_endpoint_type = "Gateway"' in fix
