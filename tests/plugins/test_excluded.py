"""What the policy excludes has no verdict in a host either, and is no undecided verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from vpce_checks.execution.scan import scan
from vpce_checks.plugins.checkov.verdicts import Entity, Verdicts
from vpce_checks.plugins.templates import verdicts
from vpce_checks.project.options import ScanOptions

TEMPLATE = "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n"
VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for name in ("examples", "live"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.yaml").write_text(TEMPLATE)
        (tmp_path / name / "main.tf").write_text(VPC)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "main.tf").write_text(VPC + 'resource "aws_vpc" "x" {\n')
    (tmp_path / ".vpce-checks.yaml").write_text("version: 1\nexclude: [examples, broken]\n")
    return tmp_path


def test_cfn_lint(repository: Path) -> None:
    assert list(verdicts(str(repository / "live" / "net.yaml")).failures("VPCE001"))
    excluded = verdicts(str(repository / "examples" / "net.yaml"))
    assert excluded.findings == () and excluded.problems == ()


def test_checkov(repository: Path) -> None:
    loaded = [
        Entity(str(repository / name / "main.tf"), "aws_vpc", "main", "aws_vpc.main")
        for name in ("live", "examples", "broken")
    ]
    report = scan(ScanOptions(paths=(str(repository),), kinds=("terraform", "terraform-plan")))
    known = Verdicts(report, loaded)
    live, *excluded = loaded
    assert {finding.rule for finding in known.findings(live)} == {"VPCE001", "VPCE002"}
    for entity in excluded:
        assert known.findings(entity) == [] and known.errors(entity) == []
        assert known.is_covered(entity)  # it is not "undecided: the file was not part of the scan"
