"""What is not judged by itself in a host: what the policy excludes, without an undecided verdict, and what another template
nests."""

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


def test_cfn_lint_finds_the_parent_that_computes_the_name(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    nested = "  Net: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub './${Size}.yaml'}}\n"
    endpoint = (
        "  S3:\n    Type: AWS::EC2::VPCEndpoint\n    Properties:\n      VpcId: !GetAtt Net.Outputs.Id\n"
        "      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3\n      RouteTableIds: [rtb-1]\n"
    )
    sizes = "Parameters: {Size: {Type: String, AllowedValues: [small, large]}}\n"
    (tmp_path / "stack.yaml").write_text(f"{sizes}Resources:\n{nested}{endpoint}")
    for name in ("small", "large"):
        (tmp_path / f"{name}.yaml").write_text(TEMPLATE + "Outputs: {Id: {Value: !Ref Vpc}}\n")
    assert not list(verdicts(str(tmp_path / "small.yaml")).failures("VPCE001"))
    assert {each.path[-1] for each in verdicts(str(tmp_path / "stack.yaml")).failures("VPCE002")} == {"Net"}
