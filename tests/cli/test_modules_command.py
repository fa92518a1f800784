"""``vpce-checks modules``, ``--module-source`` and the policy's ``modules``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.run import cli

FILES = {
    "main.tf": """
module "net" {
  source = "./net"
  count  = var.on ? 1 : 0
}

variable "on" {
  default = false
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.0"
}

module "group" {
  source = "terraform-aws-modules/security-group/aws"
}

module "private" {
  source = "git::https://user:s3cr3t@git.example.com/acme/private.git?ref=v2"
}

module "computed" {
  source = var.where
}

module "none" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "99.0.0"
}
""",
    "net/main.tf": 'module "inner" {\n  source = "./inner"\n}\n\nmodule "again" {\n  source = "../net"\n}\n',
    "net/inner/main.tf": 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n',
    "code/private/main.tf": 'resource "aws_vpc" "private" {\n  cidr_block = "10.9.0.0/16"\n}\n',
}
PRIVATE = "git::https://git.example.com/acme/private.git"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def _resolved(out: str) -> dict[str, str]:
    return {entry["address"]: entry["resolved"] for entry in json.loads(out)["modules"] if entry["root"] == "."}


def test_every_call_is_listed_with_how_it_was_found(repository: Path) -> None:
    result = cli("modules", "--format", "json", cwd=repository)
    assert result.code == 0
    assert _resolved(result.out) == {
        "module.net": "local",
        "module.net.module.inner": "local",
        "module.net.module.again": "opaque",
        "module.vpc": "stub",
        "module.group": "harmless",
        "module.private": "opaque",
        "module.computed": "opaque",
        "module.none": "opaque",
    }
    listed = {entry["address"]: entry for entry in json.loads(result.out)["modules"]}
    assert listed["module.vpc"]["known_as"] == "terraform-aws-modules/vpc/aws 5.21.0"
    assert (listed["module.vpc"]["file"], listed["module.vpc"]["line"]) == ("main.tf", 11)
    assert listed["module.net.module.inner"]["directory"] == "net/inner"
    assert listed["module.group"]["reason"] == "it is not installed; vpce-checks knows that it creates no endpoints"
    assert listed["module.none"]["reason"] is not None and "99.0.0" in listed["module.none"]["reason"]
    assert "s3cr3t" not in result.out


def test_the_text_says_the_same(repository: Path) -> None:
    result = cli("modules", ".", cwd=repository)
    assert result.code == 0
    assert "module.vpc  main.tf:11\n    terraform-aws-modules/vpc/aws ~> 5.0: stub of" in result.out
    assert "git::https://***@git.example.com/acme/private.git?ref=v2: opaque: it is not in the repository" in result.out
    assert "s3cr3t" not in result.out
    assert re.search(r"^8 module calls: 4 opaque, 2 local, 1 harmless, 1 stub$", result.out, re.MULTILINE)


def test_a_directory_can_be_named_for_a_source(repository: Path) -> None:
    argument = f"{PRIVATE}?ref=v2=code/private"
    result = cli("modules", "--module-source", argument, "--format", "json", cwd=repository)
    assert _resolved(result.out)["module.private"] == "given"
    # What is called that way is no root of its own.
    assert {entry["root"] for entry in json.loads(result.out)["modules"]} == {"."}
    result = cli("scan", "--module-source", argument, "--format", "json", cwd=repository)
    report = json.loads(result.out)
    assert ("module.private.aws_vpc.private", ".") in {(vpc["address"], vpc["root"]) for vpc in report["vpcs"]}
    assert not any(vpc["root"] == "code/private" for vpc in report["vpcs"])


def test_the_policy_can_name_it_as_well(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text(f'version: 1\nmodules:\n  "{PRIVATE}": code/private\n')
    result = cli("modules", "--format", "json", cwd=repository)
    assert _resolved(result.out)["module.private"] == "given"


def test_a_directory_outside_is_for_the_command_line_alone(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "main.tf").write_text(FILES["code/private/main.tf"])
    result = cli("modules", "--module-source", f"{PRIVATE}={outside}", "--format", "json", cwd=repository)
    assert _resolved(result.out)["module.private"] == "given"
    policy = repository / ".vpce-checks.yaml"
    policy.write_text(f'version: 1\nmodules:\n  "{PRIVATE}": {outside}\n')
    result = cli("modules", cwd=repository)
    assert result.code == 2
    assert ".vpce-checks.yaml:3: the module directory" in result.err and "outside of the repository" in result.err


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("modules: [a]", "'modules' must be a mapping"),
        ("modules: {a/b/c: 1.5e, x: [y]}", "the directory of 'x' must be text"),
        ("modules: {a/b/c: missing}", "there is no directory missing"),
    ],
)
def test_mistakes_in_the_policy_are_told(repository: Path, policy: str, message: str) -> None:
    (repository / ".vpce-checks.yaml").write_text(f"version: 1\n{policy}\n")
    result = cli("modules", cwd=repository)
    assert result.code == 2 and message in result.err


@pytest.mark.parametrize("argument", ["x", "=code", "x=", "x=missing"])
def test_a_wrong_module_source_is_told(repository: Path, argument: str) -> None:
    for command in ("scan", "modules"):
        assert cli(command, "--module-source", argument, cwd=repository).code == 2


def test_an_unreadable_file_is_told(repository: Path) -> None:
    (repository / "broken.tf").write_text('module "x" {\n')
    result = cli("modules", cwd=repository)
    assert result.code == 3 and "broken.tf:1" in result.err
    assert "module.vpc" in result.out


def test_no_modules_at_all(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("")
    assert cli("modules", cwd=tmp_path).out == "0 module calls\n"


def test_what_is_opaque_is_what_a_scan_did_not_read(tmp_path: Path) -> None:
    """In a module that two calls use, behind for_each, of another provider, and joined to another root."""
    call = 'module "x" {\n  source = "git::https://git.example.com/acme/x.git"\n  %s\n}\n'
    files = {
        "a/main.tf": 'module "one" {\n  source = "../shared"\n}\nmodule "two" {\n  source = "../shared"\n}\n',
        "b/main.tf": call % 'for_each = toset(["p", "q"])' + 'module "g" {\n  source = "acme/net/google"\n}\n',
        "shared/main.tf": call % "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert cli("modules", cwd=tmp_path).out.endswith("\n6 module calls: 3 opaque, 2 local, 1 harmless\n")
    assert "not read: 3 module calls" in cli("scan", cwd=tmp_path).out
