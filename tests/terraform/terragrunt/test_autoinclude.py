"""What stacks inject into units, and what units may say of each other in a stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.terragrunt.repository import ENDPOINT, VPC, report_of, verdicts, write

CATALOG = {
    "modules/vpc/main.tf": VPC,
    "modules/endpoint/main.tf": ENDPOINT.replace("{}", '{\n  type    = string\n  default = "vpc-00000000"\n}'),
    "catalog/vpc/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}/modules//vpc"\n}\n',
    "catalog/endpoint/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}/modules//endpoint"\n}\n',
}
VPC_UNIT = 'unit "vpc" {\n  source = "${get_repo_root()}/catalog/vpc"\n  path   = "vpc"\n%s}\n'
ENDPOINT_UNIT = 'unit "endpoint" {\n  source = "${get_repo_root()}/catalog/endpoint"\n  path   = "endpoint"\n%s}\n'
DEPENDENCY = '    dependency "vpc" {\n      config_path = %s\n    }\n'
INPUTS = "    inputs = {\n      vpc_id = dependency.vpc.outputs.vpc_id\n    }\n"
MADE = "live/.terragrunt-stack/vpc::aws_vpc.main"


def auto(body: str) -> str:
    return f"  autoinclude {{\n{body}  }}\n"


def found(top: Path, stack: str, files: dict[str, str] | None = None) -> dict[str, str]:
    return verdicts(report_of(write(top, {**CATALOG, "live/terragrunt.stack.hcl": stack, **(files or {})})))


@pytest.mark.parametrize(
    ("own", "injected", "expected"),
    [
        ("", "s3 = true", "pass"),
        ("inputs = {\n  s3 = false\n}\n", "s3 = true", "pass"),
        ("inputs = {\n  s3 = true\n}\n", "s3 = false", "fail"),
        ("inputs = {\n  s3 = true\n}\n", "other = false", "pass"),
        ("inputs = {\n  s3 = values.s3\n}\n", "s3 = true", "pass"),
        ("", 's3 = tobool(get_env("X"))', "unknown"),
        ("", "s3 = local.on", "pass"),
    ],
)
def test_injected_inputs_win(tmp_path: Path, own: str, injected: str, expected: str) -> None:
    stack = "locals {\n  on = true\n}\n" + VPC_UNIT % auto(f"    inputs = {{\n      {injected}\n    }}\n")
    files = {"catalog/vpc/terragrunt.hcl": CATALOG["catalog/vpc/terragrunt.hcl"] + own}
    assert found(tmp_path, stack, files)[MADE] == expected


@pytest.mark.parametrize("path", ["unit.vpc.path", '"../vpc"'])
def test_an_injected_dependency(tmp_path: Path, path: str) -> None:
    stack = VPC_UNIT % "" + ENDPOINT_UNIT % auto(DEPENDENCY % path + INPUTS)
    assert found(tmp_path, stack)[MADE] == "pass"
    assert found(tmp_path, VPC_UNIT % "" + ENDPOINT_UNIT % "")[MADE] == "fail"


def test_code_that_is_injected(tmp_path: Path) -> None:
    text = (
        'generate "more" {\n  path = "more.tf"\n  if_exists = "overwrite"\n'
        '  contents = <<-EOT\n    resource "aws_vpc_endpoint" "more" {\n      vpc_id = aws_vpc.main.id\n'
        '      service_name = "com.amazonaws.eu-west-1.s3"\n    }\n  EOT\n}\n'
    )
    assert found(tmp_path, VPC_UNIT % auto(text))[MADE] == "pass"


def test_paths_of_units_as_values(tmp_path: Path) -> None:
    unit = CATALOG["catalog/endpoint/terragrunt.hcl"] + (DEPENDENCY % "values.path" + INPUTS).replace("    ", "")
    stack = VPC_UNIT % "" + ENDPOINT_UNIT % "  values = {\n    path = unit.vpc.path\n  }\n"
    assert found(tmp_path, stack, {"catalog/endpoint/terragrunt.hcl": unit})[MADE] == "pass"


def test_units_know_nothing_of_paths(tmp_path: Path) -> None:
    files = {"one/terragrunt.hcl": 'terraform {\n  source = "../modules//vpc"\n}\ninputs = {\n  s3 = unit.x.path\n}\n'}
    assert found(tmp_path, "", files)["one::aws_vpc.main"] == "unknown"


def test_a_file_beside_a_unit(tmp_path: Path) -> None:
    files = {
        "one/terragrunt.hcl": 'terraform {\n  source = "../modules//vpc"\n}\ninputs = {\n  s3 = false\n}\n',
        "one/terragrunt.autoinclude.hcl": "inputs = {\n  s3 = true\n}\n",
    }
    assert found(tmp_path, "", files)["one::aws_vpc.main"] == "pass"


def test_units_that_are_injected_into_a_stack(tmp_path: Path) -> None:
    unit = CATALOG["catalog/endpoint/terragrunt.hcl"] + (DEPENDENCY % '"../vpc"' + INPUTS).replace("    ", "")
    files = {"catalog/network/terragrunt.stack.hcl": VPC_UNIT % "", "catalog/endpoint/terragrunt.hcl": unit}
    stack = 'stack "network" {\n  source = "../catalog/network"\n  path   = "network"\n%s}\n'
    made = "live/.terragrunt-stack/network/.terragrunt-stack/vpc::aws_vpc.main"
    assert found(tmp_path, stack % "", files)[made] == "fail"
    assert found(tmp_path, stack % auto(ENDPOINT_UNIT % ""), files)[made] == "pass"


def test_a_unit_that_replaces_one_of_a_stack(tmp_path: Path) -> None:
    with_s3 = VPC_UNIT % auto("    inputs = {\n      s3 = true\n    }\n")
    files = {"catalog/network/terragrunt.stack.hcl": VPC_UNIT % ""}
    stack = f'stack "network" {{\n  source = "../catalog/network"\n  path   = "network"\n{auto(with_s3)}}}\n'
    assert found(tmp_path, stack, files) == {
        "live/.terragrunt-stack/network/.terragrunt-stack/vpc::aws_vpc.main": "pass"
    }


@pytest.mark.parametrize(
    ("values", "expected"), [("", "pass"), ("  values = {\n    s3 = false\n  }\n", "fail"), ("  values = {}\n", "fail")]
)
def test_values_beside_the_unit_of_a_catalog(tmp_path: Path, values: str, expected: str) -> None:
    files = {
        "catalog/vpc/terragrunt.hcl": CATALOG["catalog/vpc/terragrunt.hcl"]
        + "inputs = {\n  s3 = try(values.s3, false)\n}\n",
        "catalog/vpc/terragrunt.values.hcl": "s3 = true\n",
    }
    assert found(tmp_path, VPC_UNIT % values, files)[MADE] == expected


def test_a_dependency_on_a_stack_may_attach_to_any_of_its_vpcs(tmp_path: Path) -> None:
    unit = (
        'terraform {\n  source = "../modules//endpoint"\n}\ndependency "network" {\n  config_path = "../live"\n}\n'
        "inputs = {\n  vpc_id = dependency.network.outputs.vpc.vpc_id\n}\n"
    )
    assert found(tmp_path, VPC_UNIT % "", {"endpoint/terragrunt.hcl": unit})[MADE] == "unknown"


def test_what_a_stack_made_before_is_made_anew(tmp_path: Path) -> None:
    """A unit that is there from an earlier run is replaced with the next. One from elsewhere cannot be made here."""
    unit = CATALOG["catalog/vpc/terragrunt.hcl"] + "inputs = {\n  s3 = values.s3\n}\n"
    files = {
        "catalog/vpc/terragrunt.hcl": unit,
        "live/.terragrunt-stack/vpc/terragrunt.hcl": unit,
        "live/.terragrunt-stack/vpc/terragrunt.values.hcl": "s3 = false\n",
    }
    values = "  values = {\n    s3 = true\n  }\n"
    assert found(tmp_path, VPC_UNIT % values, files) == {MADE: "pass"}
    elsewhere = VPC_UNIT.replace("${get_repo_root()}/catalog/vpc", "github.com/acme/catalog//vpc")
    assert found(tmp_path, elsewhere % values, files)[MADE] == "fail"
