"""What users of Checkov do with checks: select, skip, soft-fail, keep a baseline, read reports; and bad input."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.tools.environments import Environment, Workshop, git
from tests.tools.verdicts import documents

pytestmark = pytest.mark.slow

VPC = """\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
"""
INTERFACE = """\
resource "aws_vpc_endpoint" "kms" {
  vpc_id             = aws_vpc.main.id
  service_name       = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type  = "Interface"
  subnet_ids         = ["subnet-0123456789abcdef0"]
  security_group_ids = [aws_security_group.open.id]
}

resource "aws_security_group" "open" {
  vpc_id = aws_vpc.main.id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}
"""
MODULE = """\
variable "services" {
  type = list(string)
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "gateway" {
  for_each        = toset(var.services)
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.eu-west-1.${each.key}"
  route_table_ids = [aws_vpc.this.main_route_table_id]
}
"""
Outcome = tuple[str, str, str]  # check, result, resource


def said(record: dict[str, Any]) -> str:
    """What a record says: its name, which is the rule's, and the lines below."""
    return "\n".join([record["check_name"], *record["details"]])


class Checkov:
    """Runs Checkov in a scratch directory."""

    def __init__(self, tool: Environment, directory: Path) -> None:
        self.tool, self.directory = tool, directory
        (directory / ".git").mkdir()

    def write(self, name: str, text: str) -> None:
        file = self.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(self, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Its one-word form: ``vpce-checks checkov``."""
        return self.tool.run("vpce-checks", "checkov", "--skip-download", *arguments, cwd=self.directory, **more)

    def outcomes(self, *arguments: str, code: int | None = None, **more: Any) -> set[Outcome]:
        """Check, result and resource of each record of ours."""
        return {
            (record["check_id"], record["check_result"]["result"], record["resource"])
            for record in self.records(*arguments, code=code, **more)
        }

    def records(self, *arguments: str, code: int | None = None, **more: Any) -> list[dict[str, Any]]:
        done = self.run(*(arguments or ("-d", ".")), "-o", "json", **more)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return [
            record
            for document in documents(done.stdout)
            if document.get("results")
            for status in ("passed_checks", "failed_checks", "skipped_checks")
            for record in document["results"][status]
            if record["check_id"].startswith("VPCE")
        ]


@pytest.fixture
def run(checkov: Environment, tmp_path: Path) -> Checkov:
    made = Checkov(checkov, tmp_path)
    made.write("main.tf", VPC + INTERFACE)
    return made


FAILED = {
    ("VPCE001", "FAILED", "aws_vpc.main"),
    ("VPCE002", "FAILED", "aws_vpc.main"),
    ("VPCE004", "FAILED", "aws_vpc_endpoint.kms"),
}


def failures(outcomes: set[Outcome]) -> set[Outcome]:
    return {outcome for outcome in outcomes if outcome[1] == "FAILED"}


def test_report_for_people(run: Checkov) -> None:
    done = run.run("-d", ".", "--compact")
    assert done.returncode == 1
    text = done.stdout
    assert 'Check: VPCE001: "A VPC has no gateway endpoint for S3"' in text
    assert "Details: aws_vpc.main has no gateway endpoint for S3" in text
    assert "Guide: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html" in text
    assert "Severity: HIGH" in text
    assert "private DNS is off, because nothing turns it on (main.tf:4)" in text


def test_directory_for_plain_checkov(run: Checkov) -> None:
    directory = run.tool.run("vpce-checks", "checkov-dir", cwd=run.directory).stdout.strip()
    done = run.tool.run(
        "checkov", "-d", ".", "--external-checks-dir", directory, "-o", "json", "--skip-download", cwd=run.directory
    )
    assert done.returncode == 1
    assert '"VPCE001"' in done.stdout
    assert "CKV_AWS" in done.stdout or "CKV2_AWS" in done.stdout, "Checkov's own checks run as before"
    assert set(os.listdir(directory)) - {"__pycache__"} == {"__init__.py", "vpce_checks_checkov_loader.py"}


@pytest.fixture
def copied(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package in a directory of its own, as pipx or a container has it; one title tells it from what is installed."""
    directory = tmp_path_factory.mktemp("elsewhere")
    with zipfile.ZipFile(workshop.wheel()) as wheel:
        wheel.extractall(directory)
    rule = directory / "vpce_checks" / "rules" / "vpce001_s3_gateway_endpoint.py"
    rule.write_text(rule.read_text().replace("A VPC has no gateway endpoint for S3", "Copied title"))
    return directory / "vpce_checks"


def test_package_is_beside_the_directory(run: Checkov, copied: Path) -> None:
    done = run.tool.run("checkov", *in_directory(copied), cwd=run.directory)
    assert done.returncode == 1, done.stderr
    assert "Copied title" in done.stdout


@pytest.mark.parametrize("name", ["main.tf", "template.yaml"])
def test_package_that_cannot_be_loaded_fails(run: Checkov, copied: Path, name: str) -> None:
    shutil.rmtree(copied / "plugins")
    (run.directory / "main.tf").unlink()
    run.write(name, VPC if name == "main.tf" else CLOUDFORMATION)
    done = run.tool.run("checkov", *in_directory(copied), cwd=run.directory)
    assert done.returncode == 1, done.stderr
    assert 'Check: VPCE000: "vpce-checks could not judge"' in done.stdout
    assert "cannot be loaded into this Checkov" in done.stderr


def in_directory(package: Path) -> list[str]:
    """Checkov's arguments to scan the current directory with the checks of ``package``."""
    return ["-d", ".", "--external-checks-dir", str(package / "policies" / "checkov"), "--compact", "--skip-download"]


def test_selection(run: Checkov) -> None:
    assert failures(run.outcomes("-d", ".", "-c", "VPCE*")) == FAILED
    assert {outcome[0] for outcome in run.outcomes("-d", ".", "-c", "VPCE001")} == {"VPCE001"}
    assert failures(run.outcomes("-d", ".", "--skip-check", "VPCE00*")) == set()
    assert {each[0] for each in failures(run.outcomes("-d", ".", "--skip-check", "VPCE001,VPCE004"))} == {"VPCE002"}
    assert {each[0] for each in failures(run.outcomes("-d", ".", "-c", "HIGH"))} == {"VPCE001", "VPCE004"}


def test_the_policy_excludes(run: Checkov) -> None:
    run.write("examples/basic/main.tf", VPC.replace("main", "demo"))
    run.write(".vpce-checks.yaml", "version: 1\nexclude: [examples]\n")
    assert failures(run.outcomes("-d", ".", "-c", "VPCE*")) == FAILED


def test_soft_fail(run: Checkov) -> None:
    ours = ("-d", ".", "-c", "VPCE*")
    run.records(*ours, code=1)
    run.records(*ours, "--soft-fail", code=0)
    run.records(*ours, "--soft-fail-on", "VPCE001,VPCE002", code=1)
    run.records(*ours, "--soft-fail-on", "VPCE*", code=0)
    run.records(*ours, "--soft-fail-on", "HIGH", code=0)
    run.records(*ours, "--hard-fail-on", "VPCE009", code=0)


def test_comments(run: Checkov) -> None:
    run.write(
        "main.tf",
        VPC.replace("{\n", "{\n  #checkov:skip=VPCE001:first reason\n  # vpce-checks:ignore VPCE002 second reason\n", 1)
        + INTERFACE,
    )
    skipped = {
        record["check_id"]: record["check_result"]["suppress_comment"]
        for record in run.records("-d", ".")
        if record["check_result"]["result"] == "SKIPPED"
    }
    assert skipped == {"VPCE001": "first reason", "VPCE002": "second reason"}


def test_skip_on_a_module_call_holds_for_what_is_in_it(run: Checkov) -> None:
    run.write("main.tf", 'module "net" {\n  #checkov:skip=VPCE001:elsewhere\n  source = "./net"\n  services = []\n}\n')
    run.write("net/main.tf", MODULE)
    outcomes = run.outcomes("-d", ".")
    assert ("VPCE001", "SKIPPED", "module.net.aws_vpc.this") in outcomes
    assert ("VPCE002", "FAILED", "module.net.aws_vpc.this") in outcomes
    assert not any(each[0] == "VPCE001" and each[2] != "module.net.aws_vpc.this" for each in outcomes)


def test_baseline(run: Checkov) -> None:
    run.run("-d", ".", "-c", "VPCE*", "--create-baseline")
    assert run.outcomes("-d", ".", "-c", "VPCE*", "--baseline", ".checkov.baseline", code=0) == set() or not failures(
        run.outcomes("-d", ".", "-c", "VPCE*", "--baseline", ".checkov.baseline")
    )
    run.write("second.tf", VPC.replace("main", "second"))
    found = failures(run.outcomes("-d", ".", "-c", "VPCE*", "--baseline", ".checkov.baseline", code=1))
    assert {resource for _, _, resource in found} == {"aws_vpc.second"}


def test_variable_file(run: Checkov) -> None:
    run.write(
        "main.tf",
        'variable "on" {\n  type = bool\n}\n'
        + VPC
        + INTERFACE.replace('Interface"\n', 'Interface"\n  private_dns_enabled = var.on\n'),
    )
    assert ("VPCE999", "FAILED", "aws_vpc_endpoint.kms") in run.outcomes("-d", ".")
    run.write("off.tfvars", "on = false\n")
    assert ("VPCE004", "FAILED", "aws_vpc_endpoint.kms") in run.outcomes("-d", ".", "--var-file", "off.tfvars")
    run.write("on.tfvars", "on = true\n")
    assert ("VPCE004", "PASSED", "aws_vpc_endpoint.kms") in run.outcomes("-d", ".", "--var-file", "on.tfvars")
    assert ("VPCE004", "FAILED", "aws_vpc_endpoint.kms") in run.outcomes("-d", ".", env={"TF_VAR_on": "false"})


def test_several_directories(run: Checkov) -> None:
    run.write("a/main.tf", VPC)
    run.write("b/main.tf", MODULE.replace("var.services", '["s3", "dynamodb"]'))
    (run.directory / "main.tf").unlink()
    outcomes = run.outcomes("-d", "a", "-d", "b")
    assert failures(outcomes) == {each for each in FAILED if each[2] == "aws_vpc.main"}
    assert ("VPCE001", "PASSED", "aws_vpc.this") in outcomes


def test_files(run: Checkov) -> None:
    run.write("other.tf", VPC.replace("main", "other"))
    assert failures(run.outcomes("-f", "main.tf")) == FAILED
    run.write("main.tf", 'module "net" {\n  source = "./net"\n  services = ["s3"]\n}\n')
    run.write("net/main.tf", MODULE)
    found = run.records("-f", "main.tf", code=1)
    (record,) = [each for each in found if each["check_result"]["result"] == "FAILED" and each["check_id"] == "VPCE002"]
    assert record["resource"] == "net", "Checkov loads no modules of a file: its block tells"
    assert "module.net.aws_vpc.this has no gateway endpoint for DynamoDB" in said(record)
    both = failures(run.outcomes("-f", "main.tf", "-f", "net/main.tf"))
    assert ("VPCE002", "FAILED", "aws_vpc.this") in both


def test_two_roots_and_a_module(run: Checkov) -> None:
    call = 'module "net" {\n  source = "../modules/net"\n  services = %s\n}\n'
    run.write("dev/main.tf", call % '["s3"]')
    run.write("prod/main.tf", call % '["s3", "dynamodb"]')
    run.write("modules/net/main.tf", MODULE)
    (run.directory / "main.tf").unlink()
    records = run.records("-d", ".")
    failed = [record for record in records if record["check_result"]["result"] == "FAILED"]
    assert {(record["check_id"], record["resource"]) for record in failed} == {("VPCE002", "module.net.aws_vpc.this")}
    assert any(detail == "in dev" for record in failed for detail in record["details"])
    assert not any("in prod" in record["details"] for record in failed)
    assert not failures(run.outcomes("-d", "prod"))


def test_module_that_was_not_downloaded(run: Checkov) -> None:
    run.write(
        "main.tf",
        'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.1.0"\n  cidr = "10.0.0.0/16"\n}\n'
        'module "hidden" {\n  source = "example.com/team/network/aws"\n  vpc_id = module.vpc.vpc_id\n}\n',
    )
    records = [record for record in run.records("-d", ".", code=1) if record["check_result"]["result"] == "FAILED"]
    assert records, "an unseen VPC is no pass"
    assert {record["resource"] for record in records} <= {"vpc", "hidden"}
    assert any("module.vpc." in said(record) for record in records)


@pytest.mark.parametrize("format", ["sarif", "junitxml", "gitlab_sast", "github_failed_only"])
def test_other_reports_name_the_rule_and_the_resource(run: Checkov, format: str) -> None:
    run.write("other.tf", VPC.replace("main", "other"))
    done = run.run("-d", ".", "-c", "VPCE*", "-o", format, "--output-file-path", "out")
    assert done.returncode == 1, done.stderr
    text = "".join(file.read_text() for file in (run.directory / "out").iterdir())
    assert "A VPC has no gateway endpoint for S3" in text
    assert format == "gitlab_sast" or "aws_vpc.main" in text
    if format == "sarif":
        (log,) = json.loads(text)["runs"]
        assert {each["ruleId"] for each in log["results"]} == {"VPCE001", "VPCE002", "VPCE004"}
        names = {each["id"]: each["name"] for each in log["tool"]["driver"]["rules"]}
        assert names["VPCE001"] == "A VPC has no gateway endpoint for S3"
        attached = {line["description"] for each in log["results"] for line in each["attachments"]}
        assert {f"aws_vpc.{vpc} has no gateway endpoint for S3" for vpc in ("main", "other")} <= attached


REJECTED = {
    "quotes in a directive": ('locals {\n  x = "%{ if "a" == "a" }y%{ endif }"\n}\n', "main.tf"),
    "an exponent": ("locals {\n  x = 1e3\n}\n", "main.tf"),
    "an empty heredoc": ("locals {\n  x = <<E\nE\n}\n", "main.tf"),
    "a letter outside of ASCII": ("locals {\n  größe = 1\n}\n", "main.tf"),
    "OpenTofu": ("", "main.tofu"),
}


@pytest.mark.parametrize(("code", "name"), REJECTED.values(), ids=REJECTED)
def test_what_checkov_cannot_parse_is_reported(run: Checkov, code: str, name: str) -> None:
    """Checkov loads no block of these files, so there is none to report on."""
    (run.directory / "main.tf").unlink(missing_ok=True)
    run.write(name, VPC + code)
    assert failures(run.outcomes("-d", ".", code=1)) == {each for each in FAILED if each[2] == "aws_vpc.main"}
    assert failures(run.outcomes("-d", ".", "--skip-check", "VPCE001", code=1)) == {
        ("VPCE002", "FAILED", "aws_vpc.main")
    }
    assert not failures(run.outcomes("-d", ".", "--skip-path", name, code=0))


def test_template_that_checkov_cannot_parse(run: Checkov) -> None:
    (run.directory / "main.tf").unlink()
    run.write("template.yaml", CLOUDFORMATION + "      CidrBlock: 10.0.0.0/16\n")
    assert failures(run.outcomes(code=1)) == {("VPCE001", "FAILED", "Main"), ("VPCE002", "FAILED", "Main")}


def test_template_on_one_line(run: Checkov) -> None:
    """Checkov does not find the lines of a resource on the first line of a YAML file, and checks none of it."""
    (run.directory / "main.tf").unlink()
    run.write("a.yaml", "Resources: {Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}}\n")
    run.write("b.yaml", CLOUDFORMATION)
    outcomes = failures(run.outcomes(code=1))
    assert outcomes == {
        (id, "FAILED", name) for id in ("VPCE001", "VPCE002") for name in ("Main", "AWS::EC2::VPC.Main")
    }
    assert not failures(run.outcomes("-d", ".", "--skip-path", "a.yaml", "--skip-path", "b.yaml", code=0))


@pytest.mark.parametrize("keys", ['"ssm", "${local.k}"', '"${local.s}", "${local.k}"'])
def test_instances_whose_keys_checkov_does_not_know(run: Checkov, keys: str) -> None:
    run.write(
        "more.tf",
        f"""\
data "aws_region" "here" {{}}
locals {{
  k = "k${{data.aws_region.here.name == "" ? "" : "ms"}}"
  s = "s${{data.aws_region.here.name == "" ? "" : "sm"}}"
}}
provider "aws" {{ region = "eu-west-1" }}
resource "aws_vpc_endpoint" "each" {{
  for_each          = toset([{keys}])
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.${{each.value}}"
  vpc_endpoint_type = "Interface"
}}
""",
    )
    records = run.records("-d", ".", "-c", "VPCE004", code=1)
    text = "\n".join(map(said, records))
    assert all(f'aws_vpc_endpoint.each["{service}"]' in text for service in ("ssm", "kms"))


CLOUDFORMATION = """\
Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
"""


def test_cloudformation(run: Checkov) -> None:
    (run.directory / "main.tf").unlink()
    run.write("template.yaml", CLOUDFORMATION)
    assert failures(run.outcomes()) == {
        ("VPCE001", "FAILED", "AWS::EC2::VPC.Main"),
        ("VPCE002", "FAILED", "AWS::EC2::VPC.Main"),
    }
    run.write("template.yaml", CLOUDFORMATION.replace("    Type", "    # checkov:skip=VPCE001:a reason\n    Type"))
    assert ("VPCE001", "SKIPPED", "AWS::EC2::VPC.Main") in run.outcomes()
    run.write("template.yaml", CLOUDFORMATION + "    Metadata: {checkov: {skip: [{id: VPCE002, comment: why}]}}\n")
    assert ("VPCE002", "SKIPPED", "AWS::EC2::VPC.Main") in run.outcomes()


def test_serverless(run: Checkov) -> None:
    (run.directory / "main.tf").unlink()
    indented = "".join(f"  {line}\n" for line in CLOUDFORMATION.splitlines())
    run.write("serverless.yml", f"service: a\nprovider:\n  name: aws\nresources:\n{indented}")
    assert ("VPCE001", "FAILED", "AWS::EC2::VPC.Main") in run.outcomes("-d", ".", "--framework", "serverless")


# --- bad input -----------------------------------------------------------------------------------------------------


def test_serverless_with_its_resources_in_other_files(run: Checkov) -> None:
    run.write(
        "serverless.yml",
        "service: a\nprovider: {name: aws, region: eu-west-1}\nresources:\n  Resources:\n"
        "    Queue:\n      Type: AWS::SQS::Queue\n      Properties: {QueueName: a}\n    Net: ${file(net.yml)}\n",
    )
    run.write("net.yml", "Type: AWS::EC2::VPC\nProperties: {CidrBlock: 10.0.0.0/16}\n")
    found = run.records("-d", ".", "--framework", "serverless", "cloudformation", "-c", "VPCE*", code=1)
    (lost,) = [each for each in found if each["check_id"] == "VPCE001"]
    assert (lost["resource"], lost["file_path"], lost["file_line_range"]) == ("Net", "/net.yml", [1, 2])
    assert "Net has no gateway endpoint for S3" in said(lost)


def test_several_directories_of_templates(run: Checkov) -> None:
    """Checkov 3.3.30 loads the first and checks it again: what is in the others is not lost."""
    for directory in ("one", "two"):
        run.write(f"{directory}/net.yaml", f"Resources:\n  {directory}:\n    Type: AWS::EC2::VPC\n")
    found = run.records("-d", "one", "-d", "two", "--framework", "cloudformation", "-c", "VPCE*", code=1)
    lost = [each for each in found if "two has no" in said(each)]
    assert {each["check_id"] for each in lost} == {"VPCE001", "VPCE002"}


def test_broken_policy_fails(run: Checkov) -> None:
    run.write(".vpce-checks.yaml", "version: 1\nrequird: {}\n")
    records = run.records("-d", ".", "-c", "VPCE*", code=1)
    assert {record["check_id"] for record in records} == {"VPCE000"}
    assert all(".vpce-checks.yaml:2" in said(record) for record in records)
    run.records("-d", ".", "-c", "VPCE*", "--soft-fail-on", "VPCE000", code=0)
    assert run.records("-d", ".", "-c", "VPCE*", "--skip-check", "VPCE000", code=0) == []


def test_broken_policy_fails_where_there_is_no_vpc(run: Checkov) -> None:
    run.write("main.tf", 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n')
    assert run.outcomes("-d", ".", "-c", "VPCE*", code=0) == set()
    run.write(".vpce-checks.yaml", "version: 1\nrequird: {}\n")
    assert run.outcomes("-d", ".", "-c", "VPCE*", code=1) == {("VPCE000", "FAILED", "aws_s3_bucket.b")}


@pytest.mark.parametrize("part", ["vpce_checks.plugins.checkov.engine.scan", "vpce_checks.rules.judge.judge"])
def test_defect_fails(run: Checkov, part: str) -> None:
    module, _, name = part.rpartition(".")
    script = run.directory / "run.py"
    script.write_text(
        f"import {module} as place\n"
        "def boom(*args, **more): raise ValueError('boom')\n"
        f"place.{name} = boom\n"
        "from vpce_checks.cli.main import main\nimport sys\nsys.exit(main(['checkov', '-d', '.', '-c', 'VPCE*', '-o', 'json', '--skip-download']))\n"
    )
    done = run.tool.run("python", script, cwd=run.directory)
    assert done.returncode == 1, done.stderr
    records = [record for document in documents(done.stdout) for record in document["results"]["failed_checks"]]
    assert {record["check_id"] for record in records} == {"VPCE000"}
    assert all("internal error, please report it: ValueError: boom" in said(record) for record in records)


def test_input_that_cannot_be_read_fails(run: Checkov) -> None:
    run.write("broken.tf", 'resource "aws_vpc" {\n')
    outcomes = run.outcomes("-d", ".", "-c", "VPCE*", code=1)
    assert ("VPCE000", "FAILED", "aws_vpc.main") in outcomes
    assert outcomes >= FAILED, "one broken file hides nothing of the others"


def test_unreadable_directory_fails(run: Checkov) -> None:
    """Played, as whoever runs the tests may be allowed to read everything."""
    run.write("closed/main.tf", VPC)
    script = run.directory / "run.py"
    script.write_text(
        "import os, sys\n"
        "scandir = os.scandir\n"
        "def closed(path='.'):\n"
        "    if str(path).endswith('closed'):\n"
        "        raise PermissionError(13, 'Permission denied', str(path))\n"
        "    return scandir(path)\n"
        "os.scandir = closed\n"
        "from vpce_checks.cli.main import main\n"
        "sys.exit(main(['checkov', '-d', '.', '-c', 'VPCE*', '-o', 'json', '--skip-download']))\n"
    )
    done = run.tool.run("python", script, cwd=run.directory)
    assert done.returncode == 1, done.stdout + done.stderr
    records = [record for document in documents(done.stdout) for record in document["results"]["failed_checks"]]
    assert any(record["check_id"] == "VPCE000" and "closed" in said(record) for record in records)


def test_wrong_use_of_the_wrapper(run: Checkov) -> None:
    assert run.run("--no-such-option").returncode == 2
    done = run.tool.run("vpce-checks", "checkov", "--version", cwd=run.directory)
    assert done.returncode == 0
    assert done.stdout.strip().count(".") == 2


def test_threads_instead_of_processes(run: Checkov) -> None:
    """macOS and Windows run the frameworks of Checkov in threads of one process."""
    run.write("template.yaml", CLOUDFORMATION)
    threads = {"CHECKOV_PARALLELIZATION_TYPE": "thread"}
    expected = FAILED | {(id, "FAILED", "AWS::EC2::VPC.Main") for id in ("VPCE001", "VPCE002")}
    assert failures(run.outcomes("-d", ".", "-c", "VPCE*", code=1, env=threads)) == expected


@pytest.mark.parametrize("option", ["external-checks-dir: [evil]", "external-checks-git: ['file://{0}/evil']"])
def test_configuration_of_the_repository_runs_no_code(run: Checkov, option: str) -> None:
    mark = run.directory / "mark"
    run.write("main.tf", VPC)
    run.write("evil/__init__.py", "")
    run.write("evil/check.py", f"open({str(mark)!r}, 'w').close()\n")
    git(run.directory / "evil", "init", "--quiet")
    git(run.directory / "evil", "add", "--all")
    git(run.directory / "evil", "commit", "--quiet", "--message", "evil")
    run.write(".checkov.yaml", option.format(run.directory) + "\n")
    done = run.run("-d", ".", "--compact", "-c", "VPCE001")
    assert not mark.exists()
    if "git" in option:
        assert done.returncode == 2
        assert "give --external-checks-git on the command line instead" in done.stderr
    else:
        assert done.returncode == 1, done.stderr
        assert "VPCE001" in done.stdout
