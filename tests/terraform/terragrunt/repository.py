"""Small repositories with Terragrunt units, and what is found in them."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from vpce_checks.cli.main import main
from vpce_checks.model.network import Network
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.values import Value
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.inputs import merged_inputs
from vpce_checks.terraform.terragrunt.network import UnitBuilder
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.view import View

VPC = """
variable "s3" {
  type    = bool
  default = false
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "s3" {
  count        = var.s3 ? 1 : 0
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
}

output "vpc_id" {
  value = aws_vpc.main.id
}
"""

ENDPOINT = """
variable "vpc_id" {}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = var.vpc_id
  service_name = "com.amazonaws.eu-west-1.s3"
}
"""


def write(top: Path, files: Mapping[str, str]) -> Path:
    """Lay ``files`` into a git repository at ``top``."""
    (top / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        file = top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Path(os.path.realpath(top))


def inputs_of(
    top: Path, files: Mapping[str, str], unit: str, environment: Mapping[str, str] | None = None
) -> tuple[Value, tuple[Diagnostic, ...]]:
    """The inputs of the unit in the directory ``unit``, and what is said of it."""
    top = write(top, files)
    options = TerraformOptions(str(top), environment=environment or {})
    view = View(Repository(TerragruntFiles(str(top)), options, ModuleLoader(str(top))))
    made = view.unit(str(top / unit))
    return merged_inputs(made.configuration), made.diagnostics


def network_of(top: Path, files: Mapping[str, str], unit: str, **options: Any) -> Network:
    """What the unit in the directory ``unit`` deploys."""
    top = write(top, files)
    builder = UnitBuilder(str(top))
    return builder.build(str(top / unit), TerraformOptions(str(top), **options), ModuleLoader(str(top)))


def report_of(top: Path, *arguments: str, exits: tuple[int, ...] = (0, 1)) -> dict[str, Any]:
    """The JSON report of a scan inside ``top``."""
    before = Path.cwd()
    output = io.StringIO()
    os.chdir(top)
    try:
        with redirect_stdout(output):
            assert main(["scan", "--format", "json", *arguments]) in exits
    finally:
        os.chdir(before)
    report: dict[str, Any] = json.loads(output.getvalue())
    return report


def verdicts(report: Mapping[str, Any], rule: str = "VPCE001") -> dict[str, str]:
    """The status of a rule's results by ``root::resource``."""
    return {f"{each['root']}::{each['resource']}": each["status"] for each in report["results"] if each["rule"] == rule}
