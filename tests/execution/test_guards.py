"""A defect of ours, wherever it is, costs the value, resource, module or file that it is in: told there, unknown there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import cli
from tests.expectations import FIXTURES
from vpce_checks.base.record import replace
from vpce_checks.cloudformation import build as cloudformation
from vpce_checks.cloudformation import import_index
from vpce_checks.cloudformation.evaluate import intrinsics
from vpce_checks.cloudformation.template import templates
from vpce_checks.execution.scan_root import scan_root
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.project import Project
from vpce_checks.terraform import roots
from vpce_checks.terraform.aws import resource_types
from vpce_checks.terraform.lang import evaluate
from vpce_checks.terraform.lang.functions import string_case
from vpce_checks.terraform.sources import locate
from vpce_checks.terraform.syntax import ast, module_blocks, tfvars

DEFECT = "internal error, please report it: ZeroDivisionError: a defect at "

CODE = """\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = upper("com.amazonaws.eu-west-1.s3")
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.dynamodb"
}

module "more" {
  source = "./more"
  vpc_id = aws_vpc.main.id
}
"""
TEMPLATE = """\
Resources:
  Main: {Type: AWS::EC2::VPC}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Main
      ServiceName: !Join [".", [com.amazonaws.eu-west-1, s3]]
  DynamoDB:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: !Ref Main, ServiceName: com.amazonaws.eu-west-1.dynamodb}
"""
PLAN = {
    "format_version": "1.2",
    "complete": True,
    "planned_values": {
        "root_module": {
            "resources": [
                {"address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main", "values": {}},
                {"address": "aws_subnet.a", "mode": "managed", "type": "aws_subnet", "name": "a", "values": {}},
            ]
        }
    },
}
FILES = {
    "bad/main.tf": CODE,
    "bad/more/main.tf": 'variable "vpc_id" {}\n',
    "bad/template.yaml": TEMPLATE,
    "bad/plan.json": json.dumps(PLAN, indent=1),
    "good/main.tf": 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n',
    "good/template.yaml": "Resources:\n  Main: {Type: AWS::EC2::VPC}\n",
}


def fails(*given: Any, **named: Any) -> Any:
    raise ZeroDivisionError("a defect")


def scanned(
    directory: Path, files: Mapping[str, str] = FILES
) -> tuple[dict[tuple[str, str, str], str], list[tuple[str, int, str]]]:
    """The verdicts on S3 and DynamoDB by root and address, and the errors with their places."""
    (directory / ".git").mkdir()
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    done = cli("scan", ".", "--format", "json", cwd=directory)
    report = json.loads(done.out)
    errors = [
        (item["file"], item["line"], item["message"])
        for root in report["roots"]
        for item in root["diagnostics"]
        if item["severity"] == "error"
    ]
    assert done.code == (3 if errors else 1)
    statuses = {
        (each["root"], each["resource"], each["service"]): each["status"]
        for each in report["results"]
        if each["rule"] in ("VPCE001", "VPCE002")
    }
    for root, vpc in (("good", "aws_vpc.main"), ("good/template.yaml", "Main")):
        assert statuses[root, vpc, "s3"] == "fail"
    return statuses, errors


def test_nothing_is_wrong_without_a_defect(tmp_path: Path) -> None:
    statuses, errors = scanned(tmp_path)
    assert errors == []
    assert statuses["bad", "aws_vpc.main", "dynamodb"] == statuses["bad/template.yaml", "Main", "dynamodb"] == "pass"
    assert statuses["bad/template.yaml", "Main", "s3"] == "pass"


def test_a_function_of_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(string_case.FUNCTIONS, "upper", replace(string_case.FUNCTIONS["upper"], implementation=fails))
    statuses, errors = scanned(tmp_path)
    ((file, line, message),) = errors
    assert (file, line) == ("bad/main.tf", 7)
    assert message.startswith(f"this expression cannot be evaluated: {DEFECT}")
    assert statuses["bad", "aws_vpc.main", "s3"] == "unknown"
    assert statuses["bad", "aws_vpc.main", "dynamodb"] == "pass"


def test_a_resource_of_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = resource_types.BUILDERS["aws_vpc_endpoint"]

    def some(instance: Any) -> Any:
        return fails() if instance.address.endswith(".s3") else build(instance)

    monkeypatch.setitem(resource_types.BUILDERS, "aws_vpc_endpoint", some)
    statuses, errors = scanned(tmp_path)
    ((file, line, message),) = errors
    assert (file, line) == ("bad/main.tf", 5)
    assert message.startswith(f"aws_vpc_endpoint.s3 cannot be read: {DEFECT}")
    assert statuses["bad", "aws_vpc.main", "s3"] == "unknown"
    assert statuses["bad", "aws_vpc.main", "dynamodb"] == "pass"


def test_a_module_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locate, "locate", fails)
    statuses, errors = scanned(tmp_path)
    ((file, line, message),) = errors
    assert (file, line) == ("bad/main.tf", 15)
    assert message.startswith(f"module.more cannot be read: {DEFECT}")
    assert statuses["bad", "aws_vpc.main", "dynamodb"] == "pass"


def test_a_file_of_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = module_blocks.parse_file

    def some(data: bytes, path: str, **how: Any) -> Any:
        return fails() if path.endswith("bad/main.tf") else parse(data, path, **how)

    monkeypatch.setattr(module_blocks, "parse_file", some)
    _, errors = scanned(tmp_path)
    ((file, line, message),) = errors
    assert (file, line) == ("bad/main.tf", 1)
    assert message.startswith(f"the file cannot be read: {DEFECT}")


def test_the_search_for_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "sources_of", fails)
    _, errors = scanned(tmp_path)
    assert errors == []


def test_a_file_of_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tfvars, "parse_tfvars", fails)
    _, errors = scanned(tmp_path, {**FILES, "bad/terraform.tfvars": "a = 1\n"})
    ((file, _, message),) = errors
    assert file == "bad/terraform.tfvars"
    assert message.startswith(f"the file cannot be read: {DEFECT}")


def test_a_resource_of_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(resource_types.BUILDERS, "aws_subnet", fails)
    statuses, errors = scanned(tmp_path)
    ((file, line, message),) = errors
    assert (file, line) == ("bad/plan.json", 15)
    assert message.startswith(f"aws_subnet.a cannot be read: {DEFECT}")
    assert statuses["bad/plan.json", "aws_vpc.main", "s3"] == "unknown"


def test_a_function_of_cloudformation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(intrinsics.FUNCTIONS, "Fn::Join", fails)
    statuses, errors = scanned(tmp_path)
    ((file, line, message),) = errors
    assert (file, line) == ("bad/template.yaml", 7)
    assert message.startswith(f"cannot evaluate this expression: {DEFECT}")
    assert statuses["bad/template.yaml", "Main", "s3"] == "unknown"
    assert statuses["bad/template.yaml", "Main", "dynamodb"] == "pass"


def test_a_resource_of_cloudformation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = cloudformation.BUILDERS["AWS::EC2::VPCEndpoint"]

    def some(read: Any) -> Any:
        return fails() if read.resource.id == "S3" else build(read)

    monkeypatch.setitem(cloudformation.BUILDERS, "AWS::EC2::VPCEndpoint", some)
    statuses, errors = scanned(tmp_path)
    ((file, line, message),) = errors
    assert (file, line) == ("bad/template.yaml", 4)
    assert message.startswith(f"S3 cannot be read: {DEFECT}")
    assert statuses["bad/template.yaml", "Main", "s3"] == "unknown"
    assert statuses["bad/template.yaml", "Main", "dynamodb"] == "pass"


def test_a_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = templates.load

    def some(path: str, *rest: Any) -> Any:
        return fails() if path.endswith("bad/template.yaml") else load(path, *rest)

    monkeypatch.setattr(templates, "load", some)
    _, errors = scanned(tmp_path)
    ((file, _, message),) = errors
    assert file == "bad/template.yaml"
    assert message.startswith(f"cannot be read: {DEFECT}")


def test_what_a_template_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_index, "shared_values", fails)
    importing = "Resources:\n  Main: {Type: AWS::EC2::VPC}\nOutputs:\n  X: {Value: !ImportValue other}\n"
    _, errors = scanned(tmp_path, {**FILES, "good/importing.yaml": importing})
    assert {message.partition(":")[0] for _, _, message in errors} == {
        "cannot determine what this template shares with others"
    }


def test_memory_that_runs_out_is_no_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def some(*given: Any) -> Any:
        raise MemoryError

    monkeypatch.setitem(cloudformation.BUILDERS, "AWS::EC2::Subnet", some)
    monkeypatch.setattr(locate, "locate", some)
    statuses, errors = scanned(tmp_path)
    assert [message for _, _, message in errors] == ["module.more cannot be read: this takes more memory than there is"]
    assert statuses["bad", "aws_vpc.main", "dynamodb"] == "pass"


@pytest.mark.parametrize("found_before", [True, False])
def test_a_directory_that_vanishes_during_the_scan(tmp_path: Path, found_before: bool) -> None:
    scanned(tmp_path)
    project = Project(ScanOptions(paths=(str(tmp_path),)))
    roots = [root for batch in project.batches() for root in batch.roots()] if found_before else []
    shutil.rmtree(tmp_path / "bad")
    roots = roots or [root for batch in project.batches() for root in batch.roots()]
    reports = {os.path.relpath(root.path, tmp_path): scan_root(project, root) for root in roots}
    messages = [item.message for report in reports.values() for item in report.diagnostics if item.severity == "error"]
    assert messages
    assert not any("internal error" in message for message in messages), messages
    for root in ("good", "good/template.yaml"):
        assert [item.status for item in reports[root].findings if item.rule == "VPCE001"] == ["fail"]


def test_the_code_beside_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixture = FIXTURES / "plan-beside-code"
    (tmp_path / ".git").mkdir()
    shutil.copytree(fixture, tmp_path / "root")
    monkeypatch.setitem(evaluate._EVALUATORS, ast.GetAttr, fails)
    done = cli("scan", "root/plan.json", "--format", "json", cwd=tmp_path)
    (root,) = json.loads(done.out)["roots"]
    errors = [item for item in root["diagnostics"] if item["severity"] == "error"]
    assert done.code == 3
    assert errors and all(DEFECT in item["message"] and item["file"] == "root/main.tf" for item in errors)
