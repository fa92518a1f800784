"""The example of docs/own-rules.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import cli
from vpce_checks.testing import scan_files

PAGE = Path(__file__).parents[2] / "docs" / "own-rules.md"


def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text()
    policy = re.search(r"^cat > \.vpce-checks\.yaml <<'END'\n(.*?)^END$", text, re.M | re.S)
    example = re.search(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert policy is not None and example is not None
    (tmp_path / ".vpce-checks.yaml").write_text(policy[1])
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(example[1], names)
    names["test_production_reaches_kms"]()


def heredoc(name: str) -> str:
    """What the page writes into a file."""
    found = re.search(rf"^cat > {re.escape(name)} <<'END'\n(.*?)^END$", PAGE.read_text(), re.M | re.S)
    assert found is not None
    return found[1]


def test_the_example_in_python(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(heredoc("main.tf"))
    (tmp_path / ".vpce-checks.yaml").write_text(heredoc(".vpce-checks.yaml") + "rules_dir: rules\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "regions.py").write_text(heredoc("rules/regions.py"))
    assert "the rules in rules (1 file) are not run" in " ".join(cli("scan", cwd=tmp_path).out.split())
    assert cli("scan", cwd=tmp_path).code == 3
    result = cli("scan", "--trust-repo-rules", "--rules", "ORG-REGION-1", cwd=tmp_path)
    assert result.code == 1
    assert "aws_vpc.main is in eu-west-1, which we do not operate" in result.out
    assert cli("explain", "--trust-repo-rules", "ORG-REGION-1", cwd=tmp_path).code == 0
    assert verdicts("eu-west-1") == {"aws_vpc.main": "fail"}
    assert verdicts("eu-central-1") == {"aws_vpc.main": "pass"}
    assert verdicts(None) == {"aws_vpc.main": "unknown"}


def verdicts(region: str | None) -> dict[str, str]:
    """What the rule of the page says of a VPC in a region that a variable has."""
    names: dict[str, Any] = {}
    exec(heredoc("rules/regions.py"), names)
    code = heredoc("main.tf").replace('"eu-west-1"', "var.region") + 'variable "region" {}\n'
    variables = {} if region is None else {"region": region}
    return dict(scan_files({"main.tf": code}, variables=variables, rules=[names["RULE"]]).of("ORG-REGION-1"))
