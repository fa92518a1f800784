"""The generated inputs are what they are said to be, and the programs do their work on them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vpce_checks.cli.main
from bench import inputs

REPOSITORY = Path(__file__).parents[2]


def _scan(path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    assert vpce_checks.cli.main.main(["scan", str(path), "--format", "json", "--jobs", "1"]) in (0, 1)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("name", "make", "vpcs"),
    [
        ("root", inputs.tiny_root, 1),
        ("root", lambda path: inputs.root_of_many_modules(path, 5), 5),
        ("roots", lambda path: inputs.monorepo(path, 4, modules=2), 4),
        ("templates", lambda path: inputs.small_templates(path, 6), 6),
        ("app.template.json", lambda path: inputs.cdk_template(path, 100_000), 1),
        ("plan.json", lambda path: inputs.plan(path, 100_000), 1),
    ],
)
def test_an_input(
    name: str, make: Callable[[Path], None], vpcs: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    make(path)
    report = _scan(path, capsys)
    assert [root["diagnostics"] for root in report["roots"] if root["diagnostics"]] == []
    assert len(report["vpcs"]) == vpcs
    assert {endpoint["vpc"] for endpoint in report["endpoints"]} == {vpc["address"] for vpc in report["vpcs"]}


@pytest.mark.parametrize("size", [200_000, 1_000_000])
def test_inputs_have_the_size_asked_for(size: int, tmp_path: Path) -> None:
    for name, make in (("template.json", inputs.cdk_template), ("plan.json", inputs.plan)):
        make(tmp_path / name, size)
        assert 0.75 * size < inputs.size_of(tmp_path / name) < 1.5 * size


@pytest.mark.slow
def test_all_programs_do_their_work(tmp_path: Path) -> None:
    """One run of each beside us: what is measured is work done, not an error.

    The examples are in a repository of their own: the release before would not know each key of policies in this one.
    """
    examples = tmp_path / "repository" / "examples"
    shutil.copytree(REPOSITORY / "examples", examples)
    (examples.parent / ".git").mkdir()
    done = subprocess.run(
        (
            *(sys.executable, "-m", "bench", "--tools", str(tmp_path), "--seconds", "0.1"),
            *("--only", "tiny", "--only", "templates", str(examples)),
        ),
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done.stderr
    for program in (
        "vpce-checks",
        "checkov, one check",
        "cfn-lint, one rule",
        "python-hcl2",
        "tfparse",
        "python -c pass",
    ):
        assert f"| {program}" in done.stdout
    assert "`examples`, as given" in done.stdout
