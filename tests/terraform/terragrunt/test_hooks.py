"""What hooks do to the code of a unit: files that they copy, and programs that may write any."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.terragrunt.repository import ENDPOINT, VPC, report_of, verdicts, write

S3 = (
    'resource "aws_vpc_endpoint" "s3" {\n  vpc_id       = aws_vpc.main.id\n'
    '  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
)
MAIN = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'


def unit(execute: str, commands: str = '"init", "plan", "apply"', type: str = "before_hook", more: str = "") -> str:
    hook = f'  {type} "it" {{\n    commands = [{commands}]\n    execute = {execute}\n{more}  }}\n'
    return f'terraform {{\n  source = "../modules//vpc"\n{hook}}}\n'


def outcome(top: Path, text: str, files: dict[str, str] | None = None) -> tuple[str, set[str]]:
    """The verdict about S3 of the VPC in ``vpc``, and which code was not read."""
    files = {"modules/vpc/main.tf": MAIN, "shared/s3.tf": S3, "vpc/terragrunt.hcl": text, **(files or {})}
    report = report_of(write(top, files))
    unread = {each["resource"] for each in report["results"] if each["rule"] == "VPCE011"}
    return verdicts(report)["vpc::aws_vpc.main"], unread


@pytest.mark.parametrize(
    "execute",
    [
        '["echo", "done"]',
        '["echo", get_env("WORDS")]',
        "[]",
        '["terraform", "fmt"]',
        '["tofu", "validate"]',
        '["tflint"]',
        '["/usr/local/bin/tflint", "--fix"]',
        '["checkov", "-d", "."]',
        '["aws", "sso", "login"]',
        '["aws", "ecr", "get-login-password"]',
        '["cp", "../shared/words.json", "."]',
        '["rm", "-rf", ".terraform", ".terraform.lock.hcl"]',
        '["mkdir", "-p", "dist"]',
        '["curl", "-X", "POST", "https://example.com"]',
        '["curl", "-fsSL", "-X", "POST", "https://example.com"]',
        '["sh", "-c", "echo Deploying && exit 0"]',
        '["bash", "-c", "if ! command -v tflint >/dev/null 2>&1; then echo none; exit 1; fi; tflint"]',
        '["bash", "-ec", "TF_LOG=DEBUG terraform fmt || true"]',
    ],
)
def test_programs_that_write_no_code(tmp_path: Path, execute: str) -> None:
    assert outcome(tmp_path, unit(execute)) == ("fail", set())


@pytest.mark.parametrize(
    "execute",
    [
        '["./prepare.sh"]',
        '["bash", "prepare.sh"]',
        '["${get_terragrunt_dir()}/echo"]',
        '["sh", "-c", "echo ${get_env("X")}"]',
        '["sh", "-c", get_env("X")]',
        '["sh", "-c", "cat ../shared/s3.tf > s3.tf"]',
        '["sh", "-c", "echo ok; cp ../shared/s3.tf ."]',
        '["sh", "-c", "echo `make code`"]',
        '["make", "code"]',
        '["python3", "-m", "generator"]',
        '["git", "clone", "https://example.com/x.git", "."]',
        '["curl", "-o", "s3.tf", "https://example.com"]',
        '["curl", "-fsSLo", "s3.tf", "https://example.com"]',
        '["curl", "-fsSLO", "https://example.com/s3.tf"]',
        '["docker", "run", "-v", ".:/code", "generator"]',
        '["terraform", "init", "-from-module=../other"]',
        '["sh", "-c", "command make code"]',
        '["aws", "s3", "cp", "s3://code/s3.tf", "."]',
        '["cp", "-r", "../shared/more", "."]',
        '["cp", "../shared/s3.tf", get_env("X")]',
        '["cp", "../shared/words.json", "main.tf.json"]',
        '["mv", "s3.txt", "s3.tf"]',
        '["rm", "main.tf"]',
        'split(" ", get_env("X"))',
        '[get_env("X")]',
    ],
)
def test_programs_that_may_write_code(tmp_path: Path, execute: str) -> None:
    assert outcome(tmp_path, unit(execute)) == ("unknown", {"before_hook.it"})


@pytest.mark.parametrize(
    ("type", "commands", "counts"),
    [
        ("before_hook", '"apply"', True),
        ("before_hook", '"plan"', True),
        ("before_hook", '"destroy"', False),
        ("before_hook", 'get_env("X")', True),
        ("after_hook", '"apply", "plan"', False),
        ("after_hook", '"init-from-module"', True),
        ("after_hook", '"terragrunt-read-config"', True),
        ("after_hook", '"init"', True),
        ("error_hook", '"apply"', False),
    ],
)
def test_hooks_that_run_before_the_code_is_read(tmp_path: Path, type: str, commands: str, counts: bool) -> None:
    found = outcome(tmp_path, unit('["./it.sh"]', commands, type))
    assert found == (("unknown", {f"{type}.it"}) if counts else ("fail", set()))


def test_a_hook_that_is_off(tmp_path: Path) -> None:
    assert outcome(tmp_path, unit('["./it.sh"]', more="    if = false\n")) == ("fail", set())


def test_a_hook_of_what_is_included(tmp_path: Path) -> None:
    files = {"root.hcl": unit('["./it.sh"]').replace('  source = "../modules//vpc"\n', "")}
    text = 'include "root" {\n  path = "../root.hcl"\n}\nterraform {\n  source = "../modules//vpc"\n}\n'
    assert outcome(tmp_path, text, files) == ("unknown", {"before_hook.it"})
    own = text.partition("terraform {")[0] + unit('["echo"]')
    assert outcome(tmp_path, own, files) == ("fail", set())


@pytest.mark.parametrize(
    ("execute", "commands", "type", "expected"),
    [
        ('["cp", "${get_repo_root()}/shared/s3.tf", "."]', '"init", "plan", "apply"', "before_hook", "pass"),
        ('["cp", "${get_repo_root()}/shared/s3.tf", "."]', '"init-from-module"', "after_hook", "pass"),
        ('["cp", "../shared/s3.tf", "."]', '"terragrunt-read-config"', "after_hook", "pass"),
        ('["cp", "-f", "${get_repo_root()}/shared/s3.tf", "./other.tf"]', '"apply"', "before_hook", "pass"),
        ('["ln", "-sf", "${get_repo_root()}/shared/s3.tf", "other.tf"]', '"apply"', "before_hook", "pass"),
        ('["cp", "-n", "${get_repo_root()}/shared/s3.tf", "main.tf"]', '"apply"', "before_hook", "unknown"),
        ('["cp", "${get_repo_root()}/shared/s3.tf", "."]', '"plan"', "before_hook", "unknown"),
        ('["cp", "${get_repo_root()}/shared/s3.tf", "."]', '"init"', "after_hook", "unknown"),
        ('["cp", "../shared/s3.tf", "."]', '"apply"', "before_hook", "unknown"),
        ('["cp", "${get_repo_root()}/shared/none.tf", "."]', '"apply"', "before_hook", "unknown"),
        ('["cp", "${get_repo_root()}/shared/empty.tf", "main.tf"]', '"apply"', "before_hook", "none"),
    ],
)
def test_copied_files(tmp_path: Path, execute: str, commands: str, type: str, expected: str) -> None:
    files = {
        "modules/vpc/main.tf": MAIN,
        "shared/s3.tf": S3,
        "shared/empty.tf": "",
        "vpc/terragrunt.hcl": unit(execute, commands, type),
    }
    report = report_of(write(tmp_path, files))
    assert verdicts(report).get("vpc::aws_vpc.main", "none") == expected
    if expected == "pass":
        assert {root["path"] for root in report["roots"]} == {"vpc"}


def test_where_nothing_is_fetched_the_step_is_not_taken(tmp_path: Path) -> None:
    text = unit('["cp", "${get_repo_root()}/shared/s3.tf", "."]', '"init-from-module"', "after_hook")
    files = {"vpc/main.tf": MAIN, "shared/s3.tf": S3}
    in_place = text.replace('  source = "../modules//vpc"\n', "")
    report = report_of(write(tmp_path, {**files, "vpc/terragrunt.hcl": in_place}))
    assert verdicts(report) == {"vpc::aws_vpc.main": "fail"}


def test_a_copied_file_of_variables(tmp_path: Path) -> None:
    text = unit('["cp", "../shared/on.auto.tfvars", "."]', '"init-from-module"', "after_hook")
    files = {"modules/vpc/main.tf": VPC, "shared/on.auto.tfvars": "s3 = true\n"}
    assert outcome(tmp_path, text, files) == ("pass", set())


def test_hooks_of_other_units_are_told_there_only(tmp_path: Path) -> None:
    files = {
        "modules/endpoint/main.tf": ENDPOINT.replace(".s3", ".ec2"),
        "modules/vpc/main.tf": VPC,
        "endpoint/terragrunt.hcl": unit('["./it.sh"]').replace("//vpc", "//endpoint")
        + 'dependency "vpc" {\n  config_path = "../vpc"\n}\ninputs = {\n  vpc_id = dependency.vpc.outputs.vpc_id\n}\n',
    }
    text = 'terraform {\n  source = "../modules//vpc"\n}\n'
    assert outcome(tmp_path, text, files) == ("fail", {"before_hook.it"})


WITH_DATA = (
    MAIN
    + """
resource "aws_vpc_endpoint" "s3" {
  count        = jsondecode(file("${path.module}/on.json")).s3 ? 1 : 0
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
}

resource "aws_vpc_endpoint" "dynamodb" {
  for_each     = fileset("${path.module}/flags/gateways", "*.flag")
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.dynamodb"
}
"""
)


def judged(top: Path, *hooks: str) -> tuple[str, str]:
    """The verdicts about S3 and DynamoDB, whose endpoints depend on data files, after the hooks (``execute`` of each)."""
    blocks = "".join(
        f'  before_hook "h{number}" {{\n    commands = ["apply"]\n    execute = {execute}\n  }}\n'
        for number, execute in enumerate(hooks)
    )
    files = {
        "modules/vpc/main.tf": WITH_DATA,
        "modules/vpc/on.json": '{"s3": true}',
        "modules/vpc/flags/gateways/a.flag": "",
        "shared/off.json": '{"s3": false}',
        "vpc/terragrunt.hcl": f'terraform {{\n  source = "../modules//vpc"\n{blocks}}}\n',
    }
    report = report_of(write(top, files))
    s3, dynamodb = (verdicts(report, rule)["vpc::aws_vpc.main"] for rule in ("VPCE001", "VPCE002"))
    return s3, dynamodb


COPY = '["cp", "${get_repo_root()}/shared/off.json", "on.json"]'


@pytest.mark.parametrize(
    ("hooks", "expected"),
    [
        ([], ("pass", "pass")),
        (['["tflint"]'], ("pass", "pass")),
        ([COPY], ("fail", "pass")),
        ([COPY, '["rm", "on.json"]'], ("unknown", "pass")),
        ([COPY, '["mv", "new.json", "on.json"]'], ("unknown", "pass")),
        ([COPY, '["sh", "-c", "cp /tmp/new.json on.json"]'], ("unknown", "pass")),
        ([COPY, '["touch", "flags/gateways/b.flag"]'], ("fail", "unknown")),
    ],
)
def test_data_that_a_hook_writes_over_after_it_was_copied(
    tmp_path: Path, hooks: list[str], expected: tuple[str, str]
) -> None:
    assert judged(tmp_path, *hooks) == expected


@pytest.mark.parametrize("execute", ['["./prepare.sh"]', '["make", "data"]', '["rm", "-rf", "flags"]'])
def test_data_beside_a_hook_that_was_not_read(tmp_path: Path, execute: str) -> None:
    assert judged(tmp_path, execute) == ("unknown", "unknown")
    assert judged(tmp_path, COPY, execute) == ("unknown", "unknown")


def test_a_directory_above_one_that_is_listed(tmp_path: Path) -> None:
    assert judged(tmp_path, '["sh", "-c", "cp -r /tmp/flags flags"]') == ("unknown", "unknown")
