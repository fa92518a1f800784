"""pre-commit itself, on scratch repositories that take their hooks from this one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.tools.environments import REPOSITORY, Environment, Workshop, git

pytestmark = pytest.mark.slow

MODULE = """\
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}
"""
ENDPOINTS = """\
resource "aws_vpc_endpoint" "gateway" {
  for_each        = toset(["s3", "dynamodb"])
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.eu-west-1.${each.key}"
  route_table_ids = [aws_vpc.this.main_route_table_id]
}
"""
ROOT = 'module "net" {\n  source = "../../modules/net"\n}\n'


@pytest.fixture(scope="session")
def hooks(workshop: Workshop) -> Path:
    """This repository as a hook source: what is tracked, or would be, in a commit of its own."""
    source = workshop.directory / f"hooks-{workshop.wheel().parent.name}"
    with workshop._once(source.name) as needed:
        if needed:
            shutil.rmtree(source, ignore_errors=True)
            source.mkdir()
            listing = git(REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
            for name in filter(None, listing.split("\0")):
                if (REPOSITORY / name).is_file() and not name.startswith("tests/"):
                    target = source / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(REPOSITORY / name, target)
            git(source, "init", "--quiet")
            git(source, "add", "--all")
            git(source, "commit", "--quiet", "--message", "the hooks")
    return source


@pytest.fixture
def repository(tmp_path: Path, hooks: Path) -> Path:
    """Two roots that call one module, all in order, and a third that does not; with the hook set up."""
    write(tmp_path, "modules/net/main.tf", MODULE)
    write(tmp_path, "modules/net/endpoints.tf", ENDPOINTS)
    write(tmp_path, "envs/prod/main.tf", ROOT)
    write(tmp_path, "envs/dev/main.tf", ROOT)
    write(tmp_path, "other/main.tf", 'resource "aws_vpc" "alone" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    configure(tmp_path, hooks, "vpce-checks")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "start")
    return tmp_path


def configure(directory: Path, hooks: Path, hook: str, args: str = "") -> None:
    revision = git(hooks, "rev-parse", "HEAD")
    write(
        directory,
        ".pre-commit-config.yaml",
        f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n{args}",
    )


def write(directory: Path, name: str, text: str) -> None:
    file = directory / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def run(linters: Environment, repository: Path, *arguments: str) -> tuple[int, str]:
    """``pre-commit run``: exit code and what it prints. Hook environments are kept beside the tools."""
    cache = {"PRE_COMMIT_HOME": str(linters.directory / "pre-commit-cache")}
    done = linters.run("pre-commit", "run", "--verbose", *arguments, cwd=repository, env=cache, timeout=900)
    return done.returncode, done.stdout + done.stderr


def test_change_of_a_module_is_reported_on_the_roots_that_call_it(linters: Environment, repository: Path) -> None:
    write(repository, "modules/net/endpoints.tf", ENDPOINTS.replace('"s3", ', ""))
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code != 0, output
    assert "VPCE001" in output
    assert "envs/prod" in output and "envs/dev" in output
    assert "aws_vpc.alone" not in output


def test_change_of_one_root_is_reported_on_it_alone(linters: Environment, repository: Path) -> None:
    write(repository, "other/variables.tf", 'variable "x" {\n  default = 1\n}\n')
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code != 0, output
    assert "aws_vpc.alone" in output
    assert "module.net" not in output


def test_removal_of_a_file_is_noticed(linters: Environment, repository: Path) -> None:
    git(repository, "rm", "--quiet", "modules/net/endpoints.tf")
    code, output = run(linters, repository)
    assert code != 0, output
    assert "module.net.aws_vpc.this" in output


def test_change_that_reaches_no_root_passes(linters: Environment, repository: Path) -> None:
    write(repository, "README.md", "words\n")
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code == 0, output
    assert "0 failed" in output


def test_all_files_are_all_roots(linters: Environment, repository: Path) -> None:
    code, output = run(linters, repository, "--all-files")
    assert code != 0, output
    assert "aws_vpc.alone" in output


def test_between_two_commits(linters: Environment, repository: Path) -> None:
    git(repository, "rm", "--quiet", "modules/net/endpoints.tf")
    git(repository, "commit", "--quiet", "--message", "remove", "--no-verify")
    code, output = run(linters, repository, "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert code != 0, output
    assert "module.net.aws_vpc.this" in output


def test_what_was_so_before_can_be_left_out(linters: Environment, repository: Path, hooks: Path) -> None:
    configure(repository, hooks, "vpce-checks", "    args: [--changed-since, HEAD, --]\n")
    write(repository, "other/variables.tf", 'variable "x" {\n  default = 1\n}\n')
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code == 0, output


def test_bad_input_stops_the_commit(linters: Environment, repository: Path) -> None:
    write(repository, "other/broken.tf", 'resource "aws_vpc" {\n')
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code != 0
    assert "other/broken.tf:1" in output
    write(repository, "other/broken.tf", "")
    write(repository, ".vpce-checks.yaml", "version: 1\nrequird: {}\n")
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code != 0
    assert ".vpce-checks.yaml:2" in output


NAMES = ("--policy=z.yaml", "--format=json=/elsewhere.json", "--baseline=b.json", "-v.tf", "--soft-fail.tf/a.tf")


@pytest.mark.parametrize("args", ["", "    args: [--min-severity, low, --]\n"])
def test_names_of_files_are_no_options(
    linters: Environment, repository: Path, hooks: Path, tmp_path: Path, args: str
) -> None:
    configure(repository, hooks, "vpce-checks", args)
    write(repository, "other/variables.tf", 'variable "x" {\n  default = 1\n}\n')
    for name in NAMES:
        write(repository, name, "version: 1\nextends: []\n" if name.endswith(".yaml") else "")
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code != 0, output
    assert "FAIL VPCE001" in output and "aws_vpc.alone" in output


def test_names_of_files_without_the_mark_stop_the_commit(
    linters: Environment, repository: Path, hooks: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "elsewhere.json"
    name = f"--format=json={outside}"
    configure(repository, hooks, "vpce-checks", "    args: [--soft-fail]\n")
    write(repository, name, "{}")
    git(repository, "add", "--all")
    outside.write_text("mine")
    code, output = run(linters, repository)
    assert code != 0, output
    assert "exit code: 2" in output
    assert f"{name} is an option and the name of a file here; put -- before" in output.replace("\n", "")
    assert outside.read_text() == "mine"


def test_checkov_hook(linters: Environment, repository: Path, hooks: Path) -> None:
    configure(repository, hooks, "vpce-checks-checkov", "    args: [-d, ., --compact, --quiet, --skip-download]\n")
    git(repository, "add", "--all")
    write(repository, "modules/net/endpoints.tf", ENDPOINTS.replace('"s3", ', ""))
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code != 0, output
    assert "module.net.aws_vpc.this has no gateway endpoint for S3" in output


STACK = """\
Resources:
  Net:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: vpc.yaml}
"""
NESTED = """\
Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
"""


def test_cfn_lint_hook(linters: Environment, repository: Path, hooks: Path) -> None:
    args = "    files: ^stacks/.*yaml$\n    args: [--ignore-checks, W3002, --]\n"
    configure(repository, hooks, "vpce-checks-cfn-lint", args)
    write(repository, "stacks/vpc.yaml", NESTED)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "nested", "--no-verify")
    write(repository, "stacks/top.yaml", STACK)
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code != 0, output
    assert "EVPCE001 Net/Main has no gateway endpoint for S3 (stacks/vpc.yaml:2)" in output


def test_module_with_another_name(linters: Environment, repository: Path) -> None:
    git(repository, "mv", "modules/net", "modules/network")
    code, output = run(linters, repository)
    assert code != 0
    assert "exit code: 3" in output, "two roots call what is gone"
    for name in ("prod", "dev"):
        write(repository, f"envs/{name}/main.tf", ROOT.replace("/net", "/network"))
    git(repository, "add", "--all")
    code, output = run(linters, repository)
    assert code == 0, output


def test_submodule_at_another_commit(
    linters: Environment, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    library = tmp_path_factory.mktemp("library")
    for name in ("main.tf", "endpoints.tf"):
        write(library, name, (repository / "modules/net" / name).read_text())
    git(library, "init", "--quiet")
    git(library, "add", "--all")
    git(library, "commit", "--quiet", "--message", "start")
    git(repository, "rm", "--quiet", "-r", "modules/net")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "modules/net")
    git(repository, "commit", "--quiet", "--message", "submodule", "--no-verify")
    inside = repository / "modules/net"
    git(inside, "rm", "--quiet", "endpoints.tf")
    git(inside, "commit", "--quiet", "--message", "remove")
    git(repository, "add", "modules/net")
    code, output = run(linters, repository)
    assert code != 0, output
    assert "aws_vpc.this has no gateway endpoint for S3" in output and "- module.net.aws_vpc.this in " in output


def test_prek(linters: Environment, repository: Path, workshop: Workshop) -> None:
    git(repository, "rm", "--quiet", "modules/net/endpoints.tf")
    path = os.pathsep.join(
        [str(linters.bin), str(workshop.directory / "uv" / "bin"), os.environ["PATH"]]
    )  # it needs uv
    environment = {"PREK_HOME": str(linters.directory / "prek-cache"), "PATH": path}
    done = linters.run("prek", "run", "--verbose", cwd=repository, env=environment, timeout=900)
    assert done.returncode != 0, done.stdout + done.stderr
    assert "module.net.aws_vpc.this" in done.stdout
