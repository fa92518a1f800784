"""Passwords and tokens in the sources of modules are printed in no format, nor handed to the plug-ins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import cli
from vpce_checks.execution.scan import scan
from vpce_checks.plugins.checkov.words import advice_lines, reason_of
from vpce_checks.project.options import ScanOptions
from vpce_checks.report import format_names

CALLS = """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

module "closed" {
  source = "git::https://user:s3cr3t@git.example.com/closed.git?ref=v1"
  vpc_id = aws_vpc.main.id
}

module "key" {
  source = "git::ssh://git@git.example.com/closed.git?sshkey=s3cr3t"
  vpc_id = aws_vpc.main.id
}

module "archive" {
  source = "s3::https://s3.amazonaws.com/b/x.zip?aws_access_key_secret=s3cr3t"
  vpc_id = aws_vpc.main.id
}

# What the stub makes stands at the call, whose lines are shown.
module "known" {
  source = "git::https://s3cr3t@github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=v5.0.0"
  cidr   = "10.1.0.0/16"
}

module "unknown_version" {
  source = "git::https://s3cr3t:x-oauth-basic@github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=v99.9.9"
  vpc_id = aws_vpc.main.id
}

module "from" {
  source = "git::https://oauth2:${var.token}@git.example.com/closed.git"
  vpc_id = aws_vpc.main.id
}

variable "token" {
  default = "s3cr3t"
}
"""
BROKEN = """\
module "x" {
  source = "git::https://user:s3cr3t@git.example.com/closed.git?ref=v1
}
"""
UNIT = """\
terraform {
  source = "git::https://user:s3cr3t@git.example.com/closed.git//net?ref=v1"
}
"""
INSTALLED = {
    "Modules": [
        {"Key": "", "Source": "", "Dir": "."},
        {
            "Key": "closed",
            "Source": "git::https://user:s3cr3t@git.example.com/closed.git?ref=v1",
            "Dir": "../../../etc",
        },
    ]
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    files = {
        "plain/main.tf": CALLS,
        "installed/main.tf": CALLS,
        "installed/.terraform/modules/modules.json": json.dumps(INSTALLED),
        "broken/main.tf": BROKEN,
        "unit/terragrunt.hcl": UNIT,
    }
    (tmp_path / ".git").mkdir()
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.mark.parametrize("format", format_names())
def test_no_format_shows_them(tree: Path, format: str) -> None:
    done = cli("scan", ".", "--format", format, cwd=tree)
    assert "s3cr3t" not in done.out + done.err
    assert "aws_vpc.main" in done.out


@pytest.mark.parametrize("format", ["text", "json"])
def test_nor_does_the_list_of_modules(tree: Path, format: str) -> None:
    done = cli("modules", ".", "--format", format, cwd=tree)
    assert "s3cr3t" not in done.out + done.err
    assert "git.example.com" in done.out


def test_nor_do_the_plug_ins(tree: Path) -> None:
    report = scan(ScanOptions(paths=(str(tree),)))
    findings = list(report.findings)
    assert findings
    for finding in findings:
        words = [finding.message, reason_of(finding), *advice_lines(finding), repr(finding)]
        assert "s3cr3t" not in "".join(words)


def test_the_rest_of_a_line_is_shown(tree: Path) -> None:
    done = cli("scan", "plain", cwd=tree)
    assert 'source = "git::https://***@github.com/terraform-aws-modules' in done.out
