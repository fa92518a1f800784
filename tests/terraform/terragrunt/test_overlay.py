"""What is laid over the module of a unit: the files in and below its directory, and those that it generates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.terragrunt.repository import VPC, network_of, report_of, verdicts, write

SOURCE = 'terraform {\n  source = "../modules//vpc"\n}\n'
S3 = 'resource "aws_vpc_endpoint" "s3" {\n  vpc_id       = %s\n  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
MAIN = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
CALL = 'module "part" {\n  source = "./part"\n  vpc_id = aws_vpc.main.id\n}\n'
PART = 'variable "vpc_id" {\n  type = string\n}\n'


def generate(path: str, contents: str, arguments: str = "") -> str:
    return (
        f'generate "more" {{\n  path      = "{path}"\n  if_exists = "overwrite"\n{arguments}'
        f"  contents  = <<-EOT\n{contents}\n  EOT\n}}\n"
    )


def outcome(top: Path, files: dict[str, str], *, exits: tuple[int, ...] = (0, 1)) -> tuple[str, bool]:
    """The verdict about S3 of the VPC in ``vpc``, and whether VPCE011 says that code was not read. It is the only root."""
    report = report_of(write(top, files), exits=exits)
    assert {root["path"] for root in report["roots"]} == {"vpc"}
    (verdict,) = verdicts(report).values()
    return verdict, any(each["rule"] == "VPCE011" for each in report["results"])


# --- directories ------------------------------------------------------------------------------------------------------


def test_a_directory_of_the_unit_is_laid_over_that_of_the_module(tmp_path: Path) -> None:
    files = {
        "modules/vpc/main.tf": MAIN + CALL,
        "modules/vpc/part/variables.tf": PART,
        "vpc/terragrunt.hcl": SOURCE,
        "vpc/part/endpoint.tf": S3 % "var.vpc_id",
    }
    assert outcome(tmp_path, files) == ("pass", False)


def test_a_file_of_a_directory_replaces_that_of_the_module(tmp_path: Path) -> None:
    files = {
        "modules/vpc/main.tf": MAIN + CALL,
        "modules/vpc/part/main.tf": PART + S3 % "var.vpc_id",
        "vpc/terragrunt.hcl": SOURCE,
        "vpc/part/main.tf": PART,
    }
    assert outcome(tmp_path, files) == ("fail", False)


def test_a_module_in_the_unit_only(tmp_path: Path) -> None:
    """It may call another one below it, and files in it are no root by themselves."""
    files = {
        "modules/vpc/main.tf": MAIN,
        "vpc/terragrunt.hcl": SOURCE,
        "vpc/more.tf": CALL,
        "vpc/part/main.tf": PART + 'module "inner" {\n  source = "./inner"\n  vpc_id = var.vpc_id\n}\n',
        "vpc/part/inner/main.tf": PART + S3 % "var.vpc_id",
    }
    assert outcome(tmp_path, files) == ("pass", False)


def test_hidden_directories_are_not_copied(tmp_path: Path) -> None:
    files = {
        "modules/vpc/main.tf": MAIN + CALL.replace("./part", "./.part"),
        "modules/vpc/.part/main.tf": PART,
        "vpc/terragrunt.hcl": SOURCE,
        "vpc/.part/endpoint.tf": S3 % "var.vpc_id",
    }
    assert network_of(tmp_path, files, "vpc").endpoints == ()


def test_two_units_lay_different_things_over_one_module(tmp_path: Path) -> None:
    files = {
        "modules/vpc/main.tf": MAIN + CALL,
        "modules/vpc/part/variables.tf": PART,
        "one/terragrunt.hcl": SOURCE,
        "one/part/endpoint.tf": S3 % "var.vpc_id",
        "two/terragrunt.hcl": SOURCE,
    }
    found = verdicts(report_of(write(tmp_path, files)))
    assert found == {"one::aws_vpc.main": "pass", "two::aws_vpc.main": "fail"}


def test_modules_beside_a_module_that_is_a_stub(tmp_path: Path) -> None:
    files = {
        "vpc/terragrunt.hcl": 'terraform {\n  source = "tfr:///terraform-aws-modules/vpc/aws?version=5.8.1"\n}\n'
        'inputs = {\n  cidr = "10.0.0.0/16"\n}\n',
        "vpc/more.tf": CALL.replace("aws_vpc.main.id", "aws_vpc.this[0].id"),
        "vpc/part/main.tf": PART + S3 % "var.vpc_id",
    }
    assert outcome(tmp_path, files) == ("pass", False)


# --- generated files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("generated", "expected"),
    [
        ('generate = jsondecode(run_cmd("x"))\n', ("unknown", True)),
        ('generate = { more = jsondecode(run_cmd("x")) }\n', ("unknown", True)),
        ('generate = merge({}, jsondecode(run_cmd("x")))\n', ("unknown", True)),
        ("generate = {}\n", ("fail", False)),
        ("generate = null\n", ("fail", False)),
        (generate("more.tf", S3 % "aws_vpc.main.id", "  disable = true\n"), ("fail", False)),
        (generate("more.tf", S3 % "aws_vpc.main.id", '  disable = tobool(get_env("X"))\n'), ("unknown", True)),
        (generate("part/more.tf", S3 % "var.vpc_id"), ("pass", False)),
        (generate("../other/more.tf", S3 % "var.vpc_id"), ("fail", False)),
        (generate("${get_terragrunt_dir()}/more.tf", S3 % "aws_vpc.main.id"), ("unknown", True)),
        (generate("${get_terragrunt_dir()}/more.txt", "words"), ("fail", False)),
    ],
)
def test_generated_files(tmp_path: Path, generated: str, expected: tuple[str, bool]) -> None:
    files = {
        "modules/vpc/main.tf": MAIN + CALL,
        "modules/vpc/part/variables.tf": PART,
        "vpc/terragrunt.hcl": SOURCE + generated,
    }
    assert outcome(tmp_path, files) == expected


def test_the_unit_s_entry_replaces_that_of_what_it_includes(tmp_path: Path) -> None:
    endpoint = (S3 % "aws_vpc.main.id").replace('"', '\\"').replace("\n", "\\n")
    entry = (
        'generate = {{\n  more = {{\n    path = "more.tf"\n    if_exists = "overwrite"\n    contents = "{}"\n  }}\n}}\n'
    )
    files = {
        "modules/vpc/main.tf": MAIN,
        "root.hcl": entry.format(endpoint),
        "vpc/terragrunt.hcl": 'include "root" {\n  path = "../root.hcl"\n}\n' + SOURCE,
    }
    assert outcome(tmp_path, files) == ("pass", False)
    files["vpc/terragrunt.hcl"] += entry.format("")
    assert outcome(tmp_path, files) == ("fail", False)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('  if_disabled = "remove"\n', ("fail", False)),
        ('  if_disabled = "remove_terragrunt"\n', ("fail", False)),
        ('  if_disabled = "skip"\n', ("pass", False)),
        ("", ("pass", False)),
        ('  if_disabled = get_env("X")\n', ("unknown", True)),
    ],
)
def test_a_disabled_file_may_take_away_the_module_s(tmp_path: Path, arguments: str, expected: tuple[str, bool]) -> None:
    files = {
        "modules/vpc/main.tf": MAIN,
        "modules/vpc/more.tf": S3 % "aws_vpc.main.id",
        "vpc/terragrunt.hcl": SOURCE + generate("more.tf", "", "  disable = true\n" + arguments),
    }
    assert outcome(tmp_path, files) == expected


def test_a_file_whose_text_is_not_known_takes_the_place_of_the_module_s(tmp_path: Path) -> None:
    files = {
        "modules/vpc/main.tf": MAIN,
        "modules/vpc/more.tf": S3 % "aws_vpc.main.id",
        "vpc/terragrunt.hcl": SOURCE + generate("more.tf", '${get_env("BLOCKS")}'),
    }
    assert outcome(tmp_path, files) == ("unknown", True)


def test_a_path_in_the_directory_of_a_unit_without_a_source(tmp_path: Path) -> None:
    text = generate("${get_terragrunt_dir()}/more.tf", S3 % "aws_vpc.main.id")
    assert outcome(tmp_path, {"vpc/main.tf": MAIN, "vpc/terragrunt.hcl": text}) == ("pass", False)


# --- units that are generated -----------------------------------------------------------------------------------------


def test_a_unit_that_only_generates_is_a_root(tmp_path: Path) -> None:
    assert outcome(tmp_path, {"vpc/terragrunt.hcl": generate("main.tf", MAIN)}) == ("fail", False)
    assert outcome(tmp_path, {"vpc/terragrunt.hcl": generate("main.tf", MAIN + S3 % "aws_vpc.main.id")}) == (
        "pass",
        False,
    )


def test_what_a_generated_file_calls_is_no_root(tmp_path: Path) -> None:
    call = 'module "vpc" {\n  source = "${get_repo_root()}/modules/vpc"\n  s3     = true\n}'
    files = {"modules/vpc/main.tf": VPC, "vpc/terragrunt.hcl": generate("main.tf", call)}
    assert outcome(tmp_path, files) == ("pass", False)
    files["vpc/terragrunt.hcl"] = generate("main.tf", call.replace("${get_repo_root()}", ".."))
    assert outcome(tmp_path, files) == ("pass", False)


def test_units_that_only_generate_depend_on_others(tmp_path: Path) -> None:
    files = {
        "modules/vpc/main.tf": VPC,
        "vpc/terragrunt.hcl": SOURCE,
        "endpoint/terragrunt.hcl": 'dependency "vpc" {\n  config_path = "../vpc"\n}\n'
        + generate("main.tf", PART + S3 % "var.vpc_id")
        + "inputs = {\n  vpc_id = dependency.vpc.outputs.vpc_id\n}\n",
    }
    report = report_of(write(tmp_path, files))
    assert verdicts(report) == {"vpc::aws_vpc.main": "pass"}
    assert {root["path"] for root in report["roots"]} == {"vpc", "endpoint"}


@pytest.mark.parametrize(
    "text", ['provider "aws" {\n  region = "eu-west-1"\n}', 'terraform {\n  backend "s3" {}\n}', 'variable "x" {}']
)
def test_a_unit_that_generates_settings_only_is_no_root(tmp_path: Path, text: str) -> None:
    """It is what others include, or would be."""
    files = {"live/terragrunt.hcl": generate("settings.tf", text), "vpc/main.tf": MAIN}
    assert outcome(tmp_path, files) == ("fail", False)


def test_a_unit_without_a_source_calls_what_its_files_call(tmp_path: Path) -> None:
    call = 'module "vpc" {\n  source = "../modules/vpc"\n}\n'
    assert outcome(
        tmp_path, {"modules/vpc/main.tf": VPC, "vpc/main.tf": call, "vpc/terragrunt.hcl": "inputs = {}\n"}
    ) == ("fail", False)


def test_opaque_directories_stay_so(tmp_path: Path) -> None:
    """What neither the module nor the unit has is an error, as it was."""
    files = {"modules/vpc/main.tf": MAIN + CALL, "vpc/terragrunt.hcl": SOURCE}
    assert outcome(tmp_path, files, exits=(3,)) == ("unknown", True)


def test_the_files_of_the_overlay_are_the_network_s(tmp_path: Path) -> None:
    files = {
        "modules/vpc/main.tf": MAIN + CALL,
        "modules/vpc/part/variables.tf": PART,
        "vpc/terragrunt.hcl": SOURCE,
        "vpc/part/endpoint.tf": S3 % "var.vpc_id",
    }
    network = network_of(tmp_path, files, "vpc")
    assert {Path(file).name for file in network.files} == {"main.tf", "variables.tf", "terragrunt.hcl", "endpoint.tf"}


# --- files that code reads --------------------------------------------------------------------------------------------

READ = 'resource "aws_vpc_endpoint" "s3" {\n  for_each     = %s\n  vpc_id       = aws_vpc.main.id\n' + (
    '  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
)


@pytest.mark.parametrize(
    ("expression", "files", "expected"),
    [
        ('toset(yamldecode(file("${path.module}/x.yaml")))', {"vpc/x.yaml": "[s3]"}, "pass"),
        ('toset(yamldecode(file("${path.root}/x.yaml")))', {"vpc/x.yaml": "[s3]"}, "pass"),
        ('toset(yamldecode(file("x.yaml")))', {"vpc/x.yaml": "[s3]", "modules/vpc/x.yaml": "[]"}, "pass"),
        ('toset(yamldecode(file("x.yaml")))', {"vpc/x.yaml": "[]", "modules/vpc/x.yaml": "[s3]"}, "fail"),
        ('toset(yamldecode(file("x.yaml")))', {"modules/vpc/x.yaml": "[s3]"}, "pass"),
        ('toset(yamldecode(file("x.yaml")))', {}, "unknown"),
        ('toset(yamldecode(file("in/x.yaml")))', {"vpc/in/x.yaml": "[s3]"}, "pass"),
        ('toset(yamldecode(file(".x.yaml")))', {"vpc/.x.yaml": "[]", "modules/vpc/.x.yaml": "[s3]"}, "pass"),
        ('toset(fileexists("x.yaml") ? ["s3"] : [])', {"vpc/x.yaml": ""}, "pass"),
        ('fileset(path.module, "in/*")', {"vpc/in/s3": ""}, "pass"),
        ('fileset("in", "*")', {"vpc/in/s3": ""}, "pass"),
        ('setsubtract(fileset("in", "*"), ["a"])', {"vpc/in/s3": "", "modules/vpc/in/a": ""}, "pass"),
        ('setsubtract(fileset("in", "*"), ["a"])', {"vpc/in/.s3": "", "modules/vpc/in/a": ""}, "fail"),
    ],
)
def test_code_reads_files_of_the_unit(tmp_path: Path, expression: str, files: dict[str, str], expected: str) -> None:
    files = {"modules/vpc/main.tf": MAIN + READ % expression, "vpc/terragrunt.hcl": SOURCE, **files}
    assert outcome(tmp_path, files) == (expected, False)


def test_code_reads_a_file_that_is_generated(tmp_path: Path) -> None:
    """What is in the repository is not what it reads."""
    files = {
        "modules/vpc/main.tf": MAIN + READ % 'toset(yamldecode(file("x.yaml")))',
        "modules/vpc/x.yaml": "[]",
        "vpc/terragrunt.hcl": SOURCE + generate("x.yaml", "[s3]"),
    }
    assert outcome(tmp_path, files) == ("unknown", False)


# --- data that is written before a run --------------------------------------------------------------------------------

BY_FILES = (
    'resource "aws_vpc_endpoint" "all" {\n'
    '  for_each     = fileset("${path.module}/conf", "*.json")\n'
    "  vpc_id       = aws_vpc.main.id\n"
    '  service_name = "com.amazonaws.eu-west-1.${trimsuffix(each.key, ".json")}"\n}\n'
)
BY_CONTENT = (
    'resource "aws_vpc_endpoint" "all" {\n'
    '  for_each     = toset(jsondecode(file("${path.module}/conf/names.json")))\n'
    "  vpc_id       = aws_vpc.main.id\n"
    '  service_name = "com.amazonaws.eu-west-1.${each.key}"\n}\n'
)


def hook(execute: str, more: str = "") -> str:
    text = f'  before_hook "it" {{\n    commands = ["apply"]\n    execute  = {execute}\n{more}  }}\n}}\n'
    return SOURCE.removesuffix("}\n") + text


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (SOURCE, "fail"),
        (SOURCE + generate("conf/s3.json", "{}"), "pass"),
        (SOURCE + generate("./conf/../conf/s3.json", "{}"), "pass"),
        (SOURCE + generate("conf/s3.txt", "{}"), "fail"),
        (SOURCE + generate("conf/more/s3.json", "{}"), "fail"),
        (SOURCE + generate("conf/s3.json", "{}", "  disable = true\n"), "fail"),
        (SOURCE + generate("conf/s3.json", "{}", '  disable = tobool(get_env("X"))\n'), "unknown"),
        (SOURCE + generate("conf/s3.json", '${get_env("X")}'), "unknown"),
        (SOURCE + generate("${get_terragrunt_dir()}/conf/s3.json", "{}"), "unknown"),
        (hook('["cp", "${get_repo_root()}/s3.json", "conf/s3.json"]'), "pass"),
        (hook('["cp", "${get_repo_root()}/s3.json", "conf/"]'), "pass"),
        (hook('["cp", "${get_repo_root()}/s3.json", "conf"]'), "unknown"),
        (hook('["cp", "s3.json", "conf/s3.json"]'), "unknown"),
        (hook('["cp", "--target-directory=conf", "s3.json"]'), "unknown"),
        (hook('["cp", "s3.json", "other/"]'), "fail"),
        (hook('["cp", "s3.json", "s3.json"]', '    working_dir = "conf"\n'), "unknown"),
        (hook('["mv", "s3.json", "conf/"]'), "unknown"),
        (hook('["touch", "conf/s3.json"]'), "unknown"),
        (hook('["touch", "${get_terragrunt_dir()}/conf/s3.json"]'), "unknown"),
        (hook('["touch", "conf/s3.txt"]'), "fail"),
        (hook('["touch", get_env("X")]'), "unknown"),
        (hook('["sh", "-c", "mkdir -p conf && touch conf/s3.json"]'), "unknown"),
        (hook('["sh", "-c", "cd conf && touch s3.json"]'), "unknown"),
    ],
)
def test_fileset_sees_what_is_written_before_a_run(tmp_path: Path, unit: str, expected: str) -> None:
    files = {
        "modules/vpc/main.tf": MAIN + BY_FILES,
        "modules/vpc/conf/dynamodb.json": "{}",
        "s3.json": "{}",
        "vpc/terragrunt.hcl": unit,
    }
    assert outcome(tmp_path, files) == (expected, False)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (SOURCE, "pass"),
        (hook('["rm", "conf/s3.json"]'), "unknown"),
        (hook('["mv", "conf/s3.json", "conf/s3.off"]'), "unknown"),
        (hook('["rm", "conf/ec2.json"]'), "unknown"),
        (hook('["rm", "other.json"]'), "pass"),
        (SOURCE + generate("conf/s3.json", "", '  disable = true\n  if_disabled = "remove"\n'), "unknown"),
    ],
)
def test_fileset_doubts_what_may_be_taken_away(tmp_path: Path, unit: str, expected: str) -> None:
    files = {"modules/vpc/main.tf": MAIN + BY_FILES, "modules/vpc/conf/s3.json": "{}", "vpc/terragrunt.hcl": unit}
    assert outcome(tmp_path, files) == (expected, False)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (SOURCE, "fail"),
        (SOURCE + generate("conf/names.json", '["s3"]'), "unknown"),
        (SOURCE + generate("${get_terragrunt_dir()}/conf/names.json", '["s3"]'), "unknown"),
        (hook('["cp", "${get_repo_root()}/s3.json", "conf/names.json"]'), "pass"),
        (hook('["cp", "s3.json", "conf/names.json"]'), "unknown"),
        (hook('["cp", "s3.json", "conf/other.json"]'), "fail"),
        (hook('["sh", "-c", "cd conf; cp s3.json names.json"]'), "unknown"),
        (hook('["rm", "conf/names.json"]'), "unknown"),
    ],
)
def test_data_that_is_written_over_is_not_read(tmp_path: Path, unit: str, expected: str) -> None:
    files = {
        "modules/vpc/main.tf": MAIN + BY_CONTENT,
        "modules/vpc/conf/names.json": '["dynamodb"]',
        "s3.json": '["s3"]',
        "vpc/terragrunt.hcl": unit,
    }
    assert outcome(tmp_path, files) == (expected, False)


@pytest.mark.parametrize("function", ["filemd5", "filebase64", "templatefile", "fileexists"])
def test_other_functions_do_not_read_what_is_written_over(tmp_path: Path, function: str) -> None:
    path = '"${path.module}/conf.txt"' + (", {}" if function == "templatefile" else "")
    text = f'locals {{\n  on = {function}({path}) != "x"\n}}\n' + S3.replace(
        "{\n", "{\n  count = local.on ? 0 : 1\n", 1
    )
    if function == "fileexists":
        text = text.replace(' != "x"', "")
    files = {
        "modules/vpc/main.tf": MAIN + text % "aws_vpc.main.id",
        "modules/vpc/conf.txt": "words",
        "vpc/terragrunt.hcl": SOURCE,
    }
    assert outcome(tmp_path, files) == ("fail", False)
    files["vpc/terragrunt.hcl"] += generate("conf.txt", "x")
    assert outcome(tmp_path, files) == ("unknown", False)
