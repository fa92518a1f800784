"""Copies of fixtures that ``vpce-checks fix`` may change."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.cli.run import Result, cli
from tests.expectations import EXPECTED


def copy_of(fixture: Path, directory: Path) -> Path:
    """A fixture as a repository of its own."""
    copy = directory / fixture.name
    shutil.copytree(fixture, copy, symlinks=True)
    (copy / EXPECTED).unlink()
    (copy / ".git").mkdir(exist_ok=True)
    return copy


def repository(directory: Path, files: Mapping[str, str | bytes]) -> Path:
    """A repository with these files."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return directory


def contents(directory: Path) -> dict[str, bytes]:
    """What is in each file of a repository."""
    return {
        str(file.relative_to(directory)): file.read_bytes()
        for file in sorted(directory.rglob("*"))
        if file.is_file() and not file.is_symlink()
    }


def report_on(directory: Path) -> dict[str, Any]:
    """The JSON report on a repository."""
    document: dict[str, Any] = json.loads(cli("scan", ".", "--format", "json", cwd=directory).out)
    return document


def fix(directory: Path, *arguments: str) -> Result:
    """Run ``vpce-checks fix`` on a repository. It never fails unexpectedly."""
    done = cli("fix", ".", *arguments, cwd=directory)
    assert done.code in (0, 1, 3), done.err
    assert "defect" not in done.err
    return done


def accounted_for(said: str) -> int:
    """How many failures ``vpce-checks fix`` names: settled, settled along the way, and left."""
    heads = re.findall(
        r"^(?:settled|these changes settle|and along the way|left) (\d+) (?:more )?failures?(?: in \d+ files?)?:$",
        said,
        re.M,
    )
    return sum(map(int, heads))
