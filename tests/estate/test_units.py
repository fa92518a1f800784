"""Terragrunt units that are joined with other roots by look-ups, stored parameters and states."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.estate.estates import (
    NETWORK,
    PROVIDER,
    TEMPLATE,
    backend,
    endpoint,
    importer,
    remote_state,
    report,
    verdicts,
    why,
)
from tests.expectations import inside
from vpce_checks.estate.variants import objects_of
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.project import Project

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


@pytest.mark.parametrize("name", CUTS)
def test_a_unit_finds_what_a_root_module_creates(tmp_path: Path, name: str) -> None:
    status, (stores, reads, vpc) = CUTS[name]
    backend_of_net = backend("s3", bucket='"states"', key='"live/net/terraform.tfstate"')
    files = {**units(ep=reads + endpoint(vpc)), "net/main.tf": backend_of_net + NETWORK + stores}
    assert verdicts(report(tmp_path, files)) == {"net:aws_vpc.core": status}


@pytest.mark.parametrize("name", CUTS)
def test_a_unit_finds_what_a_unit_creates(tmp_path: Path, name: str) -> None:
    status, (stores, reads, vpc) = CUTS[name]
    files = units(net=NETWORK + stores, ep=reads + endpoint(vpc))
    assert verdicts(report(tmp_path, files)) == {VPC: status}
    assert verdicts(report(tmp_path, files, path="live/net")) == {VPC: status}


@pytest.mark.parametrize("name", CUTS)
def test_a_module_that_the_module_of_a_unit_calls(tmp_path: Path, name: str) -> None:
    status, (stores, reads, vpc) = CUTS[name]
    call = 'module "inner" {\n  source = "../%s-inner"\n}\noutput "vpc_id" {\n  value = try(module.inner.vpc_id, null)\n}\n'
    files = units(net=call % "net", ep=call % "ep")
    files["modules/net-inner/main.tf"] = NETWORK + stores
    files["modules/ep-inner/main.tf"] = reads + endpoint(vpc)
    assert verdicts(report(tmp_path, files)) == {"live/net:module.inner.aws_vpc.core": status}


def test_a_unit_finds_what_a_template_creates(tmp_path: Path) -> None:
    template = TEMPLATE + (
        "  P: {Type: AWS::SSM::Parameter, Properties: {Name: /net/vpc, Type: String, Value: !Ref Vpc}}\n"
    )
    _, reads, vpc = CERTAIN["a stored parameter"]
    files = {**units(ep=reads + endpoint(vpc)), "net.yaml": template}
    assert verdicts(report(tmp_path, files)) == {"net.yaml:Vpc": "pass"}


INTERFACE = """
resource "aws_vpc_endpoint" "{name}" {{
  vpc_id              = {vpc}
  service_name        = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}}
"""


def interface(vpc: str, name: str = "ssm") -> str:
    """The code of an interface endpoint with private DNS."""
    return PROVIDER + INTERFACE.format(name=name, vpc=vpc)


def twice(directory: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    """The objects that come twice into the network of a root: the root, and where they are in the code."""
    write(directory, files)
    with inside(directory, {}):
        project = Project(ScanOptions(paths=(str(directory),), boundary=str(directory)))
        networks = [
            (root.path, network)
            for batch in project.batches()
            for root in batch.roots()
            for network in project.read(root)
        ]
        counts = Counter(
            (os.path.relpath(path, directory), f"{type(each).__name__} {each.declared.span}")
            for path, network in networks
            for each in objects_of(network)
        )
    return [each for each, count in counts.items() if count > 1]


def write(directory: Path, files: dict[str, str]) -> None:
    """Write a repository."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)


def crowd(name: str) -> dict[str, str]:
    """Units and a root module around one VPC: they depend on its unit, read what it shares, or both."""
    _, (stores, reads, read) = CUTS[name]
    code = 'variable "vpc_id" {}\n' + reads
    used = f'output "used" {{\n  value = {read}\n}}\n'
    files = units(
        net=NETWORK + stores,
        both=code + interface("var.vpc_id") + used,
        mixed=code + interface(read).replace(".ssm", ".sqs"),
        follows='variable "vpc_id" {}\n' + interface("var.vpc_id").replace(".ssm", ".sns"),
        reads=reads + interface(read).replace(".ssm", ".kms"),
    )
    for each in ("both", "mixed", "follows"):
        files[f"live/{each}/terragrunt.hcl"] = unit(each, "net", vpc_id="dependency.net.outputs.vpc_id")
    return {**files, "ep/main.tf": reads + endpoint(read)}


@pytest.mark.parametrize("name", CUTS)
def test_no_object_comes_twice(tmp_path: Path, name: str) -> None:
    """A unit may depend on another one and read what that shares as well."""
    assert twice(tmp_path, crowd(name)) == []


@pytest.mark.parametrize("name", CUTS)
def test_a_crowd_around_a_vpc(tmp_path: Path, name: str) -> None:
    status = CUTS[name][0]
    found = report(tmp_path, crowd(name))
    assert verdicts(found) == {VPC: status}
    conflicts = {f"live/{each}:aws_vpc_endpoint.ssm": "pass" for each in ("both", "mixed", "follows", "reads")}
    assert verdicts(found, "VPCE010") == conflicts


@pytest.mark.parametrize("name", CERTAIN)
@pytest.mark.parametrize("second", ["both", "reads", "follows"])
def test_two_units_that_are_in_conflict(tmp_path: Path, name: str, second: str) -> None:
    """A conflict is certain, whichever way the two units know the VPC."""
    files = crowd(name)
    module = f"modules/{second}/main.tf"
    for service in (".ssm", ".kms", ".sns"):
        files[module] = files[module].replace(service, ".sqs")
    files[module] = files[module].replace('"ssm"', '"sqs"').replace("aws_vpc_endpoint.sqs", "aws_vpc_endpoint.ssm")
    found = verdicts(report(tmp_path, files), "VPCE010")
    assert sorted(status for vpc, status in found.items() if f"/{second}:" in vpc or "/mixed:" in vpc) == ["fail"]


CHANGES = {
    "an input": ("live/net/terragrunt.hcl", '"/net/vpc"', '"/elsewhere"'),
    "a file of the module": ("modules/net/main.tf", "var.name", '"/elsewhere"'),
    "the unit that reads": ("live/ep/terragrunt.hcl", '"/net/vpc"', '"/elsewhere"'),
    "an included file": ("root.hcl", '"/net/vpc"', '"/elsewhere"'),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("back", [False, True])
def test_kept_reports_follow_what_units_share(tmp_path: Path, change: str, back: bool) -> None:
    """What decides whom a unit is joined with may be in the files of another one."""
    code = 'variable "name" {}\n' + NETWORK + STORE.replace('"/net/vpc"', "var.name")
    reads = (
        'variable "name" {}\n' + CERTAIN["a stored parameter"][1].replace('"/net/vpc"', "var.name") + endpoint(SSM_ID)
    )
    files = units(net=code, ep=reads)
    files["live/net/terragrunt.hcl"] = unit("net", name='"/net/vpc"')
    files["live/ep/terragrunt.hcl"] = unit("ep", name='"/net/vpc"')
    path, old, new = CHANGES[change]
    if path == "root.hcl":
        files["root.hcl"] += '\ninputs = {\n  name = "/net/vpc"\n}\n'
        files["live/net/terragrunt.hcl"] = unit("net")
    changed = {**files, path: files[path].replace(old, new)}
    states = [(files, "pass"), (changed, "fail")]
    root = tmp_path / "repository"
    for state, status in reversed(states) if back else states:
        write(root, state)
        found = report(root, {}, "--cache", str(tmp_path / "cache"))
        assert verdicts(found) == {VPC: status}
        again = report(root, {}, "--cache", str(tmp_path / "cache"))
        assert again["results"] == found["results"]


@pytest.mark.parametrize("name", CUTS)
def test_an_unrelated_unit_changes_nothing_of_a_crowd(tmp_path: Path, name: str) -> None:
    files = crowd(name)
    other = NETWORK.replace('"core"', '"web"') + interface("aws_vpc.web.id")
    more = {path: text for path, text in units(web=other).items() if path not in files}
    before = report(tmp_path / "before", files)
    after = report(tmp_path / "after", {**files, **more})
    kept = [each for each in after["results"] if each["root"] != "live/web"]
    assert kept == before["results"]


def chained(way: str) -> dict[str, str]:
    """A unit that reads the id of the VPC from a stored parameter and hands it on."""
    _, reads, read = CERTAIN["a stored parameter"]
    middle = f'{reads}output "vpc_id" {{\n  value = {read}\n}}\n'
    state = remote_state("s3", bucket='"states"', key='"live/middle/terraform.tfstate"')
    code = state + endpoint() if way == "state" else 'variable "vpc_id" {}\n' + endpoint("var.vpc_id")
    files = units(net=NETWORK + STORE, middle=middle, ep=code)
    if way == "dependency":
        files["live/ep/terragrunt.hcl"] = unit("ep", "middle", vpc_id="dependency.middle.outputs.vpc_id")
    return files


@pytest.mark.parametrize("way", ["state", "dependency"])
def test_what_a_unit_reads_it_hands_on(tmp_path: Path, way: str) -> None:
    assert verdicts(report(tmp_path, chained(way))) == {VPC: "pass"}
    assert twice(tmp_path, chained(way)) == []


def test_units_that_a_stack_makes(tmp_path: Path) -> None:
    _, reads, vpc = CERTAIN["a stored parameter"]
    files = {**units(net=NETWORK + STORE), "ep/main.tf": reads + endpoint(vpc)}
    files["units/net/terragrunt.hcl"] = files.pop("live/net/terragrunt.hcl")
    files["live/terragrunt.stack.hcl"] = 'unit "net" {\n  source = "../units/net"\n  path   = "net"\n}\n'
    assert verdicts(report(tmp_path, files)) == {"live/.terragrunt-stack/net:aws_vpc.core": "pass"}


def test_code_that_an_included_file_generates(tmp_path: Path) -> None:
    """No module looks anything up."""
    code = LOOK_UP % "core" + endpoint("data.aws_vpc.core.id")
    files = units(net=NETWORK, ep="locals {}\n")
    generated = (
        f'generate "ep" {{\n  path      = "ep.tf"\n  if_exists = "overwrite"\n  contents  = <<EOF\n{code}EOF\n}}\n'
    )
    files["live/ep/terragrunt.hcl"] = 'terraform {\n  source = "../../modules/ep"\n}\n' + generated
    assert verdicts(report(tmp_path, files)) == {VPC: "unknown"}


def test_a_change_counts_for_joined_units(tmp_path: Path) -> None:
    _, reads, vpc = CERTAIN["a stored parameter"]
    write(tmp_path, {**units(ep=reads + endpoint(vpc)), "net/main.tf": NETWORK + STORE, "web/main.tf": NETWORK})
    with inside(tmp_path, {}):
        project = Project(ScanOptions(paths=(str(tmp_path),), boundary=str(tmp_path)))
        roots = {root.key: root for batch in project.batches() for root in batch.roots()}
        affected = project.affected(roots, [str(tmp_path / "modules" / "ep" / "main.tf")])
    assert {os.path.relpath(path, tmp_path) for path, _ in affected} == {"net", "live/ep"}


def test_a_unit_calls_another_root_by_its_label(tmp_path: Path) -> None:
    """Among roots that are joined, everything has one name, whichever way it is known."""
    found = report(tmp_path, crowd("a stored parameter"))
    steps = why(found, "aws_vpc.core")
    assert any("ep:aws_vpc_endpoint.s3" in step for step in steps)
    assert "../" not in str(found["results"])


ROLE = 'iam_role = "arn:aws:iam::%s:role/deploy"\n'
PROFILE = (
    'terraform {\n  extra_arguments "p" {\n    commands = ["apply"]\n    env_vars = { AWS_PROFILE = "%s" }\n  }\n}\n'
)


@pytest.mark.parametrize(
    ("net", "ep", "status"),
    [
        (ROLE % "111111111111", ROLE % "111111111111", "pass"),
        (ROLE % "111111111111", ROLE % "222222222222", "fail"),
        (ROLE % "111111111111", "", "unknown"),
        ('iam_role = get_env("ROLE")\n', "", "unknown"),
        ('iam_role = "named"\n', 'iam_role = "named"\n', "pass"),
        ('iam_role = "named"\n', 'iam_role = "other"\n', "unknown"),
    ],
)
def test_parameters_of_other_accounts(tmp_path: Path, net: str, ep: str, status: str) -> None:
    """Terragrunt assumes a role before it runs anything."""
    _, reads, vpc = CERTAIN["a stored parameter"]
    files = units(net=NETWORK + STORE, ep=reads + endpoint(vpc))
    files["live/net/terragrunt.hcl"] += net
    files["live/ep/terragrunt.hcl"] += ep
    assert verdicts(report(tmp_path, files)) == {VPC: status}


@pytest.mark.parametrize(("profile", "status"), [("prod", "pass"), ("dev", "unknown")])
def test_parameters_of_other_profiles(tmp_path: Path, profile: str, status: str) -> None:
    _, reads, vpc = CERTAIN["a stored parameter"]
    files = units(net=NETWORK + STORE, ep=reads + endpoint(vpc))
    for name, used in (("net", "prod"), ("ep", profile)):
        path = f"live/{name}/terragrunt.hcl"
        files[path] = files[path].replace("terraform {\n", (PROFILE % used).removesuffix("}\n"), 1)
    assert verdicts(report(tmp_path, files)) == {VPC: status}
