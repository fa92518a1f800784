"""Checkov and this package in one environment, whichever comes first: both work."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tools.environments import REPOSITORY, Environment, Workshop, clean_environment

pytestmark = pytest.mark.slow

EXAMPLE = REPOSITORY / "examples" / "terraform" / "envs" / "staging"


def both_work(environment: Environment) -> None:
    """Each by itself, and Checkov with our rules."""
    assert environment.run("checkov", "--version", cwd=EXAMPLE).returncode == 0
    scan = environment.run("vpce-checks", "scan", cwd=EXAMPLE)
    assert scan.returncode == 1, scan.stderr
    together = environment.run("vpce-checks", "checkov", "-d", ".", "-c", "VPCE*", "--skip-download", cwd=EXAMPLE)
    assert together.returncode == 1, together.stderr
    assert "module.network.aws_vpc.this has no gateway endpoint for S3" in together.stdout


@pytest.mark.parametrize("first", ["checkov", "vpce-checks"])
def test_pip_one_after_the_other(workshop: Workshop, tmp_path: Path, first: str) -> None:
    environment = Environment(tmp_path / "venv")
    wheel = str(workshop.wheel())
    names = ["checkov", wheel] if first == "checkov" else [wheel, "checkov"]
    commands = [
        [sys.executable, "-m", "venv", str(environment.directory)],
        *([str(environment.bin / "python"), "-m", "pip", "install", "--quiet", name] for name in names),
        [str(environment.bin / "python"), "-m", "pip", "check"],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, env=clean_environment())
        assert done.returncode == 0, done.stdout + done.stderr
    both_work(environment)


def test_uv_both_at_once(workshop: Workshop, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv")
    workshop.uv("venv", "--quiet", "--python", sys.executable, environment.directory)
    python = environment.bin / "python"
    workshop.uv("pip", "install", "--quiet", "--python", python, "checkov", workshop.wheel())
    both_work(environment)


def test_base_install_brings_neither_checkov_nor_cfn_lint(workshop: Workshop, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv")
    workshop.uv("venv", "--quiet", "--python", sys.executable, environment.directory)
    workshop.uv("pip", "install", "--quiet", "--python", environment.bin / "python", workshop.wheel())
    for module in ("checkov", "cfnlint", "hcl2"):
        assert environment.run("python", "-c", f"import {module}", cwd=tmp_path).returncode != 0
    done = environment.run("vpce-checks", "checkov", "-d", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install" in done.stderr


def test_wheel_holds_what_the_tools_load(workshop: Workshop) -> None:
    names = set(zipfile.ZipFile(workshop.wheel()).namelist())
    checks = {name for name in names if name.startswith("vpce_checks/policies/checkov/")}
    assert checks == {
        "vpce_checks/policies/checkov/__init__.py",
        "vpce_checks/policies/checkov/vpce_checks_checkov_loader.py",
    }
    assert "vpce_checks/policies/cfn-lint/vpce_checks_cfn_lint_loader.py" in names
    assert any(name.startswith("vpce_checks/policies/checkov-yaml/") for name in names)
