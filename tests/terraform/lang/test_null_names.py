"""What is null has its name in the message, wherever an expression must not be null."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import cli, root

VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
NULL = 'variable "net" {\n  default = null\n}\nlocals {\n  o = { name = null }\n}\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("service_name = upper(var.net)", "argument 1 of upper() must not be null (var.net)"),
        ('service_name = replace("a", "b", "${var.net}")', "argument 3 of replace() must not be null (var.net)"),
        ("service_name = upper(local.o.name)", "argument 1 of upper() must not be null (local.o.name)"),
        ("service_name = upper(true ? null : 1)", "argument 1 of upper() must not be null"),
        ("service_name = lower(upper(var.net))", "argument 1 of upper() must not be null (var.net)"),
        ("service_name = min([1, var.net]...)", "argument 2 of min() must not be null"),
        ('service_name = var.net ? "a" : "b"', "the condition is null (var.net)"),
        ("service_name = var.net.name", "attribute 'name' of null (var.net)"),
        ("count = var.net", "count cannot be evaluated: count is null (var.net)"),
        ("for_each = var.net", "for_each cannot be evaluated: for_each is null (var.net)"),
        ("count = true ? null : 1", "count cannot be evaluated: count is null"),
    ],
)
def test_what_is_null_is_named(tmp_path: Path, text: str, message: str) -> None:
    root(tmp_path, NULL + VPC + f'resource "aws_vpc_endpoint" "e" {{\n  vpc_id = aws_vpc.main.id\n  {text}\n}}\n')
    report = json.loads(cli("scan", "--format", "json", cwd=tmp_path).out)
    assert message in [item["message"] for item in report["roots"][0]["diagnostics"]]
