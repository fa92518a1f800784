"""The help that users see, by the argparse of every Python that is installed here: each lays it out in its own way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import cli
from vpce_checks.cli import commands

REPOSITORY = Path(__file__).parents[2]
VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


def _interpreters() -> dict[str, str]:
    """An interpreter for each version that we support: from PATH, or installed by pyenv."""
    found = {version: shutil.which(f"python{version}") for version in VERSIONS}
    for path in sorted(Path.home().glob(".pyenv/versions/3.*/bin/python")):
        version = ".".join(path.parents[1].name.split(".")[:2])
        if version in VERSIONS:
            found[version] = str(path)  # pyenv's commands on PATH refuse to run a version that is not selected
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {version: path for version, path in {**found, here: sys.executable}.items() if path}


INTERPRETERS = _interpreters()


def _help(python: str, *arguments: str) -> str:
    done = subprocess.run(
        [python, "-S", "-m", "vpce_checks", *arguments, "--help"],  # -S: help needs nothing that is installed
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_help_on_every_python(version: str) -> None:
    if version not in INTERPRETERS:
        pytest.skip(f"Python {version} is not installed here")
    text = _help(INTERPRETERS[version])
    assert "None" not in text
    assert "\ncommands:\n  COMMAND\n    scan " in text
    for group in commands.GROUPS[1:]:
        assert f"\n\n  {group}:\n    " in text
    assert all(text.count(f"\n    {command} ") + text.count(f"\n    {command}\n") == 1 for command in commands.names())
    for command in ("scan", "modules", "explain"):
        text = _help(INTERPRETERS[version], command)
        assert text.startswith(f"usage: vpce-checks {command} [-h]") and "None" not in text


def test_no_line_of_a_help_is_wider_than_a_terminal() -> None:
    for command in commands.names():
        if not commands.load(command).parses_itself:
            text = _help(sys.executable, command)
            assert max(map(len, text.splitlines())) <= 80, command
            assert text.split("\n\n")[1][0].isupper(), command  # a description


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scn"], "no command 'scn'; did you mean 'scan'?"),
        (["help"], "no command 'help'; vpce-checks --help lists them"),
        (["."], "no command '.'; to scan it: vpce-checks scan ."),
        (["--format", "json"], "the command comes first, such as: vpce-checks scan --format"),
        (["scan", "--fromat", "json"], "vpce-checks scan has no option '--fromat'; did you mean '--format'?"),
        (["scan", "-q"], "vpce-checks scan has no option '-q' (see vpce-checks scan --help)"),
        (["init", ".", "there"], "one argument too many: 'there' (see vpce-checks init --help)"),
        (["diff", "a.json"], "the following arguments are required: NEW.json (see vpce-checks diff --help)"),
        (["completion"], "the following arguments are required: SHELL (see vpce-checks completion --help)"),
        (["scan", "--policy", "none.yaml"], "--policy: no such file: none.yaml"),
        (["scan", "--baseline", "none.json"], "there is no baseline none.json; --write-baseline writes it"),
        (
            ["scan", "--format", "json=a", "--format", "csv=./a"],
            "two formats go to one file: a; give each a file of its own",
        ),
        (
            ["services", "--used", "logs"],
            "no such file or directory: logs; to look for services by a word: vpce-checks services logs --used",
        ),
    ],
)
def test_wrong_use_is_told_in_a_line(arguments: list[str], says: str, tmp_path: Path) -> None:
    done = cli(*arguments, cwd=tmp_path)
    assert (done.code, done.out, done.err) == (2, "", f"vpce-checks: error: {says}\n")
