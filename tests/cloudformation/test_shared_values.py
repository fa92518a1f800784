"""Which templates may use values of others, by their text alone."""

from __future__ import annotations

import pytest

from vpce_checks.cloudformation.sniff import uses_values
from vpce_checks.testing import scan_files

BOOTSTRAP = '"BootstrapVersion": {\n  "Type": "AWS::SSM::Parameter::Value<String>",\n  "Default": "/cdk-bootstrap/hnb659fds/version"\n}'
OTHER = '"Net": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>", "Default": "/net/vpc"}'


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        (BOOTSTRAP, False),
        ("Type: AWS::SSM::Parameter::Value<String>\n    Default: /cdk-bootstrap/x/version", False),
        (f"{BOOTSTRAP}, {OTHER}", True),
        (OTHER.replace("/net/vpc", "/net/cdk-bootstrap/"), True),
        ("!ImportValue net-vpc", True),
        ('"{{resolve:ssm:/net/vpc}}"', True),
        ("Type: AWS::EC2::VPC", False),
    ],
)
def test_the_parameter_of_cdk_names_no_root(text: str, uses: bool) -> None:
    assert uses_values(text.encode()) is uses


NETWORK = """
Parameters: {{Env: {{Type: String, AllowedValues: [dev, prod]}}}}
Resources:
  Vpc: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: 10.0.0.0/16}}}}
Outputs: {{Vpc: {{Value: !Ref Vpc, Export: {{Name: !Sub "{name}"}}}}}}
"""
ENDPOINT = """
Resources:
  S3:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: {{"Fn::ImportValue": !Sub "{name}"}}
      ServiceName: !Sub com.amazonaws.${{AWS::Region}}.s3
      RouteTableIds: [rtb-1]
"""


@pytest.mark.parametrize(
    ("exported", "imported", "when"),
    [
        ("${Env}-${AWS::Region}-vpc", "prod-${AWS::Region}-vpc", "Env is dev"),
        ("${AWS::AccountId}:${Env}:vpc", "${AWS::AccountId}:prod:vpc", "Env is dev"),
        ("${Env}-${AWS::Region}-vpc", "prod-eu-west-1-vpc", "Env is dev"),
        ("${AWS::StackName}/${Env}-vpc", "net/prod-vpc", "Env is dev"),
        ("${Env}-${AWS::Region}-vpc", "stage-eu-west-1-vpc", ""),
        ("${AWS::Region}-${Env}-vpc", "${AWS::AccountId}-prod-vpc", None),
    ],
)
def test_a_name_of_several_parts(exported: str, imported: str, when: str | None) -> None:
    """``when`` says where it fails. None: it is not known whether the VPC is meant."""
    files = {"net.yaml": NETWORK.format(name=exported), "ep.yaml": ENDPOINT.format(name=imported)}
    (found,) = scan_files(files).findings("VPCE001")
    assert found.status == ("fail" if when is not None else "unknown")
    assert when is None or " or ".join(found.when) == when
