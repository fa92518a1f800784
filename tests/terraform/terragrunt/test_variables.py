"""What the variables of a unit's module are given: inputs as text, the environment, files and the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.terragrunt.repository import network_of, report_of, verdicts, write

ENDPOINT = """
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "s3" {
  count        = %s ? 1 : 0
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
}
"""
ISOLATED_TASK = """
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    { name = "app", image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1", essential = true }
  ])
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_service" "app" {
  name            = "app"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 1
  launch_type     = "FARGATE"
  task_definition = aws_ecs_task_definition.app.arn
  network_configuration {
    subnets = [aws_subnet.a.id]
  }
}
"""
SWITCH = 'variable "on" {\n  type    = bool\n  default = false\n}\n'
SOURCE = '  source = "../modules//vpc"\n'


def holds(top: Path, declared: str, inputs: str, condition: str) -> object:
    """Whether ``condition`` holds in the module of a unit with ``inputs``: True, False, or why that is not known."""
    files = {
        "modules/vpc/main.tf": f'variable "x" {{\n{declared}\n}}\n' + ENDPOINT % condition,
        "vpc/terragrunt.hcl": f"terraform {{\n{SOURCE}}}\ninputs = {{\n  x = {inputs}\n}}\n",
    }
    return _is_there(top, files)


def _is_there(top: Path, files: dict[str, str]) -> object:
    found = network_of(top, files, "vpc").endpoints
    if not found or found[0].declared.exists is True:
        return bool(found)
    return found[0].declared.exists.causes[0].text


@pytest.mark.parametrize(
    ("declared", "inputs", "condition", "expected"),
    [
        ("", "true", "var.x == true", False),
        ("", "true", 'var.x == "true"', True),
        ("", "true", "var.x", True),
        ("", "1", "var.x == 1", False),
        ("", "1.5", 'var.x == "1.5"', True),
        ("", '["a", 1]', 'var.x == "[\\"a\\",1]"', True),
        ("", "{ a = true }", "jsondecode(var.x).a", True),
        ("", "null", "var.x == null", True),
        ("type = bool", '"true"', "var.x == true", True),
        ("type = string", "true", 'var.x == "true"', True),
        ("type = number", '"1"', "var.x == 1", True),
        ("type = any", '"true"', "var.x == true", True),
        ("type = any", '"1"', "var.x == 1", True),
        ("type = any", "true", "var.x == true", True),
        ("type = any", "[true]", "var.x[0] == true", True),
        ("type = any", '"[\\"a\\"]"', 'var.x[0] == "a"', True),
        ("type = map(string)", '"{\\"a\\":\\"$${b}\\"}"', 'var.x["a"] == "$${b}"', True),
        ("type = any", '"on"', 'var.x == "on"', "the value of a variable must not refer to on"),
        ("type = any", 'get_env("X")', 'var.x == "true"', 'get_env("X") depends on the environment of the run'),
        ("", '!tobool(get_env("X"))', "tobool(var.x)", 'get_env("X") depends on the environment of the run'),
    ],
)
def test_inputs_are_text_on_their_way(
    tmp_path: Path, declared: str, inputs: str, condition: str, expected: object
) -> None:
    """Terragrunt hands them on as environment variables. Whether Terraform reads text or an expression in those depends
    on the type of the variable: it was asked, and answers what stands here."""
    assert holds(tmp_path, declared, inputs, condition) == expected


@pytest.mark.parametrize(
    ("inputs", "file", "expected"),
    [("null", "on = false", True), ("false", "on = true", True), ("true", "on = false", False)],
)
def test_null_wins_over_a_file_and_other_inputs_do_not(tmp_path: Path, inputs: str, file: str, expected: bool) -> None:
    """Null cannot be handed on by the environment: Terragrunt writes a file of variables for it."""
    files = {
        "modules/vpc/main.tf": SWITCH.replace("false", "true\n  nullable = false") + ENDPOINT % "var.on",
        "modules/vpc/terraform.tfvars": file + "\n",
        "vpc/terragrunt.hcl": f"terraform {{\n{SOURCE}}}\ninputs = {{\n  on = {inputs}\n}}\n",
    }
    assert _is_there(tmp_path, files) is expected


def unit(arguments: str, commands: str = '"plan", "apply"', inputs: str = "") -> dict[str, str]:
    block = f'  extra_arguments "more" {{\n    commands = [{commands}]\n    {arguments}\n  }}\n'
    return {
        "modules/vpc/main.tf": SWITCH + ENDPOINT % "var.on",
        "vpc/on.tfvars": "on = true\n",
        "vpc/terragrunt.hcl": f"terraform {{\n{SOURCE}{block}}}\n{inputs}",
    }


_GET_ENV = 'get_env("ON") depends on the environment of the run'


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("env_vars = { TF_VAR_on = true }", True),
        ('env_vars = { TF_VAR_on = "true" }', True),
        ("env_vars = { TF_VAR_on = 0 }", False),
        ("env_vars = { TF_VAR_on = 2 }", "var.on has a value that does not fit its type"),
        ('env_vars = { TF_VAR_on = get_env("ON") }', _GET_ENV),
        ('env_vars = { TF_VAR_on = get_env("ON", "true") }', _GET_ENV),
        ('env_vars = { TF_VAR_off = get_env("ON") }', False),
        ('env_vars = { AWS_PROFILE = get_env("ON") }', False),
        ('env_vars = jsondecode(get_env("ON"))', _GET_ENV),
        ('env_vars = merge(jsondecode(get_env("ON")), { TF_VAR_on = "true" })', True),
        ('env_vars = { TF_CLI_ARGS_apply = "-var on=true" }', True),
        ("env_vars = { TF_CLI_ARGS_apply = \"-input=false -var='on=true'\" }", True),
        ('env_vars = { TF_CLI_ARGS_apply = "-input=false" }', False),
        ('env_vars = { TF_CLI_ARGS_destroy = "-var on=true" }', False),
        ('env_vars = { TF_CLI_ARGS = get_env("ON") }', _GET_ENV),
        ('env_vars = { TF_CLI_ARGS = "-var \'on=true" }', "the arguments cannot be told apart"),
        ('env_vars = { TF_CLI_ARGS = "-var on=false" }\n    arguments = ["-var=on=true"]', True),
        ('env_vars = { TF_CLI_ARGS = "-var on=true", TF_CLI_ARGS_apply = "-var on=false" }', True),
    ],
)
def test_the_environment_of_a_deployment(tmp_path: Path, arguments: str, expected: object) -> None:
    found = _is_there(tmp_path, unit(arguments))
    assert expected in found if isinstance(found, str) and isinstance(expected, str) else found is expected


def test_the_environment_wins_over_inputs_and_a_file_over_both(tmp_path: Path) -> None:
    files = unit('env_vars = jsondecode(get_env("ON"))', inputs="inputs = {\n  on = true\n}\n")
    assert _is_there(tmp_path, files) == _GET_ENV
    assert _is_there(tmp_path, {**files, "modules/vpc/terraform.tfvars": "on = true\n"}) is True


@pytest.mark.parametrize(
    "arguments",
    [
        'required_var_files = ["${get_terragrunt_dir()}/on.tfvars"]',
        'arguments = ["-var=on=true"]',
        'env_vars = { TF_VAR_on = "true" }',
    ],
)
def test_arguments_of_a_plan_alone_may_count(tmp_path: Path, arguments: str) -> None:
    """They do where the plan is saved and then applied. What they do not set stays as it is."""
    found = _is_there(tmp_path, unit(arguments, '"plan"'))
    assert isinstance(found, str) and "a saved plan may be deployed" in found
    files = unit(arguments.replace("on=", "x=").replace("on.tfvars", "x.tfvars").replace("VAR_on", "VAR_x"), '"plan"')
    assert _is_there(tmp_path, {**files, "vpc/x.tfvars": "x = true\n"}) is False


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ('{ AWS_REGION = "eu-west-1" }', "eu-west-1"),
        ('{ AWS_DEFAULT_REGION = "eu-west-1" }', "eu-west-1"),
        ('{ AWS_DEFAULT_REGION = "eu-west-1", AWS_REGION = get_env("R") }', None),
        ('{ AWS_DEFAULT_REGION = get_env("R"), AWS_REGION = "eu-west-1" }', "eu-west-1"),
        ('merge({ AWS_REGION = "eu-west-1" }, jsondecode(get_env("R")))', None),
    ],
)
def test_a_region_of_the_environment(tmp_path: Path, variables: str, expected: str | None) -> None:
    (vpc,) = network_of(tmp_path, unit(f"env_vars = {variables}"), "vpc").vpcs
    assert vpc.region == expected if expected is not None else not isinstance(vpc.region, str)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('arguments = ["-target=aws_vpc.main"]', "unknown"),
        ('arguments = ["-target", get_env("WHAT")]', "unknown"),
        ('arguments = ["-target=${get_env("WHAT")}"]', "unknown"),
        ('env_vars = { TF_CLI_ARGS = "-target=aws_vpc.main" }', "unknown"),
        ('arguments = ["-lock-timeout=5m", "-parallelism=${get_env("N")}"]', "pass"),
    ],
)
def test_a_deployment_of_a_part_proves_nothing(tmp_path: Path, arguments: str, expected: str) -> None:
    files = unit(arguments)
    files["modules/vpc/main.tf"] = ENDPOINT % "true"
    assert verdicts(report_of(write(tmp_path, files)))["vpc::aws_vpc.main"] == expected


@pytest.mark.parametrize(("argument", "fails"), [("-target=aws_vpc.main", False), ("-lock-timeout=5m", True)])
def test_a_deployment_of_a_part_may_leave_out_a_workload(tmp_path: Path, argument: str, fails: bool) -> None:
    files = unit(f'arguments = ["{argument}"]\nenv_vars = {{ AWS_REGION = "eu-west-1" }}')
    files["modules/vpc/main.tf"] = ISOLATED_TASK
    report = report_of(write(tmp_path, files))
    assert ("VPCE017", "fail") in {(each["rule"], each["status"]) for each in report["results"]} or not fails
    assert fails or all(each["status"] != "fail" for each in report["results"] if each["rule"] == "VPCE017")
