"""Whoever scans code whose only network was not read sees that in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from vpce_checks.cli.main import main
from vpce_checks.report import format_names

INPUTS = {
    "module": ("main.tf", 'module "vpc" {\n  source = "git::https://example.com/network/vpc.git"\n}\n'),
    "nested stack": (
        "t.yaml",
        "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: 'https://s3.amazonaws.com/b/net.yaml'}\n",
    ),
}


@pytest.fixture(params=INPUTS)
def repository(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    name, text = INPUTS[request.param]
    (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("format", format_names())
def test_it_is_named(repository: Path, capsys: pytest.CaptureFixture[str], format: str) -> None:
    assert main(["scan", "--format", format]) == 0
    assert "VPCE011" in capsys.readouterr().out
    assert main(["scan", "--strict", "--format", format]) == 1


@pytest.mark.parametrize(("format", "said"), [("text", "not read: 1 "), ("markdown", "not all code was read")])
def test_it_is_named_where_the_finding_is_hidden(
    repository: Path, capsys: pytest.CaptureFixture[str], format: str, said: str
) -> None:
    assert main(["scan", "--min-severity", "high", "--format", format]) == 0
    shown = capsys.readouterr().out
    assert said in shown
    assert "nothing to do" not in shown
