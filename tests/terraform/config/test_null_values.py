"""VPCE015 names the variable that leaves a list of subnets null."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import cli

ENDPOINT = (
    'resource "aws_vpc_endpoint" "e" {\n  vpc_id            = "vpc-12345678"\n'
    '  service_name      = "com.amazonaws.eu-west-1.kms"\n  vpc_endpoint_type = "Interface"\n  subnet_ids        = %s\n}\n'
)
VARIABLE = 'variable "subnets" {\n  type    = list(string)\n  default = %s\n}\n'
CALL = 'module "m" {\n  source  = "./m"\n  subnets = %s\n}\n'
INNER = {"m/main.tf": VARIABLE % "[]" + ENDPOINT % "var.subnets"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"main.tf": VARIABLE % "null" + ENDPOINT % "var.subnets"},
            ["null (main.tf:9)", "var.subnets is null by default (main.tf:3)"],
        ),
        (
            {"main.tf": VARIABLE % "null" + ENDPOINT % "local.s" + "locals {\n  s = var.subnets\n}\n"},
            ["null (main.tf:9)", "var.subnets is null by default (main.tf:3)"],
        ),
        (
            {"main.tf": VARIABLE % "null" + CALL % "var.subnets", **INNER},
            ["null (m/main.tf:9)", "var.subnets is null by default (main.tf:3)"],
        ),
        ({"main.tf": CALL % "null", **INNER}, ["null (m/main.tf:9)", "var.subnets is null (main.tf:3)"]),
        (
            {"main.tf": VARIABLE % "[]" + ENDPOINT % "var.subnets", "terraform.tfvars": "subnets = null\n"},
            ["null (main.tf:9)", "var.subnets is null (terraform.tfvars:1)"],
        ),
        ({"main.tf": ENDPOINT % "null"}, ["null (main.tf:5)"]),
        ({"main.tf": VARIABLE % "null" + ENDPOINT % "try(var.subnets, null)"}, ["null (main.tf:9)"]),
        ({"main.tf": ENDPOINT % "[]"}, ["empty (main.tf:5)"]),
        ({"main.tf": VARIABLE % "[]" + ENDPOINT % "var.subnets"}, ["empty (main.tf:9)"]),
    ],
)
def test_the_variable_is_named(files: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    report = json.loads(cli("scan", "--rules", "VPCE015", "--format", "json", cwd=tmp_path).out)
    (result,) = report["results"]
    first, *others = expected
    why = [step for step in result["why"] if "declared here" not in step and "called here" not in step]
    assert result["status"] == "fail" and why == [f"the list of subnets is {first}", *others]
