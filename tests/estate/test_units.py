"""Terragrunt units that are joined with other roots by look-ups, stored parameters and states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.estate.estates import NETWORK, PROVIDER, endpoint, importer, remote_state, report, verdicts, why

Cut = tuple[str, str, str]
"""What the network stores or says more, and how another root reads the id of the VPC: its code, and the expression."""

STORE = 'resource "aws_ssm_parameter" "vpc" {\n  name  = "/net/vpc"\n  type  = "String"\n  value = aws_vpc.core.id\n}\n'
LOOK_UP = 'data "aws_vpc" "core" {\n  tags = { Name = "%s" }\n}\n'
CERTAIN: dict[str, Cut] = {
    "a stored parameter": (
        STORE,
        'data "aws_ssm_parameter" "vpc" {\n  name = "/net/vpc"\n}\n',
        "data.aws_ssm_parameter.vpc.value",
    ),
    "a state": (
        "",
        remote_state("s3", bucket='"states"', key='"live/net/terraform.tfstate"'),
        "data.terraform_remote_state.net.outputs.vpc_id",
    ),
}
POSSIBLE: dict[str, Cut] = {"a look-up": ("", LOOK_UP % "core", "data.aws_vpc.core.id")}
OTHER: dict[str, Cut] = {
    "another tag": ("", LOOK_UP % "other", "data.aws_vpc.core.id"),
    "another parameter": (
        STORE,
        'data "aws_ssm_parameter" "vpc" {\n  name = "/other"\n}\n',
        "data.aws_ssm_parameter.vpc.value",
    ),
    "another key": (
        "",
        remote_state("s3", bucket='"states"', key='"live/other/terraform.tfstate"'),
        "data.terraform_remote_state.net.outputs.vpc_id",
    ),
    "another bucket": (
        "",
        remote_state("s3", bucket='"elsewhere"', key='"live/net/terraform.tfstate"'),
        "data.terraform_remote_state.net.outputs.vpc_id",
    ),
}
CUTS = {
    **{name: ("pass", cut) for name, cut in CERTAIN.items()},
    **{name: ("unknown", cut) for name, cut in POSSIBLE.items()},
    **{name: ("fail", cut) for name, cut in OTHER.items()},
}

ROOT_HCL = """
remote_state {
  backend = "s3"
  config = {
    bucket = "states"
    key    = "${path_relative_to_include()}/terraform.tfstate"
    region = "eu-west-1"
  }
}
"""


def unit(module: str, *dependencies: str, **inputs: str) -> str:
    """The file of a unit of a module; values of ``inputs`` are expressions."""
    blocks = "".join(f'dependency "{name}" {{\n  config_path = "../{name}"\n}}\n' for name in dependencies)
    given = "".join(f"  {name} = {value}\n" for name, value in inputs.items())
    return (
        'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
        f'terraform {{\n  source = "${{get_repo_root()}}/modules/{module}"\n}}\n{blocks}inputs = {{\n{given}}}\n'
    )


def units(**modules: str) -> dict[str, str]:
    """A repository with a unit ``live/NAME`` for each module NAME."""
    found = {"root.hcl": ROOT_HCL}
    for name, code in modules.items():
        found[f"modules/{name}/main.tf"] = code
        found[f"live/{name}/terragrunt.hcl"] = unit(name)
    return found


VPC = "live/net:aws_vpc.core"


@pytest.mark.parametrize("name", CUTS)
def test_a_root_module_finds_what_a_unit_creates(tmp_path: Path, name: str) -> None:
    status, (stores, reads, vpc) = CUTS[name]
    files = {**units(net=NETWORK + stores), "ep/main.tf": reads + endpoint(vpc)}
    assert verdicts(report(tmp_path, files)) == {VPC: status}


SSM_ID = "data.aws_ssm_parameter.vpc.value"


def test_a_template_finds_what_a_unit_stores(tmp_path: Path) -> None:
    files = {**units(net=NETWORK + STORE), "ep.yaml": importer('"{{resolve:ssm:/net/vpc}}"')}
    found = report(tmp_path, files)
    assert verdicts(found) == {VPC: "pass"}
    assert any("ep.yaml:S3" in step for step in why(found, "aws_vpc.core"))


@pytest.mark.parametrize(("stored", "status"), [("/net/vpc", "pass"), ("/other", "fail")])
def test_names_come_from_the_inputs(tmp_path: Path, stored: str, status: str) -> None:
    code = 'variable "name" {}\n' + NETWORK + STORE.replace('"/net/vpc"', "var.name")
    files = {**units(net=code), "ep/main.tf": CERTAIN["a stored parameter"][1] + endpoint(SSM_ID)}
    files["live/net/terragrunt.hcl"] = unit("net", name=f'"{stored}"')
    assert verdicts(report(tmp_path, files)) == {VPC: status}


BACKEND = 'terraform {{\n  backend "s3" {{\n    bucket = "states"\n    key    = "{key}"\n  }}\n}}\n'
GENERATED = (
    'generate "backend" {{\n  path = "backend.tf"\n  if_exists = "overwrite"\n  contents = <<EOF\n{code}EOF\n}}\n'
)
STATE_OF: dict[str, Callable[[str], dict[str, str]]] = {
    "beside the unit": lambda key: {"root.hcl": "", "live/net/backend.tf": BACKEND.format(key=key)},
    "generated": lambda key: {"root.hcl": GENERATED.format(code=BACKEND.format(key=key))},
    "as an attribute": lambda key: {
        "root.hcl": f'remote_state = {{\n  backend = "s3"\n  config = {{ bucket = "states", key = "{key}" }}\n}}\n'
    },
    "of the unit": lambda key: {
        "live/net/terragrunt.hcl": unit("net")
        + f'remote_state {{\n  backend = "s3"\n  config = {{ bucket = "states", key = "{key}" }}\n}}\n'
    },
}


@pytest.mark.parametrize("place", STATE_OF)
@pytest.mark.parametrize(("key", "status"), [("live/net/terraform.tfstate", "pass"), ("other", "fail")])
def test_where_the_state_of_a_unit_is(tmp_path: Path, place: str, key: str, status: str) -> None:
    _, reads, vpc = CERTAIN["a state"]
    files = {**units(net=NETWORK), "ep/main.tf": reads + endpoint(vpc), **STATE_OF[place](key)}
    assert verdicts(report(tmp_path, files)) == {VPC: status}


@pytest.mark.parametrize(("bucket", "status"), [("states", "unknown"), ("elsewhere", "fail")])
def test_a_key_that_is_not_known(tmp_path: Path, bucket: str, status: str) -> None:
    root = ROOT_HCL.replace("${path_relative_to_include()}", '${get_env("STAGE")}')
    read = remote_state("s3", bucket=f'"{bucket}"', key='"live/net/terraform.tfstate"')
    files = {**units(net=NETWORK), "ep/main.tf": read + endpoint(), "root.hcl": root}
    assert verdicts(report(tmp_path, files)) == {VPC: status}


def test_a_state_that_may_be_anywhere(tmp_path: Path) -> None:
    """The file that says where it is cannot be read."""
    _, reads, vpc = CERTAIN["a state"]
    files = {**units(net=NETWORK), "ep/main.tf": reads + endpoint(vpc), "root.hcl": "remote_state {"}
    assert verdicts(report(tmp_path, files)) == {VPC: "unknown"}


def test_a_state_in_the_working_copy(tmp_path: Path) -> None:
    """Nobody names the working copies of Terragrunt. Code beside a unit runs where it is."""
    read = remote_state("local", path='"../live/net/terraform.tfstate"')
    files = {**units(net=NETWORK), "ep/main.tf": read + endpoint(), "root.hcl": ""}
    assert verdicts(report(tmp_path, files)) == {VPC: "fail"}
    beside = {"ep/main.tf": read + endpoint(), "live/net/terragrunt.hcl": "", "live/net/main.tf": NETWORK}
    assert verdicts(report(tmp_path / "beside", beside)) == {VPC: "pass"}


@pytest.mark.parametrize("name", CUTS)
def test_an_unrelated_unit_changes_nothing(tmp_path: Path, name: str) -> None:
    status, (stores, reads, vpc) = CUTS[name]
    files = {**units(net=NETWORK + stores), "ep/main.tf": reads + endpoint(vpc)}
    other = NETWORK.replace('"core"', '"web"') + endpoint("aws_vpc.web.id").removeprefix(PROVIDER)
    found = verdicts(report(tmp_path, {**files, **units(web=other, net=NETWORK + stores)}))
    assert found == {VPC: status, "live/web:aws_vpc.web": "pass"}
