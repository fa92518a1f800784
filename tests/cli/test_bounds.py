"""No bound ends without a word: what lies beyond it is an error, a warning or a finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import MISSING, Result, cli, root
from vpce_checks.cloudformation.template import serverless
from vpce_checks.files import content
from vpce_checks.terraform import unchosen
from vpce_checks.terraform.config import unselected_tfvars
from vpce_checks.terraform.terragrunt import reading, unit_directories


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def scanned(*arguments: str, cwd: Path) -> tuple[Result, dict[str, Any]]:
    result = cli("scan", *arguments, "--format", "json", cwd=cwd)
    return result, json.loads(result.out)


def messages(report: dict[str, Any], severity: str) -> list[str]:
    return [item["message"] for each in report["roots"] for item in each["diagnostics"] if item["severity"] == severity]


def test_files_that_a_service_includes(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serverless, "MAX_INCLUDES", 2)
    names = [f"r{number}.yml" for number in range(4)]
    pieces = "".join(f"  - ${{file({name})}}\n" for name in names)
    root(repository, f"service: x\nprovider: {{name: aws}}\nresources:\n{pieces}", "serverless.yml")
    for name in names:
        root(repository, f"Resources: {{T{name[1]}: {{Type: AWS::SNS::Topic}}}}\n", name)
    result, report = scanned(cwd=repository)
    assert result.code == 3
    assert messages(report, "error") == ["this service includes more than 2 files; the rest is not read"]


def test_files_that_include_each_other(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serverless, "MAX_INCLUDE_DEPTH", 2)
    root(repository, "service: x\nprovider: {name: aws}\nresources: ${file(a0.yml)}\n", "serverless.yml")
    for number in range(5):
        root(repository, f"${{file(a{number + 1}.yml)}}\n", f"a{number}.yml")
    root(repository, "Resources: {T: {Type: AWS::SNS::Topic}}\n", "a5.yml")
    result, report = scanned("serverless.yml", cwd=repository)
    assert result.code == 3
    assert "files include each other deeper than 2; the rest is not read" in messages(report, "error")


@pytest.mark.parametrize("bound", ["MAX_FILES", "MAX_DIRECTORIES"])
def test_files_of_variables_that_are_searched_for(
    repository: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(unselected_tfvars, bound, 2)
    root(repository, MISSING)
    for number in range(4):
        root(repository / f"d{number}", "x = 1\n", "a.tfvars")
    _, report = scanned(cwd=repository)
    (warning,) = messages(report, "warning")
    assert "below this root were searched for files of variables" in warning


def test_files_of_variables_that_are_tried(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchosen, "MAX_TRIED", 2)
    resource = 'resource "aws_vpc" "x" {\n  count = var.on ? 1 : 0\n}\n'
    root(repository, f'variable "on" {{\n  default = false\n}}\n{resource}')
    for name in "abc":
        root(repository, "on = true\n", f"{name}.tfvars")
    _, report = scanned(cwd=repository)
    tried, rest = report["results"]
    assert {tried["rule"], rest["rule"]} == {"VPCE011"}
    assert tried["message"].startswith("a.tfvars and b.tfvars (")
    assert rest["resource"] == "c.tfvars"
    assert any("only 2 of 3 files of variables were tried" in step for step in rest["why"])


def test_directories_with_units(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_directories, "MAX_DIRECTORIES", 3)
    for name in "abcd":
        root(repository / name, 'terraform {\n  source = "../modules/net"\n}\n', "terragrunt.hcl")
    root(repository / "modules" / "net", MISSING)
    result, report = scanned(cwd=repository)
    assert result.code == 3
    assert any("this one and later ones are not searched" in message for message in messages(report, "error"))


def test_files_that_a_unit_reads(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_CONFIGURATIONS", 2)
    includes = "".join(f'include "i{number}" {{\n  path = "../i{number}.hcl"\n}}\n' for number in range(3))
    root(repository / "unit", includes + 'terraform {\n  source = "../modules/net"\n}\n', "terragrunt.hcl")
    for number in range(3):
        root(repository, "locals {}\n", f"i{number}.hcl")
    root(repository / "modules" / "net", MISSING)
    result, report = scanned(cwd=repository)
    assert result.code == 3
    assert "this unit reads more than 2 files; this one is not read" in messages(report, "error")


def test_a_file_that_is_too_long_to_be_searched_is_affected(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root(repository, MISSING)
    root(repository / "stacks", f"{'# a long comment' * 9}\nResources: {{V: {{Type: AWS::EC2::VPC}}}}\n", "net.yaml")
    root(repository, "anything\n", "notes.txt")
    _, report = scanned("notes.txt", "--changed-files", cwd=repository)
    assert report["roots"] == []
    monkeypatch.setattr(content, "MAX_BYTES", 32)
    _, report = scanned("notes.txt", "--changed-files", cwd=repository)
    assert [each["path"] for each in report["roots"]] == [".", "stacks/net.yaml"]
