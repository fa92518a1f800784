"""The action, the recipes of the documentation and the programs themselves in a checkout that a stranger wrote."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cli.run import MISSING
from tests.tools.environments import REPOSITORY, Environment, Workshop, clean_environment, git
from tests.tools.hostile import make_hostile, marks_in

RUNS_PYTHON = re.compile(
    r"(?<![\w/.])(?:\"[^\"]*/bin/python\"|\"\$PYTHON\"|(?:[\w./]*/)?python3?)(?=\s+-)(?P<options>.*)"
)
ADDRESS = re.compile(r"git\+https://example\.com/[\w-]+/vpce-checks@v[\d.]+")


def action_steps() -> list[str]:
    steps = yaml.safe_load((REPOSITORY / "action.yml").read_text())["runs"]["steps"]
    return [step["run"] for step in steps]


def gitlab() -> str:
    job = yaml.safe_load((REPOSITORY / "ci" / "gitlab.yml").read_text())["vpce-checks"]
    variables = [f"export {name}={shlex.quote(value)}" for name, value in job["variables"].items()]
    return "\n".join([*variables, *job["before_script"], *job["script"]])


def other_ci() -> str:
    return (REPOSITORY / "docs" / "other-ci.md").read_text()


def jenkins() -> str:
    page = other_ci()
    (script,) = re.findall(r"sh '''\n(.*?)\n *'''", page, re.S)
    (package,) = re.findall(r"VPCE_CHECKS_PACKAGE = '(.*)'", page)
    return f"export VPCE_CHECKS_PACKAGE={package}\n{script}"


def code_build() -> str:
    (text,) = [each for each in re.findall(r"```yaml\n(.*?)```", other_ci(), re.S) if "phases:" in each]
    recipe = yaml.safe_load(text)
    variables = [f"export {name}={shlex.quote(value)}" for name, value in recipe["env"]["variables"].items()]
    commands = [command for phase in ("install", "build") for command in recipe["phases"][phase]["commands"]]
    return "\n".join([*variables, *commands])


def azure() -> str:
    (text,) = [each for each in re.findall(r"```yaml\n(.*?)```", other_ci(), re.S) if "vmImage" in each]
    recipe = yaml.safe_load(text)
    variables = [f"export {name}={shlex.quote(value)}" for name, value in recipe["variables"].items()]
    (script,) = [step["bash"] for step in recipe["steps"] if "bash" in step]
    return "\n".join([*variables, script])


def atlantis() -> str:
    (text,) = [each for each in re.findall(r"```yaml\n(.*?)```", other_ci(), re.S) if "workflows:" in each]
    steps = yaml.safe_load(text)["workflows"]["vpce-checks"]["plan"]["steps"]
    (command,) = [step["run"] for step in steps if isinstance(step, dict)]
    return str(command)


RECIPES = {"gitlab": gitlab, "jenkins": jenkins, "codebuild": code_build, "azure": azure, "atlantis": atlantis}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A hostile checkout with a VPC without endpoints."""
    directory = tmp_path / "checkout"
    directory.mkdir()
    git(directory, "init", "--quiet")
    (directory / "main.tf").write_text(MISSING)
    make_hostile(directory, tmp_path / "marks")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "start")
    return directory


@pytest.fixture
def marks(tmp_path: Path, checkout: Path) -> Iterator[Path]:
    """Where whatever ran leaves its mark: nothing may."""
    directory = tmp_path / "marks"
    yield directory
    assert marks_in(directory) == []


@pytest.mark.parametrize("text", [*action_steps(), *(recipe() for recipe in RECIPES.values())])
def test_python_is_kept_from_the_current_directory(text: str) -> None:
    for match in RUNS_PYTHON.finditer(text):
        assert match["options"].split()[0] == "-I", match[0]
    assert not re.search(r"(?<![\w/.-])pip install", re.sub(r"-m pip install", "", text))


def test_files_are_hostile(checkout: Path, tmp_path: Path) -> None:
    """Without our care they run: or the tests here could not fail."""
    subprocess.run([sys.executable, "-m", "venv", "--help"], cwd=checkout, env=clean_environment(), capture_output=True)
    subprocess.run([sys.executable, "-c", "import secrets"], cwd=checkout, env=clean_environment(), capture_output=True)
    assert {"venv.py", "secrets.py"} <= set(marks_in(tmp_path / "marks"))


def test_module_run_in_isolation(checkout: Path, marks: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-m", "vpce_checks", "scan", "--jobs", "2"],
        cwd=checkout,
        env=clean_environment(),
        capture_output=True,
        text=True,
    )
    assert "FAIL VPCE001" in done.stdout, done.stderr


def test_program(checkout: Path, marks: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "vpce-checks", "scan", "--changed-since", "HEAD"],
        cwd=checkout,
        env=clean_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_module_imports_nothing_more_from_the_current_directory(tmp_path: Path) -> None:
    """``python -m vpce_checks`` as far as it is ours: after its own start nothing comes from the current directory."""
    (tmp_path / "argparse.py").write_text("raise SystemExit('taken from the current directory')\n")
    (tmp_path / "main.tf").write_text(MISSING)
    done = subprocess.run(
        [sys.executable, "-m", "vpce_checks", "scan", "--soft-fail"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_recipe(
    name: str, workshop: Workshop, linters: Environment, checkout: Path, marks: Path, tmp_path: Path
) -> None:
    wheel = workshop.wheel()
    script = ADDRESS.sub(str(wheel), RECIPES[name]())
    assert name == "atlantis" or str(wheel) in script
    (tmp_path / "tmp").mkdir()
    environment = {**clean_environment(), "TMPDIR": str(tmp_path / "tmp")}
    if name == "atlantis":
        environment["PATH"] = f"{linters.bin}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAIL VPCE001" in done.stdout
