"""What units deploy: their module, what is generated and laid beside it, and what other units attach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.terragrunt.repository import ENDPOINT, VPC, network_of, report_of, verdicts, write
from vpce_checks.model.network import Vpc
from vpce_checks.model.values import PartialString, Unknown, pattern
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.view import View

UNIT = 'terraform {\n  source = "../modules//vpc"\n}\n'
ENDPOINTS = (
    'terraform {\n  source = "../modules//endpoint"\n}\n'
    'dependency "vpc" {\n  config_path = "../vpc"\n}\n'
    "inputs = {\n  vpc_id = dependency.vpc.outputs.vpc_id\n}\n"
)
MODULES = {"modules/vpc/main.tf": VPC, "modules/endpoint/main.tf": ENDPOINT}


def s3_of(top: Path, files: dict[str, str], unit: str = "vpc", **options: object) -> object:
    """Whether the unit's VPC has the endpoint of its module: True, False, or why that is not known."""
    found = network_of(top, {**MODULES, **files}, unit, **options).endpoints
    return bool(found) if not found or found[0].declared.exists is True else found[0].declared.exists.causes[0].text


# --- the source ------------------------------------------------------------------------------------------------------

LOCAL, REMOTE = '"../modules//vpc"', '"git::https://example.com/m.git//vpc?ref=v1"'


@pytest.mark.parametrize(
    "source",
    [
        f'get_env("X") == "y" ? {REMOTE} : {LOCAL}',
        f'"${{get_env("X") == "y" ? {LOCAL} : {REMOTE}}}"',
        f'get_env("X") == "y" ? {REMOTE} : get_env("Z") == "" ? null : {LOCAL}',
        "local.chosen",
    ],
)
def test_a_source_may_be_a_directory_here(tmp_path: Path, source: str) -> None:
    chosen = f'locals {{\n  chosen = get_env("X") == "y" ? {LOCAL} : {REMOTE}\n}}\n'
    unit = f"{chosen}terraform {{\n  source = {source}\n}}\n"
    network = network_of(tmp_path, {**MODULES, "vpc/terragrunt.hcl": unit}, "vpc")
    (vpc,) = network.vpcs
    assert isinstance(vpc.declared.exists, Unknown) and "get_env" in vpc.declared.exists.causes[0].text
    assert [module.declared.address for module in network.opaque_modules] == ["terraform"]


@pytest.mark.parametrize(
    "source",
    [
        f'get_env("X") == "y" ? "../modules//endpoint" : {LOCAL}',
        f'get_env("X") == "y" ? "../modules//none" : {REMOTE}',
        f'get_env("X") == "y" ? {REMOTE} : "../../outside"',
        'get_env("X")',
        '"${get_env("X")}//vpc"',
    ],
)
def test_a_source_that_may_be_anywhere(tmp_path: Path, source: str) -> None:
    network = network_of(tmp_path, {**MODULES, "vpc/terragrunt.hcl": f"terraform {{\n  source = {source}\n}}\n"}, "vpc")
    assert not network.vpcs and not network.endpoints
    assert [module.declared.address for module in network.opaque_modules] == ["terraform"]


# --- generated files -------------------------------------------------------------------------------------------------


def provider(text: str, arguments: str = "") -> dict[str, str]:
    contents = f'generate "provider" {{\n  path = "provider.tf"\n  if_exists = "overwrite"\n{arguments}  contents = {text}\n}}\n'
    return {"vpc/terragrunt.hcl": UNIT + contents}


def region_of(top: Path, files: dict[str, str]) -> object:
    (vpc,) = network_of(top, {**MODULES, **files}, "vpc").vpcs
    return vpc.region


def test_a_provider_written_out(tmp_path: Path) -> None:
    files = provider('<<-EOT\n    provider "aws" {\n      region = "eu-west-1"\n    }\n  EOT')
    assert region_of(tmp_path, files) == "eu-west-1"


def test_a_provider_from_a_file(tmp_path: Path) -> None:
    files = {**provider('file("provider.txt")'), "vpc/provider.txt": 'provider "aws" {\n  region = "eu-west-3"\n}\n'}
    assert region_of(tmp_path, files) == "eu-west-3"


def test_a_provider_in_part(tmp_path: Path) -> None:
    files = provider(
        '<<-EOT\n    provider "aws" {\n      region = "eu-${get_env("SIDE")}-1"\n'
        '      max_retries = ${get_env("RETRIES")}\n    }\n  EOT'
    )
    region = region_of(tmp_path, files)
    assert isinstance(region, PartialString)
    assert pattern(region) == "eu-*-1"
    assert 'get_env("SIDE")' in region.causes[0].text


def test_blocks_that_are_not_known_may_hold_anything(tmp_path: Path) -> None:
    files = provider('<<-EOT\n    ${get_env("BLOCKS")}\n  EOT')
    network = network_of(tmp_path, {**MODULES, **files}, "vpc")
    assert [module.declared.address for module in network.opaque_modules] == ["provider.tf"]


def test_generated_resources_stand_at_their_block(tmp_path: Path) -> None:
    files = provider('<<-EOT\n    resource "aws_vpc" "more" {\n      cidr_block = "10.1.0.0/16"\n    }\n  EOT')
    network = network_of(tmp_path, {**MODULES, **files}, "vpc")
    (more,) = (vpc for vpc in network.vpcs if vpc.address == "aws_vpc.more")
    assert (Path(more.declared.span.file).name, more.declared.span.line) == ("terragrunt.hcl", 7)


@pytest.mark.parametrize(
    ("arguments", "region"),
    [("", "eu-west-1"), ("  disable = true\n", "eu-central-1"), ("  IF_EXISTS = 1\n", "eu-west-1")],
)
def test_a_generated_file_replaces_the_module_s(tmp_path: Path, arguments: str, region: str) -> None:
    files = provider('"provider \\"aws\\" {\\n  region = \\"eu-west-1\\"\\n}\\n"', arguments)
    files["modules/vpc/provider.tf"] = 'provider "aws" {\n  region = "eu-central-1"\n}\n'
    assert region_of(tmp_path, files) == region


def test_a_file_that_is_there_may_be_kept(tmp_path: Path) -> None:
    files = provider('"provider \\"aws\\" {\\n  region = \\"eu-west-1\\"\\n}\\n"')
    files = {name: text.replace('"overwrite"', '"skip"') for name, text in files.items()}
    files["modules/vpc/provider.tf"] = 'provider "aws" {\n  region = "eu-central-1"\n}\n'
    assert region_of(tmp_path, files) == "eu-central-1"


def test_generate_as_an_attribute(tmp_path: Path) -> None:
    files = {
        "vpc/terragrunt.hcl": UNIT + "locals {\n  files = {\n    provider = {\n"
        '      path = "provider.tf"\n      contents = "provider \\"aws\\" {\\n  region = \\"eu-west-1\\"\\n}"\n'
        "    }\n  }\n}\ngenerate = local.files\n"
    }
    assert region_of(tmp_path, files) == "eu-west-1"


def test_the_region_of_the_environment_of_a_run(tmp_path: Path) -> None:
    unit = UNIT.replace(
        "}\n",
        '  extra_arguments "region" {\n    commands = ["apply"]\n    env_vars = { AWS_REGION = "eu-north-1" }\n  }\n}\n',
    )
    assert region_of(tmp_path, {"vpc/terragrunt.hcl": unit}) == "eu-north-1"


# --- values ----------------------------------------------------------------------------------------------------------


def arguments(*lines: str) -> dict[str, str]:
    inner = "".join(f"    {line}\n" for line in lines)
    unit = UNIT.replace("}\n", f'  extra_arguments "more" {{\n    commands = ["plan", "apply"]\n{inner}  }}\n}}\n')
    return {"vpc/terragrunt.hcl": unit, "on.tfvars": "s3 = true\n", "modules/vpc/beside.tfvars": "s3 = true\n"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('arguments = ["-var-file=${get_repo_root()}/on.tfvars"]', True),
        ('arguments = ["--var-file", "${get_repo_root()}/on.tfvars"]', True),
        ('arguments = ["-var-file=beside.tfvars"]', True),
        ('arguments = ["-var=s3=true"]', True),
        ('arguments = ["-lock-timeout=20m", "-input=false"]', False),
        ('required_var_files = ["${get_parent_terragrunt_dir()}/../on.tfvars"]', True),
        ('optional_var_files = ["${get_repo_root()}/none.tfvars"]', False),
        ('env_vars = { TF_VAR_s3 = "true" }', True),
        ('required_var_files = ["${get_repo_root()}/none.tfvars"]', "none.tfvars, a file of variables"),
        ('required_var_files = ["${get_env("FILE")}.tfvars"]', 'get_env("FILE") depends on'),
        ('arguments = ["-var-file=${get_env("FILE")}"]', 'get_env("FILE") depends on'),
        ('arguments = [get_env("ARGUMENT")]', 'get_env("ARGUMENT") depends on'),
    ],
)
def test_extra_arguments(tmp_path: Path, line: str, expected: object) -> None:
    found = s3_of(tmp_path, arguments(line))
    assert expected in found if isinstance(found, str) and isinstance(expected, str) else found is expected


def test_commands_that_deploy_nothing(tmp_path: Path) -> None:
    files = {
        name: text.replace('"plan", "apply"', '"destroy"')
        for name, text in arguments('arguments = ["-var=s3=true"]').items()
    }
    assert s3_of(tmp_path, files) is False


@pytest.mark.parametrize(
    "files", [{"vpc/terraform.tfvars": "s3 = true\n"}, {"modules/vpc/x.auto.tfvars": "s3 = true\n"}]
)
def test_files_beside_win_over_inputs(tmp_path: Path, files: dict[str, str]) -> None:
    assert s3_of(tmp_path, {"vpc/terragrunt.hcl": UNIT + "inputs = {\n  s3 = false\n}\n", **files}) is True


def test_the_unit_s_file_replaces_the_module_s(tmp_path: Path) -> None:
    files = {
        "vpc/terragrunt.hcl": UNIT,
        "vpc/terraform.tfvars": "s3 = true\n",
        "modules/vpc/terraform.tfvars": "s3 = false\n",
    }
    assert s3_of(tmp_path, files) is True


def test_null_is_null(tmp_path: Path) -> None:
    files = {"vpc/terragrunt.hcl": UNIT + "inputs = {\n  s3 = null\n}\n"}
    files["modules/vpc/main.tf"] = VPC.replace("default = false", "default  = true\n  nullable = false")
    assert s3_of(tmp_path, files) is True


def test_a_unit_without_a_source(tmp_path: Path) -> None:
    network = network_of(tmp_path, {"vpc/main.tf": VPC, "vpc/terragrunt.hcl": "inputs = {\n  s3 = true\n}\n"}, "vpc")
    assert [endpoint.address for endpoint in network.endpoints] == ["aws_vpc_endpoint.s3[0]"]


# --- between units ---------------------------------------------------------------------------------------------------


def status(top: Path, files: dict[str, str], unit: str = "vpc") -> str:
    report = report_of(write(top, {**MODULES, "vpc/terragrunt.hcl": UNIT, **files}))
    return verdicts(report)[f"{unit}::aws_vpc.main"]


def test_no_other_unit(tmp_path: Path) -> None:
    assert status(tmp_path, {}) == "fail"


def test_an_endpoint_of_another_unit(tmp_path: Path) -> None:
    assert status(tmp_path, {"endpoints/terragrunt.hcl": ENDPOINTS}) == "pass"


def test_the_scan_of_the_vpc_alone_sees_the_others(tmp_path: Path) -> None:
    write(tmp_path, {**MODULES, "vpc/terragrunt.hcl": UNIT, "endpoints/terragrunt.hcl": ENDPOINTS})
    for named in (["vpc"], ["--root", "vpc"], ["vpc/terragrunt.hcl"]):
        assert verdicts(report_of(tmp_path, *named)) == {"vpc::aws_vpc.main": "pass"}


def test_by_way_of_a_third_unit(tmp_path: Path) -> None:
    files = {
        "modules/pass/main.tf": 'variable "id" {}\noutput "vpc_id" {\n  value = var.id\n}\n',
        "between/terragrunt.hcl": ENDPOINTS.replace("endpoint", "pass").replace("  vpc_id =", "  id ="),
        "endpoints/terragrunt.hcl": ENDPOINTS.replace("../vpc", "../between"),
    }
    assert status(tmp_path, files) == "pass"


def test_a_dependency_that_is_read_from_another_file(tmp_path: Path) -> None:
    files = {
        "vpc.hcl": 'dependency "vpc" {\n  config_path = "${get_original_terragrunt_dir()}/../vpc"\n}\n',
        "endpoints/terragrunt.hcl": 'terraform {\n  source = "../modules//endpoint"\n}\n'
        'locals {\n  vpc = read_terragrunt_config("../vpc.hcl")\n}\n'
        "inputs = {\n  vpc_id = local.vpc.dependency.vpc.outputs.vpc_id\n}\n",
    }
    assert status(tmp_path, files) == "pass"


def test_a_dependency_that_is_included(tmp_path: Path) -> None:
    files = {
        "vpc.hcl": 'dependency "vpc" {\n  config_path = "../vpc"\n}\n',
        "endpoints/terragrunt.hcl": 'include "vpc" {\n  path = "../vpc.hcl"\n}\n'
        'terraform {\n  source = "../modules//endpoint"\n}\n'
        "inputs = {\n  vpc_id = dependency.vpc.outputs.vpc_id\n}\n",
    }
    assert status(tmp_path, files) == "pass"


def test_all_outputs_at_once(tmp_path: Path) -> None:
    files = {
        "modules/endpoint/main.tf": ENDPOINT.replace(
            'variable "vpc_id" {}', 'variable "vpc" {\n  type = any\n}'
        ).replace("var.vpc_id", "var.vpc.vpc_id"),
        "endpoints/terragrunt.hcl": ENDPOINTS.replace(
            "vpc_id = dependency.vpc.outputs.vpc_id", "vpc = dependency.vpc.outputs"
        ),
    }
    assert status(tmp_path, files) == "pass"


@pytest.mark.parametrize(
    "change",
    [
        ('config_path = "../vpc"', 'config_path = "../vpc"\n  enabled = false'),
        (
            'config_path = "../vpc"',
            'config_path = "../vpc"\n  skip_outputs = true\n  mock_outputs = { vpc_id = "vpc-0a" }',
        ),
        ("../modules//endpoint", "git::https://example.com/m.git"),
        ("../modules//endpoint", '${get_env("MODULES")}//endpoint'),
        ("inputs", 'exclude {\n  if = true\n  actions = ["all"]\n}\ninputs'),
        ("inputs", 'exclude {\n  if = get_env("X") == "y"\n  actions = ["apply"]\n}\ninputs'),
        ("dependency.vpc.outputs.vpc_id", 'run_cmd("id", dependency.vpc.outputs.vpc_id)'),
    ],
)
def test_what_may_be_an_endpoint_of_the_vpc(tmp_path: Path, change: tuple[str, str]) -> None:
    assert status(tmp_path, {"endpoints/terragrunt.hcl": ENDPOINTS.replace(*change)}) == "unknown"


def test_a_lookup_by_a_unit_that_comes_later(tmp_path: Path) -> None:
    looked_up = ENDPOINT.replace(
        'variable "vpc_id" {}', 'data "aws_vpc" "it" {\n  tags = { Name = "main" }\n}'
    ).replace("var.vpc_id", "data.aws_vpc.it.id")
    unit = 'terraform {\n  source = "../modules//endpoint"\n}\ndependencies {\n  paths = ["../vpc"]\n}\n'
    files = {"modules/endpoint/main.tf": looked_up, "endpoints/terragrunt.hcl": unit}
    assert status(tmp_path, files) == "unknown"
    assert status(tmp_path, {**files, "endpoints/terragrunt.hcl": unit.partition("dependencies")[0]}) == "fail"


def test_another_vpc_s_endpoint(tmp_path: Path) -> None:
    files = {"other/terragrunt.hcl": UNIT, "endpoints/terragrunt.hcl": ENDPOINTS.replace("../vpc", "../other")}
    assert status(tmp_path, files) == "fail"
    assert status(tmp_path, files, "other") == "pass"


def test_a_vpc_on_which_many_units_depend(tmp_path: Path) -> None:
    files = {f"endpoints{at:03}/terragrunt.hcl": ENDPOINTS.replace("//endpoint", "//empty") for at in range(90)}
    files["modules/empty/main.tf"] = 'variable "vpc_id" {}\n'
    assert status(tmp_path, files) == "fail"
    last = {**files, "endpoints089/terragrunt.hcl": ENDPOINTS}
    assert status(tmp_path, last) == "pass"


def test_units_that_depend_on_themselves(tmp_path: Path) -> None:
    unit = (
        UNIT + 'dependency "vpc" {\n  config_path = "."\n}\ninputs = {\n  s3 = dependency.vpc.outputs.vpc_id == ""\n}\n'
    )
    assert status(tmp_path, {"vpc/terragrunt.hcl": unit}) == "unknown"


def test_units_in_a_circle_are_built_whatever_of_them_was_asked_first(tmp_path: Path) -> None:
    def unit(other: str) -> str:
        return (
            f'{UNIT}dependency "other" {{\n  config_path = "../{other}"\n}}\n'
            "inputs = {\n  name = dependency.other.outputs.vpc_id\n}\n"
        )

    top = write(tmp_path, {**MODULES, "vpc/terragrunt.hcl": unit("b"), "b/terragrunt.hcl": unit("vpc")})
    files = TerragruntFiles(str(top))
    for ask in (lambda unit: unit.module, lambda unit: unit.inputs):
        for first, other in (("vpc", "b"), ("b", "vpc")):
            view = View(Repository(files, TerraformOptions(str(top)), ModuleLoader(str(top))))
            ask(view.unit(str(top / first)))
            for each in (first, other):
                made = view.deployed(str(top / each)).objects
                assert [type(object) for object in made] == [Vpc], (first, each)


def test_the_endpoint_s_own_verdicts_know_the_other_unit_s_vpc(tmp_path: Path) -> None:
    interface = ENDPOINT.replace('.s3"', '.sqs"\n  vpc_endpoint_type = "Interface"\n  private_dns_enabled = true')
    files = {
        **MODULES,
        "vpc/terragrunt.hcl": UNIT,
        "endpoints/terragrunt.hcl": ENDPOINTS,
        "modules/endpoint/main.tf": interface,
    }
    report = report_of(write(tmp_path, files))
    assert verdicts(report, "VPCE005") == {"endpoints::aws_vpc_endpoint.s3": "fail"}
    (row,) = (row for row in report["vpcs"] if row["root"] == "endpoints")
    assert (row["address"], row["external"], row["file"]) == ("../vpc:aws_vpc.main", True, "modules/vpc/main.tf")


def test_an_unknown_module_s_outputs(tmp_path: Path) -> None:
    files = {"vpc/terragrunt.hcl": UNIT.replace("../modules//vpc", "git::https://example.com/vpc.git")}
    network = network_of(tmp_path, {**MODULES, **files, "endpoints/terragrunt.hcl": ENDPOINTS}, "endpoints")
    (endpoint,) = network.endpoints
    assert not isinstance(endpoint.vpc, Unknown)
    assert "the outputs of ../vpc are not known" in endpoint.vpc.causes[0].text  # type: ignore[union-attr]


FLAGS = 'output "s3" {\n  value = true\n}\n'
CHOSEN = """
locals {
  source = get_env("STAGE") == "prod" ? "git::https://example.com/flags.git" : "../modules//flags"
}

terraform {
  source = local.source
}
"""


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (CHOSEN, "unknown"),
        (CHOSEN.replace("git::https://example.com/flags.git", "../modules//flags"), "pass"),
        ('terraform {\n  source = "../modules//flags"\n}\n', "pass"),
    ],
)
@pytest.mark.parametrize("output", ["outputs.s3", 'outputs["s3"]', "outputs[*].s3 == [true]"])
def test_the_outputs_of_a_unit_whose_source_depends_on_the_run(
    tmp_path: Path, flags: str, expected: str, output: str
) -> None:
    vpc = (
        UNIT
        + f'dependency "flags" {{\n  config_path = "../flags"\n}}\ninputs = {{\n  s3 = dependency.flags.{output}\n}}\n'
    )
    files = {"modules/flags/main.tf": FLAGS, "flags/terragrunt.hcl": flags, "vpc/terragrunt.hcl": vpc}
    assert status(tmp_path, files) == expected


@pytest.mark.parametrize(
    "value",
    [
        "try(dependency.flags.outputs.s4, false)",
        'lookup(dependency.flags.outputs, "s4", false)',
        'contains(keys(dependency.flags.outputs), "s4")',
    ],
)
@pytest.mark.parametrize(("flags", "expected"), [(CHOSEN, "unknown"), (UNIT.replace("//vpc", "//flags"), "fail")])
def test_the_other_source_of_a_unit_may_have_other_outputs(
    tmp_path: Path, flags: str, expected: str, value: str
) -> None:
    vpc = UNIT + f'dependency "flags" {{\n  config_path = "../flags"\n}}\ninputs = {{\n  s3 = {value}\n}}\n'
    files = {"modules/flags/main.tf": FLAGS, "flags/terragrunt.hcl": flags, "vpc/terragrunt.hcl": vpc}
    assert status(tmp_path, files) == expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (UNIT.replace("//vpc", "//flags"), "fail"),
        (CHOSEN, "unknown"),
        (UNIT.replace("../modules//vpc", "git::https://example.com/flags.git"), "unknown"),
    ],
)
@pytest.mark.parametrize("value", ["outputs.off", "outputs.s4"])
def test_the_state_of_a_unit_whose_source_depends_on_the_run(
    tmp_path: Path, flags: str, expected: str, value: str
) -> None:
    bucket = '{ bucket = "states", key = "flags", region = "eu-west-1" }'
    remote = f'remote_state {{\n  backend = "s3"\n  config = {bucket}\n}}\n'
    code = VPC.replace("count        = var.s3", f"count        = try(data.terraform_remote_state.flags.{value}, false)")
    data = f'data "terraform_remote_state" "flags" {{\n  backend = "s3"\n  config = {bucket}\n}}\n'
    files = {
        "modules/flags/main.tf": 'output "off" {\n  value = false\n}\n',
        "flags/terragrunt.hcl": flags + remote,
        "modules/vpc/main.tf": code + data,
    }
    assert status(tmp_path, files) == expected


def test_a_stack_s_unit_from_elsewhere_that_is_given_the_vpc_s_path(tmp_path: Path) -> None:
    stack = 'unit "x" {\n  source = "git::https://example.com/c.git//x"\n  path = "x"\n  values = {\n    paths = ["PATH"]\n  }\n}\n'
    named = {"other/terragrunt.stack.hcl": stack.replace("PATH", "../../../vpc")}
    assert status(tmp_path, named) == "unknown"
    assert status(tmp_path, {"other/terragrunt.stack.hcl": stack.replace("PATH", "../../../network")}) == "fail"


def test_a_broken_unit_that_asks_for_what_is_not_read_of_it(tmp_path: Path) -> None:
    broken = ENDPOINTS.replace('config_path = "../vpc"\n}', 'config_path = "../vpc\n}')
    files = {"vpc/terragrunt.hcl": UNIT, "endpoints/terragrunt.hcl": broken}
    report = report_of(write(tmp_path, {**MODULES, **files}), exits=(3,))
    assert verdicts(report)["vpc::aws_vpc.main"] == "unknown"
    write(tmp_path, {"endpoints/terragrunt.hcl": "broken = \n" + UNIT})
    assert verdicts(report_of(tmp_path, exits=(3,)))["vpc::aws_vpc.main"] == "fail"


@pytest.mark.parametrize(
    ("name", "contents", "expected"),
    [
        ("terraform.tfvars", '"s3 = true"', True),
        ("x.auto.tfvars.json", "jsonencode({ s3 = true })", True),
        ("other.tfvars", '"s3 = true"', False),
        ("x.auto.tfvars", 'get_env("VARIABLES")', 'get_env("VARIABLES") depends on'),
    ],
)
def test_a_generated_file_of_variables(tmp_path: Path, name: str, contents: str, expected: object) -> None:
    unit = (
        UNIT + f'generate "variables" {{\n  path = "{name}"\n  if_exists = "overwrite"\n  contents = {contents}\n}}\n'
    )
    found = s3_of(tmp_path, {"vpc/terragrunt.hcl": unit})
    assert expected in found if isinstance(found, str) and isinstance(expected, str) else found is expected


@pytest.mark.parametrize(
    "argument", ['if_exists = get_env("MODE")', 'if_exists = "overwrite"\n  disable = get_env("OFF") == "1"']
)
def test_a_file_that_may_not_be_generated(tmp_path: Path, argument: str) -> None:
    files = {name: text.replace('if_exists = "overwrite"', argument) for name, text in provider('"# nothing"').items()}
    network = network_of(tmp_path, {**MODULES, **files}, "vpc")
    assert [module.declared.address for module in network.opaque_modules] == ["provider.tf"]
