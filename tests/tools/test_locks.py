"""What CI, the action, the image and a release install is pinned, by release and by hash."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.environments import REPOSITORY, clean_environment

LOCKS = REPOSITORY / "requirements"
NAME = re.compile(r"[A-Za-z0-9._-]+")


def entries(name: str) -> dict[str, list[str]]:
    """By name of a package: its hashes."""
    found: dict[str, list[str]] = {}
    current = ""
    for line in (LOCKS / name).read_text().splitlines():
        if line.startswith("    --hash="):
            found[current].append(line.strip(" \\"))
        else:
            pinned = re.fullmatch(r"([a-z0-9-]+)==[^\s;]+( ; [^\\]+)? \\", line)
            assert pinned, line
            current = pinned[1]
            found.setdefault(current, [])
    return found


def names(text: str) -> set[str]:
    """The packages that a list of requirements in TOML or a requirements file asks for."""
    lines = [line.strip(' ",') for line in text.splitlines()]
    return {match[0].lower() for line in lines if (match := NAME.match(line)) and not line.startswith(("#", "-r"))}


@pytest.mark.parametrize("name", ["run.txt", "action.txt", "release.txt", "site.txt", "ci.txt"])
def test_everything_has_hashes_and_no_address(name: str) -> None:
    locked = entries(name)
    assert all(hashes and all(each.startswith("--hash=sha256:") for each in hashes) for hashes in locked.values())
    assert "://" not in (LOCKS / name).read_text()


def test_everything_asked_for_is_locked() -> None:
    """After a change of the requirements: ``make lock``."""
    project = (REPOSITORY / "pyproject.toml").read_text()
    (build,) = re.findall(r"^requires = \[(.*)\]$", project, re.M)
    (base,) = re.findall(r"^dependencies = \[\n(.*?)^\]", project, re.M | re.S)
    (test,) = re.findall(r"^test = \[\n(.*?)^\]", project, re.M | re.S)
    needed = names(build) | names(base)
    assert names(base) == set(entries("run.txt"))
    assert needed | names((LOCKS / "release.in").read_text()) <= set(entries("release.txt"))
    assert needed <= names((LOCKS / "action.in").read_text())
    assert needed <= set(entries("action.txt"))
    assert needed | names(test) | names((LOCKS / "ci.in").read_text()) <= set(entries("ci.txt"))


@pytest.mark.slow
@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_action_finds_what_it_installs(python: str, machine: str, tmp_path: Path) -> None:
    platforms = [f"--platform={each}_{machine}" for each in ("manylinux2014", "manylinux_2_17", "manylinux_2_28")]
    asked = (
        f"--python-version={python}",
        "--require-hashes",
        "--requirement",
        LOCKS / "action.txt",
        "--dest",
        tmp_path,
    )
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", *platforms, *asked],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert any(file.name.lower().startswith("pyyaml") for file in tmp_path.iterdir())
