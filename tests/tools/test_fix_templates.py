"""cfn-lint finds no more errors in the templates that ``vpce-checks fix`` has changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fixing.repositories import contents, copy_of, fix
from tests.tools.environments import Environment
from tests.tools.test_cfn_lint import RUNS, UNREAD, templates

pytestmark = pytest.mark.slow


def errors(tool: Environment, files: Sequence[Path], cwd: Path) -> list[tuple[str, str, str]]:
    """File, rule and message of the errors that cfn-lint finds."""
    done = tool.run("cfn-lint", "--format", "json", "--", *files, cwd=cwd)
    matches = json.loads(done.stdout or "[]")
    return [
        (Path(match["Filename"]).name, match["Rule"]["Id"], match["Message"])
        for match in matches
        if match["Level"] == "Error"
    ]


FIXTURES = sorted({run.fixture for run in RUNS if run.fixture.name not in UNREAD})


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_no_new_errors(fixture: Path, linters: Environment, tmp_path: Path) -> None:
    repository = copy_of(fixture, tmp_path)
    before = contents(repository)
    files = [Path(file) for file in templates(repository)]
    fix(repository, "--write")
    if contents(repository) == before:
        return
    after = errors(linters, files, repository)
    for name, content in before.items():
        (repository / name).write_bytes(content)
    assert set(after) <= set(errors(linters, files, repository))
