"""What a scan may read: the repository around a path, else the current directory, or what ``--boundary`` names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import MISSING, Result, cli, root

CALL = 'module "net" {\n  source = "../../modules/net"\n}\n'
ADDRESS = "module.net.aws_vpc.main"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout without git: ``envs/prod`` calls a module above it."""
    root(tmp_path / "work" / "envs" / "prod", CALL)
    root(tmp_path / "work" / "modules" / "net", MISSING)
    return tmp_path / "work"


def vpcs(result: Result) -> list[str]:
    return [vpc["address"] for vpc in json.loads(result.out)["vpcs"]]


def scanned(*arguments: str, cwd: Path, **environment: str) -> Result:
    return cli("scan", *arguments, "--format", "json", cwd=cwd, **environment)


def test_without_git_a_scan_may_read_the_current_directory(tree: Path) -> None:
    assert vpcs(scanned("envs/prod", cwd=tree)) == [ADDRESS]
    assert vpcs(scanned("envs/prod/main.tf", cwd=tree)) == [ADDRESS]
    assert vpcs(scanned("--root", "envs/prod", cwd=tree)) == [ADDRESS]


def test_without_git_a_scan_from_elsewhere_reads_only_the_path(tree: Path) -> None:
    assert vpcs(scanned(".", cwd=tree / "envs" / "prod")) == []
    assert vpcs(scanned(str(tree / "envs" / "prod"), cwd=tree / "modules")) == []


def test_a_home_directory_is_no_repository(tree: Path) -> None:
    assert vpcs(scanned("envs/prod", cwd=tree, HOME=str(tree))) == []
    assert vpcs(scanned("work/envs/prod", cwd=tree.parent, HOME=str(tree))) == []
    assert vpcs(scanned("envs/prod", cwd=tree, HOME=str(tree.parent))) == [ADDRESS]


def test_git_wins_over_the_current_directory(tree: Path) -> None:
    (tree / "envs" / ".git").mkdir()
    assert vpcs(scanned("envs/prod", cwd=tree)) == []


def test_boundary_option_says_otherwise(tree: Path) -> None:
    assert vpcs(scanned(".", "--boundary", "../..", cwd=tree / "envs" / "prod")) == [ADDRESS]
    assert vpcs(scanned("envs/prod", "--boundary", "envs", cwd=tree)) == []
    (tree / "envs" / ".git").mkdir()
    assert vpcs(scanned("envs/prod", "--boundary", ".", cwd=tree)) == [ADDRESS]


def test_boundary_option_must_be_around_every_path(tree: Path) -> None:
    outside = scanned("envs/prod", "modules", "--boundary", "envs", cwd=tree)
    assert outside.code == 2
    assert "modules is not in envs" in outside.err
    missing = scanned("envs/prod", "--boundary", "nowhere", cwd=tree)
    assert missing.code == 2
    assert "--boundary names no directory: nowhere" in missing.err
