"""Templates that CDK writes: reports say what ``fix`` says, to change the app."""

from __future__ import annotations

from pathlib import Path

from tests.expectations import FIXTURES
from tests.fixing.repositories import contents, copy_of, fix, report_on

TEMPLATE = """\
Parameters:
  Wanted:
    Type: String
    AllowedValues: ["yes", "no"]
Conditions:
  Create: !Equals [!Ref Wanted, "yes"]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
    Metadata:
      aws:cdk:path: Shop/Vpc/Resource
  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: Create
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
      RouteTableIds: [rtb-0123456789abcdef0]
"""


def test_reports_and_fix_name_the_construct(tmp_path: Path) -> None:
    repository = copy_of(FIXTURES / "cfn-cdk-out", tmp_path)
    before = contents(repository)
    results = [each for each in report_on(repository)["results"] if each["status"] == "fail" and each["fix"]]
    actions = {(each["rule"], each["resource"]): each.get("fix_in", {}).get("action") for each in results}
    assert actions == {
        ("VPCE002", "Vpc8378EB38"): "change Shop/Vpc/Resource in the CDK app, so that it writes into",
        ("VPCE002", "Net"): "change the CDK app, so that it writes into",
        ("VPCE004", "Named/Logs"): "change Shop/Named/Logs/Resource in the CDK app, so that it writes into",
        ("VPCE015", "Named/Logs"): None,
        ("VPCE015", "NestedResource/Sts56C4E364"): None,
    }
    words = [each["fix"] for each in results if each["rule"] == "VPCE015"]
    assert all(each.endswith("Resource in the CDK app") for each in words)
    left = " ".join(fix(repository, "--write").out.split())
    assert "why: CDK writes this template; change Shop/Vpc/Resource in the CDK app" in left
    assert "why: CDK writes this template; change the CDK app" in left
    assert contents(repository) == before


def test_no_condition_is_removed_from_what_cdk_writes(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    failed = next(each for each in report_on(tmp_path)["results"] if each["rule"] == "VPCE001")
    assert failed["fix"].startswith("create S3 always")
    assert failed["fix"].endswith("CDK writes this template: change Shop/Vpc/Resource in the CDK app")
    fix(tmp_path, "--write")
    assert (tmp_path / "t.yaml").read_text() == TEMPLATE
