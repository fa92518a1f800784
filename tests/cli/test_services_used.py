"""``vpce-checks services --used``: who calls what from a VPC, and what serves it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import cli
from tests.expectations import scan
from tests.terraform.terragrunt.repository import write
from tests.work import work
from tests.workloads.network import ECR, NAT, NETWORK, POLICY, TASK, report_on, verdicts
from vpce_checks import Policy, ScanOptions
from vpce_checks import scan as public_scan
from vpce_checks.cli.main import main
from vpce_checks.rules.used_services import without_calls

OTHER = 'resource "aws_security_group" "other" {\n  vpc_id = aws_vpc.main.id\n}\n'
GROUP = "\n  security_group_ids = [aws_security_group.ecr.id]\n}"
ADMITTED = """
resource "aws_security_group" "ecr" {
  vpc_id = aws_vpc.main.id
  ingress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    security_groups = [aws_security_group.task.id]
  }
}
"""


@pytest.mark.parametrize(
    ("old", "new", "served"),
    [
        ("", "", 'aws_vpc_endpoint.ecr["ecr.api"]'),
        (
            "443\n    security_groups = [aws_security_group.task.id]",
            '443\n    cidr_blocks = ["10.70.9.0/24"]',
            "nothing",
        ),
        ("aws_security_group.task.id]\n  }\n}\n", "aws_security_group.other.id]\n  }\n}\n" + OTHER, "nothing"),
        ('cidr_blocks = ["0.0.0.0/0"]', 'cidr_blocks = ["10.70.0.0/16"]', 'aws_vpc_endpoint.ecr["ecr.api"]'),
        ('protocol    = "-1"', 'protocol    = "icmp"', "nothing"),
        (
            GROUP,
            '\n  policy = jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "*", Resource = "*" }] })'
            + GROUP,
            "nothing",
        ),
        (GROUP, "\n  security_group_ids = [var.group]\n}", 'aws_vpc_endpoint.ecr["ecr.api"] (possible)'),
    ],
)
def test_filters_and_policies_decide_what_serves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, served: str
) -> None:
    code = 'variable "group" {}\n' + NETWORK + TASK + ECR.replace("\n}", GROUP) + ADMITTED
    assert old in code
    (tmp_path / "main.tf").write_text(code.replace(old, new, 1) if old else code, encoding="utf-8")
    assert main(["services", "ecr.api", "--used", str(tmp_path)]) == 0
    row = capsys.readouterr().out.splitlines()[-1]
    assert row.split("certain", 1)[1].removesuffix("aws_ecs_service.app").strip() == served


def test_an_acl_that_denies_all_leaves_no_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shut = 'resource "aws_network_acl" "x" {\n  vpc_id = aws_vpc.main.id\n  subnet_ids = [aws_subnet.inner.id]\n}\n'
    (tmp_path / "main.tf").write_text(NETWORK + TASK + NAT + shut, encoding="utf-8")
    assert main(["services", "ecr.api", "--used", str(tmp_path)]) == 0
    assert " nothing " in capsys.readouterr().out.splitlines()[-1]


def test_the_table_says_who_calls_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(NETWORK + TASK + ECR.replace("\n}", GROUP) + ADMITTED, encoding="utf-8")
    assert main(["services", "--used", str(tmp_path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0][1:4] == ["VPC", "SERVICE", "SURE"]
    assert [(row[2], row[3], row[-2], row[-1]) for row in rows[1:]] == [
        ("ecr.api", "certain", 'aws_vpc_endpoint.ecr["ecr.api"]', "aws_ecs_service.app"),
        ("ecr.dkr", "certain", 'aws_vpc_endpoint.ecr["ecr.dkr"]', "aws_ecs_service.app"),
        ("s3", "certain", "nothing", "aws_ecs_service.app"),
    ]


def test_a_word_limits_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(NETWORK + TASK, encoding="utf-8")
    assert main(["services", "ecr", "--used", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "ecr.api" in out and " s3 " not in out


def test_nothing_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(NETWORK, encoding="utf-8")
    assert main(["services", "--used", str(tmp_path)]) == 0
    assert "no workload" in capsys.readouterr().err


def test_an_unreadable_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(NETWORK + 'resource "aws_vpc" {', encoding="utf-8")
    assert main(["services", "--used", str(tmp_path)]) == 3
    assert "main.tf" in capsys.readouterr().err


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert main(["services", "--used", str(tmp_path / "none")]) == 2


MANY = NETWORK + TASK.replace('resource "aws_ecs_service" "app" {', 'resource "aws_ecs_service" "app" {\n  count = 7')


def test_a_word_names_every_caller(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(MANY, encoding="utf-8")
    assert main(["services", "--used", str(tmp_path)]) == 0
    assert " and 4 more\n" in capsys.readouterr().out
    assert main(["services", "ecr.api", "--used", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "more" not in out and "aws_ecs_service.app[6]" in out


def test_a_finding_says_where_the_other_callers_are_listed(tmp_path: Path) -> None:
    report = report_on(tmp_path, MANY, "version: 1\n")
    (missing,) = (each for each in report["results"] if each["rule"] == "VPCE001")
    assert "aws_ecs_service.app[0] and 6 more call s3" in missing["message"]
    assert sum("its pull calls s3" in step for step in missing["why"]) == 5
    assert missing["why"][-1] == "and 2 more, which vpce-checks services s3 --used lists"


HOST = """
resource "aws_launch_template" "host" {
  user_data = "#!/bin/bash\\necho ECS_CLUSTER=main >> /etc/ecs/ecs.config\\n"
  network_interfaces {
    subnet_id = aws_subnet.inner.id
  }
  MORE
}
resource "aws_instance" "host" {
  ami           = "ami-1"
  instance_type = "t3.micro"
  launch_template {
    id = aws_launch_template.host.id
  }
  OWN
}
"""


STACK = """\
Parameters:
  Subnet:
    Type: AWS::EC2::Subnet::Id
Resources:
  Rails:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: ami-1
      SubnetId: !Ref Subnet
"""


def used(directory: Path, code: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    (directory / "main.tf").write_text(code, encoding="utf-8")
    assert main(["services", "--used", str(directory)]) == 0
    return {line.split()[2] for line in capsys.readouterr().out.splitlines()[1:]}


def test_the_subnet_of_a_launch_template_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = NETWORK + HOST.replace("MORE", "").replace("OWN", "")
    assert used(tmp_path, plain, capsys) == {"ecs", "ecs-agent", "ecs-telemetry"}
    there = "network_interface {\n    device_index = 0\n    network_interface_id = aws_network_interface.x.id\n  }"
    own = NETWORK + HOST.replace("MORE", "").replace("OWN", there)
    assert used(tmp_path, own, capsys) == set()


def test_of_several_interfaces_one_with_a_way_out_is_enough(tmp_path: Path) -> None:
    host = HOST.replace("OWN", "")
    other = """
resource "aws_subnet" "other" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.70.5.0/24"
}
resource "aws_route_table_association" "other" {
  subnet_id      = aws_subnet.other.id
  route_table_id = aws_route_table.edge.id
}
"""
    second = "network_interfaces {\n    subnet_id = aws_subnet.other.id\n    associate_public_ip_address = true\n  }"
    closed = verdicts(report_on(tmp_path / "a", NETWORK + host.replace("MORE", "")), "VPCE017")
    assert set(closed.values()) == {"fail"}
    way_out = NAT.replace('resource "aws_route" "out"', 'resource "aws_route" "none"').replace(
        "route_table_id         = aws_route_table.inner.id", "route_table_id         = aws_route_table.edge.id"
    )
    open_too = verdicts(report_on(tmp_path / "b", NETWORK + way_out + other + host.replace("MORE", second)), "VPCE017")
    assert "fail" not in open_too.values()


def test_workloads_of_units_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, UNITS)
    assert main(["services", "--used", str(tmp_path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert {(row[1], row[2], row[-1]) for row in rows} == {
        ("aws_vpc.main", service, "../app:aws_ecs_service.app") for service in ("ecr.api", "ecr.dkr", "s3")
    }


UNITS = {
    "modules/vpc/main.tf": NETWORK
    + 'output "subnet" {\n  value = aws_subnet.inner.id\n}\noutput "table" {\n  value = aws_route_table.inner.id\n}\n',
    "modules/app/main.tf": 'variable "subnet" {\n}\n'
    + TASK.replace("aws_subnet.inner.id", "var.subnet").replace(
        "    security_groups = [aws_security_group.task.id]\n", ""
    ),
    "modules/way/main.tf": 'variable "table" {\n}\nresource "aws_route" "out" {\n  route_table_id = var.table\n'
    '  destination_cidr_block = "0.0.0.0/0"\n  nat_gateway_id = "nat-1"\n}\n',
    "vpc/terragrunt.hcl": 'terraform {\n  source = "../modules//vpc"\n}\n',
    "app/terragrunt.hcl": 'terraform {\n  source = "../modules//app"\n}\ndependency "vpc" {\n  config_path = "../vpc"\n}\n'
    "inputs = {\n  subnet = dependency.vpc.outputs.subnet\n}\n",
}
WAY = {
    "way/terragrunt.hcl": 'terraform {\n  source = "../modules//way"\n}\ndependency "vpc" {\n  config_path = "../vpc"\n}\n'
    "inputs = {\n  table = dependency.vpc.outputs.table\n}\n",
}


def test_calls_of_units_are_judged(tmp_path: Path) -> None:
    write(tmp_path, {**UNITS, ".vpce-checks.yaml": POLICY})
    found = verdicts(scan(tmp_path, (), {})[1], "VPCE017")
    assert found == {
        ("VPCE017", "../app:aws_ecs_service.app", service): "fail" for service in ("ecr.api", "ecr.dkr", "s3")
    }
    write(tmp_path, WAY)
    assert "fail" not in verdicts(scan(tmp_path, (), {})[1], "VPCE017").values()


def said(directory: Path, *options: str) -> tuple[int, str, str]:
    done = cli("services", "--used", str(directory), *options, cwd=directory)
    return done.code, done.out, " ".join(done.err.split())


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (NETWORK, "no workload of the code is known to run in a VPC"),
        (
            NETWORK + 'module "apps" {\n  source  = "acme/apps/aws"\n  version = "1.0.0"\n}\n',
            "no workload of the code is known to run in a VPC; what was not read may hold more: module.apps",
        ),
        (
            NETWORK + TASK.replace("[aws_subnet.inner.id]", "[var.subnet]") + 'variable "subnet" {\n}\n',
            "no workload is known to run there; the subnet of aws_ecs_service.app is not known: var.subnet has no value "
            "(main.tf:MAIN)",
        ),
        (
            NETWORK + TASK.replace("[aws_subnet.inner.id]", '["subnet-0123456789abcdef0"]'),
            "no workload is known to run there; the subnet of aws_ecs_service.app is not known: "
            "it is subnet-0123456789abcdef0, which is created elsewhere",
        ),
        (
            NETWORK + 'variable "n" {\n}\n' + TASK.replace('_service" "app" {', '_service" "app" {\n  count = var.n'),
            "none of the workloads is certain to be there and to run in its subnets (aws_ecs_service.app[*])",
        ),
    ],
)
def test_a_vpc_without_calls_says_why(tmp_path: Path, code: str, reason: str) -> None:
    (tmp_path / "main.tf").write_text(code, encoding="utf-8")
    code_of_exit, out, err = said(tmp_path)
    assert (code_of_exit, out) == (0, "")
    line = code.count("\n") - 1  # of the last variable
    assert err.endswith(f"no call is known in aws_vpc.main in .: {reason.replace('MAIN', str(line))}")


HOSTS = """\
variable "subnet" {}
resource "aws_instance" "rails" {
  ami           = "ami-1"
  instance_type = "t3.micro"
  subnet_id     = var.subnet
}
"""
CALL = 'variable "subnet" {\n}\nmodule "rails" {\n  source = "../modules/rails"\n  subnet = var.subnet\n}\n'


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"modules/rails/main.tf": HOSTS, "app/main.tf": CALL},
            "no workload is known to run there; the subnet of module.rails.aws_instance.rails is not known: "
            "var.subnet has no value (app/main.tf:1)",
        ),
        (
            {"modules/rails/main.tf": HOSTS, "app/main.tf": CALL, "blog/main.tf": CALL},
            "no workload is known to run there; the subnets of 2 in other roots are not known (app, blog)",
        ),
        (
            {"app/main.tf": NETWORK + HOSTS.replace("var.subnet", "aws_subnet.inner.id")},
            "no workload is known to run there",
        ),
        (
            {"app.yaml": STACK},
            "no workload is known to run there; the subnet of Rails is not known: "
            "the parameter Subnet has no value (app.yaml:2)",
        ),
        (
            {"app/main.tf": 'resource "aws_instance" "rails" {\n  ami = "ami-1"\n}\n'},
            "no workload of the code is known to run in a VPC",
        ),
    ],
)
def test_workloads_of_other_roots_may_be_in_a_vpc(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    write(tmp_path, {"net/main.tf": NETWORK, **files})
    code_of_exit, _, err = said(tmp_path)
    assert code_of_exit == 0
    assert f"no call is known in aws_vpc.main in net: {reason}" in err + " "
    assert err.split(" in net: ")[1].partition(" vpce-checks: ")[0] == reason


def test_workloads_of_other_units_may_be_in_a_vpc(tmp_path: Path) -> None:
    unit = 'terraform {\n  source = "../modules//rails"\n}\n'
    write(tmp_path, {"net/main.tf": NETWORK, "modules/rails/main.tf": HOSTS, "app/terragrunt.hcl": unit})
    assert "the subnet of aws_instance.rails is not known: var.subnet has no value" in said(tmp_path)[2]


def test_saying_why_takes_linear_work(tmp_path: Path) -> None:
    def calls(count: int) -> int:
        parts = (
            f'resource "aws_vpc" "v{at}" {{\n}}\nresource "aws_subnet" "s{at}" {{\n  vpc_id = aws_vpc.v{at}.id\n}}\n'
            f'resource "aws_instance" "i{at}" {{\n  subnet_id = aws_subnet.s{at}.id\n}}\n'
            for at in range(count)
        )
        (tmp_path / "main.tf").write_text("".join(parts), encoding="utf-8")
        (report,) = public_scan(ScanOptions(paths=(str(tmp_path),))).roots
        assert len(without_calls(report.networks, Policy(), [], ())) == count
        return work(lambda: without_calls(list(report.networks), Policy(), [], ()))

    assert calls(200) < 4.4 * calls(50)


def test_workloads_that_are_off_are_said(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(NETWORK + TASK, encoding="utf-8")
    (tmp_path / "off.yaml").write_text("version: 1\nworkloads: off\n", encoding="utf-8")
    assert said(tmp_path, "--policy", "off.yaml")[2].endswith("the policy says workloads: off")
    assert "no call is known" not in said(tmp_path)[2]


def test_inputs_decide_what_runs(tmp_path: Path) -> None:
    task = TASK.replace('resource "aws_ecs_service" "app" {', 'resource "aws_ecs_service" "app" {\n  count = var.tasks')
    (tmp_path / "main.tf").write_text(NETWORK + 'variable "tasks" {\n}\n' + task, encoding="utf-8")
    (tmp_path / "two.tfvars").write_text("tasks = 2\n", encoding="utf-8")
    assert said(tmp_path)[1] == ""
    for options in (("--var", "tasks=2"), ("--var-file", "two.tfvars")):
        assert "aws_ecs_service.app[0], aws_ecs_service.app[1]" in said(tmp_path, *options)[1]
    assert said(tmp_path, "--exclude", "main.tf")[1] == ""


def test_deployments_are_named(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('variable "stage" {\n}\n' + NETWORK + TASK, encoding="utf-8")
    policy = (
        "version: 1\nroots:\n  .:\n    - {name: dev, vars: {stage: dev}}\n    - {name: prod, vars: {stage: prod}}\n"
    )
    (tmp_path / ".vpce-checks.yaml").write_text(policy, encoding="utf-8")
    rows = [line.split("  ")[0] for line in said(tmp_path)[1].splitlines()[1:]]
    assert rows == [". (dev)"] * 3 + [". (prod)"] * 3


def test_inputs_are_for_used(tmp_path: Path) -> None:
    done = cli("services", "--var", "a=1", cwd=tmp_path)
    assert done.code == 2 and "--var is for --used" in done.err


CLOSED = 'module "net" {\n  source  = "acme/endpoints/aws"\n  version = "1.0.0"\n  vpc_id  = aws_vpc.main.id\n}\n'


def test_what_serves_a_call_is_unknown_for_a_reason(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CLOSED + NETWORK + TASK, encoding="utf-8")
    code_of_exit, out, err = said(tmp_path)
    assert code_of_exit == 0
    assert {line.split()[4] for line in out.splitlines()[1:]} == {"unknown"}
    assert "it is unknown what serves ecr.api, ecr.dkr, s3 from aws_vpc.main in .: " in err
    assert "module.net" in err and "(main.tf:1)" in err
    (tmp_path / "main.tf").write_text(NETWORK + TASK, encoding="utf-8")
    assert "it is unknown" not in said(tmp_path)[2]


def test_the_way_out_may_be_why_it_is_unknown(tmp_path: Path) -> None:
    way = NAT.replace('resource "aws_route" "out" {', 'resource "aws_route" "out" {\n  count = var.nat ? 1 : 0')
    (tmp_path / "main.tf").write_text('variable "nat" {\n}\n' + NETWORK + TASK + way, encoding="utf-8")
    _, out, err = said(tmp_path)
    assert "unknown" in out and "from aws_vpc.main in .: cannot determine whether aws_route.out[0] leads to" in err


def test_a_task_that_nothing_starts_may_run_in_a_vpc(tmp_path: Path) -> None:
    task, service = TASK.split('resource "aws_ecs_service"')
    (tmp_path / "main.tf").write_text(NETWORK + task, encoding="utf-8")
    assert "no workload is known to run there; the subnet of aws_ecs_task_definition." in (err := said(tmp_path)[2])
    assert "is not known: nothing is known that starts this task (main.tf:" in err
    unplaced = (task + 'resource "aws_ecs_service"' + service).replace("[aws_subnet.inner.id]", "[var.subnet]")
    (tmp_path / "main.tf").write_text(NETWORK + 'variable "subnet" {\n}\n' + unplaced, encoding="utf-8")
    assert "nothing is known" not in said(tmp_path)[2]


def test_a_state_machine_starts_a_task(tmp_path: Path) -> None:
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask",
        "Parameters": {"TaskDefinition": "${aws_ecs_task_definition.app.arn}", "NetworkConfiguration.$": "$.network"},
    }
    definition = json.dumps({"StartAt": "Run", "States": {"Run": run}})
    machine = f'resource "aws_sfn_state_machine" "s" {{\n  role_arn   = "r"\n  definition = <<-J\n{definition}\nJ\n}}\n'
    task = TASK.partition('resource "aws_ecs_service"')[0]
    (tmp_path / "main.tf").write_text(NETWORK + task + machine, encoding="utf-8")
    assert "nothing is known that starts this task" not in said(tmp_path)[2]


def test_a_workload_of_the_root_itself_comes_before_those_of_others(tmp_path: Path) -> None:
    net = NETWORK + 'variable "own" {\n}\nresource "aws_instance" "own" {\n  ami = "ami-1"\n  subnet_id = var.own\n}\n'
    write(tmp_path, {"a/main.tf": HOSTS, "b/main.tf": HOSTS, "net/main.tf": net})
    assert "the subnet of aws_instance.own is not known: var.own has no value" in said(tmp_path)[2]
